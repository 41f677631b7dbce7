//! `RecycledAddress`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Claim, Factor, Text};

use super::{Kind, Rule};
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::RecycledAddress,
    prior: -1.2,
    factor: Factor::None,
    factor_reason: Text::fixed(
        "The address belonged to someone else at the reported time; nothing was wrong on our side.",
        "報告された時刻にアドレスは他者のものであり、当方に問題はない。",
    ),
    decisive: &[Claim::AddressNotYetOurs, Claim::AddressNoLongerOurs],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[
        Rule {
            claims: &[Claim::AddressNotYetOurs],
            guardduty: &[],
            weight: 7.0,
            text: Text::fixed(
                "The address became ours only after the reported time.",
                "アドレスが当方のものになったのは、報告された時刻より後である。",
            ),
        },
        Rule {
            claims: &[Claim::AddressNoLongerOurs],
            guardduty: &[],
            weight: 7.0,
            text: Text::fixed(
                "The address was no longer ours at the reported time.",
                "報告された時刻には、アドレスはすでに当方のものではなかった。",
            ),
        },
    ],
    against: &[
        Rule {
            claims: &[Claim::AddressOurs],
            guardduty: &[],
            weight: -5.0,
            text: Text::fixed("The address was ours at the reported time.", "報告された時刻に、アドレスは当方のものだった。"),
        },
        Rule {
            claims: &[Claim::OutboundToReportedRemote],
            guardduty: &[],
            weight: -2.0,
            text: Text::fixed("Our logs show contact with the reported destination.", "自社のログに、報告された相手先との通信がある。"),
        },
    ],
    missing: &[Wish::Trail, Wish::Describe],
    story: Text::fixed(
        "At the reported time the address belonged to another customer.",
        "報告された時刻には、当該アドレスは他の利用者のものでした。",
    ),
};
