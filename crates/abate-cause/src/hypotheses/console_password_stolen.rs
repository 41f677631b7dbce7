//! `ConsolePasswordStolen`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::ConsolePasswordStolen,
    prior: -1.6,
    factor: Factor::Human,
    factor_reason: Text::fixed(
        "A person's password was in other hands, and no second factor stopped it.",
        "個人のパスワードが第三者の手にあり、多要素認証で止められなかった。",
    ),
    decisive: &[Claim::SuspiciousConsoleLogin],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::SuspiciousConsoleLogin],
            guardduty: &[],
            weight: 3.8,
            text: Text::fixed(
                "A console sign-in from a new place or without MFA.",
                "新しい場所から、または MFA なしのコンソールサインインがあった。",
            ),
        },
        Rule {
            claims: &[Claim::NewIamUser, Claim::NewAccessKey, Claim::PolicyWidened],
            guardduty: &[],
            weight: 1.0,
            text: Text::fixed("New users, keys or rights were made.", "ユーザー・キー・権限の追加があった。"),
        },
        Rule {
            claims: &[Claim::UnusualInstanceLaunch],
            guardduty: &[],
            weight: 0.6,
            text: Text::fixed("Unusual instances were launched.", "普段と異なるインスタンスが起動された。"),
        },
    ],
    against: &[],
    missing: &[Wish::Trail, Wish::Credentials],
    story: Text::fixed("Someone else signed in to the console.", "第三者がコンソールにサインインしました。"),
};
