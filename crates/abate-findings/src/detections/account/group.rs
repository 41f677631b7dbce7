//! Calls gathered by who did what: one finding for one principal and one kind of act, however often it was done.
//!
//! A refused call is an attempt: it is counted apart, and an act that only was refused is told as such, with less weight.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abate_model::rows::ApiActivity;
use abate_model::time::utc;
use abate_model::{Cite, Claim, EntityKind, Finding, Row, Severity, Text};
use jiff::Timestamp;

use super::{actor, agent_family, attack_tool, clip, day, each_call, label, lower};
use crate::Context;

/// Different values remembered of each sort; a group must stay small however many calls it stands for.
const MAX_VALUES: usize = 200;
/// Citations kept from the beginning and from the end.
const HEAD: usize = 12;
const TAIL: usize = 6;
/// On so many days an act is taken for routine.
pub(in super::super) const ROUTINE_DAYS: usize = 5;
/// So many refusals are more than a slip.
const MANY_REFUSED: u64 = 10;

/// What a detection says of one call that it picked.
pub(in super::super) struct Act {
    /// which kind of act; groups are made per principal and kind
    pub kind: &'static str,
    /// how grave it is if it succeeded
    pub severity: Severity,
    /// what it was done to, for the title
    pub target: Option<String>,
    /// further things that it names
    pub names: Vec<(EntityKind, String)>,
    /// remarks, told once each
    pub notes: Vec<Text>,
}

impl Act {
    /// An act without target.
    pub fn new(kind: &'static str, severity: Severity) -> Self {
        Self { kind, severity, target: None, names: Vec::new(), notes: Vec::new() }
    }

    /// With what it was done to.
    pub fn on(mut self, target: Option<String>) -> Self {
        self.target = target;
        self
    }

    /// With a thing that it names.
    pub fn naming(mut self, kind: EntityKind, value: Option<String>) -> Self {
        self.names.extend(value.map(|value| (kind, value)));
        self
    }

    /// With a remark.
    pub fn noting(mut self, note: Text) -> Self {
        self.notes.push(note);
        self
    }
}

/// Calls of one principal, of one kind.
#[derive(Clone, Debug)]
pub(in super::super) struct Group {
    /// the principal, see [`actor`]
    pub actor: String,
    /// the principal in words
    pub who: Text,
    /// kind of act
    pub kind: &'static str,
    /// gravest successful act, or gravest attempt
    pub severity: Severity,
    /// calls that succeeded
    pub done: u64,
    /// calls that were refused
    pub refused: u64,
    /// first and last time
    pub first: Option<Timestamp>,
    /// see `first`
    pub last: Option<Timestamp>,
    /// names of the calls
    pub calls: BTreeMap<String, u64>,
    /// error codes
    pub errors: BTreeMap<String, u64>,
    /// what it was done to, in the order of time
    pub targets: Vec<String>,
    /// source addresses as written
    pub sources: BTreeMap<String, u64>,
    /// families of user agents
    pub agents: BTreeMap<String, u64>,
    /// Regions
    pub regions: BTreeSet<String>,
    /// days on which it happened
    pub days: BTreeSet<i64>,
    /// remarks
    pub notes: Vec<Text>,
    tried: Severity,
    names: Vec<(EntityKind, String)>,
    tools: BTreeSet<&'static str>,
    head: Vec<Cite>,
    tail: VecDeque<Cite>,
}

/// How a detection tells its acts; `{t}` stands for the targets.
pub(in super::super) struct Words {
    /// "created IAM user {t}" / "IAM ユーザー {t} を作成しました"
    pub done: Text,
    /// "tried to create IAM user {t} and was refused" / "IAM ユーザー {t} を作成しようとして拒否されました"
    pub tried: Text,
    /// whole sentences: how it can be innocent
    pub innocent: Text,
}

/// Gathers the calls that `choose` picks, by principal and kind.
pub(in super::super) fn gather(ctx: &Context<'_>, choose: &mut dyn FnMut(&Row<'_>, &ApiActivity<'_>) -> Option<Act>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, &'static str), Group> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let Some(act) = choose(row, api) else { return };
        let actor = actor(api);
        let group = groups.entry((actor.clone(), act.kind)).or_insert_with(|| Group::new(actor, label(api), act.kind));
        group.add(ctx, row, api, act);
    });
    groups.into_values().collect()
}

impl Group {
    /// An empty group.
    pub fn new(actor: String, who: Text, kind: &'static str) -> Self {
        Self {
            actor,
            who,
            kind,
            severity: Severity::Informational,
            done: 0,
            refused: 0,
            first: None,
            last: None,
            calls: BTreeMap::new(),
            errors: BTreeMap::new(),
            targets: Vec::new(),
            sources: BTreeMap::new(),
            agents: BTreeMap::new(),
            regions: BTreeSet::new(),
            days: BTreeSet::new(),
            notes: Vec::new(),
            tried: Severity::Informational,
            names: Vec::new(),
            tools: BTreeSet::new(),
            head: Vec::new(),
            tail: VecDeque::new(),
        }
    }

