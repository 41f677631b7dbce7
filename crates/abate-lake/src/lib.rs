//! Takes evidence in: walks files and folders, runs the readers in parallel, writes rows into Parquet, keeps count of everything, and
//! answers the read port from what was written.
//!
//! Files are read in shards (`shard`); what a run sees is put together from their manifests (`view`). The result is the same whatever
//! the number of threads or processes, and whether files were read now or in an earlier run. Rows are never all in memory.

mod chunk;
mod columns;
mod counters;
mod division;
mod duplicates;
mod earlier;
mod export;
mod folder;
mod head;
mod keeping;
mod manifest;
mod measure;
mod merge;
mod plan;
mod preserve;
mod read;
mod remote;
mod rollup;
mod roots;
mod scan;
mod shard;
mod snapshot;
mod stored;
mod summary;
mod view;
mod walk;
mod words;
mod write;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use abate_app::ports::{Exported, IngestRequest, Lake, LakeError, Objects, Progress, object_place};
use abate_model::{Cite, Evidence, LossKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use crate::columns::{Described, described, schema};
pub use crate::division::{Plan, plan_shards, read_shard};
pub use crate::export::read as read_table;
use crate::folder::Folder;
use crate::keeping::Keeping;
use crate::manifest::{Manifest, Reading, SourceRecord};
pub use crate::measure::{Read, to_arrow};
pub use crate::read::NotShown;
use crate::remote::Remote;
use crate::shard::{Failed, Hands, unread};
pub use crate::snapshot::{Part as TablePart, Snapshot};
use crate::stored::Stored;
use crate::view::Piece;
use crate::walk::{Found, Kind};

/// Reads evidence from the local file system, and from an object store.
#[derive(Clone, Copy)]
pub struct FileLake<'o> {
    /// where places of objects are looked for
    pub objects: &'o dyn Objects,
}

impl Lake for FileLake<'_> {
    fn ingest(&self, request: &IngestRequest<'_>, progress: &mut dyn Progress) -> Result<Box<dyn Evidence>, LakeError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Box::new(ingest(request, self.objects, &Tuning { threads, ..Tuning::default() }, progress)?))
    }
}

/// Writes every table that has rows, and the sources, as Parquet into a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn export(evidence: &dyn Evidence, folder: &Path) -> io::Result<Vec<Exported>> {
    export::write(evidence, folder)
}

/// Where the raw record of a citation is looked for.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// the evidence that was cited
    pub paths: &'a [PathBuf],
    /// where places of objects are looked for
    pub objects: &'a dyn Objects,
    /// as it was read: the instant from which years are reckoned
    pub reference: Timestamp,
    /// as it was read: the zone of times without one
    pub zone: &'a TimeZone,
    /// SHA-256 of the file that the source lies in, as it was read, if that is known
    pub sha256: Option<&'a str>,
    /// a folder of copies, as [`IngestRequest::preserve`] has made it
    pub copies: Option<&'a Path>,
}

/// The raw record that a citation names, out of the file that was cited; where that is gone or was changed, out of a copy of it. Only the file
/// that the source lies in is read.
///
/// # Errors
/// [`NotShown`]: what became of the file, or that it has no such record.
pub fn raw(look: &Look<'_>, cite: &Cite) -> Result<Vec<u8>, NotShown> {
    original(look, cite).or_else(|why| copied(look, cite).ok_or(why))
}

/// Out of a copy.
fn copied(look: &Look<'_>, cite: &Cite) -> Option<Vec<u8>> {
    let copies = preserve::copies_of(look.copies?, &cite.source, look.sha256);
    let read = |(copy, sha256): &(Found, String)| {
        let copy = std::slice::from_ref(copy);
        read::raw(copy, look.objects, cite, (look.reference, look.zone), Some(sha256)).ok()
    };
    copies.iter().find_map(read)
}

fn original(look: &Look<'_>, cite: &Cite) -> Result<Vec<u8>, NotShown> {
    let Look { paths, objects, reference, zone, sha256, .. } = *look;
    let look = |paths: &[PathBuf]| read::raw(&walk::walk(paths, objects), objects, cite, (reference, zone), sha256);
    // One object is looked for by its name, so that a bucket of a million others is not listed.
    let object = cite.source.split("!/").next().filter(|object| !object.ends_with('/'));
    let given = |object: &str| paths.iter().filter_map(|path| object_place(path)).any(|place| remote::is_at(object, place));
    let given = object.filter(|object| given(object)).map(PathBuf::from);
    match given.map(|object| look(&[object])) {
        Some(Ok(raw)) => Ok(raw),
        Some(Err(why)) if why != NotShown::Absent => Err(why),
        _ => look(paths),
    }
}

