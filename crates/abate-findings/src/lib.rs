//! Findings: what happened, and does our own evidence confirm what is reported?
//!
//! Detections are plain Rust over the read port ([`abate_model::Evidence`]): one file each, listed in
//! [`detections::all`]. They never see files, SQL or an engine. What is absent on purpose: any knowledge of a particular
//! case, and any conclusion from absence (that is the verdict's work, which asks for proof of coverage).

mod address;
pub mod clocks;
pub mod corroboration;
mod description;
pub mod detections;
mod examples;
mod shared;
pub mod sigma;
#[cfg(test)]
mod testkit;

use abate_model::{Clock, Finding, VerdictReport};

pub use description::{Context, Detection, Example, Tactic};

/// Findings and verdicts.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    /// in order of severity, then of time; ids `f1`, `f2` …
    pub findings: Vec<Finding>,
    /// one per reported activity, in the notice's order
    pub verdicts: Vec<VerdictReport>,
    /// the clocks of the logs that hosts wrote, beside better ones
    pub clocks: Vec<Clock>,
}

/// Runs every detection whose tables are there, then asks for each reported activity whether the evidence confirms it.
#[must_use]
pub fn assess(context: &Context<'_>) -> Assessment {
    let needed = |d: &&&'static Detection| d.needs.is_empty() || d.needs.iter().any(|table| context.evidence.has(*table));
    let detections: Vec<&'static Detection> = detections::all().iter().filter(needed).copied().collect();
    let mut findings: Vec<Finding> = shared::run(context, &detections).into_iter().flatten().collect();
    detections::known::settle(context, &mut findings);
    findings.sort_by(|a, b| (b.severity, a.first, a.claim, &a.title.en).cmp(&(a.severity, b.first, b.claim, &b.title.en)));
    for (n, finding) in findings.iter_mut().enumerate() {
        finding.id = format!("f{}", n + 1);
    }
    let clocks = clocks::compare(context.evidence);
    let verdicts = corroboration::verdicts(context, &findings, &clocks);
    Assessment { findings, verdicts, clocks }
}
