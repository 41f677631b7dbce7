//! Sigma rules, evaluated on each record while it is read.
//!
//! Rules of the community load unchanged (the engine is `rsigma`). A rule is filed under the table that its `logsource` names;
//! what cannot be used is reported and stops nothing else. Absent on purpose: correlation and filter rules, and rules for
//! logs that no table holds; they are reported as such.

mod builtin;
mod event;
mod line;
mod literals;
mod peek;
mod pool;
mod request;
mod route;
mod trail;
mod windows;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use abate_model::ids::sha256_hex;
use abate_model::{Body, Entity, Row, RuleInfo, Severity, WindowsEvent};
use rsigma_eval::{Event, EventValue, JsonEvent};
use rsigma_parser::{Detection, DetectionItem, Level, Modifier, SigmaRule, parse_sigma_yaml};
use serde_json::Value;

use literals::Worded;
use pool::Pools;
use request::RequestEvent;
use route::Route;
use trail::TrailEvent;

/// Largest rule file that is read; the largest of SigmaHQ has 30 KB.
const MAX_FILE: usize = 1 << 20;

/// A rule (or file) that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// the file
    pub path: String,
    /// why, with the rule's title where it has one
    pub reason: String,
}

/// A rule that matched a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// the rule
    pub rule: Arc<RuleInfo>,
    /// who and what the record names
    pub entities: Vec<Entity>,
}

struct Loaded {
    path: String,
    route: Route,
    rule: SigmaRule,
    info: Arc<RuleInfo>,
    digest: String,
}

