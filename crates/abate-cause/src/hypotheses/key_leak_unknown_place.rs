//! `KeyLeakUnknownPlace`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::KeyLeakUnknownPlace,
    prior: -0.8,
    factor: Factor::Human,
    factor_reason: Text::fixed(
        "A long-lived key left our hands; where is not in these logs.",
        "長期のアクセスキーが社外に出た。どこから漏れたかは、このログからは分からない。",
    ),
    decisive: &[Claim::KeyUsedFromNewPlace],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::KeyUsedFromNewPlace],
            guardduty: &[],
            weight: 4.6,
            text: Text::fixed(
                "A long-lived access key was used from a place where it had not been used before.",
                "長期のアクセスキーが、それまで使われたことのない場所から使われた。",
            ),
        },
        Rule {
            claims: &[Claim::SesAbuse],
            guardduty: &[],
            weight: 1.0,
            text: Text::fixed(
                "Mail sending through SES was prepared or done by an unusual identity.",
                "普段と異なる主体が SES でメール送信の準備または送信を行った。",
            ),
        },
        Rule {
            claims: &[Claim::NewIamUser, Claim::NewAccessKey, Claim::PolicyWidened],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed(
                "New users, keys or rights were made, as intruders do to stay.",
                "居座りのためによく行われる、ユーザー・キー・権限の追加があった。",
            ),
        },
        Rule {
            claims: &[Claim::Reconnaissance],
            guardduty: &[],
            weight: 0.4,
            text: Text::fixed("A burst of reconnaissance calls.", "偵察の呼び出しが集中している。"),
        },
        Rule {
            claims: &[Claim::ModelAbuse, Claim::UnusualInstanceLaunch],
            guardduty: &[],
            weight: 0.6,
            text: Text::fixed(
                "Unusual use of models or launches of instances.",
                "モデルの利用やインスタンスの起動に普段と異なる点がある。",
            ),
        },
    ],
    against: &[Rule {
        claims: &[Claim::QuarantineAttached],
        guardduty: &[],
        weight: -2.5,
        text: Text::fixed(
            "AWS attached its quarantine policy, so the key was found in public: the place is known better than that.",
            "AWS が隔離ポリシーを付けており、公開の場で見つかったと分かる。",
        ),
    }],
    missing: &[Wish::Trail, Wish::Credentials, Wish::GuardDuty],
    story: Text::fixed(
        "The access key was used from outside; how it got out is not in these logs.",
        "アクセスキーが外部から使われました。どこから漏れたかは、このログからは分かりません。",
    ),
};
