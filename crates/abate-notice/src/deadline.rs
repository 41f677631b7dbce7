//! Until when AWS must have an answer: a stated date, a stated number of hours, else 24 hours (re:Post knowledge centre
//! `aws-abuse-report`).

use abate_model::{Deadline, DeadlineBasis};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::asks::asks;
use crate::cursor::Cursor;
use crate::text::{normal, sentences, word_positions};
use crate::times::{Assumed, find_with_dates};
use crate::why::Told;
use crate::zones;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The deadline of a message sent at `date` (if known) and first seen at `received`.
pub(crate) fn of(own: &str, stated: Option<Timestamp>, date: Option<Timestamp>, received: Timestamp) -> Told<Deadline> {
    let base = date.unwrap_or(received);
    if let Some(at) = stated {
        return Told::new(Deadline { at, basis: DeadlineBasis::Stated }, "", "a field of the event");
    }
    let read = sentences(own).into_iter().filter_map(|s| in_sentence(&s.text, base).map(|at| (at, s.text))).min();
    if let Some((at, said)) = read {
        return Told::new(Deadline { at, basis: DeadlineBasis::Stated }, said, "a sentence that sets a time for an answer or an act");
    }
    let (basis, rule) = match date {
        Some(_) => (DeadlineBasis::FromDate, "none is stated: 24 hours after the notice's date"),
        None => (DeadlineBasis::FromReceipt, "none is stated and the notice has no date: 24 hours after it was first seen"),
    };
    Told::new(Deadline { at: base.checked_add(DAY).unwrap_or(base), basis }, "", rule)
}

/// Whether a sentence sets a time for an answer or an act.
pub(crate) fn is_term(sentence: &str) -> bool {
    in_sentence(sentence, Timestamp::UNIX_EPOCH).is_some()
}

/// The deadline that a sentence sets for an answer or an action.
fn in_sentence(sentence: &str, base: Timestamp) -> Option<Timestamp> {
    const TERMS: [&str; 13] = [
        "deadline",
        "we need",
        "review period",
        "due",
        "restore access",
        "response",
        "answer",
        "reply",
        "hear from you",
        "回答",
        "返信",
        "ご返答",
        "期限",
    ];
    let plain = normal(sentence);
    let term = TERMS.iter().any(|word| if word.is_ascii() { plain.contains(word) } else { sentence.contains(word) });
    let threat = [
        "will be closed",
        "will be suspended",
        "will be terminated",
        "will be blocked",
        "may be closed",
        "will be deleted",
        "unless you act",
        "you have until",
    ]
    .iter()
    .any(|w| plain.contains(w));
    if !term && !threat && !asks(sentence) && !plain.contains("take action") {
        return None;
    }
    by_date(&plain, base).or_else(|| within(&plain, base))
}

fn by_date(plain: &str, base: Timestamp) -> Option<Timestamp> {
    const LEADS: [&str; 17] = [
        "not after",
        "ends on",
        "no later than",
        "not later than",
        "at the latest on",
        "at the latest by",
        "latest by",
        "on or before",
        "by",
        "before",
        "until",
        "till",
        "deadline:",
        "deadline is",
        "due date:",
        "due on",
        "due",
    ];
    // A year that is left out is the next to come, so months of room are given.
    let reference = base.checked_add(SignedDuration::from_hours(24 * 180)).unwrap_or(base);
    let assumed = Assumed { zone: None, offset: Offset::UTC, reference };
    let mut found = Vec::new();
    for lead in LEADS {
        for at in word_positions(plain, lead) {
            let rest = plain.get(at + lead.len()..).unwrap_or_default();
            let near: String = rest.chars().take(60).collect::<String>().to_uppercase();
            let Some(time) = find_with_dates(&near, &assumed).into_iter().next() else { continue };
            let before = near.get(..time.range.start).unwrap_or_default();
            if before.split_whitespace().count() > 4 {
                continue;
            }
            // "by 5:00 PM PST on April 14": the time of day stands in front of the date.
            found.push(if time.day_only { with_time_in_front(before, time.at).unwrap_or(time.until) } else { time.at });
        }
    }
    found.into_iter().min()
}

