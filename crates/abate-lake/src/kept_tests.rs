//! What is kept between runs: the same result whatever was read when, by whom, and in what pieces.

use std::fs;
use std::path::{Path, PathBuf};

use abate_app::ports::{NoObjects, NoProgress, Progress};
use abate_model::port::{FlowCell, FlowKey};
use abate_model::{Coverage, Evidence, Row, Source};

use super::tests::{EveryCall, all, evidence, example, keep_all, matches, trail, write};
use super::*;

/// Everything that a run says.
#[derive(Debug, PartialEq)]
struct Whole {
    sources: Vec<Source>,
    coverage: Vec<Coverage>,
    rows: Vec<Row<'static>>,
    matches: String,
    flows: Vec<(FlowKey, FlowCell)>,
}

fn whole(stored: &Stored) -> Whole {
    let mut flows = Vec::new();
    stored.flows(&mut |key, cell| flows.push((*key, cell.clone())));
    flows.sort_by_key(|(key, _)| *key);
    Whole {
        sources: stored.sources().to_vec(),
        coverage: stored.coverage().to_vec(),
        rows: all(stored),
        matches: format!("{:?}", matches(stored)),
        flows,
    }
}

/// Counts how often files are opened: what was read before is told of at once, in one step.
#[derive(Default)]
struct Steps(Vec<String>);

impl Progress for Steps {
    fn begin(&mut self, _total_bytes: u64, _files: u64) {}
    fn advance(&mut self, _bytes: u64, what: &str) {
        self.0.push(what.to_owned());
    }
    fn end(&mut self) {}
}

fn run(paths: &[PathBuf], lake: Option<&Path>, tuning: &Tuning) -> Whole {
    whole(&keep_all(paths, lake, tuning, Some(&EveryCall), &mut NoProgress))
}

fn fresh(paths: &[PathBuf]) -> Whole {
    run(paths, None, &quick())
}

fn quick() -> Tuning {
    Tuning { threads: 2, durable: false, ..Tuning::default() }
}

/// Each file in a shard of its own, keys in many turns, counters on the disk, rows in order in many rounds.
fn tiny() -> Tuning {
    Tuning { threads: 3, shard: (1, 1), keys: 200, counters: 0, open: 2, durable: false }
}

fn shards(lake: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(lake.join("shards")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn how_the_work_is_cut_does_not_show() {
    for paths in [vec![evidence_of_all()], vec![example()]] {
        let expected = fresh(&paths);
        assert!(expected.rows.len() > 6 && !expected.flows.is_empty());
        assert_eq!(run(&paths, None, &tiny()), expected);
        assert_eq!(run(&paths, None, &Tuning { threads: 1, shard: (900, 900), keys: 100, counters: 5, open: 3, durable: false }), expected);
    }
}

/// Evidence that outlives the test's own folder.
fn evidence_of_all() -> PathBuf {
    let (dir, case) = evidence();
    write(&case, "z/again.json", trail(&["e-1", "e-4", "e-9"]));
    let _ = dir.keep();
    case
}

#[test]
fn only_what_is_new_is_read_again() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case.clone()];
    let tuning = quick();
    let first = run(&paths, Some(lake.path()), &tuning);
    assert_eq!(first, fresh(&paths));
    let before = shards(lake.path());
    // Nothing new: nothing is read.
    assert_eq!(run(&paths, Some(lake.path()), &tuning), first);
    assert_eq!(shards(lake.path()), before);
    // A file between the others, with some of the same events.
    write(&case, "b/new.json", trail(&["e-1", "e-5"]));
    let more = run(&paths, Some(lake.path()), &tuning);
    assert_eq!(more, fresh(&paths));
    let after = shards(lake.path());
    assert_eq!((after.len(), after.iter().filter(|s| before.contains(s)).count()), (before.len() + 1, before.len()));
    let newest = after.iter().find(|s| !before.contains(s)).unwrap();
    let manifest: Manifest = serde_json::from_slice(&fs::read(lake.path().join("shards").join(newest)).unwrap()).unwrap();
    assert_eq!(manifest.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["case/b/new.json"]);
    // It changes: its rows are others now, and nothing is left of the old ones.
    write(&case, "b/new.json", trail(&["e-6"]));
    let changed = run(&paths, Some(lake.path()), &tuning);
    assert_eq!(changed, fresh(&paths));
    assert!(!shards(lake.path()).contains(newest), "what was replaced is removed");
    // The same evidence in another order.
    let turned = [case.join("trail.json"), case.clone()];
    assert_eq!(run(&turned, Some(lake.path()), &tuning), fresh(&turned));
}

