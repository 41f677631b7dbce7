//! Times as logs write them. A time without a zone or a year gets them from the [`ReadContext`].

use abate_model::ZoneCertainty;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::ReadContext;

/// A log may run a little ahead of the reference time (clock skew, a notice that came before the end of the log).
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// ISO 8601 with or without zone; a space may stand for the `T`.
pub(crate) fn iso(text: &str, zone: &TimeZone) -> Option<(Timestamp, ZoneCertainty)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at, ZoneCertainty::Stated));
    }
    let civil: DateTime = text.parse().ok()?;
    Some((in_zone(civil, zone)?, ZoneCertainty::Assumed))
}

/// Whether text begins like an ISO 8601 date and time.
pub(crate) fn looks_iso(bytes: &[u8]) -> bool {
    let shape = |(i, b): (usize, &u8)| match i {
        4 | 7 => *b == b'-',
        10 => matches!(b, b'T' | b't' | b' '),
        13 | 16 => *b == b':',
        _ => b.is_ascii_digit(),
    };
    bytes.len() >= 19 && bytes.iter().take(19).enumerate().all(shape)
}

/// `24/Nov/2026:08:27:05 +0900`, as web servers write it.
pub(crate) fn web(text: &str) -> Option<Timestamp> {
    usual_web(text).or_else(|| any_web(text))
}

/// The form that all servers write, by its places: splitting takes several times as long.
fn usual_web(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 26] = text.as_bytes().try_into().ok()?;
    let marks = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    if !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark)) {
        return None;
    }
    let two = |at: usize| two(bytes, at);
    let year = i16::from(two(7)?) * 100 + i16::from(two(9)?);
    let civil = DateTime::new(year, month(text.get(3..6)?)?, two(0)?, two(12)?, two(15)?, two(18)?.min(59), 0).ok()?;
    let minutes = i32::from(two(22)?) * 60 + i32::from(two(24)?);
    let sign = match bytes.get(21)? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    Offset::from_seconds(sign * minutes * 60).ok()?.to_timestamp(civil).ok()
}

/// A digit at a place.
fn one(bytes: &[u8], at: usize) -> Option<i8> {
    bytes.get(at).filter(|b| b.is_ascii_digit()).and_then(|b| i8::try_from(b - b'0').ok())
}

/// Two digits at a place.
fn two(bytes: &[u8], at: usize) -> Option<i8> {
    Some(one(bytes, at)? * 10 + one(bytes, at + 1)?)
}

fn any_web(text: &str) -> Option<Timestamp> {
    let (date_time, offset) = text.split_once(' ')?;
    let mut parts = date_time.split(['/', ':']);
    let day = number(parts.next()?)?;
    let month = month(parts.next()?)?;
    let year = parts.next()?.parse().ok()?;
    let (hour, minute, second) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    // A leap second is the last second of its minute.
    let civil = DateTime::new(year, month, day, hour, minute, second.min(59), 0).ok()?;
    offset_of(offset)?.to_timestamp(civil).ok()
}

/// `@40000000…`, as multilog and svlogd write times (TAI64N): seconds since 1970 of a clock without leap seconds, which began ten
/// ahead of UTC; the tools that write it keep that distance. With what is behind it.
pub(crate) fn tai64n(line: &str) -> Option<(Timestamp, &str)> {
    const BEGIN: i64 = (1 << 62) + 10;
    let (label, rest) = line.strip_prefix('@')?.split_at_checked(24)?;
    let (seconds, fraction) = label.split_at_checked(16)?;
    if !label.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let seconds = i64::from_str_radix(seconds, 16).ok()?.checked_sub(BEGIN)?;
    let at = Timestamp::new(seconds, i32::from_str_radix(fraction, 16).ok().filter(|n| *n < 1_000_000_000)?).ok()?;
    Some((at, rest.strip_prefix(' ')?))
}

/// `November 24, 2026, 17:27:05 (UTC+09:00)`, as the console shows times.
pub(crate) fn console(text: &str) -> Option<Timestamp> {
    let (date_time, zone) = text.trim().strip_suffix(')')?.rsplit_once(" (UTC")?;
    let mut parts = date_time.split([' ', ',', ':']).filter(|p| !p.is_empty());
    let month = month(parts.next()?.get(..3)?)?;
    let day = number(parts.next()?)?;
    let year = parts.next()?.parse().ok()?;
    let (hour, minute, second) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let offset = if zone.is_empty() { Offset::UTC } else { offset_of(zone)? };
    offset.to_timestamp(DateTime::new(year, month, day, hour, minute, second, 0).ok()?).ok()
}

