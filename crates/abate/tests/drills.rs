//! Golden end-to-end cases: every drill scenario, mail to letter, against its truth.

mod common;

use common::{Place, assert_schema};
use serde_json::Value;

/// Just after the notice arrived.
fn soon_after(notice: &Value) -> String {
    let date = notice["date"].as_str().expect("the drill's notice is dated");
    let at: jiff::Timestamp = date.parse().expect("a time");
    (at + jiff::SignedDuration::from_hours(2)).to_string()
}

fn run(place: &Place, scenario: &str, seed: u64, more: &[&str]) -> (Value, Value) {
    run_to(place, scenario, seed, more, &[0])
}

/// From mail to letter, with one of the exit codes.
fn run_to(place: &Place, scenario: &str, seed: u64, more: &[&str], codes: &[i32]) -> (Value, Value) {
    let (drill, number) = (format!("drill-{scenario}-{seed}"), seed.to_string());
    place.expect(0, &[&["drill", scenario, "--out", &drill, "--seed", &number], more].concat());
    let read = place.expect(0, &["notice", "read", &format!("{drill}/notice.eml"), "--format", "json"]);
    let notice: Value = serde_json::from_slice(&read.stdout).expect("JSON");
    assert_schema("notice", &notice);
    let now = soon_after(&notice);
    let (mail, evidence, out) = (format!("{drill}/notice.eml"), format!("{drill}/evidence"), format!("case-{scenario}-{seed}"));
    let output = place.abate(&["respond", &mail, "--evidence", &evidence, "--out", &out, "--now", &now]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{scenario}, seed {seed}: {}: {said}", output.status);
    let (case, truth) = (place.json(&format!("{out}/case.json")), place.json(&format!("{drill}/truth.json")));
    assert_schema("case", &case);
    assert_schema("truth", &truth);
    (case, truth)
}

fn check(scenario: &str, seed: u64) {
    check_with(scenario, seed, &[]);
}

fn check_with(scenario: &str, seed: u64, more: &[&str]) {
    let place = Place::new();
    let (case, truth) = run(&place, scenario, seed, more);
    let at = format!("{scenario}, seed {seed}");
    assert_eq!(case["notice"]["category"], truth["category"], "{at}: category");
    for expected in truth["verdicts"].as_array().expect("verdicts") {
        let got = case["verdicts"].as_array().expect("verdicts").iter().find(|v| v["reported"] == expected["reported"]);
        assert_eq!(
            got.map(|v| &v["verdict"]),
            Some(&expected["verdict"]),
            "{at}: verdict on {}: {}",
            expected["reported"],
            got.unwrap_or(&Value::Null)["why"]["en"]
        );
    }
    for field in ["class", "kind", "factor"] {
        assert_eq!(
            case["causes"][0][field], truth["root_cause"][field],
            "{at}: cause {field}; story: {}",
            case["causes"][0]["story"]["en"]
        );
    }
    check_evidence(&case, &truth, &at);
    check_letter(&place, &case, &format!("case-{scenario}-{seed}"), &at);
}

/// Key events of the truth are cited by the case, and everything that is cited exists.
fn check_evidence(case: &Value, truth: &Value, at: &str) {
    let cited = check_sources(case, at);
    let key: Vec<&Value> = truth["key_events"].as_array().into_iter().flatten().collect();
    let hit = key.iter().filter(|k| cited.iter().any(|c| c["source"] == k["source"] && c["locator"] == k["locator"])).count();
    assert!(key.is_empty() || hit > 0, "{at}: none of {} key events is cited", key.len());
}

/// What the findings cite; all of it lies in a source that was read.
fn check_sources<'c>(case: &'c Value, at: &str) -> Vec<&'c Value> {
    let cited: Vec<&Value> =
        case["findings"].as_array().into_iter().flatten().flat_map(|f| f["evidence"].as_array().into_iter().flatten()).collect();
    let sources: Vec<&Value> = case["sources"].as_array().into_iter().flatten().map(|s| &s["path"]).collect();
    for cite in &cited {
        assert!(sources.contains(&&cite["source"]), "{at}: {} is cited and is no source", cite["source"]);
    }
    cited
}

