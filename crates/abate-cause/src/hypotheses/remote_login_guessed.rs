//! `RemoteLoginGuessed`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::RemoteLoginGuessed,
    prior: -2.2,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("A remote login was open to the whole Internet.", "リモートログインがインターネット全体に開かれていた。"),
    decisive: &[],
    decisive_guardduty: &["RDPBruteForce"],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::InboundToExposedService],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed(
                "A remote-login port was reached from the Internet.",
                "リモートログインのポートにインターネットから到達している。",
            ),
        },
        Rule {
            claims: &[],
            guardduty: &["RDPBruteForce"],
            weight: 3.0,
            text: Text::fixed("GuardDuty reports guessing of RDP passwords.", "GuardDuty が RDP パスワードの推測を報告している。"),
        },
    ],
    against: &[],
    missing: &[Wish::Flow, Wish::Describe],
    story: Text::fixed("A password for a remote login was probably guessed.", "リモートログインのパスワードが推測された可能性があります。"),
};
