//! PHP error logs and the log of php-fpm: `[24-Nov-2026 08:00:00 UTC] PHP Warning:  words`. The zone stands there by name, or
//! (php-fpm) not at all. Stack traces belong to the record that they follow.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::joined::{Begin, SPECIFIC, each_record, enough_begin};
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "php-error",
    title: Text::fixed("PHP error log", "PHP のエラーログ"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("what PHP scripts did without an error", "エラーを伴わない PHP スクリプトの動作"),
        Text::fixed("who sent the request", "リクエストの送信元"),
        Text::fixed("errors that error_reporting or the script itself suppresses", "error_reporting またはスクリプト自身が抑制したエラー"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let (good, all) = enough_begin(head, SPECIFIC, &mut |line| begin(line, &ctx))?;
    Some(format!("{good} of the first {all} lines are PHP error log lines"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_record(input, sink, Some("php"), &mut |line| begin(line, ctx))
}

fn begin(line: &str, ctx: &ReadContext) -> Option<Begin> {
    let (stamp, rest) = line.strip_prefix('[')?.split_once(']')?;
    let at = notations::dashed(stamp, &ctx.zone)?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    // What other programs with such times do not write.
    let fpm = ["NOTICE: ", "WARNING: ", "ERROR: ", "ALERT: ", "DEBUG: "].iter().any(|level| rest.starts_with(level));
    let zoned = stamp.matches(' ').count() > 1;
    (zoned || fpm || rest.starts_with("PHP ")).then(|| Begin::behind(line, rest, at))
}
