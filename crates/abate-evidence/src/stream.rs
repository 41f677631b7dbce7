//! The walk through one stream: archives are opened by content, every leaf goes to the reader that recognises it.
//!
//! An archive that opens has no source of its own, its members have; it gets one only when it cannot be listed to its end, or
//! has no members. Archives are held in memory (bounded), because their hash must be known before their first member ends; a
//! single compressed log is streamed.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use abate_model::{Container, Locator, LossKind, Row};
use flate2::read::MultiGzDecoder;
use tar::EntryType;
use zip::result::ZipError;

use crate::archive::{is_tar, member_name, member_path, unsafe_name};
use crate::guard::{Guard, Replay, Tap, as_loss, drain, read_head, sha256};
use crate::losses::Losses;
use crate::{Head, Limits, ReadContext, Sink, SourceEnd, Visitor, known, readers, wrapped};

/// Bytes looked at to recognise a format.
const HEAD: usize = 64 << 10;
/// All compressed streams of one run together may unpack to this many times what one may.
const TOTAL: u64 = 8;

/// Reads one stream: a log, a compressed log, or an archive of them. Never fails: what cannot be read is a loss of the source
/// concerned.
pub fn read_stream(path: &str, input: &mut dyn Read, ctx: &ReadContext, limits: &Limits, visitor: &mut dyn Visitor) {
    let budget = Rc::new(Cell::new(limits.max_stream.saturating_mul(TOTAL)));
    Walk { ctx, limits: *limits, visitor, members: 0, budget }.stream(path, &[], input);
}

struct Walk<'w> {
    ctx: &'w ReadContext,
    limits: Limits,
    visitor: &'w mut dyn Visitor,
    /// archive members so far
    members: u64,
    budget: Rc<Cell<u64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gzip,
    Zip,
    Tar,
    Plain,
}

type Zip<'z> = zip::ZipArchive<Cursor<&'z [u8]>>;

fn kind_of(head: &[u8]) -> Kind {
    if head.starts_with(b"\x1F\x8B\x08") {
        Kind::Gzip
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Kind::Zip
    } else if is_tar(head) {
        Kind::Tar
    } else {
        Kind::Plain
    }
}

/// An archive on its way: its path, what is around it, and what went wrong with it.
struct Opened<'o> {
    path: &'o str,
    outer: &'o [Container],
    by: &'static str,
    /// bytes of it, where it is held
    size: u64,
    members: u64,
    losses: Losses,
}

