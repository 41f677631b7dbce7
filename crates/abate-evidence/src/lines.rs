//! Lines of a stream with their exact place, bounded in length.
//!
//! A line that a broken stream cuts off is not handed out: half an address is a false statement.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::Locator;

use crate::Head;

/// One line, without its line end and, on the first line, without a byte order mark.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// a line within the limit
    Whole(Place<'a>),
    /// a line over the limit: where it is and how long
    TooLong(Locator, u64),
}

/// Bytes and where they stand in the stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// first byte
    pub offset: u64,
    /// the bytes
    pub bytes: &'a [u8],
}

impl<'a> Place<'a> {
    /// The bytes as text, with U+FFFD for what is no UTF-8.
    pub fn text(&self) -> Cow<'a, str> {
        // Faster than the lossy way where, as nearly always, nothing is lost.
        std::str::from_utf8(self.bytes).map_or_else(|_| String::from_utf8_lossy(self.bytes), Cow::Borrowed)
    }

    /// The locator of these bytes.
    pub fn locator(&self) -> Locator {
        Locator::Bytes { offset: self.offset, length: self.bytes.len() as u64 }
    }
}

/// Reads lines one at a time.
pub(crate) struct Lines<'r> {
    input: &'r mut dyn BufRead,
    max: usize,
    offset: u64,
    /// bytes of the input's own buffer that the last line was lent from
    lent: usize,
    /// a line that spans several fills of the input's buffer
    joined: Vec<u8>,
}

impl<'r> Lines<'r> {
    /// Lines of a stream, none longer than `max` bytes.
    pub fn new(input: &'r mut dyn BufRead, max: usize) -> Self {
        Self { input, max, offset: 0, lent: 0, joined: Vec::new() }
    }

    /// The same where the stream is not the beginning of its log.
    pub fn from(self, offset: u64) -> Self {
        Self { offset, ..self }
    }

    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.input.consume(self.lent);
        self.lent = 0;
        let start = self.offset;
        let chunk = self.input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(None);
        }
        let Some(end) = newline(chunk) else { return self.join(start) };
        self.lent = end + 1;
        self.offset = start.saturating_add(self.lent as u64);
        // The same buffer again: the borrow checker cannot see that the first borrow ends when we return here.
        let chunk = self.input.fill_buf()?;
        Ok(Some(place(chunk.get(..end).unwrap_or_default(), start, end as u64, self.max)))
    }

    fn join(&mut self, start: u64) -> io::Result<Option<Line<'_>>> {
        self.joined.clear();
        let mut length = 0_u64;
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let end = newline(chunk);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            length = length.saturating_add(part.len() as u64);
            // One byte more than allowed is enough to know that the line is too long.
            let room = (self.max + 1).saturating_sub(self.joined.len()).min(part.len());
            self.joined.extend_from_slice(part.get(..room).unwrap_or_default());
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            self.offset = self.offset.saturating_add(used as u64);
            if end.is_some() {
                break;
            }
        }
        Ok(Some(place(&self.joined, start, length, self.max)))
    }
}

fn place(bytes: &[u8], offset: u64, length: u64, max: usize) -> Line<'_> {
    if length > max as u64 {
        return Line::TooLong(Locator::Bytes { offset, length }, length);
    }
    let mut bytes = bytes;
    let mut offset = offset;
    if offset == 0
        && let Some(rest) = bytes.strip_prefix(BOM)
    {
        bytes = rest;
        offset = BOM.len() as u64;
    }
    Line::Whole(Place { offset, bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes) })
}

fn newline(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes)
}

/// The UTF-8 byte order mark.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The first lines of a head that are not blank, at most `most`; a line that the head cuts off is left out unless it is the only one.
pub(crate) fn first_lines<'a>(head: &Head<'a>, most: usize) -> Vec<&'a [u8]> {
    let bytes = head.bytes.strip_prefix(BOM).unwrap_or(head.bytes);
    let cut = !head.whole && newline(bytes).is_some();
    let end = if cut { bytes.iter().rposition(|b| *b == b'\n').unwrap_or(bytes.len()) } else { bytes.len() };
    let lines = bytes.get(..end).unwrap_or_default().split(|b| *b == b'\n');
    lines.map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()).take(most).collect()
}

/// Whether more than half of the first 50 lines fit, and how many of how many.
pub(crate) fn majority(head: &Head<'_>, fits: impl Fn(&[u8]) -> bool) -> Option<(usize, usize)> {
    let lines = first_lines(head, 50);
    let good = lines.iter().filter(|line| fits(line)).count();
    (good * 2 > lines.len()).then_some((good, lines.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn collect(text: &[u8], capacity: usize, max: usize) -> Vec<(u64, u64, Option<Vec<u8>>)> {
        let mut input = BufReader::with_capacity(capacity, text);
        let mut lines = Lines::new(&mut input, max);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(match line {
                Line::Whole(p) => (p.offset, p.bytes.len() as u64, Some(p.bytes.to_vec())),
                Line::TooLong(Locator::Bytes { offset, length }, _) => (offset, length, None),
                Line::TooLong(..) => unreachable!(),
            });
        }
        all
    }

    #[test]
    fn places_are_exact_whatever_the_buffer() {
        let text = b"\xEF\xBB\xBFone\r\n\ntwo is longer\nlast";
        for capacity in 1..40 {
            let got = collect(text, capacity, 100);
            let words: Vec<_> = got.iter().map(|(_, _, w)| w.clone().unwrap()).collect();
            assert_eq!(words, [b"one".to_vec(), b"".to_vec(), b"two is longer".to_vec(), b"last".to_vec()], "capacity {capacity}");
            for (offset, length, words) in &got {
                let (from, to) = (*offset as usize, (*offset + *length) as usize);
                assert_eq!(&text[from..to], words.as_deref().unwrap(), "capacity {capacity}");
            }
        }
    }

    #[test]
    fn too_long_is_skipped_with_its_place() {
        for capacity in [1, 3, 7, 64] {
            let got = collect(b"ab\ncdefgh\nij", capacity, 4);
            assert_eq!(got, [(0, 2, Some(b"ab".to_vec())), (3, 6, None), (10, 2, Some(b"ij".to_vec()))]);
        }
    }
}
