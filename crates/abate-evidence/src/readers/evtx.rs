//! Windows event logs (`.evtx`): a head of 4 KiB, then chunks of 64 KiB, each readable by itself.
//!
//! One chunk is held at a time. Its records are decoded to the XML that Windows shows, which is what stands for the record; the place
//! is that of its binary form. What of a chunk's used part no record covers is lost and counted. The order of the chunks does
//! not matter, and those that the head does not count are read too: a log that was copied while Windows wrote it has an old head.

use std::io::{self, BufRead};
use std::sync::Arc;

use abate_model::{Locator, LossKind, Text, WindowsEvent};
use evtx::{EvtxChunkData, ParserSettings};
use jiff::Timestamp;

use super::utmp::fill;
use super::windows_rows::{NEVER, TABLES, emit};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "evtx",
    title: Text::fixed("Windows event log (EVTX)", "Windows イベントログ（EVTX）"),
    tables: TABLES,
    continuous: false,
    never_contains: NEVER,
    sniff,
    read,
};

const MAGIC: &[u8] = b"ElfFile\0";
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
const RECORD_MAGIC: &[u8] = b"\x2A\x2A\0\0";
/// Bytes of the file's head, of a chunk, of a chunk's head and of a record's head.
const FILE_HEAD: usize = 4096;
const CHUNK: usize = 64 << 10;
const CHUNK_HEAD: usize = 512;
const RECORD_HEAD: usize = 24;
/// Where a chunk's head says how far its records go, and where its tables of names and templates stand.
const USED: usize = 48;
const TABLES_OF_CHUNK: std::ops::Range<usize> = 128..512;
/// Seconds between the beginning of Windows' time (1601) and of Unix' (1970).
const TO_UNIX: i64 = 11_644_473_600;

fn sniff(head: &Head<'_>) -> Option<String> {
    head.bytes.starts_with(MAGIC).then(|| "first bytes ElfFile".to_owned())
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut head = vec![0; FILE_HEAD];
    let got = fill(input, &mut head)?;
    if got < FILE_HEAD || !head.starts_with(MAGIC) {
        if got > 0 {
            let reason = format!("the head of the log has {FILE_HEAD} bytes; {got} are here, or its first bytes are others");
            sink.loss(LossKind::Truncated, reason, Some(Locator::Bytes { offset: 0, length: got as u64 }), got as u64);
        }
        return Ok(());
    }
    let counted = number(&head, 42, 2).unwrap_or(0);
    let mut chunk = vec![0; CHUNK];
    let mut places = 0_u64;
    for n in 0_u64.. {
        let got = fill(input, &mut chunk)?;
        chunk.get_mut(got..).unwrap_or_default().fill(0);
        let offset = FILE_HEAD as u64 + n * CHUNK as u64;
        // Windows makes room in advance.
        if chunk.iter().any(|b| *b != 0) {
            places = n + 1;
            Chunk { offset, bytes: &chunk, got }.read(ctx, sink);
        }
        if got < CHUNK {
            break;
        }
    }
    if places < counted {
        let reason = format!("the log's head counts {counted} chunks, {places} are here");
        let at = Locator::Bytes { offset: 0, length: FILE_HEAD as u64 };
        sink.loss(LossKind::Truncated, reason, Some(at), 0);
    }
    Ok(())
}

/// A number of the given width, little-endian.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    Some(bytes.get(at..at.checked_add(width)?)?.iter().rev().fold(0, |sum, b| (sum << 8) | u64::from(*b)))
}

fn size(bytes: &[u8], at: usize) -> Option<usize> {
    number(bytes, at, 4).and_then(|size| usize::try_from(size).ok())
}

/// One chunk, filled up with zeros where the stream ends inside it.
struct Chunk<'c> {
    offset: u64,
    bytes: &'c [u8],
    /// how many bytes of it the stream has
    got: usize,
}

