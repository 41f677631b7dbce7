//! Text in UTF-16, as Windows writes it: decoded while it is read, so that no reader needs to know of it. Places are turned back
//! into bytes of the stream as it is.
//!
//! A surrogate without its other half becomes one U+FFFD, so that every character of the decoded text stands for the units that
//! its length in UTF-8 tells, and a place can be counted back exactly.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use abate_model::{Locator, LossKind, Row};

use crate::{Limits, ReadContext, Sink, wrapped};

/// Bytes of decoded text that stand behind one another under one mark.
const PIECE: usize = 8 << 10;
/// How far back in the decoded text a reader may still place a row exactly.
const BACK: usize = 16 << 20;

/// The order of the bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// The order that a byte order mark shows.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head.get(..2)? {
            b"\xFF\xFE" => Some(Self::Little),
            b"\xFE\xFF" => Some(Self::Big),
            _ => None,
        }
    }

    fn unit(self, pair: [u8; 2]) -> u16 {
        if self == Self::Little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    }

    /// The decoded text of a head, without its mark.
    pub fn decoded(self, head: &[u8]) -> Vec<u8> {
        let units = head.get(2..).unwrap_or_default().chunks_exact(2).map(|pair| self.unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
    }
}

/// Reads a stream in UTF-16 as if it were UTF-8.
pub(crate) fn read(
    found: &wrapped::Found,
    order: Order,
    input: &mut dyn BufRead,
    ctx: &ReadContext,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let limits = sink.limits();
    let sink = Rc::new(RefCell::new(sink));
    let map = Rc::new(RefCell::new(Map::default()));
    let mut outer = Outer { sink: Rc::clone(&sink), map: Rc::clone(&map), limits };
    let mut decoded = Decoded { input, order, map, sink, out: Vec::new(), at: 0, half: None, high: None, begun: false, read: 0 };
    found.read(&mut decoded, ctx, &mut outer)
}

/// A piece of decoded text, and where it and its units begin.
#[derive(Debug)]
struct Piece {
    decoded: u64,
    encoded: u64,
    text: Vec<u8>,
}

/// Where decoded text came from.
#[derive(Debug, Default)]
struct Map {
    pieces: VecDeque<Piece>,
    held: usize,
    /// where the pieces that are no longer held began
    gone: Vec<(u64, u64)>,
    /// end of the decoded text, and of the bytes that it came from
    end: (u64, u64),
}

impl Map {
    /// Notes decoded text and where the bytes end that it came from.
    fn add(&mut self, text: &[u8], encoded_end: u64) {
        let (decoded, encoded) = self.end;
        self.end = (decoded.saturating_add(text.len() as u64), encoded_end);
        self.held += text.len();
        self.pieces.push_back(Piece { decoded, encoded, text: text.to_vec() });
        while self.held > BACK && self.pieces.len() > 1 {
            let Some(piece) = self.pieces.pop_front() else { break };
            self.held -= piece.text.len();
            self.gone.push((piece.decoded, piece.encoded));
        }
    }

    /// The byte of the stream for one of the decoded text. Where the text is no longer held, the nearest mark in front of it, or,
    /// for an end, behind it.
    fn back(&self, at: u64, end: bool) -> u64 {
        if at >= self.end.0 {
            return self.end.1;
        }
        let n = self.pieces.partition_point(|piece| piece.decoded <= at);
        if let Some(piece) = n.checked_sub(1).and_then(|n| self.pieces.get(n)) {
            let inside = usize::try_from(at - piece.decoded).unwrap_or(usize::MAX);
            return piece.encoded.saturating_add(units(piece.text.get(..inside).unwrap_or(&piece.text)).saturating_mul(2));
        }
        let n = self.gone.partition_point(|mark| mark.0 <= at);
        let first_held = self.pieces.front().map(|piece| piece.encoded);
        if end {
            return self.gone.get(n).map(|mark| mark.1).or(first_held).unwrap_or(self.end.1);
        }
        n.checked_sub(1).and_then(|n| self.gone.get(n)).map_or(2, |mark| mark.1)
    }

    fn outer(&self, inner: Locator) -> Locator {
        let Locator::Bytes { offset, length } = inner else { return inner };
        let begin = self.back(offset, false);
        let end = if length == 0 { begin } else { self.back(offset.saturating_add(length), true) };
        Locator::Bytes { offset: begin, length: end.saturating_sub(begin) }
    }
}

/// Units of UTF-16 that a text in UTF-8 takes: a character of four bytes takes two.
fn units(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(byte & 0xC0 != 0x80) + u64::from(*byte >= 0xF0)).sum()
}

type Shared<'s> = Rc<RefCell<&'s mut dyn Sink>>;

