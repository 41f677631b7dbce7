//! Times in every notation that notices and reports use. A time without a zone takes the one that the text states
//! for all its times, else UTC, and says so. Epoch seconds are read only where a label says that the value is a time.

use abate_model::ZoneCertainty;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::cursor::Cursor;
use crate::text::has_kana;
use crate::zones::{self, Zone};

/// What to assume of a time that does not say everything.
#[derive(Clone, Debug)]
pub(crate) struct Assumed {
    /// the zone that the text states for all its times
    pub zone: Option<Zone>,
    /// the zone where nothing is stated
    pub offset: Offset,
    /// a time without a year is the last such time before this
    pub reference: Timestamp,
}

impl Assumed {
    /// For a text: its own remark on the zone; without one, UTC.
    pub fn of(text: &str, reference: Timestamp) -> Self {
        Self { zone: zones::remark(text), offset: Offset::UTC, reference }
    }

    /// For words that a customer wrote: without a remark, Japan's time where the author writes Japanese, else UTC.
    pub fn of_customer(text: &str, reference: Timestamp) -> Self {
        let offset = if has_kana(text) { Offset::constant(9) } else { Offset::UTC };
        Self { zone: zones::remark(text), offset, reference }
    }
}

/// A time in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// the instant, or the first of the minute or day that is named
    pub at: Timestamp,
    /// the last second of the minute or day that is named, else as `at`
    pub until: Timestamp,
    /// the zone as written
    pub zone: Option<String>,
    /// how sure the zone is
    pub certainty: ZoneCertainty,
    /// byte range in the text
    pub range: std::ops::Range<usize>,
    /// whether a day without a time of day was written
    pub day_only: bool,
}

/// All times of a text, without bare dates.
pub(crate) fn find_all(text: &str, assumed: &Assumed) -> Vec<Found> {
    scan(text, assumed, false)
}

/// All times and bare dates of a text.
pub(crate) fn find_with_dates(text: &str, assumed: &Assumed) -> Vec<Found> {
    scan(text, assumed, true)
}

fn scan(text: &str, assumed: &Assumed, dates: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut resume = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let begins = c.is_ascii_alphanumeric() && !before.is_some_and(|b: char| b.is_ascii_alphanumeric() || b == '.' || b == '-');
        before = Some(c);
        if at < resume || !begins {
            continue;
        }
        let Some(rest) = text.get(at..) else { continue };
        if let Some((mut time, length)) = epoch_at(rest) {
            time.range = at..at + length;
            found.push(time);
            resume = at + length;
            continue;
        }
        if let Some((written, length)) = read(rest)
            && (dates || written.clock.is_some())
            && let Some(time) = resolve(&written, assumed, at..at + length)
        {
            found.push(time);
            resume = at + length;
        }
    }
    found
}

/// A time as written, before its zone and year are settled.
#[derive(Clone, Debug)]
struct Written {
    year: Option<i32>,
    month: i32,
    day: i32,
    clock: Option<Clock>,
    zone: Option<Zone>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    hour: i32,
    minute: i32,
    second: Option<i32>,
}

fn read(text: &str) -> Option<(Written, usize)> {
    for notation in [year_first, apache, day_first, month_first, numeric] {
        let mut cursor = Cursor::new(text);
        if let Some(written) = notation(&mut cursor) {
            return Some((written, text.len().saturating_sub(cursor.rest.len())));
        }
    }
    None
}

/// `2019-05-14 02:04:18 UTC`, `2019-05-14T02:04:18.5Z`, `2025/04/10 12:34`, `2025年4月10日 12:34`.
fn year_first(c: &mut Cursor<'_>) -> Option<Written> {
    let year = c.num(4, 4)?;
    let separator = c.eat_any(&['-', '/', '.', '年'])?;
    let month = c.num(1, 2)?;
    c.eat_any(&[if separator == '年' { '月' } else { separator }])?;
    let day = c.num(1, 2)?;
    c.eat('日');
    let mut written = Written { year: Some(year), month, day, clock: None, zone: None };
    let mut after = *c;
    if !after.eat('T') && !after.eat('t') && !after.eat('_') {
        joint(&mut after);
    }
    if let Some(time) = clock(&mut after) {
        written.clock = Some(time);
        written.zone = zones::read(&mut after);
        *c = after;
    } else if c.next_is_alphanumeric() {
        return None;
    } else {
        written.zone = zones::read(c);
    }
    Some(written)
}

