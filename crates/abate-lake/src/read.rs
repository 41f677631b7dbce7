//! Reads the files that were found, in parallel; what comes out is in their order, whatever the number of threads.
//!
//! A file is the unit of work: one that cannot be opened, or at which a reader breaks down, is a loss and stops no other.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};

use abate_app::ports::{IngestRequest, LakeError, Progress};
use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::{Cite, Loss, LossKind, Row};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::walk::{Found, Kind};
use crate::{Hits, Part};

/// How many bytes are read before the progress hears of them.
const TOLD: u64 = 1 << 20;
/// How much more than twice its size a file may become while it is read.
const GROWTH: u64 = 1 << 30;

/// What a worker says; the number is the file's.
enum News {
    Read(usize, u64),
    Done(usize, Vec<Part>),
}

/// All streams of all files, in order.
pub(crate) fn all(
    found: &[Found],
    request: &IngestRequest<'_>,
    threads: usize,
    progress: &mut dyn Progress,
) -> Result<Vec<Part>, LakeError> {
    let next = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    let mut slots: Vec<Option<Vec<Part>>> = found.iter().map(|_| None).collect();
    let mut left: Vec<u64> = found.iter().map(|f| f.bytes).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, found.len().max(1)) {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = found.get(number) else { return };
                    let parts = guarded(file, number, request, &tell);
                    // The receiver lives as long as the scope.
                    let _ = tell.send(News::Done(number, parts));
                }
            });
        }
        drop(tell);
        for news in told {
            let (number, bytes) = match news {
                News::Read(number, bytes) => (number, bytes),
                News::Done(number, parts) => {
                    if let Some(slot) = slots.get_mut(number) {
                        *slot = Some(parts);
                    }
                    (number, u64::MAX)
                }
            };
            if let (Some(file), Some(left)) = (found.get(number), left.get_mut(number)) {
                // A file may grow while it is read; the sum told is the size seen first.
                let step = bytes.min(*left);
                *left -= step;
                progress.advance(step, &file.name);
            }
        }
    });
    let mut parts = Vec::new();
    for (slot, file) in slots.into_iter().zip(found) {
        parts.extend(slot.ok_or_else(|| LakeError::Stopped { file: file.name.clone() })?);
    }
    Ok(parts)
}

/// The raw record at a place.
pub(crate) fn raw(found: &[Found], cite: &Cite, reference: Timestamp, zone: &TimeZone) -> Option<Vec<u8>> {
    let context = ReadContext { reference, zone: zone.clone() };
    found.iter().filter(|file| holds(file, &cite.source)).find_map(|file| {
        let mut input = open(file).ok()?;
        let mut seek = Seek { cite, here: false, raw: None };
        read_stream(&file.name, &mut input, &context, &Limits::default(), &mut seek);
        seek.raw
    })
}

/// Whether a source lies in a file: it is the file itself, or a member of it.
fn holds(file: &Found, source: &str) -> bool {
    let rest = source.strip_prefix(&file.name);
    matches!(file.kind, Kind::File | Kind::Stdin) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("!/"))
}

/// The raw records of some sources.
pub(crate) fn raw_of(found: &[Found], sources: &[&str], reference: Timestamp, zone: &TimeZone) -> Vec<(String, Vec<u8>)> {
    let context = ReadContext { reference, zone: zone.clone() };
    let mut of = Of { sources, path: None, found: Vec::new() };
    for file in found.iter().filter(|file| sources.iter().any(|source| holds(file, source))) {
        if let Ok(mut input) = open(file) {
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

/// Reads a file; a reader that breaks down costs this file and no other.
fn guarded(file: &Found, number: usize, request: &IngestRequest<'_>, tell: &Sender<News>) -> Vec<Part> {
    let read = || one(file, number, request, tell);
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let reason = "the reader broke down on this file: please report it as a bug".to_owned();
        vec![unread(file, "content", Some((LossKind::Unreadable, reason)))]
    })
}

fn one(file: &Found, number: usize, request: &IngestRequest<'_>, tell: &Sender<News>) -> Vec<Part> {
    match &file.kind {
        Kind::Link(what) => return vec![unread(file, what, None)],
        Kind::Refused(kind, reason) => return vec![unread(file, "not opened", Some((*kind, reason.clone())))],
        Kind::File | Kind::Stdin => {}
    }
    let mut input = match open(file) {
        Ok(inner) => Counted { inner, number, untold: 0, tell },
        Err(error) => return vec![unread(file, "not opened", Some((LossKind::Unreadable, error.to_string())))],
    };
    let context = ReadContext { reference: request.reference, zone: request.zone.clone() };
    let mut collect = Collect { request, parts: Vec::new(), rows: Vec::new(), hits: Vec::new() };
    read_stream(&file.name, &mut input, &context, &Limits::default(), &mut collect);
    collect.parts
}

/// A source of which nothing was read.
fn unread(file: &Found, how: &str, loss: Option<(LossKind, String)>) -> Part {
    let loss = loss.map(|(kind, reason)| Loss { kind, reason, first: None, count: 1, bytes: file.bytes });
    let end = SourceEnd {
        path: file.name.clone(),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        recognised_by: how.to_owned(),
        losses: loss.into_iter().collect(),
    };
    Part { end, rows: Vec::new(), hits: Vec::new() }
}

/// Opens a file, or standard input, for reading.
fn open(file: &Found) -> io::Result<Box<dyn Read>> {
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
struct Counted<'a> {
    inner: Box<dyn Read>,
    number: usize,
    untold: u64,
    tell: &'a Sender<News>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.untold = self.untold.saturating_add(n as u64);
        if self.untold >= TOLD {
            let _ = self.tell.send(News::Read(self.number, self.untold));
            self.untold = 0;
        }
        Ok(n)
    }
}

struct Collect<'a> {
    request: &'a IngestRequest<'a>,
    parts: Vec<Part>,
    rows: Vec<Row<'static>>,
    hits: Vec<(usize, Hits)>,
}

impl Visitor for Collect<'_> {
    fn begin(&mut self, _path: &str, _format: Option<&'static Reader>) {
        self.rows.clear();
        self.hits.clear();
    }

    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        if let Some(rules) = self.request.rules {
            let hits = rules.matches(&row, raw);
            if !hits.is_empty() {
                self.hits.push((self.rows.len(), hits));
            }
        }
        self.rows.push(row.into_owned());
    }

    fn end(&mut self, end: SourceEnd) {
        self.parts.push(Part { end, rows: std::mem::take(&mut self.rows), hits: std::mem::take(&mut self.hits) });
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
