//! What each form must have, whatever the findings.

use std::collections::BTreeSet;

use abate_model::{CASE_SCHEMA, Cite, Claim, EntityKind, Letter, LetterKind, Locator, Plan, RuleInfo, Severity, Standing, Text};
use abate_notice::ReadContext;
use jiff::Timestamp;
use serde_json::Value;

use super::*;

fn time(hour: u32) -> Timestamp {
    format!("2026-11-20T{hour:02}:00:00.5Z").parse().unwrap()
}

fn finding(n: usize, claim: Claim, severity: Severity, technique: Option<&str>) -> Finding {
    let cite = Cite { source: "logs/trail.json".into(), locator: Locator::Bytes { offset: 10, length: 20 } };
    let title = Text::new(format!("=Finding {n}"), format!("所見 {n}"));
    let mut finding = Finding::new(claim, severity, title, Text::new(format!("Detail {n}."), format!("詳細 {n}。")), cite);
    finding.id = format!("f{n}");
    finding.technique = technique.map(str::to_owned);
    finding
}

fn case() -> Case {
    let ctx = ReadContext { received_at: time(9) };
    let notice = abate_notice::self_found("i-0123456789abcdef0 scans ports", Some("111122223333"), &ctx).unwrap();
    let mut login = finding(1, Claim::SshLoginAfterBruteForce, Severity::High, Some("T1110.001"));
    login.seen(Some(time(3)));
    login.seen(Some(time(5)));
    login.count = 40;
    for (kind, value) in [
        (EntityKind::RemoteAddress, "203.0.113.9"),
        (EntityKind::RemoteAddress, "2001:db8::9"),
        (EntityKind::LocalAddress, "192.0.2.1"),
        (EntityKind::User, "deploy"),
        (EntityKind::Instance, "i-0123456789abcdef0"),
        (EntityKind::Region, "ap-northeast-1"),
    ] {
        login.names(kind, value);
    }
    let mut rule = finding(2, Claim::Sigma, Severity::Medium, None);
    rule.seen(Some(time(4)));
    rule.names(EntityKind::RemoteAddress, "203.0.113.9");
    rule.names(EntityKind::Principal, "arn:aws:iam::111122223333:user/alice");
    rule.rule = Some(RuleInfo {
        id: "5a2d".into(),
        title: "Trail stopped".into(),
        author: Some("Jane Doe".into()),
        level: Severity::Medium,
        tags: vec!["attack.defense-evasion".into(), "attack.t1562.008".into(), "attack.t9999".into()],
    });
    let timeless = finding(3, Claim::FailedCheck, Severity::Informational, None);
    Case {
        schema: CASE_SCHEMA.to_owned(),
        id: notice.case_id(),
        assessed_at: time(10),
        notice,
        messages: Vec::new(),
        standing: Standing::default(),
        sources: Vec::new(),
        coverage: Vec::new(),
        clocks: Vec::new(),
        findings: vec![login, rule, timeless],
        verdicts: Vec::new(),
        causes: Vec::new(),
        path: Vec::new(),
        next_evidence: Vec::new(),
        timeline: Vec::new(),
        plan: Plan::new(Vec::new()),
        letter: Letter {
            kind: LetterKind::Interim,
            subject: String::new(),
            to: None,
            paragraphs: Vec::new(),
            sha256: String::new(),
            lint: Vec::new(),
        },
        journal_head: String::new(),
    }
}

fn json_of(form: ExportForm) -> Value {
    serde_json::from_slice(&export(&case(), form).unwrap()).unwrap()
}

