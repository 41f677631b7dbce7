//! Rows into a Parquet file, in row groups of bounded size, each in order of time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use abate_model::rows::record::Field as Declared;
use arrow_array::UInt32Array;
use arrow_schema::{DataType, Schema};
use jiff::Timestamp;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::chunk::{self, NONE, Words};
use crate::columns::{Appender, Done, Front};
use crate::manifest::{GroupRecord, PartRecord};

/// Rows in a row group, at the most: readers skip whole groups by their time.
pub(crate) const GROUP: usize = 64 << 10;
/// Bytes of a row group before they are encoded, about.
pub(crate) const GROUP_BYTES: usize = 16 << 20;

/// How columns are written. Compression is LZ4, which every reader of Parquet knows and which costs next to nothing. The same rows give
/// the same bytes.
fn properties(schema: &Schema) -> WriterProperties {
    let properties = schema.fields().iter().fold(WriterProperties::builder(), |properties, field| {
        let column = ColumnPath::from(field.name().as_str());
        // Of other columns the least and the greatest value tell next to nothing, and cost two comparisons for each row.
        let asked_for = matches!(field.name().as_str(), "time" | "source");
        let statistics = if asked_for { EnabledStatistics::Chunk } else { EnabledStatistics::None };
        let properties = properties.set_column_statistics_enabled(column.clone(), statistics);
        match field.data_type() {
            // Of times, places and counts the differences are small, and a dictionary only costs time.
            DataType::UInt64 | DataType::Timestamp(..) => {
                properties.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, Encoding::DELTA_BINARY_PACKED)
            }
            _ => properties,
        }
    });
    properties
        // Of what hardly repeats, a dictionary only costs time.
        .set_column_dictionary_enabled("event_id".into(), false)
        .set_column_dictionary_enabled(ColumnPath::new(["remotes", "list", "item"].map(str::to_owned).to_vec()), false)
        .set_compression(Compression::LZ4_RAW)
        .set_data_page_row_count_limit(8 << 10)
        // Many row groups may be read side by side, each with a page of every column.
        .set_data_page_size_limit(128 << 10)
        .set_dictionary_page_size_limit(256 << 10)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by("abate".to_owned())
        .build()
}

/// A file of rows, one row group after the other.
pub(crate) struct Groups {
    file: SerializedFileWriter<File>,
    columns: ArrowRowGroupWriterFactory,
    schema: Arc<Schema>,
    groups: usize,
}

impl Groups {
    /// Begins a file with these columns.
    pub fn create(file: &Path, schema: Arc<Schema>) -> io::Result<Self> {
        let parquet = ArrowSchemaConverter::new().convert(&schema).map_err(broken)?;
        let file = SerializedFileWriter::new(File::create(file)?, parquet.root_schema_ptr(), Arc::new(properties(&schema)));
        let file = file.map_err(unwrapped)?;
        let columns = ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema));
        Ok(Self { file, columns, schema, groups: 0 })
    }

    /// Writes a row group.
    pub fn write(&mut self, columns: Vec<Done>) -> io::Result<()> {
        self.group(columns).map_err(unwrapped)
    }

    fn group(&mut self, columns: Vec<Done>) -> Result<(), ParquetError> {
        let writers = self.columns.create_column_writers(self.groups)?;
        let described = self.file.schema_descr().columns().to_vec();
        let mut group = self.file.next_row_group()?;
        for (((column, mut writer), field), described) in columns.into_iter().zip(writers).zip(self.schema.fields()).zip(described) {
            let words = match column {
                Done::Nulls(rows) => Words { values: Vec::new(), rows: vec![NONE; rows] },
                Done::Words(words) => words,
                Done::Array(array) => {
                    for leaf in compute_leaves(field, &array)? {
                        writer.write(&leaf)?;
                    }
                    writer.close()?.append_to_row_group(&mut group)?;
                    continue;
                }
            };
            let (bytes, close) = chunk::encoded(&words, described)?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        self.groups += 1;
        Ok(())
    }

    /// Ends the file.
    pub fn close(self) -> io::Result<()> {
        self.file.close().map(drop).map_err(unwrapped)
    }
}

pub(crate) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// Writes one part.
pub(crate) struct PartWriter {
    table: &'static str,
    file: PathBuf,
    rows: Appender,
    writer: Option<Groups>,
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

    /// Adds a record of which only the time and its own values are kept.
    pub fn push_bare(&mut self, at: Option<Timestamp>, put: impl FnOnce(&mut Appender)) {
        self.rows.push_bare(at, put);
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
        let rows = times.len();
        let mut columns = self.rows.finish();
        let places = match sorted {
            None => (before..before + rows as u64).collect(),
            Some(order) => {
                let mut places = vec![0; rows];
                (before..).zip(&order).for_each(|(place, row)| {
                    if let Some(slot) = places.get_mut(*row as usize) {
                        *slot = place;
                    }
                });
                let order = UInt32Array::from(order);
                columns = columns.into_iter().map(|column| column.ordered(&order)).collect::<Result<_, _>>().map_err(broken)?;
                places
            }
        };
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(Groups::create(&self.file, self.rows.schema())?),
        };
        writer.write(columns)?;
        self.groups.push(GroupRecord { rows: rows as u64, from, to });
        Ok(places)
    }

    /// Ends the file; `None` when there was nothing to write. All rows must have been flushed.
    pub fn finish(self) -> io::Result<Option<PartRecord>> {
        let Some(writer) = self.writer else { return Ok(None) };
        writer.close()?;
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
