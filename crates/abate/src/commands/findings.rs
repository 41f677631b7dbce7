//! `abate findings …`: the findings of a case for other programs.

use std::io::Write;
use std::path::Path;

use abate_app::ports::Store;
use abate_app::{AppError, ExportForm};

use super::Ctx;
use crate::cli::FindingsCommand;
use crate::{Exit, Failure, files};

/// Dispatches.
pub fn findings(ctx: &Ctx, command: FindingsCommand) -> Result<Exit, Failure> {
    match command {
        FindingsCommand::Export { case, form, out } => export(ctx, &case, form.into(), out.as_deref()),
    }
}

fn export(ctx: &Ctx, typed: &str, form: ExportForm, out: Option<&Path>) -> Result<Exit, Failure> {
    let id = ctx.case_id(typed)?;
    let mut store = ctx.store()?;
    let Some((case, _)) = store.load_case(&id).map_err(|e| ctx.store_failure(e))? else {
        return Err(ctx.app_failure(AppError::NoCase { id }));
    };
    let bytes = abate_app::export(&case, form).map_err(|e| ctx.app_failure(e))?;
    match out {
        Some(path) => files::write_whole(path, &bytes)?,
        None => std::io::stdout().lock().write_all(&bytes)?,
    }
    // What the case could not read, its findings do not know.
    Ok(if case.lost() > 0 { Exit::Incomplete } else { Exit::Done })
}
