//! AWS Trusted Advisor: output of `aws support describe-trusted-advisor-check-result`, `-check-summaries` and `-checks`, of
//! `aws trustedadvisor list-recommendations`, `get-recommendation` and `list-recommendation-resources`, and its events of
//! EventBridge.
//!
//! What is flagged is a finding; what a check is (its name and what it looks at) is inventory. Only the status says how grave a
//! finding is: error 7, warning 4, ok 0.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{DetectionFinding, InventoryInfo, InventoryKind};
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::fields::arn_scope;
use super::tree::{self, Tree, instance_of};
use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "trusted-advisor",
    title: Text::fixed("AWS Trusted Advisor results", "AWS Trusted Advisor の結果"),
    tables: &[Table::DetectionFinding, Table::InventoryInfo],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "what happened: it compares settings and usage with advice",
            "発生した出来事（設定と利用状況を推奨事項と照合するのみ）",
        ),
        Text::fixed("states between two refreshes of a check", "チェックの更新と更新の間の状態"),
        Text::fixed("checks that the support plan does not include", "サポートプランの対象外のチェック"),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["recommendationSummaries", "recommendationResourceSummaries", "checks", "summaries"];
const PRODUCT: &str = "trusted-advisor";
/// Checks of security by their ids, for results that do not carry the name.
const NAMES: &[(&str, &str)] = &[
    ("12Fnkpl8Y5", "Exposed Access Keys"),
    ("HCP4007jGY", "Security Groups - Specific Ports Unrestricted"),
    ("1iG5NDGVre", "Security Groups - Unrestricted Access"),
    ("nNauJisYIT", "Amazon RDS Security Group Access Risk"),
    ("Pfx0RwqBli", "Amazon S3 Bucket Permissions"),
    ("7DAFEmoDos", "MFA on Root Account"),
    ("zXCkfM1nI3", "IAM Use"),
    ("DqdJqYeRm5", "IAM Access Key Rotation"),
    ("Yw2K9puPzl", "IAM Password Policy"),
    ("vjafUGJ9H0", "AWS CloudTrail Logging"),
    ("ePs02jT06w", "Amazon EBS Public Snapshots"),
    ("rSs93HQwa1", "Amazon RDS Public Snapshots"),
];

/// Keys that together show each form, and whether they may stand in a list.
const FORMS: &[&[&str]] = &[
    &["result.checkId", "result.resourcesSummary", "result.flaggedResources"],
    &["checkId", "resourcesSummary", "flaggedResources"],
    &["summaries[].checkId", "summaries[].resourcesSummary"],
    &["checks[].id", "checks[].category", "checks[].metadata"],
    &["recommendationSummaries[].pillars", "recommendationSummaries[].resourcesAggregates"],
    &["recommendation.pillars", "recommendation.resourcesAggregates"],
    &["recommendationResourceSummaries[].awsResourceId", "recommendationResourceSummaries[].recommendationArn"],
    &["detail.check-name", "detail.check-item-detail"],
    &["[].detail.check-name", "[].detail.check-item-detail"],
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let found = FORMS.iter().find(|names| names.iter().all(|name| shape.has(name)));
    let empty = || ["recommendationSummaries", "recommendationResourceSummaries"].into_iter().find(|key| shape.is_empty_list(key));
    match found {
        Some(names) => Some(format!("JSON keys {}", names.join(", "))),
        None => empty().filter(|_| head.whole).map(|key| format!("JSON key {key} with an empty list")),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    recommendation: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CheckResult<'a> {
    #[serde(borrow)]
    flagged_resources: Vec<&'a RawValue>,
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let answer: Answer<'_> =
            serde_json::from_str(&text).map_err(|_| Refusal::malformed("a record is no valid Trusted Advisor JSON"))?;
        match answer.result.or(answer.recommendation) {
            Some(inner) => one(inner.get(), json::inside(inner, &text, place), sink),
            None => one(&text, place, sink),
        }
    })
}

