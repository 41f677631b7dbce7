//! The customer's own words or a GuardDuty finding: there is no layout of AWS's.

use abate_model::{Channel, Family};

use super::Layout;
use super::Mark::Came;

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout { family: Family::OwnFinding, when: &[&[Came(Channel::Own)]], labels: &[], examples: &[] };
