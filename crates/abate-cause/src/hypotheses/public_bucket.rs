//! `PublicBucket`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::PublicBucket,
    prior: -2.0,
    factor: Factor::Misconfiguration,
    factor_reason: Text::fixed("The bucket was open to everyone.", "バケットが誰でも使える状態だった。"),
    decisive: &[Claim::AnonymousStorageAccess],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::AnonymousStorageAccess],
            guardduty: &[],
            weight: 4.6,
            text: Text::fixed("Strangers without credentials read the bucket.", "認証のない第三者がバケットを読み取っていた。"),
        },
        Rule {
            claims: &[Claim::DataShared],
            guardduty: &[],
            weight: 1.4,
            text: Text::fixed(
                "A bucket, snapshot or image was shared with outsiders.",
                "バケット・スナップショット・イメージが外部に共有された。",
            ),
        },
    ],
    against: &[],
    missing: &[Wish::Trail],
    story: Text::fixed("A bucket was open to everyone.", "S3 バケットが誰でも使える状態でした。"),
};
