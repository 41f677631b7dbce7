//! One table over many Parquet files, some rows of which must not be seen.
//!
//! The rows that are dropped are taken out where a file is read (a row selection that travels with the file), so that row
//! groups and pages are still skipped by their statistics. What a file's own statistics say of its rows is not used for
//! answers, since it counts the dropped ones too: the number of live rows is the only statistic handed on.

use std::path::Path;
use std::sync::Arc;

use abate_lake::TablePart;
use async_trait::async_trait;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{Statistics, internal_datafusion_err, project_schema};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetRowSelection};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection, RowSelector};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::error::SqlError;

/// A table as the engine sees it.
#[derive(Debug)]
pub(crate) struct LakeTable {
    /// Texts are plain, not views: a view keeps the page that it points into, which a sort of wide rows counts over and over
    /// until nothing fits into memory.
    schema: SchemaRef,
    files: Vec<PartitionedFile>,
    /// live rows
    rows: u64,
    /// bytes of a row on average, not compressed, in the file where they are most
    width: u64,
}

impl LakeTable {
    /// A table of these files. `declared` are the columns that it has in any case; further ones come from the files.
    pub fn open(declared: Option<SchemaRef>, parts: &[&TablePart]) -> Result<Self, SqlError> {
        let mut fields: Vec<Arc<Field>> = declared.iter().flat_map(|schema| schema.fields().iter().cloned()).collect();
        let (mut files, mut rows, mut widest) = (Vec::new(), 0_u64, 0_u64);
        for part in parts {
            let broken = |what: String| SqlError::File { file: part.file.display().to_string(), what };
            let (file, footer) = opened(part, &broken)?;
            for field in footer.schema().fields() {
                if !fields.iter().any(|known| known.name() == field.name()) {
                    fields.push(Arc::new(field.as_ref().clone().with_nullable(true)));
                }
            }
            rows += live(part);
            widest = widest.max(width(&footer));
            files.push(file);
        }
        Ok(Self { schema: Arc::new(Schema::new(fields)), files, rows, width: widest })
    }

    /// Bytes of a row on average, of the widest file.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// Rows that can be seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// Rows of a part that can be seen.
fn live(part: &TablePart) -> u64 {
    selection(part).map_or(part.rows, |selection| selection.row_count() as u64)
}

/// Bytes of a row on average: of text what it is when it is read, since in the file equal values may be written once.
fn width(footer: &ArrowReaderMetadata) -> u64 {
    let columns = footer.metadata().row_groups().iter().flat_map(|group| group.columns());
    let bytes: i64 = columns.map(|c| c.uncompressed_size().max(c.unencoded_byte_array_data_bytes().unwrap_or_default())).sum();
    u64::try_from(bytes / footer.metadata().file_metadata().num_rows().max(1)).unwrap_or_default()
}

/// The file with what must not be seen of it, and its footer.
fn opened(part: &TablePart, broken: &dyn Fn(String) -> SqlError) -> Result<(PartitionedFile, ArrowReaderMetadata), SqlError> {
    let path = std::path::absolute(&part.file).map_err(|e| broken(e.to_string()))?;
    let handle = std::fs::File::open(&path).map_err(|e| broken(e.to_string()))?;
    let on_disk = handle.metadata().map_err(|e| broken(e.to_string()))?;
    let footer = ArrowReaderMetadata::load(&handle, ArrowReaderOptions::new()).map_err(|e| broken(e.to_string()))?;
    let rows = footer.metadata().file_metadata().num_rows();
    if u64::try_from(rows) != Ok(part.rows) {
        return Err(broken(format!("has {rows} rows where {} are expected", part.rows)));
    }
    let meta = ObjectMeta {
        location: location(&path).ok_or_else(|| broken("has a path that cannot be used".to_owned()))?,
        last_modified: on_disk.modified().map_err(|e| broken(e.to_string()))?.into(),
        size: on_disk.len(),
        e_tag: None,
        version: None,
    };
    let mut file = PartitionedFile::new_from_meta(meta);
    if let Some(selection) = selection(part) {
        file = file.with_extension(ParquetRowSelection::new(selection));
    }
    Ok((file, footer))
}

fn location(path: &Path) -> Option<StorePath> {
    StorePath::from_absolute_path(path).ok()
}

/// Which rows of a part are read; `None` where all are.
fn selection(part: &TablePart) -> Option<RowSelection> {
    let mut dropped: Vec<_> = part.dropped.iter().filter(|range| range.start < range.end && range.start < part.rows).collect();
    dropped.sort_by_key(|range| range.start);
    let count = |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let (mut at, mut steps) = (0_u64, Vec::new());
    for range in &dropped {
        let (from, to) = (range.start.max(at), range.end.min(part.rows));
        if from < to {
            steps.push(RowSelector::select(count(at, from)));
            steps.push(RowSelector::skip(count(from, to)));
            at = to;
        }
    }
    steps.push(RowSelector::select(count(at, part.rows)));
    (!dropped.is_empty()).then(|| RowSelection::from(steps))
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let url = ObjectStoreUrl::local_filesystem();
        let cache = state.runtime_env().cache_manager.get_file_metadata_cache();
        let footers = CachedParquetFileReaderFactory::new(state.runtime_env().object_store(&url)?, cache);
        let options = TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..TableParquetOptions::default() };
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(footers));
        let groups = FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        let live = usize::try_from(self.rows).map_err(|_| internal_datafusion_err!("too many rows"))?;
        let statistics = Statistics::new_unknown(&self.schema).with_num_rows(Precision::Exact(live));
        let scan = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // The file reader skips what cannot match; the rows it leaves are checked one by one above it.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One range, in a list.
    fn only(range: std::ops::Range<u64>) -> Vec<std::ops::Range<u64>> {
        std::iter::once(range).collect()
    }

    fn kept(rows: u64, dropped: Vec<std::ops::Range<u64>>) -> Option<usize> {
        let part = TablePart { table: "t".to_owned(), file: "t.parquet".into(), rows, dropped };
        selection(&part).map(|s| s.row_count())
    }

    #[test]
    fn a_selection_covers_the_file_whatever_the_ranges_look_like() {
        assert_eq!(kept(10, vec![]), None);
        assert_eq!(kept(10, only(0..10)), Some(0));
        assert_eq!(kept(10, vec![8..9, 2..5]), Some(6), "out of order");
        assert_eq!(kept(10, vec![2..6, 4..8, 4..5]), Some(4), "overlapping");
        assert_eq!(kept(10, only(7..99)), Some(7), "beyond the end");
        assert_eq!(kept(10, only(10..12)), None);
    }
}
