//! From rule files to rules that can be evaluated. Filters are joined to the rules that they are about, and correlations find the rules that
//! they refer to, when all files are read.

use abate_model::ids::sha256_hex;
use abate_model::{RuleInfo, Severity};
use rsigma_eval::compile_rule;
use rsigma_parser::{
    CorrelationRule, Detection, DetectionItem, FilterRule, Level, LogSource, Modifier, SigmaRule, Status, parse_sigma_yaml,
};

use super::correlation::Correlation;
use super::pool::Pools;
use super::problem::{ProblemKind, Reason, RuleProblem, line_of};
use super::select::Selection;
use super::{Loaded, RuleEntry, RuleSet, fields, filter, route};

/// Largest rule file that is read; the largest of SigmaHQ has 30 KB.
const MAX_FILE: usize = 1 << 20;

/// A file with its text.
struct File {
    path: String,
    yaml: String,
    digest: String,
}

impl File {
    /// Of a rule, by its title and logsource, or of the file.
    fn problem(&self, rule: Option<(&str, String)>, reason: Reason) -> RuleProblem {
        let (title, logsource) = rule.map_or((None, String::new()), |(title, logsource)| (Some(title), logsource));
        let line = line_of(&self.yaml, title, &reason);
        let title = title.map(str::to_owned);
        RuleProblem { path: self.path.clone(), line, title, logsource, kind: reason.kind, reason: reason.text }
    }
}

/// What the files hold, before it is put together.
#[derive(Default)]
struct Parsed {
    rules: Vec<(usize, usize, SigmaRule)>,
    correlations: Vec<(usize, usize, CorrelationRule)>,
    filters: Vec<(usize, FilterRule)>,
}

impl RuleSet {
    /// Adds the rules of files, as (path, YAML), to those that are there: correlations may refer to these, and filters may be about them.
    /// What cannot be used is told.
    pub fn add(&mut self, files: impl Iterator<Item = (String, String)>) -> Vec<RuleProblem> {
        let (mut problems, mut parsed) = (Vec::new(), Parsed::default());
        let digested = |(path, yaml): (String, String)| File { path, digest: sha256_hex(yaml.as_bytes()), yaml };
        let files: Vec<File> = files.map(digested).collect();
        for (n, file) in files.iter().enumerate() {
            parsed.read(n, file, &mut problems);
        }
        let Parsed { rules, correlations, filters } = parsed;
        for (of, n, rule) in rules {
            let Some(file) = files.get(of) else { continue };
            let (title, logsource) = (rule.title.clone(), named(&rule.logsource));
            if let Err(reason) = loaded(file, rule, n).and_then(|loaded| self.insert(loaded)) {
                problems.push(file.problem(Some((&title, logsource)), reason));
            }
        }
        for (of, filter) in &filters {
            self.filters += 1;
            if let Some(file) = files.get(*of)
                && let Err(reason) = self.apply(filter, &file.digest, self.filters)
            {
                problems.push(file.problem(Some((&filter.title, "filter".to_owned())), reason));
            }
        }
        for (of, n, rule) in correlations {
            let Some(file) = files.get(of) else { continue };
            if let Err(reason) = self.correlation(file, &rule, n) {
                problems.push(file.problem(Some((&rule.title, type_of(&rule))), reason));
            }
        }
        self.wire();
        problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        problems
    }

    /// Takes over the rules of another set; of rules with the same id the earlier one stays, and that is told.
    pub fn extend(&mut self, other: Self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let mut problem = |entry: &RuleEntry, reason: Reason| {
            let (path, title, logsource) = (entry.path.clone(), Some(entry.info.title.clone()), entry.logsource.clone());
            problems.push(RuleProblem { path, line: None, title, logsource, kind: reason.kind, reason: reason.text });
        };
        for loaded in other.loaded.into_values() {
            let entry = loaded.entry.clone();
            if let Err(reason) = self.insert(loaded) {
                problem(&entry, reason);
            }
        }
        for correlation in other.correlations {
            let entry = correlation.entry.clone();
            match self.free(&entry.info.id) {
                Ok(()) => self.correlations.push(correlation),
                Err(reason) => problem(&entry, reason),
            }
        }
        self.wire();
        problems
    }

    /// Leaves the rules that are not wanted out. One that a wanted correlation refers to stays, and gives no findings of its own.
    pub fn select(&mut self, selection: &Selection) {
        if selection.is_everything() {
            return;
        }
        let before = self.len();
        self.correlations.retain(|correlation| selection.takes(&correlation.entry));
        let correlations = &self.correlations;
        self.loaded.retain(|_, loaded| {
            let serves = correlations.iter().any(|c| c.refs.iter().any(|of| loaded.names().contains(&of.as_str())));
            let wanted = selection.takes(&loaded.entry);
            loaded.unwanted = !wanted;
            wanted || serves
        });
        self.left_out += before - self.len();
        self.wire();
    }

