//! JSON records of several formats in one stream, as a collector hands them on. Each goes to the reader that knows it.

use std::cell::Cell;
use std::io::{self, BufRead};

use abate_model::{Locator, LossKind, Row, Table, Text};

use crate::json::{self, Piece, Refusal, Splitter};
use crate::lines::Place;
use crate::shape::Shape;
use crate::{Head, Limits, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "mixed-json",
    title: Text::fixed("JSON records of several formats", "複数形式が混在する JSON レコード"),
    tables: &[
        Table::ApiActivity,
        Table::NetworkActivity,
        Table::DnsActivity,
        Table::HttpActivity,
        Table::Authentication,
        Table::AccountChange,
        Table::ProcessActivity,
        Table::ScheduledJobActivity,
        Table::EmailActivity,
        Table::FileActivity,
        Table::EventLogActivity,
        Table::DetectionFinding,
        Table::InventoryInfo,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed("what the collector was not set up to collect", "収集対象に設定していない出来事"),
        Text::fixed("what each of the formats in it leaves out", "含まれる各形式がそれぞれ記録しない内容"),
    ],
    sniff,
    read,
};

/// Most records of a head that are looked at.
const LOOKED_AT: usize = 100;

/// Recognised only where no single reader knows all: at least two of the first records are known to different readers.
fn sniff(head: &Head<'_>) -> Option<String> {
    let found = look(head)?;
    (found.readers.len() >= 2).then(|| found.words())
}

/// Which readers know the first records.
struct Looked {
    readers: Vec<&'static Reader>,
    known: usize,
    all: usize,
}

impl Looked {
    fn words(&self) -> String {
        let ids: Vec<&str> = self.readers.iter().map(|reader| reader.id).collect();
        format!("{} of the first {} records are known: {}", self.known, self.all, ids.join(", "))
    }
}

fn look(head: &Head<'_>) -> Option<Looked> {
    Shape::of(head)?;
    let mut looked = Looked { readers: Vec::new(), known: 0, all: 0 };
    let mut splitter = Splitter::new(head.bytes, &[], Limits::default().max_document);
    splitter.feed(head.bytes, &mut |piece| {
        if let Piece::Record(place) = piece
            && looked.all < LOOKED_AT
        {
            looked.all += 1;
            let found = reader_of(place.bytes, looked.readers.last().copied()).filter(|reader| reader.id != "timed-json");
            if let Some(reader) = found {
                looked.known += 1;
                looked.readers.retain(|other| other.id != reader.id);
                looked.readers.push(reader);
            }
        }
    });
    Some(looked)
}

/// Under what name records that came one by one are known: the reader's that knows all of the first, else this one's.
pub(super) fn name(head: &Head<'_>) -> Option<(&'static Reader, String)> {
    let looked = look(head)?;
    let only = looked.readers.first().copied().filter(|_| looked.readers.len() == 1 && looked.known == looked.all);
    (!looked.readers.is_empty()).then(|| (only.unwrap_or(&READER), looked.words()))
}

/// The reader that knows a record; `last` is asked first, since neighbours are mostly alike.
fn reader_of(record: &[u8], last: Option<&'static Reader>) -> Option<&'static Reader> {
    let head = Head::new("", record, true);
    let knows = |reader: &&'static Reader| reader.id != READER.id && (reader.sniff)(&head).is_some();
    // A reader that knows little must not keep the others from being asked.
    let last = last.filter(|reader| reader.id != "timed-json");
    let known = last.filter(knows).or_else(|| super::all().iter().copied().find(knows));
    // Events that a collector made shorter still are what they are.
    let call = || Shape::of(&head).filter(|shape| shape.has("eventName") && shape.has("eventSource"));
    if known.is_none_or(super::is_last_resort) && call().is_some() { super::by_id("cloudtrail") } else { known }
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut last: Option<&'static Reader> = None;
    json::records(input, &[], sink, &mut |place, sink| {
        if !place.bytes.starts_with(b"{") {
            return Err(Refusal::malformed("a record is no JSON object"));
        }
        let Some(reader) = reader_of(place.bytes, last) else { return Err(unknown(place)) };
        last = Some(reader);
        let mut shifted = Shifted { sink, place, said: false };
        // A slice cannot fail.
        let _ = (reader.read)(&mut { place.bytes }, ctx, &mut shifted);
        if shifted.said {
            Ok(())
        } else {
            Err(Refusal { kind: LossKind::Empty, reason: format!("a record of {} with nothing in it", reader.id) })
        }
    })
}

/// One record as text, whoever knows it; `last` is who knew the one in front of it.
pub(super) fn record(text: &str, last: &Cell<Option<&'static Reader>>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let place = Place { offset: 0, bytes: text.as_bytes() };
    let reader = reader_of(place.bytes, last.get()).ok_or_else(|| unknown(place))?;
    last.set(Some(reader));
    let mut shifted = Shifted { sink, place, said: false };
    let _ = (reader.read)(&mut { place.bytes }, ctx, &mut shifted);
    if shifted.said {
        Ok(())
    } else {
        Err(Refusal { kind: LossKind::Empty, reason: format!("a record of {} with nothing in it", reader.id) })
    }
}

fn unknown(place: Place<'_>) -> Refusal {
    let keys = Shape::of(&Head::new("", place.bytes, true)).map(|shape| shape.top.join(", ")).unwrap_or_default();
    let keys: String = keys.chars().map(|c| if c.is_control() { '?' } else { c }).take(120).collect();
    Refusal { kind: LossKind::NotRecognised, reason: format!("a JSON record that no reader knows; its first keys: {keys}") }
}

/// Hands on what the reader of one record says, with its place in the whole.
struct Shifted<'s, 'p> {
    sink: &'s mut dyn Sink,
    place: Place<'p>,
    said: bool,
}

impl Shifted<'_, '_> {
    fn outer(&self, inner: Locator) -> Locator {
        match inner {
            Locator::Bytes { offset, length } => Locator::Bytes { offset: self.place.offset.saturating_add(offset), length },
            _ => self.place.locator(),
        }
    }
}

impl Sink for Shifted<'_, '_> {
    fn row(&mut self, mut row: Row<'_>, raw: &[u8]) {
        self.said = true;
        row.locator = self.outer(row.locator);
        self.sink.row(row, raw);
    }
    fn loss(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        self.said = true;
        self.sink.loss(kind, reason, at.map(|at| self.outer(at)), bytes);
    }
    fn limits(&self) -> Limits {
        self.sink.limits()
    }
}
