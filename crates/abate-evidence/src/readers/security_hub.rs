//! Findings in the AWS Security Finding Format (ASFF, schema 2018-10-08): `aws securityhub get-findings`, input of
//! `batch-import-findings`, EventBridge events, and lists that other programs write (Prowler).
//!
//! The product that found it is kept: Security Hub itself, Inspector, Macie, GuardDuty, …

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::DetectionFinding;
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::tree::{self, Tree, instance_of};
use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "security-hub",
    title: Text::fixed("Security Hub findings (ASFF)", "Security Hub の検出結果（ASFF）"),
    tables: &[Table::DetectionFinding],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "anything from before Security Hub and the product were enabled in the Region",
            "そのリージョンで Security Hub および検出元の製品を有効にする前の出来事",
        ),
        Text::fixed("findings that were not updated for 90 days", "90 日間更新されていない検出結果"),
        Text::fixed("what no enabled standard or product checks", "有効な標準や製品のチェック対象外の事項"),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["Findings", "findings"];
const PREFIXES: &[&str] = &["", "[].", "Findings[].", "[].Findings[].", "detail.findings[].", "[].detail.findings[]."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let names = ["SchemaVersion", "ProductArn", "Severity"];
    shape.under(PREFIXES, &names).map(|prefix| format!("JSON keys {prefix}{}", names.join(", ")))
}

/// An event of EventBridge with findings in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event<'a> {
    #[serde(borrow)]
    detail: Option<Detail<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail<'a> {
    #[serde(borrow)]
    findings: Vec<&'a RawValue>,
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let event: Event<'_> = serde_json::from_str(&text).unwrap_or_default();
        let Some(detail) = event.detail else { return finding(&text, place, sink) };
        for raw in detail.findings {
            let inside = json::inside(raw, &text, place);
            if let Err(Refusal { kind, reason }) = finding(raw.get(), inside, sink) {
                sink.loss(kind, reason, Some(inside.locator()), inside.bytes.len() as u64);
            }
        }
        Ok(())
    })
}

fn finding(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let value = tree::parse(text, "Security Hub finding JSON")?;
    sink.row(row(Tree(&value), place.locator())?, place.bytes);
    Ok(())
}

