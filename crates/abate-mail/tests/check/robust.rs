//! Hostile input: nothing in a mail, and nothing that DNS says, makes the checker panic.

use std::sync::LazyLock;

use abate_mail::{Checker, Dns};
use abate_model::{DnsAnswer, DnsKind, DnsReply, Outcome};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::support::*;

const KEY: &str = "s1._domainkey.support.aws.example.";

static MAIL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let signed = signed(&ed_signer("support.aws.example", "s1").expiration(60), &mail("no-reply@support.aws.example", Timestamp::now()));
    format!(
        "Return-Path: <b@mail.example>\r\nReceived: from o ([192.0.2.9]) by mx.example.com; x\r\n\
         ARC-Seal: i=1; a=rsa-sha256; d=list.example; s=s; cv=none; b=AAAA\r\n\
         ARC-Message-Signature: i=1; a=rsa-sha256; d=list.example; s=s; h=from; l=3; bh=AAAA; b=AAAA\r\n\
         ARC-Authentication-Results: i=1; mx; dkim=pass\r\n\
         DKIM-Signature: v=1; a=rsa-sha1; d=x.example; s=s; h=from:from; l=5; bh=AAAA; b=AAAA\r\n{signed}"
    )
    .into_bytes()
});

fn answer(name: &str, kind: DnsKind, text: &str) -> DnsAnswer {
    DnsAnswer { name: name.to_owned(), kind, at: Timestamp::UNIX_EPOCH, reply: DnsReply::Records(vec![text.to_owned()]) }
}

fn checker(spf: &str, dmarc: &str, key: &str) -> Checker {
    let answers = vec![
        answer(KEY, DnsKind::Txt, key),
        answer("mail.example.", DnsKind::Txt, spf),
        answer("_dmarc.support.aws.example.", DnsKind::Txt, dmarc),
        answer("x.example.", DnsKind::A, "not an address"),
    ];
    Checker::new(&Dns::Recorded(answers)).expect("a checker")
}

/// Cuts, doubles and overwrites pieces.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0usize..40, prop::collection::vec(any::<u8>(), 0..12), any::<bool>());
    prop::collection::vec(edit, 1..8).prop_map(|edits| {
        let mut bytes = MAIL.clone();
        for (at, cut, insert, double) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            let piece = if double { bytes[at..end].repeat(2) } else { insert };
            bytes.splice(at..end, piece);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_mails(raw in mutated()) {
        let now = Timestamp::now();
        let result = checker("v=spf1 a mx exists:%{i}.x ptr -all", "v=DMARC1; p=reject", &ed_record()).check(&raw, now);
        // What passes says what it says: body and Subject are those that were signed.
        if result.dkim.iter().any(|d| d.domain == "support.aws.example" && d.outcome == Outcome::Pass && d.covers_from_subject_body) {
            let text = String::from_utf8_lossy(&raw);
            prop_assert!(text.contains("i-0123456789abcdef0"), "{}", text);
        }
    }

    #[test]
    fn any_bytes(raw in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = checker("", "", "").check(&raw, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn any_records(spf in "v=spf1 .{0,60}", dmarc in "v=DMARC1;.{0,60}", key in "v=DKIM1;.{0,80}") {
        let _ = checker(&spf, &dmarc, &key).check(&MAIL, Timestamp::now());
    }
}

#[test]
fn odd_mails() {
    let checker = checker("", "", "");
    for raw in ["", "\r\n", "\n", "From: ", ":", "DKIM-Signature:", "DKIM-Signature: v=1\r\n\r\n", "\r\r\n\n", "From : a@b.example\n\nx"] {
        let result = checker.check(raw.as_bytes(), Timestamp::MAX);
        assert!(result.dkim.iter().all(|d| d.outcome != Outcome::Pass), "{raw:?}");
        let _ = checker.check(raw.as_bytes(), Timestamp::MIN);
    }
    let huge = vec![b'a'; abate_mail::MAX_MAIL + 1];
    let result = checker.check(&huge, Timestamp::now());
    assert!(result.notes[0].contains("bytes"), "{result:?}");
    assert_eq!(result.spf.expect("SPF").outcome, Outcome::NotChecked);
}
