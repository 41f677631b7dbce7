//! `tone`: promises in place of deeds and marketing words are the marks of answers that came back.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

const WORDS: &[&str] = &[
    "robust",
    "world-class",
    "best-in-class",
    "state-of-the-art",
    "cutting-edge",
    "seamless",
    "industry-leading",
    "very seriously",
    "utmost",
    "top priority",
    "guarantee",
    "100%",
    "as soon as possible",
    "shortly",
    "never happen again",
    "will ensure",
    "deeply regret",
    "sincerely apolog",
];

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "tone", title: Text::fixed("Deeds, not promises or praise", "約束や美辞ではなく事実"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = squeeze(&letter.body(Lang::En)).to_lowercase();
    let words = WORDS.iter().copied().filter(|word| body.contains(word)).take(5).collect::<Vec<_>>().join(", ");
    if words.is_empty() {
        return Vec::new();
    }
    vec![RULE.warning(Text::new(
        format!("Promises or praise: {words}. Say what was done, and when."),
        format!("約束や美辞にあたる語があります: {words}。実施した事実と時刻を書いてください。"),
    ))]
}