    /// Adds a call.
    pub fn add(&mut self, ctx: &Context<'_>, row: &Row<'_>, api: &ApiActivity<'_>, act: Act) {
        match api.error_code.as_deref() {
            None => {
                self.done += 1;
                self.severity = self.severity.max(act.severity);
            }
            Some(code) => {
                self.refused += 1;
                self.tried = self.tried.max(act.severity);
                bump(&mut self.errors, code);
            }
        }
        bump(&mut self.calls, &api.event_name);
        if let Some(source) = api.source_ip.as_deref() {
            bump(&mut self.sources, source);
        }
        if let Some(agent) = api.user_agent.as_deref() {
            bump(&mut self.agents, &agent_family(agent));
            self.tools.extend(attack_tool(agent));
        }
        if let Some(region) = api.region.as_deref().filter(|_| self.regions.len() < MAX_VALUES) {
            self.regions.insert(clip(region));
        }
        if let Some(at) = row.at {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
            if self.days.len() < MAX_VALUES {
                self.days.insert(day(at));
            }
        }
        push_new(&mut self.targets, act.target.map(|t| clip(&t)), MAX_VALUES);
        for note in act.notes {
            push_new(&mut self.notes, Some(note), 12);
        }
        self.name_all(api, act.names);
        self.cite(ctx.evidence.cite(row));
    }

    fn name_all(&mut self, api: &ApiActivity<'_>, names: Vec<(EntityKind, String)>) {
        let own = [(EntityKind::Principal, api.identity_arn.as_deref()), (EntityKind::AccessKey, api.access_key_id.as_deref())];
        let own = own.into_iter().filter_map(|(kind, value)| Some((kind, value?.to_owned())));
        for entity in own.chain(names) {
            push_new(&mut self.names, Some(entity), 40);
        }
    }

    fn cite(&mut self, cite: Cite) {
        if self.head.len() < HEAD {
            self.head.push(cite);
            return;
        }
        if self.tail.len() >= TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(cite);
    }

    /// Whether it happened on so many days that it looks like routine.
    pub fn is_routine(&self) -> bool {
        self.days.len() >= ROUTINE_DAYS
    }

