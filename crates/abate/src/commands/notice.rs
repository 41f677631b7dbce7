//! `abate notice read`, `abate notice explain` and `abate collect-script`.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};

use abate_model::{AuthenticityVerdict, DeadlineBasis, Lang, Notice, NoticeKind, Text};
use abate_notice::triage::{self, Code, SetAside};
use abate_notice::{Reading, Why};
use anyhow::Context;
use serde::Serialize;

use super::dns::Checker;
use super::{Ctx, print_json, respond::read_notice};
use crate::cli::{CollectScript, Format, NoticeCommand};
use crate::inputs::{self, Item};
use crate::{Exit, Failure, files, screen};

/// Dispatches.
pub fn notice(ctx: &Ctx, command: NoticeCommand) -> Result<Exit, Failure> {
    match command {
        NoticeCommand::Read { paths, why, dns, format } => {
            let checker = Checker::new(&dns)?;
            let many = inputs::many(&paths);
            let mut show = Show { ctx, checker, why, format, many, read: 0, aside: 0, seen: VecDeque::new() };
            read(&paths, &mut show)
        }
        NoticeCommand::Explain { notice, format } => explain(ctx, &notice, format),
        NoticeCommand::SetAside { format } => super::intake::list_set_aside(ctx, format),
    }
}

fn read(paths: &[PathBuf], show: &mut Show<'_>) -> Result<Exit, Failure> {
    inputs::each(paths, &mut |item| show.item(&item))?;
    if show.many && show.format == Format::Text {
        let sum = Text::new(
            format!("{} read, {} set aside", show.read, show.aside),
            format!("読み取り {} 件、除外 {} 件", show.read, show.aside),
        );
        writeln!(anstream::stdout(), "\n{}", sum.get(show.ctx.lang))?;
    }
    Ok(match (show.read, show.aside) {
        (_, 0) => Exit::Done,
        (0, _) if !show.many => Exit::Input,
        _ => Exit::Incomplete,
    })
}

/// Messages remembered in order to tell duplicates within one run; older ones are forgotten, so that memory does not grow.
const REMEMBERED: usize = 4_096;

struct Show<'a> {
    ctx: &'a Ctx,
    checker: Checker,
    why: bool,
    format: Format,
    many: bool,
    read: u64,
    aside: u64,
    seen: VecDeque<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'a Notice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a [Why]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_aside: Option<&'a SetAside>,
}

impl Show<'_> {
    fn item(&mut self, item: &Item) -> Result<(), Failure> {
        let found = item.bytes.as_ref().map_err(Clone::clone).and_then(|bytes| triage::examine(bytes, &self.ctx.read_context()));
        let found = found.and_then(|reading| self.fresh(reading));
        match found {
            Ok(mut reading) => {
                self.read += 1;
                if let Ok(bytes) = &item.bytes {
                    reading.notice = self.checker.judge(reading.notice, bytes, self.ctx.now);
                }
                self.reading(&item.place, &reading)
            }
            Err(aside) => {
                self.aside += 1;
                self.set_aside(item, &aside)
            }
        }
    }

    /// A message that came before in this run is a duplicate.
    fn fresh(&mut self, reading: Reading) -> Result<Reading, SetAside> {
        let notice = &reading.notice;
        let key = format!("{:?} {}", notice.message_id, abate_model::thread::words_hash(notice));
        if self.seen.contains(&key) {
            let why = Text::fixed("the same message came before in this run", "同じ通知がこの実行で既に読み取られています");
            return Err(SetAside::new(Code::Duplicate, why));
        }
        self.seen.push_back(key);
        if self.seen.len() > REMEMBERED {
            self.seen.pop_front();
        }
        Ok(reading)
    }

    fn reading(&self, place: &str, reading: &Reading) -> Result<(), Failure> {
        let why = self.why.then_some(reading.why.as_slice());
        match self.format {
            Format::Json if self.many => json_line(&Line { place, notice: Some(&reading.notice), why, set_aside: None }),
            Format::Json if self.why => print_json(reading),
            Format::Json => print_json(&reading.notice),
            Format::Text => {
                if self.many {
                    let mut out = anstream::stdout();
                    screen::heading(&mut out, &screen::safe(place))?;
                }
                print_text(self.ctx.lang, &reading.notice)?;
                why.map_or(Ok(()), |why| print_why(self.ctx.lang, why))
            }
        }
    }

    fn set_aside(&self, item: &Item, aside: &SetAside) -> Result<(), Failure> {
        let code = serde_json::to_value(aside.code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let line = Text::new(
            format!("{}: set aside ({code}): {}\n  {}", item.place, aside.why.en, aside.hint.en),
            format!("{}: 除外（{code}）: {}\n  {}", item.place, aside.why.ja, aside.hint.ja),
        );
        match self.format {
            Format::Json => json_line(&Line { place: &item.place, notice: None, why: None, set_aside: Some(aside) }),
            Format::Text if self.many => Ok(writeln!(anstream::stdout(), "\n{}", screen::safe(line.get(self.ctx.lang)))?),
            Format::Text => Ok(writeln!(anstream::stderr(), "{}", screen::safe(line.get(self.ctx.lang)))?),
        }
    }
}

