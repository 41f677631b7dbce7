//! Flow records counted per minute. They are gone through in order of time, so that only the minute at hand is open; what is done stays in
//! memory as long as it is little, and goes to the disk beyond.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use abate_model::flows::{self, OwnAddresses};
use abate_model::port::{FlowCell, FlowKey, FlowRollup};
use abate_model::rows::record::Record;
use abate_model::rows::{Direction, FlowMinute};
use abate_model::{Body, Locator, Table, TimeWindow, ZoneCertainty};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::columns::{Front, order};
use crate::folder::Folder;
use crate::scan::{PartView, Want, each, merged};
use crate::write::PartWriter;

/// The columns that are counted.
const COLUMNS: &[&str] = &[
    "time",
    "source",
    "interface_id",
    "src",
    "dst",
    "pkt_src",
    "pkt_dst",
    "src_port",
    "dst_port",
    "protocol",
    "packets",
    "bytes",
    "action",
    "direction",
    "tcp_flags",
    "status",
];

/// The counters of a run.
#[derive(Default)]
pub(crate) struct Rollup {
    slices: Vec<Slice>,
    /// where what was written lies
    _desk: Option<TempDir>,
}

/// The counters of a stretch of time.
#[derive(Default)]
struct Slice {
    kept: Vec<(FlowKey, FlowCell)>,
    written: Option<PartView>,
}

impl Rollup {
    /// Counts the rows of the parts; of counters and addresses about `most` are kept in memory.
    pub fn of(parts: &[PartView], own: &OwnAddresses, folder: &Folder, most: usize) -> io::Result<Self> {
        if parts.is_empty() {
            return Ok(Self::default());
        }
        let desk = folder.desk()?;
        let windows = windows(parts, std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        let most = most / windows.len().max(1);
        let slices = std::thread::scope(|scope| {
            let work = |(n, window)| {
                let place = desk.path().join(format!("{n}"));
                scope.spawn(move || slice(parts, own, window, &place, most))
            };
            let workers: Vec<_> = windows.into_iter().enumerate().map(work).collect();
            let done = |worker: std::thread::ScopedJoinHandle<'_, io::Result<Slice>>| {
                worker.join().unwrap_or_else(|_| Err(io::Error::other("counting the flows broke down: please report it as a bug")))
            };
            workers.into_iter().map(done).collect::<io::Result<Vec<_>>>()
        })?;
        let written = slices.iter().any(|slice: &Slice| slice.written.is_some());
        Ok(Self { slices, _desk: written.then_some(desk) })
    }

    /// Visits the counters.
    pub fn each(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) -> io::Result<()> {
        for slice in &self.slices {
            slice.kept.iter().for_each(|(key, cell)| visit(key, cell));
            let Some(written) = &slice.written else { continue };
            each(written, FlowMinute::FIELDS, &names(), &mut |rows, row, _, _| {
                let (front, mut taker) = rows.front(row);
                if let Some((key, cell)) = counter(front.at, &FlowMinute::take(&mut taker)) {
                    visit(&key, &cell);
                }
            })?;
        }
        Ok(())
    }
}

fn names() -> Vec<&'static str> {
    ["time", "source"].into_iter().chain(FlowMinute::FIELDS.iter().map(|f| f.name)).collect()
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

fn slice(parts: &[PartView], own: &OwnAddresses, window: TimeWindow, place: &Path, most: usize) -> io::Result<Slice> {
    let mut slice = Slice::default();
    let (mut open, mut minute) = (FlowRollup::new(), i64::MIN);
    let (mut held, mut writer, mut failed) = (0, None, None);
    let want = Want { columns: COLUMNS, window: Some(window), address: None };
    merged(parts, Body::fields(Table::NetworkActivity), &want, &mut |visited| {
        let mut row = visited.rows.row(Table::NetworkActivity, visited.row);
        let (Body::Net(net), Some(at)) = (&mut row.body, row.at) else { return ControlFlow::Continue(()) };
        net.direction = own.direction(net);
        let now = at.as_second().div_euclid(60);
        if now != minute {
            minute = now;
            failed = close(&mut open, &mut slice, (&mut held, most), &mut writer, place).err();
        }
        flows::count(&mut open, &row);
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    close(&mut open, &mut slice, (&mut held, most), &mut writer, place)?;
    if let Some(error) = failed {
        return Err(error);
    }
    if let Some(mut writer) = writer {
        writer.flush()?;
        let file = place.join(format!("{TABLE}.parquet"));
        slice.written = writer.finish()?.map(|record| PartView { file, record, sources: vec![Some(0)].into(), dropped: Vec::new() });
    }
    Ok(slice)
}

const TABLE: &str = "flow_minutes";

/// Puts away the counters of a minute that is over.
fn close(
    open: &mut FlowRollup,
    slice: &mut Slice,
    (held, most): (&mut usize, usize),
    writer: &mut Option<PartWriter>,
    place: &Path,
) -> io::Result<()> {
    for (key, cell) in std::mem::take(open) {
        *held += 1 + cell.remotes.len();
        if *held <= most {
            slice.kept.push((key, cell));
            continue;
        }
        if writer.is_none() {
            std::fs::create_dir_all(place)?;
        }
        let writer = writer.get_or_insert_with(|| PartWriter::new(TABLE, FlowMinute::FIELDS, place));
        let at = Timestamp::from_second(key.minute.saturating_mul(60)).ok();
        let locator = Locator::Record { n: 0 };
        let front = Front { at, zone: ZoneCertainty::Stated, source: 0, path: "", locator };
        let minute = counted(&key, &cell);
        writer.push(front, false, |columns| minute.put(columns));
        if writer.is_full() {
            writer.flush()?;
        }
    }
    Ok(())
}

fn counted(key: &FlowKey, cell: &FlowCell) -> FlowMinute<'static> {
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
        remotes: cell.remotes.iter().map(|address| address.to_string().into()).collect(),
        saturated: cell.saturated,
    }
}

fn counter(at: Option<Timestamp>, minute: &FlowMinute<'_>) -> Option<(FlowKey, FlowCell)> {
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
