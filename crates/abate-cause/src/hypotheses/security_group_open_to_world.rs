//! `SecurityGroupOpenToWorld`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::SecurityGroupOpenToWorld,
    prior: -2.0,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("A rule let the whole Internet in.", "ルールがインターネット全体からの接続を許していた。"),
    decisive: &[Claim::SecurityGroupOpened],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::SecurityGroupOpened],
            guardduty: &[],
            weight: 3.2,
            text: Text::fixed(
                "A security group was opened to the Internet before the reported time.",
                "報告時刻より前に、セキュリティグループがインターネットに開放された。",
            ),
        },
        Rule {
            claims: &[Claim::InboundToExposedService],
            guardduty: &[],
            weight: 2.4,
            text: Text::fixed(
                "What stands behind it was then reached from the Internet.",
                "その後、その先のサービスにインターネットから到達している。",
            ),
        },
        Rule {
            claims: &[Claim::ServiceOpenToWorld],
            guardduty: &[],
            weight: 1.0,
            text: Text::fixed(
                "A security group is open to the Internet on a sensitive port.",
                "セキュリティグループが重要なポートをインターネットに開いている。",
            ),
        },
    ],
    against: &[Rule {
        claims: &[
            Claim::KeyUsedFromNewPlace,
            Claim::InstanceCredentialsUsedOutside,
            Claim::SuspiciousConsoleLogin,
            Claim::SshLoginAfterBruteForce,
            Claim::WebshellAccess,
        ],
        guardduty: &[],
        weight: -3.0,
        text: Text::fixed(
            "The rule may be the intruder's own work, after they were in.",
            "ルールの変更は、侵入後に攻撃者自身が行った可能性がある。",
        ),
    }],
    missing: &[Wish::Flow, Wish::Describe, Wish::Trail],
    story: Text::fixed(
        "A security group was opened to the whole Internet, and what stands behind it was abused.",
        "セキュリティグループが全世界に開放され、その先のサービスが悪用されました。",
    ),
};
