//! What was measured, as tables of `docs/evaluation.md`: each between marks of its own, so that one run writes what it measured and
//! leaves the rest.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::drills::Ablation;
use super::quiet::Quiet;
use super::score::{SURE, Score};
use super::tally::{Tally, calibration, share, to_f64};

/// The page, below the repository.
pub(crate) const FILE: &str = "docs/evaluation.md";

/// `17 of 20 (85 %)`; rounded down, so that only all of it is 100 %.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "none".to_owned();
    }
    format!("{part} of {whole} ({} %)", part * 100 / whole)
}

/// A row for each scenario.
pub(crate) fn scenarios(tallies: &[Tally]) -> String {
    let mut out = String::from(
        "| scenario | drills | verdict right | wrongly contradicted | key events cited | cited or covered | serious findings that cite the incident | decoys taken | findings a drill | top-1 | top-3 | confidence | sure and wrong |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for t in tallies {
        let n = to_f64(t.drills.max(1));
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {} | {} | {:.2} | {} |",
            t.name,
            t.drills,
            t.verdict_right,
            t.wrongly_contradicted,
            of(t.keys_cited, t.keys),
            of(t.keys_covered, t.keys),
            of(t.serious_at_incident, t.serious),
            t.decoys_taken,
            to_f64(t.findings) / n,
            t.top1,
            t.top3,
            t.confidence / n,
            t.sure_and_wrong
        );
    }
    out
}

fn of(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{part} of {whole}") }
}

/// The drills: goals, totals, scenarios, calibration.
pub(crate) fn drills(scores: &[&Score], seeds: (u64, u64)) -> String {
    let tallies = by_scenario(scores);
    let total = Tally::of("all", scores.iter().copied());
    let mut out = format!("{} drills: {} scenarios, seeds {} to {}.\n\n", total.drills, tallies.len(), seeds.0, seeds.1);
    out.push_str("| goal | measured | |\n| --- | --- | --- |\n");
    let wrong = total.drills - total.verdict_right;
    goal(
        &mut out,
        "never wrongly \"it wasn't us\" (contradicted)",
        &total.wrongly_contradicted.to_string(),
        total.wrongly_contradicted == 0,
    );
    goal(&mut out, "verdict right in every drill", &percent(total.verdict_right, total.drills), wrong == 0);
    goal(&mut out, "key events cited: at least 95 %", &percent(total.keys_cited, total.keys), total.recall() >= 0.95);
    goal(&mut out, "cause right at first place: at least 90 %", &percent(total.top1, total.drills), share(total.top1, total.drills) >= 0.9);
    goal(
        &mut out,
        "cause among the first three: at least 98 %",
        &percent(total.top3, total.drills),
        share(total.top3, total.drills) >= 0.98,
    );
    let sure = format!("never confident (at least {SURE}) and wrong");
    goal(&mut out, &sure, &total.sure_and_wrong.to_string(), total.sure_and_wrong == 0);
    let _ = writeln!(
        out,
        "\nBeside the goals: key events of which a row was made {}; cited or covered {}; class of the cause right at first place {}, among three {}; factor right {}; \
         findings of medium severity and above that cite a record of the incident {}, of any severity {}; findings of medium severity and above that cite a decoy {}.\n",
        percent(total.keys_read, total.keys),
        percent(total.keys_covered, total.keys),
        percent(total.class_top1, total.drills),
        percent(total.class_top3, total.drills),
        percent(total.factor, total.drills),
        percent(total.serious_at_incident, total.serious),
        percent(total.findings_at_incident, total.findings),
        total.decoys_taken,
    );
    out.push_str(&self::scenarios(&tallies));
    out.push_str("\nConfidence of the leading cause against how often it was right (`undetermined` is a cause like the others):\n\n");
    out.push_str("| confidence | drills | mean confidence | right |\n| --- | ---: | ---: | ---: |\n");
    for bin in calibration(scores) {
        let mean = if bin.drills == 0 { "–".to_owned() } else { format!("{:.2}", bin.confidence / to_f64(bin.drills)) };
        let _ = writeln!(out, "| {:.1} to {:.1} | {} | {mean} | {} |", bin.from, bin.to, bin.drills, of(bin.hits, bin.drills));
    }
    out
}

