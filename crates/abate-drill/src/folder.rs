//! The folder of a drill while it is being filled: files, and where in them the records that matter lie.
//! Nothing is written to disk here.

use std::io::Write;

use abate_model::Locator;
use abate_model::truth::KeyEvent;
use flate2::{Compression, GzBuilder};

use crate::clock::Second;
use crate::{DrillError, DrillFile};

/// One record of a log: a line, or the JSON object of an event.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// when; records of a file are sorted by it
    pub(crate) at: Second,
    /// the record itself, without newline
    pub(crate) text: String,
    /// why it matters, if it does
    pub(crate) why: Option<&'static str>,
}

impl Record {
    /// A record nobody needs to look at.
    pub(crate) fn plain(at: Second, text: String) -> Self {
        Self { at, text, why: None }
    }

    /// Marks it as one that the investigator must find.
    pub(crate) fn because(mut self, why: &'static str) -> Self {
        self.why = Some(why);
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
}

/// Files and key events so far.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// files, in the order in which they were added
    pub(crate) files: Vec<DrillFile>,
    /// key events, in the same order
    pub(crate) keys: Vec<KeyEvent>,
}

impl Folder {
    /// Adds a file that holds no key event.
    pub(crate) fn add(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        self.files.push(DrillFile { path: path.into(), bytes });
    }

    /// Adds a log. Records are sorted by time (those of the same second keep their order). A path that ends in `.gz` is
    /// compressed, without name or time in the gzip header.
    pub(crate) fn log(&mut self, path: impl Into<String>, frame: Frame, mut records: Vec<Record>) -> Result<(), DrillError> {
        let path = path.into();
        records.sort_by_key(|record| record.at);
        let mut bytes = frame.head.as_bytes().to_vec();
        for (n, record) in records.iter().enumerate() {
            if n > 0 {
                bytes.extend_from_slice(frame.between.as_bytes());
            }
            if let Some(why) = record.why {
                let locator = Locator::Bytes { offset: bytes.len() as u64, length: record.text.len() as u64 };
                self.keys.push(KeyEvent { source: path.clone(), locator, why: why.to_owned() });
            }
            bytes.extend_from_slice(record.text.as_bytes());
        }
        bytes.extend_from_slice(frame.tail.as_bytes());
        let bytes = if path.ends_with(".gz") { gzip(&bytes)? } else { bytes };
        self.add(path, bytes);
        Ok(())
    }
}

/// The same bytes for the same content, always: no time, no name.
fn gzip(bytes: &[u8]) -> Result<Vec<u8>, DrillError> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
