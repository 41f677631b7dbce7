//! `OpenResolverOrAmplifier`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::OpenResolverOrAmplifier,
    prior: -2.0,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("A service that amplifies answered anyone.", "増幅に使えるサービスが誰にでも応答していた。"),
    decisive: &[Claim::OutboundAmplification],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::OutboundAmplification],
            guardduty: &[],
            weight: 4.2,
            text: Text::fixed(
                "A service of ours sent large answers to addresses that never asked.",
                "自社のサービスが、増幅された応答を外部に送り続けていた。",
            ),
        },
        Rule {
            claims: &[Claim::ServiceOpenToWorld],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("The port is open to the Internet.", "ポートがインターネットに開いている。"),
        },
    ],
    against: &[],
    missing: &[Wish::Flow, Wish::Describe],
    story: Text::fixed(
        "A service of ours answered forged requests and so amplified an attack on others.",
        "自社のサービスが詐称されたリクエストに応答し、他者への攻撃を増幅しました。",
    ),
};
