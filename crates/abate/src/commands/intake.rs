//! `abate intake` and `abate notice set-aside`: messages into cases, and the register of what was none.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use abate_findings::sigma::RuleSet;
use abate_lake::FileLake;
use abate_model::{CaseId, Lang, Text};
use abate_notice::threads::Place;
use abate_notice::triage::{self, Code, SetAside};
use anyhow::{Context, anyhow};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::Ctx;
use super::dns::Checker;
use crate::cli::{Format, Intake};
use crate::inputs::{self, Item};
use crate::{Exit, Failure, files, screen};

/// What became of a message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "became")]
enum Became {
    /// it opened a case
    Opened { case: CaseId, related: Vec<CaseId> },
    /// it joined one
    Joined { case: CaseId, because: Vec<Text> },
    /// it is none that we take
    SetAside(SetAside),
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    place: &'a str,
    #[serde(flatten)]
    became: &'a Became,
}

/// Takes messages into cases. One that cannot be taken never stops the others.
pub fn intake(ctx: &Ctx, args: &Intake) -> Result<Exit, Failure> {
    let checker = Checker::new(&args.dns)?;
    let mut taker = Taker { ctx, checker, rules: RuleSet::builtin(), counts: Counts::default() };
    let mut out = anstream::stdout();
    inputs::each(&args.paths, &mut |item| {
        let became = taker.take(&item)?;
        taker.counts.add(&became);
        match args.format {
            Format::Json => {
                let line = serde_json::to_string(&Line { place: &item.place, became: &became }).context("writing JSON")?;
                writeln!(out, "{line}")?;
            }
            Format::Text => writeln!(out, "{}", shown(&item.place, &became, ctx.lang))?,
        }
        Ok(())
    })?;
    let counts = &taker.counts;
    if args.format == Format::Text {
        let sum = Text::new(
            format!("{} opened, {} joined, {} duplicate, {} set aside", counts.opened, counts.joined, counts.duplicate, counts.aside),
            format!("新規 {} 件、追加 {} 件、重複 {} 件、除外 {} 件", counts.opened, counts.joined, counts.duplicate, counts.aside),
        );
        writeln!(out, "{}", sum.get(ctx.lang))?;
    }
    Ok(if counts.aside > 0 { Exit::Incomplete } else { Exit::Done })
}

#[derive(Debug, Default)]
struct Counts {
    opened: u64,
    joined: u64,
    duplicate: u64,
    aside: u64,
}

impl Counts {
    fn add(&mut self, became: &Became) {
        match became {
            Became::Opened { .. } => self.opened += 1,
            Became::Joined { .. } => self.joined += 1,
            Became::SetAside(aside) if aside.code == Code::Duplicate => self.duplicate += 1,
            Became::SetAside(_) => self.aside += 1,
        }
    }
}

struct Taker<'a> {
    ctx: &'a Ctx,
    checker: Checker,
    rules: RuleSet,
    counts: Counts,
}

