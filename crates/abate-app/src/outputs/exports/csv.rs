//! Findings for a spreadsheet: like `timeline.csv`, with no cell that would be run as a formula (CWE-1236).

use abate_model::text::csv_cell as cell;
use abate_model::{Case, EntityKind, Severity};
use jiff::{Timestamp, tz::TimeZone};

use super::{lasting_id, techniques, titled};

const HEADER: [&str; 18] = [
    "finding",
    "uid",
    "severity",
    "claim",
    "techniques",
    "title",
    "内容",
    "first (UTC)",
    "last (UTC)",
    "records",
    "rule",
    "rule id",
    "finding ids",
    "remote addresses",
    "entities",
    "detail",
    "詳細",
    "evidence",
];

/// The findings as CSV.
pub(super) fn write(case: &Case) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    // Writing into a vector cannot fail.
    let _ = writer.write_record(HEADER);
    for finding in &case.findings {
        let of = |kind: EntityKind| finding.of(kind).collect::<Vec<_>>().join("; ");
        let entities: Vec<String> = finding.entities.iter().map(|entity| format!("{}={}", word(entity.kind), entity.value)).collect();
        let evidence: Vec<String> = finding.evidence.iter().map(ToString::to_string).collect();
        let _ = writer.write_record([
            cell(&finding.id),
            lasting_id(case, finding),
            level(finding.severity).to_owned(),
            finding.claim.id(),
            cell(&techniques(finding).join("; ")),
            cell(&finding.title.en),
            cell(&finding.title.ja),
            finding.first.map(stamp).unwrap_or_default(),
            finding.last.map(stamp).unwrap_or_default(),
            finding.count.to_string(),
            cell(&finding.rule.as_ref().map(titled).unwrap_or_default()),
            cell(finding.rule.as_ref().map_or("", |rule| &rule.id)),
            cell(&of(EntityKind::FindingId)),
            cell(&of(EntityKind::RemoteAddress)),
            cell(&entities.join("; ")),
            cell(&finding.detail.en),
            cell(&finding.detail.ja),
            cell(&evidence.join("; ")),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The word of a severity.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// The word of a kind of entity, as in `case.json`.
pub(super) fn word(kind: EntityKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
