//! What is known of a shard once it was read: which files, which sources in them, which parts were written.
//!
//! A manifest is named by what went into it: the files' names and hashes, and what they were read with ([`Reading`]). The same shard read
//! twice gives the same manifest and the same parts, so that whoever comes second changes nothing.

use std::ops::Range;

use abate_app::ports::IngestRequest;
use abate_evidence::SourceEnd;
use abate_model::flows::Interfaces;
use abate_model::ids::sha256_hex;
use abate_model::{Container, Loss, Scope, Table};
use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};

use crate::counters::Taken;

/// Changes when the folder's layout does.
pub(crate) const LAYOUT: u32 = 2;

/// What files are read with. What was read otherwise is other evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reading {
    /// fingerprint of the readers
    pub readers: String,
    /// the instant from which years are reckoned
    pub reference: Timestamp,
    /// the zone of times without one
    pub zone: String,
    /// digest of the rules; `None` when none were tried
    pub rules: Option<String>,
}

impl Reading {
    /// As a request asks for it, with the readers of this program.
    pub fn of(request: &IngestRequest<'_>) -> Self {
        let zone = request.zone.iana_name().map_or_else(|| format!("{:?}", request.zone), str::to_owned);
        let rules = request.rules.map(|rules| rules.digest());
        Self { readers: env!("ABATE_READERS").to_owned(), reference: day_of(request.reference), zone, rules }
    }

    /// Whether what was read with `other` will do: rows are the same with or without rules, or `any` of them.
    pub fn takes(&self, other: &Self, any: bool) -> bool {
        let alike = self.readers == other.readers && self.reference == other.reference && self.zone == other.zone;
        alike && (any || self.rules.is_none() || self.rules == other.rules)
    }
}

/// The day's end: within a day the same evidence is read alike, and no year is reckoned from an earlier instant than asked for.
pub(crate) fn day_of(reference: Timestamp) -> Timestamp {
    let day = SignedDuration::from_hours(24);
    let begin = reference.round(TimestampRound::new().smallest(Unit::Hour).increment(24).mode(jiff::RoundMode::Floor));
    begin.and_then(|begin| if begin == reference { Ok(begin) } else { begin.checked_add(day) }).unwrap_or(reference)
}

/// One shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// [`LAYOUT`]
    pub layout: u32,
    /// what it is named
    pub key: String,
    /// how it was read
    pub reading: Reading,
    /// the files, in order
    pub files: Vec<FileRecord>,
    /// the sources of all files, in order; rows name them by their place here
    pub sources: Vec<SourceRecord>,
    /// what was written
    pub parts: Vec<PartRecord>,
    /// addresses of the interfaces in flow records without a direction
    pub interfaces: Interfaces,
    /// the addresses that the shard's counters of flows rest on; `None` when it has no counters that rest on any
    pub taken: Option<Taken>,
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    /// its name in the case
    pub name: String,
    /// SHA-256 of its bytes
    pub sha256: String,
    /// how many
    pub bytes: u64,
    /// how many sources it has
    pub sources: usize,
    /// whether it could be read to its end, so that it need not be read again
    pub whole: bool,
    /// of an object: what shows that it is the same without reading it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Tagged>,
    /// of a file of this machine: where it lay
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
}

/// Where a file lay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Local {
    /// its path, without links
    pub path: String,
    /// when it was written
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

/// Which content an object had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tagged {
    /// the store's tag of it
    pub tag: String,
    /// when it was written
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

/// One source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    pub path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    pub sha256: String,
    pub bytes: u64,
    pub format: Option<String>,
    pub recognised_by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// whether the reader broke down on it, so that its rows do not count
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broken: bool,
    /// its rows, by table and scope
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extents: Vec<Extents>,
}

impl SourceRecord {
    /// Of a source that was read, without rows.
    pub fn of(end: SourceEnd) -> Self {
        Self {
            path: end.path,
            containers: end.containers,
            sha256: end.sha256,
            bytes: end.bytes,
            format: end.format.map(str::to_owned),
            recognised_by: end.recognised_by,
            losses: end.losses,
            broken: false,
            extents: Vec::new(),
        }
    }

    /// How many rows it has, duplicates of others included.
    pub fn rows(&self) -> u64 {
        self.extents.iter().map(|e| e.extent.records).sum()
    }
}

/// The rows of a source in one table and scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Extents {
    pub table: Table,
    pub scope: Scope,
    pub extent: abate_model::extent::Extent,
}

/// One file of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    /// the table
    pub table: String,
    /// how many bytes the file has
    pub bytes: u64,
    /// rows that can be told from others by a key
    pub keyed: u64,
    /// its row groups, each in order of time
    pub groups: Vec<GroupRecord>,
}

impl PartRecord {
    /// The rows of some groups, numbered over the whole file.
    pub fn range(&self, groups: Range<usize>) -> Range<u64> {
        let rows = |groups: &[GroupRecord]| groups.iter().map(|g| g.rows).sum::<u64>();
        let before = rows(self.groups.get(..groups.start).unwrap_or_default());
        before..before + rows(self.groups.get(groups).unwrap_or_default())
    }
}

/// One row group; times in microseconds, as in [`crate::columns::order`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupRecord {
    pub rows: u64,
    pub from: i64,
    pub to: i64,
}

/// The name of a shard.
pub(crate) fn key(reading: &Reading, files: &[FileRecord]) -> String {
    let what: Vec<_> = files.iter().map(|f| (&f.name, &f.sha256, f.whole)).collect();
    let text = serde_json::to_vec(&(LAYOUT, reading, what)).unwrap_or_default();
    sha256_hex(&text).chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_a_day_the_reference_is_the_same() {
        let at = |text: &str| day_of(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-24T00:00:01Z"), "2026-11-25T00:00:00Z");
        assert_eq!(at("2026-11-24T23:59:59Z"), "2026-11-25T00:00:00Z");
        assert_eq!(at("2026-11-25T00:00:00Z"), "2026-11-25T00:00:00Z");
    }
}
