//! Intrusion attempts and guessing of passwords against others.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree};
use crate::corroboration::contact;

pub(super) static INTRUSION: Corroboration = Corroboration {
    claims: &[Claim::OutboundLoginAttempts, Claim::OutboundFanOutScan, Claim::OutboundVerticalScan, Claim::OutboundToReportedRemote],
    guardduty: &[
        "UnauthorizedAccess:EC2/SSHBruteForce",
        "UnauthorizedAccess:EC2/RDPBruteForce",
        "Impact:EC2/WinRMBruteForce",
        "Recon:EC2/Portscan",
    ],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed(
        "connections from our address to the named destination and port, or to the login ports of many hosts",
        "当方のアドレスから、記載された宛先・ポート、または多数のホストのログイン用ポートへの接続",
    ),
    agrees: agree::by_port,
    look: contact::signs,
    scope: None,
    outward: true,
    when: When::ThatTime,
};
