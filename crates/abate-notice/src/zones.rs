//! Time zones as people write them beside a time: offsets, `UTC`, abbreviations. IANA names are not read: nobody writes
//! them in a notice, and their rules would need a database.

use abate_model::ZoneCertainty;
use jiff::tz::Offset;

use crate::cursor::Cursor;
use crate::text::{has_word, normal};

/// A zone beside a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// distance from UTC
    pub offset: Offset,
    /// as written
    pub label: String,
    /// `Assumed` where an abbreviation has several meanings
    pub certainty: ZoneCertainty,
}

/// Abbreviation, minutes east of UTC, whether it has one meaning only.
const ABBREVIATIONS: &[(&str, i32, bool)] = &[
    ("UTC", 0, true),
    ("GMT", 0, true),
    ("Z", 0, true),
    ("WET", 0, true),
    ("WEST", 60, true),
    ("CET", 60, true),
    ("MET", 60, true),
    ("CEST", 120, true),
    ("MEST", 120, true),
    ("EET", 120, true),
    ("EEST", 180, true),
    ("MSK", 180, true),
    ("BST", 60, false),
    ("IST", 330, false),
    ("SGT", 480, true),
    ("HKT", 480, true),
    ("AWST", 480, true),
    ("JST", 540, true),
    ("KST", 540, true),
    ("AEST", 600, true),
    ("AEDT", 660, true),
    ("NZST", 720, true),
    ("NZDT", 780, true),
    ("BRT", -180, true),
    ("AST", -240, false),
    ("EDT", -240, true),
    ("EST", -300, true),
    ("CDT", -300, false),
    ("CST", -360, false),
    ("MDT", -360, true),
    ("MST", -420, true),
    ("PDT", -420, true),
    ("PST", -480, true),
];

/// Reads a zone at the cursor, with blanks or a bracket in front; leaves the cursor alone if there is none.
pub(crate) fn read(cursor: &mut Cursor<'_>) -> Option<Zone> {
    let mut c = *cursor;
    c.blanks();
    let bracket = c.eat('(') || c.eat('（');
    let from = c;
    // As Japanese reports write it behind a time.
    for (word, hours) in [("日本時間", 9), ("日本標準時", 9), ("世界標準時", 0), ("協定世界時", 0)] {
        let mut named = c;
        if named.eat_word(word) {
            let label = from.until(&named).to_owned();
            if bracket && !named.eat(')') && !named.eat('）') {
                return None;
            }
            *cursor = named;
            return Some(Zone { offset: Offset::constant(hours), label, certainty: ZoneCertainty::Stated });
        }
    }
    let zone = offset(&mut c).map(|o| (o, ZoneCertainty::Stated)).or_else(|| named(&mut c))?;
    let label = from.until(&c).to_owned();
    if bracket && !c.eat(')') {
        return None;
    }
    *cursor = c;
    Some(Zone { offset: zone.0, label, certainty: zone.1 })
}

/// `+0900`, `+09:00`, `-8`, `+01`.
fn offset(cursor: &mut Cursor<'_>) -> Option<Offset> {
    let mut c = *cursor;
    let sign = match c.eat_any(&['+', '-', '−'])? {
        '+' => 1,
        _ => -1,
    };
    let digits = c.digits();
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => {
            let mut after = c;
            let minutes = if after.eat(':') { after.num(2, 2) } else { None };
            if minutes.is_some() {
                c = after;
            }
            (digits.parse().ok()?, minutes.unwrap_or(0))
        }
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        _ => return None,
    };
    if hours > 14 || minutes > 59 || c.next_is_alphanumeric() {
        return None;
    }
    *cursor = c;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn named(cursor: &mut Cursor<'_>) -> Option<(Offset, ZoneCertainty)> {
    let mut c = *cursor;
    let word = c.letters();
    let upper = word.to_ascii_uppercase();
    let (_, minutes, sure) = ABBREVIATIONS.iter().find(|(name, ..)| *name == upper)?;
    // A lower-case word such as "est" or "z" in running text is no zone.
    if word != upper && !matches!(upper.as_str(), "UTC" | "GMT" | "JST" | "Z") {
        return None;
    }
    let mut result = Offset::from_seconds(minutes * 60).ok()?;
    if matches!(upper.as_str(), "UTC" | "GMT")
        && let Some(further) = offset(&mut c)
    {
        result = further;
    }
    if c.next_is_alphanumeric() {
        return None;
    }
    *cursor = c;
    Some((result, if *sure { ZoneCertainty::Stated } else { ZoneCertainty::Assumed }))
}

