//! `abate respond`, and the part that it shares with `abate case new`.

use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::ports::{is_stdin, object_place};
use abate_lake::FileLake;
use abate_model::{Case, Lang, Notice, Text};
use abate_notice::threads::Place;
use anyhow::anyhow;
use jiff::tz::TimeZone;

use super::dns::Checker;
use super::{Ctx, print_json};
use crate::cli::{EvidenceArgs, Format, Respond};
use crate::progress::Bar;
use crate::{Exit, Failure, files, objects, screen};

/// The main job.
pub fn respond(ctx: &Ctx, args: Respond) -> Result<Exit, Failure> {
    if is_stdin(&args.notice) && args.with.evidence.iter().any(|p| is_stdin(p)) {
        let hint = Text::fixed("give one of them as a file", "どちらか一方はファイルで指定してください");
        return Err(Failure::input(anyhow!("notice and evidence cannot both be standard input"), Some(hint.get(ctx.lang).to_owned())));
    }
    let checker = Checker::new(&args.dns)?;
    let bytes = files::read_notice(&args.notice)?;
    let reading = read_bytes(ctx, &args.notice, &bytes)?;
    let notice = checker.judge(reading.notice, &bytes, ctx.now);
    work(ctx, notice, args.with)
}

/// Reads a notice file into a notice.
pub fn read_notice(ctx: &Ctx, path: &Path) -> Result<Notice, Failure> {
    Ok(read_bytes(ctx, path, &files::read_notice(path)?)?.notice)
}

fn read_bytes(ctx: &Ctx, path: &Path, bytes: &[u8]) -> Result<abate_notice::Reading, Failure> {
    abate_notice::explained(bytes, &ctx.read_context()).map_err(|error| {
        let hint = error.hint().get(ctx.lang).to_owned();
        Failure::input(anyhow!(error).context(format!("{} cannot be read as a notice", path.display())), Some(hint))
    })
}

/// From a notice to the case folder.
pub fn work(ctx: &Ctx, notice: Notice, args: EvidenceArgs) -> Result<Exit, Failure> {
    let log_zone = TimeZone::get(&args.log_zone).map_err(|e| {
        Failure::input(anyhow!("'{}' is no time zone: {e}", args.log_zone), Some("use an IANA name such as UTC or Asia/Tokyo".to_owned()))
    })?;
    objects::check(&args.evidence, ctx.lang)?;
    if let Some(missing) = args.evidence.iter().find(|p| !is_stdin(p) && object_place(p).is_none() && !p.exists()) {
        let hint = Text::fixed(
            "check the path; without --evidence the notice alone is answered",
            "パスを確認してください。--evidence なしでも通知だけで実行できます",
        );
        return Err(Failure::input(anyhow!("there is no evidence at {}", missing.display()), Some(hint.get(ctx.lang).to_owned())));
    }
    let rules = super::rules::load(ctx, &args.rules)?;
    let mut store = ctx.store()?;
    let cases = ctx.cases()?;
    let request = abate_app::Request {
        notice,
        evidence: &args.evidence,
        rules: &rules,
        log_zone,
        now: ctx.now,
        cases: Some(&cases),
        preserve: args.preserve,
        forget_gone: args.forget_gone,
    };
    let mut bar = Bar::new(args.quiet, ctx.lang);
    let lake = FileLake { objects: &ctx.objects };
    let outcome = abate_app::respond(request, &mut store, &lake, &mut bar).map_err(|e| ctx.app_failure(e))?;
    let case = outcome.case;
    if !args.quiet {
        objects::advise(&ctx.objects, ctx.lang)?;
        tell_place(ctx, &case, &outcome.place)?;
    }
    let zone = zone_of(ctx, &mut store, &case)?;
    let out = args.out.unwrap_or_else(|| PathBuf::from(format!("abate-{}", case.id)));
    write_folder(ctx, &case, &out, &zone)?;
    remember_folder(ctx, &mut store, &case, &out)?;
    match args.format {
        Format::Json => print_json(&case)?,
        Format::Text if !args.quiet => first_page(ctx, &case, &out, &zone)?,
        Format::Text => {}
    }
    Ok(if case.lost() > 0 { Exit::Incomplete } else { Exit::Done })
}

