//! A STIX 2.1 bundle: who says it, what was observed, by which techniques, and a note with the words of each finding.
//!
//! Ids follow from what they name, so that the same case gives the same bundle. Source: STIX 2.1 (OASIS), 2.9 and 3.4 for ids, 3.2 for timestamps.
//! What becomes an indicator is a remote address of a finding that is at least of medium severity: a pattern is for those who want to find it
//! again, not a judgement on the address's owner.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::{Case, Entity, EntityKind, Finding, Severity};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::attack;
use super::{OWN, lasting_id, pretty, techniques, titled, uuid};
use crate::AppError;

/// The namespace for ids of cyber-observable objects. Source: STIX 2.1, 2.9.
const OBSERVABLES: [u8; 16] = [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];
/// Highest number of an observation or a sighting. Source: STIX 2.1, 4.14 and 5.2.
const MOST: u64 = 999_999_999;

/// The bundle.
pub(super) fn write(case: &Case) -> Result<Vec<u8>, AppError> {
    let mut bundle = Bundle { now: stamp(case.assessed_at), objects: BTreeMap::new(), order: Vec::new() };
    let author = bundle.domain("identity", "abate", json!({ "name": "Abate", "identity_class": "system" }));
    let account = case.notice.account_id.as_deref().unwrap_or("unknown");
    let owner = bundle.domain(
        "identity",
        &format!("account/{account}"),
        json!({ "name": format!("AWS account {account}"), "identity_class": "organization", "created_by_ref": author }),
    );
    for finding in &case.findings {
        bundle.finding(case, finding, (&author, &owner));
    }
    let objects: Vec<Value> = bundle.order.iter().filter_map(|id| bundle.objects.remove(id)).collect();
    let id = format!("bundle--{}", uuid(OWN, &format!("bundle/{}/{}", case.id, case.assessed_at)));
    pretty(&json!({ "type": "bundle", "id": id, "objects": objects }))
}

struct Bundle {
    now: String,
    objects: BTreeMap<String, Value>,
    order: Vec<String>,
}

impl Bundle {
    fn put(&mut self, id: String, object: Value) -> String {
        if !self.objects.contains_key(&id) {
            self.order.push(id.clone());
            self.objects.insert(id.clone(), object);
        }
        id
    }

    /// A domain or relationship object with its common properties.
    fn domain(&mut self, kind: &str, key: &str, mut object: Value) -> String {
        let id = format!("{kind}--{}", uuid(OWN, &format!("{kind}/{key}")));
        if let Some(object) = object.as_object_mut() {
            object.insert("type".to_owned(), json!(kind));
            object.insert("spec_version".to_owned(), json!("2.1"));
            object.insert("id".to_owned(), json!(id));
            object.insert("created".to_owned(), json!(self.now));
            object.insert("modified".to_owned(), json!(self.now));
        }
        self.put(id, object)
    }

    fn finding(&mut self, case: &Case, finding: &Finding, (author, owner): (&str, &str)) {
        let key = lasting_id(case, finding);
        let observables: Vec<String> = finding.entities.iter().filter_map(|entity| self.observable(entity)).collect();
        let patterns: Vec<String> = techniques(finding).iter().map(|id| self.technique(id, author)).collect();
        let indicators = self.indicators(case, finding, author);
        for (indicator, pattern) in indicators.iter().flat_map(|i| patterns.iter().map(move |p| (i, p))) {
            let link = json!({
                "relationship_type": "indicates",
                "source_ref": indicator,
                "target_ref": pattern,
                "created_by_ref": author,
            });
            self.domain("relationship", &format!("{indicator}/{pattern}"), link);
        }
        let observed = self.observed(finding, &key, &observables, author);
        // What was seen is the technique; without one, the address.
        for seen in if patterns.is_empty() { &indicators } else { &patterns } {
            let mut sighting = json!({
                "sighting_of_ref": seen,
                "where_sighted_refs": [owner],
                "count": finding.count.min(MOST),
                "summary": false,
                "created_by_ref": author,
                "description": finding.title.en,
            });
            if let Some(sighting) = sighting.as_object_mut() {
                if let Some(observed) = &observed {
                    sighting.insert("observed_data_refs".to_owned(), json!([observed]));
                }
                for (name, at) in [("first_seen", finding.first), ("last_seen", finding.last)] {
                    if let Some(at) = at {
                        sighting.insert(name.to_owned(), json!(stamp(at)));
                    }
                }
            }
            self.domain("sighting", &format!("{key}/{seen}"), sighting);
        }
        let about: Vec<&String> = observed.iter().chain(&patterns).chain(&indicators).collect();
        let about = if about.is_empty() { json!([owner]) } else { json!(about) };
        let rule = finding.rule.as_ref().map(|rule| format!(" Sigma rule: {}.", titled(rule))).unwrap_or_default();
        let places: Vec<String> = finding.evidence.iter().map(ToString::to_string).collect();
        let content = format!("{} {}{rule} Evidence: {}", finding.title.en, finding.detail.en, places.join("; "));
        let note = json!({
            "abstract": finding.title.en,
            "content": content,
            "object_refs": about,
            "created_by_ref": author,
            "lang": "en",
            "labels": [finding.claim.id(), super::csv::level(finding.severity)],
        });
        self.domain("note", &key, note);
    }

