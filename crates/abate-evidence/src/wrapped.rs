//! Records of any format in the wrappings that AWS delivers them in: output of `aws logs` (`filter-log-events`,
//! `get-log-events`, `tail`, Logs Insights), results of Logs Insights saved as CSV, log groups exported to S3 (a time in front of
//! each line), subscriptions (Firehose, Kinesis), SNS notifications, SQS messages.
//!
//! The reader of the inner format gets the unwrapped records as one stream, so it needs to know nothing of this. Places are
//! turned back into those of the wrapping; a record without a time of its own gets the wrapping's, and a line that names no host
//! the log stream.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use abate_model::{Body, Locator, LossKind, Row, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{self, Piece, Refusal, Splitter};
use crate::lines::{BOM, Line, Lines, Place, first_lines};
use crate::readers::csv_rows;
use crate::shape::{Field, Shape};
use crate::{Head, Limits, ReadContext, Reader, Sink, enveloped, readers, time};

/// The arrays that hold wrapped records.
const ENVELOPES: &[&str] = &["events", "results", "Messages"];
/// Wrappings inside one another (a notification inside a message of a queue).
const MAX_DEPTH: u32 = 3;
/// How far back in the unwrapped stream a reader may still place a row exactly.
const BACK: u64 = 16 << 20;
/// Longest row of a table, over line breaks inside quotations.
const MAX_RECORD: usize = 1 << 20;
/// Most unwrapped bytes that are looked at to recognise what is inside.
const INNER_HEAD: usize = 64 << 10;

/// How records are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, by its name
    Json(&'static str),
    /// lines, each with the time of its arrival in front
    Timed,
    /// lines, each with a time and the name of its log stream in front
    Tail,
    /// a table as CSV, with the record in one column
    Table,
    /// JSON of a collector, by the key under which the record stands
    Under(&'static str),
}

impl Form {
    /// The keys whose arrays hold what is wrapped.
    fn lists(self) -> &'static [&'static str] {
        if let Self::Under(_) = self { enveloped::LISTS } else { ENVELOPES }
    }

    /// Unwraps one record of the outer stream.
    fn unwrap(self, place: Place<'_>, take: &mut dyn FnMut(&Message<'_>), lost: &mut dyn FnMut(Refusal, Locator)) -> Result<(), Refusal> {
        if let Self::Under(path) = self { enveloped::unwrap(place, path, take) } else { unwrap(place, take, lost) }
    }
}

/// Which reader takes a stream, and how.
#[derive(Debug)]
pub(crate) struct Found {
    /// the reader
    pub reader: &'static Reader,
    /// how that was decided
    pub by: String,
    /// the wrapping around its records
    pub form: Option<Form>,
    /// whether its records are JSON that collectors mix, so that for each it is asked who knows it
    pub each: bool,
}

impl Found {
    /// Whether nothing is around its records.
    pub fn is_plain(&self) -> bool {
        self.form.is_none() && !self.each
    }

    /// Reads the stream.
    pub fn read(&self, input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
        let Some(form) = self.form else { return (self.reader.read)(input, ctx, sink) };
        let limits = sink.limits();
        let sink = Rc::new(RefCell::new(sink));
        let map = Rc::new(RefCell::new(Map::default()));
        let source = match form {
            Form::Timed | Form::Tail => Source::Lines(Lines::new(input, limits.max_line), form),
            Form::Table => Source::Table(Lines::new(input, limits.max_line), Table::default()),
            Form::Json(_) | Form::Under(_) => {
                let splitter = Splitter::new(input.fill_buf()?, form.lists(), limits.max_document);
                Source::Json(input, Box::new(splitter), form)
            }
        };
        let mut outer = Outer { sink: Rc::clone(&sink), map: Rc::clone(&map), limits };
        let mut inner = Inner { source, sink, map, out: Vec::new(), at: 0, done: false };
        let reader = if self.each { readers::each() } else { self.reader };
        (reader.read)(&mut inner, ctx, &mut outer)
    }
}

