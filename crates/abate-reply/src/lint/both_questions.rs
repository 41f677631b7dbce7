//! `both-questions`: AWS asks for the root cause and for the measures; a letter without one of them comes back.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::paragraphs::{CAUSE, MEASURES};

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "both-questions", title: Text::fixed("Both of AWS's questions are answered", "AWS の二つの質問に答えている"), check
    };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = letter.body(Lang::En);
    let has = |heading: &Text| body.lines().any(|line| line == heading.en);
    if has(&CAUSE) && has(&MEASURES) {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "AWS asks for the root cause and for the measures taken; the letter must have a part for each.",
        "AWS は根本原因と対策の両方を求めています。それぞれの項目が必要です。",
    ))]
}