/// Says when the notice did not simply open a case.
fn tell_place(ctx: &Ctx, case: &Case, place: &Place) -> Result<(), Failure> {
    let mut err = anstream::stderr();
    match place {
        Place::Joins { because, .. } => {
            let said = |pick: fn(&Text) -> &str, with: &str| because.iter().map(pick).collect::<Vec<_>>().join(with);
            let text = Text::new(
                format!("this message joins case {}: {}", case.id, said(|t| &t.en, "; ")),
                format!("この通知は案件 {} に追加されました: {}", case.id, said(|t| &t.ja, "、")),
            );
            writeln!(err, "{}", screen::safe(text.get(ctx.lang)))?;
        }
        Place::New { related } if !related.is_empty() => {
            let others = related.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            let text = Text::new(
                format!("other cases name the same resource: {others}; 'abate case merge {} {others} --by NAME' makes them one", case.id),
                format!("同じリソースの案件が他にあります: {others}（「abate case merge {} {others} --by 氏名」で統合できます）", case.id),
            );
            writeln!(err, "{}", screen::safe(text.get(ctx.lang)))?;
        }
        Place::New { .. } | Place::Duplicate { .. } => {}
    }
    Ok(())
}

/// The zone for display, from the account's profile.
pub fn zone_of(ctx: &Ctx, store: &mut dyn abate_app::ports::Store, case: &Case) -> Result<String, Failure> {
    let Some(account) = case.notice.account_id.as_deref().and_then(abate_model::AccountId::parse) else {
        return Ok(abate_model::AccountProfile::default().zone().to_owned());
    };
    let profile = store.profile(account.as_str()).map_err(|e| ctx.store_failure(e))?.unwrap_or_default();
    Ok(profile.zone().to_owned())
}

/// Writes the case folder.
pub fn write_folder(ctx: &Ctx, case: &Case, out: &Path, zone: &str) -> Result<(), Failure> {
    files::make_folder(out)?;
    for file in abate_app::files(case, ctx.lang, zone).map_err(|e| ctx.app_failure(e))? {
        files::write_whole(&out.join(file.name), &file.bytes)?;
    }
    Ok(())
}

fn remember_folder(ctx: &Ctx, store: &mut dyn abate_app::ports::Store, case: &Case, out: &Path) -> Result<(), Failure> {
    // A relative path would mean another folder in the next run.
    let absolute = std::fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    store.save_case(case, Some(&absolute)).map_err(|e| ctx.store_failure(e))
}

fn first_page(ctx: &Ctx, case: &Case, out: &Path, zone: &str) -> Result<(), Failure> {
    let page = abate_app::briefing(case, ctx.now, zone);
    let mut to = anstream::stdout();
    let head = Text::new(format!("Case {}", case.id), format!("案件 {}", case.id));
    writeln!(to, "{}{}{:#}", screen::HEAD, head.get(ctx.lang), screen::HEAD)?;
    screen::briefing(&mut to, &page, ctx.lang)?;
    let show = out.display();
    let dim = screen::DIM;
    match ctx.lang {
        Lang::En => {
            screen::heading(&mut to, "Written")?;
            writeln!(to, "  {show}/report.html     everything, to read and to print")?;
            writeln!(to, "  {show}/letter.en.txt   the answer to AWS (draft; read it before you send it)")?;
            writeln!(to, "  {show}/letter.ja.txt   the same letter in Japanese, for the approver")?;
            writeln!(to, "  {show}/plan.json, timeline.csv, case.json")?;
            writeln!(to, "{dim}When a step is done: abate done {} STEP --by NAME --at TIME{dim:#}", case.id)?;
        }
        Lang::Ja => {
            screen::heading(&mut to, "書き出したもの")?;
            writeln!(to, "  {show}/report.html     全体の報告書（閲覧・印刷用）")?;
            writeln!(to, "  {show}/letter.en.txt   AWS への返信（英文の下書き。送る前に必ず確認）")?;
            writeln!(to, "  {show}/letter.ja.txt   同じ内容の日本語訳（承認者用）")?;
            writeln!(to, "  {show}/plan.json, timeline.csv, case.json")?;
            writeln!(to, "{dim}手順を実施したら: abate done {} 手順ID --by 氏名 --at 時刻{dim:#}", case.id)?;
        }
    }
    Ok(())
}
