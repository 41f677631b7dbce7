//! The small read port that findings and causes see. They never see files, SQL or an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::ControlFlow;

use jiff::Timestamp;

use crate::rows::{Direction, FlowAction, NetworkActivity};
use crate::{Body, Cite, Coverage, Row, RuleInfo, Source, SourceNo, Table, TimeWindow};

/// Which rows of a table are wanted. Everything that is `None` does not restrict.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// the table
    pub table: Table,
    /// only rows whose time lies in the window; rows without a time are left out then
    pub window: Option<TimeWindow>,
    /// only rows that name this address on either side (flows: `src`/`dst`/`pkt_*`; sign-ins, requests and API calls: the source)
    pub address: Option<IpAddr>,
    /// only flow records to one of these ports; rows of other tables are left out then
    pub to_ports: Option<&'static [u16]>,
    /// columns (fields, and those in front of them) that the visitor looks at: others may be left empty; all if there are none
    pub columns: &'static [&'static str],
}

impl Filter {
    /// All rows of a table.
    #[must_use]
    pub const fn table(table: Table) -> Self {
        Self { table, window: None, address: None, to_ports: None, columns: &[] }
    }

    /// The same, within a window.
    #[must_use]
    pub fn within(mut self, window: TimeWindow) -> Self {
        self.window = Some(window);
        self
    }

    /// Whether a row is wanted.
    #[must_use]
    pub fn takes(&self, row: &Row<'_>) -> bool {
        let inside = self.window.is_none_or(|window| row.at.is_some_and(|at| window.contains(at)));
        let to_port = |ports: &[u16]| matches!(&row.body, Body::Net(net) if net.dst_port.is_some_and(|port| ports.contains(&port)));
        row.table() == self.table
            && inside
            && self.address.is_none_or(|address| row.body.names(address))
            && self.to_ports.is_none_or(to_port)
    }

    /// The same, of flow records to some ports.
    #[must_use]
    pub const fn to_ports(mut self, ports: &'static [u16]) -> Self {
        self.to_ports = Some(ports);
        self
    }

    /// The same, for a visitor that looks at a few columns only.
    #[must_use]
    pub const fn with(mut self, columns: &'static [&'static str]) -> Self {
        self.columns = columns;
        self
    }

    /// The same, naming an address.
    #[must_use]
    pub fn naming(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

/// Traffic counted per our address, direction, protocol and service port and minute.
///
/// The *service port* is the remote port for egress and our port for ingress, when that port is the lower of the two or
/// the other is ephemeral; a reply of our server to a client's ephemeral port is thus filed under our own port with
/// `reply` set, so that answering many clients is not taken for contacting many hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowKey {
    /// our side
    pub local: IpAddr,
    /// which way the packets went
    pub direction: Direction,
    /// IANA number
    pub protocol: u8,
    /// service port; 0 where the protocol has none
    pub port: u16,
    /// packets that answer a connection begun by the other side
    pub reply: bool,
    /// minute: Unix seconds divided by 60
    pub minute: i64,
}

/// Adds an address to some of which the `most` lowest stay; says whether one did not.
pub fn keep_lowest(kept: &mut BTreeSet<IpAddr>, most: usize, address: IpAddr) -> bool {
    if kept.len() >= most && kept.last().is_none_or(|last| address > *last) {
        return true;
    }
    let too_many = kept.insert(address) && kept.len() > most;
    if too_many {
        kept.pop_last();
    }
    too_many
}

/// Counters for one [`FlowKey`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowCell {
    /// records
    pub flows: u64,
    /// records that were rejected
    pub rejected: u64,
    /// packets
    pub packets: u64,
    /// bytes
    pub bytes: u64,
    /// distinct remote addresses, the lowest [`FlowCell::MAX_REMOTES`] of them
    pub remotes: BTreeSet<IpAddr>,
    /// whether there were more
    pub saturated: bool,
}

impl FlowCell {
    /// How many remote addresses a cell remembers.
    pub const MAX_REMOTES: usize = 1024;

