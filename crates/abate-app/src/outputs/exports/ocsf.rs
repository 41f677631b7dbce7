//! OCSF Detection Findings (class 2004), one JSON object on each line.
//!
//! Source: OCSF schema 1.5.0, class `detection_finding` and the objects that it names; <https://schema.ocsf.io/1.5.0/classes/detection_finding>.

use abate_model::{Case, Entity, EntityKind, Finding, Severity};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::attack;
use super::{lasting_id, techniques, titled};
use crate::AppError;

/// The version of the schema.
const VERSION: &str = "1.5.0";
const CLASS: u32 = 2004;
/// `Create`: the finding is told for the first time.
const ACTIVITY: u32 = 1;

/// The findings, one on each line.
pub(super) fn write(case: &Case) -> Result<Vec<u8>, AppError> {
    let mut lines = Vec::new();
    for finding in &case.findings {
        serde_json::to_writer(&mut lines, &event(case, finding))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn event(case: &Case, finding: &Finding) -> Value {
    let (severity_id, severity) = severity(finding.severity);
    let mut event = json!({
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Detection Finding: Create",
        "time": millis(finding.last.or(finding.first).unwrap_or(case.assessed_at)),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1,
        "status": "New",
        // How sure a finding is is not measured; the report says how each could be innocent.
        "confidence_id": 0,
        "confidence": "Unknown",
        "count": finding.count,
        "message": finding.title.en,
        "metadata": metadata(case, finding),
        "finding_info": info(case, finding),
        "evidences": evidences(case, finding),
        "observables": finding.entities.iter().map(observable).collect::<Vec<_>>(),
        "resources": finding.entities.iter().filter_map(resource).collect::<Vec<_>>(),
        "cloud": cloud(case, finding),
    });
    for (name, at) in [("start_time", finding.first), ("end_time", finding.last)] {
        if let (Some(at), Some(event)) = (at, event.as_object_mut()) {
            event.insert(name.to_owned(), millis(at));
        }
    }
    event
}

fn metadata(case: &Case, finding: &Finding) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": { "name": "Abate", "vendor_name": "Abate", "version": env!("CARGO_PKG_VERSION") },
        "uid": lasting_id(case, finding),
        "correlation_uid": case.id,
        "logged_time": millis(case.assessed_at),
    })
}

fn info(case: &Case, finding: &Finding) -> Value {
    let mut info = json!({
        "uid": lasting_id(case, finding),
        "title": finding.title.en,
        "desc": finding.detail.en,
        "types": [finding.claim.id()],
        "attacks": techniques(finding).iter().flat_map(|id| attacks(id)).collect::<Vec<_>>(),
        "created_time": millis(case.assessed_at),
        "data_sources": sources(finding),
        "analytic": analytic(finding),
    });
    for (name, at) in [("first_seen_time", finding.first), ("last_seen_time", finding.last)] {
        if let (Some(at), Some(info)) = (at, info.as_object_mut()) {
            info.insert(name.to_owned(), millis(at));
        }
    }
    info
}

/// What found it: a Sigma rule with its author, or one of Abate's detections.
fn analytic(finding: &Finding) -> Value {
    match &finding.rule {
        Some(rule) => json!({ "type_id": 1, "type": "Rule", "uid": rule.id, "name": titled(rule), "category": "Sigma" }),
        None => json!({ "type_id": 2, "type": "Behavioral", "uid": finding.claim.id(), "name": finding.claim.id() }),
    }
}

/// One for each tactic of a technique; a technique that is not known here stands by itself.
fn attacks(id: &str) -> Vec<Value> {
    let (parent, _) = id.split_once('.').unwrap_or((id, ""));
    let named = |id: &str| match attack::technique(id) {
        Some(known) => json!({ "uid": id, "name": known.name }),
        None => json!({ "uid": id }),
    };
    let mut one = json!({ "version": attack::VERSION, "technique": named(parent) });
    if parent != id
        && let Some(one) = one.as_object_mut()
    {
        one.insert("sub_technique".to_owned(), named(id));
    }
    let tactics = attack::technique(id).map_or(&[][..], |known| known.tactics);
    if tactics.is_empty() {
        return vec![one];
    }
    let with = |short: &&str| {
        let mut attack = one.clone();
        if let (Some((uid, name)), Some(attack)) = (attack::tactic(short), attack.as_object_mut()) {
            attack.insert("tactic".to_owned(), json!({ "uid": uid, "name": name }));
        }
        attack
    };
    tactics.iter().map(with).collect()
}

