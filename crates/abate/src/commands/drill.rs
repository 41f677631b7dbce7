//! `abate drill`

use std::io::Write;
use std::path::Path;

use abate_model::Text;
use anyhow::anyhow;

use super::Ctx;
use crate::cli::Drill;
use crate::{Exit, Failure, files, screen};

/// Makes a practice incident, or lists the scenarios.
pub fn drill(ctx: &Ctx, args: Drill) -> Result<Exit, Failure> {
    let mut out = anstream::stdout();
    let Some(name) = args.name else {
        for scenario in abate_drill::all() {
            writeln!(out, "{}{}{:#}\n    {}", screen::HEAD, scenario.id, screen::HEAD, scenario.summary.get(ctx.lang))?;
        }
        return Ok(Exit::Done);
    };
    let dir = args.out.unwrap_or_else(|| format!("drill-{name}").into());
    let drill = abate_drill::generate(&name, args.seed, args.scale)
        .map_err(|e| Failure::input(e, Some("'abate drill' without a name lists the scenarios".to_owned())))?;
    if std::fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::input(anyhow!("{} is not empty", dir.display()), Some("name another folder with --out".to_owned())));
    }
    for file in &drill.files {
        let path = dir.join(&file.path);
        files::make_folder(path.parent().unwrap_or(Path::new(".")))?;
        files::write_whole(&path, &file.bytes)?;
    }
    let show = dir.display();
    let done = Text::new(
        format!(
            "{} files in {show}\nnext: abate respond {show}/notice.eml --evidence {show}/evidence\nthe truth is in {show}/truth.json",
            drill.files.len()
        ),
        format!(
            "{show} に {} ファイルを書き出しました\n次: abate respond {show}/notice.eml --evidence {show}/evidence\n正解は {show}/truth.json にあります",
            drill.files.len()
        ),
    );
    writeln!(out, "{}", done.get(ctx.lang))?;
    Ok(Exit::Done)
}
