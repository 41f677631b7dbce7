//! What holds of every detection: its examples, and that its description is whole.

use std::collections::BTreeSet;

use abate_model::memory::{FormatFacts, Memory};
use abate_model::{AccountProfile, Claim, Finding, Source, Text};

use super::all;
use crate::{Context, Detection, Example};

/// Detections whose findings carry what somebody else says: technique and severity come from there.
const OTHERS: [&str; 5] = ["guardduty", "prowler", "security-hub", "sigma", "trusted-advisor"];

/// What a detection finds in an example.
fn found(detection: &Detection, example: &Example) -> Vec<Finding> {
    let source = Source {
        path: "example.log".to_owned(),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: Some("example".to_owned()),
        recognised_by: "example".to_owned(),
        records: 0,
        duplicates: 0,
        gone: false,
        losses: Vec::new(),
    };
    let facts = |_: &str| FormatFacts { continuous: true, ..FormatFacts::default() };
    let memory = Memory::new(vec![source], (example.rows)(), (example.sigma)(), &facts);
    let (notice, profile) = ((example.notice)(), AccountProfile::default());
    (detection.run)(&Context { notice: &notice, evidence: &memory, profile: &profile })
}

fn is_whole(text: &Text) -> bool {
    let japanese = |c: char| ('\u{3040}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c);
    !text.en.trim().is_empty() && !text.en.chars().any(japanese) && text.ja.chars().any(japanese)
}

#[test]
fn examples_hold() {
    let mut wrong = Vec::new();
    for detection in all() {
        let hits = detection.examples.iter().filter(|e| !e.finds.is_empty()).count();
        if hits == 0 || hits == detection.examples.len() {
            wrong.push(format!("{} needs an example that hits and one that misses", detection.id));
        }
        for example in detection.examples {
            let found: BTreeSet<Claim> = found(detection, example).into_iter().map(|f| f.claim).collect();
            let expected: BTreeSet<Claim> = example.finds.iter().copied().collect();
            if found != expected {
                wrong.push(format!("{}, \"{}\": {found:?} instead of {expected:?}", detection.id, example.name.en));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn findings_of_examples_are_whole() {
    for detection in all() {
        for finding in detection.examples.iter().flat_map(|example| found(detection, example)) {
            let told = format!("{}: {} / {}", detection.id, finding.title.en, finding.title.ja);
            assert!(detection.claims.contains(&finding.claim), "{told}");
            assert!(is_whole(&finding.title) && is_whole(&finding.detail), "{told}");
            assert!(!finding.evidence.is_empty() && finding.evidence.iter().all(|cite| !cite.source.is_empty()), "{told}");
            assert!(!format!("{finding:?}").contains("{t}"), "{told}");
            if !OTHERS.contains(&detection.id) {
                let known = finding.technique.as_deref().is_none_or(|technique| detection.techniques.contains(&technique));
                assert!(known, "{told}: {:?} is not among its techniques", finding.technique);
            }
        }
    }
}

#[test]
fn descriptions_are_whole() {
    let mut ids = BTreeSet::new();
    for detection in all() {
        assert!(ids.insert(detection.id), "{} is there twice", detection.id);
        assert!(detection.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", detection.id);
        assert!(!detection.claims.is_empty() && is_whole(&detection.title) && is_whole(&detection.innocent), "{}", detection.id);
        assert!(detection.examples.iter().all(|e| is_whole(&e.name)), "{}", detection.id);
        assert!(detection.techniques.iter().all(|t| is_technique(t)), "{}", detection.id);
        let sourced = OTHERS.contains(&detection.id) || detection.tactic == crate::Tactic::Context;
        assert!(sourced || !detection.techniques.is_empty(), "{} names no technique", detection.id);
    }
}

/// `T1234` or `T1234.001`.
fn is_technique(text: &str) -> bool {
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = text.strip_prefix('T') else { return false };
    number.split_once('.').map_or_else(|| digits(number, 4), |(whole, part)| digits(whole, 4) && digits(part, 3))
}
