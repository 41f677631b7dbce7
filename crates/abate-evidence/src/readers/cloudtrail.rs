//! AWS CloudTrail events as JSON: log files of a trail, event history as JSON, output of `aws cloudtrail lookup-events`, lists
//! of events, one event per line, EventBridge events, output of `aws cloudtrail get-query-results` (CloudTrail Lake).
//!
//! Sign-ins to the console become `authentication` rows, Insights events `detection_finding`, everything else `api_activity`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

use abate_model::{Table, Text};

use super::cloudtrail_columns::{self, plain};
use super::cloudtrail_record::Record;
use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudtrail",
    title: Text::fixed("AWS CloudTrail (JSON)", "AWS CloudTrail（JSON）"),
    tables: &[Table::ApiActivity, Table::Authentication, Table::DetectionFinding],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "data events (access to S3 objects, Lambda invocations and the like), unless the trail was set to record them",
            "データイベント（S3 オブジェクトへのアクセス、Lambda の呼び出しなど）。証跡で記録を有効にしていた場合を除く",
        ),
        Text::fixed(
            "calls through VPC endpoints that the endpoint's owner would see (network activity events), unless the trail was set to record them",
            "VPC エンドポイントの所有者から見た呼び出し（ネットワークアクティビティイベント）。証跡で記録を有効にしていた場合を除く",
        ),
        Text::fixed(
            "what programs on an instance do, and network traffic: only calls of AWS APIs are recorded",
            "インスタンス内のプログラムの動作やネットワーク通信。記録されるのは AWS API の呼び出しのみ",
        ),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["Records", "Events", "QueryResultRows"];
const PREFIXES: &[&str] =
    &["", "[].", "Records[].", "[].Records[].", "Events[].", "[].Events[].", "detail.", "[].detail.", "Records[].detail."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    for name in ["eventVersion", "eventTime"] {
        if let Some(prefix) = shape.under(PREFIXES, &["eventName", "eventSource", name]) {
            return Some(format!("JSON keys {prefix}eventName, {prefix}eventSource, {prefix}{name}"));
        }
    }
    if let Some(prefix) = shape.under(PREFIXES, &["eventVersion", "eventTime", "insightDetails"]) {
        return Some(format!("JSON keys {prefix}eventVersion, {prefix}eventTime, {prefix}insightDetails"));
    }
    for names in [&["eventJson"][..], &["eventjson"], &["eventName", "eventTime"], &["eventname", "eventtime"]] {
        if shape.under(&["QueryResultRows[][]."], names).is_some() {
            return Some(format!("JSON keys {} in QueryResultRows (CloudTrail Lake)", names.join(", ")));
        }
    }
    if let Some(prefix) = shape.under(PREFIXES, &["CloudTrailEvent"]) {
        return Some(format!("JSON key {prefix}CloudTrailEvent (lookup-events)"));
    }
    let only = head.whole && shape.top.iter().all(|key| ENVELOPES.contains(&key.as_str()) || key == "NextToken");
    ENVELOPES.iter().find(|name| only && shape.is_empty_list(name)).map(|name| format!("JSON key {name} with an empty list"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        // A record in another encoding is still a record: only its odd characters are replaced.
        let text = place.text();
        record(&text, place, ctx, sink)
    })
}

fn record(text: &str, place: Place<'_>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Refusal> {
    if text.starts_with('[') {
        return columns(text, place, ctx, sink);
    }
    let record = parse(text)?;
    if record.is_event() {
        sink.row(record.into_row(place.locator(), ctx)?, place.bytes);
        return Ok(());
    }
    let inner: Cow<'_, str> = match (record.looked_up.0, record.detail) {
        (Some(inner), _) => inner,
        (None, Some(detail)) => Cow::Borrowed(detail.0),
        (None, None) => return parse(text)?.into_row(place.locator(), ctx).map(|_| ()),
    };
    sink.row(parse(&inner)?.into_row(place.locator(), ctx)?, inner.as_bytes());
    Ok(())
}

/// A row of a query's result: a list of objects, each with one column.
fn columns(text: &str, place: Place<'_>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let columns: Vec<BTreeMap<String, Field<'_>>> =
        serde_json::from_str(text).map_err(|_| Refusal::malformed("a row of a query's result is no list of columns"))?;
    let columns: BTreeMap<String, Field<'_>> = columns.into_iter().flatten().map(|(name, value)| (plain(&name), value)).collect();
    let get = |names: &[&str]| {
        let value = names.iter().find_map(|name| columns.get(*name))?.0.as_deref()?;
        Some(value.trim()).filter(|v| !v.is_empty())
    };
    let row = cloudtrail_columns::row(&get, place.locator(), ctx)?;
    sink.row(row, get(&["eventjson"]).map_or(place.bytes, str::as_bytes));
    Ok(())
}

fn parse(text: &str) -> Result<Record<'_>, Refusal> {
    if let Ok(record) = Record::usual(text) {
        return Ok(record);
    }
    serde_json::from_str(text).map_err(|error| {
        // Line and column are the record's own and would keep equal losses apart.
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        Refusal::malformed(format!("a record is no valid CloudTrail JSON: {}", what.chars().take(80).collect::<String>()))
    })
}
