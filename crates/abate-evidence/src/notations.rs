//! Notations of times that stand at the beginning of lines, beyond those of syslog and ISO 8601.

use abate_model::ZoneCertainty;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::time::{in_zone, month, nanos, offset_of};

/// Which number of `11/12/2026` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayOrder {
    /// the second
    MonthFirst,
    /// the first
    DayFirst,
}

type Stamp = (Timestamp, ZoneCertainty);

/// `Tue Nov 24 08:27:05.123456 2026`, also with a zone in front of the year; the whole text.
pub(crate) fn ctime(text: &str, zone: &TimeZone) -> Option<Stamp> {
    let mut cursor = Cursor(text);
    let civil = cursor.ctime(zone)?;
    cursor.0.is_empty().then_some(civil)
}

/// `Tue Nov 24 08:27:05 2026` at the beginning, and what is behind it.
pub(crate) fn leading_ctime<'l>(text: &'l str, zone: &TimeZone) -> Option<(Stamp, &'l str)> {
    let mut cursor = Cursor(text);
    let stamp = cursor.ctime(zone)?;
    (cursor.0.is_empty() || cursor.0.starts_with(' ')).then_some((stamp, cursor.0))
}

/// `2026/11/24 08:27:05`, the whole text.
pub(crate) fn slashed(text: &str, zone: &TimeZone) -> Option<Stamp> {
    let mut cursor = Cursor(text);
    let stamp = cursor.year_first('/', zone)?;
    cursor.0.is_empty().then_some(stamp)
}

/// `24-Nov-2026 08:27:05.123456 Asia/Tokyo`, the whole text; the zone may be missing.
pub(crate) fn dashed(text: &str, zone: &TimeZone) -> Option<Stamp> {
    let mut cursor = Cursor(text);
    let date = cursor.day_month_year('-')?;
    cursor.literal(" ")?;
    let civil = cursor.clock(date)?;
    let Some(name) = cursor.0.strip_prefix(' ') else { return cursor.0.is_empty().then(|| assumed(civil, zone))? };
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+' | b':'));
    if !plain || name.len() > 40 {
        return None;
    }
    if let Some(offset) = offset_of(name) {
        return stated(civil, offset);
    }
    match TimeZone::get(name) {
        Ok(named) => Some((in_zone(civil, &named)?, ZoneCertainty::Stated)),
        // A zone that is not known here is still none of the words that other programs write there.
        Err(_) if name.contains('/') => assumed(civil, zone),
        Err(_) => None,
    }
}

/// The time at the beginning of a line, perhaps in brackets, and what is behind it.
pub(crate) fn leading<'l>(line: &'l str, order: DayOrder, zone: &TimeZone) -> Option<(Stamp, &'l str)> {
    let (inside, bracketed) = line.strip_prefix('[').map_or((line, false), |inside| (inside, true));
    type Parse = fn(&mut Cursor<'_>, DayOrder, &TimeZone) -> Option<Stamp>;
    let notations: [Parse; 6] = [
        |cursor, _, zone| cursor.year_first('-', zone),
        |cursor, _, zone| cursor.year_first('/', zone),
        |cursor, _, zone| cursor.named_month(zone),
        |cursor, _, zone| cursor.american_words(zone),
        |cursor, _, zone| cursor.ctime(zone),
        |cursor, order, zone| cursor.numbers(order, zone),
    ];
    notations.iter().find_map(|parse| {
        let mut cursor = Cursor(inside);
        let stamp = parse(&mut cursor, order, zone)?;
        let rest = cursor.0;
        let rest = if bracketed { rest.strip_prefix(']').unwrap_or(rest) } else { rest };
        (!rest.starts_with(|c: char| c.is_alphanumeric())).then_some((stamp, rest))
    })
}

/// `261124  8:27:05`, and ISO 8601 with a `T` or spaces: the times of MySQL's error log, which pads an hour with a space.
pub(crate) fn mysql<'l>(line: &'l str, zone: &TimeZone) -> Option<(Stamp, &'l str)> {
    let mut cursor = Cursor(line);
    let short = line.split_at_checked(6).filter(|(date, rest)| date.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with(' '));
    let date = if let Some((date, rest)) = short {
        let part = |at: usize| date.get(at..at + 2)?.parse::<i8>().ok();
        cursor.0 = rest;
        (2000 + i16::from(part(0)?), part(2)?, part(4)?)
    } else {
        let year = cursor.digits(4, 4)?;
        cursor.literal("-")?;
        let month = cursor.two()?;
        cursor.literal("-")?;
        let date = (year, month, cursor.two()?);
        if !cursor.0.starts_with(['T', ' ']) {
            return None;
        }
        date
    };
    cursor.0 = cursor.0.strip_prefix(['T', ' '])?.trim_start_matches(' ');
    let civil = cursor.clock(date)?;
    let zoned = cursor.0.starts_with(['Z', '+', '-']);
    let stamp = if zoned { cursor.zoned(civil, zone)? } else { assumed(civil, zone)? };
    cursor.0.starts_with(' ').then_some((stamp, cursor.0))
}

