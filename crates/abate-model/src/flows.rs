//! Flow records: which side is ours, which port is the service's, and the counters per minute.
//!
//! Everything here merges, so that parts of the evidence can be looked at one by one and in any place.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::port::{FlowKey, FlowRollup};
use crate::rows::{Direction, NetworkActivity};
use crate::{Body, Row};

/// Whether an address is private, loopback, link-local or shared (RFC 1918, 4193, 6598).
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || (v6.segments()[0] & 0xfe00) == 0xfc00 || (v6.segments()[0] & 0xffc0) == 0xfe80
        }
    }
}

/// How often each address stands in the records of an interface, as far as it takes to tell the most frequent: at most
/// [`Frequent::MOST`] counters (Misra and Gries, "Finding repeated elements", 1982). An address that stands in every record is never dropped,
/// and what is taken from its count is taken from every other's as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Frequent(Vec<(IpAddr, u64)>);

impl Frequent {
    const MOST: usize = 16;

    fn add(&mut self, address: IpAddr, count: u64) {
        if let Some((_, counted)) = self.0.iter_mut().find(|(known, _)| *known == address) {
            *counted = counted.saturating_add(count);
            return;
        }
        self.0.push((address, count));
        if self.0.len() > Self::MOST {
            let least = self.0.iter().map(|(_, count)| *count).min().unwrap_or_default();
            self.0.retain_mut(|(_, count)| {
                *count -= least;
                *count > 0
            });
        }
    }

    /// The most frequent one.
    fn best(&self) -> Option<IpAddr> {
        let best = self.0.iter().max_by_key(|(address, count)| (*count, is_private(*address), std::cmp::Reverse(*address)))?;
        Some(best.0)
    }
}

/// Counts, over flow records that do not say their direction (version 2), which address of each interface is its own.
///
/// An interface's own address stands in every one of its records, so the most frequent one is taken; ties go to private addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Interfaces(BTreeMap<String, Frequent>);

