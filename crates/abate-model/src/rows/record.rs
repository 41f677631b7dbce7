//! What every record of a table has: fields in order, each with its type, its OCSF attribute and what it means. From the one
//! declaration come the struct, its owning form, the columns of the lake and the page that documents them.
//!
//! Absent on purpose: any storage format. [`Columns`] and [`Cells`] are what a store implements.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// UTF-8 text
    Text,
    /// true or false
    Flag,
    /// a whole number from 0 to 2^64-1
    Number,
    /// a 64-bit float
    Float,
    /// an instant, UTC, in nanoseconds
    Time,
    /// an IPv4 or IPv6 address, written as RFC 5952 has it
    Address,
    /// a list of texts
    Texts,
}

impl Kind {
    /// What it is called in lists of columns.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Flag => "boolean",
            Self::Number => "whole number",
            Self::Float => "float",
            Self::Time => "time",
            Self::Address => "address (text)",
            Self::Texts => "list of text",
        }
    }
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// its name, and the column's
    pub name: &'static str,
    /// its type
    pub kind: Kind,
    /// the OCSF attribute that it is, as a path; empty where OCSF has none
    pub ocsf: &'static str,
    /// what it means
    pub doc: &'static str,
}

/// Takes the values of one record, in the order of its fields.
pub trait Columns {
    /// a [`Kind::Text`]
    fn text(&mut self, value: Option<&str>);
    /// a [`Kind::Flag`]
    fn flag(&mut self, value: Option<bool>);
    /// a [`Kind::Number`]
    fn number(&mut self, value: Option<u64>);
    /// a [`Kind::Float`]
    fn float(&mut self, value: Option<f64>);
    /// a [`Kind::Time`]
    fn time(&mut self, value: Option<Timestamp>);
    /// a [`Kind::Address`]
    fn address(&mut self, value: Option<IpAddr>);
    /// a [`Kind::Texts`]
    fn texts(&mut self, values: &mut dyn Iterator<Item = Cow<'_, str>>);
}

/// Gives the values of one record back, in the order of its fields. What is missing or of another type is `None`.
pub trait Cells<'a> {
    /// a [`Kind::Text`]
    fn text(&mut self) -> Option<&'a str>;
    /// a [`Kind::Flag`]
    fn flag(&mut self) -> Option<bool>;
    /// a [`Kind::Number`]
    fn number(&mut self) -> Option<u64>;
    /// a [`Kind::Float`]
    fn float(&mut self) -> Option<f64>;
    /// a [`Kind::Time`]
    fn time(&mut self) -> Option<Timestamp>;
    /// a [`Kind::Address`]
    fn address(&mut self) -> Option<IpAddr>;
    /// a [`Kind::Texts`]
    fn texts(&mut self) -> Vec<&'a str>;
}

/// A record of one table.
pub trait Record<'a>: Sized {
    /// the same record, owning its text
    type Owned;
    /// its fields, in order
    const FIELDS: &'static [Field];
    /// Hands out every value.
    fn put<C: Columns>(&self, columns: &mut C);
    /// Takes every value.
    fn take<C: Cells<'a>>(cells: &mut C) -> Self;
    /// The same record, owning its text.
    fn own(self) -> Self::Owned;
}

/// A type that a field may have.
pub trait Value<'a>: Sized {
    /// the same value, owning its text
    type Owned;
    /// the column's type
    const KIND: Kind;
    /// Hands out the value.
    fn put<C: Columns>(&self, columns: &mut C);
    /// Takes the value.
    fn take<C: Cells<'a>>(cells: &mut C) -> Self;
    /// The same value, owning its text.
    fn own(self) -> Self::Owned;
}

impl<'a> Value<'a> for Cow<'a, str> {
    type Owned = Cow<'static, str>;
    const KIND: Kind = Kind::Text;
    fn put<C: Columns>(&self, columns: &mut C) {
        columns.text(Some(self));
    }
    fn take<C: Cells<'a>>(cells: &mut C) -> Self {
        Cow::Borrowed(cells.text().unwrap_or_default())
    }
    fn own(self) -> Cow<'static, str> {
        Cow::Owned(self.into_owned())
    }
}

impl<'a> Value<'a> for Option<Cow<'a, str>> {
    type Owned = Option<Cow<'static, str>>;
    const KIND: Kind = Kind::Text;
    fn put<C: Columns>(&self, columns: &mut C) {
        columns.text(self.as_deref());
    }
    fn take<C: Cells<'a>>(cells: &mut C) -> Self {
        cells.text().map(Cow::Borrowed)
    }
    fn own(self) -> Self::Owned {
        self.map(|text| Cow::Owned(text.into_owned()))
    }
}

impl<'a> Value<'a> for Vec<Cow<'a, str>> {
    type Owned = Vec<Cow<'static, str>>;
    const KIND: Kind = Kind::Texts;
    fn put<C: Columns>(&self, columns: &mut C) {
        columns.texts(&mut self.iter().map(|text| Cow::Borrowed(text.as_ref())));
    }
    fn take<C: Cells<'a>>(cells: &mut C) -> Self {
        cells.texts().into_iter().map(Cow::Borrowed).collect()
    }
    fn own(self) -> Self::Owned {
        self.into_iter().map(|text| Cow::Owned(text.into_owned())).collect()
    }
}

