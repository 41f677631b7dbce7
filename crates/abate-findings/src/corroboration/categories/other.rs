//! Anything else: contact with what is named.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree};
use crate::corroboration::contact;

pub(super) static OTHER: Corroboration = Corroboration {
    claims: &[Claim::OutboundToReportedRemote],
    guardduty: &[],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed("contact of our address with the named destination", "当方のアドレスと記載された宛先との通信"),
    agrees: agree::always,
    look: contact::signs,
    scope: None,
    outward: true,
    when: When::ThatTime,
};
