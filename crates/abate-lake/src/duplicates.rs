//! Which rows another source already had. Which of two equal records is kept: the one that says more, else the first.
//!
//! Keys are compared by their hashes. First it is found out which of them come more than once, from short hashes alone; only these are then
//! looked at closely. When there are more than fit, they are taken in turns.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use abate_model::{Body, Row, SourceNo, Table};
use sha2::{Digest, Sha256};

use crate::scan::{PartView, each};

/// Formats that say less than another format about the same events: of a pair, theirs is the duplicate.
pub(crate) const POORER: &[&str] = &["cloudtrail-csv"];

/// The tables whose rows can have a key, with the columns that it is made of.
pub(crate) const KEYED: [(Table, &[&str]); 4] = [
    (Table::ApiActivity, &["source", "event_id", "account"]),
    (Table::Authentication, &["source", "event_id", "account"]),
    (Table::DetectionFinding, &["source", "finding_id", "last_seen", "count", "account"]),
    (Table::InventoryInfo, &["source", "kind", "id", "raw", "account"]),
];

/// Whether a row can be told from others by a key.
pub(crate) fn has_key(body: &Body<'_>) -> bool {
    match body {
        Body::Api(api) => api.event_id.is_some(),
        Body::Auth(auth) => auth.event_id.is_some(),
        Body::Detection(finding) => !finding.finding_id.is_empty(),
        Body::Inventory(_) => true,
        _ => false,
    }
}

/// What makes two rows the same record although they come from different sources, as a hash, and the account it is in; `None` where a
/// row has no such key.
fn key<'r>(row: &'r Row<'_>) -> Option<(u128, Option<&'r str>)> {
    let hash = |parts: &[&[u8]]| {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        digest.first_chunk().map(|first| u128::from_le_bytes(*first)).unwrap_or_default()
    };
    match &row.body {
        Body::Api(api) => Some((hash(&[b"e", api.event_id.as_deref()?.as_bytes()]), api.account.as_deref())),
        // A sign-in is an event of CloudTrail as well.
        Body::Auth(auth) => Some((hash(&[b"e", auth.event_id.as_deref()?.as_bytes()]), auth.account.as_deref())),
        // A finding that was seen again has a new time and count: that is another state of it, not the same record.
        Body::Detection(f) if !f.finding_id.is_empty() => {
            let state = format!("{:?}/{}", f.last_seen.map(|at| at.as_microsecond()), f.count);
            Some((hash(&[b"d", f.finding_id.as_bytes(), state.as_bytes()]), f.account.as_deref()))
        }
        Body::Inventory(item) => {
            let kind = format!("{:?}", item.kind);
            Some((hash(&[b"i", kind.as_bytes(), item.id.as_bytes(), item.raw.as_bytes()]), item.account.as_deref()))
        }
        _ => None,
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }
    fn write_u128(&mut self, n: u128) {
        #[allow(clippy::cast_possible_truncation)]
        let low = n as u64;
        self.0 = low;
    }
}

/// So many short hashes take the room of one key that is looked at closely.
const SHORT: u64 = 8;

/// A record as it was seen first: its account (0: none is named), its rank, and where it is.
#[derive(Clone, Copy)]
struct Seen {
    account: u32,
    rank: u64,
    part: u32,
    row: u32,
}

/// Finds the rows that do not count because of others, over all parts of the keyed tables; they are added to what the parts drop.
/// `poorer` tells of each source of the run whether its format says less than others; `most` keys are held at once, and so many threads look for those
/// that come more than once. Says which parts lost rows.
pub(crate) fn drop_repeated(parts: &mut [(Table, PartView)], poorer: &[bool], (most, threads): (u64, usize)) -> io::Result<Vec<usize>> {
    let keyed: u64 = parts.iter().map(|(_, view)| view.record.keyed).sum();
    let most = most.max(1);
    let turns = keyed.div_ceil(most.saturating_mul(SHORT)).max(1);
    let mut dropped: Vec<Vec<u32>> = vec![Vec::new(); parts.len()];
    for turn in 0..turns {
        let often = often(parts, (turn, turns), threads)?;
        for wanted in often.chunks(usize::try_from(most).unwrap_or(usize::MAX)) {
            compare(parts, poorer, wanted, &mut dropped)?;
        }
    }
    let mut changed = Vec::new();
    for (n, rows) in dropped.into_iter().enumerate() {
        if let (false, Some((_, view))) = (rows.is_empty(), parts.get_mut(n)) {
            view.dropped = with(&view.dropped, rows);
            changed.push(n);
        }
    }
    Ok(changed)
}

/// The short form of a key's hash.
fn short(key: u128) -> u64 {
    u64::try_from(key >> 64).unwrap_or_default()
}

/// Told of a row that has a key: its number in the file and its source, and the key with the account.
type Visit<'v> = dyn FnMut(u64, SourceNo, u128, Option<&str>) + 'v;

