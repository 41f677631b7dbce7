//! What the traffic detections share: who contacted whom on a port, summed over the roll-up, and the rows to cite.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::flow_key;
use abate_model::rows::{Direction, NetworkActivity};
use abate_model::{Body, Cite, EntityKind, Filter, Finding, Row, Table};

use crate::Context;

/// Traffic of one of our addresses on one service port.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    /// remote addresses contacted
    pub(super) remotes: BTreeSet<IpAddr>,
    /// whether there were more than are remembered
    pub(super) saturated: bool,
    /// of these, in the busiest hour
    pub(super) busiest_hour: usize,
    /// records, packets and bytes outward
    pub(super) flows: u64,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    /// remote addresses that answered
    pub(super) answered: BTreeSet<IpAddr>,
    /// packets and bytes of the answers
    pub(super) back_packets: u64,
    pub(super) back_bytes: u64,
}

/// (our address, protocol, service port)
pub(super) type Service = (IpAddr, u8, u16);

/// What our addresses began towards others.
pub(super) fn begun_by_us(context: &Context<'_>) -> BTreeMap<Service, Talk> {
    let mut talks: BTreeMap<Service, Talk> = BTreeMap::new();
    let mut hours: BTreeMap<(Service, i64), BTreeSet<IpAddr>> = BTreeMap::new();
    context.evidence.flows(&mut |key, cell| {
        let service = (key.local, key.protocol, key.port);
        match (key.direction, key.reply) {
            (Direction::Egress, false) => {
                let talk = talks.entry(service).or_default();
                talk.flows = talk.flows.saturating_add(cell.flows);
                talk.packets = talk.packets.saturating_add(cell.packets);
                talk.bytes = talk.bytes.saturating_add(cell.bytes);
                talk.saturated |= cell.saturated;
                talk.remotes.extend(&cell.remotes);
                hours.entry((service, key.minute / 60)).or_default().extend(&cell.remotes);
            }
            (Direction::Ingress, true) => {
                let talk = talks.entry(service).or_default();
                talk.back_packets = talk.back_packets.saturating_add(cell.packets);
                talk.back_bytes = talk.back_bytes.saturating_add(cell.bytes);
                talk.answered.extend(&cell.remotes);
            }
            _ => {}
        }
    });
    for ((service, _), remotes) in hours {
        if let Some(talk) = talks.get_mut(&service) {
            talk.busiest_hour = talk.busiest_hour.max(remotes.len());
        }
    }
    talks.retain(|_, talk| talk.flows > 0);
    talks
}

/// Adds the rows of a service to a finding: the first ones, then the last; widens its times and counts.
pub(super) fn cite_service(context: &Context<'_>, finding: &mut Finding, service: Service, direction: Direction, reply: bool) {
    let mut last: Option<Cite> = None;
    finding.count = 0;
    context.evidence.each(&Filter::table(Table::NetworkActivity).naming(service.0), &mut |row| {
        let Some(net) = of_service(row, service, direction, reply) else { return };
        finding.count += 1;
        finding.seen(row.at);
        finding.seen(net.end);
        let cite = context.evidence.cite(row);
        if finding.evidence.len() < Finding::MAX_EVIDENCE - 1 { finding.also(cite) } else { last = Some(cite) }
    });
    if let Some(last) = last {
        finding.also(last);
    }
}

/// The flow of a row if it belongs to a service.
pub(super) fn of_service<'r>(row: &'r Row<'_>, service: Service, direction: Direction, reply: bool) -> Option<&'r NetworkActivity<'r>> {
    let Body::Net(net) = &row.body else { return None };
    let (key, _) = flow_key(row.at?, net)?;
    ((key.local, key.protocol, key.port) == service && key.direction == direction && key.reply == reply).then_some(net)
}

/// The first row of a service, to begin a finding with.
pub(super) fn first_cite(context: &Context<'_>, service: Service, direction: Direction, reply: bool) -> Option<Cite> {
    let mut first = None;
    context.evidence.rows(&Filter::table(Table::NetworkActivity).naming(service.0), &mut |row| {
        if of_service(row, service, direction, reply).is_some() {
            first = Some(context.evidence.cite(row));
            return std::ops::ControlFlow::Break(());
        }
        std::ops::ControlFlow::Continue(())
    });
    first
}

/// Names our side, the port and some of the remote ends.
pub(super) fn name_ends(finding: &mut Finding, service: Service, remotes: &BTreeSet<IpAddr>) {
    finding.names(EntityKind::LocalAddress, service.0.to_string());
    finding.names(EntityKind::Port, service.2.to_string());
    for remote in remotes.iter().take(20) {
        finding.names(EntityKind::RemoteAddress, remote.to_string());
    }
}

/// `TCP`, `UDP`, `ICMP`, or the number.
pub(super) fn protocol_name(protocol: u8) -> String {
    match protocol {
        6 => "TCP".to_owned(),
        17 => "UDP".to_owned(),
        1 => "ICMP".to_owned(),
        other => format!("protocol {other}"),
    }
}
