//! What a run sees of the lake: the sources in the order of the walk, which rows of which parts count, and what is covered.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use abate_evidence::{Reader, readers, unique};
use abate_model::extent::Extent;
use abate_model::flows::{Interfaces, OwnAddresses};
use abate_model::memory::{Covered, FormatFacts};
use abate_model::{Body, Coverage, Scope, Source, SourceNo, Table};

use crate::Tuning;
use crate::counters::FLOWS;
use crate::duplicates::{self, POORER, join};
use crate::folder::{Folder, MATCHES};
use crate::manifest::{Extents, Manifest, SourceRecord};
use crate::rollup::Brought;
use crate::roots;
use crate::scan::{PartView, all, each};

/// A source, and where its rows are: shard and place in it.
pub(crate) struct Piece {
    pub record: SourceRecord,
    pub origin: Option<(usize, usize)>,
    /// whether what it was read from is not there any more
    pub gone: bool,
}

/// See the module.
pub(crate) struct View {
    pub sources: Vec<Source>,
    pub coverage: Vec<Coverage>,
    /// parts by table; those of one shard have the same file name
    pub parts: Vec<(Table, PartView)>,
    /// rule matches
    pub matches: Vec<PartView>,
    pub own: OwnAddresses,
    /// counters of flows, by the name of the shard's files
    pub brought: HashMap<OsString, Brought>,
}

/// Puts together what the pieces say; their rows lie in the shards.
pub(crate) fn view(pieces: Vec<Piece>, shards: &[Manifest], folder: &Folder, tuning: &Tuning) -> io::Result<View> {
    let mut pieces = roots::gather(pieces);
    let mut taken = HashMap::new();
    for piece in &mut pieces {
        // A citation names its source by the path: two members of an archive may have the same name.
        let path = std::mem::take(&mut piece.record.path);
        piece.record.path = unique(path, &mut taken);
    }
    let poorer: Vec<bool> = pieces.iter().map(|p| p.record.format.as_deref().is_some_and(|f| POORER.contains(&f))).collect();
    let repeated = repeated(&pieces, &poorer);
    let numbers = numbers(&pieces, &repeated, shards);
    let mut parts = Vec::new();
    let (mut matches, mut brought) = (Vec::new(), HashMap::new());
    for (shard, numbers) in shards.iter().zip(numbers) {
        let mut flows = None;
        for record in &shard.parts {
            let sources = Arc::clone(&numbers);
            let part = PartView { file: folder.part(&record.table, &shard.key), record: record.clone(), sources, dropped: Vec::new() };
            match Table::by_name(&record.table) {
                Some(table) => parts.push((table, part)),
                None if record.table == MATCHES => matches.push(part),
                // Counters name no source of their own.
                None if record.table == FLOWS => flows = Some(PartView { sources: vec![Some(0)].into(), ..part }),
                None => {}
            }
        }
        if let (Some(taken), Some(name)) = (shard.taken.clone(), folder.part(FLOWS, &shard.key).file_name()) {
            brought.insert(name.to_owned(), Brought { part: flows, taken });
        }
    }
    for (table, part) in &mut parts {
        drop_sources(*table, part)?;
    }
    let changed = duplicates::drop_repeated(&mut parts, &poorer, (tuning.keys, tuning.threads))?;
    let counted = recount(&pieces, &repeated, &parts, &changed)?;
    let own = own(shards, &pieces);
    let sources: Vec<Source> = pieces.into_iter().zip(&counted).map(|(piece, extents)| source(piece, extents)).collect();
    let mut covered = Covered::default();
    for ((number, source), extents) in (0..).zip(&sources).zip(&counted) {
        for e in extents {
            covered.add((e.table, source.format.as_deref().unwrap_or_default(), &e.scope), &e.extent, number);
        }
    }
    let coverage = covered.finish(&sources, &facts);
    Ok(View { sources, coverage, parts, matches, own, brought })
}

fn facts(format: &str) -> FormatFacts {
    let facts = |r: &Reader| FormatFacts {
        continuous: r.continuous,
        by_aws: readers::written_by_aws(r.id),
        never_contains: r.never_contains.to_vec(),
    };
    readers::by_id(format).map(facts).unwrap_or_default()
}

