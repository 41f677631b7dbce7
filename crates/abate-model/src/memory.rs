//! Rows held in memory behind the read port: what the lake fills, and what tests build by hand.
//!
//! Here live the three things that need all rows at once: which side of a flow is ours, the flow roll-up, and coverage.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};

use crate::port::{FlowCell, FlowKey, FlowRollup};
use crate::rows::{Direction, FlowStatus, NetworkActivity};
use crate::{Body, Coverage, Evidence, Filter, Gap, Row, Scope, SigmaMatch, Source, Table, TimeWindow};

/// Aggregation intervals of VPC Flow Logs in seconds: one minute or ten.
/// Source: VPC User Guide, "Flow log records", maximum aggregation interval.
const FLOW_INTERVALS: (i64, i64) = (60, 600);

/// Rows in memory.
#[derive(Debug, Default)]
pub struct Memory {
    sources: Vec<Source>,
    rows: Vec<Row<'static>>,
    coverage: Vec<Coverage>,
    flows: FlowRollup,
    sigma: Vec<SigmaMatch>,
}

/// What a reader declares about a format, as far as coverage needs it.
#[derive(Clone, Debug, Default)]
pub struct FormatFacts {
    /// whether it writes at known intervals
    pub continuous: bool,
    /// what it never contains
    pub never_contains: Vec<crate::Text>,
}

impl Memory {
    /// Takes rows and sources, infers directions, sorts, and builds roll-up and coverage. `facts` tells what the formats
    /// (`Source::format`) declare.
    #[must_use]
    pub fn new(sources: Vec<Source>, mut rows: Vec<Row<'static>>, mut sigma: Vec<SigmaMatch>, facts: &dyn Fn(&str) -> FormatFacts) -> Self {
        infer_directions(&mut rows);
        rows.sort_by_key(|row| (row.at, row.source, row.locator));
        sigma.sort_by(|a, b| (a.at, &a.rule.id, &a.cite).cmp(&(b.at, &b.rule.id, &b.cite)));
        let flows = roll_up(&rows);
        let coverage = cover(&sources, &rows, facts);
        Self { sources, rows, coverage, flows, sigma }
    }

    /// For tests: rows of one made-up source per format, flow logs counted as continuous.
    #[must_use]
    pub fn of_rows(rows: Vec<Row<'static>>) -> Self {
        let source = |format: &str, path: &str| Source {
            path: path.to_owned(),
            containers: Vec::new(),
            sha256: crate::ids::sha256_hex(path.as_bytes()),
            bytes: 0,
            format: Some(format.to_owned()),
            recognised_by: "test".to_owned(),
            records: rows.len() as u64,
            duplicates: 0,
            losses: Vec::new(),
        };
        let sources = vec![source("test", "test.log")];
        Self::new(sources, rows, Vec::new(), &|_| FormatFacts { continuous: true, never_contains: Vec::new() })
    }

    /// All rows, ordered by time.
    #[must_use]
    pub fn all(&self) -> &[Row<'static>] {
        &self.rows
    }
}

impl Evidence for Memory {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn coverage(&self) -> &[Coverage] {
        &self.coverage
    }

    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) {
        let start = filter.window.map_or(0, |w| self.rows.partition_point(|row| row.at < Some(w.from)));
        for row in &self.rows[start..] {
            if let Some(window) = filter.window {
                match row.at {
                    Some(at) if at > window.to => return,
                    Some(at) if at < window.from => continue,
                    None => continue,
                    Some(_) => {}
                }
            }
            if filter.table.is_some_and(|table| table != row.table()) || filter.address.is_some_and(|a| !row.body.names(a)) {
                continue;
            }
            if visit(row).is_break() {
                return;
            }
        }
    }

    fn flows(&self) -> &FlowRollup {
        &self.flows
    }

    fn sigma(&self) -> &[SigmaMatch] {
        &self.sigma
    }
}

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

