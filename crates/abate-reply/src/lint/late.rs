//! `late`: after the deadline AWS may block the resource or suspend the account.

use abate_model::letter::LintNote;
use abate_model::{Letter, LetterKind, Text};

use super::{Draft, Rule};
use crate::Input;
use abate_model::time::utc;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "late", title: Text::fixed("In time", "期限内"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    if letter.kind == LetterKind::OwnReport || input.now <= input.notice.deadline.at {
        return Vec::new();
    }
    let at = utc(input.notice.deadline.at);
    vec![RULE.warning(Text::new(
        format!("The deadline passed at {at}. Send the letter at once."),
        format!("期限（{at}）を過ぎています。直ちに送信してください。"),
    ))]
}
