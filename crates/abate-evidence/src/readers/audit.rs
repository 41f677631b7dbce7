//! Linux audit logs (auditd): raw as in audit.log, as `ausearch` shows them raw or interpreted (`-i`), and with the prefix of
//! syslog or a node name in front.
//!
//! An event spans several records with one serial number, and records of several events may stand between one another, so events
//! wait, a bounded number of them, until they are over. Lines between them that are no audit records are read as syslog. A row's place
//! runs from the event's first record to its last.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use abate_model::{Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::audit_record::{Header, Record};
use super::audit_rows;
use super::syslog::Entry;
use crate::lines::{Line, Lines, Place, majority};
use crate::time::Yearless;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "audit",
    title: Text::fixed("Linux audit log (auditd)", "Linux 監査ログ（auditd）"),
    tables: &[
        Table::ProcessActivity,
        Table::FileActivity,
        Table::Authentication,
        Table::AccountChange,
        Table::ScheduledJobActivity,
        Table::EventLogActivity,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "what no audit rule of the host asks for (commands and files, as a rule)",
            "監査ルールの対象外の操作（通常、コマンドやファイルは対象外）",
        ),
        Text::fixed("the contents of files and of connections", "ファイルおよび通信の内容"),
        Text::fixed(
            "what happened before auditd was started, or while its queue overflowed",
            "auditd の起動前、またはキューあふれの間の出来事",
        ),
        Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
    ],
    sniff,
    read,
};

/// Most events that wait for further records, and most bytes of theirs.
const MAX_OPEN: usize = 64;
const MAX_HELD: usize = 16 << 20;

fn sniff(head: &Head<'_>) -> Option<String> {
    let fits = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        Header::find(&text).is_some() || is_separator(&text)
    };
    let records = |line: &[u8]| Header::find(&String::from_utf8_lossy(line)).is_some();
    let (good, all) = majority(head, fits)?;
    crate::lines::first_lines(head, 50)
        .iter()
        .any(|line| records(line))
        .then(|| format!("{good} of the first {all} lines are audit records"))
}

/// What ausearch writes between events.
fn is_separator(line: &str) -> bool {
    line.trim_end() == "----" || line.starts_with("time->")
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut yearless = Yearless::default();
    let mut waiting = Waiting::default();
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        if is_separator(&text) {
            waiting.flush(sink);
            continue;
        }
        match Header::find(&text) {
            Some(header) => match header.at(ctx) {
                Some(at) => waiting.add(&header, at, place, host(&header, &mut yearless, ctx), sink),
                None => {
                    let reason = "no time where an audit record has it".to_owned();
                    sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
                }
            },
            None => match Entry::read(&text, &mut yearless, ctx) {
                Some(entry) => {
                    let (at, zone) = entry.at;
                    sink.row(Row { at: Some(at), zone, source: 0, locator: place.locator(), body: entry.into_body() }, place.bytes);
                }
                None => {
                    let reason = "no audit record: no type and msg=audit(…) in the line".to_owned();
                    sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
                }
            },
        }
    }
    waiting.flush(sink);
    Ok(())
}

/// The host as the record or the syslog prefix names it.
fn host<'l>(header: &Header<'l>, yearless: &mut Yearless, ctx: &ReadContext) -> Option<&'l str> {
    if let Some((_, node)) = header.prefix.rsplit_once("node=") {
        return Some(node.trim_end());
    }
    // The prefix alone is a syslog line whose words are the tag.
    Entry::read(header.prefix, yearless, ctx)?.host
}

/// An event whose records are being collected.
pub(super) struct Event {
    /// its time and how sure the zone is
    pub at: (Timestamp, ZoneCertainty),
    /// host name
    pub host: Option<String>,
    /// serial number
    pub serial: u64,
    /// its records, in order
    pub records: Vec<Record>,
    /// what tells it from others: time and serial as written
    key: String,
    start: u64,
    end: u64,
    raw: Vec<u8>,
}

impl Event {
    /// An event of one record, from wherever it comes.
    pub fn of_one(at: (Timestamp, ZoneCertainty), host: Option<&str>, serial: u64, record: Record) -> Self {
        let host = host.map(str::to_owned);
        Self { at, host, serial, records: vec![record], key: String::new(), start: 0, end: 0, raw: Vec::new() }
    }

    fn emit(&self, sink: &mut dyn Sink) {
        let locator = Locator::Bytes { offset: self.start, length: self.end.saturating_sub(self.start) };
        audit_rows::bodies(self, &mut |body| {
            sink.row(Row { at: Some(self.at.0), zone: self.at.1, source: 0, locator, body }, &self.raw);
        });
    }
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    held: usize,
}

impl Waiting {
    fn add(&mut self, header: &Header<'_>, at: (Timestamp, ZoneCertainty), place: Place<'_>, host: Option<&str>, sink: &mut dyn Sink) {
        let record = Record::read(header);
        let (alone, last) = (record.stands_alone(), record.kind == "EOE");
        let end = place.offset.saturating_add(place.bytes.len() as u64);
        let same = |event: &Event| event.key == header.stamp && event.host.as_deref() == host;
        let known = if alone { None } else { self.events.iter().rposition(same) };
        self.held = self.held.saturating_add(place.bytes.len());
        match known.and_then(|n| self.events.get_mut(n)) {
            Some(event) => {
                event.records.push(record);
                event.end = end;
                event.raw.push(b'\n');
                event.raw.extend_from_slice(place.bytes);
            }
            None => self.events.push_back(Event {
                at,
                host: host.map(str::to_owned),
                serial: header.serial,
                records: vec![record],
                key: header.stamp.to_owned(),
                start: place.offset,
                end,
                raw: place.bytes.to_vec(),
            }),
        }
        if alone || last {
            let n = known.unwrap_or(self.events.len().saturating_sub(1));
            self.take(n, sink);
        }
        while self.events.len() > MAX_OPEN || (self.held > MAX_HELD && !self.events.is_empty()) {
            self.take(0, sink);
        }
    }

    fn take(&mut self, n: usize, sink: &mut dyn Sink) {
        if let Some(event) = self.events.remove(n) {
            self.held = self.held.saturating_sub(event.raw.len());
            event.emit(sink);
        }
    }

    fn flush(&mut self, sink: &mut dyn Sink) {
        while !self.events.is_empty() {
            self.take(0, sink);
        }
    }
}
