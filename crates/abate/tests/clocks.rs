//! Hosts whose clock, or whose time zone, is not what it seems: told from what flow logs have of the same connections.

mod common;

use std::fmt::Write;

use common::{Place, assert_schema, stdout};
use serde_json::Value;

const NOW: &str = "2026-11-20T03:00:00Z";

/// A night at the door of a host: its own log, its clock so many seconds ahead, and the flow log of its interface.
fn night(place: &Place, ahead: i64) {
    let begin: jiff::Timestamp = "2026-11-18T20:00:00Z".parse().expect("a time");
    let mut lines = String::new();
    let mut flows = String::from(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
    );
    for n in 0..60_i64 {
        let (start, from, port) = (begin.as_second() + n * 311 + n % 7 * 13, format!("198.51.100.{}", n * 4 + 1), 40_000 + n * 17);
        writeln!(flows, "2 111122223333 eni-0123456789abcdef0 {from} 10.0.0.5 {port} 22 6 14 2200 {start} {} ACCEPT OK", start + 5 + n % 9)
            .expect("text");
        let at = jiff::Timestamp::from_second(start + 3 + ahead).expect("a time");
        writeln!(lines, "{} web1 sshd[{}]: Failed password for root from {from} port {port} ssh2", at.strftime("%b %e %H:%M:%S"), 900 + n)
            .expect("text");
    }
    place.write("logs/web1/auth.log", lines);
    place.write("logs/flow.log", flows);
}

fn clock(place: &Place, more: &[&str]) -> Value {
    let args = [&["evidence", "read", "logs", "--format", "json", "--now", NOW], more].concat();
    let read: Value = serde_json::from_slice(&place.expect(0, &args).stdout).expect("JSON");
    let [clock] = read["clocks"].as_array().expect("clocks").as_slice() else { panic!("{}", read["clocks"]) };
    clock.clone()
}

#[test]
fn lines_in_japanese_time_are_told_and_read_rightly_the_second_time() {
    let place = Place::new();
    night(&place, 9 * 3600);
    let told = clock(&place, &[]);
    assert_eq!((&told["reading"], &told["host"], &told["zone"]), (&"other-zone".into(), &"web1".into(), &"assumed".into()));
    assert_eq!((&told["acts"], &told["agreeing"], &told["against"]), (&60.into(), &60.into(), &serde_json::json!(["vpc-flow"])));
    let (from, to) = (told["ahead"]["from"].as_i64(), told["ahead"]["to"].as_i64());
    assert!(from.is_some_and(|s| s <= 32_403) && to.is_some_and(|s| (32_400..32_470).contains(&s)), "{told}");
    let text = stdout(&place.expect(0, &["evidence", "read", "logs", "--now", NOW]));
    assert!(text.contains("Their clocks") && text.contains("9 h ahead of vpc-flow") && text.contains("--log-zone"), "{text}");
    let text = stdout(&place.expect(0, &["evidence", "read", "logs", "--now", NOW, "--lang", "ja"]));
    assert!(text.contains("時計のずれ") && text.contains("9 時間進み"), "{text}");
    // The times themselves stay as they were read.
    assert_eq!(clock(&place, &["--log-zone", "Asia/Tokyo"])["reading"], "in-step");
}

#[test]
fn a_clock_that_nobody_sets_is_told_from_one_in_step() {
    for (ahead, reading) in [(0, "in-step"), (47, "apart"), (-90, "apart")] {
        let place = Place::new();
        night(&place, ahead);
        let told = clock(&place, &[]);
        assert_eq!(told["reading"], reading, "{ahead}: {told}");
        let (from, to) = (told["ahead"]["from"].as_i64().expect("a number"), told["ahead"]["to"].as_i64().expect("a number"));
        assert!(from <= ahead + 3 && ahead <= to && to - from <= 70, "{ahead}: {told}");
        // The same from what is kept of an earlier run, and with more than one reading.
        let kept = clock(&place, &["--lake", "lake"]);
        assert_eq!((&kept, &clock(&place, &["--lake", "lake"])), (&told, &told));
    }
}

#[test]
fn a_case_names_the_clock_and_keeps_the_times() {
    let place = Place::new();
    night(&place, 9 * 3600);
    place.write(
        "notice.txt",
        "Your AWS Abuse Report\n\nAWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.10]\n\n\
        has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization.\n\n\
        Abuse Time: 18 Nov 2026 23:10:00 UTC\n",
    );
    place.expect(0, &["respond", "notice.txt", "--evidence", "logs", "--now", NOW, "--out", "case"]);
    let case = place.json("case/case.json");
    assert_schema("case", &case);
    assert_eq!(case["clocks"][0]["reading"], "other-zone");
    let page = place.text("case/report.html");
    assert!(page.contains("時計のずれ") && page.contains("9 h ahead of vpc-flow"), "the report does not name it");
    let signed_in = case["coverage"].as_array().into_iter().flatten().find(|c| c["table"] == "authentication").expect("sign-ins");
    assert_eq!(signed_in["from"], "2026-11-19T05:00:03Z");
}
