//! The walk through one stream: archives are opened by content, every leaf goes to the reader that recognises it.
//!
//! An archive that opens has no source of its own, its members have; it gets one only when it cannot be listed to its end, or
//! has no members. Archives are held in memory (bounded), because their hash must be known before their first member ends; a
//! single compressed log is streamed.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use abate_model::ids::sha256_hex;
use abate_model::{Container, Locator, LossKind, Row};
use tar::EntryType;
use zip::result::ZipError;

use crate::archive::{is_tar, member_name, member_path, unique, unsafe_name, zip_name};
use crate::guard::{Budget, Count, Fence, Guard, Replay, Tap, as_loss, drain, read_head};
use crate::losses::Losses;
use crate::pieces::{Behind, Rest};
use crate::unpack::{AT_ONCE, PACKED_HEAD, Packing, Unpack, at_once};
use crate::{Head, Limits, ReadContext, Reader, Sink, SourceEnd, Visitor, enveloped, known, pieces, readers, utf16, wrapped};

/// Bytes looked at to recognise a format.
const HEAD: usize = 64 << 10;
/// Why links give nothing.
const LINK: &str = "a link inside an archive is not followed: what it names is read in its own place, if it is there";
/// Bytes that show a tar archive.
const TAR_HEADER: usize = 512;

/// Reads one stream: a log, a compressed log, or an archive of them. Never fails: what cannot be read is a loss of the source
/// concerned.
pub fn read_stream(path: &str, input: &mut dyn Read, ctx: &ReadContext, limits: &Limits, visitor: &mut dyn Visitor) {
    let given = Rc::<Cell<u64>>::default();
    let budget = Rc::new(Budget::new(Rc::clone(&given), *limits));
    let mut input = Count::new(input, given);
    Walk { ctx, limits: *limits, visitor, members: 0, held: 0, taken: HashMap::new(), budget }.stream(path, &[], &mut input);
}

struct Walk<'w> {
    ctx: &'w ReadContext,
    limits: Limits,
    visitor: &'w mut dyn Visitor,
    /// archive members so far
    members: u64,
    /// bytes of archives that are held in memory now
    held: u64,
    /// the paths that members have, so that no two have the same
    taken: HashMap<String, u64>,
    budget: Rc<Budget>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Packed(Packing),
    Zip,
    Tar,
    Plain,
}

type Zip<'z> = zip::ZipArchive<Cursor<&'z [u8]>>;

