//! The systemd journal in its export format (`journalctl -o export`, and what `systemd-journal-remote` and the gateway hand out).
//!
//! An entry is a run of fields that an empty line ends. A field is `NAME=text`, or, where its value is no clean text, the name
//! alone, eight bytes of length (little-endian), and the bytes: a line end in them ends nothing. What becomes of an entry is what
//! becomes of it in the journal's JSON. <https://systemd.io/JOURNAL_EXPORT_FORMATS/>

use std::io::{self, BufRead, Read};

use abate_model::{Locator, LossKind, Table, Text};

use super::journald::{Entry, NEVER_CONTAINS};
use crate::lines::{Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "journal-export",
    title: Text::fixed("systemd journal (journalctl -o export)", "systemd ジャーナル（journalctl -o export）"),
    tables: &[
        Table::Authentication,
        Table::AccountChange,
        Table::ProcessActivity,
        Table::ScheduledJobActivity,
        Table::EventLogActivity,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: NEVER_CONTAINS,
    sniff,
    read,
};

/// Longest name of a field, as the journal itself has it.
const MAX_NAME: usize = 64;
const CUT: &str = "the stream ends inside a journal entry";
/// Bytes of the length of a binary field.
const LENGTH: usize = 8;

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 40);
    let first = lines.first()?;
    let named = memchr::memchr(b'=', first).and_then(|at| first.get(..at)).is_some_and(is_name);
    let timed = |line: &&[u8]| {
        line.strip_prefix(b"__REALTIME_TIMESTAMP=").is_some_and(|time| !time.is_empty() && time.iter().all(u8::is_ascii_digit))
    };
    (named && lines.iter().any(timed)).then(|| "field __REALTIME_TIMESTAMP= of the journal's export format".to_owned())
}

fn is_name(name: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    !name.is_empty() && name.len() <= MAX_NAME && name.iter().all(plain)
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let most = sink.limits().max_line;
    let mut cutter = Cutter { input, most, offset: 0, raw: Vec::new(), fields: Vec::new() };
    loop {
        let begun = cutter.offset;
        let end = cutter.entry()?;
        let length = cutter.offset.saturating_sub(begun);
        let at = Some(Locator::Bytes { offset: begun, length });
        match end {
            End::Blank if cutter.raw.is_empty() => {}
            End::Stream if cutter.raw.is_empty() => return Ok(()),
            End::Blank | End::Stream => cutter.emit(begun, end, sink),
            End::TooLong => sink.loss(LossKind::OverLimit, format!("an entry is longer than {most} bytes"), at, length),
            End::NoField => {
                sink.loss(
                    LossKind::Malformed,
                    "a line that is no field of a journal entry; the entry is passed over".to_owned(),
                    at,
                    length,
                );
            }
            End::Cut => {
                sink.loss(LossKind::Truncated, CUT.to_owned(), at, length);
                return Ok(());
            }
        }
    }
}

/// How an entry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// with its empty line
    Blank,
    /// with the stream, behind a whole field
    Stream,
    /// with the stream, inside a field
    Cut,
    /// it outgrew the limit and was passed over
    TooLong,
    /// with something that is no field; it was passed over
    NoField,
}

/// Where name and value of a field stand in the entry.
struct Field {
    name: std::ops::Range<usize>,
    value: std::ops::Range<usize>,
}

/// Cuts a stream into entries.
struct Cutter<'r> {
    input: &'r mut dyn BufRead,
    most: usize,
    /// of the next byte
    offset: u64,
    /// the entry, without the empty line behind it
    raw: Vec<u8>,
    fields: Vec<Field>,
}

/// What one step of reading gave.
enum Step {
    Field(Field),
    End(End),
}