fn one(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let value = tree::parse(text, "Trusted Advisor JSON")?;
    let record = Tree(&value);
    let at = record.time(&["timestamp", "lastUpdatedAt", "time"]);
    if record.at("flaggedResources").is_some() {
        return flagged(record, text, place, sink);
    }
    if record.at("category").is_some() && record.at("metadata").is_some() {
        put(None, check(record, text)?, place, sink);
        return Ok(());
    }
    let finding = if record.at("detail.check-name").is_some() {
        event(record)
    } else if record.at("pillars").is_some() {
        recommendation(record)
    } else if record.at("awsResourceId").is_some() {
        resource(record)
    } else if record.at("checkId").is_some() {
        summary(record)
    } else {
        return Err(Refusal::malformed("no Trusted Advisor record: neither a check nor a recommendation"));
    };
    put(at, Body::Detection(Box::new(finding)), place, sink);
    Ok(())
}

fn put(at: Option<Timestamp>, body: Body<'_>, place: Place<'_>, sink: &mut dyn Sink) {
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body }, place.bytes);
}

/// A check's result: one finding for each resource, or, where it names none, one for the check.
fn flagged(result: Tree<'_>, text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let at = result.time(&["timestamp"]);
    let id = result.text("checkId").ok_or_else(|| Refusal::malformed("a result without the id of its check"))?;
    let parsed: CheckResult<'_> = serde_json::from_str(text).map_err(|_| Refusal::malformed("flaggedResources is no list"))?;
    if parsed.flagged_resources.is_empty() {
        put(at, Body::Detection(Box::new(summary(result))), place, sink);
    }
    for raw in parsed.flagged_resources {
        let inside = json::inside(raw, text, place);
        let Ok(value) = serde_json::from_str::<Value>(raw.get()) else { continue };
        let resource = Tree(&value);
        let words = values(resource.at("metadata"));
        let body = DetectionFinding {
            finding_id: Cow::Owned(format!("{id}/{}", resource.text("resourceId").unwrap_or_default())),
            title: name_of(&id),
            region: resource.text("region").filter(|region| region != "-"),
            status: state(resource.text("status"), resource.truth("isSuppressed") == Some(true)),
            severity: severity(resource.text("status").as_deref()),
            ..told(id.clone(), &words)
        };
        put(at, Body::Detection(Box::new(body)), inside, sink);
    }
    Ok(())
}

/// What words about a resource name: instances, access keys, users.
fn told<'t>(kind: Cow<'t, str>, words: &[(Option<&'t str>, Cow<'t, str>)]) -> DetectionFinding<'t> {
    let is_key = |word: &str| word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    let instance = words.iter().find_map(|(_, word)| instance_of(word));
    let key = words.iter().find(|(_, word)| is_key(word));
    let named =
        |names: &[&str]| words.iter().find(|(name, _)| name.is_some_and(|name| names.contains(&name))).map(|(_, word)| word.clone());
    let description: Vec<String> =
        words.iter().map(|(name, word)| name.map_or_else(|| word.to_string(), |name| format!("{name}: {word}"))).collect();
    DetectionFinding {
        product: Cow::Borrowed(PRODUCT),
        kind,
        description: Cow::Owned(description.join("; ")),
        instance_id: instance.map(|id| Cow::Owned(id.to_owned())),
        access_key_id: key.map(|(_, word)| word.clone()),
        resource: named(&["awsResourceId", "resource_id", "Security Group ID", "Bucket Name", "Volume ID", "Snapshot ID"])
            .or_else(|| words.iter().find(|(_, word)| word.starts_with("arn:")).map(|(_, word)| word.clone())),
        principal: named(&["User Name (IAM or Root)", "User Name", "IAM User", "User"]),
        count: 1,
        ..DetectionFinding::default()
    }
}

/// The words of a list, or the names and words of an object.
fn values<'t>(of: Option<Tree<'t>>) -> Vec<(Option<&'t str>, Cow<'t, str>)> {
    match of.map(|tree| tree.0) {
        Some(Value::Array(list)) => list.iter().filter_map(|value| Some((None, Tree(value).own_text()?))).collect(),
        Some(Value::Object(object)) => {
            object.iter().filter_map(|(name, value)| Some((Some(name.as_str()), Tree(value).own_text()?))).collect()
        }
        _ => Vec::new(),
    }
}

fn name_of<'t>(id: &str) -> Cow<'t, str> {
    NAMES.iter().find(|(known, _)| *known == id).map_or_else(|| Cow::Owned(format!("check {id}")), |(_, name)| Cow::Borrowed(*name))
}

