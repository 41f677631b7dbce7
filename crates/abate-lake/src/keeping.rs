//! Objects that are to be preserved are written down while they are read, so that each is fetched once.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use abate_app::ports::{Fetch, Object, Objects};
use abate_model::Text;
use tempfile::TempDir;

/// An object store of which copies are made on the way.
pub(crate) struct Keeping<'o> {
    objects: &'o dyn Objects,
    /// where copies wait for what they are found to be; gone at the end
    desk: TempDir,
    made: AtomicU64,
    /// copies by the object's place
    kept: Mutex<HashMap<String, PathBuf>>,
}

impl<'o> Keeping<'o> {
    /// Around a store; copies wait below a folder.
    pub fn new(objects: &'o dyn Objects, folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let desk = tempfile::Builder::new().prefix(".fetched-").tempdir_in(folder)?;
        Ok(Self { objects, desk, made: AtomicU64::new(0), kept: Mutex::default() })
    }

    /// Hands over the copy of an object, if it was read. Whether it is whole is not known yet.
    pub fn take(&self, place: &str) -> Option<PathBuf> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(place)
    }
}

impl Objects for Keeping<'_> {
    fn list(&self, place: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), String> {
        self.objects.list(place, page)
    }

    fn fetch(&self, objects: Vec<Object>) -> Box<dyn Fetch + '_> {
        let places: Vec<String> = objects.iter().map(|object| object.place.clone()).collect();
        Box::new(Copying { keeping: self, fetch: self.objects.fetch(objects), places: places.into_iter() })
    }

    fn metadata(&self, place: &str) -> Result<BTreeMap<String, String>, String> {
        self.objects.metadata(place)
    }

    fn advice(&self) -> Vec<Text> {
        self.objects.advice()
    }
}

struct Copying<'k> {
    keeping: &'k Keeping<'k>,
    fetch: Box<dyn Fetch + 'k>,
    places: std::vec::IntoIter<String>,
}

impl Fetch for Copying<'_> {
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>> {
        let place = self.places.next();
        let next = self.fetch.next()?;
        let inner = match (next, place) {
            (Ok(inner), Some(place)) => (inner, place),
            (next, _) => return Some(next),
        };
        let number = self.keeping.made.fetch_add(1, Ordering::Relaxed);
        let path = self.keeping.desk.path().join(number.to_string());
        // Where no copy can be written the object is read all the same; whoever preserves it then says what is wrong.
        let copy = File::create(&path).ok().map(BufWriter::new);
        let (inner, place) = inner;
        Some(Ok(Box::new(Copied { inner, copy, path, place, keeping: self.keeping })))
    }
}

/// An object that is read and written down.
struct Copied<'k> {
    inner: Box<dyn Read + 'k>,
    copy: Option<BufWriter<File>>,
    path: PathBuf,
    place: String,
    keeping: &'k Keeping<'k>,
}

impl Read for Copied<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        if let Some(copy) = &mut self.copy
            && copy.write_all(buf.get(..n).unwrap_or_default()).is_err()
        {
            self.copy = None;
        }
        Ok(n)
    }
}

impl Drop for Copied<'_> {
    fn drop(&mut self) {
        if let Some(mut copy) = self.copy.take()
            && copy.flush().is_ok()
        {
            let (place, path) = (std::mem::take(&mut self.place), std::mem::take(&mut self.path));
            self.keeping.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(place, path);
        }
    }
}
