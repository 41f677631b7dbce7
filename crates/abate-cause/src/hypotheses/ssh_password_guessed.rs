//! `SshPasswordGuessed`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::SshPasswordGuessed,
    prior: -1.2,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed(
        "SSH accepted passwords from the whole Internet, and one of them could be guessed.",
        "SSH がインターネット全体からパスワード認証を受け付け、推測できるパスワードが使われていた。",
    ),
    decisive: &[Claim::SshLoginAfterBruteForce],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::SshLoginAfterBruteForce],
            guardduty: &[],
            weight: 5.6,
            text: Text::fixed(
                "A password sign-in succeeded from where passwords had been guessed.",
                "パスワードの推測が行われていた発信元から、サインインが成功した。",
            ),
        },
        Rule {
            claims: &[Claim::SshLoginFromNewPlace],
            guardduty: &[],
            weight: 1.2,
            text: Text::fixed(
                "A password sign-in from a network not seen before.",
                "見たことのないネットワークからのパスワードによるサインインがあった。",
            ),
        },
        Rule {
            claims: &[Claim::SshBruteForce],
            guardduty: &[],
            weight: 0.4,
            text: Text::fixed(
                "Passwords were being guessed (background noise on any address).",
                "パスワードの推測が行われていた（どのアドレスでも起きる背景ノイズ）。",
            ),
        },
        Rule {
            claims: &[
                Claim::OutboundFanOutScan,
                Claim::OutboundLoginAttempts,
                Claim::OutboundFlood,
                Claim::PeriodicOutbound,
                Claim::OutboundMining,
            ],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("The abusive traffic began after that.", "不正な通信はその後に始まっている。"),
        },
    ],
    against: &[Rule {
        claims: &[Claim::QuarantineAttached, Claim::KeyUsedFromNewPlace],
        guardduty: &[],
        weight: -0.8,
        text: Text::fixed(
            "An access key was misused as well, which needs no guessed password.",
            "アクセスキーも悪用されており、パスワード推測がなくても説明できる。",
        ),
    }],
    missing: &[Wish::Auth, Wish::Flow],
    story: Text::fixed(
        "A password for SSH was guessed, and the host was then used for the reported activity.",
        "SSH のパスワードが推測され、その後ホストが報告された活動に使われました。",
    ),
};
