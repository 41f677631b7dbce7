//! The dialogue: SQL until `;`, commands that begin with `\`, history, completion.

use std::io::Write;

use abate_model::Text;
use abate_sql::{Engine, SqlError};
use anyhow::anyhow;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::line::{self, Names, Typed};
use super::show::{self, Harmless, View};
use super::{failure, one};
use crate::commands::Ctx;
use crate::{Exit, Failure, files};

/// Entries of the history that are kept.
const HISTORY: usize = 2000;

struct Help(Names);

impl Helper for Help {}
impl Hinter for Help {
    type Hint = String;
}
impl Highlighter for Help {}

impl Validator for Help {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if line::is_whole(context.input()) { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Completer for Help {
    type Candidate = String;

    fn complete(&self, text: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.complete(text, at))
    }
}

/// Reads and answers until the person leaves.
pub fn prompt(ctx: &Ctx, engine: &Engine, mut view: View) -> Result<Exit, Failure> {
    let terminal = |error: ReadlineError| Failure::failed(anyhow!("the terminal cannot be used: {error}"), None);
    let config = Config::builder()
        .max_history_size(HISTORY)
        .map_err(terminal)?
        .auto_add_history(false)
        .completion_type(CompletionType::List)
        .build();
    let mut editor: Editor<Help, DefaultHistory> = Editor::with_config(config).map_err(terminal)?;
    editor.set_helper(Some(Help(Names::of(engine.tables(), engine.functions()))));
    let home = ctx.home()?;
    files::make_folder(&home)?;
    let history = home.join("query-history");
    // None is kept yet, or it cannot be read: the dialogue works without it.
    let _ = editor.load_history(&history);
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(ctx.lang).to_owned();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{}",
        t(
            "SQL ends with ; -- \\d lists the tables, \\? helps, \\q leaves.",
            "SQL は ; で終わります。\\d でテーブルの一覧、\\? でヘルプ、\\q で終了します。"
        )
    )?;
    loop {
        let text = match editor.readline("abate> ") {
            Ok(text) => text,
            // Ctrl-C drops what was typed so far; Ctrl-D leaves.
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Exit::Done),
            Err(error) => return Err(terminal(error)),
        };
        let typed = line::parse(&text);
        if typed != Typed::Nothing {
            let _ = editor.add_history_entry(text.trim());
            if let Err(error) = editor.append_history(&history) {
                writeln!(std::io::stderr(), "{}: {error}", t("the history is not kept", "履歴を保存できません"))?;
            }
        }
        if typed == Typed::Quit {
            return Ok(Exit::Done);
        }
        match answer(ctx, engine, &mut view, typed) {
            Ok(()) => {}
            Err(SqlError::Io(error)) => return Err(error.into()),
            Err(error) => crate::complain(&failure(ctx, error), ctx.lang),
        }
    }
}

fn answer(ctx: &Ctx, engine: &Engine, view: &mut View, typed: Typed) -> Result<(), SqlError> {
    let mut out = Harmless::new(std::io::stdout());
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(ctx.lang).to_owned();
    match typed {
        Typed::Nothing | Typed::Quit => {}
        Typed::Tables => show::tables(&show::spans(engine)?, ctx.lang, &mut out)?,
        Typed::Columns(name) => show::columns(engine.table(&name)?, ctx.lang, &mut out)?,
        Typed::Expanded => {
            view.expanded = !view.expanded;
            let said = if view.expanded {
                t("each value on its own line", "値を 1 行ずつ表示します")
            } else {
                t("as a table", "表で表示します")
            };
            writeln!(out, "{said}")?;
        }
        Typed::Format(format) => {
            view.format = format.unwrap_or(view.format);
            let name = clap::ValueEnum::to_possible_value(&view.format).map(|value| value.get_name().to_owned());
            writeln!(out, "{}: {}", t("format", "形式"), name.unwrap_or_default())?;
        }
        Typed::Help => writeln!(out, "{}", Text::fixed(HELP, HELP_JA).get(ctx.lang))?,
        Typed::Unknown(text) => {
            writeln!(
                out,
                "{}: {text}\n{}",
                t("no such command", "そのようなコマンドはありません"),
                Text::fixed(HELP, HELP_JA).get(ctx.lang)
            )?;
        }
        Typed::Sql(text) => {
            for statement in abate_sql::statements(&text)? {
                one(engine, &statement, view, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

const HELP: &str = "\
  SELECT … ;        a query; it may take several lines
  \\d                the tables, with rows and time span
  \\d TABLE          its columns, with their meaning
  \\x                each value on a line of its own, or back
  \\format NAME      table, json, ndjson or csv
  \\q                leave (also Ctrl-D)
Tab completes names; Ctrl-C stops a query.";

const HELP_JA: &str = "\
  SELECT … ;        問い合わせ（複数行も可）
  \\d                テーブルの一覧（行数と期間）
  \\d テーブル       列の一覧と意味
  \\x                値を 1 行ずつ表示、または表に戻す
  \\format 形式      table、json、ndjson、csv
  \\q                終了（Ctrl-D も可）
Tab で名前を補完し、Ctrl-C で問い合わせを中止します。";
