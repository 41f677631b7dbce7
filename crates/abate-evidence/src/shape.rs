//! The shape of JSON as far as a head shows it, and forgiving field types for records.
//!
//! A head may end in the middle of a record, so the shape is found by a scan and not by a parser.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Head;
use crate::lines::BOM;

/// Most paths kept, and the deepest nesting looked at.
const MAX_PATHS: usize = 4000;
const MAX_DEPTH: usize = 8;

/// Key paths of the JSON in a head, e.g. `Records[].eventName`.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    paths: BTreeSet<String>,
    /// top-level keys in the order of appearance
    pub top: Vec<String>,
}

impl Shape {
    /// The shape of a head, or `None` when it does not begin like JSON objects. It is found once for all who ask.
    pub fn of<'h>(head: &'h Head<'_>) -> Option<&'h Self> {
        head.shape.get_or_init(|| Self::find(head)).as_ref()
    }

    fn find(head: &Head<'_>) -> Option<Self> {
        let bytes = head.bytes.strip_prefix(BOM).unwrap_or(head.bytes).trim_ascii_start();
        if !matches!(bytes.first(), Some(b'{' | b'[')) {
            return None;
        }
        let second = bytes.get(1..).unwrap_or_default().trim_ascii_start().first();
        // `[Tue Nov 24 …` and `{x` are text.
        if !matches!(second, Some(b'"' | b'{' | b'}' | b'[' | b']') | None) {
            return None;
        }
        let mut shape = Self::default();
        shape.scan(bytes);
        Some(shape)
    }

    /// Whether a path is there.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether a list is there and nothing with keys in it.
    pub fn is_empty_list(&self, path: &str) -> bool {
        let inside = format!("{path}[");
        self.has(path) && !self.paths.range(inside.clone()..).next().is_some_and(|next| next.starts_with(&inside))
    }

    /// The first prefix under which all names are found.
    pub fn under<'p>(&self, prefixes: &[&'p str], names: &[&str]) -> Option<&'p str> {
        prefixes.iter().copied().find(|prefix| names.iter().all(|name| self.has(&format!("{prefix}{name}"))))
    }

    /// A prefix, wherever it is, under which all names are found.
    pub fn anywhere(&self, names: &[&str]) -> Option<String> {
        let (first, rest) = names.split_first()?;
        let prefixes = self.paths.iter().filter_map(|path| path.strip_suffix(first));
        prefixes.filter(|p| p.is_empty() || p.ends_with('.')).find(|p| rest.iter().all(|n| self.has(&format!("{p}{n}")))).map(str::to_owned)
    }

    fn scan(&mut self, bytes: &[u8]) {
        let mut names = Names::default();
        // One entry per open bracket: the path in front of what is inside it.
        let mut stack: Vec<Name> = Vec::new();
        let mut last = ROOT;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => {
                    let Some((text, next)) = string_at(bytes, at) else { return };
                    at = next;
                    let is_key = bytes.get(at..).unwrap_or_default().trim_ascii_start().first() == Some(&b':');
                    if is_key && stack.len() <= MAX_DEPTH {
                        let inside = stack.last().copied().unwrap_or(ROOT);
                        let joined = |prefix: &str| format!("{prefix}{}", String::from_utf8_lossy(text));
                        let (name, new) = names.get((inside, Step::Key(text)), joined);
                        last = name;
                        if new {
                            self.add(names.path(name), stack.len());
                        }
                    }
                }
                b'{' | b'[' if stack.len() > MAX_DEPTH => stack.push(ROOT),
                b'{' | b'[' => {
                    let parent = if last == ROOT { stack.last().copied().unwrap_or(ROOT) } else { last };
                    let mark = if byte == b'{' { "." } else { "[]" };
                    stack.push(names.get((parent, Step::Open(mark, last == ROOT)), |parent| opened(parent, mark, last == ROOT)).0);
                    last = ROOT;
                }
                b'}' | b']' => {
                    stack.pop();
                    last = ROOT;
                }
                b',' => last = ROOT,
                _ => {}
            }
        }
    }

    fn add(&mut self, path: &str, depth: usize) {
        if self.paths.len() < MAX_PATHS && self.paths.insert(path.to_owned()) && depth <= 2 && self.top.len() < 12 {
            self.top.push(path.chars().take(60).collect());
        }
    }
}

