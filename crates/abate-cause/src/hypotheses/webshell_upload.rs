//! `WebshellUpload`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::WebshellUpload,
    prior: -1.2,
    factor: Factor::Vulnerability,
    factor_reason: Text::fixed(
        "The application took an uploaded script and let it run.",
        "アプリケーションがスクリプトのアップロードを受け付け、実行を許した。",
    ),
    decisive: &[Claim::WebshellAccess],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::WebshellAccess],
            guardduty: &[],
            weight: 5.0,
            text: Text::fixed(
                "A script that takes commands was called in an upload folder.",
                "アップロード先に置かれた、コマンドを受け付けるスクリプトが呼び出された。",
            ),
        },
        Rule {
            claims: &[Claim::WebExploitSuccess],
            guardduty: &[],
            weight: 0.8,
            text: Text::fixed(
                "A request that exploits a hole was answered with success.",
                "脆弱性を突くリクエストに成功の応答が返っている。",
            ),
        },
        Rule {
            claims: &[Claim::PhishingPageServed],
            guardduty: &[],
            weight: 1.0,
            text: Text::fixed("A page that was not ours was then served.", "その後、自社のものではないページが配信された。"),
        },
    ],
    against: &[],
    missing: &[Wish::Web],
    story: Text::fixed(
        "A script was uploaded through the web application and used to place what was reported.",
        "ウェブアプリケーションから不正なスクリプトを設置され、報告された内容の公開に使われました。",
    ),
};
