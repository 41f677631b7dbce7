//! Correlation rules: several matches of other rules, within a time, by the same someone.
//!
//! The engine parses such rules; its own windows recount what is in them at each event and forget silently at a bound, so that they are kept
//! here: of each group as much as its condition can ask for, whatever the number of events. `tests::the_engine_says_the_same` holds both
//! to the same results.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use abate_model::{Entity, Locator, SigmaMatch};
use rsigma_eval::correlation::compile_correlation;
use rsigma_eval::{CompiledCondition, GroupByField};
use rsigma_parser::{ConditionExpr, ConditionOperator, CorrelationRule, CorrelationType, WindowMode};

use super::RuleEntry;
use super::problem::{ProblemKind, Reason};

/// The latest match of a rule that a correlation refers to.
type Latest = Option<(Mark, bool)>;

/// Highest figure that a condition may name. So many records of a group may have to be kept.
const MAX_THRESHOLD: u64 = 10_000;

/// What is counted.
#[derive(Clone, Debug)]
enum Kind {
    /// records
    Events,
    /// distinct values of these fields
    Values(Vec<String>),
    /// rules that matched: all of them, or as an expression says
    Rules(Option<ConditionExpr>),
    /// rules that matched one after the other
    Sequence,
}

/// A correlation rule, ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    /// what it is
    pub entry: RuleEntry,
    /// its name, by which others may call it
    pub name: Option<String>,
    /// the rules that it refers to, as written
    pub refs: Vec<String>,
    /// whether these give findings of their own as well
    pub generate: bool,
    kind: Kind,
    condition: CompiledCondition,
    group_by: Vec<GroupByField>,
    /// nanoseconds
    span: i128,
    /// so many records or values decide whatever the condition asks
    enough: usize,
}

impl Correlation {
    /// Of a parsed rule.
    pub fn of(rule: &CorrelationRule, entry: RuleEntry) -> Result<Self, Reason> {
        let unsupported = |en: String, ja: String| Reason::new(ProblemKind::Correlation, en, ja);
        let compiled = compile_correlation(rule).map_err(|error| Reason::engine(ProblemKind::Correlation, &error.to_string()))?;
        if compiled.window_mode != WindowMode::Sliding {
            let mode = compiled.window_mode.as_str();
            return Err(
                unsupported(format!("window '{mode}' is not supported"), format!("window「{mode}」には対応していない")).near("window")
            );
        }
        if rule.rules.is_empty() {
            return Err(unsupported("it refers to no rule".to_owned(), "参照先のルールがない".to_owned()).near("correlation"));
        }
        let kind = match rule.correlation_type {
            CorrelationType::EventCount => Kind::Events,
            CorrelationType::ValueCount => {
                let fields = compiled.condition.field.clone().filter(|fields| !fields.is_empty());
                Kind::Values(fields.ok_or_else(|| {
                    let (en, ja) = ("value_count needs the field to count", "value_count に field の指定がない");
                    unsupported(en.to_owned(), ja.to_owned()).near("condition")
                })?)
            }
            CorrelationType::Temporal => Kind::Rules(compiled.extended_expr.clone()),
            CorrelationType::TemporalOrdered if compiled.extended_expr.is_none() => Kind::Sequence,
            other => {
                let name = other.as_str();
                let with = if compiled.extended_expr.is_some() { " with an expression" } else { "" };
                let (en, ja) = (format!("type '{name}'{with} is not supported"), format!("type「{name}」には対応していない"));
                return Err(unsupported(en, ja).near("type"));
            }
        };
        let mut condition = compiled.condition;
        // Without a condition all the rules must match; the parser writes that as one.
        if matches!(kind, Kind::Rules(None) | Kind::Sequence) && condition.predicates == [(ConditionOperator::Gte, 1.0)] {
            condition.predicates = vec![(ConditionOperator::Gte, rule.rules.len() as f64)];
        }
        let highest = condition.predicates.iter().map(|(_, figure)| *figure as u64).max().unwrap_or(0);
        if highest > MAX_THRESHOLD {
            let (en, ja) =
                (format!("a figure above {MAX_THRESHOLD} is not supported"), format!("{MAX_THRESHOLD} を超える値には対応していない"));
            return Err(unsupported(en, ja).near("condition"));
        }
        Ok(Self {
            entry,
            name: rule.name.clone(),
            refs: rule.rules.clone(),
            generate: rule.generate,
            kind,
            condition,
            group_by: compiled.group_by,
            span: i128::from(compiled.timespan_secs) * 1_000_000_000,
            // One more than any figure: then it no longer matters how many more there are.
            enough: usize::try_from(highest).unwrap_or(usize::MAX).saturating_add(1),
        })
    }

