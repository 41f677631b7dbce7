//! `OpenMailRelay`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::OpenMailRelay,
    prior: -2.6,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("The mail server relayed for everyone.", "メールサーバーが誰の中継でも受け付けていた。"),
    decisive: &[],
    decisive_guardduty: &["Spambot"],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::OutboundSmtpFanOut],
            guardduty: &[],
            weight: 1.2,
            text: Text::fixed("Many mail servers were contacted.", "多数のメールサーバーに接続していた。"),
        },
        Rule {
            claims: &[],
            guardduty: &["Spambot"],
            weight: 1.0,
            text: Text::fixed("GuardDuty reports sending of spam.", "GuardDuty がスパム送信を報告している。"),
        },
    ],
    against: &[],
    missing: &[Wish::Flow, Wish::Auth],
    story: Text::fixed(
        "Our mail server may have relayed for strangers.",
        "自社のメールサーバーが第三者のメールを中継した可能性があります。",
    ),
};
