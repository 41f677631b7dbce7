//! Reads one shard: a run of files becomes parts on the disk and a manifest. Rows go from the reader's buffer into columns; what is held
//! in memory does not depend on how many there are.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use abate_app::ports::{IngestRequest, Objects, RuleMatcher};
use abate_evidence::{Limits, Piece, PieceEnd, Pieces, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::extent::Extent;
use abate_model::flows::Interfaces;
use abate_model::rows::Matched;
use abate_model::rows::record::Record;
use abate_model::{Body, EntityKind, Loss, LossKind, Row, RuleMatch, Scope, Severity, SourceNo, Table};
use hashbrown::DefaultHashBuilder;
use serde::Serialize;

use crate::columns::Front;
use crate::counters::ShardFlows;
use crate::folder::{Folder, MATCHES};
use crate::manifest::{self, Extents, FileRecord, LAYOUT, Manifest, Reading, SourceRecord};
use crate::read::Counted;
use crate::remote::Opener;
use crate::summary::word;
use crate::walk::{Found, Kind};
use crate::write::{HeldPart, PartWriter};
use crate::{duplicates, plan};

/// Bytes of rows that wait to be written, over all tables, at the most; about.
const WAITING: usize = 32 << 20;

/// Why a shard could not be read: what fails inside the evidence is a loss, so it is the disk that is written to.
pub(crate) struct Failed {
    /// where
    pub place: PathBuf,
    /// why
    pub error: io::Error,
}

/// Told of bytes that were read: the file's place in the walk, and how many.
pub(crate) type Told<'t> = &'t mut dyn FnMut(usize, u64);

/// The threads of a run. Those that have no shard to read are free for pieces of the others' files.
pub(crate) struct Hands {
    all: usize,
    busy: AtomicUsize,
}

impl Hands {
    /// So many threads, none of which has a shard yet.
    pub fn new(all: usize) -> Self {
        Self { all, busy: AtomicUsize::new(0) }
    }

    /// A thread begins to read shards.
    pub fn begin(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// A thread has no more shards to read.
    pub fn end(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many pieces one of the threads with a shard may have read at once; its own time goes into finding them.
    fn pieces(&self) -> usize {
        1 + self.all.saturating_sub(self.busy.load(Ordering::Relaxed).max(1))
    }
}

/// Reads the files at some places of the walk and commits them.
pub(crate) fn ingest(
    found: &[Found],
    places: &[usize],
    (request, objects): (&IngestRequest<'_>, &dyn Objects),
    (reading, counters, hands): (&Reading, usize, &Hands),
    folder: &Folder,
    told: Told<'_>,
) -> Result<Manifest, Failed> {
    let failed = |error| Failed { place: folder.path().to_owned(), error };
    let desk = folder.desk().map_err(failed)?;
    let mut shard = Shard::new(request, desk.path(), counters, hands);
    let files = || places.iter().filter_map(|n| Some((*n, found.get(*n)?)));
    let mut opener = Opener::new(files().map(|(_, file)| file), objects);
    for (n, file) in files() {
        shard.file(file, opener.open(file), &mut |bytes| told(n, bytes));
        if let Some(error) = shard.failed.take() {
            return Err(failed(error));
        }
        told(n, u64::MAX);
    }
    let manifest = shard.finish(reading).map_err(failed)?;
    folder.commit(desk.path(), &manifest).map_err(failed)?;
    Ok(manifest)
}

/// The rules that hit one row.
type Hits = Vec<RuleMatch>;

/// A shard on its way.
struct Shard<'a> {
    context: ReadContext,
    hands: &'a Hands,
    desk: &'a Path,
    files: Vec<FileRecord>,
    sources: Vec<SourceRecord>,
    interfaces: Interfaces,
    flows: ShardFlows,
    rows: Rows<'a>,
    matches: Option<PartWriter>,
    kinds: Spelled<EntityKind>,
    levels: Spelled<Severity>,
    failed: Option<io::Error>,
}

/// A match, and which row of its table it is of.
struct Waiting {
    front: (Option<jiff::Timestamp>, abate_model::ZoneCertainty, SourceNo, abate_model::Locator),
    path: String,
    hits: Hits,
}

impl<'a> Shard<'a> {
    fn new(request: &'a IngestRequest<'a>, desk: &'a Path, counters: usize, hands: &'a Hands) -> Self {
        Self {
            context: ReadContext { reference: manifest::day_of(request.reference), zone: request.zone.clone() },
            hands,
            desk,
            files: Vec::new(),
            sources: Vec::new(),
            interfaces: Interfaces::default(),
            flows: ShardFlows::new(desk, counters),
            rows: Rows { rules: request.rules, desk: Some(desk), ..Rows::default() },
            matches: None,
            kinds: Spelled(Vec::new()),
            levels: Spelled(Vec::new()),
            failed: None,
        }
    }

    /// Reads a file; a reader that breaks down costs the source that it was at and what follows in the file, and no other file.
    fn file<'i>(&mut self, file: &Found, opened: io::Result<Box<dyn io::Read + 'i>>, told: &'i mut dyn FnMut(u64)) {
        let before = self.sources.len();
        let (mut bytes, mut whole) = (0, false);
        match opened {
            Err(error) => self.sources.push(unread(file, "not opened", Some((LossKind::Unreadable, error.to_string())))),
            Ok(inner) => {
                let mut input = Counted::new(inner, told);
                let context = self.context.clone();
                let read = || read_stream(&file.name, &mut input, &context, &Limits::default(), self);
                let done = catch_unwind(AssertUnwindSafe(read)).is_ok();
                bytes = input.bytes();
                // Standard input cannot be read again, and a file that changed meanwhile should be.
                whole = done && !input.has_failed() && bytes == file.bytes && !matches!(file.kind, Kind::Stdin);
                if !done {
                    let reason = "the reader broke down on this file: please report it as a bug".to_owned();
                    let path = Some(std::mem::take(&mut self.rows.path)).filter(|path| !path.is_empty());
                    let rows = std::mem::take(&mut self.rows.extents).finish();
                    let mut source = unread(file, "content", Some((LossKind::Unreadable, reason)));
                    source.path = path.unwrap_or(source.path);
                    (source.broken, source.extents) = (true, rows);
                    self.sources.push(source);
                }
            }
        }
        self.rows.path.clear();
        let record = plan::record(file, self.sources.get(before..).unwrap_or_default(), whole);
        self.files.push(FileRecord { bytes, ..record });
    }

    fn row(&mut self, row: &Row<'_>, raw: &[u8]) -> io::Result<()> {
        if let Body::Net(net) = &row.body {
            self.interfaces.see(net);
            self.flows.see(row.at, net, &self.interfaces)?;
        }
        self.rows.row(row, raw)?;
        if self.rows.placed.is_empty() { Ok(()) } else { self.write_matches() }
    }

    /// Writes the matches whose rows have their numbers.
    fn write_matches(&mut self) -> io::Result<()> {
        let desk = self.desk;
        for (table, of_row, Waiting { front: (at, zone, source, locator), path, hits }) in std::mem::take(&mut self.rows.placed) {
            let matches = self.matches.get_or_insert_with(|| PartWriter::new(MATCHES, Matched::FIELDS, desk));
            let front = Front { at, zone, source, path: &path, locator };
            for hit in hits {
                let entities: Vec<String> = hit.entities.iter().map(|e| [self.kinds.word(e.kind), "=", &e.value].concat()).collect();
                let matched = matched(&hit, self.levels.word(hit.rule.level), &entities, table, of_row);
                matches.push(front, false, |columns| matched.put(columns));
                if matches.is_full() {
                    matches.flush()?;
                }
            }
        }
        Ok(())
    }

    /// Takes up what was read of a piece.
    fn take(&mut self, piece: HeldRows) -> io::Result<()> {
        self.rows.take(piece)?;
        self.write_matches()
    }

    fn finish(mut self, reading: &Reading) -> io::Result<Manifest> {
        self.rows.flush_all()?;
        self.write_matches()?;
        if let Some(matches) = &mut self.matches {
            matches.flush()?;
        }
        let writers = self.rows.parts.into_iter().map(|(_, part)| part).chain(self.matches);
        let mut parts = Vec::new();
        for writer in writers {
            parts.extend(writer.finish()?);
        }
        let counted = self.flows.finish(&self.interfaces)?;
        let taken = counted.map(|(part, taken)| {
            parts.extend(part);
            taken
        });
        parts.sort_by(|a, b| a.table.cmp(&b.table));
        let key = manifest::key(reading, &self.files);
        let (files, sources, interfaces) = (self.files, self.sources, self.interfaces);
        Ok(Manifest { layout: LAYOUT, key, reading: reading.clone(), files, sources, parts, interfaces, taken })
    }
}

impl Visitor for Shard<'_> {
    fn begin(&mut self, path: &str, _format: Option<&'static Reader>) {
        self.rows.path.clear();
        self.rows.path.push_str(path);
        self.rows.extents = Seen::default();
        match SourceNo::try_from(self.sources.len()) {
            Ok(source) => self.rows.source = source,
            Err(error) => self.failed = Some(io::Error::other(error)),
        }
    }

    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.row(&row, raw).err();
        }
    }

    fn end(&mut self, end: SourceEnd) {
        let extents = std::mem::take(&mut self.rows.extents).finish();
        self.sources.push(SourceRecord { extents, ..SourceRecord::of(end) });
        self.rows.path.clear();
    }

    fn pieces(&mut self) -> Option<&mut dyn Pieces> {
        Some(self)
    }
}

