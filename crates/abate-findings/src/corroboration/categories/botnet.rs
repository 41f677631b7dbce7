//! Infection and part in a botnet: contact with a master, by address or by name, at regular times.

use abate_model::{Claim, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::question::{Question, Sign};
use crate::corroboration::{contact, dns};

pub(super) static BOTNET: Corroboration = Corroboration {
    claims: &[
        Claim::PeriodicOutbound,
        Claim::OutboundRareRemote,
        Claim::OutboundFanOutScan,
        Claim::OutboundFlood,
        Claim::OutboundMining,
        Claim::MiningSoftware,
        Claim::DnsTunnel,
        Claim::OutboundToReportedRemote,
        Claim::ReverseShell,
        Claim::MiningSoftware,
    ],
    guardduty: &["Backdoor:EC2/C&CActivity", "Trojan:EC2/", "Backdoor:EC2/", "Execution:EC2/MaliciousFile", "CryptoCurrency:"],
    tables: &[Table::NetworkActivity, Table::DnsActivity],
    expects: Text::fixed(
        "contact of ours with the named host, a look-up of its name, or regular contact with one unusual host",
        "記載されたホストとの通信、その名前解決、または普段接続しない一つのホストとの規則的な通信",
    ),
    agrees: agree::by_port,
    look,
    scope: None,
    outward: true,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    contact::signs(question, window).into_iter().chain(dns::named(question, window)).collect()
}
