//! `abate evidence …`: what is in a heap of logs, the raw record behind a citation, the tables as Parquet.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::Rules;
use abate_app::ports::{IngestRequest, Lake, LakeError, Store, is_stdin, object_place, still_there};
use abate_lake::{FileLake, Look, NotShown};
use abate_model::text::count;
use abate_model::time::utc;
use abate_model::totals::{Fate, Totals};
use abate_model::{Cite, Clock, Coverage, Evidence, Lang, Source, Text};
use anyhow::{Context, anyhow};
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Ctx, print_json};
use crate::cli::{EvidenceCommand, EvidenceOf, Format, RuleArgs};
use crate::progress::Bar;
use crate::{Exit, Failure, objects, screen};

/// More sources are shown by format only; `--format json` has them all.
const MOST_SOURCES: usize = 25;

/// Clocks that are shown one by one.
const MOST_CLOCKS: usize = 25;

/// Gaps of one log that are shown one by one.
const MOST_GAPS: usize = 3;

/// Losses of one source that are shown one by one.
const MOST_LOSSES: usize = 5;

/// Dispatches.
pub fn evidence(ctx: &Ctx, command: EvidenceCommand) -> Result<Exit, Failure> {
    match command {
        EvidenceCommand::Read { of, format } => read(ctx, &of, format),
        EvidenceCommand::Show { cite, of } => show(ctx, &cite, &of),
        EvidenceCommand::Verify { of, keys, signatures, against, format } => {
            let by = super::verify::By { keys: &keys, signatures: &signatures, against: against.as_deref() };
            super::verify::verify(ctx, &of, &by, format)
        }
        EvidenceCommand::Plan { of, out, shard_bytes } => super::shards::plan(ctx, &of, out.as_deref(), shard_bytes),
        EvidenceCommand::Shard { plan, number, lake, rules } => super::shards::shard(ctx, &plan, number, lake, &rules),
        EvidenceCommand::Export { of, out, format } => export(ctx, &of, &out, format),
    }
}

/// Which evidence was asked for.
pub(super) struct Asked {
    pub paths: Vec<PathBuf>,
    pub zone: TimeZone,
    /// the instant from which years are reckoned
    pub reference: Timestamp,
    /// where what was read is kept, if it is
    pub lake: Option<PathBuf>,
    /// a folder with copies of the files, if there is one
    pub copies: Option<PathBuf>,
    /// the sources as the case has them
    pub sources: Vec<Source>,
}

impl Asked {
    /// The SHA-256 of the file that a source lies in, as it was read, if that is known.
    fn sha256(&self, source: &str) -> Option<String> {
        let known = self.sources.iter().find(|s| s.path == source);
        let of_case = known.map(|s| s.containers.first().map_or_else(|| s.sha256.clone(), |outer| outer.sha256.clone()));
        of_case.or_else(|| abate_lake::hash_of(self.lake.as_deref()?, source))
    }
}

pub(super) fn asked(ctx: &Ctx, of: &EvidenceOf) -> Result<Asked, Failure> {
    objects::check(&of.paths, ctx.lang)?;
    let (paths, copies) = (of.paths.clone(), of.preserve.clone());
    let mut asked = Asked { paths, zone: zone(&of.log_zone)?, reference: ctx.now, lake: of.lake.clone(), copies, sources: Vec::new() };
    if let Some(typed) = &of.case {
        let id = ctx.case_id(typed)?;
        let mut store = ctx.store()?;
        let Some((case, _)) = store.load_case(&id).map_err(|e| ctx.store_failure(e))? else {
            return Err(ctx.app_failure(abate_app::AppError::NoCase { id }));
        };
        let all = store.evidence(&id, &asked.paths).map_err(|e| ctx.store_failure(e))?;
        asked.paths = still_there(all, &asked.paths);
        // As `abate respond` reads it, so that what that kept is not read again.
        asked.reference = abate_app::reference_time(&case.notice, ctx.now);
        asked.lake = Some(abate_app::lake_of(&ctx.cases()?, &id));
        asked.copies = asked.copies.or_else(|| Some(abate_app::originals_of(&ctx.cases().ok()?, &id)));
        asked.sources = case.sources;
    }
    // Paths that the case remembers may be gone; of those that were typed now something must be known.
    let elsewhere = |p: &Path| is_stdin(p) || object_place(p).is_some();
    let known = |p: &Path| abate_lake::knows(asked.lake.as_deref(), asked.copies.as_deref(), p);
    if let Some(missing) = of.paths.iter().find(|p| !elsewhere(p) && !p.exists() && !known(p)) {
        let hint = Text::fixed("check the path", "パスを確認してください");
        return Err(Failure::input(anyhow!("there is no evidence at {}", missing.display()), Some(hint.get(ctx.lang).to_owned())));
    }
    if asked.paths.is_empty() {
        let hint = Text::fixed("give it some with 'abate respond'", "「abate respond」で証拠を追加してください");
        return Err(Failure::input(anyhow!("the case has no evidence"), Some(hint.get(ctx.lang).to_owned())));
    }
    Ok(asked)
}