impl Walk<'_> {
    fn stream(&mut self, path: &str, containers: &[Container], input: &mut dyn Read) {
        let (head, error) = read_head(input, HEAD as u64);
        let kind = kind_of(&head);
        let mut replay = Replay::new(&head, error, input);
        if kind != Kind::Plain && containers.len() >= self.limits.max_depth as usize {
            let reason = format!("more than {} archives inside one another", self.limits.max_depth);
            return self.refuse(path, containers, &mut replay, (LossKind::OverLimit, reason));
        }
        match kind {
            Kind::Gzip if kind_of(&peek_gzip(&head)) == Kind::Plain => self.gzip_leaf(path, containers, &mut replay),
            // The hash of the gzip file around it stands for the tar too, so the tar can be streamed.
            Kind::Tar if containers.last().is_some_and(|c| c.path == path) => self.tar(path, containers, containers, &mut replay),
            Kind::Gzip | Kind::Zip | Kind::Tar => self.held(path, containers, kind, &mut replay),
            Kind::Plain => {
                let mut end = self.leaf(path, &mut replay);
                end.containers = containers.to_vec();
                self.visitor.end(end);
            }
        }
    }

    /// A single compressed log, streamed; its own hash is known when it has been read to its end.
    fn gzip_leaf(&mut self, path: &str, outer: &[Container], input: &mut dyn Read) {
        let compressed = Tap::new(input);
        let fed = compressed.count();
        let mut guard = Guard::new(MultiGzDecoder::new(compressed), fed, self.limits, Rc::clone(&self.budget));
        let mut end = self.leaf(path, &mut guard);
        let mut compressed = guard.into_inner().into_inner();
        let _ = drain(&mut compressed);
        end.containers = with(outer, path, compressed.finish().1);
        self.visitor.end(end);
    }

    /// An archive, held in memory so that its hash comes before its members.
    fn held(&mut self, path: &str, outer: &[Container], kind: Kind, input: &mut dyn Read) {
        let most = self.limits.max_document;
        let (bytes, error) = read_head(input, most.saturating_add(1));
        if bytes.len() as u64 > most {
            let reason = format!("the archive is larger than {most} bytes: unpack it first");
            let mut replay = Replay::new(&bytes, error, input);
            return self.refuse(path, outer, &mut replay, (LossKind::OverLimit, reason));
        }
        let containers = with(outer, path, sha256(&bytes));
        match kind {
            Kind::Gzip => {
                let compressed = Tap::new(bytes.as_slice());
                let fed = compressed.count();
                let mut guard = Guard::new(MultiGzDecoder::new(compressed), fed, self.limits, Rc::clone(&self.budget));
                self.stream(path, &containers, &mut guard);
            }
            Kind::Zip => self.zip(path, outer, &containers, &bytes),
            _ => self.tar(path, outer, &containers, &mut bytes.as_slice()),
        }
        if let Some(error) = error {
            let mut opened = Opened { path, outer, by: "first bytes of an archive", size: 0, members: 1, losses: Losses::default() };
            let (kind, reason) = as_loss(&error);
            opened.losses.add(kind, reason, None, 0);
            self.close(opened, bytes.len() as u64, sha256(&bytes));
        }
    }

    fn tar(&mut self, path: &str, outer: &[Container], containers: &[Container], input: &mut dyn Read) {
        let mut opened = Opened { path, outer, by: "tar header", size: 0, members: 0, losses: Losses::default() };
        let mut tap = Tap::new(input);
        let mut archive = tar::Archive::new(&mut tap);
        let failed = match archive.entries() {
            Ok(entries) => self.tar_entries(entries, &mut opened, containers),
            Err(error) => Some(error),
        };
        let failed = failed.or_else(|| drain(&mut tap));
        let count = tap.count().get();
        if let Some(error) = failed {
            let (kind, reason) = as_loss(&error);
            opened.losses.add(kind, reason, Some(Locator::Bytes { offset: count, length: 0 }), 0);
        }
        let _ = drain(&mut tap);
        let (bytes, hash) = tap.finish();
        self.close(opened, bytes, hash);
    }

    fn tar_entries<R: Read>(
        &mut self,
        entries: tar::Entries<'_, R>,
        opened: &mut Opened<'_>,
        containers: &[Container],
    ) -> Option<io::Error> {
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(error),
            };
            let kind = entry.header().entry_type();
            if matches!(kind, EntryType::Directory | EntryType::XGlobalHeader) {
                continue;
            }
            if !self.count_member(opened) {
                return None;
            }
            let name = member_name(&entry.path_bytes());
            let path = member_path(opened.path, &name);
            let size = entry.size();
            if let Some(why) = unsafe_name(&name) {
                self.refuse_sized(&path, containers, (LossKind::UnsafePath, why.to_owned()), size);
            } else if matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse) {
                self.stream(&path, containers, &mut Whole { inner: &mut entry, left: size });
            } else {
                let reason = "a link or device inside an archive is not followed".to_owned();
                self.refuse_sized(&path, containers, (LossKind::NotSupported, reason), size);
            }
        }
        None
    }

    fn zip(&mut self, path: &str, outer: &[Container], containers: &[Container], bytes: &[u8]) {
        let mut opened = Opened { path, outer, by: "zip signature", size: bytes.len() as u64, members: 0, losses: Losses::default() };
        match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(mut archive) => {
                if archive.has_duplicate_names() {
                    let reason = "several members have the same name: only the last of each can be read".to_owned();
                    opened.losses.add(LossKind::Malformed, reason, None, 0);
                }
                for index in 0..archive.len() {
                    if !self.zip_member(&mut archive, index, &mut opened, containers) {
                        break;
                    }
                }
            }
            Err(error) => {
                let reason = format!("the zip archive's directory cannot be read, it is cut off or damaged: {error}");
                opened.losses.add(LossKind::Truncated, reason, None, bytes.len() as u64);
            }
        }
        self.close(opened, bytes.len() as u64, sha256(bytes));
    }

    /// One member; says whether to go on.
    fn zip_member(&mut self, archive: &mut Zip<'_>, index: usize, opened: &mut Opened<'_>, containers: &[Container]) -> bool {
        let Ok(entry) = archive.by_index_data(index) else { return true };
        if entry.is_dir() {
            return true;
        }
        let name = member_name(entry.name_raw());
        let (size, packed, encrypted, link) = (entry.size(), entry.compressed_size(), entry.encrypted(), entry.is_symlink());
        drop(entry);
        if !self.count_member(opened) {
            return false;
        }
        let path = member_path(opened.path, &name);
        let refusal = if let Some(why) = unsafe_name(&name) {
            (LossKind::UnsafePath, why.to_owned())
        } else if encrypted {
            (LossKind::NotSupported, "encrypted: unpack it with its password first".to_owned())
        } else if link {
            (LossKind::NotSupported, "a link or device inside an archive is not followed".to_owned())
        } else {
            match archive.by_index(index) {
                Ok(file) => {
                    let fed = Rc::new(Cell::new(packed.min(opened.size)));
                    let mut guard = Guard::new(file, fed, self.limits, Rc::clone(&self.budget));
                    self.stream(&path, containers, &mut guard);
                    return true;
                }
                Err(error @ (ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_))) => {
                    (LossKind::NotSupported, error.to_string())
                }
                Err(error) => (LossKind::Malformed, format!("the member cannot be opened: {error}")),
            }
        };
        self.refuse_sized(&path, containers, refusal, size);
        true
    }

    /// Counts a member; `false`, with the loss noted, when there are too many.
    fn count_member(&mut self, opened: &mut Opened<'_>) -> bool {
        opened.members += 1;
        self.members += 1;
        let fits = self.members <= self.limits.max_members;
        if !fits {
            let reason = format!("more than {} archive members: the rest is not read", self.limits.max_members);
            opened.losses.add(LossKind::OverLimit, reason, None, 0);
        }
        fits
    }

    /// Ends an archive: a source of its own only when something is to be said about it.
    fn close(&mut self, mut opened: Opened<'_>, bytes: u64, sha256: String) {
        if opened.losses.is_empty() {
            if opened.members > 0 {
                return;
            }
            opened.losses.add(LossKind::Empty, "the archive has no files in it".to_owned(), None, bytes);
        }
        self.visitor.begin(opened.path, None);
        self.visitor.end(SourceEnd {
            path: opened.path.to_owned(),
            containers: opened.outer.to_vec(),
            sha256,
            bytes,
            format: None,
            recognised_by: opened.by.to_owned(),
            losses: opened.losses.into_vec(),
        });
    }

    /// A stream that is not looked into; it is still hashed.
    fn refuse(&mut self, path: &str, containers: &[Container], input: &mut dyn Read, loss: (LossKind, String)) {
        let mut tap = Tap::new(input);
        let mut losses = Losses::default();
        let failed = drain(&mut tap);
        let (bytes, sha256) = tap.finish();
        losses.add(loss.0, loss.1, None, bytes);
        if let Some((kind, reason)) = failed.as_ref().map(as_loss) {
            losses.add(kind, reason, None, 0);
        }
        self.unread(SourceEnd { containers: containers.to_vec(), sha256, bytes, losses: losses.into_vec(), ..nothing(path) });
    }

    /// A member that is not opened at all: nothing of it is hashed, its stated size is what is lost.
    fn refuse_sized(&mut self, path: &str, containers: &[Container], loss: (LossKind, String), size: u64) {
        let mut losses = Losses::default();
        losses.add(loss.0, loss.1, None, size);
        self.unread(SourceEnd { containers: containers.to_vec(), losses: losses.into_vec(), ..nothing(path) });
    }

    fn unread(&mut self, end: SourceEnd) {
        self.visitor.begin(&end.path, None);
        self.visitor.end(end);
    }

    /// Reads a log; the caller adds the containers and ends the source.
    fn leaf(&mut self, path: &str, input: &mut dyn Read) -> SourceEnd {
        let mut tap = Tap::new(input);
        let (bytes, error) = read_head(&mut tap, HEAD as u64);
        let head = Head { path, bytes: &bytes, whole: bytes.len() < HEAD && error.is_none() };
        let found = wrapped::find(&head).or_else(|| {
            let plain = readers::all().iter().find_map(|reader| (reader.sniff)(&head).map(|by| (*reader, by)));
            plain.map(|(reader, by)| wrapped::Found { reader, by, form: None })
        });
        self.visitor.begin(path, found.as_ref().map(|f| f.reader));
        let mut losses = Losses::default();
        let mut rest = BufReader::with_capacity(2 * HEAD, Replay::new(&[], error, &mut tap));
        let (format, recognised_by, failed) = match found {
            Some(found) => {
                let mut sink = LeafSink { visitor: self.visitor, losses: &mut losses, rows: 0, limits: self.limits };
                let result = found.read(&mut bytes.as_slice().chain(&mut rest), self.ctx, &mut sink);
                let rows = sink.rows;
                let failed = result.err().or_else(|| drain(&mut rest));
                if rows == 0 && losses.is_empty() && failed.is_none() {
                    losses.add(LossKind::Empty, "the format is known, but there are no records in it".to_owned(), None, 0);
                }
                (Some(found.reader.id), found.by, failed)
            }
            None => {
                let failed = drain(&mut rest);
                drop(rest);
                let unread = unrecognised(&head);
                // Where nothing at all could be read, the failure below is the whole reason.
                if failed.is_none() || !head.bytes.is_empty() {
                    losses.add(unread.kind, unread.reason, None, tap.count().get());
                }
                (None, unread.recognised_by, failed)
            }
        };
        let count = tap.count().get();
        if let Some((kind, reason)) = failed.as_ref().map(as_loss) {
            losses.add(kind, reason, Some(Locator::Bytes { offset: count, length: 0 }), 0);
        }
        let (bytes, sha256) = tap.finish();
        SourceEnd { sha256, bytes, format, recognised_by, losses: losses.into_vec(), ..nothing(path) }
    }
}

