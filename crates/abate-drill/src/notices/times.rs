//! How notices and reporters write times, what such a writing means in UTC, and how sure its zone is. It knows no notice.

use jiff::Timestamp;

use super::cover::Named;
use crate::clock::Second;

/// One hour east, in seconds.
const HOUR: Second = 3600;

/// Writes a moment in a zone that lies `offset` seconds east of UTC.
pub(crate) fn show(at: Second, offset: Second, format: &str) -> String {
    Timestamp::from_second(at.saturating_add(offset)).unwrap_or(Timestamp::UNIX_EPOCH).strftime(format).to_string()
}

/// A way of writing a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `2026-03-02T14:05:09Z`
    IsoZ,
    /// `2026-03-02T23:05:09+09:00`
    IsoOffset,
    /// `2026-03-02 14:05:09 UTC`
    DateUtc,
    /// `2 Mar 2026 14:05:09 UTC`
    DayMonthUtc,
    /// `02 Mar 2026 14:05:09 GMT`
    DayMonthGmt,
    /// `Mon Mar 02 14:05:09 UTC 2026`
    UnixDate,
    /// `Mon, 02 Mar 2026 23:05:09 +0900`
    MailDate,
    /// `timestamp: 1772460309`
    EpochSeconds,
    /// `timestamp: 1772460309000`
    EpochMillis,
    /// `2026/03/02 23:05:09 JST`
    SlashJst,
    /// `2026-03-02 06:05:09 -0800`
    NumericOffset,
    /// `2026-03-02 14:05 UTC`
    Minute,
    /// `2026-03-02 14:05:09`
    NoZone,
    /// `March 2, 2026 2:05:09 PM UTC`
    MonthName,
    /// `2026-03-02 07:05:09 PDT`
    Pdt,
}

impl Notation {
    /// Every notation.
    pub(crate) const ALL: &[Self] = &[
        Self::IsoZ,
        Self::IsoOffset,
        Self::DateUtc,
        Self::DayMonthUtc,
        Self::DayMonthGmt,
        Self::UnixDate,
        Self::MailDate,
        Self::EpochSeconds,
        Self::EpochMillis,
        Self::SlashJst,
        Self::NumericOffset,
        Self::Minute,
        Self::NoZone,
        Self::MonthName,
        Self::Pdt,
    ];

    /// The time as this notation writes it.
    pub(crate) fn write(self, at: Second) -> String {
        match self {
            Self::IsoZ => show(at, 0, "%Y-%m-%dT%H:%M:%SZ"),
            Self::IsoOffset => show(at, 9 * HOUR, "%Y-%m-%dT%H:%M:%S+09:00"),
            Self::DateUtc => show(at, 0, "%Y-%m-%d %H:%M:%S UTC"),
            Self::DayMonthUtc => show(at, 0, "%-d %b %Y %H:%M:%S UTC"),
            Self::DayMonthGmt => show(at, 0, "%d %b %Y %H:%M:%S GMT"),
            Self::UnixDate => show(at, 0, "%a %b %d %H:%M:%S UTC %Y"),
            Self::MailDate => show(at, 9 * HOUR, "%a, %d %b %Y %H:%M:%S +0900"),
            Self::EpochSeconds => format!("timestamp: {at}"),
            Self::EpochMillis => format!("timestamp: {at}000"),
            Self::SlashJst => show(at, 9 * HOUR, "%Y/%m/%d %H:%M:%S JST"),
            Self::NumericOffset => show(at, -8 * HOUR, "%Y-%m-%d %H:%M:%S -0800"),
            Self::Minute => show(at, 0, "%Y-%m-%d %H:%M UTC"),
            Self::NoZone => show(at, 0, "%Y-%m-%d %H:%M:%S"),
            Self::MonthName => show(at, 0, "%B %-d, %Y %-I:%M:%S %p UTC"),
            Self::Pdt => show(at, -7 * HOUR, "%Y-%m-%d %H:%M:%S PDT"),
        }
    }

    /// What the first and the last written time say in UTC: a time without seconds spans its minute.
    pub(crate) fn span(self, first: Second, last: Second) -> (Second, Second) {
        if self == Self::Minute { minute_span(first, last) } else { (first, last) }
    }

    /// `stated` or `assumed`.
    pub(crate) fn certainty(self) -> &'static str {
        if self == Self::NoZone { "assumed" } else { "stated" }
    }
}

impl Named for Notation {
    fn name(self) -> &'static str {
        match self {
            Self::IsoZ => "iso-z",
            Self::IsoOffset => "iso-offset",
            Self::DateUtc => "date-utc",
            Self::DayMonthUtc => "day-month-utc",
            Self::DayMonthGmt => "day-month-gmt",
            Self::UnixDate => "unix-date",
            Self::MailDate => "mail-date",
            Self::EpochSeconds => "epoch-seconds",
            Self::EpochMillis => "epoch-millis",
            Self::SlashJst => "slash-jst",
            Self::NumericOffset => "numeric-offset",
            Self::Minute => "minute",
            Self::NoZone => "no-zone",
            Self::MonthName => "month-name",
            Self::Pdt => "pdt",
        }
    }
}

/// From the first second of one minute to the last second of another.
pub(crate) fn minute_span(first: Second, last: Second) -> (Second, Second) {
    (first - first.rem_euclid(60), last - last.rem_euclid(60) + 59)
}

/// What a report says about the zone of lines that carry none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZoneNote {
    /// short name
    pub(crate) name: &'static str,
    /// seconds east of UTC
    pub(crate) offset: Second,
    /// the sentence; empty if nothing is said
    pub(crate) words: &'static str,
}

impl ZoneNote {
    /// Every note; the first says nothing.
    pub(crate) const ALL: &[Self] = &[
        Self { name: "nothing", offset: 0, words: "" },
        Self { name: "utc", offset: 0, words: "All timestamps are in UTC." },
        Self { name: "jst", offset: 9 * HOUR, words: "Time zone of the log lines: JST (UTC+0900)" },
        Self { name: "numeric", offset: -5 * HOUR, words: "Timezone of the lines below is -0500." },
        Self { name: "gmt", offset: 0, words: "Times are GMT" },
    ];

    /// `stated` if the note says anything.
    pub(crate) fn certainty(self) -> &'static str {
        if self.words.is_empty() { "assumed" } else { "stated" }
    }
}

impl Named for ZoneNote {
    fn name(self) -> &'static str {
        self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_write_the_same_moment() {
        let at = 1_772_460_309; // 2026-03-02T14:05:09Z
        let written: Vec<String> = Notation::ALL.iter().map(|notation| notation.write(at)).collect();
        assert_eq!(written[1], "2026-03-02T23:05:09+09:00");
        assert_eq!(written[5], "Mon Mar 02 14:05:09 UTC 2026");
        assert_eq!(written[8], "timestamp: 1772460309000");
        assert_eq!(written[13], "March 2, 2026 2:05:09 PM UTC");
        assert_eq!(written[14], "2026-03-02 07:05:09 PDT");
        assert_eq!(Notation::Minute.span(at, at), (at - 9, at + 50));
    }
}
