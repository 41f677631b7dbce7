//! The `abate` command: from an AWS abuse notice to an evidenced English reply.
//!
//! This crate only names things and shows what comes out: arguments, files, terminal. What is absent on purpose: any
//! decision about a case.

mod cli;
mod commands;
mod files;
mod inputs;
mod objects;
mod progress;
mod screen;

use std::process::ExitCode;

use abate_model::Lang;
use clap::Parser;

/// What a run ends with. The table stands in the README and in `abate --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// done, and everything given was read
    Done = 0,
    /// the machine failed us: a file, the store
    Failed = 1,
    /// what was given cannot be used: arguments, the notice
    Input = 2,
    /// done, but part of the evidence could not be read
    Incomplete = 3,
}

/// An error for the person at the terminal: what, and what to do next.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    what: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    /// Bad input.
    pub fn input(what: impl Into<anyhow::Error>, hint: Option<String>) -> Self {
        Self { exit: Exit::Input, what: what.into(), hint }
    }

    /// The machine failed.
    pub fn failed(what: impl Into<anyhow::Error>, hint: Option<String>) -> Self {
        Self { exit: Exit::Failed, what: what.into(), hint }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(what: anyhow::Error) -> Self {
        Self { exit: Exit::Failed, what, hint: None }
    }
}

impl From<std::io::Error> for Failure {
    fn from(what: std::io::Error) -> Self {
        Self { exit: Exit::Failed, what: what.into(), hint: None }
    }
}

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let lang = cli.lang.map_or_else(cli::lang_of_environment, Into::into);
    cli.color.write_global();
    let exit = match commands::run(cli, lang) {
        Ok(exit) => exit,
        // The reader of our output went away (`abate … | head`): not an error of ours.
        Err(failure) if is_broken_pipe(&failure.what) => Exit::Done,
        Err(failure) => {
            complain(&failure, lang);
            failure.exit
        }
    };
    ExitCode::from(exit as u8)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe))
}

fn complain(failure: &Failure, lang: Lang) {
    use std::io::Write;
    let (error, hint) = match lang {
        Lang::En => ("error", "hint"),
        Lang::Ja => ("エラー", "ヒント"),
    };
    let mut err = anstream::stderr();
    // Nothing is left to tell if standard error itself is gone.
    let _ = writeln!(err, "{}{error}:{:#} {}", screen::BAD, screen::BAD, screen::safe(&format!("{:#}", failure.what)));
    if let Some(text) = &failure.hint {
        let _ = writeln!(err, "\n{hint}: {}", screen::safe(text));
    }
}
