//! Records of more than one line: a line with a time begins one, and what follows without a time (stack traces, what a script
//! wrote to standard error) belongs to it.

use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, LossKind, ZoneCertainty};
use jiff::Timestamp;

use super::fields::{Record, emit};
use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, Sink};

/// Longest record; lines over it are lost and counted.
const MAX_RECORD: usize = 1 << 20;

/// What the first line of a record says. The message goes on to the record's end.
pub(super) struct Begin {
    pub at: Timestamp,
    pub zone: ZoneCertainty,
    pub pid: Option<u32>,
    /// where the message begins in the line
    pub message: usize,
}

impl Begin {
    /// A beginning whose message is what is left of the line.
    pub fn behind(line: &str, rest: &str, at: (Timestamp, ZoneCertainty)) -> Self {
        Self { at: at.0, zone: at.1, pid: None, message: line.len().saturating_sub(rest.len()) }
    }
}

type Begins<'f> = dyn FnMut(&str) -> Option<Begin> + 'f;
type Bodies<'f> = dyn for<'m> FnMut(&Begin, &'m str) -> Body<'m> + 'f;

/// Reads a stream into `timed_text` rows of a program.
pub(super) fn each_record(
    input: &mut dyn BufRead,
    sink: &mut dyn Sink,
    program: Option<&'static str>,
    begins: &mut Begins<'_>,
) -> io::Result<()> {
    each_record_as(input, sink, begins, &mut |begin, message| text_of(begin, message, program))
}

/// The words of a record, and who wrote them.
pub(super) fn text_of<'m>(begin: &Begin, message: &'m str, program: Option<&'static str>) -> Body<'m> {
    Body::Text(TimedText { program: program.map(Into::into), pid: begin.pid, message: message.into(), ..TimedText::default() })
}

/// Reads a stream into rows; `body` says what a record's message tells.
pub(super) fn each_record_as(
    input: &mut dyn BufRead,
    sink: &mut dyn Sink,
    begins: &mut Begins<'_>,
    body: &mut Bodies<'_>,
) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut open: Option<Open> = None;
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                close(open.take(), body, sink);
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        if let Some(begin) = begins(&place.text()) {
            close(open.replace(Open { begin, offset: place.offset, bytes: place.bytes.to_vec(), full: false }), body, sink);
        } else {
            follow(open.as_mut(), place, sink);
        }
    }
    close(open, body, sink);
    Ok(())
}

/// A record that may go on.
struct Open {
    begin: Begin,
    offset: u64,
    bytes: Vec<u8>,
    /// it outgrew the limit: nothing more is taken
    full: bool,
}

fn follow(open: Option<&mut Open>, place: Place<'_>, sink: &mut dyn Sink) {
    let length = place.bytes.len() as u64;
    let blank = place.bytes.trim_ascii().is_empty();
    let Some(open) = open else {
        if !blank {
            sink.loss(LossKind::Malformed, "a line in front of the first one with a time".to_owned(), Some(place.locator()), length);
        }
        return;
    };
    // A line is handed out without its end, which is one or two bytes; the record is exact only with it.
    let end: &[u8] = match place.offset.saturating_sub(open.offset).saturating_sub(open.bytes.len() as u64) {
        0 | 1 => b"\n",
        _ => b"\r\n",
    };
    open.full |= open.bytes.len().saturating_add(place.bytes.len()).saturating_add(end.len()) > MAX_RECORD;
    if !open.full {
        open.bytes.extend_from_slice(end);
        open.bytes.extend_from_slice(place.bytes);
    } else if !blank {
        let reason = format!("a record of several lines is longer than {MAX_RECORD} bytes");
        sink.loss(LossKind::OverLimit, reason, Some(place.locator()), length);
    }
}

fn close(open: Option<Open>, body: &mut Bodies<'_>, sink: &mut dyn Sink) {
    let Some(Open { begin, offset, bytes, .. }) = open else { return };
    let bytes = bytes.trim_ascii_end();
    let text = String::from_utf8_lossy(bytes);
    let message = text.get(begin.message..).unwrap_or_default();
    let body = body(&begin, message);
    emit(Record { at: Some((begin.at, begin.zone)), body }, Place { offset, bytes }, sink);
}

/// Whether more than one in `share` of the first lines begin a record, not counting those that look like the rest of one.
pub(super) fn enough_begin(head: &Head<'_>, share: usize, begins: &mut Begins<'_>) -> Option<(usize, usize)> {
    let lines = first_lines(head, 200);
    let (mut good, mut other) = (0_usize, 0_usize);
    for line in lines {
        let text = String::from_utf8_lossy(line);
        if begins(&text).is_some() {
            good += 1;
        } else if good == 0 || !continues(&text) {
            other += 1;
        }
    }
    (good * share > good + other).then_some((good, good + other))
}

/// Notations that nothing else has need fewer beginnings: scripts write many lines to an error log.
pub(super) const SPECIFIC: usize = 3;

/// What stack traces of common languages look like.
fn continues(line: &str) -> bool {
    const WORDS: [&str; 8] =
        ["Caused by:", "Traceback ", "Stack trace:", "[stacktrace]", "[previous exception]", "PHP message:", "During handling ", "..."];
    let first = line.split([':', ' ']).next().unwrap_or_default();
    let named = first.ends_with("Error") || first.ends_with("Exception");
    named || line.starts_with([' ', '\t', '#', '}', ')', ']', '"']) || WORDS.iter().any(|word| line.starts_with(word))
}
