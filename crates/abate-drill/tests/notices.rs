//! Generated notices: repeatable, covering, true to themselves, and only about example data. Nothing is written.

use std::collections::BTreeSet;

use abate_drill::notices::{Essential, Mutation, Specimen, mutate, specimens};
use mail_parser::{Message, MessageParser};
use serde_json::Value;

const KEYS: &[&str] = &[
    "about",
    "family",
    "kind",
    "category",
    "account_id",
    "regions",
    "resources",
    "case_number",
    "reported",
    "asks",
    "mitigations",
    "deadline",
    "authenticity",
    "report_format",
    "subject",
    "date",
    "message_id",
    "from",
];
const FAMILIES: &[&str] = &[
    "resource-line",
    "instance-list",
    "malware-details",
    "labelled-fields",
    "dos-detected",
    "follow-up",
    "compromised-credentials",
    "model-abuse",
    "ses-enforcement",
    "health-event",
];
const CATEGORIES: &[&str] = &[
    "spam",
    "port-scan",
    "dos",
    "intrusion",
    "botnet",
    "malware",
    "phishing",
    "content",
    "crawling",
    "open-proxy",
    "open-resolver",
    "vulnerability",
    "compromised-credentials",
    "copyright",
    "crypto-mining",
    "model-abuse",
    "other",
];
const CHANNELS: &[&str] = &[
    "mail-plain",
    "mail-html",
    "mail-multipart",
    "pasted",
    "pasted-headers",
    "pasted-japanese",
    "forward-gmail",
    "forward-outlook",
    "forward-outlook-ja",
    "forward-attached",
    "eventbridge",
    "sns",
];
const FORMATS: &[&str] = &[
    "none",
    "free-text",
    "sshd-log",
    "web-access-log",
    "iptables-log",
    "aws-web-form",
    "csv-line",
    "port-scan-sensor",
    "fail2ban",
    "spam-mail",
];