/// Flow records without `flow-direction` (version 2) do not say which side is ours. An interface's own address stands in
/// every one of its records, so the most frequent address per interface is taken; ties go to private addresses.
fn infer_directions(rows: &mut [Row<'static>]) {
    let mut seen: HashMap<String, HashMap<IpAddr, u64>> = HashMap::new();
    for net in rows.iter().filter_map(|row| if let Body::Net(net) = &row.body { Some(net) } else { None }) {
        let counts = seen.entry(interface_of(net)).or_default();
        for address in [net.src, net.dst].into_iter().flatten() {
            *counts.entry(address).or_default() += 1;
        }
    }
    let own: HashMap<String, IpAddr> = seen
        .into_iter()
        .filter_map(|(interface, counts)| {
            let best = counts.into_iter().max_by_key(|(address, count)| (*count, is_private(*address), std::cmp::Reverse(*address)))?;
            Some((interface, best.0))
        })
        .collect();
    for row in rows {
        let Body::Net(net) = &mut row.body else { continue };
        if net.direction.is_some() {
            continue;
        }
        let (Some(src), Some(dst)) = (net.src, net.dst) else { continue };
        let mine = own.get(&interface_of(net)).copied();
        net.direction = match (mine == Some(src), mine == Some(dst), is_private(src), is_private(dst)) {
            (true, false, ..) => Some(Direction::Egress),
            (false, true, ..) => Some(Direction::Ingress),
            (false, false, true, false) => Some(Direction::Egress),
            (false, false, false, true) => Some(Direction::Ingress),
            _ => None,
        };
    }
}

fn interface_of(net: &NetworkActivity<'_>) -> String {
    net.interface_id.as_deref().unwrap_or_default().to_owned()
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

/// The key and remote address under which a flow record is counted.
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

fn roll_up(rows: &[Row<'static>]) -> FlowRollup {
    let mut flows = FlowRollup::new();
    for row in rows {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { continue };
        let Some((key, remote)) = flow_key(at, net) else { continue };
        let cell: &mut FlowCell = flows.entry(key).or_default();
        cell.flows = cell.flows.saturating_add(1);
        cell.rejected += u64::from(net.action == Some(crate::rows::FlowAction::Reject));
        cell.packets = cell.packets.saturating_add(net.packets);
        cell.bytes = cell.bytes.saturating_add(net.bytes);
        cell.note(remote);
    }
    flows
}

#[derive(Default)]
struct Span {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    records: u64,
    intervals: Vec<(Timestamp, Timestamp)>,
    skipped: Vec<(Timestamp, Timestamp)>,
    sources: BTreeSet<u32>,
}

fn cover(sources: &[Source], rows: &[Row<'static>], facts: &dyn Fn(&str) -> FormatFacts) -> Vec<Coverage> {
    let mut spans: BTreeMap<(Table, String, Scope), Span> = BTreeMap::new();
    for row in rows {
        let format = sources.get(row.source as usize).and_then(|s| s.format.clone()).unwrap_or_default();
        let span = spans.entry((row.table(), format, row.body.scope())).or_default();
        span.records += 1;
        span.sources.insert(row.source);
        let Some(at) = row.at else { continue };
        let end = if let Body::Net(net) = &row.body { net.end.unwrap_or(at).max(at) } else { at };
        span.from = Some(span.from.map_or(at, |from| from.min(at)));
        span.to = Some(span.to.map_or(end, |to| to.max(end)));
        if let Body::Net(net) = &row.body {
            if net.status == FlowStatus::SkipData { &mut span.skipped } else { &mut span.intervals }.push((at, end));
        }
    }
    spans
        .into_iter()
        .map(|((table, format, scope), span)| {
            let facts = facts(&format);
            let lost = span.sources.iter().filter_map(|n| sources.get(*n as usize)).map(Source::lost).sum();
            let gaps = if facts.continuous { gaps(&span) } else { Vec::new() };
            Coverage {
                table,
                format,
                scope,
                from: span.from,
                to: span.to,
                records: span.records,
                continuous: facts.continuous,
                gaps,
                lost,
                never_contains: facts.never_contains,
            }
        })
        .collect()
}

/// Start and end of a record are those of its first and last packet, so between two records of neighbouring intervals up
/// to two intervals may pass; longer silence without a NODATA record is a gap. The interval is told by the longest record.
fn gaps(span: &Span) -> Vec<Gap> {
    let skipped = "SKIPDATA: records were skipped during the interval";
    let mut gaps: Vec<Gap> = span.skipped.iter().map(|(from, to)| Gap { from: *from, to: *to, why: skipped.to_owned() }).collect();
    let longest = span.intervals.iter().map(|(from, to)| to.duration_since(*from).as_secs()).max().unwrap_or(0);
    let interval = if longest <= FLOW_INTERVALS.0 { FLOW_INTERVALS.0 } else { FLOW_INTERVALS.1 };
    let allowed = SignedDuration::from_secs(2 * interval + 60);
    let mut reached: Option<Timestamp> = None;
    for (from, to) in &span.intervals {
        if let Some(end) = reached.filter(|end| from.duration_since(*end) > allowed) {
            gaps.push(Gap {
                from: end,
                to: *from,
                why: format!("no record of any kind for more than two intervals of {interval} seconds"),
            });
        }
        reached = Some(reached.map_or(*to, |end| end.max(*to)));
    }
    gaps.sort_by_key(|gap| gap.from);
    gaps
}

/// The window in which rows of a table lie, if it has timed rows.
#[must_use]
pub fn span_of(evidence: &dyn Evidence, table: Table) -> Option<TimeWindow> {
    let of_table = || evidence.coverage().iter().filter(move |c| c.table == table);
    Some(TimeWindow::new(of_table().filter_map(|c| c.from).min()?, of_table().filter_map(|c| c.to).max()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Locator, ZoneCertainty};

    fn flow(second: i64, src: &str, dst: &str, ports: (u16, u16), status: FlowStatus) -> Row<'static> {
        Row {
            at: Timestamp::from_second(second).ok(),
            zone: ZoneCertainty::Stated,
            source: 0,
            locator: Locator::Bytes { offset: second.unsigned_abs(), length: 1 },
            body: Body::Net(NetworkActivity {
                interface_id: Some("eni-1".into()),
                src: src.parse().ok(),
                dst: dst.parse().ok(),
                src_port: Some(ports.0),
                dst_port: Some(ports.1),
                protocol: Some(6),
                packets: 2,
                bytes: 120,
                end: Timestamp::from_second(second + 600).ok(),
                status,
                ..NetworkActivity::default()
            }),
        }
    }

    #[test]
    fn our_side_is_the_address_that_stands_in_every_record() {
        let rows = vec![
            flow(60, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
            flow(61, "10.0.0.5", "198.51.100.2", (40001, 22), FlowStatus::Ok),
            flow(62, "203.0.113.9", "10.0.0.5", (51000, 443), FlowStatus::Ok),
            flow(63, "10.0.0.5", "203.0.113.9", (443, 51000), FlowStatus::Ok),
        ];
        let memory = Memory::of_rows(rows);
        let keys: Vec<_> = memory.flows().iter().map(|(k, c)| (k.direction, k.port, k.reply, c.remotes.len())).collect();
        assert_eq!(keys, vec![(Direction::Ingress, 443, false, 1), (Direction::Egress, 22, false, 2), (Direction::Egress, 443, true, 1)]);
    }

    #[test]
    fn silence_of_a_continuous_source_is_a_gap_and_forbids_proof() {
        let rows = vec![
            flow(0, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
            flow(600, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
            flow(4000, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
            flow(4100, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::SkipData),
            flow(4200, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
        ];
        let memory = Memory::of_rows(rows);
        let coverage = &memory.coverage()[0];
        assert_eq!(coverage.gaps.len(), 2);
        let window = |from, to| TimeWindow::new(Timestamp::from_second(from).unwrap(), Timestamp::from_second(to).unwrap());
        assert!(coverage.gap_free(window(10, 500)).is_some());
        assert!(coverage.gap_free(window(10, 3000)).is_none());
        assert!(coverage.gap_free(window(4050, 4250)).is_none());
        assert!(coverage.gap_free(window(4200, 9000)).is_none());
    }
}
