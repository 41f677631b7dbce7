//! `FormerOrPresentStaff`: what must be seen, what speaks against it, and what would decide.

use abate_model::{CauseKind, Factor, Text};

use super::Kind;
use crate::wishes::Wish;

/// The hypothesis.
pub(crate) static KIND: Kind = Kind {
    kind: CauseKind::FormerOrPresentStaff,
    prior: -2.8,
    factor: Factor::Human,
    factor_reason: Text::fixed("A person used the access they had.", "権限を持つ者がその権限を使った。"),
    decisive: &[],
    decisive_guardduty: &[],
    decisive_profile: &[],
    supports: &[],
    against: &[],
    missing: &[Wish::Trail, Wish::Credentials],
    story: Text::fixed("A person with access may have done it.", "権限を持つ者による可能性があります。"),
};
