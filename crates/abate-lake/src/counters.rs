//! Flow records counted per minute while a shard is read. What is counted goes to the disk when it is much; the same counter may then stand there
//! several times, and whoever reads adds them up.
//!
//! Which side of a version 2 record is ours is known only when all records of its interface are: what was taken for an interface's own
//! address is noted, and where the whole evidence says otherwise these counters do not count.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use abate_model::flows::{self, Interfaces};
use abate_model::port::{FlowCell, FlowKey};
use abate_model::rows::record::Record;
use abate_model::rows::{Direction, FlowAction, FlowMinute, NetworkActivity};
use hashbrown::HashMap;
use jiff::Timestamp;

use crate::columns::text_of;
use crate::manifest::PartRecord;
use crate::write::PartWriter;

/// The table of counters.
pub(crate) const FLOWS: &str = "flow_minutes";
/// Records that wait for their interface's address, at the most.
const WAITING: usize = 8 << 10;

/// The addresses that were taken for the interfaces' own.
pub(crate) type Taken = BTreeMap<String, Option<IpAddr>>;

/// A counter that is open: remote addresses stand beside it, and are told apart only now and then.
#[derive(Default)]
struct Open {
    cell: FlowCell,
    /// IPv4 addresses
    four: Lowest<u32>,
    /// IPv6 addresses
    six: Lowest<u128>,
}

impl Open {
    fn add(&mut self, net: &NetworkActivity<'_>, remote: IpAddr) {
        self.cell.tally(net);
        match remote {
            IpAddr::V4(remote) => self.four.note(remote.to_bits()),
            IpAddr::V6(remote) => self.six.note(remote.to_bits()),
        }
    }

    /// How many addresses are held.
    fn held(&self) -> usize {
        self.four.seen.len() + self.six.seen.len()
    }

    /// The lowest addresses, each once, as a [`FlowCell`] has them, and whether there are more.
    fn remotes(&mut self) -> (Vec<IpAddr>, bool) {
        self.four.settle();
        self.six.settle();
        let four = self.four.seen.iter().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(*bits)));
        let six = self.six.seen.iter().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(*bits)));
        let more = self.four.more || self.six.more || self.held() > FlowCell::MAX_REMOTES;
        (four.chain(six).take(FlowCell::MAX_REMOTES).collect(), more)
    }
}

/// The lowest of many values. They are told apart only now and then.
#[derive(Default)]
struct Lowest<T> {
    seen: Vec<T>,
    /// so many of them are in order, each once
    sorted: usize,
    /// whether there were more than are kept
    more: bool,
}

impl<T: Ord + Copy> Lowest<T> {
    fn note(&mut self, value: T) {
        if self.seen.last() != Some(&value) {
            self.seen.push(value);
            if self.seen.len() >= 2 * self.sorted + 16 {
                self.settle();
            }
        }
    }

    fn settle(&mut self) {
        self.seen.sort_unstable();
        self.seen.dedup();
        self.more |= self.seen.len() > FlowCell::MAX_REMOTES;
        self.seen.truncate(FlowCell::MAX_REMOTES);
        self.sorted = self.seen.len();
    }
}

/// Counters on their way to the disk.
pub(crate) struct Counters {
    open: HashMap<FlowKey, Open>,
    /// counters and addresses that are open
    held: usize,
    /// how many may be
    most: usize,
    file: PathBuf,
    writer: Option<PartWriter>,
}

impl Counters {
    /// None yet; those that are written go into a folder, which is made if it is not there.
    pub fn new(folder: &Path, most: usize) -> Self {
        Self { open: HashMap::new(), held: 0, most, file: folder.to_owned(), writer: None }
    }

    /// Counts a record whose direction is known.
    pub fn count(&mut self, at: Timestamp, net: &NetworkActivity<'_>) -> io::Result<()> {
        let Some((key, remote)) = flows::flow_key(at, net) else { return Ok(()) };
        let cell = self.open.entry(key).or_default();
        let before = cell.held();
        cell.add(net, remote);
        // Each counter has at least one address.
        self.held = (self.held + cell.held()).saturating_sub(before);
        if self.held > self.most { self.spill() } else { Ok(()) }
    }

    /// Writes what is open.
    fn spill(&mut self) -> io::Result<()> {
        let mut cells: Vec<(FlowKey, Open)> = self.open.drain().collect();
        self.held = 0;
        cells.sort_unstable_by_key(|(key, _)| (key.minute, *key));
        if self.writer.is_none() {
            std::fs::create_dir_all(&self.file)?;
        }
        let writer = self.writer.get_or_insert_with(|| PartWriter::new(FLOWS, FlowMinute::FIELDS, &self.file));
        for (key, mut cell) in cells {
            let minute = minute(&key, &mut cell);
            writer.push_bare(Timestamp::from_second(key.minute.saturating_mul(60)).ok(), |columns| minute.put(columns));
            if writer.is_full() {
                writer.flush()?;
            }
        }
        writer.flush().map(drop)
    }