#[test]
fn uuids_are_those_of_the_standard() {
    // RFC 9562, A.4: www.example.com in the namespace of names.
    let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
    assert_eq!(uuid(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    for form in [ExportForm::Json, ExportForm::Csv, ExportForm::Ocsf, ExportForm::Stix, ExportForm::Navigator] {
        assert_eq!(export(&case(), form).unwrap(), export(&case(), form).unwrap(), "{form:?}");
    }
    let mut renumbered = case();
    renumbered.findings.reverse();
    let uid = |case: &Case, n: usize| lasting_id(case, &case.findings[n]);
    assert_eq!(uid(&case(), 0), uid(&renumbered, 2));
    assert_ne!(uid(&case(), 0), uid(&case(), 1));
}

#[test]
fn json_keeps_all_and_names_the_author() {
    let all = json_of(ExportForm::Json);
    assert_eq!((all["schema"].as_str(), all["findings"].as_array().unwrap().len()), (Some("abate.findings/1"), 3));
    assert_eq!(all["findings"][1]["rule_title"], "Trail stopped (Jane Doe)");
    assert_eq!(all["findings"][1]["techniques"], serde_json::json!(["T1562.008", "T9999"]));
    assert_eq!(all["findings"][0]["title"]["ja"], "所見 1");
}

#[test]
fn no_cell_is_a_formula() {
    let bytes = export(&case(), ExportForm::Csv).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut reader = ::csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().flat_map(|row| row.iter()).all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    assert_eq!((&rows[0][5], &rows[1][10]), ("'=Finding 1", "Trail stopped (Jane Doe)"));
    assert_eq!(&rows[0][7], "2026-11-20 03:00:00");
}

/// The attributes that the class requires, with the values that its enumerations allow.
#[test]
fn ocsf_events_have_what_the_class_requires() {
    let bytes = export(&case(), ExportForm::Ocsf).unwrap();
    let events: Vec<Value> = String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 3);
    for event in &events {
        assert_eq!((event["class_uid"].as_u64(), event["category_uid"].as_u64()), (Some(2004), Some(2)));
        let activity = event["activity_id"].as_u64().unwrap();
        assert_eq!(event["type_uid"].as_u64(), Some(2004 * 100 + activity));
        assert!((0..=6).contains(&event["severity_id"].as_u64().unwrap()) && event["status_id"].as_u64() == Some(1));
        assert!(event["time"].as_i64().unwrap() > 1_700_000_000_000, "milliseconds");
        let metadata = &event["metadata"];
        assert!(metadata["version"].is_string() && metadata["product"]["vendor_name"].is_string() && metadata["profiles"].is_array());
        let info = &event["finding_info"];
        assert!(info["uid"].is_string() && info["title"].is_string() && info["types"][0].is_string());
        assert!(!event["evidences"].as_array().unwrap().is_empty());
        assert!(event["evidences"].as_array().unwrap().iter().all(|evidence| evidence["data"]["cite"].is_string()));
        for observable in event["observables"].as_array().unwrap() {
            assert!(observable["name"].is_string() && observable["type_id"].is_u64() && observable["value"].is_string());
        }
        assert_eq!(event["cloud"]["provider"], "AWS");
    }
    let attacks = events[0]["finding_info"]["attacks"].as_array().unwrap();
    assert_eq!((&attacks[0]["technique"]["uid"], &attacks[0]["sub_technique"]["uid"]), (&"T1110".into(), &"T1110.001".into()));
    assert_eq!(attacks[0]["tactic"]["uid"], "TA0006");
    assert_eq!(events[0]["resources"][0]["uid"], "i-0123456789abcdef0");
    assert_eq!(events[1]["finding_info"]["analytic"]["name"], "Trail stopped (Jane Doe)");
    assert_eq!(events[0]["evidences"][0]["data"]["entities"]["remote_address"][1], "2001:db8::9");
}

/// Required properties, forms of ids and times, and that every reference leads to an object of the bundle.
#[test]
fn a_stix_bundle_is_whole() {
    let bundle = json_of(ExportForm::Stix);
    assert_eq!(bundle["type"], "bundle");
    let objects = bundle["objects"].as_array().unwrap();
    let ids: BTreeSet<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), objects.len(), "each id once");
    let required = |kind: &str| -> &[&str] {
        match kind {
            "identity" | "attack-pattern" => &["name"],
            "indicator" => &["pattern", "pattern_type", "valid_from"],
            "observed-data" => &["first_observed", "last_observed", "number_observed", "object_refs"],
            "relationship" => &["relationship_type", "source_ref", "target_ref"],
            "sighting" => &["sighting_of_ref"],
            "note" => &["content", "object_refs"],
            "ipv4-addr" | "ipv6-addr" | "url" => &["value"],
            "user-account" => &["account_type"],
            other => panic!("{other}"),
        }
    };
    for object in objects {
        let (kind, id) = (object["type"].as_str().unwrap(), object["id"].as_str().unwrap());
        let (front, number) = id.split_once("--").unwrap();
        assert_eq!((front, number.len(), number.as_bytes()[14]), (kind, 36, b'5'));
        assert_eq!(object["spec_version"], "2.1");
        assert!(required(kind).iter().all(|name| !object[name].is_null()), "{object}");
        let is_observable = ["ipv4-addr", "ipv6-addr", "url", "user-account"].contains(&kind);
        assert_eq!(object.get("created").is_none(), is_observable);
        for (name, value) in object.as_object().unwrap() {
            if name.ends_with("_ref") {
                assert!(ids.contains(value.as_str().unwrap()), "{name} of {id}");
            } else if name.ends_with("_refs") {
                let list = value.as_array().unwrap();
                assert!(!list.is_empty() && list.iter().all(|id| ids.contains(id.as_str().unwrap())), "{name} of {id}");
            } else if ["created", "modified", "valid_from", "first_seen", "last_seen", "first_observed", "last_observed"]
                .contains(&name.as_str())
            {
                let text = value.as_str().unwrap();
                assert!(text.len() == 24 && text.ends_with('Z') && text.parse::<Timestamp>().is_ok(), "{text}");
            }
            assert!(value.as_array().is_none_or(|list| !list.is_empty()), "an empty list: {name} of {id}");
        }
    }
    let count = |kind: &str| objects.iter().filter(|object| object["type"] == kind).count();
    assert_eq!((count("identity"), count("note"), count("observed-data"), count("indicator")), (2, 3, 2, 2));
    assert_eq!((count("attack-pattern"), count("relationship"), count("sighting")), (3, 4, 3));
    // The example of the specification: the id of an address follows from its value alone.
    let mut bundle = case();
    bundle.findings[0].names(EntityKind::RemoteAddress, "198.51.100.3");
    let text = String::from_utf8(export(&bundle, ExportForm::Stix).unwrap()).unwrap();
    assert!(text.contains("ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"), "STIX 2.1, 6.5.2");
}

