//! What other products found and which of their checks failed: one finding per check, with their own ids and the resources.
//!
//! An account has hundreds of failed checks and an incident few of them: what has nothing to do with the resource or the kind of abuse that the
//! notice names is informational. What passed, was resolved, archived or muted is no finding.

use std::collections::BTreeMap;

use abate_model::rows::DetectionFinding;
use abate_model::{Body, Category, Claim, EntityKind, Filter, Finding, Notice, Row, Severity, Table, Text};

use super::account::clip;
use crate::Context;

/// What a product says when nothing is wrong, or nothing any more.
/// Sources: ASFF `Compliance.Status`, `Workflow.Status`, `RecordState`; OCSF `status`; Prowler `Status`; Trusted Advisor `status`.
const CLOSED: &[&str] =
    &["PASSED", "PASS", "OK", "GREEN", "RESOLVED", "SUPPRESSED", "ARCHIVED", "MUTED", "DISMISSED", "NOT_AVAILABLE", "MANUAL", "INFO"];

/// How a product's findings are told.
pub(super) struct Product {
    /// what it is called in a sentence
    pub name: fn(&DetectionFinding<'_>) -> String,
    /// whether a row is its own
    pub is_own: fn(&DetectionFinding<'_>) -> bool,
    /// what is claimed of a row
    pub claim: fn(&DetectionFinding<'_>) -> Claim,
    /// how it can be innocent
    pub innocent: Text,
}

/// One finding per product and check.
pub(super) fn run(ctx: &Context<'_>, product: &Product) -> Vec<Finding> {
    let mut found: BTreeMap<(String, String), Group> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::DetectionFinding), &mut |row| {
        let Body::Detection(detection) = &row.body else { return };
        if !(product.is_own)(detection) || !is_open(detection) {
            return;
        }
        let key = ((product.name)(detection), clip(&detection.kind));
        let group = found.entry(key.clone()).or_insert_with(|| Group::new(ctx, row, detection, product, &key));
        group.add(ctx, row, detection);
    });
    found.into_iter().map(|((name, _), group)| group.finish(&name, product)).collect()
}

/// Whether something is still wrong.
fn is_open(detection: &DetectionFinding<'_>) -> bool {
    let closed = |status: &str| CLOSED.iter().any(|word| word.eq_ignore_ascii_case(status));
    !detection.status.as_deref().is_some_and(closed)
}

struct Group {
    finding: Finding,
    title: String,
    resources: u64,
    /// the severity by the product, and whether the notice's matter is touched
    worst: Severity,
    matters: bool,
}

impl Group {
    fn new(ctx: &Context<'_>, row: &Row<'_>, detection: &DetectionFinding<'_>, product: &Product, (_, kind): &(String, String)) -> Self {
        let nothing = Text::fixed("", "");
        let claim = (product.claim)(detection);
        let mut finding = Finding::new(claim, Severity::Informational, nothing.clone(), nothing, ctx.evidence.cite(row));
        finding.count = 0;
        finding.technique = technique(kind).map(str::to_owned);
        let words = [&detection.title, &detection.description, &detection.kind].into_iter().find(|words| !words.is_empty());
        let title = words.map_or_else(|| "-".to_owned(), |words| clip(words));
        Self { finding, title, resources: 0, worst: Severity::Informational, matters: false }
    }

    fn add(&mut self, ctx: &Context<'_>, row: &Row<'_>, detection: &DetectionFinding<'_>) {
        self.resources += 1;
        if !detection.sample {
            self.worst = self.worst.max(severity(detection.severity));
        }
        self.matters |= touches(ctx.notice, detection);
        let finding = &mut self.finding;
        finding.count = finding.count.saturating_add(detection.count.max(1));
        finding.also(ctx.evidence.cite(row));
        for at in [detection.first_seen, detection.last_seen, row.at] {
            finding.seen(at);
        }
        finding.names(EntityKind::FindingType, clip(&detection.kind));
        let texts = [
            (EntityKind::FindingId, Some(&*detection.finding_id)),
            (EntityKind::Resource, detection.resource.as_deref()),
            (EntityKind::Instance, detection.instance_id.as_deref()),
            (EntityKind::AccessKey, detection.access_key_id.as_deref()),
            (EntityKind::Principal, detection.principal.as_deref()),
            (EntityKind::Region, detection.region.as_deref()),
        ];
        for (kind, value) in texts {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                finding.names(kind, clip(value));
            }
        }
        if let Some(remote) = detection.remote {
            finding.names(EntityKind::RemoteAddress, remote.to_string());
        }
        if let Some(local) = detection.local {
            finding.names(EntityKind::LocalAddress, local.to_string());
        }
    }

