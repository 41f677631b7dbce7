//! `enable-detection`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "enable-detection",
    phase: Phase::Prevent,
    when: |facts| facts.unless_false(),
    title: Text::fixed(
        "Have GuardDuty, CloudTrail and VPC Flow Logs on in all Regions, and someone who is told",
        "GuardDuty・CloudTrail・VPC フローログを全リージョンで有効にし、通知を受け取る担当者を決める",
    ),
    done_text: Text::fixed(
        "We enabled GuardDuty, CloudTrail and VPC Flow Logs in all Regions, with alerts to a named owner.",
        "GuardDuty・CloudTrail・VPC フローログを全リージョンで有効にし、担当者に通知されるようにしました。",
    ),
    why: Text::fixed("The next time it should be you who sees it first.", "次は、自社が最初に気づけるようにする。"),
    risk: Text::fixed("They cost money in proportion to use.", "利用量に応じた費用がかかる。"),
    undo: Text::fixed("Switch them off.", "無効化する。"),
    how: "aws guardduty create-detector --enable (each Region); aws cloudtrail create-trail --is-multi-region-trail; aws ec2 create-flow-logs",
};
