//! Scores at first contact: what a new batch of scenarios gave before anything was mended for it. Entries are added, never changed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::page::percent;
use super::tally::Tally;

/// Where they are kept, below the repository.
pub(crate) const FILE: &str = "docs/evaluation/first-contact.json";

/// One batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// its name
    pub(crate) batch: String,
    /// commit of the program that was measured
    pub(crate) commit: String,
    /// first and last seed
    pub(crate) seeds: (u64, u64),
    /// one for each scenario
    pub(crate) scenarios: Vec<Tally>,
    /// over all of them
    pub(crate) total: Tally,
}

/// Reads all entries; none if there is no file yet.
pub(crate) fn read(root: &Path) -> Result<Vec<Entry>> {
    let path = root.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&std::fs::read(&path)?).with_context(|| path.display().to_string())
}

/// Adds an entry. An entry that is there stays as it is.
pub(crate) fn add(root: &Path, batch: &str, seeds: (u64, u64), scenarios: Vec<Tally>, total: Tally) -> Result<()> {
    let mut all = read(root)?;
    if all.iter().any(|entry| entry.batch == batch) {
        bail!("there is a first contact of '{batch}' already, and a first contact happens once");
    }
    all.push(Entry { batch: batch.to_owned(), commit: commit(root)?, seeds, scenarios, total });
    let path = root.join(FILE);
    std::fs::create_dir_all(path.parent().unwrap_or(root))?;
    let mut json = serde_json::to_vec_pretty(&all)?;
    json.push(b'\n');
    std::fs::write(&path, json).with_context(|| path.display().to_string())
}

fn commit(root: &Path) -> Result<String> {
    let output = Command::new("git").args(["rev-parse", "--short=10", "HEAD"]).current_dir(root).output().context("running git")?;
    if !output.status.success() {
        bail!("git does not know the commit: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The section of the page.
pub(crate) fn section(all: &[Entry]) -> String {
    let mut out = String::from(
        "| batch | commit | seeds | scenarios | verdict right | wrongly contradicted | key events cited | cause top-1 | top-3 | sure and wrong |\n\
         | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for entry in all {
        let Entry { batch, commit, seeds: (from, to), scenarios, total: t } = entry;
        let _ = writeln!(
            out,
            "| {batch} | `{commit}` | {from} to {to} | {} | {} | {} | {} | {} | {} | {} |",
            scenarios.len(),
            percent(t.verdict_right, t.drills),
            t.wrongly_contradicted,
            percent(t.keys_cited, t.keys),
            percent(t.top1, t.drills),
            percent(t.top3, t.drills),
            t.sure_and_wrong,
        );
    }
    for entry in all {
        let _ = writeln!(out, "\n<details><summary>{}, scenario by scenario</summary>\n", entry.batch);
        out.push_str(&super::page::scenarios(&entry.scenarios));
        out.push_str("\n</details>\n");
    }
    out
}
