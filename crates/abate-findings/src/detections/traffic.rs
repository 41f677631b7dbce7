//! What the traffic detections share: who contacted whom on a port, summed over the roll-up, and the rows to cite.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::flow_key;
use abate_model::port::{FlowCell, keep_lowest};
use abate_model::rows::{Direction, NetworkActivity};
use abate_model::{Body, Cite, EntityKind, Filter, Finding, Row, Table};

use crate::Context;

/// Distinct addresses, the lowest of them if they are many: neither a sweep nor a flood fills the memory, and which are kept depends
/// neither on their order nor on the parts they come in.
#[derive(Clone, Debug, Default)]
pub(super) struct Remotes {
    kept: BTreeSet<IpAddr>,
    /// what is known for sure of addresses up to this one only; `None` when it is of all
    known_to: Option<IpAddr>,
}

impl Remotes {
    /// How many are kept.
    const MOST: usize = 16 << 10;

    /// Adds the addresses of a counter, or those among them that are wanted.
    pub(super) fn add(&mut self, cell: &FlowCell, wanted: impl Fn(IpAddr) -> bool) {
        for remote in cell.remotes.iter().copied().filter(|remote| wanted(*remote)) {
            if keep_lowest(&mut self.kept, Self::MOST, remote) {
                self.know_only(self.kept.last().copied());
            }
        }
        if cell.saturated {
            self.know_only(cell.remotes.last().copied());
        }
    }

    fn know_only(&mut self, to: Option<IpAddr>) {
        self.known_to = [self.known_to, to].into_iter().flatten().min();
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Those that are kept, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.kept.iter().copied()
    }

    /// Whether an address is known to be none of them.
    pub(super) fn lacks(&self, address: IpAddr) -> bool {
        !self.kept.contains(&address) && !self.is_open(address)
    }

    /// Whether an address could have been one of them without being kept.
    fn is_open(&self, address: IpAddr) -> bool {
        self.known_to.is_some_and(|last| address > last)
    }

    /// Their number as people read it: `16384+` when there were more.
    pub(super) fn count(&self) -> String {
        counted(self.len(), self.known_to.is_some())
    }
}

fn counted(number: usize, more: bool) -> String {
    format!("{number}{}", if more { "+" } else { "" })
}

/// Traffic of one of our addresses on one service port.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    /// remote addresses contacted
    pub(super) remotes: Remotes,
    /// of these, in the busiest hour, and whether there were more
    busiest: (usize, bool),
    /// records, packets and bytes outward
    pub(super) flows: u64,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    /// remote addresses that answered
    pub(super) answered: Remotes,
    /// packets and bytes of the answers
    pub(super) back_packets: u64,
    pub(super) back_bytes: u64,
}

impl Talk {
    /// How many were contacted in the busiest hour, at least.
    pub(super) fn busiest_hour(&self) -> usize {
        self.busiest.0
    }

    /// The same as people read it.
    pub(super) fn busiest_count(&self) -> String {
        counted(self.busiest.0, self.busiest.1)
    }

    /// How many of those that were contacted did not answer, and of how many that is known.
    pub(super) fn unanswered(&self) -> (usize, usize) {
        let known = || self.remotes.iter().filter(|remote| !self.answered.is_open(*remote));
        (known().filter(|remote| self.answered.lacks(*remote)).count(), known().count())
    }
}

/// (our address, protocol, service port)
pub(super) type Service = (IpAddr, u8, u16);

/// What our addresses began towards others.
pub(super) fn begun_by_us(context: &Context<'_>) -> BTreeMap<Service, Talk> {
    let mut talks: BTreeMap<Service, Talk> = BTreeMap::new();
    let (mut hour, mut contacted): (i64, BTreeMap<Service, Remotes>) = (i64::MIN, BTreeMap::new());
    context.evidence.flows(&mut |key, cell| {
        let service = (key.local, key.protocol, key.port);
        match (key.direction, key.reply) {
            (Direction::Egress, false) => {
                // Counters come minute by minute, so that one hour at a time is enough.
                if key.minute.div_euclid(60) != hour {
                    close(&mut talks, std::mem::take(&mut contacted));
                    hour = key.minute.div_euclid(60);
                }
                let talk = talks.entry(service).or_default();
                talk.flows = talk.flows.saturating_add(cell.flows);
                talk.packets = talk.packets.saturating_add(cell.packets);
                talk.bytes = talk.bytes.saturating_add(cell.bytes);
                talk.remotes.add(cell, |_| true);
                contacted.entry(service).or_default().add(cell, |_| true);
            }
            (Direction::Ingress, true) => {
                let talk = talks.entry(service).or_default();
                talk.back_packets = talk.back_packets.saturating_add(cell.packets);
                talk.back_bytes = talk.back_bytes.saturating_add(cell.bytes);
                talk.answered.add(cell, |_| true);
            }
            _ => {}
        }
    });
    close(&mut talks, contacted);
    talks.retain(|_, talk| talk.flows > 0);
    talks
}

/// Ends an hour.
fn close(talks: &mut BTreeMap<Service, Talk>, contacted: BTreeMap<Service, Remotes>) {
    for (service, remotes) in contacted {
        if let Some(talk) = talks.get_mut(&service) {
            talk.busiest = talk.busiest.max((remotes.len(), remotes.known_to.is_some()));
        }
    }
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
pub(super) fn name_ends(finding: &mut Finding, service: Service, remotes: impl Iterator<Item = IpAddr>) {
    finding.names(EntityKind::LocalAddress, service.0.to_string());
    finding.names(EntityKind::Port, service.2.to_string());
    for remote in remotes.take(20) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(remotes: impl Iterator<Item = u32>) -> FlowCell {
        let mut cell = FlowCell::default();
        remotes.for_each(|n| cell.note(IpAddr::from(std::net::Ipv4Addr::from_bits(n))));
        cell
    }

    #[test]
    fn many_remotes_are_bounded_whatever_order_they_come_in() {
        let base = u32::from_be_bytes([10, 0, 0, 0]);
        let cells: Vec<FlowCell> = (0..64).map(|n| cell((0..900).map(move |m| base + m * 64 + n))).collect();
        let of = |cells: &mut dyn Iterator<Item = &FlowCell>| {
            let mut remotes = Remotes::default();
            cells.for_each(|cell| remotes.add(cell, |_| true));
            remotes
        };
        let (there, back) = (of(&mut cells.iter()), of(&mut cells.iter().rev()));
        assert_eq!((there.len(), there.count().as_str()), (Remotes::MOST, "16384+"));
        assert_eq!((&there.kept, there.known_to), (&back.kept, back.known_to));
        let at = |n: usize| IpAddr::from(std::net::Ipv4Addr::from_bits(base + u32::try_from(n).unwrap()));
        assert_eq!(there.known_to, Some(at(Remotes::MOST - 1)));
        assert!(!there.lacks(at(5)) && !there.lacks(at(50_000)) && there.lacks("9.0.0.1".parse().unwrap()));
    }

    #[test]
    fn of_a_counter_that_forgot_some_only_the_lower_ones_are_known() {
        let mut talk = Talk::default();
        talk.remotes.add(&cell(0..900), |_| true);
        // Of two thousand that answered, the counter of one minute knows half.
        talk.answered.add(&cell(100..2100), |_| true);
        assert_eq!(talk.unanswered(), (100, 900));
        talk.remotes.add(&cell(1500..1600), |_| true);
        assert_eq!(talk.unanswered(), (100, 900), "whether these answered is not known");
    }
}
