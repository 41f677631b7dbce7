//! `remove-intruder-resources`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "remove-intruder-resources",
    phase: Phase::Eradicate,
    when: |facts| facts.when(&[Claim::UnusualInstanceLaunch, Claim::FunctionTampered]),
    title: Text::fixed(
        "Remove instances and functions that the intruder made, in all Regions, after snapshots",
        "侵入者が作成したインスタンスや関数を、スナップショット取得後に全リージョンで削除する",
    ),
    done_text: Text::fixed(
        "We removed the resources that had been created without authorisation.",
        "権限なく作成されたリソースを削除しました。",
    ),
    why: Text::fixed("They cost money and may do more harm.", "費用がかかり、さらに悪用されるおそれがある。"),
    risk: Text::fixed("Irreversible: take snapshots first.", "元に戻せないため、先にスナップショットを取得する。"),
    undo: Text::fixed("None.", "なし。"),
    how: "look in every Region: aws ec2 describe-regions, describe-instances",
};
