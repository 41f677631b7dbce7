//! The tables as Parquet files that any tool opens: one file for each table, rows by time, and one of the sources.
//!
//! Compression is LZ4, which every reader of Parquet knows and which costs next to nothing. The same rows give the same bytes.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use abate_app::ports::Exported;
use abate_model::{Evidence, Filter, Row, Table};
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::columns::{Appender, Rows};

/// Rows that are turned into columns at once.
const BATCH: usize = 8 << 10;
/// Rows in a row group: readers skip whole groups by their time.
const GROUP: usize = 128 << 10;
/// The table of sources.
pub(crate) const SOURCES: &str = "sources";

/// Writes every table that has rows, and the sources, into a folder that exists.
pub(crate) fn write(evidence: &dyn Evidence, folder: &Path) -> io::Result<Vec<Exported>> {
    let mut done = Vec::new();
    for table in Table::ALL {
        if evidence.has(table) {
            let file = folder.join(format!("{}.parquet", table.name()));
            let rows = table_to(evidence, table, &file)?;
            done.push(Exported { table: table.name(), file, rows });
        }
    }
    let file = folder.join(format!("{SOURCES}.parquet"));
    let rows = sources_to(evidence, &file)?;
    done.push(Exported { table: SOURCES, file, rows });
    Ok(done)
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(GROUP))
        .set_created_by("abate".to_owned())
        .build()
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

fn table_to(evidence: &dyn Evidence, table: Table, file: &PathBuf) -> io::Result<u64> {
    let mut appender = Appender::new(table);
    let schema = crate::columns::schema(table);
    let mut writer = ArrowWriter::try_new(File::create(file)?, schema, Some(properties())).map_err(broken)?;
    let (mut rows, mut failed) = (0_u64, None);
    evidence.rows(&Filter::table(table), &mut |row| {
        appender.push(row, evidence.path(row.source));
        rows += 1;
        if appender.rows() >= BATCH
            && let Err(error) = flush(&mut appender, &mut writer)
        {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    if let Some(error) = failed {
        return Err(error);
    }
    flush(&mut appender, &mut writer)?;
    writer.close().map_err(broken)?;
    Ok(rows)
}

fn flush(appender: &mut Appender, writer: &mut ArrowWriter<File>) -> io::Result<()> {
    if appender.rows() == 0 {
        return Ok(());
    }
    let batch = appender.batch().map_err(broken)?;
    writer.write(&batch).map_err(broken)
}

fn sources_to(evidence: &dyn Evidence, file: &PathBuf) -> io::Result<u64> {
    let batch = sources(evidence).map_err(broken)?;
    let mut writer = ArrowWriter::try_new(File::create(file)?, batch.schema(), Some(properties())).map_err(broken)?;
    writer.write(&batch).map_err(broken)?;
    writer.close().map_err(broken)?;
    Ok(batch.num_rows() as u64)
}

/// Every source with what became of it; the numbers add up.
fn sources(evidence: &dyn Evidence) -> Result<RecordBatch, ArrowError> {
    let texts = ["path", "format", "recognised_by", "sha256"];
    let numbers = ["bytes", "records", "duplicates", "lost"];
    let mut number = UInt64Builder::new();
    let mut words: Vec<StringBuilder> = texts.iter().map(|_| StringBuilder::new()).collect();
    let mut counts: Vec<UInt64Builder> = numbers.iter().map(|_| UInt64Builder::new()).collect();
    for (n, source) in (0_u64..).zip(evidence.sources()) {
        number.append_value(n);
        let said =
            [Some(source.path.as_str()), source.format.as_deref(), Some(source.recognised_by.as_str()), Some(source.sha256.as_str())];
        words.iter_mut().zip(said).for_each(|(builder, value)| builder.append_option(value));
        let counted = [source.bytes, source.records, source.duplicates, source.lost()];
        counts.iter_mut().zip(counted).for_each(|(builder, value)| builder.append_value(value));
    }
    let mut fields = vec![Field::new("source", DataType::UInt64, false)];
    fields.extend(texts.iter().map(|name| Field::new(*name, DataType::Utf8, true)));
    fields.extend(numbers.iter().map(|name| Field::new(*name, DataType::UInt64, false)));
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(number.finish())];
    arrays.extend(words.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
    arrays.extend(counts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// Visits the rows of a table's file in its order, until the visitor breaks.
///
/// # Errors
/// When the file cannot be opened or is no Parquet.
pub fn read(table: Table, file: &Path, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) -> io::Result<()> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?).map_err(broken)?;
    let reader = builder.with_batch_size(BATCH).build().map_err(broken)?;
    for batch in reader {
        let batch = batch.map_err(|error| broken(ParquetError::from(error)))?;
        let mut rows = Rows::of(table, &batch);
        while let Some(row) = rows.next() {
            if visit(&row).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
