//! SPF, DMARC and ARC: whose mail it is.

use abate_model::{DmarcPolicy, Outcome, SignatureFault, Signatures};
use jiff::Timestamp;
use mail_auth::arc::ArcSealer;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::{ArcOutput, AuthenticatedMessage, AuthenticationResults, DkimOutput};

use crate::support::*;

const FROM: &str = "no-reply@support.aws.example";
const POLICY: (&str, &str) = ("_dmarc.aws.example", "v=DMARC1; p=reject; sp=quarantine; np=reject");

fn delivered(path: &str, peer: &str, raw: &str) -> String {
    format!(
        "Return-Path: <{path}>\r\nReceived: by 10.0.0.5 with SMTP id x; Mon, 1 Jan 2024 00:00:00 +0000\r\n\
         Received: from inner.example.com (inner.example.com [10.1.1.1]) by store.example.com; Mon, 1 Jan 2024 00:00:00 +0000\r\n\
         Received: from out.example.net (out.example.net [{peer}]) by mx.example.com with ESMTPS; Mon, 1 Jan 2024 00:00:00 +0000\r\n\
         Received: from forged ([203.0.113.200]) by nowhere; Mon, 1 Jan 2024 00:00:00 +0000\r\n{raw}"
    )
}

fn spf_of(records: &[(&str, Served)], peer: &str) -> Signatures {
    let now = Timestamp::now();
    DnsServer::serve(records).check(&delivered("bounce@mail.example", peer, &mail(FROM, now)), now)
}

#[test]
fn spf_by_the_topmost_public_peer() {
    let include = ("spf.example", txt("v=spf1 ip4:192.0.2.0/24 -all"));
    let direct = ("mail.example", txt("v=spf1 include:spf.example ~all"));
    for (peer, outcome, word) in [("192.0.2.9", Outcome::Pass, "pass"), ("198.51.100.9", Outcome::Fail, "softfail")] {
        let result = spf_of(&[include.clone(), direct.clone()], peer);
        let spf = result.spf.as_ref().expect("SPF");
        assert_eq!((spf.outcome, spf.result.as_deref(), spf.domain.as_str()), (outcome, Some(word), "mail.example"), "{result:#?}");
        assert_eq!(spf.peer, peer.parse().ok());
        assert!(spf.taken_from.as_deref().is_some_and(|h| h.starts_with("from out.example.net")), "{spf:?}");
    }
}

#[test]
fn spf_mechanisms_that_ask_for_addresses() {
    let record = |text: &str| ("mail.example", txt(text));
    let host = ("a.example", Served::A("192.0.2.9"));
    for (text, outcome) in [
        ("v=spf1 a:a.example -all", Outcome::Pass),
        ("v=spf1 a:missing.example a -all", Outcome::Fail),
        ("v=spf1 a:missing.example mx:b.example -all", Outcome::Pass),
        ("v=spf1 exists:a.example -all", Outcome::Pass),
        ("v=spf1 exists:missing.example -all", Outcome::Fail),
        ("v=spf1 exists:%{ir}.list.example -all", Outcome::Pass),
        ("v=spf1 ptr -all", Outcome::Fail),
        ("v=spf1 ?all", Outcome::None),
        ("v=spf1 include:missing.example -all", Outcome::PermError),
        ("something else", Outcome::None),
    ] {
        let records =
            [record(text), host.clone(), ("b.example", Served::Mx("a.example.")), ("9.2.0.192.list.example", Served::A("127.0.0.2"))];
        let result = spf_of(&records, "192.0.2.9");
        assert_eq!(result.spf.as_ref().expect("SPF").outcome, outcome, "{text}: {result:#?}");
    }
    assert_eq!(spf_of(&[], "192.0.2.9").spf.expect("SPF").outcome, Outcome::None);
}