/// The wrapping of a stream and the reader of what is inside, if there is a wrapping and a reader for it.
pub(crate) fn find(head: &Head<'_>) -> Option<Found> {
    let form = form_of(head)?;
    let bytes = unwrapped_head(head, form);
    let inner = Head::new(head.path, &bytes, false);
    let name = match form {
        Form::Json(name) => name,
        Form::Timed | Form::Under(_) => "lines with their time of arrival in front",
        Form::Tail => "lines with time and log stream in front (aws logs tail)",
        Form::Table => "results of Logs Insights as CSV",
    };
    let inside = readers::all().iter().find_map(|reader| (reader.sniff)(&inner).map(|by| (*reader, by)));
    // Host and program stand where the stream does, so only what is surely no line of syslog is taken out.
    let inside = inside.filter(|(reader, _)| form != Form::Tail || readers::written_by_aws(reader.id));
    if let Some((reader, by)) = inside {
        return Some(Found { reader, by: format!("{name}; inside: {by}"), form: Some(form), each: false });
    }
    // Log events that no reader knows still have a time and words.
    let words = matches!(form, Form::Json(LOG_EVENTS) | Form::Table) && !bytes.trim_ascii().is_empty();
    let reader = readers::by_id("cloudwatch-logs").filter(|_| words)?;
    Some(Found { reader, by: format!("{name}; what is inside is not known"), form: Some(form), each: false })
}

const LOG_EVENTS: &str = "log events of CloudWatch Logs";
const NOTIFICATIONS: &str = "notifications of Amazon SNS";
const QUEUE: &str = "messages of Amazon SQS";

fn form_of(head: &Head<'_>) -> Option<Form> {
    let lines = first_lines(head, 50);
    if !lines.is_empty() && lines.iter().filter(|line| behind_time(line).is_some()).count() * 2 > lines.len() {
        return Some(Form::Timed);
    }
    if lines.first().is_some_and(|line| Columns::of(line).is_some()) {
        return Some(Form::Table);
    }
    if !lines.is_empty() && lines.iter().filter(|line| behind_stream(line).is_some()).count() * 2 > lines.len() {
        return Some(Form::Tail);
    }
    let shape = Shape::of(head)?;
    let any = |names: &[&str]| shape.under(&["", "[].", "events[].", "[].events[]."], names).is_some();
    if any(&["message", "timestamp", "ingestionTime"])
        || any(&["message", "timestamp", "id"]) && shape.top.len() <= 4
        || shape.under(&["", "[]."], &["messageType", "logEvents"]).is_some()
        || shape.has("results[][].field")
        || any(&["@timestamp", "@message"])
        // Firehose writes flow logs as objects with nothing but the line.
        || shape.top == ["message"]
    {
        return Some(Form::Json(LOG_EVENTS));
    }
    if shape.under(&["", "[]."], &["Type", "TopicArn", "Message"]).is_some() {
        return Some(Form::Json(NOTIFICATIONS));
    }
    shape.under(&["Messages[].", ""], &["MessageId", "ReceiptHandle", "Body"]).map(|_| Form::Json(QUEUE))
}

/// The line behind `2026-11-20T01:00:00.000Z `, which is how CloudWatch Logs exports a log event.
fn behind_time(line: &[u8]) -> Option<&[u8]> {
    let (stamp, rest) = line.split_at_checked(24)?;
    let exact = time::looks_iso(stamp) && stamp.get(19) == Some(&b'.') && stamp.ends_with(b"Z");
    rest.strip_prefix(b" ").filter(|_| exact)
}

/// Time, log stream and the line behind `2026-11-20T01:00:00.000000+00:00 stream `, as `aws logs tail` prints a log event.
fn behind_stream(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let at = memchr::memchr(b' ', line).filter(|at| (20..=32).contains(at))?;
    let (stamp, rest) = line.split_at_checked(at)?;
    let zoned = stamp.ends_with(b"Z") || stamp.get(stamp.len().saturating_sub(6)).is_some_and(|sign| matches!(sign, b'+' | b'-'));
    let rest = rest.get(1..).filter(|_| zoned && time::looks_iso(stamp))?;
    let end = memchr::memchr(b' ', rest).filter(|end| *end > 0)?;
    Some((stamp, rest.get(..end)?, rest.get(end + 1..)?))
}

/// Where the columns of a table of Logs Insights stand.
#[derive(Clone, Copy, Debug)]
struct Columns {
    message: usize,
    time: Option<usize>,
    stream: Option<usize>,
}