    /// Whether the caller's agent names a tool of attack or testing.
    pub fn tool(&self) -> Option<&'static str> {
        self.tools.first().copied()
    }

    /// How grave the whole is: attempts weigh little unless there are many, routine weighs one step less.
    pub fn weight(&self) -> Severity {
        if self.done == 0 {
            let most = if self.refused >= MANY_REFUSED { Severity::Medium } else { Severity::Low };
            return self.tried.min(most);
        }
        if self.is_routine() && self.severity == Severity::Medium { lower(self.severity) } else { self.severity }
    }

    /// The finding for the group; `None` only for a group without calls.
    pub fn finding(&self, claim: Claim, technique: &str, words: &Words) -> Option<Finding> {
        let cite = self.head.first()?.clone();
        let phrase = if self.done > 0 { &words.done } else { &words.tried };
        let title = Text::new(
            format!("{} {}", self.who.en, phrase.en.replace("{t}", &list_en(&self.targets))),
            format!("{}が{}", self.who.ja, spaced(&phrase.ja.replace("{t}", &list_ja(&self.targets)))),
        );
        let mut finding = Finding::new(claim, self.weight(), title, self.detail(words), cite);
        finding.technique = Some(technique.to_owned());
        finding.seen(self.first);
        finding.seen(self.last);
        finding.count = self.done + self.refused;
        self.entities(&mut finding);
        for cite in self.head.iter().chain(&self.tail) {
            finding.also(cite.clone());
        }
        Some(finding)
    }

    /// Fills in who, from where and on what.
    pub fn entities(&self, finding: &mut Finding) {
        for (kind, value) in &self.names {
            finding.names(*kind, clip(value));
        }
        for source in self.sources.keys().filter(|s| super::address(s).is_some()).take(15) {
            finding.names(EntityKind::RemoteAddress, source.clone());
        }
        for target in self.targets.iter().take(10) {
            finding.names(EntityKind::Resource, target.clone());
        }
        for region in self.regions.iter().take(8) {
            finding.names(EntityKind::Region, region.clone());
        }
        for call in self.calls.keys().take(10) {
            finding.names(EntityKind::ApiCall, call.clone());
        }
    }

    /// Figures, remarks, and how it can be innocent.
    pub fn detail(&self, words: &Words) -> Text {
        let mut en = self.figures_en();
        let mut ja = self.figures_ja();
        for note in &self.notes {
            en.push(' ');
            en.push_str(&note.en);
            ja.push_str(&note.ja);
        }
        if let Some(tool) = self.tool() {
            en.push_str(&format!(" The user agent names {tool}, a tool used for attacks or security tests."));
            ja.push_str(&format!("ユーザーエージェントは、攻撃やセキュリティテストに使われるツール（{tool}）の名前を含みます。"));
        }
        if self.is_routine() {
            en.push_str(&format!(" It happened on {} different days, as routine work does.", self.days.len()));
            ja.push_str(&format!("{} 日にわたって行われており、日常の作業の可能性があります。", self.days.len()));
        }
        en.push(' ');
        en.push_str(&words.innocent.en);
        ja.push_str(&words.innocent.ja);
        Text::new(en, ja)
    }

    fn figures_en(&self) -> String {
        let mut out = format!("{} succeeded, {} refused", calls(self.done), self.refused);
        if !self.errors.is_empty() {
            out.push_str(&format!(" ({})", counted(&self.errors)));
        }
        out.push_str(&format!(": {}.", counted(&self.calls)));
        if !self.sources.is_empty() {
            out.push_str(&format!(" From {}", counted(&self.sources)));
            out.push_str(&if self.agents.is_empty() { ".".to_owned() } else { format!(" with {}.", counted(&self.agents)) });
        }
        if let (Some(first), Some(last)) = (self.first, self.last) {
            out.push_str(&if first == last { format!(" At {}.", utc(first)) } else { format!(" {} to {}.", utc(first), utc(last)) });
        }
        out
    }

    fn figures_ja(&self) -> String {
        let mut out = format!("成功 {} 回、拒否 {} 回", self.done, self.refused);
        if !self.errors.is_empty() {
            out.push_str(&format!("（{}）", counted(&self.errors)));
        }
        out.push_str(&format!("。API: {}。", counted(&self.calls)));
        if !self.sources.is_empty() {
            out.push_str(&format!("接続元: {}", counted(&self.sources)));
            out.push_str(&if self.agents.is_empty() {
                "。".to_owned()
            } else {
                format!("、ユーザーエージェント: {}。", counted(&self.agents))
            });
        }
        if let (Some(first), Some(last)) = (self.first, self.last) {
            out.push_str(&if first == last {
                format!("時刻: {}。", utc(first))
            } else {
                format!("期間: {} から {} まで。", utc(first), utc(last))
            });
        }
        out
    }
}

/// Japanese text sets a space between a kana and a Latin letter or figure.
fn spaced(phrase: &str) -> String {
    let phrase = phrase.trim_start();
    if phrase.starts_with(|c: char| c.is_ascii_alphanumeric()) { format!(" {phrase}") } else { phrase.to_owned() }
}

fn calls(n: u64) -> String {
    if n == 1 { "1 call".to_owned() } else { format!("{n} calls") }
}

fn bump(counts: &mut BTreeMap<String, u64>, value: &str) {
    let value = clip(value);
    if let Some(count) = counts.get_mut(&value) {
        *count += 1;
    } else if counts.len() < MAX_VALUES {
        counts.insert(value, 1);
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, value: Option<T>, max: usize) {
    if let Some(value) = value
        && list.len() < max
        && !list.contains(&value)
    {
        list.push(value);
    }
}

/// `CreateUser 2, CreateLoginProfile 1`: the most frequent ones first, at most five.
pub(in super::super) fn counted(counts: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut out: Vec<String> = sorted.iter().take(5).map(|(name, count)| format!("{name} ({count})")).collect();
    if sorted.len() > 5 {
        out.push(format!("+{}", sorted.len() - 5));
    }
    out.join(", ")
}

/// Up to three values of a list, in English.
pub(in super::super) fn list_en(values: &[String]) -> String {
    let shown = values.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    match values.len() {
        0 => "[name not recorded]".to_owned(),
        n if n > 3 => format!("{shown} and {} more", n - 3),
        _ => shown,
    }
}

/// Up to three values of a list, in Japanese.
pub(in super::super) fn list_ja(values: &[String]) -> String {
    let shown = values.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("、");
    match values.len() {
        0 => "［名称の記録なし］".to_owned(),
        n if n > 3 => format!("{shown} ほか {} 件", n - 3),
        _ => shown,
    }
}

/// One finding per group.
pub(in super::super) fn findings(groups: &[Group], claim: Claim, tell: &dyn Fn(&Group) -> (&'static str, &'static Words)) -> Vec<Finding> {
    groups
        .iter()
        .filter_map(|group| {
            let (technique, words) = tell(group);
            group.finding(claim, technique, words)
        })
        .collect()
}