impl Interfaces {
    /// Notes a record.
    pub fn see(&mut self, net: &NetworkActivity<'_>) {
        if net.direction.is_some() || (net.src.is_none() && net.dst.is_none()) {
            return;
        }
        let name = interface(net);
        let count = |counts: &mut Frequent| [net.src, net.dst].into_iter().flatten().for_each(|address| counts.add(address, 1));
        match self.0.get_mut(name) {
            Some(counts) => count(counts),
            None => count(self.0.entry(name.to_owned()).or_default()),
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (name, counts) in &other.0 {
            let mine = self.0.entry(name.clone()).or_default();
            counts.0.iter().for_each(|(address, count)| mine.add(*address, *count));
        }
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The own address of each interface.
    #[must_use]
    pub fn own(&self) -> OwnAddresses {
        OwnAddresses(self.0.iter().filter_map(|(name, counts)| Some((name.clone(), counts.best()?))).collect())
    }

    /// The own address of one interface.
    #[must_use]
    pub fn own_of(&self, interface: &str) -> Option<IpAddr> {
        self.0.get(interface)?.best()
    }
}

/// The name under which an interface is known; empty where a record names none.
pub fn interface<'n>(net: &'n NetworkActivity<'_>) -> &'n str {
    net.interface_id.as_deref().unwrap_or_default()
}

/// The own address of each interface, by the interface's id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnAddresses(BTreeMap<String, IpAddr>);

impl OwnAddresses {
    /// Each interface with its address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        self.0.iter().map(|(interface, address)| (interface.as_str(), *address))
    }

    /// The own address of an interface.
    #[must_use]
    pub fn of(&self, interface: &str) -> Option<IpAddr> {
        self.0.get(interface).copied()
    }

    /// The direction of a record, as it says or as the addresses tell.
    #[must_use]
    pub fn direction(&self, net: &NetworkActivity<'_>) -> Option<Direction> {
        if net.direction.is_some() { net.direction } else { direction(net, self.of(interface(net))) }
    }
}

/// The direction that the addresses of a record tell, where `mine` is its interface's own.
#[must_use]
pub fn direction(net: &NetworkActivity<'_>, mine: Option<IpAddr>) -> Option<Direction> {
    let (src, dst) = (net.src?, net.dst?);
    match (mine == Some(src), mine == Some(dst), is_private(src), is_private(dst)) {
        (true, false, ..) => Some(Direction::Egress),
        (false, true, ..) => Some(Direction::Ingress),
        (false, false, true, false) => Some(Direction::Egress),
        (false, false, false, true) => Some(Direction::Ingress),
        _ => None,
    }
}

/// Which port of a flow is the service's: by TCP flags where the record has them (a SYN-ACK comes from the server),
/// else the well-known one, else the one below the ephemeral range, else the lower.
fn source_is_server(net: &NetworkActivity<'_>) -> bool {
    let (src, dst) = (net.src_port.unwrap_or(0), net.dst_port.unwrap_or(0));
    if let Some(flags) = net.tcp_flags.filter(|f| f & 0x02 != 0) {
        return flags & 0x10 != 0;
    }
    match (src < 1024, dst < 1024, src < 32768, dst < 32768) {
        (true, false, ..) => true,
        (false, true, ..) => false,
        (_, _, true, false) => true,
        (_, _, false, true) => false,
        _ => src < dst,
    }
}

/// The key and remote address under which a flow record is counted; its direction must be known.
#[must_use]
pub fn flow_key(at: Timestamp, net: &NetworkActivity<'_>) -> Option<(FlowKey, IpAddr)> {
    let (local, local_port, remote, remote_port) = net.sides()?;
    let direction = net.direction?;
    let server_is_local = source_is_server(net) == (direction == Direction::Egress);
    let port = if server_is_local { local_port } else { remote_port };
    let key = FlowKey {
        local,
        direction,
        protocol: net.protocol.unwrap_or(0),
        port: port.unwrap_or(0),
        reply: server_is_local == (direction == Direction::Egress),
        minute: at.as_second().div_euclid(60),
    };
    Some((key, remote))
}

/// Counts a row, if it is a flow record with a time and a direction.
pub fn count(rollup: &mut FlowRollup, row: &Row<'_>) {
    let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
    let Some((key, remote)) = flow_key(at, net) else { return };
    rollup.entry(key).or_default().add(net, remote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(src: &str, dst: &str) -> NetworkActivity<'static> {
        NetworkActivity { interface_id: Some("eni-1".into()), src: src.parse().ok(), dst: dst.parse().ok(), ..NetworkActivity::default() }
    }

    #[test]
    fn the_own_address_stands_out_of_a_flood_of_others_and_counts_merge() {
        let flows: Vec<_> = (0..20_000_u32)
            .map(|n| {
                let remote = format!("198.{}.{}.{}", 18 + n % 2, n / 256 % 256, n % 256);
                if n % 3 == 0 { flow("203.0.113.5", &remote) } else { flow(&remote, "203.0.113.5") }
            })
            .collect();
        let mut whole = Interfaces::default();
        flows.iter().for_each(|net| whole.see(net));
        let mut parts = Interfaces::default();
        for chunk in flows.chunks(700) {
            let mut part = Interfaces::default();
            chunk.iter().for_each(|net| part.see(net));
            parts.merge(&part);
        }
        for counted in [whole, parts] {
            assert!(counted.0.values().all(|f| f.0.len() <= Frequent::MOST));
            assert_eq!(counted.own().iter().collect::<Vec<_>>(), [("eni-1", "203.0.113.5".parse().unwrap())]);
            assert_eq!(counted.own().direction(&flow("203.0.113.5", "198.18.0.1")), Some(Direction::Egress));
            assert_eq!(counted.own().direction(&flow("198.18.0.1", "203.0.113.5")), Some(Direction::Ingress));
        }
    }
}
