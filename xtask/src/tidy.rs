//! Length of functions and files, module docs, and words that do not belong into a repository.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Lines of a function; the rare longer one is listed with its reason.
const MAX_FUNCTION: usize = 100;
/// Lines of a file.
const MAX_FILE: usize = 900;
/// (file, function, why it may be longer)
const LONG: &[(&str, &str, &str)] = &[("abate-notice/tests/fixtures.rs", "heads", "a table of expectations, one row for each fixture")];

/// All problems found.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for dir in ["crates", "xtask"] {
        collect(&root.join(dir), &mut files)?;
    }
    if files.len() < 20 {
        bail!("only {} Rust files found below {}", files.len(), root.display());
    }
    files.sort();
    let mut problems = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        check_file(&name, &text, &mut problems);
    }
    Ok(problems)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|n| n != "target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn check_file(name: &str, text: &str, problems: &mut Vec<String>) {
    if !text.starts_with("//!") {
        problems.push(format!("{name}: no module doc on the first line (what it is, what it does not do)"));
    }
    let lines = text.lines().count();
    if lines > MAX_FILE {
        problems.push(format!("{name}: {lines} lines, at most {MAX_FILE}"));
    }
    for (function, start, length) in functions(text) {
        let excused = LONG.iter().any(|(file, f, _)| name.ends_with(file) && *f == function);
        if length > MAX_FUNCTION && !excused {
            problems.push(format!("{name}:{start}: function {function} has {length} lines, at most {MAX_FUNCTION}"));
        }
    }
    for mark in ["todo!(", "unimplemented!(", "FIXME", "#[ignore"] {
        if text.contains(mark) && !name.ends_with("tidy.rs") {
            problems.push(format!("{name}: contains {mark}"));
        }
    }
}

/// (name, first line, number of lines) of each function, by indentation.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(String, usize, usize)> = None;
    for (n, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_fn = words
            .iter()
            .position(|w| *w == "fn")
            .filter(|i| words[..*i].iter().all(|w| w.starts_with("pub") || ["const", "async", "in"].contains(w)));
        match &open {
            None => {
                if let Some(i) = is_fn {
                    let name = words.get(i + 1).map_or("", |w| w.split(['(', '<']).next().unwrap_or("")).to_owned();
                    open = (!line.trim_end().ends_with(['}', ';'])).then_some((name, n + 1, indent));
                }
            }
            Some((name, start, at)) => {
                if indent == *at && line.trim_start().starts_with('}') {
                    found.push((name.clone(), *start, n + 2 - start));
                    open = None;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        assert_eq!(check(&crate::root()).expect("readable"), Vec::<String>::new());
    }

    #[test]
    fn a_long_function_is_seen() {
        let text = format!("//! doc\nfn long() {{\n{}}}\n", "    x();\n".repeat(120));
        let mut problems = Vec::new();
        check_file("a.rs", &text, &mut problems);
        assert_eq!(problems, vec!["a.rs:2: function long has 122 lines, at most 100"]);
    }
}
