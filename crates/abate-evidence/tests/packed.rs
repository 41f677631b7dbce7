//! Compressed logs and archives, in every compression and in any order.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind;
use common::pack::{PACKERS, bz2, compress, gz, hash, lz4, noise, noise_of, tarred, xz, zipped, zst};
use common::{FIXTURES, Source, single, span, visit};

fn auth() -> &'static [u8] {
    FIXTURES.iter().find(|f| (f.0, f.1) == ("syslog", "iso")).unwrap().2
}

fn brief(sources: &[Source]) -> Vec<(String, Option<&'static str>, usize)> {
    sources.iter().map(|s| (s.end.path.clone(), s.end.format, s.rows.len())).collect()
}

fn has(source: &Source, kind: LossKind) -> bool {
    source.end.losses.iter().any(|l| l.kind == kind)
}

#[test]
fn every_compression_is_known_by_its_content() {
    let plain = single("a.log", auth());
    for (ending, pack) in PACKERS {
        let packed = pack(auth());
        let s = single("any name", &packed);
        assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("syslog"), 8, vec![]), "{ending}");
        assert_eq!((&s.end.sha256, s.end.bytes), (&plain.end.sha256, auth().len() as u64), "{ending}");
        assert_eq!(s.end.containers.iter().map(|c| c.sha256.clone()).collect::<Vec<_>>(), [hash(&packed)], "{ending}");
    }
}

#[test]
fn an_archive_in_every_compression_and_every_compression_in_an_archive() {
    for (ending, pack) in PACKERS {
        let inner: Vec<(String, Vec<u8>)> = PACKERS.iter().map(|(name, pack)| (format!("log.{name}"), pack(auth()))).collect();
        let members: Vec<(&str, &[u8])> = inner.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let want = |outer: &str| inner.iter().map(|(n, _)| (format!("{outer}!/{n}"), Some("syslog"), 8)).collect::<Vec<_>>();
        assert_eq!(brief(&visit("t", &pack(&tarred(&members)))), want("t"), "tar.{ending}");
        assert_eq!(brief(&visit("z", &pack(&zipped(&members)))), want("z"), "zip.{ending}");
        let deep = zipped(&[("a.tar.x", &pack(&tarred(&[("b.zip", &zipped(&members))])))]);
        assert_eq!(brief(&visit("d", &deep)), want("d!/a.tar.x!/b.zip"), "{ending} in zip");
        for (outer, again) in PACKERS {
            assert_eq!(brief(&visit("t", &again(&pack(auth())))), [("t".to_owned(), Some("syslog"), 8)], "{ending}.{outer}");
        }
    }
}

#[test]
fn a_first_block_that_is_longer_than_the_head_hides_nothing() {
    // A bzip2 block of noise is far longer than the bytes that are looked at to recognise a format.
    let noise = noise(880_000);
    for (ending, pack) in PACKERS {
        let all = visit("t", &pack(&tarred(&[("noise", &noise), ("log", auth())])));
        assert_eq!(brief(&all), [("t!/noise".to_owned(), None, 0), ("t!/log".to_owned(), Some("syslog"), 8)], "{ending}");
        assert_eq!(all[0].end.sha256, hash(&noise), "{ending}");
    }
}

#[test]
fn all_members_are_read_also_behind_padding() {
    let (one, two) = auth().split_at(200);
    // Neither .lzma nor .Z files have an end behind which another could begin.
    for (ending, pack) in PACKERS.iter().filter(|(ending, _)| *ending != "lzma" && *ending != "Z") {
        for packed in [[pack(one), pack(two)].concat(), [pack(one), pack(b""), pack(two), vec![0; 512]].concat()] {
            let s = single("a", &packed);
            assert_eq!((s.rows.len(), s.losses(), s.end.bytes), (8, vec![], auth().len() as u64), "{ending}");
        }
    }
    let note = b"\x51\x2A\x4D\x18\x03\0\0\0abc".to_vec();
    for pack in [zst, lz4] {
        let s = single("a", &[note.clone(), pack(one), note.clone(), pack(two), note.clone()].concat());
        assert_eq!((s.rows.len(), s.losses()), (8, vec![]));
    }
}

