//! `keep-proof`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "keep-proof",
    phase: Phase::Contain,
    when: |facts| facts.if_false(),
    title: Text::fixed(
        "Keep the proof: copy the trail and describe output that show whose address it was",
        "証拠を保管する: アドレスの保有者を示す CloudTrail と構成情報を複製する",
    ),
    done_text: Text::fixed("We kept the records that show whose address it was.", "アドレスの保有者を示す記録を保管しました。"),
    why: Text::fixed("Event history is kept for 90 days only.", "イベント履歴は 90 日で消える。"),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("None.", "なし。"),
    how: "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AllocateAddress",
};
