//! One file for each command.

mod case;
mod dns;
mod drill;
mod evidence;
mod findings;
mod intake;
mod notice;
mod profile;
#[cfg(feature = "sql")]
mod query;
mod respond;
mod rules;
mod shards;
mod shell;
mod verify;

use std::path::PathBuf;

use abate_model::Lang;
use abate_store::SqliteStore;
use anyhow::anyhow;
use jiff::Timestamp;

use crate::cli::{Cli, Command};
use crate::{Exit, Failure, files, objects};

/// What every command may need.
pub struct Ctx {
    /// language of the interface
    pub lang: Lang,
    /// the present
    pub now: Timestamp,
    /// where places of objects are looked for
    pub objects: objects::Store,
    home: Option<PathBuf>,
}

/// Context from which a notice is read.
impl Ctx {
    /// The time of reading.
    pub fn read_context(&self) -> abate_notice::ReadContext {
        abate_notice::ReadContext { received_at: self.now }
    }

    /// The folder in which the store lies.
    pub fn home(&self) -> Result<PathBuf, Failure> {
        files::home(self.home.clone())
    }
}

impl Ctx {
    /// The folder that has one folder for each case.
    pub fn cases(&self) -> Result<PathBuf, Failure> {
        Ok(self.home()?.join("cases"))
    }

    /// Opens the store.
    pub fn store(&self) -> Result<SqliteStore, Failure> {
        let home = self.home()?;
        SqliteStore::open(&home).map_err(|e| self.store_failure(e))
    }

    /// An error of the store, with its advice.
    pub fn store_failure(&self, error: abate_app::ports::StoreError) -> Failure {
        let hint = error.hint().get(self.lang).to_owned();
        Failure::failed(error, Some(hint))
    }

    /// An error of a use case, with its advice.
    pub fn app_failure(&self, error: abate_app::AppError) -> Failure {
        use abate_app::AppError;
        let hint = error.hint().map(|h| h.get(self.lang).to_owned());
        match error {
            AppError::NoCase { .. } | AppError::NoStep { .. } | AppError::SameCase { .. } | AppError::Merged { .. } | AppError::Lake(_) => {
                Failure::input(error, hint)
            }
            AppError::Store(_) | AppError::Json(_) => Failure::failed(error, hint),
        }
    }

    /// A case id as typed.
    pub fn case_id(&self, typed: &str) -> Result<abate_model::CaseId, Failure> {
        abate_model::CaseId::parse(typed).ok_or_else(|| {
            let hint = abate_model::Text::fixed(
                "'abate case list' shows the ids, e.g. ab-0123456789",
                "「abate case list」で ID（例: ab-0123456789）を確認してください",
            );
            Failure::input(anyhow!("'{typed}' is not a case id"), Some(hint.get(self.lang).to_owned()))
        })
    }
}

/// Runs one command.
pub fn run(cli: Cli, lang: Lang) -> Result<Exit, Failure> {
    let ctx = Ctx { lang, now: cli.now.unwrap_or_else(Timestamp::now), objects: objects::Store::default(), home: cli.home };
    match cli.command {
        Command::Respond(args) => respond::respond(&ctx, args),
        Command::Notice(command) => notice::notice(&ctx, command),
        Command::Intake(args) => intake::intake(&ctx, &args),
        Command::Case(command) => case::case(&ctx, command),
        Command::CollectScript(args) => notice::collect_script(&ctx, args),
        Command::Evidence(command) => evidence::evidence(&ctx, command),
        Command::Findings(command) => findings::findings(&ctx, command),
        Command::Rules(command) => rules::rules(&ctx, command),
        #[cfg(feature = "sql")]
        Command::Query(args) => query::query(&ctx, *args),
        #[cfg(not(feature = "sql"))]
        Command::Query { .. } => Err(without_sql(&ctx)),
        Command::Done(args) => case::done(&ctx, args),
        Command::Profile(command) => profile::profile(&ctx, command),
        Command::Drill(args) => drill::drill(&ctx, args),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { dir } => shell::man(&dir),
    }
}

/// The small build lacks this one command; the tables can be asked by other programs.
#[cfg(not(feature = "sql"))]
fn without_sql(ctx: &Ctx) -> Failure {
    let hint = abate_model::Text::fixed(
        "take a build with the feature 'sql' (the default), or write the tables with 'abate evidence export' and ask them with DuckDB",
        "機能「sql」を含む標準のビルドを使用するか、「abate evidence export」で書き出したテーブルを DuckDB などで開いてください",
    );
    Failure::input(anyhow!("this abate was built without SQL"), Some(hint.get(ctx.lang).to_owned()))
}

/// Prints a value as JSON.
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(|e| Failure::failed(std::io::Error::from(e), None))?;
    writeln!(out)?;
    Ok(())
}