/// A remark that tells the zone of all times of a text: `Local timezone is +0900 (JST)`, `All times are in UTC`,
/// `Time zone*: -0800`.
pub(crate) fn remark(text: &str) -> Option<Zone> {
    const LEADS: [&str; 12] = [
        "time (",
        "timestamp (",
        "date (",
        "timezone",
        "time zone",
        "time-zone",
        "times are",
        "times in",
        "all times",
        "timestamps are",
        "timestamps in",
        "タイムゾーン",
    ];
    for line in text.lines() {
        let plain = normal(line);
        if let Some(zone) = beside_time(&plain) {
            return Some(zone);
        }
        for lead in LEADS {
            let Some(behind) = plain.split_once(lead).map(|(_, b)| b) else { continue };
            let near: String = behind.chars().take(40).collect::<String>().to_uppercase();
            for (at, _) in near.char_indices() {
                let before = near.get(..at).and_then(|b| b.chars().next_back());
                if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == '+') {
                    continue;
                }
                if let Some(zone) = near.get(at..).and_then(|rest| read(&mut Cursor::new(rest))) {
                    return Some(zone);
                }
            }
        }
    }
    None
}

/// "Time (UTC)", "report period (UTC):", "clock of the sniffer: UTC", "the server's clock is UTC+1": a zone named beside a word for time, on a
/// line that tells of no instant in another zone.
fn beside_time(plain: &str) -> Option<Zone> {
    const WORDS: [&str; 15] = [
        "time",
        "times",
        "clock",
        "clocks",
        "date",
        "seen",
        "period",
        "dateadded",
        "timestamp",
        "timestamps",
        "last",
        "stamps",
        "logs",
        "hours",
        "keeps",
    ];
    if plain.len() > 300 || !WORDS.iter().any(|w| has_word(plain, w)) {
        return None;
    }
    let upper = plain.to_uppercase();
    for (at, _) in upper.char_indices() {
        let before = upper.get(..at).and_then(|b| b.chars().next_back());
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-')) {
            continue;
        }
        let Some(rest) = upper.get(at..) else { continue };
        // A bare offset counts only on a line that says nothing else.
        let offset = rest.starts_with(['+', '-']) && upper.len() <= 80 && before.is_none_or(|c| c == ' ');
        if !(rest.starts_with("UTC") || rest.starts_with("GMT") || rest.starts_with("JST") || offset) {
            continue;
        }
        // Behind a time of day the zone is that time's own.
        let front = upper.get(..at).unwrap_or_default().trim_end();
        if front.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let zone = read(&mut Cursor::new(rest));
        if offset && zone.as_ref().is_none_or(|z| z.label.len() < 5) {
            continue;
        }
        return zone;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<(i32, String)> {
        read(&mut Cursor::new(text)).map(|z| (z.offset.seconds(), z.label))
    }

    #[test]
    fn zones_as_written() {
        for (text, offset, label) in [
            (" UTC", 0, "UTC"),
            ("Z", 0, "Z"),
            (" +0900 (JST)", 32_400, "+0900"),
            ("+09:00", 32_400, "+09:00"),
            (" (UTC)", 0, "UTC"),
            (" (+01)", 3_600, "+01"),
            (" PDT", -25_200, "PDT"),
            (" UTC+9", 32_400, "UTC+9"),
            (" GMT-0800", -28_800, "GMT-0800"),
        ] {
            assert_eq!(seconds(text), Some((offset, label.to_owned())), "{text}");
        }
        for text in [" host", " - 10:00", " UTCX", "", " est moi", "+2015"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn remarks() {
        assert_eq!(remark("Note: Local timezone is +0900 (JST)").map(|z| z.label).as_deref(), Some("+0900"));
        assert_eq!(remark("x\nTime zone*: -0800").map(|z| z.offset.seconds()), Some(-28_800));
        assert_eq!(remark("All times are in UTC.").map(|z| z.label).as_deref(), Some("UTC"));
        assert_eq!(remark("Sensor network, rows of one night. Times: +0900.").map(|z| z.offset.seconds()), Some(32_400));
        assert_eq!(remark("Three log files, all clocks at UTC-03:00.").map(|z| z.offset.seconds()), Some(-10_800));
        assert_eq!(remark("tcpdump on our border, the box keeps UTC:").map(|z| z.offset.seconds()), Some(0));
        assert_eq!(remark("many times in the past"), None);
        assert_eq!(remark("seen 20-30 times"), None);
    }
}