impl Pieces for Shard<'_> {
    /// Each piece is read by a thread of its own into row groups of its own; they are put together in the order of the log.
    fn read(&mut self, next: &mut dyn FnMut() -> Option<Piece>) -> Vec<PieceEnd> {
        let mut ends = Vec::new();
        let (rules, path, source) = (self.rows.rules, self.rows.path.clone(), self.rows.source);
        std::thread::scope(|scope| {
            let mut running = VecDeque::new();
            loop {
                let piece = next();
                let most = if piece.is_some() { self.hands.pieces() } else { 1 };
                while running.len() >= most {
                    let Some(oldest) = running.pop_front() else { break };
                    let joined: std::thread::Result<(PieceEnd, io::Result<HeldRows>)> = std::thread::ScopedJoinHandle::join(oldest);
                    // A reader that breaks down does so for the whole file.
                    let (end, rows) = joined.unwrap_or_else(|panic| resume_unwind(panic));
                    ends.push(end);
                    if self.failed.is_none() {
                        self.failed = rows.and_then(|rows| self.take(rows)).err();
                    }
                }
                let Some(piece) = piece else { return };
                let path = path.clone();
                running.push_back(scope.spawn(move || read_piece(&piece, Rows { rules, path, source, ..Rows::default() })));
            }
        });
        ends
    }
}

