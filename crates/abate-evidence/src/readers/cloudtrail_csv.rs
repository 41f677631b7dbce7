//! The CSV that the CloudTrail console's event history downloads. Columns are found by the header's names.
//!
//! It says less than the JSON: no request parameters and no result of a console sign-in.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication};
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};

use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudtrail-csv",
    title: Text::fixed("AWS CloudTrail event history (CSV)", "AWS CloudTrail イベント履歴（CSV）"),
    tables: &[Table::ApiActivity, Table::Authentication],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "data events (access to S3 objects, Lambda invocations and the like)",
            "データイベント（S3 オブジェクトへのアクセス、Lambda の呼び出しなど）",
        ),
        Text::fixed("events older than 90 days at the time of the download", "ダウンロード時点で 90 日より前のイベント"),
        Text::fixed("events of other Regions than the one that was shown", "表示していたリージョン以外のイベント"),
        Text::fixed("request parameters and the result of a console sign-in", "リクエストパラメータ、およびコンソールサインインの成否"),
    ],
    sniff,
    read,
};

/// Longest record, over line breaks inside quotes.
const MAX_RECORD: usize = 1 << 20;

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 5);
    lines.iter().find_map(|line| Columns::of(line)).map(|_| "CSV header with Event name, Event time and Event source".to_owned())
}

/// Where each field stands.
#[derive(Debug)]
struct Columns(Vec<String>);

impl Columns {
    fn of(line: &[u8]) -> Option<Self> {
        let plain = |field: String| field.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let names = Self(fields(line)?.into_iter().map(plain).collect());
        ["eventname", "eventtime", "eventsource"].iter().all(|name| names.0.iter().any(|n| n == name)).then_some(names)
    }

    /// The field under the first of some names, if it says anything.
    fn get<'f>(&self, fields: &'f [String], names: &[&str]) -> Option<Cow<'f, str>> {
        let at = names.iter().find_map(|name| self.0.iter().position(|n| n == name))?;
        fields.get(at).map(|f| f.trim()).filter(|f| !f.is_empty() && *f != "-").map(Cow::Borrowed)
    }
}

fn fields(record: &[u8]) -> Option<Vec<String>> {
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
    let row = columns.as_ref().ok_or("a line in front of the header").and_then(|columns| {
        let fields = fields(place.bytes).filter(|f| f.len() == columns.0.len()).ok_or("the number of fields is not the header's")?;
        emit(columns, &fields, place, ctx, sink)
    });
    if let Err(reason) = row {
        sink.loss(LossKind::Malformed, reason.to_owned(), Some(place.locator()), place.bytes.len() as u64);
    }
}

fn emit(columns: &Columns, fields: &[String], place: Place<'_>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), &'static str> {
    let get = |names: &[&str]| columns.get(fields, names);
    let name = get(&["eventname"]).ok_or("the event name is empty")?;
    let source = get(&["eventsource"]).ok_or("the event source is empty")?;
    let stated = get(&["eventtime"])
        .and_then(|text| time::iso(&text, &ctx.zone).or_else(|| time::console(&text).map(|at| (at, ZoneCertainty::Stated))));
    let (at, zone) = stated.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
    let error = get(&["errorcode"]);
    let address = get(&["sourceipaddress"]);
    let body = if name == "ConsoleLogin" && source == "signin.amazonaws.com" {
        Body::Auth(Box::new(Authentication {
            service: "console".into(),
            region: get(&["awsregion", "region"]),
            user: get(&["username"]),
            source: address.as_deref().and_then(|a| a.parse().ok()),
            method: Some("console".into()),
            outcome: if error.is_some() { AuthOutcome::Failure } else { AuthOutcome::Other },
            attempts: 1,
            user_agent: get(&["useragent"]),
            message: "ConsoleLogin: result not stated in the CSV".into(),
            event_id: get(&["eventid"]),
            ..Authentication::default()
        }))
    } else {
        Body::Api(Box::new(ApiActivity {
            event_id: get(&["eventid"]),
            event_name: name,
            event_source: source,
            region: get(&["awsregion", "region"]),
            account: get(&["recipientaccountid", "accountid"]),
            user_name: get(&["username"]),
            access_key_id: get(&["awsaccesskey", "awsaccesskeyid", "accesskeyid"]),
            source_ip: address,
            user_agent: get(&["useragent"]),
            error_code: error,
            read_only: get(&["readonly"]).and_then(|v| v.to_ascii_lowercase().parse().ok()),
            ..ApiActivity::default()
        }))
    };
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body }, place.bytes);
    Ok(())
}
