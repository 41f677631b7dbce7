//! Copies of the files that evidence was read from, named by their SHA-256, so that what a finding cites can still be shown when the
//! original is gone: `<first two digits>/<hash>`, and `originals.json` with the names. A copy that is there is not made again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::manifest::FileRecord;
use crate::plan::sha256;
use crate::walk::Found;

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
pub(crate) fn preserve<'f>(files: impl Iterator<Item = (&'f Found, &'f FileRecord)>, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let list = folder.join(LIST);
    let mut known: BTreeMap<(String, String), Original> = match fs::read(&list) {
        Ok(bytes) => {
            serde_json::from_slice::<Vec<Original>>(&bytes)?.into_iter().map(|o| ((o.name.clone(), o.sha256.clone()), o)).collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error),
    };
    let before = known.len();
    for (file, record) in files {
        copy(&file.path, record, folder).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.name)))?;
        let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone()).display().to_string();
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

/// The place of a file's copy.
fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(sha256.get(..2).unwrap_or_default()).join(sha256)
}

fn copy(from: &Path, record: &FileRecord, folder: &Path) -> io::Result<()> {
    let to = place(folder, &record.sha256);
    if fs::metadata(&to).is_ok_and(|m| m.len() == record.bytes) {
        return Ok(());
    }
    let parent = to.parent().unwrap_or(folder);
    fs::create_dir_all(parent)?;
    let mut written = tempfile::NamedTempFile::new_in(parent)?;
    io::copy(&mut File::open(from)?, &mut written)?;
    // The copy itself is hashed, so that what it holds is known.
    if sha256(written.path())? != record.sha256 {
        return Err(io::Error::other("it changed after it was read: run it again"));
    }
    written.as_file().sync_all()?;
    let file = written.persist(&to)?;
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&to, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::Kind;

    #[test]
    fn copies_are_what_was_read_and_are_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let (path, folder) = (dir.path().join("auth.log"), dir.path().join("originals"));
        fs::write(&path, "abc").unwrap();
        let found = Found { name: "logs/auth.log".to_owned(), path: path.clone(), bytes: 3, kind: Kind::File };
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
        let record = FileRecord { name: found.name.clone(), sha256: sha256.clone(), bytes: 3, sources: 1, whole: true };
        preserve([(&found, &record)].into_iter(), &folder).unwrap();
        let copied = place(&folder, &sha256);
        assert_eq!(fs::read(&copied).unwrap(), b"abc");
        assert!(fs::metadata(&copied).unwrap().permissions().readonly());
        let made = fs::metadata(&copied).unwrap().modified().unwrap();
        preserve([(&found, &record)].into_iter(), &folder).unwrap();
        assert_eq!(fs::metadata(&copied).unwrap().modified().unwrap(), made);
        let list: Vec<Original> = serde_json::from_slice(&fs::read(folder.join(LIST)).unwrap()).unwrap();
        assert_eq!(list.iter().map(|o| (o.name.as_str(), o.bytes)).collect::<Vec<_>>(), [("logs/auth.log", 3)]);
        // Between reading and copying it became another.
        fs::write(&path, "abd").unwrap();
        let other = FileRecord { sha256: sha256.replace("ba", "ca"), ..record };
        let error = preserve([(&found, &other)].into_iter(), &folder).unwrap_err();
        assert!(error.to_string().contains("logs/auth.log") && error.to_string().contains("changed"), "{error}");
    }
}
