//! CloudTrail events as CSV: what the console's event history downloads, results of Athena over the documented table, results of
//! CloudTrail Lake. Columns are found by the header's names.
//!
//! The event history says less than the JSON: no request parameters and no result of a console sign-in. Results of a query say
//! what was asked for.

use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::cloudtrail_columns::{self, plain};
use super::csv_rows::{self, Named};
use crate::lines::first_lines;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudtrail-csv",
    title: Text::fixed("AWS CloudTrail event history or query result (CSV)", "AWS CloudTrail イベント履歴・クエリ結果（CSV）"),
    tables: &[Table::ApiActivity, Table::Authentication, Table::DetectionFinding],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "data events (access to S3 objects, Lambda invocations and the like), unless it is the result of a query over a trail that records them",
            "データイベント（S3 オブジェクトへのアクセス、Lambda の呼び出しなど）。記録を有効にした証跡に対するクエリの結果を除く",
        ),
        Text::fixed("events older than 90 days at the time of the download", "ダウンロード時点で 90 日より前のイベント"),
        Text::fixed(
            "events of other Regions than the one that was shown, and what a query left out",
            "表示していたリージョン以外のイベント、およびクエリで除外されたもの",
        ),
        Text::fixed(
            "request parameters and the result of a console sign-in (event history)",
            "リクエストパラメータ、およびコンソールサインインの成否（イベント履歴）",
        ),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 5);
    lines.iter().find_map(|line| columns(line)).map(|columns| {
        let what = if has(&columns, "eventjson") { "the events as JSON" } else { "the event's name, time and origin" };
        format!("CSV header with {what}")
    })
}

fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|n| n == name)
}

/// The names of the columns, if a line is the header.
fn columns(line: &[u8]) -> Option<Vec<String>> {
    let names: Vec<String> = csv_rows::fields(line, b',')?.iter().map(|name| plain(name)).collect();
    let any = |wanted: &[&str]| wanted.iter().any(|name| has(&names, name));
    let origin = any(&["eventsource", "useridentity", "sourceipaddress", "eventid"]);
    let event = any(&["eventname"]) && any(&["eventtime", "eventdatetime"]) && origin;
    (event || any(&["eventjson"])).then_some(names)
}

/// The field under the first of some names, if it says anything.
fn said<'f>(row: &Named<'f>, names: &[&str]) -> Option<&'f str> {
    let at = names.iter().find_map(|name| row.names.iter().position(|n| n == name))?;
    row.values.get(at).map(|f| f.trim()).filter(|f| !f.is_empty() && *f != "-")
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    csv_rows::each_row(input, b',', sink, &columns, &mut |row, place, sink| {
        let get = |names: &[&str]| said(row, names);
        let found = cloudtrail_columns::row(&get, place.locator(), ctx)?;
        // A column with the whole event is the record; the others only repeat it.
        sink.row(found, get(&["eventjson"]).map_or(place.bytes, str::as_bytes));
        Ok(())
    })
}
