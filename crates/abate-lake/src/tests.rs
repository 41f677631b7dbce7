//! The lake over real files in a temporary folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::ports::{NoObjects, NoProgress, RuleMatcher};
use abate_evidence::readers;
use abate_model::{Body, Entity, EntityKind, Filter, LossKind, Row, RuleInfo, RuleMatch, Severity, SigmaMatch, Source, Table};
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

pub(crate) fn trail(ids: &[&str]) -> String {
    let events: Vec<String> = ids.iter().map(|id| event(id, "111122223333")).collect();
    format!(r#"{{"Records":[{}]}}"#, events.join(","))
}

/// Reports every call of the API.
pub(crate) struct EveryCall;

impl RuleMatcher for EveryCall {
    fn matches(&self, row: &Row<'_>, raw: &[u8]) -> Vec<RuleMatch> {
        assert!(!raw.is_empty());
        let rule = RuleInfo { id: "every-call".into(), title: "every call".into(), author: None, level: Severity::Low, tags: Vec::new() };
        let Body::Api(api) = &row.body else { return Vec::new() };
        let id = api.event_id.clone().unwrap_or_default().into_owned();
        let values = vec![("eventID".to_owned(), id.clone())];
        vec![RuleMatch { rule, entities: vec![Entity { kind: EntityKind::ApiCall, value: id }], values }]
    }

    fn digest(&self) -> String {
        "every call".to_owned()
    }
}

/// Breaks down on one event, as a reader with a fault would.
struct Faulty;

impl RuleMatcher for Faulty {
    fn matches(&self, row: &Row<'_>, _raw: &[u8]) -> Vec<RuleMatch> {
        assert!(!matches!(&row.body, Body::Api(api) if api.event_id.as_deref() == Some("e-fault")), "a fault on purpose");
        Vec::new()
    }

    fn digest(&self) -> String {
        "faulty".to_owned()
    }
}

/// All rows, table by table.
pub(crate) fn all(stored: &Stored) -> Vec<Row<'static>> {
    let mut rows = Vec::new();
    for table in Table::ALL {
        stored.each(&Filter::table(table), &mut |row| rows.push(row.clone().into_owned()));
    }
    assert_eq!(stored.trouble(), None);
    rows
}

pub(crate) fn matches(stored: &Stored) -> Vec<SigmaMatch> {
    let mut found = Vec::new();
    stored.sigma(&mut |hit| found.push(hit.clone()));
    found
}

fn read_all(paths: &[PathBuf], threads: usize, rules: Option<&dyn RuleMatcher>, progress: &mut dyn Progress) -> Stored {
    keep_all(paths, None, &Tuning { threads, ..Tuning::default() }, rules, progress)
}

pub(crate) fn keep_all(
    paths: &[PathBuf],
    lake: Option<&Path>,
    tuning: &Tuning,
    rules: Option<&dyn RuleMatcher>,
    progress: &mut dyn Progress,
) -> Stored {
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    ingest(
        &IngestRequest { paths, reference, zone: TimeZone::UTC, rules, any_rules: false, lake, preserve: None, forget_gone: false },
        &NoObjects,
        tuning,
        progress,
    )
    .unwrap()
}

/// Where records of the evidence are looked for.
pub(crate) fn look(paths: &[PathBuf]) -> Look<'_> {
    static UTC: TimeZone = TimeZone::UTC;
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    Look { paths, objects: &NoObjects, reference, zone: &UTC, sha256: None, copies: None }
}

fn read(path: &Path) -> Stored {
    read_all(&[path.to_owned()], 2, Some(&EveryCall), &mut NoProgress)
}

pub(crate) fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
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

