//! The page on detections: `cargo run -p xtask -- detections --write` writes `docs/detections.md` from what they say of themselves.

use std::fmt::Write;
use std::path::Path;

use abate_findings::{Detection, Tactic, detections};
use abate_model::Severity;
use anyhow::{Context, Result};

const PAGE: &str = "docs/detections.md";

const ABOUT: &str = "<!-- made by: cargo run -p xtask -- detections --write -->
# Detections

What Abate looks for in the evidence by itself, beside Sigma rules. A detection runs when one of its tables is there; it groups what it finds by who did what, and
every finding cites the records behind it. Its examples are its tests: where an example names claims, exactly these are found, and where it names none, nothing is.

The severity is the usual one: a finding weighs less when the evidence shows the same thing done on many days before, or when the attempt failed, and says so. What
AWS services do on a customer's behalf is left out, and so are the networks that the account's profile names as offices.
Techniques and tactics are those of [MITRE ATT&CK](https://attack.mitre.org/).
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
    let all = detections::all();
    let mut out = ABOUT.to_owned();
    let _ = writeln!(out, "\n{} detections:\n", all.len());
    out.push_str("| tactic | detection | looks for | severity | techniques | tables |\n| --- | --- | --- | --- | --- | --- |\n");
    let by_tactic = || Tactic::ALL.into_iter().flat_map(|tactic| all.iter().filter(move |d| d.tactic == tactic));
    for detection in by_tactic() {
        let _ = writeln!(
            out,
            "| {} | [`{id}`](#{id}) | {} | {} | {} | {} |",
            detection.tactic.named().0.en,
            cell(&detection.title.en),
            severity(detection.severity),
            techniques(detection, 3),
            tables(detection),
            id = detection.id,
        );
    }
    by_tactic().for_each(|detection| section(&mut out, detection));
    out
}

fn section(out: &mut String, detection: &Detection) {
    let (tactic, id) = detection.tactic.named();
    let claims: Vec<String> = detection.claims.iter().map(|claim| format!("`{}`", claim.id())).collect();
    let _ = writeln!(out, "\n## {}\n\n{}.\n", detection.id, detection.title.en);
    let id = if id.is_empty() { String::new() } else { format!(" ([{id}](https://attack.mitre.org/tactics/{id}/))") };
    let _ = writeln!(out, "- Tactic: {}{id}", tactic.en);
    if !detection.techniques.is_empty() {
        let _ = writeln!(out, "- Techniques: {}", techniques(detection, usize::MAX));
    }
    let _ = writeln!(out, "- Usual severity: {}", severity(detection.severity));
    let _ = writeln!(out, "- Claims: {}", claims.join(", "));
    let _ = writeln!(out, "- Tables: {}", tables(detection));
    let _ = writeln!(out, "- Can be innocent: {}", detection.innocent.en);
    out.push_str("\n| example | finds |\n| --- | --- |\n");
    for example in detection.examples {
        let finds: Vec<String> = example.finds.iter().map(|claim| format!("`{}`", claim.id())).collect();
        let _ =
            writeln!(out, "| {} | {} |", cell(&example.name.en), if finds.is_empty() { "nothing".to_owned() } else { finds.join(", ") });
    }
}

/// The first techniques, each with its page.
fn techniques(detection: &Detection, most: usize) -> String {
    let link = |t: &&str| format!("[{t}](https://attack.mitre.org/techniques/{}/)", t.replace('.', "/"));
    let shown: Vec<String> = detection.techniques.iter().take(most).map(link).collect();
    let rest = detection.techniques.len() - shown.len();
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

fn tables(detection: &Detection) -> String {
    if detection.needs.is_empty() {
        return "all (through rules)".to_owned();
    }
    detection.needs.iter().map(|table| format!("[`{name}`](tables.md#{name})", name = table.name())).collect::<Vec<_>>().join(", ")
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "informational",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_as_the_code_is() {
        let written = std::fs::read_to_string(crate::root().join(PAGE)).expect("the page");
        assert_eq!(written, page(), "run: cargo run -p xtask -- detections --write");
    }

    #[test]
    fn every_detection_has_its_section() {
        let page = page();
        for detection in detections::all() {
            assert_eq!(page.matches(&format!("\n## {}\n", detection.id)).count(), 1, "{}", detection.id);
        }
    }
}
