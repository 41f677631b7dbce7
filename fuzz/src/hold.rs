//! What must hold of every reading, whatever was read. It does not ask whether a reading is right: `xtask notices` does.

use abate_model::{DeadlineBasis, Notice};
use abate_notice::{ReadContext, Reading, Why, explain, explained, parts, triage};
use jiff::SignedDuration;

/// The context of all targets: nothing depends on the clock. Midnight of 5 March 2026.
#[must_use]
pub fn ctx() -> ReadContext {
    ReadContext { received_at: jiff::Timestamp::from_second(1_772_668_800).unwrap_or(jiff::Timestamp::UNIX_EPOCH) }
}

/// Reads an input in every way and checks what came of it.
///
/// # Panics
///
/// If an invariant does not hold.
pub fn check(input: &[u8]) {
    let examined = triage::examine(input, &ctx());
    match (explained(input, &ctx()), examined) {
        (Ok(first), Ok(second)) => {
            assert!(first == second, "reading twice gives two things");
            check_reading(&first, input);
        }
        (Ok(first), Err(aside)) => {
            spoken(&aside.why);
            spoken(&aside.hint);
            check_reading(&first, input);
            // Reading a third time takes time; one input in four shows as well whether the order of something is left to chance.
            if input.len().is_multiple_of(4) {
                assert!(explained(input, &ctx()).as_ref() == Ok(&first), "reading twice gives two things");
            }
        }
        (Err(error), Err(_)) => {
            spoken(&error.hint());
            assert!(!error.to_string().is_empty());
        }
        (Err(error), Ok(_)) => panic!("what cannot be read ({error}) was examined"),
    }
}

/// Parts an input as the intake does, and reads each part and the whole.
///
/// # Panics
///
/// If an invariant does not hold.
pub fn check_parts(input: &[u8]) {
    let parts = parts(input);
    assert!(parts.len() != 1, "one matter needs no parting");
    for part in &parts {
        assert!(abate_notice::parts(part).is_empty(), "a part of an input has parts");
        check(part);
    }
    check(input);
}

fn check_reading(reading: &Reading, input: &[u8]) {
    check_notice(&reading.notice);
    assert!(reading.notice.sha256 == abate_model::ids::sha256_hex(input), "another input's hash");
    for Why { field, said, rule, .. } in &reading.why {
        assert!(!field.is_empty() && !rule.is_empty(), "an origin without field or rule: {field:?} {rule:?}");
        assert!(said.chars().count() <= 400, "{field} quotes {} characters", said.chars().count());
    }
}

/// The invariants of a notice and of its explanation.
///
/// # Panics
///
/// If one does not hold.
pub fn check_notice(notice: &Notice) {
    assert!(notice.received_at == ctx().received_at);
    check_activities(notice);
    for region in &notice.regions {
        assert!(is_region(region), "{region:?} is no Region code");
    }
    let later = |from: jiff::Timestamp| from.checked_add(SignedDuration::from_hours(24)).unwrap_or(from);
    match notice.deadline.basis {
        DeadlineBasis::Stated => {}
        DeadlineBasis::FromDate => assert!(notice.date.map(later) == Some(notice.deadline.at), "a deadline from no date"),
        DeadlineBasis::FromReceipt => {
            assert!(notice.date.is_none() && notice.deadline.at == later(notice.received_at), "a deadline from receipt of a dated notice");
        }
    }
    assert!(!notice.authenticity.reasons.is_empty(), "a verdict on the sender without reasons");
    notice.authenticity.reasons.iter().for_each(spoken);
    for resource in &notice.resources {
        assert!(!resource.id.trim().is_empty(), "a resource without an id");
    }
    if let Some(account) = &notice.account_id {
        assert!(!account.trim().is_empty(), "a blank account");
    }
    for report in &notice.reports {
        assert!(report.from <= report.to, "a report begins at {:?} and ends at {:?}", report.from, report.to);
        assert!(report.remote.iter().all(|end| end.port != Some(0)), "a report names port 0");
    }
    assert!(notice.window().is_none_or(|window| window.from <= window.to));
    let _ = (notice.case_id(), notice.our_addresses().count());
    check_json(notice);
    check_explanation(notice);
}

fn check_activities(notice: &Notice) {
    assert!(!notice.reported.is_empty(), "nothing is reported");
    assert!(notice.reported.first().is_some_and(|first| first.category == notice.category), "the first category is not the notice's");
    for (n, activity) in notice.reported.iter().enumerate() {
        assert!(activity.id == format!("r{}", n + 1), "activity {n} is called {}", activity.id);
        assert!(activity.from.is_some() == activity.to.is_some(), "half a time: {:?} {:?}", activity.from, activity.to);
        assert!(activity.from <= activity.to, "{:?} lies after {:?}", activity.from, activity.to);
        assert!(activity.remote.iter().all(|end| end.port != Some(0)), "port 0");
    }
}

/// Two letters, one or two words, a digit.
fn is_region(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let ends = parts.first().is_some_and(|area| area.len() == 2 || *area == "eusc")
        && parts.last().is_some_and(|number| number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()));
    (3..=4).contains(&parts.len()) && parts.iter().all(word) && ends
}

fn check_json(notice: &Notice) {
    let json = match serde_json::to_vec(notice) {
        Ok(json) => json,
        Err(error) => panic!("a notice that is no JSON: {error}"),
    };
    match serde_json::from_slice::<Notice>(&json) {
        Ok(back) => assert!(*notice == back, "JSON loses something"),
        Err(error) => panic!("JSON that is no notice: {error}"),
    }
}

fn check_explanation(notice: &Notice) {
    let explanation = explain(notice);
    let (understood, all) = explanation.understood();
    assert!(understood <= all && all <= explanation.lines.len());
    for line in &explanation.lines {
        assert!(!line.said.trim().is_empty() || line.means.is_some(), "a blank line is explained");
        line.means.iter().for_each(spoken);
    }
    let lists = [&explanation.asked, &explanation.silence, &explanation.unknown, &explanation.first_steps];
    lists.into_iter().flatten().for_each(spoken);
    assert!(!explanation.first_steps.is_empty(), "nothing to do first");
}

/// Words for people are there in both languages.
fn spoken(text: &abate_model::Text) {
    assert!(!text.en.trim().is_empty() && !text.ja.trim().is_empty(), "words are missing: {text:?}");
}
