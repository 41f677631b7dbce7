//! Contact of ours with the very destinations that the notice names.

use std::net::IpAddr;

use abate_model::flows::flow_key;
use abate_model::rows::{Direction, FlowAction};
use abate_model::{Body, Cite, Filter, ReportedActivity, Table, Text, TimeWindow};
use jiff::Timestamp;

use super::question::{Question, Sign, reaching};

/// A record of ours towards a named destination.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contact {
    pub(crate) at: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) local: IpAddr,
    pub(crate) remote: IpAddr,
    pub(crate) port: u16,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) cite: Cite,
}

/// Whether packets of a record went out to a destination, were let out, and were no answer to its own.
pub(crate) fn went_out(at: Timestamp, net: &abate_model::rows::NetworkActivity<'_>, remote: IpAddr) -> bool {
    let out = net.direction == Some(Direction::Egress) && net.dst.is_some_and(|dst| dst.to_canonical() == remote);
    out && net.action != Some(FlowAction::Reject) && !flow_key(at, net).is_some_and(|(key, _)| key.reply)
}

/// The records within a window that went to a named destination, on the named port and by the named protocol where these are named.
pub(crate) fn contacts(question: &Question<'_>, window: TimeWindow) -> Vec<Contact> {
    let mut found = Vec::new();
    let mut remotes = question.remotes();
    // Of a destination that is named with a port and again without, any port counts.
    let any_port: Vec<IpAddr> = remotes.iter().filter(|(_, port, _)| port.is_none()).map(|(remote, ..)| *remote).collect();
    remotes.dedup_by_key(|(remote, ..)| *remote);
    for (remote, ..) in remotes {
        let filter = Filter::table(Table::NetworkActivity).within(reaching(window)).naming(remote);
        question.context.evidence.each(&filter, &mut |row| {
            let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
            let end = net.end.unwrap_or(at).max(at);
            if !went_out(at, net, remote) || !TimeWindow::new(at, end).overlaps(&window) || found.len() >= 10_000 {
                return;
            }
            let Some(local) = net.src.filter(|local| !question.is_other(*local)) else { return };
            let port = net.dst_port.unwrap_or(0);
            if any_port.contains(&remote) || is_named(question.reported, remote, port, net.protocol) {
                let cite = question.context.evidence.cite(row);
                found.push(Contact { at, end, local, remote, port, packets: net.packets, bytes: net.bytes, cite });
            }
        });
    }
    found.sort_by_key(|contact| contact.at);
    found
}

/// Whether the notice names a destination with this port and protocol; a port or protocol that it does not name may be any.
fn is_named(reported: &ReportedActivity, remote: IpAddr, port: u16, protocol: Option<u8>) -> bool {
    reported.remote.iter().any(|named| {
        let address = named.address.as_deref().and_then(|a| a.parse::<IpAddr>().ok()).map(|a| a.to_canonical());
        let same = match named.protocol.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("tcp") => protocol.is_none_or(|p| p == 6),
            Some("udp") => protocol.is_none_or(|p| p == 17),
            Some("icmp") => protocol.is_none_or(|p| p == 1),
            _ => true,
        };
        address == Some(remote) && named.port.is_none_or(|p| p == port) && same
    })
}

/// What the contacts say.
pub(crate) fn sign(contacts: &[Contact]) -> Option<Sign> {
    let (first, rest) = contacts.split_first()?;
    let text = Text::new(
        format!("{} contacted {} port {}, which the notice names", first.local, first.remote, first.port),
        format!("{} が、通知に記載された {} のポート {} に接続した", first.local, first.remote, first.port),
    );
    let mut sign = Sign::new(text, Some(first.at), first.cite.clone());
    rest.iter().for_each(|contact| sign.add(Some(contact.at), contact.cite.clone()));
    sign.last = contacts.iter().map(|contact| contact.end).max();
    Some(sign)
}

/// The contacts within a window, as a sign.
pub(crate) fn signs(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    sign(&contacts(question, window)).into_iter().collect()
}