#[test]
fn a_layer_shows_a_technique_under_each_of_its_tactics() {
    let layer = json_of(ExportForm::Navigator);
    assert_eq!((layer["versions"]["layer"].as_str(), layer["domain"].as_str()), (Some("4.5"), Some("enterprise-attack")));
    let techniques = layer["techniques"].as_array().unwrap();
    let told: Vec<(&str, Option<&str>, u64)> =
        techniques.iter().map(|t| (t["techniqueID"].as_str().unwrap(), t["tactic"].as_str(), t["score"].as_u64().unwrap())).collect();
    assert_eq!(told, [("T1110.001", Some("credential-access"), 75), ("T1562.008", Some("defense-evasion"), 50), ("T9999", None, 50)]);
    assert!(techniques.iter().all(|t| t["color"].as_str().unwrap().starts_with('#') && !t["comment"].as_str().unwrap().is_empty()));
    assert!(techniques[1]["comment"].as_str().unwrap().contains("[Trail stopped (Jane Doe)]"));
    assert!(layer["description"].as_str().unwrap().contains("1 of 3 findings name no technique"));
    let mut two = case();
    two.findings[0].technique = Some("T1133".into());
    let layer: Value = serde_json::from_slice(&export(&two, ExportForm::Navigator).unwrap()).unwrap();
    let tactics: Vec<&str> = layer["techniques"].as_array().unwrap().iter().take(2).map(|t| t["tactic"].as_str().unwrap()).collect();
    assert_eq!(tactics, ["persistence", "initial-access"]);
}
