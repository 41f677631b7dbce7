//! Opens the files that were found, and fetches raw records out of them again.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use abate_app::ports::Objects;
use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::{Cite, Row};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::manifest::day_of;
use crate::remote::Opener;
use crate::walk::{Found, Kind};

/// How many bytes are read before the progress hears of them.
const TOLD: u64 = 1 << 20;
/// How much more than twice its size a file may become while it is read.
const GROWTH: u64 = 1 << 30;

/// The raw record at a place; only out of the file that was cited, where its SHA-256 is given.
pub(crate) fn raw(
    found: &[Found],
    objects: &dyn Objects,
    cite: &Cite,
    (reference, zone): (Timestamp, &TimeZone),
    sha256: Option<&str>,
) -> Result<Vec<u8>, NotShown> {
    let context = ReadContext { reference: day_of(reference), zone: zone.clone() };
    let holding = || found.iter().filter(|file| holds(file, &cite.source));
    let mut opener = Opener::new(holding(), objects);
    let mut why = NotShown::Absent;
    for file in holding() {
        let place = file.path.display().to_string();
        let opened = opener.open(file);
        let mut input = match opened {
            Ok(inner) => Hashed { inner, hasher: Sha256::new() },
            Err(error) => {
                why = NotShown::Unreadable { place, reason: error.to_string() };
                continue;
            }
        };
        let mut seek = Seek { cite, here: false, raw: None };
        read_stream(&file.name, &mut input, &context, &Limits::default(), &mut seek);
        if let Some(then) = sha256 {
            let rest = io::copy(&mut input, &mut io::sink());
            if rest.is_err() || format!("{:x}", input.hasher.finalize()) != then {
                why = NotShown::Changed { place };
                continue;
            }
        }
        match seek.raw {
            Some(raw) => return Ok(raw),
            None => why = NotShown::NoRecord,
        }
    }
    Err(why)
}

/// Why a raw record cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotShown {
    /// the file is in none of the places
    Absent,
    /// it cannot be read
    Unreadable {
        /// where it lies
        place: String,
        /// why
        reason: String,
    },
    /// it is not what was read then
    Changed {
        /// where it lies
        place: String,
    },
    /// there is no record at this place in it
    NoRecord,
}

/// Hashes what is read.
struct Hashed<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hasher.update(buf.get(..n).unwrap_or_default());
        Ok(n)
    }
}

/// Whether a source lies in a file: it is the file itself, or a member of it.
fn holds(file: &Found, source: &str) -> bool {
    matches!(file.kind, Kind::File | Kind::Stdin | Kind::Object(_)) && is_in(source, &file.name)
}

/// Whether a source is the file of a name, or a member of it.
pub(crate) fn is_in(source: &str, file: &str) -> bool {
    source.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with("!/"))
}

/// The raw records of some sources.
pub(crate) fn raw_of(
    found: &[Found],
    objects: &dyn Objects,
    sources: &[&str],
    (reference, zone): (Timestamp, &TimeZone),
) -> Vec<(String, Vec<u8>)> {
    let context = ReadContext { reference: day_of(reference), zone: zone.clone() };
    let mut of = Of { sources, path: None, found: Vec::new() };
    let holding = || found.iter().filter(|file| sources.iter().any(|source| holds(file, source)));
    let mut opener = Opener::new(holding(), objects);
    for file in holding() {
        if let Ok(mut input) = opener.open(file) {
            read_stream(&file.name, &mut input, &context, &Limits::default(), &mut of);
        }
    }
    of.found
}

/// Collects the raw records of some sources.
struct Of<'a> {
    sources: &'a [&'a str],
    path: Option<String>,
    found: Vec<(String, Vec<u8>)>,
}

impl Visitor for Of<'_> {
    fn begin(&mut self, path: &str, _format: Option<&'static Reader>) {
        self.path = self.sources.contains(&path).then(|| path.to_owned());
    }

    fn row(&mut self, _row: Row<'_>, raw: &[u8]) {
        if let Some(path) = &self.path {
            self.found.push((path.clone(), raw.to_vec()));
        }
    }

    fn end(&mut self, _end: SourceEnd) {}
}

