//! The folder of a drill while it is being handed out: the file that is open, and where in it the records that matter lie.
//! Records come in the order of their times; nothing is sorted here, and nothing is written to disk.

use std::io::Write;

use abate_model::Locator;
use abate_model::truth::{KeyEvent, Stretch};
use flate2::{Compression, GzBuilder};

use crate::clock::{self, HOUR, Second};
use crate::sink::Sink;
use crate::{DrillError, Limits};

/// A file that is not compressed is handed out in pieces of this size.
const PIECE: usize = 1 << 20;

/// So often the sink hears how far the work is.
const TOLD: u64 = 4096;

/// What a record has to do with the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// nothing
    Ordinary,
    /// it is part of it
    Incident,
    /// it looks like part of it and is not
    Decoy,
    /// nothing, although a scenario hands it over beside the ordinary
    Aside,
}

/// One record of a log: a line, or the JSON object of an event.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// when; records of a file are sorted by it
    pub(crate) at: Second,
    /// the record itself, without newline
    pub(crate) text: String,
    /// why it matters, if it does; of a decoy, why it is innocent
    pub(crate) why: Option<&'static str>,
    /// what it has to do with the incident; what a scenario hands over beside the ordinary is part of it unless it says otherwise
    pub(crate) role: Role,
}

impl Record {
    /// A record nobody needs to look at.
    pub(crate) fn plain(at: Second, text: String) -> Self {
        Self { at, text, why: None, role: Role::Ordinary }
    }

    /// Marks it as one that the investigator must find.
    pub(crate) fn because(mut self, why: &'static str) -> Self {
        self.why = Some(why);
        self
    }

    /// Marks it as one that may mislead the investigator, and says why it is innocent.
    pub(crate) fn decoy(mut self, why: &'static str) -> Self {
        (self.why, self.role) = (Some(why), Role::Decoy);
        self
    }

    /// Marks it as one that has nothing to do with the incident and misleads nobody.
    pub(crate) fn aside(mut self) -> Self {
        (self.why, self.role) = (None, Role::Aside);
        self
    }
}

/// What stands around the records of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    head: &'static str,
    between: &'static str,
    tail: &'static str,
}

impl Frame {
    /// One record a line.
    pub(crate) const LINES: Self = Self { head: "", between: "\n", tail: "\n" };
    /// Lines below a header line of VPC flow logs, version 2.
    pub(crate) const FLOW_LOG: Self = Self { head: crate::flow::HEADER, between: "\n", tail: "\n" };
    /// `{"Records":[…]}`, as CloudTrail writes it.
    pub(crate) const RECORDS: Self = Self { head: "{\"Records\":[", between: ",", tail: "]}" };
    /// `{"Findings":[…]}`, as `aws guardduty get-findings` prints it.
    pub(crate) const FINDINGS: Self = Self { head: "{\"Findings\":[", between: ",", tail: "]}\n" };
    /// `{"Events":[…]}`, as `aws cloudtrail lookup-events` prints it.
    pub(crate) const EVENTS: Self = Self { head: "{\"Events\":[", between: ",", tail: "]}\n" };
}

/// How much was handed out, and the most that was held at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// files
    pub(crate) files: u64,
    /// records of logs
    pub(crate) records: u64,
    /// bytes handed out
    pub(crate) bytes: u64,
    /// most bytes of a file that waited to be handed out
    pub(crate) most_bytes: usize,
    /// most marks of records to come, see [`crate::replay`]
    pub(crate) most_marks: usize,
}

/// The file that is open.
#[derive(Debug)]
struct Open {
    path: String,
    frame: Frame,
    /// what of it waits to be handed out, unpacked
    waiting: Vec<u8>,
    /// bytes before that
    offset: u64,
    records: u64,
}

impl Open {
    /// A path that ends in `.gz` is compressed, without name or time in the gzip header. That is done when the file is
    /// complete, since the packed bytes may depend on how the content is cut.
    fn packed(&self) -> bool {
        self.path.ends_with(".gz")
    }
}

/// The way to the sink, and the key events so far.
pub(crate) struct Folder<'s> {
    sink: &'s mut dyn Sink,
    /// what may be held
    pub(crate) limits: Limits,
    /// key events, in the order of the files
    pub(crate) keys: Vec<KeyEvent>,
    /// where the incident's records lie, in the order of the files
    pub(crate) incident: Vec<Stretch>,
    /// decoys, in the order of the files
    pub(crate) decoys: Vec<KeyEvent>,
    /// how much went by
    pub(crate) counts: Counts,
    expected: u64,
    open: Option<Open>,
}

impl<'s> Folder<'s> {
    /// An empty folder. `expected` is about how many records there will be.
    pub(crate) fn new(sink: &'s mut dyn Sink, limits: Limits, expected: u64) -> Self {
        let (keys, incident, decoys) = (Vec::new(), Vec::new(), Vec::new());
        Self { sink, limits, keys, incident, decoys, counts: Counts::default(), expected, open: None }
    }

