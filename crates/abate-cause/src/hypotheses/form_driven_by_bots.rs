//! `FormDrivenByBots`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::FormDrivenByBots,
    prior: -2.0,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed(
        "The function took requests from bots without limit.",
        "機能がボットからのリクエストを制限なく受け付けていた。",
    ),
    decisive: &[Claim::FormAbuse],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::FormAbuse],
            guardduty: &[],
            weight: 4.4,
            text: Text::fixed("A form or sign-up function was driven by bots.", "フォームや会員登録の機能がボットに使われていた。"),
        },
        Rule {
            claims: &[Claim::SesAbuse],
            guardduty: &[],
            weight: 0.6,
            text: Text::fixed("Mail went out through SES at that time.", "同じ時刻に SES からメールが送信されている。"),
        },
    ],
    against: &[],
    missing: &[Wish::Web, Wish::Trail],
    story: Text::fixed(
        "A form or sign-up function was driven by bots, which made our service send what was reported.",
        "フォームや会員登録がボットに悪用され、報告された内容が送信されました。",
    ),
};