/// Waits for one record.
struct Seek<'a> {
    cite: &'a Cite,
    here: bool,
    raw: Option<Vec<u8>>,
}

impl Visitor for Seek<'_> {
    fn begin(&mut self, path: &str, _format: Option<&'static Reader>) {
        self.here = path == self.cite.source;
    }

    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        if self.here && self.raw.is_none() && row.locator == self.cite.locator {
            self.raw = Some(raw.to_vec());
        }
    }

    fn end(&mut self, _end: SourceEnd) {}
}

/// Opens a file, or standard input, for reading; objects are opened by an [`Opener`].
pub(crate) fn open(file: &Found) -> io::Result<Box<dyn Read>> {
    if matches!(file.kind, Kind::Stdin) {
        return Ok(Box::new(io::stdin().lock()));
    }
    let inner = File::open(&file.path)?;
    let metadata = inner.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it was a file when it was listed, and is none any more"));
    }
    Ok(Box::new(Live { inner, size: metadata.len(), read: 0 }))
}

/// A file that another program may still write to. What is added while it is read is read too, within bounds; what is taken
/// away is an error.
struct Live<R> {
    inner: R,
    /// when it was opened
    size: u64,
    read: u64,
}

impl<R: Read> Read for Live<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.read = self.read.saturating_add(n as u64);
        if n == 0 && !buf.is_empty() && self.read < self.size {
            return Err(io::Error::new(ErrorKind::ResourceBusy, "the file became shorter while it was read"));
        }
        if self.read > self.size.saturating_mul(2).saturating_add(GROWTH) {
            return Err(io::Error::new(ErrorKind::QuotaExceeded, "the file grows as fast as it is read: the rest is not read"));
        }
        Ok(n)
    }
}

/// Says now and then how much was read.
pub(crate) struct Counted<'a> {
    inner: Box<dyn Read + 'a>,
    told: &'a mut dyn FnMut(u64),
    untold: u64,
    bytes: u64,
    failed: bool,
}

impl<'a> Counted<'a> {
    /// Around a file.
    pub fn new(inner: Box<dyn Read + 'a>, told: &'a mut dyn FnMut(u64)) -> Self {
        Self { inner, told, untold: 0, bytes: 0, failed: false }
    }

    /// Bytes that were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the file could not be read to its end.
    pub fn has_failed(&self) -> bool {
        self.failed
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(buf) {
            Ok(n) => n,
            Err(error) => {
                self.failed |= error.kind() != ErrorKind::Interrupted;
                return Err(error);
            }
        };
        self.bytes = self.bytes.saturating_add(n as u64);
        self.untold = self.untold.saturating_add(n as u64);
        if self.untold >= TOLD {
            (self.told)(self.untold);
            self.untold = 0;
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads until an end or an error.
    fn read(mut live: Live<impl Read>) -> (u64, Option<ErrorKind>) {
        let error = io::copy(&mut live, &mut io::sink()).err().map(|e| e.kind());
        (live.read, error)
    }

    #[test]
    fn files_that_change_while_they_are_read() {
        assert_eq!(read(Live { inner: &b"abc"[..], size: 3, read: 0 }), (3, None));
        assert_eq!(read(Live { inner: &b"abcdef"[..], size: 3, read: 0 }), (6, None), "it grew");
        assert_eq!(read(Live { inner: &b"abc"[..], size: 5, read: 0 }), (3, Some(ErrorKind::ResourceBusy)), "it shrank");
        let (bytes, error) = read(Live { inner: io::repeat(b'x'), size: 3, read: 0 });
        assert_eq!(error, Some(ErrorKind::QuotaExceeded), "it never ends");
        assert!(bytes < GROWTH + (1 << 20));
    }

    #[test]
    fn a_file_that_is_gone_when_its_turn_comes() {
        let found = Found { name: "gone".to_owned(), path: "/nonexistent/gone".into(), bytes: 7, kind: Kind::File };
        assert_eq!(open(&found).map(|_| ()).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