    fn finish(self, name: &str, product: &Product) -> Finding {
        let Self { mut finding, title, resources, worst, matters } = self;
        finding.severity = if matters { worst } else { Severity::Informational };
        let named: Vec<&str> = finding.of(EntityKind::Resource).chain(finding.of(EntityKind::Instance)).take(3).collect();
        let (on_en, on_ja) = match named.as_slice() {
            [] => (String::new(), String::new()),
            named => (format!(" on {}", named.join(", ")), format!("（対象: {}）", named.join("、"))),
        };
        let more = resources.saturating_sub(u64::try_from(named.len()).unwrap_or(u64::MAX));
        let (more_en, more_ja) = if more > 0 && !named.is_empty() {
            (format!(" and {more} more"), format!("ほか {more} 件"))
        } else {
            (String::new(), String::new())
        };
        finding.title = if finding.claim == Claim::FailedCheck {
            Text::new(
                format!("{name}: check failed: {title}{on_en}{more_en}"),
                format!("{name} のチェックに不合格: {title}{on_ja}{more_ja}"),
            )
        } else {
            Text::new(format!("{name} reports: {title}{on_en}{more_en}"), format!("{name} の検出結果: {title}{on_ja}{more_ja}"))
        };
        let ids: Vec<&str> = finding.of(EntityKind::FindingId).take(3).collect();
        let (ids_en, ids_ja) = match ids.as_slice() {
            [] => (String::new(), String::new()),
            ids => (format!("Its own id: {}. ", ids.join(", ")), format!("検出元の ID: {}。", ids.join("、"))),
        };
        let (level_en, level_ja) = if matters {
            ("", "")
        } else {
            (
                "It does not name the reported resource and is not typical of what is reported, so that it is shown as informational. ",
                "通知のリソースを対象としておらず、通知の内容に典型的なものでもないため、参考情報として扱います。",
            )
        };
        let (en, ja) = (&product.innocent.en, &product.innocent.ja);
        finding.detail =
            Text::new(format!("{resources} results. {ids_en}{level_en}{en}"), format!("結果は {resources} 件です。{ids_ja}{level_ja}{ja}"));
        finding
    }
}

/// The products' common scale: low below 4, medium below 7, high below 9, critical above.
fn severity(of: f64) -> Severity {
    match of {
        s if s >= 9.0 => Severity::Critical,
        s if s >= 7.0 => Severity::High,
        s if s >= 4.0 => Severity::Medium,
        s if s >= 1.0 => Severity::Low,
        _ => Severity::Informational,
    }
}

/// Whether it names a resource or an address of the notice, or is about what lets such abuse happen.
fn touches(notice: &Notice, detection: &DetectionFinding<'_>) -> bool {
    let named = [&detection.instance_id, &detection.access_key_id, &detection.principal, &detection.resource];
    let is_named = |id: &str| {
        let whole = |text: &str| text == id || text.rsplit(['/', ':']).next() == Some(id);
        !id.is_empty() && named.iter().any(|of| of.as_deref().is_some_and(whole))
    };
    notice.resources.iter().any(|resource| is_named(&resource.id))
        || notice.our_addresses().any(|address| detection.local == Some(address))
        || is_typical(notice.category, detection)
}