#[test]
fn other_rules_or_zones_are_other_readings() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case];
    let tuning = quick();
    let with_rules = run(&paths, Some(lake.path()), &tuning);
    assert!(with_rules.matches.contains("every-call"));
    // Who asks for no rules takes what was read with some; who asks for others does not.
    let count = shards(lake.path()).len();
    let mut steps = Steps::default();
    let without = whole(&keep_all(&paths, Some(lake.path()), &tuning, None, &mut steps));
    assert_eq!((without.rows, shards(lake.path()).len()), (with_rules.rows, count));
    let other = tempfile::tempdir().unwrap();
    assert_eq!(whole(&keep_all(&paths, Some(other.path()), &tuning, None, &mut NoProgress)).matches, "[]");
    // Nor is anything read again for whom any rules will do.
    let before = shards(other.path());
    let (reference, zone) = (Timestamp::from_second(1_793_000_000).unwrap(), TimeZone::UTC);
    let rules: Option<&dyn abate_app::ports::RuleMatcher> = Some(&EveryCall);
    let request = IngestRequest { paths: &paths, reference, zone, rules, any_rules: true, lake: Some(other.path()), preserve: None };
    assert_eq!(whole(&ingest(&request, &NoObjects, &tuning, &mut NoProgress).unwrap()).matches, "[]");
    assert_eq!(shards(other.path()), before);
    let again = run(&paths, Some(other.path()), &tuning);
    assert_eq!(again.matches, with_rules.matches);
}

#[test]
fn a_run_that_was_stopped_goes_on_and_damage_is_seen() {
    let lake = tempfile::tempdir().unwrap();
    let paths = [evidence_of_all(), example()];
    let expected = run(&paths, Some(lake.path()), &tiny());
    let names = shards(lake.path());
    assert!(names.len() > 6);
    // Stopped before some shards were there, and while others were written.
    for name in names.iter().step_by(2) {
        fs::remove_file(lake.path().join("shards").join(name)).unwrap();
    }
    let left = lake.path().join(".tmp/run-stopped");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("api_activity.parquet"), "half").unwrap();
    // A part cut short, a manifest that is none.
    let part = fs::read_dir(lake.path().join("api_activity")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&part).unwrap();
    fs::write(&part, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(lake.path().join("shards").join(&names[1]), "{").unwrap();
    assert_eq!(run(&paths, Some(lake.path()), &tiny()), expected);
    assert_eq!(shards(lake.path()), names);
    assert!(!left.exists(), "what a stopped run left is removed");
    assert_eq!(expected, fresh(&paths));
}

#[test]
fn two_runs_at_once_do_not_harm_each_other() {
    let lake = tempfile::tempdir().unwrap();
    let (one, other) = ([evidence_of_all(), example()], [example(), evidence_of_all()]);
    let expected = (fresh(&one), fresh(&other));
    std::thread::scope(|scope| {
        for n in 0..6 {
            let (paths, expected) = if n % 2 == 0 { (&one, &expected.0) } else { (&other, &expected.1) };
            let lake = lake.path();
            scope.spawn(move || assert_eq!(&run(paths, Some(lake), &tiny()), expected));
        }
    });
}
