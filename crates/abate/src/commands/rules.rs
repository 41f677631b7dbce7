//! `abate rules …`, and the loading of rules for the commands that try them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use abate_findings::sigma::{ProblemKind, RuleEntry, RuleProblem, RuleSet, Selection};
use abate_model::{Lang, Severity, Text};
use anyhow::anyhow;
use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde::Serialize;

use super::{Ctx, print_json};
use crate::cli::{Format, RuleArgs, RuleFilter, RulesCommand};
use crate::{Exit, Failure, files, screen};

/// Rules of each reason that are named without `--all`.
const NAMED: usize = 3;

/// Dispatches.
pub fn rules(ctx: &Ctx, command: RulesCommand) -> Result<Exit, Failure> {
    match command {
        RulesCommand::Check { paths, only, all, format } => check(ctx, &paths, &only, all, format),
        RulesCommand::List { with, format } => list(ctx, &with, format),
    }
}

/// The built-in rules and those of some files, as far as they are wanted. What cannot be used is told on standard error.
pub fn load(ctx: &Ctx, args: &RuleArgs) -> Result<RuleSet, Failure> {
    let selection = selection(ctx, &args.only)?;
    let mut rules = RuleSet::builtin();
    let before = rules.len();
    let read = files::rule_files(&args.rules, ctx.lang)?;
    let problems = rules.add(read.texts.into_iter());
    let loaded = rules.len() - before;
    rules.select(&selection);
    if args.rules.is_empty() && rules.left_out() == 0 {
        return Ok(rules);
    }
    let mut err = anstream::stderr();
    let unusable = problems.len() + read.unreadable.len();
    let said = Text::new(
        format!("Sigma: {loaded} rules loaded, {unusable} not usable, {} left out by the options", rules.left_out()),
        format!("Sigma: {loaded} 件のルールを読み込み（使えないもの {unusable} 件、オプションによる除外 {} 件）", rules.left_out()),
    );
    writeln!(err, "{}", said.get(ctx.lang))?;
    let mut by_kind: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    problems.iter().for_each(|problem| *by_kind.entry(problem.kind).or_default() += 1);
    for (kind, count) in &by_kind {
        writeln!(err, "  {count} x {}", kind.title().get(ctx.lang))?;
    }
    for (path, reason) in &read.unreadable {
        writeln!(err, "  {}: {}", screen::safe(path), screen::safe(reason))?;
    }
    if unusable > 0 {
        let hint = Text::fixed("'abate rules check PATH' names them with the reasons", "理由は「abate rules check パス」で確認できます");
        writeln!(err, "  {}", hint.get(ctx.lang))?;
    }
    Ok(rules)
}

/// What the options ask for.
fn selection(ctx: &Ctx, only: &RuleFilter) -> Result<Selection, Failure> {
    let known = ["stable", "test", "experimental", "deprecated", "unsupported"];
    if let Some(typed) = only.rule_status.iter().find(|typed| !known.iter().any(|status| status.eq_ignore_ascii_case(typed))) {
        return Err(Failure::input(anyhow!("'{typed}' is no status of a rule"), Some(known.join(", "))));
    }
    let mut selection = Selection {
        level: only.rule_level.map(Into::into),
        statuses: only.rule_status.clone(),
        ids: only.rule_id.clone(),
        tags: only.rule_tag.clone(),
        authors: only.rule_author.clone(),
        ..Selection::default()
    };
    for path in &only.rule_ignore {
        let list = std::fs::read_to_string(path).map_err(|e| {
            let hint =
                Text::fixed("name a file with the id of a rule on each line", "1 行に 1 件のルール ID を書いたファイルを指定してください");
            Failure::input(anyhow!("cannot read {}: {e}", path.display()), Some(hint.get(ctx.lang).to_owned()))
        })?;
        selection.ignore(&list).map_err(|(line, word)| {
            let hint = Text::fixed("each line begins with the id of a rule, or with #", "各行はルールの ID または # で始めてください");
            Failure::input(anyhow!("{}:{line}: '{word}' is no id of a rule", path.display()), Some(hint.get(ctx.lang).to_owned()))
        })?;
    }
    Ok(selection)
}