fn json_line<T: Serialize>(value: &T) -> Result<(), Failure> {
    let line = serde_json::to_string(value).context("writing JSON")?;
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

/// The name that a value has in JSON.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

const fn kind_text(kind: NoticeKind) -> Text {
    match kind {
        NoticeKind::First => Text::fixed("first", "最初の通知"),
        NoticeKind::Reminder => Text::fixed("reminder", "催促"),
        NoticeKind::Final => Text::fixed("final notification", "最終通知"),
        NoticeKind::Update => Text::fixed("update", "続報"),
        NoticeKind::Resolved => Text::fixed("resolved", "解決済み"),
        NoticeKind::SelfFound => Text::fixed("found by ourselves", "自社での発見"),
    }
}

const fn basis_text(basis: DeadlineBasis) -> Text {
    match basis {
        DeadlineBasis::Stated => Text::fixed("as the notice says", "通知の記載どおり"),
        DeadlineBasis::FromDate => Text::fixed("24 hours after the notice's date", "通知の日時から 24 時間"),
        DeadlineBasis::FromReceipt => Text::fixed("24 hours after it was first seen", "最初に確認した時刻から 24 時間"),
    }
}

const fn verdict_text(verdict: AuthenticityVerdict) -> Text {
    match verdict {
        AuthenticityVerdict::Genuine => Text::fixed("genuine", "本物"),
        AuthenticityVerdict::Plausible => Text::fixed("plausible", "不審な点なし"),
        AuthenticityVerdict::Suspicious => Text::fixed("suspicious", "不審"),
        AuthenticityVerdict::Forged => Text::fixed("forged", "偽装"),
        AuthenticityVerdict::NotChecked => Text::fixed("not checked", "未確認"),
    }
}

fn print_text(lang: Lang, notice: &Notice) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    let mut line = |en: &'static str, ja: &'static str, value: &str| -> std::io::Result<()> {
        if value.is_empty() { Ok(()) } else { writeln!(out, "{}: {}", Text::fixed(en, ja).get(lang), screen::safe(value)) }
    };
    line("kind", "種別", kind_text(notice.kind).get(lang))?;
    line("layout", "様式", &word(notice.family))?;
    line("category", "分類", notice.category.title().get(lang))?;
    line("account", "アカウント", notice.account_id.as_deref().unwrap_or_default())?;
    line("Region", "リージョン", &notice.regions.join(", "))?;
    line("case number", "ケース番号", notice.case_number.as_deref().unwrap_or_default())?;
    for resource in &notice.resources {
        let masked = if resource.masked { " (masked)" } else { "" };
        let named = format!("{} {} {}{masked}", word(resource.kind), resource.id, resource.addresses.join(" "));
        line("resource", "リソース", named.trim_end())?;
    }
    for r in &notice.reported {
        let time = r.window().map(|w| match (abate_model::time::utc(w.from), abate_model::time::utc(w.to)) {
            (from, to) if from == to => from,
            (from, to) => format!("{from} - {to}"),
        });
        let time = time.unwrap_or_default();
        let remotes = r.remote.iter().map(|r| {
            format!(
                "{}:{}/{}",
                r.address.as_deref().unwrap_or("?"),
                r.port.map_or("?".to_owned(), |p| p.to_string()),
                r.protocol.as_deref().unwrap_or("?")
            )
        });
        let remotes = remotes.chain(r.urls.iter().cloned()).take(10).collect::<Vec<_>>().join(" ");
        let reported = format!("{} {} {} {time} {remotes}", r.id, r.category.id(), r.resource.as_deref().unwrap_or(""));
        line("reported", "報告内容", reported.trim_end())?;
    }
    for action in &notice.required_actions {
        line("asked for", "求められていること", action)?;
    }
    for mitigation in &notice.mitigations {
        line("blocked by AWS", "AWS による制限", mitigation)?;
    }
    line("deadline", "期限", &format!("{} ({})", abate_model::time::utc(notice.deadline.at), basis_text(notice.deadline.basis).get(lang)))?;
    line(
        "sender",
        "送信者の確認",
        &format!("{}: {}", verdict_text(notice.authenticity.verdict).get(lang), notice.authenticity.said().get(lang)),
    )?;
    for report in &notice.reports {
        let facts = report.facts.iter().take(6).map(|f| format!("{}={}", f.name, f.value)).collect::<Vec<_>>().join(", ");
        let records = match report.records {
            0 => String::new(),
            n => Text::new(format!(", {}", abate_model::text::count(n, "record")), format!("、{n} 件")).get(lang).to_owned(),
        };
        line("reporter's part", "通報者の記載", format!("{}{records} {facts}", word(report.format)).trim_end())?;
    }
    for unread in &notice.unread {
        line("not understood", "読み取れなかった行", unread)?;
    }
    Ok(())
}

