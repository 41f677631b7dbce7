//! Finds the files below the given paths and names them. Nothing is left out in silence: what cannot be opened, or need
//! not be, is found as such.
//!
//! Links are not followed below the given paths. One that points into the evidence names something that is read in its
//! own place anyway; one that points out of it would take this machine's own files for evidence. So there are no loops.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use abate_app::ports::{Object, Objects, is_stdin, object_place};
use abate_evidence::{member_name, unique};
use abate_model::LossKind;

use crate::earlier;
use crate::remote::{self, Remote};

/// What to do with something that was found.
pub(crate) enum Kind {
    /// to be read
    File,
    /// to be read, once
    Stdin,
    /// to be read, from an object store
    Object(Object),
    /// as it was read in an earlier run, since it is gone, or out of reach now
    Kept {
        /// SHA-256 of what was read
        sha256: String,
        /// whether it is known to be gone
        gone: bool,
    },
    /// another name for something that is read under its own
    Link(String),
    /// not opened, and why
    Refused(LossKind, String),
}

/// Something below the given paths.
pub(crate) struct Found {
    /// name in the case: the argument's own name, then the path below it
    pub(crate) name: String,
    /// where it lies
    pub(crate) path: PathBuf,
    /// its size on disk
    pub(crate) bytes: u64,
    /// what to do with it
    pub(crate) kind: Kind,
}

/// All files below the paths, in order, and nothing that was kept of earlier runs.
pub(crate) fn walk(paths: &[PathBuf], objects: &dyn Objects) -> Vec<Found> {
    walk_all(paths, &mut Remote { objects, earlier: &|_| Vec::new(), told: &mut |_, _| {} })
}

/// All files below the paths, in order.
pub(crate) fn walk_all(paths: &[PathBuf], remote: &mut Remote<'_>) -> Vec<Found> {
    let mut walk = Walk { roots: Vec::new(), taken: HashMap::new(), places: Vec::new(), found: Vec::new() };
    let names = root_names(paths);
    for (path, name) in paths.iter().zip(&names).filter(|(path, _)| object_place(path).is_none()) {
        if let Ok(real) = std::fs::canonicalize(path) {
            walk.roots.push((real, name.clone()));
        }
    }
    for (path, name) in paths.iter().zip(names) {
        if is_stdin(path) {
            let again = walk.found.iter().any(|f| matches!(f.kind, Kind::Stdin));
            let refused = || Kind::Refused(LossKind::Unreadable, "standard input can be read only once".to_owned());
            walk.add(path, name, 0, if again { refused() } else { Kind::Stdin });
            continue;
        }
        if let Some(place) = object_place(path) {
            walk.place(place, remote);
            continue;
        }
        // A path that a person named is followed wherever it leads.
        let begin = walk.found.len();
        walk.take(path, name.clone(), std::fs::metadata(path));
        earlier::stand_in(&mut walk.found, begin, (path, &name), remote.earlier);
    }
    walk.found
}

/// The names of the arguments, made different where two are the same.
fn root_names(paths: &[PathBuf]) -> Vec<String> {
    let mut taken = HashMap::new();
    paths.iter().map(|path| unique(root_name(path), &mut taken)).collect()
}

/// The last component of the path; for `.` and `..` that of the folder it means.
fn root_name(root: &Path) -> String {
    let last = |p: &Path| p.file_name().map(text);
    last(root).or_else(|| std::fs::canonicalize(root).ok().and_then(|p| last(&p))).unwrap_or_else(|| "evidence".to_owned())
}

/// A name as text; two names that are not the same stay different, whatever their bytes.
#[cfg(unix)]
pub(crate) fn text(name: &OsStr) -> String {
    use std::os::unix::ffi::OsStrExt;
    member_name(name.as_bytes())
}

#[cfg(not(unix))]
pub(crate) fn text(name: &OsStr) -> String {
    member_name(name.as_encoded_bytes())
}

struct Walk {
    /// the given paths without links, and their names in the case
    roots: Vec<(PathBuf, String)>,
    /// the names that are given
    taken: HashMap<String, u64>,
    /// the given places of objects
    places: Vec<String>,
    found: Vec<Found>,
}

impl Walk {
    fn take(&mut self, path: &Path, name: String, metadata: std::io::Result<Metadata>) {
        match metadata {
            Err(error) => self.refuse(path, name, (LossKind::Unreadable, error.to_string())),
            Ok(metadata) if metadata.is_file() => self.add(path, name, metadata.len(), Kind::File),
            Ok(metadata) if metadata.is_dir() => self.folder(path, name),
            Ok(metadata) if metadata.is_symlink() => self.link(path, name),
            Ok(_) => self.refuse(path, name, (LossKind::Unreadable, "a pipe, socket or device: neither a file nor a folder".to_owned())),
        }
    }

    /// What lies at a place in an object store. Where places overlap, an object is read once.
    fn place(&mut self, place: &str, remote: &mut Remote<'_>) {
        let around = self.places.iter().find(|known| known.ends_with('/') && place.starts_with(known.as_str())).cloned();
        self.places.push(place.to_owned());
        if let Some(around) = around {
            let name = unique(place.to_owned(), &mut self.taken);
            return self.add(Path::new(place), name, 0, Kind::Link(format!("it lies below {around}, which is read in its own place")));
        }
        for found in remote::find(place, remote) {
            let name = unique(found.name.clone(), &mut self.taken);
            let again = name != found.name && found.name != place;
            let kind =
                if again { Kind::Link(format!("the same object as {}, which is read in its own place", found.name)) } else { found.kind };
            self.found.push(Found { name, kind, ..found });
        }
    }

    fn folder(&mut self, path: &Path, name: String) {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(path, name, (LossKind::Unreadable, format!("the folder cannot be listed: {error}"))),
        };
        let (mut children, mut failed) = (Vec::new(), None);
        for entry in entries {
            match entry {
                Ok(entry) => children.push(entry.path()),
                Err(error) => failed = Some(error),
            }
        }
        children.sort();
        let whole = failed.is_none();
        if let Some(error) = failed {
            self.refuse(path, name.clone(), (LossKind::Unreadable, format!("the folder cannot be listed to its end: {error}")));
        }
        if children.is_empty() && whole {
            self.refuse(path, name.clone(), (LossKind::Empty, "an empty folder".to_owned()));
        }
        for child in children {
            let below = child.file_name().map(text).unwrap_or_default();
            let metadata = std::fs::symlink_metadata(&child);
            let named = unique(format!("{name}/{below}"), &mut self.taken);
            self.take(&child, named, metadata);
        }
    }

    fn link(&mut self, path: &Path, name: String) {
        let target = match std::fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) => return self.refuse(path, name, (LossKind::Unreadable, format!("a link that leads nowhere: {error}"))),
        };
        let place = self.roots.iter().find_map(|(root, of)| {
            let below = target.strip_prefix(root).ok()?;
            Some(below.components().fold(of.clone(), |place, part| format!("{place}/{}", text(part.as_os_str()))))
        });
        match place {
            Some(place) => self.add(path, name, 0, Kind::Link(format!("a link to {place}, which is read in its own place"))),
            None => self.refuse(path, name, (LossKind::Unreadable, "a link that leads out of the evidence is not followed".to_owned())),
        }
    }

    fn refuse(&mut self, path: &Path, name: String, (kind, reason): (LossKind, String)) {
        self.add(path, name, 0, Kind::Refused(kind, reason));
    }

    fn add(&mut self, path: &Path, name: String, bytes: u64, kind: Kind) {
        self.found.push(Found { name, path: path.to_owned(), bytes, kind });
    }
}
