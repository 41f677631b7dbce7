//! The last resort: text logs most of whose lines begin with a time of a common notation. Nothing but the time and the words is
//! known of them; lines without a time (stack traces) belong to the record in front of them.
//!
//! `11/12/2026` is taken as the United States write it unless the beginning of the stream shows a day where the month would be.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::joined::{Begin, each_record, enough_begin};
use crate::notations::{self, DayOrder};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "timed-lines",
    title: Text::fixed("text log with times (format not known)", "時刻付きのテキストログ（形式は不明）"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[Text::fixed(
        "nothing is known of what the program leaves out of its log",
        "プログラムがログに出力しない内容については不明",
    )],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let order = day_order(head.bytes);
    let (good, all) = enough_begin(head, 2, &mut |line| begin(line, &ctx, order))?;
    Some(format!("{good} of the first {all} lines begin with a time, and no other reader knows them"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let order = day_order(input.fill_buf()?);
    each_record(input, sink, None, &mut |line| begin(line, ctx, order))
}

fn begin(line: &str, ctx: &ReadContext, order: DayOrder) -> Option<Begin> {
    let behind = behind_level(behind_process(line));
    let (at, rest) = notations::leading(behind, order, &ctx.zone)?;
    let rest = rest.trim_start_matches([' ', '\t', '|', ',', ';']);
    let rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix(": ")).unwrap_or(rest);
    // A level in front of the time is part of the words.
    let words = if behind.len() < line.len() { line } else { rest };
    (!rest.is_empty()).then(|| Begin::behind(line, words, at))
}

/// The line behind `4242:M `, process and role, as Redis and what came of it write it.
fn behind_process(line: &str) -> &str {
    let found = line.split_once(' ').and_then(|(front, rest)| {
        let (pid, role) = front.split_once(':')?;
        let number = (1..=10).contains(&pid.len()) && pid.bytes().all(|b| b.is_ascii_digit());
        (number && matches!(role, "M" | "S" | "C" | "X")).then_some(rest)
    });
    found.unwrap_or(line)
}

/// The line behind a level, as many Java programs write it: `INFO  [2026-11-24 08:27:05,123] words`, `[WARN] 2026-11-24 …`.
fn behind_level(line: &str) -> &str {
    const LEVELS: [&str; 10] = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "SEVERE", "FATAL", "FINE", "CONFIG"];
    let (inside, bracketed) = line.strip_prefix('[').map_or((line, false), |inside| (inside, true));
    let letters = inside.bytes().take_while(u8::is_ascii_uppercase).count();
    let Some((_, rest)) = inside.split_at_checked(letters).filter(|(level, _)| LEVELS.contains(level)) else { return line };
    let rest = rest.trim_start_matches(' ');
    let rest = if bracketed { rest.strip_prefix(']').unwrap_or(line) } else { rest };
    rest.trim_start_matches([' ', ':', '-'])
}

/// Whether a first number over 12 shows that days come first.
fn day_order(bytes: &[u8]) -> DayOrder {
    let lines = bytes.split(|b| *b == b'\n').take(500);
    let first = |line: &[u8]| {
        let line = line.strip_prefix(b"[").unwrap_or(line);
        let number = std::str::from_utf8(line.get(..2)?).ok()?.parse::<u8>().ok()?;
        (line.get(2) == Some(&b'/')).then_some(number)
    };
    if lines.filter_map(first).any(|n| n > 12) { DayOrder::DayFirst } else { DayOrder::MonthFirst }
}