/// `+0900` or `+09:00`.
pub(crate) fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2))?;
    let (hours, minutes) = (i32::from(number(hours)?), i32::from(number(minutes)?));
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn number(text: &str) -> Option<i8> {
    if text.is_empty() || text.len() > 2 || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

pub(crate) fn month(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text: [u8; 3] = text.as_bytes().try_into().ok()?;
    MONTHS.iter().zip(1..).find(|(name, _)| name.as_bytes() == text).map(|(_, n)| n)
}

/// Where a clock goes back and a time stands twice, the first is taken; where it leaps forward, the time after the leap.
pub(crate) fn in_zone(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(civil).compatible().ok()
}

/// Reads `Nov 24 08:27:05`, remembering the last minute, since neighbours share it.
#[derive(Debug, Default)]
pub(crate) struct Yearless {
    last: Option<([i8; 4], Timestamp)>,
}

impl Yearless {
    /// The time at the beginning of a line, and the line behind it.
    pub fn read<'l>(&mut self, line: &'l str, ctx: &ReadContext) -> Option<(Timestamp, &'l str)> {
        if let Some((minute, second, rest)) = Self::usual(line) {
            let at = self.minute(minute, ctx)?.checked_add(SignedDuration::from_secs(i64::from(second))).ok()?;
            return Some((at, rest));
        }
        let month = month(line.get(..3)?)?;
        let rest = line.get(3..)?.strip_prefix(' ')?;
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let (day, rest) = rest.split_once(' ')?;
        let (clock, rest) = rest.split_once(' ')?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut parts = clock.split(':');
        let (hour, minute, second) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
        if parts.next().is_some() || !(0..=60).contains(&second) {
            return None;
        }
        let nanos = nanos(fraction)?;
        let minute_at = self.minute([month, number(day)?, hour, minute], ctx)?;
        let at = minute_at.checked_add(SignedDuration::new(i64::from(second.min(59)), nanos)).ok()?;
        Some((at, rest))
    }

    /// `Nov 24 08:27:05 ` by its places: the month, day, hour and minute, the second, and the rest.
    fn usual(line: &str) -> Option<([i8; 4], i8, &str)> {
        let bytes = line.as_bytes();
        let marks = [(3, b' '), (6, b' '), (9, b':'), (12, b':'), (15, b' ')];
        if !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark)) {
            return None;
        }
        let day = if bytes.get(4) == Some(&b' ') { one(bytes, 5) } else { two(bytes, 4) };
        let second = two(bytes, 13).filter(|second| *second <= 60)?;
        Some(([month(line.get(..3)?)?, day?, two(bytes, 7)?, two(bytes, 10)?], second.min(59), line.get(16..)?))
    }

    fn minute(&mut self, key: [i8; 4], ctx: &ReadContext) -> Option<Timestamp> {
        if let Some((last, at)) = self.last
            && last == key
        {
            return Some(at);
        }
        let at = latest(key, ctx)?;
        self.last = Some((key, at));
        Some(at)
    }
}

/// The latest such minute that is not after the reference time plus seven days.
fn latest([month, day, hour, minute]: [i8; 4], ctx: &ReadContext) -> Option<Timestamp> {
    let bound = ctx.reference.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let year = ctx.zone.to_datetime(bound).year();
    // Nine years back are enough for a 29th of February.
    (year.saturating_sub(9)..=year).rev().find_map(|year| {
        let civil = DateTime::new(year, month, day, hour, minute, 0, 0).ok()?;
        in_zone(civil, &ctx.zone).filter(|at| *at <= bound)
    })
}

pub(crate) fn nanos(fraction: &str) -> Option<i32> {
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits: i32 = fraction.parse().ok()?;
    digits.checked_mul(10_i32.checked_pow(9_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ctx(reference: &str, zone: &str) -> ReadContext {
        ReadContext { reference: reference.parse().unwrap(), zone: TimeZone::get(zone).unwrap() }
    }

    #[test]
    fn years() {
        let read = |line: &str, ctx: &ReadContext| Yearless::default().read(line, ctx).map(|(at, rest)| (at.to_string(), rest.to_owned()));
        let new_year = ctx("2026-01-03T00:00:00Z", "UTC");
        assert_eq!(read("Dec 31 23:59:59 h x", &new_year).unwrap(), ("2025-12-31T23:59:59Z".into(), "h x".into()));
        assert_eq!(read("Jan  9 00:00:00 h", &new_year).unwrap().0, "2026-01-09T00:00:00Z");
        assert_eq!(read("Jan 11 00:00:00 h", &new_year).unwrap().0, "2025-01-11T00:00:00Z");
        assert_eq!(read("Feb 29 12:00:00 h", &new_year).unwrap().0, "2024-02-29T12:00:00Z");
        assert_eq!(read("Feb 30 12:00:00 h", &new_year), None);
        assert_eq!(read("Feb 3 12:00:00.25 h", &new_year).unwrap().0, "2025-02-03T12:00:00.25Z");
        let tokyo = ctx("2026-11-24T00:00:00Z", "Asia/Tokyo");
        assert_eq!(read("Nov 24 08:27:05 h", &tokyo).unwrap().0, "2026-11-23T23:27:05Z");
        for bad in
            ["Nov", "", "Nov 24 08:27 h", "Nov 24 25:00:00 h", "Now 24 08:27:05 h", "Nov 24 08:27:05", "Nov  -4 08:27:05 h", "日本 24"]
        {
            assert_eq!(read(bad, &tokyo), None, "{bad}");
        }
    }

    #[test]
    fn other_forms() {
        assert_eq!(web("24/Nov/2026:08:27:05 +0900").unwrap().to_string(), "2026-11-23T23:27:05Z");
        assert_eq!(web("24/Nov/2026:08:27:60 -0330").unwrap().to_string(), "2026-11-24T11:57:59Z");
        assert_eq!(web("24/Nov/2026:08:27 +0900"), None);
        assert_eq!(console("November 24, 2026, 17:27:05 (UTC+09:00)").unwrap().to_string(), "2026-11-24T08:27:05Z");
        let utc = TimeZone::UTC;
        assert_eq!(iso("2026-11-24T08:27:05+09:00", &utc).unwrap().1, ZoneCertainty::Stated);
        assert_eq!(iso("2026-11-24T08:27:05+0900", &utc).unwrap().0.to_string(), "2026-11-23T23:27:05Z");
        assert_eq!(iso("2026-11-24 08:27:05", &utc).unwrap(), ("2026-11-24T08:27:05Z".parse().unwrap(), ZoneCertainty::Assumed));
        assert_eq!(iso("yesterday", &utc), None);
    }
}
