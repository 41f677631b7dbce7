//! Hostile traffic that a benchmark of readers needs: a flood from more addresses than fit into memory, and a stranger and
//! our own server each trying every port of one host. Nothing of it belongs to the incident, and the truth does not change:
//! the flood and the stranger's sweep come before it, and our server's sweep hours after it goes to the company's own office.

use std::net::Ipv4Addr;

use crate::clock::{HOUR, Second};
use crate::flow::{self, Amount, End, TCP};
use crate::folder::Record;
use crate::rng::Rng;
use crate::world::World;

/// Length of the flood.
const FLOOD: Second = 5 * 60;
/// Length of a sweep.
const SWEEP: Second = 20 * 60;
/// The ports there are.
const PORTS: u64 = 65_535;
/// The flood comes from 240.0.0.0/4, which is set aside and belongs to nobody: 28 bits.
const SOURCES: u32 = (1 << 28) - 1;

/// How much of it there is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hostile {
    /// records of the flood
    pub(crate) flood: u32,
    /// whether there are sweeps
    pub(crate) sweep: bool,
}

impl Hostile {
    /// How many records it is.
    pub(crate) fn records(self) -> u64 {
        u64::from(self.flood) + if self.sweep { 2 * PORTS } else { 0 }
    }

    /// The records in the order of their times. `open` are the ports of the web server that anyone may reach.
    pub(crate) fn traffic<'w>(self, world: &'w World, seed: u64, open: &'w [u16]) -> impl Iterator<Item = Record> + 'w {
        let mut rng = Rng::stream(seed, "hostile/times");
        let mut begin = |after: Second| world.incident + after + rng.range(0, 20 * 60);
        let starts = (begin(-2 * HOUR), begin(-80 * 60), begin(6 * HOUR));
        let inward = self.sweep.then(|| inward(world, Rng::stream(seed, "hostile/inward"), starts.1, open));
        let outward = self.sweep.then(|| outward(world, Rng::stream(seed, "hostile/outward"), starts.2));
        let flood = flood(world, Rng::stream(seed, "hostile/flood"), self.flood, starts.0);
        flood.chain(inward.into_iter().flatten()).chain(outward.into_iter().flatten())
    }
}

/// Opening packets to the web server, every one from another address that nobody can have.
fn flood(world: &World, mut rng: Rng, count: u32, start: Second) -> impl Iterator<Item = Record> {
    let (server, sources) = (End::new(&world.web.private, 443), Sources::draw(&mut rng));
    (0..count).map(move |n| {
        let at = start + FLOOD * i64::from(n) / i64::from(count);
        let source = End::new(sources.address(n).to_string(), rng.range(1024, 65_535));
        flow::line(world, &world.web, &source, &server, one_packet(&mut rng, at, true))
    })
}

/// A stranger tries every port of the web server.
fn inward(world: &World, mut rng: Rng, start: Second, open: &[u16]) -> impl Iterator<Item = Record> {
    let stranger = End::new(rng.stranger().to_string(), flow::client_port(&mut rng));
    every_port(&mut rng, start).map(move |(at, port)| {
        let server = End::new(&world.web.private, i64::from(port));
        flow::line(world, &world.web, &stranger, &server, one_packet(&mut rng, at, open.contains(&port)))
    })
}

/// The web server tries every port of the office.
fn outward(world: &World, mut rng: Rng, start: Second) -> impl Iterator<Item = Record> {
    let server = End::new(&world.web.private, flow::client_port(&mut rng));
    every_port(&mut rng, start).map(move |(at, port)| {
        let office = End::new(&world.office, i64::from(port));
        flow::line(world, &world.web, &server, &office, one_packet(&mut rng, at, true))
    })
}

fn one_packet(rng: &mut Rng, at: Second, accepted: bool) -> Amount {
    Amount { protocol: TCP, packets: 1, bytes: rng.pick(&[40_i64, 44, 60]), span: (at, at), accepted }
}

/// Every port once, in no obvious order, with its time.
fn every_port(rng: &mut Rng, start: Second) -> impl Iterator<Item = (Second, u16)> + use<> {
    // A prime that does not divide the number of ports, so that no port comes twice.
    let (step, first) = (48_271_u64, rng.next() % PORTS);
    (0..PORTS).map(move |n| {
        let port = (first + n * step) % PORTS + 1;
        (start + SWEEP * i64::try_from(n).unwrap_or(0) / i64::try_from(PORTS).unwrap_or(1), u16::try_from(port).unwrap_or(u16::MAX))
    })
}

/// The addresses of 240.0.0.0/4 in an order that looks random, none twice: each step of [`Sources::mixed`] can be undone.
#[derive(Clone, Copy, Debug)]
struct Sources {
    factors: (u32, u32),
    shift: u32,
}

impl Sources {
    fn draw(rng: &mut Rng) -> Self {
        let mut bits = || u32::try_from(rng.next() & u64::from(SOURCES)).unwrap_or(1);
        Self { factors: (bits() | 1, bits() | 1), shift: bits() }
    }

    /// The n-th address; `n` is less than [`SOURCES`].
    fn address(self, n: u32) -> Ipv4Addr {
        let mixed = self.mixed(n);
        // 255.255.255.255 means everybody; what the last number gives is free, since nobody counts so far.
        Ipv4Addr::from_bits(0xf000_0000 | if mixed == SOURCES { self.mixed(SOURCES) } else { mixed })
    }

    fn mixed(self, n: u32) -> u32 {
        let mut x = n.wrapping_mul(self.factors.0).wrapping_add(self.shift) & SOURCES;
        x ^= x >> 14;
        x = x.wrapping_mul(self.factors.1) & SOURCES;
        x ^ x >> 13
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_source_comes_twice_and_they_are_spread() {
        let sources = Sources::draw(&mut Rng::stream(4, "sources"));
        let drawn: BTreeSet<Ipv4Addr> = (0..200_000).chain(SOURCES - 1000..SOURCES).map(|n| sources.address(n)).collect();
        assert_eq!(drawn.len(), 201_000);
        assert!(drawn.iter().all(|address| address.octets()[0] >= 240 && !address.is_broadcast()));
        let nets: BTreeSet<[u8; 2]> = (0..10_000).map(|n| sources.address(n).octets()).map(|[a, b, ..]| [a, b]).collect();
        assert!(nets.len() > 2500, "{}", nets.len());
    }

    #[test]
    fn every_port_comes_once() {
        let swept: Vec<(Second, u16)> = every_port(&mut Rng::stream(4, "ports"), 100).collect();
        assert_eq!(swept.iter().map(|(_, port)| *port).collect::<BTreeSet<u16>>(), (1..=u16::MAX).collect());
        assert_eq!(swept.len(), usize::from(u16::MAX));
        assert!(swept.is_sorted_by_key(|(at, _)| *at) && swept.iter().all(|(at, _)| (100..100 + SWEEP).contains(at)));
    }

    #[test]
    fn comes_in_the_order_of_time_and_within_the_hours_of_the_flow_logs() {
        for seed in 0..20 {
            let world = World::new(seed, "hostile");
            let times: Vec<Second> =
                Hostile { flood: 500, sweep: true }.traffic(&world, seed, &[443]).map(|record| record.at - world.incident).collect();
            assert_eq!(times.len() as u64, Hostile { flood: 500, sweep: true }.records());
            assert!(times.is_sorted());
            let (first, last) = (times[0], times[times.len() - 1]);
            assert!(first >= -3 * HOUR && last < 8 * HOUR, "{first} {last}");
            assert!(times.iter().all(|at| !(-20 * 60..5 * HOUR).contains(at)));
        }
    }
}
