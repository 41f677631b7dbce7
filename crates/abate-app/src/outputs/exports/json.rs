//! Findings as they stand in `case.json`, with what is needed to read them alone.

use abate_model::Case;
use serde_json::json;

use super::{lasting_id, pretty, techniques, titled};
use crate::AppError;

/// The findings as JSON.
pub(super) fn write(case: &Case) -> Result<Vec<u8>, AppError> {
    let mut findings = Vec::new();
    for finding in &case.findings {
        let mut value = serde_json::to_value(finding)?;
        if let Some(value) = value.as_object_mut() {
            value.insert("uid".to_owned(), json!(lasting_id(case, finding)));
            value.insert("techniques".to_owned(), json!(techniques(finding)));
            value.insert("rule_title".to_owned(), json!(finding.rule.as_ref().map(titled)));
        }
        findings.push(value);
    }
    pretty(&json!({
        "schema": "abate.findings/1",
        "case": case.id,
        "account": case.notice.account_id,
        "assessed_at": case.assessed_at,
        "findings": findings,
    }))
}