/// A zone by its IANA name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|e| {
        Failure::input(anyhow!("'{name}' is no time zone: {e}"), Some("use an IANA name such as UTC or Asia/Tokyo".to_owned()))
    })
}

pub(super) fn ingest(ctx: &Ctx, of: &EvidenceOf) -> Result<Box<dyn Evidence>, Failure> {
    let Asked { paths, zone, reference, lake, .. } = asked(ctx, of)?;
    let rules = super::rules::load(ctx, &of.rules)?;
    let matcher = Rules(&rules);
    let request = IngestRequest {
        paths: &paths,
        reference,
        zone,
        rules: Some(&matcher),
        // A case may have been read with more rules than are named here.
        any_rules: of.rules == RuleArgs::default(),
        lake: lake.as_deref(),
        preserve: of.preserve.as_deref(),
        forget_gone: of.forget_gone,
    };
    let mut bar = Bar::new(of.quiet, ctx.lang);
    let lake = FileLake { objects: &ctx.objects };
    let evidence = lake.ingest(&request, &mut bar).map_err(|e| ctx.app_failure(abate_app::AppError::Lake(e)))?;
    if !of.quiet {
        objects::advise(&ctx.objects, ctx.lang)?;
    }
    Ok(evidence)
}

fn exit(evidence: &dyn Evidence) -> Exit {
    if evidence.sources().iter().any(|s| s.lost() > 0) { Exit::Incomplete } else { Exit::Done }
}

#[derive(Serialize)]
struct Contents<'a> {
    sources: &'a [Source],
    coverage: &'a [Coverage],
    clocks: &'a [Clock],
    totals: Totals,
}

fn read(ctx: &Ctx, of: &EvidenceOf, format: Format) -> Result<Exit, Failure> {
    let evidence = ingest(ctx, of)?;
    let clocks = abate_findings::clocks::compare(&*evidence);
    // Nothing may be concluded from half of the rows.
    if let Some(reason) = evidence.trouble() {
        let place = of.lake.as_deref().map_or_else(|| "a temporary folder".to_owned(), |lake| lake.display().to_string());
        return Err(ctx.app_failure(abate_app::AppError::Lake(LakeError::Disk { place, reason })));
    }
    if format == Format::Json {
        let totals = Totals::of(evidence.sources());
        print_json(&Contents { sources: evidence.sources(), coverage: evidence.coverage(), clocks: &clocks, totals })?;
        return Ok(exit(&*evidence));
    }
    let mut out = anstream::stdout();
    writeln!(out, "{}", sources(evidence.sources(), ctx.lang))?;
    totals(&Totals::of(evidence.sources()), ctx.lang)?;
    losses(&*evidence, ctx.lang)?;
    gone(&*evidence, ctx.lang)?;
    covered(&*evidence, ctx.lang)?;
    compared(&clocks, ctx.lang)?;
    Ok(exit(&*evidence))
}

/// How much there was, and what became of it.
fn totals(totals: &Totals, lang: Lang) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    let Totals { listed, fates, records, duplicates, lost } = totals;
    let sum = Text::new(
        format!("{}, {}, {}, {lost} lost", count(listed.objects, "source"), count(*records, "record"), count(*duplicates, "duplicate")),
        format!("ソース {}、記録 {records}、重複 {duplicates}、損失 {lost}", listed.objects),
    );
    writeln!(out, "{}", sum.get(lang))?;
    let amount = |title: Text, objects: u64, bytes: u64| {
        let title = title.get(lang).to_owned();
        Text::new(format!("{title} {objects} ({bytes} bytes)"), format!("{title} {objects}（{bytes} バイト）")).get(lang).to_owned()
    };
    let parts: Vec<String> =
        fates.iter().filter(|(_, a)| a.objects > 0).map(|(fate, a)| amount(fate.title(), a.objects, a.bytes)).collect();
    let listed = amount(Text::fixed("listed", "対象"), listed.objects, listed.bytes);
    writeln!(out, "{listed} = {}", parts.join(" + "))?;
    Ok(())
}