fn sources(finding: &Finding) -> Vec<&str> {
    let mut sources: Vec<&str> = finding.evidence.iter().map(|cite| cite.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// The cited records by their places; the first holds who and what takes part.
fn evidences(case: &Case, finding: &Finding) -> Vec<Value> {
    let sha256 = |source: &str| case.sources.iter().find(|known| known.path == source).map(|known| known.sha256.clone());
    let mut evidences: Vec<Value> = finding
        .evidence
        .iter()
        .map(|cite| json!({ "data": { "cite": cite.to_string(), "source": cite.source, "sha256": sha256(&cite.source) } }))
        .collect();
    let mut named = Map::new();
    for Entity { kind, value } in &finding.entities {
        let list = named.entry(path(*kind).1).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(value));
        }
    }
    if let Some(data) = evidences.first_mut().and_then(|first| first.get_mut("data")).and_then(Value::as_object_mut) {
        data.insert("entities".to_owned(), Value::Object(named));
    }
    evidences
}

/// Type of an observable, and the name of the entities in the first evidence.
fn path(kind: EntityKind) -> ((u32, &'static str), &'static str) {
    match kind {
        EntityKind::RemoteAddress => ((2, "IP Address"), "remote_address"),
        EntityKind::LocalAddress => ((2, "IP Address"), "local_address"),
        EntityKind::Port => ((11, "Port"), "port"),
        EntityKind::Instance => ((10, "Resource UID"), "instance"),
        EntityKind::Interface => ((10, "Resource UID"), "interface"),
        EntityKind::Host => ((1, "Hostname"), "host"),
        EntityKind::User => ((4, "User Name"), "user"),
        EntityKind::Principal => ((4, "User Name"), "principal"),
        EntityKind::AccessKey => ((99, "Access Key ID"), "access_key"),
        EntityKind::Region => ((99, "Region"), "region"),
        EntityKind::Resource => ((10, "Resource UID"), "resource"),
        EntityKind::Url => ((6, "URL String"), "url"),
        EntityKind::UserAgent => ((16, "HTTP User-Agent"), "user_agent"),
        EntityKind::ApiCall => ((99, "API Operation"), "api_call"),
        EntityKind::FindingType => ((99, "Finding Type"), "finding_type"),
        EntityKind::FindingId => ((99, "Finding UID"), "finding_id"),
    }
}

fn observable(entity: &Entity) -> Value {
    let ((type_id, kind), name) = path(entity.kind);
    json!({ "name": format!("evidences.data.entities.{name}"), "type_id": type_id, "type": kind, "value": entity.value })
}

fn resource(entity: &Entity) -> Option<Value> {
    let kind = match entity.kind {
        EntityKind::Instance => "AWS::EC2::Instance",
        EntityKind::Interface => "AWS::EC2::NetworkInterface",
        EntityKind::AccessKey => "AWS::IAM::AccessKey",
        EntityKind::Resource => "AWS resource",
        EntityKind::Host => "Host",
        _ => return None,
    };
    Some(json!({ "uid": entity.value, "type": kind, "cloud_partition": "aws" }))
}

fn cloud(case: &Case, finding: &Finding) -> Value {
    let mut cloud = json!({ "provider": "AWS" });
    if let Some(cloud) = cloud.as_object_mut() {
        if let Some(account) = &case.notice.account_id {
            cloud.insert("account".to_owned(), json!({ "uid": account, "type_id": 10, "type": "AWS Account" }));
        }
        if let Some(region) = finding.of(EntityKind::Region).next().or(case.notice.regions.first().map(String::as_str)) {
            cloud.insert("region".to_owned(), json!(region));
        }
    }
    cloud
}

const fn severity(of: Severity) -> (u32, &'static str) {
    match of {
        Severity::Informational => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// OCSF's times are milliseconds since 1970.
fn millis(at: Timestamp) -> Value {
    json!(at.as_millisecond())
}