/// The SHA-256 of the file that a source lies in, as a lake has it; `None` where it has none, or several contents of it.
#[must_use]
pub fn hash_of(lake: &Path, source: &str) -> Option<String> {
    let all = if lake.is_dir() { Folder::open(lake, false).and_then(|folder| folder.manifests()).ok()? } else { Vec::new() };
    let holding = all.iter().flat_map(|m| &m.files).filter(|file| read::is_in(source, &file.name) && file.whole);
    let hashes: HashSet<&String> = holding.map(|file| &file.sha256).collect();
    if hashes.len() == 1 { hashes.into_iter().next().cloned() } else { None }
}

/// Whether a lake, or a folder of copies, has something of a path, or of what lay below it.
#[must_use]
pub fn knows(lake: Option<&Path>, copies: Option<&Path>, path: &Path) -> bool {
    let of_lake = |lake: &Path| {
        let all = Folder::open(lake, false).and_then(|folder| folder.manifests()).unwrap_or_default();
        earlier::lasting(path).is_some_and(|path| !earlier::at(&path, &all, &|_| true).is_empty())
    };
    lake.filter(|lake| lake.is_dir()).is_some_and(of_lake) || copies.is_some_and(|copies| preserve::knows(copies, path))
}

/// The raw records of some sources, by the paths of these; each record is held in memory. Only the files that the sources lie in are read.
#[must_use]
pub fn raw_of(paths: &[PathBuf], objects: &dyn Objects, sources: &[&str], reference: Timestamp, zone: &TimeZone) -> Vec<(String, Vec<u8>)> {
    if sources.is_empty() {
        return Vec::new();
    }
    read::raw_of(&walk::walk(paths, objects), objects, sources, (reference, zone))
}

/// The error when a folder cannot be used.
pub(crate) fn failed(place: &Path) -> impl FnOnce(io::Error) -> LakeError + use<> {
    let place = place.display().to_string();
    move |error| LakeError::Disk { place, reason: error.to_string() }
}

/// How the work is cut. The result does not depend on it.
struct Tuning {
    threads: usize,
    /// bytes of a shard on disk, from and to
    shard: (u64, u64),
    /// keys of records that are looked at closely at once
    keys: u64,
    /// counters of flows that a thread keeps in memory
    counters: usize,
    /// row groups that are read side by side: each takes a file handle and up to some megabytes
    open: usize,
    /// whether a lake that is kept must outlast a power cut
    durable: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { threads: 1, shard: (4 << 20, 256 << 20), keys: 500_000, counters: 100_000, open: 128, durable: true }
    }
}

/// Whatever lies below the paths of a request; what is not there now, but was read earlier, stands as it is in the lake.
fn find(
    request: &IngestRequest<'_>,
    objects: &dyn Objects,
    (folder, reading, all): (&Folder, &Reading, &[Manifest]),
    progress: &mut dyn Progress,
) -> io::Result<Vec<Found>> {
    let forgotten = folder.forgotten()?;
    let takes = |m: &Manifest| reading.takes(&m.reading, request.any_rules);
    let earlier = |place: &str| earlier::at(place, all, &takes).into_iter().filter(|file| !forgotten.contains(file)).collect();
    let told = &mut |count, place: &str| progress.listed(count, place);
    let mut found = walk::walk_all(request.paths, &mut Remote { objects, earlier: &earlier, told });
    if request.forget_gone {
        let gone: Vec<Found> = found.extract_if(.., |file| matches!(file.kind, Kind::Kept { gone: true, .. })).collect();
        folder.forget(forgotten, &gone)?;
    }
    Ok(found)
}

