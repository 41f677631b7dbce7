//! `japanese-in-english`: Trust & Safety reads English only.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, is_japanese};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "japanese-in-english", title: Text::fixed("No Japanese in the English letter", "英文に日本語がない"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    if letter.paragraphs.iter().all(|p| !p.text.en.chars().any(is_japanese)) {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "The English letter contains Japanese. AWS Trust & Safety reads English only.",
        "英文に日本語が残っています。AWS Trust & Safety が読むのは英語のみです。",
    ))]
}
