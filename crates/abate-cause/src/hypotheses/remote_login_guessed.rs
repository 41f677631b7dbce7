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
    decisive: &[Claim::LoginAfterBruteForce],
    decisive_guardduty: &["RDPBruteForce"],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::LoginAfterBruteForce],
            guardduty: &[],
            weight: 5.6,
            text: Text::fixed(
                "A sign-in succeeded from where passwords had been guessed.",
                "パスワードの推測が行われていた発信元から、サインインが成功した。",
            ),
        },
        Rule {
            claims: &[Claim::LoginFromNewPlace],
            guardduty: &[],
            weight: 1.2,
            text: Text::fixed("A sign-in from a network not seen before.", "見たことのないネットワークからのサインインがあった。"),
        },
        Rule {
            claims: &[Claim::LoginBruteForce],
            guardduty: &[],
            weight: 0.4,
            text: Text::fixed(
                "Passwords were being guessed (background noise on any address).",
                "パスワードの推測が行われていた（どのアドレスでも起きる背景ノイズ）。",
            ),
        },
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
        Rule {
            claims: &[
                Claim::OutboundFanOutScan,
                Claim::OutboundLoginAttempts,
                Claim::OutboundSmtpFanOut,
                Claim::OutboundFlood,
                Claim::PeriodicOutbound,
                Claim::OutboundMining,
            ],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("The abusive traffic began after that.", "不正な通信はその後に始まっている。"),
        },
    ],
    against: &[],
    missing: &[Wish::Auth, Wish::Flow, Wish::Describe],
    story: Text::fixed("A password for a remote login was probably guessed.", "リモートログインのパスワードが推測された可能性があります。"),
};
