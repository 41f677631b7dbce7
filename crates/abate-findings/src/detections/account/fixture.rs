//! What the tests of the account-side detections share beside their examples.

use abate_model::memory::Memory;
use abate_model::{AccountProfile, Body, Finding, Notice, Row};

pub(in super::super) use crate::examples::{Call, KEY, call, console as sign_in, notice, quiet, row, time};
use crate::{Context, Detection};

/// What a detection finds in calls.
pub(in super::super) fn run(detection: &Detection, calls: Vec<Call>) -> Vec<Finding> {
    let rows = calls.into_iter().enumerate().map(|(n, Call(at, api))| row(n as u64, Some(at), Body::Api(Box::new(api)))).collect();
    run_rows(detection, rows, &notice(), &AccountProfile::default())
}

/// What a detection finds in rows, for a notice and a profile.
pub(in super::super) fn run_rows(
    detection: &Detection,
    rows: Vec<Row<'static>>,
    notice: &Notice,
    profile: &AccountProfile,
) -> Vec<Finding> {
    let memory = Memory::of_rows(rows);
    let found = (detection.run)(&Context { notice, evidence: &memory, profile });
    for finding in &found {
        assert!(detection.claims.contains(&finding.claim));
        assert!(!finding.evidence.is_empty() && !finding.evidence[0].source.is_empty());
        assert!(!finding.title.en.contains("{t}") && !finding.title.ja.contains("{t}"));
    }
    found
}
