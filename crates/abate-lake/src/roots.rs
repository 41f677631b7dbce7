//! Whole systems as evidence: a mounted disk, or a collection with the files of a machine below some folder.
//!
//! Most of what lies there is what was installed. Listed file by file it would bury the logs that could not be read, so what
//! no reader takes below a system folder is put together: one source for the folder, one loss for each kind of content,
//! counted in files and bytes. Nothing is left out of the sums, and what readers take stays a source of its own.

use std::collections::{BTreeSet, HashMap};

use abate_model::{Loss, LossKind};

use crate::manifest::SourceRecord;
use crate::view::Piece;

/// Folders of a system in which logs are the exception. Not among them: where logs are, people work, or intruders leave things.
const SYSTEM: &[&str] =
    &["bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "snap", "sys", "usr", "var/cache", "var/lib"];

/// So many files of one folder are still listed one by one.
const FEW: usize = 20;

/// Puts together what no reader took below the system folders.
pub(crate) fn gather(parts: Vec<Piece>) -> Vec<Piece> {
    let roots = roots(&parts);
    let folders: Vec<Option<String>> = parts.iter().map(|part| folder(part, &roots)).collect();
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for name in folders.iter().flatten() {
        *sizes.entry(name).or_default() += 1;
    }
    let (mut out, mut heaps): (Vec<Piece>, HashMap<&str, (usize, Heap)>) = (Vec::new(), HashMap::new());
    for (part, name) in parts.into_iter().zip(&folders) {
        match name.as_deref().filter(|name| sizes.get(name).is_some_and(|n| *n > FEW)) {
            None => out.push(part),
            Some(name) => {
                let (_, heap) = heaps.entry(name).or_insert_with(|| {
                    // It stands where the first of its files stood.
                    out.push(Piece { record: empty(name, &part.record), origin: None, gone: false });
                    (out.len() - 1, Heap::default())
                });
                heap.add(part.record, name);
            }
        }
    }
    for (place, heap) in heaps.into_values() {
        if let Some(part) = out.get_mut(place) {
            part.record.bytes = heap.bytes;
            part.record.recognised_by = format!(
                "a folder of the system: {} files that no reader takes and {} links to what is read in its own place, not listed one by one",
                heap.files, heap.links
            );
            part.record.losses = heap.losses;
        }
    }
    out
}

/// The folders that are the root of a system, with the separator behind them.
fn roots(parts: &[Piece]) -> BTreeSet<String> {
    let above = |inside: &str| -> BTreeSet<&str> {
        let places =
            parts.iter().flat_map(|p| p.record.path.match_indices(inside).map(|(at, _)| p.record.path.get(..=at).unwrap_or_default()));
        places.collect()
    };
    above("/etc/").intersection(&above("/var/log/")).map(|root| (*root).to_owned()).collect()
}

/// The system folder that a file without use lies in.
fn folder(part: &Piece, roots: &BTreeSet<String>) -> Option<String> {
    let end = &part.record;
    if end.format.is_some() || !end.extents.is_empty() || !end.losses.iter().all(no_use) {
        return None;
    }
    roots.iter().find_map(|root| {
        let below = end.path.strip_prefix(root.as_str())?;
        let inside = |folder: &&&str| below.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'));
        SYSTEM.iter().find(inside).map(|folder| format!("{root}{folder}"))
    })
}

/// Whether a loss says that there is no log, rather than that one could not be read.
fn no_use(loss: &Loss) -> bool {
    match loss.kind {
        LossKind::NotRecognised | LossKind::NotSupported | LossKind::Empty => true,
        LossKind::Unreadable => loss.reason.starts_with("a link "),
        LossKind::Malformed | LossKind::Truncated | LossKind::OverLimit | LossKind::UnsafePath => false,
    }
}

fn empty(name: &str, of: &SourceRecord) -> SourceRecord {
    SourceRecord {
        path: name.to_owned(),
        containers: of.containers.iter().filter(|c| name.starts_with(&c.path)).cloned().collect(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        recognised_by: String::new(),
        losses: Vec::new(),
        broken: false,
        extents: Vec::new(),
    }
}

/// What is put together.
#[derive(Default)]
struct Heap {
    files: u64,
    links: u64,
    bytes: u64,
    losses: Vec<Loss>,
    /// where each kind of content stands among the losses
    places: HashMap<(LossKind, String), usize>,
}

impl Heap {
    fn add(&mut self, end: SourceRecord, folder: &str) {
        *if end.losses.is_empty() { &mut self.links } else { &mut self.files } += 1;
        self.bytes = self.bytes.saturating_add(end.bytes);
        for loss in end.losses {
            // What follows is about this one file.
            let kind = loss.reason.split("; ").next().unwrap_or_default().to_owned();
            let at = *self.places.entry((loss.kind, kind.clone())).or_insert_with(|| {
                let first = end.path.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
                let reason = format!("{kind} (the first: {first})");
                self.losses.push(Loss { kind: loss.kind, reason, first: None, count: 0, bytes: 0 });
                self.losses.len() - 1
            });
            if let Some(sum) = self.losses.get_mut(at) {
                sum.count = sum.count.saturating_add(loss.count);
                sum.bytes = sum.bytes.saturating_add(loss.bytes);
            }
        }
    }
}