    fn free(&self, id: &str) -> Result<(), Reason> {
        let correlation = || self.correlations.iter().map(|c| &c.entry).find(|entry| entry.info.id == id);
        let taken = self.loaded.get(id).map(|loaded| &loaded.entry).or_else(correlation);
        taken.map_or(Ok(()), |earlier| {
            let (en, ja) =
                (format!("its id {id} is already taken by {}", earlier.path), format!("ID {id} は {} で既に使われている", earlier.path));
            Err(Reason::new(ProblemKind::Duplicate, en, ja).near(id))
        })
    }

    fn insert(&mut self, loaded: Loaded) -> Result<(), Reason> {
        let id = loaded.entry.info.id.clone();
        self.free(&id)?;
        self.loaded.insert(id, loaded);
        Ok(())
    }

    fn apply(&mut self, filter: &FilterRule, digest: &str, n: usize) -> Result<(), Reason> {
        let mut about = 0;
        for loaded in self.loaded.values_mut().filter(|loaded| filter::is_about(filter, &loaded.rule)) {
            let mut rule = loaded.rule.clone();
            filter::apply(filter, n, &mut rule);
            compile_rule(&rule).map_err(|error| Reason::engine(ProblemKind::Expression, &error.to_string()))?;
            loaded.rule = rule;
            loaded.digest = sha256_hex(format!("{} {digest} {}", loaded.digest, filter.title).as_bytes());
            about += 1;
        }
        if about == 0 {
            let (en, ja) = ("the filter is about no rule that is loaded", "フィルターの対象となるルールが読み込まれていない");
            return Err(Reason::new(ProblemKind::Reference, en, ja).near("rules"));
        }
        Ok(())
    }

    fn correlation(&mut self, file: &File, rule: &CorrelationRule, n: usize) -> Result<(), Reason> {
        let place = format!("{} correlation {n}", file.digest);
        let mut entry = RuleEntry {
            info: info(rule.id.as_deref(), &rule.title, rule.author.as_deref(), rule.level, &rule.tags, &place),
            status: rule.status.map(status),
            description: rule.description.clone().unwrap_or_default(),
            falsepositives: rule.falsepositives.clone(),
            path: file.path.clone(),
            logsource: type_of(rule),
            ..RuleEntry::default()
        };
        self.free(&entry.info.id)?;
        let mut levels = Vec::new();
        for of in &rule.rules {
            let meant = self.loaded.values().filter(|loaded| loaded.names().contains(&of.as_str()));
            let before = levels.len();
            levels.extend(meant.map(|loaded| loaded.entry.info.level));
            if levels.len() > before {
                continue;
            }
            let other = self.correlations.iter().any(|c| c.entry.info.id == *of || c.name.as_ref() == Some(of));
            return Err(if other {
                let (en, ja) = (
                    format!("a correlation over the correlation '{of}' is not supported"),
                    format!("相関ルール「{of}」をさらに相関させるルールには対応していない"),
                );
                Reason::new(ProblemKind::Correlation, en, ja).near(of)
            } else {
                let (en, ja) =
                    (format!("the rule '{of}' that it refers to is not loaded"), format!("参照先のルール「{of}」が読み込まれていない"));
                Reason::new(ProblemKind::Reference, en, ja).near(of)
            });
        }
        // One without a level is as serious as what it is made of.
        if rule.level.is_none() {
            entry.info.level = levels.into_iter().max().unwrap_or(Severity::Informational);
        }
        self.correlations.push(Correlation::of(rule, entry)?);
        Ok(())
    }

    /// Works out anew what correlations ask for, and files the rules under what they are about.
    fn wire(&mut self) {
        self.asked_for.clear();
        self.pools = Pools::default();
        for (id, loaded) in &mut self.loaded {
            loaded.wanted.clear();
            let (mut serves, mut speaks) = (false, false);
            let names: Vec<String> = loaded.names().into_iter().map(str::to_owned).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            for (number, correlation) in self.correlations.iter().enumerate() {
                let places: Vec<usize> =
                    correlation.refs.iter().enumerate().filter(|(_, of)| names.contains(&of.as_str())).map(|(place, _)| place).collect();
                if places.is_empty() {
                    continue;
                }
                (serves, speaks) = (true, speaks || correlation.generate);
                loaded.wanted.extend(correlation.wanted(&names));
                self.asked_for.entry(id.clone()).or_default().push((number, places));
            }
            loaded.entry.silent = loaded.unwanted || (serves && !speaks);
            // Whether it compiles was asked when it was loaded.
            let _ = self.pools.add(&loaded.route, &loaded.rule);
        }
    }
}

