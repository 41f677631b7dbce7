//! The page on tables: `cargo run -p xtask -- tables --write` writes `docs/tables.md` from the records' declarations and the readers.

use std::fmt::Write;
use std::path::Path;

use abate_evidence::readers;
use abate_model::{Body, Table};
use anyhow::{Context, Result};

const PAGE: &str = "docs/tables.md";

const ABOUT: &str = "<!-- made by: cargo run -p xtask -- tables --write -->
# Tables of evidence

Every log becomes rows of these tables, named and shaped after classes of the [Open Cybersecurity Schema Framework](https://schema.ocsf.io/) (OCSF), because
that is what Security Lake, GuardDuty and the field use. `abate evidence export` writes them as Parquet, one file each, rows ordered by time; `abate query` asks them in SQL.

In front of its own columns each table has `time` (UTC, microseconds), `time_certainty` (`stated`, `assumed`, `unknown`: how sure the zone is), `source` and
`source_path`, and the place of the record in the source: `locator_kind`, `locator_at`, `locator_length`. `abate evidence show` prints the raw record behind
them. The table `sources` has a row for each file and each member of an archive: format, SHA-256, and how many records were read, were duplicates, were lost; `losses`
says what and why, `coverage` from when to when there are records.

In the lake of a case each table is a folder of files, as they were read. Who opens these with another tool than Abate should know: records that two sources have are there
twice (`abate query` and `abate evidence export` leave the duplicate out), `source` counts within a file (`source_path` is what to join by), and of flow records of version 2,
which do not say it, the direction is told from `interface_addresses`. `sigma_matches` has the rules that matched, with the place of the record.
`flow_minutes` has flows counted by the minute, for each shard; the same counter may stand there several times, and is to be added up.
";

/// Prints the page, or writes it.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<Vec<String>> {
    let page = page();
    if arguments.iter().any(|a| a == "--write") {
        std::fs::write(root.join(PAGE), page).context(PAGE)?;
        return Ok(Vec::new());
    }
    print(&page);
    Ok(Vec::new())
}

#[allow(clippy::print_stdout)]
fn print(page: &str) {
    print!("{page}");
}

fn page() -> String {
    let mut out = ABOUT.to_owned();
    for table in Table::ALL {
        let _ = writeln!(out, "\n## {}\n", table.name());
        match table.class_uid() {
            Some(uid) => {
                let _ = writeln!(out, "OCSF class {uid}.");
            }
            None => out.push_str("Abate's own: what has only a time and words.\n"),
        }
        let readers: Vec<&str> = readers::all().iter().filter(|r| r.tables.contains(&table)).map(|r| r.id).collect();
        let _ = writeln!(out, "Filled by: {}.\n", if readers.is_empty() { "no reader yet".to_owned() } else { readers.join(", ") });
        out.push_str("| column | type | OCSF attribute | meaning |\n| --- | --- | --- | --- |\n");
        for field in Body::fields(table) {
            let ocsf = if field.ocsf.is_empty() { String::new() } else { format!("`{}`", field.ocsf) };
            let _ = writeln!(out, "| `{}` | {} | {ocsf} | {} |", field.name, field.kind.word(), field.doc.trim().replace('|', "\\|"));
        }
    }
    out.push_str("\n## Readers\n\n| reader | what it reads | tables |\n| --- | --- | --- |\n");
    for reader in readers::all() {
        let tables: Vec<&str> = reader.tables.iter().map(|t| t.name()).collect();
        let _ = writeln!(out, "| `{}` | {} | {} |", reader.id, reader.title.en, tables.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_as_the_code_is() {
        let written = std::fs::read_to_string(crate::root().join(PAGE)).expect("the page");
        assert_eq!(written, page(), "run: cargo run -p xtask -- tables --write");
    }
}