impl Columns {
    fn of(header: &[u8]) -> Option<Self> {
        memchr::memmem::find(header, b"@message")?;
        let names = csv_rows::fields(header, b',')?;
        let at = |name: &str| names.iter().position(|column| column == name);
        Some(Self { message: at("@message")?, time: at("@timestamp"), stream: at("@logStream") })
    }
}

/// A table that is being read.
#[derive(Debug, Default)]
struct Table {
    joiner: csv_rows::Joiner,
    columns: Option<Columns>,
}

impl Table {
    /// Takes a record: the header, or one with a message in it.
    fn record(&mut self, place: Place<'_>, take: &mut dyn FnMut(&Message<'_>)) -> Result<(), Refusal> {
        if let Some(columns) = Columns::of(place.bytes).filter(|_| self.columns.is_none()) {
            self.columns = Some(columns);
            return Ok(());
        }
        let columns = self.columns.ok_or_else(|| Refusal::malformed("a line in front of the header"))?;
        let fields = csv_rows::fields(place.bytes, b',').ok_or_else(|| Refusal::malformed("a row that is no CSV"))?;
        let field = |at: usize| fields.get(at).map(String::as_str).filter(|text| !text.is_empty());
        let text = field(columns.message).ok_or_else(|| Refusal::malformed("a row of Logs Insights without @message"))?;
        let at = columns.time.and_then(field).and_then(instant);
        let stream = columns.stream.and_then(field).map(Rc::from);
        take(&Message { text: Cow::Borrowed(text), at, stream, locator: place.locator(), literal: false });
        Ok(())
    }
}

/// As much of what is inside as a head shows.
pub(crate) fn unwrapped_head(head: &Head<'_>, form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    if form == Form::Timed {
        for line in first_lines(head, usize::MAX) {
            bytes.extend_from_slice(behind_time(line).unwrap_or(line));
            bytes.push(b'\n');
        }
        return bytes;
    }
    if form == Form::Tail {
        for line in first_lines(head, usize::MAX) {
            bytes.extend_from_slice(behind_stream(line).map_or(line, |(_, _, rest)| rest));
            bytes.push(b'\n');
        }
        return bytes;
    }
    let limits = Limits::default();
    if form == Form::Table {
        let (mut table, mut input) = (Table::default(), head.bytes);
        let mut lines = Lines::new(&mut input, limits.max_line);
        // Reading from memory does not fail.
        while let Ok(Some(Line::Whole(place))) = lines.next() {
            if let Some((offset, record)) = table.joiner.push(place, limits.max_line) {
                // What is refused here is a loss when it is read.
                let _ = table.record(Place { offset, bytes: &record }, &mut |message| message.append_to(&mut bytes));
            }
        }
        return bytes;
    }
    let start = head.bytes.strip_prefix(BOM).unwrap_or(head.bytes);
    let mut splitter = Splitter::new(start, form.lists(), limits.max_document);
    splitter.feed(start, &mut |piece| {
        if let Piece::Record(place) = piece
            && bytes.len() < INNER_HEAD
        {
            // What is refused here is a loss when it is read.
            let _ = form.unwrap(place, &mut |message| message.append_to(&mut bytes), &mut |_, _| {});
        }
    });
    bytes
}

/// One unwrapped record.
pub(crate) struct Message<'m> {
    pub text: Cow<'m, str>,
    pub at: Option<Timestamp>,
    /// the log stream, which agents name after the machine, or the machine itself
    pub stream: Option<Rc<str>>,
    pub locator: Locator,
    /// whether the record stands at the locator as it is, byte by byte
    pub literal: bool,
}

impl Message<'_> {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.text.trim_end_matches(['\n', '\r']).as_bytes());
        bytes.push(b'\n');
    }
}

