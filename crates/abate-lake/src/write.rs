//! Rows into a Parquet file, in row groups of bounded size, each in order of time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use abate_model::rows::record::Field as Declared;
use arrow_array::UInt32Array;
use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use jiff::Timestamp;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescPtr, ColumnPath};

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

/// Makes row groups of columns. Where they are written does not matter to it.
struct Encoder {
    columns: ArrowRowGroupWriterFactory,
    described: Vec<ColumnDescPtr>,
    schema: Arc<Schema>,
}

/// A column of a row group as it stands in a file.
enum Encoded {
    Arrow(ArrowColumnChunk),
    Words(Bytes, ColumnCloseResult),
}

impl Encoder {
    fn new<W: io::Write + Send>(file: &SerializedFileWriter<W>, schema: Arc<Schema>) -> Self {
        let columns = ArrowRowGroupWriterFactory::new(file, Arc::clone(&schema));
        Self { columns, described: file.schema_descr().columns().to_vec(), schema }
    }

    /// For row groups that will stand in a file that is not there yet.
    fn apart(schema: Arc<Schema>) -> io::Result<Self> {
        let parquet = ArrowSchemaConverter::new().convert(&schema).map_err(broken)?;
        let file = SerializedFileWriter::new(io::sink(), parquet.root_schema_ptr(), Arc::new(properties(&schema)));
        Ok(Self::new(&file.map_err(unwrapped)?, schema))
    }

    fn group(&self, columns: Vec<Done>) -> Result<Vec<Encoded>, ParquetError> {
        // The number of a row group matters to encryption only.
        let writers = self.columns.create_column_writers(0)?;
        let mut group = Vec::with_capacity(columns.len());
        for (((column, mut writer), field), described) in columns.into_iter().zip(writers).zip(self.schema.fields()).zip(&self.described) {
            let words = match column {
                Done::Nulls(rows) => Words { values: Vec::new(), rows: vec![NONE; rows] },
                Done::Words(words) => words,
                Done::Array(array) => {
                    for leaf in compute_leaves(field, &array)? {
                        writer.write(&leaf)?;
                    }
                    group.push(Encoded::Arrow(writer.close()?));
                    continue;
                }
            };
            let (bytes, close) = chunk::encoded(&words, Arc::clone(described))?;
            group.push(Encoded::Words(bytes, close));
        }
        Ok(group)
    }
}

/// A file of rows, one row group after the other.
pub(crate) struct Groups {
    file: SerializedFileWriter<File>,
    encoder: Encoder,
}

impl Groups {
    /// Begins a file with these columns.
    pub fn create(file: &Path, schema: Arc<Schema>) -> io::Result<Self> {
        let parquet = ArrowSchemaConverter::new().convert(&schema).map_err(broken)?;
        let file = SerializedFileWriter::new(File::create(file)?, parquet.root_schema_ptr(), Arc::new(properties(&schema)));
        let file = file.map_err(unwrapped)?;
        let encoder = Encoder::new(&file, schema);
        Ok(Self { file, encoder })
    }

    /// Writes a row group.
    pub fn write(&mut self, columns: Vec<Done>) -> io::Result<()> {
        let group = self.encoder.group(columns).map_err(unwrapped)?;
        self.append(group)
    }

    fn append(&mut self, group: Vec<Encoded>) -> io::Result<()> {
        let append = || {
            let mut to = self.file.next_row_group()?;
            for column in group {
                match column {
                    Encoded::Arrow(column) => column.append_to_row_group(&mut to)?,
                    Encoded::Words(bytes, close) => to.append_column(&bytes, close)?,
                }
            }
            to.close().map(drop)
        };
        append().map_err(unwrapped)
    }

    /// Ends the file.
    pub fn close(self) -> io::Result<()> {
        self.file.close().map(drop).map_err(unwrapped)
    }
}

pub(crate) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// Where the row groups of a part go.
enum Place {
    /// to a file, which is made with the first of them
    File(PathBuf, Option<Groups>),
    /// nowhere yet
    Held(Option<Encoder>, Vec<Vec<Encoded>>),
}

/// Writes one part.
pub(crate) struct PartWriter {
    table: &'static str,
    rows: Appender,
    place: Place,
    groups: Vec<GroupRecord>,
    keyed: u64,
}

/// What was written of a part, to be appended to another.
pub(crate) struct HeldPart {
    encoded: Vec<Vec<Encoded>>,
    groups: Vec<GroupRecord>,
    keyed: u64,
}

impl PartWriter {
    /// A part of records with these fields, in a folder.
    pub fn new(table: &'static str, record: &'static [Declared], folder: &Path) -> Self {
        let file = folder.join(format!("{table}.parquet"));
        Self { table, rows: Appender::new(record), place: Place::File(file, None), groups: Vec::new(), keyed: 0 }
    }

    /// A part that is held in memory, encoded, until it is appended to another.
    pub fn held(table: &'static str, record: &'static [Declared]) -> Self {
        Self { table, rows: Appender::new(record), place: Place::Held(None, Vec::new()), groups: Vec::new(), keyed: 0 }
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

    /// How many rows were written.
    fn written(&self) -> u64 {
        self.groups.iter().map(|g| g.rows).sum()
    }

    /// Writes what waits as a row group. Says for each row, in the order in which they came, its number in the file.
    pub fn flush(&mut self) -> io::Result<Vec<u64>> {
        let before = self.written();
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
        match &mut self.place {
            Place::File(file, groups) => to_file(file, groups, &self.rows)?.write(columns)?,
            Place::Held(encoder, groups) => {
                let encoder = match encoder {
                    Some(encoder) => encoder,
                    None => encoder.insert(Encoder::apart(self.rows.schema())?),
                };
                groups.push(encoder.group(columns).map_err(unwrapped)?);
            }
        }
        self.groups.push(GroupRecord { rows: rows as u64, from, to });
        Ok(places)
    }

    /// Takes over what another part of the same table holds, behind all that was written. Says which number its first row has here. All rows must
    /// have been flushed.
    pub fn append(&mut self, part: HeldPart) -> io::Result<u64> {
        let before = self.written();
        match &mut self.place {
            Place::File(file, groups) => {
                let file = to_file(file, groups, &self.rows)?;
                part.encoded.into_iter().try_for_each(|group| file.append(group))?;
            }
            Place::Held(_, groups) => groups.extend(part.encoded),
        }
        self.groups.extend(part.groups);
        self.keyed += part.keyed;
        Ok(before)
    }

    /// What was written of a part that is held. All rows must have been flushed.
    pub fn into_held(self) -> HeldPart {
        let encoded = match self.place {
            Place::Held(_, encoded) => encoded,
            Place::File(..) => Vec::new(),
        };
        HeldPart { encoded, groups: self.groups, keyed: self.keyed }
    }

    /// Ends the file; `None` when there was nothing to write. All rows must have been flushed.
    pub fn finish(self) -> io::Result<Option<PartRecord>> {
        let Place::File(file, Some(groups)) = self.place else { return Ok(None) };
        groups.close()?;
        let bytes = std::fs::metadata(&file)?.len();
        Ok(Some(PartRecord { table: self.table.to_owned(), bytes, keyed: self.keyed, groups: self.groups }))
    }
}

fn to_file<'g>(file: &Path, groups: &'g mut Option<Groups>, rows: &Appender) -> io::Result<&'g mut Groups> {
    match groups {
        Some(groups) => Ok(groups),
        None => Ok(groups.insert(Groups::create(file, rows.schema())?)),
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
