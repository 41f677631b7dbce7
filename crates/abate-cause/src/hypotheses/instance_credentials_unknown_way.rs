//! `InstanceCredentialsUnknownWay`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::InstanceCredentialsUnknownWay,
    prior: -1.6,
    factor: Factor::Unknown,
    factor_reason: Text::fixed(
        "How the credentials were read from the instance is not in these logs.",
        "認証情報がどう読み取られたかは、このログからは分からない。",
    ),
    decisive: &[Claim::InstanceCredentialsUsedOutside],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::InstanceCredentialsUsedOutside],
            guardduty: &[],
            weight: 4.8,
            text: Text::fixed(
                "Credentials of an instance role were used from outside the instance.",
                "インスタンスロールの認証情報がインスタンスの外で使われた。",
            ),
        },
        Rule {
            claims: &[Claim::StorageAccess, Claim::SecretsRead],
            guardduty: &[],
            weight: 0.7,
            text: Text::fixed("Stored data or secrets were read in quantity.", "保存データや秘密情報が大量に読み取られた。"),
        },
    ],
    against: &[Rule {
        claims: &[Claim::SsrfToMetadata],
        guardduty: &[],
        weight: -1.2,
        text: Text::fixed(
            "A request to the metadata service was seen: the way is known.",
            "メタデータへのリクエストが見つかっており、経路が分かっている。",
        ),
    }],
    missing: &[Wish::Web, Wish::Trail, Wish::Describe],
    story: Text::fixed(
        "Credentials of the instance's role were used outside the instance; how they were read is not in these logs.",
        "インスタンスロールの認証情報が外部で使われました。どう読み取られたかは、このログからは分かりません。",
    ),
};
