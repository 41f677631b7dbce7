//! nginx error logs: `2026/11/24 08:27:05 [error] 2865#0: *7 words, client: …, server: …, request: "…"`. The time has no zone.
//! The level and the client stay in the message; lines without a time (what FastCGI programs said) belong to the record in front.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::joined::{Begin, SPECIFIC, each_record, enough_begin};
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "nginx-error",
    title: Text::fixed("nginx error log", "nginx のエラーログ"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("requests that were served without an error", "エラーなく処理されたリクエスト"),
        Text::fixed("what the server's log level leaves out", "サーバーのログレベルにより出力されない内容"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let (good, all) = enough_begin(head, SPECIFIC, &mut |line| begin(line, &ctx))?;
    Some(format!("{good} of the first {all} lines are nginx error log lines"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_record(input, sink, Some("nginx"), &mut |line| begin(line, ctx))
}

pub(super) fn begin(line: &str, ctx: &ReadContext) -> Option<Begin> {
    let (stamp, rest) = line.split_at_checked(19)?;
    let at = notations::slashed(stamp, &ctx.zone)?;
    let rest = rest.strip_prefix(' ')?;
    let (level, behind) = rest.strip_prefix('[')?.split_once("] ")?;
    let (pid, thread) = behind.split_once(':')?.0.split_once('#')?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = level.bytes().all(|b| b.is_ascii_lowercase()) && number(pid) && number(thread);
    fits.then(|| Begin { pid: pid.parse().ok(), ..Begin::behind(line, rest, at) })
}