/// What `abate rules check` and `abate rules list` print as JSON.
#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    /// usable rules
    rules: Vec<Rule<'a>>,
    unusable: Vec<Problem<'a>>,
    /// files that could not be read: path and reason
    unreadable: Vec<(&'a str, &'a str)>,
    /// rules that the options left out
    left_out: usize,
    logsources: Vec<Logsource<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    title: &'a str,
    author: Option<&'a str>,
    level: Severity,
    status: Option<&'a str>,
    tags: &'a [String],
    path: &'a str,
    logsource: &'a str,
    /// it only serves correlations
    silent: bool,
    /// its fields that no table holds
    missing_fields: &'a [String],
}

#[derive(Serialize)]
struct Problem<'a> {
    path: &'a str,
    line: Option<u32>,
    title: Option<&'a str>,
    logsource: &'a str,
    kind: &'static str,
    reason: &'a Text,
}

#[derive(Clone, Copy, Default)]
struct Count {
    usable: usize,
    unusable: usize,
}

#[derive(Serialize)]
struct Logsource<'a> {
    logsource: &'a str,
    usable: usize,
    unusable: usize,
}

fn rule(entry: &RuleEntry) -> Rule<'_> {
    Rule {
        id: &entry.info.id,
        title: &entry.info.title,
        author: entry.info.author.as_deref(),
        level: entry.info.level,
        status: entry.status.as_deref(),
        tags: &entry.info.tags,
        path: &entry.path,
        logsource: &entry.logsource,
        silent: entry.silent,
        missing_fields: &entry.missing_fields,
    }
}

fn told<'a>(rules: &'a RuleSet, problems: &'a [RuleProblem], unreadable: &'a [(String, String)]) -> Told<'a> {
    let problem = |p: &'a RuleProblem| Problem {
        path: &p.path,
        line: p.line,
        title: p.title.as_deref(),
        logsource: &p.logsource,
        kind: p.kind.name(),
        reason: &p.reason,
    };
    let counts = counts(rules, problems);
    Told {
        schema: "abate.rules/1",
        rules: rules.entries().map(rule).collect(),
        unusable: problems.iter().map(problem).collect(),
        unreadable: unreadable.iter().map(|(path, reason)| (path.as_str(), reason.as_str())).collect(),
        left_out: rules.left_out(),
        logsources: counts.into_iter().map(|(logsource, Count { usable, unusable })| Logsource { logsource, usable, unusable }).collect(),
    }
}

fn counts<'a>(rules: &'a RuleSet, problems: &'a [RuleProblem]) -> BTreeMap<&'a str, Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    rules.entries().for_each(|entry| counts.entry(&entry.logsource).or_default().usable += 1);
    problems.iter().for_each(|problem| counts.entry(&problem.logsource).or_default().unusable += 1);
    counts
}

