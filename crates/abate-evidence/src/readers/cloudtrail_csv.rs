//! CloudTrail events as CSV: what the console's event history downloads, results of Athena over the documented table, results of
//! CloudTrail Lake. Columns are found by the header's names.
//!
//! The event history says less than the JSON: no request parameters and no result of a console sign-in. Results of a query say
//! what was asked for.

use std::io::{self, BufRead};

use abate_model::{LossKind, Table, Text};

use super::cloudtrail_columns::{self, plain};
use crate::json::Refusal;
use crate::lines::{Line, Lines, Place, first_lines};
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

/// Longest record, over line breaks inside quotes.
const MAX_RECORD: usize = 1 << 20;

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 5);
    lines.iter().find_map(|line| Columns::of(line)).map(|columns| {
        let what = if columns.has("eventjson") { "the events as JSON" } else { "the event's name, time and origin" };
        format!("CSV header with {what}")
    })
}

/// Where each field stands.
#[derive(Debug)]
struct Columns(Vec<String>);

impl Columns {
    fn of(line: &[u8]) -> Option<Self> {
        let names = Self(fields(line)?.iter().map(|name| plain(name)).collect());
        let any = |wanted: &[&str]| wanted.iter().any(|name| names.has(name));
        let origin = any(&["eventsource", "useridentity", "sourceipaddress", "eventid"]);
        let event = any(&["eventname"]) && any(&["eventtime", "eventdatetime"]) && origin;
        (event || any(&["eventjson"])).then_some(names)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|n| n == name)
    }

    /// The field under the first of some names, if it says anything.
    fn get<'f>(&self, fields: &'f [String], names: &[&str]) -> Option<&'f str> {
        let at = names.iter().find_map(|name| self.0.iter().position(|n| n == name))?;
        fields.get(at).map(|f| f.trim()).filter(|f| !f.is_empty() && *f != "-")
    }
}

/// The fields of one record of CSV.
pub(super) fn fields(record: &[u8]) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(record.len().max(1)).from_reader(record);
    let mut parsed = csv::ByteRecord::new();
    reader.read_byte_record(&mut parsed).ok()?.then(|| parsed.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect())
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line.min(MAX_RECORD);
    let mut lines = Lines::new(input, max);
    let mut columns = None;
    let mut open: Option<(u64, Vec<u8>)> = None;
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        // A record goes on while a quotation is open.
        let (offset, mut bytes) = open.take().unwrap_or_else(|| (place.offset, Vec::new()));
        let gap = place.offset.saturating_sub(offset).saturating_sub(bytes.len() as u64);
        bytes.extend(std::iter::repeat_n(b'\n', usize::try_from(gap).unwrap_or(0).min(2)));
        bytes.extend_from_slice(place.bytes);
        let quoted = bytes.iter().filter(|b| **b == b'"').count() % 2 == 1;
        if quoted && bytes.len() < max {
            open = Some((offset, bytes));
            continue;
        }
        take(Place { offset, bytes: &bytes }, &mut columns, ctx, sink);
    }
    if let Some((offset, bytes)) = open {
        let place = Place { offset, bytes: &bytes };
        sink.loss(LossKind::Truncated, "a quotation is not closed before the end".to_owned(), Some(place.locator()), bytes.len() as u64);
    }
    Ok(())
}

fn take(place: Place<'_>, columns: &mut Option<Columns>, ctx: &ReadContext, sink: &mut dyn Sink) {
    if place.bytes.trim_ascii().is_empty() {
        return;
    }
    if let Some(found) = Columns::of(place.bytes) {
        *columns = Some(found);
        return;
    }
    let row = columns.as_ref().ok_or_else(|| Refusal::malformed("a line in front of the header")).and_then(|columns| {
        let count = || Refusal::malformed("the number of fields is not the header's");
        let fields = fields(place.bytes).filter(|f| f.len() == columns.0.len()).ok_or_else(count)?;
        emit(columns, &fields, place, ctx, sink)
    });
    if let Err(Refusal { kind, reason }) = row {
        sink.loss(kind, reason, Some(place.locator()), place.bytes.len() as u64);
    }
}

fn emit(columns: &Columns, fields: &[String], place: Place<'_>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let get = |names: &[&str]| columns.get(fields, names);
    let row = cloudtrail_columns::row(&get, place.locator(), ctx)?;
    // A column with the whole event is the record; the others only repeat it.
    sink.row(row, get(&["eventjson"]).map_or(place.bytes, str::as_bytes));
    Ok(())
}
