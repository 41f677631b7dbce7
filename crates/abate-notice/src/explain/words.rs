//! Small helpers for sentences in two languages: joining, quoting, times. They know nothing about notices.

use abate_model::Text;
use abate_model::time::{local, utc};
use jiff::Timestamp;

/// Lines beyond this are not told one by one; notices have a few dozen.
pub(super) const MOST_LINES: usize = 400;
/// A longer sentence is cut in the output.
const MOST_CHARS: usize = 2_000;
/// A longer value is cut where it is repeated inside an explanation.
const MOST_VALUE: usize = 200;

/// Words as written, cut at a bearable length.
pub(super) fn capped(said: &str) -> String {
    cut(said, MOST_CHARS)
}

/// A value on one line, cut at a bearable length.
pub(super) fn value(written: &str) -> String {
    let flat = written.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(", ");
    cut(&flat, MOST_VALUE)
}

fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Sentences one after the other.
pub(super) fn joined(parts: &[Text]) -> Text {
    let en: Vec<&str> = parts.iter().map(|p| p.en.as_ref()).filter(|p| !p.is_empty()).collect();
    let ja: Vec<&str> = parts.iter().map(|p| p.ja.as_ref()).filter(|p| !p.is_empty()).collect();
    Text::new(en.join(" "), ja.concat())
}

/// Items of a list inside a sentence.
pub(super) fn listed(items: &[Text]) -> Text {
    let en: Vec<&str> = items.iter().map(|p| p.en.as_ref()).collect();
    let ja: Vec<&str> = items.iter().map(|p| p.ja.as_ref()).collect();
    let en = match en.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => en.concat(),
    };
    Text::new(en, ja.join("、"))
}

/// A text with a value in the place of `{}`. What the value itself contains is never looked at again.
pub(super) fn filled(text: &Text, value: &Text) -> Text {
    Text::new(text.en.replacen("{}", &value.en, 1), spaced(&text.ja, &value.ja))
}

/// Japanese with a value in it: a blank between Latin letters or digits and Japanese ones, none beside brackets and stops.
fn spaced(text: &str, value: &str) -> String {
    let Some((before, after)) = text.split_once("{}") else { return text.to_owned() };
    let (before, after) = (before.trim_end(), after.trim_start());
    let blank = |left: Option<char>, right: Option<char>| match (left, right) {
        (Some(left), Some(right)) if is_wide_mark(left) || is_wide_mark(right) => "",
        (Some(left), Some(right)) if left.is_ascii() || right.is_ascii() => " ",
        _ => "",
    };
    let open = blank(before.chars().next_back(), value.chars().next());
    let close = blank(value.chars().next_back(), after.chars().next());
    format!("{before}{open}{value}{close}{after}")
}

/// A Japanese bracket or stop, which brings its own space.
fn is_wide_mark(c: char) -> bool {
    matches!(c, '、' | '。' | '「' | '」' | '（' | '）' | '・')
}

/// An instant in UTC and in Japanese time.
pub(super) fn instant(at: Timestamp) -> Text {
    let tokyo = local(at, "Asia/Tokyo");
    let bare = tokyo.strip_suffix(" JST").unwrap_or(&tokyo);
    Text::new(format!("{} ({tokyo})", utc(at)), format!("日本時間 {bare}（{}）", utc(at)))
}
