//! `remove-intruder-iam`: remove users, roles and policies by which an intruder would come back.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "remove-intruder-iam",
    phase: Phase::Eradicate,
    when: |facts| facts.intruder_identities(),
    whole: Text::fixed("the users, roles and policies", "ユーザー・ロール・ポリシー"),
    title: Text::fixed("Remove {it}, which was made or changed without authorisation", "権限なく作成・変更された{it}を削除する"),
    done_text: Text::fixed(
        "We removed {it}, which had been made or changed without authorisation.",
        "権限なく作成・変更された{it}を削除しました。",
    ),
    why: Text::fixed("It lets the intruder back in.", "再侵入の手段になる。"),
    risk: Text::fixed(
        "Be sure that it is the intruder's: ask the colleagues, and compare the findings.",
        "侵入者のものか必ず確認する（関係者への確認と検出事項との照合）。",
    ),
    undo: Text::fixed("Not wanted; the saved description allows to make it again.", "戻さない。保存した記述から作り直すことはできる。"),
    how: Text::fixed(
        "aws iam get-account-authorization-details > before.json (keep it)\nuser: aws iam list-access-keys, delete-access-key, delete-login-profile, detach-user-policy, delete-user-policy, delete-user --user-name NAME\nrole: aws iam get-role; restore its trust policy (update-assume-role-policy) or delete it\npolicy: aws iam detach-user-policy, list-policy-versions, set-default-policy-version or delete-policy",
        "aws iam get-account-authorization-details > before.json（保存する）\nユーザー: aws iam list-access-keys、delete-access-key、delete-login-profile、detach-user-policy、delete-user-policy、delete-user --user-name 名前\nロール: aws iam get-role で確認し、信頼ポリシーを元に戻す（update-assume-role-policy）か削除\nポリシー: aws iam detach-user-policy、list-policy-versions、set-default-policy-version または delete-policy",
    ),
};