impl Parsed {
    fn read(&mut self, of: usize, file: &File, problems: &mut Vec<RuleProblem>) {
        let mut problem = |reason: Reason| problems.push(file.problem(None, reason));
        if file.yaml.len() > MAX_FILE {
            let (en, ja) = (format!("larger than {MAX_FILE} bytes"), format!("{MAX_FILE} バイトより大きい"));
            return problem(Reason::new(ProblemKind::Parse, en, ja));
        }
        let collection = match parse_sigma_yaml(&file.yaml) {
            Ok(collection) => collection,
            Err(error) => return problem(Reason::engine(ProblemKind::Parse, &error.to_string())),
        };
        for error in &collection.errors {
            problem(Reason::engine(ProblemKind::Parse, error));
        }
        if collection.is_empty() && collection.errors.is_empty() {
            problem(Reason::new(ProblemKind::Parse, "no rule in it", "ルールが含まれていない"));
        }
        self.rules.extend(collection.rules.into_iter().enumerate().map(|(n, rule)| (of, n, rule)));
        self.correlations.extend(collection.correlations.into_iter().enumerate().map(|(n, rule)| (of, n, rule)));
        self.filters.extend(collection.filters.into_iter().map(|filter| (of, filter)));
    }
}

fn status(status: Status) -> String {
    match status {
        Status::Stable => "stable",
        Status::Test => "test",
        Status::Experimental => "experimental",
        Status::Deprecated => "deprecated",
        Status::Unsupported => "unsupported",
    }
    .to_owned()
}

fn info(id: Option<&str>, title: &str, author: Option<&str>, level: Option<Level>, tags: &[String], place: &str) -> RuleInfo {
    let level = match level {
        Some(Level::Critical) => Severity::Critical,
        Some(Level::High) => Severity::High,
        Some(Level::Medium) => Severity::Medium,
        Some(Level::Low) => Severity::Low,
        Some(Level::Informational) | None => Severity::Informational,
    };
    // A rule without an id gets one from its text, so that matches can be told apart.
    let id = id.map_or_else(|| sha256_hex(place.as_bytes()), str::to_owned);
    RuleInfo { id, title: title.to_owned(), author: author.map(str::to_owned), level, tags: tags.to_vec() }
}

fn loaded(file: &File, mut rule: SigmaRule, n: usize) -> Result<Loaded, Reason> {
    let route = route::of_rule(&rule.logsource)?;
    if let Some(field) = fields::placeholder(&rule.detection) {
        let (en, ja) = (
            format!("modifier 'expand' on {field:?} needs values for a placeholder, which there are none of"),
            format!("{field:?} の修飾子「expand」に必要なプレースホルダーの値がない"),
        );
        return Err(Reason::new(ProblemKind::Expression, en, ja).near("|expand"));
    }
    if rule.detection.timeframe.is_some() {
        let (en, ja) = (
            "'timeframe' in a rule is not supported; write a correlation rule",
            "ルール内の「timeframe」には対応していない（相関ルールで記述する）",
        );
        return Err(Reason::new(ProblemKind::Expression, en, ja).near("timeframe"));
    }
    let vain = fields::vain(&rule.detection, &route);
    if !vain.can_match {
        let names = vain.fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let (en, ja) = (format!("it needs fields that no table holds: {names}"), format!("どのテーブルにもないフィールドが必要: {names}"));
        let near = vain.fields.first().cloned().unwrap_or_default();
        return Err(Reason::new(ProblemKind::Field, en, ja).near(near));
    }
    let info = info(rule.id.as_deref(), &rule.title, rule.author.as_deref(), rule.level, &rule.tags, &format!("{} {n}", file.digest));
    rule.id = Some(info.id.clone());
    rule.detection.named = std::mem::take(&mut rule.detection.named).into_iter().map(|(name, d)| (name, spread_words(d))).collect();
    compile_rule(&rule).map_err(|error| Reason::engine(ProblemKind::Expression, &error.to_string()))?;
    let entry = RuleEntry {
        info,
        status: rule.status.map(status),
        description: rule.description.clone().unwrap_or_default(),
        falsepositives: rule.falsepositives.clone(),
        path: file.path.clone(),
        logsource: named(&rule.logsource),
        missing_fields: vain.fields.into_iter().collect(),
        silent: false,
    };
    Ok(Loaded { entry, name: rule.name.clone(), route, rule, digest: file.digest.clone(), wanted: Default::default(), unwanted: false })
}

/// What stands for the logsource of a correlation.
fn type_of(rule: &CorrelationRule) -> String {
    format!("correlation={}", rule.correlation_type.as_str())
}

/// A logsource in one line.
pub(super) fn named(source: &LogSource) -> String {
    let parts = [("category", &source.category), ("product", &source.product), ("service", &source.service)];
    let named: Vec<String> =
        parts.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?.to_ascii_lowercase()))).collect();
    named.join(" ")
}

/// Words without a field under `|all` are, by the specification, words to be looked for anywhere in the record, all of them.
/// The engine takes them for whole values, so that such rules would load and never match; they are rewritten as plain words.
pub(super) fn spread_words(detection: Detection) -> Detection {
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
