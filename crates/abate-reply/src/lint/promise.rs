//! `promise`: AWS asks for measures taken. What is planned stands in its own list, and comes from the plan.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, has_any, quoted};
use crate::Input;

const PROMISES: &[&str] = &[
    "we will",
    "we'll",
    "we shall",
    "will be ",
    "going to",
    "we plan",
    "we intend",
    "we promise",
    "we commit",
    "we are committed",
    "we aim",
    "we hope",
    "in the future",
    "from now on",
    "going forward",
];

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "promise", title: Text::fixed("No promise in place of a deed", "実施の代わりに約束を書いていない"), check };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let words: Vec<String> = draft.own(|s| has_any(s, PROMISES));
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(
        format!("A promise stands in place of a deed: {shown}. Do it and record it, or leave it to the list of what is planned."),
        format!("実施ではなく約束が書かれています: {shown}。実施して記録するか、計画の一覧に任せてください。"),
    ))]
}
