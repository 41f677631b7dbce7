//! `UnauthenticatedService`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::UnauthenticatedService,
    prior: -1.6,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("A service without authentication could be reached by anyone.", "認証のないサービスに誰でも到達できた。"),
    decisive: &[Claim::InboundToExposedService],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::InboundToExposedService],
            guardduty: &[],
            weight: 3.4,
            text: Text::fixed(
                "A management or data service was reached from the Internet and answered.",
                "管理・データ系のサービスにインターネットから到達し、応答していた。",
            ),
        },
        Rule {
            claims: &[Claim::ServiceOpenToWorld],
            guardduty: &[],
            weight: 1.2,
            text: Text::fixed(
                "A security group is open to the Internet on such a port.",
                "セキュリティグループがそのポートをインターネットに開いている。",
            ),
        },
        Rule {
            claims: &[Claim::OutboundMining, Claim::PeriodicOutbound, Claim::OutboundFlood, Claim::OutboundFanOutScan],
            guardduty: &[],
            weight: 0.6,
            text: Text::fixed("The abusive traffic began after that.", "不正な通信はその後に始まっている。"),
        },
    ],
    against: &[Rule {
        claims: &[Claim::SecurityGroupOpened],
        guardduty: &[],
        weight: -0.6,
        text: Text::fixed(
            "A rule that let the Internet in was made shortly before: that is what had changed.",
            "直前にインターネットからの接続を許すルールが作られており、変わったのはその点である。",
        ),
    }],
    missing: &[Wish::Flow, Wish::Describe],
    story: Text::fixed(
        "A service without authentication was reachable from the Internet and was used as the way in.",
        "認証のないサービスがインターネットから到達可能で、侵入口になりました。",
    ),
};
