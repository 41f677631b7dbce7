//! Prowler's own results: JSON of version 3 (`FindingUniqueId`), and CSV of versions 3 to 5, whose columns stand between
//! semicolons. What it writes as OCSF or ASFF has readers of its own.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::DetectionFinding;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::tree::{self, Tree, instance_of};
use crate::json::{self, Refusal};
use crate::lines::{Line, Lines, Place, first_lines};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "prowler",
    title: Text::fixed("Prowler results (JSON, CSV)", "Prowler の結果（JSON、CSV）"),
    tables: &[Table::DetectionFinding],
    continuous: false,
    never_contains: &[
        Text::fixed("what happened: it looks at settings at one moment", "発生した出来事（ある時点の設定を調べるのみ）"),
        Text::fixed("Regions and services that the run left out", "実行時に対象外としたリージョンとサービス"),
    ],
    sniff,
    read,
};

/// Longest record, over line breaks inside quotes.
const MAX_RECORD: usize = 1 << 20;

fn sniff(head: &Head<'_>) -> Option<String> {
    if let Some(shape) = Shape::of(head) {
        let names = ["FindingUniqueId", "CheckID", "Status"];
        return shape.under(&["", "[]."], &names).map(|prefix| format!("JSON keys {prefix}{}", names.join(", ")));
    }
    let header = first_lines(head, 3).iter().any(|line| Columns::of(line).is_some());
    header.then(|| "CSV header with CHECK_ID, STATUS and SEVERITY between semicolons".to_owned())
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?.trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) {
        return json::records(input, &[], sink, &mut |place, sink| {
            let text = String::from_utf8_lossy(place.bytes);
            let value = tree::parse(&text, "Prowler JSON")?;
            let tree = Tree(&value);
            emit(&|names| names.iter().find_map(|name| tree.key(name)), place, &ctx.zone, sink)
        });
    }
    table(input, ctx, sink)
}

/// The header's names.
#[derive(Debug)]
struct Columns(Vec<String>);

impl Columns {
    fn of(line: &[u8]) -> Option<Self> {
        // Most lines are none, and a look is cheaper than taking them apart.
        let wanted = [&b"CHECK_ID;"[..], b"STATUS;", b"SEVERITY;"];
        let fits = wanted.iter().all(|name| line.windows(name.len()).any(|part| part == *name));
        fits.then(|| fields(line)).flatten().map(Self)
    }
}

fn fields(record: &[u8]) -> Option<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.delimiter(b';').has_headers(false).flexible(true).buffer_capacity(record.len().max(1)).from_reader(record);
    let mut parsed = csv::ByteRecord::new();
    reader.read_byte_record(&mut parsed).ok()?.then(|| parsed.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect())
}

fn table(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line.min(MAX_RECORD);
    let mut lines = Lines::new(input, max);
    let mut columns: Option<Columns> = None;
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
        if bytes.iter().filter(|b| **b == b'"').count() % 2 == 1 && bytes.len() < max {
            open = Some((offset, bytes));
            continue;
        }
        let place = Place { offset, bytes: &bytes };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if let Some(found) = Columns::of(&bytes) {
            columns = Some(found);
            continue;
        }
        if let Err(Refusal { kind, reason }) = line_of(columns.as_ref(), place, &ctx.zone, sink) {
            sink.loss(kind, reason, Some(place.locator()), bytes.len() as u64);
        }
    }
    if let Some((offset, bytes)) = open {
        let place = Place { offset, bytes: &bytes };
        sink.loss(LossKind::Truncated, "a quotation is not closed before the end".to_owned(), Some(place.locator()), bytes.len() as u64);
    }
    Ok(())
}

fn line_of(columns: Option<&Columns>, place: Place<'_>, zone: &TimeZone, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let columns = columns.ok_or_else(|| Refusal::malformed("a line in front of the header"))?;
    let count = || Refusal::malformed("the number of fields is not the header's");
    let values = fields(place.bytes).filter(|f| f.len() == columns.0.len()).ok_or_else(count)?;
    let get = |names: &[&str]| {
        let at = names.iter().find_map(|name| columns.0.iter().position(|column| column == name))?;
        values.get(at).map(|value| Cow::Borrowed(value.as_str())).filter(|value| !value.is_empty())
    };
    emit(&get, place, zone, sink)
}

type Get<'g, 'v> = dyn Fn(&[&str]) -> Option<Cow<'v, str>> + 'g;

fn emit(get: &Get<'_, '_>, place: Place<'_>, zone: &TimeZone, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let none = || Refusal::malformed("no Prowler finding: its id or its check is missing");
    let id = get(&["FindingUniqueId", "FINDING_UID", "FINDING_UNIQUE_ID"]).ok_or_else(none)?;
    let kind = get(&["CheckID", "CHECK_ID"]).ok_or_else(none)?;
    let resource = get(&["ResourceArn", "ResourceId", "RESOURCE_UID", "RESOURCE_ARN", "RESOURCE_ID"]);
    let stamp = get(&["AssessmentStartTime", "TIMESTAMP", "ASSESSMENT_START_TIME"]);
    let at = stamp.as_deref().and_then(|stamp| time::iso(stamp, zone).or_else(|| seconds(stamp)));
    let status = get(&["Status", "STATUS"]);
    let failed = status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("FAIL"));
    let muted = get(&["Muted", "MUTED"]).is_some_and(|muted| muted.eq_ignore_ascii_case("true"));
    let body = DetectionFinding {
        product: Cow::Borrowed("prowler"),
        finding_id: id,
        severity: if failed { severity(get(&["Severity", "SEVERITY"]).as_deref()) } else { 0.0 },
        title: get(&["CheckTitle", "CHECK_TITLE"]).unwrap_or_else(|| kind.clone()),
        kind,
        description: get(&["StatusExtended", "STATUS_EXTENDED", "Description", "DESCRIPTION"]).unwrap_or_default(),
        account: get(&["AccountId", "ACCOUNT_UID", "ACCOUNT_ID"]),
        region: get(&["Region", "REGION"]),
        resource_type: get(&["ResourceType", "RESOURCE_TYPE"]),
        instance_id: resource.as_deref().and_then(instance_of).map(|id| Cow::Owned(id.to_owned())),
        count: 1,
        status: if muted { Some(Cow::Borrowed("MUTED")) } else { status },
        ..DetectionFinding::default()
    };
    let (at, zone) = at.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body: Body::Detection(Box::new(body)) }, place.bytes);
    Ok(())
}

fn seconds(stamp: &str) -> Option<(Timestamp, ZoneCertainty)> {
    Some((tree::instant(stamp)?, ZoneCertainty::Stated))
}

fn severity(word: Option<&str>) -> f64 {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("critical") => 9.5,
        Some("high") => 8.0,
        Some("medium") => 5.0,
        Some("low") => 2.0,
        _ => 0.0,
    }
}
