//! Flow records counted per minute, over all shards. Each shard brings its own counters; where these do not hold for the whole evidence (an
//! interface's address turned out to be another, or rows do not count), its rows are counted again.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use abate_model::flows::OwnAddresses;
use abate_model::port::{FlowCell, FlowKey};
use abate_model::rows::FlowMinute;
use abate_model::rows::record::Record;
use abate_model::{Body, Table, TimeWindow};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::Tuning;
use crate::columns::order;
use crate::counters::{Counters, FLOWS, Taken, counter};
use crate::folder::Folder;
use crate::merge::Ordered;
use crate::scan::{PartView, Want};

/// The columns that are counted.
const COLUMNS: &[&str] = &[
    "time",
    "source",
    "interface_id",
    "src",
    "dst",
    "src_port",
    "dst_port",
    "protocol",
    "packets",
    "bytes",
    "action",
    "direction",
    "tcp_flags",
];

/// The counters that a shard brought.
pub(crate) struct Brought {
    /// where they lie; `None` when there was nothing to count
    pub part: Option<PartView>,
    /// the addresses that they rest on
    pub taken: Taken,
}

/// The counters of a run.
pub(crate) struct Rollup {
    parts: Ordered,
    /// where those that were counted again lie
    _desk: Option<TempDir>,
}

impl Rollup {
    /// Puts together what the shards brought, by the name of their files, and counts again what does not hold.
    pub fn of(
        rows: &[PartView],
        mut brought: HashMap<std::ffi::OsString, Brought>,
        own: &OwnAddresses,
        folder: &Folder,
        tuning: &Tuning,
    ) -> io::Result<Self> {
        let (mut parts, mut again) = (Vec::new(), Vec::new());
        for view in rows {
            let brought = view.file.file_name().and_then(|name: &OsStr| brought.remove(name));
            let holds = |b: &Brought| b.taken.iter().all(|(interface, taken)| own.of(interface) == *taken);
            match brought.filter(|b| view.dropped.is_empty() && holds(b)) {
                Some(brought) => parts.extend(brought.part),
                None => again.push(view.clone()),
            }
        }
        let counters = |parts| Ordered::new(FlowMinute::FIELDS, parts, tuning.open);
        if again.is_empty() {
            return Ok(Self { parts: counters(parts), _desk: None });
        }
        let desk = folder.desk()?;
        let windows = windows(&again, std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        let threads = windows.len().max(1);
        let most = tuning.counters / threads;
        let again = Ordered::new(Body::fields(Table::NetworkActivity), again, tuning.open / threads);
        let slices = std::thread::scope(|scope| {
            let again = &again;
            let work = |(n, window)| {
                let place = desk.path().join(format!("{n}"));
                scope.spawn(move || slice((again, folder), own, window, &place, most))
            };
            let workers: Vec<_> = windows.into_iter().enumerate().map(work).collect();
            let done = |worker: std::thread::ScopedJoinHandle<'_, io::Result<Option<PartView>>>| {
                worker.join().unwrap_or_else(|_| Err(io::Error::other("counting the flows broke down: please report it as a bug")))
            };
            workers.into_iter().map(done).collect::<io::Result<Vec<_>>>()
        })?;
        parts.extend(slices.into_iter().flatten());
        Ok(Self { parts: counters(parts), _desk: Some(desk) })
    }

    /// Visits the counters, each key once, minute by minute.
    pub fn each(&self, folder: &Folder, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) -> io::Result<()> {
        let mut open: BTreeMap<FlowKey, FlowCell> = BTreeMap::new();
        let mut minute = i64::MIN;
        self.parts.rows(folder, &Want::default(), &mut |visited| {
            let (front, mut taker) = visited.rows.front(visited.row);
            if let Some((key, cell)) = counter(front.at, &FlowMinute::take(&mut taker)) {
                if key.minute != minute {
                    minute = key.minute;
                    std::mem::take(&mut open).iter().for_each(|(key, cell)| visit(key, cell));
                }
                match open.entry(key) {
                    std::collections::btree_map::Entry::Vacant(vacant) => drop(vacant.insert(cell)),
                    std::collections::btree_map::Entry::Occupied(mut same) => same.get_mut().merge(cell),
                }
            }
            ControlFlow::Continue(())
        })?;
        open.iter().for_each(|(key, cell)| visit(key, cell));
        Ok(())
    }
}

/// The time that the parts span, in stretches of whole minutes with about as many rows in each.
fn windows(parts: &[PartView], threads: usize) -> Vec<TimeWindow> {
    const MINUTE: i64 = 60_000_000;
    let mut begins: Vec<i64> = parts.iter().flat_map(|p| &p.record.groups).map(|g| g.from).filter(|from| *from > i64::MIN).collect();
    begins.sort_unstable();
    let wanted = threads.min(begins.len() / 4 + 1);
    let mut cuts: Vec<i64> =
        (1..wanted).filter_map(|n| begins.get(n * begins.len() / wanted)).map(|from| from.div_euclid(MINUTE) * MINUTE).collect();
    cuts.dedup();
    let edges: Vec<i64> = [order(Some(Timestamp::MIN))].into_iter().chain(cuts).chain([order(Some(Timestamp::MAX))]).collect();
    let at = |micro| Timestamp::from_microsecond(micro).unwrap_or(Timestamp::MAX);
    edges.windows(2).filter_map(|edge| Some(TimeWindow::new(at(*edge.first()?), at(*edge.last()? - 1)))).collect()
}

/// Counts the rows of some parts in a stretch of time.
fn slice(
    (parts, folder): (&Ordered, &Folder),
    own: &OwnAddresses,
    window: TimeWindow,
    place: &Path,
    most: usize,
) -> io::Result<Option<PartView>> {
    let mut counters = Counters::new(place, most);
    let mut failed = None;
    let want = Want { columns: COLUMNS, window: Some(window), ..Want::default() };
    parts.rows(folder, &want, &mut |visited| {
        let mut row = visited.rows.row(Table::NetworkActivity, visited.row);
        let (Body::Net(net), Some(at)) = (&mut row.body, row.at) else { return ControlFlow::Continue(()) };
        net.direction = own.direction(net);
        failed = counters.count(at, net).err();
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let file = place.join(format!("{FLOWS}.parquet"));
    Ok(counters.finish()?.map(|record| PartView { file, record, sources: vec![Some(0)].into(), dropped: Vec::new() }))
}
