//! `altered-fact`: a sentence that the evidence gave, with another time, resource or figure in it.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, quoted};
use crate::Input;
use crate::facts::named;

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "altered-fact", title: Text::fixed("Facts of the evidence are unchanged", "証跡に基づく事実が書き換えられていない"), check
    };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let drafts: Vec<_> = draft.sentences.iter().map(|s| named(s)).filter(|n| !n.facts.is_empty()).collect();
    let altered = |sentence: &String| {
        let now = named(sentence);
        // Of entries of one shape (a list of events) one at least has these facts, if none was changed.
        let mut alike = drafts.iter().filter(|d| d.skeleton == now.skeleton).peekable();
        alike.peek().is_some() && alike.all(|d| d.facts != now.facts)
    };
    let words: Vec<String> = draft.own(altered);
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(
        format!("A time, resource or figure differs from what the evidence gave: {shown}."),
        format!("時刻・リソース・数値が証跡と異なります: {shown}。"),
    ))]
}
