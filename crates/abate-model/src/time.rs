//! Time: UTC inside, with how sure the zone is beside it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How sure it is that a time was read in the right zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneCertainty {
    /// The zone or offset stands beside the time, or the format fixes it (CloudTrail, VPC Flow Logs: UTC).
    Stated,
    /// No zone stands there; one was assumed (syslog, a reporter's excerpt). The truth may lie up to 14 hours off.
    Assumed,
    /// Nothing is known.
    #[default]
    Unknown,
}

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// first instant
    pub from: Timestamp,
    /// last instant, never before `from`
    pub to: Timestamp,
}

impl TimeWindow {
    /// A window; the ends are put in order.
    #[must_use]
    pub fn new(a: Timestamp, b: Timestamp) -> Self {
        if a <= b { Self { from: a, to: b } } else { Self { from: b, to: a } }
    }

    /// The window made longer on both sides.
    #[must_use]
    pub fn widened(self, by: SignedDuration) -> Self {
        Self { from: self.from.checked_sub(by).unwrap_or(Timestamp::MIN), to: self.to.checked_add(by).unwrap_or(Timestamp::MAX) }
    }

    /// Whether an instant lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }

    /// Whether two windows share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

/// `2026-11-24 08:27:05 UTC`, the form used in letters.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `2026-11-24 17:27 JST`, or with the offset where the zone has no short name; `zone` is an IANA name, UTC when it is unknown.
#[must_use]
pub fn local(at: Timestamp, zone: &str) -> String {
    let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned_datetime(tz).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