/// Words in the names of checks that are about what a kind of abuse mostly comes from.
/// Source: names of the checks of Security Hub's standards, Prowler and Trusted Advisor.
fn is_typical(category: Category, detection: &DetectionFinding<'_>) -> bool {
    const KEYS: &[&str] = &["access key", "access_key", "accesskey", "exposed", "root", "mfa", "leak"];
    const HOSTS: &[&str] = &[
        "security group",
        "securitygroup",
        "security_group",
        "unrestricted",
        "0.0.0.0/0",
        "port 22",
        "ssh",
        "rdp",
        "imds",
        "internet_facing",
        "publicly accessible",
        "backdoor",
        "trojan",
        "malware",
        "cve-",
    ];
    const STORED: &[&str] = &["s3 bucket", "s3_bucket", "bucket permission", "public access", "public_access", "cloudfront"];
    const MAIL: &[&str] = &["ses_", "ses ", "dkim", "port 25"];
    const MODELS: &[&str] = &["bedrock", "sagemaker"];
    let of: &[&[&str]] = match category {
        Category::Spam => &[KEYS, HOSTS, MAIL],
        Category::Phishing | Category::Malware | Category::Content | Category::Copyright => &[KEYS, HOSTS, STORED],
        Category::CompromisedCredentials | Category::CryptoMining => &[KEYS],
        Category::ModelAbuse => &[KEYS, MODELS],
        Category::PortScan
        | Category::Dos
        | Category::Intrusion
        | Category::Botnet
        | Category::Crawling
        | Category::OpenProxy
        | Category::OpenResolver
        | Category::Vulnerability => &[HOSTS],
        Category::Other => &[],
    };
    let said = [&*detection.kind, &*detection.title].join(" ").to_lowercase();
    of.iter().flat_map(|words| words.iter()).any(|word| said.contains(word))
}

/// The technique that a weakness invites, by the check's name.
fn technique(kind: &str) -> Option<&'static str> {
    let kind = kind.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if has(&["access_key", "accesskey", "access key", "root", "mfa"]) {
        Some("T1078.004")
    } else if has(&["ssh", "rdp", "ingress", "port", "security group", "securitygroup"]) {
        Some("T1133")
    } else if has(&["cloudtrail", "logging"]) {
        Some("T1562.008")
    } else if has(&["public", "bucket", "snapshot"]) {
        Some("T1530")
    } else if has(&["imds"]) {
        Some("T1552.005")
    } else if has(&["cve", "vulnerab"]) {
        Some("T1190")
    } else {
        None
    }
}

/// A made-up row of a product for a check on an instance, for examples.
pub(super) fn result(product: &'static str, kind: &'static str, status: &'static str, instance: &'static str) -> Row<'static> {
    let body = DetectionFinding {
        product: product.into(),
        finding_id: format!("id-{instance}").into(),
        kind: kind.into(),
        severity: 8.0,
        title: format!("About {kind}").into(),
        resource: Some(format!("arn:aws:ec2:eu-west-1:111122223333:instance/{instance}").into()),
        instance_id: Some(instance.into()),
        status: Some(status.into()),
        count: 1,
        ..DetectionFinding::default()
    };
    crate::examples::row(1, Some(crate::examples::time("20T00:00:00")), Body::Detection(Box::new(body)))
}

#[cfg(test)]
pub(super) mod fixture {
    use super::super::account::fixture::{notice, run_rows};
    use super::*;
    use crate::Detection;
    use abate_model::{AccountProfile, Resource, ResourceKind};

    /// A row of a product for a check on an instance.
    pub fn result(product: &'static str, kind: &'static str, status: &'static str, instance: &'static str) -> Row<'static> {
        super::result(product, kind, status, instance)
    }

    /// What a detection finds in rows, with a notice on port scanning by `i-0aa`.
    pub fn found(detection: &Detection, rows: Vec<Row<'static>>) -> Vec<Finding> {
        let mut notice = notice();
        notice.category = Category::PortScan;
        notice.resources = vec![Resource { kind: ResourceKind::Ec2Instance, id: "i-0aa".into(), addresses: Vec::new(), masked: false }];
        run_rows(detection, rows, &notice, &AccountProfile::default())
    }
}
