//! A layer for the ATT&CK Navigator.
//!
//! Source: ATT&CK Navigator, layer format 4.5.

use std::collections::BTreeMap;

use abate_model::{Case, Finding, Severity};
use serde_json::{Value, json};

use super::attack;
use super::csv::level;
use super::{pretty, techniques, titled};
use crate::AppError;

/// Findings that a technique's comment names.
const MAX_NAMED: usize = 10;
const LEVELS: [Severity; 5] = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

/// The layer.
pub(super) fn write(case: &Case) -> Result<Vec<u8>, AppError> {
    let mut found: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &case.findings {
        for id in techniques(finding) {
            found.entry(id).or_default().push(finding);
        }
    }
    let entries: Vec<Value> = found.iter().flat_map(|(id, findings)| entries(id, findings)).collect();
    let unnamed = case.findings.iter().filter(|finding| techniques(finding).is_empty()).count();
    pretty(&json!({
        "name": format!("Abate {}", case.id),
        "versions": { "attack": attack::VERSION, "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": format!(
            "Findings of case {}, assessed at {}. {unnamed} of {} findings name no technique and are not in this layer.",
            case.id,
            case.assessed_at,
            case.findings.len()
        ),
        "filters": { "platforms": ["IaaS", "Linux", "Windows", "Containers", "Network Devices", "SaaS", "Identity Provider"] },
        "sorting": 3,
        "layout": {
            "layout": "side",
            "aggregateFunction": "max",
            "showID": true,
            "showName": true,
            "showAggregateScores": false,
            "countUnscored": false,
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": false,
        "techniques": entries,
        "gradient": { "colors": ["#ffffffff", "#ff6666ff"], "minValue": 0, "maxValue": 100 },
        "legendItems": LEVELS.iter().map(|of| json!({ "label": level(*of), "color": color(*of) })).collect::<Vec<_>>(),
        "metadata": [{ "name": "case", "value": case.id }],
        "links": [],
        "showTacticRowBackground": false,
        "tacticRowBackground": "#dddddd",
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
        "selectVisibleTechniques": false,
    }))
}

/// One entry for each tactic that the technique stands under; without a tactic it is shown under all.
fn entries(id: &str, findings: &[&Finding]) -> Vec<Value> {
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Informational);
    let named = |finding: &&Finding| {
        let rule = finding.rule.as_ref().map(|rule| format!(" [{}]", titled(rule))).unwrap_or_default();
        format!("{} ({}, {} records): {}{rule}", finding.id, level(finding.severity), finding.count, finding.title.en)
    };
    let mut comment: Vec<String> = findings.iter().take(MAX_NAMED).map(named).collect();
    if findings.len() > MAX_NAMED {
        comment.push(format!("and {} more", findings.len() - MAX_NAMED));
    }
    let mut entry = json!({
        "techniqueID": id,
        "score": score(worst),
        "color": color(worst),
        "comment": comment.join("\n"),
        "enabled": true,
        "metadata": [{ "name": "findings", "value": findings.len().to_string() }],
        "links": [],
        "showSubtechniques": !id.contains('.'),
    });
    let tactics = attack::technique(id).map_or(&[][..], |known| known.tactics);
    if tactics.is_empty() {
        return vec![entry];
    }
    let mut under = |tactic: &&str| {
        if let Some(entry) = entry.as_object_mut() {
            entry.insert("tactic".to_owned(), json!(tactic));
        }
        entry.clone()
    };
    tactics.iter().map(&mut under).collect()
}

const fn score(severity: Severity) -> u32 {
    match severity {
        Severity::Informational => 10,
        Severity::Low => 25,
        Severity::Medium => 50,
        Severity::High => 75,
        Severity::Critical => 100,
    }
}

const fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "#d9d9d9",
        Severity::Low => "#fee391",
        Severity::Medium => "#fec44f",
        Severity::High => "#fc8d59",
        Severity::Critical => "#d7301f",
    }
}
