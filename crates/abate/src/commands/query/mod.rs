//! `abate query`: SQL over the tables of a case, or of a folder of Parquet.

mod line;
mod prompt;
mod show;

use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::Path;

use abate_lake::Snapshot;
use abate_model::Text;
use abate_sql::{Engine, FileFormat, Options, SqlError, Statement};
use anyhow::anyhow;

use self::show::{Harmless, View};
use super::{Ctx, print_json};
use crate::cli::{Query, QueryFormat};
use crate::files::{Whole, unwritable};
use crate::{Exit, Failure};

/// More SQL than this is no SQL.
const MAX_SQL: u64 = 4 << 20;

/// Dispatches.
pub fn query(ctx: &Ctx, args: Query) -> Result<Exit, Failure> {
    let (snapshot, typed) = asked(ctx, &args)?;
    let engine = Engine::open(&snapshot, Options { memory: args.memory, ..Options::default() }).map_err(|e| failure(ctx, e))?;
    let by_name = || args.out.as_deref().and_then(QueryFormat::of_file);
    let format = args.format.or_else(by_name).unwrap_or(QueryFormat::Table);
    let view = View { format, expanded: args.expanded, limit: args.limit, lang: ctx.lang };
    if args.tables || args.columns.is_some() {
        if typed.is_some() {
            let hint =
                Text::fixed("give either SQL, or --tables, or --columns", "SQL、--tables、--columns のいずれか一つを指定してください");
            return Err(Failure::input(anyhow!("a list and SQL are asked for at once"), Some(hint.get(ctx.lang).to_owned())));
        }
        engine.stop_on_ctrl_c();
        return list(ctx, &engine, args.columns.as_deref(), format);
    }
    let text = match typed.as_deref() {
        Some("-") => from_stdin()?,
        Some(text) => text.to_owned(),
        None if args.out.is_none() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            engine.stop_on_ctrl_c();
            return prompt::prompt(ctx, &engine, view);
        }
        None => {
            let hint =
                Text::fixed("give it as an argument, or - for standard input", "引数に SQL を、標準入力から読むには - を指定してください");
            return Err(Failure::input(anyhow!("there is no SQL"), Some(hint.get(ctx.lang).to_owned())));
        }
    };
    let statements = abate_sql::statements(&text).map_err(|e| failure(ctx, e))?;
    check(ctx, &statements, format, args.out.as_deref())?;
    engine.stop_on_ctrl_c();
    match &args.out {
        Some(path) => to_file(ctx, &engine, &statements, &view, path)?,
        None => to_stdout(ctx, &engine, &statements, &view)?,
    }
    Ok(Exit::Done)
}

/// The tables that are asked, and the SQL as typed.
fn asked(ctx: &Ctx, args: &Query) -> Result<(Snapshot, Option<String>), Failure> {
    let Some(folder) = &args.lake else {
        let case = args.first.as_deref().unwrap_or_default();
        return Ok((lake_of_case(ctx, case)?, args.second.clone()));
    };
    if args.second.is_some() {
        let hint = Text::fixed(
            "give --lake DIR and the SQL, without a case; quote the SQL",
            "--lake を使うときは案件を指定せず、SQL 全体を引用符で囲んでください",
        );
        return Err(Failure::input(anyhow!("both a case and --lake are given"), Some(hint.get(ctx.lang).to_owned())));
    }
    let snapshot = Snapshot::of_folder(folder).map_err(|e| {
        let hint = Text::fixed(
            "name a folder that 'abate evidence export' wrote",
            "「abate evidence export」で書き出したフォルダーを指定してください",
        );
        Failure::input(anyhow!("cannot read the tables: {e}"), Some(hint.get(ctx.lang).to_owned()))
    })?;
    if snapshot.parts.is_empty() {
        let hint = Text::fixed(
            "'abate evidence export PATH --out DIR' writes one",
            "「abate evidence export パス --out フォルダー」で書き出せます",
        );
        return Err(Failure::input(anyhow!("there are no tables in {}", folder.display()), Some(hint.get(ctx.lang).to_owned())));
    }
    Ok((snapshot, args.first.clone()))
}

/// The tables of a case, as its last assessment saw them.
fn lake_of_case(ctx: &Ctx, typed: &str) -> Result<Snapshot, Failure> {
    use abate_app::ports::Store;
    let id = ctx.case_id(typed)?;
    if ctx.store()?.load_case(&id).map_err(|e| ctx.store_failure(e))?.is_none() {
        return Err(ctx.app_failure(abate_app::AppError::NoCase { id }));
    }
    let folder = abate_app::lake_of(&ctx.cases()?, &id);
    let hint = Text::fixed(
        "read its evidence with 'abate evidence read --case CASE', or add some with 'abate respond NOTICE --evidence PATH'",
        "「abate evidence read --case 案件」で証拠を読み込むか、「abate respond 通知 --evidence パス」で証拠を追加してください",
    );
    let failed = |error: anyhow::Error| Failure::input(error, Some(hint.get(ctx.lang).to_owned()));
    if !folder.is_dir() {
        return Err(failed(anyhow!("nothing was read of evidence for case {id}")));
    }
    Snapshot::of_folder(&folder).map_err(|e| failed(anyhow!("cannot read the tables of case {id}: {e}")))
}

fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(MAX_SQL).read_to_string(&mut text).map_err(|e| Failure::input(anyhow!("standard input: {e}"), None))?;
    Ok(text)
}

/// What was asked fits together.
fn check(ctx: &Ctx, statements: &[Statement], format: QueryFormat, out: Option<&Path>) -> Result<(), Failure> {
    let wrong = |what: &str, hint: Text| Err(Failure::input(anyhow!("{what}"), Some(hint.get(ctx.lang).to_owned())));
    if statements.is_empty() {
        return wrong("there is no statement in the SQL", Text::fixed("e.g. SELECT * FROM sources", "例: SELECT * FROM sources"));
    }
    if format == QueryFormat::Parquet && out.is_none() {
        return wrong("Parquet is not printed", Text::fixed("name a file with --out", "--out でファイルを指定してください"));
    }
    if statements.len() > 1 && !matches!(format, QueryFormat::Table | QueryFormat::Ndjson) {
        let hint = Text::fixed("give them one by one, or use --format table", "1 文ずつ実行するか、--format table を使用してください");
        return wrong("this format holds one answer only, and there are several statements", hint);
    }
    Ok(())
}

fn to_stdout(ctx: &Ctx, engine: &Engine, statements: &[Statement], view: &View) -> Result<(), Failure> {
    let raw = std::io::stdout();
    // On a screen the bytes are made harmless; in a pipe they come as they are.
    if raw.is_terminal() {
        let mut out = Harmless::new(raw);
        for statement in statements {
            one(engine, statement, view, &mut out).map_err(|e| failure(ctx, e))?;
        }
        return Ok(out.flush()?);
    }
    let mut out = BufWriter::new(raw);
    for statement in statements {
        one(engine, statement, view, &mut out).map_err(|e| failure(ctx, e))?;
    }
    Ok(out.flush()?)
}

fn to_file(ctx: &Ctx, engine: &Engine, statements: &[Statement], view: &View, path: &Path) -> Result<(), Failure> {
    let unwritable = |e| unwritable(path, &e);
    let mut whole = Whole::create(path).map_err(unwritable)?;
    // A file holds everything that was asked for.
    let view = View { limit: 0, ..*view };
    for statement in statements {
        one(engine, statement, &view, whole.file()).map_err(|e| failure(ctx, e))?;
    }
    whole.keep().map_err(unwritable)
}

/// Runs one statement and gives its answer.
fn one<W: Write + Send>(engine: &Engine, statement: &Statement, view: &View, out: &mut W) -> Result<(), SqlError> {
    let mut answer = engine.run(statement)?;
    let format = match view.format {
        QueryFormat::Table => return show::table(&mut answer, view, out),
        QueryFormat::Json => FileFormat::Json,
        QueryFormat::Ndjson => FileFormat::Ndjson,
        QueryFormat::Csv => FileFormat::Csv,
        QueryFormat::Parquet => FileFormat::Parquet,
    };
    abate_sql::write(&mut answer, format, out).map(drop)
}

/// The tables, or the columns of one.
fn list(ctx: &Ctx, engine: &Engine, of: Option<&str>, format: QueryFormat) -> Result<Exit, Failure> {
    let json = match format {
        QueryFormat::Table => false,
        QueryFormat::Json => true,
        QueryFormat::Ndjson | QueryFormat::Csv | QueryFormat::Parquet => {
            let hint = Text::fixed("use --format table or json", "--format table または json を使用してください");
            return Err(Failure::input(anyhow!("lists are not given in this format"), Some(hint.get(ctx.lang).to_owned())));
        }
    };
    let mut out = anstream::stdout();
    match of {
        Some(name) => {
            let table = engine.table(name).map_err(|e| failure(ctx, e))?;
            if json {
                print_json(&show::columns_json(table))?;
            } else {
                show::columns(table, ctx.lang, &mut out)?;
            }
        }
        None => {
            let tables = show::spans(engine).map_err(|e| failure(ctx, e))?;
            if json {
                print_json(&show::tables_json(&tables))?;
            } else {
                show::tables(&tables, ctx.lang, &mut out)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// An error of the engine, with its advice.
fn failure(ctx: &Ctx, error: SqlError) -> Failure {
    let hint = error.hint().map(|hint| hint.get(ctx.lang).to_owned());
    match error {
        SqlError::Io(error) => error.into(),
        error if error.is_input() => Failure::input(error, hint),
        error => Failure::failed(error, hint),
    }
}
