//! Reports whose times are right in another zone than the stated or assumed one: the records then fit at a shift that zones have.

use abate_model::{Text, TimeWindow, ZoneCertainty};
use jiff::SignedDuration;

use super::contact::{Contact, contacts};
use super::question::Question;

/// By how much a record may miss the time: a reporter's clock and the begin of an interval.
const EXACT: SignedDuration = SignedDuration::from_secs(90);
/// Offsets from UTC that zones have beside the whole and half hours, in minutes.
/// Source: IANA time zone database (Asia/Kathmandu, Australia/Eucla, Pacific/Chatham with and without summer time).
const ODD: [i64; 4] = [345, 525, 765, 825];

/// A shift at which the records fit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shift {
    /// minutes to be added to the reported time to get the true one
    pub(crate) minutes: i64,
    /// the records that then fit
    pub(crate) contacts: Vec<Contact>,
}

/// The shifts that zones may have, the likely ones first: whole hours, half hours, then the odd ones; small before large.
fn shifts() -> Vec<i64> {
    let signed = |minutes: i64| [minutes, -minutes];
    let whole = (1..=14).map(|h| h * 60).flat_map(signed);
    let half = (0..14).map(|h| h * 60 + 30).flat_map(signed);
    whole.chain(half).chain(ODD.into_iter().flat_map(signed)).collect()
}

/// The shift at which contacts with the named destinations fit exactly, if there is one.
pub(crate) fn find(question: &Question<'_>) -> Option<Shift> {
    let (window, wide) = (question.reported.window()?, question.reported.window_in_any_zone()?);
    let all = contacts(question, wide);
    let at = |minutes: i64| {
        let by = SignedDuration::from_mins(minutes);
        let moved = TimeWindow { from: window.from.checked_add(by).ok()?, to: window.to.checked_add(by).ok()? }.widened(EXACT);
        let fitting: Vec<Contact> = all.iter().filter(|c| TimeWindow::new(c.at, c.end).overlaps(&moved)).cloned().collect();
        (!fitting.is_empty()).then_some(Shift { minutes, contacts: fitting })
    };
    // The shift at which most of them fit; of equal ones the likeliest.
    let mut best: Option<Shift> = None;
    for shift in shifts().into_iter().filter_map(at) {
        if best.as_ref().is_none_or(|best| shift.contacts.len() > best.contacts.len()) {
            best = Some(shift);
        }
    }
    best
}

/// Whether a span of time fits the reported one at a shift; the likeliest shift.
pub(crate) fn fits(question: &Question<'_>, span: TimeWindow) -> Option<i64> {
    let window = question.reported.window()?;
    shifts().into_iter().find(|minutes| {
        let by = SignedDuration::from_mins(*minutes);
        let (Ok(from), Ok(to)) = (window.from.checked_add(by), window.to.checked_add(by)) else { return false };
        TimeWindow { from, to }.widened(EXACT).overlaps(&span)
    })
}

/// The offset from UTC in minutes that a zone has, as written in a notice.
pub(crate) fn offset_of(zone: Option<&str>) -> Option<i64> {
    let text = zone?.trim().trim_start_matches('(').trim_end_matches(')').to_ascii_uppercase();
    let known = match text.as_str() {
        "" | "UTC" | "GMT" | "Z" | "ETC/UTC" => Some(0),
        "JST" | "ASIA/TOKYO" => Some(540),
        "CET" => Some(60),
        "CEST" => Some(120),
        "EDT" => Some(-240),
        "EST" | "CDT" => Some(-300),
        "CST" | "MDT" => Some(-360),
        "MST" | "PDT" => Some(-420),
        "PST" => Some(-480),
        _ => None,
    };
    known.or_else(|| {
        let rest = text.trim_start_matches("UTC").trim_start_matches("GMT");
        let (sign, digits) = rest.strip_prefix('+').map(|d| (1, d)).or_else(|| rest.strip_prefix('-').map(|d| (-1, d)))?;
        let digits: String = digits.chars().filter(|c| *c != ':').collect();
        let number: i64 = digits.parse().ok()?;
        let minutes = if digits.len() <= 2 { number * 60 } else { number / 100 * 60 + number % 100 };
        (minutes <= 14 * 60).then_some(sign * minutes)
    })
}

/// The zone in which the reporter's times would be right, or by how much they are off where it is not known how they were read.
pub(crate) fn says(question: &Question<'_>, minutes: i64) -> Text {
    let read = match question.reported.zone_certainty {
        ZoneCertainty::Stated => offset_of(question.reported.zone.as_deref()),
        // Times without a zone are read as UTC.
        ZoneCertainty::Assumed | ZoneCertainty::Unknown => offset_of(question.reported.zone.as_deref()).or(Some(0)),
    };
    let clock = |m: i64| {
        let (sign, m) = (if m < 0 { '-' } else { '+' }, m.abs());
        if m % 60 == 0 { format!("{sign}{}", m / 60) } else { format!("{sign}{}:{:02}", m / 60, m % 60) }
    };
    match read.map(|read| read - minutes).filter(|zone| (-12 * 60..=14 * 60).contains(zone)) {
        Some(zone) => {
            let name = match zone {
                0 => String::new(),
                540 => format!("{} (JST)", clock(zone)),
                330 => format!("{} (IST)", clock(zone)),
                -480 => format!("{} (PST)", clock(zone)),
                other => clock(other),
            };
            Text::new(
                format!("the records fit if the reporter's times are in UTC{name}"),
                format!("報告者の時刻を UTC{name} とみなせば、記録と一致する"),
            )
        }
        None => Text::new(
            format!("the records fit if the reporter's times are off by {} hours", clock(minutes)),
            format!("報告者の時刻が {} 時間ずれているとみなせば、記録と一致する", clock(minutes)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_as_people_write_them() {
        let cases = [("UTC", 0), ("+0900", 540), ("-08:00", -480), ("UTC+9", 540), ("GMT-5", -300), ("JST", 540), ("PDT", -420)];
        for (text, minutes) in cases {
            assert_eq!(offset_of(Some(text)), Some(minutes), "{text}");
        }
        assert_eq!((offset_of(Some("somewhere")), offset_of(Some("+9900")), offset_of(None)), (None, None, None));
    }

    #[test]
    fn every_offset_of_the_world_is_a_shift() {
        let shifts = shifts();
        assert!([540, -540, 330, 345, -765, 840, -720, 60].iter().all(|m| shifts.contains(m)) && !shifts.contains(&0));
        assert_eq!(shifts.iter().collect::<std::collections::BTreeSet<_>>().len(), shifts.len());
    }
}
