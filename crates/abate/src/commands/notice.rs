//! `abate notice read` and `abate collect-script`.

use std::io::Write;

use abate_model::{Lang, Notice, Text};

use super::{Ctx, print_json, respond::read_notice};
use crate::cli::{CollectScript, Format, NoticeCommand};
use crate::{Exit, Failure, files, screen};

/// Prints what was understood of a notice.
pub fn notice(ctx: &Ctx, command: NoticeCommand) -> Result<Exit, Failure> {
    let NoticeCommand::Read { notice, format } = command;
    let notice = read_notice(ctx, &notice)?;
    match format {
        Format::Json => print_json(&notice)?,
        Format::Text => print_text(ctx.lang, &notice)?,
    }
    Ok(Exit::Done)
}

fn print_text(lang: Lang, notice: &Notice) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    let word = |value: &dyn Fn() -> serde_json::Result<serde_json::Value>| {
        value().ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let mut line = |en: &'static str, ja: &'static str, value: &str| -> std::io::Result<()> {
        if value.is_empty() { Ok(()) } else { writeln!(out, "{}: {}", Text::fixed(en, ja).get(lang), screen::safe(value)) }
    };
    line("kind", "種別", &word(&|| serde_json::to_value(notice.kind)))?;
    line("category", "分類", notice.category.title().get(lang))?;
    line("account", "アカウント", notice.account_id.as_deref().unwrap_or_default())?;
    line("Region", "リージョン", &notice.regions.join(", "))?;
    line("case number", "ケース番号", notice.case_number.as_deref().unwrap_or_default())?;
    for resource in &notice.resources {
        let kind = word(&|| serde_json::to_value(resource.kind));
        let masked = if resource.masked { " (masked)" } else { "" };
        line("resource", "リソース", &format!("{kind} {} {}{masked}", resource.id, resource.addresses.join(" ")))?;
    }
    for r in &notice.reported {
        let time = r.window().map(|w| format!("{} - {}", abate_model::time::utc(w.from), abate_model::time::utc(w.to))).unwrap_or_default();
        let remotes = r.remote.iter().map(|r| {
            format!(
                "{}:{}/{}",
                r.address.as_deref().unwrap_or("?"),
                r.port.map_or("?".to_owned(), |p| p.to_string()),
                r.protocol.as_deref().unwrap_or("?")
            )
        });
        let remotes = remotes.take(10).collect::<Vec<_>>().join(" ");
        line("reported", "報告内容", &format!("{} {} {} {time} {remotes}", r.id, r.category.id(), r.resource.as_deref().unwrap_or("")))?;
    }
    for action in &notice.required_actions {
        line("asked for", "求められていること", action)?;
    }
    for mitigation in &notice.mitigations {
        line("blocked by AWS", "AWS による制限", mitigation)?;
    }
    let basis = word(&|| serde_json::to_value(notice.deadline.basis));
    line("deadline", "期限", &format!("{} ({basis})", abate_model::time::utc(notice.deadline.at)))?;
    let verdict = word(&|| serde_json::to_value(notice.authenticity.verdict));
    line("sender", "送信者の確認", &format!("{verdict}: {}", notice.authenticity.said().get(lang)))?;
    for unread in &notice.unread {
        line("not understood", "読み取れなかった行", unread)?;
    }
    Ok(())
}

/// Writes the collection script.
pub fn collect_script(ctx: &Ctx, args: CollectScript) -> Result<Exit, Failure> {
    let notice = read_notice(ctx, &args.notice)?;
    let script = abate_response::collect_script(&notice);
    match args.out {
        Some(path) => files::write_whole(&path, script.as_bytes())?,
        None => std::io::stdout().lock().write_all(script.as_bytes())?,
    }
    Ok(Exit::Done)
}
