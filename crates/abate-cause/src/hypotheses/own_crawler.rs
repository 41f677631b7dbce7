//! `OwnCrawler`: what must be seen, what speaks against it, and what would decide.

use abate_model::{Category, CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::OwnCrawler,
    prior: -1.8,
    factor: Factor::None,
    factor_reason: Text::fixed("It is our own work; nothing was broken into.", "自社の業務であり、侵入ではない。"),
    decisive: &[],
    decisive_guardduty: &[],
    decisive_profile: &[Category::Crawling],
    supports: &[Rule {
        claims: &[Claim::OutboundHttpFanOut],
        guardduty: &[],
        weight: 0.8,
        text: Text::fixed("Many web servers were contacted from our address.", "自社のアドレスから多数のウェブサーバーに接続していた。"),
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
    story: Text::fixed("The traffic is that of our own crawler.", "報告された通信は自社のクローラーによるものです。"),
};
