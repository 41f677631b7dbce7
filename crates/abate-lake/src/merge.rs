//! Rows of many row groups in order: by time, source and place. Each group is in that order, and so groups are merged; a group is open only while its
//! time is there.
//!
//! Where more groups lie at the same time than may be open at once (many machines, accounts or Regions, each with shards of its own), their rows are
//! first put together in runs, files of rows in order; runs again, until few enough are left. Runs are made once and kept as long as
//! their rows are in use.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use abate_model::rows::record::Field as Declared;
use abate_model::{Locator, SourceNo};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::interleave::interleave;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use tempfile::TempDir;

use crate::columns::{Done, Rows, order};
use crate::folder::Folder;
use crate::manifest::{GroupRecord, PartRecord};
use crate::scan::{Opened, PartView, Want};
use crate::write::{GROUP, GROUP_BYTES, Groups, broken};

/// Files that are kept open although none of their groups is being read: the next group of the same file is likely to come soon.
const IDLE: usize = 8;
/// Threads that make runs, at the most: each merges its share of what may be open, and shares that are too small mean more rounds.
const THREADS: usize = 4;
/// The column of a run that says which row group a row came from.
const ORIGIN: &str = "merged_from";

/// Some parts whose rows are read in order.
pub(crate) struct Ordered {
    record: &'static [Declared],
    parts: Vec<PartView>,
    /// row groups that may be open at once
    most: usize,
    runs: Mutex<Option<Arc<Runs>>>,
}

impl Ordered {
    /// Of parts of records with these fields; `most` row groups, two or more, may be open at once.
    pub fn new(record: &'static [Declared], parts: Vec<PartView>, most: usize) -> Self {
        Self { record, parts, most: most.max(2), runs: Mutex::new(None) }
    }

    /// The parts.
    pub fn parts(&self) -> &[PartView] {
        &self.parts
    }

    /// Visits the rows in order, until the visitor breaks. Runs, if there must be any, are made in the lake's folder. Says how many files or
    /// row groups were open at once.
    pub fn rows(&self, folder: &Folder, want: &Want, visit: &mut dyn FnMut(Visited<'_>) -> ControlFlow<()>) -> io::Result<usize> {
        let direct = Input { record: self.record, parts: &self.parts, runs: None };
        let streams = direct.streams(want);
        if depth(&streams) <= self.most {
            return direct.merge(&streams, want, visit);
        }
        let runs = self.runs(folder)?;
        let input = Input { runs: Some(&runs.files), ..direct };
        input.merge(&input.streams(want), want, visit)
    }

    fn runs(&self, folder: &Folder) -> io::Result<Arc<Runs>> {
        let mut runs = self.runs.lock().map_err(|_| io::Error::other("putting rows in order broke down: please report it as a bug"))?;
        Ok(Arc::clone(match &mut *runs {
            Some(runs) => runs,
            none => none.insert(Arc::new(self.make(folder)?)),
        }))
    }

    fn make(&self, folder: &Folder) -> io::Result<Runs> {
        let desk = folder.desk()?;
        let (mut made, mut round): (Option<Vec<PartView>>, usize) = (None, 0);
        loop {
            let input = Input { record: self.record, parts: &self.parts, runs: made.as_deref() };
            let mut streams = input.streams(&Want::default());
            if depth(&streams) <= self.most {
                return Ok(Runs { files: made.unwrap_or_default(), _desk: desk });
            }
            // Neighbours in time: what they become spans as little time as can be.
            streams.sort_by_key(|s| (s.from, s.file, s.groups.start));
            let next = round_of(&input, &streams, self.most, &desk.path().join(format!("{round}")))?;
            made.replace(next).into_iter().flatten().try_for_each(|old| std::fs::remove_file(old.file))?;
            round += 1;
        }
    }
}

/// Puts each few streams together in a run, in a folder of its own.
fn round_of(input: &Input<'_>, streams: &[Stream], most: usize, place: &Path) -> io::Result<Vec<PartView>> {
    std::fs::create_dir(place)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(THREADS).min(most / 2).max(1);
    let shares: Vec<&[Stream]> = streams.chunks((most / threads).max(2)).collect();
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<Vec<(usize, PartView)>> {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(number) else { return Ok(done) };
            let mut run = RunWriter::new(place.join(format!("{number}.parquet")));
            let mut failed = None;
            input.merge(share, &Want::default(), &mut |visited| match run.push(&visited) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            done.extend(run.finish()?.map(|view| (number, view)));
        }
    };
    let done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let broke = || io::Error::other("putting rows in order broke down: please report it as a bug");
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(broke()))).collect::<io::Result<Vec<_>>>()
    })?;
    let mut done: Vec<(usize, PartView)> = done.into_iter().flatten().collect();
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, view)| view).collect())
}

