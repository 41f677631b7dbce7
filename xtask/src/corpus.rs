//! Reads the corpus of notices and compares each with its expectation: `cargo run -p xtask -- notices [--dir DIR | --seed N] [--show] [--write]`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use abate_drill::notices::specimens;
use abate_drill::score::{Compared, FIELDS, Mark, compare};
use abate_notice::{MAX_BYTES, ReadContext, mailbox, parts, triage};
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// When every notice of the corpus was first seen.
const RECEIVED: &str = "2026-03-05T00:00:00Z";
/// Generated notices: seed and number. The same in the table and in the test.
pub(crate) const GENERATED: (u64, usize) = (1, 480);

/// A notice of the corpus with what came of it.
pub(crate) struct Read {
    /// which part of the corpus
    pub batch: String,
    /// file, and the message in it
    pub name: String,
    /// field by field
    pub fields: Vec<Compared>,
}

/// Reads all of it.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Read>> {
    let mut all = Vec::new();
    let mut batches: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .collect();
    batches.sort();
    for batch in batches {
        let name = batch.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        all.extend(read_batch(&batch, &name)?);
    }
    Ok(all)
}

/// Reads one folder.
pub(crate) fn read_batch(folder: &Path, batch: &str) -> Result<Vec<Read>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|e| e.path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in &files {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".expect.json") else { continue };
        let expected: Value = serde_json::from_slice(&std::fs::read(path)?).with_context(|| name.clone())?;
        let sample = |p: &&PathBuf| *p != path && p.file_stem().is_some_and(|s| s == stem);
        let source = files.iter().find(sample).with_context(|| format!("{name} has no notice beside it"))?;
        all.extend(one_file(source, batch, &expected)?);
    }
    Ok(all)
}

/// Reads the generated part.
pub(crate) fn read_generated(seed: u64, count: usize) -> Vec<Read> {
    specimens(seed, count).into_iter().map(|s| one("generated", &s.name, &s.bytes, &s.expected)).collect()
}

fn one_file(source: &Path, batch: &str, expected: &Value) -> Result<Vec<Read>> {
    let bytes = std::fs::read(source)?;
    let name = source.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let messages: Vec<Vec<u8>> = if mailbox::is_mbox(&bytes) {
        mailbox::Mbox::new(bytes.as_slice(), MAX_BYTES).filter_map(|m| m.ok().map(|m| m.bytes)).collect()
    } else {
        let split = parts(&bytes);
        if split.is_empty() { vec![bytes] } else { split }
    };
    let wanted: Vec<&Value> = expected.as_array().map_or_else(|| vec![expected], |list| list.iter().collect());
    if wanted.len() != messages.len() {
        let mark = Compared {
            field: "set_aside",
            mark: Mark::Wrong,
            expected: format!("{} messages", wanted.len()),
            read: format!("{} messages", messages.len()),
        };
        return Ok(vec![Read { batch: batch.to_owned(), name, fields: vec![mark] }]);
    }
    let several = messages.len() > 1;
    let label = |n: usize| if several { format!("{name}#{}", n + 1) } else { name.clone() };
    Ok(messages.iter().zip(wanted).enumerate().map(|(n, (bytes, expected))| one(batch, &label(n), bytes, expected)).collect())
}

pub(crate) fn one(batch: &str, name: &str, bytes: &[u8], expected: &Value) -> Read {
    let ctx = ReadContext { received_at: RECEIVED.parse().unwrap_or_default() };
    let read = triage::examine(bytes, &ctx);
    let code = read.as_ref().err().map(|aside| code_name(aside.code)).unwrap_or_default();
    let fields = compare(read.as_ref().map(|r| &r.notice).map_err(|_| code.as_str()), expected);
    Read { batch: batch.to_owned(), name: name.to_owned(), fields }
}

