//! Rows held in memory behind the read port: what tests build by hand. And how coverage is put together, here as in the lake.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::extent::Extent;
use crate::flows::{self, Interfaces};
use crate::port::{FlowCell, FlowKey, FlowRollup};
use crate::{Body, Coverage, Evidence, Filter, Row, Scope, SigmaMatch, Source, SourceNo, Table, TimeWindow};

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
    /// whether only AWS writes it
    pub by_aws: bool,
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
            gone: false,
            losses: Vec::new(),
        };
        let sources = vec![source("test", "test.log")];
        Self::new(sources, rows, Vec::new(), &|_| FormatFacts { continuous: true, ..FormatFacts::default() })
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
        let over = |row: &Row<'_>| filter.window.is_some_and(|w| row.at.is_some_and(|at| at > w.to));
        for row in self.rows[start..].iter().take_while(|row| !over(row)).filter(|row| filter.takes(row)) {
            if visit(row).is_break() {
                return;
            }
        }
    }

    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) {
        let mut flows: Vec<_> = self.flows.iter().collect();
        flows.sort_by_key(|(key, _)| key.minute);
        flows.into_iter().for_each(|(key, cell)| visit(key, cell));
    }

    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        self.sigma.iter().for_each(visit);
    }
}

fn roll_up(rows: &[Row<'static>]) -> FlowRollup {
    let mut rollup = FlowRollup::new();
    rows.iter().for_each(|row| flows::count(&mut rollup, row));
    rollup
}

fn infer_directions(rows: &mut [Row<'static>]) {
    let mut interfaces = Interfaces::default();
    rows.iter().for_each(|row| {
        if let Body::Net(net) = &row.body {
            interfaces.see(net)
        }
    });
    let own = interfaces.own();
    for row in rows {
        if let Body::Net(net) = &mut row.body {
            net.direction = own.direction(net);
        }
    }
}

/// What is covered: an extent and the sources for each table, format and scope.
#[derive(Debug, Default)]
pub struct Covered(BTreeMap<(Table, String, Scope), (Extent, BTreeSet<SourceNo>)>);

impl Covered {
    /// Adds the extent of a source's rows.
    pub fn add(&mut self, (table, format, scope): (Table, &str, &Scope), extent: &Extent, source: SourceNo) {
        let (sum, sources) = self.0.entry((table, format.to_owned(), scope.clone())).or_default();
        sum.merge(extent);
        sources.insert(source);
    }

    /// The coverage, with what the formats declare; `sources` are numbered as they were added.
    #[must_use]
    pub fn finish(self, sources: &[Source], facts: &dyn Fn(&str) -> FormatFacts) -> Vec<Coverage> {
        let lost = |n: &SourceNo| sources.get(*n as usize).map_or(0, Source::lost);
        let one = |((table, format, scope), (extent, numbers)): ((Table, String, Scope), (Extent, BTreeSet<SourceNo>))| {
            let facts = facts(&format);
            Coverage {
                table,
                format,
                scope,
                from: extent.from,
                to: extent.to,
                records: extent.records,
                continuous: facts.continuous,
                by_aws: facts.by_aws,
                gaps: if facts.continuous { extent.gaps() } else { Vec::new() },
                lost: numbers.iter().map(lost).sum(),
                never_contains: facts.never_contains,
            }
        };
        self.0.into_iter().map(one).collect()
    }
}

fn cover(sources: &[Source], rows: &[Row<'static>], facts: &dyn Fn(&str) -> FormatFacts) -> Vec<Coverage> {
    let mut covered = Covered::default();
    for row in rows {
        let format = sources.get(row.source as usize).and_then(|s| s.format.as_deref()).unwrap_or_default();
        let mut extent = Extent::default();
        extent.see(row);
        covered.add((row.table(), format, &row.body.scope()), &extent, row.source);
    }
    covered.finish(sources, facts)
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
    use crate::rows::{Direction, FlowStatus, NetworkActivity};
    use crate::{Clock, ClockReading, Locator, ZoneCertainty};
    use jiff::Timestamp;

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
        let keys: Vec<_> = memory.flows.iter().map(|(k, c)| (k.direction, k.port, k.reply, c.remotes.len())).collect();
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
        assert!(coverage.gap_free(window(10, 500), &[]).is_some());
        assert!(coverage.gap_free(window(10, 3000), &[]).is_none());
        assert!(coverage.gap_free(window(4050, 4250), &[]).is_none());
        assert!(coverage.gap_free(window(4200, 9000), &[]).is_none());
    }

    #[test]
    fn a_clock_in_doubt_forbids_proof() {
        let rows = vec![
            flow(0, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
            flow(600, "10.0.0.5", "198.51.100.1", (40000, 22), FlowStatus::Ok),
        ];
        let memory = Memory::of_rows(rows);
        let window = TimeWindow::new(Timestamp::from_second(10).unwrap(), Timestamp::from_second(500).unwrap());
        let proves = |reading, zone, format: &str, host: Option<&str>| {
            let clock = Clock {
                format: format.to_owned(),
                host: host.map(str::to_owned),
                zone,
                against: Vec::new(),
                by: None,
                acts: 0,
                agreeing: 0,
                addresses: 0,
                ahead: None,
                reading,
                says: crate::Text::fixed("", ""),
            };
            memory.coverage()[0].gap_free(window, &[clock]).is_some()
        };
        use ClockReading::{Apart, InStep, NotEstimated, OtherZone};
        use ZoneCertainty::{Assumed, Stated};
        for reading in [Apart, OtherZone] {
            assert!(!proves(reading, Stated, "test", None) && !proves(reading, Stated, "test", Some("eni-1")));
            assert!(proves(reading, Stated, "test", Some("eni-2")) && proves(reading, Stated, "other", None), "another's clock");
        }
        assert!(proves(InStep, Assumed, "test", None) && proves(NotEstimated, Stated, "test", None));
        assert!(!proves(NotEstimated, Assumed, "test", None), "nothing bears the zone out");
    }
}