/// Which sources have the same bytes as another: they are the same evidence, also where records have no key of their own.
fn repeated(pieces: &[Piece], poorer: &[bool]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|n| (poorer.get(*n).copied(), *n));
    let (mut seen, mut repeated) = (HashSet::new(), vec![false; pieces.len()]);
    for n in order {
        let Some(record) = pieces.get(n).map(|p| &p.record) else { continue };
        let known = record.bytes > 0 && !record.sha256.is_empty() && !seen.insert((record.sha256.as_str(), record.bytes));
        if let Some(slot) = repeated.get_mut(n) {
            *slot = known;
        }
    }
    repeated
}

/// For each shard the numbers of its sources, or `None` where their rows do not count.
fn numbers(pieces: &[Piece], repeated: &[bool], shards: &[Manifest]) -> Vec<Arc<Vec<Option<SourceNo>>>> {
    let mut numbers: Vec<Vec<Option<SourceNo>>> = shards.iter().map(|shard| vec![None; shard.sources.len()]).collect();
    for ((number, piece), repeated) in (0..).zip(pieces).zip(repeated) {
        if let (Some((shard, place)), false) = (piece.origin, *repeated || piece.record.broken)
            && let Some(slot) = numbers.get_mut(shard).and_then(|n| n.get_mut(place))
        {
            *slot = Some(number);
        }
    }
    numbers.into_iter().map(Arc::new).collect()
}

/// Drops the rows of sources that do not count.
fn drop_sources(table: Table, part: &mut PartView) -> io::Result<()> {
    if part.sources.iter().all(Option::is_some) {
        return Ok(());
    }
    let mut dropped = Vec::new();
    all(part, Body::fields(table), &["source"], &mut |rows, row, number| {
        let source = rows.front(row).0.source as usize;
        if part.sources.get(source).copied().flatten().is_none() {
            dropped.push(number..number + 1);
        }
    })?;
    part.dropped = join(dropped);
    Ok(())
}

/// The extents of each source's rows that count.
fn recount(pieces: &[Piece], repeated: &[bool], parts: &[(Table, PartView)], changed: &[usize]) -> io::Result<Vec<Vec<Extents>>> {
    let counts = |(piece, repeated): (&Piece, &bool)| {
        if *repeated || piece.record.broken { Vec::new() } else { piece.record.extents.clone() }
    };
    let mut counted: Vec<Vec<Extents>> = pieces.iter().zip(repeated).map(counts).collect();
    for (table, part) in changed.iter().filter_map(|n| parts.get(*n)) {
        let mut left: HashMap<(SourceNo, Scope), Extent> = HashMap::new();
        each(part, Body::fields(*table), &["time", "source", "account", "region", "host"], &mut |rows, row, _, source| {
            let row = rows.row(*table, row);
            left.entry((source, row.body.scope())).or_default().see(&row);
        })?;
        for source in part.sources.iter().copied().flatten() {
            if let Some(extents) = counted.get_mut(source as usize) {
                extents.retain(|e| e.table != *table);
            }
        }
        for ((source, scope), extent) in left {
            if let Some(extents) = counted.get_mut(source as usize) {
                extents.push(Extents { table: *table, scope, extent });
            }
        }
    }
    Ok(counted)
}

fn own(shards: &[Manifest], pieces: &[Piece]) -> OwnAddresses {
    let used: HashSet<usize> = pieces.iter().filter_map(|p| p.origin.map(|(shard, _)| shard)).collect();
    let mut interfaces = Interfaces::default();
    shards.iter().enumerate().filter(|(n, _)| used.contains(n)).for_each(|(_, shard)| interfaces.merge(&shard.interfaces));
    interfaces.own()
}

fn source(Piece { record, gone, .. }: Piece, extents: &[Extents]) -> Source {
    let records = extents.iter().map(|e| e.extent.records).sum::<u64>();
    let duplicates = if record.broken { 0 } else { record.rows().saturating_sub(records) };
    Source {
        path: record.path,
        containers: record.containers,
        sha256: record.sha256,
        bytes: record.bytes,
        format: record.format,
        recognised_by: record.recognised_by,
        records,
        duplicates,
        gone,
        losses: record.losses,
    }
}
