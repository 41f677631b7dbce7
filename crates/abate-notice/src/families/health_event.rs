//! An AWS Health event: its channel says it; its words may be those of any mail family.

use abate_model::{Channel, Family};

use super::Layout;
use super::Mark::Came;

/// How it is recognised.
pub(super) const LAYOUT: Layout = Layout { family: Family::HealthEvent, when: &[&[Came(Channel::Health)]], labels: &[], examples: &[] };
