//! Who may import whom, and what may come from outside. Reads `cargo metadata`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// For each crate of ours, which of ours it may import. Only what is listed is allowed; a crate that is not listed is a
/// problem, so that a new crate is placed on purpose. Development dependencies are free.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("abate-model", &[]),
    ("abate-notice", &["abate-model"]),
    ("abate-evidence", &["abate-model"]),
    ("abate-findings", &["abate-model"]),
    ("abate-cause", &["abate-model"]),
    ("abate-response", &["abate-model"]),
    ("abate-reply", &["abate-model"]),
    ("abate-app", &["abate-model", "abate-notice", "abate-evidence", "abate-findings", "abate-cause", "abate-response", "abate-reply"]),
    ("abate-lake", &["abate-model", "abate-evidence", "abate-findings", "abate-app"]),
    ("abate-store", &["abate-model", "abate-app"]),
    ("abate-drill", &["abate-model"]),
    ("abate-sql", &["abate-model", "abate-lake"]),
    ("abate-mail", &["abate-model"]),
    ("abate-s3", &["abate-model", "abate-app"]),
    (
        "abate",
        &[
            "abate-model",
            "abate-notice",
            "abate-evidence",
            "abate-findings",
            "abate-cause",
            "abate-response",
            "abate-reply",
            "abate-app",
            "abate-lake",
            "abate-store",
            "abate-mail",
            "abate-drill",
            "abate-sql",
            "abate-s3",
        ],
    ),
    // It evaluates the whole way but for the store; SQL, S3 and the terminal are not part of that.
    ("xtask", &["abate-model", "abate-evidence", "abate-notice", "abate-findings", "abate-app", "abate-lake", "abate-drill"]),
];

/// Licences that may be linked into an Apache-2.0 program without further ado.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "MIT-0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "CDLA-Permissive-2.0",
    // BSD-like: keep the notice, do not claim to have written it.
    "bzip2-1.0.6",
];

/// Crates that read files, talk to the network or hold an engine: a pure stage must not link them, even indirectly.
const WORLD: &[&str] = &["tokio", "sqlx", "reqwest", "hyper", "object_store", "datafusion", "arrow", "parquet"];
/// What of these a stage may link all the same: Parquet is a format that evidence comes in, and without its Arrow part the crate
/// only decodes bytes that are handed to it.
const DECODES: &[(&str, &str)] = &[("abate-evidence", "parquet")];
const PURE: &[&str] = &["abate-model", "abate-notice", "abate-evidence", "abate-cause", "abate-response", "abate-reply"];

/// All problems found.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let metadata = metadata(root)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let mut problems = Vec::new();
    let mut ours = 0;
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if package["source"].is_null() {
            ours += 1;
            check_ours(name, package, &mut problems);
        } else if !package["license"].as_str().is_some_and(licence_allowed) {
            problems.push(format!("dependency {name} has licence {}, which is not on the list", package["license"]));
        }
    }
    if ours < MAY_IMPORT.len() {
        bail!("only {ours} workspace crates found, expected {}: is this the workspace's root?", MAY_IMPORT.len());
    }
    check_purity(&metadata, &mut problems);
    Ok(problems)
}

fn metadata(root: &Path) -> Result<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("reading the output of cargo metadata")
}

fn check_ours(name: &str, package: &Value, problems: &mut Vec<String>) {
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(of, _)| *of == name) else {
        problems.push(format!("crate {name} has no entry in MAY_IMPORT (xtask/src/deps.rs)"));
        return;
    };
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let to = dependency["name"].as_str().unwrap_or_default();
        let is_dev = dependency["kind"].as_str() == Some("dev");
        if to.starts_with("abate") && !is_dev && !allowed.contains(&to) {
            problems.push(format!("{name} imports {to}, which the architecture does not allow"));
        }
        if dependency["req"].as_str() == Some("*") {
            problems.push(format!("{name} takes any version of {to}"));
        }
    }
}

/// `MIT OR Apache-2.0` needs one allowed side, `A AND B` all of them.
fn licence_allowed(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    plain.split(" OR ").any(|side| side.split(" AND ").all(|l| LICENCES.contains(&l.trim())))
}

fn check_purity(metadata: &Value, problems: &mut Vec<String>) {
    let nodes = metadata["resolve"]["nodes"].as_array();
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in nodes.into_iter().flatten() {
        let normal = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|d| d["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k["kind"].is_null())));
        edges.insert(node["id"].as_str().unwrap_or_default(), normal.filter_map(|d| d["pkg"].as_str()).collect());
    }
    let names: BTreeMap<&str, &str> =
        metadata["packages"].as_array().into_iter().flatten().filter_map(|p| Some((p["id"].as_str()?, p["name"].as_str()?))).collect();
    for (id, name) in names.iter().filter(|(_, name)| PURE.contains(name)) {
        let (mut todo, mut seen) = (vec![*id], std::collections::BTreeSet::new());
        while let Some(at) = todo.pop() {
            if !seen.insert(at) {
                continue;
            }
            let at_name = names.get(at).copied().unwrap_or_default();
            // What it links beyond is what other crates ask of it: one build has one set of features.
            if DECODES.contains(&(name, at_name)) {
                continue;
            }
            if let Some(world) = names.get(at).filter(|n| WORLD.contains(n)) {
                problems.push(format!("{name} is a pure stage but links {world}"));
            }
            todo.extend(edges.get(at).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_keeps_its_direction() {
        assert_eq!(check(&crate::root()).expect("cargo metadata"), Vec::<String>::new());
    }

    #[test]
    fn licence_expressions_are_understood() {
        assert!(licence_allowed("MIT OR Apache-2.0"));
        assert!(licence_allowed("MIT/Apache-2.0"));
        assert!(licence_allowed("(MIT OR GPL-2.0) AND BSD-3-Clause") || licence_allowed("MIT AND BSD-3-Clause"));
        assert!(!licence_allowed("GPL-3.0"));
        assert!(!licence_allowed("MIT AND GPL-3.0"));
    }
}
