//! The members of a JSON object one after the other, their values as they stand in the text.
//!
//! For records that come by the million and of which a few members are wanted: a value that is not asked for is passed over, an object or
//! a list by its brackets and strings alone. Whatever is not as programs write JSON is [`Odd`] and left to a parser.

use crate::shape::Field;
use crate::signs::{self, BLOCK, Signs};

/// Not as expected; a parser may still take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd;

/// See the module.
#[derive(Debug)]
pub(crate) struct Members<'t> {
    text: &'t str,
    /// what comes next in the text: behind the opening brace or a value
    at: usize,
    first: bool,
}

impl<'t> Members<'t> {
    /// Of a text that begins with an object.
    pub fn of(text: &'t str) -> Result<Self, Odd> {
        let mut members = Self { text, at: 0, first: true };
        members.expect(b'{').map(|()| members)
    }

    /// The next member: its key, which has no escapes, and its value; nothing behind the last.
    pub fn next(&mut self) -> Result<Option<(&'t str, Value<'t>)>, Odd> {
        if self.expect(b'}').is_ok() {
            return Ok(None);
        }
        if !std::mem::take(&mut self.first) {
            self.expect(b',')?;
        }
        self.expect(b'"')?;
        let rest = self.rest();
        let end = memchr::memchr2(b'"', b'\\', rest.as_bytes()).ok_or(Odd)?;
        let key = rest.get(..end).ok_or(Odd)?;
        self.at += end;
        // A backslash is no quote.
        self.expect(b'"')?;
        self.expect(b':')?;
        self.skip_space();
        let rest = self.rest();
        let value = rest.get(..length(rest.as_bytes())?).ok_or(Odd)?;
        self.at += value.len();
        Ok(Some((key, Value(value))))
    }

    /// Whether nothing follows the object, of which the last member was taken.
    pub fn end(mut self) -> Result<(), Odd> {
        self.skip_space();
        if self.rest().is_empty() { Ok(()) } else { Err(Odd) }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Odd> {
        self.skip_space();
        if self.text.as_bytes().get(self.at) != Some(&byte) {
            return Err(Odd);
        }
        self.at += 1;
        Ok(())
    }
}

/// A value as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'t>(&'t str);

impl<'t> Value<'t> {
    /// The text of it.
    pub fn text(self) -> &'t str {
        self.0
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The members of an object.
    pub fn members(self) -> Result<Members<'t>, Odd> {
        Members::of(self.0)
    }

    /// What a parser would make of it.
    pub fn field(self) -> Result<Field<'t>, Odd> {
        let inside = self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match self.0.as_bytes() {
            [b'{' | b'[', ..] | b"null" => Ok(Field(None)),
            b"true" | b"false" => Ok(Field(Some(self.0.into()))),
            _ => match inside.filter(|text| memchr::memchr(b'\\', text.as_bytes()).is_none()) {
                Some(plain) => Ok(Field(Some(plain.into()))),
                None => serde_json::from_str(self.0).map_err(|_| Odd),
            },
        }
    }
}

/// How long the value is that a text begins with.
fn length(text: &[u8]) -> Result<usize, Odd> {
    match text.first().ok_or(Odd)? {
        b'"' => {
            let mut at = 1;
            loop {
                at += memchr::memchr2(b'"', b'\\', text.get(at..).ok_or(Odd)?).ok_or(Odd)?;
                if text.get(at) == Some(&b'"') {
                    return Ok(at + 1);
                }
                at += 2;
            }
        }
        b'{' | b'[' => nested(text),
        b't' if text.starts_with(b"true") => Ok(4),
        b'f' if text.starts_with(b"false") => Ok(5),
        b'n' if text.starts_with(b"null") => Ok(4),
        b'-' | b'0'..=b'9' => {
            let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
            Ok(text.iter().position(|byte| !part(byte)).unwrap_or(text.len()))
        }
        _ => Err(Odd),
    }
}

/// How long the object or list is that a text begins with: to the bracket that closes as many as are open. Brackets of the wrong kind
/// in between are not told apart.
fn nested(text: &[u8]) -> Result<usize, Odd> {
    let (mut at, mut depth, mut in_string, mut escaped) = (0, 0_u32, false, false);
    let mut last = [b' '; BLOCK];
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let block = match rest.first_chunk() {
            Some(block) => block,
            None => {
                last.get_mut(..rest.len()).ok_or(Odd)?.copy_from_slice(rest);
                &last
            }
        };
        let signs = Signs::of(block, in_string, escaped);
        let mut brackets = signs.brackets;
        while let Some(place) = signs::next_bit(&mut brackets) {
            if matches!(block.get(place), Some(b'{' | b'[')) {
                depth += 1;
            } else {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + place + 1);
                }
            }
        }
        (in_string, escaped) = (signs.ends_in_string(), signs.escapes_next);
        at += BLOCK;
    }
    Err(Odd)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn all(text: &str) -> Result<Vec<(String, String)>, Odd> {
        let mut members = Members::of(text)?;
        let mut found = Vec::new();
        while let Some((key, value)) = members.next()? {
            found.push((key.to_owned(), value.text().to_owned()));
        }
        members.end().map(|()| found)
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn members_come_as_they_stand() {
        let long = format!(r#"{{"x":["{}\\",{{"y":"}}]"}}],"z":{{}}}}"#, "a\\\"]".repeat(40));
        let value = serde_json::from_str::<std::collections::BTreeMap<&str, &RawValue>>(&long).unwrap();
        assert_eq!(all(&long).unwrap(), pairs(&[("x", value["x"].get()), ("z", "{}")]));
        assert_eq!(
            all(r#" { "a" : 1.5e3 , "b":"\u0041\"" ,"c":null} "#).unwrap(),
            pairs(&[("a", "1.5e3"), ("b", r#""\u0041\"""#), ("c", "null")])
        );
        assert_eq!(all("{}").unwrap(), pairs(&[]));
        for odd in [
            "",
            "[]",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1"b":2}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"\u0061":1}"#,
            r#"{"a":1}x"#,
            r#"{"a":[}"#,
            r#"{"a":"b}"#,
            r#"{"a":nul}"#,
        ] {
            assert_eq!(all(odd), Err(Odd), "{odd}");
        }
    }

    #[test]
    fn a_field_is_what_a_parser_makes_of_it() {
        for text in
            [r#""a""#, r#""""#, r#""a\nb""#, "true", "false", "null", "17", "-0", "1e2", "18446744073709551615", "{}", "[1]", r#""あ""#]
        {
            assert_eq!(Value(text).field(), serde_json::from_str::<Field<'_>>(text).map_err(|_| Odd), "{text}");
        }
        assert_eq!(Value("1.e").field(), Err(Odd));
    }

    proptest! {
        /// What is valid is not odd, and gives the same members.
        #[test]
        fn what_a_parser_takes_is_cut_as_the_parser_does(
            parts in proptest::collection::vec(
                prop::sample::select(vec!["{", "}", "[", "]", "\"", "\\", "\"a\":", ",", ":", " ", "1", "null", "\"b\"", "{\"c\":[{}]}", "\"d\":{\"e\":\"}\"}", "\n"]),
                0..40,
            ),
        ) {
            let text = format!("{{{}}}", parts.concat());
            if let Some(parsed) = crate::json::fields(&text) {
                let parsed: HashMap<String, String> = parsed.into_iter().map(|(key, value)| (key.into_owned(), value.get().to_owned())).collect();
                prop_assert_eq!(all(&text).map(|cut| cut.into_iter().collect()), Ok(parsed));
            }
        }
    }
}
