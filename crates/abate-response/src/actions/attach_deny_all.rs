//! `attach-deny-all`: take every right from a misused IAM user, sessions already issued included.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "attach-deny-all",
    phase: Phase::Contain,
    when: |facts| {
        facts.misused_users(&[Claim::KeyUsedFromNewPlace, Claim::FederationToken, Claim::SuspiciousConsoleLogin, Claim::QuarantineAttached])
    },
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Attach a policy that denies everything to the IAM user {t}",
        "IAM ユーザー {t} に、すべてを拒否するポリシーを付ける",
    ),
    done_text: Text::fixed(
        "We attached a policy that denies all actions to the IAM user {t}.",
        "IAM ユーザー {t} に、すべての操作を拒否するポリシーを付けました。",
    ),
    why: Text::fixed(
        "Temporary credentials made from the user's key outlive the key; a deny policy stops them too.",
        "キーから発行された一時的な認証情報はキーの無効化後も有効だが、拒否ポリシーなら止められる。",
    ),
    risk: Text::fixed("Everything that this user does legitimately stops.", "このユーザーの正規の処理もすべて止まる。"),
    undo: Text::fixed(
        "aws iam delete-user-policy --user-name {t} --policy-name DenyAll",
        "aws iam delete-user-policy --user-name {t} --policy-name DenyAll",
    ),
    how: Text::fixed(
        "aws iam put-user-policy --user-name {t} --policy-name DenyAll --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}'",
        "aws iam put-user-policy --user-name {t} --policy-name DenyAll --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}'",
    ),
};