fn read_piece(piece: &Piece, mut rows: Rows<'_>) -> (PieceEnd, io::Result<HeldRows>) {
    let mut failed = None;
    let end = piece.read(&mut |row, raw| {
        if failed.is_none() {
            failed = rows.row(&row, raw).err();
        }
    });
    (end, failed.map_or_else(|| rows.into_held(), Err))
}

/// Rows on their way into columns, and what is noted of them.
#[derive(Default)]
struct Rows<'a> {
    rules: Option<&'a dyn RuleMatcher>,
    /// where parts are written; where they are not, they are held
    desk: Option<&'a Path>,
    parts: Vec<(Table, PartWriter)>,
    /// hits of rows that wait to be written, by table and number among those that wait
    hits: Vec<(Table, usize, Waiting)>,
    /// hits of rows that have a number in the part of their table
    placed: Vec<(Table, u64, Waiting)>,
    /// the source that is being read, and its number
    path: String,
    source: SourceNo,
    extents: Seen,
}

/// What a piece's rows have become.
struct HeldRows {
    parts: Vec<(Table, HeldPart)>,
    placed: Vec<(Table, u64, Waiting)>,
    extents: Vec<Extents>,
}

impl Rows<'_> {
    fn row(&mut self, row: &Row<'_>, raw: &[u8]) -> io::Result<()> {
        let hits = self.rules.map(|rules| rules.matches(row, raw)).unwrap_or_default();
        let table = row.table();
        self.extents.see(row);
        let at = self.part(table);
        let Some((_, part)) = self.parts.get_mut(at) else { return Ok(()) };
        let front = Front { at: row.at, zone: row.zone, source: self.source, path: &self.path, locator: row.locator };
        let number = part.push(front, duplicates::has_key(&row.body), |columns| row.body.put(columns));
        let full = part.is_full();
        if !hits.is_empty() {
            let front = (row.at, row.zone, self.source, row.locator);
            self.hits.push((table, number, Waiting { front, path: self.path.clone(), hits }));
        }
        if full {
            return self.flush(at);
        }
        if self.parts.iter().map(|(_, part)| part.bytes()).sum::<usize>() > WAITING
            && let Some(largest) = (0..self.parts.len()).max_by_key(|n| self.parts.get(*n).map(|(_, part)| part.bytes()))
        {
            return self.flush(largest);
        }
        Ok(())
    }

    /// The place of a table's part, which is begun where there is none.
    fn part(&mut self, table: Table) -> usize {
        self.parts.iter().position(|(of, _)| *of == table).unwrap_or_else(|| {
            let part = match self.desk {
                Some(desk) => PartWriter::new(table.name(), Body::fields(table), desk),
                None => PartWriter::held(table.name(), Body::fields(table)),
            };
            self.parts.push((table, part));
            self.parts.len() - 1
        })
    }

    /// Writes what waits for a table; its hits then have their rows' numbers.
    fn flush(&mut self, at: usize) -> io::Result<()> {
        let Some((table, part)) = self.parts.get_mut(at) else { return Ok(()) };
        let (table, places) = (*table, part.flush()?);
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.hits).into_iter().partition(|(of, ..)| *of == table);
        self.hits = later;
        let placed = now.into_iter().map(|(_, number, waiting)| (table, places.get(number).copied().unwrap_or_default(), waiting));
        self.placed.extend(placed);
        Ok(())
    }

    fn flush_all(&mut self) -> io::Result<()> {
        (0..self.parts.len()).try_for_each(|at| self.flush(at))
    }

    fn into_held(mut self) -> io::Result<HeldRows> {
        self.flush_all()?;
        let parts = self.parts.into_iter().map(|(table, part)| (table, part.into_held())).collect();
        Ok(HeldRows { parts, placed: self.placed, extents: self.extents.finish() })
    }

    /// Takes up what is held of a piece, behind all that came before it.
    fn take(&mut self, piece: HeldRows) -> io::Result<()> {
        let mut begins = Vec::new();
        for (table, held) in piece.parts {
            let at = self.part(table);
            self.flush(at)?;
            if let Some((_, part)) = self.parts.get_mut(at) {
                begins.push((table, part.append(held)?));
            }
        }
        let begin = |table| begins.iter().find(|(of, _)| *of == table).map_or(0, |(_, begin)| *begin);
        self.placed.extend(piece.placed.into_iter().map(|(table, of_row, waiting)| (table, begin(table) + of_row, waiting)));
        piece.extents.into_iter().for_each(|extents| self.extents.add(extents));
        Ok(())
    }
}

