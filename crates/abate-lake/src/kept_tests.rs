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
    let request = IngestRequest {
        paths: &paths,
        reference,
        zone,
        rules,
        any_rules: true,
        lake: Some(other.path()),
        preserve: None,
        forget_gone: false,
    };
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

/// What is said of each source: its path, records, what was lost, and whether it is gone.
fn said(stored: &Stored) -> Vec<(String, u64, u64, bool)> {
    stored.sources().iter().map(|s| (s.path.clone(), s.records, s.lost(), s.gone)).collect()
}

/// All rows, whatever the numbers of their sources.
fn rows_of(stored: &Stored) -> Vec<Row<'static>> {
    all(stored).into_iter().map(|row| Row { source: 0, ..row }).collect()
}

fn keep(paths: &[PathBuf], lake: &Path, forget_gone: bool) -> Stored {
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    let rules: Option<&dyn abate_app::ports::RuleMatcher> = Some(&EveryCall);
    let lake = Some(lake);
    let request = IngestRequest { paths, reference, zone: TimeZone::UTC, rules, any_rules: false, lake, preserve: None, forget_gone };
    ingest(&request, &NoObjects, &quick(), &mut NoProgress).unwrap()
}

#[test]
fn rows_of_a_file_that_is_gone_stay_and_say_so() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case.clone()];
    let first = keep(&paths, lake.path(), false);
    let (before, rows_before) = ((said(&first), whole(&first)), rows_of(&first));
    drop(first);
    // One file, an archive, and a folder with all that is in it.
    fs::remove_file(case.join("trail.json")).unwrap();
    fs::remove_file(case.join("more.zip")).unwrap();
    fs::remove_dir_all(case.join("org")).unwrap();
    let left = keep(&paths, lake.path(), false);
    let now = whole(&left);
    assert_eq!(
        (&now.rows, &now.coverage, &now.matches, &now.flows),
        (&before.1.rows, &before.1.coverage, &before.1.matches, &before.1.flows)
    );
    let gone: Vec<String> = said(&left).into_iter().filter(|s| s.3).map(|s| s.0).collect();
    assert_eq!(gone, ["case/more.zip!/x/trail.json", "case/more.zip!/readme.txt", "case/org/trail.json", "case/trail.json"]);
    let without = |said: &[(String, u64, u64, bool)]| said.iter().map(|s| (s.0.clone(), s.1, s.2)).collect::<Vec<_>>();
    assert_eq!(without(&said(&left)), without(&before.0), "nothing is lost, and nothing stands elsewhere");
    drop(left);
    // All of it, named by a path that leads to nothing now.
    fs::rename(&case, case.with_file_name("away")).unwrap();
    let left = keep(&paths, lake.path(), false);
    assert_eq!(rows_of(&left), rows_before);
    assert!(said(&left).iter().all(|s| s.3) && left.sources().len() == before.0.len() - 1, "{:?}", said(&left));
    drop(left);
    // It is back: as before.
    fs::rename(case.with_file_name("away"), &case).unwrap();
    assert_eq!(keep(&paths, lake.path(), false).sources().iter().filter(|s| s.gone).count(), 4);
    // Another folder of the same name is another folder.
    let (_other, other) = evidence();
    fs::remove_file(other.join("trail.json")).unwrap();
    assert!(keep(&[other], lake.path(), false).sources().iter().all(|s| !s.gone && s.path != "case/trail.json"));
}

#[test]
fn what_is_gone_on_purpose_is_left_out_and_what_moved_is_not_gone() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case.clone()];
    let rows = |stored: &Stored| all(stored).len();
    let before = rows(&keep(&paths, lake.path(), false));
    // Moved: the same bytes under another name.
    fs::rename(case.join("trail.json"), case.join("renamed.json")).unwrap();
    let moved = keep(&paths, lake.path(), false);
    assert!(rows(&moved) == before && moved.sources().iter().all(|s| !s.gone && s.path != "case/trail.json"), "{:?}", said(&moved));
    drop(moved);
    fs::remove_file(case.join("renamed.json")).unwrap();
    let gone = keep(&paths, lake.path(), false);
    assert_eq!((rows(&gone), gone.sources().iter().filter(|s| s.gone).count()), (before, 2), "{:?}", said(&gone));
    drop(gone);
    // The person who removed it says so once.
    let forgotten = keep(&paths, lake.path(), true);
    let expected = fresh(&paths);
    assert_eq!((whole(&forgotten).rows, whole(&forgotten).sources), (expected.rows, expected.sources));
    drop(forgotten);
    assert!(keep(&paths, lake.path(), false).sources().iter().all(|s| !s.gone), "and that holds for later runs");
}

