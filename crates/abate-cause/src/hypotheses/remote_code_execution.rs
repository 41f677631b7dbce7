//! `RemoteCodeExecution`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::RemoteCodeExecution,
    prior: -1.2,
    factor: Factor::Vulnerability,
    factor_reason: Text::fixed(
        "A hole in a web application let a stranger run commands.",
        "ウェブアプリケーションの脆弱性により、第三者がコマンドを実行できた。",
    ),
    decisive: &[Claim::WebExploitSuccess],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::WebExploitSuccess],
            guardduty: &[],
            weight: 4.2,
            text: Text::fixed(
                "A request that exploits a known hole was answered with success.",
                "既知の脆弱性を突くリクエストに、成功の応答が返っている。",
            ),
        },
        Rule {
            claims: &[Claim::WebExploitAttempt],
            guardduty: &[],
            weight: 0.3,
            text: Text::fixed(
                "Holes were probed for (background noise on any site).",
                "脆弱性の探索があった（どのサイトでも起きる背景ノイズ）。",
            ),
        },
        Rule {
            claims: &[Claim::PeriodicOutbound, Claim::OutboundRareRemote, Claim::OutboundFanOutScan, Claim::OutboundMining],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("The host began to talk to strangers after that.", "その後、ホストが未知の相手と通信を始めている。"),
        },
    ],
    against: &[Rule {
        claims: &[Claim::WebshellAccess],
        guardduty: &[],
        weight: -1.0,
        text: Text::fixed(
            "A script in an upload folder was called: the way in is more exactly that.",
            "アップロード先のスクリプトが呼ばれており、侵入口はより具体的に分かっている。",
        ),
    }],
    missing: &[Wish::Web, Wish::Flow],
    story: Text::fixed(
        "A hole in a web application let strangers run commands on the host.",
        "ウェブアプリケーションの脆弱性を突かれ、ホスト上でコマンドを実行されました。",
    ),
};
