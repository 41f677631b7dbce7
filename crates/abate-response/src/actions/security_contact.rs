//! `security-contact`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "security-contact",
    phase: Phase::Prevent,
    when: |facts| facts.always(),
    title: Text::fixed(
        "Set the account's security contact to a mailbox that is read every day",
        "アカウントのセキュリティ連絡先を、毎日確認するメールボックスに設定する",
    ),
    done_text: Text::fixed(
        "We set the account's security contact to a monitored mailbox.",
        "アカウントのセキュリティ連絡先を、監視しているメールボックスに設定しました。",
    ),
    why: Text::fixed("Silence costs more than the incident.", "返信の遅れは、事故そのものより大きな損失になる。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("None.", "なし。"),
    how: "aws account put-alternate-contact --alternate-contact-type SECURITY …",
};
