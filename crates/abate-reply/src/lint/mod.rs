//! The lint: what must not, or should not, stand in a letter. One file for each rule; [`all`] is the list.
//!
//! It reads the letter as it would go out, whoever wrote it, and changes nothing.

mod altered_fact;
mod ascii;
mod attachment;
mod both_questions;
mod cause_mismatch;
mod coverage;
mod denial;
mod edited;
mod every_activity;
mod extension_date;
mod from;
mod identification;
mod internal_names;
mod japanese_in_english;
mod late;
mod legal;
mod length;
mod lift;
mod links;
mod losses;
mod no_evidence;
mod overclaim;
mod personal_data;
mod placeholder;
mod promise;
mod recipient;
mod repeated;
mod reseller;
mod secrets;
mod sender;
mod signature;
mod staff_names;
mod subject;
mod times_in_utc;
mod tone;
mod transliterated;
mod unasked;
mod unfinished;
mod unknown_fact;
mod unproved_measure;
mod way_in_open;

use std::collections::BTreeSet;

use abate_model::letter::LintNote;
use abate_model::{Letter, Paragraph, Text};

use crate::facts::Known;
use crate::paragraphs::{CAUSE, MEASURES};
use crate::sentences::sentences;
use crate::{Input, compose};

/// A rule.
pub struct Rule {
    /// stable id
    pub id: &'static str,
    /// what it asks for
    pub title: Text,
    check: fn(&Letter, &Input<'_>, &Draft) -> Vec<LintNote>,
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
        // What it says of the case.
        &both_questions::RULE,
        &identification::RULE,
        &every_activity::RULE,
        &unknown_fact::RULE,
        &altered_fact::RULE,
        &cause_mismatch::RULE,
        &overclaim::RULE,
        &denial::RULE,
        &coverage::RULE,
        &promise::RULE,
        &unasked::RULE,
        &lift::RULE,
        &edited::RULE,
        // How it says it.
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
        &times_in_utc::RULE,
        &links::RULE,
        &personal_data::RULE,
        &legal::RULE,
        &repeated::RULE,
        &unfinished::RULE,
        &signature::RULE,
        // The way it goes.
        &recipient::RULE,
        &from::RULE,
        &late::RULE,
        &losses::RULE,
        &reseller::RULE,
    ]
}

/// What is wrong with a letter, errors first.
#[must_use]
pub fn lint(letter: &Letter, input: &Input<'_>) -> Vec<LintNote> {
    let draft = Draft::of(letter, input);
    let mut notes: Vec<LintNote> = all().into_iter().flat_map(|rule| (rule.check)(letter, input, &draft)).collect();
    notes.sort_by_key(|note| !note.error);
    notes
}

/// What the case itself would write, worked out once for all rules.
struct Draft {
    /// the paragraphs of a letter of the same kind
    paragraphs: Vec<Paragraph>,
    /// their sentences
    sentences: Vec<String>,
    /// the sentences of the letter that are not among them: somebody's own words
    own_words: Vec<String>,
    /// the facts that the case knows
    known: Known,
}

impl Draft {
    fn of(letter: &Letter, input: &Input<'_>) -> Self {
        let paragraphs = compose(letter.kind, input);
        let all: Vec<String> = paragraphs.iter().flat_map(|p| sentences(&p.text.en)).collect();
        let have: BTreeSet<&String> = all.iter().collect();
        let own_words = said(letter).into_iter().filter(|s| !have.contains(s)).collect();
        let known = Known::of(input, &all);
        Self { paragraphs, sentences: all, own_words, known }
    }

    /// The own words that are of a sort.
    fn own(&self, is: impl Fn(&String) -> bool) -> Vec<String> {
        self.own_words.iter().filter(|sentence| is(sentence)).cloned().collect()
    }
}

/// Every sentence of the letter.
fn said(letter: &Letter) -> Vec<String> {
    letter.paragraphs.iter().flat_map(|p| sentences(&p.text.en)).collect()
}

/// What stands below a heading, up to the next one, with single spaces.
fn below(paragraphs: &[Paragraph], heading: &Text) -> String {
    let body = paragraphs.iter().map(|p| p.text.en.as_ref()).collect::<Vec<_>>().join("\n\n");
    let lines = body.lines().skip_while(|line| *line != heading.en).skip(1);
    let other = [&CAUSE, &MEASURES];
    squeeze(&lines.take_while(|line| !other.iter().any(|h| *line == h.en)).collect::<Vec<_>>().join("\n"))
}

/// Up to five of them, quoted and shortened, for a remark.
fn quoted(words: &[String]) -> String {
    words.iter().take(5).map(|w| format!("\"{}\"", start(w))).collect::<Vec<_>>().join(", ")
}

/// The phrases that a sentence has.
fn has_any(sentence: &str, phrases: &[&str]) -> bool {
    let lower = sentence.to_lowercase();
    phrases.iter().any(|phrase| lower.contains(phrase))
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