/// Any of the wrappings; which one shows in the keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wrapping<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "@message")]
    queried: Option<&'a RawValue>,
    #[serde(borrow, rename = "Message")]
    notified: Option<&'a RawValue>,
    #[serde(borrow, rename = "Body")]
    queued: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Field<'a>,
    #[serde(borrow, rename = "@timestamp")]
    query_time: Field<'a>,
    #[serde(borrow, rename = "Timestamp")]
    notice_time: Field<'a>,
    #[serde(borrow, rename = "logStreamName")]
    log_stream_name: Field<'a>,
    #[serde(borrow, rename = "@logStream")]
    query_stream: Field<'a>,
    #[serde(borrow, rename = "logStream")]
    log_stream: Field<'a>,
    #[serde(borrow, rename = "messageType")]
    message_type: Field<'a>,
    #[serde(borrow, rename = "logEvents")]
    log_events: Option<Vec<&'a RawValue>>,
}

impl<'a> Wrapping<'a> {
    fn words(&self) -> Option<&'a RawValue> {
        self.queried.or(self.message).or(self.notified).or(self.queued)
    }

    fn time(&self) -> Option<Timestamp> {
        [&self.query_time, &self.timestamp, &self.notice_time].into_iter().find_map(|field| instant(field.0.as_deref()?))
    }

    fn stream(&self) -> Option<Rc<str>> {
        let named = [&self.log_stream_name, &self.query_stream, &self.log_stream].into_iter().find_map(|field| field.0.as_deref());
        named.filter(|name| !name.is_empty()).map(Rc::from)
    }
}

/// One column of a row of Logs Insights.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Column<'a> {
    #[serde(borrow)]
    field: Field<'a>,
    #[serde(borrow)]
    value: Field<'a>,
}

/// Unwraps one record of the outer stream, which may hold several inner ones. `lost` gets those that hold none.
fn unwrap(place: Place<'_>, take: &mut dyn FnMut(&Message<'_>), lost: &mut dyn FnMut(Refusal, Locator)) -> Result<(), Refusal> {
    let text = std::str::from_utf8(place.bytes).map_err(|_| Refusal::malformed("a log event is no valid UTF-8"))?;
    if text.starts_with('[') {
        let columns: Vec<Column<'_>> = parse(text)?;
        let of = |name: &str| columns.iter().find(|c| c.field.0.as_deref() == Some(name)).and_then(|c| c.value.0.clone());
        let message = of("@message").ok_or_else(|| Refusal::malformed("a row of Logs Insights without @message"))?;
        let at = of("@timestamp").and_then(|stamp| instant(&stamp));
        let stream = of("@logStream").map(|name| Rc::from(name.as_ref()));
        take(&Message { text: message, at, stream, locator: place.locator(), literal: false });
        return Ok(());
    }
    let wrapping: Wrapping<'_> = parse(text)?;
    // A subscription's check that its goal is alive is no record of anything.
    if wrapping.message_type.0.as_deref() == Some("CONTROL_MESSAGE") {
        return Ok(());
    }
    let stream = wrapping.stream();
    let Some(events) = wrapping.log_events else {
        take(&message(&wrapping, stream, place.locator())?);
        return Ok(());
    };
    for event in events {
        let locator = json::inside(event, text, place).locator();
        match parse(event.get()).and_then(|wrapping: Wrapping<'_>| message(&wrapping, stream.clone(), locator)) {
            Ok(message) => take(&message),
            Err(refusal) => lost(refusal, locator),
        }
    }
    Ok(())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::malformed("a log event is no valid JSON"))
}

fn message<'m>(wrapping: &Wrapping<'m>, stream: Option<Rc<str>>, locator: Locator) -> Result<Message<'m>, Refusal> {
    let none = || Refusal::malformed("a log event without a message");
    let mut at = wrapping.time();
    let mut text = said(wrapping.words().ok_or_else(none)?).ok_or_else(none)?;
    for _ in 1..MAX_DEPTH {
        let Some((inner, stamp)) = notification(&text) else { break };
        at = stamp.or(at);
        text = Cow::Owned(inner);
    }
    Ok(Message { text, at, stream, locator, literal: false })
}

