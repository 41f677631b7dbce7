//! Rows into a Parquet file, in row groups of bounded size, each in order of time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use abate_model::rows::record::Field as Declared;
use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::columns::{Appender, Front};
use crate::manifest::{GroupRecord, PartRecord};

/// Rows in a row group, at the most: readers skip whole groups by their time.
pub(crate) const GROUP: usize = 64 << 10;
/// Bytes of a row group before they are encoded, about.
pub(crate) const GROUP_BYTES: usize = 16 << 20;

/// Compression is LZ4, which every reader of Parquet knows and which costs next to nothing. The same rows give the same bytes.
pub(crate) fn properties() -> WriterProperties {
    // Of what hardly repeats, a dictionary only costs time.
    let unique = ["time", "locator_at", "event_id", "end", "packets", "bytes"];
    let builder = unique.into_iter().fold(WriterProperties::builder(), |b, name| b.set_column_dictionary_enabled(name.into(), false));
    builder
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(GROUP))
        .set_data_page_row_count_limit(8 << 10)
        // Many row groups may be read side by side, each with a page of every column.
        .set_data_page_size_limit(128 << 10)
        .set_dictionary_page_size_limit(256 << 10)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by("abate".to_owned())
        .build()
}

pub(crate) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// Writes one part.
pub(crate) struct PartWriter {
    table: &'static str,
    file: PathBuf,
    rows: Appender,
    writer: Option<ArrowWriter<File>>,
    groups: Vec<GroupRecord>,
    keyed: u64,
}

impl PartWriter {
    /// A part of records with these fields, in a folder.
    pub fn new(table: &'static str, record: &'static [Declared], folder: &Path) -> Self {
        let file = folder.join(format!("{table}.parquet"));
        Self { table, file, rows: Appender::new(record), writer: None, groups: Vec::new(), keyed: 0 }
    }

    /// Adds a record; says its number among those that wait to be written.
    pub fn push(&mut self, front: Front<'_>, keyed: bool, put: impl FnOnce(&mut Appender)) -> usize {
        self.rows.push(front, put);
        self.keyed += u64::from(keyed);
        self.rows.rows() - 1
    }

    /// Whether so many rows wait that they should be written.
    pub fn is_full(&self) -> bool {
        self.rows.rows() >= GROUP || self.rows.bytes() >= GROUP_BYTES
    }

    /// Bytes that wait, about.
    pub fn bytes(&self) -> usize {
        self.rows.bytes()
    }

    /// Writes what waits as a row group. Says for each row, in the order in which they came, its number in the file.
    pub fn flush(&mut self) -> io::Result<Vec<u64>> {
        let before = self.groups.iter().map(|g| g.rows).sum::<u64>();
        let times = self.rows.times();
        let (Some(from), Some(to)) = (times.iter().min().copied(), times.iter().max().copied()) else { return Ok(Vec::new()) };
        let sorted = sorted(times);
        let batch = self.rows.batch().map_err(broken)?;
        let rows = batch.num_rows();
        let (batch, places) = match sorted {
            None => (batch, (before..before + rows as u64).collect()),
            Some(order) => {
                let mut places = vec![0; rows];
                (before..).zip(&order).for_each(|(place, row)| {
                    if let Some(slot) = places.get_mut(*row as usize) {
                        *slot = place;
                    }
                });
                (take(&batch, order).map_err(broken)?, places)
            }
        };
        if self.writer.is_none() {
            let writer = ArrowWriter::try_new(File::create(&self.file)?, self.rows.schema(), Some(properties()));
            self.writer = Some(writer.map_err(broken)?);
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&batch).and_then(|()| writer.flush()).map_err(unwrapped)?;
        }
        self.groups.push(GroupRecord { rows: rows as u64, from, to });
        Ok(places)
    }

    /// Ends the file; `None` when there was nothing to write. All rows must have been flushed.
    pub fn finish(self) -> io::Result<Option<PartRecord>> {
        let Some(writer) = self.writer else { return Ok(None) };
        writer.close().map_err(unwrapped)?;
        let bytes = std::fs::metadata(&self.file)?.len();
        Ok(Some(PartRecord { table: self.table.to_owned(), bytes, keyed: self.keyed, groups: self.groups }))
    }
}

/// The error of the operating system, where that is what it was.
fn unwrapped(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        other => broken(other),
    }
}

/// The order of rows by time, equal ones as they came; `None` when they are in it.
fn sorted(times: &[i64]) -> Option<Vec<u32>> {
    if times.is_sorted() {
        return None;
    }
    let mut order: Vec<u32> = (0..).take(times.len()).collect();
    order.sort_by_key(|n| times.get(*n as usize));
    Some(order)
}

fn take(batch: &RecordBatch, order: Vec<u32>) -> Result<RecordBatch, ArrowError> {
    arrow_select::take::take_record_batch(batch, &UInt32Array::from(order))
}