    /// The fields of a rule's records that are asked for; `names` are the rule's id and name.
    pub fn wanted(&self, names: &[&str]) -> BTreeSet<String> {
        let counted = match &self.kind {
            Kind::Values(fields) => fields.as_slice(),
            _ => &[],
        };
        let grouped = self.group_by.iter().map(|field| field.resolve(names).to_owned());
        grouped.chain(counted.iter().map(|field| self.resolve(field, names))).collect()
    }

    /// A counted field may be an alias too.
    fn resolve(&self, field: &str, names: &[&str]) -> String {
        self.group_by.iter().find(|by| by.name() == field).map_or(field, |by| by.resolve(names)).to_owned()
    }

    /// The group of a match, field by field; `None` where a field is missing: nobody is the same as somebody unknown.
    pub fn group(&self, names: &[&str], values: &[(String, String)]) -> Option<Vec<String>> {
        let value = |field: &str| values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone());
        self.group_by.iter().map(|by| value(by.resolve(names))).collect()
    }

    /// The names of a group's values.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.group_by.iter().map(GroupByField::name)
    }

    /// What is counted of a match; `None` where it holds no such thing.
    fn counted(&self, names: &[&str], values: &[(String, String)]) -> Option<Vec<String>> {
        let Kind::Values(fields) = &self.kind else { return Some(Vec::new()) };
        let value = |field: &String| {
            let field = self.resolve(field, names);
            values.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone())
        };
        fields.iter().map(value).collect()
    }

    /// How long a window is, in nanoseconds.
    pub const fn span(&self) -> i128 {
        self.span
    }

    /// An empty window.
    pub fn window(&self) -> Window {
        match &self.kind {
            Kind::Events | Kind::Values(_) => Window::Recent(VecDeque::new()),
            Kind::Rules(_) => Window::Latest(vec![None; self.refs.len()]),
            Kind::Sequence => Window::Chains { chains: vec![Vec::new(); self.refs.len()], latest: vec![None; self.refs.len()] },
        }
    }

    /// Takes a match into its group's window and says, where the condition holds now, which records make it hold that were not handed out
    /// before. `places` are the rule's places among those referred to.
    pub fn take(&self, window: &mut Window, mark: &Mark, names: &[&str], places: &[usize], values: &[(String, String)]) -> Vec<Mark> {
        let Some(counted) = self.counted(names, values) else { return Vec::new() };
        let from = mark.at - self.span;
        match window {
            Window::Recent(marks) => {
                let value = matches!(self.kind, Kind::Values(_)).then_some(counted);
                // Of each value the latest record stands for it.
                if value.is_some()
                    && let Some(earlier) = marks.iter().rposition(|slot| slot.value == value)
                {
                    marks.remove(earlier);
                }
                marks.push_back(Slot { mark: mark.clone(), value, told: false });
                while marks.len() > self.enough || marks.front().is_some_and(|first| first.mark.at < from) {
                    marks.pop_front();
                }
                if !self.condition.check(marks.len() as f64) {
                    return Vec::new();
                }
                untold(marks.iter_mut().map(|slot| (&slot.mark, &mut slot.told)))
            }
            Window::Latest(latest) => {
                for place in places {
                    if let Some(slot) = latest.get_mut(*place) {
                        *slot = Some((mark.clone(), false));
                    }
                }
                let there = |slot: &Option<(Mark, bool)>| slot.as_ref().is_some_and(|(mark, _)| mark.at >= from);
                let holds = match &self.kind {
                    Kind::Rules(Some(expression)) => self.holds(expression, latest, &there),
                    _ => self.condition.check(latest.iter().filter(|slot| there(slot)).count() as f64),
                };
                if !holds {
                    return Vec::new();
                }
                untold(latest.iter_mut().flatten().filter(|(mark, _)| mark.at >= from).map(|(mark, told)| (&*mark, told)))
            }
            Window::Chains { chains, latest } => {
                // From the last place on, so that one record does not stand in for two rules.
                for place in places.iter().rev() {
                    if let Some(slot) = latest.get_mut(*place) {
                        *slot = Some((mark.clone(), false));
                    }
                    extend(chains, latest, *place, mark, from);
                }
                let whole = chains.last().filter(|chain| chain.first().is_some_and(|first| first.at >= from)).cloned();
                let Some(whole) = whole.filter(|_| self.condition.check(self.refs.len() as f64)) else { return Vec::new() };
                // A chain is told once; the next one begins anew.
                chains.iter_mut().for_each(Vec::clear);
                latest.fill(None);
                whole
            }
        }
    }

    fn holds(&self, expression: &ConditionExpr, latest: &[Latest], there: &dyn Fn(&Latest) -> bool) -> bool {
        match expression {
            ConditionExpr::Identifier(name) => {
                let mut named = self.refs.iter().zip(latest).filter(|(of, _)| *of == name);
                named.any(|(_, slot)| there(slot))
            }
            ConditionExpr::And(parts) => parts.iter().all(|part| self.holds(part, latest, there)),
            ConditionExpr::Or(parts) => parts.iter().any(|part| self.holds(part, latest, there)),
            ConditionExpr::Not(part) => !self.holds(part, latest, there),
            ConditionExpr::Selector { .. } => false,
        }
    }
}

