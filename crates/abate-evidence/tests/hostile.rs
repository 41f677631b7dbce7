//! Hostile and broken input: archives, bombs, cuts, arbitrary bytes; and that locators lead back to their rows.

#![allow(clippy::unwrap_used)]

mod common;

use abate_evidence::{Limits, Sink, readers};
use abate_model::{Body, Locator, LossKind, Row};
use common::pack::{gz, hash, tarred, zipped};
use common::{FIXTURES, Source, ctx, place, single, span, visit, visit_with};
use proptest::prelude::*;

fn bytes_of(reader: &str, name: &str) -> &'static [u8] {
    FIXTURES.iter().find(|f| (f.0, f.1) == (reader, name)).unwrap().2
}

fn brief(sources: &[Source]) -> Vec<(String, Option<&'static str>, usize)> {
    sources.iter().map(|s| (s.end.path.clone(), s.end.format, s.rows.len())).collect()
}

fn first_loss(source: &Source) -> (LossKind, &str) {
    source.end.losses.first().map(|l| (l.kind, l.reason.as_str())).unwrap()
}

#[test]
fn gzip_also_of_several_parts() {
    let auth = bytes_of("syslog", "iso");
    let plain = single("a.log", auth);
    let (one, two) = auth.split_at(200);
    let packed = [gz(one), gz(two)].concat();
    let s = single("a.log.gz", &packed);
    assert_eq!((s.end.path.as_str(), s.rows.len(), s.losses()), ("a.log.gz", 8, vec![]));
    assert_eq!((s.end.sha256.clone(), s.end.bytes), (plain.end.sha256, auth.len() as u64));
    assert_eq!(s.end.containers.len(), 1);
    assert_eq!(s.end.containers[0].path, "a.log.gz");
    assert_eq!(s.end.containers[0].sha256, hash(&packed));
}

#[test]
fn archives_in_archives() {
    let (auth, flow) = (bytes_of("syslog", "iso"), bytes_of("vpc-flow", "v2"));
    let tgz = gz(&tarred(&[("./logs/auth.log", auth), ("logs/flow.gz", &gz(flow))]));
    let inner = zipped(&[("deep/auth", auth)]);
    let outer = zipped(&[("a.tgz", &tgz), ("in.zip", &inner), ("empty", b""), ("odd.bin", b"\x00\x01\x02")]);
    let all = visit("o.zip", &outer);
    let want = [
        ("o.zip!/a.tgz!/logs/auth.log", Some("syslog"), 8),
        ("o.zip!/a.tgz!/logs/flow.gz", Some("vpc-flow"), 4),
        ("o.zip!/in.zip!/deep/auth", Some("syslog"), 8),
        ("o.zip!/empty", None, 0),
        ("o.zip!/odd.bin", None, 0),
    ];
    assert_eq!(brief(&all), want.map(|(p, f, n)| (p.to_owned(), f, n)));
    let chain = |n: usize| all[n].end.containers.iter().map(|c| (c.path.as_str(), c.sha256.clone())).collect::<Vec<_>>();
    let flow_gz = "o.zip!/a.tgz!/logs/flow.gz";
    assert_eq!(chain(0), [("o.zip", hash(&outer)), ("o.zip!/a.tgz", hash(&tgz))]);
    assert_eq!(chain(1), [("o.zip", hash(&outer)), ("o.zip!/a.tgz", hash(&tgz)), (flow_gz, hash(&gz(flow)))]);
    assert_eq!(chain(2), [("o.zip", hash(&outer)), ("o.zip!/in.zip", hash(&inner))]);
    assert_eq!(first_loss(&all[3]).0, LossKind::Empty);
    assert_eq!(first_loss(&all[4]).0, LossKind::NotRecognised);
    let tar = tarred(&[("a", auth)]);
    let plain = visit("t.tar", &tar);
    assert_eq!((brief(&plain).len(), plain[0].end.containers[0].sha256.clone()), (1, hash(&tar)));
    assert_eq!(first_loss(&visit("e.zip", &zipped(&[]))[0]).0, LossKind::Empty);
}

