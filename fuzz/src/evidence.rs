//! What must hold of every reading of evidence: nothing is passed over in silence, every place lies inside the stream, and places
//! follow one another where the format is read from front to back.

use std::io::BufReader;

use abate_evidence::{Limits, ReadContext, Reader, Sink, SourceEnd, Visitor, read_stream};
use abate_model::{Locator, LossKind, Row};

/// Small limits, so that a small input can reach them.
const LIMITS: Limits =
    Limits { max_stream: 16 << 20, max_ratio: 200, max_depth: 3, max_members: 64, max_line: 8 << 10, max_document: 1 << 20 };

/// Readers that put lines together which others may stand between, so that their rows need not be in the order of the lines.
const UNORDERED: &[&str] = &["audit"];

fn context() -> ReadContext {
    ReadContext { reference: jiff::Timestamp::from_second(1_795_478_400).unwrap_or_default(), zone: jiff::tz::TimeZone::UTC }
}

struct Held {
    length: u64,
    ordered: bool,
    last: u64,
    said: u64,
}

impl Held {
    fn place(&mut self, at: Locator, empty: bool) {
        if let Locator::Bytes { offset, length } = at {
            let end = offset.checked_add(length);
            assert!(end.is_some_and(|end| end <= self.length), "{at} lies outside of {} bytes", self.length);
            assert!(empty || length > 0, "{at} is empty");
        }
    }
}

impl Sink for Held {
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.said += 1;
        self.place(row.locator, false);
        assert!(!raw.is_empty(), "a row without its record at {}", row.locator);
        if let Locator::Bytes { offset, .. } = row.locator {
            assert!(!self.ordered || offset >= self.last, "{} comes behind one at {}", row.locator, self.last);
            self.last = offset;
        }
        let _ = row.into_owned().body.scope();
    }
    fn loss(&mut self, _: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        self.said += 1;
        assert!(!reason.is_empty() && reason.len() < 4096, "a reason of {} bytes", reason.len());
        assert!(bytes <= self.length, "{bytes} bytes lost of {}", self.length);
        if let Some(at) = at {
            self.place(at, true);
        }
    }
    fn limits(&self) -> Limits {
        LIMITS
    }
}

/// One reader on a stream that is handed to it in pieces of `capacity` bytes. Whatever the size of the pieces, it says the same.
pub fn check_reader(reader: &Reader, data: &[u8], capacity: usize) {
    let said = |capacity: usize| {
        let ordered = !UNORDERED.contains(&reader.id);
        let mut held = Held { length: data.len() as u64, ordered, last: 0, said: 0 };
        let result = (reader.read)(&mut BufReader::with_capacity(capacity.max(1), data), &context(), &mut held);
        assert!(result.is_ok(), "reading from memory fails: {result:?}");
        held.said
    };
    let head = abate_evidence::Head::new("", data.get(..data.len().min(64 << 10)).unwrap_or_default(), true);
    let _ = (reader.sniff)(&head);
    said(64 << 10);
    said(capacity);
}

struct Told {
    open: bool,
    rows: u64,
    sources: u64,
}

impl Visitor for Told {
    fn begin(&mut self, _: &str, _: Option<&'static Reader>) {
        assert!(!self.open, "a source begins inside another");
        self.open = true;
        self.rows = 0;
    }
    fn row(&mut self, _: Row<'_>, _: &[u8]) {
        assert!(self.open, "a row outside of a source");
        self.rows += 1;
    }
    fn end(&mut self, end: SourceEnd) {
        assert!(self.open, "an end without a beginning");
        self.open = false;
        self.sources += 1;
        assert!(self.rows > 0 || !end.losses.is_empty(), "{} says nothing", end.path);
        assert!(end.losses.iter().all(|loss| loss.count > 0) && end.losses.len() <= 60);
    }
}

/// A whole stream: recognition, archives, envelopes, UTF-16.
pub fn check_stream(mut data: &[u8]) {
    let mut told = Told { open: false, rows: 0, sources: 0 };
    read_stream("x", &mut data, &context(), &LIMITS, &mut told);
    assert!(told.sources > 0 && !told.open, "a stream without an end");
}
