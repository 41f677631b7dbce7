//! Evaluation over cases with known truth: `cargo xtask eval [DIR…] [--seeds A..B] [--scenario ID] [--jobs N] [--format json] [--ablate] [--quiet N]
//! [--first-contact NAME] [--show] [--write]`.
//!
//! Without a folder, drills are made and worked by the same use case as `abate respond`; with folders, every case below them that has logs
//! and a `truth.json`. What is measured how stands in `docs/evaluation.md`.

mod cases;
mod drills;
mod first_contact;
mod jobs;
mod labels;
mod page;
mod pipeline;
mod quiet;
mod score;
mod store;
mod tally;

use std::path::{Path, PathBuf};

use abate_findings::sigma::RuleSet;
use anyhow::{Context, Result, bail};
use serde_json::json;

use drills::{Ablation, Done, Job};
use score::Score;
use tally::Tally;

/// Of the seeds asked for, so many are also worked with each kind of source taken away.
const ABLATED: usize = 3;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    folders: Vec<PathBuf>,
    seeds: (u64, u64),
    scenarios: Vec<String>,
    jobs: usize,
    json: bool,
    ablate: bool,
    /// quiet months, one for each of the first seeds
    quiet: u64,
    first_contact: Option<String>,
    /// whether every mistake is told
    show: bool,
    write: bool,
}

impl Asked {
    fn parse(arguments: &[String]) -> Result<Self> {
        let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut asked = Self {
            folders: Vec::new(),
            seeds: (1, 10),
            scenarios: Vec::new(),
            jobs,
            json: false,
            ablate: false,
            quiet: 0,
            first_contact: None,
            show: false,
            write: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--seeds" => asked.seeds = seeds(value()?)?,
                "--scenario" => asked.scenarios.push(value()?.clone()),
                "--jobs" => asked.jobs = value()?.parse().context("--jobs takes a number")?,
                "--format" => match value()?.as_str() {
                    "json" => asked.json = true,
                    "text" => asked.json = false,
                    other => bail!("--format takes text or json, not {other}"),
                },
                "--quiet" => asked.quiet = value()?.parse().context("--quiet takes a number of months")?,
                "--first-contact" => asked.first_contact = Some(value()?.clone()),
                "--ablate" => asked.ablate = true,
                "--show" => asked.show = true,
                "--write" => asked.write = true,
                option if option.starts_with('-') => bail!("unknown option {option}"),
                folder => asked.folders.push(PathBuf::from(folder)),
            }
        }
        let known = |name: &&String| abate_drill::all().iter().any(|s| s.id == **name);
        if let Some(name) = asked.scenarios.iter().find(|name| !known(name)) {
            bail!("no drill is called {name}");
        }
        Ok(asked)
    }
}

/// `1..10`, both included, or one seed.
fn seeds(text: &str) -> Result<(u64, u64)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let number = |text: &str| text.trim_start_matches('=').parse::<u64>().with_context(|| format!("'{text}' is no seed"));
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        bail!("seeds {from} to {to}: there is none");
    }
    Ok((from, to))
}

/// The command.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<Vec<String>> {
    let asked = Asked::parse(arguments)?;
    let rules = RuleSet::builtin();
    if !asked.folders.is_empty() {
        return cases::run(root, &asked, &rules);
    }
    if asked.quiet > 0 {
        return months(root, &asked, &rules);
    }
    let done = work(&asked, &rules)?;
    let scores: Vec<&Score> = done.iter().map(|d| &d.score).collect();
    let ablations: Vec<&Ablation> = done.iter().flat_map(|d| &d.ablations).collect();
    if asked.json {
        print(&format!("{:#}\n", json!({"drills": scores, "ablations": ablations, "scenarios": page::by_scenario(&scores)})));
    } else {
        let section = page::drills(&scores, asked.seeds);
        if asked.show {
            print(&told(&scores, &ablations));
        }
        print(&section);
        if asked.ablate {
            print(&format!("\n{}", page::ablation(&ablations)));
        }
    }
    if let Some(batch) = &asked.first_contact {
        first_contact::add(root, batch, asked.seeds, page::by_scenario(&scores), Tally::of("all", scores.iter().copied()))?;
    }
    if asked.write {
        if asked.scenarios.is_empty() {
            page::write(root, "drills", &page::drills(&scores, asked.seeds))?;
        }
        if asked.ablate && asked.scenarios.is_empty() {
            page::write(root, "ablation", &page::ablation(&ablations))?;
        }
        page::write(root, "first contact", &first_contact::section(&first_contact::read(root)?))?;
    }
    Ok(Vec::new())
}

