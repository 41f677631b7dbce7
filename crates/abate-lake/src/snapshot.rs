//! Which Parquet files make up which table: what an engine that reads the tables is given.
//!
//! Absent on purpose: any reading of rows. Only the files' footers are looked at.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::folder::LOCK;
use crate::head;
use parquet::file::reader::{FileReader, SerializedFileReader};

/// A file of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// the table that it belongs to
    pub table: String,
    /// the Parquet file
    pub file: PathBuf,
    /// how many rows the file has, those that are dropped included
    pub rows: u64,
    /// rows that must not be seen, since other evidence has them already: numbered from 0 in the order of the file, over all
    /// of its row groups
    pub dropped: Vec<Range<u64>>,
}

/// The files of all tables at one time.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// in no particular order; a table may have many parts
    pub parts: Vec<Part>,
    /// held so that no run tidies up while the files are in use
    _lock: Option<Arc<File>>,
}

impl Snapshot {
    /// Some parts, wherever they lie.
    #[must_use]
    pub fn of(parts: Vec<Part>) -> Self {
        Self { parts, _lock: None }
    }

    /// A lake as its last run saw it, else what lies in a folder: `TABLE.parquet`, as [`crate::export`] writes it, and every Parquet file below `TABLE/`.
    /// Names that begin with a dot are left alone.
    ///
    /// # Errors
    /// When the folder, or one of the files, cannot be read, or a file is no Parquet; the error names it.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        if let Some(parts) = head::parts(folder)? {
            // On a medium that cannot be written there is no lock, and nobody who tidies up.
            let lock = File::open(folder.join(LOCK)).ok().filter(|lock| lock.lock_shared().is_ok());
            return Ok(Self { parts, _lock: lock.map(Arc::new) });
        }
        let mut found: BTreeMap<PathBuf, String> = BTreeMap::new();
        for path in entries(folder)? {
            if path.is_dir() {
                let Some(table) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
                below(&path, &table, &mut found)?;
            } else if is_parquet(&path)
                && let Some(table) = path.file_stem().map(|name| name.to_string_lossy().into_owned())
            {
                found.insert(path, table);
            }
        }
        let part = |(file, table): (PathBuf, String)| rows(&file).map(|rows| Part { table, file, rows, dropped: Vec::new() });
        Ok(Self::of(found.into_iter().map(part).collect::<io::Result<_>>()?))
    }
}

fn below(folder: &Path, table: &str, found: &mut BTreeMap<PathBuf, String>) -> io::Result<()> {
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for path in entries(&folder)? {
            // A link to a folder may lead round in a circle.
            if path.is_dir() && !path.is_symlink() {
                todo.push(path);
            } else if is_parquet(&path) {
                found.insert(path, table.to_owned());
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let paths: io::Result<Vec<PathBuf>> = std::fs::read_dir(folder)
        .map_err(|error| at(folder, &error))?
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| at(folder, &error)))
        .collect();
    Ok(paths?.into_iter().filter(|path| !hidden(path)).collect())
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}

pub(crate) fn rows(file: &Path) -> io::Result<u64> {
    let opened = File::open(file).map_err(|error| at(file, &error))?;
    let reader = SerializedFileReader::new(opened).map_err(|error| at(file, &io::Error::new(io::ErrorKind::InvalidData, error)))?;
    Ok(u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default())
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use parquet::arrow::ArrowWriter;

    fn put(file: &Path, rows: usize) {
        std::fs::create_dir_all(file.parent().expect("below a folder")).expect("folder");
        let numbers = arrow_array::UInt64Array::from_iter_values(0..rows as u64);
        let batch = arrow_array::RecordBatch::try_from_iter([("n", Arc::new(numbers) as arrow_array::ArrayRef)]).expect("batch");
        let mut writer = ArrowWriter::try_new(File::create(file).expect("file"), batch.schema(), None).expect("writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
    }

    #[test]
    fn both_layouts_are_found_and_hidden_files_are_not() {
        let dir = tempfile::tempdir().expect("folder");
        put(&dir.path().join("sources.parquet"), 3);
        put(&dir.path().join("api_activity/a.parquet"), 2);
        put(&dir.path().join("api_activity/2026/b.parquet"), 1);
        put(&dir.path().join(".half/c.parquet"), 1);
        std::fs::write(dir.path().join("manifest.json"), "{}").expect("written");
        let found = Snapshot::of_folder(dir.path()).expect("readable");
        let parts: Vec<_> = found.parts.iter().map(|p| (p.table.as_str(), p.rows)).collect();
        assert_eq!(parts, vec![("api_activity", 1), ("api_activity", 2), ("sources", 3)]);
    }

    #[test]
    fn what_is_no_parquet_is_named() {
        let dir = tempfile::tempdir().expect("folder");
        std::fs::write(dir.path().join("sources.parquet"), "PAR").expect("written");
        let error = Snapshot::of_folder(dir.path()).expect_err("no Parquet");
        assert!(error.to_string().contains("sources.parquet"), "{error}");
    }
}