fn ingest(request: &IngestRequest<'_>, objects: &dyn Objects, tuning: &Tuning, progress: &mut dyn Progress) -> Result<Stored, LakeError> {
    let folder = match request.lake {
        Some(path) => Folder::open(path, tuning.durable).map_err(failed(path))?,
        None => Folder::temporary().map_err(failed(&std::env::temp_dir()))?,
    };
    let keeping = request.preserve.map(|place| Keeping::new(objects, place).map_err(failed(place))).transpose()?;
    let objects: &dyn Objects = keeping.as_ref().map_or(objects, |keeping| keeping);
    let reading = Reading::of(request);
    let all = folder.manifests().map_err(failed(folder.path()))?;
    let fitting: Vec<&Manifest> = all.iter().filter(|m| reading.takes(&m.reading, request.any_rules)).collect();
    let found = find(request, objects, (&folder, &reading, &all), progress).map_err(failed(folder.path()))?;
    progress.begin(found.iter().fold(0, |sum, f| sum.saturating_add(f.bytes)), found.len() as u64);
    let known = plan::known(&found, &fitting);
    for (file, _) in found.iter().zip(&known).filter(|(_, known)| known.is_some()) {
        progress.advance(file.bytes, &file.name);
    }
    let read = read_shards(&found, &known, (request, objects), &reading, &folder, (tuning, progress))?;
    progress.end();
    let (shards, used) = used(&fitting, &known, read);
    if let Some((place, keeping)) = request.preserve.zip(keeping.as_ref()) {
        let record = |(n, file)| {
            let (shard, place) = used.get(&n)?;
            let record = shards.get(*shard)?.files.get(*place)?;
            (matches!(file, &Found { kind: Kind::File | Kind::Object(_), .. }) && record.whole).then_some((file, record))
        };
        let files: Vec<_> = found.iter().enumerate().filter_map(record).collect();
        preserve::preserve(&files, keeping, place).map_err(failed(place))?;
    }
    let pieces = pieces(&found, &shards, &used);
    folder.tidy(&plan::dead(&all, &shards, &found));
    drop(all);
    let view = view::view(pieces, &shards, &folder, tuning).map_err(failed(folder.path()))?;
    drop(shards);
    let place = folder.path().to_owned();
    let stored = Stored::new(view, folder, tuning).map_err(failed(&place))?;
    if request.lake.is_some() {
        stored.write_head().map_err(failed(&place))?;
    }
    Ok(stored)
}

