//! `KeyInPublicRepository`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::KeyInPublicRepository,
    prior: -1.5,
    factor: Factor::Human,
    factor_reason: Text::fixed(
        "AWS quarantines a key when it finds it in public, as in a code repository.",
        "AWS は、公開リポジトリなどでキーを見つけると隔離ポリシーを付ける。",
    ),
    decisive: &[Claim::QuarantineAttached],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::QuarantineAttached],
            guardduty: &[],
            weight: 5.2,
            text: Text::fixed(
                "AWS attached its quarantine policy: AWS itself saw the key in public.",
                "AWS が隔離ポリシーを付けた。AWS 自身が公開の場でキーを確認したことになる。",
            ),
        },
        Rule {
            claims: &[Claim::KeyUsedFromNewPlace],
            guardduty: &[],
            weight: 1.6,
            text: Text::fixed(
                "A long-lived access key was used from a place not seen before.",
                "長期のアクセスキーが、それまでにない場所から使われた。",
            ),
        },
    ],
    against: &[],
    missing: &[Wish::Trail, Wish::Credentials],
    story: Text::fixed(
        "The access key was published (AWS quarantined it) and then used.",
        "アクセスキーが公開され（AWS が隔離）、その後使われました。",
    ),
};