#[test]
fn spf_of_an_ipv6_peer() {
    let result = spf_of(&[("mail.example", txt("v=spf1 ip6:2001:db8::/32 -all"))], "IPv6:2001:db8::9");
    assert_eq!(result.spf.expect("SPF").outcome, Outcome::Pass);
    for text in ["v=spf1 exists:missing.example -all", "v=spf1 exists:missing.example ip6:2001:db8::/32 -all"] {
        let result = spf_of(&[("mail.example", txt(text))], "IPv6:2001:db8::9");
        assert_eq!(result.spf.as_ref().expect("SPF").outcome, Outcome::NotChecked, "{text}: {result:#?}");
    }
    let records = [("mail.example", txt("v=spf1 exists:a.example -all")), ("a.example", Served::A("127.0.0.2"))];
    assert_eq!(spf_of(&records, "IPv6:2001:db8::9").spf.expect("SPF").outcome, Outcome::Pass);
}

#[test]
fn spf_is_not_guessed() {
    let now = Timestamp::now();
    let server = DnsServer::serve(&[]);
    let plain = mail(FROM, now);
    for (raw, reason) in [
        (plain.clone(), "no Return-Path"),
        (format!("Return-Path: <a@mail.example>\r\n{plain}"), "no Received"),
        (format!("Return-Path: <a@mail.example>\r\n{}", delivered("b@mail.example", "192.0.2.9", &plain)), "more than one Return-Path"),
        (delivered("a@mail.example", "10.9.9.9", &plain).replace("[203.0.113.200]", "[127.0.0.1]"), "no Received"),
    ] {
        let spf = server.check(&raw, now).spf.expect("SPF");
        assert_eq!(spf.outcome, Outcome::NotChecked, "{spf:?}");
        assert!(spf.detail.contains(reason), "{spf:?}");
    }
}

#[test]
fn dmarc_aligned_and_not() {
    let now = Timestamp::now();
    let keys = [
        (POLICY.0, txt(POLICY.1)),
        ("s1._domainkey.support.aws.example", txt(ed_record())),
        ("s1._domainkey.amazonses.example", txt(ed_record())),
        ("support.aws.example", Served::A("192.0.2.1")),
    ];
    let server = DnsServer::serve(&keys);
    let own = server.check(&signed(&ed_signer("support.aws.example", "s1"), &mail(FROM, now)), now);
    let dmarc = own.dmarc.as_ref().expect("DMARC");
    assert_eq!((dmarc.outcome, dmarc.aligned_dkim, dmarc.aligned_spf), (Outcome::Pass, Outcome::Pass, Outcome::None), "{own:#?}");
    assert_eq!((dmarc.domain.as_str(), dmarc.policy), ("support.aws.example", Some(DmarcPolicy::Quarantine)));

    let relay = server.check(&signed(&ed_signer("amazonses.example", "s1"), &mail(FROM, now)), now);
    let dmarc = relay.dmarc.as_ref().expect("DMARC");
    assert_eq!(only(&relay).outcome, Outcome::Pass, "the relay's signature holds");
    assert_eq!((dmarc.outcome, dmarc.aligned_dkim), (Outcome::Fail, Outcome::Fail), "{relay:#?}");

    let unsigned = server.check(&mail(FROM, now), now);
    assert_eq!(unsigned.dmarc.as_ref().map(|d| (d.outcome, d.aligned_dkim)), Some((Outcome::Fail, Outcome::None)), "{unsigned:#?}");

    let missing = server.check(&mail("x@made-up.aws.example", now), now);
    assert_eq!(missing.dmarc.as_ref().and_then(|d| d.policy), Some(DmarcPolicy::Reject), "np= is for names that do not exist");

    let none = server.check(&mail("x@nothing.example", now), now).dmarc.expect("DMARC");
    assert_eq!((none.outcome, none.policy), (Outcome::None, None));
    let two = server.check(&format!("From: y@other.example\r\n{}", mail(FROM, now)), now).dmarc.expect("DMARC");
    assert_eq!(two.outcome, Outcome::PermError, "{two:?}");
}

