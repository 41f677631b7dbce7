//! Prowler's own results: JSON of version 3 (`FindingUniqueId`), and CSV of versions 3 to 5, whose columns stand between
//! semicolons. What it writes as OCSF or ASFF has readers of its own.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::DetectionFinding;
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::csv_rows;
use super::tree::{self, Tree, instance_of};
use crate::json::{self, Refusal};
use crate::lines::{Place, first_lines};
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

fn sniff(head: &Head<'_>) -> Option<String> {
    if let Some(shape) = Shape::of(head) {
        let names = ["FindingUniqueId", "CheckID", "Status"];
        return shape.under(&["", "[]."], &names).map(|prefix| format!("JSON keys {prefix}{}", names.join(", ")));
    }
    let found = first_lines(head, 3).iter().any(|line| header(line).is_some());
    found.then(|| "CSV header with CHECK_ID, STATUS and SEVERITY between semicolons".to_owned())
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?.trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) {
        return json::records(input, &[], sink, &mut |place, sink| {
            let text = place.text();
            let value = tree::parse(&text, "Prowler JSON")?;
            let tree = Tree(&value);
            emit(&|names| names.iter().find_map(|name| tree.key(name)), place, &ctx.zone, sink)
        });
    }
    csv_rows::each_row(input, b';', sink, &header, &mut |row, place, sink| emit(&|names| row.get(names), place, &ctx.zone, sink))
}

/// The names of the columns, if a line is the header.
fn header(line: &[u8]) -> Option<Vec<String>> {
    // Most lines are none, and a look is cheaper than taking them apart.
    let wanted = [&b"CHECK_ID;"[..], b"STATUS;", b"SEVERITY;"];
    let fits = wanted.iter().all(|name| line.windows(name.len()).any(|part| part == *name));
    fits.then(|| csv_rows::fields(line, b';')).flatten()
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
        resource: resource.clone(),
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
