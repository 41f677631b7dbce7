//! What containers write to their standard output: Docker's JSON files (`{"log":"…","stream":"stdout","time":"…"}`) and the form
//! of Kubernetes (`2026-11-24T08:27:05.1Z stdout F words`).
//!
//! A line of a web server inside is a request. The runtime splits long lines; each part is a row.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::web_access;
use crate::json::{self, Refusal};
use crate::lines::{Line, Lines, Place, majority};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "container",
    title: Text::fixed("output of a container (Docker, Kubernetes)", "コンテナの出力（Docker、Kubernetes）"),
    tables: &[Table::HttpActivity, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("what the program inside does not write to its output", "コンテナ内のプログラムが標準出力に書かない内容"),
        Text::fixed("lines that log rotation or the removal of the container deleted", "ローテーションやコンテナ削除で消えた行"),
        Text::fixed("the name of the container and its image", "コンテナ名およびイメージ名"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    if let Some(shape) = Shape::of(head) {
        return shape.under(&["", "[]."], &["log", "stream", "time"]).map(|_| "JSON keys log, stream, time".to_owned());
    }
    let fits = |line: &[u8]| std::str::from_utf8(line).is_ok_and(|text| kubernetes(text).is_some());
    majority(head, fits).map(|(good, all)| format!("{good} of the first {all} lines have time, stream and mark of a container"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?;
    if matches!(start.trim_ascii_start().first(), Some(b'{' | b'[')) { docker(input, sink) } else { lines(input, sink) }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    log: Field<'a>,
    #[serde(borrow)]
    time: Field<'a>,
}

fn docker(input: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let entry: Entry<'_> = serde_json::from_str(&text).map_err(|_| Refusal::malformed("a record is no valid JSON object"))?;
        let log = entry.log.0.as_deref().ok_or_else(|| Refusal::malformed("a record without log"))?;
        let at = entry.time.0.as_deref().and_then(|t| time::iso(t, &TimeZone::UTC));
        let at = at.ok_or_else(|| Refusal::malformed("a record without a time"))?;
        row(at, log, place, sink);
        Ok(())
    })
}

/// `2026-11-24T08:27:05.123456789Z stdout F words`; `P` marks a part of a line.
fn kubernetes(line: &str) -> Option<((Timestamp, ZoneCertainty), &str)> {
    let mut words = line.splitn(4, ' ');
    let stamp = words.next().filter(|stamp| time::looks_iso(stamp.as_bytes()))?;
    let good = matches!(words.next()?, "stdout" | "stderr") && matches!(words.next()?.split(':').next(), Some("F" | "P"));
    let at = time::iso(stamp, &TimeZone::UTC).filter(|_| good)?;
    Some((at, words.next().unwrap_or_default()))
}

fn lines(input: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        match kubernetes(&text) {
            Some((at, words)) => row(at, words, place, sink),
            None => {
                let reason = "no line of a container's output: no time and stream".to_owned();
                sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        }
    }
    Ok(())
}

fn row((at, zone): (Timestamp, ZoneCertainty), log: &str, place: Place<'_>, sink: &mut dyn Sink) {
    let words = log.trim_end_matches(['\n', '\r']);
    let (at, zone, body) = match web_access::access(words) {
        Ok((at, http)) => (at, ZoneCertainty::Stated, Body::Http(Box::new(http))),
        Err(_) => (at, zone, Body::Text(TimedText { message: Cow::Borrowed(words), ..TimedText::default() })),
    };
    sink.row(Row { at: Some(at), zone, source: 0, locator: place.locator(), body }, place.bytes);
}