/// The path inside a bracket. `direct` says that it stands in its parent without a key.
fn opened(parent: &str, mark: &str, direct: bool) -> String {
    // An object directly inside an array, or at the top, adds no dot: `Records[]` + `.` + `eventName`.
    match mark {
        "." if parent.is_empty() => String::new(),
        _ if parent.ends_with('.') && direct => parent.to_owned(),
        _ => format!("{parent}{mark}"),
    }
}

/// A path, by its place among all that were met.
type Name = usize;
/// The empty path.
const ROOT: Name = 0;

/// How a path goes on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step<'b> {
    Key(&'b [u8]),
    Open(&'static str, bool),
}

/// The paths met so far: the same keys come again in every record, and are put together once.
struct Names<'b> {
    paths: Vec<String>,
    known: HashMap<(Name, Step<'b>), Name>,
}

impl Default for Names<'_> {
    fn default() -> Self {
        Self { paths: vec![String::new()], known: HashMap::new() }
    }
}

impl<'b> Names<'b> {
    /// What follows a path by a step, and whether it was not met before.
    fn get(&mut self, step: (Name, Step<'b>), join: impl Fn(&str) -> String) -> (Name, bool) {
        if let Some(name) = self.known.get(&step) {
            return (*name, false);
        }
        let path = join(self.path(step.0));
        let name = if path.is_empty() { ROOT } else { self.paths.len() };
        if name != ROOT {
            self.paths.push(path);
        }
        self.known.insert(step, name);
        (name, true)
    }

    fn path(&self, name: Name) -> &str {
        self.paths.get(name).map_or("", String::as_str)
    }
}

fn string_at(bytes: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some((bytes.get(start..at)?, at + 1));
        }
        at += 2;
    }
}

/// Text of a field whatever its JSON type: text as it is, numbers and booleans as text, `null`, lists and objects as nothing.
/// One odd field must not cost the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field<'a>(pub Option<Cow<'a, str>>);

impl<'a> Field<'a> {
    /// The text, or nothing where it is empty.
    pub fn filled(self) -> Option<Cow<'a, str>> {
        self.0.filter(|text| !text.is_empty())
    }

    /// `true` and `false`, also as text.
    pub fn truth(&self) -> Option<bool> {
        match self.0.as_deref()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The text parsed.
    pub fn parsed<T: std::str::FromStr>(&self) -> Option<T> {
        self.0.as_deref()?.parse().ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Borrowed(v))))
    }
    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Owned(v.to_owned()))))
    }
    fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Borrowed(if v { "true" } else { "false" }))))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Owned(v.to_string()))))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Owned(v.to_string()))))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        Ok(Field(Some(Cow::Owned(v.to_string()))))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Shape {
        Shape::find(&Head::new("x", text.as_bytes(), false)).unwrap()
    }

    #[test]
    fn paths_of_a_cut_head() {
        let s = shape(r#"{"Records":[{"eventName":"A","x":[{"y":{"z":1}}],"k":"v","eventSource":"s"},{"cut":"#);
        for path in ["Records", "Records[].eventName", "Records[].x[].y.z", "Records[].k", "Records[].eventSource", "Records[].cut"] {
            assert!(s.has(path), "{path} in {:?}", s.paths);
        }
        assert_eq!(s.under(&["", "Records[]."], &["eventName", "eventSource"]), Some("Records[]."));
        assert!(shape("[\n {\"a\": {\"b\": 1}}").has("[].a.b"));
        assert!(shape(r#"{"a":1}"#).has("a"));
        assert_eq!(shape(r#"{"log":{"eventName":"a","eventSource":"b"}}"#).anywhere(&["eventName", "eventSource"]).unwrap(), "log.");
    }

    #[test]
    fn text_in_brackets_is_not_json() {
        for text in ["[Tue Nov 24 00:00:00 2026] [core:notice]", "{x", "plain", ""] {
            assert!(Shape::of(&Head::new("x", text.as_bytes(), true)).is_none(), "{text}");
        }
    }

    #[test]
    fn a_field_takes_any_type() {
        let get = |json: &'static str| serde_json::from_str::<Field<'static>>(json).unwrap().0;
        assert!(matches!(get("\"a\""), Some(Cow::Borrowed("a"))));
        assert_eq!(get("\"a\\n\"").as_deref(), Some("a\n"));
        assert_eq!(get("true").as_deref(), Some("true"));
        assert_eq!(get("12").as_deref(), Some("12"));
        assert_eq!(get("null"), None);
        assert_eq!(get("[1,{\"a\":2}]"), None);
        assert_eq!(get("{\"a\":[1]}"), None);
    }
}
