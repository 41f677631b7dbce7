//! Opens files of rows and reads them: whole, or some of their row groups with what is wanted of these. How groups are put together in order
//! of time is in `merge`.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::net::IpAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use abate_model::rows::record::{Field as Declared, Kind};
use abate_model::{Body, SourceNo, Table, TimeWindow};
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, BooleanArray, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicate, ArrowPredicateFn, ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter,
    RowSelection, RowSelector,
};
use parquet::file::reader::{ChunkReader, Length};

use crate::columns::{FRONT, Rows, order, schema};
use crate::manifest::PartRecord;
use crate::write::broken;

/// Rows that are decoded at once.
const BATCH: usize = 1 << 10;

/// A file of rows, and which of them count.
#[derive(Clone, Debug)]
pub(crate) struct PartView {
    /// the file
    pub file: PathBuf,
    /// what was written to it
    pub record: PartRecord,
    /// for each source of the shard its number in the run, or `None` where its rows do not count
    pub sources: Arc<Vec<Option<SourceNo>>>,
    /// rows that do not count, numbered over the file, in order
    pub dropped: Vec<Range<u64>>,
}

impl PartView {
    /// Whether a row does not count.
    pub fn drops(&self, row: u64) -> bool {
        let at = self.dropped.partition_point(|range| range.end <= row);
        self.dropped.get(at).is_some_and(|range| range.contains(&row))
    }

    /// The number in the run of a source of the shard; `None` where its rows do not count.
    pub fn source(&self, local: SourceNo) -> Option<SourceNo> {
        self.sources.get(local as usize).copied().flatten()
    }

    /// Opens the file.
    pub fn open(&self) -> io::Result<Opened> {
        let file = File::open(&self.file).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.file.display())))?;
        let metadata = ArrowReaderMetadata::load(&file, Default::default()).map_err(broken)?;
        Ok(Opened { file: Shared(Arc::new(Mutex::new(file))), metadata })
    }

    /// Reads what is wanted of the rows that count in some row groups, one group after the other; `columns` are read as well as those
    /// that are wanted.
    pub fn reader(&self, opened: &Opened, groups: Range<usize>, want: &Want, columns: &[&str]) -> io::Result<ParquetRecordBatchReader> {
        let Opened { file, metadata } = opened.clone();
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        let mut builder = builder.with_batch_size(BATCH).with_row_groups(groups.clone().collect());
        if let Some(selection) = selection(&self.record.range(groups.clone()), &self.dropped) {
            builder = builder.with_row_selection(selection);
        }
        let schema = builder.parquet_schema();
        let mask = |names: &[&str]| ProjectionMask::columns(schema, names.iter().copied());
        let inside = |w: &TimeWindow| {
            let mut groups = self.record.groups.get(groups.clone()).unwrap_or_default().iter();
            groups.all(|g| order(Some(w.from)) <= g.from && g.to <= order(Some(w.to)))
        };
        let predicates = predicates(&Want { window: want.window.filter(|w| !inside(w)), ..want.clone() }, mask);
        let wanted = (!want.columns.is_empty()).then(|| mask(&[want.columns, columns].concat()));
        if !predicates.is_empty() {
            builder = builder.with_row_filter(RowFilter::new(predicates));
        }
        if let Some(wanted) = wanted {
            builder = builder.with_projection(wanted);
        }
        builder.build().map_err(broken)
    }
}

/// An open part: however many of its row groups are read at once, the file is open once.
#[derive(Clone)]
pub(crate) struct Opened {
    file: Shared,
    metadata: ArrowReaderMetadata,
}

/// A file that several readers read in turn, each from where it wants.
#[derive(Clone)]
struct Shared(Arc<Mutex<File>>);

impl Shared {
    fn at(&self, start: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.0.lock().map_err(|_| io::Error::other("a reader of the same file broke down"))?;
        file.seek(SeekFrom::Start(start))?;
        file.read(buffer)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.0.lock().ok().and_then(|file| file.metadata().ok()).map_or(0, |m| m.len())
    }
}

impl ChunkReader for Shared {
    type T = BufReader<SharedAt>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(SharedAt { file: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut buffer = vec![0; length];
        SharedAt { file: self.clone(), at: start }.read_exact(&mut buffer)?;
        Ok(buffer.into())
    }
}

/// A place in a shared file.
struct SharedAt {
    file: Shared,
    at: u64,
}

impl Read for SharedAt {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.at(self.at, buffer)?;
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }
}

/// What is wanted of the rows.
#[derive(Clone, Default)]
pub(crate) struct Want {
    /// only these columns; all if empty
    pub columns: &'static [&'static str],
    /// only rows in the window
    pub window: Option<TimeWindow>,
    /// only rows with one of these columns equal to the address
    pub address: Option<(IpAddr, Vec<String>)>,
    /// only flow records to one of these ports
    pub to_ports: Option<&'static [u16]>,
}

