//! `deactivate-access-key`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "deactivate-access-key",
    phase: Phase::Contain,
    when: |facts| facts.keys(),
    title: Text::fixed(
        "Deactivate the access key {t} (do not delete it yet: the id is needed for the search)",
        "アクセスキー {t} を無効化する（調査に ID が必要なため、まだ削除しない）",
    ),
    done_text: Text::fixed("We deactivated the access key {t}.", "アクセスキー {t} を無効化しました。"),
    why: Text::fixed("The key was used by someone else.", "キーが第三者に使われている。"),
    risk: Text::fixed("What uses the key legitimately stops working.", "そのキーを正規に使う処理も止まる。"),
    undo: Text::fixed("Activate it again (not advisable).", "再度有効化する（推奨しない）。"),
    how: "aws iam update-access-key --access-key-id {t} --status Inactive --user-name USER",
};
