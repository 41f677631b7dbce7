//! `close-open-proxy`: let a proxy serve its own people only.

use abate_model::{Category, Claim, Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "close-open-proxy",
    phase: Phase::Contain,
    when: |facts| facts.when_or(&[Claim::ProxyForwarding], &[Category::OpenProxy], None),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Close the open proxy: allow only the networks that must use it, and require authentication",
        "オープンプロキシを閉じる: 必要なネットワークだけに許可し、認証を必須にする",
    ),
    done_text: Text::fixed(
        "We closed the open proxy: it no longer answers requests from the Internet.",
        "オープンプロキシを閉じました（インターネットからの要求には応答しません）。",
    ),
    why: Text::fixed(
        "Strangers reach others through it, and what they do is reported as ours.",
        "第三者が踏み台にし、その行為が自社のものとして報告される。",
    ),
    risk: Text::fixed("Clients outside the allowed networks lose access.", "許可していないネットワークの利用者は使えなくなる。"),
    undo: Text::fixed("Restore the saved configuration (not advisable).", "保存した設定に戻す（推奨しない）。"),
    how: Text::fixed(
        "Save the configuration and access log first. Squid: http_access allow only localnet, then http_access deny all. nginx/Apache: no forward proxying (ProxyRequests Off). A proxy that nobody installed on purpose is malware: isolate the host instead.",
        "先に設定とアクセスログを保存する。Squid: http_access allow は localnet のみ、最後に http_access deny all。nginx/Apache: フォワードプロキシを無効化（ProxyRequests Off）。誰も導入した覚えがなければマルウェアなので、ホストを隔離する。",
    ),
};
