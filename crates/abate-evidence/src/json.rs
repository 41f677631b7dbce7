//! Finds the records of a JSON stream without parsing them, so that a broken record costs only itself.
//!
//! Understood are: one object, an array of objects, an object that holds an array of records under a known key
//! (`{"Records":[…]}`), any number of such documents one after the other, and one document per line. Each record comes out as
//! its exact bytes; whether it is valid JSON is for the reader to say. Memory holds one record at a time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufRead};

use abate_model::{Locator, LossKind};
use memchr::memchr3;
use serde_json::value::RawValue;

use crate::Sink;
use crate::lines::{BOM, Place};
use crate::signs::{self, BLOCK, Signs};

/// JSON nested deeper than this is not followed further (serde_json stops at 128).
const MAX_NESTING: usize = 512;
/// Longest key that can name an envelope.
const MAX_KEY: usize = 32;

/// The envelope that stands in an object of its own name.
const NESTED: &[u8] = b"hits";

/// Most fields in front of an envelope (such as a paging token, or a query's status and statistics).
const MAX_BEFORE: u32 = 2;

/// Splits a stream into records. `envelopes` are the keys whose arrays hold records. `each` gets a record and says why it is
/// no record, if it is none.
pub(crate) fn records(
    input: &mut dyn BufRead,
    envelopes: &'static [&'static str],
    sink: &mut dyn Sink,
    each: &mut dyn FnMut(Place<'_>, &mut dyn Sink) -> Result<(), Refusal>,
) -> io::Result<()> {
    let mut splitter = Splitter::new(input.fill_buf()?, envelopes, sink.limits().max_document);
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        splitter.feed(chunk, &mut |piece| deliver(piece, sink, each));
        let used = chunk.len();
        input.consume(used);
    }
    splitter.finish(&mut |piece| deliver(piece, sink, each));
    Ok(())
}

/// The place of a value that was parsed out of `text`, which is what stands at `place`, perhaps with U+FFFD for bytes that are no
/// UTF-8.
pub(crate) fn inside<'p>(value: &RawValue, text: &str, place: Place<'p>) -> Place<'p> {
    // The value is a part of the text, so its place follows from where it begins in memory.
    let behind = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let end = behind.saturating_add(value.get().len());
    let same = std::ptr::eq(text.as_ptr(), place.bytes.as_ptr());
    let (from, to) = if same { (behind, end) } else { (as_stored(behind, place.bytes), as_stored(end, place.bytes)) };
    Place { offset: place.offset.saturating_add(from as u64), bytes: place.bytes.get(from..to).unwrap_or_default() }
}

/// Where in the bytes a place of their text is.
fn as_stored(at: usize, bytes: &[u8]) -> usize {
    let (mut text, mut stored) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        if at <= text + valid {
            return stored + (at - text);
        }
        text += valid;
        stored += valid;
        if !chunk.invalid().is_empty() {
            text += char::REPLACEMENT_CHARACTER.len_utf8();
            stored += chunk.invalid().len();
        }
    }
    stored
}

/// The keys of an object and their values as they stand, or `None` where the text is no object.
pub(crate) fn fields(text: &str) -> Option<HashMap<Cow<'_, str>, &RawValue>> {
    #[derive(serde::Deserialize, PartialEq, Eq, Hash)]
    struct Key<'k>(#[serde(borrow)] Cow<'k, str>);
    let fields: HashMap<Key<'_>, &RawValue> = serde_json::from_str(text).ok()?;
    Some(fields.into_iter().map(|(key, value)| (key.0, value)).collect())
}

/// Why a piece of JSON is not taken as a record.
pub(crate) struct Refusal {
    /// which kind of loss
    pub kind: LossKind,
    /// why
    pub reason: String,
}

impl Refusal {
    /// A record that does not parse, or lacks what makes it one.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self { kind: LossKind::Malformed, reason: reason.into() }
    }
}

type Each<'f> = dyn FnMut(Place<'_>, &mut dyn Sink) -> Result<(), Refusal> + 'f;

