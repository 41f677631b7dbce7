//! A JSON object as pairs of key path and text, for formats whose keys vary. Of a list the first value is taken
//! (`headers.User-Agent`), and what is nested deeper than logs are is left out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Deepest object that is looked into, and most pairs of one record.
const MAX_DEPTH: usize = 4;
const MAX_PAIRS: usize = 400;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Flat<'a> {
    /// key path (`request.headers.Host`) and value
    pub pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Flat<'a> {
    /// The pairs of an object, or `None` where the text is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut flat = Self::default();
        let mut json = serde_json::Deserializer::from_str(text);
        Seed { path: Cow::Borrowed(""), depth: 0, flat: &mut flat }.deserialize(&mut json).ok()?;
        json.end().ok()?;
        text.trim_ascii_start().starts_with('{').then_some(flat)
    }

    /// The value under the first of some paths that says anything; letters' case does not matter.
    pub fn get(&self, paths: &[&str]) -> Option<&Cow<'a, str>> {
        paths.iter().find_map(|path| {
            let fits = |pair: &&(Cow<'a, str>, Cow<'a, str>)| pair.0.eq_ignore_ascii_case(path) && !matches!(&*pair.1, "" | "-");
            self.pairs.iter().find(fits).map(|(_, value)| value)
        })
    }
}

struct Seed<'s, 'a> {
    path: Cow<'a, str>,
    depth: usize,
    flat: &'s mut Flat<'a>,
}

impl<'a> DeserializeSeed<'a> for Seed<'_, 'a> {
    type Value = ();
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Seed<'_, 'a> {
    fn take(self, value: Cow<'a, str>) {
        if self.flat.pairs.len() < MAX_PAIRS {
            self.flat.pairs.push((self.path, value));
        }
    }
}

impl<'a> Visitor<'a> for Seed<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, v: &'a str) -> Result<(), E> {
        self.take(Cow::Borrowed(v));
        Ok(())
    }
    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        self.take(Cow::Owned(v.to_owned()));
        Ok(())
    }
    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        self.take(Cow::Borrowed(if v { "true" } else { "false" }));
        Ok(())
    }
    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        self.take(Cow::Owned(v.to_string()));
        Ok(())
    }
    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        self.take(Cow::Owned(v.to_string()));
        Ok(())
    }
    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        self.take(Cow::Owned(v.to_string()));
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.depth < MAX_DEPTH {
            seq.next_element_seed(Seed { depth: self.depth + 1, ..self })?;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            if self.depth >= MAX_DEPTH {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let path = if self.path.is_empty() { key } else { Cow::Owned(format!("{}.{key}", self.path)) };
            map.next_value_seed(Seed { path, depth: self.depth + 1, flat: &mut *self.flat })?;
        }
        Ok(())
    }
}

/// A key, borrowed where it stands unescaped.
struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;
    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, v: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Borrowed(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Owned(v.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_have_paths() {
        let flat = Flat::parse(
            r#"{"a":1,"request":{"headers":{"User-Agent":["x\"y","z"]},"tls":{"a":{"b":{"c":{"d":1}}}}},"e":null,"n":-1.5,"o":[]}"#,
        );
        let flat = flat.unwrap();
        let pairs: Vec<(&str, &str)> = flat.pairs.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).collect();
        assert_eq!(pairs, [("a", "1"), ("request.headers.User-Agent", "x\"y"), ("n", "-1.5")]);
        assert_eq!(flat.get(&["none", "REQUEST.headers.user-agent"]).map(AsRef::as_ref), Some("x\"y"));
        assert!(Flat::parse("[1]").is_none() && Flat::parse("{\"a\":1} x").is_none() && Flat::parse("{").is_none());
    }
}