fn print_why(lang: Lang, why: &[Why]) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    screen::heading(&mut out, Text::fixed("Where each value came from", "各値の読み取り元").get(lang))?;
    for one in why {
        writeln!(out, "  {} = {}", one.field, screen::safe(&one.value.replace('\n', " / ")))?;
        let dim = screen::DIM;
        let said = if one.said.is_empty() { String::new() } else { format!(" \"{}\"", one.said.replace('\n', " / ")) };
        writeln!(out, "    {dim}{}{}{dim:#}", screen::safe(one.rule_text().get(lang)), screen::safe(&said))?;
    }
    Ok(())
}

fn explain(ctx: &Ctx, path: &Path, format: Format) -> Result<Exit, Failure> {
    let notice = read_notice(ctx, path)?;
    let explanation = abate_notice::explain(&notice);
    if format == Format::Json {
        print_json(&explanation)?;
        return Ok(Exit::Done);
    }
    let mut out = anstream::stdout();
    let t = |text: &Text| screen::safe(text.get(ctx.lang));
    screen::heading(&mut out, Text::fixed("Sentence by sentence", "文ごとの説明").get(ctx.lang))?;
    for line in &explanation.lines {
        writeln!(out, "  {}{}{:#}", screen::DIM, screen::safe(&line.said), screen::DIM)?;
        match &line.means {
            Some(means) => writeln!(out, "    → {}", t(means))?,
            None => {
                let unknown = Text::fixed("(not understood; read it yourself)", "（Abate では解釈できません。原文を確認してください）");
                writeln!(out, "    → {}", t(&unknown))?;
            }
        }
    }
    for (en, ja, list) in [
        ("What AWS asks", "AWS が求めていること", &explanation.asked),
        ("What happens on silence", "返信しない場合", &explanation.silence),
        ("What is not known", "分かっていないこと", &explanation.unknown),
        ("First steps", "最初に行うこと", &explanation.first_steps),
    ] {
        if !list.is_empty() {
            screen::heading(&mut out, Text::fixed(en, ja).get(ctx.lang))?;
            for text in list {
                writeln!(out, "  - {}", t(text))?;
            }
        }
    }
    Ok(Exit::Done)
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