impl Taker<'_> {
    fn take(&mut self, item: &Item) -> Result<Became, Failure> {
        let bytes = match &item.bytes {
            Ok(bytes) => bytes,
            Err(aside) => return self.aside(item, aside.clone()),
        };
        let reading = match triage::examine(bytes, &self.ctx.read_context()) {
            Ok(reading) => reading,
            Err(aside) => return self.aside(item, aside),
        };
        let notice = self.checker.judge(reading.notice, bytes, self.ctx.now);
        let mut store = self.ctx.store()?;
        let cases = self.ctx.cases()?;
        let rules = &self.rules;
        let request = abate_app::Request {
            notice,
            evidence: &[],
            rules,
            log_zone: TimeZone::UTC,
            now: self.ctx.now,
            cases: Some(&cases),
            preserve: false,
            forget_gone: false,
        };
        let lake = FileLake { objects: &self.ctx.objects };
        let outcome =
            abate_app::respond(request, &mut store, &lake, &mut abate_app::ports::NoProgress).map_err(|e| self.ctx.app_failure(e))?;
        Ok(match outcome.place {
            Place::New { related } => Became::Opened { case: outcome.case.id, related },
            Place::Joins { case, because } => Became::Joined { case, because },
            Place::Duplicate { case } => {
                let why = Text::new(format!("case {case} has it already"), format!("案件 {case} に登録済みです"));
                Became::SetAside(SetAside::new(Code::Duplicate, why))
            }
        })
    }

    /// Notes a message in the register, and keeps a copy of what could not be read.
    fn aside(&self, item: &Item, aside: SetAside) -> Result<Became, Failure> {
        let home = self.ctx.home()?;
        files::make_folder(&home)?;
        let bytes = item.bytes.as_deref().unwrap_or_default();
        let sha256 = abate_model::ids::sha256_hex(bytes);
        let known = register(&home.join(REGISTER))?.any(|entry| entry.is_ok_and(|e| e.sha256 == sha256 && e.place == item.place));
        if !known {
            let kept = matches!(aside.code, Code::Corrupt | Code::Unsupported) && !bytes.is_empty();
            let copy = if kept {
                let folder = home.join("set-aside");
                files::make_folder(&folder)?;
                let path = folder.join(&sha256);
                files::write_whole(&path, bytes)?;
                Some(path)
            } else {
                None
            };
            let entry =
                Entry { at: self.ctx.now, place: item.place.clone(), sha256, code: code_name(aside.code), why: aside.why.clone(), copy };
            let mut file =
                std::fs::OpenOptions::new().create(true).append(true).open(home.join(REGISTER)).context("opening the register")?;
            writeln!(file, "{}", serde_json::to_string(&entry).context("writing the register")?)?;
        }
        Ok(Became::SetAside(aside))
    }
}

/// The register of messages set aside: JSON lines in the home folder.
const REGISTER: &str = "set-aside.jsonl";

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    at: Timestamp,
    place: String,
    sha256: String,
    code: String,
    why: Text,
    copy: Option<PathBuf>,
}

fn code_name(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The entries, read one at a time.
fn register(path: &std::path::Path) -> Result<impl Iterator<Item = Result<Entry, anyhow::Error>> + use<>, Failure> {
    let file = match std::fs::File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::failed(anyhow!("cannot read {}: {error}", path.display()), None)),
    };
    let lines = file.into_iter().flat_map(|f| std::io::BufReader::new(f).lines());
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// Lists the register.
pub fn list_set_aside(ctx: &Ctx, format: Format) -> Result<Exit, Failure> {
    let mut out = anstream::stdout();
    for entry in register(&ctx.home()?.join(REGISTER))? {
        let entry = entry.context("reading the register of messages set aside")?;
        match format {
            Format::Json => writeln!(out, "{}", serde_json::to_string(&entry).context("writing JSON")?)?,
            Format::Text => {
                let line = format!("{}  {:<13} {}: {}", abate_model::time::utc(entry.at), entry.code, entry.place, entry.why.get(ctx.lang));
                writeln!(out, "{}", screen::safe(&line))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn shown(place: &str, became: &Became, lang: Lang) -> String {
    let text = match became {
        Became::Opened { case, related } if related.is_empty() => Text::new(format!("opened {case}"), format!("案件 {case} を作成")),
        Became::Opened { case, related } => {
            let others = related.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            Text::new(
                format!("opened {case}; same resource: {others} ('abate case merge' makes them one)"),
                format!("案件 {case} を作成（同じリソースの案件: {others}。「abate case merge」で統合できます）"),
            )
        }
        Became::Joined { case, because } => {
            let said = |pick: fn(&Text) -> &str, with: &str| because.iter().map(pick).collect::<Vec<_>>().join(with);
            Text::new(format!("joined {case}: {}", said(|t| &t.en, "; ")), format!("案件 {case} に追加: {}", said(|t| &t.ja, "、")))
        }
        Became::SetAside(aside) => Text::new(
            format!("set aside ({}): {}", code_name(aside.code), aside.why.en),
            format!("除外（{}）: {}", code_name(aside.code), aside.why.ja),
        ),
    };
    screen::safe(&format!("{place}: {}", text.get(lang))).replace('\n', " ")
}
