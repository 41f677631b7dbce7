//! GuardDuty's findings, one per type and resource.
//!
//! Its sample findings are marked and weigh nothing: they are made at the press of a button and name invented resources.

use std::collections::BTreeMap;

use abate_model::rows::DetectionFinding;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};

use super::account::clip;
use super::known::is_sample;
use crate::examples::{row, time};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "guardduty",
    title: Text::fixed("GuardDuty finding", "GuardDuty の検出結果"),
    claims: &[Claim::GuardDuty],
    techniques: &[
        "T1078",
        "T1046",
        "T1048",
        "T1059",
        "T1071",
        "T1078.004",
        "T1098",
        "T1098.003",
        "T1110",
        "T1204",
        "T1496",
        "T1496.001",
        "T1498",
        "T1537",
        "T1552",
        "T1552.005",
        "T1562",
        "T1562.008",
        "T1580",
        "T1595",
    ],
    tactic: Tactic::Context,
    severity: Severity::Medium,
    needs: &[Table::DetectionFinding],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "GuardDuty reports mining",
            "GuardDuty が採掘を報告する",
            || reported("guardduty", "CryptoCurrency:EC2/BitcoinTool.B!DNS"),
            &[Claim::GuardDuty],
        ),
        Example::miss("another product's finding in the same table", "同じテーブルにある別製品の検出結果", || {
            reported("Prowler", "ec2_instance_imdsv2_enabled")
        }),
    ],
    run,
};

/// A finding of a product.
fn reported(product: &'static str, kind: &'static str) -> Vec<Row<'static>> {
    let body = DetectionFinding {
        product: product.into(),
        kind: kind.into(),
        severity: 8.0,
        instance_id: Some("i-0aa".into()),
        count: 4,
        ..DetectionFinding::default()
    };
    vec![row(0, Some(time("20T00:00:00")), Body::Detection(Box::new(body)))]
}

const INNOCENT: Text = Text::fixed(
    "GuardDuty can be wrong; look at the remote address and at whether the act was planned.",
    "GuardDuty の誤検知もあり得ます。相手のアドレスや、計画された操作かどうかを確認してください。",
);

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<(String, String, bool), Finding> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::DetectionFinding), &mut |row| {
        let Body::Detection(detection) = &row.body else { return };
        // Other products' findings stand in the same table; this one speaks for GuardDuty alone.
        if !detection.product.eq_ignore_ascii_case("guardduty") {
            return;
        }
        let key = (detection.kind.to_string(), resource(detection), is_sample(detection));
        match found.get_mut(&key) {
            Some(finding) => merge(finding, ctx, row, detection),
            None => {
                let mut finding = first(ctx, row, detection, &key.1);
                describe(&mut finding, row, detection);
                found.insert(key, finding);
            }
        }
    });
    found.into_values().collect()
}

fn resource(detection: &DetectionFinding<'_>) -> String {
    let known = [&detection.instance_id, &detection.access_key_id, &detection.principal, &detection.resource_type];
    known.into_iter().flatten().next().map_or_else(|| "-".to_owned(), |r| clip(r))
}

fn first(ctx: &Context<'_>, row: &Row<'_>, detection: &DetectionFinding<'_>, resource: &str) -> Finding {
    let kind = clip(&detection.kind);
    let (mark_en, mark_ja) = if is_sample(detection) {
        ("Sample finding, not a real event: ", "サンプルの検出結果（実際の事象ではありません）: ")
    } else {
        ("", "")
    };
    let title = Text::new(
        format!("{mark_en}GuardDuty reports {kind} on {resource}"),
        format!("{mark_ja}GuardDuty が {resource} について {kind} を検出しています"),
    );
    let words = clip(if detection.title.is_empty() { &detection.description } else { &detection.title });
    let detail = Text::new(
        format!("\"{words}\" Severity {:.1} of 10 by GuardDuty. {}", detection.severity, INNOCENT.en),
        format!("「{words}」GuardDuty の重大度は 10 段階中 {:.1} です。{}", detection.severity, INNOCENT.ja),
    );
    let mut finding = Finding::new(Claim::GuardDuty, severity(detection), title, detail, ctx.evidence.cite(row));
    finding.technique = technique(&detection.kind).map(str::to_owned);
    finding.count = detection.count.max(1);
    finding
}

fn merge(finding: &mut Finding, ctx: &Context<'_>, row: &Row<'_>, detection: &DetectionFinding<'_>) {
    finding.severity = finding.severity.max(severity(detection));
    finding.count = finding.count.saturating_add(detection.count.max(1));
    finding.also(ctx.evidence.cite(row));
    describe(finding, row, detection);
}