#[test]
fn what_was_read_in_another_way_is_a_loss_once_it_is_gone_and_stays_for_who_reads_so() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case.clone()];
    let first = keep(&paths, lake.path(), false);
    let before = rows_of(&first);
    drop(first);
    fs::remove_file(case.join("trail.json")).unwrap();
    let in_zone = |zone: &str| {
        let reference = Timestamp::from_second(1_793_000_000).unwrap();
        let (zone, lake) = (TimeZone::get(zone).unwrap(), Some(lake.path()));
        let rules: Option<&dyn abate_app::ports::RuleMatcher> = Some(&EveryCall);
        let request = IngestRequest { paths: &paths, reference, zone, rules, any_rules: false, lake, preserve: None, forget_gone: false };
        ingest(&request, &NoObjects, &quick(), &mut NoProgress).unwrap()
    };
    let other = in_zone("Asia/Tokyo");
    let source = other.sources().iter().find(|s| s.path == "case/trail.json").unwrap();
    assert!(source.lost() == 1 && source.losses[0].reason.contains("another zone") && !source.gone, "{source:?}");
    drop(other);
    assert_eq!(rows_of(&in_zone("UTC")), before);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_looked_into_is_not_called_gone() {
    let (_dir, case) = evidence();
    let lake = tempfile::tempdir().unwrap();
    let paths = [case.clone()];
    let before = rows_of(&keep(&paths, lake.path(), false));
    // The folder became a link that leads nowhere, which is as shut as one that may not be listed.
    fs::rename(case.join("org"), case.with_file_name("org")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", case.join("org")).unwrap();
    let shut = keep(&paths, lake.path(), false);
    assert_eq!(rows_of(&shut), before);
    let source = |path: &str| shut.sources().iter().find(|s| s.path == path).unwrap();
    assert!(!source("case/org/trail.json").gone);
    assert!(source("case/org").losses[0].reason.ends_with("; 1 file taken as read in an earlier run"), "{:?}", source("case/org"));
}

#[test]
fn a_record_of_what_is_gone_or_changed_is_shown_from_a_copy() {
    let (_dir, case) = evidence();
    let (lake, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let paths = [case.clone()];
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    let (lake, preserve) = (Some(lake.path()), Some(copies.path()));
    let request =
        IngestRequest { paths: &paths, reference, zone: TimeZone::UTC, rules: None, any_rules: false, lake, preserve, forget_gone: false };
    let stored = ingest(&request, &NoObjects, &quick(), &mut NoProgress).unwrap();
    let rows = all(&stored);
    let cite = |path: &str| stored.cite(rows.iter().find(|row| stored.path(row.source) == path).unwrap());
    let (trail, zip) = (cite("case/trail.json"), cite("case/more.zip!/x/trail.json"));
    let look = super::tests::look(&paths);
    let expected = [&trail, &zip].map(|cite| crate::raw(&look, cite).unwrap());
    // The same length, so that a record is at the same place; and gone.
    let changed = fs::read_to_string(case.join("trail.json")).unwrap().replace("RunInstances", "StopInstance");
    fs::write(case.join("trail.json"), changed).unwrap();
    fs::remove_file(case.join("more.zip")).unwrap();
    let sha256 = |cite: &abate_model::Cite| crate::hash_of(lake.unwrap(), &cite.source);
    let (trail_was, zip_was) = (sha256(&trail), sha256(&zip));
    let without = [(&trail, &trail_was), (&zip, &zip_was)].map(|(cite, was)| crate::raw(&Look { sha256: was.as_deref(), ..look }, cite));
    let place = case.join("trail.json").display().to_string();
    assert_eq!(without, [Err(NotShown::Changed { place }), Err(NotShown::Absent)]);
    let with = [(&trail, &trail_was), (&zip, &zip_was)]
        .map(|(cite, was)| crate::raw(&Look { sha256: was.as_deref(), copies: preserve, ..look }, cite).unwrap());
    assert_eq!(with, expected);
    // A copy that is not what it is named after is none.
    let copy = fs::read_dir(copies.path().join(&zip_was.as_deref().unwrap()[..2])).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, "altered").unwrap();
    let altered = crate::raw(&Look { sha256: zip_was.as_deref(), copies: preserve, ..look }, &zip);
    assert_eq!(altered, Err(NotShown::Absent));
}
