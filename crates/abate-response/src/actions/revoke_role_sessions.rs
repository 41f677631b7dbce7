//! `revoke-role-sessions`: end the temporary sessions of a role whose credentials were taken.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "revoke-role-sessions",
    phase: Phase::Contain,
    when: |facts| facts.misused_roles(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed("Revoke all sessions of the role {t} issued until now", "ロール {t} の発行済みセッションをすべて取り消す"),
    done_text: Text::fixed(
        "We revoked all sessions of the role {t} that had been issued until then.",
        "ロール {t} の、その時点までに発行されたセッションをすべて取り消しました。",
    ),
    why: Text::fixed("Stolen temporary credentials stay valid for hours.", "盗まれた一時的な認証情報は数時間有効なまま残る。"),
    risk: Text::fixed(
        "Applications must get new credentials; those on EC2 do so by themselves within some minutes or need a restart. The host must be isolated first, or the intruder reads the new ones.",
        "アプリケーションは認証情報を取り直す必要がある（EC2 上では自動更新を待つか再起動）。先にホストを隔離しないと、新しい認証情報も読み取られる。",
    ),
    undo: Text::fixed(
        "aws iam delete-role-policy --role-name {t} --policy-name AWSRevokeOlderSessions",
        "aws iam delete-role-policy --role-name {t} --policy-name AWSRevokeOlderSessions",
    ),
    how: Text::fixed(
        "Console: IAM > Roles > {t} > Revoke sessions > Revoke active sessions",
        "コンソール: IAM > ロール > {t} > セッションの取り消し > アクティブなセッションの取り消し",
    ),
};
