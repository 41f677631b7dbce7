//! The lake over real files in a temporary folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::ports::{NoProgress, RuleMatcher};
use abate_evidence::readers;
use abate_model::{Body, EntityKind, LossKind, Severity, Source, Table};
use jiff::{Timestamp, tz::TimeZone};

use super::*;

const FLOWS: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n\
2 111122223333 eni-1 10.0.0.5 198.51.100.1 40000 22 6 1 60 1790000000 1790000060 ACCEPT OK\n\
2 111122223333 eni-1 10.0.0.5 198.51.100.2 40000 22 6 1 60 1790000060 1790000120 ACCEPT OK\n\
this is no flow\n";

const EVENT_HISTORY: &str = "Event name,Event time,User name,Event source,AWS access key,AWS region,Source IP address,Event ID\n\
RunInstances,\"November 01, 2026, 00:00:00 (UTC+00:00)\",alice,ec2.amazonaws.com,AKIAIOSFODNN7EXAMPLE,us-east-1,198.51.100.7,e-1\n";

fn event(id: &str, account: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventTime":"2026-11-01T00:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","eventID":"{id}","requestParameters":{{"maxCount":9}},"recipientAccountId":"{account}"}}"#
    )
}

fn trail(ids: &[&str]) -> String {
    let events: Vec<String> = ids.iter().map(|id| event(id, "111122223333")).collect();
    format!(r#"{{"Records":[{}]}}"#, events.join(","))
}

/// Reports every call of the API.
struct EveryCall;

impl RuleMatcher for EveryCall {
    fn matches(&self, row: &Row<'_>, raw: &[u8]) -> Vec<(RuleInfo, Vec<Entity>)> {
        assert!(!raw.is_empty());
        let rule = RuleInfo { id: "every-call".into(), title: "every call".into(), author: None, level: Severity::Low, tags: Vec::new() };
        let Body::Api(api) = &row.body else { return Vec::new() };
        let id = api.event_id.clone().unwrap_or_default().into_owned();
        vec![(rule, vec![Entity { kind: EntityKind::ApiCall, value: id }])]
    }
}

/// Breaks down on one event, as a reader with a fault would.
struct Faulty;

impl RuleMatcher for Faulty {
    fn matches(&self, row: &Row<'_>, _raw: &[u8]) -> Vec<(RuleInfo, Vec<Entity>)> {
        assert!(!matches!(&row.body, Body::Api(api) if api.event_id.as_deref() == Some("e-fault")), "a fault on purpose");
        Vec::new()
    }
}

fn read_all(paths: &[PathBuf], threads: usize, rules: Option<&dyn RuleMatcher>, progress: &mut dyn Progress) -> Memory {
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    ingest(&IngestRequest { paths, reference, zone: TimeZone::UTC, rules }, threads, progress).unwrap()
}

fn read(path: &Path) -> Memory {
    read_all(&[path.to_owned()], 2, Some(&EveryCall), &mut NoProgress)
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A folder `case` in a folder of its own.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case");
    fs::create_dir(&case).unwrap();
    (dir, case)
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn evidence() -> (tempfile::TempDir, PathBuf) {
    let (dir, case) = folder();
    write(&case, "a/flows.log", FLOWS);
    write(&case, "b/flows-copy.log", FLOWS);
    write(&case, "org/trail.json", trail(&["e-2", "e-3"]));
    write(&case, "trail.json", trail(&["e-1", "e-2"]));
    write(&case, "photo.jpg", [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
    write(&case, "nothing.log", "");
    write(&case, "more.zip", zipped(&[("x/trail.json", &trail(&["e-3", "e-4"])), ("readme.txt", "hello\n")]));
    fs::create_dir(case.join("empty")).unwrap();
    (dir, case)
}

/// (path, records, duplicates, lost)
fn counts(memory: &Memory) -> Vec<(&str, u64, u64, u64)> {
    memory.sources().iter().map(|s| (s.path.as_str(), s.records, s.duplicates, s.lost())).collect()
}

#[test]
fn everything_listed_is_read_or_duplicate_or_lost() {
    let (_dir, case) = evidence();
    let memory = read(&case);
    let expected = [
        ("case/a/flows.log", 2, 0, 1),
        ("case/b/flows-copy.log", 0, 2, 1),
        ("case/empty", 0, 0, 1),
        ("case/more.zip!/x/trail.json", 2, 0, 0),
        ("case/more.zip!/readme.txt", 0, 0, 1),
        ("case/nothing.log", 0, 0, 1),
        ("case/org/trail.json", 1, 1, 0),
        ("case/photo.jpg", 0, 0, 1),
        ("case/trail.json", 1, 1, 0),
    ];
    assert_eq!(counts(&memory), expected);
    // Records: two flows and a broken one, twice; three trails of two events.
    let sum = |of: fn(&Source) -> u64| memory.sources().iter().filter(|s| s.format.is_some()).map(of).sum::<u64>();
    assert_eq!(sum(|s| s.records) + sum(|s| s.duplicates) + sum(Source::lost), 3 + 3 + 2 + 2 + 2);
    assert_eq!(sum(|s| s.records), memory.all().len() as u64);
    // Bytes: what no reader took is lost to its last byte.
    for source in memory.sources().iter().filter(|s| s.format.is_none()) {
        assert_eq!(source.losses.iter().map(|l| l.bytes).sum::<u64>(), source.bytes, "{}", source.path);
    }
    // Each row points to the source that it was read from.
    assert!(memory.all().iter().all(|row| memory.sources()[row.source as usize].records > 0));
    assert_eq!(memory.coverage().iter().find(|c| c.table == Table::NetworkActivity).map(|c| (c.records, c.lost)), Some((2, 1)));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (_dir, case) = evidence();
    for n in 0..20 {
        write(&case, &format!("many/{n}.json"), trail(&[&format!("m-{}", n / 2), "e-1"]));
    }
    let with = |threads| read_all(std::slice::from_ref(&case), threads, Some(&EveryCall), &mut NoProgress);
    let (one, many) = (with(1), with(8));
    assert_eq!(one.sources(), many.sources());
    assert_eq!(one.all(), many.all());
    assert_eq!(one.coverage(), many.coverage());
    assert_eq!(format!("{:?}", one.sigma()), format!("{:?}", many.sigma()));
    assert_eq!(one.all().len(), 2 + 4 + 10);
}

#[test]
fn rules_see_every_record_and_matches_of_duplicates_are_dropped() {
    let (_dir, case) = evidence();
    let memory = read(&case);
    let seen: Vec<(&str, &str)> = memory.sigma().iter().map(|m| (m.entities[0].value.as_str(), m.cite.source.as_str())).collect();
    let zip = "case/more.zip!/x/trail.json";
    assert_eq!(seen, [("e-3", zip), ("e-4", zip), ("e-2", "case/org/trail.json"), ("e-1", "case/trail.json")]);
    let first = &memory.sigma()[0];
    assert_eq!(first.at, Some("2026-11-01T00:00:00Z".parse().unwrap()));
    let cited = memory.all().iter().find(|row| memory.cite(row) == first.cite).unwrap();
    assert!(matches!(&cited.body, Body::Api(api) if api.event_id.as_deref() == Some("e-3")));
}

#[test]
fn of_event_history_and_trail_the_one_that_says_more_is_kept() {
    let (_dir, case) = folder();
    write(&case, "a_history.csv", EVENT_HISTORY);
    write(&case, "trail.json", trail(&["e-1"]));
    let memory = read(&case);
    assert_eq!(counts(&memory), [("case/a_history.csv", 0, 1, 0), ("case/trail.json", 1, 0, 0)]);
    let Body::Api(api) = &memory.all()[0].body else { panic!("no API call") };
    assert_eq!(api.request.as_deref(), Some(r#"{"maxCount":9}"#));
    assert_eq!(memory.path(memory.all()[0].source), "case/trail.json");
    assert!(merge::POORER.iter().all(|id| readers::by_id(id).is_some()));
}

#[test]
fn the_same_id_in_another_account_is_another_record() {
    let (_dir, case) = folder();
    write(&case, "1.json", format!(r#"{{"Records":[{}]}}"#, event("e-1", "111122223333")));
    write(&case, "2.json", format!(r#"{{"Records":[{}]}}"#, event("e-1", "444455556666")));
    assert_eq!(counts(&read(&case)), [("case/1.json", 1, 0, 0), ("case/2.json", 1, 0, 0)]);
}

#[test]
fn names_begin_with_the_argument_and_never_clash() {
    let (dir, case) = folder();
    write(&case, "trail.json", trail(&["e-1"]));
    write(dir.path(), "other/case/trail.json", trail(&["e-2"]));
    write(dir.path(), "other/single.json", trail(&["e-3"]));
    let paths =
        [case.clone(), dir.path().join("other/case"), case.join("."), case.join("../case/.."), dir.path().join("other/single.json")];
    let memory = read_all(&paths[..3], 2, None, &mut NoProgress);
    let names: Vec<&str> = memory.sources().iter().map(|s| s.path.as_str()).collect();
    assert_eq!(names, ["case/trail.json", "case (2)/trail.json", "case (3)/trail.json"]);
    let memory = read_all(&paths[3..], 2, None, &mut NoProgress);
    let parent = dir.path().canonicalize().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(memory.sources()[0].path, format!("{parent}/case/trail.json"));
    assert_eq!(memory.sources().last().map(|s| (s.path.as_str(), s.duplicates)), Some(("single.json", 1)));
}

#[test]
fn two_sources_with_one_name_can_be_told_apart() {
    let mut taken = std::collections::HashMap::new();
    let names = ["a", "a (2)", "a", "a", "b"].map(|name| walk::unique(name.to_owned(), &mut taken));
    assert_eq!(names, ["a", "a (2)", "a (3)", "a (4)", "b"]);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let (_dir, case) = folder();
        for (name, id) in [(b"\xfe.json", "e-1"), (b"\xff.json", "e-2")] {
            fs::write(case.join(std::ffi::OsStr::from_bytes(name)), trail(&[id])).unwrap();
        }
        assert_eq!(counts(&read(&case)), [("case/\u{fffd}.json", 1, 0, 0), ("case/\u{fffd}.json (2)", 1, 0, 0)]);
    }
}

#[test]
fn a_path_that_is_gone_is_a_loss() {
    let (dir, case) = folder();
    write(&case, "trail.json", trail(&["e-1"]));
    let memory = read_all(&[dir.path().join("gone"), case], 1, None, &mut NoProgress);
    assert_eq!(counts(&memory), [("gone", 0, 0, 1), ("case/trail.json", 1, 0, 0)]);
    assert_eq!(memory.sources()[0].losses[0].kind, LossKind::Unreadable);
}

#[cfg(unix)]
#[test]
fn links_neither_loop_nor_lead_out() {
    use std::os::unix::fs::symlink;
    let (dir, case) = folder();
    write(dir.path(), "secret.json", trail(&["e-9"]));
    write(&case, "logs/trail.json", trail(&["e-1"]));
    symlink(&case, case.join("loop")).unwrap();
    symlink("logs/trail.json", case.join("current.json")).unwrap();
    symlink("../secret.json", case.join("outside.json")).unwrap();
    symlink("nowhere", case.join("broken")).unwrap();
    let memory = read(&case);
    let expected = [
        ("case/broken", 0, 0, 1),
        ("case/current.json", 0, 0, 0),
        ("case/logs/trail.json", 1, 0, 0),
        ("case/loop", 0, 0, 0),
        ("case/outside.json", 0, 0, 1),
    ];
    assert_eq!(counts(&memory), expected);
    assert_eq!(memory.sources()[1].recognised_by, "a link to case/logs/trail.json, which is read in its own place");
    // A path that was named is followed.
    symlink("case", dir.path().join("latest")).unwrap();
    let memory = read(&dir.path().join("latest"));
    assert_eq!(counts(&memory)[2], ("latest/logs/trail.json", 1, 0, 0));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_cannot_be_opened_is_listed() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, case) = folder();
    let _socket = std::os::unix::net::UnixListener::bind(case.join("socket")).unwrap();
    write(&case, "locked/trail.json", trail(&["e-1"]));
    write(&case, "private.json", trail(&["e-2"]));
    let lock = |name: &str, mode| fs::set_permissions(case.join(name), fs::Permissions::from_mode(mode)).unwrap();
    lock("locked", 0o000);
    lock("private.json", 0o000);
    let memory = read(&case);
    // The superuser reads them all the same.
    if fs::read_dir(case.join("locked")).is_err() {
        assert_eq!(counts(&memory), [("case/locked", 0, 0, 1), ("case/private.json", 0, 0, 1), ("case/socket", 0, 0, 1)]);
        assert!(memory.sources().iter().all(|s| s.losses[0].kind == LossKind::Unreadable));
    } else {
        assert_eq!(counts(&memory).last(), Some(&("case/socket", 0, 0, 1)));
    }
    lock("locked", 0o700);
}

#[test]
fn a_fault_costs_one_file_and_not_the_run() {
    let (_dir, case) = folder();
    write(&case, "1.json", trail(&["e-1"]));
    write(&case, "2.json", trail(&["e-2", "e-fault"]));
    write(&case, "3.json", trail(&["e-3"]));
    let memory = read_all(&[case], 2, Some(&Faulty), &mut NoProgress);
    assert_eq!(counts(&memory), [("case/1.json", 1, 0, 0), ("case/2.json", 0, 0, 1), ("case/3.json", 1, 0, 0)]);
}

#[test]
fn progress_adds_up_to_what_was_announced() {
    #[derive(Default)]
    struct Told {
        total: u64,
        files: u64,
        read: u64,
        steps: u64,
        ended: bool,
    }
    impl Progress for Told {
        fn begin(&mut self, total_bytes: u64, files: u64) {
            (self.total, self.files) = (total_bytes, files);
        }
        fn advance(&mut self, bytes: u64, _what: &str) {
            self.read += bytes;
            self.steps += 1;
        }
        fn end(&mut self) {
            self.ended = true;
        }
    }
    let (_dir, case) = evidence();
    let big = format!("{}{}", FLOWS, "# nothing\n".repeat(400_000));
    write(&case, "big.log", &big);
    let mut told = Told::default();
    let memory = read_all(std::slice::from_ref(&case), 2, None, &mut told);
    assert!(memory.sources().iter().any(|s| s.path == "case/big.log"));
    assert_eq!((told.files, told.read, told.ended), (9, told.total, true));
    assert!(told.total > big.len() as u64 && told.steps > told.files, "a big file is told of while it is read");
}

#[test]
fn one_lake_for_all_callers() {
    let (_dir, case) = evidence();
    let request = IngestRequest { paths: &[case], reference: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, rules: None };
    let evidence = FileLake.ingest(&request, &mut NoProgress).unwrap();
    assert_eq!(evidence.sources().len(), 9);
    let nothing = FileLake.ingest(&IngestRequest { paths: &[], ..request }, &mut NoProgress).unwrap();
    assert!(nothing.sources().is_empty() && nothing.coverage().is_empty());
}

/// The example's evidence.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ssh-port-scan/evidence")
}

#[test]
fn tables_go_to_parquet_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let memory = read_all(&[example()], 2, None, &mut NoProgress);
    let written = crate::export(&memory, folder.path()).unwrap();
    let tables: Vec<_> = written.iter().map(|e| e.table).collect();
    assert!(tables.contains(&"api_activity") && tables.contains(&"network_activity") && tables.last() == Some(&"sources"), "{tables:?}");
    for one in written.iter().filter(|e| e.table != "sources") {
        let table = abate_model::Table::by_name(one.table).unwrap();
        let expected: Vec<_> = memory.all().iter().filter(|row| row.table() == table).collect();
        let mut rows = Vec::new();
        crate::read_table(table, &one.file, &mut |row| {
            rows.push(row.clone().into_owned());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!((one.rows, rows.len()), (expected.len() as u64, expected.len()), "{}", one.table);
        assert!(rows.iter().zip(expected).all(|(read, kept)| read == kept), "{}", one.table);
    }
}

#[test]
fn the_raw_record_behind_every_row_is_found_again() {
    let paths = [example()];
    let memory = read_all(&paths, 2, None, &mut NoProgress);
    let (reference, zone) = (Timestamp::from_second(1_793_000_000).unwrap(), TimeZone::UTC);
    for row in memory.all().iter().step_by(97) {
        let cite = memory.cite(row);
        let raw = crate::raw(&paths, &cite, reference, &zone).unwrap_or_else(|| panic!("nothing at {cite}"));
        assert!(!raw.is_empty());
    }
    let nowhere =
        abate_model::Cite { source: "evidence/none.log".to_owned(), locator: abate_model::Locator::Bytes { offset: 0, length: 1 } };
    assert!(crate::raw(&paths, &nowhere, reference, &zone).is_none());
}
