//! `overclaim`: how sure a cause is comes from the evidence, and no evidence shows that nothing else happened.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, below, has_any, quoted, squeeze};
use crate::Input;
use crate::paragraphs::CAUSE;

/// Words of certainty.
const CERTAIN: &[&str] = &[
    "certain",
    "definitely",
    "without doubt",
    "undoubtedly",
    "conclusively",
    "clearly",
    "is proved",
    "was proved",
    "is proven",
    "was proven",
    "has been proven",
    "the root cause is",
    "the root cause was",
    "we know that",
    "no doubt",
];
/// Words that claim all or nothing.
const ABSOLUTE: &[&str] = &[
    "completely",
    "entirely",
    "fully",
    "all systems",
    "all of our systems",
    "no other",
    "nothing else",
    "no further",
    "never ",
    "no customer data",
    "no data was",
    "impossible",
    "every system",
    "all traces",
    "permanently",
];
/// Words by which a draft says that a cause is not proved, or not known.
const HEDGES: &[&str] = &["which is not proved beyond doubt", "not yet determined"];

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "overclaim", title: Text::fixed("No more certainty than the evidence gives", "証跡以上の断定をしていない"), check
    };

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let words = draft.own(|s| has_any(s, CERTAIN) || has_any(s, ABSOLUTE));
    let mut notes = Vec::new();
    if !words.is_empty() {
        let shown = quoted(&words);
        notes.push(RULE.error(Text::new(
            format!("Surer than the evidence: {shown}. Say what was looked at and what was seen."),
            format!("証跡以上に断定しています: {shown}。何を調べ、何が見えたかを書いてください。"),
        )));
    }
    let hedged = squeeze(&draft.paragraphs.iter().map(|p| p.text.en.as_ref()).collect::<Vec<_>>().join(" "));
    let told = below(&letter.paragraphs, &CAUSE);
    if has_any(&hedged, HEDGES) && !told.is_empty() && !has_any(&told, HEDGES) {
        notes.push(RULE.error(Text::fixed(
            "The evidence does not prove the cause, and the letter no longer says so.",
            "原因は証跡で確定していませんが、その旨の記述がなくなっています。",
        )));
    }
    notes
}
