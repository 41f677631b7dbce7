//! A JSON record as a tree, for formats with so many optional parts that a struct for each would hide what is read.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use crate::json::Refusal;

/// A record, or a part of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree<'t>(pub &'t Value);

/// Parses a record.
pub(super) fn parse(text: &str, what: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::malformed(format!("a record is no valid {what}")))
}

impl<'t> Tree<'t> {
    /// What stands at a path of keys and positions (`resources.0.uid`).
    pub fn at(self, path: &str) -> Option<Self> {
        let step = |value: &'t Value, key: &str| match value {
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            Value::Object(object) => object.get(key),
            _ => None,
        };
        path.split('.').try_fold(self.0, step).filter(|value| !value.is_null()).map(Self)
    }

    /// Text, numbers and truth values as text; nothing where that is empty.
    pub fn text(self, path: &str) -> Option<Cow<'t, str>> {
        let text = match self.at(path)?.0 {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The text at the first of some paths that has one.
    pub fn first(self, paths: &[&str]) -> Option<Cow<'t, str>> {
        paths.iter().find_map(|path| self.text(path))
    }

    /// The text of a key that has dots in it.
    pub fn key(self, key: &str) -> Option<Cow<'t, str>> {
        Tree(self.0.get(key)?).own_text()
    }

    /// The value itself as text, if it is one.
    pub fn own_text(self) -> Option<Cow<'t, str>> {
        match self.0 {
            Value::String(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }

    /// Text as it is, anything else as JSON text.
    pub fn data(self, path: &str) -> Option<Cow<'t, str>> {
        let value = self.at(path)?;
        value.own_text().or_else(|| (!value.0.is_string()).then(|| Cow::Owned(value.0.to_string())))
    }

    /// The text at the first of some paths that has one, parsed.
    pub fn parsed<T: std::str::FromStr>(self, paths: &[&str]) -> Option<T> {
        self.first(paths)?.parse().ok()
    }

    /// `true` or `false`, also as text.
    pub fn truth(self, path: &str) -> Option<bool> {
        self.text(path)?.to_ascii_lowercase().parse().ok()
    }

    /// The instant at the first of some paths that has one: ISO 8601, or milliseconds (also seconds).
    pub fn time(self, paths: &[&str]) -> Option<Timestamp> {
        paths.iter().find_map(|path| instant(&self.text(path)?))
    }

    /// The elements of a list; none where there is no list.
    pub fn list(self, path: &str) -> impl Iterator<Item = Self> + use<'t> {
        self.at(path).and_then(|tree| tree.0.as_array()).into_iter().flatten().map(Tree)
    }
}

/// ISO 8601 (without a zone it is UTC), milliseconds or seconds since 1970.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    /// No log of a cloud is from before 1973, and in seconds none is from after 5138.
    const MILLIS: i64 = 100_000_000_000;
    match text.parse::<i64>() {
        Ok(number) if number.unsigned_abs() >= MILLIS.unsigned_abs() => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => match text.parse::<f64>() {
            Ok(seconds) if seconds.is_finite() && seconds.abs() < 1e11 => Timestamp::from_millisecond((seconds * 1000.0) as i64).ok(),
            _ => crate::time::iso(text, &jiff::tz::TimeZone::UTC).map(|(at, _)| at),
        },
    }
}

/// The instance id in the ARN of an instance.
pub(super) fn instance_of(arn: &str) -> Option<&str> {
    arn.rsplit(['/', ':']).next().filter(|id| id.starts_with("i-") && id.len() > 4)
}
