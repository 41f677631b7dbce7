//! `confirm-legitimate-use`: have the owner confirm that the reported traffic is the registered use.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "confirm-legitimate-use",
    phase: Phase::Contain,
    when: |facts| facts.if_legitimate(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Have the owner of the workload confirm that the reported activity is the registered use",
        "報告された活動が登録済みの用途によるものか、ワークロードの担当者に確認する",
    ),
    done_text: Text::fixed(
        "We confirmed with the owner of the workload that the reported activity was this use.",
        "報告された活動がこの用途によるものであることを、ワークロードの担当者に確認しました。",
    ),
    why: Text::fixed(
        "An intruder may hide behind a use that is known to look like abuse.",
        "侵入者が、もともと誤解されやすい用途に紛れることもある。",
    ),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "Compare time, address and target of the report with the job's own log.",
        "報告の時刻・アドレス・相手先を、ジョブの記録と照合する。",
    ),
};
