//! The evidence as the rules leave it: matches of rules that only serve correlations are not shown, and those of correlations are there beside
//! the others. Correlations are evaluated when the matches are visited, over the matches in order of time.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use abate_model::port::{FlowCell, FlowKey, Together};
use abate_model::{Cite, Coverage, Entity, Evidence, Filter, Finding, Row, SigmaMatch, Source, SourceNo, Table};
use jiff::Timestamp;

use super::RuleSet;
use super::correlation::{Mark, Window};

/// Records and groups that are kept at once, a few hundred bytes each; what would be more waits for another turn over the matches.
const AT_ONCE: usize = 100_000;
/// So many records weigh as much as a group whose condition held.
const FIRED: usize = 16;
/// Matches after which windows that are over are let go.
const SWEEP: u64 = 4_096;
/// Entities that a match of a correlation names at the most.
const MAX_ENTITIES: usize = 50;

/// See the module.
pub struct Correlated<'a> {
    evidence: &'a dyn Evidence,
    rules: &'a RuleSet,
    at_once: usize,
}

impl RuleSet {
    /// The evidence, which was read with these rules, with what the correlation rules among them find.
    #[must_use]
    pub fn over<'a>(&'a self, evidence: &'a dyn Evidence) -> Correlated<'a> {
        Correlated { evidence, rules: self, at_once: AT_ONCE }
    }
}

impl Evidence for Correlated<'_> {
    fn sources(&self) -> &[Source] {
        self.evidence.sources()
    }

    fn coverage(&self) -> &[Coverage] {
        self.evidence.coverage()
    }

    fn rows(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>) {
        self.evidence.rows(filter, visit);
    }

    fn flows(&self, visit: &mut dyn FnMut(&FlowKey, &FlowCell)) {
        self.evidence.flows(visit);
    }

    /// The rules' matches by time, then those of correlations, group by group.
    fn sigma(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        self.evidence.sigma(&mut |hit| {
            if !self.rules.is_silent(&hit.rule.id) {
                visit(hit);
            }
        });
        if !self.rules.correlations.is_empty() {
            self.correlate(visit);
        }
    }

    fn trouble(&self) -> Option<String> {
        self.evidence.trouble()
    }

    fn cite(&self, row: &Row<'_>) -> Cite {
        self.evidence.cite(row)
    }

    fn path(&self, source: SourceNo) -> &str {
        self.evidence.path(source)
    }

    fn each(&self, filter: &Filter, visit: &mut dyn FnMut(&Row<'_>)) {
        self.evidence.each(filter, visit);
    }

    fn has(&self, table: Table) -> bool {
        self.evidence.has(table)
    }
}

#[cfg(test)]
impl Correlated<'_> {
    /// The same, keeping so much at once.
    pub(super) fn holding(mut self, at_once: usize) -> Self {
        self.at_once = at_once;
        self
    }
}

/// A group of a correlation: the rule's number, and the group's values.
type Key = (usize, Vec<String>);

/// What a group amounts to, once its condition held.
#[derive(Default)]
struct Fired {
    first: Option<i128>,
    last: Option<i128>,
    count: u64,
    /// source and place of the first records
    cites: Vec<(u32, abate_model::Locator)>,
    entities: Vec<Entity>,
}

impl Fired {
    fn add(&mut self, mark: &Mark) {
        self.first = Some(self.first.map_or(mark.at, |first| first.min(mark.at)));
        self.last = Some(self.last.map_or(mark.at, |last| last.max(mark.at)));
        self.count += 1;
        let cite = (mark.source, mark.locator);
        if self.cites.len() < Finding::MAX_EVIDENCE && !self.cites.contains(&cite) {
            self.cites.push(cite);
        }
        for entity in mark.entities.iter() {
            if self.entities.len() < MAX_ENTITIES && !self.entities.contains(entity) {
                self.entities.push(entity.clone());
            }
        }
    }
}

/// Hashes from `from` on, below `below`; without that all that are left.
#[derive(Clone, Copy)]
struct Span {
    from: u64,
    below: Option<u64>,
}

impl Span {
    fn has(&self, hash: u64) -> bool {
        hash >= self.from && self.below.is_none_or(|below| hash < below)
    }

    /// The lower half; `None` where nothing is left to halve.
    fn halved(self) -> Option<Self> {
        let width = self.below.unwrap_or(u64::MAX) - self.from;
        (width > 1).then(|| Self { below: Some(self.from + width / 2), ..self })
    }
}