fn code_name(code: triage::Code) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The command.
#[allow(clippy::print_stdout)]
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<Vec<String>> {
    let show = arguments.iter().any(|a| a == "--show");
    let write = arguments.iter().any(|a| a == "--write");
    let folder = arguments.iter().position(|a| a == "--dir").and_then(|n| arguments.get(n + 1));
    let seed = arguments.iter().position(|a| a == "--seed").and_then(|n| arguments.get(n + 1)).and_then(|v| v.parse().ok());
    let read = match (folder, seed) {
        (Some(folder), _) => read_batch(Path::new(folder), "given")?,
        (None, Some(seed)) => read_generated(seed, GENERATED.1),
        (None, None) => {
            let mut all = read_all(&root.join("crates/abate-notice/corpus"))?;
            all.extend(read_generated(GENERATED.0, GENERATED.1));
            all
        }
    };
    if read.is_empty() {
        bail!("there is no notice with an expectation");
    }
    if show {
        for notice in &read {
            for field in notice.fields.iter().filter(|f| f.mark != Mark::Correct) {
                println!(
                    "{}/{} {} {:?}\n    expected: {}\n    read:     {}",
                    notice.batch, notice.name, field.field, field.mark, field.expected, field.read
                );
            }
        }
    }
    let table = table(&read);
    println!("{table}");
    if write {
        let path = root.join("docs/notice-corpus.md");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        std::fs::write(&path, with_table(&text, &table)?)?;
    }
    Ok(Vec::new())
}

const BEGIN: &str = "<!-- made by: cargo run -p xtask -- notices --write -->\n";
const END: &str = "<!-- end of what is made -->";

/// The page with the table put in its place.
pub(crate) fn with_table(page: &str, table: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).context("the table's place has no end")?;
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}

/// Correct, partly and wrong of each field, and the notices of each batch with every field right.
pub(crate) fn table(read: &[Read]) -> String {
    let mut out = String::new();
    let mut batches: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for notice in read {
        let entry = batches.entry(&notice.batch).or_default();
        entry.0 += 1;
        entry.1 += usize::from(notice.fields.iter().all(|f| f.mark == Mark::Correct));
    }
    out.push_str("| batch | notices | every field right |\n| --- | ---: | ---: |\n");
    for (batch, (all, right)) in &batches {
        let _ = writeln!(out, "| {batch} | {all} | {right} |");
    }
    let right: usize = batches.values().map(|b| b.1).sum();
    let _ = writeln!(out, "| **all** | **{}** | **{right}** |\n", read.len());
    out.push_str("| field | correct | partly | wrong |\n| --- | ---: | ---: | ---: |\n");
    for field in FIELDS {
        let count = |mark: Mark| read.iter().flat_map(|r| &r.fields).filter(|f| f.field == field && f.mark == mark).count();
        let _ = writeln!(out, "| {field} | {} | {} | {} |", count(Mark::Correct), count(Mark::Partly), count(Mark::Wrong));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Read> {
        let mut all = read_all(&crate::root().join("crates/abate-notice/corpus")).expect("the corpus is read");
        all.extend(read_generated(GENERATED.0, GENERATED.1));
        all
    }

    #[test]
    fn every_field_of_every_notice_is_right() {
        let all = all();
        assert!(all.len() >= 300, "only {} notices", all.len());
        let wrong: Vec<String> = all
            .iter()
            .flat_map(|r| r.fields.iter().map(move |f| (r, f)))
            .filter(|(_, f)| f.mark != Mark::Correct)
            .map(|(r, f)| format!("{}/{} {}: expected {:?}, read {:?}", r.batch, r.name, f.field, f.expected, f.read))
            .collect();
        assert!(wrong.is_empty(), "{} of {} notices:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    }

    #[test]
    fn the_page_has_the_table_as_it_is() {
        let page = std::fs::read_to_string(crate::root().join("docs/notice-corpus.md")).expect("the page");
        assert_eq!(with_table(&page, &table(&all())).expect("the page's marks"), page, "run: cargo run -p xtask -- notices --write");
    }
}