struct Decoded<'r, 's> {
    input: &'r mut dyn BufRead,
    order: Order,
    map: Rc<RefCell<Map>>,
    sink: Shared<'s>,
    out: Vec<u8>,
    at: usize,
    /// the first byte of a unit whose second is not there yet
    half: Option<u8>,
    /// the first half of a pair
    high: Option<u16>,
    begun: bool,
    /// bytes of the stream so far
    read: u64,
}

impl Decoded<'_, '_> {
    /// Decodes more; `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        self.out.clear();
        self.at = 0;
        let chunk = self.input.fill_buf()?;
        let used = chunk.len().min(PIECE);
        let bytes = chunk.get(..used).unwrap_or_default().to_vec();
        self.input.consume(used);
        self.read = self.read.saturating_add(used as u64);
        if used == 0 {
            return Ok(self.finish());
        }
        for byte in bytes {
            let Some(first) = self.half.take() else {
                self.half = Some(byte);
                continue;
            };
            let unit = self.order.unit([first, byte]);
            if !self.begun {
                self.begun = true;
                self.map.borrow_mut().end.1 = 2;
                if unit == 0xFEFF {
                    continue;
                }
            }
            self.unit(unit);
        }
        let behind = self.read - u64::from(self.half.is_some()) - 2 * u64::from(self.high.is_some());
        self.note(behind);
        Ok(true)
    }

    fn note(&self, encoded_end: u64) {
        if !self.out.is_empty() {
            self.map.borrow_mut().add(&self.out, encoded_end);
        }
    }

    fn unit(&mut self, unit: u16) {
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                return self.push(c);
            }
            self.push(char::REPLACEMENT_CHARACTER);
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => self.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn push(&mut self, c: char) {
        self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// What is left at the end; says whether that is anything.
    fn finish(&mut self) -> bool {
        let odd = self.half.take().is_some();
        if odd {
            let at = Locator::Bytes { offset: self.read.saturating_sub(1), length: 1 };
            let reason = "the text in UTF-16 ends in the middle of a character".to_owned();
            self.sink.borrow_mut().loss(LossKind::Truncated, reason, Some(at), 1);
        }
        if self.high.take().is_none() {
            return false;
        }
        self.push(char::REPLACEMENT_CHARACTER);
        self.note(self.read - u64::from(odd));
        true
    }
}

impl BufRead for Decoded<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.out.len() {
            if !self.refill()? {
                break;
            }
        }
        Ok(self.out.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.at.saturating_add(amount);
    }
}

impl Read for Decoded<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

/// Hands on what a reader found, with places in the stream as it is.
struct Outer<'s> {
    sink: Shared<'s>,
    map: Rc<RefCell<Map>>,
    limits: Limits,
}

impl Sink for Outer<'_> {
    fn row(&mut self, mut row: Row<'_>, raw: &[u8]) {
        row.locator = self.map.borrow().outer(row.locator);
        self.sink.borrow_mut().row(row, raw);
    }
    fn loss(&mut self, kind: LossKind, reason: String, at: Option<Locator>, bytes: u64) {
        let at = at.map(|at| self.map.borrow().outer(at));
        let bytes = match at {
            Some(Locator::Bytes { length, .. }) if bytes > 0 => length,
            _ => bytes,
        };
        self.sink.borrow_mut().loss(kind, reason, at, bytes);
    }
    fn limits(&self) -> Limits {
        self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_back_exactly() {
        let text = "aé日😀\n\u{fffd}x";
        let mut map = Map::default();
        map.end.1 = 2;
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        map.add(text.as_bytes(), 2 + bytes.len() as u64);
        for (at, c) in text.char_indices() {
            let Locator::Bytes { offset, length } = map.outer(Locator::Bytes { offset: at as u64, length: c.len_utf8() as u64 }) else {
                unreachable!()
            };
            let found = &bytes[offset as usize - 2..(offset + length) as usize - 2];
            assert_eq!(found, c.encode_utf16(&mut [0; 2]).iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<u8>>());
        }
        assert_eq!(units(text.as_bytes()) * 2, bytes.len() as u64);
    }

    #[test]
    fn text_that_is_no_longer_held_has_marks_around_it() {
        let mut map = Map::default();
        map.end.1 = 2;
        for n in 1..=3000_u64 {
            map.add(&[b'x'; PIECE], 2 + n * 2 * PIECE as u64);
        }
        let (from, size) = (PIECE as u64 + 10, 10);
        let Locator::Bytes { offset, length } = map.outer(Locator::Bytes { offset: from, length: size }) else { unreachable!() };
        assert!(offset <= 2 + from * 2 && offset + length >= 2 + (from + size) * 2);
        assert_eq!((offset, length), (2 + 2 * PIECE as u64, 2 * PIECE as u64));
        assert!(map.held <= BACK);
    }
}