fn goal(out: &mut String, what: &str, measured: &str, met: bool) {
    let _ = writeln!(out, "| {what} | {measured} | {} |", if met { "met" } else { "**not met**" });
}

/// Sums per scenario, in the order in which they come.
pub(crate) fn by_scenario(scores: &[&Score]) -> Vec<Tally> {
    let mut names: Vec<&str> = Vec::new();
    for score in scores {
        if !names.contains(&score.scenario.as_str()) {
            names.push(&score.scenario);
        }
    }
    names.into_iter().map(|name| Tally::of(name, scores.iter().copied().filter(|s| s.scenario == name))).collect()
}

/// Kinds of source taken away.
pub(crate) fn ablation(all: &[&Ablation]) -> String {
    let mut kinds: Vec<&str> = all.iter().map(|a| a.without.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut out = String::from(
        "| without | runs | the cause had rested on it | confidence before | after | did not fall | another cause, or none, leads | sure and wrong |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let groups = kinds.into_iter().map(|kind| (kind, all.iter().copied().filter(|a| a.without == kind).collect::<Vec<_>>()));
    for (kind, group) in groups.chain(std::iter::once(("**all**", all.to_vec()))) {
        let rested: Vec<&Ablation> = group.iter().copied().filter(|a| a.rested).collect();
        let mean = |pick: &dyn Fn(&Ablation) -> f64| {
            if rested.is_empty() {
                "–".to_owned()
            } else {
                format!("{:.2}", rested.iter().map(|a| pick(a)).sum::<f64>() / to_f64(rested.len()))
            }
        };
        let _ = writeln!(
            out,
            "| {kind} | {} | {} | {} | {} | {} | {} | {} |",
            group.len(),
            rested.len(),
            mean(&|a| a.before.1),
            mean(&|a| if a.after.0 == a.before.0 { a.after.1 } else { 0.0 }),
            group.iter().filter(|a| a.did_not_fall()).count(),
            group.iter().filter(|a| a.after.0 != a.before.0).count(),
            group.iter().filter(|a| a.is_sure_and_wrong()).count()
        );
    }
    let fell = !all.iter().any(|a| a.did_not_fall());
    let modest = !all.iter().any(|a| a.is_sure_and_wrong());
    out.push_str("\n| goal | measured | |\n| --- | --- | --- |\n");
    let stayed = all.iter().filter(|a| a.did_not_fall()).count();
    goal(&mut out, "confidence falls when what the cause rested on is gone", &format!("{stayed} did not fall"), fell);
    let wrong = all.iter().filter(|a| a.is_sure_and_wrong()).count();
    goal(&mut out, "never sure and wrong with a source gone", &wrong.to_string(), modest);
    out
}

/// The quiet month.
pub(crate) fn quiet(all: &[Quiet]) -> String {
    let mut out = String::from(
        "| seed | rows | groups of findings | high and critical | medium | low and informational |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for q in all {
        let _ = writeln!(out, "| {} | {} | {} | {} | {} | {} |", q.seed, q.rows, q.groups(), q.high, q.medium, q.low);
    }
    out.push_str("\n| goal | measured | |\n| --- | --- | --- |\n");
    let most = all.iter().map(Quiet::groups).max().unwrap_or(0);
    goal(&mut out, "at most 10 groups of findings in a quiet account-month", &format!("at most {most}"), most <= 10);
    out
}

/// Puts a section in its place.
pub(crate) fn write(root: &Path, name: &str, section: &str) -> Result<()> {
    let path = root.join(FILE);
    let page = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    std::fs::write(&path, with_section(&page, name, section)?).with_context(|| path.display().to_string())
}

/// The page with a section in its place.
pub(crate) fn with_section(page: &str, name: &str, section: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name}: made by cargo xtask eval -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).with_context(|| format!("the page has no place for {name}"))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("the place for {name} has no end"))?;
    Ok(format!("{before}{begin}\n{section}\n{end}{after}"))
}