/// Each source; where there are many, each format.
fn sources(sources: &[Source], lang: Lang) -> Table {
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    let name = |source: &Source| source.format.clone().unwrap_or_else(|| Fate::of(source).title().get(lang).to_owned());
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    let each = sources.len() <= MOST_SOURCES;
    let first = if each { t("source", "ソース") } else { t("sources", "ソース数") };
    let numbers = [t("bytes", "バイト数"), t("records", "記録"), t("duplicates", "重複"), t("lost", "損失")];
    table.set_header([first, t("format", "形式")].into_iter().chain(numbers));
    let mut formats: BTreeMap<String, (u64, [u64; 4])> = BTreeMap::new();
    for source in sources {
        let numbers = [source.bytes, source.records, source.duplicates, source.lost()];
        if each {
            table.add_row([screen::line(&source.path), screen::safe(&name(source))].into_iter().chain(numbers.map(|n| n.to_string())));
            continue;
        }
        let (count, sums) = formats.entry(name(source)).or_default();
        *count += 1;
        sums.iter_mut().zip(numbers).for_each(|(sum, n)| *sum += n);
    }
    for (format, (count, sums)) in formats {
        table.add_row([count.to_string(), screen::safe(&format)].into_iter().chain(sums.map(|n| n.to_string())));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn losses(evidence: &dyn Evidence, lang: Lang) -> Result<(), Failure> {
    let lossy: Vec<&Source> = evidence.sources().iter().filter(|s| !s.losses.is_empty()).collect();
    if lossy.is_empty() {
        return Ok(());
    }
    let mut out = anstream::stdout();
    screen::heading(&mut out, Text::fixed("Not read, and why", "読み取れなかったものと理由").get(lang))?;
    for source in lossy {
        writeln!(out, "  {}", screen::line(&source.path))?;
        for loss in source.losses.iter().take(MOST_LOSSES) {
            let place = loss.first.map(|at| format!(" ({at})")).unwrap_or_default();
            writeln!(out, "    {} x {}{place}", loss.count, screen::safe(&loss.reason))?;
        }
        if let Some(more) = source.losses.len().checked_sub(MOST_LOSSES).filter(|n| *n > 0) {
            writeln!(out, "    {}", Text::new(format!("and {more} further reasons"), format!("ほか {more} 種類")).get(lang))?;
        }
    }
    Ok(())
}

/// What is not there any more, although its rows are.
fn gone(evidence: &dyn Evidence, lang: Lang) -> Result<(), Failure> {
    let gone: Vec<&Source> = evidence.sources().iter().filter(|s| s.gone).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut out = anstream::stdout();
    screen::heading(
        &mut out,
        Text::fixed(
            "Read earlier, and gone now: the rows stay as they were read",
            "以前に読み取り、現在は存在しないもの（読み取った内容は維持）",
        )
        .get(lang),
    )?;
    for source in gone.iter().take(MOST_SOURCES) {
        writeln!(out, "  {}", screen::line(&source.path))?;
    }
    if let Some(more) = gone.len().checked_sub(MOST_SOURCES).filter(|n| *n > 0) {
        writeln!(out, "  {}", Text::new(format!("and {more} more"), format!("ほか {more} 件")).get(lang))?;
    }
    let hint = Text::fixed(
        "Such a file cannot be verified any more, and shown only from a copy (--preserve). If it was removed on purpose, --forget-gone leaves it out.",
        "これらは再検証できず、元の記録は写し（--preserve）からのみ表示できます。意図的に削除した場合は、--forget-gone を指定すると除外されます。",
    );
    writeln!(out, "  {}", hint.get(lang))?;
    Ok(())
}

fn covered(evidence: &dyn Evidence, lang: Lang) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    screen::heading(&mut out, Text::fixed("What it covers", "対象期間").get(lang))?;
    for c in evidence.coverage() {
        let scope = [&c.scope.account, &c.scope.region, &c.scope.host].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        let span = match (c.from, c.to) {
            (Some(from), Some(to)) => format!("{} - {}", utc(from), utc(to)),
            _ => Text::fixed("no times", "時刻なし").get(lang).to_owned(),
        };
        let gaps = match c.gaps.len() {
            0 => String::new(),
            n => Text::new(format!(", {}", count(n as u64, "gap")), format!("、欠落 {n} 箇所")).get(lang).to_owned(),
        };
        let records = Text::new(count(c.records, "record"), format!("記録 {}", c.records)).get(lang).to_owned();
        let of =
            [c.table.name(), &screen::line(&scope.join(" "))].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let comma = Text::fixed(", ", "、").get(lang).to_owned();
        writeln!(out, "  {of} ({}): {span}{comma}{records}{gaps}", c.format)?;
        for gap in c.gaps.iter().take(MOST_GAPS) {
            let text = Text::new(
                format!("nothing from {} to {}", utc(gap.from), utc(gap.to)),
                format!("記録なし: {} から {} まで", utc(gap.from), utc(gap.to)),
            );
            writeln!(out, "    {}", text.get(lang))?;
        }
    }
    Ok(())
}

/// How far the clocks of the logs are off.
fn compared(clocks: &[Clock], lang: Lang) -> Result<(), Failure> {
    if clocks.is_empty() {
        return Ok(());
    }
    let mut out = anstream::stdout();
    screen::heading(&mut out, Text::fixed("Their clocks", "時計のずれ").get(lang))?;
    // What must be acted on first.
    let (off, others): (Vec<&Clock>, Vec<&Clock>) = clocks.iter().partition(|clock| clock.is_off());
    for clock in off.iter().chain(&others).take(MOST_CLOCKS) {
        writeln!(out, "  {}: {}", screen::safe(clock.name().get(lang)), screen::safe(clock.says.get(lang)))?;
    }
    if let Some(more) = clocks.len().checked_sub(MOST_CLOCKS).filter(|n| *n > 0) {
        writeln!(out, "  {}", Text::new(format!("and {more} more"), format!("ほか {more} 件")).get(lang))?;
    }
    Ok(())
}

/// The raw record that a citation names.
fn show(ctx: &Ctx, typed: &str, of: &EvidenceOf) -> Result<Exit, Failure> {
    let cite: Cite = typed.parse().map_err(|error| {
        let hint = Text::fixed(
            "copy source and place from timeline.csv or the report, e.g. 'logs/auth.log@bytes 1024+96'",
            "timeline.csv またはレポートのソースと位置を指定してください（例: logs/auth.log@bytes 1024+96）",
        );
        Failure::input(anyhow!("{error}"), Some(hint.get(ctx.lang).to_owned()))
    })?;
    let asked = asked(ctx, of)?;
    let sha256 = asked.sha256(&cite.source);
    let Asked { paths, zone, reference, copies, .. } = &asked;
    let (sha256, copies) = (sha256.as_deref(), copies.as_deref());
    let look = Look { paths, objects: &ctx.objects, reference: *reference, zone, sha256, copies };
    let raw = match abate_lake::raw(&look, &cite) {
        Ok(raw) => raw,
        Err(why) => {
            objects::advise(&ctx.objects, ctx.lang)?;
            return Err(not_shown(&why, &cite, &asked, ctx.lang));
        }
    };
    // On a screen the bytes are made harmless; in a pipe they come as they are.
    let mut out = std::io::stdout().lock();
    if std::io::IsTerminal::is_terminal(&out) {
        writeln!(out, "{}", screen::safe(&String::from_utf8_lossy(&raw)))?;
    } else {
        out.write_all(&raw)?;
    }
    Ok(Exit::Done)
}

/// Why a record cannot be shown, and what to do.
fn not_shown(why: &NotShown, cite: &Cite, asked: &Asked, lang: Lang) -> Failure {
    let copies = asked.copies.as_ref().filter(|folder| folder.is_dir());
    let place = asked.paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
    let back = match copies {
        None => Text::fixed(
            "put the file back as it was read, or name the folder with its copy with --preserve DIR",
            "読み取った時点のファイルを元の場所に戻すか、写しのあるフォルダーを --preserve で指定してください",
        ),
        Some(folder) => Text::new(
            format!("put the file back as it was read; there is no copy of it in {}", folder.display()),
            format!("読み取った時点のファイルを元の場所に戻してください。{} に写しはありません", folder.display()),
        ),
    };
    let source = screen::line(&cite.source);
    let (what, hint) = match why {
        NotShown::Absent => (anyhow!("the file of {source} is not there any more (looked for in {place})"), back),
        NotShown::Unreadable { place, reason } => (anyhow!("{place} cannot be read: {reason}"), back),
        NotShown::Changed { place } => (anyhow!("{place} is not what was read any more: its SHA-256 is another"), back),
        NotShown::NoRecord => {
            let hint = Text::fixed(
                "'abate evidence read' lists the sources; the evidence must be the same as when the citation was made",
                "「abate evidence read」でソースの一覧を確認してください。引用時と同じ証拠を指定する必要があります",
            );
            (anyhow!("there is no record at {cite}"), hint)
        }
    };
    Failure::input(what, Some(hint.get(lang).to_owned()))
}

fn export(ctx: &Ctx, of: &EvidenceOf, folder: &Path, format: Format) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let holds = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    if holds.flatten().any(|e| e.path().extension().is_some_and(|x| x == "parquet")) {
        let hint = Text::fixed("name an empty folder", "空のフォルダーを指定してください");
        return Err(Failure::input(anyhow!("{} holds Parquet files already", folder.display()), Some(hint.get(ctx.lang).to_owned())));
    }
    let evidence = ingest(ctx, of)?;
    let written = abate_lake::export(&*evidence, folder).with_context(|| folder.display().to_string())?;
    if format == Format::Json {
        print_json(&written)?;
        return Ok(exit(&*evidence));
    }
    let mut out = anstream::stdout();
    for one in written {
        writeln!(out, "{}: {} ({})", one.table, one.file.display(), count(one.rows, "row"))?;
    }
    Ok(exit(&*evidence))
}
