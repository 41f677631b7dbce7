//! `abate case …` and `abate done`.

use std::io::Write;
use std::path::Path;

use abate_app::ports::{CaseSummary, Store};
use abate_model::journal::Event;
use abate_model::text::count;
use abate_model::time::utc;
use abate_model::{AccountId, Case, Lang, Phase, StepState, Text};
use anyhow::anyhow;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};

use super::respond::{work, write_folder, zone_of};
use super::{Ctx, print_json};
use crate::cli::{CaseCommand, DoneArgs, EvidenceArgs, Format};
use crate::{Exit, Failure, files, screen};

/// Dispatches.
pub fn case(ctx: &Ctx, command: CaseCommand) -> Result<Exit, Failure> {
    match command {
        CaseCommand::New { finding, account, with } => new(ctx, &finding, account.as_deref(), with),
        CaseCommand::Merge { into, from, by, with } => merge(ctx, &into, &from, &by, with),
        CaseCommand::List { format } => list(ctx, format),
        CaseCommand::Show { id, format } => show(ctx, &id, format),
    }
}

/// A case from a finding of one's own.
fn new(ctx: &Ctx, finding: &str, account: Option<&str>, with: EvidenceArgs) -> Result<Exit, Failure> {
    let account = account
        .map(|typed| {
            AccountId::parse(typed)
                .ok_or_else(|| Failure::input(anyhow!("'{typed}' is no account id"), Some("an account id has 12 digits".to_owned())))
        })
        .transpose()?;
    let path = Path::new(finding);
    let text = if finding == "-" || path.is_file() {
        String::from_utf8_lossy(&files::read_notice(path)?).into_owned()
    } else {
        finding.to_owned()
    };
    let notice = abate_notice::self_found(&text, account.as_ref().map(AccountId::as_str), &ctx.read_context()).map_err(|error| {
        let hint = error.hint().get(ctx.lang).to_owned();
        Failure::input(anyhow!(error), Some(hint))
    })?;
    work(ctx, notice, with)
}

/// Several cases become one, which is assessed again with the evidence of all.
fn merge(ctx: &Ctx, into: &str, from: &[String], by: &str, with: EvidenceArgs) -> Result<Exit, Failure> {
    let into = ctx.case_id(into)?;
    if by.trim().is_empty() {
        return Err(Failure::input(anyhow!("--by is empty"), Some("name the person who answers for it".to_owned())));
    }
    let mut store = ctx.store()?;
    let mut notice = None;
    for typed in from {
        let from = ctx.case_id(typed)?;
        notice = Some(abate_app::merge(&mut store, &into, &from, by.trim(), ctx.now).map_err(|e| ctx.app_failure(e))?);
    }
    drop(store);
    notice.map_or(Ok(Exit::Done), |notice| work(ctx, notice, with))
}

