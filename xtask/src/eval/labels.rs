//! What a `truth.json` that others documented says, told by its shape: an incident with a story, or labels on single records.

use std::net::IpAddr;

use abate_model::{Category, CauseClass};
use serde_json::Value;

/// What kind of truth it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// something happened, and parts of it are documented
    Incident(Vec<Key>),
    /// single events, each labelled as one that a rule should match or not
    Events(Vec<Labelled>),
    /// single lines of files, each labelled as an attempt by a host or not
    Lines(Vec<Line>),
    /// addresses that attacked; others in the same log did not, as far as is known
    Addresses,
    /// nothing is documented as wrong
    Baseline,
    /// reports and mails, which the corpus of notices measures
    Reports,
}

/// A documented key event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// the record with an id
    Id(String),
    /// these addresses and ports are named
    Named(Vec<String>),
    /// told in words alone: it cannot be looked for
    Words,
}

/// An event, by its ids.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Labelled {
    pub(crate) ids: Vec<String>,
    pub(crate) expected: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) file: String,
    /// from 1
    pub(crate) number: u64,
    pub(crate) expected: bool,
}

/// Tells it.
pub(crate) fn kind(truth: &Value) -> Kind {
    let keys = items(truth, "key_events");
    let all = |fields: &[&str]| !keys.is_empty() && keys.iter().all(|key| fields.iter().all(|field| key.get(field).is_some()));
    if all(&["expected_match", "id"]) {
        let label = |key: &&Value| Labelled { ids: vec![text(key, "id")], expected: key["expected_match"].as_bool().unwrap_or(false) };
        return Kind::Events(keys.iter().map(label).collect());
    }
    if all(&["eventIDs"]) {
        let label = |key: &&Value| Labelled { ids: strings(key, "eventIDs"), expected: true };
        return Kind::Events(keys.iter().map(label).collect());
    }
    if all(&["file", "line", "match"]) {
        let line = |key: &&Value| Line {
            file: text(key, "file"),
            number: key["line"].as_u64().unwrap_or(0),
            expected: key["match"].as_bool().unwrap_or(false),
        };
        return Kind::Lines(keys.iter().map(line).collect());
    }
    let logs = items(truth, "log_types").iter().filter_map(|l| l.as_str()).collect::<Vec<_>>().join(" ").to_lowercase();
    if ["rfc 822", "e-mail", "abuse report", "abuse notice", "health event"].iter().any(|word| logs.contains(word)) {
        return Kind::Reports;
    }
    if keys.iter().any(|key| key.get("counts").is_some()) && !attackers(truth).is_empty() {
        return Kind::Addresses;
    }
    let nothing = ["initial_access", "technique"].iter().any(|field| text(truth, field).starts_with("none documented"));
    if keys.is_empty() && nothing && attackers(truth).is_empty() {
        return Kind::Baseline;
    }
    Kind::Incident(keys.iter().map(|key| event(key)).collect())
}

fn event(key: &Value) -> Key {
    if let Some(id) = key.get("eventID").and_then(Value::as_str) {
        return Key::Id(id.to_owned());
    }
    let mut named = Vec::new();
    for (field, value) in key.as_object().into_iter().flatten() {
        match value {
            Value::String(text) if text.parse::<IpAddr>().is_ok() => named.push(text.clone()),
            Value::Number(number) if field.contains("port") => named.push(number.to_string()),
            _ => {}
        }
    }
    if named.is_empty() { Key::Words } else { Key::Named(named) }
}

/// Addresses that are documented as the attacker's.
pub(crate) fn attackers(truth: &Value) -> Vec<IpAddr> {
    strings(truth, "attacker_ips").iter().filter_map(|text| text.parse().ok()).collect()
}

/// The category to ask for: the first that is documented and that there is.
pub(crate) fn category(truth: &Value) -> Category {
    let words = [
        ("port scan", Category::PortScan),
        ("dos", Category::Dos),
        ("spam", Category::Spam),
        ("botnet", Category::Botnet),
        ("credential", Category::CompromisedCredentials),
        ("phishing", Category::Phishing),
        ("crawl", Category::Crawling),
        ("mining", Category::CryptoMining),
        ("intrusion", Category::Intrusion),
    ];
    let documented = strings(truth, "category");
    let known = |name: &String| words.iter().find(|(word, _)| name.to_lowercase().starts_with(word) || name.to_lowercase().contains(word));
    documented.iter().find_map(known).map_or(Category::Intrusion, |(_, category)| *category)
}

/// The class of cause that the documented words mean, where they are plain.
pub(crate) fn class(truth: &Value) -> Option<CauseClass> {
    let said = text(truth, "root_cause").to_lowercase();
    if said.starts_with("not documented") || said.starts_with("n/a") || said.starts_with("none") {
        return None;
    }
    let words: [(&str, CauseClass); 9] = [
        ("no compromise", CauseClass::FalseAttribution),
        ("imds", CauseClass::StolenInstanceCredentials),
        ("ssh password", CauseClass::WeakRemoteLogin),
        ("password authentication", CauseClass::WeakRemoteLogin),
        ("security group", CauseClass::ExposedService),
        ("bucket", CauseClass::PublicStorage),
        ("web shell", CauseClass::VulnerableApplication),
        ("web application", CauseClass::VulnerableApplication),
        ("access key", CauseClass::LeakedAccessKey),
    ];
    words.iter().find(|(word, _)| said.contains(word)).map(|(_, class)| *class)
}

/// The elements of a list.
pub(crate) fn items<'v>(value: &'v Value, field: &str) -> Vec<&'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().collect()
}

fn strings(value: &Value, field: &str) -> Vec<String> {
    items(value, field).into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_shape_tells_what_it_is() {
        let events = json!({"key_events": [{"id": "a", "expected_match": true}, {"id": "b", "expected_match": false}]});
        assert!(matches!(kind(&events), Kind::Events(e) if e.len() == 2 && e[0].expected && !e[1].expected));
        let calls = json!({"key_events": [{"eventName": "x", "eventIDs": ["1", "2"]}]});
        assert!(matches!(kind(&calls), Kind::Events(e) if e[0].ids.len() == 2));
        let lines = json!({"key_events": [{"file": "a.log", "line": 3, "match": true}]});
        assert!(matches!(kind(&lines), Kind::Lines(l) if l[0].number == 3));
        assert_eq!(kind(&json!({"key_events": [], "initial_access": "none documented"})), Kind::Baseline);
        assert_eq!(kind(&json!({"key_events": [], "log_types": ["RFC 822 mail"]})), Kind::Reports);
        let blocked = json!({"attacker_ips": ["198.51.100.7"], "key_events": [{"counts": {"198.51.100.7": 3}}]});
        assert_eq!(kind(&blocked), Kind::Addresses);
        let story =
            json!({"key_events": [{"eventID": "e-1"}, {"dst": "198.51.100.7", "dst_port": 81, "n": 9}, {"t": "later", "what": "words"}]});
        let named = Key::Named(vec!["198.51.100.7".to_owned(), "81".to_owned()]);
        assert_eq!(kind(&story), Kind::Incident(vec![Key::Id("e-1".to_owned()), named, Key::Words]));
    }

    #[test]
    fn categories_and_causes_are_read_from_words() {
        assert_eq!(category(&json!({"category": ["port scan", "spam"]})), Category::PortScan);
        assert_eq!(category(&json!({"category": []})), Category::Intrusion);
        assert_eq!(class(&json!({"root_cause": "weak SSH passwords"})), Some(CauseClass::WeakRemoteLogin));
        assert_eq!(class(&json!({"root_cause": "NOT DOCUMENTED by the source"})), None);
    }
}
