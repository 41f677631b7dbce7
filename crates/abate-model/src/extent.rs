//! From when to when there are records, and where a source that writes all the time was silent. Merges, in memory that depends on the time
//! spanned and not on the number of records.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rows::FlowStatus;
use crate::{Body, Gap, Row};

/// Aggregation intervals of VPC Flow Logs in seconds: one minute or ten.
/// Source: VPC User Guide, "Flow log records", maximum aggregation interval.
const FLOW_INTERVALS: (i64, i64) = (60, 600);

/// The silence, in seconds, after which records of an interval length are apart: start and end of a record are those of its first and
/// last packet, so between two records of neighbouring intervals up to two intervals may pass.
const fn allowed(interval: i64) -> i64 {
    2 * interval + 60
}

/// The records of one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// first record
    pub from: Option<Timestamp>,
    /// end of the last record
    pub to: Option<Timestamp>,
    /// how many
    pub records: u64,
    /// seconds that the longest record spans
    #[serde(default, skip_serializing_if = "is_zero")]
    longest: i64,
    /// when flow records were written
    #[serde(default, skip_serializing_if = "Stretches::is_empty")]
    written: Stretches,
    /// when they were not, as the log itself says (SKIPDATA)
    #[serde(default, skip_serializing_if = "Stretches::is_empty")]
    skipped: Stretches,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

impl Extent {
    /// Notes a row.
    pub fn see(&mut self, row: &Row<'_>) {
        self.records += 1;
        let Some(at) = row.at else { return };
        let Body::Net(net) = &row.body else { return self.reach(at, at) };
        let end = net.end.unwrap_or(at).max(at);
        self.reach(at, end);
        self.longest = self.longest.max(end.duration_since(at).as_secs());
        match net.status {
            FlowStatus::SkipData => self.skipped.add(at, end, 0),
            FlowStatus::Ok | FlowStatus::NoData => self.written.add(at, end, allowed(FLOW_INTERVALS.0)),
        }
    }

    fn reach(&mut self, from: Timestamp, to: Timestamp) {
        self.from = Some(self.from.map_or(from, |known| known.min(from)));
        self.to = Some(self.to.map_or(to, |known| known.max(to)));
    }

    /// Adds what was seen elsewhere.
    pub fn merge(&mut self, other: &Self) {
        if let (Some(from), Some(to)) = (other.from, other.to) {
            self.reach(from, to);
        }
        self.records = self.records.saturating_add(other.records);
        self.longest = self.longest.max(other.longest);
        self.written.merge(&other.written, allowed(FLOW_INTERVALS.0));
        self.skipped.merge(&other.skipped, 0);
    }

    /// Where a source that writes all the time has no record. Longer silence than its interval explains, without a NODATA record, is a
    /// gap; the interval is told by the longest record.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let (Some(from), Some(to)) = (self.from, self.to) else { return Vec::new() };
        if self.written.crowded || self.skipped.crowded {
            let why = "so many stretches without records that they are not told apart".to_owned();
            return vec![Gap { from, to, why }];
        }
        let skipped = "SKIPDATA: records were skipped during the interval";
        let mut gaps: Vec<Gap> = self.skipped.iter().map(|(from, to)| Gap { from, to, why: skipped.to_owned() }).collect();
        let interval = if self.longest <= FLOW_INTERVALS.0 { FLOW_INTERVALS.0 } else { FLOW_INTERVALS.1 };
        let silence = SignedDuration::from_secs(allowed(interval));
        let mut before: Option<Timestamp> = None;
        for (from, to) in self.written.iter() {
            if let Some(end) = before.filter(|end| from.duration_since(*end) > silence) {
                let why = format!("no record of any kind for more than two intervals of {interval} seconds");
                gaps.push(Gap { from: end, to: from, why });
            }
            before = Some(to);
        }
        gaps.sort_by_key(|gap| gap.from);
        gaps
    }
}

/// Stretches of time that do not touch, by their begin. Two that are less apart than allowed are one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stretches {
    spans: BTreeMap<Timestamp, Timestamp>,
    /// whether there were too many to keep
    #[serde(default)]
    crowded: bool,
}

impl Stretches {
    /// So many are kept: three weeks of silence every three minutes.
    const MOST: usize = 10_000;

    fn is_empty(&self) -> bool {
        self.spans.is_empty() && !self.crowded
    }

    fn iter(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.spans.iter().map(|(from, to)| (*from, *to))
    }

    /// Adds a stretch; one that is no more than `apart` seconds from another becomes one with it.
    fn add(&mut self, mut from: Timestamp, mut to: Timestamp, apart: i64) {
        if self.crowded {
            return;
        }
        // Nearly always it lies inside what is known.
        if self.spans.range(..=from).next_back().is_some_and(|(_, end)| to <= *end) {
            return;
        }
        let apart = SignedDuration::from_secs(apart);
        let reach = to.checked_add(apart).unwrap_or(Timestamp::MAX);
        // The last one that begins before the end of this one, and those before it that still reach into it.
        while let Some((begin, end)) = self.spans.range(..=reach).next_back().map(|(begin, end)| (*begin, *end)) {
            if from.duration_since(end) > apart {
                break;
            }
            if begin <= from && to <= end {
                return;
            }
            self.spans.remove(&begin);
            (from, to) = (from.min(begin), to.max(end));
        }
        self.spans.insert(from, to);
        if self.spans.len() > Self::MOST {
            self.spans.clear();
            self.crowded = true;
        }
    }

    fn merge(&mut self, other: &Self, apart: i64) {
        if other.crowded {
            self.spans.clear();
            self.crowded = true;
        }
        other.iter().for_each(|(from, to)| self.add(from, to, apart));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn stretches_are_the_same_in_any_order() {
        let spans = [(0, 60), (100, 160), (400, 460), (230, 260), (1000, 1060), (1000, 1010), (30, 70), (700, 730), (5000, 5060)];
        let build = |order: &mut dyn Iterator<Item = &(i64, i64)>| {
            let mut stretches = Stretches::default();
            order.for_each(|(from, to)| stretches.add(second(*from), second(*to), 180));
            stretches.iter().map(|(from, to)| (from.as_second(), to.as_second())).collect::<Vec<_>>()
        };
        let expected = [(0, 460), (700, 730), (1000, 1060), (5000, 5060)];
        assert_eq!(build(&mut spans.iter()), expected);
        assert_eq!(build(&mut spans.iter().rev()), expected);
        for skip in 1..spans.len() {
            assert_eq!(build(&mut spans.iter().cycle().skip(skip).take(spans.len())), expected);
        }
    }

    #[test]
    fn too_many_stretches_prove_nothing() {
        let mut extent = Extent { from: Some(second(0)), to: Some(second(9_000_000)), ..Extent::default() };
        (0..=Stretches::MOST as i64).for_each(|n| extent.written.add(second(n * 600), second(n * 600), 180));
        let gaps = extent.gaps();
        assert_eq!((gaps.len(), gaps[0].from, gaps[0].to), (1, second(0), second(9_000_000)));
    }
}
