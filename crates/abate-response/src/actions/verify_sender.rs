//! `verify-sender`: confirm a doubtful notice by a channel that only AWS can write to.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "verify-sender",
    phase: Phase::Contain,
    when: |facts| facts.if_sender_doubtful(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Confirm in AWS Health or Support Center that the notice is from AWS, before answering it",
        "通知が AWS からのものか、返信の前に AWS Health またはサポートセンターで確認する",
    ),
    done_text: Text::fixed(
        "We confirmed in the AWS console that the notice was sent by AWS.",
        "通知が AWS から送られたものであることを AWS コンソールで確認しました。",
    ),
    why: Text::fixed(
        "Something speaks against the sender; the notice's own links must not be followed.",
        "送信元に不審な点があるため、通知内のリンクは開かない。",
    ),
    risk: Text::fixed("The deadline runs on meanwhile.", "確認中も期限は進む。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "Console (typed address, no link from the mail): AWS Health > Your account health > Event log, service ABUSE; Support Center > Your support cases",
        "コンソール（メール内のリンクではなく自分で URL を入力）: AWS Health > アカウントの状態 > イベントログ（サービス ABUSE）、およびサポートセンター > サポートケース",
    ),
};