impl<'a> Value<'a> for Vec<IpAddr> {
    type Owned = Self;
    const KIND: Kind = Kind::Texts;
    fn put<C: Columns>(&self, columns: &mut C) {
        columns.texts(&mut self.iter().map(|address| Cow::Owned(address.to_string())));
    }
    fn take<C: Cells<'a>>(cells: &mut C) -> Self {
        cells.texts().into_iter().filter_map(|text| text.parse().ok()).collect()
    }
    fn own(self) -> Self::Owned {
        self
    }
}

/// Values that own nothing: how each is put and taken.
macro_rules! plain {
    ($($type:ty, $kind:ident, |$value:ident, $columns:ident| $put:expr, |$cells:ident| $take:expr;)+) => { $(
        impl<'a> Value<'a> for $type {
            type Owned = Self;
            const KIND: Kind = Kind::$kind;
            fn put<C: Columns>(&self, $columns: &mut C) {
                let $value = *self;
                $put;
            }
            fn take<C: Cells<'a>>($cells: &mut C) -> Self {
                $take
            }
            fn own(self) -> Self::Owned {
                self
            }
        }
    )+ };
}

plain! {
    bool, Flag, |value, columns| columns.flag(Some(value)), |cells| cells.flag().unwrap_or_default();
    Option<bool>, Flag, |value, columns| columns.flag(value), |cells| cells.flag();
    u64, Number, |value, columns| columns.number(Some(value)), |cells| cells.number().unwrap_or_default();
    Option<u64>, Number, |value, columns| columns.number(value), |cells| cells.number();
    u32, Number, |value, columns| columns.number(Some(value.into())), |cells| narrow(cells.number()).unwrap_or_default();
    Option<u32>, Number, |value, columns| columns.number(value.map(u64::from)), |cells| narrow(cells.number());
    Option<u16>, Number, |value, columns| columns.number(value.map(u64::from)), |cells| narrow(cells.number());
    Option<u8>, Number, |value, columns| columns.number(value.map(u64::from)), |cells| narrow(cells.number());
    f64, Float, |value, columns| columns.float(Some(value)), |cells| cells.float().unwrap_or_default();
    Option<f64>, Float, |value, columns| columns.float(value), |cells| cells.float();
    Option<Timestamp>, Time, |value, columns| columns.time(value), |cells| cells.time();
    Option<IpAddr>, Address, |value, columns| columns.address(value), |cells| cells.address();
}

fn narrow<T: TryFrom<u64>>(value: Option<u64>) -> Option<T> {
    value.and_then(|value| T::try_from(value).ok())
}

/// Enums that are written as words: every variant with its word. The first is what an unknown word is taken for.
macro_rules! worded {
    ($($type:ident { $first:ident = $first_word:literal $(, $variant:ident = $word:literal)* $(,)? })+) => { $(
        impl $type {
            /// The word for it in tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$variant => $word,)*
                }
            }

            fn of_word(word: &str) -> Option<Self> {
                match word {
                    $first_word => Some(Self::$first),
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl<'a> Value<'a> for $type {
            type Owned = Self;
            const KIND: Kind = Kind::Text;
            fn put<C: Columns>(&self, columns: &mut C) {
                columns.text(Some(self.word()));
            }
            fn take<C: Cells<'a>>(cells: &mut C) -> Self {
                cells.text().and_then(Self::of_word).unwrap_or(Self::$first)
            }
            fn own(self) -> Self::Owned {
                self
            }
        }

        impl<'a> Value<'a> for Option<$type> {
            type Owned = Self;
            const KIND: Kind = Kind::Text;
            fn put<C: Columns>(&self, columns: &mut C) {
                columns.text(self.map($type::word));
            }
            fn take<C: Cells<'a>>(cells: &mut C) -> Self {
                cells.text().and_then($type::of_word)
            }
            fn own(self) -> Self::Owned {
                self
            }
        }
    )+ };
}

/// Declares the record of a table: `/// what it means`, `name: type = "OCSF attribute"`.
macro_rules! record {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $ocsf:literal),+ $(,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name<'a> {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl<'a> Record<'a> for $name<'a> {
            type Owned = $name<'static>;
            const FIELDS: &'static [Field] = &[
                $(Field { name: stringify!($field), kind: <$type as Value<'a>>::KIND, ocsf: $ocsf, doc: concat!($($doc),+) },)+
            ];
            fn put<C: Columns>(&self, columns: &mut C) {
                $(Value::put(&self.$field, columns);)+
            }
            fn take<C: Cells<'a>>(cells: &mut C) -> Self {
                // In the order of the fields: a struct expression evaluates them as written.
                Self { $($field: Value::take(cells),)+ }
            }
            fn own(self) -> Self::Owned {
                $name { $($field: Value::own(self.$field),)+ }
            }
        }
    };
}

pub(crate) use {record, worded};