fn matched<'m>(hit: &'m RuleMatch, level: &'m str, entities: &'m [String], table: Table, of_row: u64) -> Matched<'m> {
    let RuleMatch { rule, values, .. } = hit;
    Matched {
        rule_id: rule.id.as_str().into(),
        rule_title: rule.title.as_str().into(),
        level: level.into(),
        author: rule.author.as_deref().map(Into::into),
        tags: rule.tags.iter().map(|tag| tag.as_str().into()).collect(),
        entities: entities.iter().map(|entity| entity.as_str().into()).collect(),
        values: values.iter().map(|(field, value)| format!("{field}={value}").into()).collect(),
        of_table: table.name().into(),
        of_row,
    }
}

/// The words for variants that were asked for before. They come by the million where a rule matches nearly every record.
struct Spelled<T>(Vec<(T, String)>);

impl<T: Copy + PartialEq + Serialize> Spelled<T> {
    fn word(&mut self, value: T) -> &str {
        let at = self.0.iter().position(|(known, _)| *known == value).unwrap_or_else(|| {
            self.0.push((value, word(&value)));
            self.0.len() - 1
        });
        self.0.get(at).map_or("", |(_, word)| word)
    }
}

/// A source of which nothing was read.
pub(crate) fn unread(file: &Found, how: &str, loss: Option<(LossKind, String)>) -> SourceRecord {
    let loss = loss.map(|(kind, reason)| Loss { kind, reason, first: None, count: 1, bytes: file.bytes });
    SourceRecord::of(SourceEnd {
        path: file.name.clone(),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        recognised_by: how.to_owned(),
        losses: loss.into_iter().collect(),
    })
}

/// What is covered by the rows of one source, by table and scope.
#[derive(Default)]
struct Seen {
    found: Vec<(Table, Scope, Extent)>,
    /// places in `found` by a hash of table and scope
    places: HashMap<u64, Vec<usize>>,
    hasher: DefaultHashBuilder,
    last: usize,
}

impl Seen {
    fn see(&mut self, row: &Row<'_>) {
        let (table, place) = (row.table(), row.body.place());
        let same = |known: Option<&(Table, Scope, Extent)>| known.is_some_and(|(of, scope, _)| *of == table && scope.place() == place);
        if !same(self.found.get(self.last)) {
            let places = self.places.entry(self.hasher.hash_one((table, place))).or_default();
            self.last = match places.iter().copied().find(|n| same(self.found.get(*n))) {
                Some(known) => known,
                None => {
                    places.push(self.found.len());
                    self.found.push((table, Scope::of(place), Extent::default()));
                    self.found.len() - 1
                }
            };
        }
        if let Some((.., extent)) = self.found.get_mut(self.last) {
            extent.see(row);
        }
    }

    /// Adds what was seen in a piece.
    fn add(&mut self, Extents { table, scope, extent }: Extents) {
        match self.found.iter_mut().find(|(of, known, _)| *of == table && *known == scope) {
            Some((.., known)) => known.merge(&extent),
            None => {
                let place = self.hasher.hash_one((table, scope.place()));
                self.places.entry(place).or_default().push(self.found.len());
                self.found.push((table, scope, extent));
            }
        }
    }

    fn finish(self) -> Vec<Extents> {
        let mut found: Vec<Extents> = self.found.into_iter().map(|(table, scope, extent)| Extents { table, scope, extent }).collect();
        found.sort_by(|a, b| (a.table, &a.scope).cmp(&(b.table, &b.scope)));
        found
    }
}