    /// What a finding saw from when to when; nothing where no object or no time can be named.
    fn observed(&mut self, finding: &Finding, key: &str, objects: &[String], author: &str) -> Option<String> {
        let (first, last) = (finding.first?, finding.last?);
        if objects.is_empty() {
            return None;
        }
        let observed = json!({
            "first_observed": stamp(first),
            "last_observed": stamp(last),
            "number_observed": finding.count.clamp(1, MOST),
            "object_refs": objects,
            "created_by_ref": author,
        });
        Some(self.domain("observed-data", key, observed))
    }

    fn technique(&mut self, id: &str, author: &str) -> String {
        let url = format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/"));
        let known = attack::technique(id);
        let phases: Vec<Value> = known
            .map_or(&[][..], |known| known.tactics)
            .iter()
            .map(|tactic| json!({ "kill_chain_name": "mitre-attack", "phase_name": tactic }))
            .collect();
        let mut pattern = json!({
            "name": known.map_or(id, |known| known.name),
            "external_references": [{ "source_name": "mitre-attack", "external_id": id, "url": url }],
            "created_by_ref": author,
        });
        // An empty list is not allowed.
        if let Some(pattern) = pattern.as_object_mut().filter(|_| !phases.is_empty()) {
            pattern.insert("kill_chain_phases".to_owned(), json!(phases));
        }
        self.domain("attack-pattern", id, pattern)
    }

    fn indicators(&mut self, case: &Case, finding: &Finding, author: &str) -> Vec<String> {
        if finding.severity < Severity::Medium {
            return Vec::new();
        }
        let from = stamp(finding.first.unwrap_or(case.assessed_at));
        let addresses: Vec<IpAddr> = finding.of(EntityKind::RemoteAddress).filter_map(|address| address.parse().ok()).collect();
        let mut one = |address: &IpAddr| {
            let kind = if address.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
            let indicator = json!({
                "name": format!("{address} in findings of case {}", case.id),
                "indicator_types": ["anomalous-activity"],
                "pattern": format!("[{kind}:value = '{address}']"),
                "pattern_type": "stix",
                "pattern_version": "2.1",
                "valid_from": from,
                "created_by_ref": author,
            });
            self.domain("indicator", &format!("{}/{address}", case.id), indicator)
        };
        addresses.iter().map(&mut one).collect()
    }

    /// The object of an entity that STIX has one for.
    fn observable(&mut self, entity: &Entity) -> Option<String> {
        let (kind, naming) = match entity.kind {
            EntityKind::RemoteAddress | EntityKind::LocalAddress => {
                let address: IpAddr = entity.value.parse().ok()?;
                let kind = if address.is_ipv4() { "ipv4-addr" } else { "ipv6-addr" };
                (kind, json!({ "value": address.to_string() }))
            }
            EntityKind::Url if entity.value.contains("://") => ("url", json!({ "value": entity.value })),
            EntityKind::User => ("user-account", json!({ "account_login": entity.value, "account_type": "unix" })),
            EntityKind::Principal => ("user-account", json!({ "account_type": "aws-iam", "user_id": entity.value })),
            EntityKind::AccessKey => ("user-account", json!({ "account_type": "aws-access-key", "user_id": entity.value })),
            _ => return None,
        };
        // The properties that name the object, as canonical JSON: the keys above are in order.
        let id = format!("{kind}--{}", uuid(OBSERVABLES, &naming.to_string()));
        let mut object = naming;
        if let Some(object) = object.as_object_mut() {
            object.insert("type".to_owned(), json!(kind));
            object.insert("spec_version".to_owned(), json!("2.1"));
            object.insert("id".to_owned(), json!(id));
        }
        Some(self.put(id, object))
    }
}

/// A timestamp to the millisecond, as STIX has them.
fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
