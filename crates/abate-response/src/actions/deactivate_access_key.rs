//! `deactivate-access-key`: make a misused key useless and keep its id for the search.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "deactivate-access-key",
    phase: Phase::Contain,
    when: |facts| facts.keys(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Deactivate the access key {t}", "アクセスキー {t} を無効化する"),
    done_text: Text::fixed("We deactivated the access key {t}.", "アクセスキー {t} を無効化しました。"),
    why: Text::fixed("The key is, or may be, in someone else's hands.", "キーが第三者の手に渡っている（またはそのおそれがある）。"),
    risk: Text::fixed(
        "Whatever uses the key legitimately stops working: give it a new one first if that is quick. Do not delete the key yet: the search needs its record.",
        "そのキーを正規に使う処理も止まる。すぐにできるなら、先に新しいキーへ切り替える。調査に記録が必要なため、まだ削除しない。",
    ),
    undo: Text::fixed(
        "aws iam update-access-key --access-key-id {t} --status Active --user-name {user} (not advisable)",
        "aws iam update-access-key --access-key-id {t} --status Active --user-name {user}（推奨しない）",
    ),
    how: Text::fixed(
        "aws iam get-access-key-last-used --access-key-id {t} (names the user; keep the output)\naws iam update-access-key --access-key-id {t} --status Inactive --user-name {user}",
        "aws iam get-access-key-last-used --access-key-id {t}（ユーザー名が分かる。出力を保存する）\naws iam update-access-key --access-key-id {t} --status Inactive --user-name {user}",
    ),
};