fn deliver(piece: Piece<'_>, sink: &mut dyn Sink, each: &mut Each<'_>) {
    match piece {
        Piece::Record(place) => {
            if let Err(Refusal { kind, reason }) = each(place, sink) {
                sink.loss(kind, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        }
        Piece::Lost(kind, reason, offset, length) => {
            sink.loss(kind, reason.to_owned(), Some(Locator::Bytes { offset, length }), length);
        }
    }
}

/// Whether a stream holds one document per line: its first line is a document by itself and its second begins one.
fn one_per_line(start: &[u8]) -> bool {
    let start = start.strip_prefix(BOM).unwrap_or(start);
    let mut lines = start.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    second.starts_with(b"{") && second.len() > 1 && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok()
}

/// What a splitter finds.
pub(crate) enum Piece<'a> {
    /// a record
    Record(Place<'a>),
    /// something that is none: why, where, how long
    Lost(LossKind, &'static str, u64, u64),
}

/// What is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// nothing
    No,
    /// an object: a record, unless an envelope turns up in it
    Object,
    /// an array element that is no object
    Scalar,
    /// text between documents
    Junk,
}

/// Splits a stream that is fed to it chunk by chunk.
pub(crate) struct Splitter {
    envelopes: &'static [&'static str],
    by_line: bool,
    limit: u64,
    /// whether the inside of records is gone through without a close look
    fast: bool,
    /// offset of the next byte
    offset: u64,
    /// open brackets
    stack: Vec<u8>,
    in_string: bool,
    escaped: bool,
    open: Open,
    /// where the open piece began, and how many brackets were open before it
    begun: u64,
    base: usize,
    /// the open piece's bytes from earlier chunks
    held: Vec<u8>,
    /// the open piece outgrew the limit
    too_big: bool,
    /// an envelope's array is open at this nesting
    envelope: Option<usize>,
    /// the object at this nesting has shown an envelope and so is no record
    shell: Option<usize>,
    /// the last string at the open object's own level, and how many commas came before it there
    key: Vec<u8>,
    commas: u32,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            envelopes: &[],
            by_line: false,
            limit: 0,
            fast: true,
            offset: 0,
            stack: Vec::new(),
            in_string: false,
            escaped: false,
            open: Open::No,
            begun: 0,
            base: 0,
            held: Vec::new(),
            too_big: false,
            envelope: None,
            shell: None,
            key: Vec::new(),
            commas: 0,
        }
    }
}