#[test]
fn what_follows_a_member_and_is_none_is_a_loss() {
    for (ending, pack) in PACKERS.iter().filter(|(ending, _)| *ending != "Z") {
        for behind in [&b"bytes that are no member"[..], b"x", b"\0\0\0\0x"] {
            let s = single("a", &[&pack(auth()), behind].concat());
            assert_eq!((s.rows.len(), s.losses()), (8, vec![(LossKind::Malformed, 1)]), "{ending}");
            let loss = &s.end.losses[0];
            assert_eq!(loss.first.map(span), Some(auth().len()..auth().len()), "{ending}");
            assert!(loss.reason.contains("follow bytes that are none"), "{}", loss.reason);
        }
    }
}

#[test]
fn a_cut_or_damaged_stream_says_so_and_keeps_what_was_read() {
    // Names that do not compress: xz unpacks up to 64 KiB of compressed bytes at once or not at all.
    let name = |n: usize| noise_of(n as u64, 40).iter().map(|b| char::from(b'a' + b % 26)).collect::<String>();
    let line = |n| format!("2026-11-20T01:00:00Z h sshd[{n}]: Failed password for {}{n} from 203.0.113.9 port {n} ssh2\n", name(n));
    let log: Vec<u8> = (0..30_000).flat_map(|n| line(n).into_bytes()).collect();
    for (ending, pack) in PACKERS {
        let packed = pack(&log);
        let whole = single("a", &packed);
        assert_eq!((whole.rows.len(), whole.losses()), (30_000, vec![]), "{ending}");
        let cut = single("a", &packed[..packed.len() * 2 / 3]);
        // In .Z a cut shows only where it goes through a code.
        assert!(has(&cut, LossKind::Truncated) || ending == "Z", "{ending}: {:?}", cut.end.losses);
        assert!(cut.rows.len() > 10_000 && cut.rows.len() < 30_000, "{ending}: {}", cut.rows.len());
        assert!(cut.rows.iter().all(|(row, raw)| log[span(row.locator)] == raw[..]), "{ending}");
        assert_eq!(cut.end.containers[0].sha256, hash(&packed[..packed.len() * 2 / 3]), "{ending}");
        let mut damaged = packed.clone();
        let at = packed.len() / 2;
        damaged[at..at + 64].iter_mut().for_each(|b| *b = !*b);
        let s = single("a", &damaged);
        assert!(!s.end.losses.is_empty(), "{ending}");
        assert_eq!(s.end.containers[0].sha256, hash(&damaged), "{ending}");
    }
    for pack in [gz, bz2, xz, zst, lz4] {
        let mut wrong = pack(auth());
        let at = wrong.len() - 3;
        // In a checksum, or in what marks the end.
        wrong[at] ^= 1;
        assert_eq!(single("a", &wrong).losses().len(), 1);
    }
}

#[test]
fn codes_of_every_width_and_a_full_table() {
    let long = noise(300_000);
    for most in 9..=16 {
        for bytes in [long.as_slice(), &auth().repeat(300), &[b'a'; 70_000], b"", b"a"] {
            let s = single("a", &compress(bytes, most));
            assert_eq!(s.end.sha256, hash(bytes), "{most} bits, {} bytes", bytes.len());
        }
    }
}

#[test]
fn other_compressions_inside_zip() {
    use std::io::Write;
    use zip::CompressionMethod as Method;
    for method in [Method::BZIP2, Method::XZ] {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file("a", zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(auth()).unwrap();
        let all = visit("z", &writer.finish().unwrap().into_inner());
        assert_eq!(brief(&all), [("z!/a".to_owned(), Some("syslog"), 8)], "{method}");
    }
}

#[test]
fn text_that_begins_like_a_magic_number_is_text() {
    for text in [&b"BZh is how bzip2 files begin\n"[..], b"]\0\0", b"PK is not enough", b"\x28\xB5"] {
        assert!(visit("a", text)[0].end.containers.is_empty());
    }
}
