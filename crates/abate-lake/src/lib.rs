//! Takes evidence in: walks files and folders, runs the readers in parallel, removes duplicates, keeps count of everything.
//!
//! The result is the same whatever the number of threads: files are read independently and merged in the order of their
//! paths. Known limit of this version: rows are held in memory (`abate_model::memory`), so the size of a run is bounded
//! by the machine; the read port is what a columnar lake will implement. Flow, web and system log records carry no id, so
//! that of them only whole files are known as duplicates.

mod columns;
mod merge;
mod parquet;
mod read;
mod roots;
mod snapshot;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use abate_app::ports::{Exported, IngestRequest, Lake, LakeError, Progress};
use abate_evidence::SourceEnd;
use abate_model::memory::Memory;
use abate_model::{Cite, Entity, Evidence, Row, RuleInfo};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use crate::columns::{Described, described, schema};
pub use crate::parquet::read as read_table;
pub use crate::snapshot::{Part as TablePart, Snapshot};

/// Reads evidence from the local file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileLake;

impl Lake for FileLake {
    fn ingest(&self, request: &IngestRequest<'_>, progress: &mut dyn Progress) -> Result<Box<dyn Evidence>, LakeError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Box::new(ingest(request, threads, progress)?))
    }
}

/// Writes every table that has rows, and the sources, as Parquet into a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn export(evidence: &dyn Evidence, folder: &Path) -> io::Result<Vec<Exported>> {
    parquet::write(evidence, folder)
}

/// The raw record that a citation names, from the evidence that was cited; `None` where there is none. Only the file that the
/// source lies in is read.
#[must_use]
pub fn raw(paths: &[PathBuf], cite: &Cite, reference: Timestamp, zone: &TimeZone) -> Option<Vec<u8>> {
    read::raw(&walk::walk(paths), cite, reference, zone)
}

/// The raw records of some sources, by the paths of these; each record is held in memory. Only the files that the sources lie in are read.
#[must_use]
pub fn raw_of(paths: &[PathBuf], sources: &[&str], reference: Timestamp, zone: &TimeZone) -> Vec<(String, Vec<u8>)> {
    read::raw_of(&walk::walk(paths), sources, reference, zone)
}

/// The rules that hit one row.
type Hits = Vec<(RuleInfo, Vec<Entity>)>;

/// One stream as a worker read it.
struct Part {
    end: SourceEnd,
    rows: Vec<Row<'static>>,
    /// by position in `rows`, ascending
    hits: Vec<(usize, Hits)>,
}

fn ingest(request: &IngestRequest<'_>, threads: usize, progress: &mut dyn Progress) -> Result<Memory, LakeError> {
    let found = walk::walk(request.paths);
    progress.begin(found.iter().fold(0, |sum, f| sum.saturating_add(f.bytes)), found.len() as u64);
    let parts = read::all(&found, request, threads, progress)?;
    progress.end();
    Ok(merge::merge(roots::gather(parts)))
}

#[cfg(test)]
mod tests;
