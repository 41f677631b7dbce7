//! What tests of detections share beside their examples: running one over rows.

use abate_model::memory::Memory;
use abate_model::{AccountProfile, Claim, Finding, Notice, Row};

pub(crate) use crate::examples::{at, flow, http, sign_in, ssh};
use crate::{Context, Detection};

/// A port-scan notice about i-0123456789abcdef0 [203.0.113.10], reported at second 600.
pub(crate) fn notice() -> Notice {
    crate::examples::port_scan()
}

/// What a detection finds in rows.
pub(crate) fn run(detection: &Detection, rows: Vec<Row<'static>>) -> Vec<Finding> {
    run_with(detection, rows, &notice())
}

/// The same, with a notice of one's own.
pub(crate) fn run_with(detection: &Detection, rows: Vec<Row<'static>>, notice: &Notice) -> Vec<Finding> {
    let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
    (detection.run)(&Context { notice, evidence: &evidence, profile: &profile })
}

/// The claims found in rows.
pub(crate) fn claims(detection: &Detection, rows: Vec<Row<'static>>) -> Vec<Claim> {
    run(detection, rows).into_iter().map(|f| f.claim).collect()
}