impl Splitter {
    /// A splitter for a stream that begins so.
    pub fn new(start: &[u8], envelopes: &'static [&'static str], limit: u64) -> Self {
        Self { envelopes, by_line: one_per_line(start), limit, ..Self::default() }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, chunk: &[u8], emit: &mut dyn FnMut(Piece<'_>)) {
        let chunk_at = self.offset;
        let mut at = 0;
        if chunk_at == 0 && chunk.starts_with(BOM) {
            at = BOM.len();
        }
        loop {
            at += self.skip_inside(chunk.get(at..).unwrap_or_default());
            let Some(&byte) = chunk.get(at) else { break };
            if self.in_string && !self.at_key_level() {
                at += self.skip_string(chunk.get(at..).unwrap_or_default());
                let Some(&next) = chunk.get(at) else { break };
                self.byte(next, chunk, at, chunk_at, emit);
            } else {
                self.byte(byte, chunk, at, chunk_at, emit);
            }
            at += 1;
        }
        if self.open != Open::No && self.open != Open::Junk {
            let from = usize::try_from(self.begun.saturating_sub(chunk_at)).unwrap_or(usize::MAX);
            self.hold(chunk.get(from..).unwrap_or_default());
        }
        self.offset = chunk_at.saturating_add(chunk.len() as u64);
    }

    /// How many bytes of a string need no look, because none of them can end it.
    fn skip_string(&self, rest: &[u8]) -> usize {
        if self.escaped { 0 } else { memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len()) }
    }

    /// Goes through the inside of a record, where nothing but strings and brackets matters, as far as that is so; says how many bytes.
    fn skip_inside(&mut self, rest: &[u8]) -> usize {
        let mut at = 0;
        while self.is_inside()
            && let Some(block) = rest.get(at..).and_then(<[u8]>::first_chunk)
        {
            let used = self.skip_block(block);
            at += used;
            if used < BLOCK {
                return at;
            }
        }
        while self.is_inside() {
            if self.in_string {
                at += self.skip_string(rest.get(at..).unwrap_or_default());
            }
            let Some(&byte) = rest.get(at) else { break };
            match byte {
                b'\n' => break,
                _ if self.escaped => self.escaped = false,
                b'"' => self.in_string = !self.in_string,
                b'\\' if self.in_string => self.escaped = true,
                _ if self.in_string => {}
                b'{' | b'[' | b'}' | b']' if !self.step(byte) => break,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Whether what comes next is the inside of a record, and no key that may name an envelope.
    fn is_inside(&self) -> bool {
        self.fast && self.open == Open::Object && self.stack.len() > self.base && !(self.at_key_level() && self.may_be_envelope())
    }

    /// Whether a key of the open object may still name an envelope.
    fn may_be_envelope(&self) -> bool {
        self.shell.is_some() || self.commas <= MAX_BEFORE || self.nests()
    }

    /// Whether an object under its own name may hold the envelope.
    fn nests(&self) -> bool {
        self.envelopes.iter().any(|envelope| envelope.as_bytes() == NESTED)
    }

    /// Goes on inside a record by a block, or to what must be looked at closely; says how many bytes.
    fn skip_block(&mut self, block: &[u8; BLOCK]) -> usize {
        let signs = Signs::of(block, self.in_string, self.escaped);
        let line = signs.lines.trailing_zeros() as usize;
        let mut brackets = signs.brackets;
        (self.in_string, self.escaped) = (false, false);
        while let Some(at) = signs::next_bit(&mut brackets).filter(|at| *at < line) {
            if !block.get(at).is_some_and(|byte| self.step(*byte)) {
                return at;
            }
            if !self.is_inside() {
                return at + 1;
            }
        }
        if line < BLOCK {
            self.in_string = signs.inside >> line & 1 == 1;
            return line;
        }
        (self.in_string, self.escaped) = (signs.ends_in_string(), signs.escapes_next);
        BLOCK
    }

    /// Takes a bracket inside a record; not the one that closes the record, nor one that closes what is not open.
    fn step(&mut self, bracket: u8) -> bool {
        match bracket {
            b'{' | b'[' if self.stack.len() < MAX_NESTING => self.stack.push(bracket),
            b'{' | b'[' => {}
            _ => {
                let opener = if bracket == b'}' { b'{' } else { b'[' };
                if self.stack.len() <= self.base + 1 || self.stack.last() != Some(&opener) {
                    return false;
                }
                self.stack.pop();
            }
        }
        true
    }

    fn at_key_level(&self) -> bool {
        self.envelope.is_none() && self.stack.len() == self.base + 1
    }

    fn byte(&mut self, byte: u8, chunk: &[u8], at: usize, chunk_at: u64, emit: &mut dyn FnMut(Piece<'_>)) {
        let here = chunk_at.saturating_add(at as u64);
        if byte == b'\n' && self.line_end(chunk, at, chunk_at, emit) {
            return;
        }
        if self.in_string {
            return self.string_byte(byte);
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'"' => {
                self.start_other(here);
                self.in_string = self.open != Open::Junk;
                if self.at_key_level() {
                    self.key.clear();
                }
            }
            b'{' | b'[' => self.opener(byte, here),
            b'}' | b']' => self.closer(byte, chunk, at, chunk_at, emit),
            b',' if self.open == Open::Scalar && self.stack.len() == self.base => self.emit_open(chunk, at, chunk_at, emit),
            b',' if self.at_key_level() => self.commas = self.commas.saturating_add(1),
            b',' | b'\x1e' if self.open == Open::No => {}
            _ => self.start_other(here),
        }
    }

    /// A line end closes a string that lacks its quote, text between documents, and, with one document per line, everything.
    /// Says whether the byte is done with.
    fn line_end(&mut self, chunk: &[u8], at: usize, chunk_at: u64, emit: &mut dyn FnMut(Piece<'_>)) -> bool {
        self.in_string = false;
        self.escaped = false;
        if self.open == Open::Junk {
            self.emit_open(chunk, at, chunk_at, emit);
        }
        if !self.by_line || (self.stack.is_empty() && self.open == Open::No) {
            return false;
        }
        if self.open == Open::No {
            emit(Piece::Lost(LossKind::Malformed, "the line's JSON is not closed", chunk_at.saturating_add(at as u64), 0));
        } else {
            self.emit_open(chunk, at, chunk_at, emit);
        }
        self.stack.clear();
        self.envelope = None;
        self.shell = None;
        self.base = 0;
        true
    }

    fn string_byte(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
            return;
        }
        if self.at_key_level() && self.key.len() < MAX_KEY {
            self.key.push(byte);
        }
    }

    /// A byte outside of strings that is no bracket: it begins a scalar or junk where a record is due.
    fn start_other(&mut self, here: u64) {
        if self.open != Open::No {
            return;
        }
        if self.stack.is_empty() {
            self.begin(Open::Junk, here);
        } else if self.expects_record() {
            self.begin(Open::Scalar, here);
        }
    }

    /// Whether the innermost open bracket is an array of records.
    fn expects_record(&self) -> bool {
        self.envelope == Some(self.stack.len()) || (self.envelope.is_none() && self.shell.is_none() && self.stack.last() == Some(&b'['))
    }

    fn begin(&mut self, open: Open, here: u64) {
        self.open = open;
        self.begun = here;
        self.base = self.stack.len();
        self.held.clear();
        self.too_big = false;
        self.key.clear();
        self.commas = 0;
    }

    fn opener(&mut self, byte: u8, here: u64) {
        if self.open == Open::Junk {
            return;
        }
        if self.open == Open::No {
            let top = self.stack.is_empty();
            if byte == b'{' && (top || self.expects_record()) {
                self.begin(Open::Object, here);
            } else if !top && self.expects_record() {
                self.begin(Open::Scalar, here);
            }
        }
        let is_key_level = self.at_key_level();
        if self.stack.len() < MAX_NESTING {
            self.stack.push(byte);
        }
        // A list under such a key deep inside a record's own fields (an instance's network interfaces) is no envelope.
        let early = self.shell.is_some() || self.commas <= MAX_BEFORE;
        if byte == b'{' && is_key_level && self.open == Open::Object && self.key == NESTED && self.nests() {
            // The list stands one level deeper, under the same key; if it does not, the object is what is left of the record.
            self.base = self.stack.len() - 1;
            self.key.clear();
            self.commas = 0;
            return;
        }
        if byte == b'[' && is_key_level && early && self.envelopes.iter().any(|e| e.as_bytes() == self.key.as_slice()) {
            // What was taken for a record is the shell around an array of them.
            self.shell = Some(self.stack.len() - 1);
            self.envelope = Some(self.stack.len());
            self.open = Open::No;
            self.held.clear();
        }
    }

    fn closer(&mut self, byte: u8, chunk: &[u8], at: usize, chunk_at: u64, emit: &mut dyn FnMut(Piece<'_>)) {
        if self.open == Open::Junk {
            return;
        }
        if self.open == Open::Scalar && self.stack.len() == self.base {
            self.emit_open(chunk, at, chunk_at, emit);
        }
        let opener = if byte == b'}' { b'{' } else { b'[' };
        let Some(level) = self.stack.iter().rposition(|b| *b == opener) else {
            return self.start_other(chunk_at.saturating_add(at as u64));
        };
        self.stack.truncate(level);
        if self.open != Open::No && level <= self.base {
            // A bracket that closes more than the record shows a broken record, which ends before it.
            let end = if level == self.base && self.open == Open::Object && byte == b'}' { at + 1 } else { at };
            let end = if self.open == Open::Scalar && level == self.base { at + 1 } else { end };
            self.emit_open(chunk, end, chunk_at, emit);
        }
        if self.envelope.is_some_and(|e| level < e) {
            self.envelope = None;
            self.base = self.shell.unwrap_or(0).saturating_sub(1);
            self.key.clear();
        }
        if self.shell.is_some_and(|s| level < s) {
            self.shell = None;
        }
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.too_big || (self.held.len() as u64).saturating_add(bytes.len() as u64) > self.limit {
            self.too_big = true;
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    /// Hands out the open piece, which ends before `end` in the chunk.
    fn emit_open(&mut self, chunk: &[u8], end: usize, chunk_at: u64, emit: &mut dyn FnMut(Piece<'_>)) {
        let begun = self.begun;
        let length = chunk_at.saturating_add(end as u64).saturating_sub(begun);
        let open = std::mem::replace(&mut self.open, Open::No);
        let from = usize::try_from(begun.saturating_sub(chunk_at)).unwrap_or(usize::MAX);
        let here = chunk.get(from..end).unwrap_or_default();
        if open == Open::Junk {
            return emit(Piece::Lost(LossKind::Malformed, "text where JSON was expected", begun, length));
        }
        if !self.held.is_empty() || self.too_big {
            self.hold(here);
        }
        if self.too_big || length > self.limit {
            return emit(Piece::Lost(LossKind::OverLimit, "a JSON record is larger than is held at once", begun, length));
        }
        let bytes = if self.held.is_empty() { here } else { &self.held };
        emit(Piece::Record(Place { offset: begun, bytes: bytes.trim_ascii_end() }));
        self.held.clear();
    }

    /// Says what was still open at the end of the stream.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Piece<'_>)) {
        let length = self.offset.saturating_sub(self.begun);
        match self.open {
            Open::No if self.stack.is_empty() => {}
            Open::No => emit(Piece::Lost(LossKind::Truncated, "the JSON document is not closed: records may be missing", self.offset, 0)),
            Open::Junk => emit(Piece::Lost(LossKind::Malformed, "text where JSON was expected", self.begun, length)),
            _ => emit(Piece::Lost(LossKind::Truncated, "the JSON ends in the middle of a record", self.begun, length)),
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
