//! The lake over real files in a temporary folder.

use std::io::Write;
use std::path::PathBuf;

use abate_app::ports::NoProgress;
use jiff::{Timestamp, tz::TimeZone};

use super::*;

const FLOWS: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n\
2 111122223333 eni-1 10.0.0.5 198.51.100.1 40000 22 6 1 60 1790000000 1790000060 ACCEPT OK\n\
2 111122223333 eni-1 10.0.0.5 198.51.100.2 40000 22 6 1 60 1790000060 1790000120 ACCEPT OK\n\
this is no flow\n";

fn event(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.09","eventTime":"2026-11-01T00:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","eventID":"{id}","userIdentity":{{"type":"IAMUser","accountId":"111122223333"}}}}"#
    )
}

fn read(dir: &std::path::Path, threads: usize) -> Memory {
    let request = IngestRequest {
        paths: &[dir.to_path_buf()],
        reference: Timestamp::from_second(1_793_000_000).unwrap(),
        zone: TimeZone::UTC,
        rules: None,
    };
    ingest(&request, threads, &mut NoProgress).unwrap()
}

fn evidence() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path: PathBuf = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(bytes).unwrap();
    };
    write("a/flows.log", FLOWS.as_bytes());
    write("b/flows-copy.log", FLOWS.as_bytes());
    write("trail.json", format!(r#"{{"Records":[{},{}]}}"#, event("e-1"), event("e-2")).as_bytes());
    write("org/trail.json", format!(r#"{{"Records":[{},{}]}}"#, event("e-2"), event("e-3")).as_bytes());
    write("photo.jpg", &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
    write("nothing.log", b"");
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    dir
}

#[test]
fn everything_listed_is_read_or_duplicate_or_lost() {
    let dir = evidence();
    let memory = read(dir.path(), 2);
    let name = dir.path().file_name().unwrap().to_string_lossy().into_owned();
    let seen: Vec<(String, u64, u64, u64)> =
        memory.sources().iter().map(|s| (s.path.strip_prefix(&name).unwrap().to_owned(), s.records, s.duplicates, s.lost())).collect();
    let expected = [
        ("/a/flows.log", 2, 0, 1),
        ("/b/flows-copy.log", 0, 2, 1),
        ("/empty", 0, 0, 1),
        ("/nothing.log", 0, 0, 1),
        ("/org/trail.json", 2, 0, 0),
        ("/photo.jpg", 0, 0, 1),
        ("/trail.json", 1, 1, 0),
    ];
    assert_eq!(seen, expected.map(|(p, r, d, l)| (p.to_owned(), r, d, l)));
    assert_eq!(memory.all().len(), 5);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let dir = evidence();
    let (one, many) = (read(dir.path(), 1), read(dir.path(), 8));
    assert_eq!(one.sources(), many.sources());
    assert_eq!(one.all(), many.all());
    assert_eq!(one.coverage(), many.coverage());
}

#[test]
fn a_missing_path_and_a_loop_are_losses() {
    let dir = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
    let request = IngestRequest {
        paths: &[dir.path().join("gone"), dir.path().to_path_buf()],
        reference: Timestamp::from_second(1_793_000_000).unwrap(),
        zone: TimeZone::UTC,
        rules: None,
    };
    let memory = ingest(&request, 1, &mut NoProgress).unwrap();
    assert_eq!(memory.sources().len(), 2);
    assert!(memory.sources().iter().all(|s| s.losses[0].kind == LossKind::Unreadable));
}
