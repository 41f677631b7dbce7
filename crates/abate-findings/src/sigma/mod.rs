//! Sigma rules, evaluated on each record while it is read, and correlations over what they matched.
//!
//! Rules of the community load unchanged (the engine is `rsigma`). A rule is filed under the table that its `logsource` names;
//! what cannot be used is reported with the reason ([`RuleProblem`]) and stops nothing else. Absent on purpose: rules for logs that no table
//! holds, correlations over other correlations, and values for placeholders (`|expand`).

mod audit;
mod builtin;
mod correlation;
mod event;
mod fields;
mod filter;
mod line;
mod literals;
mod load;
mod net;
mod over;
mod peek;
mod pool;
mod problem;
mod request;
mod route;
mod select;
mod trail;
mod windows;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use abate_model::ids::sha256_hex;
use abate_model::{Body, Row, RuleInfo, RuleMatch, Severity, WindowsEvent};
use rsigma_eval::{Event, EventValue, JsonEvent};
use rsigma_parser::SigmaRule;
use serde_json::Value;

pub use over::Correlated;
pub use problem::{ProblemKind, RuleProblem};
pub use select::Selection;

use correlation::Correlation;
use literals::Worded;
use pool::Pools;
use request::RequestEvent;
use route::Route;
use trail::TrailEvent;

/// A rule that matched a record.
pub type Hit = RuleMatch;

/// A loaded rule, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleEntry {
    /// id, title, author, level and tags
    pub info: RuleInfo,
    /// `stable`, `test`, `experimental`, `deprecated` or `unsupported`, where it says so
    pub status: Option<String>,
    /// what it looks for
    pub description: String,
    /// what else can match
    pub falsepositives: Vec<String>,
    /// its file
    pub path: String,
    /// its logsource, e.g. `product=aws service=cloudtrail`; of a correlation its type, e.g. `correlation=event_count`
    pub logsource: String,
    /// its fields that no table holds, though it can match without them
    pub missing_fields: Vec<String>,
    /// whether it only serves correlations and gives no findings of its own
    pub silent: bool,
}

impl Default for RuleEntry {
    fn default() -> Self {
        let info = RuleInfo { id: String::new(), title: String::new(), author: None, level: Severity::Informational, tags: Vec::new() };
        Self {
            info,
            status: None,
            description: String::new(),
            falsepositives: Vec::new(),
            path: String::new(),
            logsource: String::new(),
            missing_fields: Vec::new(),
            silent: false,
        }
    }
}

struct Loaded {
    entry: RuleEntry,
    name: Option<String>,
    route: Route,
    rule: SigmaRule,
    digest: String,
    /// fields that correlations ask for
    wanted: BTreeSet<String>,
    /// whether a selection left it out, and it is there for correlations only
    unwanted: bool,
}

/// Rules, ready to be evaluated. Each id stands in it once.
#[derive(Default)]
pub struct RuleSet {
    loaded: BTreeMap<String, Loaded>,
    correlations: Vec<Correlation>,
    /// for each rule the correlations that ask for it, by number, with its places among the rules that they refer to
    asked_for: HashMap<String, Vec<(usize, Vec<usize>)>>,
    pools: Pools,
    /// how many filters were read
    filters: usize,
    /// rules that a selection took out
    left_out: usize,
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet").field("rules", &self.len()).finish_non_exhaustive()
    }
}

impl RuleSet {
    /// The rules that come with Abate.
    #[must_use]
    pub fn builtin() -> Self {
        Self::load(builtin::FILES.iter().map(|(path, yaml)| ((*path).to_owned(), (*yaml).to_owned()))).0
    }

    /// Reads rule files, as (path, YAML). What cannot be used is told beside.
    pub fn load(files: impl Iterator<Item = (String, String)>) -> (Self, Vec<RuleProblem>) {
        let mut set = Self::default();
        let problems = set.add(files);
        (set, problems)
    }

    /// How many rules, correlations included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.loaded.len() + self.correlations.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rules a selection took out.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Every rule, by id, then every correlation.
    pub fn entries(&self) -> impl Iterator<Item = &RuleEntry> {
        self.loaded.values().map(|loaded| &loaded.entry).chain(self.correlations.iter().map(|correlation| &correlation.entry))
    }