fn all_of(list: &[Specimen], value: impl Fn(&Specimen) -> String, wanted: &[&str]) {
    let seen: BTreeSet<String> = list.iter().map(value).collect();
    assert_eq!(seen, wanted.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>());
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What an honest decoder finds in the file, blanks of every kind made one.
fn decoded(specimen: &Specimen) -> String {
    let raw = match specimen.extension {
        "eml" => mail(&MessageParser::default().parse(&specimen.bytes).expect("a mail")),
        "json" => event(&specimen.bytes),
        _ => pasted(&specimen.bytes),
    };
    let lines: Vec<&str> = raw.lines().map(|line| line.trim_start_matches('>')).collect();
    lines.join("\n").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mail(message: &Message<'_>) -> String {
    let mut out = String::new();
    for part in message.parts.iter().filter(|part| !part.is_multipart()) {
        match &part.body {
            mail_parser::PartType::Text(text) => out.push_str(text),
            mail_parser::PartType::Html(html) => out.push_str(&mail_parser::decoders::html::html_to_text(html)),
            mail_parser::PartType::Message(inner) => out.push_str(&mail(inner)),
            _ => {}
        }
        out.push('\n');
    }
    out
}

fn event(bytes: &[u8]) -> String {
    let mut value: Value = serde_json::from_slice(bytes).expect("JSON");
    if let Some(inner) = value.get("Message").and_then(Value::as_str) {
        value = serde_json::from_str(inner).expect("JSON in JSON");
    }
    format!("{} {value}", text(&value["detail"]["eventDescription"][0]["latestDescription"]))
}

fn pasted(bytes: &[u8]) -> String {
    let encoding = if bytes.windows(2).any(|pair| pair == b"\x1b$") {
        encoding_rs::ISO_2022_JP
    } else if std::str::from_utf8(bytes).is_ok() {
        encoding_rs::UTF_8
    } else {
        encoding_rs::SHIFT_JIS
    };
    let (text, _, broken) = encoding.decode(bytes);
    assert!(!broken);
    text.into_owned()
}

fn check(specimen: &Specimen) {
    let expected = &specimen.expected;
    let keys: Vec<&str> = expected.as_object().into_iter().flat_map(|object| object.keys()).map(String::as_str).collect();
    assert_eq!(keys, KEYS, "{}", specimen.name);
    assert_eq!(specimen.essential, Essential::of(expected), "{}", specimen.name);
    let shown = decoded(specimen);
    let written = |what: &str| assert!(shown.contains(what), "{}: {what:?} is not in {shown}", specimen.name);
    for thing in list(expected, "resources").iter().filter(|thing| thing["kind"] != "region") {
        written(&text(&thing["id"]));
    }
    specimen.essential.addresses.iter().for_each(|address| written(address));
    specimen.essential.account.iter().for_each(|account| written(account));
    for fragment in list(expected, "asks").iter().chain(list(expected, "mitigations")) {
        let fragment = text(fragment);
        assert!(specimen.lines().iter().any(|line| line.contains(&fragment)), "{}: {fragment}", specimen.name);
        assert!((10..=60).contains(&fragment.len()), "{}: {fragment}", specimen.name);
    }
    let entries = list(expected, "reported");
    // A user beside a key and a Region beside its account say whose and where, not what.
    let things = list(expected, "resources");
    let beside =
        |thing: &Value| thing["kind"] == "iam-user" || (thing["kind"] == "region" && things.iter().any(|t| t["kind"] == "account"));
    assert_eq!(entries.len(), things.iter().filter(|thing| !beside(thing)).count(), "{}", specimen.name);
    for (from, to) in &specimen.essential.times {
        assert!(from <= to && from.is_some() == to.is_some(), "{}", specimen.name);
        assert!(expected["date"].is_null() || from.is_none() || from.as_deref() < expected["date"].as_str(), "{}", specimen.name);
    }
    assert!(specimen.essential.deadline.is_some());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (first, second, other) = (specimens(9, 60), specimens(9, 90), specimens(10, 60));
    assert!(first.iter().zip(&second).all(|(a, b)| a.bytes == b.bytes && a.expected == b.expected));
    assert!(first.iter().zip(&other).any(|(a, b)| a.bytes != b.bytes));
    for mutation in Mutation::ALL {
        let (a, b) = (mutate(&first[0], *mutation, 3), mutate(&first[0], *mutation, 3));
        assert_eq!(a.bytes, b.bytes);
    }
}

#[test]
fn everything_comes_up() {
    let list = specimens(1, 240);
    all_of(&list, |specimen| text(&specimen.expected["family"]), FAMILIES);
    all_of(&list, |specimen| text(&specimen.expected["category"]), CATEGORIES);
    all_of(&list, |specimen| specimen.channel().to_owned(), CHANNELS);
    all_of(&list, |specimen| text(&specimen.expected["report_format"]), FORMATS);
    all_of(&list, |specimen| text(&specimen.expected["kind"]), &["first", "reminder", "final", "update", "resolved"]);
    all_of(&list, |specimen| text(&specimen.expected["deadline"]["basis"]), &["stated", "from-date", "from-receipt"]);
    all_of(&list, |specimen| text(&specimen.expected["authenticity"]), &["plausible", "suspicious", "forged", "not-checked"]);
    let names: BTreeSet<&str> = list.iter().map(|specimen| specimen.name.as_str()).collect();
    assert_eq!(names.len(), list.len());
}

#[test]
fn notices_say_what_is_expected() {
    specimens(1, 240).iter().chain(&specimens(2, 240)).for_each(check);
}

#[test]
fn mutations_keep_what_counts() {
    for (n, specimen) in specimens(3, 112).iter().enumerate() {
        for &mutation in Mutation::ALL {
            let changed = mutate(specimen, mutation, 4);
            check(&changed);
            assert_eq!(mutation.applies_to(specimen), changed.name != specimen.name);
            let (before, after) = (&specimen.essential, &changed.essential);
            assert_eq!(before.resources, after.resources);
            assert_eq!((&before.category, &before.times), (&after.category, &after.times));
        }
        // Two in a row, other ones for every notice.
        let at = |n: usize| Mutation::ALL[n % Mutation::ALL.len()];
        check(&mutate(&mutate(specimen, at(n), 5), at(n * 7 + 3), 6));
    }
}

#[test]
fn a_lost_date_moves_the_deadline() {
    let list = specimens(1, 240);
    let lost: Vec<Specimen> = list
        .iter()
        .filter(|specimen| specimen.expected["date"].is_string() && specimen.expected["deadline"]["basis"] == "from-date")
        .flat_map(|specimen| (0..4).map(|seed| mutate(specimen, Mutation::MissingHeader, seed)))
        .filter(|specimen| specimen.expected["date"].is_null())
        .collect();
    assert!(!lost.is_empty());
    for specimen in lost {
        assert_eq!(specimen.expected["deadline"]["at"], "2026-03-06T00:00:00Z");
        assert_eq!(specimen.expected["deadline"]["basis"], "from-receipt");
    }
}

#[test]
fn every_mutation_changes_something() {
    let list = specimens(1, 60);
    for &mutation in Mutation::ALL {
        assert!(list.iter().any(|specimen| mutate(specimen, mutation, 1).bytes != specimen.bytes), "{mutation:?}");
    }
}

#[test]
fn only_example_data() {
    for specimen in specimens(4, 240) {
        let shown = decoded(&specimen);
        for word in shown.split(|letter: char| !letter.is_ascii_digit() && letter != '.') {
            if let Ok(address) = word.parse::<std::net::Ipv4Addr>() {
                assert!(address.is_documentation(), "{}: {address}", specimen.name);
            }
            if word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()) {
                assert!(["111122223333", "444455556666", "123456789012", "210987654321"].contains(&word), "{}: {word}", specimen.name);
            }
        }
        for word in shown.split(|letter: char| letter.is_whitespace() || "<>\"()".contains(letter)) {
            if let Some((_, domain)) = word.split_once('@') {
                let aws = ["amazon.com", "amazonaws.com", "support.aws.com"].contains(&domain);
                assert!(aws || domain.contains("example"), "{}: {word}", specimen.name);
            }
            assert!(!word.starts_with("AKIA") || word.contains("EXAMPLE"), "{}: {word}", specimen.name);
        }
    }
}
