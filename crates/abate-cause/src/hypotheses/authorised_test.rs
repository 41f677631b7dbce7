//! `AuthorisedTest`: what must be seen, what speaks against it, and what would decide.

use abate_model::{Category, CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::AuthorisedTest,
    prior: -2.0,
    factor: Factor::None,
    factor_reason: Text::fixed("It is an authorised test; nothing was broken into.", "許可された診断であり、侵入ではない。"),
    decisive: &[],
    decisive_guardduty: &[],
    decisive_profile: &[Category::PortScan, Category::Intrusion],
    supports: &[Rule {
        claims: &[Claim::OutboundFanOutScan, Claim::OutboundVerticalScan],
        guardduty: &[],
        weight: 0.6,
        text: Text::fixed("Scanning left our address.", "自社のアドレスからスキャンが出ている。"),
    }],
    against: &[Rule {
        claims: &[
            Claim::SshLoginAfterBruteForce,
            Claim::LoginAfterBruteForce,
            Claim::WebshellAccess,
            Claim::WebExploitSuccess,
            Claim::KeyUsedFromNewPlace,
        ],
        guardduty: &[],
        weight: -3.0,
        text: Text::fixed("There are signs of an intruder.", "侵入の痕跡がある。"),
    }],
    missing: &[Wish::Flow, Wish::Describe],
    story: Text::fixed("The traffic is that of an authorised test.", "報告された通信は許可された診断によるものです。"),
};
