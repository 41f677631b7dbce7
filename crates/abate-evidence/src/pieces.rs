//! Large logs of lines in pieces, so that several cores can read one file.
//!
//! A piece ends with a line. Only formats whose lines say all by themselves are read so (`readers::is_by_line`): the pieces together have the rows and
//! losses, in the same order and at the same places, that the whole has. Where pieces begin depends on the log alone, never on who reads them.

use std::cell::RefCell;
use std::io::{self, Cursor, Read};

use abate_model::{Locator, LossKind, Row};

use crate::losses::Losses;
use crate::{Limits, ReadContext, Reader, Sink};

/// Bytes of a piece, about.
pub(crate) const PIECE: usize = 8 << 20;

/// A run of lines of a log.
#[derive(Debug)]
pub struct Piece {
    reader: &'static Reader,
    context: ReadContext,
    limits: Limits,
    /// where in the log it begins
    begins: u64,
    bytes: Vec<u8>,
}

/// What was read of a piece, beside its rows.
#[derive(Debug, Default)]
pub struct PieceEnd {
    rows: u64,
    losses: Losses,
    failed: Option<io::Error>,
}

impl Piece {
    /// Reads it; `row` gets each row, and the record as it stands in the log.
    #[must_use]
    pub fn read(&self, row: &mut dyn FnMut(Row<'_>, &[u8])) -> PieceEnd {
        let mut end = PieceEnd::default();
        let mut sink = PieceSink { row, rows: 0, losses: &mut end.losses, begins: self.begins, limits: self.limits };
        let failed = (self.reader.read)(&mut self.bytes.as_slice(), &self.context, &mut sink).err();
        (end.rows, end.failed) = (sink.rows, failed);
        end
    }
}

struct PieceSink<'s> {
    row: &'s mut dyn FnMut(Row<'_>, &[u8]),
    rows: u64,
    losses: &'s mut Losses,
    begins: u64,
    limits: Limits,
}

impl Sink for PieceSink<'_> {
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.rows += 1;
        (self.row)(row, raw);
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

/// Who reads pieces, perhaps several at once.
pub trait Pieces {
    /// Reads all pieces that `next` hands out. Rows are taken up, and what came of the pieces is returned, in their order.
    fn read(&mut self, next: &mut dyn FnMut() -> Option<Piece>) -> Vec<PieceEnd>;
}

/// What stands behind the last piece: the end of the log, or what no piece can hold.
#[derive(Default)]
pub(crate) struct Rest {
    /// where it begins
    pub begins: u64,
    /// its first bytes
    pub held: Vec<u8>,
    /// why nothing follows them, if it is not the log's end
    pub error: Option<io::Error>,
    /// rows of the pieces
    pub rows: u64,
}

/// Hands out a log's pieces; what is left is for the reader itself.
///
/// # Errors
/// What a reader says of a piece; there is none that does, since a piece lies in memory.
pub(crate) fn read(
    (reader, context, limits): (&'static Reader, &ReadContext, Limits),
    input: &mut dyn Read,
    pieces: &mut dyn Pieces,
    losses: &mut Losses,
) -> io::Result<Rest> {
    let rest = RefCell::new(Rest::default());
    let ends = pieces.read(&mut || {
        let mut rest = rest.borrow_mut();
        let bytes = next(&mut rest, input)?;
        let begins = rest.begins;
        rest.begins += bytes.len() as u64;
        Some(Piece { reader, context: context.clone(), limits, begins, bytes })
    });
    let mut rest = rest.into_inner();
    for end in ends {
        rest.rows += end.rows;
        losses.merge(end.losses);
        if let Some(error) = end.failed {
            return Err(error);
        }
    }
    Ok(rest)
}

/// The next whole lines, of which there must be as many as a piece has room for.
fn next(rest: &mut Rest, input: &mut dyn Read) -> Option<Vec<u8>> {
    let room = (PIECE as u64).saturating_sub(rest.held.len() as u64);
    if rest.error.is_none() && room > 0 {
        rest.held.reserve_exact(PIECE.saturating_sub(rest.held.len()));
        rest.error = input.take(room).read_to_end(&mut rest.held).err();
    }
    if rest.held.len() < PIECE {
        return None;
    }
    let end = memchr::memrchr(b'\n', &rest.held)? + 1;
    let behind = rest.held.split_off(end);
    Some(std::mem::replace(&mut rest.held, behind))
}

/// The rest as a stream.
pub(crate) struct Behind<'r> {
    held: Cursor<Vec<u8>>,
    error: Option<io::Error>,
    input: &'r mut dyn Read,
}

impl<'r> Behind<'r> {
    /// Of what is held, and of what follows where the log was not read to its end.
    pub fn new(held: Vec<u8>, error: Option<io::Error>, input: &'r mut dyn Read) -> Self {
        Self { held: Cursor::new(held), error, input }
    }
}

impl Read for Behind<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.held.read(buf)?;
        if n > 0 || buf.is_empty() {
            return Ok(n);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.input.read(buf),
        }
    }
}
