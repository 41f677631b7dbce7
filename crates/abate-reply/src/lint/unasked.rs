//! `unasked`: weaknesses that the report is not about lead to questions that nobody asked.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, has_any, quoted};
use crate::Input;

const BESIDES: &[&str] = &[
    "we also found",
    "we also noticed",
    "we also discovered",
    "we also identified",
    "we also have",
    "other weakness",
    "other vulnerabilit",
    "other server",
    "other account",
    "other instance",
    "unrelated",
    "in addition, we found",
    "several of our",
    "additionally, we found",
    "additionally, our",
    "outdated",
    "has not been updated",
    "were not updated",
    "not patched",
    "unpatched",
    "no mfa",
    "without mfa",
    "shared password",
];

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "unasked", title: Text::fixed("Only what the report is about", "報告に関係することだけを書いている"), check
    };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let words: Vec<String> = draft.own(|s| has_any(s, BESIDES));
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.warning(Text::new(
        format!("Nobody asked about this: {shown}. Leave it out unless it explains the reported activity."),
        format!("報告と関係のない内容の可能性があります: {shown}。報告された活動の説明に必要でなければ削除してください。"),
    ))]
}
