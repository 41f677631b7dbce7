//! `secure-service`: let no service without authentication listen on a public address.

use abate_model::{CauseClass, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "secure-service",
    phase: Phase::Prevent,
    when: |facts| facts.when_or(&[Claim::InboundToExposedService], &[], Some(CauseClass::ExposedService)),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Require authentication on the service and bind it to private addresses",
        "サービスに認証を設定し、プライベートアドレスだけで待ち受ける",
    ),
    done_text: Text::fixed(
        "We required authentication on the service and bound it to private addresses.",
        "サービスに認証を設定し、プライベートアドレスだけで待ち受けるようにしました。",
    ),
    why: Text::fixed(
        "A security group alone is one mistake away from being open again.",
        "セキュリティグループだけでは、設定ミス一つで再び公開される。",
    ),
    risk: Text::fixed("Clients need the new credentials.", "利用側に認証情報の設定が必要。"),
    undo: Text::fixed("Restore the configuration (not advisable).", "設定を戻す（推奨しない）。"),
    how: Text::fixed(
        "Redis: requirepass, bind 127.0.0.1, protected-mode yes. Docker: no TCP socket, or TLS with client certificates. PostgreSQL: pg_hba.conf without trust. Jupyter: token. Containers: publish ports as 127.0.0.1:PORT:PORT",
        "Redis: requirepass、bind 127.0.0.1、protected-mode yes。Docker: TCP ソケットを使わない、またはクライアント証明書付き TLS。PostgreSQL: pg_hba.conf で trust を使わない。Jupyter: トークン。コンテナ: 127.0.0.1:ポート:ポート で公開",
    ),
};
