//! `SpoofedSource`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::SpoofedSource,
    prior: -2.0,
    factor: Factor::None,
    factor_reason: Text::fixed(
        "The traffic did not come from us; our address was forged.",
        "通信は当方からのものではなく、送信元が詐称されていた。",
    ),
    decisive: &[Claim::InboundFlood],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[Rule {
        claims: &[Claim::InboundFlood],
        guardduty: &[],
        weight: 2.6,
        text: Text::fixed(
            "Large traffic came towards us, as answers to forged requests do.",
            "詐称への応答のような大量の通信が当方に届いている。",
        ),
    }],
    against: &[
        Rule {
            claims: &[Claim::OutboundFlood, Claim::OutboundAmplification, Claim::OutboundFanOutScan],
            guardduty: &[],
            weight: -4.0,
            text: Text::fixed("The traffic did leave our address.", "通信は実際に当方のアドレスから出ている。"),
        },
        Rule {
            claims: &[Claim::OutboundToReportedRemote],
            guardduty: &[],
            weight: -2.0,
            text: Text::fixed("Our logs show contact with the reported destination.", "自社のログに、報告された相手先との通信がある。"),
        },
    ],
    missing: &[Wish::Flow],
    story: Text::fixed(
        "Our address was forged by others; the traffic did not come from us.",
        "自社のアドレスが詐称されたもので、通信は当方からではありません。",
    ),
};
