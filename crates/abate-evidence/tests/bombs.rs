//! Input that is made to take all memory or time: each ends with a loss that names the limit.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;
use std::time::{Duration, Instant};

use abate_evidence::Limits;
use abate_model::LossKind;
use common::pack::{PACKERS, gz, tarred, xz, zipped};
use common::{FIXTURES, Source, visit, visit_with};

const SOON: Duration = Duration::from_secs(60);

fn auth() -> &'static [u8] {
    FIXTURES.iter().find(|f| (f.0, f.1) == ("syslog", "iso")).unwrap().2
}

/// The losses that a limit caused.
fn limits(sources: &[Source]) -> Vec<&str> {
    let losses = sources.iter().flat_map(|s| &s.end.losses);
    losses.filter(|l| l.kind == LossKind::OverLimit).map(|l| l.reason.as_str()).collect()
}

#[test]
fn in_every_compression() {
    let zeros = vec![b'0'; 40 << 20];
    let small = Limits { max_stream: 1 << 20, ..Limits::default() };
    let narrow = Limits { max_ratio: 20, ..Limits::default() };
    for (ending, pack) in PACKERS {
        let bomb = pack(&zeros);
        let all = visit_with("b", &bomb, &narrow);
        assert_eq!(limits(&all), ["it unpacks to more than 20 times its size"], "{ending}");
        assert!(all[0].end.bytes < 18 << 20, "{ending}: {}", all[0].end.bytes);
        assert_eq!(all[0].end.containers.len(), 1, "{ending}");
        let all = visit_with("b", &bomb, &small);
        assert_eq!(limits(&all), ["it unpacks to more than 1048576 bytes"], "{ending}");
        // A member that is a bomb does not hide the one behind it.
        let all = visit_with("b", &zipped(&[("bomb", &bomb), ("log", auth())]), &narrow);
        assert_eq!((limits(&all[..1]).len(), all[1].rows.len()), (1, 8), "{ending}");
        let all = visit_with("b", &pack(&tarred(&[("log", auth()), ("zeros", &zeros)])), &narrow);
        assert_eq!(all[0].rows.len(), 8, "{ending}");
        assert!(limits(&all).contains(&"it unpacks to more than 20 times its size"), "{ending}");
    }
}

#[test]
fn nested_archives_that_double_at_every_level() {
    let begun = Instant::now();
    let mut bytes = vec![0; 100 << 20];
    for _ in 0..4 {
        let names: Vec<String> = (0..16).map(|n| format!("{n}.zip")).collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), bytes.as_slice())).collect();
        bytes = zipped(&members);
    }
    let all = visit("42.zip", &bytes);
    assert!(limits(&all).iter().any(|l| l.contains("all that is packed in the file unpacks to more than 2000 times its size")));
    assert!(all.iter().map(|s| s.end.bytes).sum::<u64>() < 1 << 30);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn an_archive_that_holds_itself_ends_at_the_depth() {
    for (ending, pack) in PACKERS {
        let mut nested = auth().to_vec();
        for _ in 0..20 {
            nested = pack(&tarred(&[("again", &nested)]));
        }
        let all = visit("r", &nested);
        assert_eq!(limits(&all), ["more than 5 archives inside one another"], "{ending}");
    }
}

#[test]
fn members_that_share_their_bytes() {
    // Both entries of the directory point to the first member.
    let mut zip = zipped(&[("a", auth()), ("b", auth())]);
    let at = zip.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    zip[at + 42..at + 46].fill(0);
    let all = visit("z", &zip);
    assert_eq!(all.len(), 1);
    assert!(limits(&all)[0].contains("lie over one another"), "{:?}", all[0].end.losses);
    assert_eq!(all[0].end.losses[0].bytes, zip.len() as u64);
}

#[test]
fn a_million_members_with_nothing_in_them() {
    let begun = Instant::now();
    let mut header = tar::Header::new_gnu();
    header.set_path("empty").unwrap();
    header.set_size(0);
    for kind in [tar::EntryType::Regular, tar::EntryType::Directory] {
        header.set_entry_type(kind);
        header.set_cksum();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..1_000_000 {
            encoder.write_all(header.as_bytes()).unwrap();
        }
        let all = visit("m", &encoder.finish().unwrap());
        assert!(limits(&all).contains(&"more than 200000 archive members: the rest is not read"));
        assert!(all.len() <= 200_001);
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn a_name_without_end() {
    let mut header = tar::Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_size(1 << 33);
    for kind in [tar::EntryType::GNULongName, tar::EntryType::GNULongLink, tar::EntryType::XHeader] {
        header.set_entry_type(kind);
        header.set_cksum();
        let tar =
            [tarred(&[("log", auth())]).split_at(512 + auth().len().next_multiple_of(512)).0, header.as_bytes(), &[b'n'; 3 << 20]].concat();
        for bytes in [gz(&tar), xz(&tar), tar] {
            let all = visit("t", &bytes);
            assert_eq!(all[0].rows.len(), 8);
            assert_eq!(limits(&all), ["what stands in front of a member of the archive is longer than 1048576 bytes"]);
        }
    }
}

#[test]
fn a_file_that_is_one_hole() {
    let begun = Instant::now();
    let mut header = tar::Header::new_gnu();
    header.set_path("lastlog").unwrap();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.realsize = *b"77777777777\0";
    gnu.sparse[0].offset = *b"77777777777\0";
    gnu.sparse[0].numbytes = *b"00000000000\0";
    header.set_cksum();
    let tar = [header.as_bytes().as_slice(), &tarred(&[("log", auth())])].concat();
    let all = visit("t", &tar);
    assert_eq!(limits(&all), ["it unpacks to more than 2000 times its size"]);
    assert_eq!(all.last().unwrap().rows.len(), 8);
    assert!(begun.elapsed() < SOON);
}

#[test]
fn archives_around_one_another_are_held_together_within_one_limit() {
    let inner = zipped(&[("log", auth())]);
    let noise = common::pack::noise(6_000);
    let outer = zipped(&[("noise", &noise), ("in.zip", &inner)]);
    let all = visit_with("o", &outer, &Limits { max_document: outer.len() as u64 + 10, ..Limits::default() });
    assert_eq!(limits(&all).len(), 1, "{:?}", all[1].end.losses);
    assert!(limits(&all)[0].contains("with those around it"));
}
