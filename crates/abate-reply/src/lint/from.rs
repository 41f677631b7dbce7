//! `from`: AWS takes an answer from the account's root or security address.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "from", title: Text::fixed("Sent from the account's own address", "アカウントの連絡先から送る"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let right = crate::paragraphs::sender(input);
    match (&letter.from, right) {
        (from, right) if *from == right => Vec::new(),
        (Some(from), None) if input.notice.to.as_deref().is_some_and(|to| to.contains(from.as_str())) => Vec::new(),
        (from, right) => {
            let (from, right) = (plain(from.as_deref().unwrap_or("-"), 200), right.unwrap_or_else(|| "-".to_owned()));
            vec![RULE.error(Text::new(
                format!("The letter is sent from {from}; the account's address is {right} (abate profile set ACCOUNT --security-address)."),
                format!("送信元が {from} です。アカウントの連絡先は {right} です（abate profile set アカウント --security-address）。"),
            ))]
        }
    }
}
