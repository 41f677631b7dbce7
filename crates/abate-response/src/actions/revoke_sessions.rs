//! `revoke-sessions`: when it is proposed, why, how, what can go wrong, and what a letter may say once it was done.

use abate_model::{Claim, Phase, Text};

use super::Action;

/// The action.
pub(crate) static ACTION: Action = Action {
    id: "revoke-sessions",
    phase: Phase::Contain,
    when: |facts| facts.when(&[Claim::InstanceCredentialsUsedOutside, Claim::FederationToken, Claim::KeyUsedFromNewPlace]),
    title: Text::fixed(
        "Revoke temporary sessions of the roles and users concerned (AWSRevokeOlderSessions, or an inline deny policy)",
        "関係するロール・ユーザーの一時的な認証情報を取り消す（AWSRevokeOlderSessions またはインラインの拒否ポリシー）",
    ),
    done_text: Text::fixed(
        "We revoked the temporary sessions of the identities concerned.",
        "関係する主体の一時的な認証情報を取り消しました。",
    ),
    why: Text::fixed("Temporary credentials outlive the key that made them.", "一時的な認証情報は、発行元のキーを止めても有効なまま残る。"),
    risk: Text::fixed("Applications must get new credentials.", "アプリケーションは認証情報を取り直す必要がある。"),
    undo: Text::fixed("Remove the policy.", "ポリシーを外す。"),
    how: "IAM console > Roles > ROLE > Revoke sessions",
};
