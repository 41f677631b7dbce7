//! Port scanning: one host contacts many, or many ports of one.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree};
use crate::corroboration::contact;

pub(super) static PORT_SCAN: Corroboration = Corroboration {
    claims: &[Claim::OutboundFanOutScan, Claim::OutboundVerticalScan, Claim::OutboundLoginAttempts, Claim::OutboundToReportedRemote],
    guardduty: &["Recon:EC2/Portscan"],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed(
        "packets from our address to the named destination and port, or to many hosts or ports",
        "当方のアドレスから、記載された宛先・ポート、または多数のホスト・ポートへのパケット",
    ),
    agrees: agree::by_port,
    look: contact::signs,
    scope: None,
    outward: true,
    when: When::ThatTime,
};