/// The groups that are kept in one turn.
struct Turn {
    span: Span,
    windows: HashMap<Key, (u64, Window)>,
    fired: BTreeMap<Key, (u64, Fired)>,
    kept: usize,
}

impl Turn {
    /// Lets go of groups until there is room; they have their turn later.
    fn make_room(&mut self, at_once: usize) {
        while self.kept + self.fired.len() * FIRED > at_once {
            let Some(span) = self.span.halved() else { return };
            self.span = span;
            self.windows.retain(|_, (hash, _)| span.has(*hash));
            self.fired.retain(|_, (hash, _)| span.has(*hash));
            self.kept = self.windows.values().map(|(_, window)| window.len() + 1).sum();
        }
    }
}

fn hash_of(key: &Key) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Correlated<'_> {
    fn correlate(&self, visit: &mut dyn FnMut(&SigmaMatch)) {
        let mut sources = Sources::default();
        let mut from = 0;
        loop {
            let Turn { span, fired, .. } = self.turn(from, &mut sources);
            for ((number, group), (_, fired)) in fired {
                if let Some(hit) = self.hit(number, group, fired, &sources) {
                    visit(&hit);
                }
            }
            let Some(below) = span.below else { return };
            from = below;
        }
    }

    /// Goes through the matches for the groups whose hashes begin at `from`.
    fn turn(&self, from: u64, sources: &mut Sources) -> Turn {
        let span = Span { from, below: None };
        let mut turn = Turn { span, windows: HashMap::new(), fired: BTreeMap::new(), kept: 0 };
        let mut seen = 0_u64;
        self.evidence.sigma(&mut |hit| {
            let Some(asking) = self.rules.asked_for.get(&hit.rule.id) else { return };
            let Some(mark) = Mark::of(hit, sources.number(&hit.cite.source)) else { return };
            seen += 1;
            if seen.is_multiple_of(SWEEP) {
                self.sweep(&mut turn, mark.at);
            }
            let names = self.rules.names(&hit.rule.id);
            for (number, places) in asking {
                self.put(&mut turn, (*number, places), &mark, &names, hit);
            }
            turn.make_room(self.at_once);
        });
        turn
    }

    fn put(&self, turn: &mut Turn, (number, places): (usize, &[usize]), mark: &Mark, names: &[&str], hit: &SigmaMatch) {
        let Some(correlation) = self.rules.correlations.get(number) else { return };
        let Some(group) = correlation.group(names, &hit.values) else { return };
        let key = (number, group);
        let hash = hash_of(&key);
        if !turn.span.has(hash) {
            return;
        }
        let (_, window) = turn.windows.entry(key.clone()).or_insert_with(|| {
            turn.kept += 1;
            (hash, correlation.window())
        });
        turn.kept -= window.len();
        let marks = correlation.take(window, mark, names, places, &hit.values);
        turn.kept += window.len();
        if !marks.is_empty() {
            let (_, fired) = turn.fired.entry(key).or_insert_with(|| (hash, Fired::default()));
            marks.iter().for_each(|mark| fired.add(mark));
        }
    }

    /// Windows whose last record is too old to count for any later one.
    fn sweep(&self, turn: &mut Turn, now: i128) {
        let over = |number: usize, window: &Window| {
            let span = self.rules.correlations.get(number).map_or(0, |correlation| correlation.span());
            window.last().is_none_or(|last| last < now - span)
        };
        turn.windows.retain(|(number, _), (_, window)| !over(*number, window));
        turn.kept = turn.windows.values().map(|(_, window)| window.len() + 1).sum();
    }

    fn hit(&self, number: usize, group: Vec<String>, fired: Fired, sources: &Sources) -> Option<SigmaMatch> {
        let correlation = self.rules.correlations.get(number)?;
        let cite = |(source, locator): &(u32, abate_model::Locator)| Some(Cite { source: sources.name(*source)?, locator: *locator });
        let cites: Vec<Cite> = fired.cites.iter().filter_map(cite).collect();
        let time = |at: Option<i128>| at.and_then(|at| Timestamp::from_nanosecond(at).ok());
        let at = time(fired.first);
        Some(SigmaMatch {
            rule: correlation.entry.info.clone(),
            at,
            cite: cites.first()?.clone(),
            entities: fired.entities,
            values: correlation.group_names().map(str::to_owned).zip(group).collect(),
            together: Some(Together { last: time(fired.last), count: fired.count, cites }),
        })
    }
}

/// Names of sources by number.
#[derive(Default)]
struct Sources {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Sources {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn name(&self, number: u32) -> Option<String> {
        self.names.get(usize::try_from(number).ok()?).cloned()
    }
}
