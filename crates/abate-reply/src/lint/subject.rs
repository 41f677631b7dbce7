//! `subject`: AWS files the answer by its subject.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, LetterKind, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;
use crate::paragraphs::clean_subject;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "subject", title: Text::fixed("Subject and case number are kept", "件名とケース番号を保っている"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let mut notes = Vec::new();
    let drafted = crate::paragraphs::subject(input);
    // Without a subject of the notice's any that has the number will do.
    let kept = letter.subject == drafted
        || (input.notice.subject.as_deref().is_none_or(|s| clean_subject(s).is_empty()) && !letter.subject.is_empty());
    if letter.kind != LetterKind::OwnReport && !kept {
        notes.push(RULE.error(Text::fixed(
            "The subject differs from the notice's. AWS asks not to change it.",
            "件名が通知と異なります。AWS は件名を変えないよう求めています。",
        )));
    }
    let body = squeeze(&letter.body(Lang::En));
    if let Some(number) = input.notice.case_number.as_deref().map(|n| plain(n, 60))
        && !letter.subject.contains(&number)
        && !body.contains(&number)
    {
        notes.push(RULE.error(Text::new(format!("The case number {number} is missing."), format!("ケース番号 {number} がありません。"))));
    }
    notes
}