/// Rules, ready to be evaluated. Each id stands in it once.
#[derive(Default)]
pub struct RuleSet {
    loaded: BTreeMap<String, Loaded>,
    pools: Pools,
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
        let (mut set, mut problems) = (Self::default(), Vec::new());
        for (path, yaml) in files {
            set.read(&path, &yaml, &mut problems);
        }
        (set, problems)
    }

    /// Takes over the rules of another set; of rules with the same id the earlier one stays, and that is told.
    pub fn extend(&mut self, other: Self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        for loaded in other.loaded.into_values() {
            let path = loaded.path.clone();
            if let Err(reason) = self.insert(loaded) {
                problems.push(RuleProblem { path, reason });
            }
        }
        problems
    }

    /// How many rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.loaded.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.loaded.is_empty()
    }

    /// SHA-256 over ids and texts of the rules, in the order of their ids: equal sets give equal results.
    #[must_use]
    pub fn digest(&self) -> String {
        let lines: String = self.loaded.iter().map(|(id, loaded)| format!("{id} {}\n", loaded.digest)).collect();
        sha256_hex(lines.as_bytes())
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
            let value = || windows::value(event);
            return if self.pools.has(&routes) {
                self.hits(row, self.pools.matching(&routes, &JsonEvent::owned(value())))
            } else {
                Vec::new()
            };
        }
        if is_cloudtrail(row) {
            return self.of_trail(row, raw);
        }
        match &row.body {
            Body::Http(http) => self.of_request(row, &RequestEvent::new(http)),
            _ => self.of_line(row, raw),
        }
    }

    fn of_trail(&self, row: &Row<'_>, raw: &[u8]) -> Vec<Hit> {
        let event = TrailEvent::new(row, raw);
        let ids = self.pools.matching(&[Route::CloudTrail], &event);
        self.hits_of(ids, || event::entities(row, event.get_field("eventName").as_ref().and_then(EventValue::as_str).as_deref()))
    }

    fn of_request(&self, row: &Row<'_>, event: &RequestEvent<'_>) -> Vec<Hit> {
        let mut found = Vec::new();
        event.each_text(|text| self.pools.requests().see(text, &mut found));
        self.worded((row, &[Route::Web]), self.pools.requests(), found, event)
    }

    /// Nearly no line has a word that a rule looks for, so that nothing is put together before one is found.
    fn of_line(&self, row: &Row<'_>, raw: &[u8]) -> Vec<Hit> {
        let (lines, mut found) = (self.pools.lines(), Vec::new());
        let mut built = None;
        if !event::each_text(row, &mut |text| lines.see(text, &mut found)) {
            let Some(event) = event::line(row, raw) else { return Vec::new() };
            event.visit_string_values(&mut |text| lines.see(text, &mut found));
            built = Some(event);
        }
        if found.is_empty() && self.pools.wordless_lines() == 0 {
            return Vec::new();
        }
        let routes = route::of_row(row);
        let event = built.or_else(|| event::line(row, raw));
        event.map(|event| self.worded((row, &routes), lines, found, &event)).unwrap_or_default()
    }

    /// The rules of which a word was found, and those that look for none.
    fn worded(&self, (row, routes): (&Row<'_>, &[Route]), rules: &Worded, found: Vec<usize>, event: &impl Event) -> Vec<Hit> {
        let mut ids = if self.pools.has(routes) { self.pools.matching(routes, event) } else { Vec::new() };
        if !found.is_empty() {
            ids.extend(rules.rules(found, routes).filter_map(|rule| pool::id_of_match(rule, event)).map(Cow::Borrowed));
        }
        self.hits(row, ids)
    }

    fn hits(&self, row: &Row<'_>, ids: Vec<Cow<'_, str>>) -> Vec<Hit> {
        self.hits_of(ids, || event::entities(row, None))
    }

    /// The rules of these ids, by which a record was matched.
    fn hits_of(&self, ids: Vec<Cow<'_, str>>, entities: impl Fn() -> Vec<Entity>) -> Vec<Hit> {
        let loaded = ids.iter().filter_map(|id| self.loaded.get(&**id));
        let mut hits: Vec<Hit> = loaded.map(|loaded| Hit { rule: Arc::clone(&loaded.info), entities: entities() }).collect();
        hits.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        hits
    }

    fn read(&mut self, path: &str, yaml: &str, problems: &mut Vec<RuleProblem>) {
        let mut problem = |reason: String| problems.push(RuleProblem { path: path.to_owned(), reason });
        if yaml.len() > MAX_FILE {
            return problem(format!("larger than {MAX_FILE} bytes"));
        }
        let collection = match parse_sigma_yaml(yaml) {
            Ok(collection) => collection,
            Err(error) => return problem(error.to_string()),
        };
        for error in &collection.errors {
            problem(error.clone());
        }
        for rule in &collection.correlations {
            problem(format!("\"{}\": correlation rules are not supported yet", rule.title));
        }
        for rule in &collection.filters {
            problem(format!("\"{}\": filter rules are not supported yet", rule.title));
        }
        if collection.rules.is_empty()
            && collection.correlations.is_empty()
            && collection.filters.is_empty()
            && collection.errors.is_empty()
        {
            problem("no rule in it".to_owned());
        }
        let text = sha256_hex(yaml.as_bytes());
        for (n, rule) in collection.rules.into_iter().enumerate() {
            let title = rule.title.clone();
            let taken = loaded(path, rule, &text, n).and_then(|loaded| self.insert(loaded));
            if let Err(reason) = taken {
                problem(format!("\"{title}\": {reason}"));
            }
        }
    }

    fn insert(&mut self, loaded: Loaded) -> Result<(), String> {
        let id = loaded.info.id.clone();
        if let Some(earlier) = self.loaded.get(&id) {
            return Err(format!("its id {id} is already taken by {}", earlier.path));
        }
        self.pools.add(&loaded.route, &loaded.rule).map_err(|error| error.to_string())?;
        self.loaded.insert(id, loaded);
        Ok(())
    }
}

fn loaded(path: &str, mut rule: SigmaRule, text: &str, n: usize) -> Result<Loaded, String> {
    let route = route::of_rule(&rule.logsource)?;
    // A rule without an id gets one from its text, so that matches can be told apart.
    let id = rule.id.clone().unwrap_or_else(|| sha256_hex(format!("{text} {n}").as_bytes()));
    rule.id = Some(id.clone());
    rule.detection.named = std::mem::take(&mut rule.detection.named).into_iter().map(|(name, d)| (name, spread_words(d))).collect();
    let level = match rule.level {
        Some(Level::Critical) => Severity::Critical,
        Some(Level::High) => Severity::High,
        Some(Level::Medium) => Severity::Medium,
        Some(Level::Low) => Severity::Low,
        Some(Level::Informational) | None => Severity::Informational,
    };
    let info = Arc::new(RuleInfo { id, title: rule.title.clone(), author: rule.author.clone(), level, tags: rule.tags.clone() });
    Ok(Loaded { path: path.to_owned(), route, rule, info, digest: text.to_owned() })
}

