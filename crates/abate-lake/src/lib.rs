//! Takes evidence in: walks files and folders, runs the readers in parallel, removes duplicates, keeps count of everything.
//!
//! The result is the same whatever the number of threads: files are read independently and merged in the order of their
//! paths. Known limit of this version: rows are held in memory (`abate_model::memory`), so the size of a run is bounded
//! by the machine; the read port is what a columnar lake will implement.

mod walk;

use std::collections::HashSet;
use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use abate_app::ports::{IngestRequest, Lake, LakeError, Progress};
use abate_evidence::{Limits, ReadContext, Reader, SourceEnd, Visitor, read_stream, readers};
use abate_model::memory::{FormatFacts, Memory};
use abate_model::{Body, Cite, Entity, Evidence, Loss, LossKind, Row, RuleInfo, SigmaMatch, Source};

use walk::{Found, walk};

/// Reads evidence from the local file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileLake;

impl Lake for FileLake {
    fn ingest(&self, request: &IngestRequest<'_>, progress: &mut dyn Progress) -> Result<Box<dyn Evidence>, LakeError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Box::new(ingest(request, threads, progress)?))
    }
}

/// The rules that hit one row.
type Hits = Vec<(RuleInfo, Vec<Entity>)>;

/// One stream as a worker read it.
struct Part {
    end: SourceEnd,
    rows: Vec<Row<'static>>,
    hits: Vec<(usize, Hits)>,
}

fn ingest(request: &IngestRequest<'_>, threads: usize, progress: &mut dyn Progress) -> Result<Memory, LakeError> {
    let found = walk(request.paths);
    progress.begin(found.iter().map(|f| f.bytes).sum(), found.len() as u64);
    let parts = read_all(&found, request, threads, progress)?;
    progress.end();
    Ok(merge(parts))
}

fn read_all(found: &[Found], request: &IngestRequest<'_>, threads: usize, progress: &mut dyn Progress) -> Result<Vec<Part>, LakeError> {
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Vec<Part>>> = found.iter().map(|_| Mutex::new(Vec::new())).collect();
    let (tell, told) = mpsc::channel::<usize>();
    let workers = threads.clamp(1, found.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (tell, next, slots) = (tell.clone(), &next, &slots);
            scope.spawn(move || {
                while let Some(file) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let parts = read_one(file, request);
                    if let Some(Ok(mut slot)) = slots.get(file.number).map(Mutex::lock) {
                        *slot = parts;
                    }
                    // The receiver lives as long as the scope.
                    let _ = tell.send(file.number);
                }
            });
        }
        drop(tell);
        for number in told {
            if let Some(file) = found.get(number) {
                progress.advance(file.bytes, &file.name);
            }
        }
    });
    let mut parts = Vec::new();
    for slot in slots {
        parts.extend(slot.into_inner().map_err(|e| LakeError::Stopped { reason: e.to_string() })?);
    }
    Ok(parts)
}

fn read_one(file: &Found, request: &IngestRequest<'_>) -> Vec<Part> {
    if let Some(reason) = &file.refused {
        return vec![refused(file, reason)];
    }
    let mut input = match File::open(&file.path) {
        Ok(input) => input,
        Err(error) => return vec![refused(file, &(LossKind::Unreadable, error.to_string()))],
    };
    let context = ReadContext { reference: request.reference, zone: request.zone.clone() };
    let mut collect = Collect { request, parts: Vec::new(), rows: Vec::new(), hits: Vec::new() };
    read_stream(&file.name, &mut input, &context, &Limits::default(), &mut collect);
    collect.parts
}

fn refused(file: &Found, (kind, reason): &(LossKind, String)) -> Part {
    let loss = Loss { kind: *kind, reason: reason.clone(), first: None, count: 1, bytes: file.bytes };
    let end = SourceEnd {
        path: file.name.clone(),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: None,
        recognised_by: "not opened".to_owned(),
        losses: vec![loss],
    };
    Part { end, rows: Vec::new(), hits: Vec::new() }
}

struct Collect<'a> {
    request: &'a IngestRequest<'a>,
    parts: Vec<Part>,
    rows: Vec<Row<'static>>,
    hits: Vec<(usize, Hits)>,
}

impl Visitor for Collect<'_> {
    fn begin(&mut self, _path: &str, _format: Option<&'static Reader>) {
        self.rows.clear();
        self.hits.clear();
    }

    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        if let Some(rules) = self.request.rules {
            let hits = rules.matches(&row, raw);
            if !hits.is_empty() {
                self.hits.push((self.rows.len(), hits));
            }
        }
        self.rows.push(row.into_owned());
    }

    fn end(&mut self, end: SourceEnd) {
        self.parts.push(Part { end, rows: std::mem::take(&mut self.rows), hits: std::mem::take(&mut self.hits) });
    }
}

/// What makes two rows the same record although they come from different sources; `None` where a table has no such key.
fn key(row: &Row<'_>) -> Option<String> {
    match &row.body {
        Body::Api(api) => Some(format!("e/{}", api.event_id.as_deref()?)),
        Body::Auth(auth) => Some(format!("e/{}", auth.event_id.as_deref()?)),
        Body::Detection(f) if !f.finding_id.is_empty() => Some(format!("d/{}/{:?}/{}", f.finding_id, f.last_seen, f.count)),
        Body::Inventory(item) => Some(format!("i/{:?}/{}/{}", item.kind, item.id, item.raw)),
        _ => None,
    }
}

fn merge(parts: Vec<Part>) -> Memory {
    let (mut sources, mut rows, mut sigma) = (Vec::new(), Vec::new(), Vec::new());
    let (mut files, mut keys) = (HashSet::new(), HashSet::new());
    for part in parts {
        let Part { end, rows: read, hits } = part;
        let number = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        // The same bytes twice are the same evidence, also for tables whose records have no key of their own.
        let known_file = !end.sha256.is_empty() && end.bytes > 0 && !files.insert((end.sha256.clone(), end.bytes));
        let (mut kept, mut duplicates) = (0, 0);
        let mut hits = hits.into_iter().peekable();
        for (n, mut row) in read.into_iter().enumerate() {
            let matched = hits.next_if(|(of, _)| *of == n).map(|(_, hits)| hits).unwrap_or_default();
            if known_file || key(&row).is_some_and(|key| !keys.insert(key)) {
                duplicates += 1;
                continue;
            }
            row.source = number;
            let cite = Cite { source: end.path.clone(), locator: row.locator };
            sigma.extend(matched.into_iter().map(|(rule, entities)| SigmaMatch { rule, at: row.at, cite: cite.clone(), entities }));
            rows.push(row);
            kept += 1;
        }
        sources.push(Source {
            path: end.path,
            containers: end.containers,
            sha256: end.sha256,
            bytes: end.bytes,
            format: end.format.map(str::to_owned),
            recognised_by: end.recognised_by,
            records: kept,
            duplicates,
            losses: end.losses,
        });
    }
    Memory::new(sources, rows, sigma, &facts)
}

fn facts(format: &str) -> FormatFacts {
    readers::by_id(format).map(|r| FormatFacts { continuous: r.continuous, never_contains: r.never_contains.to_vec() }).unwrap_or_default()
}

#[cfg(test)]
mod tests;