#[test]
fn names_that_climb_out_are_refused() {
    let auth = bytes_of("syslog", "iso");
    for archive in [zipped(&[("../../etc/cron.d/x", auth), ("good", auth)]), tarred(&[("../../etc/cron.d/x", auth), ("good", auth)])] {
        let all = visit("a", &archive);
        assert_eq!(brief(&all), [("a!/../../etc/cron.d/x".to_owned(), None, 0), ("a!/good".to_owned(), Some("syslog"), 8)]);
        assert_eq!(first_loss(&all[0]).0, LossKind::UnsafePath);
        assert_eq!(all[0].end.losses[0].bytes, auth.len() as u64);
    }
}

#[test]
fn names_in_archives_stay_apart() {
    let auth = bytes_of("syslog", "iso");
    let paths = |archive: &[u8]| visit("a", archive).iter().map(|s| s.end.path.clone()).collect::<Vec<_>>();
    // The builder wants text, so the names are put in afterwards: Shift_JIS, code page 437, and a name that a byte order of
    // its own makes the same.
    let mut zip = zipped(&[("aaaaaaaa", auth), ("bbbbbbbbbb", auth)]);
    for (from, to) in [(&b"aaaaaaaa"[..], &b"\x83\x8d\x83O.log"[..]), (b"bbbbbbbbbb", b"r\x82sum\x82.log")] {
        while let Some(at) = zip.windows(from.len()).position(|w| w == from) {
            zip[at..at + to.len()].copy_from_slice(to);
        }
    }
    assert_eq!(paths(&zip), ["a!/ログ.log", "a!/résumé.log"]);
    let mut tar = tarred(&[("x", auth), ("x", auth), ("./x", auth), ("ab", auth), ("\\xff", auth)]);
    // The name of the fourth member becomes a byte that is no text.
    let at = tar.windows(3).position(|w| w == b"ab\0").unwrap();
    tar[at..at + 2].copy_from_slice(b"\xff\0");
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes().copy_from_slice(&tar[at..at + 512]);
    header.set_cksum();
    tar[at..at + 512].copy_from_slice(header.as_bytes());
    assert_eq!(paths(&tar), ["a!/x", "a!/x (2)", "a!/x (3)", "a!/\\xff", "a!/\\xff (2)"]);
}

