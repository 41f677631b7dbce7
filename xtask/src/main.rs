//! Developer tasks: the rules of the house that no compiler checks.
//!
//! `cargo run -p xtask -- check` runs all of them: which crate may import which, licences and wildcards of dependencies,
//! length of functions and files, module docs.

mod bench;
mod bench_evidence;
mod corpus;
mod deps;
mod eval;
mod mutants;
mod tables;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let root = root();
    let result = match task.as_str() {
        "check" => deps::check(&root).and_then(|mut problems| {
            problems.extend(tidy::check(&root)?);
            Ok(problems)
        }),
        "deps" => deps::check(&root),
        "tidy" => tidy::check(&root),
        "bench-notices" => bench::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "bench-evidence" => bench_evidence::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        "eval" => eval::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        "mutants" => mutants::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        "notices" => corpus::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        "tables" => tables::run(&root, &std::env::args().skip(2).collect::<Vec<_>>()),
        _ => Err(anyhow::anyhow!(
            "usage: cargo run -p xtask -- check | deps | tidy | notices [--dir DIR | --seed N] [--show] [--write] | mutants [--seed N] [--count N] [--show] | bench-notices [--count N] | bench-evidence [--scale N] [--trail N] [--flows N] [--hosts N] [--flood N] [--rules DIR] [--rsigma PATH] [--python PATH] | tables [--write] | eval [DIR…] [--seeds A..B] [--scenario ID] [--jobs N] [--format json] [--ablate] [--quiet N] [--first-contact NAME] [--show] [--write]"
        )),
    };
    report(result)
}

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn report(result: anyhow::Result<Vec<String>>) -> ExitCode {
    match result {
        Ok(problems) if problems.is_empty() => {
            println!("xtask: no problems");
            ExitCode::SUCCESS
        }
        Ok(problems) => {
            for problem in &problems {
                eprintln!("xtask: {problem}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root: the parent of this crate's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