/// The columns of a table that hold addresses, if these alone decide whether a row names one.
pub(crate) fn address_columns(table: Table) -> Option<Vec<String>> {
    let decide = [Table::NetworkActivity, Table::Authentication, Table::EmailActivity, Table::DetectionFinding].contains(&table);
    let fields = || Body::fields(table).iter().zip(schema(table).fields().iter().skip(FRONT.len()).cloned().collect::<Vec<_>>());
    decide.then(|| fields().filter(|(f, _)| f.kind == Kind::Address).map(|(_, column)| column.name().clone()).collect())
}

/// Visits the rows of one part that count, in the order of the file: the rows they are among, their place there, their number in the file
/// and their source in the run.
pub(crate) fn each(
    view: &PartView,
    record: &'static [Declared],
    columns: &[&str],
    visit: &mut dyn FnMut(&Rows, usize, u64, SourceNo),
) -> io::Result<()> {
    all(view, record, columns, &mut |rows, row, number| {
        if !view.drops(number)
            && let Some(source) = view.source(rows.front(row).0.source)
        {
            visit(rows, row, number, source);
        }
    })
}

/// Visits all rows of a part in the order of the file.
pub(crate) fn all(
    view: &PartView,
    record: &'static [Declared],
    columns: &[&str],
    visit: &mut dyn FnMut(&Rows, usize, u64),
) -> io::Result<()> {
    let Opened { file, metadata } = view.open()?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(BATCH);
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(broken)?;
    let mut number = 0;
    for batch in reader {
        let rows = Rows::of(record, &batch.map_err(broken)?);
        for row in 0..rows.len() {
            visit(&rows, row, number);
            number += 1;
        }
    }
    Ok(())
}

/// The rows of some groups without those that do not count; `None` when all do.
fn selection(group: &Range<u64>, dropped: &[Range<u64>]) -> Option<RowSelection> {
    let from = dropped.partition_point(|range| range.end <= group.start);
    let inside = dropped.get(from..).unwrap_or_default().iter().take_while(|range| range.start < group.end);
    let (mut selectors, mut at) = (Vec::new(), group.start);
    let length = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
    for range in inside {
        let (start, end) = (range.start.max(at), range.end.min(group.end));
        selectors.push(RowSelector::select(length(start - at)));
        selectors.push(RowSelector::skip(length(end - start)));
        at = end;
    }
    if selectors.is_empty() {
        return None;
    }
    selectors.push(RowSelector::select(length(group.end - at)));
    Some(RowSelection::from(selectors))
}

fn predicates(want: &Want, mask: impl Fn(&[&str]) -> ProjectionMask) -> Vec<Box<dyn ArrowPredicate>> {
    let mut predicates: Vec<Box<dyn ArrowPredicate>> = Vec::new();
    if let Some(window) = want.window {
        let (from, to) = (order(Some(window.from)), order(Some(window.to)));
        let inside = move |batch: RecordBatch| {
            let times = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>();
            let inside = |n: usize| times.is_some_and(|t| t.is_valid(n) && (from..=to).contains(&t.value(n)));
            Ok(BooleanArray::from_iter((0..batch.num_rows()).map(|n| Some(inside(n)))))
        };
        predicates.push(Box::new(ArrowPredicateFn::new(mask(&["time"]), inside)));
    }
    if let Some(ports) = want.to_ports {
        let named = move |batch: RecordBatch| {
            let column = batch.column(0).as_primitive_opt::<UInt64Type>();
            let named = |n: usize| column.is_some_and(|c| c.is_valid(n) && ports.iter().any(|port| u64::from(*port) == c.value(n)));
            Ok(BooleanArray::from_iter((0..batch.num_rows()).map(|n| Some(named(n)))))
        };
        predicates.push(Box::new(ArrowPredicateFn::new(mask(&["dst_port"]), named)));
    }
    if let Some((address, columns)) = &want.address {
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mask = mask(&names);
        let text = address.to_string();
        let named = move |batch: RecordBatch| {
            let columns: Vec<_> = batch.columns().iter().filter_map(|c| c.as_string_opt::<i32>()).collect();
            let named = |n: usize| columns.iter().any(|c| c.is_valid(n) && c.value(n) == text);
            Ok(BooleanArray::from_iter((0..batch.num_rows()).map(|n| Some(named(n)))))
        };
        predicates.push(Box::new(ArrowPredicateFn::new(mask, named)));
    }
    predicates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_do_not_count_are_left_out_of_each_group() {
        let dropped = [2..4, 8..12, 20..21];
        let left = |from, to| -> Option<Vec<u64>> {
            let (mut at, mut rows) = (from, Vec::new());
            for selector in Vec::<RowSelector>::from(selection(&(from..to), &dropped)?) {
                let end = at + selector.row_count as u64;
                rows.extend((at..end).filter(|_| !selector.skip));
                at = end;
            }
            Some(rows)
        };
        assert_eq!(left(0, 10), Some(vec![0, 1, 4, 5, 6, 7]));
        assert_eq!(left(10, 20), Some((12..20).collect()));
        assert_eq!(left(9, 11), Some(vec![]));
        assert_eq!(left(12, 20), None);
        assert_eq!(left(20, 22), Some(vec![21]));
    }
}
