//! Tables as CSV: one record after the other, over line breaks inside quotations, with the names of the header.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::LossKind;

use crate::Sink;
use crate::json::Refusal;
use crate::lines::{Line, Lines, Place};

/// Longest record, over line breaks inside quotes.
const MAX_RECORD: usize = 1 << 20;

/// The fields of one record.
pub(crate) fn fields(record: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).buffer_capacity(record.len().max(1));
    let mut reader = builder.from_reader(record);
    let mut parsed = csv::ByteRecord::new();
    reader.read_byte_record(&mut parsed).ok()?.then(|| parsed.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect())
}

/// A record with the names of its fields.
pub(super) struct Named<'r> {
    pub names: &'r [String],
    pub values: &'r [String],
}

impl<'r> Named<'r> {
    /// The field under the first of some names, if it says anything.
    pub fn get(&self, names: &[&str]) -> Option<Cow<'r, str>> {
        let at = names.iter().find_map(|name| self.names.iter().position(|column| column == name))?;
        self.values.get(at).map(|value| Cow::Borrowed(value.as_str())).filter(|value| !value.is_empty())
    }
}

/// Puts the lines of a record together: it goes on while a quotation is open.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    open: Option<(u64, Vec<u8>)>,
}

impl Joiner {
    /// The record that a line ends, and where it began; none while it goes on. A record of `max` bytes goes on no further.
    pub fn push(&mut self, place: Place<'_>, max: usize) -> Option<(u64, Vec<u8>)> {
        let (offset, mut bytes) = self.open.take().unwrap_or_else(|| (place.offset, Vec::new()));
        let gap = place.offset.saturating_sub(offset).saturating_sub(bytes.len() as u64);
        let end: &[u8] = match gap {
            0 => b"",
            1 => b"\n",
            _ => b"\r\n",
        };
        bytes.extend_from_slice(end);
        bytes.extend_from_slice(place.bytes);
        if bytes.iter().filter(|b| **b == b'"').count() % 2 == 1 && bytes.len() < max {
            self.open = Some((offset, bytes));
            return None;
        }
        Some((offset, bytes))
    }

    /// What is still open at the end.
    pub fn rest(&mut self) -> Option<(u64, Vec<u8>)> {
        self.open.take()
    }
}

type Each<'f> = dyn FnMut(&Named<'_>, Place<'_>, &mut dyn Sink) -> Result<(), Refusal> + 'f;

/// Reads a table. `header` takes a record apart if it is one.
pub(super) fn each_row(
    input: &mut dyn BufRead,
    delimiter: u8,
    sink: &mut dyn Sink,
    header: &dyn Fn(&[u8]) -> Option<Vec<String>>,
    each: &mut Each<'_>,
) -> io::Result<()> {
    let max = sink.limits().max_line.min(MAX_RECORD);
    let mut lines = Lines::new(input, max);
    let mut names: Option<Vec<String>> = None;
    let mut joiner = Joiner::default();
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let Some((offset, bytes)) = joiner.push(place, max) else { continue };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if let Some(found) = header(&bytes) {
            names = Some(found);
            continue;
        }
        let place = Place { offset, bytes: &bytes };
        if let Err(Refusal { kind, reason }) = one(names.as_deref(), delimiter, place, sink, each) {
            sink.loss(kind, reason, Some(place.locator()), bytes.len() as u64);
        }
    }
    if let Some((offset, bytes)) = joiner.rest() {
        let place = Place { offset, bytes: &bytes };
        sink.loss(LossKind::Truncated, "a quotation is not closed before the end".to_owned(), Some(place.locator()), bytes.len() as u64);
    }
    Ok(())
}

fn one(names: Option<&[String]>, delimiter: u8, place: Place<'_>, sink: &mut dyn Sink, each: &mut Each<'_>) -> Result<(), Refusal> {
    let names = names.ok_or_else(|| Refusal::malformed("a line in front of the header"))?;
    let count = || Refusal::malformed("the number of fields is not the header's");
    let values = fields(place.bytes, delimiter).filter(|f| f.len() == names.len()).ok_or_else(count)?;
    each(&Named { names, values: &values }, place, sink)
}
