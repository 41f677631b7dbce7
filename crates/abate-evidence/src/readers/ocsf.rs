//! Records of the Open Cybersecurity Schema Framework (OCSF 1.x) as JSON: Security Lake, Prowler's `json-ocsf`, Security Hub.
//!
//! The class decides the table: findings, API calls, flows, DNS queries, web requests, sign-ins. Other classes are a loss.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::DetectionFinding;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};

use super::ocsf_activity;
use super::tree::{self, Tree, instance_of};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "ocsf",
    title: Text::fixed("OCSF records (Security Lake, Prowler)", "OCSF レコード（Security Lake、Prowler）"),
    tables: &[
        Table::DetectionFinding,
        Table::ApiActivity,
        Table::NetworkActivity,
        Table::DnsActivity,
        Table::HttpActivity,
        Table::Authentication,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed("what the sources set up for the collection do not record", "収集対象に設定したソースが記録しない出来事"),
        Text::fixed("anything from before the collection was set up", "収集を設定する前の出来事"),
        Text::fixed(
            "fields of the original log that the schema has no place for, unless they are kept as unmapped",
            "スキーマに対応する項目がない元ログのフィールド（unmapped に保持されたものを除く）",
        ),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["Records", "Findings", "findings"];
const PREFIXES: &[&str] = &["", "[].", "Records[].", "Findings[].", "findings[].", "[].Findings[].", "detail.findings[]."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let found = PREFIXES.iter().find(|p| {
        let has = |name: &str| shape.has(&format!("{p}{name}"));
        has("class_uid") && has("metadata") && (has("metadata.product") || has("metadata.version"))
    })?;
    Some(format!("JSON keys {found}class_uid, {found}metadata (OCSF)"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let value = tree::parse(&text, "OCSF JSON")?;
        let record = Tree(&value);
        let Some(findings) = record.at("detail").filter(|d| d.at("findings").is_some()) else {
            sink.row(row(record, place.locator())?, place.bytes);
            return Ok(());
        };
        // Findings in an event share the event's place.
        for finding in findings.list("findings") {
            match row(finding, place.locator()) {
                Ok(row) => sink.row(row, place.bytes),
                Err(Refusal { kind, reason }) => sink.loss(kind, reason, Some(place.locator()), 0),
            }
        }
        Ok(())
    })
}

fn row(record: Tree<'_>, locator: abate_model::Locator) -> Result<Row<'_>, Refusal> {
    let none = || Refusal::malformed("no OCSF record: class_uid is missing");
    let class: u32 = record.parsed(&["class_uid"]).ok_or_else(none)?;
    let (at, body) = match class {
        2001..=2007 => finding(record)?,
        4001 => ocsf_activity::network(record),
        4002 => ocsf_activity::http(record),
        4003 => ocsf_activity::dns(record),
        3002 => ocsf_activity::authentication(record),
        // Calls that change accounts or touch data are calls all the same.
        _ if record.at("api.operation").is_some() => ocsf_activity::api(record),
        _ => {
            let name: String = record.text("class_name").unwrap_or_default().chars().take(40).collect();
            let reason = format!("an OCSF record of class {class} ({name}): known, but not read");
            return Err(Refusal { kind: LossKind::NotSupported, reason });
        }
    };
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    Ok(Row { at, zone, source: 0, locator, body })
}

/// A finding of any class: security, vulnerability, compliance, incident, detection.
fn finding(record: Tree<'_>) -> Result<(Option<jiff::Timestamp>, Body<'_>), Refusal> {
    // Version 1.0 calls it `finding`.
    let info = record.at("finding_info").or_else(|| record.at("finding"));
    let info = info.ok_or_else(|| Refusal::malformed("an OCSF finding without finding_info"))?;
    let product = record.first(&["metadata.product.name", "metadata.product.feature.name"]).unwrap_or_default();
    let first_seen = info.time(&["first_seen_time_dt", "first_seen_time"]);
    let at = first_seen.or_else(|| info.time(&["created_time_dt", "created_time"])).or_else(|| record.time(&["time_dt", "time"]));
    // Prowler names its check in the event code; its types are headings.
    let check = record.text("metadata.event_code");
    let kind = if product == "Prowler" { check.or(info.text("types.0")) } else { info.text("types.0").or(check) };
    let resources: Vec<Tree<'_>> = record.list("resources").take(32).collect();
    let of = |path: &str| resources.iter().find_map(|r| r.text(path));
    let instance = resources.iter().filter_map(|r| r.text("uid")).find_map(|uid| instance_of(&uid).map(str::to_owned));
    let body = DetectionFinding {
        finding_id: info.text("uid").unwrap_or_default(),
        kind: kind.or(record.text("class_name")).unwrap_or_default(),
        severity: severity(record),
        title: info.first(&["title"]).or(record.text("message")).unwrap_or_default(),
        description: info.text("desc").or(record.text("status_detail")).unwrap_or_default(),
        account: account(record),
        region: record.text("cloud.region").or_else(|| of("region")),
        resource_type: of("type"),
        resource: of("uid").or_else(|| of("name")),
        instance_id: instance.map(Cow::Owned).or(record.text("device.instance_uid")),
        access_key_id: record.first(&["evidences.0.actor.user.credential_uid", "actor.user.credential_uid"]),
        principal: record.first(&["evidences.0.actor.user.name", "actor.user.name", "evidences.0.actor.user.uid"]),
        remote: record.parsed(&["evidences.0.src_endpoint.ip", "src_endpoint.ip"]),
        remote_port: record.parsed(&["evidences.0.src_endpoint.port", "src_endpoint.port"]),
        local: record.parsed(&["evidences.0.dst_endpoint.ip", "dst_endpoint.ip"]),
        first_seen,
        last_seen: info.time(&["last_seen_time_dt", "last_seen_time"]),
        count: record.parsed(&["count"]).unwrap_or(1),
        sample: false,
        status: record.first(&["status_code", "compliance.status", "status"]),
        product,
    };
    Ok((at, Body::Detection(Box::new(body))))
}

/// The account, as the versions write it.
pub(super) fn account(record: Tree<'_>) -> Option<Cow<'_, str>> {
    record.first(&["cloud.account.uid", "cloud.account_uid"])
}

/// The schema's classes on the scale from 0 to 10 that findings have.
fn severity(record: Tree<'_>) -> f64 {
    match record.parsed(&["severity_id"]) {
        Some(2) => 2.0,
        Some(3) => 5.0,
        Some(4) => 8.0,
        Some(5) => 9.5,
        Some(6) => 10.0,
        _ => 0.0,
    }
}