fn work(asked: &Asked, rules: &RuleSet) -> Result<Vec<Done>> {
    let wanted = |id: &str| asked.scenarios.is_empty() || asked.scenarios.iter().any(|name| name == id);
    let mut jobs = Vec::new();
    for scenario in abate_drill::all().iter().filter(|s| wanted(s.id)) {
        for (n, seed) in (asked.seeds.0..=asked.seeds.1).enumerate() {
            jobs.push(Job { scenario: scenario.id, seed, ablate: asked.ablate && n < ABLATED });
        }
    }
    let name = |job: &Job| format!("{}, seed {}", job.scenario, job.seed);
    jobs::each("drills", &jobs, asked.jobs, &name, &|job| drills::run(job, rules))
}

fn months(root: &Path, asked: &Asked, rules: &RuleSet) -> Result<Vec<String>> {
    let seeds: Vec<u64> = (asked.seeds.0..asked.seeds.0.saturating_add(asked.quiet)).collect();
    let months =
        jobs::each("quiet months", &seeds, asked.jobs, &|seed| format!("quiet month, seed {seed}"), &|seed| quiet::run(*seed, rules))?;
    let section = page::quiet(&months);
    if asked.json {
        print(&format!("{:#}\n", json!({"quiet_months": months})));
    } else {
        if asked.show {
            for (month, title) in months.iter().flat_map(|m| m.titles.iter().map(move |t| (m.seed, t))) {
                print(&format!("seed {month}: {title}\n"));
            }
        }
        print(&section);
    }
    if asked.write {
        page::write(root, "quiet month", &section)?;
    }
    Ok(Vec::new())
}

/// Every mistake, in words.
fn told(scores: &[&Score], ablations: &[&Ablation]) -> String {
    let notes = scores.iter().flat_map(|s| s.notes.iter().map(move |note| format!("{}, seed {}: {note}\n", s.scenario, s.seed)));
    let ablated = ablations.iter().filter(|a| a.did_not_fall() || a.is_sure_and_wrong()).map(|a| {
        format!(
            "{}, seed {}, without {}: {:?} {:.2} before, {:?} {:.2} after\n",
            a.scenario, a.seed, a.without, a.before.0, a.before.1, a.after.0, a.after.1
        )
    });
    notes.chain(ablated).collect()
}

#[allow(clippy::print_stdout)]
fn print(text: &str) {
    print!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Asked> {
        Asked::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_understood_or_refused() {
        let all = asked("cases --seeds 3..5 --scenario poor-evidence --jobs 1 --format json --ablate --show").expect("good");
        assert_eq!((all.seeds, all.jobs, all.json, all.ablate, all.show, all.write), ((3, 5), 1, true, true, true, false));
        assert_eq!(all.folders, [PathBuf::from("cases")]);
        assert_eq!(asked("--seeds 7").expect("one seed").seeds, (7, 7));
        for bad in ["--seeds 5..3", "--seeds x", "--scenario none", "--jobs", "--format yaml", "--what"] {
            assert!(asked(bad).is_err(), "{bad}");
        }
    }

    /// The whole way, with a drill in which nothing can be known.
    #[test]
    fn a_drill_is_worked_and_scored() {
        let job = Job { scenario: "poor-evidence", seed: 1, ablate: true };
        let done = drills::run(&job, &RuleSet::builtin()).expect("it is worked");
        assert_eq!(done.score.verdicts.len(), 1);
        assert!(!done.score.cause.ranked.is_empty() && done.score.keys.all == 0);
        assert!(done.ablations.len() >= 2, "{:?}", done.ablations);
    }

    #[test]
    fn the_page_has_the_first_contacts_as_they_are_kept() {
        let page = std::fs::read_to_string(crate::root().join(page::FILE)).expect("the page");
        let section = first_contact::section(&first_contact::read(&crate::root()).expect("the file"));
        assert_eq!(page::with_section(&page, "first contact", &section).expect("its place"), page, "run: cargo xtask eval --write");
    }
}