/// `24/Nov/2026:08:27:05 +0900`.
fn apache(c: &mut Cursor<'_>) -> Option<Written> {
    let day = c.num(2, 2)?;
    c.eat_any(&['/'])?;
    let month = c.month()?;
    c.eat_any(&['/'])?;
    let year = c.num(4, 4)?;
    c.eat_any(&[':', ' '])?;
    let time = clock(c)?;
    Some(Written { year: Some(year), month, day, clock: Some(time), zone: zones::read(c) })
}

/// `Mon, 26 Apr 2023 14:46:47 GMT`, `27-Apr-2023 14:46`, `27 April 2023`.
fn day_first(c: &mut Cursor<'_>) -> Option<Written> {
    c.weekday();
    let day = c.num(1, 2)?;
    let separator = c.eat_any(&[' ', '-'])?;
    let month = c.month()?;
    if !c.eat(separator) && !c.eat(',') {
        return None;
    }
    c.blanks();
    let year = c.num(4, 4)?;
    Some(with_clock(c, Written { year: Some(year), month, day, clock: None, zone: None }))
}

/// `Mon Oct 12 21:20:00 UTC 2015`, `Oct 12 21:20:00` (syslog), `April 14, 2025 at 5:00 PM PDT`.
fn month_first(c: &mut Cursor<'_>) -> Option<Written> {
    c.weekday();
    let month = c.month()?;
    if c.blanks() == 0 {
        return None;
    }
    let day = c.num(1, 2)?;
    for suffix in ["st", "nd", "rd", "th"] {
        if c.eat_word(suffix) {
            break;
        }
    }
    let comma = c.eat(',');
    c.blanks();
    let mut after = *c;
    if !comma && let Some(time) = clock(&mut after) {
        let mut written = Written { year: None, month, day, clock: Some(time), zone: zones::read(&mut after) };
        *c = after;
        after.blanks();
        if let Some(year) = after.num(4, 4).filter(|y| (1990..2100).contains(y)) {
            written.year = Some(year);
            *c = after;
        }
        return Some(written);
    }
    let mut after = *c;
    let year = after.num(4, 4);
    if year.is_some() {
        *c = after;
    }
    Some(with_clock(c, Written { year, month, day, clock: None, zone: None }))
}

/// `04/14/2025 17:00`, `04-14-2025` (month first, as AWS writes), `14.04.2025 17:00`.
fn numeric(c: &mut Cursor<'_>) -> Option<Written> {
    let first = c.num(1, 2)?;
    let separator = c.eat_any(&['/', '-', '.'])?;
    let second = c.num(1, 2)?;
    c.eat_any(&[separator])?;
    let year = c.num(4, 4)?;
    let (month, day) = if separator == '.' || first > 12 { (second, first) } else { (first, second) };
    Some(with_clock(c, Written { year: Some(year), month, day, clock: None, zone: None }))
}

fn with_clock(c: &mut Cursor<'_>, mut written: Written) -> Written {
    let mut after = *c;
    joint(&mut after);
    if let Some(time) = clock(&mut after) {
        written.clock = Some(time);
        written.zone = zones::read(&mut after);
        *c = after;
    }
    written
}

/// What may stand between a date and its time of day.
fn joint(c: &mut Cursor<'_>) {
    c.eat(',');
    c.blanks();
    for word in ["at ", "around "] {
        if c.eat_word(word) {
            c.blanks();
        }
    }
    let mut after = *c;
    // A weekday in brackets, as mail programs in Japanese write it.
    if after.eat('(') && after.eat_any(&['月', '火', '水', '木', '金', '土', '日']).is_some() && after.eat(')') {
        after.blanks();
        *c = after;
    }
}

/// `02:04:18.25`, `2:04`, `5:00 PM`, `12時34分`.
fn clock(c: &mut Cursor<'_>) -> Option<Clock> {
    let mut after = *c;
    let mut hour = after.num(1, 2)?;
    after.eat_any(&[':', '時'])?;
    let minute = after.num(2, 2)?;
    after.eat('分');
    let mut second = None;
    let mut further = after;
    if further.eat(':')
        && let Some(read) = further.num(2, 2)
    {
        second = Some(read);
        after = further;
        if further.eat_any(&['.', ',']).is_some() && !further.digits().is_empty() {
            after = further;
        }
    }
    let mut half = after;
    half.blanks();
    let (am, pm) = (half.eat_word("am"), half.eat_word("pm"));
    if (am || pm) && !half.next_is_alphanumeric() && (1..=12).contains(&hour) {
        hour = hour % 12 + if pm { 12 } else { 0 };
        after = half;
    }
    if hour > 23 || minute > 59 || second.is_some_and(|s| s > 60) {
        return None;
    }
    *c = after;
    Some(Clock { hour, minute, second })
}

