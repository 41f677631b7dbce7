//! `delete-access-key`: delete a leaked key for good, once the search has its record.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "delete-access-key",
    phase: Phase::Recover,
    when: |facts| facts.keys(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Delete the access key {t} once its use is recorded", "利用状況を記録した後、アクセスキー {t} を削除する"),
    done_text: Text::fixed("We deleted the access key {t}.", "アクセスキー {t} を削除しました。"),
    why: Text::fixed(
        "AWS asks that exposed keys be deleted, not only deactivated.",
        "漏えいしたキーについて、AWS は無効化だけでなく削除を求める。",
    ),
    risk: Text::fixed("Irreversible.", "元に戻せない。"),
    undo: Text::fixed("", ""),
    how: Text::fixed(
        "aws iam delete-access-key --access-key-id {t} --user-name {user}",
        "aws iam delete-access-key --access-key-id {t} --user-name {user}",
    ),
};
