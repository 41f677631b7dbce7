//! Real logs, where they are at hand: no panic, and nothing vanishes.

mod common;

use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_file_gives_records_or_losses() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let mut found = Vec::new();
    for case in std::fs::read_dir(&cases).into_iter().flatten().flatten() {
        files(&case.path().join("logs"), &mut found);
    }
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&cases).unwrap().display().to_string();
        let all = common::visit(&name, &bytes);
        assert!(!all.is_empty(), "{name}");
        for source in all.iter().filter(|s| s.end.bytes > 0) {
            let lost: u64 = source.end.losses.iter().map(|l| l.count).sum();
            assert!(source.rows.len() as u64 + lost > 0, "{name}");
        }
    }
}