#[test]
fn names_that_lead_elsewhere_and_links_are_never_followed() {
    let auth = bytes_of("syslog", "iso");
    for name in ["/etc/passwd", "C:\\Windows\\x", "c:/x", "\\\\server\\share\\x", "a/../../b", "a\\..\\b", ".."] {
        let all = visit("a", &tarred(&[(name, auth), ("good", auth)]));
        assert_eq!((all.len(), first_loss(&all[0]).0, all[1].rows.len()), (2, LossKind::UnsafePath, 8), "{name}");
        assert!(all[0].rows.is_empty());
    }
    let mut builder = tar::Builder::new(Vec::new());
    for (kind, count) in [(tar::EntryType::Symlink, 3), (tar::EntryType::Link, 2), (tar::EntryType::Fifo, 1), (tar::EntryType::Block, 1)] {
        for n in 0..count {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            builder.append_link(&mut header, format!("{kind:?}-{n}"), "../../etc/passwd").unwrap();
        }
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(auth.len() as u64);
    builder.append_data(&mut header, "log", auth).unwrap();
    let all = visit("a", &builder.into_inner().unwrap());
    assert_eq!(brief(&all), [("a!/log".to_owned(), Some("syslog"), 8), ("a".to_owned(), None, 0)]);
    assert_eq!(all[1].losses(), [(LossKind::NotSupported, 5), (LossKind::NotSupported, 2)]);
    assert_eq!(all[1].end.losses[0].first, Some(Locator::Bytes { offset: 0, length: 512 }));
}

#[test]
fn bombs_stop() {
    let zeros = vec![b'0'; 64 << 20];
    let bomb = gz(&zeros);
    let limits = Limits { max_ratio: 100, ..Limits::default() };
    let all = visit_with("b.gz", &bomb, &limits);
    assert_eq!(all.len(), 1);
    assert!(all[0].end.losses.iter().any(|l| l.kind == LossKind::OverLimit && l.reason.contains("100 times")), "{:?}", all[0].end.losses);
    assert!(all[0].end.bytes < 18 << 20);
    let all = visit_with("b.zip", &zipped(&[("zeros", &zeros), ("good", bytes_of("syslog", "iso"))]), &limits);
    assert!(all[0].end.losses.iter().any(|l| l.kind == LossKind::OverLimit));
    assert_eq!(all[1].rows.len(), 8, "the next member is still read");
    let limits = Limits { max_stream: 1 << 20, ..Limits::default() };
    let all = visit_with("b.gz", &bomb, &limits);
    assert!(all[0].end.losses.iter().any(|l| l.kind == LossKind::OverLimit && l.reason.contains("1048576 bytes")));
    let limits = Limits { max_document: 500, ..Limits::default() };
    let stored = zipped(&[("a", &(0..3000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>())]);
    let all = visit_with("big.zip", &stored, &limits);
    assert_eq!(
        (all.len(), first_loss(&all[0]).0, all[0].end.bytes, all[0].end.sha256.clone()),
        (1, LossKind::OverLimit, stored.len() as u64, hash(&stored))
    );
}

#[test]
fn depth_and_number_of_members_are_bounded() {
    let mut nested = bytes_of("syslog", "iso").to_vec();
    for _ in 0..8 {
        nested = zipped(&[("n.zip", &nested)]);
    }
    let all = visit("n.zip", &nested);
    assert_eq!((all.len(), first_loss(&all[0]).0), (1, LossKind::OverLimit));
    assert_eq!(all[0].end.containers.len(), 5);
    let names: Vec<String> = (0..20).map(|n| format!("m{n}")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b"x"[..])).collect();
    for archive in [zipped(&members), tarred(&members)] {
        let all = visit_with("many", &archive, &Limits { max_members: 7, ..Limits::default() });
        assert_eq!(all.len(), 8);
        assert_eq!((all[7].end.path.as_str(), first_loss(&all[7]).0), ("many", LossKind::OverLimit));
    }
}

#[test]
fn cut_archives_say_so() {
    let auth = bytes_of("syslog", "iso").repeat(400);
    let packed = gz(&auth);
    let all = visit("a.gz", &packed[..packed.len() - 9]);
    let s = &all[0];
    assert_eq!(s.end.format, Some("syslog"));
    assert!(s.end.losses.iter().any(|l| l.kind == LossKind::Truncated), "{:?}", s.end.losses);
    // The line that the cut goes through is not handed out as if it were whole.
    assert!(s.rows.iter().all(|r| auth[span(r.0.locator)] == r.1[..]));
    let all = visit("a.gz", &packed[..12]);
    assert_eq!(all[0].losses(), [(LossKind::Truncated, 1)]);
    let all = visit("a.gz", &[packed.as_slice(), b"bytes that are no gzip"].concat());
    assert!(all[0].end.losses.iter().any(|l| l.kind == LossKind::Malformed), "{:?}", all[0].end.losses);
    let tar = tarred(&[("a", &auth), ("b", &auth)]);
    let all = visit("t.tar", &tar[..tar.len() - 3000]);
    let truncated = |s: &Source| s.end.losses.iter().any(|l| l.kind == LossKind::Truncated);
    assert!(!truncated(&all[0]) && truncated(&all[1]), "{:?}", all[1].end.losses);
    let zip = zipped(&[("a", &auth)]);
    let all = visit("z.zip", &zip[..zip.len() - 30]);
    assert_eq!((all.len(), first_loss(&all[0]).0), (1, LossKind::Truncated));
}

#[test]
fn an_encrypted_member_is_a_loss() {
    let mut zip = zipped(&[("secret.log", bytes_of("syslog", "iso"))]);
    // The encryption flag, in the local header and in the directory.
    zip[6] |= 1;
    let at = zip.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    zip[at + 8] |= 1;
    let all = visit("s.zip", &zip);
    assert_eq!((all.len(), first_loss(&all[0])), (1, (LossKind::NotSupported, "encrypted: unpack it with its password first")));
}

#[test]
fn every_cut_of_every_fixture_ends_once() {
    for (_, name, bytes) in FIXTURES {
        let packed = gz(bytes);
        for end in (0..bytes.len()).step_by(97) {
            let s = single(name, &bytes[..end]);
            assert_eq!(s.end.bytes, end as u64);
            assert!(!s.rows.is_empty() || !s.end.losses.is_empty(), "{name} cut at {end}");
            let cut = single(name, &packed[..end.min(packed.len())]);
            assert!(!cut.rows.is_empty() || !cut.end.losses.is_empty(), "{name}.gz cut at {end}");
        }
    }
}

#[test]
fn flipped_bits_cost_no_more_than_records() {
    for (id, name, bytes) in FIXTURES {
        let reader = readers::by_id(id).unwrap();
        for at in (0..bytes.len()).step_by(11) {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1 << (at % 8);
            let s = single(name, &damaged);
            assert!(!s.rows.is_empty() || !s.end.losses.is_empty(), "{name} at {at}");
            let mut sink = Plain::default();
            (reader.read)(&mut damaged.as_slice(), &ctx(), &mut sink).unwrap();
            for (row, _) in &sink.0 {
                assert!(damaged.get(place(name, row.locator, damaged.len())).is_some_and(|b| !b.is_empty()), "{name} at {at}");
            }
        }
    }
}

#[test]
fn losses_point_at_what_was_lost() {
    for (_, name, bytes) in FIXTURES {
        for loss in single(name, bytes).end.losses {
            assert!(!bytes[place(name, loss.first.unwrap(), bytes.len())].is_empty(), "{name}: {loss:?}");
        }
    }
}

/// Fixtures whose records are wrapped in others.
const WRAPPED: &[&str] = &[
    "exported",
    "ct-exported",
    "ct-filter-log-events",
    "filter-log-events",
    "firehose",
    "resolver-exported",
    "subscription",
    "get-log-events",
    "insights",
    "notifications",
    "queue",
    "elastic",
    "original",
    "splunk",
    "fluent",
    "datadog",
    "sumo",
    "panther",
];

/// Collects what a single reader says.
#[derive(Default)]
struct Plain(Vec<(Row<'static>, Vec<u8>)>, Vec<LossKind>);

impl Sink for Plain {
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.0.push((row.into_owned(), raw.to_vec()));
    }
    fn loss(&mut self, kind: LossKind, _: String, _: Option<Locator>, _: u64) {
        self.1.push(kind);
    }
}

fn body_without_host_of_reservation(body: &Body<'static>) -> Body<'static> {
    let mut body = body.clone();
    // The account of an instance stands in the reservation around it.
    if let Body::Inventory(info) = &mut body {
        info.account = None;
    }
    body
}

#[test]
fn a_locator_leads_back_to_its_row() {
    for (id, name, bytes) in FIXTURES {
        let reader = readers::by_id(id).unwrap();
        let header: Vec<u8> = match *name {
            "v2" | "v10" | "custom" | "history" | "athena" | "flow-athena" | "flattened" | "eventjson" | "report" | "prowler-table"
            | "aux" | "ef" | "lstart" | "ss" | "ss-tcp" | "lsof" | "ps" | "vr-crontab" => {
                bytes.split(|b| *b == b'\n').find(|l| !l.is_empty()).unwrap().to_vec()
            }
            _ => Vec::new(),
        };
        // Netstat says in a line of its own what the list is, and has two lists.
        let heading = |line: &&[u8]| line.starts_with(b"Proto ");
        let header = if *name == "netstat" { bytes.split(|b| *b == b'\n').find(heading).unwrap().to_vec() } else { header };
        let source = single(name, bytes);
        for (at, (row, raw)) in source.rows.iter().enumerate() {
            if *name == "netstat" && matches!(row.body, Body::Text(_)) {
                continue;
            }
            let found = &bytes[place(name, row.locator, bytes.len())];
            let last_header = *name == "custom" && at == 2;
            let header = if last_header { bytes_of("vpc-flow", "v2").split(|b| *b == b'\n').next().unwrap() } else { &header };
            // What is wrapped is recognised by its wrapping, and so read as a stream of its own.
            if WRAPPED.contains(name) {
                // A row of Logs Insights is a list and nothing by itself.
                let rows = found.starts_with(b"[");
                let alone = if rows { single(name, &[b"{\"results\":[", found, b"]}"].concat()) } else { single(name, found) };
                let same =
                    |(got, got_raw): &(Row<'static>, Vec<u8>)| (got.at, got.zone, &got.body, got_raw) == (row.at, row.zone, &row.body, raw);
                assert!(alone.rows.iter().any(same), "{name} row {at}: {}", String::from_utf8_lossy(found));
                continue;
            }
            // What stands in `#` lines in front of a record is part of how it is read.
            let before = bytes[..place(name, row.locator, bytes.len()).start].split_inclusive(|b| *b == b'\n');
            let directives: Vec<u8> =
                before.filter(|l| l.starts_with(b"#") && l.get(1).is_some_and(u8::is_ascii_uppercase)).flatten().copied().collect();
            // The number of a record in lastlog counts: it is the user's.
            let front = if *id == "lastlog" { place(name, row.locator, bytes.len()).start } else { 0 };
            let again = match *name {
                // A row of a query's result is a list and nothing by itself.
                "lake" => [b"{\"QueryResultRows\":[", found, b"]}"].concat(),
                // A flagged resource does not name its check, and a command not its session.
                "check-result" | "session" => continue,
                // An entry is whole only with the empty line behind it, which the record is shown without.
                _ if *id == "journal-export" => continue,
                _ if header.is_empty() && directives.is_empty() => [&vec![0; front], found].concat(),
                _ => [header, b"\n", &directives, found].concat(),
            };
            let mut sink = Plain::default();
            (reader.read)(&mut again.as_slice(), &ctx(), &mut sink).unwrap();
            // A user of a credential report is a row, and so is each of its keys.
            if *id == "credential-report" {
                let same = |(got, got_raw): &(Row<'static>, Vec<u8>)| (got.at, &got.body, got_raw) == (row.at, &row.body, raw);
                assert!(sink.0.iter().any(same), "{name} row {at}");
                continue;
            }
            assert!(sink.1.is_empty() && !sink.0.is_empty(), "{name} row {at}: {}", String::from_utf8_lossy(found));
            // An audit event may give several rows.
            assert!(sink.0.len() == 1 || *id == "audit", "{name} row {at}: {}", String::from_utf8_lossy(found));
            let (got, got_raw) = sink.0.iter().find(|(got, _)| got.body == row.body).unwrap_or(&sink.0[0]);
            assert_eq!((got.at, got.zone), (row.at, row.zone), "{name} row {at}");
            assert_eq!(body_without_host_of_reservation(&got.body), body_without_host_of_reservation(&row.body), "{name} row {at}");
            assert_eq!(got_raw, raw, "{name} row {at}");
        }
    }
}

/// Where a reader's rows and losses stand.
#[derive(Default)]
struct Places(Vec<std::ops::Range<usize>>);

impl Sink for Places {
    fn row(&mut self, row: Row<'_>, _: &[u8]) {
        self.0.push(span(row.locator));
    }
    fn loss(&mut self, _: LossKind, _: String, at: Option<Locator>, _: u64) {
        self.0.push(span(at.unwrap()));
    }
}

#[test]
fn every_line_is_in_a_row_or_a_loss() {
    const BY_LINE: &[&str] = &["syslog", "audit", "shell-history", "packages", "web-access", "crontab"];
    // Neither a record nor lost: what ausearch puts between events, comments and settings of a table of jobs.
    let is_none = |id: &str, line: &[u8]| match id {
        "audit" => line == b"----" || line.starts_with(b"time->"),
        "crontab" => line.starts_with(b"#") || line.starts_with(b"MAILTO=") || line.starts_with(b"PATH=") || line.starts_with(b"SHELL="),
        _ => false,
    };
    for (id, name, bytes) in FIXTURES.iter().filter(|f| BY_LINE.contains(&f.0) || f.1 == "kubernetes") {
        let mut places = Places::default();
        (readers::by_id(id).unwrap().read)(&mut &**bytes, &ctx(), &mut places).unwrap();
        let mut at = 0;
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let text = line.trim_ascii();
            let end = at + line.len();
            let covered = places.0.iter().any(|p| p.start < end && at < p.end);
            assert!(text.is_empty() || is_none(id, text) || covered, "{name}: {}", String::from_utf8_lossy(line));
            at = end;
        }
    }
}

#[test]
fn readers_are_found_by_id_and_describe_themselves() {
    for reader in readers::all() {
        assert!(std::ptr::eq(readers::by_id(reader.id).unwrap(), *reader));
        assert!(!reader.title.ja.is_empty() && !reader.tables.is_empty() && !reader.never_contains.is_empty(), "{}", reader.id);
        assert_eq!(reader.continuous, reader.id == "vpc-flow");
    }
    assert!(readers::by_id("nothing").is_none());
}

#[test]
fn junk_at_the_top_does_not_hide_the_format() {
    let json = |f: &&(&str, &str, &[u8])| [&b"{"[..], b"[{", b"[\n"].iter().any(|start| f.2.starts_with(start));
    // Formats known by their first bytes, by a heading, or by every line.
    #[rustfmt::skip]
    const STRICT: [&str; 9] = [
        "cloudtrail-csv", "credential-report", "journal-export", "utmp", "lastlog", "shell-history", "crontab", "systemd-unit", "packages",
    ];
    let strict = |f: &&(&str, &str, &[u8])| matches!(f.1, "headless" | "more" | "transit") || STRICT.contains(&f.0);
    for (id, name, bytes) in FIXTURES.iter().filter(|f| !strict(f) && !WRAPPED.contains(&f.1) && !json(f)) {
        let with_junk = [b"Script started\n\n", *bytes].concat();
        assert_eq!(single(name, &with_junk).end.format, Some(*id), "{name}");
    }
}

/// Pieces of logs of every kind.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\n",
    " ",
    "\\",
    "\"Records\"",
    "\"eventName\":\"a\"",
    "\"eventSource\":\"b\"",
    "\"Instances\":[",
    "null",
    "1e999",
    "Nov 20 00:01:10 h sshd[1]: ",
    "Failed password for ",
    " from ",
    " port ",
    "203.0.113.9",
    "ssh2",
    "[preauth]",
    "2026-11-20T00:00:00Z ",
    "<13>1 ",
    "version account-id srcaddr dstaddr ",
    "2 1 eni-1 - - - - - - - 1 2 - NODATA",
    "[20/Nov/2026:10:00:00 +0900] \"",
    "\" 200 ",
    "Event name,Event time,Event source",
    "日本",
    "\u{feff}",
    "-",
    "99999999999999999999",
    "message repeated 3 times: [ ",
    "type=SYSCALL msg=audit(1763600470.123:501): arch=c000003e syscall=59 success=yes ",
    "type=EXECVE msg=audit(1763600470.123:501): argc=3 a0=\"bash\" a1=",
    "type=PATH msg=audit(11/20/2025 01:01:10.123:1) : name=",
    "type=USER_LOGIN msg=audit(1.1:1): msg='op=login acct=\"",
    "' res=failed'",
    "nametype=CREATE",
    "#1763600470\n",
    ": 1763600470:0;",
    "- cmd: ",
    "  when: 1763600470",
    "*/5 * * * * root ",
    "[Service]\nExecStart=",
    "# /etc/systemd/system/x.service\n",
    "Start-Date: 2025-11-20  01:01:10\n",
    "2025-11-20 01:01:10 status installed ",
    "\"__REALTIME_TIMESTAMP\":\"1763600470123456\",\"MESSAGE\":[1,2,",
    "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2025-11-20T01:01:10Z\"}",
    "4142",
    " sudo: a : TTY=x ; PWD=",
    " ; USER=root ; COMMAND=",
    " useradd[1]: new user: name=",
    " CRON[1]: (root) CMD (",
    "\r",
    "\0",
    "session opened for user ",
    " rhost=",
    "{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[",
    "{\"id\":\"1\",\"timestamp\":1,\"message\":\"",
    "{\"class_uid\":2004,\"metadata\":{},\"finding_info\":{",
    "\"Content\":\"dXNlcixhcm4=\"",
    "user,arn,access_key_1_active\n",
    "\"CidrBlock\":1,\"VpcId\":",
    "{type=IAMUser, arn=",
    "eventJson\n",
    "#Fields: date time c-ip cs-uri-stem cs(User-Agent)\n",
    "2026-11-20 01:00:00 203.0.113.9 /a x\n",
    "2026-11-20\t01:00:00\t",
    "tls 2.0 2026-11-20T01:10:00 ",
    "http 2026-11-20T01:00:01.1Z app/x/1 203.0.113.9:1 10.0.1.5:80 0 0 0 200 200 1 1 ",
    "\"GET http://a:80/ HTTP/1.1\" \"x\" - - - ",
    "owner bucket [20/Nov/2026:01:00:00 +0000] 203.0.113.9 - ID REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 ",
    "[Fri Nov 20 01:00:00.4 2026] [core:error] [pid 1] ",
    "2026/11/20 01:00:00 [error] 1#1: ",
    "[20-Nov-2026 01:00:00 UTC] PHP Warning:  ",
    "20-Nov-2026 01:00:00.123 INFO x",
    "2026-11-20 01:00:00 1h5xyz-0001Ab-CD <= a@b H=c (d) [203.0.113.9]:1 A=p:u S=1 T=\"x\" for y@z",
    "Nov 20 00:01:10 h postfix/smtpd[1]: 3E4A547BDE4: client=a[203.0.113.9]",
    "Nov 20 00:01:10 h postfix/smtp[1]: NOQUEUE: to=<a>, relay=b[192.0.2.1]:25, dsn=2.0.0, status=sent (ok)",
    "reject: RCPT from a[192.0.2.1]: 554 5.7.1 x; from=<a> to=<b>",
    "Nov 20 00:01:10 h sendmail[1]: 0AK100ab001234: to=<a>, relay=b [192.0.2.1], dsn=2.0.0, stat=Sent",
    "ElfFile\0",
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>",
    "4688</EventID></System><EventData><Data Name='NewProcessName'>x</Data>",
    "</EventData></Event>",
    "<![CDATA[",
    "{\"EventID\":4625,\"Channel\":\"Security\",\"Hostname\":\"h\",\"IpAddress\":\"192.0.2.1\"}",
    "{\"result\":{\"checkId\":\"a\",\"resourcesSummary\":{},\"flaggedResources\":[{",
    "{\"_source\":{\"event\":{\"original\":\"",
    "{\"result\":{\"_raw\":\"Nov 20 00:01:10 h sshd[1]: x\"}}\n",
    "{\"hits\":{\"hits\":[{\"_source\":{",
    "{\"time\":1763600400,\"msg\":\"x\"}\n",
    "FINDING_UID;CHECK_ID;STATUS;SEVERITY;\n",
    "261120  8:27:05 [Warning] Access denied for user 'a'@'192.0.2.1' (using password: YES)\n",
    "Nov 20 00:01:10 h dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.1",
    "Fri Nov 20 01:00:09 2026 [pid 2] [a] OK UPLOAD: Client \"192.0.2.1\", \"/x\", 5 bytes",
    "@400000006553f1001dcd6500 x: y\n",
    "USER PID STARTED COMMAND\n",
    "root 1 Fri Nov 20 01:00:00 2026 x\n",
    "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n",
    "tcp ESTAB 0 0 192.0.2.1:22 203.0.113.9:5 users:((\"x\",pid=1,fd=3))\n",
    "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n",
    "root pts/0 203.0.113.9 Fri Nov 20 01:00 - 02:00\n",
    "d41d8cd98f00b204e9800998ecf8427e  /x\n",
    "CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n",
    "{\"Pid\":1,\"Ppid\":0,\"Name\":\"x\",\"CommandLine\":\"y\"}\n",
    "Minute,Hour,DayOfMonth,Command\n",
    "PAR1",
    "{\"webaclId\":\"a\",\"action\":\"ALLOW\",\"httpRequest\":{\"uri\":\"/\"}}",
];

/// Bytes that look a little like logs, so that the parsers get past their first check.
fn loggish() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(PIECES);
    let piece = prop_oneof![9 => words.prop_map(|w| w.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(piece, 0..60).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_panics_and_locators_stay_inside(bytes in loggish()) {
        for reader in readers::all() {
            let mut sink = Plain::default();
            (reader.read)(&mut bytes.as_slice(), &ctx(), &mut sink).unwrap();
            for (row, _) in &sink.0 {
                let inside = match row.locator {
                    Locator::Bytes { .. } => bytes.get(span(row.locator)).is_some_and(|b| !b.is_empty()),
                    _ => true,
                };
                prop_assert!(inside);
            }
        }
        let all = visit("x", &bytes);
        prop_assert_eq!(all.len(), 1);
    }

    #[test]
    fn arbitrary_bytes_end_once(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..6_u8) {
        let magic: &[u8] = match kind { 0 => b"\x1f\x8b\x08\x00", 1 => b"PK\x03\x04", 2 => b"{\"Records\":[", 3 => b"2026-11-20T01:00:00.000Z ", 4 => b"{\"events\":[{\"timestamp\":1,\"ingestionTime\":1,\"message\":\"x\"},", _ => b"" };
        let all = visit("x", &[magic, &bytes].concat());
        prop_assert!(!all.is_empty());
        prop_assert!(all.iter().all(|s| !s.rows.is_empty() || !s.end.losses.is_empty()));
    }

    #[test]
    fn damaged_logs_end(which in 0..FIXTURES.len(), at in 0..1000_usize, bit in 0..8_u8) {
        let (id, name, bytes) = FIXTURES[which];
        let mut damaged = bytes.to_vec();
        let at = at * damaged.len() / 1000;
        damaged[at] ^= 1 << bit;
        let s = single(name, &damaged);
        prop_assert!(!s.rows.is_empty() || !s.end.losses.is_empty());
        let mut sink = Plain::default();
        (readers::by_id(id).unwrap().read)(&mut damaged.as_slice(), &ctx(), &mut sink).unwrap();
        for (row, _) in &sink.0 {
            let place = place(name, row.locator, damaged.len());
            prop_assert!(damaged.get(place).is_some_and(|b| !b.is_empty()));
        }
    }

    #[test]
    fn damaged_archives_end(at in 0..400_usize, value in any::<u8>(), kind in 0..2_u8) {
        let member = bytes_of("syslog", "iso");
        let mut archive = if kind == 0 { zipped(&[("a", member), ("b", member)]) } else { gz(&tarred(&[("a", member), ("b", member)])) };
        let at = at * archive.len() / 400;
        archive[at] = value;
        let all = visit("x", &archive);
        prop_assert!(!all.is_empty());
    }
}
