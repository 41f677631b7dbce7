//! `TamperedImageOrDependency`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::TamperedImageOrDependency,
    prior: -2.4,
    factor: Factor::Unknown,
    factor_reason: Text::fixed("What was installed carried it.", "導入したもの自体に混入していた。"),
    decisive: &[],
    decisive_guardduty: &["Malware"],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::FunctionTampered],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed("A function's code was changed.", "関数のコードが変更された。"),
        },
        Rule {
            claims: &[],
            guardduty: &["Malware"],
            weight: 1.6,
            text: Text::fixed("GuardDuty reports malware on the host.", "GuardDuty がホスト上のマルウェアを報告している。"),
        },
    ],
    against: &[],
    missing: &[Wish::Describe, Wish::Auth],
    story: Text::fixed(
        "The image or a dependency may have carried the malware.",
        "イメージまたは依存物にマルウェアが含まれていた可能性があります。",
    ),
};