fn stated(civil: DateTime, offset: Offset) -> Option<Stamp> {
    Some((offset.to_timestamp(civil).ok()?, ZoneCertainty::Stated))
}

fn assumed(civil: DateTime, zone: &TimeZone) -> Option<Stamp> {
    Some((in_zone(civil, zone)?, ZoneCertainty::Assumed))
}

/// Year, month, day.
type Date = (i16, i8, i8);

/// What is left to read.
struct Cursor<'l>(&'l str);

impl<'l> Cursor<'l> {
    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A number of so many digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<i16> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if count < least || count > most {
            return None;
        }
        let (number, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        number.parse().ok()
    }

    fn two(&mut self) -> Option<i8> {
        self.digits(1, 2)?.try_into().ok()
    }

    fn month(&mut self) -> Option<i8> {
        let (name, rest) = self.0.split_at_checked(3)?;
        self.0 = rest;
        month(name)
    }

    fn day_month_year(&mut self, between: char) -> Option<Date> {
        let mut buffer = [0; 4];
        let between: &str = between.encode_utf8(&mut buffer);
        let day = self.two()?;
        self.literal(between)?;
        let month = self.month()?;
        self.literal(between)?;
        Some((self.digits(4, 4)?, month, day))
    }

    /// `8:27:05`, with a fraction and AM or PM behind it.
    fn clock(&mut self, (year, month, day): Date) -> Option<DateTime> {
        let hour = self.two()?;
        self.literal(":")?;
        let minute = self.two()?;
        self.literal(":")?;
        let second = self.two()?;
        let fraction = self.fraction();
        let hour = match self.half_of_day() {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        // A leap second is the last second of its minute.
        let second = if second == 60 { 59 } else { second };
        DateTime::new(year, month, day, hour, minute, second, fraction).ok()
    }

    fn fraction(&mut self) -> i32 {
        let digits = self.0.strip_prefix(['.', ',']).map(|rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        let Some(parts) = digits.filter(|n| (1..=9).contains(n)).and_then(|n| self.0.split_at_checked(n + 1)) else { return 0 };
        self.0 = parts.1;
        parts.0.get(1..).and_then(nanos).unwrap_or(0)
    }

    fn half_of_day(&mut self) -> Option<bool> {
        let rest = self.0.strip_prefix(' ').unwrap_or(self.0);
        let word = rest.get(..2)?;
        let afternoon = if word.eq_ignore_ascii_case("PM") { true } else { word.eq_ignore_ascii_case("AM").then_some(false)? };
        let behind = rest.get(2..)?;
        if behind.starts_with(|c: char| c.is_alphanumeric()) {
            return None;
        }
        self.0 = behind;
        Some(afternoon)
    }

    /// `Z`, ` UTC`, `+09:00`, ` +0900`, or nothing.
    fn zoned(&mut self, civil: DateTime, zone: &TimeZone) -> Option<Stamp> {
        let rest = self.0.strip_prefix(' ').unwrap_or(self.0);
        for word in ["Z", "UTC", "GMT"] {
            if let Some(behind) = rest.strip_prefix(word)
                && !behind.starts_with(|c: char| c.is_alphanumeric())
            {
                self.0 = behind;
                return stated(civil, Offset::UTC);
            }
        }
        for length in [6, 5] {
            let (offset, behind) = rest.split_at_checked(length).unwrap_or_default();
            if offset.get(1..).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit() || b == b':'))
                && !behind.starts_with(|c: char| c.is_ascii_digit())
                && (length == 6) == offset.contains(':')
                && let Some(offset) = offset_of(offset)
            {
                self.0 = behind;
                return stated(civil, offset);
            }
        }
        assumed(civil, zone)
    }

