//! One field of a JSON object, looked up without taking the rest apart.

use std::borrow::Cow;
use std::fmt;

use rsigma_eval::EventValue;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands at a path of names parted by points: `Some(None)` where there is no such field, `None` where a list or an object stands
/// on the way or at its end, or the text is no JSON as far as it was read. Of fields of the same name the first counts.
pub(super) fn at<'r>(record: &'r [u8], path: &str) -> Option<Option<EventValue<'r>>> {
    let mut found = Found::Nothing;
    let done = Step { names: Some(path), found: &mut found }.deserialize(&mut serde_json::Deserializer::from_slice(record));
    match (found, done) {
        (Found::Value(value), _) => Some(Some(value)),
        (Found::Nothing, Ok(())) => Some(None),
        _ => None,
    }
}

enum Found<'r> {
    Nothing,
    Value(EventValue<'r>),
    /// more than one value may be meant
    Unclear,
}

/// The value to which the names are still to be followed; without names it is the one looked for.
struct Step<'f, 'r> {
    names: Option<&'f str>,
    found: &'f mut Found<'r>,
}

impl<'r> Step<'_, 'r> {
    /// Ends the search, which is no error.
    fn end<E: Error>(self, found: Found<'r>) -> Result<(), E> {
        *self.found = found;
        Err(E::custom("found"))
    }

    /// A value that has no fields.
    fn single<E: Error>(self, value: EventValue<'r>) -> Result<(), E> {
        if self.names.is_some() { Ok(()) } else { self.end(Found::Value(value)) }
    }
}

impl<'r> DeserializeSeed<'r> for Step<'_, 'r> {
    type Value = ();

    fn deserialize<D: Deserializer<'r>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'r> Visitor<'r> for Step<'_, 'r> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'r str) -> Result<(), E> {
        self.single(EventValue::Str(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.single(EventValue::Str(Cow::Owned(text.to_owned())))
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.single(EventValue::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.single(EventValue::Int(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.single(EventValue::Int(value)),
            Err(_) => self.end(Found::Unclear),
        }
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.single(EventValue::Float(value))
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.single(EventValue::Null)
    }
    fn visit_seq<A: SeqAccess<'r>>(self, _: A) -> Result<(), A::Error> {
        self.end(Found::Unclear)
    }
    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(names) = self.names else { return self.end(Found::Unclear) };
        let (name, rest) = names.split_once('.').map_or((names, None), |(name, rest)| (name, Some(rest)));
        while let Some(matches) = map.next_key_seed(IsNamed(name))? {
            if matches {
                map.next_value_seed(Step { names: rest, found: &mut *self.found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Whether a key is the one looked for, without a copy of it.
struct IsNamed<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for IsNamed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsNamed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}
