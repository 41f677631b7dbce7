//! The last resort for JSON: application logs whose records have a time and words, under the names that common loggers use
//! (pino, bunyan, zap, logrus, Serilog, Logstash). Nothing but the time and the words is known of them.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::tree::{self, Tree};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "timed-json",
    title: Text::fixed("JSON log with times (format not known)", "時刻付きの JSON ログ（形式は不明）"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[Text::fixed(
        "nothing is known of what the program leaves out of its log",
        "プログラムがログに出力しない内容については不明",
    )],
    sniff,
    read,
};

const TIMES: &[&str] = &["@timestamp", "timestamp", "time", "ts", "datetime", "date", "@t", "Timestamp", "asctime", "_time", "EventTime"];
const WORDS: &[&str] = &["message", "msg", "@m", "@mt", "log", "text", "Message", "body", "_raw", "RenderedMessage", "line"];
const HOSTS: &[&str] = &["host.name", "host.hostname", "hostname", "host", "agent.hostname", "kubernetes.host", "Computer", "Fqdn"];
const PROGRAMS: &[&str] = &[
    "program",
    "process.name",
    "service.name",
    "service",
    "app",
    "application",
    "logger_name",
    "logger",
    "name",
    "kubernetes.container_name",
    "appname",
    "syslog.appname",
];
const PIDS: &[&str] = &["pid", "process.pid", "process_id", "procid"];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    ["", "[]."].into_iter().find_map(|prefix| {
        let of = |names: &[&'static str]| names.iter().copied().find(|name| shape.has(&format!("{prefix}{name}")));
        let (time, words) = (of(TIMES)?, of(WORDS)?);
        Some(format!("JSON keys {time}, {words}, and no other reader knows the records"))
    })
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let value = tree::parse(&text, "JSON")?;
        let record = Tree(&value);
        let word = |names: &[&str]| names.iter().find_map(|name| record.key(name).or_else(|| record.text(name)));
        let stamp = word(TIMES).ok_or_else(|| Refusal::malformed("a record without a time"))?;
        let (at, zone) = instant(&stamp, &ctx.zone).ok_or_else(|| Refusal::malformed("a record whose time is none"))?;
        // A record without words of its own has its fields to say.
        let message = word(WORDS).unwrap_or(Cow::Borrowed(&text));
        let body = TimedText { host: word(HOSTS), program: word(PROGRAMS), pid: record.parsed(PIDS), message };
        sink.row(Row { at: Some(at), zone, source: 0, locator: place.locator(), body: Body::Text(body) }, place.bytes);
        Ok(())
    })
}

/// ISO 8601, seconds or milliseconds.
pub(super) fn instant(stamp: &str, zone: &TimeZone) -> Option<(Timestamp, ZoneCertainty)> {
    // `2026-11-24 08:27:05,123`, as Python writes it.
    let point = || stamp.replacen(',', ".", 1);
    time::iso(stamp, zone)
        .or_else(|| time::iso(&point(), zone))
        .or_else(|| stamp.parse::<f64>().ok().and_then(|_| tree::instant(stamp)).map(|at| (at, ZoneCertainty::Stated)))
}
