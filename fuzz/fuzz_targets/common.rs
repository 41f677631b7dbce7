//! What must hold of every reading, whatever was read.

use abate_model::Notice;
use abate_notice::{ReadContext, explain, explained, triage};

/// The context of all targets: nothing depends on the clock.
pub fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-05T00:00:00Z".parse().expect("a time") }
}

/// Reads an input in every way and checks what came of it.
#[allow(dead_code)]
pub fn check(input: &[u8]) {
    let _ = triage::examine(input, &ctx());
    if let Ok(reading) = explained(input, &ctx()) {
        hold(&reading.notice);
        let again = explained(input, &ctx()).expect("the same input is read again");
        assert_eq!(reading, again, "reading twice gives two things");
    }
}

/// The invariants of a notice.
#[allow(dead_code)]
pub fn hold(notice: &Notice) {
    assert!(!notice.reported.is_empty(), "nothing is reported");
    for activity in &notice.reported {
        assert!(activity.from <= activity.to, "{:?} lies after {:?}", activity.from, activity.to);
        assert!(activity.remote.iter().all(|r| r.port != Some(0)));
    }
    for region in &notice.regions {
        assert!(region.split('-').count() >= 3, "{region} is no Region code");
    }
    let json = serde_json::to_vec(notice).expect("a notice is JSON");
    let back: Notice = serde_json::from_slice(&json).expect("and back");
    assert_eq!(*notice, back, "JSON loses something");
    let explanation = explain(notice);
    assert!(!explanation.silence.is_empty() || notice.body.is_empty() || explanation.lines.is_empty() || !explanation.unknown.is_empty());
}
