//! Events of a Windows log as XML: what Event Viewer saves (`<Events>` around all of them) and what `wevtutil qe /f:xml` prints (one
//! after the other, with nothing around them).
//!
//! A whole log may stand in one line, so events are found by their tags. `<Event` cannot stand inside an event: text has `&lt;`.

use std::io::{self, BufRead};

use abate_model::{Locator, LossKind, Text, WindowsEvent};

use super::windows_rows::{NEVER, TABLES, emit};
use crate::lines::BOM;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "windows-xml",
    title: Text::fixed("Windows events as XML", "Windows イベント（XML）"),
    tables: TABLES,
    continuous: false,
    never_contains: NEVER,
    sniff,
    read,
};

const START: &[u8] = b"<Event";
const END: &[u8] = b"</Event>";
const SCHEMA: &[u8] = b"schemas.microsoft.com/win/2004/08/events/event";

fn sniff(head: &Head<'_>) -> Option<String> {
    let near = head.bytes.get(..head.bytes.len().min(1024)).unwrap_or_default();
    let start = start_of(near, 0)?;
    let line = near.get(..start)?.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    // An event in the middle of a line of something else is that line's.
    let front = near.get(line..start)?.trim_ascii();
    let alone = front.strip_prefix(BOM).unwrap_or(front);
    let behind = head.bytes.get(start..head.bytes.len().min(start + 400))?;
    let fits = (alone.is_empty() || alone.ends_with(b">")) && find(behind, SCHEMA, 0).is_some();
    fits.then(|| "an Event element of Windows' event schema".to_owned())
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let first = *wanted.first()?;
    let mut at = 0;
    loop {
        at += rest.get(at..)?.iter().position(|b| *b == first)?;
        if rest.get(at..)?.starts_with(wanted) {
            return Some(from + at);
        }
        at += 1;
    }
}

/// Where an `Event` element begins; `Events` and `EventData` are others.
fn start_of(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = find(bytes, START, from)?;
        match bytes.get(at + START.len()) {
            Some(b' ' | b'>' | b'\t' | b'\r' | b'\n') => return Some(at),
            _ => from = at + 1,
        }
    }
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut events = Events { held: Vec::new(), offset: 0, searched: 0, max };
    loop {
        let chunk = input.fill_buf()?;
        let (used, over) = (chunk.len(), chunk.is_empty());
        events.held.extend_from_slice(chunk);
        input.consume(used);
        while events.step(over, ctx, sink) {}
        if over {
            return Ok(());
        }
    }
}

/// What is held of the stream: the beginning of an event, or what may be one.
struct Events {
    held: Vec<u8>,
    /// where it stands in the stream
    offset: u64,
    /// how much of it is known to hold no end
    searched: usize,
    max: usize,
}

impl Events {
    fn drop_front(&mut self, length: usize) {
        self.held.drain(..length.min(self.held.len()));
        self.offset = self.offset.saturating_add(length as u64);
        self.searched = 0;
    }

    /// One event, or what is none; says whether to try again.
    fn step(&mut self, over: bool, ctx: &ReadContext, sink: &mut dyn Sink) -> bool {
        let Some(start) = start_of(&self.held, 0) else {
            // The last bytes may begin an event, or be half of what stands around all of them.
            let keep = if over { 0 } else { self.held.len().min(64) };
            self.junk(self.held.len() - keep, sink);
            return false;
        };
        if start > 0 {
            self.junk(start, sink);
            return true;
        }
        let from = self.searched.max(START.len());
        let end = find(&self.held, END, from).map(|at| at + END.len());
        let next = start_of(self.held.get(..end.unwrap_or(self.held.len())).unwrap_or_default(), from);
        match (end, next) {
            (_, Some(next)) => self.lost(LossKind::Malformed, "an event without an end: the next one begins in it", next, sink),
            (Some(end), None) if end <= self.max => self.event(end, ctx, sink),
            (Some(end), None) => self.lost(LossKind::OverLimit, "an event is longer than the limit", end, sink),
            (None, None) if self.held.len() > self.max => {
                self.lost(LossKind::OverLimit, "an event is longer than the limit", self.held.len(), sink);
            }
            (None, None) if over => {
                self.lost(LossKind::Truncated, "the stream ends inside an event", self.held.len(), sink);
                return false;
            }
            (None, None) => {
                self.searched = self.held.len().saturating_sub(END.len());
                return false;
            }
        }
        true
    }

    fn event(&mut self, end: usize, ctx: &ReadContext, sink: &mut dyn Sink) {
        let bytes = self.held.get(..end).unwrap_or_default();
        let locator = Locator::Bytes { offset: self.offset, length: end as u64 };
        match WindowsEvent::of_xml(&String::from_utf8_lossy(bytes)) {
            Ok(event) => emit(&event, None, locator, bytes, &ctx.zone, sink),
            Err(problem) => sink.loss(LossKind::Malformed, format!("an event: {problem}"), Some(locator), end as u64),
        }
        self.drop_front(end);
    }

    fn lost(&mut self, kind: LossKind, reason: &str, length: usize, sink: &mut dyn Sink) {
        let at = Locator::Bytes { offset: self.offset, length: length as u64 };
        sink.loss(kind, reason.to_owned(), Some(at), length as u64);
        self.drop_front(length);
    }

    /// What stands between events: the declaration and the element around all of them are neither records nor lost.
    fn junk(&mut self, length: usize, sink: &mut dyn Sink) {
        let mut rest = self.held.get(..length).unwrap_or_default();
        loop {
            rest = rest.trim_ascii();
            let around = [BOM, b"<Events>", b"</Events>"].into_iter().find_map(|known| rest.strip_prefix(known));
            let tagged = rest.starts_with(b"<?xml") || rest.starts_with(b"<Events ");
            match around.or_else(|| rest.get(find(rest, b">", 0).filter(|_| tagged)? + 1..)) {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        if rest.is_empty() {
            return self.drop_front(length);
        }
        // What is left stands at the end, but for blanks.
        let text = self.held.get(..length).unwrap_or_default();
        let behind = length - text.trim_ascii_end().len();
        let from = length - behind - rest.len();
        let at = Locator::Bytes { offset: self.offset + from as u64, length: rest.len() as u64 };
        sink.loss(LossKind::Malformed, "text between events that is none".to_owned(), Some(at), rest.len() as u64);
        self.drop_front(length);
    }
}