/// A part of rows that have keys: its place among all parts, its table, and the columns that keys are made of.
type Keyed<'p> = (u32, Table, &'static [&'static str], &'p PartView);

/// The parts of rows that have keys, table by table.
fn keyed_parts(parts: &[(Table, PartView)]) -> Vec<Keyed<'_>> {
    let of = |(table, columns): (Table, &'static [&'static str])| {
        let here = (0_u32..).zip(parts).filter(move |(_, (of, view))| *of == table && view.record.keyed > 0);
        here.map(move |(part, (_, view))| (part, table, columns, view))
    };
    KEYED.into_iter().flat_map(of).collect()
}

/// Visits the rows of a part that have a key.
fn each_key((_, table, columns, view): Keyed<'_>, visit: &mut Visit<'_>) -> io::Result<()> {
    each(view, Body::fields(table), columns, &mut |rows, row, number, source| {
        if let Some((key, account)) = key(&rows.row(table, row)) {
            visit(number, source, key, account);
        }
    })
}

/// The short hashes of a turn that come more than once, in order.
fn often(parts: &[(Table, PartView)], (turn, turns): (u64, u64), threads: usize) -> io::Result<Vec<u64>> {
    let (parts, next) = (keyed_parts(parts), AtomicUsize::new(0));
    let work = || {
        let mut found = Vec::new();
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            each_key(*part, &mut |_, _, key, _| {
                if short(key) % turns == turn {
                    found.push(short(key));
                }
            })?;
        }
        Ok::<_, io::Error>(found)
    };
    let mut all = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, parts.len().max(1))).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.append(&mut worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok::<_, io::Error>(all)
    })?;
    all.sort_unstable();
    let mut often: Vec<u64> = all.windows(2).filter(|pair| pair.first() == pair.last()).filter_map(|pair| pair.first().copied()).collect();
    often.dedup();
    Ok(often)
}

/// Looks closely at the keys with some short hashes, given in order.
fn compare(parts: &[(Table, PartView)], poorer: &[bool], wanted: &[u64], dropped: &mut [Vec<u32>]) -> io::Result<()> {
    let mut known: HashMap<u128, Vec1, BuildHasherDefault<AsIs>> = HashMap::default();
    let mut accounts: HashMap<String, u32> = HashMap::new();
    let mut look = |part: u32, number: u64, source: SourceNo, key: u128, account: Option<&str>| {
        if wanted.binary_search(&short(key)).is_err() {
            return;
        }
        let next = u32::try_from(accounts.len()).unwrap_or(u32::MAX - 1) + 1;
        let account = account.map_or(0, |name| match accounts.get(name) {
            Some(known) => *known,
            None => *accounts.entry(name.to_owned()).or_insert(next),
        });
        let says_less = poorer.get(source as usize).copied().unwrap_or(false);
        let rank = u64::from(says_less) << 32 | u64::from(source);
        let seen = Seen { account, rank, part, row: u32::try_from(number).unwrap_or(u32::MAX) };
        let loser = match known.get_mut(&key) {
            None => {
                known.insert(key, Vec1 { first: seen, more: Vec::new() });
                None
            }
            Some(kept) => kept.add(seen),
        };
        if let Some(loser) = loser
            && let Some(rows) = dropped.get_mut(loser.part as usize)
        {
            rows.push(loser.row);
        }
    };
    keyed_parts(parts)
        .into_iter()
        .try_for_each(|part| each_key(part, &mut |number, source, key, account| look(part.0, number, source, key, account)))
}

/// The records with one key: nearly always one.
struct Vec1 {
    first: Seen,
    more: Vec<Seen>,
}

impl Vec1 {
    /// Adds a record; the one that does not count because of another, if any. Event history does not name the account: then the
    /// event's id, which is unique by itself, decides alone.
    fn add(&mut self, seen: Seen) -> Option<Seen> {
        let same = |kept: &&mut Seen| kept.account == 0 || seen.account == 0 || kept.account == seen.account;
        match std::iter::once(&mut self.first).chain(&mut self.more).find(same) {
            None => {
                self.more.push(seen);
                None
            }
            Some(kept) if seen.rank < kept.rank => {
                // Who did not name the account stands for every account.
                let account = if kept.account == 0 { 0 } else { seen.account };
                Some(std::mem::replace(kept, Seen { account, ..seen }))
            }
            Some(_) => Some(seen),
        }
    }
}

/// Ranges, and further rows.
fn with(ranges: &[Range<u64>], mut rows: Vec<u32>) -> Vec<Range<u64>> {
    rows.sort_unstable();
    let single = rows.into_iter().map(|row| u64::from(row)..u64::from(row) + 1);
    let mut all: Vec<Range<u64>> = ranges.iter().cloned().chain(single).collect();
    all.sort_by_key(|range| range.start);
    join(all)
}

/// Sorted ranges, joined where they touch.
pub(crate) fn join(ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
