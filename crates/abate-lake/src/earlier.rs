//! Files and objects that were read in an earlier run and are not there now. Their rows stay as they were read, so that to take a file away does
//! not change what a case rests on; only whoever says so leaves them out, and the lake remembers that.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use abate_app::ports::object_place;
use abate_model::LossKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::manifest::{FileRecord, Local, Manifest};
use crate::remote::is_at;
use crate::walk::{Found, Kind, text};

/// A file or object as it was read last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// where it lay: a path of this machine, or the place of an object
    pub place: String,
    pub sha256: String,
    pub bytes: u64,
    use_of: Use,
    modified: Option<Timestamp>,
}

/// What may be done with what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// nothing: it was read in another way
    ReadOtherwise,
    /// nothing: it was not read to its end
    Partly,
    Whole,
}

/// Where a file lies, so that a later run knows it again.
pub(crate) fn local(file: &Found) -> Option<Local> {
    if !matches!(file.kind, Kind::File) {
        return None;
    }
    let path = fs::canonicalize(&file.path).ok()?.into_os_string().into_string().ok()?;
    let modified = fs::metadata(&file.path).and_then(|m| m.modified()).ok().and_then(|at| Timestamp::try_from(at).ok());
    Some(Local { path, modified })
}

/// What was read of a place and of all below it; of several contents of one file the last. `takes` tells of a shard whether what was read will do.
pub(crate) fn at(place: &str, manifests: &[Manifest], takes: &dyn Fn(&Manifest) -> bool) -> Vec<Earlier> {
    let mut last: BTreeMap<PathBuf, Earlier> = BTreeMap::new();
    let is_object = object_place(Path::new(place)).is_some();
    for manifest in manifests {
        let fits = takes(manifest);
        for record in &manifest.files {
            let (lay, modified) = match (&record.object, &record.local) {
                (Some(object), _) if is_object => (&record.name, object.modified),
                (None, Some(local)) if !is_object => (&local.path, local.modified),
                _ => continue,
            };
            if !(if is_object { is_at(lay, place) } else { Path::new(lay).starts_with(place) }) {
                continue;
            }
            // What could not be opened at all was never read.
            if !record.whole && record.bytes == 0 {
                continue;
            }
            let use_of = match (fits, record.whole) {
                (false, _) => Use::ReadOtherwise,
                (true, false) => Use::Partly,
                (true, true) => Use::Whole,
            };
            let FileRecord { sha256, bytes, .. } = record.clone();
            let found = Earlier { place: lay.clone(), sha256, bytes, use_of, modified };
            let known = last.entry(PathBuf::from(lay)).or_insert_with(|| found.clone());
            // What was written last, if it will do.
            let rank = |file: &Earlier| (file.use_of != Use::ReadOtherwise, file.modified, file.use_of);
            if rank(known) < rank(&found) {
                *known = found;
            }
        }
    }
    last.into_values().collect()
}

/// Lets what was read of a path earlier, and is not among what was found there now, stand with what was found from `begin` on.
pub(crate) fn stand_in(found: &mut Vec<Found>, begin: usize, (path, name): (&Path, &str), earlier: &dyn Fn(&str) -> Vec<Earlier>) {
    let Some(root) = lasting(path) else { return };
    let earlier = earlier(&root);
    if earlier.is_empty() {
        return;
    }
    let here: HashMap<PathBuf, usize> = (begin..).zip(found.iter().skip(begin)).map(|(n, f)| (f.path.clone(), n)).collect();
    let is_gone = fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    // What could not be looked into: what lay below it may still be there.
    let is_shut = |n: &usize| found.get(*n).is_some_and(|f| !matches!(f.kind, Kind::Refused(LossKind::Empty, _)));
    let (mut more, mut below_shut): (Vec<Found>, BTreeMap<usize, u64>) = (Vec::new(), BTreeMap::new());
    for file in earlier {
        let Ok(below) = Path::new(&file.place).strip_prefix(&root) else { continue };
        let lies = if below.as_os_str().is_empty() { path.to_owned() } else { path.join(below) };
        if !is_gone && here.contains_key(&lies) {
            continue;
        }
        let shut = lies.ancestors().skip(1).find_map(|above| here.get(above).copied().filter(is_shut)).filter(|_| !is_gone);
        if let Some(shut) = shut {
            *below_shut.entry(shut).or_default() += u64::from(file.use_of == Use::Whole);
        }
        let name = below.components().fold(name.to_owned(), |name, part| format!("{name}/{}", text(part.as_os_str())));
        more.push(Found { name, path: lies, bytes: file.bytes, kind: file.kind(shut.is_none()) });
    }
    for (n, count) in below_shut.into_iter().filter(|(_, count)| *count > 0) {
        if let Some(Found { kind: Kind::Refused(_, reason), .. }) = found.get_mut(n) {
            reason.push_str(&format!("; {} taken as read in an earlier run", abate_model::text::count(count, "file")));
        }
    }
    if is_gone && !more.is_empty() {
        found.truncate(begin);
    }
    found.extend(more);
    if let Some(here) = found.get_mut(begin..) {
        here.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// What is gone and is to be left out: by place, with the SHA-256 of what was read there.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Forgotten(BTreeSet<(String, String)>);

impl Forgotten {
    /// Whether a file is among them.
    pub fn contains(&self, file: &Earlier) -> bool {
        self.0.contains(&(file.place.clone(), file.sha256.clone()))
    }

    /// Adds what stands in for what is gone.
    pub fn add(&mut self, gone: &[Found]) {
        let entry = |file: &Found| {
            let Kind::Kept { sha256, .. } = &file.kind else { return None };
            let place = if object_place(&file.path).is_some() { file.name.clone() } else { lasting(&file.path)? };
            Some((place, sha256.clone()))
        };
        self.0.extend(gone.iter().filter_map(entry));
    }
}

impl Earlier {
    /// What to do with it now.
    pub fn kind(self, gone: bool) -> Kind {
        let what = if gone { "it is gone" } else { "it is out of reach" };
        let refused = |why: &str| Kind::Refused(LossKind::Unreadable, format!("{what}, and {why}"));
        match self.use_of {
            Use::Whole => Kind::Kept { sha256: self.sha256, gone },
            Use::Partly => refused("was not read to its end earlier"),
            Use::ReadOtherwise => {
                refused("was read earlier by another version of abate, or with another zone, day or rules, so that these rows do not fit")
            }
        }
    }
}

/// A path without links, as far as it leads to something.
pub(crate) fn lasting(path: &Path) -> Option<String> {
    let real = fs::canonicalize(path).ok().or_else(|| {
        let whole = std::path::absolute(path).ok()?;
        let there = whole.ancestors().find_map(|above| Some((fs::canonicalize(above).ok()?, whole.strip_prefix(above).ok()?.to_owned())));
        there.map(|(there, rest)| if rest.as_os_str() == OsStr::new("") { there } else { there.join(rest) })
    });
    real?.into_os_string().into_string().ok()
}