/// Reads what must be read; each shard with the places of its files in the walk.
fn read_shards(
    found: &[Found],
    known: &[Option<(usize, usize)>],
    asked: (&IngestRequest<'_>, &dyn Objects),
    reading: &Reading,
    folder: &Folder,
    (tuning, progress): (&Tuning, &mut dyn Progress),
) -> Result<Vec<(Vec<usize>, Manifest)>, LakeError> {
    let shards = plan::shards(found, known, tuning.shard);
    let next = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    let mut left: Vec<u64> = found.iter().map(|f| f.bytes).collect();
    let hands = Hands::new(tuning.threads);
    let results = std::thread::scope(|scope| {
        let work = |_| {
            let (tell, next, shards, hands) = (tell.clone(), &next, &shards, &hands);
            hands.begin();
            scope.spawn(move || {
                let mut done = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(places) = shards.get(number) else {
                        hands.end();
                        return Ok(done);
                    };
                    // The receiver lives as long as the scope.
                    let mut told = |file, bytes| {
                        let _ = tell.send((file, bytes));
                    };
                    match shard::ingest(found, places, asked, (reading, tuning.counters, hands), folder, &mut told) {
                        Ok(manifest) => done.push((number, manifest)),
                        Err(failed) => {
                            // The others need not begin anything new.
                            next.store(shards.len(), Ordering::Relaxed);
                            return Err(failed);
                        }
                    }
                }
            })
        };
        let workers: Vec<_> = (0..tuning.threads.clamp(1, shards.len().max(1))).map(work).collect();
        drop(tell);
        for (number, bytes) in told {
            if let (Some(file), Some(left)) = (found.get(number), left.get_mut(number)) {
                // A file may grow while it is read; the sum told is the size seen first.
                let step = bytes.min(*left);
                *left -= step;
                progress.advance(step, &file.name);
            }
        }
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let mut slots: Vec<Option<Manifest>> = shards.iter().map(|_| None).collect();
    for result in results {
        let Ok(result) = result else { continue };
        let done = result.map_err(|Failed { place, error }| failed(&place)(error))?;
        for (number, manifest) in done {
            if let Some(slot) = slots.get_mut(number) {
                *slot = Some(manifest);
            }
        }
    }
    let first = |places: &[usize]| places.first().and_then(|n| found.get(*n)).map(|f| f.name.clone()).unwrap_or_default();
    let whole = shards.into_iter().zip(slots);
    whole.map(|(places, manifest)| Ok((places.clone(), manifest.ok_or_else(|| LakeError::Stopped { file: first(&places) })?))).collect()
}

/// The shards of a run, and for each file of the walk its shard and its place there.
fn used(
    fitting: &[&Manifest],
    known: &[Option<(usize, usize)>],
    read: Vec<(Vec<usize>, Manifest)>,
) -> (Vec<Manifest>, HashMap<usize, (usize, usize)>) {
    let (mut shards, mut files, mut places) = (Vec::new(), HashMap::new(), HashMap::new());
    for (file, (old, place)) in known.iter().enumerate().filter_map(|(n, k)| Some((n, (*k)?))) {
        let shard = *places.entry(old).or_insert_with(|| {
            shards.extend(fitting.get(old).map(|m| Manifest::clone(m)));
            shards.len() - 1
        });
        files.insert(file, (shard, place));
    }
    for (numbers, manifest) in read {
        files.extend(numbers.into_iter().enumerate().map(|(place, file)| (file, (shards.len(), place))));
        shards.push(manifest);
    }
    (shards, files)
}

/// The sources in the order of the walk.
fn pieces(found: &[Found], shards: &[Manifest], used: &HashMap<usize, (usize, usize)>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let begins: Vec<Vec<usize>> = shards.iter().map(begins).collect();
    let record = |n: usize| used.get(&n).and_then(|(shard, place)| shards.get(*shard)?.files.get(*place));
    let is_there = |file: &Found| matches!(file.kind, Kind::File | Kind::Stdin | Kind::Object(_));
    let there: HashSet<(&str, u64)> =
        (0..).zip(found).filter(|(_, file)| is_there(file)).filter_map(|(n, _)| record(n)).map(|r| (r.sha256.as_str(), r.bytes)).collect();
    for (n, file) in found.iter().enumerate() {
        let alone = |record: SourceRecord| Piece { record, origin: None, gone: false };
        match &file.kind {
            Kind::Link(what) => pieces.push(alone(unread(file, what, None))),
            Kind::Refused(kind, reason) => pieces.push(alone(unread(file, "not opened", Some((*kind, reason.clone()))))),
            // Under another name it is still there.
            Kind::Kept { sha256, gone: true } if there.contains(&(sha256.as_str(), file.bytes)) => {}
            Kind::File | Kind::Stdin | Kind::Object(_) | Kind::Kept { .. } => {
                let gone = matches!(file.kind, Kind::Kept { gone: true, .. });
                let place = used.get(&n).and_then(|(shard, place)| Some((*shard, *place, shards.get(*shard)?)));
                let begin = place.and_then(|(shard, place, _)| begins.get(shard)?.get(place).copied());
                let Some(((shard, place, manifest), begin)) = place.zip(begin) else {
                    let reason = match file.kind {
                        Kind::Kept { .. } => "it is not there now, and what was read of it earlier stands in another order of places",
                        // No other file gets here unread; if one did, it must be seen.
                        _ => "it was not read: please report it as a bug",
                    };
                    let reason = reason.to_owned();
                    pieces.push(alone(unread(file, "not opened", Some((LossKind::Unreadable, reason)))));
                    continue;
                };
                let count = manifest.files.get(place).map_or(0, |f| f.sources);
                let records = manifest.sources.get(begin..begin + count).unwrap_or_default();
                pieces.extend((begin..).zip(records).map(|(at, record)| Piece { record: record.clone(), origin: Some((shard, at)), gone }));
            }
        }
    }
    pieces
}

/// Where the sources of each file begin.
fn begins(shard: &Manifest) -> Vec<usize> {
    let next = |at: &mut usize, sources: usize| {
        let begin = *at;
        *at += sources;
        begin
    };
    shard.files.iter().scan(0, |at, file| Some(next(at, file.sources))).collect()
}

#[cfg(test)]
mod findings_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod pieces_tests;
#[cfg(test)]
mod remote_tests;
#[cfg(test)]
mod tests;