pub(crate) fn evidence() -> (tempfile::TempDir, PathBuf) {
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
fn counts(memory: &Stored) -> Vec<(&str, u64, u64, u64)> {
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
    assert_eq!(sum(|s| s.records), all(&memory).len() as u64);
    // Bytes: what no reader took is lost to its last byte.
    for source in memory.sources().iter().filter(|s| s.format.is_none()) {
        assert_eq!(source.losses.iter().map(|l| l.bytes).sum::<u64>(), source.bytes, "{}", source.path);
    }
    // Each row points to the source that it was read from.
    assert!(all(&memory).iter().all(|row| memory.sources()[row.source as usize].records > 0));
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
    assert_eq!(all(&one), all(&many));
    assert_eq!(one.coverage(), many.coverage());
    assert_eq!(format!("{:?}", matches(&one)), format!("{:?}", matches(&many)));
    assert_eq!(all(&one).len(), 2 + 4 + 10);
}

#[test]
fn rules_see_every_record_and_matches_of_duplicates_are_dropped() {
    let (_dir, case) = evidence();
    let memory = read(&case);
    let hits = matches(&memory);
    let seen: Vec<(&str, &str)> = hits.iter().map(|m| (m.entities[0].value.as_str(), m.cite.source.as_str())).collect();
    let zip = "case/more.zip!/x/trail.json";
    assert_eq!(seen, [("e-3", zip), ("e-4", zip), ("e-2", "case/org/trail.json"), ("e-1", "case/trail.json")]);
    let first = &matches(&memory)[0];
    assert_eq!(first.at, Some("2026-11-01T00:00:00Z".parse().unwrap()));
    let cited = all(&memory).into_iter().find(|row| memory.cite(row) == first.cite).unwrap();
    assert!(matches!(&cited.body, Body::Api(api) if api.event_id.as_deref() == Some("e-3")));
}

#[test]
fn of_event_history_and_trail_the_one_that_says_more_is_kept() {
    let (_dir, case) = folder();
    write(&case, "a_history.csv", EVENT_HISTORY);
    write(&case, "trail.json", trail(&["e-1"]));
    let memory = read(&case);
    assert_eq!(counts(&memory), [("case/a_history.csv", 0, 1, 0), ("case/trail.json", 1, 0, 0)]);
    let Body::Api(api) = &all(&memory)[0].body else { panic!("no API call") };
    assert_eq!(api.request.as_deref(), Some(r#"{"maxCount":9}"#));
    assert_eq!(memory.path(all(&memory)[0].source), "case/trail.json");
    assert!(duplicates::POORER.iter().all(|id| readers::by_id(id).is_some()));
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

#[cfg(target_os = "linux")]
#[test]
fn names_of_any_bytes_stay_apart_and_are_found_again() {
    use std::os::unix::ffi::OsStrExt;
    let (_dir, case) = folder();
    // Not UTF-8; Japanese; a name like the one that the first is given; and one like a second of a name.
    let names = [&b"\xfe.json"[..], b"\xff.json", b"\x83\x8d\x83O.json", b"\\xfe.json", b"a.json", b"a.json (2)"];
    for (n, name) in names.iter().enumerate() {
        fs::write(case.join(std::ffi::OsStr::from_bytes(name)), trail(&[&format!("e-{n}")])).unwrap();
    }
    let twice = zipped(&[("x!/t.json", &trail(&["z-1"])), ("y.json", &trail(&["z-2"]))]);
    write(&case, "b.zip", twice);
    write(&case, "b.zip!/y.json", trail(&["z-3"]));
    let paths = [case];
    let memory = read_all(&paths, 2, None, &mut NoProgress);
    let listed: Vec<&str> = memory.sources().iter().map(|s| s.path.as_str()).collect();
    let expected = [
        "case/\\xfe.json",
        "case/a.json",
        "case/a.json (2)",
        "case/b.zip!/x!/t.json",
        "case/b.zip!/y.json",
        "case/b.zip!/y.json (2)",
        "case/ログ.json",
        "case/\\xfe.json (2)",
        "case/\\xff.json",
    ];
    assert_eq!(listed, expected);
    for row in all(&memory) {
        let cite = memory.cite(&row);
        // A folder that is named like an archive beside it is the one case where a name is made different only at the end.
        if cite.source.ends_with("y.json (2)") {
            continue;
        }
        let raw = crate::raw(&look(&paths), &cite).unwrap_or_else(|why| panic!("{why:?} at {cite}"));
        let Body::Api(api) = &row.body else { panic!("no API call") };
        assert!(String::from_utf8(raw).unwrap().contains(api.event_id.as_deref().unwrap()), "{cite}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_never_opened_and_a_link_to_itself_never_followed() {
    let (_dir, case) = folder();
    let made = std::process::Command::new("mkfifo").arg(case.join("pipe")).status();
    std::os::unix::fs::symlink("round", case.join("round")).unwrap();
    write(&case, "trail.json", trail(&["e-1"]));
    let memory = read(&case);
    let pipe: Vec<_> = if made.is_ok_and(|status| status.success()) { vec![("case/pipe", 0, 0, 1)] } else { Vec::new() };
    let expected: Vec<_> = pipe.into_iter().chain([("case/round", 0, 0, 1), ("case/trail.json", 1, 0, 0)]).collect();
    assert_eq!(counts(&memory), expected);
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

const AUTH: &str = "Nov  1 20:00:00 web1 sshd[900]: Failed password for root from 198.51.100.77 port 40000 ssh2\n";

fn tarred(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn a_disk_root_lists_logs_and_sums_up_what_was_installed() {
    let (_dir, case) = folder();
    write(&case, "disk/var/log/auth.log", AUTH);
    write(&case, "disk/var/log/unknown.log", "no reader knows this\n");
    write(&case, "disk/home/a/tool", b"\x7FELF\x02");
    write(&case, "disk/etc/hostname", "web1\n");
    for n in 0..30 {
        write(&case, &format!("disk/usr/bin/{n}"), format!("\x7FELF{n}"));
        write(&case, &format!("disk/usr/share/doc/{n}/README"), format!("words about {n}\n"));
        write(&case, &format!("disk/usr/share/icons/{n}.png"), b"\x89PNG\r\n\x1A\n");
    }
    // What a reader takes is a source of its own wherever it lies; a damaged file is told of by itself.
    write(&case, "disk/usr/local/logs/auth.log", AUTH.repeat(2));
    write(&case, "disk/usr/share/cut.gz", b"\x1F\x8B\x08\0\0");
    #[cfg(unix)]
    std::os::unix::fs::symlink("0", case.join("disk/usr/bin/link")).unwrap();
    let memory = read(&case);
    let expected = [
        ("case/disk/etc/hostname", 0, 0, 1),
        ("case/disk/home/a/tool", 0, 0, 1),
        ("case/disk/usr", 0, 0, 90),
        ("case/disk/usr/local/logs/auth.log", 2, 0, 0),
        ("case/disk/usr/share/cut.gz", 0, 0, 1),
        ("case/disk/var/log/auth.log", 1, 0, 0),
        ("case/disk/var/log/unknown.log", 0, 0, 1),
    ];
    assert_eq!(counts(&memory), expected);
    let usr = &memory.sources()[2];
    let losses: Vec<(&str, u64)> = usr.losses.iter().map(|l| (l.reason.as_str(), l.count)).collect();
    let reasons = [
        ("ELF program or library: no log (the first: bin/0)", 30),
        ("text that no reader knows (the first: share/doc/0/README)", 30),
        ("image: no log (the first: share/icons/0.png)", 30),
    ];
    assert_eq!(losses, reasons);
    assert_eq!(usr.losses.iter().map(|l| l.bytes).sum::<u64>(), usr.bytes);
    #[cfg(unix)]
    assert!(usr.recognised_by.contains("90 files") && usr.recognised_by.contains("1 links"), "{}", usr.recognised_by);
}

#[test]
fn collections_of_uac_and_velociraptor_are_read_member_by_member() {
    use flate2::{Compression, write::GzEncoder};
    let (_dir, case) = folder();
    let programs: Vec<String> = (0..25).map(|n| format!("[root]/usr/bin/{n}")).collect();
    let mut members: Vec<(&str, &[u8])> = vec![
        ("live_response/process/ps_auxwww.txt", b"USER PID\nroot 1\n"),
        ("[root]/etc/hostname", b"web1\n"),
        ("[root]/var/log/auth.log", AUTH.as_bytes()),
    ];
    members.extend(programs.iter().map(|name| (name.as_str(), b"\x7FELF".as_slice())));
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(&tarred(&members)).unwrap();
    write(&case, "uac-web1-linux-20261101200000.tar.gz", gz.finish().unwrap());
    let second = AUTH.replace("900", "901");
    let velociraptor = [
        ("client_info.json", "{\"Hostname\":\"web2\"}"),
        ("uploads/auto/%2Fvar%2Flog%2Fauth.log", second.as_str()),
        ("results/Linux.Sys.Pslist.json", "{\"Pid\":1,\"Name\":\"init\"}\n"),
    ];
    write(&case, "Collection-web2-2026-11-01T20_00_00Z.zip", zipped(&velociraptor));
    let memory = read(&case);
    let (zip, tar) = ("case/Collection-web2-2026-11-01T20_00_00Z.zip!/", "case/uac-web1-linux-20261101200000.tar.gz!/");
    let expected = [
        (format!("{zip}client_info.json"), 0, 1),
        (format!("{zip}uploads/auto/%2Fvar%2Flog%2Fauth.log"), 1, 0),
        (format!("{zip}results/Linux.Sys.Pslist.json"), 0, 1),
        (format!("{tar}live_response/process/ps_auxwww.txt"), 0, 1),
        (format!("{tar}[root]/etc/hostname"), 0, 1),
        (format!("{tar}[root]/var/log/auth.log"), 1, 0),
        (format!("{tar}[root]/usr"), 0, 25),
    ];
    let got: Vec<(String, u64, u64)> = memory.sources().iter().map(|s| (s.path.clone(), s.records, s.lost())).collect();
    assert_eq!(got, expected);
    let usr = memory.sources().last().unwrap();
    assert_eq!(usr.containers.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(), [tar.trim_end_matches("!/")]);
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
    let request = IngestRequest {
        paths: &[case],
        reference: Timestamp::UNIX_EPOCH,
        zone: TimeZone::UTC,
        rules: None,
        any_rules: false,
        lake: None,
        preserve: None,
        forget_gone: false,
    };
    let evidence = FileLake { objects: &NoObjects }.ingest(&request, &mut NoProgress).unwrap();
    assert_eq!(evidence.sources().len(), 9);
    let nothing = FileLake { objects: &NoObjects }.ingest(&IngestRequest { paths: &[], ..request }, &mut NoProgress).unwrap();
    assert!(nothing.sources().is_empty() && nothing.coverage().is_empty());
}

/// The example's evidence.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ssh-port-scan/evidence")
}

#[test]
fn tables_go_to_parquet_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let memory = read_all(&[example()], 2, None, &mut NoProgress);
    let written = crate::export(&memory, folder.path()).unwrap();
    let tables: Vec<_> = written.iter().map(|e| e.table).collect();
    assert!(
        tables.contains(&"api_activity") && tables.contains(&"network_activity") && tables.ends_with(&["sources", "losses", "coverage"]),
        "{tables:?}"
    );
    for (one, table) in written.iter().filter_map(|e| Some((e, Table::by_name(e.table)?))) {
        let expected: Vec<_> = all(&memory).into_iter().filter(|row| row.table() == table).collect();
        let mut rows = Vec::new();
        crate::read_table(table, &one.file, &mut |row| {
            rows.push(row.clone().into_owned());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!((one.rows, rows.len()), (expected.len() as u64, expected.len()), "{}", one.table);
        assert!(rows.iter().zip(expected).all(|(read, kept)| *read == kept), "{}", one.table);
    }
}

#[test]
fn the_raw_record_behind_every_row_is_found_again() {
    let paths = [example()];
    let memory = read_all(&paths, 2, None, &mut NoProgress);
    for row in all(&memory).iter().step_by(97) {
        let cite = memory.cite(row);
        let raw = crate::raw(&look(&paths), &cite).unwrap_or_else(|why| panic!("{why:?} at {cite}"));
        assert!(!raw.is_empty());
    }
    let nowhere =
        abate_model::Cite { source: "evidence/none.log".to_owned(), locator: abate_model::Locator::Bytes { offset: 0, length: 1 } };
    assert_eq!(crate::raw(&look(&paths), &nowhere), Err(NotShown::Absent));
}
