//! Without DNS: switched off, silent, broken, or from recorded answers.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use abate_mail::{Checker, Dns, TIME_IN_ALL};
use abate_model::{DnsReply, Outcome, SignatureFault, Signatures};

use crate::support::*;

const FROM: &str = "no-reply@support.aws.example";

fn raw(now: jiff::Timestamp) -> String {
    let mail = signed(&ed_signer("support.aws.example", "s1"), &mail(FROM, now));
    format!("Return-Path: <b@mail.example>\r\nReceived: from o ([192.0.2.9]) by mx.example.com; x\r\n{mail}")
}

fn server() -> DnsServer {
    DnsServer::serve(&[
        ("s1._domainkey.support.aws.example", txt(ed_record())),
        ("mail.example", txt("v=spf1 a:missing.example mx include:spf.example -all")),
        ("spf.example", txt("v=spf1 exists:%{i}.missing.example ip4:192.0.2.0/24 -all")),
        ("_dmarc.aws.example", txt("v=DMARC1; p=reject; np=quarantine")),
    ])
}

#[test]
fn recorded_answers_give_the_same_verdict() {
    let (now, tomorrow) = times();
    let live = server().check(&raw(now), now);
    assert_eq!(only(&live).outcome, Outcome::Pass, "{live:#?}");
    assert_eq!(live.spf.as_ref().expect("SPF").outcome, Outcome::Pass, "{live:#?}");
    assert_eq!(live.dmarc.as_ref().expect("DMARC").outcome, Outcome::Pass);

    let kept = serde_json::to_string(&live).expect("JSON");
    let read: Signatures = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(read, live);
    let checker = Checker::new(&Dns::Recorded(read.answers)).expect("a checker");
    assert_eq!(checker.check(raw(now).as_bytes(), now).dmarc, live.dmarc, "a mail signed anew, at another second");
    let again = checker.check(raw(now).as_bytes(), now);
    assert_eq!((&again.spf, &again.answers, &again.arc), (&live.spf, &live.answers, &live.arc));
    let later = checker.check(raw(now).as_bytes(), tomorrow);
    assert_eq!(only(&later).outcome, Outcome::Pass);
}

#[test]
fn the_same_mail_gives_the_same_result_byte_for_byte() {
    let (now, _) = times();
    let raw = raw(now);
    for raw in [raw.clone(), raw.replace("Hello", "Hallo"), raw.replace("Subject: Your", "Subject: Our")] {
        let live = server().check(&raw, now);
        let offline = Checker::new(&Dns::Recorded(live.answers.clone())).expect("a checker").check(raw.as_bytes(), now);
        assert_eq!(offline, live);
    }
}

#[test]
fn an_answer_that_was_not_recorded_is_not_invented() {
    let (now, _) = times();
    let mut answers = server().check(&raw(now), now).answers;
    answers.retain(|a| !a.name.contains("_domainkey"));
    let result = Checker::new(&Dns::Recorded(answers)).expect("a checker").check(raw(now).as_bytes(), now);
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::NotChecked, Some(SignatureFault::NotAsked)), "{result:#?}");
    assert_eq!(result.spf.as_ref().expect("SPF").outcome, Outcome::Pass);
    assert_eq!(result.dmarc.as_ref().expect("DMARC").outcome, Outcome::NotChecked);
}

#[test]
fn dns_off_still_compares_the_body() {
    let (now, _) = times();
    let checker = Checker::new(&Dns::Off).expect("a checker");
    let result = checker.check(raw(now).as_bytes(), now);
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::NotChecked, Some(SignatureFault::NotAsked)), "{result:#?}");
    assert_eq!(result.spf.as_ref().map(|s| (s.outcome, s.result.clone())), Some((Outcome::NotChecked, None)));
    assert_eq!(result.dmarc.as_ref().map(|d| (d.outcome, d.aligned_dkim)), Some((Outcome::NotChecked, Outcome::NotChecked)));
    assert!(result.answers.is_empty());
    let changed = checker.check(raw(now).replace("Hello", "Hallo").as_bytes(), now);
    assert_eq!((only(&changed).outcome, only(&changed).fault), (Outcome::Fail, Some(SignatureFault::BodyHashMismatch)));
}

#[test]
fn a_silent_server_does_not_hang() {
    let (now, _) = times();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let checker = Checker::new(&Dns::Server(socket.local_addr().expect("an address"))).expect("a checker");
    let start = Instant::now();
    let result = checker.check(raw(now).as_bytes(), now);
    assert!(start.elapsed() < TIME_IN_ALL + Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::TempError, Some(SignatureFault::NoAnswer)), "{result:#?}");
    assert_eq!(result.spf.as_ref().expect("SPF").outcome, Outcome::TempError);
    assert_eq!(result.dmarc.as_ref().expect("DMARC").outcome, Outcome::TempError);
    assert!(result.answers.iter().all(|a| matches!(a.reply, DnsReply::Failed(_))), "{result:#?}");
    // The failure is kept too: it is what the verdict rested on.
    let again = Checker::new(&Dns::Recorded(result.answers.clone())).expect("a checker").check(raw(now).as_bytes(), now);
    assert_eq!(only(&again).outcome, Outcome::TempError);
}

#[test]
fn a_closed_port_is_no_answer() {
    let (now, _) = times();
    let port = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("an address");
    let result = Checker::new(&Dns::Server(port)).expect("a checker").check(raw(now).as_bytes(), now);
    assert_eq!(only(&result).outcome, Outcome::TempError, "{result:#?}");
}

#[test]
fn a_record_without_end_is_given_up() {
    let (now, _) = times();
    // Each include leads to the next; SPF allows ten.
    let names: Vec<String> = (0..30).map(|n| if n == 0 { "mail.example".to_owned() } else { format!("i{n}.example") }).collect();
    let records: Vec<(&str, Served)> =
        names.iter().zip(1..).map(|(name, next)| (name.as_str(), txt(format!("v=spf1 include:i{next}.example -all")))).collect();
    let result = DnsServer::serve(&records).check(&raw(now), now);
    assert_eq!(result.spf.as_ref().expect("SPF").outcome, Outcome::PermError, "{result:#?}");
    assert!(result.answers.len() < 30);
}
