//! `OpenProxy`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::OpenProxy,
    prior: -1.8,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("The proxy asked nobody who they are.", "プロキシが利用者を確認していなかった。"),
    decisive: &[Claim::ProxyForwarding],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::ProxyForwarding],
            guardduty: &[],
            weight: 4.6,
            text: Text::fixed("Strangers used our proxy to reach others.", "第三者が自社のプロキシを経由して外部に接続していた。"),
        },
        Rule {
            claims: &[Claim::ServiceOpenToWorld],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("The port is open to the Internet.", "ポートがインターネットに開いている。"),
        },
    ],
    against: &[],
    missing: &[Wish::Flow, Wish::Web, Wish::Describe],
    story: Text::fixed(
        "A proxy of ours was open to everyone, and strangers sent their traffic through it.",
        "自社のプロキシが誰でも使える状態で、第三者の通信に使われました。",
    ),
};
