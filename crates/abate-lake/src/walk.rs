//! Finds the files below the given paths and names them. Nothing is left out in silence: what cannot be opened is found
//! as refused.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use abate_model::LossKind;

/// A file to read, or something that cannot be.
pub(crate) struct Found {
    /// position in the list
    pub(crate) number: usize,
    /// name in the case: the argument's own name, then the path below it
    pub(crate) name: String,
    /// where it lies
    pub(crate) path: PathBuf,
    /// its size on disk
    pub(crate) bytes: u64,
    /// why it is not opened
    pub(crate) refused: Option<(LossKind, String)>,
}

/// All files below the paths, in order.
pub(crate) fn walk(roots: &[PathBuf]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut names = HashSet::new();
    for root in roots {
        let mut name = root_name(root);
        let mut n = 2;
        while !names.insert(name.clone()) {
            name = format!("{} ({n})", root_name(root));
            n += 1;
        }
        visit(root, &name, &mut BTreeSet::new(), &mut found);
    }
    for (number, file) in found.iter_mut().enumerate() {
        file.number = number;
    }
    found
}

/// The last component of the path; for `.` and `..` that of the folder it means.
fn root_name(root: &Path) -> String {
    let last = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    last(root).or_else(|| std::fs::canonicalize(root).ok().and_then(|p| last(&p))).unwrap_or_else(|| "evidence".to_owned())
}

fn visit(path: &Path, name: &str, above: &mut BTreeSet<PathBuf>, found: &mut Vec<Found>) {
    let mut add = |bytes: u64, refused: Option<(LossKind, String)>| {
        found.push(Found { number: 0, name: name.to_owned(), path: path.to_owned(), bytes, refused });
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return add(0, Some((LossKind::Unreadable, error.to_string()))),
    };
    if metadata.is_file() {
        return add(metadata.len(), None);
    }
    if !metadata.is_dir() {
        return add(0, Some((LossKind::Unreadable, "neither a file nor a folder".to_owned())));
    }
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if !above.insert(real.clone()) {
        return add(0, Some((LossKind::Unreadable, "a link back to a folder above it".to_owned())));
    }
    match std::fs::read_dir(path) {
        Err(error) => add(0, Some((LossKind::Unreadable, error.to_string()))),
        Ok(entries) => {
            let mut children: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
            children.sort();
            if children.is_empty() {
                add(0, Some((LossKind::Empty, "an empty folder".to_owned())));
            }
            for child in children {
                let below = child.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                visit(&child, &format!("{name}/{below}"), above, found);
            }
        }
    }
    above.remove(&real);
}