fn list(ctx: &Ctx, format: Format) -> Result<Exit, Failure> {
    let mut cases = ctx.store()?.cases().map_err(|e| ctx.store_failure(e))?;
    // What is closed or goes on elsewhere comes last: it presses nobody.
    cases.sort_by_key(|c| (c.merged_into.is_some() || c.resolved.is_some(), c.deadline, c.id.clone()));
    if format == Format::Json {
        print_json(&cases)?;
        return Ok(Exit::Done);
    }
    if cases.is_empty() {
        let none =
            Text::fixed("no cases yet: 'abate respond NOTICE' opens one", "案件はまだありません。「abate respond 通知」で作成します");
        writeln!(anstream::stdout(), "{}", none.get(ctx.lang))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(match ctx.lang {
        Lang::En => ["case", "account", "category", "AWS", "due", "left", "leading cause"],
        Lang::Ja => ["案件", "アカウント", "分類", "AWS の段階", "期限", "残り", "最有力の原因"],
    });
    for case in cases {
        let left = abate_app::briefing::span(ctx.now, case.deadline);
        let passed = Text::fixed("overdue by ", "超過 ");
        let open = case.merged_into.is_none() && case.resolved.is_none();
        let overdue = if case.deadline < ctx.now { passed.get(ctx.lang) } else { "" };
        let left = if open { format!("{overdue}{}", left.get(ctx.lang)) } else { String::new() };
        let stage = stage(&case);
        let row = [
            case.id.to_string(),
            case.account.unwrap_or_else(|| "?".to_owned()),
            case.category.title().get(ctx.lang).to_owned(),
            stage.get(ctx.lang).to_owned(),
            utc(case.deadline),
            left,
            case.leading.unwrap_or_default(),
        ];
        table.add_row(row.map(|cell| screen::safe(&cell)));
    }
    writeln!(anstream::stdout(), "{table}")?;
    Ok(Exit::Done)
}

/// How far the matter has gone, in a word or two.
fn stage(case: &CaseSummary) -> Text {
    if let Some(into) = &case.merged_into {
        return Text::new(format!("goes on in {into}"), format!("{into} に統合"));
    }
    if case.resolved.is_some() {
        return Text::fixed("closed", "終了");
    }
    abate_app::briefing::rung_word(case.rung)
}

fn load(ctx: &Ctx, store: &mut dyn Store, typed: &str) -> Result<Case, Failure> {
    let id = ctx.case_id(typed)?;
    let found = store.load_case(&id).map_err(|e| ctx.store_failure(e))?;
    found.map(|(case, _)| case).ok_or_else(|| ctx.app_failure(abate_app::AppError::NoCase { id }))
}

fn show(ctx: &Ctx, typed: &str, format: Format) -> Result<Exit, Failure> {
    let mut store = ctx.store()?;
    let case = load(ctx, &mut store, typed)?;
    if format == Format::Json {
        print_json(&case)?;
        return Ok(Exit::Done);
    }
    let zone = zone_of(ctx, &mut store, &case)?;
    let mut out = anstream::stdout();
    writeln!(out, "{}{}{:#}", screen::HEAD, case.id, screen::HEAD)?;
    screen::briefing(&mut out, &abate_app::briefing(&case, ctx.now, &zone), ctx.lang)?;
    plan(&mut out, &case, ctx.lang)?;
    let journal = store.journal(&case.id).map_err(|e| ctx.store_failure(e))?;
    screen::heading(&mut out, Text::fixed("Journal", "ジャーナル").get(ctx.lang))?;
    let (mut sources, mut records) = (0_u64, 0_u64);
    for (n, entry) in journal.iter().enumerate() {
        // Hundreds of files are one line here; each stands in the report and in case.json.
        if let Event::SourceAdded { records: read, .. } = &entry.event {
            (sources, records) = (sources + 1, records.saturating_add(*read));
            if journal.get(n + 1).is_some_and(|next| matches!(next.event, Event::SourceAdded { .. })) {
                continue;
            }
            let read = Text::new(
                format!("read {}, {}", count(sources, "source"), count(records, "record")),
                format!("証跡 {sources} 件（記録 {records} 件）を読み取り"),
            );
            (sources, records) = (0, 0);
            writeln!(out, "  {:>3}  {}  {}", entry.number, utc(entry.at), read.get(ctx.lang))?;
        } else {
            writeln!(out, "  {:>3}  {}  {}", entry.number, utc(entry.at), screen::safe(&event_line(&entry.event, ctx.lang)))?;
        }
    }
    writeln!(out, "  {}{}{:#}", screen::DIM, case.journal_head, screen::DIM)?;
    Ok(Exit::Done)
}

fn plan(out: &mut dyn Write, case: &Case, lang: Lang) -> std::io::Result<()> {
    screen::heading(out, Text::fixed("Plan", "対応計画").get(lang))?;
    for phase in [Phase::Contain, Phase::Eradicate, Phase::Recover, Phase::Prevent] {
        for step in case.plan.steps.iter().filter(|s| s.phase == phase) {
            let state = match &step.state {
                StepState::Proposed => format!("[ ] {}", step.id),
                StepState::Done { by, at, .. } => format!("[x] {} ({by}, {})", step.id, utc(*at)),
            };
            writeln!(out, "  {}  {}", screen::safe(&state), screen::safe(step.title.get(lang)))?;
        }
    }
    Ok(())
}

fn event_line(event: &Event, lang: Lang) -> String {
    let text = match event {
        Event::Opened { notice } => Text::new(format!("opened: {}", notice.category.id()), format!("案件を作成: {}", notice.category.id())),
        Event::NoticeJoined { notice, because } => {
            let all = |pick: fn(&Text) -> &str, with: &str| because.iter().map(pick).collect::<Vec<_>>().join(with);
            let name = notice.subject.as_deref().or(notice.message_id.as_deref()).unwrap_or("-");
            Text::new(
                format!("message joined: {name} ({})", all(|t| &t.en, "; ")),
                format!("関連する通知を追加: {name}（{}）", all(|t| &t.ja, "、")),
            )
        }
        Event::Merged { from, by, .. } => {
            Text::new(format!("case {from} merged into this one, by {by}"), format!("案件 {from} を統合（{by}）"))
        }
        Event::MergedInto { into, by } => Text::new(format!("goes on in case {into}, by {by}"), format!("案件 {into} に統合済み（{by}）")),
        Event::SourceAdded { path, records, lost, .. } => Text::new(
            format!("read {path}: {}, {lost} lost", count(*records, "record")),
            format!("読み取り {path}: {records} 件、読めず {lost} 件"),
        ),
        Event::Assessed { leading, .. } => Text::new(format!("assessed: {leading}"), format!("評価: {leading}")),
        Event::PlanProposed { steps, .. } => {
            Text::new(format!("plan of {}", count(steps.len(), "step")), format!("計画を作成（{} 手順）", steps.len()))
        }
        Event::LetterDrafted { sha256 } => Text::new(format!("letter drafted ({sha256:.12})"), format!("返信文を起案（{sha256:.12}）")),
        Event::StepDone { step, by, at, .. } => {
            Text::new(format!("done: {step}, by {by}, {}", utc(*at)), format!("実施: {step}、{by}、{}", utc(*at)))
        }
    };
    text.get(lang).to_owned()
}

/// Records a step that a person did.
pub fn done(ctx: &Ctx, args: DoneArgs) -> Result<Exit, Failure> {
    let id = ctx.case_id(&args.case)?;
    if args.at > ctx.now {
        return Err(Failure::input(anyhow!("{} lies in the future", utc(args.at)), Some("--at is when the step was done".to_owned())));
    }
    if args.by.trim().is_empty() {
        return Err(Failure::input(anyhow!("--by is empty"), Some("name the person who answers for it".to_owned())));
    }
    let mut store = ctx.store()?;
    let event = Event::StepDone { step: args.step.clone(), by: args.by.trim().to_owned(), at: args.at, note: args.note };
    let (case, out) = abate_app::state_done(&mut store, &id, event, ctx.now).map_err(|e| ctx.app_failure(e))?;
    let zone = zone_of(ctx, &mut store, &case)?;
    let mut to = anstream::stdout();
    let recorded = Text::new(format!("recorded: {}", args.step), format!("記録しました: {}", args.step));
    writeln!(to, "{}", screen::safe(recorded.get(ctx.lang)))?;
    if let Some(out) = out {
        write_folder(ctx, &case, &out, &zone)?;
        let again = Text::new(format!("written again: {}", out.display()), format!("更新しました: {}", out.display()));
        writeln!(to, "{}", again.get(ctx.lang))?;
    }
    Ok(Exit::Done)
}
