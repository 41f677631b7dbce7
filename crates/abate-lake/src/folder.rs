//! The folder that a lake lies in, and how files come into it: whole or not at all, by a rename, so that a run that is stopped leaves
//! nothing half done and two at once do not harm each other.
//!
//! ```text
//! <table>/<shard>.parquet     rows, as they were read
//! sigma_matches/<shard>.parquet
//! flow_minutes/<shard>.parquet    flows counted by the minute; a counter may stand there several times
//! shards/<shard>.json         what the shard is made of; written last
//! .tmp/                       what is being written
//! head.json                   what the last run saw of all that
//! forgotten.json              what is gone, and is to be left out
//! sources/, losses/, coverage/    what it says about the whole
//! lock                        shared by those who read and write, exclusive for who tidies up
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::earlier::Forgotten;
use crate::manifest::{LAYOUT, Manifest};
use crate::walk::Found;

/// The table of rule matches.
pub(crate) const MATCHES: &str = "sigma_matches";
const SHARDS: &str = "shards";
const FORGOTTEN: &str = "forgotten.json";
/// The file that is locked.
pub(crate) const LOCK: &str = "lock";
const TMP: &str = ".tmp";

/// An open lake folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// whether what is written must outlast a power cut
    durable: bool,
    /// held as long as the folder is in use
    lock: File,
    /// removes the folder at the end, if it is ours alone
    _temporary: Option<TempDir>,
}

impl Folder {
    /// Opens a lake, or begins one; `durable` when what is written must outlast a power cut.
    pub fn open(path: &Path, durable: bool) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Self::at(path.to_owned(), None, durable)
    }

    /// A lake that is gone when it is closed.
    pub fn temporary() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("abate-lake-").tempdir()?;
        Self::at(folder.path().to_owned(), Some(folder), false)
    }

    fn at(path: PathBuf, temporary: Option<TempDir>, durable: bool) -> io::Result<Self> {
        fs::create_dir_all(path.join(SHARDS))?;
        fs::create_dir_all(path.join(TMP))?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK))?;
        match lock.lock_shared() {
            // Some network file systems know no locks: then nobody tidies up, and nothing else is different.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            locked => locked?,
        }
        Ok(Self { path, durable, lock, _temporary: temporary })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a table's rows in a shard.
    pub fn part(&self, table: &str, shard: &str) -> PathBuf {
        self.path.join(table).join(format!("{shard}.parquet"))
    }

    /// Puts a file that was written on the desk in the place of another.
    pub fn replace(&self, written: &Path, place: &Path) -> io::Result<()> {
        let place = self.path.join(place);
        if self.durable {
            File::open(written)?.sync_all()?;
        }
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::rename(written, place)
    }

    /// A place to write in, gone when it is dropped.
    pub fn desk(&self) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix("run-").tempdir_in(self.path.join(TMP))
    }

    /// Puts a shard into its place: the parts first, then the manifest that makes them count.
    pub fn commit(&self, desk: &Path, manifest: &Manifest) -> io::Result<()> {
        for part in &manifest.parts {
            let written = desk.join(format!("{}.parquet", part.table));
            if self.durable {
                File::open(&written)?.sync_all()?;
            }
            fs::create_dir_all(self.path.join(&part.table))?;
            fs::rename(&written, self.part(&part.table, &manifest.key))?;
        }
        let written = desk.join("manifest.json");
        let mut file = File::create(&written)?;
        file.write_all(&serde_json::to_vec(manifest)?)?;
        if self.durable {
            file.sync_all()?;
        }
        drop(file);
        fs::rename(written, self.manifest(&manifest.key))
    }

    fn manifest(&self, key: &str) -> PathBuf {
        self.path.join(SHARDS).join(format!("{key}.json"))
    }

    /// What is gone and does not count any more.
    pub fn forgotten(&self) -> io::Result<Forgotten> {
        let place = self.path.join(FORGOTTEN);
        match fs::read(&place) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| io::Error::other(format!("{}: {e}", place.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Forgotten::default()),
            Err(error) => Err(error),
        }
    }

    /// Notes that more does not count any more.
    pub fn forget(&self, mut known: Forgotten, gone: &[Found]) -> io::Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        known.add(gone);
        let desk = self.desk()?;
        let written = desk.path().join(FORGOTTEN);
        fs::write(&written, serde_json::to_vec_pretty(&known)?)?;
        self.replace(&written, Path::new(FORGOTTEN))
    }

    /// The shards that are there whole, by name. One that cannot be read, or whose parts are not as they were written, does not count.
    pub fn manifests(&self) -> io::Result<Vec<Manifest>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.path.join(SHARDS))? {
            let read = fs::read(entry?.path()).ok().and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
            found.extend(read.filter(|m| m.layout == LAYOUT && self.is_whole(m)));
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    fn is_whole(&self, manifest: &Manifest) -> bool {
        let same = |bytes: u64, file: PathBuf| fs::metadata(file).is_ok_and(|m| m.len() == bytes);
        manifest.parts.iter().all(|part| same(part.bytes, self.part(&part.table, &manifest.key)))
    }

    /// Removes shards that nobody needs any more, and what stopped runs left behind; only if nobody else uses the lake now.
    pub fn tidy(&self, dead: &[&Manifest]) {
        let left = || fs::read_dir(self.path.join(TMP)).is_ok_and(|mut entries| entries.next().is_some());
        if (dead.is_empty() && !left()) || self.lock.unlock().is_err() {
            return;
        }
        if self.lock.try_lock().is_ok() {
            for manifest in dead {
                // The manifest first: without it the parts do not count.
                if fs::remove_file(self.manifest(&manifest.key)).is_ok() {
                    for part in &manifest.parts {
                        let _ = fs::remove_file(self.part(&part.table, &manifest.key));
                    }
                }
            }
            for entry in fs::read_dir(self.path.join(TMP)).into_iter().flatten().flatten() {
                let _ = fs::remove_dir_all(entry.path());
            }
            let _ = self.lock.unlock();
        }
        let _ = self.lock.lock_shared();
    }
}