    /// Writes the rest; `None` when there was nothing to count.
    pub fn finish(mut self) -> io::Result<Option<PartRecord>> {
        if !self.open.is_empty() {
            self.spill()?;
        }
        self.writer.map_or(Ok(None), PartWriter::finish)
    }
}

/// Counts the flow records of a shard.
pub(crate) struct ShardFlows {
    counters: Counters,
    waiting: Vec<Waiting>,
    /// interfaces, and the numbers that records wait under
    names: HashMap<String, usize>,
    taken: Taken,
    /// whether every interface kept the address that it was taken to have
    sure: bool,
}

/// A record without a direction.
struct Waiting {
    at: Timestamp,
    interface: usize,
    src: IpAddr,
    dst: IpAddr,
    ports: (Option<u16>, Option<u16>),
    protocol: Option<u8>,
    tcp_flags: Option<u16>,
    rejected: bool,
    packets: u64,
    bytes: u64,
}

impl Waiting {
    /// What is counted of the record.
    fn net(&self) -> NetworkActivity<'static> {
        NetworkActivity {
            src: Some(self.src),
            dst: Some(self.dst),
            src_port: self.ports.0,
            dst_port: self.ports.1,
            protocol: self.protocol,
            packets: self.packets,
            bytes: self.bytes,
            action: self.rejected.then_some(FlowAction::Reject),
            tcp_flags: self.tcp_flags,
            ..NetworkActivity::default()
        }
    }
}

impl ShardFlows {
    /// None yet.
    pub fn new(folder: &Path, most: usize) -> Self {
        let counters = Counters::new(folder, most);
        Self { counters, waiting: Vec::new(), names: HashMap::new(), taken: Taken::new(), sure: true }
    }

    /// Counts a record, at once or when its interface's address is known.
    pub fn see(&mut self, at: Option<Timestamp>, net: &NetworkActivity<'_>, interfaces: &Interfaces) -> io::Result<()> {
        let (Some(at), Some(src), Some(dst), true) = (at, net.src, net.dst, self.sure) else { return Ok(()) };
        if net.direction.is_some() {
            return self.counters.count(at, net);
        }
        let next = self.names.len();
        let interface = *self.names.entry_ref(flows::interface(net)).or_insert(next);
        self.waiting.push(Waiting {
            at,
            interface,
            src,
            dst,
            ports: (net.src_port, net.dst_port),
            protocol: net.protocol,
            tcp_flags: net.tcp_flags,
            rejected: net.action == Some(FlowAction::Reject),
            packets: net.packets,
            bytes: net.bytes,
        });
        if self.waiting.len() < WAITING { Ok(()) } else { self.settle(interfaces) }
    }

    fn settle(&mut self, interfaces: &Interfaces) -> io::Result<()> {
        let mut own = vec![None; self.names.len()];
        for (name, number) in self.names.drain() {
            let mine = interfaces.own_of(&name);
            self.sure &= *self.taken.entry(name).or_insert(mine) == mine;
            if let Some(slot) = own.get_mut(number) {
                *slot = mine;
            }
        }
        for waiting in self.waiting.drain(..).filter(|_| self.sure) {
            let mut net = waiting.net();
            net.direction = flows::direction(&net, own.get(waiting.interface).copied().flatten());
            self.counters.count(waiting.at, &net)?;
        }
        Ok(())
    }

    /// The counters, and the addresses that they rest on; `None` when they rest on none for sure.
    pub fn finish(mut self, interfaces: &Interfaces) -> io::Result<Option<(Option<PartRecord>, Taken)>> {
        self.settle(interfaces)?;
        if !self.sure {
            return Ok(None);
        }
        Ok(Some((self.counters.finish()?, self.taken)))
    }
}

fn minute(key: &FlowKey, open: &mut Open) -> FlowMinute<'static> {
    let (remotes, saturated) = open.remotes();
    let cell = &open.cell;
    FlowMinute {
        local: Some(key.local),
        direction: Some(key.direction),
        protocol: Some(key.protocol),
        port: Some(key.port),
        reply: key.reply,
        flows: cell.flows,
        rejected: cell.rejected,
        packets: cell.packets,
        bytes: cell.bytes,
        remotes: remotes.into_iter().map(|address| text_of(address).into()).collect(),
        saturated,
    }
}

/// A counter as it was written.
pub(crate) fn counter(at: Option<Timestamp>, minute: &FlowMinute<'_>) -> Option<(FlowKey, FlowCell)> {
    let key = FlowKey {
        local: minute.local?,
        direction: minute.direction.unwrap_or(Direction::Ingress),
        protocol: minute.protocol?,
        port: minute.port?,
        reply: minute.reply,
        minute: at?.as_second().div_euclid(60),
    };
    let cell = FlowCell {
        flows: minute.flows,
        rejected: minute.rejected,
        packets: minute.packets,
        bytes: minute.bytes,
        remotes: minute.remotes.iter().filter_map(|address| address.parse().ok()).collect(),
        saturated: minute.saturated,
    };
    Some((key, cell))
}