    /// `2026-11-24 08:27:05,123`, `2026-11-24T08:27:05Z`.
    fn year_first(&mut self, between: char, zone: &TimeZone) -> Option<Stamp> {
        let mut buffer = [0; 4];
        let between: &str = between.encode_utf8(&mut buffer);
        let year = self.digits(4, 4)?;
        self.literal(between)?;
        let month = self.two()?;
        self.literal(between)?;
        let day = self.two()?;
        self.0 = self.0.strip_prefix(['T', ' '])?;
        let civil = self.clock((year, month, day))?;
        self.zoned(civil, zone)
    }

    /// `24-Nov-2026 08:27:05.123`, `24 Nov 2026 08:27:05`, `24/Nov/2026:08:27:05 +0900`.
    fn named_month(&mut self, zone: &TimeZone) -> Option<Stamp> {
        let start = self.0;
        let date = ['-', ' ', '/'].into_iter().find_map(|between| {
            self.0 = start;
            self.day_month_year(between)
        })?;
        self.0 = self.0.strip_prefix([' ', ':'])?;
        let civil = self.clock(date)?;
        self.zoned(civil, zone)
    }

    /// `Nov 24, 2026 8:27:05 AM`.
    fn american_words(&mut self, zone: &TimeZone) -> Option<Stamp> {
        let month = self.month()?;
        self.literal(" ")?;
        let day = self.two()?;
        self.literal(", ")?;
        let year = self.digits(4, 4)?;
        self.0 = self.0.strip_prefix(", ").or_else(|| self.0.strip_prefix(' '))?;
        let civil = self.clock((year, month, day))?;
        self.zoned(civil, zone)
    }

    /// `Tue Nov 24 08:27:05 2026`, `Tue Nov 24 08:27:05 UTC 2026`.
    fn ctime(&mut self, zone: &TimeZone) -> Option<Stamp> {
        let (weekday, rest) = self.0.split_at_checked(3)?;
        if !["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&weekday) {
            return None;
        }
        self.0 = rest.strip_prefix(' ')?;
        let month = self.month()?;
        self.0 = self.0.strip_prefix(' ')?.trim_start_matches(' ');
        let day = self.two()?;
        self.literal(" ")?;
        // The year comes last, so the clock is read with one that has every day.
        let civil = self.clock((2000, month, day))?;
        self.literal(" ")?;
        let letters = self.0.bytes().take_while(u8::is_ascii_uppercase).count();
        let named = if letters > 0 {
            let (name, rest) = self.0.split_at_checked(letters)?;
            self.0 = rest.strip_prefix(' ')?;
            Some(name)
        } else {
            None
        };
        let civil = civil.with().year(self.digits(4, 4)?).build().ok()?;
        // Abbreviations other than these stand for several zones.
        if matches!(named, Some("UTC" | "GMT")) { stated(civil, Offset::UTC) } else { assumed(civil, zone) }
    }

