//! `keep-proof`: keep the records that show that the report is wrong, before they expire.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "keep-proof",
    phase: Phase::Contain,
    when: |facts| facts.if_wrong(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Keep the proof: export the records that show whose address it was, or what left it",
        "証拠を保管する: アドレスの保有者や通信内容を示す記録を書き出す",
    ),
    done_text: Text::fixed("We saved the records on which this answer rests.", "この回答の根拠となる記録を保存しました。"),
    why: Text::fixed(
        "Event history is kept for 90 days only, and AWS may ask again.",
        "イベント履歴は 90 日で消え、AWS から再度照会されることがある。",
    ),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "aws cloudtrail lookup-events --region {region} --lookup-attributes AttributeKey=EventName,AttributeValue=AllocateAddress (also AssociateAddress, RunInstances, ReleaseAddress); copy the flow logs of the reported time; keep both with their SHA-256",
        "aws cloudtrail lookup-events --region {region} --lookup-attributes AttributeKey=EventName,AttributeValue=AllocateAddress（AssociateAddress・RunInstances・ReleaseAddress も）。報告時刻のフローログもコピーし、SHA-256 とともに保管する",
    ),
};