fn row(finding: Tree<'_>, locator: Locator) -> Result<Row<'_>, Refusal> {
    let none = || Refusal::malformed("no Security Hub finding: Id or ProductArn is missing");
    let id = finding.text("Id").ok_or_else(none)?;
    let arn = finding.text("ProductArn").ok_or_else(none)?;
    let named = finding.first(&["ProductName", "ProductFields.aws/securityhub/ProductName"]);
    let product = named.unwrap_or_else(|| Cow::Owned(arn.rsplit('/').next().unwrap_or_default().to_owned()));
    let named_guardduty = product == "GuardDuty";
    let first_seen = finding.time(&["FirstObservedAt"]);
    let at = first_seen.or_else(|| finding.time(&["CreatedAt", "UpdatedAt"]));
    let resources: Vec<Tree<'_>> = finding.list("Resources").take(MAX_RESOURCES).collect();
    let of = |path: &str| resources.iter().find_map(|r| r.text(path));
    let key = resources.iter().filter_map(|r| r.text("Id")).find_map(after_key);
    let action = finding.at("Action");
    let peer = action.and_then(|a| {
        ["NetworkConnectionAction", "AwsApiCallAction", "PortProbeAction.PortProbeDetails.0", "KubernetesApiCallAction"]
            .iter()
            .find_map(|name| a.at(name))
    });
    // `Network` names both sides; which one is remote follows from the direction.
    let outward = finding.text("Network.Direction").is_some_and(|d| d.eq_ignore_ascii_case("OUT"));
    let (far, near) = if outward { ("Destination", "Source") } else { ("Source", "Destination") };
    let side = |side: &str| finding.parsed(&[&format!("Network.{side}IpV4"), &format!("Network.{side}IpV6")]);
    let body = DetectionFinding {
        product,
        finding_id: id,
        kind: kind(finding, named_guardduty),
        severity: severity(finding),
        title: finding.text("Title").unwrap_or_default(),
        description: finding.text("Description").unwrap_or_default(),
        account: finding.text("AwsAccountId"),
        region: finding.text("Region").or_else(|| of("Region")),
        resource_type: of("Type"),
        resource: of("Id"),
        instance_id: resources.iter().find_map(|r| instance(*r)),
        access_key_id: of("Details.AwsIamAccessKey.AccessKeyId").or(key),
        principal: of("Details.AwsIamAccessKey.PrincipalName")
            .or_else(|| of("Details.AwsIamAccessKey.UserName"))
            .or_else(|| of("Details.AwsIamUser.UserName"))
            .or_else(|| of("Details.AwsIamRole.RoleName")),
        remote: peer.and_then(|p| p.parsed(&["RemoteIpDetails.IpAddressV4"])).or_else(|| side(far)),
        remote_port: peer.and_then(|p| p.parsed(&["RemotePortDetails.Port"])).or_else(|| finding.parsed(&[&format!("Network.{far}Port")])),
        local: peer.and_then(|p| p.parsed(&["LocalIpDetails.IpAddressV4"])).or_else(|| side(near)),
        first_seen,
        last_seen: finding.time(&["LastObservedAt"]),
        count: finding.parsed(&["ProductFields.aws/guardduty/service/count"]).unwrap_or(1),
        sample: finding.truth("Sample") == Some(true),
        status: status(finding),
    };
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    Ok(Row { at, zone, source: 0, locator, body: Body::Detection(Box::new(body)) })
}

/// Most resources of a finding that are looked at.
const MAX_RESOURCES: usize = 32;

/// `AWS::IAM::AccessKey:AKIA…`
fn after_key(id: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let key = id.rsplit(':').next().filter(|k| k.len() >= 16 && (k.starts_with("AKIA") || k.starts_with("ASIA")))?;
    Some(Cow::Owned(key.to_owned()))
}

fn instance(resource: Tree<'_>) -> Option<Cow<'_, str>> {
    let id = resource.text("Id").filter(|_| resource.text("Type").is_some_and(|t| t == "AwsEc2Instance"))?;
    instance_of(&id).map(|id| Cow::Owned(id.to_owned()))
}

/// The type. GuardDuty's own (`UnauthorizedAccess:EC2/SSHBruteForce`) comes as `TTPs/…/UnauthorizedAccess:EC2-SSHBruteForce`.
fn kind(finding: Tree<'_>, guardduty: bool) -> Cow<'_, str> {
    let kind = finding.first(&["Types.0", "GeneratorId"]).unwrap_or_default();
    let own = kind.rsplit('/').next().filter(|_| guardduty).and_then(|own| own.split_once(':'));
    match own {
        Some((purpose, rest)) => Cow::Owned(format!("{purpose}:{}", rest.replacen('-', "/", 1))),
        None => kind,
    }
}

/// From 0 to 10: a tenth of the normalised value, but never below what the label stands for.
fn severity(finding: Tree<'_>) -> f64 {
    let normalised: f64 = finding.parsed(&["Severity.Normalized"]).filter(|n: &f64| n.is_finite()).unwrap_or_default() / 10.0;
    let floor = match finding.text("Severity.Label").as_deref() {
        Some("CRITICAL") => 9.0,
        Some("HIGH") => 7.0,
        Some("MEDIUM") => 4.0,
        Some("LOW") => 1.0,
        _ => 0.0,
    };
    normalised.clamp(floor, 10.0)
}

/// A check that passed is the first thing to say; else what people did with the finding.
fn status(finding: Tree<'_>) -> Option<Cow<'_, str>> {
    let closed = |path: &str, words: &[&str]| finding.text(path).filter(|s| words.contains(&s.as_ref()));
    finding
        .text("Compliance.Status")
        .or_else(|| closed("RecordState", &["ARCHIVED"]))
        .or_else(|| finding.text("Workflow.Status"))
        .or_else(|| finding.text("RecordState"))
}