fn unrecognised(head: &Head<'_>) -> known::Unread {
    if head.bytes.is_empty() {
        let reason = "there is nothing in it".to_owned();
        return known::Unread { kind: LossKind::Empty, reason, recognised_by: "its size".to_owned() };
    }
    known::explain(head)
}

fn nothing(path: &str) -> SourceEnd {
    SourceEnd {
        path: path.to_owned(),
        containers: Vec::new(),
        sha256: sha256(&[]),
        bytes: 0,
        format: None,
        recognised_by: "not looked into".to_owned(),
        losses: Vec::new(),
    }
}

fn with(outer: &[Container], path: &str, sha256: String) -> Vec<Container> {
    let mut containers = outer.to_vec();
    containers.push(Container { path: path.to_owned(), sha256 });
    containers
}

/// The beginning of what a gzip head unpacks to.
fn peek_gzip(head: &[u8]) -> Vec<u8> {
    read_head(&mut MultiGzDecoder::new(head), 1024).0
}

/// A tar member: ends in an error, not in silence, when the archive is cut off inside it.
struct Whole<'a> {
    inner: &'a mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && !buf.is_empty() && self.left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(n)
    }
}

struct LeafSink<'s> {
    visitor: &'s mut dyn Visitor,
    losses: &'s mut Losses,
    rows: u64,
    limits: Limits,
}

impl Sink for LeafSink<'_> {
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.rows += 1;
        self.visitor.row(row, raw);
    }
    fn loss(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        self.losses.add(kind, reason, at, bytes);
    }
    fn limits(&self) -> Limits {
        self.limits
    }
}
