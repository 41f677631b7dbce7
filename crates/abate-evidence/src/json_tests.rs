//! Tests of the JSON splitter.

use std::io::{BufReader, Read};

use abate_model::{Locator, LossKind, Row};

use super::*;
use crate::Limits;

#[derive(Default)]
struct Got {
    records: Vec<(u64, String)>,
    losses: Vec<(LossKind, u64, u64)>,
    limit: Option<u64>,
}

impl Sink for Got {
    fn row(&mut self, _: Row<'_>, _: &[u8]) {}
    fn loss(&mut self, kind: LossKind, _: String, at: Option<Locator>, bytes: u64) {
        let Some(Locator::Bytes { offset, .. }) = at else { panic!("no place") };
        self.losses.push((kind, offset, bytes));
    }
    fn limits(&self) -> Limits {
        Limits { max_document: self.limit.unwrap_or(1 << 20), ..Limits::default() }
    }
}

fn split_limited(text: &str, limit: Option<u64>) -> (Vec<String>, Vec<LossKind>) {
    let mut first: Option<(Vec<_>, Vec<_>)> = None;
    for capacity in [1, 2, 3, 5, 7, 16, 4096] {
        // The first fill decides between documents and lines, so it must see the beginning.
        let head = text.len().min(4096);
        let mut input = text.as_bytes()[..head].chain(BufReader::with_capacity(capacity, &text.as_bytes()[head..]));
        let whole = run(&mut input, limit, text);
        match &first {
            None => first = Some(whole),
            Some(before) => assert_eq!(*before, whole, "capacity {capacity}"),
        }
        if !one_per_line(text.as_bytes()) {
            let mut input = BufReader::with_capacity(capacity, text.as_bytes());
            assert_eq!(*first.as_ref().unwrap(), run(&mut input, limit, text), "capacity {capacity}");
        }
    }
    first.unwrap()
}

fn run(input: &mut dyn BufRead, limit: Option<u64>, text: &str) -> (Vec<String>, Vec<LossKind>) {
    let mut got = Got { limit, ..Got::default() };
    let mut seen = Vec::new();
    records(input, &["Records", "Events"], &mut got, &mut |place, _| {
        seen.push((place.offset, String::from_utf8(place.bytes.to_vec()).unwrap()));
        Ok(())
    })
    .unwrap();
    got.records = seen;
    for (offset, words) in &got.records {
        assert!(text[*offset as usize..].starts_with(words), "{words} is not at {offset}");
    }
    (got.records.into_iter().map(|r| r.1).collect(), got.losses.into_iter().map(|l| l.0).collect())
}

fn split(text: &str) -> (Vec<String>, Vec<LossKind>) {
    split_limited(text, None)
}

#[test]
fn shapes() {
    let two = vec![r#"{"a":1}"#.to_owned(), r#"{"b":"x]}\"{"}"#.to_owned()];
    for text in [
        r#"{"Records":[{"a":1},{"b":"x]}\"{"}]}"#,
        r#"{"NextToken":"t","Records": [ {"a":1} , {"b":"x]}\"{"} ],"x":{"Records":[1]}}"#,
        r#"[{"a":1},{"b":"x]}\"{"}]"#,
        "\u{feff}{\"a\":1}\n{\"b\":\"x]}\\\"{\"}\n",
        r#"{"a":1}{"b":"x]}\"{"}"#,
        r#"{"Records":[{"a":1}]}{"Events":[{"b":"x]}\"{"}]}"#,
        r#"[{"Records":[{"a":1}]},{"Records":[{"b":"x]}\"{"}]}]"#,
        "{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"b\":\"x]}\\\"{\"}]}\n",
        r#"{"Records":[{"a":1}],"Events":[{"b":"x]}\"{"}]}"#,
    ] {
        assert_eq!(split(text), (two.clone(), vec![]), "{text}");
    }
    assert_eq!(split(r#"{"Records":[]}"#), (vec![], vec![]));
    assert_eq!(split("[]"), (vec![], vec![]));
    assert_eq!(split(""), (vec![], vec![]));
    assert_eq!(split(r#"{"x":{"Records":[{}]}}"#).0.len(), 1);
    assert_eq!(split(r#"[{"a":1,"b":[1,2],"Records":[{}]},{"c":3}]"#).0.len(), 2, "a record with a field of that name");
}

#[test]
fn broken_elements_cost_themselves() {
    let (records, losses) = split(r#"{"Records":[{"a":1},null,{"a": },7,"s",[1,2],{"b":2}]}"#);
    assert_eq!(records, [r#"{"a":1}"#, "null", r#"{"a": }"#, "7", r#""s""#, "[1,2]", r#"{"b":2}"#]);
    assert!(losses.is_empty());
    // A missing brace ends with the array.
    let (records, losses) = split(r#"{"Records":[{"a":1},{"b":{"c":1]}{"d":4}"#);
    assert_eq!(records, [r#"{"a":1}"#, r#"{"b":{"c":1"#, r#"{"d":4}"#]);
    assert!(losses.is_empty());
    // A string without its closing quote ends with its line.
    let (records, _) = split("[{\"a\":\"x\n},\n{\"b\":2}]");
    assert_eq!(records, ["{\"a\":\"x\n}", "{\"b\":2}"]);
}

#[test]
fn a_broken_line_costs_itself() {
    let (records, losses) = split("{\"a\":1}\n{\"b\":{\"c\n{\"d\":4}\nnonsense\n{\"e\":5}\n{\"f\":");
    assert_eq!(records, ["{\"a\":1}", "{\"b\":{\"c", "{\"d\":4}", "{\"e\":5}"]);
    assert_eq!(losses, [LossKind::Malformed, LossKind::Truncated]);
}

#[test]
fn ends_in_the_middle() {
    assert_eq!(split(r#"{"Records":[{"a":1},{"b"#).1, [LossKind::Truncated]);
    assert_eq!(split(r#"{"Records":[{"a":1},"#).1, [LossKind::Truncated]);
    assert_eq!(split(r#"{"Records":[{"a":1}]"#).1, [LossKind::Truncated]);
    assert_eq!(split("}}]]x").1, [LossKind::Malformed]);
}

#[test]
fn a_record_over_the_limit_is_skipped() {
    let text = format!(r#"{{"Records":[{{"a":1}},{{"b":"{}"}},{{"c":3}}]}}"#, "x".repeat(100));
    let (records, losses) = split_limited(&text, Some(50));
    assert_eq!(records, [r#"{"a":1}"#, r#"{"c":3}"#]);
    assert_eq!(losses, [LossKind::OverLimit]);
}

#[test]
fn deep_nesting_does_not_grow_without_bound() {
    let text = format!("[{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let _ = split(&text);
}

#[test]
fn a_value_keeps_its_place_behind_bytes_that_are_no_text() {
    for bytes in [&b"{\"a\":\"\xff\xfe\",\"b\":{\"c\":\"\xe3\x81\"}} "[..], b"{\"a\":\"x\",\"b\":{\"c\":1}} "] {
        let text = String::from_utf8_lossy(bytes);
        let fields = fields(text.trim_end()).unwrap();
        let found = inside(fields["b"], &text, Place { offset: 100, bytes });
        let begin = bytes.iter().rposition(|b| *b == b'{').unwrap();
        assert_eq!((found.offset, found.bytes), (100 + begin as u64, &bytes[begin..bytes.len() - 2]));
    }
}

/// All pieces of a text that is fed in pieces of some length.
fn pieces(text: &[u8], envelopes: &'static [&'static str], fast: bool, chunk: usize) -> Vec<(u64, u64, Option<Vec<u8>>)> {
    let mut splitter = Splitter { fast, ..Splitter::new(text, envelopes, 1 << 20) };
    let mut found = Vec::new();
    let mut note = |piece: Piece<'_>| match piece {
        Piece::Record(place) => found.push((place.offset, place.bytes.len() as u64, Some(place.bytes.to_vec()))),
        Piece::Lost(_, _, offset, length) => found.push((offset, length, None)),
    };
    text.chunks(chunk).for_each(|chunk| splitter.feed(chunk, &mut note));
    splitter.finish(&mut note);
    found
}

proptest::proptest! {
    #[test]
    fn going_fast_through_records_changes_nothing(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "[", "]", "\"", "\\", "\\\"", "\n", ",", ":", " ", "1", "null", "\"a\"", "\"Records\":[", "\"hits\":{\"hits\":[", "{\"a\":{\"b\":[1]}}",
                "{\"a\":{\"b\":[{\"c\":\"a string of some length, with a \\\" and a brace } in it\",\"d\":[]}]},\"Records\":[",
            ]),
            0..60,
        ),
        chunk in proptest::prop_oneof![1_usize..20, 60..700_usize],
        nested: bool,
    ) {
        let text = parts.concat();
        let envelopes: &[&str] = if nested { &["Records", "hits"] } else { &["Records"] };
        proptest::prop_assert_eq!(pieces(text.as_bytes(), envelopes, true, chunk), pieces(text.as_bytes(), envelopes, false, text.len().max(1)));
    }
}