#[test]
fn dmarc_by_spf_and_by_an_expired_signature() {
    let (now, tomorrow) = times();
    let server = DnsServer::serve(&[
        ("_dmarc.support.aws.example", txt("v=DMARC1; p=reject")),
        ("bounce.support.aws.example", txt("v=spf1 ip4:192.0.2.9 -all")),
        ("s1._domainkey.support.aws.example", txt(ed_record())),
    ]);
    let raw = delivered("x@bounce.support.aws.example", "192.0.2.9", &mail(FROM, now));
    let dmarc = server.check(&raw, now).dmarc.expect("DMARC");
    assert_eq!((dmarc.outcome, dmarc.aligned_spf, dmarc.policy), (Outcome::Pass, Outcome::Pass, Some(DmarcPolicy::Reject)), "{dmarc:?}");

    let raw = signed(&ed_signer("support.aws.example", "s1").expiration(3600), &mail(FROM, now));
    let result = server.check(&raw, tomorrow);
    assert_eq!(only(&result).outcome, Outcome::PermError);
    assert_eq!(result.dmarc.expect("DMARC").outcome, Outcome::Pass, "as of the mail's date");
    let late = signed(&ed_signer("support.aws.example", "s1").expiration(3600), &mail(FROM, tomorrow));
    assert_eq!(server.check(&late, tomorrow).dmarc.expect("DMARC").outcome, Outcome::Fail);
}

/// A mail that a list took in, changed, and sealed.
fn forwarded(now: Timestamp) -> String {
    let original = signed(&ed_signer("support.aws.example", "s1"), &mail(FROM, now));
    let changed = original.replace("Subject: Your", "Subject: [list] Your").replace("activity.\r\n", "activity.\r\n-- \r\nlist footer\r\n");
    let message = AuthenticatedMessage::parse(changed.as_bytes()).expect("a mail");
    let seen = DkimOutput::pass().with_signature(&message.dkim_headers[0].header);
    let results = AuthenticationResults::new("mx.list.example").with_dkim_result(&seen, FROM);
    let sealer = ArcSealer::from_key(ed()).domain("list.example").selector("arc").headers(["From", "Subject", "Date"]);
    let set = sealer.seal(&message, &results, &ArcOutput::default()).expect("a seal");
    format!("{}{changed}", set.to_header())
}

#[test]
fn a_forwarders_chain() {
    let now = Timestamp::now();
    let server =
        DnsServer::serve(&[("arc._domainkey.list.example", txt(ed_record())), ("s1._domainkey.support.aws.example", txt(ed_record()))]);
    let raw = forwarded(now);
    let result = server.check(&raw, now);
    assert_eq!(only(&result).fault, Some(SignatureFault::BodyHashMismatch), "the list changed the body");
    let arc = result.arc.as_ref().expect("ARC");
    assert_eq!((arc.outcome, arc.sets.len()), (Outcome::Pass, 1), "{arc:#?}");
    assert_eq!(arc.sets[0].domain, "list.example");
    assert!(arc.sets[0].results.contains("dkim=pass"), "{arc:#?}");

    for (from, to, fault) in [
        ("list footer", "other footer", SignatureFault::BodyHashMismatch),
        ("Subject: [list]", "Subject: [spam]", SignatureFault::SignatureMismatch),
        ("ARC-Seal", "ARC-Heal", SignatureFault::BrokenChain),
    ] {
        let arc = server.check(&raw.replace(from, to), now).arc.expect("ARC");
        assert_eq!((arc.outcome, arc.fault), (Outcome::Fail, Some(fault)), "{from}: {arc:?}");
    }
    let gone = DnsServer::serve(&[]).check(&raw, now).arc.expect("ARC");
    assert_eq!((gone.outcome, gone.fault), (Outcome::PermError, Some(SignatureFault::KeyMissing)));
    let set = &raw[..raw.find("DKIM-Signature").expect("the set ends")];
    let long = server.check(&format!("{}{raw}", set.repeat(11)), now).arc.expect("ARC");
    assert_eq!((long.outcome, long.fault), (Outcome::NotChecked, Some(SignatureFault::Limit)));
    assert!(server.check(&mail(FROM, now), now).arc.is_none());
}