fn kind_of(head: &[u8]) -> Kind {
    if let Some(packing) = Packing::of(head) {
        Kind::Packed(packing)
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
        let (mut head, mut error) = read_head(input, HEAD as u64);
        let kind = kind_of(&head);
        let inside = if let Kind::Packed(packing) = kind { kind_inside(packing, &mut head, &mut error, input) } else { Kind::Plain };
        let mut replay = Replay::new(&head, error, input);
        if kind != Kind::Plain && containers.len() >= self.limits.max_depth as usize {
            let reason = format!("more than {} archives inside one another", self.limits.max_depth);
            return self.refuse(path, containers, &mut replay, (LossKind::OverLimit, reason));
        }
        match kind {
            Kind::Packed(packing) if inside == Kind::Plain => self.packed_leaf(path, containers, packing, &mut replay),
            // The hash of the compressed file around it stands for the tar too, so the tar can be streamed.
            Kind::Tar if containers.last().is_some_and(|c| c.path == path) => self.tar(path, containers, containers, &mut replay),
            Kind::Packed(_) | Kind::Zip | Kind::Tar => self.held(path, containers, kind, &mut replay),
            Kind::Plain => {
                let mut end = self.leaf(path, &mut replay);
                end.containers = containers.to_vec();
                self.visitor.end(end);
            }
        }
    }

    /// A single compressed log, streamed; its own hash is known when it has been read to its end.
    fn packed_leaf(&mut self, path: &str, outer: &[Container], packing: Packing, input: &mut dyn Read) {
        let mut compressed = Tap::new(input);
        let fed = compressed.count();
        let most = if packing == Packing::Gzip { AT_ONCE.0 } else { 0 };
        let (held, error) = read_head(&mut compressed, most);
        let unpacked = if error.is_none() && (held.len() as u64) < most { at_once(&held) } else { None };
        let mut end = match unpacked {
            Some(bytes) => self.leaf(path, &mut Guard::new(bytes.as_slice(), fed, self.limits, Rc::clone(&self.budget))),
            None => {
                // What went in is counted when it was read, which for what is held is before it is unpacked.
                let mut replay = Replay::new(&held, error, &mut compressed);
                let unpack = Unpack::new(packing, &mut replay);
                self.leaf(path, &mut Guard::new(unpack, fed, self.limits, Rc::clone(&self.budget)))
            }
        };
        let _ = drain(&mut compressed);
        end.containers = with(outer, path, compressed.finish().1);
        self.visitor.end(end);
    }

    /// An archive, held in memory so that its hash comes before its members.
    fn held(&mut self, path: &str, outer: &[Container], kind: Kind, input: &mut dyn Read) {
        let most = self.limits.max_document.saturating_sub(self.held);
        let (bytes, error) = read_head(input, most.saturating_add(1));
        let size = bytes.len() as u64;
        if size > most {
            let reason = format!("the archive, with those around it, is larger than {} bytes: unpack it first", self.limits.max_document);
            let mut replay = Replay::new(&bytes, error, input);
            return self.refuse(path, outer, &mut replay, (LossKind::OverLimit, reason));
        }
        let containers = with(outer, path, sha256_hex(&bytes));
        self.held += size;
        match kind {
            Kind::Packed(packing) => {
                let mut compressed = Tap::new(bytes.as_slice());
                let fed = compressed.count();
                let unpack = Unpack::new(packing, &mut compressed);
                self.stream(path, &containers, &mut Guard::new(unpack, fed, self.limits, Rc::clone(&self.budget)));
            }
            Kind::Zip => self.zip(path, outer, &containers, &bytes),
            _ => self.tar(path, outer, &containers, &mut bytes.as_slice()),
        }
        self.held -= size;
        if let Some(error) = error {
            let mut opened = Opened { path, outer, by: "first bytes of an archive", size: 0, members: 1, losses: Losses::default() };
            let (kind, reason) = as_loss(&error);
            opened.losses.add(kind, reason, None, 0);
            self.close(opened, bytes.len() as u64, sha256_hex(&bytes));
        }
    }

    fn tar(&mut self, path: &str, outer: &[Container], containers: &[Container], input: &mut dyn Read) {
        let mut opened = Opened { path, outer, by: "tar header", size: 0, members: 0, losses: Losses::default() };
        let mut tap = Tap::new(input);
        let (count, left) = (tap.count(), Rc::<Cell<u64>>::default());
        let mut archive = tar::Archive::new(Fence::new(&mut tap, Rc::clone(&left)));
        let failed = match archive.entries() {
            Ok(entries) => self.tar_entries(entries, &mut opened, containers, (&count, &left)),
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

    /// The members of a tar archive; `read` and `left` are how much of it was read, and its fence.
    fn tar_entries<R: Read>(
        &mut self,
        mut entries: tar::Entries<'_, Fence<R>>,
        opened: &mut Opened<'_>,
        containers: &[Container],
        (read, left): (&Cell<u64>, &Cell<u64>),
    ) -> Option<io::Error> {
        let mut next = 0;
        loop {
            Fence::<R>::close(left, u64::saturating_sub(next, read.get()));
            let mut entry = match entries.next()? {
                Ok(entry) => entry,
                Err(error) => return Some(error),
            };
            Fence::<R>::open(left);
            let kind = entry.header().entry_type();
            let size = entry.size();
            // Of a sparse file the archive holds only what lies between the holes.
            let stored = if kind == EntryType::GNUSparse { entry.header().entry_size().unwrap_or(0) } else { size };
            next = entry.raw_file_position().saturating_add(stored.next_multiple_of(512));
            if !self.count_member(opened) {
                return None;
            }
            if matches!(kind, EntryType::Directory | EntryType::XGlobalHeader) {
                opened.members -= 1;
                continue;
            }
            let name = member_name(&entry.path_bytes());
            let place = Locator::Bytes { offset: entry.raw_header_position(), length: 512 };
            if let Some(why) = unsafe_name(&name) {
                let path = self.member_path(opened.path, &name);
                self.refuse_sized(&path, containers, (LossKind::UnsafePath, why.to_owned()), size);
            } else if matches!(kind, EntryType::Regular | EntryType::Continuous) {
                let path = self.member_path(opened.path, &name);
                self.stream(&path, containers, &mut Whole { inner: &mut entry, left: size });
            } else if kind == EntryType::GNUSparse {
                let path = self.member_path(opened.path, &name);
                let fed = Rc::new(Cell::new(stored));
                self.stream(&path, containers, &mut Guard::new(entry, fed, self.limits, Rc::clone(&self.budget)));
            } else if matches!(kind, EntryType::Symlink | EntryType::Link) {
                opened.losses.add(LossKind::NotSupported, LINK.to_owned(), Some(place), 0);
            } else {
                opened.losses.add(LossKind::NotSupported, "a device or pipe inside an archive".to_owned(), Some(place), size);
            }
        }
    }

    /// The path of a member, which no other member has.
    fn member_path(&mut self, outer: &str, name: &str) -> String {
        unique(member_path(outer, name), &mut self.taken)
    }

    fn zip(&mut self, path: &str, outer: &[Container], containers: &[Container], bytes: &[u8]) {
        let mut opened = Opened { path, outer, by: "zip signature", size: bytes.len() as u64, members: 0, losses: Losses::default() };
        match zip::ZipArchive::new(Cursor::new(bytes)) {
            // Members that share bytes are how a small archive unpacks to more than any ratio of one member shows.
            Ok(mut archive) => {
                if archive.has_overlapping_files().unwrap_or(false) {
                    let reason = "its members lie over one another, as in an archive made to unpack to far too much: it is not read";
                    opened.losses.add(LossKind::OverLimit, reason.to_owned(), None, bytes.len() as u64);
                } else {
                    self.zip_members(&mut archive, &mut opened, containers);
                }
            }
            Err(error) => {
                let reason = format!("the zip archive's directory cannot be read, it is cut off or damaged: {error}");
                opened.losses.add(LossKind::Truncated, reason, None, bytes.len() as u64);
            }
        }
        self.close(opened, bytes.len() as u64, sha256_hex(bytes));
    }

    fn zip_members(&mut self, archive: &mut Zip<'_>, opened: &mut Opened<'_>, containers: &[Container]) {
        if archive.has_duplicate_names() {
            let reason = "several members have the same name: only the last of each can be read".to_owned();
            opened.losses.add(LossKind::Malformed, reason, None, 0);
        }
        for index in 0..archive.len() {
            if !self.zip_member(archive, index, opened, containers) {
                return;
            }
        }
    }

    /// One member; says whether to go on.
    fn zip_member(&mut self, archive: &mut Zip<'_>, index: usize, opened: &mut Opened<'_>, containers: &[Container]) -> bool {
        let Ok(entry) = archive.by_index_data(index) else { return true };
        if entry.is_dir() {
            return true;
        }
        let name = zip_name(entry.name_raw());
        let (size, packed, encrypted, link) = (entry.size(), entry.compressed_size(), entry.encrypted(), entry.is_symlink());
        drop(entry);
        if !self.count_member(opened) {
            return false;
        }
        if link {
            opened.losses.add(LossKind::NotSupported, LINK.to_owned(), Some(Locator::Record { n: index as u64 }), size);
            return true;
        }
        let path = self.member_path(opened.path, &name);
        let refusal = if let Some(why) = unsafe_name(&name) {
            (LossKind::UnsafePath, why.to_owned())
        } else if encrypted {
            (LossKind::NotSupported, "encrypted: unpack it with its password first".to_owned())
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
        let order = utf16::Order::of(&bytes);
        let decoded = order.map(|order| order.decoded(&bytes));
        let whole = bytes.len() < HEAD && error.is_none();
        let head = Head::new(path, decoded.as_deref().unwrap_or(&bytes), whole);
        let found = wrapped::find(&head).or_else(|| {
            let plain = readers::all().iter().find_map(|reader| (reader.sniff)(&head).map(|by| (*reader, by)));
            let plain = plain.map(|(reader, by)| wrapped::Found { reader, by, form: None, each: false });
            match plain {
                // The output of a container may be a log that a reader knows better.
                Some(found) if found.reader.id == "container" => {
                    Some(enveloped::find(&head).filter(|inside| !readers::is_plain(inside.reader)).unwrap_or(found))
                }
                Some(found) if !readers::is_last_resort(found.reader) => Some(found),
                // What is in an envelope says more than that it has a time and words.
                other => enveloped::find(&head).or(other),
            }
        });
        self.visitor.begin(path, found.as_ref().map(|f| f.reader));
        let mut losses = Losses::default();
        let mut rest = BufReader::with_capacity(2 * HEAD, Replay::new(&[], error, &mut tap));
        let (format, recognised_by, failed) = match found {
            Some(found) => {
                let mut input = bytes.as_slice().chain(&mut rest);
                let (result, rows) = match order {
                    None if !whole && found.is_plain() && readers::is_by_line(found.reader) && self.visitor.pieces().is_some() => {
                        in_pieces((found.reader, self.ctx, self.limits), &mut input, self.visitor, &mut losses)
                    }
                    order => {
                        let mut sink = LeafSink::new(self.visitor, &mut losses, self.limits);
                        let result = match order {
                            Some(order) => utf16::read(&found, order, &mut input, self.ctx, &mut sink),
                            None => found.read(&mut input, self.ctx, &mut sink),
                        };
                        (result, sink.rows)
                    }
                };
                let failed = result.err().or_else(|| drain(&mut rest));
                if rows == 0 && losses.is_empty() && failed.is_none() {
                    losses.add(LossKind::Empty, "the format is known, but there are no records in it".to_owned(), None, 0);
                }
                let by = if order.is_some() { format!("byte order mark of UTF-16; {}", found.by) } else { found.by };
                (Some(found.reader.id), by, failed)
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
        sha256: sha256_hex(&[]),
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

/// What is inside a compressed stream. Of the head, as much is read as it takes to see it.
fn kind_inside(packing: Packing, head: &mut Vec<u8>, error: &mut Option<io::Error>, input: &mut dyn Read) -> Kind {
    let mut inside = packing.peek(head);
    if inside.len() < TAR_HEADER && head.len() >= HEAD && error.is_none() {
        let (more, failed) = read_head(input, PACKED_HEAD.saturating_sub(head.len() as u64));
        head.extend_from_slice(&more);
        *error = failed;
        inside = packing.peek(head);
    }
    kind_of(&inside)
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

/// Reads a log of lines in pieces as far as it is so large; says how many rows there were.
fn in_pieces(
    reading: (&'static Reader, &ReadContext, Limits),
    input: &mut dyn Read,
    visitor: &mut dyn Visitor,
    losses: &mut Losses,
) -> (io::Result<()>, u64) {
    let rest = match visitor.pieces().map(|pieces| pieces::read(reading, input, pieces, losses)) {
        Some(Err(error)) => return (Err(error), 0),
        Some(Ok(rest)) => rest,
        None => Rest::default(),
    };
    let (reader, ctx, limits) = reading;
    let mut sink = LeafSink { begins: rest.begins, rows: rest.rows, ..LeafSink::new(visitor, losses, limits) };
    let mut input = BufReader::with_capacity(2 * HEAD, Behind::new(rest.held, rest.error, input));
    let result = (reader.read)(&mut input, ctx, &mut sink);
    (result, sink.rows)
}

struct LeafSink<'s> {
    visitor: &'s mut dyn Visitor,
    losses: &'s mut Losses,
    rows: u64,
    limits: Limits,
    begins: u64,
}

impl<'s> LeafSink<'s> {
    fn new(visitor: &'s mut dyn Visitor, losses: &'s mut Losses, limits: Limits) -> Self {
        Self { visitor, losses, rows: 0, limits, begins: 0 }
    }
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
    fn begins(&self) -> u64 {
        self.begins
    }
}
