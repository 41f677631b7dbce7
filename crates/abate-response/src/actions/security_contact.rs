//! `security-contact`: have AWS's next mail reach a person.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "security-contact",
    phase: Phase::Prevent,
    when: |facts| facts.always(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Set the account's security contact to a mailbox that is read every day",
        "アカウントのセキュリティ連絡先を、毎日確認するメールボックスに設定する",
    ),
    done_text: Text::fixed(
        "We set the account's security contact to a monitored mailbox.",
        "アカウントのセキュリティ連絡先を、監視しているメールボックスに設定しました。",
    ),
    why: Text::fixed("Notices that nobody reads cost more than the incident.", "読まれない通知は、事故そのものより大きな損失になる。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed(
        "aws account delete-alternate-contact --alternate-contact-type SECURITY",
        "aws account delete-alternate-contact --alternate-contact-type SECURITY",
    ),
    how: Text::fixed(
        "aws account put-alternate-contact --alternate-contact-type SECURITY --email-address ADDRESS --name NAME --phone-number PHONE --title Security",
        "aws account put-alternate-contact --alternate-contact-type SECURITY --email-address アドレス --name 名前 --phone-number 電話番号 --title Security",
    ),
};
