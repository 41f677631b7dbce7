//! `abate evidence plan` and `abate evidence shard`: the reading of a large heap of evidence, divided among processes or machines.

use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::Rules;
use abate_app::ports::IngestRequest;
use abate_lake::Plan;
use abate_model::Text;
use abate_model::text::count;
use anyhow::{Context, anyhow};

use super::Ctx;
use super::evidence::{Asked, asked};
use super::rules::load;
use crate::cli::{EvidenceOf, RuleArgs};
use crate::progress::Bar;
use crate::{Exit, Failure, files, objects};

/// Writes a plan.
pub fn plan(ctx: &Ctx, of: &EvidenceOf, out: Option<&Path>, shard_bytes: Option<u64>) -> Result<Exit, Failure> {
    let Asked { paths, zone, reference, lake, .. } = asked(ctx, of)?;
    let Some(lake) = lake else {
        let hint = Text::fixed(
            "name its folder with --lake, or a case with --case",
            "--lake でフォルダーを、または --case で案件を指定してください",
        );
        return Err(Failure::input(anyhow!("shards are read into a lake that is kept"), Some(hint.get(ctx.lang).to_owned())));
    };
    let rules = load(ctx, &of.rules)?;
    let matcher = Rules(&rules);
    let request = IngestRequest {
        paths: &paths,
        reference,
        zone,
        rules: Some(&matcher),
        any_rules: false,
        lake: Some(&lake),
        preserve: None,
        forget_gone: false,
    };
    let mut bar = Bar::new(of.quiet, ctx.lang);
    let plan = abate_lake::plan_shards(&request, &ctx.objects, &lake, shard_bytes, &mut bar);
    let plan = plan.map_err(|e| ctx.app_failure(abate_app::AppError::Lake(e)))?;
    let json = serde_json::to_vec_pretty(&plan).context("the plan as JSON")?;
    match out {
        Some(file) => files::write_whole(file, &json)?,
        None => std::io::stdout().lock().write_all(&json)?,
    }
    if !of.quiet {
        objects::advise(&ctx.objects, ctx.lang)?;
        let files: usize = (0..plan.shards()).filter_map(|n| plan.size(n)).map(|(files, _)| files).sum();
        let said = Text::new(
            format!(
                "{} with {}; read each with 'abate evidence shard PLAN NUMBER', numbers from 0",
                count(plan.shards(), "shard"),
                count(files, "file")
            ),
            format!(
                "シャード {} 個、ファイル {files} 個。番号（0 から）ごとに「abate evidence shard 計画 番号」で読み込みます",
                plan.shards()
            ),
        );
        writeln!(anstream::stderr(), "{}", said.get(ctx.lang))?;
    }
    Ok(Exit::Done)
}

/// Reads one shard.
pub fn shard(ctx: &Ctx, plan: &Path, number: usize, lake: Option<PathBuf>, rules: &RuleArgs) -> Result<Exit, Failure> {
    let wrong = |error: anyhow::Error| Failure::input(error.context(format!("{} cannot be read as a plan", plan.display())), None);
    let bytes = std::fs::read(plan).map_err(|e| wrong(e.into()))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(|e| wrong(e.into()))?;
    let rules = load(ctx, rules)?;
    let lake = lake.unwrap_or_else(|| plan.lake.clone());
    let key = abate_lake::read_shard(&plan, number, &ctx.objects, &lake, Some(&Rules(&rules)));
    let key = key.map_err(|e| ctx.app_failure(abate_app::AppError::Lake(e)))?;
    objects::advise(&ctx.objects, ctx.lang)?;
    writeln!(anstream::stdout(), "{key}")?;
    Ok(Exit::Done)
}
