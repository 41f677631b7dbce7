//! The findings of a case for other programs: pure writers, one file per form.

mod attack;
mod csv;
mod json;
mod navigator;
mod ocsf;
mod stix;
#[cfg(test)]
mod tests;

use abate_model::{Case, Finding, RuleInfo};
use sha1::{Digest, Sha1};

use crate::AppError;

/// What findings can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// JSON of Abate's own (`abate.findings/1`)
    Json,
    /// a table for a spreadsheet
    Csv,
    /// OCSF Detection Findings, one JSON object on each line
    Ocsf,
    /// a STIX 2.1 bundle
    Stix,
    /// a layer for the ATT&CK Navigator
    Navigator,
}

/// The findings of a case in a form.
///
/// # Errors
/// When something cannot be written as JSON.
pub fn export(case: &Case, form: ExportForm) -> Result<Vec<u8>, AppError> {
    match form {
        ExportForm::Json => json::write(case),
        ExportForm::Csv => Ok(csv::write(case)),
        ExportForm::Ocsf => ocsf::write(case),
        ExportForm::Stix => stix::write(case),
        ExportForm::Navigator => navigator::write(case),
    }
}

/// The namespace of ids that Abate makes up: the same case and finding, the same id.
const OWN: [u8; 16] = [0x5e, 0x0b, 0x2c, 0x7a, 0x91, 0x44, 0x4d, 0x3f, 0x8a, 0x67, 0x0d, 0x9c, 0x52, 0xb8, 0x1e, 0x36];

/// A name-based UUID (version 5). Source: RFC 9562, 5.5.
fn uuid(namespace: [u8; 16], name: &str) -> String {
    let mut hasher = Sha1::new();
    hasher.update(namespace);
    hasher.update(name.as_bytes());
    let digest = hasher.finalize();
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// What stays the same of a finding when it is found again: its number may not.
fn lasting_id(case: &Case, finding: &Finding) -> String {
    let rule = finding.rule.as_ref().map_or("", |rule| &rule.id);
    uuid(OWN, &format!("{}/{}/{rule}/{}", case.id, finding.claim.id(), finding.title.en))
}

/// A rule's title with its author, as the Detection Rule License asks for.
fn titled(rule: &RuleInfo) -> String {
    match rule.author.as_deref().filter(|author| !author.trim().is_empty()) {
        Some(author) => format!("{} ({author})", rule.title),
        None => rule.title.clone(),
    }
}

/// The ATT&CK techniques of a finding: its own, and those of its rule's tags.
fn techniques(finding: &Finding) -> Vec<String> {
    let of_tag = |tag: &String| {
        let id = tag.to_ascii_lowercase();
        let id = id.strip_prefix("attack.t")?.to_owned();
        attack::is_id(&id).then(|| format!("T{id}"))
    };
    let tags = finding.rule.iter().flat_map(|rule| rule.tags.iter().filter_map(of_tag));
    let mut all: Vec<String> = Vec::new();
    for id in finding.technique.iter().filter(|id| id.strip_prefix('T').is_some_and(attack::is_id)).cloned().chain(tags) {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

/// One JSON value, indented, with a line feed.
fn pretty(value: &serde_json::Value) -> Result<Vec<u8>, AppError> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
