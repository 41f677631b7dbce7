//! Log events of CloudWatch Logs whose words no other reader knows: each line with the time that CloudWatch Logs gave it.
//!
//! It recognises nothing by itself: whoever unwraps log events falls back to it.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};

use crate::lines::{Line, Lines};
use crate::{ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudwatch-logs",
    title: Text::fixed("CloudWatch Logs events of an unknown format", "CloudWatch Logs のイベント（形式不明）"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("log events older than the log group's retention", "ロググループの保持期間を過ぎたログイベント"),
        Text::fixed("log events that the query or filter left out", "クエリやフィルターで除外されたログイベント"),
    ],
    sniff: |_| None,
    read,
};

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    while let Some(line) = lines.next()? {
        match line {
            Line::TooLong(at, bytes) => sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes),
            Line::Whole(place) if place.bytes.trim_ascii().is_empty() => {}
            Line::Whole(place) => {
                let message: Cow<'_, str> = place.text();
                let body = Body::Text(TimedText { message, ..TimedText::default() });
                let row = Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator: place.locator(), body };
                sink.row(row, place.bytes);
            }
        }
    }
    Ok(())
}
