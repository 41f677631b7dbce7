//! `abate completions` and `abate man`.

use std::path::Path;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::{Exit, Failure, files};

/// Prints a completion script.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    clap_complete::generate(shell, &mut Cli::command(), "abate", &mut std::io::stdout());
    Ok(Exit::Done)
}

/// Writes `abate.1` and one page for each subcommand.
pub fn man(dir: &Path) -> Result<Exit, Failure> {
    files::make_folder(dir)?;
    clap_mangen::generate_to(Cli::command(), dir)?;
    Ok(Exit::Done)
}