/// Files of rows in order, and where they lie.
struct Runs {
    files: Vec<PartView>,
    _desk: TempDir,
}

/// Row groups of one file that are read one after the other: rows in order.
struct Stream {
    file: usize,
    groups: Range<usize>,
    from: i64,
    to: i64,
}

/// How many streams lie at the same time, at the most.
fn depth(streams: &[Stream]) -> usize {
    let mut edges: Vec<(i64, bool)> = streams.iter().flat_map(|s| [(s.from, false), (s.to, true)]).collect();
    // At the same time what begins comes before what ends: then both are open.
    edges.sort_unstable();
    let (mut open, mut most) = (0_usize, 0);
    for (_, ends) in edges {
        open = if ends { open.saturating_sub(1) } else { open + 1 };
        most = most.max(open);
    }
    most
}

/// What is merged.
#[derive(Clone, Copy)]
struct Input<'i> {
    record: &'static [Declared],
    /// the parts whose rows they are
    parts: &'i [PartView],
    /// where their rows were put together, if they were
    runs: Option<&'i [PartView]>,
}

/// Which row group of which part a row came from.
fn origin(part: usize, group: usize) -> u64 {
    (part as u64) << 32 | group as u64
}

/// The part of an origin.
fn part_of(origin: u64) -> usize {
    usize::try_from(origin >> 32).unwrap_or(usize::MAX)
}

/// The place of a row in the order of rows: time, source, locator, origin. Rows of one group stay as they came: a row's place is never before that of
/// the row before it. So runs hold rows in the very order in which their groups, merged at once, would give them.
type Key = (Place, u64);
type Place = (i64, SourceNo, Locator);

/// Before the first row of a time.
const fn before(time: i64) -> Place {
    (time, 0, Locator::Bytes { offset: 0, length: 0 })
}

