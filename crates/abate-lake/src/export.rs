//! The tables as Parquet files that any tool opens: one file for each table, rows by time and without duplicates, and those of the sources, the losses
//! and the coverage.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use abate_app::ports::Exported;
use abate_model::{Body, Evidence, Filter, Row, Table};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::columns::{Appender, Front, Rows};
use crate::summary;
use crate::write::{GROUP, GROUP_BYTES, Groups, broken};

/// Rows that are read at once.
const BATCH: usize = 8 << 10;

/// Writes every table that has rows, and what is said about the whole, into a folder that exists.
pub(crate) fn write(evidence: &dyn Evidence, folder: &Path) -> io::Result<Vec<Exported>> {
    let mut done = Vec::new();
    for table in Table::ALL {
        if evidence.has(table) {
            let file = folder.join(format!("{}.parquet", table.name()));
            let rows = table_to(evidence, table, &file)?;
            done.push(Exported { table: table.name(), file, rows });
        }
    }
    for summary in summary::ALL {
        let file = folder.join(format!("{}.parquet", summary.name));
        let rows = summary.write(evidence, &file)?;
        done.push(Exported { table: summary.name, file, rows });
    }
    Ok(done)
}

fn table_to(evidence: &dyn Evidence, table: Table, file: &Path) -> io::Result<u64> {
    let mut appender = Appender::new(Body::fields(table));
    let mut groups = Groups::create(file, appender.schema())?;
    let (mut rows, mut failed) = (0_u64, None);
    evidence.rows(&Filter::table(table), &mut |row| {
        appender.push(Front::of(row, evidence.path(row.source)), |columns| row.body.put(columns));
        rows += 1;
        if (appender.rows() >= GROUP || appender.bytes() >= GROUP_BYTES)
            && let Err(error) = groups.write(appender.finish())
        {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if appender.rows() > 0 {
        groups.write(appender.finish())?;
    }
    groups.close()?;
    Ok(rows)
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
        let rows = Rows::of(Body::fields(table), &batch);
        for n in 0..rows.len() {
            if visit(&rows.row(table, n)).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