impl Chunk<'_> {
    fn locator(&self, from: usize, to: usize) -> Locator {
        Locator::Bytes { offset: self.offset + from as u64, length: to.saturating_sub(from) as u64 }
    }

    fn lost(&self, kind: LossKind, reason: String, (from, to): (usize, usize), sink: &mut dyn Sink) {
        sink.loss(kind, reason, Some(self.locator(from, to)), to.saturating_sub(from) as u64);
    }

    fn read(&self, ctx: &ReadContext, sink: &mut dyn Sink) {
        let whole = (0, self.got);
        if self.got < CHUNK_HEAD {
            return self.lost(LossKind::Truncated, "the log ends inside the head of a chunk".to_owned(), whole, sink);
        }
        if !self.bytes.starts_with(CHUNK_MAGIC) {
            return self.lost(LossKind::Malformed, "no chunk begins where one should".to_owned(), whole, sink);
        }
        let stated = size(self.bytes, USED).filter(|used| (CHUNK_HEAD..=CHUNK).contains(used));
        let used = stated.unwrap_or(CHUNK);
        let mut data = match EvtxChunkData::new(self.bytes.to_vec(), false) {
            Ok(data) => data,
            Err(error) => return self.lost(LossKind::Malformed, format!("the head of a chunk: {}", short(&error)), whole, sink),
        };
        let cut = self.got < used;
        let signed = cut || (data.validate_header_checksum() && data.validate_data_checksum());
        if !signed {
            // Its records are handed out all the same, so no bytes are lost by this alone.
            let reason = "the checksum of a chunk does not fit: its records were changed or not fully written; they are read as they stand";
            sink.loss(LossKind::Malformed, reason.to_owned(), Some(self.locator(0, self.got)), 0);
        }
        let mut found = Found::default();
        if let Err(error) = self.records(&mut data, &mut found, ctx, sink) {
            // The tables of names and templates only save time. Without them the records are still there.
            data.data.get_mut(TABLES_OF_CHUNK).unwrap_or_default().fill(0);
            let again = EvtxChunkData::new(std::mem::take(&mut data.data), false).map_err(|error| short(&error));
            if again.and_then(|mut data| self.records(&mut data, &mut found, ctx, sink)).is_err() {
                return self.lost(LossKind::Malformed, format!("a chunk: {error}"), whole, sink);
            }
        }
        self.gaps(&mut found, used.min(self.got), cut, sink);
    }

    /// Hands out the records; says why the chunk cannot be read at all.
    fn records(&self, data: &mut EvtxChunkData, found: &mut Found, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), String> {
        let settings = Arc::new(ParserSettings::default().indent(false));
        let mut chunk = data.parse(settings).map_err(|error| short(&error))?;
        for record in chunk.iter() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    found.reasons.push(short(&error));
                    continue;
                }
            };
            let Some(start) = usize::try_from(record.binxml_offset).ok().and_then(|at| at.checked_sub(RECORD_HEAD)) else { continue };
            let end = size(self.bytes, start + 4).and_then(|size| start.checked_add(size)).filter(|end| *end <= self.got);
            let Some(end) = end.filter(|end| *end > start + RECORD_HEAD && start >= found.end) else { continue };
            let (xml, problem) = match record.into_xml() {
                Ok(xml) => (xml.data, None),
                Err(error) => (String::new(), Some(short(&error))),
            };
            // Decoded text stands without the declaration that begins a document.
            let xml = xml.split_once("?>").map_or(xml.as_str(), |(_, behind)| behind).trim();
            found.gaps.extend((found.end < start).then_some((found.end, start)));
            found.end = end;
            let locator = self.locator(start, end);
            match problem.map_or_else(|| WindowsEvent::of_xml(xml).map_err(str::to_owned), Err) {
                Ok(event) => emit(&event, written(self.bytes, start), locator, xml.as_bytes(), &ctx.zone, sink),
                Err(problem) => self.lost(LossKind::Malformed, format!("a record: {problem}"), (start, end), sink),
            }
        }
        Ok(())
    }

    /// Counts what of the used part is in no record: each record head that stands there, and what is before the first.
    fn gaps(&self, found: &mut Found, used: usize, cut: bool, sink: &mut dyn Sink) {
        found.gaps.extend((found.end < used).then_some((found.end, used)));
        let mut reasons = std::mem::take(&mut found.reasons).into_iter();
        for (from, to) in std::mem::take(&mut found.gaps) {
            let gap = self.bytes.get(from..to).unwrap_or_default();
            // Records begin at multiples of eight bytes, counted from the first.
            let heads = (0..gap.len()).step_by(8).filter(|at| *at > 0 && gap.get(*at..).is_some_and(|rest| rest.starts_with(RECORD_MAGIC)));
            let mut edges: Vec<usize> = std::iter::once(0).chain(heads).collect();
            edges.push(gap.len());
            for (start, end) in edges.iter().zip(edges.iter().skip(1)) {
                if gap.get(*start..*end).unwrap_or_default().iter().all(|b| *b == 0) {
                    continue;
                }
                let at_end = cut && from + end == used;
                let kind = if at_end { LossKind::Truncated } else { LossKind::Malformed };
                let reason = match reasons.next() {
                    _ if at_end => "the log ends inside a record".to_owned(),
                    Some(reason) => format!("a record: {reason}"),
                    None => "no record could be read where one should be".to_owned(),
                };
                self.lost(kind, reason, (from + start, from + end), sink);
            }
        }
    }
}

/// What was found in a chunk.
struct Found {
    /// where the last record ended
    end: usize,
    /// what lies between records
    gaps: Vec<(usize, usize)>,
    /// why records could not be read
    reasons: Vec<String>,
}

impl Default for Found {
    fn default() -> Self {
        Self { end: CHUNK_HEAD, gaps: Vec::new(), reasons: Vec::new() }
    }
}

/// An error in one line, without the numbers that would make every one of a thousand the only one of its kind.
fn short(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    let words: String = text.lines().next().unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect();
    let mut out = String::new();
    for word in words.split_whitespace() {
        let numbered = word.chars().any(|c| c.is_ascii_digit());
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if numbered { "…" } else { word });
    }
    out
}

/// The time in a record's head: 100 nanoseconds each since 1601.
fn written(bytes: &[u8], start: usize) -> Option<Timestamp> {
    let ticks = i64::try_from(number(bytes, start + 16, 8)?).ok()?;
    let nanos = i32::try_from(ticks.rem_euclid(10_000_000)).ok()?.checked_mul(100)?;
    Timestamp::new(ticks.div_euclid(10_000_000) - TO_UNIX, nanos).ok().filter(|_| ticks > 0)
}
