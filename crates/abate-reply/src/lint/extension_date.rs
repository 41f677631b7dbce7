//! `extension-date`: an acknowledgement is no extension: AWS wants to know until when, and why.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, LetterKind, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "extension-date", title: Text::fixed("An extension has a date", "延長の依頼に期日がある"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = squeeze(&letter.body(Lang::En));
    let asks = letter.kind == LetterKind::Interim || body.contains("for an extension");
    let dated = body.split("extension until ").skip(1).any(|rest| {
        let date: Vec<&str> = rest.get(..10).unwrap_or_default().split('-').collect();
        date.len() == 3 && date.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    });
    if !asks || dated {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "A request for more time must say until when (extension until YYYY-MM-DD hh:mm:ss UTC) and why.",
        "延長の依頼には、いつまで（extension until YYYY-MM-DD hh:mm:ss UTC）と理由が必要です。",
    ))]
}
