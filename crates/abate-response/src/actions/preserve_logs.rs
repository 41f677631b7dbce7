//! `preserve-logs`: keep the account's records, where no host is concerned.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "preserve-logs",
    phase: Phase::Contain,
    when: |facts| facts.only_logs_to_preserve(),
    whole: Text::fixed("the account", "アカウント"),
    title: Text::fixed(
        "Preserve the account's event history and logs before anything else",
        "何よりも先に、アカウントのイベント履歴とログを保全する",
    ),
    done_text: Text::fixed(
        "Before changing anything, we saved the account's event history and logs.",
        "変更を加える前に、アカウントのイベント履歴とログを保存しました。",
    ),
    why: Text::fixed(
        "Event history ends after 90 days, and the deletion of a user or key takes its details with it.",
        "イベント履歴は 90 日で消え、ユーザーやキーを削除すると詳細も失われる。",
    ),
    risk: Text::fixed("None.", "なし。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "abate collect-script NOTICE > collect.sh, and run it in AWS CloudShell; then lock the trail's bucket against deletion (aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled)",
        "abate collect-script 通知 > collect.sh を AWS CloudShell で実行する。証跡のバケットは削除から保護する（aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled）",
    ),
};
