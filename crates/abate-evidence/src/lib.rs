//! Log readers: one file per format, borrowed rows with locators, and losses.
//!
//! [`read_stream`] looks into one stream of bytes (a log, or an archive of logs), decides by content alone which reader
//! takes it, and hands every row and everything that could not be read to a [`Visitor`].
//!
//! What is absent on purpose: files, folders and object stores (the caller opens them), duplicates and coverage (the
//! lake's work), and any judgement of what a row means.

mod archive;
mod base64;
pub mod digests;
mod enveloped;
mod guard;
mod json;
mod known;
mod lines;
mod losses;
mod lzw;
mod members;
mod notations;
mod pieces;
pub mod readers;
mod scan;
mod shape;
mod signs;
mod stream;
mod time;
mod unpack;
mod utf16;
mod wrapped;

use std::cell::OnceCell;
use std::io::BufRead;

use abate_model::{Container, Locator, Loss, LossKind, Row, Table, Text};
use jiff::{Timestamp, tz::TimeZone};

pub use archive::{member_name, unique};
pub use pieces::{Piece, PieceEnd, Pieces};
pub use stream::read_stream;

/// The beginning of a stream, for recognition.
#[derive(Debug)]
pub struct Head<'a> {
    /// the stream's path; only for messages, never for the decision
    pub path: &'a str,
    /// at most the first 64 KiB of decompressed content
    pub bytes: &'a [u8],
    /// whether `bytes` is all there is
    pub whole: bool,
    /// the shape of its JSON, once someone asked
    shape: OnceCell<Option<shape::Shape>>,
}

impl<'a> Head<'a> {
    /// Of a stream's path and first bytes, and whether these are all.
    #[must_use]
    pub fn new(path: &'a str, bytes: &'a [u8], whole: bool) -> Self {
        Self { path, bytes, whole, shape: OnceCell::new() }
    }
}

/// A log format that can be read.
#[derive(Debug)]
pub struct Reader {
    /// its id, as in `Source::format`
    pub id: &'static str,
    /// its name for people
    pub title: Text,
    /// the tables that it fills
    pub tables: &'static [Table],
    /// whether the format is written at known intervals, so that silence shows as a gap
    pub continuous: bool,
    /// what such a source never contains, however complete it is
    pub never_contains: &'static [Text],
    /// how the format was recognised, or `None`
    pub sniff: fn(&Head<'_>) -> Option<String>,
    /// reads a decompressed stream into rows and losses; an error of the stream is passed on, never a bad record
    pub read: fn(&mut dyn BufRead, &ReadContext, &mut dyn Sink) -> std::io::Result<()>,
}

/// What a reader must be told because the log does not say it.
#[derive(Clone, Debug)]
pub struct ReadContext {
    /// a time without a year is the latest one that is not after this instant plus seven days
    pub reference: Timestamp,
    /// the zone of times that stand without one
    pub zone: TimeZone,
}

/// Where a reader puts what it found.
pub trait Sink {
    /// One row, and the record as it stands in the log (for wrapped records: the record without its wrapping).
    fn row(&mut self, row: Row<'_>, raw: &[u8]);
    /// Something that could not be read. `bytes` is its size as far as known.
    fn loss(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64);
    /// How much a reader may hold.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// Where in its log what is read begins, in bytes: behind 0 where a log is read in pieces.
    fn begins(&self) -> u64 {
        0
    }
}

/// Limits on hostile input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// most bytes that one compressed stream may unpack to
    pub max_stream: u64,
    /// most bytes out per byte in, checked once 16 MiB are out
    pub max_ratio: u64,
    /// most archives and compressed files inside one another
    pub max_depth: u32,
    /// most archive members in one stream
    pub max_members: u64,
    /// longest line in bytes
    pub max_line: usize,
    /// most bytes held at once: one JSON record, or one archive
    pub max_document: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_stream: 8 << 30, max_ratio: 2000, max_depth: 5, max_members: 200_000, max_line: 16 << 20, max_document: 2 << 30 }
    }
}

/// Receives sources one after the other: `begin`, rows, `end`; never two at once.
pub trait Visitor {
    /// A stream begins; `format` is the reader that takes it.
    fn begin(&mut self, path: &str, format: Option<&'static Reader>);
    /// A row of the stream that began last.
    fn row(&mut self, row: Row<'_>, raw: &[u8]);
    /// The stream that began last is over.
    fn end(&mut self, source: SourceEnd);
    /// Who reads the stream that began last, should it be so large a log of lines that pieces of it can be read side by side. Their rows are not
    /// handed to `row`, but those behind the last piece are.
    fn pieces(&mut self) -> Option<&mut dyn Pieces> {
        None
    }
}

/// What is known of a stream once it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEnd {
    /// its path; members of archives follow `!/`
    pub path: String,
    /// the archives and compressed files around it, outermost first
    pub containers: Vec<Container>,
    /// SHA-256 of the decompressed bytes, as far as they could be read
    pub sha256: String,
    /// how many decompressed bytes could be read
    pub bytes: u64,
    /// id of the reader, or `None`
    pub format: Option<&'static str>,
    /// how that was decided
    pub recognised_by: String,
    /// what was not read
    pub losses: Vec<Loss>,
}
