//! `enable-guardduty`: see the next misuse before AWS reports it.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "enable-guardduty",
    phase: Phase::Prevent,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Switch on GuardDuty in all Regions, with a mailbox that is read",
        "全リージョンで GuardDuty を有効にし、確認される宛先に通知する",
    ),
    done_text: Text::fixed(
        "We switched on GuardDuty in all Regions, with alerts to a monitored mailbox.",
        "全リージョンで GuardDuty を有効にし、監視しているメールボックスに通知されるようにしました。",
    ),
    why: Text::fixed(
        "The next time you should be the first to see it; a finding that nobody reads helps nobody.",
        "次は自社が最初に気づけるようにする。誰も見ない検出は役に立たない。",
    ),
    risk: Text::fixed("It costs money in proportion to use.", "利用量に応じた費用がかかる。"),
    undo: Text::fixed(
        "aws guardduty update-detector --region {region} --detector-id ID --no-enable",
        "aws guardduty update-detector --region {region} --detector-id ID --no-enable",
    ),
    how: Text::fixed(
        "aws guardduty create-detector --region REGION --enable (in every Region, or by the organisation's administrator); EventBridge rule for severity 4 and up to SNS",
        "aws guardduty create-detector --region リージョン --enable（全リージョン、または組織の管理者から一括で）。重要度 4 以上を EventBridge から SNS に通知",
    ),
};
