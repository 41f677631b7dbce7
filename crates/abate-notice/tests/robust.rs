//! No input makes the reader panic, and what cannot be a notice is refused with advice.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use abate_notice::{MAX_BYTES, NoticeError, ReadContext, read, self_found};
use proptest::prelude::*;

fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() >= 20, "only {} fixtures found", all.len());
    all
}

#[test]
fn what_is_refused() {
    assert!(matches!(read(b" \r\n\t", &ctx()), Err(NoticeError::Empty { .. })));
    assert!(matches!(read(b"", &ctx()), Err(NoticeError::Empty { found: 0, .. })));
    let error = read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x28", &ctx()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the notice is no text: expected a mail (.eml or .msg), text, or JSON, found binary data beginning with 89 50 4e 47 0d 0a 1a 0a"
    );
    assert!(error.hint().ja.contains("通知"));
    let large = vec![b'a'; MAX_BYTES + 1];
    assert!(matches!(read(&large, &ctx()), Err(NoticeError::TooLarge { expected: MAX_BYTES, .. })));
}

/// Every length of the small fixtures, so that no cut inside a character, a header or a bracket is left out.
#[test]
fn truncated_fixtures() {
    for (name, bytes) in fixtures() {
        for end in 0..bytes.len() {
            let head = bytes.get(..end).unwrap();
            if let Ok(notice) = read(head, &ctx()) {
                assert!(!notice.reported.is_empty(), "{name} cut at {end}");
            }
        }
    }
}

/// Real samples are not part of the project; where they lie beside it they are read too.
#[test]
fn samples_beside_the_project() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let Ok(folders) = std::fs::read_dir(cases) else { return };
    for folder in folders.filter_map(Result::ok).filter(|f| f.file_name().to_string_lossy().starts_with("notice-")) {
        let mut open = vec![folder.path().join("logs")];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let notice = read(&bytes, &ctx()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                assert!(!notice.reported.is_empty(), "{}", path.display());
            }
        }
    }
}

/// Pieces of which hostile notices are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("AWS ID: ".to_owned()),
        Just("EC2 Instance Id: i-0123456789abcdef0 [".to_owned()),
        Just("Abuse Time: ".to_owned()),
        Just("\n---Beginning of forwarded report(s)---\n".to_owned()),
        Just("From: a@amazon.com\nDate: x\nSubject: ".to_owned()),
        Just("> > ".to_owned()),
        Just("by 99:99 on ".to_owned()),
        Just("within 999999999999999999 hours respond ".to_owned()),
        Just("hxxp://[::1".to_owned()),
        Just("arn:aws:ec2:::".to_owned()),
        Just("Step 1: ".to_owned()),
        Just("{\"detail\":{\"eventTypeCode\":".to_owned()),
        Just("2026-02-30 25:61:61 +9999 ".to_owned()),
        Just("\u{1b}$B".to_owned()),
        "\\PC{0,12}",
        "[0-9:./+ -]{0,20}",
        "[\\n\\r\\t ]{0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read(&bytes, &ctx());
    }

    #[test]
    fn arbitrary_pieces(pieces in proptest::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let _ = self_found(&text, None, &ctx());
        if let Ok(notice) = read(text.as_bytes(), &ctx()) {
            prop_assert!(!notice.reported.is_empty());
            for activity in &notice.reported {
                prop_assert!(activity.from <= activity.to);
            }
        }
    }

    #[test]
    fn damaged_fixtures(which in 0_usize..64, at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let all = fixtures();
        let (_, mut bytes) = all[which % all.len()].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = read(&bytes, &ctx());
    }
}

/// What the fuzz targets found (fuzz/README.md), made small: a reporter's part each, below an AWS notice.
#[test]
fn ports_of_nothing() {
    for report in [
        "203.0.113.7 attacks -> www.example.net:0",
        "203.0.113.7 attacks -> www.example.net DPT=0",
        "203.0.113.7 to mx.example.net 0/tcp",
        "203.0.113.7 on 198.51.100.9, 22/tcp and 0/tcp",
    ] {
        let notice = below_notice(report);
        let activities = notice.reported.iter().flat_map(|r| &r.remote);
        let ends: Vec<_> = activities.chain(notice.reports.iter().flat_map(|r| &r.remote)).collect();
        assert!(ends.iter().all(|end| end.port != Some(0)), "{report}: {ends:?}");
    }
}

/// One word of brackets, and brackets that are never closed: each was searched from end to end.
#[test]
fn brackets_without_end() {
    for (piece, end) in [("[]", ""), ("i-0123456789abcdef0 (", ")"), ("i-0123456789abcdef0 [", "]"), ("eni-0123456789abcdef0 [", "")] {
        grows(piece, |size| drop(read((piece.repeat(size / piece.len()) + end).as_bytes(), &ctx())));
    }
}

fn below_notice(report: &str) -> abate_model::Notice {
    let notice = format!(
        "AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\
         has been implicated in activity which resembles port scanning.\n\n---Beginning of forwarded report(s)---\n{report}\n"
    );
    read(notice.as_bytes(), &ctx()).unwrap()
}

/// Text made to be walked again and again: where one step is quadratic, eight times the text takes sixty-four times as long.
#[test]
fn work_grows_with_the_text_and_not_with_its_square() {
    const PIECES: [&str; 15] = [
        "To: x\n",
        "From: x\n",
        "> ",
        "word ",
        "i-0123456789abcdef0 [203.0.113.7]\n",
        "AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n",
        "Please reply: within 24 hours\n",
        "we have taken the following actions:\n",
        "Step 1: a\n",
        "has been port scanning remote hosts ",
        "2026-01-01 10:00:00 203.0.113.7 -> 198.51.100.1:22\n",
        "http://example.com/",
        "key:value\n",
        "(((((",
        "日本語。",
    ];
    const HTML: [&str; 5] = ["<style></style>", "<a href=x>", "<", "&", "<!--"];
    let text = |piece: &str, size: usize| piece.repeat(size / piece.len());
    for piece in PIECES {
        grows(piece, |size| drop(read(text(piece, size).as_bytes(), &ctx())));
        grows(piece, |size| {
            let report = text(piece, size);
            let split =
                format!("AWS ID: 111122223333 EC2 Instance Id: i-0123456789abcdef0\n---Beginning of forwarded report(s)---\n{report}");
            let _ = read(split.as_bytes(), &ctx());
        });
        grows(piece, |size| drop(self_found(&text(piece, size), None, &ctx())));
    }
    for piece in HTML {
        grows(piece, |size| {
            let mail = format!("From: a@amazon.com\nDate: x\nContent-Type: text/html\n\n{}", text(piece, size));
            let _ = read(mail.as_bytes(), &ctx());
        });
    }
}

/// Both sizes are timed in one run, so that a slow machine makes both slow; what takes no time to speak of is not judged.
fn grows(what: &str, work: impl Fn(usize)) {
    const SMALL: usize = 20_000;
    let timed = |size: usize| {
        let started = std::time::Instant::now();
        work(size);
        started.elapsed().as_secs_f64()
    };
    // A machine that stumbles once does so hardly ever three times.
    let times = (0..3).map(|_| (timed(SMALL), timed(8 * SMALL)));
    let fits = |(small, large): (f64, f64)| large < 0.5 || large < small * 32.0;
    let mut seen = Vec::new();
    for one in times {
        if fits(one) {
            return;
        }
        seen.push(one);
    }
    panic!("{what:?}: seconds for {SMALL} bytes and for eight times as many: {seen:?}");
}