fn check_letter(place: &Place, case: &Value, out: &str, at: &str) {
    let letter = place.text(&format!("{out}/letter.en.txt"));
    assert!(letter.is_ascii(), "{at}: the letter is not plain ASCII");
    assert!(letter.len() <= 8000, "{at}: the letter has {} characters", letter.len());
    let errors: Vec<&Value> = case["letter"]["lint"].as_array().into_iter().flatten().filter(|n| n["error"] == true).collect();
    assert!(errors.is_empty(), "{at}: {errors:?}");
    let no_step_is_claimed =
        case["letter"]["paragraphs"].as_array().into_iter().flatten().all(|p| p["steps"].as_array().is_some_and(Vec::is_empty));
    assert!(no_step_is_claimed, "{at}: a measure is claimed although nobody said that it was done");
    let japanese = place.text(&format!("{out}/letter.ja.txt"));
    assert!(japanese.chars().any(|c| ('ぁ'..='ヿ').contains(&c)), "{at}: the approver's letter is not Japanese");
}

#[test]
fn weak_ssh_port_scan() {
    (1..=3).for_each(|seed| check("weak-ssh-port-scan", seed));
}

#[test]
fn leaked_key_spam() {
    (1..=3).for_each(|seed| check("leaked-key-spam", seed));
}

#[test]
fn webshell_phishing() {
    (1..=3).for_each(|seed| check("webshell-phishing", seed));
}

#[test]
fn recycled_address() {
    (1..=3).for_each(|seed| check("recycled-address", seed));
}

#[test]
fn poor_evidence() {
    (1..=3).for_each(|seed| check("poor-evidence", seed));
}

/// A flood from many addresses and sweeps over every port hide nothing and mean nothing.
#[test]
fn hostile_traffic_around_the_incident() {
    for scenario in ["weak-ssh-port-scan", "webshell-phishing", "recycled-address"] {
        check_with(scenario, 1, &["--flood", "20000", "--sweep"]);
    }
}

#[test]
fn a_drill_that_cannot_be_written_says_what_and_where() {
    let place = Place::new();
    let output = place.expect(2, &["drill", "poor-evidence", "--sweep", "--out", "none"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("poor-evidence has no flow logs"));
    assert!(!place.join("none").exists(), "nothing is written that was refused");

    place.write("file", "in the way");
    let output = place.expect(1, &["drill", "poor-evidence", "--out", "file/drill"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot write file/drill/notice.eml") && said.contains("--out"), "{said}");
}

/// The other scenarios are for measuring: what is said of them against their truth is counted by `cargo run -p xtask -- eval`,
/// and here nobody asks whether it is right. But each of them runs from mail to letter, whatever the evidence looks like,
/// nothing that is cited is missing, and the letter can be sent. The scenarios named above are checked against their truth.
#[test]
fn every_other_scenario() {
    let named = ["weak-ssh-port-scan", "leaked-key-spam", "webshell-phishing", "recycled-address", "poor-evidence"];
    assert!(named.iter().all(|name| abate_drill::all().iter().any(|s| s.id == *name)));
    let others: Vec<_> = abate_drill::all().iter().filter(|s| !named.contains(&s.id)).collect();
    assert!(others.len() >= 12, "{}", others.len());
    for scenario in others {
        let place = Place::new();
        let (case, _) = run_to(&place, scenario.id, 1, &[], &[0, 3]);
        let at = format!("{}, seed 1", scenario.id);
        check_sources(&case, &at);
        check_letter(&place, &case, &format!("case-{}-1", scenario.id), &at);
    }
}

#[test]
fn the_same_input_gives_the_same_folder() {
    let (one, two) = (Place::new(), Place::new());
    run(&one, "weak-ssh-port-scan", 7, &[]);
    run(&two, "weak-ssh-port-scan", 7, &[]);
    for name in ["case.json", "letter.en.txt", "letter.ja.txt", "plan.json", "timeline.csv", "report.html"] {
        let path = format!("case-weak-ssh-port-scan-7/{name}");
        assert!(
            std::fs::read(one.join(&path)).expect(name) == std::fs::read(two.join(&path)).expect(name),
            "{name} differs between two runs"
        );
    }
}