    /// Notes a remote address. The lowest ones stay, so that it does not matter in which order they come, or in which parts.
    pub fn note(&mut self, remote: IpAddr) {
        self.saturated |= keep_lowest(&mut self.remotes, Self::MAX_REMOTES, remote);
    }

    /// Adds a record of a flow with a remote address.
    pub fn add(&mut self, net: &NetworkActivity<'_>, remote: IpAddr) {
        self.tally(net);
        self.note(remote);
    }

    /// Adds what a record of a flow counts, but not its remote address.
    pub fn tally(&mut self, net: &NetworkActivity<'_>) {
        self.flows = self.flows.saturating_add(1);
        self.rejected = self.rejected.saturating_add(u64::from(net.action == Some(FlowAction::Reject)));
        self.packets = self.packets.saturating_add(net.packets);
        self.bytes = self.bytes.saturating_add(net.bytes);
    }

    /// Adds what was counted elsewhere under the same key.
    pub fn merge(&mut self, other: Self) {
        self.flows = self.flows.saturating_add(other.flows);
        self.rejected = self.rejected.saturating_add(other.rejected);
        self.packets = self.packets.saturating_add(other.packets);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.saturated |= other.saturated;
        other.remotes.into_iter().for_each(|remote| self.note(remote));
    }
}

/// Who talked to how many, when; bounded, mergeable. A roll-up finds; only exact rows are cited.
pub type FlowRollup = BTreeMap<FlowKey, FlowCell>;

/// What Sigma found while the evidence was read.
#[derive(Clone, Debug)]
pub struct SigmaMatch {
    /// the rule
    pub rule: RuleInfo,
    /// when the record happened
    pub at: Option<Timestamp>,
    /// the record
    pub cite: Cite,
    /// who or what it names, as (kind, value)
    pub entities: Vec<crate::Entity>,
    /// fields by which correlation rules put matches of this rule together, as (field, value); none where no such rule asks
    pub values: Vec<(String, String)>,
    /// of a correlation rule: the records that it put together; `at` and `cite` are the first of them, `values` say whose they are
    pub together: Option<Together>,
}

/// The records that a correlation rule put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// when the last of them happened
    pub last: Option<Timestamp>,
    /// how many
    pub count: u64,
    /// the first of them, at most [`Finding::MAX_EVIDENCE`](crate::Finding::MAX_EVIDENCE)
    pub cites: Vec<Cite>,
}

/// A rule that matched a record, while that record is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleMatch {
    /// the rule
    pub rule: RuleInfo,
    /// who and what the record names
    pub entities: Vec<crate::Entity>,
    /// see [`SigmaMatch::values`]
    pub values: Vec<(String, String)>,
}

/// Read access to what the ingest left.
pub trait Evidence {
    /// All sources, in ingest order; `SourceNo` indexes it.
    fn sources(&self) -> &[Source];
    /// What is covered from when to when.
    fn coverage(&self) -> &[Coverage];
    /// Visits matching rows ordered by time (rows without time first), until the visitor breaks.
    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>);
    /// Visits the counters over `network_activity`, minute by minute; each key once.
    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell));
    /// Visits the matches of Sigma rules, by time.
    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch));
    /// Why what was visited may not be all there is: the store behind it failed in the middle. Whoever draws conclusions asks at the end.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// A citation of a row.
    fn cite(&self, row: &Row<'_>) -> Cite {
        Cite { source: self.path(row.source).to_owned(), locator: row.locator }
    }

    /// The path of a source.
    fn path(&self, source: SourceNo) -> &str {
        self.sources().get(source as usize).map_or("", |s| &s.path)
    }

    /// Visits every matching row.
    fn each(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>)) {
        self.rows(filter, &mut |row| {
            visit(row);
            ControlFlow::Continue(())
        });
    }

    /// Whether a table has any row.
    fn has(&self, table: Table) -> bool {
        self.coverage().iter().any(|c| c.table == table && c.records > 0)
    }
}