    /// SHA-256 over ids and texts of the rules, in the order of their ids, and what correlations want of them: equal sets give equal matches.
    #[must_use]
    pub fn digest(&self) -> String {
        let line = |(id, loaded): (&String, &Loaded)| {
            let wanted: Vec<&str> = loaded.wanted.iter().map(String::as_str).collect();
            format!("{id} {} {}\n", loaded.digest, wanted.join(","))
        };
        sha256_hex(self.loaded.iter().map(line).collect::<String>().as_bytes())
    }

    /// What matches a record. `raw` is the record as it stands in the source; records of CloudTrail and of Windows need it.
    #[must_use]
    pub fn eval(&self, row: &Row<'_>, raw: &[u8]) -> Vec<Hit> {
        // Most records are none of Windows: only the tables that its events go to are looked into.
        let elsewhere = is_cloudtrail(row) || matches!(row.body, Body::Http(_) | Body::Email(_) | Body::Detection(_) | Body::Inventory(_));
        let text = if !elsewhere && WindowsEvent::may_begin(raw) { String::from_utf8_lossy(raw) } else { "".into() };
        let windows = WindowsEvent::read(&text).ok();
        if let Some(event) = &windows {
            let routes = route::of_event(event);
            let value = || JsonEvent::owned(windows::value(event));
            return if self.pools.has(&routes) { self.on_routes(row, &routes, &value()) } else { Vec::new() };
        }
        if is_cloudtrail(row) {
            let event = TrailEvent::new(row, raw);
            return self.hits(self.pools.matching(&[Route::CloudTrail], &event), &event, || {
                event::entities(row, event.get_field("eventName").as_ref().and_then(EventValue::as_str).as_deref())
            });
        }
        match &row.body {
            Body::Http(http) => self.of_request(row, &RequestEvent::new(http)),
            Body::Dns(_) if !self.pools.has(&[Route::Dns]) => Vec::new(),
            Body::Dns(dns) => match net::answered(dns) {
                Some(event) => self.on_routes(row, &[Route::Dns], &event),
                None => self.on_routes(row, &[Route::Dns], &net::query(dns)),
            },
            Body::Net(_) if !self.pools.has(&[Route::Firewall]) => Vec::new(),
            Body::Net(flow) => self.on_routes(row, &[Route::Firewall], &net::flow(flow)),
            _ => self.of_line(row, raw),
        }
    }

    fn of_request(&self, row: &Row<'_>, event: &RequestEvent<'_>) -> Vec<Hit> {
        let mut found = Vec::new();
        event.each_text(|text| self.pools.requests().see(text, &mut found));
        if found.is_empty() && !self.pools.has(&[Route::Web, Route::Proxy]) {
            return Vec::new();
        }
        self.worded((row, &route::of_row(row)), self.pools.requests(), found, event)
    }

    /// Nearly no line has a word that a rule looks for, so that nothing is put together before one is found.
    fn of_line(&self, row: &Row<'_>, raw: &[u8]) -> Vec<Hit> {
        let (lines, mut found) = (self.pools.lines(), Vec::new());
        let mut built = None;
        if !event::each_text(row, &mut |text| lines.see(text, &mut found)) {
            built = event::line(row, raw);
            if let Some(event) = &built {
                event.visit_string_values(&mut |text| lines.see(text, &mut found));
            }
        }
        let more = self.pools.has(&[Route::LinuxAudit, Route::LinuxConnection])
            || matches!(&row.body, Body::Text(line) if route::is_sysmon(line.program.as_deref()));
        if found.is_empty() && self.pools.wordless_lines() == 0 && !more {
            return Vec::new();
        }
        let routes = route::of_row(row);
        let event = built.or_else(|| event::line(row, raw));
        let hits = event.map(|event| self.worded((row, &routes), lines, found, &event)).unwrap_or_default();
        if more { self.with_more(&routes, row, raw, hits) } else { hits }
    }