impl Cutter<'_> {
    /// Reads one entry into `raw` and `fields`.
    fn entry(&mut self) -> io::Result<End> {
        self.raw.clear();
        self.fields.clear();
        loop {
            match self.field()? {
                Step::Field(field) => self.fields.push(field),
                Step::End(end @ (End::TooLong | End::NoField)) => {
                    let inside = self.raw.last() != Some(&b'\n');
                    self.raw.clear();
                    self.skip(inside)?;
                    return Ok(end);
                }
                Step::End(end) => return Ok(end),
            }
        }
    }

    fn field(&mut self) -> io::Result<Step> {
        let begun = self.raw.len();
        let room = self.most.saturating_sub(begun);
        let line = (&mut *self.input).take(room as u64 + 1).read_until(b'\n', &mut self.raw)?;
        self.offset = self.offset.saturating_add(line as u64);
        if line == 0 {
            return Ok(Step::End(End::Stream));
        }
        if self.raw.last() != Some(&b'\n') {
            return Ok(Step::End(if line > room { End::TooLong } else { End::Cut }));
        }
        let end = self.raw.len() - 1;
        let text = self.raw.get(begun..end).unwrap_or_default();
        if text.is_empty() {
            self.raw.truncate(begun);
            return Ok(Step::End(End::Blank));
        }
        let name = text.get(..memchr::memchr(b'=', text).unwrap_or(text.len())).unwrap_or_default();
        if !is_name(name) {
            return Ok(Step::End(End::NoField));
        }
        let name = begun..begun + name.len();
        if name.end < end {
            return Ok(Step::Field(Field { value: name.end + 1..end, name }));
        }
        self.binary(name)
    }

    /// The value behind a name alone.
    fn binary(&mut self, name: std::ops::Range<usize>) -> io::Result<Step> {
        let begun = self.raw.len();
        if !self.more(LENGTH)? {
            return Ok(Step::End(End::Cut));
        }
        let length = self.raw.get(begun..).and_then(|bytes| <[u8; LENGTH]>::try_from(bytes).ok()).map(u64::from_le_bytes);
        let room = self.most.saturating_sub(self.raw.len());
        let Some(length) = length.and_then(|n| usize::try_from(n).ok()).filter(|n| *n < room) else {
            // A length beyond every limit may as well be none: the next empty line is all that can be gone by.
            return Ok(Step::End(End::TooLong));
        };
        if !self.more(length + 1)? {
            return Ok(Step::End(End::Cut));
        }
        let value = begun + LENGTH..self.raw.len() - 1;
        Ok(if self.raw.last() == Some(&b'\n') { Step::Field(Field { name, value }) } else { Step::End(End::NoField) })
    }

    /// Takes so many bytes more; whether they were there.
    fn more(&mut self, count: usize) -> io::Result<bool> {
        let got = (&mut *self.input).take(count as u64).read_to_end(&mut self.raw)?;
        self.offset = self.offset.saturating_add(got as u64);
        Ok(got == count)
    }

    /// Passes over everything to the next empty line; `filled` says whether the line at hand has something in it already.
    fn skip(&mut self, mut filled: bool) -> io::Result<()> {
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Ok(());
            }
            let end = memchr::memchr(b'\n', chunk);
            let used = end.map_or(chunk.len(), |at| at + 1);
            let blank = end == Some(0) && !filled;
            filled = end.is_none();
            self.input.consume(used);
            self.offset = self.offset.saturating_add(used as u64);
            if blank {
                return Ok(());
            }
        }
    }

    fn emit(&self, offset: u64, end: End, sink: &mut dyn Sink) {
        let bytes = self.raw.strip_suffix(b"\n").unwrap_or(&self.raw);
        let place = Place { offset, bytes };
        let mut entry = Entry::default();
        for field in &self.fields {
            let part = |range: &std::ops::Range<usize>| self.raw.get(range.clone()).unwrap_or_default();
            if let Ok(name) = std::str::from_utf8(part(&field.name)) {
                entry.set(name, String::from_utf8_lossy(part(&field.value)));
            }
        }
        // Without its empty line an entry may be a part of one only.
        let refused = if end == End::Stream && !entry.has_message() {
            (LossKind::Truncated, CUT)
        } else if let Err(reason) = entry.emit(place, sink) {
            (LossKind::Malformed, reason)
        } else {
            return;
        };
        sink.loss(refused.0, refused.1.to_owned(), Some(place.locator()), bytes.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_journal_allows() {
        assert!(is_name(b"__CURSOR") && is_name(b"_PID") && is_name(b"MESSAGE_ID2"));
        assert!(!is_name(b"") && !is_name(b"message") && !is_name(b"A B") && !is_name(&[b'A'; MAX_NAME + 1]));
    }
}
