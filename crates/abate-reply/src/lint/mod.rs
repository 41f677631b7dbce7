//! The lint: what must not, or should not, stand in a letter. One file for each rule; [`all`] is the list.
//!
//! It reads the letter as it would go out, whoever wrote it, and changes nothing.

mod ascii;
mod attachment;
mod both_questions;
mod extension_date;
mod internal_names;
mod japanese_in_english;
mod late;
mod length;
mod losses;
mod no_evidence;
mod placeholder;
mod reseller;
mod secrets;
mod sender;
mod staff_names;
mod subject;
mod tone;
mod transliterated;
mod unproved_measure;
mod way_in_open;

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use crate::Input;

/// A rule.
pub struct Rule {
    /// stable id
    pub id: &'static str,
    /// what it asks for
    pub title: Text,
    check: fn(&Letter, &Input<'_>) -> Vec<LintNote>,
}

impl Rule {
    /// The letter must not go out like this.
    fn error(&self, text: Text) -> LintNote {
        LintNote { error: true, rule: self.id.to_owned(), text }
    }

    /// The approver should look at it.
    fn warning(&self, text: Text) -> LintNote {
        LintNote { error: false, rule: self.id.to_owned(), text }
    }
}

/// Every rule.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    vec![
        &both_questions::RULE,
        &ascii::RULE,
        &japanese_in_english::RULE,
        &length::RULE,
        &no_evidence::RULE,
        &unproved_measure::RULE,
        &way_in_open::RULE,
        &extension_date::RULE,
        &subject::RULE,
        &secrets::RULE,
        &attachment::RULE,
        &sender::RULE,
        &placeholder::RULE,
        &transliterated::RULE,
        &internal_names::RULE,
        &staff_names::RULE,
        &tone::RULE,
        &late::RULE,
        &losses::RULE,
        &reseller::RULE,
    ]
}

/// What is wrong with a letter, errors first.
#[must_use]
pub fn lint(letter: &Letter, input: &Input<'_>) -> Vec<LintNote> {
    let mut notes: Vec<LintNote> = all().into_iter().flat_map(|rule| (rule.check)(letter, input)).collect();
    notes.sort_by_key(|note| !note.error);
    notes
}

/// With single spaces, so that wrapping hides nothing.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first words of a paragraph.
fn start(text: &str) -> String {
    squeeze(text).chars().take(60).collect()
}

/// Kana, kanji, and the signs that go with them.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}
