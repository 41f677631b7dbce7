//! One large log of lines is read by several threads, and nothing of the result shows it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use abate_app::ports::{NoProgress, RuleMatcher};
use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::{Body, Entity, EntityKind, Loss, Row, RuleInfo, RuleMatch, Severity, Table};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::tests::{all, keep_all, matches, write};
use super::*;

/// Reports every line of the kernel.
struct Kernel;

impl RuleMatcher for Kernel {
    fn matches(&self, row: &Row<'_>, raw: &[u8]) -> Vec<RuleMatch> {
        assert!(!raw.is_empty());
        let Body::Text(text) = &row.body else { return Vec::new() };
        if text.program.as_deref() != Some("kernel") {
            return Vec::new();
        }
        let rule = RuleInfo { id: "kernel".into(), title: "kernel".into(), author: None, level: Severity::Low, tags: vec!["t".into()] };
        let entities = vec![Entity::new(EntityKind::Host, text.message.as_ref())];
        vec![RuleMatch { rule, entities, values: Vec::new() }]
    }

    fn digest(&self) -> String {
        "kernel".to_owned()
    }
}

/// Lines of several tables, hardly in order of time, with some that are lost.
fn log(bytes: usize) -> String {
    let (mut log, mut n) = (String::new(), 0_u32);
    while log.len() < bytes {
        let (minute, second) = (n / 997 % 60, n * 7 % 60);
        let _ = match n % 500 {
            0 => writeln!(log, "no line of syslog at all, number {n}"),
            1 => writeln!(log, "Oct 11 08:{minute:02}:{second:02} web1 kernel: oops {n}"),
            2 => {
                writeln!(log, "Oct 11 08:{minute:02}:{second:02} web1 useradd[1]: new user: name=u{n}, UID=1001, GID=1001, home=/home/u{n}")
            }
            _ => writeln!(
                log,
                "Oct 11 08:{minute:02}:{second:02} web1 sshd[{n}]: Failed password for root from 203.0.113.{} port {n} ssh2",
                n % 250
            ),
        };
        n += 1;
    }
    log
}

/// What a reader makes of a log by itself.
#[derive(Default)]
struct Alone {
    rows: Vec<Row<'static>>,
    losses: Vec<Loss>,
    sha256: String,
}

impl Visitor for Alone {
    fn begin(&mut self, _path: &str, _format: Option<&'static Reader>) {}
    fn row(&mut self, row: Row<'_>, _raw: &[u8]) {
        self.rows.push(row.into_owned());
    }
    fn end(&mut self, end: SourceEnd) {
        (self.losses, self.sha256) = (end.losses, end.sha256);
    }
}

fn files(lake: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(lake)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path)
            } else {
                vec![(path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())]
            }
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_large_log_gives_the_same_whoever_reads_its_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case");
    let text = log(20 << 20);
    write(&case, "auth.log", &text);
    // Others in the same shard, in front of it and behind it.
    write(&case, "a.log", "Oct 11 08:00:00 web1 kernel: in front\n".repeat(3));
    write(&case, "z.log", "Oct 11 08:00:00 web1 kernel: behind\n".repeat(4));
    let context = ReadContext { reference: Timestamp::from_second(1_793_000_000).unwrap(), zone: TimeZone::UTC };
    let mut alone = Alone::default();
    read_stream("auth.log", &mut text.as_bytes(), &context, &Limits::default(), &mut alone);
    let mut lakes = Vec::new();
    for threads in [1, 2, 5] {
        let lake = dir.path().join(format!("lake-{threads}"));
        let tuning = Tuning { threads, durable: false, ..Tuning::default() };
        let stored = keep_all(std::slice::from_ref(&case), Some(&lake), &tuning, Some(&Kernel), &mut NoProgress);
        let source = stored.sources().iter().position(|source| source.path.ends_with("auth.log")).unwrap();
        let is_of_log = |row: &Row<'_>| row.source as usize == source;
        assert_eq!((&stored.sources()[source].losses, &stored.sources()[source].sha256), (&alone.losses, &alone.sha256));
        assert_eq!(stored.sources()[source].records, alone.rows.len() as u64);
        for table in [Table::Authentication, Table::TimedText, Table::AccountChange] {
            let mut expected: Vec<&Row<'_>> = alone.rows.iter().filter(|row| row.table() == table).collect();
            assert!(expected.len() > 200);
            expected.sort_by_key(|row| row.at);
            let rows: Vec<Row<'_>> = all(&stored).into_iter().filter(|row| row.table() == table && is_of_log(row)).collect();
            assert_eq!(rows.len(), expected.len());
            for (row, expected) in rows.iter().zip(expected) {
                assert_eq!((row.at, row.locator, &row.body), (expected.at, expected.locator, &expected.body));
            }
        }
        // Each match is of the row that it says.
        let found = matches(&stored);
        assert_eq!(found.len(), alone.rows.iter().filter(|row| !Kernel.matches(row, b"x").is_empty()).count() + 7);
        for hit in found.iter().filter(|hit| hit.cite.source.ends_with("auth.log")) {
            let row = alone.rows.iter().find(|row| row.locator == hit.cite.locator).unwrap();
            assert!(matches!(&row.body, Body::Text(text) if text.message == hit.entities[0].value), "{hit:?} of {row:?}");
        }
        lakes.push(files(&lake));
    }
    assert!(lakes.iter().all(|lake| *lake == lakes[0]), "the same files, whoever read them");
}