/// The time of day that a value such as `14:30` begins with.
pub(crate) fn clock_of(text: &str) -> Option<Clock> {
    clock(&mut Cursor::new(text.trim()))
}

/// The zone that a value such as `-0800` begins with.
pub(crate) fn zone_of(text: &str) -> Option<Zone> {
    zones::read(&mut Cursor::new(text.trim()))
}

/// A date, a time of day and a zone that stand in three places (AWS's abuse form).
pub(crate) fn of_parts(date: &str, time: Option<Clock>, zone: Option<Zone>, assumed: &Assumed) -> Option<Found> {
    let (mut written, _) = read(date.trim())?;
    written.clock = written.clock.or(time);
    written.zone = written.zone.or(zone);
    resolve(&written, assumed, 0..0)
}

/// `timestamp: 1767445244000`: a label that says that the number behind it is a time.
fn epoch_at(rest: &str) -> Option<(Found, usize)> {
    let end = rest.find(|c: char| !(c.is_ascii_alphabetic() || c == '_')).unwrap_or(rest.len());
    let label = rest.get(..end).filter(|l| (2..=40).contains(&l.len()))?;
    let lower = label.to_ascii_lowercase();
    let says =
        ["timestamp", "epoch", "unixtime"].iter().any(|w| lower.contains(w)) || matches!(lower.as_str(), "ts" | "event_time" | "eventtime");
    if !says {
        return None;
    }
    let behind = rest.get(label.len()..)?;
    let value = behind.trim_start_matches(['"', '\'', ' ', ':', '=', '\t']);
    let gap = behind.len() - value.len();
    if gap == 0 || gap > 6 {
        return None;
    }
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    let number = value.get(..end)?.trim_end_matches('.');
    let time = epoch(number)?;
    Some((time, label.len() + gap + number.len()))
}

/// Seconds or milliseconds since 1970, as the whole value of a field that holds a time: 2001 to 2100. A bare number in running text means
/// too many things.
pub(crate) fn epoch(value: &str) -> Option<Found> {
    let token = value.trim().trim_matches(['"', ',', ';', '.']);
    let digits = token.split('.').next().unwrap_or_default();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !token.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let seconds = match digits.len() {
        10 => number,
        13 => number / 1_000,
        16 => number / 1_000_000,
        _ => return None,
    };
    let at = Timestamp::from_second(seconds).ok().filter(|_| (1_000_000_000..4_102_444_800).contains(&seconds))?;
    let zone = Some("epoch".to_owned());
    Some(Found { at, until: at, zone, certainty: ZoneCertainty::Stated, range: 0..value.len(), day_only: false })
}

fn resolve(written: &Written, assumed: &Assumed, range: std::ops::Range<usize>) -> Option<Found> {
    let stated = written.zone.as_ref().or(assumed.zone.as_ref());
    let offset = stated.map_or(assumed.offset, |z| z.offset);
    let certainty = stated.map_or(ZoneCertainty::Assumed, |z| z.certainty);
    let zone = stated.map(|z| z.label.clone());
    let year = match written.year {
        Some(year) if (1990..=2100).contains(&year) => year,
        Some(_) => return None,
        None => last_year_with(written, offset, assumed.reference)?,
    };
    let at = instant(written, year, offset)?;
    let span = match written.clock {
        Some(Clock { second: Some(_), .. }) => 0,
        Some(_) => 59,
        None => 86_399,
    };
    let until = at.checked_add(SignedDuration::from_secs(span)).ok()?;
    Some(Found { at, until, zone, certainty, range, day_only: written.clock.is_none() })
}

/// A time without a year is the last one before the reference; two days of room for zones and clocks that run ahead.
fn last_year_with(written: &Written, offset: Offset, reference: Timestamp) -> Option<i32> {
    let latest = reference.checked_add(SignedDuration::from_hours(48)).unwrap_or(reference);
    let year = i32::from(offset.to_datetime(reference).year());
    [year + 1, year, year - 1].into_iter().find(|&y| instant(written, y, offset).is_some_and(|at| at <= latest))
}

