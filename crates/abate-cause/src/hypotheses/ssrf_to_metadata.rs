//! `SsrfToMetadata`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::SsrfToMetadata,
    prior: -1.8,
    factor: Factor::Vulnerability,
    factor_reason: Text::fixed(
        "The web server fetched what a stranger asked it to, and the metadata service answered without a token.",
        "ウェブサーバーが第三者の指定先を取得し、メタデータがトークンなしで応答した。",
    ),
    decisive: &[Claim::SsrfToMetadata],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::SsrfToMetadata],
            guardduty: &[],
            weight: 3.2,
            text: Text::fixed(
                "A web request made the server ask the instance metadata service.",
                "ウェブのリクエストにより、サーバーがメタデータに問い合わせた。",
            ),
        },
        Rule {
            claims: &[Claim::InstanceCredentialsUsedOutside],
            guardduty: &[],
            weight: 2.6,
            text: Text::fixed(
                "Credentials of the instance's role were used from outside the instance.",
                "インスタンスロールの認証情報がインスタンスの外で使われた。",
            ),
        },
        Rule {
            claims: &[],
            guardduty: &["InstanceCredentialExfiltration"],
            weight: 1.0,
            text: Text::fixed(
                "GuardDuty reports credentials taken from an instance.",
                "GuardDuty がインスタンスからの認証情報の持ち出しを報告している。",
            ),
        },
    ],
    against: &[],
    missing: &[Wish::Web, Wish::Trail],
    story: Text::fixed(
        "Credentials of the instance's role were read from the metadata service through the web server.",
        "ウェブサーバーを通じて、インスタンスロールの認証情報がメタデータから読み取られました。",
    ),
};