fn describe(finding: &mut Finding, row: &Row<'_>, detection: &DetectionFinding<'_>) {
    for at in [detection.first_seen, detection.last_seen, row.at] {
        finding.seen(at);
    }
    finding.names(EntityKind::FindingType, clip(&detection.kind));
    if !detection.finding_id.is_empty() {
        finding.names(EntityKind::FindingId, clip(&detection.finding_id));
    }
    let texts = [
        (EntityKind::Instance, detection.instance_id.as_deref()),
        (EntityKind::AccessKey, detection.access_key_id.as_deref()),
        (EntityKind::Principal, detection.principal.as_deref()),
        (EntityKind::Region, detection.region.as_deref()),
    ];
    for (kind, value) in texts {
        if let Some(value) = value {
            finding.names(kind, clip(value));
        }
    }
    if let Some(remote) = detection.remote {
        finding.names(EntityKind::RemoteAddress, remote.to_string());
    }
    if let Some(local) = detection.local {
        finding.names(EntityKind::LocalAddress, local.to_string());
    }
    if let Some(port) = detection.remote_port {
        finding.names(EntityKind::Port, port.to_string());
    }
}

/// GuardDuty's own scale: low below 4, medium below 7, high below 9, critical above.
/// Source: GuardDuty User Guide, "Severity levels of GuardDuty findings".
fn severity(detection: &DetectionFinding<'_>) -> Severity {
    match detection.severity {
        _ if is_sample(detection) => Severity::Informational,
        s if s >= 9.0 => Severity::Critical,
        s if s >= 7.0 => Severity::High,
        s if s >= 4.0 => Severity::Medium,
        s if s >= 1.0 => Severity::Low,
        _ => Severity::Informational,
    }
}

/// The ATT&CK technique by the type: named ones first, then its purpose (the part before the colon).
fn technique(kind: &str) -> Option<&'static str> {
    const NAMED: &[(&str, &str)] = &[
        ("SSHBruteForce", "T1110"),
        ("RDPBruteForce", "T1110"),
        ("InstanceCredentialExfiltration", "T1552.005"),
        ("DNSDataExfiltration", "T1048"),
        ("DenialOfService", "T1498"),
        ("Portscan", "T1046"),
        ("PortProbe", "T1046"),
        ("BitcoinTool", "T1496.001"),
        ("CloudTrailLoggingDisabled", "T1562.008"),
        ("ServerAccessLoggingDisabled", "T1562.008"),
        ("ConsoleLoginSuccess", "T1078.004"),
        ("ReverseShell", "T1059"),
        ("MetadataDNSRebind", "T1552.005"),
    ];
    if let Some((_, technique)) = NAMED.iter().find(|(word, _)| kind.contains(word)) {
        return Some(technique);
    }
    match kind.split(':').next()? {
        "Backdoor" | "Trojan" => Some("T1071"),
        "CryptoCurrency" => Some("T1496.001"),
        "CredentialAccess" => Some("T1552"),
        "DefenseEvasion" => Some("T1562"),
        "Stealth" => Some("T1562.008"),
        "Discovery" => Some("T1580"),
        "Recon" => Some("T1595"),
        "PenTest" => Some("T1595"),
        "Execution" => Some("T1204"),
        "Exfiltration" => Some("T1537"),
        "Impact" | "ResourceConsumption" => Some("T1496"),
        "InitialAccess" | "UnauthorizedAccess" => Some("T1078"),
        "Persistence" => Some("T1098"),
        "PrivilegeEscalation" => Some("T1098.003"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{notice, row, run_rows, time};
    use super::*;
    use abate_model::AccountProfile;

    fn detection(kind: &str, severity: f64, sample: bool) -> Row<'static> {
        let body = DetectionFinding {
            product: "guardduty".into(),
            kind: kind.to_owned().into(),
            severity,
            instance_id: Some("i-0aa".into()),
            remote: "203.0.113.7".parse().ok(),
            first_seen: Some(time("18T00:00:00")),
            count: 4,
            sample,
            ..DetectionFinding::default()
        };
        row(severity as u64, Some(time("20T00:00:00")), Body::Detection(Box::new(body)))
    }

    #[test]
    fn equal_types_on_a_resource_are_one_finding() {
        let kind = "CryptoCurrency:EC2/BitcoinTool.B!DNS";
        let found =
            run_rows(&DETECTION, vec![detection(kind, 5.0, false), detection(kind, 8.0, false)], &notice(), &AccountProfile::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count, found[0].evidence.len()), (Severity::High, 8, 2));
        assert_eq!(found[0].technique.as_deref(), Some("T1496.001"));
        assert_eq!(found[0].first, Some(time("18T00:00:00")));
        assert!(found[0].of(EntityKind::RemoteAddress).any(|a| a == "203.0.113.7"));
    }

    #[test]
    fn samples_weigh_nothing_and_say_so() {
        let found = run_rows(&DETECTION, vec![detection("Recon:EC2/Portscan", 8.0, true)], &notice(), &AccountProfile::default());
        assert_eq!(found[0].severity, Severity::Informational);
        assert!(found[0].title.en.starts_with("Sample finding"));
        assert!(run_rows(&DETECTION, Vec::new(), &notice(), &AccountProfile::default()).is_empty());
    }
}