    /// Adds a file that holds no key event.
    pub(crate) fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), DrillError> {
        self.sink.begin(path).map_err(|e| refused(path, e))?;
        self.hand_out(path, bytes)?;
        self.complete(path)
    }

    /// Begins a log.
    pub(crate) fn begin(&mut self, path: String, frame: Frame) -> Result<(), DrillError> {
        self.sink.begin(&path).map_err(|e| refused(&path, e))?;
        self.open = Some(Open { path, frame, waiting: frame.head.as_bytes().to_vec(), offset: 0, records: 0 });
        Ok(())
    }

    /// The next record of the log that is open, not before the last one.
    pub(crate) fn record(&mut self, record: &Record) -> Result<(), DrillError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.records > 0 {
            open.waiting.extend_from_slice(open.frame.between.as_bytes());
        }
        let (offset, length) = (open.offset + open.waiting.len() as u64, record.text.len() as u64);
        if let Some(why) = record.why {
            let event = KeyEvent { source: open.path.clone(), locator: Locator::Bytes { offset, length }, why: why.to_owned() };
            if record.role == Role::Decoy { self.decoys.push(event) } else { self.keys.push(event) }
        }
        if record.role == Role::Incident {
            let next =
                |last: &&mut Stretch| last.source == open.path && last.offset + last.length + open.frame.between.len() as u64 == offset;
            match self.incident.last_mut().filter(next) {
                Some(last) => last.length = offset + length - last.offset,
                None => self.incident.push(Stretch { source: open.path.clone(), offset, length }),
            }
        }
        open.waiting.extend_from_slice(record.text.as_bytes());
        open.records += 1;
        self.counts.records += 1;
        self.counts.most_bytes = self.counts.most_bytes.max(open.waiting.len());
        if self.counts.records.is_multiple_of(TOLD) {
            self.sink.progress(self.counts.records, self.expected);
        }
        if open.packed() || open.waiting.len() < PIECE {
            return Ok(());
        }
        let (path, piece) = (open.path.clone(), std::mem::take(&mut open.waiting));
        open.offset += piece.len() as u64;
        self.hand_out(&path, &piece)
    }

    /// Whether the open log would become larger than a file of a log bucket should be.
    fn is_full(&self, more: &Record) -> bool {
        self.open.as_ref().is_some_and(|open| open.records > 0 && open.waiting.len() + more.text.len() > self.limits.file_bytes)
    }

    /// Ends the log that is open, if any.
    pub(crate) fn end(&mut self) -> Result<(), DrillError> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        open.waiting.extend_from_slice(open.frame.tail.as_bytes());
        if open.packed() {
            let packed = gzip(&open.waiting)?;
            self.hand_out(&open.path, &packed)?;
        } else {
            self.hand_out(&open.path, &open.waiting)?;
        }
        self.complete(&open.path)
    }

    fn hand_out(&mut self, path: &str, bytes: &[u8]) -> Result<(), DrillError> {
        self.counts.bytes += bytes.len() as u64;
        self.sink.write(bytes).map_err(|e| refused(path, e))
    }

    fn complete(&mut self, path: &str) -> Result<(), DrillError> {
        self.counts.files += 1;
        self.sink.end().map_err(|e| refused(path, e))?;
        self.sink.progress(self.counts.records, self.expected);
        Ok(())
    }
}

fn refused(path: &str, source: std::io::Error) -> DrillError {
    DrillError::Sink { path: path.to_owned(), source }
}

/// A log of one file for each hour, as S3 holds it; more than one if the hour has more than fits into a file.
pub(crate) struct Hours<'n> {
    frame: Frame,
    /// path of the n-th file of an hour
    path: &'n dyn Fn(Second, u32) -> String,
    open: Option<(Second, u32)>,
}

impl<'n> Hours<'n> {
    /// Nothing yet.
    pub(crate) fn new(frame: Frame, path: &'n dyn Fn(Second, u32) -> String) -> Self {
        Self { frame, path, open: None }
    }

    /// The next record, not before the last one.
    pub(crate) fn record(&mut self, folder: &mut Folder<'_>, record: &Record) -> Result<(), DrillError> {
        let hour = clock::floor(record.at, HOUR);
        let next = match self.open {
            Some((open, number)) if open == hour => folder.is_full(record).then_some((hour, number + 1)),
            _ => Some((hour, 0)),
        };
        if let Some((hour, number)) = next {
            folder.end()?;
            folder.begin((self.path)(hour, number), self.frame)?;
            self.open = next;
        }
        folder.record(record)
    }
}

/// The same bytes for the same content, always: no time, no name.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>, DrillError> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
