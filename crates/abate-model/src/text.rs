//! Words for people, in the two languages, side by side: a text that lacks one of them does not compile.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A language of the interface. Letters to AWS are always English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// English
    En,
    /// Japanese
    Ja,
}

/// The same statement in English and in Japanese.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// English
    pub en: Cow<'static, str>,
    /// Japanese
    pub ja: Cow<'static, str>,
}

impl Text {
    /// A text known at compile time.
    #[must_use]
    pub const fn fixed(en: &'static str, ja: &'static str) -> Self {
        Self { en: Cow::Borrowed(en), ja: Cow::Borrowed(ja) }
    }

    /// A text built at run time.
    #[must_use]
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: Cow::Owned(en.into()), ja: Cow::Owned(ja.into()) }
    }

    /// The same words in both languages (an address, a name, a quotation).
    #[must_use]
    pub fn same(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { en: Cow::Owned(words.clone()), ja: Cow::Owned(words) }
    }

    /// The text in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

/// `1 client`, `2 clients`: a number with its English noun.
#[must_use]
pub fn count(n: impl TryInto<u64>, noun: &str) -> String {
    let n = n.try_into().unwrap_or(u64::MAX);
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The first letter in upper case, for a text that begins a sentence.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Text from outside as a cell of a CSV file: what a spreadsheet would run as a formula (CWE-1236) gets an apostrophe in front;
/// control characters become spaces.
#[must_use]
pub fn csv_cell(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) { format!("'{clean}") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::csv_cell;

    #[test]
    fn formulas_are_disarmed_and_plain_text_is_not_touched() {
        assert_eq!(csv_cell("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(csv_cell(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(csv_cell("\t=1"), "' =1");
        assert_eq!(csv_cell("GET /?a=1"), "GET /?a=1");
    }
}