fn with_time_in_front(before: &str, day: Timestamp) -> Option<Timestamp> {
    let mut cursor = Cursor::new(before.trim_start());
    let hour = cursor.num(1, 2)?;
    let minute = if cursor.eat(':') { cursor.num(2, 2)? } else { 0 };
    cursor.blanks();
    let (am, pm) = (cursor.eat_word("AM"), cursor.eat_word("PM"));
    let hour = if am || pm { hour % 12 + if pm { 12 } else { 0 } } else { hour };
    let offset = zones::read(&mut cursor).map_or(0, |z| z.offset.seconds());
    if hour > 24 || minute > 59 {
        return None;
    }
    day.checked_add(SignedDuration::from_secs(i64::from(hour * 3600 + minute * 60 - offset))).ok()
}

/// `within 24 hours`, `within the next five (5) days`.
fn within(plain: &str, base: Timestamp) -> Option<Timestamp> {
    const NUMBERS: [(&str, i64); 14] = [
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("ten", 10),
        ("twelve", 12),
        ("twenty-four", 24),
        ("thirty-six", 36),
        ("forty-eight", 48),
        ("fourteen", 14),
        ("thirty", 30),
    ];
    let mut found = Vec::new();
    for at in word_positions(plain, "within").chain(word_positions(plain, "in the next")) {
        let words: Vec<&str> = plain.get(at..)?.split([' ', '(', ')', '-']).filter(|w| !w.is_empty()).take(8).collect();
        let joined = words.join(" ");
        if joined.contains("last") || joined.contains("past") {
            continue;
        }
        let joined = plain.get(at..)?.split_whitespace().take(7).collect::<Vec<_>>();
        let count = joined.iter().find_map(|w| {
            let w = w.trim_matches(['(', ')', ',', '.']);
            let digits: String = w.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<i64>().ok().or_else(|| NUMBERS.iter().find(|(name, _)| *name == w).map(|(_, n)| *n))
        });
        let unit = joined.iter().find_map(|w| {
            let w = w.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').trim_matches(['(', ')', ',', '.']);
            match w {
                "hour" | "hours" | "hrs" | "h" => Some(1),
                "day" | "days" => Some(24),
                "week" | "weeks" => Some(168),
                _ => None,
            }
        });
        if let (Some(count), Some(unit)) = (count, unit)
            && (1..=8_760).contains(&(count.saturating_mul(unit)))
        {
            found.extend(base.checked_add(SignedDuration::from_hours(count * unit)).ok());
        }
    }
    found.into_iter().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadline(own: &str, date: Option<&str>) -> (String, DeadlineBasis) {
        let received = "2025-04-12T00:00:00Z".parse().unwrap();
        let found = of(own, None, date.map(|d| d.parse().unwrap()), received).value;
        (found.at.to_string(), found.basis)
    }

    #[test]
    fn stated_deadlines() {
        let date = Some("2025-04-10T18:00:00Z");
        for (own, at) in [
            ("To restore access, you must contact AWS by 2025-04-14.", "2025-04-14T23:59:59Z"),
            ("Please reply by 14 Apr 2025 17:00 UTC with details.", "2025-04-14T17:00:00Z"),
            ("Please respond no later than April 14, 2025 at 5:00 PM PDT.", "2025-04-15T00:00:00Z"),
            ("Please respond by 5:00 PM PDT on April 14, 2025.", "2025-04-15T00:00:00Z"),
            ("Please reply to this mail\nwithin the next 48 hours.", "2025-04-12T18:00:00Z"),
            ("You must respond within five (5) days of this notice.", "2025-04-15T18:00:00Z"),
            ("We ask for a response within 24 hours.", "2025-04-11T18:00:00Z"),
            ("You have to take action by April 14.", "2025-04-14T23:59:59Z"),
        ] {
            assert_eq!(deadline(own, date), (at.to_owned(), DeadlineBasis::Stated), "{own}");
        }
    }

    #[test]
    fn without_a_statement_24_hours() {
        let own = "We have seen traffic within the last 24 hours. It was reported by 203 hosts. Please reply.";
        assert_eq!(deadline(own, Some("2025-04-10T18:00:00Z")), ("2025-04-11T18:00:00Z".to_owned(), DeadlineBasis::FromDate));
        assert_eq!(deadline(own, None), ("2025-04-13T00:00:00Z".to_owned(), DeadlineBasis::FromReceipt));
    }
}
