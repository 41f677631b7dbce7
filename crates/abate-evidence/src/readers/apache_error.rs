//! Error logs of the Apache HTTP Server, 2.2 (`[time] [level] [client address] words`) and 2.4 (`[time] [module:level] [pid …]
//! [client address:port] words`). The time has no zone. The level and the client stay in the message; lines without a time
//! (what CGI scripts and the programs that they start wrote to standard error) belong to the record in front of them.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::joined::{Begin, SPECIFIC, each_record, enough_begin};
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "apache-error",
    title: Text::fixed("Apache error log", "Apache のエラーログ"),
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
    Some(format!("{good} of the first {all} lines are Apache error log lines"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_record(input, sink, Some("apache"), &mut |line| begin(line, ctx))
}

pub(super) fn begin(line: &str, ctx: &ReadContext) -> Option<Begin> {
    let (stamp, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let at = notations::ctime(stamp, &ctx.zone)?;
    let (level, behind) = rest.strip_prefix('[')?.split_once(']')?;
    // `core:error`, `error`, `:error`
    let word = level.rsplit(':').next().unwrap_or_default();
    let is_level = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let pid = behind.strip_prefix(" [pid ").and_then(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..digits)?.parse().ok()
    });
    is_level.then(|| Begin { pid, ..Begin::behind(line, rest, at) })
}
