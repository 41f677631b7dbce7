//! Which files must be read, and in which shards.
//!
//! A shard is a run of files in the order of the walk, so that a lake of a hundred thousand small files has not as many parts. Its size
//! depends on what is to be read and not on the machine.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use abate_app::ports::Object;
use sha2::{Digest, Sha256};

use crate::earlier;
use crate::manifest::{FileRecord, Manifest, Tagged};
use crate::walk::{Found, Kind};

/// How many shards there should be at the most.
const SHARDS: u64 = 256;
/// Files of a shard, at the most.
const FILES: usize = 4096;

/// Where the walk's files are read already: shard and place in it; `None` where they must be read.
pub(crate) fn known(found: &[Found], manifests: &[&Manifest]) -> Vec<Option<(usize, usize)>> {
    let mut places: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for (shard, manifest) in manifests.iter().enumerate() {
        for (place, file) in manifest.files.iter().enumerate().filter(|(_, f)| f.whole) {
            places.entry(&file.name).or_default().push((shard, place));
        }
    }
    let mut known: Vec<Option<(usize, usize)>> = found
        .iter()
        .map(|file| {
            let places = places.get(file.name.as_str())?;
            let record = |(shard, place): (usize, usize)| manifests.get(shard)?.files.get(place);
            match &file.kind {
                Kind::File => {}
                Kind::Object(object) => return places.iter().copied().find(|p| record(*p).is_some_and(|f| f.is_of(object))),
                Kind::Kept { sha256, .. } => {
                    return places.iter().copied().find(|p| record(*p).is_some_and(|f| f.sha256 == *sha256 && f.bytes == file.bytes));
                }
                Kind::Stdin | Kind::Link(_) | Kind::Refused(..) => return None,
            }
            let hash = places.iter().any(|p| record(*p).is_some_and(|f| f.bytes == file.bytes)).then(|| sha256(&file.path).ok())??;
            places.iter().copied().find(|p| record(*p).is_some_and(|f| f.sha256 == hash))
        })
        .collect();
    in_order(&mut known);
    known
}

impl FileRecord {
    /// Whether it is of this content of an object.
    fn is_of(&self, object: &Object) -> bool {
        self.bytes == object.bytes && self.object.as_ref().is_some_and(|of| object.tag.as_ref() == Some(&of.tag))
    }
}

/// Rows of a shard are in the order of its files; where these now stand in another order, the shard will not do.
fn in_order(known: &mut [Option<(usize, usize)>]) {
    let mut last: HashMap<usize, usize> = HashMap::new();
    let mut broken = Vec::new();
    for (shard, place) in known.iter().flatten() {
        if last.insert(*shard, *place).is_some_and(|before| before >= *place) {
            broken.push(*shard);
        }
    }
    known.iter_mut().filter(|k| k.is_some_and(|(shard, _)| broken.contains(&shard))).for_each(|k| *k = None);
}

/// The SHA-256 of a file.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}

/// The shards of what must be read, each as places in the walk; of about `from` to `to` bytes on disk.
pub(crate) fn shards(found: &[Found], known: &[Option<(usize, usize)>], (from, to): (u64, u64)) -> Vec<Vec<usize>> {
    let is_new = |n: &usize| matches!(known.get(*n), Some(None));
    let to_read = |f: &Found| matches!(f.kind, Kind::File | Kind::Stdin | Kind::Object(_));
    let new: Vec<(usize, u64)> =
        found.iter().enumerate().filter(|(n, file)| is_new(n) && to_read(file)).map(|(n, file)| (n, file.bytes)).collect();
    let total = new.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
    let most = (total / SHARDS).clamp(from, to);
    let (mut shards, mut shard, mut size) = (Vec::new(), Vec::new(), 0_u64);
    for (n, bytes) in new {
        if !shard.is_empty() && (size.saturating_add(bytes) > most || shard.len() >= FILES) {
            shards.push(std::mem::take(&mut shard));
            size = 0;
        }
        shard.push(n);
        size = size.saturating_add(bytes);
    }
    shards.extend((!shard.is_empty()).then_some(shard));
    shards
}

/// Shards of which no file is as it was, although its files were looked for: something newer took their place.
pub(crate) fn dead<'m>(all: &'m [Manifest], used: &[Manifest], found: &[Found]) -> Vec<&'m Manifest> {
    // What was refused took nobody's place.
    let there = found.iter().filter(|f| !matches!(f.kind, Kind::Refused(..)));
    let names: std::collections::HashSet<&str> = there.map(|f| f.name.as_str()).collect();
    let superseded = |m: &&Manifest| m.files.iter().all(|f| names.contains(f.name.as_str()));
    all.iter().filter(|m| !used.iter().any(|u| u.key == m.key)).filter(superseded).collect()
}

/// What is noted of a file that was read: its hash stands beside its sources, as the outermost container's or as its own.
pub(crate) fn record(file: &Found, sources: &[crate::manifest::SourceRecord], whole: bool) -> FileRecord {
    let first = sources.first();
    let outer = first.and_then(|source| source.containers.first());
    let sha256 = outer.map_or_else(|| first.map(|s| s.sha256.clone()).unwrap_or_default(), |outer| outer.sha256.clone());
    let object = match &file.kind {
        Kind::Object(Object { tag: Some(tag), modified, .. }) => Some(Tagged { tag: tag.clone(), modified: *modified }),
        _ => None,
    };
    FileRecord { name: file.name.clone(), sha256, bytes: 0, sources: sources.len(), whole, object, local: earlier::local(file) }
}
