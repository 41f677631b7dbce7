//! The quiet account-month: how much noise there is where nothing happened.

use std::path::Path;

use abate_findings::sigma::RuleSet;
use abate_model::Severity;
use anyhow::{Context, Result};
use serde::Serialize;

use super::pipeline;

/// What was found in one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Quiet {
    pub(crate) seed: u64,
    /// rows read
    pub(crate) rows: u64,
    pub(crate) high: usize,
    pub(crate) medium: usize,
    pub(crate) low: usize,
    /// each group in words
    pub(crate) titles: Vec<String>,
}

impl Quiet {
    /// A finding is a group: one act of one actor, counted.
    pub(crate) fn groups(&self) -> usize {
        self.high + self.medium + self.low
    }
}

/// Makes the month of a seed and works it.
pub(crate) fn run(seed: u64, rules: &RuleSet) -> Result<Quiet> {
    let files = abate_drill::quiet(seed)?;
    let place = tempfile::tempdir().context("a temporary folder")?;
    for file in &files {
        let path = place.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or_else(|| Path::new(".")))?;
        std::fs::write(&path, &file.bytes)?;
    }
    let mail = files.iter().find(|f| f.path == "notice.eml").context("the month has no notice")?;
    let evidence = place.path().join("evidence");
    let case = pipeline::work(pipeline::notice(&mail.bytes)?, &[evidence], rules)?.case;
    let count = |is: &dyn Fn(Severity) -> bool| case.findings.iter().filter(|f| is(f.severity)).count();
    Ok(Quiet {
        seed,
        rows: case.sources.iter().map(|s| s.records).sum(),
        high: count(&|s| s >= Severity::High),
        medium: count(&|s| s == Severity::Medium),
        low: count(&|s| s < Severity::Medium),
        titles: case.findings.iter().map(|f| format!("{:?} {:?} x{} {}", f.severity, f.claim, f.count, f.title.en)).collect(),
    })
}