fn check(ctx: &Ctx, paths: &[PathBuf], only: &RuleFilter, all: bool, format: Format) -> Result<Exit, Failure> {
    let selection = selection(ctx, only)?;
    let mut rules = if paths.is_empty() { RuleSet::builtin() } else { RuleSet::default() };
    let read = files::rule_files(paths, ctx.lang)?;
    if !paths.is_empty() && read.texts.is_empty() && read.unreadable.is_empty() {
        let hint = Text::fixed("name a folder with Sigma rules (*.yml)", "Sigma ルール（*.yml）のあるフォルダーを指定してください");
        return Err(Failure::input(anyhow!("there is no rule file"), Some(hint.get(ctx.lang).to_owned())));
    }
    let problems = rules.add(read.texts.into_iter());
    rules.select(&selection);
    match format {
        Format::Json => print_json(&told(&rules, &problems, &read.unreadable))?,
        Format::Text => {
            table(ctx.lang, &rules, &problems)?;
            reasons(ctx.lang, &problems, &read.unreadable, all)?;
        }
    }
    Ok(if problems.is_empty() && read.unreadable.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// How many rules of each logsource can be used.
fn table(lang: Lang, rules: &RuleSet, problems: &[RuleProblem]) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY);
    let head = match lang {
        Lang::En => ["logsource", "usable", "not usable"],
        Lang::Ja => ["logsource", "使用可", "使用不可"],
    };
    table.set_header(head);
    let mut sum = Count::default();
    for (logsource, Count { usable, unusable }) in counts(rules, problems) {
        sum = Count { usable: sum.usable + usable, unusable: sum.unusable + unusable };
        let name = if logsource.is_empty() { "-".to_owned() } else { screen::safe(logsource) };
        table.add_row([name, usable.to_string(), unusable.to_string()]);
    }
    let all = Text::fixed("all", "合計");
    table.add_row([all.get(lang).to_owned(), sum.usable.to_string(), sum.unusable.to_string()]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut out = anstream::stdout();
    writeln!(out, "{table}")?;
    let partial = rules.entries().filter(|entry| !entry.missing_fields.is_empty()).count();
    if partial > 0 {
        let said = Text::new(
            format!(
                "{partial} of the usable rules name fields that no table holds; their other parts match (--format json names the fields)"
            ),
            format!(
                "使用可のルールのうち {partial} 件は、どのテーブルにもないフィールドを一部に含む（フィールド名は --format json で表示）"
            ),
        );
        writeln!(out, "{}", said.get(lang))?;
    }
    if rules.left_out() > 0 {
        let said = Text::new(
            format!("{} usable rules were left out by the options", rules.left_out()),
            format!("使用可のルール {} 件をオプションにより除外", rules.left_out()),
        );
        writeln!(out, "{}", said.get(lang))?;
    }
    Ok(())
}

/// Why rules cannot be used, with their places.
fn reasons(lang: Lang, problems: &[RuleProblem], unreadable: &[(String, String)], all: bool) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    let mut alike: BTreeMap<(ProblemKind, &str), Vec<&RuleProblem>> = BTreeMap::new();
    for problem in problems {
        alike.entry((problem.kind, problem.reason.get(lang))).or_default().push(problem);
    }
    for ((kind, reason), problems) in alike {
        writeln!(out, "{} x {}: {}", problems.len(), kind.title().get(lang), screen::safe(reason))?;
        let most = if all { problems.len() } else { NAMED };
        for problem in problems.iter().take(most) {
            let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
            let title = problem.title.as_deref().map(|title| format!("  \"{title}\"")).unwrap_or_default();
            writeln!(out, "    {}{line}{}", screen::safe(&problem.path), screen::safe(&title))?;
        }
        if problems.len() > most {
            writeln!(out, "    …")?;
        }
    }
    for (path, reason) in unreadable {
        writeln!(out, "{}: {}", screen::safe(path), screen::safe(reason))?;
    }
    Ok(())
}

fn list(ctx: &Ctx, with: &RuleArgs, format: Format) -> Result<Exit, Failure> {
    let rules = load(ctx, with)?;
    if format == Format::Json {
        print_json(&told(&rules, &[], &[]))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY);
    let head = match ctx.lang {
        Lang::En => ["level", "rule (author)", "id", "logsource"],
        Lang::Ja => ["レベル", "ルール（作成者）", "ID", "logsource"],
    };
    table.set_header(head);
    let mut entries: Vec<&RuleEntry> = rules.entries().collect();
    entries.sort_by(|a, b| (b.info.level, &a.info.title, &a.info.id).cmp(&(a.info.level, &b.info.title, &b.info.id)));
    for entry in entries {
        let author = entry.info.author.as_deref().map(|author| format!(" ({author})")).unwrap_or_default();
        let level = serde_json::to_value(entry.info.level).ok().and_then(|level| level.as_str().map(str::to_owned)).unwrap_or_default();
        let title = screen::safe(&format!("{}{author}", entry.info.title));
        table.add_row([level, title, screen::safe(&entry.info.id), screen::safe(&entry.logsource)]);
    }
    writeln!(anstream::stdout(), "{table}")?;
    Ok(Exit::Done)
}