/// A message as text: JSON objects stand either as text or as they are.
pub(crate) fn said(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<Field<'_>>(json).ok()?.0,
        b'{' | b'[' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

/// What an SNS notification carries, and when it was sent.
fn notification(text: &str) -> Option<(String, Option<Timestamp>)> {
    if !text.starts_with('{') || !text.contains("\"TopicArn\"") {
        return None;
    }
    let wrapping: Wrapping<'_> = serde_json::from_str(text).ok()?;
    let inner = said(wrapping.words()?)?.into_owned();
    Some((inner, wrapping.time()))
}

/// Milliseconds, or a time as Logs Insights and SNS write it; both are UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(millis) => Timestamp::from_millisecond(millis).ok(),
        Err(_) => time::iso(text, &TimeZone::UTC).map(|(at, _)| at),
    }
}

/// Where a piece of the unwrapped stream came from.
#[derive(Clone, Debug)]
struct Origin {
    /// where it begins and ends in the unwrapped stream
    start: u64,
    end: u64,
    outer: Locator,
    literal: bool,
    at: Option<Timestamp>,
    stream: Option<Rc<str>>,
}

/// Places in the unwrapped stream and where they came from, in order.
#[derive(Debug, Default)]
struct Map {
    origins: VecDeque<Origin>,
    end: u64,
}

impl Map {
    fn add(&mut self, length: u64, message: &Message<'_>) {
        let start = self.end;
        self.end = self.end.saturating_add(length);
        let Message { at, locator, literal, .. } = *message;
        self.origins.push_back(Origin { start, end: self.end, outer: locator, literal, at, stream: message.stream.clone() });
        while self.origins.len() > 1 && self.origins.front().is_some_and(|o| o.end.saturating_add(BACK) < self.end) {
            self.origins.pop_front();
        }
    }

    fn at(&self, offset: u64) -> Option<&Origin> {
        let n = self.origins.partition_point(|o| o.end <= offset);
        self.origins.get(n).or(self.origins.back())
    }

    /// The place in the wrapped stream, and where the record began.
    fn outer(&self, inner: Locator) -> (Locator, Option<&Origin>) {
        let Locator::Bytes { offset: from, length: size } = inner else { return (inner, None) };
        let to = from.saturating_add(size);
        let (Some(first), Some(last)) = (self.at(from), self.at(to.saturating_sub(1).max(from))) else { return (inner, None) };
        match (first.outer, last.outer) {
            (Locator::Bytes { offset, length: most }, Locator::Bytes { offset: begins, length }) => {
                let ahead = if first.literal { from.saturating_sub(first.start).min(most) } else { 0 };
                let offset = offset.saturating_add(ahead);
                let length = if last.literal { to.saturating_sub(last.start).min(length) } else { length };
                let end = begins.saturating_add(length);
                (Locator::Bytes { offset, length: end.saturating_sub(offset) }, Some(first))
            }
            (outer, _) => (outer, Some(first)),
        }
    }
}

type Shared<'s> = Rc<RefCell<&'s mut dyn Sink>>;

