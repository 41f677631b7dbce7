//! The W3C extended log format as web servers write it: IIS (also several headers in one file), HTTP.sys' error log, and others.
//!
//! Times are UTC by the format. IIS writes a plus sign for a space in the user agent; a plus sign that was sent cannot be told
//! from one. Logs of this format that know no requests (firewalls) are not taken.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::fields::each_line;
use super::w3c_fields::{self, Col, Draft, Spaces};
use crate::lines::first_lines;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "w3c",
    title: Text::fixed("W3C extended web server log (IIS and others)", "W3C 拡張形式の Web サーバーログ（IIS など）"),
    tables: &[Table::HttpActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request (what a POST sent) and of a response", "リクエスト本文（POST の内容）およびレスポンス本文"),
        Text::fixed("fields that the server was not set to log", "サーバーの設定で出力対象外のフィールド"),
        Text::fixed("requests that this machine sent to others", "このマシンから外部へ送信したリクエスト"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 20);
    let columns = lines.iter().find_map(|line| w3c_fields::header(&String::from_utf8_lossy(line)))?;
    w3c_fields::is_http(&columns).then(|| format!("#Fields: header of a web server with {} fields", columns.len()))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut columns: Option<Vec<Col>> = None;
    let mut date: Option<String> = None;
    each_line(input, sink, &mut |line| {
        if line.starts_with('#') {
            columns = w3c_fields::header(line).or_else(|| columns.take());
            if let Some(stated) = line.strip_prefix("#Date:") {
                date = stated.split_ascii_whitespace().next().map(str::to_owned);
            }
            return Ok(None);
        }
        let columns = columns.as_deref().ok_or("a line in front of the header")?;
        let mut draft = Draft::new(Spaces::Plus, None);
        if let Some(date) = date.as_deref().filter(|_| !columns.contains(&Col::Date)) {
            draft.put(Col::Date, date.to_owned().into());
        }
        w3c_fields::line(line, columns, draft)
    })
}