    /// `11/24/2026 8:27:05 AM`, `24/11/2026 08:27:05`.
    fn numbers(&mut self, order: DayOrder, zone: &TimeZone) -> Option<Stamp> {
        let first = self.two()?;
        self.literal("/")?;
        let second = self.two()?;
        self.literal("/")?;
        let year = self.digits(4, 4)?;
        self.0 = self.0.strip_prefix(", ").or_else(|| self.0.strip_prefix(' '))?;
        let (month, day) = if order == DayOrder::DayFirst { (second, first) } else { (first, second) };
        let civil = self.clock((year, month, day))?;
        self.zoned(civil, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, bool, &str)> {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        leading(line, DayOrder::MonthFirst, &tokyo).map(|((at, zone), rest)| (at.to_string(), zone == ZoneCertainty::Stated, rest))
    }

    #[test]
    fn times_in_front() {
        for (line, at, stated, rest) in [
            ("2026-11-24 08:27:05,123 INFO x", "2026-11-23T23:27:05.123Z", false, " INFO x"),
            ("2026-11-24T08:27:05.5Z x", "2026-11-24T08:27:05.5Z", true, " x"),
            ("2026-11-24T08:27:05+09:00 x", "2026-11-23T23:27:05Z", true, " x"),
            ("[2026-11-24 08:27:05 +0000] [12] [INFO] x", "2026-11-24T08:27:05Z", true, " [12] [INFO] x"),
            ("[2026-11-24 08:27:05,1: INFO/Main] x", "2026-11-23T23:27:05.1Z", false, ": INFO/Main] x"),
            ("2026/11/24 08:27:05 x", "2026-11-23T23:27:05Z", false, " x"),
            ("24-Nov-2026 08:27:05.123 INFO [main] x", "2026-11-23T23:27:05.123Z", false, " INFO [main] x"),
            ("[24/Nov/2026:08:27:05 +0100] x", "2026-11-24T07:27:05Z", true, " x"),
            ("Nov 24, 2026 8:27:05 PM org.apache x", "2026-11-24T11:27:05Z", false, " org.apache x"),
            ("Tue Nov 24 08:27:05 2026 x", "2026-11-23T23:27:05Z", false, " x"),
            ("Tue Nov  3 08:27:05 UTC 2026: x", "2026-11-03T08:27:05Z", true, ": x"),
            ("11/24/2026 12:27:05 AM x", "2026-11-23T15:27:05Z", false, " x"),
            ("11/24/2026, 08:27:05 - x", "2026-11-23T23:27:05Z", false, " - x"),
        ] {
            assert_eq!(read(line), Some((at.to_owned(), stated, rest)), "{line}");
        }
        for line in [
            "2026-13-24 08:27:05 x",
            "2026-11-24",
            "24/11/2026 08:27:05 x",
            "Tue Feb 30 08:27:05 2026",
            "2026-11-24 08:27:05x",
            "11/24/2026 13:00:00 PM",
            "日本",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn whole_stamps() {
        let utc = TimeZone::UTC;
        let text = |stamp: Option<Stamp>| stamp.map(|(at, zone)| (at.to_string(), zone == ZoneCertainty::Stated));
        assert_eq!(text(dashed("24-Nov-2026 08:00:00 Asia/Tokyo", &utc)), Some(("2026-11-23T23:00:00Z".into(), true)));
        assert_eq!(text(dashed("24-Nov-2026 08:00:00 Nowhere/X", &utc)), Some(("2026-11-24T08:00:00Z".into(), false)));
        assert_eq!(text(dashed("24-Nov-2026 08:00:00.25", &utc)), Some(("2026-11-24T08:00:00.25Z".into(), false)));
        assert_eq!((dashed("24-Nov-2026 08:00:00x", &utc), dashed("24-Nov-2026 08:00:00 ERROR", &utc)), (None, None));
        assert_eq!(text(ctime("Sat Jul 20 21:34:49.453232 2013", &utc)), Some(("2013-07-20T21:34:49.453232Z".into(), false)));
        assert_eq!(text(ctime("Thu Feb 29 21:34:49 2024", &utc)), Some(("2024-02-29T21:34:49Z".into(), false)));
        assert_eq!((ctime("Thu Feb 29 21:34:49 2023", &utc), slashed("2026/11/24 08:27:05 ", &utc)), (None, None));
    }
}