enum Source<'r> {
    Json(&'r mut dyn BufRead, Box<Splitter>, Form),
    Lines(Lines<'r>, Form),
    Table(Lines<'r>, Table),
}

/// The unwrapped records as a stream, one after the other on lines of their own.
struct Inner<'r, 's> {
    source: Source<'r>,
    sink: Shared<'s>,
    map: Rc<RefCell<Map>>,
    out: Vec<u8>,
    at: usize,
    done: bool,
}

impl Inner<'_, '_> {
    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        let (out, map, sink) = (&mut self.out, &self.map, &self.sink);
        let mut add = |message: &Message<'_>| {
            let before = out.len();
            message.append_to(out);
            map.borrow_mut().add((out.len() - before) as u64, message);
        };
        let lose = |kind, reason, at: Locator, bytes| sink.borrow_mut().loss(kind, reason, Some(at), bytes);
        match &mut self.source {
            Source::Json(input, splitter, form) => {
                let mut deliver = |piece: Piece<'_>| match piece {
                    Piece::Record(place) => {
                        let mut lost = |refusal: Refusal, at: Locator| lose(refusal.kind, refusal.reason, at, size(at));
                        if let Err(refusal) = form.unwrap(place, &mut add, &mut lost) {
                            lose(refusal.kind, refusal.reason, place.locator(), place.bytes.len() as u64);
                        }
                    }
                    Piece::Lost(kind, reason, offset, length) => lose(kind, reason.to_owned(), Locator::Bytes { offset, length }, length),
                };
                let chunk = input.fill_buf()?;
                self.done = chunk.is_empty();
                if self.done {
                    splitter.finish(&mut deliver);
                } else {
                    splitter.feed(chunk, &mut deliver);
                    let used = chunk.len();
                    input.consume(used);
                }
            }
            Source::Table(lines, table) => {
                let mut record = |table: &mut Table, offset: u64, bytes: &[u8]| {
                    let place = Place { offset, bytes };
                    if bytes.trim_ascii().is_empty() {
                        return;
                    }
                    if let Err(refusal) = table.record(place, &mut add) {
                        lose(refusal.kind, refusal.reason, place.locator(), bytes.len() as u64);
                    }
                };
                match lines.next()? {
                    None => {
                        self.done = true;
                        if let Some((offset, bytes)) = table.joiner.rest() {
                            let place = Place { offset, bytes: &bytes };
                            let reason = "a quotation is not closed before the end".to_owned();
                            lose(LossKind::Truncated, reason, place.locator(), bytes.len() as u64);
                        }
                    }
                    Some(Line::TooLong(at, bytes)) => {
                        lose(LossKind::OverLimit, "a line is longer than is held at once".to_owned(), at, bytes);
                    }
                    Some(Line::Whole(place)) => {
                        if let Some((offset, bytes)) = table.joiner.push(place, MAX_RECORD) {
                            record(table, offset, &bytes);
                        }
                    }
                }
            }
            Source::Lines(lines, form) => match lines.next()? {
                None => self.done = true,
                Some(Line::TooLong(at, bytes)) => lose(LossKind::OverLimit, "a line is longer than is held at once".to_owned(), at, bytes),
                Some(Line::Whole(place)) if *form == Form::Tail => {
                    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    let found = behind_stream(place.bytes);
                    let at = found.and_then(|(stamp, ..)| instant(&words(stamp)));
                    let stream = found.map(|(_, stream, _)| Rc::from(words(stream)));
                    let text = String::from_utf8_lossy(found.map_or(place.bytes, |(_, _, rest)| rest));
                    if !text.trim_ascii().is_empty() {
                        add(&Message { text, at, stream, locator: place.locator(), literal: false });
                    }
                }
                Some(Line::Whole(place)) => {
                    let inside = behind_time(place.bytes);
                    let stamp = inside.and(place.bytes.get(..24)).and_then(|stamp| std::str::from_utf8(stamp).ok());
                    let text = String::from_utf8_lossy(inside.unwrap_or(place.bytes));
                    if !text.trim_ascii().is_empty() {
                        add(&Message { text, at: stamp.and_then(instant), stream: None, locator: place.locator(), literal: false });
                    }
                }
            },
        }
        Ok(())
    }
}

fn size(at: Locator) -> u64 {
    if let Locator::Bytes { length, .. } = at { length } else { 0 }
}

impl BufRead for Inner<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.out.len() && !self.done {
            self.refill()?;
        }
        Ok(self.out.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.at.saturating_add(amount);
    }
}

impl Read for Inner<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

/// Hands on what a reader found, with the places of the wrapped stream.
struct Outer<'s> {
    sink: Shared<'s>,
    map: Rc<RefCell<Map>>,
    limits: Limits,
}

impl Sink for Outer<'_> {
    fn row(&mut self, mut row: Row<'_>, raw: &[u8]) {
        let map = self.map.borrow();
        let (locator, origin) = map.outer(row.locator);
        row.locator = locator;
        let at = origin.and_then(|o| o.at);
        // A description of resources has no time, whatever it is wrapped in.
        if row.at.is_none() && at.is_some() && !matches!(row.body, Body::Inventory(_)) {
            row.at = at;
            row.zone = ZoneCertainty::Stated;
        }
        if let (Body::Text(text), Some(stream)) = (&mut row.body, origin.and_then(|o| o.stream.as_deref()))
            && text.host.is_none()
        {
            text.host = Some(Cow::Owned(stream.to_owned()));
        }
        drop(map);
        self.sink.borrow_mut().row(row, raw);
    }

    fn loss(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        let at = at.map(|at| self.map.borrow().outer(at).0);
        self.sink.borrow_mut().loss(kind, reason, at, bytes);
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}
