//! Each measure on a made-up incident of which all is known.

use abate_model::truth::{Attacker, KeyEvent, Stretch, TrueCause, TrueVerdict};
use abate_model::{Claim, Factor, Locator, TRUTH_SCHEMA, Text};

use super::*;

const LOG: &str = "evidence/auth.log";

fn place(offset: u64) -> Locator {
    Locator::Bytes { offset, length: 10 }
}

fn cite(offset: u64) -> Cite {
    Cite { source: LOG.to_owned(), locator: place(offset) }
}

fn event(offset: u64, why: &str) -> KeyEvent {
    KeyEvent { source: LOG.to_owned(), locator: place(offset), why: why.to_owned() }
}

/// Records of the incident at 100, 110, 120; a decoy at 200.
fn truth() -> Truth {
    let kind = CauseKind::SshPasswordGuessed;
    Truth {
        schema: TRUTH_SCHEMA.to_owned(),
        scenario: "made-up".to_owned(),
        seed: 1,
        scale: 1,
        scale_trail: None,
        scale_flows: None,
        scale_hosts: None,
        flood: 0,
        sweep: false,
        category: Category::PortScan,
        root_cause: TrueCause { class: kind.class(), kind, factor: Factor::Misconfiguration },
        verdicts: vec![TrueVerdict { reported: "r1".to_owned(), verdict: Verdict::Confirmed }],
        key_events: vec![event(100, "the guess that was right"), event(120, "the scan")],
        incident: vec![Stretch { source: LOG.to_owned(), offset: 100, length: 30 }],
        decoys: vec![event(200, "the office")],
        attacker: Attacker::default(),
    }
}

fn finding(severity: Severity, offset: u64) -> Finding {
    Finding::new(Claim::SshBruteForce, severity, Text::fixed("guesses", "推測"), Text::fixed("", ""), cite(offset))
}

fn cause(kind: CauseKind, confidence: f64) -> Hypothesis {
    Hypothesis {
        class: kind.class(),
        kind,
        factor: Factor::Misconfiguration,
        factor_reason: Text::fixed("", ""),
        confidence,
        prior: 0.0,
        story: Text::fixed("", ""),
        support: Vec::new(),
        against: Vec::new(),
        missing: Vec::new(),
    }
}

fn not_seen() -> VerdictReport {
    VerdictReport::not_seen("r1", Text::fixed("", ""), vec![Text::fixed("flow logs", "フローログ")])
}

fn scored(findings: &[Finding], verdicts: &[VerdictReport], causes: &[Hypothesis], records: &[KeyRecord]) -> Score {
    score(&truth(), &Said { category: Category::PortScan, findings, verdicts, causes }, records)
}

#[test]
fn only_an_exact_citation_finds_a_key_event() {
    let at: Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    let record = KeyRecord { read: true, at: Some(at), text: "Accepted password from 198.51.100.7".to_owned() };
    let mut span = finding(Severity::High, 110);
    span.count = 40;
    (span.first, span.last) = (Some(at), Some(at));
    span.names(EntityKind::RemoteAddress, "198.51.100.7");
    let verdict = VerdictReport::confirmed("r1", Text::fixed("", ""), Vec::new(), cite(120), []);
    let score = scored(&[span.clone()], &[verdict], &[], &[record.clone(), KeyRecord::default()]);
    let Found { all, read, cited, covered } = score.keys;
    assert_eq!((all, read, cited, covered), (2, 2, 1, 2), "the verdict cites one, the finding's span has the other");

    span.entities.clear();
    span.names(EntityKind::RemoteAddress, "198.51.100.99");
    assert_eq!(scored(&[span], &[], &[], &[record]).keys.covered, 0, "a span with another actor covers nothing");
}

#[test]
fn what_points_at_nothing_and_what_at_a_decoy() {
    let findings =
        [finding(Severity::High, 110), finding(Severity::Medium, 200), finding(Severity::High, 500), finding(Severity::Low, 200)];
    let score = scored(&findings, &[not_seen()], &[], &[]);
    assert_eq!((score.all.all, score.all.at_incident, score.all.at_decoy), (4, 1, 2));
    assert_eq!((score.serious.all, score.serious.at_incident, score.serious.at_decoy), (3, 1, 1));
    assert!(score.notes.iter().any(|n| n.starts_with("decoy taken")) && score.notes.iter().any(|n| n.starts_with("points at nothing")));
}

#[test]
fn verdicts_and_the_worst_of_them() {
    let score = scored(&[], &[not_seen()], &[], &[]);
    assert!(!score.verdicts[0].is_right() && !score.verdicts[0].is_wrongly_contradicted());
    let disproof = abate_model::verdict::Disproof::NotOurs { first: cite(1), rest: Vec::new() };
    let wrong = VerdictReport::contradicted("r1", Text::fixed("", ""), Vec::new(), disproof);
    assert!(scored(&[], &[wrong], &[], &[]).verdicts[0].is_wrongly_contradicted());
    assert_eq!(scored(&[], &[], &[], &[]).verdicts[0].got, None, "an activity that was not read is a wrong verdict");
}

#[test]
fn causes_and_confidence() {
    let ranked =
        [cause(CauseKind::Undetermined, 0.85), cause(CauseKind::RemoteCodeExecution, 0.1), cause(CauseKind::SshPasswordGuessed, 0.05)];
    let score = scored(&[], &[], &ranked, &[]);
    assert!(!score.cause.within(1) && score.cause.within(3) && score.cause.is_sure_and_wrong());
    let right = scored(&[], &[], &[cause(CauseKind::SshPasswordGuessed, 0.95)], &[]);
    assert!(right.cause.within(1) && right.cause.factor && !right.cause.is_sure_and_wrong());

    let bins = super::super::tally::calibration(&[&score, &right]);
    let filled: Vec<(f64, usize, usize)> = bins.iter().filter(|b| b.drills > 0).map(|b| (b.from, b.drills, b.hits)).collect();
    assert_eq!(filled, [(SURE, 1, 0), (0.9, 1, 1)]);
    let sum = super::super::tally::Tally::of("all", [&score, &right]);
    assert_eq!((sum.drills, sum.top1, sum.top3, sum.sure_and_wrong), (2, 1, 2, 1));
}