/// Those that were not told, which now they are.
fn untold<'w>(marks: impl Iterator<Item = (&'w Mark, &'w mut bool)>) -> Vec<Mark> {
    marks.filter_map(|(mark, told)| (!std::mem::replace(told, true)).then(|| mark.clone())).collect()
}

/// Puts a record at a place of a sequence: it goes on from the chain that ends at the place before and began last. Records of the same time are
/// in no order, so that what follows and came first is put behind it.
fn extend(chains: &mut [Vec<Mark>], latest: &[Option<(Mark, bool)>], place: usize, mark: &Mark, from: i128) {
    let before = match place.checked_sub(1) {
        None => Vec::new(),
        Some(before) => match chains.get(before).filter(|chain| chain.first().is_some_and(|first| first.at >= from)) {
            Some(chain) => chain.clone(),
            None => return,
        },
    };
    let mut chain = before;
    chain.push(mark.clone());
    if let Some(slot) = chains.get_mut(place) {
        slot.clone_from(&chain);
    }
    for (slot, later) in chains.iter_mut().zip(latest).skip(place + 1) {
        let Some((later, _)) = later.as_ref().filter(|(later, _)| later.at == mark.at) else { break };
        chain.push(later.clone());
        slot.clone_from(&chain);
    }
}

/// A record in a window.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// when, in nanoseconds since 1970
    pub at: i128,
    /// number of its source
    pub source: u32,
    /// its place there
    pub locator: Locator,
    /// who and what it names
    pub entities: Rc<[Entity]>,
}

impl Mark {
    /// Of a match; `None` without a time.
    pub fn of(hit: &SigmaMatch, source: u32) -> Option<Self> {
        let at = hit.at?.as_nanosecond();
        Some(Self { at, source, locator: hit.cite.locator, entities: hit.entities.as_slice().into() })
    }
}

/// A record among the recent ones of a group.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    mark: Mark,
    value: Option<Vec<String>>,
    told: bool,
}

/// What is kept of one group.
#[derive(Clone, Debug)]
pub(super) enum Window {
    /// records, the latest last; where values are counted, one for each value
    Recent(VecDeque<Slot>),
    /// the latest record of each rule, and whether it was told
    Latest(Vec<Option<(Mark, bool)>>),
    /// for each place of a sequence the chain up to there that began last, and the latest record of each rule
    Chains {
        /// see above
        chains: Vec<Vec<Mark>>,
        /// see above
        latest: Vec<Option<(Mark, bool)>>,
    },
}

impl Window {
    /// How many records are kept.
    pub fn len(&self) -> usize {
        match self {
            Self::Recent(marks) => marks.len(),
            Self::Latest(latest) => latest.iter().flatten().count(),
            Self::Chains { chains, latest } => chains.iter().map(Vec::len).sum::<usize>() + latest.iter().flatten().count(),
        }
    }

    /// When the last record was, in nanoseconds.
    pub fn last(&self) -> Option<i128> {
        match self {
            Self::Recent(marks) => marks.back().map(|slot| slot.mark.at),
            Self::Latest(latest) | Self::Chains { latest, .. } => latest.iter().flatten().map(|(mark, _)| mark.at).max(),
        }
    }
}
