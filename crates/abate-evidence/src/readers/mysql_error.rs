//! The error log of MySQL and MariaDB, in the notations of all versions: `261124  8:27:05 [Warning] words`,
//! `2026-11-24 08:27:05 5907 [Warning] words`, `2026-11-24T08:27:05.123456Z 12 [Note] [MY-010926] [Server] words`. Lines of it that
//! went through syslog may stand between. Refused sign-ins are rows of their own table; the rest is `timed_text`.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::Authentication;
use abate_model::{Body, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::joined::{Begin, SPECIFIC, each_record_as, enough_begin, text_of};
use super::services;
use super::syslog::Entry;
use crate::time::Yearless;
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "mysql-error",
    title: Text::fixed("MySQL and MariaDB error log", "MySQL・MariaDB のエラーログ"),
    tables: &[Table::Authentication, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("sign-ins that succeeded, unless general logging is on", "成功したサインイン（一般クエリログが有効な場合を除く）"),
        Text::fixed("the statements that were run", "実行された SQL 文"),
        Text::fixed("what the server's verbosity leaves out", "サーバーの詳細度の設定により出力されない内容"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let mut yearless = Yearless::default();
    let mut own = 0_usize;
    let (good, all) = enough_begin(head, SPECIFIC, &mut |line| {
        own += usize::from(own_line(line, &ctx).is_some());
        begin(line, &ctx, &mut yearless)
    })?;
    // Lines of syslog alone are syslog.
    (own * 2 > good).then(|| format!("{good} of the first {all} lines are lines of a MySQL or MariaDB error log"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut yearless = Yearless::default();
    each_record_as(input, sink, &mut |line| begin(line, ctx, &mut yearless), &mut |begin, message| match services::mysql(message) {
        Some(auth) => Body::Auth(Box::new(Authentication {
            service: Cow::Borrowed("mysqld"),
            pid: begin.pid,
            attempts: 1,
            message: Cow::Borrowed(message),
            ..auth
        })),
        None => text_of(begin, message, Some("mysqld")),
    })
}

fn begin(line: &str, ctx: &ReadContext, yearless: &mut Yearless) -> Option<Begin> {
    if let Some((at, rest)) = own_line(line, ctx) {
        return Some(Begin::behind(line, rest, at));
    }
    let entry = Entry::read(line, yearless, ctx)?;
    let message = entry.of_program(&["mysqld", "mariadbd", "mysqld_safe"])?;
    Some(Begin::behind(line, words(message), entry.at))
}

/// The time and the words of a line in one of the server's own notations.
fn own_line<'l>(line: &'l str, ctx: &ReadContext) -> Option<((Timestamp, ZoneCertainty), &'l str)> {
    let (at, rest) = notations::mysql(line, &ctx.zone)?;
    let rest = rest.trim_start_matches(' ');
    // The number of the thread stands in front of the level, in newer versions.
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let behind = rest.get(digits..)?.trim_start_matches(' ');
    let has_level = ["[Note]", "[Warning]", "[ERROR]", "[Error]", "[System]", "[FATAL]"].iter().any(|level| behind.starts_with(level));
    let plain = ["InnoDB: ", "mysqld_safe ", "mysqld ", "mysqld: ", "Event Scheduler"].iter().any(|word| behind.starts_with(word));
    (has_level || plain).then_some((at, behind))
}

/// A message without the time that the server puts in front of it also where syslog has one.
pub(super) fn words(message: &str) -> &str {
    own_line(message, &super::any_context()).map_or(message, |(_, rest)| rest)
}
