//! Puts what was read together: numbers the sources, removes duplicates and counts them.
//!
//! Sources are numbered in the order given. Which of two equal records is kept: the one that says more, else the first.

use std::collections::{HashMap, HashSet};

use abate_evidence::{readers, unique};
use abate_model::ids::sha256_hex;
use abate_model::memory::{FormatFacts, Memory};
use abate_model::{Body, Cite, Row, SigmaMatch, Source};

use crate::Part;

/// Formats that say less than another format about the same events: of a pair, theirs is the duplicate.
pub(crate) const POORER: &[&str] = &["cloudtrail-csv"];

pub(crate) fn merge(parts: Vec<Part>) -> Memory {
    let mut taken = HashMap::new();
    let mut parts: Vec<(u32, Part)> = (0..).zip(parts).collect();
    for (_, part) in &mut parts {
        // A citation names its source by the path: two members of an archive may have the same name.
        let path = std::mem::take(&mut part.end.path);
        part.end.path = unique(path, &mut taken);
    }
    parts.sort_by_key(|(number, part)| (part.end.format.is_some_and(|f| POORER.contains(&f)), *number));
    let (mut known, mut rows, mut sigma) = (Known::default(), Vec::new(), Vec::new());
    let mut sources: Vec<(u32, Source)> = Vec::new();
    for (number, part) in parts {
        let Part { end, rows: read, hits } = part;
        let whole_file = known.stream(&end.sha256, end.bytes);
        let (mut kept, mut duplicates) = (0, 0);
        let mut hits = hits.into_iter().peekable();
        for (n, mut row) in read.into_iter().enumerate() {
            let matched = hits.next_if(|(of, _)| *of == n).map(|(_, hits)| hits).unwrap_or_default();
            if whole_file || known.row(&row) {
                duplicates += 1;
                continue;
            }
            row.source = number;
            let cite = Cite { source: end.path.clone(), locator: row.locator };
            sigma.extend(matched.into_iter().map(|(rule, entities)| SigmaMatch { rule, at: row.at, cite: cite.clone(), entities }));
            rows.push(row);
            kept += 1;
        }
        let source = Source {
            path: end.path,
            containers: end.containers,
            sha256: end.sha256,
            bytes: end.bytes,
            format: end.format.map(str::to_owned),
            recognised_by: end.recognised_by,
            records: kept,
            duplicates,
            losses: end.losses,
        };
        sources.push((number, source));
    }
    sources.sort_by_key(|(number, _)| *number);
    Memory::new(sources.into_iter().map(|(_, source)| source).collect(), rows, sigma, &facts)
}

fn facts(format: &str) -> FormatFacts {
    readers::by_id(format).map(|r| FormatFacts { continuous: r.continuous, never_contains: r.never_contains.to_vec() }).unwrap_or_default()
}

/// What was seen already.
#[derive(Default)]
struct Known {
    streams: HashSet<(String, u64)>,
    /// the accounts under which a record was seen
    records: HashMap<String, Vec<Option<String>>>,
}

impl Known {
    /// Whether the same bytes were read before. They are the same evidence, also where records have no key of their own.
    fn stream(&mut self, sha256: &str, bytes: u64) -> bool {
        bytes > 0 && !sha256.is_empty() && !self.streams.insert((sha256.to_owned(), bytes))
    }

    /// Whether the same record was seen before. Event history does not name the account: then the event's id, which is
    /// unique by itself, decides alone.
    fn row(&mut self, row: &Row<'_>) -> bool {
        let Some((key, account)) = key(row) else { return false };
        let accounts = self.records.entry(key).or_default();
        let known = accounts.iter().any(|seen| seen.is_none() || account.is_none() || seen.as_deref() == account);
        if !known {
            accounts.push(account.map(str::to_owned));
        }
        known
    }
}

/// What makes two rows the same record although they come from different sources, and the account it is in; `None` where
/// a table has no such key.
fn key<'r>(row: &'r Row<'_>) -> Option<(String, Option<&'r str>)> {
    match &row.body {
        Body::Api(api) => Some((format!("e/{}", api.event_id.as_deref()?), api.account.as_deref())),
        Body::Auth(auth) => Some((format!("e/{}", auth.event_id.as_deref()?), auth.account.as_deref())),
        // A finding that was seen again has a new time and count: that is another state of it, not the same record.
        Body::Detection(f) if !f.finding_id.is_empty() => {
            Some((format!("d/{}/{:?}/{}", f.finding_id, f.last_seen, f.count), f.account.as_deref()))
        }
        Body::Inventory(item) => {
            Some((format!("i/{:?}/{}/{}", item.kind, item.id, sha256_hex(item.raw.as_bytes())), item.account.as_deref()))
        }
        _ => None,
    }
}