/// Words without a field under `|all` are, by the specification, words to be looked for anywhere in the record, all of them.
/// The engine takes them for whole values, so that such rules would load and never match; they are rewritten as plain words.
fn spread_words(detection: Detection) -> Detection {
    match detection {
        Detection::AllOf(items) => {
            let words = |item: &DetectionItem| item.field.name.is_none() && item.field.modifiers.iter().all(|m| *m == Modifier::All);
            let (words, fields): (Vec<_>, Vec<_>) = items.into_iter().partition(words);
            if words.is_empty() {
                return Detection::AllOf(fields);
            }
            let mut parts = Vec::new();
            for item in words {
                if item.field.has_modifier(Modifier::All) {
                    parts.extend(item.values.into_iter().map(|value| Detection::Keywords(vec![value])));
                } else {
                    parts.push(Detection::Keywords(item.values));
                }
            }
            if !fields.is_empty() {
                parts.push(Detection::AllOf(fields));
            }
            Detection::And(parts)
        }
        Detection::AnyOf(parts) => Detection::AnyOf(parts.into_iter().map(spread_words).collect()),
        Detection::And(parts) => Detection::And(parts.into_iter().map(spread_words).collect()),
        other => other,
    }
}

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
mod tests {
    use super::*;

    fn one(yaml: &str) -> (RuleSet, Vec<RuleProblem>) {
        RuleSet::load(std::iter::once(("r.yml".to_owned(), yaml.to_owned())))
    }

    #[test]
    fn a_rule_that_cannot_be_used_is_told_and_stops_nothing() {
        let good = "title: Good\nid: 1\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: TRACE\n  condition: s\n";
        let windows = "title: Mac\nlogsource:\n  product: macos\n  service: security\ndetection:\n  s:\n    EventID: 1\n  condition: s\n";
        let bad = "title: Bad\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-uri|re: '('\n  condition: s\n";
        let correlation =
            "title: Many\ncorrelation:\n  type: event_count\n  rules: [a]\n  group-by: [b]\n  timespan: 1m\n  condition:\n    gte: 3\n";
        let files = [windows, bad, correlation, "just text", "a: [", good, good];
        let (set, problems) = RuleSet::load(files.iter().enumerate().map(|(n, yaml)| (format!("{n}.yml"), (*yaml).to_owned())));
        assert_eq!(set.len(), 1);
        assert_eq!(problems.len(), 6, "{problems:?}");
        assert!(problems[0].reason.contains("no table for logsource product=macos service=security"));
        assert!(problems[2].reason.contains("correlation rules are not supported yet"));
        assert!(problems[5].reason.contains("already taken by 5.yml"));
    }

    #[test]
    fn digests_follow_the_rules_and_extending_adds_them() {
        let rule = |id: u32| {
            format!("title: T\nid: r{id}\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: M{id}\n  condition: s\n")
        };
        let (mut a, _) = one(&rule(1));
        let (b, _) = one(&rule(2));
        let (before, other) = (a.digest(), b.digest());
        assert_ne!(before, other);
        assert!(a.extend(b).is_empty());
        assert_eq!(a.len(), 2);
        assert_ne!(a.digest(), before);
        assert_eq!(a.extend(one(&rule(2)).0).len(), 1);
    }

    #[test]
    fn the_sets_of_the_community_load_unchanged() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/rules/sigma/rules");
        let mut files = Vec::new();
        let mut folders = vec![root.join("cloud/aws"), root.join("web/webserver_generic"), root.join("linux/builtin")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(yaml) = std::fs::read_to_string(&path) {
                    files.push((path.display().to_string(), yaml));
                }
            }
        }
        if files.is_empty() {
            return;
        }
        let aws = files.iter().filter(|(path, _)| path.contains("/cloud/aws/")).count();
        let (set, problems) = RuleSet::load(files.into_iter());
        assert!(set.len() > 50);
        assert_eq!(problems.iter().find(|p| p.path.contains("/cloud/aws/")), None);
        assert_eq!(set.loaded.values().filter(|l| l.path.contains("/cloud/aws/")).count(), aws);
        assert_eq!(problems.iter().find(|p| p.path.contains("/web/")), None);
        assert!(set.loaded.values().filter(|l| l.path.contains("/cloud/aws/")).all(|l| l.info.author.is_some()));
    }
}