    /// The rules of which a word was found, and those that look for none.
    fn worded(&self, (row, routes): (&Row<'_>, &[Route]), rules: &Worded, found: Vec<usize>, event: &impl Event) -> Vec<Hit> {
        let mut ids = self.pools.matching(routes, event);
        if !found.is_empty() {
            ids.extend(rules.rules(found, routes).filter_map(|rule| pool::id_of_match(rule, event)).map(Cow::Borrowed));
        }
        self.hits(ids, event, || event::entities(row, None))
    }

    /// Hits of a line, with those of what stands in it: records of the audit log, events of Sysmon for Linux.
    fn with_more(&self, routes: &[Route], row: &Row<'_>, raw: &[u8], mut hits: Vec<Hit>) -> Vec<Hit> {
        let wanted = |route: &Route| routes.contains(route) && self.pools.has(std::slice::from_ref(route));
        if wanted(&Route::LinuxAudit) || wanted(&Route::LinuxConnection) {
            let records = audit::records(row, raw);
            if let Some(connection) = audit::connection(&records) {
                hits.extend(self.on_routes(row, &[Route::LinuxConnection], &connection));
            }
            for event in audit::events(row, records) {
                hits.extend(self.on_routes(row, &[Route::LinuxAudit], &event));
            }
        }
        if let Body::Text(line) = &row.body
            && route::is_sysmon(line.program.as_deref())
            && let Ok(event) = WindowsEvent::read(line.message.trim_start())
            && let Some(route) = route::of_sysmon(event.id)
        {
            hits.extend(self.on_routes(row, &[route], &JsonEvent::borrow(&windows::value(&event))));
        }
        hits.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        hits.dedup_by(|later, earlier| later.rule.id == earlier.rule.id);
        hits
    }

    /// The rules on some routes that match an event, whatever words it has.
    fn on_routes(&self, row: &Row<'_>, routes: &[Route], event: &impl Event) -> Vec<Hit> {
        self.hits(self.pools.matching_any(routes, event), event, || event::entities(row, None))
    }

    /// The rules of these ids, by which an event was matched.
    fn hits(&self, ids: Vec<Cow<'_, str>>, event: &impl Event, entities: impl Fn() -> Vec<abate_model::Entity>) -> Vec<Hit> {
        let loaded = ids.iter().filter_map(|id| self.loaded.get(&**id));
        let mut hits: Vec<Hit> = loaded.map(|loaded| hit(loaded, event, entities())).collect();
        hits.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        hits
    }

    /// Whether a rule only serves correlations.
    fn is_silent(&self, id: &str) -> bool {
        self.loaded.get(id).is_some_and(|loaded| loaded.entry.silent)
    }

    /// What correlations may call a rule: its id and its name.
    fn names(&self, id: &str) -> Vec<&str> {
        self.loaded.get(id).map(Loaded::names).unwrap_or_default()
    }
}

impl Loaded {
    fn names(&self) -> Vec<&str> {
        std::iter::once(self.entry.info.id.as_str()).chain(self.name.as_deref()).collect()
    }
}

/// A hit, with what correlations ask for of the event. A field with several values has no one that says who it was.
fn hit(loaded: &Loaded, event: &impl Event, entities: Vec<abate_model::Entity>) -> Hit {
    let text = |value: EventValue<'_>| match value {
        EventValue::Str(text) => Some(text.chars().take(MAX_VALUE).collect()),
        EventValue::Int(number) => Some(number.to_string()),
        EventValue::Float(number) => Some(number.to_string()),
        EventValue::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let value = |field: &String| Some((field.clone(), event.get_field(field).and_then(text)?));
    Hit { rule: loaded.entry.info.clone(), entities, values: loaded.wanted.iter().filter_map(value).collect() }
}

/// Longest value by which matches are put together.
const MAX_VALUE: usize = 1_000;

/// Whether a row is a CloudTrail record.
fn is_cloudtrail(row: &Row<'_>) -> bool {
    match &row.body {
        Body::Api(_) => true,
        Body::Auth(auth) => auth.service == "console",
        _ => false,
    }
}

/// A JSON text, or nothing.
fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod community_tests;
#[cfg(test)]
mod correlation_tests;
#[cfg(test)]
mod tests;