fn instant(written: &Written, year: i32, offset: Offset) -> Option<Timestamp> {
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(written.month).ok()?, i8::try_from(written.day).ok()?).ok()?;
    let (hour, minute, second) = written.clock.map_or((0, 0, 0), |c| (c.hour, c.minute, c.second.unwrap_or(0)));
    // A leap second is the last second of its minute.
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second.min(59)).ok()?, 0).ok()?;
    offset.to_timestamp(DateTime::from_parts(date, time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (String, Option<String>, ZoneCertainty) {
        let assumed = Assumed::of(text, "2026-01-05T00:00:00Z".parse().unwrap());
        let found = find_all(text, &assumed);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        (found[0].at.to_string(), found[0].zone.clone(), found[0].certainty)
    }

    #[test]
    fn every_notation() {
        use ZoneCertainty::{Assumed, Stated};
        for (text, at, zone, certainty) in [
            ("Mon Oct 12 21:20:00 UTC 2015", "2015-10-12T21:20:00Z", Some("UTC"), Stated),
            ("26 Apr 2023 14:46:47 GMT", "2023-04-26T14:46:47Z", Some("GMT"), Stated),
            ("2026-03-01T10:20:30Z", "2026-03-01T10:20:30Z", Some("Z"), Stated),
            ("at 2026-03-01T10:20:30.123+09:00.", "2026-03-01T01:20:30Z", Some("+09:00"), Stated),
            ("Report begin time: 2019-05-14 02:04:18 UTC", "2019-05-14T02:04:18Z", Some("UTC"), Stated),
            ("Thu, 10 Apr 2025 18:01:02 -0700", "2025-04-11T01:01:02Z", Some("-0700"), Stated),
            ("[24/Nov/2025:08:27:05 +0900] \"GET\"", "2025-11-23T23:27:05Z", Some("+0900"), Stated),
            ("x\nNote: Local timezone is +0900 (JST)\nNov 24 08:27:05 web sshd[1]: x", "2025-11-23T23:27:05Z", Some("+0900"), Stated),
            ("Nov  4 08:27:05 web sshd[1]: Failed", "2025-11-04T08:27:05Z", None, Assumed),
            ("Jan  4 08:27:05 web sshd[1]: Failed", "2026-01-04T08:27:05Z", None, Assumed),
            ("2017-01-01 12:00:00 PDT", "2017-01-01T19:00:00Z", Some("PDT"), Stated),
            ("2017-01-01 12:00:00 CST", "2017-01-01T18:00:00Z", Some("CST"), Assumed),
            ("2025年4月10日(木) 12:34", "2025-04-10T12:34:00Z", None, Assumed),
            ("April 14, 2025 at 5:00 PM PDT", "2025-04-15T00:00:00Z", Some("PDT"), Stated),
            ("04/14/2025 17:00:01 UTC", "2025-04-14T17:00:01Z", Some("UTC"), Stated),
            ("2026-09-27 06:16 (UTC)", "2026-09-27T06:16:00Z", Some("UTC"), Stated),
            ("Fri Mar 03 03:33:33 2017", "2017-03-03T03:33:33Z", None, Assumed),
        ] {
            assert_eq!(one(text), (at.to_owned(), zone.map(str::to_owned), certainty), "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        let assumed = Assumed::of("", "2026-01-05T00:00:00Z".parse().unwrap());
        for text in ["2025-04-14", "10.20.30.40", "version 1.2.3", "99:99", "2025-13-45 10:00:00", "May 5", "41.0.2226.0"] {
            assert_eq!(find_all(text, &assumed), Vec::new(), "{text}");
        }
    }

    #[test]
    fn precision() {
        let assumed = Assumed::of("", "2026-01-05T00:00:00Z".parse().unwrap());
        let found = of_parts("2018-01-02", clock_of("14:30"), zone_of("-0800"), &assumed).unwrap();
        assert_eq!(found.at.to_string(), "2018-01-02T22:30:00Z");
        assert_eq!(found.until.to_string(), "2018-01-02T22:30:59Z");
        let day = &find_with_dates("by 2025-04-14.", &assumed)[0];
        assert_eq!(day.until.to_string(), "2025-04-14T23:59:59Z");
    }
}
