//! Answers as CSV, JSON, lines of JSON or Parquet, batch by batch.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use abate_model::text::csv_cell;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::json::writer::{JsonFormat, LineDelimited, Writer, WriterBuilder};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use crate::answer::Answer;
use crate::error::SqlError;
use crate::values::{Column, Values, ZONELESS};

/// Rows in a row group of Parquet; the writer holds one in memory.
const GROUP: usize = 128 << 10;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// one array of objects
    Json,
    /// one object on each line
    Ndjson,
    /// with a line of names; text that a spreadsheet would run is disarmed
    Csv,
    /// Parquet, LZ4
    Parquet,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// rows
    pub rows: u64,
}

/// Writes a whole answer.
///
/// # Errors
/// When the query fails in the middle, or what is written to does.
pub fn write<W: Write + Send>(answer: &mut Answer<'_>, format: FileFormat, out: W) -> Result<Written, SqlError> {
    match format {
        FileFormat::Json => json::<W, Lines>(answer, out),
        FileFormat::Ndjson => json::<W, LineDelimited>(answer, out),
        FileFormat::Csv => csv(answer, out),
        FileFormat::Parquet => parquet(answer, out),
    }
}

/// An array with an object on each line.
#[derive(Debug, Default)]
struct Lines;

impl JsonFormat for Lines {
    fn start_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"[")?)
    }

    fn start_row<W: Write>(&self, writer: &mut W, is_first_row: bool) -> Result<(), ArrowError> {
        Ok(writer.write_all(if is_first_row { b"\n" } else { b",\n" })?)
    }

    fn end_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"\n]\n")?)
    }
}

fn json<W: Write, F: JsonFormat>(answer: &mut Answer<'_>, out: W) -> Result<Written, SqlError> {
    let schema = unique(answer.schema());
    let builder =
        WriterBuilder::new().with_explicit_nulls(true).with_timestamp_format(ZONELESS.to_owned()).with_datetime_format(ZONELESS.to_owned());
    let mut writer: Writer<W, F> = builder.build(out);
    let mut written = Written::default();
    while let Some(batch) = answer.next_batch()? {
        written.rows += batch.num_rows() as u64;
        renamed(&schema, &batch).and_then(|batch| writer.write(&batch)).map_err(arrow)?;
    }
    writer.finish().map_err(arrow)?;
    writer.into_inner().flush()?;
    Ok(written)
}

fn csv<W: Write>(answer: &mut Answer<'_>, out: W) -> Result<Written, SqlError> {
    let columns = Column::of(answer.schema());
    let mut writer = ::csv::Writer::from_writer(out);
    let broken = |error: ::csv::Error| match error.into_kind() {
        ::csv::ErrorKind::Io(error) => SqlError::Io(error),
        other => SqlError::Machine(format!("{other:?}")),
    };
    writer.write_record(columns.iter().map(|column| csv_cell(&column.name))).map_err(broken)?;
    let mut written = Written::default();
    while let Some(batch) = answer.next_batch()? {
        for row in Values::of(&batch)?.rows() {
            let cells = row.into_iter().zip(&columns).map(|(cell, column)| {
                let cell = cell.unwrap_or_default();
                if column.text { csv_cell(&cell) } else { cell }
            });
            writer.write_record(cells).map_err(broken)?;
            written.rows += 1;
        }
    }
    writer.flush()?;
    Ok(written)
}

fn parquet<W: Write + Send>(answer: &mut Answer<'_>, out: W) -> Result<Written, SqlError> {
    let schema = unique(answer.schema());
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(GROUP))
        .set_created_by("abate".to_owned())
        .build();
    // Without Arrow's own copy of the schema: it names types in memory that older readers do not know.
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options).map_err(parquet_error)?;
    let mut written = Written::default();
    while let Some(batch) = answer.next_batch()? {
        written.rows += batch.num_rows() as u64;
        let batch = renamed(&schema, &batch).map_err(arrow)?;
        writer.write(&batch).map_err(parquet_error)?;
    }
    writer.close().map_err(parquet_error)?;
    Ok(written)
}

fn arrow(error: ArrowError) -> SqlError {
    match error {
        ArrowError::IoError(_, error) => SqlError::Io(error),
        other => SqlError::Query(other.to_string()),
    }
}

fn parquet_error(error: ParquetError) -> SqlError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => SqlError::Io(*error),
            Err(other) => SqlError::Machine(other.to_string()),
        },
        other => SqlError::Query(other.to_string()),
    }
}

/// The schema with each name once: a join may have two columns `time`, of which an object could hold only one.
fn unique(schema: &Schema) -> SchemaRef {
    let mut taken: HashSet<String> = HashSet::new();
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let mut name = field.name().clone();
            let mut n = 2;
            while !taken.insert(name.clone()) {
                name = format!("{}_{n}", field.name());
                n += 1;
            }
            field.as_ref().clone().with_name(name)
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn renamed(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())
}
