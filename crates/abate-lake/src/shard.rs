//! Reads one shard: a run of files becomes parts on the disk and a manifest. Rows go from the reader's buffer into columns; what is held
//! in memory does not depend on how many there are.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use abate_app::ports::{IngestRequest, Objects};
use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream};
use abate_model::extent::Extent;
use abate_model::flows::Interfaces;
use abate_model::rows::Matched;
use abate_model::rows::record::Record;
use abate_model::{Body, Loss, LossKind, Row, RuleMatch, Scope, SourceNo, Table};
use hashbrown::DefaultHashBuilder;

use crate::columns::Front;
use crate::counters::ShardFlows;
use crate::folder::{Folder, MATCHES};
use crate::manifest::{self, Extents, FileRecord, LAYOUT, Manifest, Reading, SourceRecord};
use crate::read::Counted;
use crate::remote::Opener;
use crate::summary::word;
use crate::walk::{Found, Kind};
use crate::write::PartWriter;
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

/// Reads the files at some places of the walk and commits them.
pub(crate) fn ingest(
    found: &[Found],
    places: &[usize],
    (request, objects): (&IngestRequest<'_>, &dyn Objects),
    (reading, counters): (&Reading, usize),
    folder: &Folder,
    told: Told<'_>,
) -> Result<Manifest, Failed> {
    let failed = |error| Failed { place: folder.path().to_owned(), error };
    let desk = folder.desk().map_err(failed)?;
    let mut shard = Shard::new(request, desk.path(), counters);
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
    request: &'a IngestRequest<'a>,
    context: ReadContext,
    desk: &'a Path,
    files: Vec<FileRecord>,
    sources: Vec<SourceRecord>,
    interfaces: Interfaces,
    flows: ShardFlows,
    parts: Vec<(Table, PartWriter)>,
    matches: Option<PartWriter>,
    /// hits of rows that wait to be written, by table and number among those that wait
    hits: Vec<(Table, usize, Waiting)>,
    /// the source that is being read
    path: String,
    extents: Seen,
    failed: Option<io::Error>,
}

/// A match whose row has no number in its file yet.
struct Waiting {
    front: (Option<jiff::Timestamp>, abate_model::ZoneCertainty, SourceNo, abate_model::Locator),
    path: String,
    hits: Hits,
}

impl<'a> Shard<'a> {
    fn new(request: &'a IngestRequest<'a>, desk: &'a Path, counters: usize) -> Self {
        Self {
            request,
            context: ReadContext { reference: manifest::day_of(request.reference), zone: request.zone.clone() },
            desk,
            files: Vec::new(),
            sources: Vec::new(),
            interfaces: Interfaces::default(),
            flows: ShardFlows::new(desk, counters),
            parts: Vec::new(),
            matches: None,
            hits: Vec::new(),
            path: String::new(),
            extents: Seen::default(),
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
                    let path = Some(std::mem::take(&mut self.path)).filter(|path| !path.is_empty());
                    let rows = std::mem::take(&mut self.extents).finish();
                    let mut source = unread(file, "content", Some((LossKind::Unreadable, reason)));
                    source.path = path.unwrap_or(source.path);
                    (source.broken, source.extents) = (true, rows);
                    self.sources.push(source);
                }
            }
        }
        self.path.clear();
        let record = plan::record(file, self.sources.get(before..).unwrap_or_default(), whole);
        self.files.push(FileRecord { bytes, ..record });
    }

    fn row(&mut self, row: &Row<'_>, raw: &[u8]) -> io::Result<()> {
        let hits = self.request.rules.map(|rules| rules.matches(row, raw)).unwrap_or_default();
        let source = SourceNo::try_from(self.sources.len()).map_err(io::Error::other)?;
        let table = row.table();
        self.extents.see(row);
        if let Body::Net(net) = &row.body {
            self.interfaces.see(net);
            self.flows.see(row.at, net, &self.interfaces)?;
        }
        let at = match self.parts.iter().position(|(of, _)| *of == table) {
            Some(at) => at,
            None => {
                self.parts.push((table, PartWriter::new(table.name(), Body::fields(table), self.desk)));
                self.parts.len() - 1
            }
        };
        let Some((_, part)) = self.parts.get_mut(at) else { return Ok(()) };
        let front = Front { at: row.at, zone: row.zone, source, path: &self.path, locator: row.locator };
        let number = part.push(front, duplicates::has_key(&row.body), |columns| row.body.put(columns));
        let full = part.is_full();
        if !hits.is_empty() {
            let front = (row.at, row.zone, source, row.locator);
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

    /// Writes what waits for a table, and the matches of it.
    fn flush(&mut self, at: usize) -> io::Result<()> {
        let Some((table, part)) = self.parts.get_mut(at) else { return Ok(()) };
        let (table, places) = (*table, part.flush()?);
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.hits).into_iter().partition(|(of, ..)| *of == table);
        self.hits = later;
        if now.is_empty() {
            return Ok(());
        }
        let desk = self.desk;
        let matches = self.matches.get_or_insert_with(|| PartWriter::new(MATCHES, Matched::FIELDS, desk));
        for (_, number, Waiting { front: (at, zone, source, locator), path, hits }) in now {
            let of_row = places.get(number).copied().unwrap_or_default();
            let front = Front { at, zone, source, path: &path, locator };
            for hit in hits {
                let matched = matched(&hit, table, of_row);
                matches.push(front, false, |columns| matched.put(columns));
                if matches.is_full() {
                    matches.flush()?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, reading: &Reading) -> io::Result<Manifest> {
        for at in 0..self.parts.len() {
            self.flush(at)?;
        }
        if let Some(matches) = &mut self.matches {
            matches.flush()?;
        }
        let writers = self.parts.into_iter().map(|(_, part)| part).chain(self.matches);
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
        self.path.clear();
        self.path.push_str(path);
        self.extents = Seen::default();
    }

    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.row(&row, raw).err();
        }
    }

    fn end(&mut self, end: SourceEnd) {
        let extents = std::mem::take(&mut self.extents).finish();
        self.sources.push(SourceRecord { extents, ..SourceRecord::of(end) });
        self.path.clear();
    }
}

fn matched(RuleMatch { rule, entities, values }: &RuleMatch, table: Table, of_row: u64) -> Matched<'static> {
    Matched {
        rule_id: rule.id.clone().into(),
        rule_title: rule.title.clone().into(),
        level: word(&rule.level).into(),
        author: rule.author.clone().map(Into::into),
        tags: rule.tags.iter().map(|tag| tag.clone().into()).collect(),
        entities: entities.iter().map(|e| format!("{}={}", word(&e.kind), e.value).into()).collect(),
        values: values.iter().map(|(field, value)| format!("{field}={value}").into()).collect(),
        of_table: table.name().into(),
        of_row,
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

    fn finish(self) -> Vec<Extents> {
        let mut found: Vec<Extents> = self.found.into_iter().map(|(table, scope, extent)| Extents { table, scope, extent }).collect();
        found.sort_by(|a, b| (a.table, &a.scope).cmp(&(b.table, &b.scope)));
        found
    }
}