fn state(status: Option<Cow<'_, str>>, suppressed: bool) -> Option<Cow<'_, str>> {
    if suppressed { Some(Cow::Borrowed("SUPPRESSED")) } else { status.map(|status| Cow::Owned(status.to_ascii_uppercase())) }
}

fn severity(status: Option<&str>) -> f64 {
    match status.map(str::to_ascii_lowercase).as_deref() {
        Some("error" | "red") => 7.0,
        Some("warning" | "warn" | "yellow") => 4.0,
        _ => 0.0,
    }
}

fn summary(result: Tree<'_>) -> DetectionFinding<'_> {
    let id = result.text("checkId").unwrap_or_default();
    let status = result.text("status");
    DetectionFinding {
        finding_id: id.clone(),
        title: name_of(&id),
        severity: severity(status.as_deref()),
        status: state(status, false),
        count: result.parsed(&["resourcesSummary.resourcesFlagged"]).unwrap_or(0),
        description: result.data("resourcesSummary").unwrap_or_default(),
        ..told(id, &[])
    }
}

fn check<'t>(record: Tree<'t>, text: &'t str) -> Result<Body<'t>, Refusal> {
    let id = record.text("id").ok_or_else(|| Refusal::malformed("a check without an id"))?;
    Ok(Body::Inventory(Box::new(InventoryInfo {
        kind: InventoryKind::Other,
        id,
        name: record.text("name"),
        raw: Cow::Borrowed(text),
        ..InventoryInfo::default()
    })))
}

fn recommendation(record: Tree<'_>) -> DetectionFinding<'_> {
    let arn = record.text("arn").or_else(|| record.text("id")).unwrap_or_default();
    let (account, region) = scope(&arn);
    let status = record.text("status");
    let check = record.text("checkArn").map(|check| Cow::Owned(check.rsplit('/').next().unwrap_or_default().to_owned()));
    let flagged = |key: &str| record.parsed::<u64>(&[&format!("resourcesAggregates.{key}")]).unwrap_or(0);
    DetectionFinding {
        finding_id: arn,
        title: record.text("name").unwrap_or_default(),
        description: record.text("description").or_else(|| record.data("resourcesAggregates")).unwrap_or_default(),
        severity: severity(status.as_deref()),
        status: state(record.text("lifecycleStage").filter(|stage| stage == "dismissed" || stage == "resolved").or(status), false),
        account,
        region,
        first_seen: record.time(&["createdAt"]),
        last_seen: record.time(&["lastUpdatedAt"]),
        count: flagged("errorCount").saturating_add(flagged("warningCount")),
        ..told(check.or_else(|| record.text("type")).unwrap_or_default(), &[])
    }
}

fn resource(record: Tree<'_>) -> DetectionFinding<'_> {
    let arn = record.text("arn").or_else(|| record.text("id")).unwrap_or_default();
    let mut words = values(record.at("metadata"));
    words.extend(record.text("awsResourceId").map(|id| (Some("awsResourceId"), id)));
    let status = record.text("status");
    DetectionFinding {
        account: scope(&arn).0,
        finding_id: arn,
        title: record.text("awsResourceId").unwrap_or_default(),
        severity: severity(status.as_deref()),
        status: state(status, record.text("exclusionStatus").is_some_and(|status| status == "excluded")),
        region: record.text("regionCode"),
        last_seen: record.time(&["lastUpdatedAt"]),
        ..told(record.text("recommendationArn").unwrap_or_default(), &words)
    }
}

fn event(record: Tree<'_>) -> DetectionFinding<'_> {
    let mut words = values(record.at("detail.check-item-detail"));
    words.extend(record.text("detail.resource_id").map(|id| (Some("resource_id"), id)));
    let status = record.text("detail.status");
    let name = record.text("detail.check-name").unwrap_or_default();
    DetectionFinding {
        finding_id: record.first(&["detail.uuid", "id"]).unwrap_or_default(),
        title: name.clone(),
        severity: severity(status.as_deref()),
        status: state(status, false),
        account: record.text("account"),
        region: record.text("region"),
        ..told(name, &words)
    }
}

fn scope(arn: &str) -> (Option<Cow<'static, str>>, Option<Cow<'static, str>>) {
    let (account, region) = arn_scope(arn);
    let owned = |part: Option<Cow<'_, str>>| part.map(|part| Cow::Owned(part.into_owned()));
    (owned(account), owned(region))
}
