//! `ForwardingProxy`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::ForwardingProxy,
    prior: -2.2,
    factor: Factor::None,
    factor_reason: Text::fixed("Our host only passed on a stranger's request.", "自社のホストは他者のリクエストを中継しただけである。"),
    decisive: &[Claim::ProxyForwarding],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[Rule {
        claims: &[Claim::ProxyForwarding],
        guardduty: &[],
        weight: 2.0,
        text: Text::fixed("Requests of strangers were passed on.", "第三者のリクエストが中継されていた。"),
    }],
    against: &[Rule {
        claims: &[Claim::SshLoginAfterBruteForce, Claim::LoginAfterBruteForce, Claim::WebshellAccess],
        guardduty: &[],
        weight: -3.0,
        text: Text::fixed("There are signs of an intruder.", "侵入の痕跡がある。"),
    }],
    missing: &[Wish::Web, Wish::Flow],
    story: Text::fixed(
        "Our host passed on a stranger's request; it was not the origin.",
        "自社のホストは第三者のリクエストを中継しただけで、発信元ではありません。",
    ),
};