impl<'i> Input<'i> {
    fn files(&self) -> &'i [PartView] {
        self.runs.unwrap_or(self.parts)
    }

    /// What must be read: of parts each group by itself, of a run all groups in their order.
    fn streams(&self, want: &Want) -> Vec<Stream> {
        let (from, to) = want.window.map_or((i64::MIN, i64::MAX), |w| (order(Some(w.from)), order(Some(w.to))));
        let mut streams = Vec::new();
        for (file, view) in self.files().iter().enumerate() {
            for (n, g) in view.record.groups.iter().enumerate().filter(|(_, g)| g.to >= from && g.from <= to) {
                match streams.last_mut() {
                    Some(Stream { file: of, groups, to: end, .. }) if self.runs.is_some() && *of == file => {
                        (groups.end, *end) = (n + 1, g.to.min(to));
                    }
                    _ => streams.push(Stream { file, groups: n..n + 1, from: g.from.max(from), to: g.to.min(to) }),
                }
            }
        }
        streams
    }

    /// Visits the rows of some streams in order; says how many of them were open at once.
    fn merge(&self, streams: &[Stream], want: &Want, visit: &mut dyn FnMut(Visited<'_>) -> ControlFlow<()>) -> io::Result<usize> {
        let mut cursors: Vec<Option<Cursor>> = streams.iter().map(|_| None).collect();
        // A stream that is not open yet waits at its first row's time.
        let waits = |(n, stream): (usize, &Stream)| Reverse(((before(stream.from), 0), n));
        let mut waiting: BinaryHeap<Reverse<(Key, usize)>> = streams.iter().enumerate().map(waits).collect();
        let mut files = Files { known: self.files().iter().map(|_| Weak::new()).collect(), idle: VecDeque::new() };
        let (mut open, mut most) = (0_usize, 0);
        while let Some(Reverse((_, n))) = waiting.pop() {
            let (Some(slot), Some(stream)) = (cursors.get_mut(n), streams.get(n)) else { continue };
            let Some(cursor) = slot else {
                most = most.max(open + 1);
                let mut cursor = Cursor::open(self, stream, &mut files, want)?;
                if let Some(key) = cursor.settle(self)? {
                    waiting.push(Reverse((key, n)));
                    *slot = Some(cursor);
                    open += 1;
                }
                continue;
            };
            loop {
                if let Some(visited) = cursor.visited(n)
                    && visit(visited).is_break()
                {
                    return Ok(most);
                }
                cursor.row += 1;
                match cursor.settle(self)? {
                    None => {
                        (*slot, open) = (None, open - 1);
                        break;
                    }
                    Some(key) if waiting.peek().is_some_and(|Reverse((next, _))| *next < key) => {
                        waiting.push(Reverse((key, n)));
                        break;
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(most)
    }
}

/// The files of an input: one that several streams read is open once, and is closed soon after the last of them.
struct Files {
    known: Vec<Weak<Opened>>,
    idle: VecDeque<Arc<Opened>>,
}

impl Files {
    fn open(&mut self, file: usize, view: &PartView) -> io::Result<Arc<Opened>> {
        if let Some(opened) = self.known.get(file).and_then(Weak::upgrade) {
            return Ok(opened);
        }
        let opened = Arc::new(view.open()?);
        if let Some(slot) = self.known.get_mut(file) {
            *slot = Arc::downgrade(&opened);
        }
        if self.idle.len() >= IDLE {
            self.idle.pop_front();
        }
        self.idle.push_back(Arc::clone(&opened));
        Ok(opened)
    }
}

/// Rows that were decoded together.
struct Batch {
    /// the columns of the record
    columns: RecordBatch,
    rows: Rows,
    /// of a run: where each row came from
    origins: Option<UInt64Array>,
}

impl Batch {
    fn of(record: &'static [Declared], mut columns: RecordBatch) -> Self {
        let place = columns.schema_ref().index_of(ORIGIN).ok();
        let origins = place.map(|place| columns.remove_column(place)).and_then(|column| column.as_primitive_opt::<UInt64Type>().cloned());
        Self { rows: Rows::of(record, &columns), columns, origins }
    }
}

/// One stream that is being read.
struct Cursor {
    reader: ParquetRecordBatchReader,
    /// kept open as long as it is read
    _file: Arc<Opened>,
    /// where the rows came from, if they do not say it
    origin: u64,
    batch: Option<Batch>,
    /// how many batches there were
    batches: usize,
    row: usize,
    /// the place of the row at hand
    key: Key,
    /// its source
    source: SourceNo,
}

impl Cursor {
    fn open(input: &Input<'_>, stream: &Stream, files: &mut Files, want: &Want) -> io::Result<Self> {
        let view = input.files().get(stream.file).ok_or_else(|| io::Error::other("a part is missing: please report it as a bug"))?;
        let file = files.open(stream.file, view)?;
        let columns: &[&str] = if input.runs.is_some() { &[ORIGIN] } else { &[] };
        let reader = view.reader(&file, stream.groups.clone(), want, columns)?;
        let origin = origin(stream.file, stream.groups.start);
        Ok(Self { reader, _file: file, origin, batch: None, batches: 0, row: 0, key: (before(i64::MIN), 0), source: 0 })
    }

    /// Goes to the next row that counts, from where it stands; its place in the order, or `None` at the end.
    fn settle(&mut self, input: &Input<'_>) -> io::Result<Option<Key>> {
        loop {
            let Some(batch) = self.batch.as_ref().filter(|batch| self.row < batch.rows.len()) else {
                let Some(columns) = self.reader.next().transpose().map_err(broken)? else { return Ok(None) };
                (self.batch, self.row) = (Some(Batch::of(input.record, columns)), 0);
                self.batches += 1;
                continue;
            };
            let (front, _) = batch.rows.front(self.row);
            let origin = batch.origins.as_ref().map_or(self.origin, |origins| origins.value(self.row));
            if let Some(source) = input.parts.get(part_of(origin)).and_then(|part| part.source(front.source)) {
                self.key = (self.key.0.max((order(front.at), source, front.locator)), origin);
                self.source = source;
                return Ok(Some(self.key));
            }
            self.row += 1;
        }
    }

    fn visited(&self, stream: usize) -> Option<Visited<'_>> {
        let batch = self.batch.as_ref()?;
        let ((time, ..), origin) = self.key;
        let (rows, columns, from) = (&batch.rows, &batch.columns, (stream, self.batches));
        Some(Visited { rows, row: self.row, source: self.source, part: part_of(origin), columns, from, time, origin })
    }
}

/// A row that is visited.
pub(crate) struct Visited<'v> {
    /// the rows it is among
    pub rows: &'v Rows,
    /// its place among them
    pub row: usize,
    /// its source's number in the run
    pub source: SourceNo,
    /// which part it is in
    pub part: usize,
    /// the rows it is among, as columns
    columns: &'v RecordBatch,
    /// the stream, and which of its batches they are
    from: (usize, usize),
    /// its time in order
    time: i64,
    origin: u64,
}

/// Rows on their way into a run.
struct RunWriter {
    file: PathBuf,
    writer: Option<Groups>,
    groups: Vec<GroupRecord>,
    /// the batches that waiting rows are in
    batches: Vec<RecordBatch>,
    /// by stream: its last batch, where that stands among the batches, and bytes of each of its rows, about
    last: Vec<(usize, usize, usize)>,
    /// for each waiting row its batch, and its place there
    rows: Vec<(usize, usize)>,
    origins: Vec<u64>,
    /// bytes of the waiting rows, about
    bytes: usize,
    /// times of the first and the last waiting row
    span: Option<(i64, i64)>,
}

impl RunWriter {
    fn new(file: PathBuf) -> Self {
        let (batches, last, rows, origins) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { file, writer: None, groups: Vec::new(), batches, last, rows, origins, bytes: 0, span: None }
    }

    fn push(&mut self, visited: &Visited<'_>) -> io::Result<()> {
        let (stream, batch) = visited.from;
        if self.last.len() <= stream {
            self.last.resize(stream + 1, (0, 0, 0));
        }
        let Some(last) = self.last.get_mut(stream) else { return Ok(()) };
        if last.0 != batch {
            *last = (batch, self.batches.len(), visited.columns.get_array_memory_size() / visited.rows.len().max(1));
            self.batches.push(visited.columns.clone());
        }
        self.rows.push((last.1, visited.row));
        self.origins.push(visited.origin);
        self.bytes += last.2;
        self.span = Some((self.span.map_or(visited.time, |(from, _)| from), visited.time));
        if self.rows.len() >= GROUP || self.bytes >= GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    /// Writes what waits as a row group.
    fn flush(&mut self) -> io::Result<()> {
        let (Some((from, to)), Some(first)) = (self.span.take(), self.batches.first()) else { return Ok(()) };
        let rows = std::mem::take(&mut self.rows);
        let mut fields: Vec<_> = first.schema_ref().fields().iter().cloned().collect();
        let mut columns = Vec::new();
        for n in 0..fields.len() {
            let of: Vec<&dyn Array> = self.batches.iter().map(|batch| batch.column(n).as_ref()).collect();
            let is_list = matches!(fields.get(n).map(|f| f.data_type()), Some(DataType::List(_)));
            let column = if !is_list && of.iter().all(|column| column.null_count() == column.len()) {
                Done::Nulls(rows.len())
            } else {
                Done::Array(interleave(&of, &rows).map_err(broken)?)
            };
            columns.push(column);
        }
        fields.push(Arc::new(Field::new(ORIGIN, DataType::UInt64, false)));
        columns.push(Done::Array(Arc::new(UInt64Array::from(std::mem::take(&mut self.origins)))));
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(Groups::create(&self.file, Arc::new(Schema::new(fields)))?),
        };
        writer.write(columns)?;
        self.groups.push(GroupRecord { rows: rows.len() as u64, from, to });
        self.batches.clear();
        self.last.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Ends the file; `None` when there was no row.
    fn finish(mut self) -> io::Result<Option<PartView>> {
        self.flush()?;
        let Some(writer) = self.writer else { return Ok(None) };
        writer.close()?;
        let record = PartRecord { table: String::new(), bytes: 0, keyed: 0, groups: self.groups };
        Ok(Some(PartView { file: self.file, record, sources: Arc::default(), dropped: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use abate_model::rows::FlowMinute;
    use abate_model::rows::record::Record;
    use abate_model::{TimeWindow, ZoneCertainty};
    use jiff::Timestamp;

    use super::*;
    use crate::columns::Front;
    use crate::write::PartWriter;

    const PARTS: u32 = 30;
    const ROWS: u64 = 120;

    /// Parts of four groups each that all lie at the same time, with rows without a time, rows and sources that do not count, and rows of one
    /// record on both sides of a group's end; `orderly` if rows of the same time come in the order of their sources and places.
    fn parts(folder: &Path, orderly: bool) -> Vec<PartView> {
        let mut seed = 7_u64;
        let mut next = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        let part = |n: u32| {
            let place = folder.join(format!("{n}"));
            std::fs::create_dir(&place).unwrap();
            let (mut writer, of) = (PartWriter::new("rows", FlowMinute::FIELDS, &place), u64::from(n) * 1000);
            for row in 0..ROWS {
                let at = (next(9) > 0).then(|| Timestamp::from_second(1_790_000_000 + 2 * i64::try_from(next(2500)).unwrap()).unwrap());
                let shared = row % 30 >= 28 || row % 30 < 2;
                let (at, n) = if shared { (Timestamp::from_second(1_790_002_501).ok(), (row + 15) / 30) } else { (at, row) };
                let remotes = (0..next(3)).map(|r| format!("192.0.2.{r}").into()).collect();
                let local = format!("198.51.100.{}", next(4)).parse().ok();
                let body = FlowMinute { local, flows: of + row, remotes, ..FlowMinute::default() };
                let source = SourceNo::try_from(if orderly { row / 60 } else { row % 2 }).unwrap();
                let front = Front { at, zone: ZoneCertainty::Stated, source, path: "p", locator: Locator::Record { n } };
                writer.push(front, false, |columns| body.put(columns));
                if row % 30 == 29 {
                    writer.flush().unwrap();
                }
            }
            let record = writer.finish().unwrap().unwrap();
            let sources = Arc::new(vec![Some(PARTS - n), (!n.is_multiple_of(5)).then_some(100 + n)]);
            let dropped = if n.is_multiple_of(3) { vec![5..9, 25..40] } else { Vec::new() };
            PartView { file: place.join("rows.parquet"), record, sources, dropped }
        };
        (0..PARTS).map(part).collect()
    }

    type Seen = (Option<Timestamp>, SourceNo, Locator, usize, u64, Vec<String>);

    fn rows(ordered: &Ordered, folder: &Folder, want: &Want) -> (Vec<Seen>, usize) {
        let mut seen = Vec::new();
        let most = ordered.rows(folder, want, &mut |visited| {
            let (front, mut taker) = visited.rows.front(visited.row);
            let body = FlowMinute::take(&mut taker);
            let remotes = body.remotes.iter().map(ToString::to_string).collect();
            seen.push((front.at, visited.source, front.locator, visited.part, body.flows, remotes));
            ControlFlow::Continue(())
        });
        (seen, most.unwrap())
    }

    #[test]
    fn however_few_groups_may_be_open_the_rows_are_the_same() {
        for orderly in [true, false] {
            the_rows_are_the_same(orderly);
        }
    }

    fn the_rows_are_the_same(orderly: bool) {
        let dir = tempfile::tempdir().unwrap();
        let (parts, folder) = (parts(dir.path(), orderly), Folder::open(&dir.path().join("lake"), false).unwrap());
        let at = |second| Timestamp::from_second(second).unwrap();
        let window = Some(TimeWindow::new(at(1_790_001_000), at(1_790_002_600)));
        let address = "198.51.100.2".parse().map(|address| (address, vec!["local".to_owned()])).ok();
        let columns = &["time", "source", "locator_kind", "locator_at", "flows"];
        let mut wants = vec![Want::default(), Want { window, ..Want::default() }, Want { window, address, columns, to_ports: None }];
        wants.truncate(if orderly { 3 } else { 1 });
        let direct = Ordered::new(FlowMinute::FIELDS, parts.clone(), usize::MAX);
        let expected: Vec<_> = wants.iter().map(|want| rows(&direct, &folder, want)).collect();
        assert!(
            expected.iter().all(|(rows, most)| rows.len() > 100 && *most > 60),
            "{:?}",
            expected.iter().map(|(r, m)| (r.len(), m)).collect::<Vec<_>>()
        );
        assert!(expected[0].0.iter().map(|row| row.0).is_sorted());
        for most in [2, 3, 7, 50] {
            let bounded = Ordered::new(FlowMinute::FIELDS, parts.clone(), most);
            for (want, (rows_of_one_step, _)) in wants.iter().zip(&expected) {
                let (rows, open) = rows(&bounded, &folder, want);
                assert!(rows == *rows_of_one_step, "{most}");
                assert!(open <= most, "{open} were open, {most} may be");
            }
        }
    }

    #[test]
    fn while_runs_are_made_no_more_is_open_either() {
        let dir = tempfile::tempdir().unwrap();
        let parts = parts(dir.path(), true);
        let input = Input { record: FlowMinute::FIELDS, parts: &parts, runs: None };
        let streams = input.streams(&Want::default());
        assert_eq!((streams.len(), depth(&streams)), (120, 120));
        let runs = round_of(&input, &streams, 9, &dir.path().join("round")).unwrap();
        // Two threads or more share what may be open.
        assert!((120 / 9..=60).contains(&runs.len()), "{}", runs.len());
        let merged = Input { runs: Some(&runs), ..input };
        assert_eq!(merged.streams(&Want::default()).len(), runs.len(), "a run is one stream, whatever its groups");
        assert_eq!(
            merged.merge(&merged.streams(&Want::default()), &Want::default(), &mut |_| ControlFlow::Continue(())).unwrap(),
            runs.len()
        );
    }
}
