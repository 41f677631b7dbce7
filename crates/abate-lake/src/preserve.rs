//! Copies of the files that evidence was read from, named by their SHA-256, so that what a finding cites can still be shown when the
//! original is gone: `<first two digits>/<hash>`, and `originals.json` with the names. A copy that is there is not made again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::division::absolute;
use crate::keeping::Keeping;
use crate::manifest::FileRecord;
use crate::plan::sha256;
use crate::read::is_in;
use crate::remote::Opener;
use crate::walk::{Found, Kind};

const LIST: &str = "originals.json";

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Original {
    /// its name in the case
    name: String,
    /// where it lay
    path: String,
    sha256: String,
    bytes: u64,
}

/// Copies files, as they were read, into a folder. Adds to the list of what is there.
/// Objects that were read now are taken over from where they were kept.
pub(crate) fn preserve(files: &[(&Found, &FileRecord)], objects: &Keeping<'_>, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let list = folder.join(LIST);
    let mut known: BTreeMap<(String, String), Original> =
        originals(folder)?.into_iter().map(|o| ((o.name.clone(), o.sha256.clone()), o)).collect();
    let before = known.len();
    let is_there = |record: &FileRecord| fs::metadata(place(folder, &record.sha256)).is_ok_and(|m| m.len() == record.bytes);
    let missing = |(file, record): &(&Found, &FileRecord)| !is_there(record) && !take_over(file, record, objects, folder);
    let missing: Vec<bool> = files.iter().map(missing).collect();
    let to_copy = files.iter().zip(&missing).filter(|(_, missing)| **missing).map(|((file, _), _)| *file);
    let mut opener = Opener::new(to_copy, objects);
    for ((file, record), missing) in files.iter().zip(missing) {
        if missing {
            let copied = opener.open(file).and_then(|mut from| copy(&mut *from, record, folder));
            copied.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.name)))?;
        }
        let path = absolute(&file.path).display().to_string();
        let original = Original { name: record.name.clone(), path, sha256: record.sha256.clone(), bytes: record.bytes };
        known.entry((original.name.clone(), original.sha256.clone())).or_insert(original);
    }
    if known.len() == before && list.exists() {
        return Ok(());
    }
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    written.write_all(&serde_json::to_vec_pretty(&known.into_values().collect::<Vec<_>>())?)?;
    written.as_file().sync_all()?;
    written.persist(list)?;
    Ok(())
}

/// What a folder has copies of.
fn originals(folder: &Path) -> io::Result<Vec<Original>> {
    match fs::read(folder.join(LIST)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The copies of the file that a source lies in, with their SHA-256; only the one with a SHA-256, where that is given.
pub(crate) fn copies_of(folder: &Path, source: &str, sha256: Option<&str>) -> Vec<(Found, String)> {
    let wanted = |o: &Original| is_in(source, &o.name) && sha256.is_none_or(|sha256| o.sha256 == sha256);
    let copy = |o: Original| (Found { name: o.name, path: place(folder, &o.sha256), bytes: o.bytes, kind: Kind::File }, o.sha256);
    originals(folder).unwrap_or_default().into_iter().filter(wanted).map(copy).collect()
}

/// Whether a folder has a copy of what lay at a path, or below it.
pub(crate) fn knows(folder: &Path, path: &Path) -> bool {
    let path = absolute(path);
    originals(folder).unwrap_or_default().iter().any(|o| Path::new(&o.path).starts_with(&path))
}

/// The place of a file's copy.
fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(sha256.get(..2).unwrap_or_default()).join(sha256)
}

/// Whether what was kept of an object while it was read is the copy; else it must be fetched once more.
fn take_over(file: &Found, record: &FileRecord, objects: &Keeping<'_>, folder: &Path) -> bool {
    let Kind::Object(object) = &file.kind else { return false };
    let kept = objects.take(&object.place).and_then(|path| tempfile::TempPath::try_from_path(path).ok());
    kept.is_some_and(|kept| settle(kept, record, folder).is_ok())
}

fn copy(from: &mut dyn Read, record: &FileRecord, folder: &Path) -> io::Result<()> {
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(from, &mut written)?;
    settle(written.into_temp_path(), record, folder)
}

/// Puts a copy in its place.
fn settle(written: tempfile::TempPath, record: &FileRecord, folder: &Path) -> io::Result<()> {
    // The copy itself is hashed, so that what it holds is known.
    if sha256(&written)? != record.sha256 {
        return Err(io::Error::other("it changed after it was read: run it again"));
    }
    let to = place(folder, &record.sha256);
    fs::create_dir_all(to.parent().unwrap_or(folder))?;
    fs::File::open(&written)?.sync_all()?;
    written.persist(&to)?;
    let mut permissions = fs::metadata(&to)?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&to, permissions)
}

#[cfg(test)]
mod tests {
    use abate_app::ports::NoObjects;

    use super::*;

    #[test]
    fn copies_are_what_was_read_and_are_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let (path, folder) = (dir.path().join("auth.log"), dir.path().join("originals"));
        fs::write(&path, "abc").unwrap();
        let found = Found { name: "logs/auth.log".to_owned(), path: path.clone(), bytes: 3, kind: Kind::File };
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
        let record =
            FileRecord { name: found.name.clone(), sha256: sha256.clone(), bytes: 3, sources: 1, whole: true, object: None, local: None };
        let none = Keeping::new(&NoObjects, &folder).unwrap();
        preserve(&[(&found, &record)], &none, &folder).unwrap();
        let copied = place(&folder, &sha256);
        assert_eq!(fs::read(&copied).unwrap(), b"abc");
        assert!(fs::metadata(&copied).unwrap().permissions().readonly());
        let made = fs::metadata(&copied).unwrap().modified().unwrap();
        preserve(&[(&found, &record)], &none, &folder).unwrap();
        assert_eq!(fs::metadata(&copied).unwrap().modified().unwrap(), made);
        let list: Vec<Original> = serde_json::from_slice(&fs::read(folder.join(LIST)).unwrap()).unwrap();
        assert_eq!(list.iter().map(|o| (o.name.as_str(), o.bytes)).collect::<Vec<_>>(), [("logs/auth.log", 3)]);
        // Between reading and copying it became another.
        fs::write(&path, "abd").unwrap();
        let other = FileRecord { sha256: sha256.replace("ba", "ca"), ..record };
        let error = preserve(&[(&found, &other)], &none, &folder).unwrap_err();
        assert!(error.to_string().contains("logs/auth.log") && error.to_string().contains("changed"), "{error}");
    }
}
