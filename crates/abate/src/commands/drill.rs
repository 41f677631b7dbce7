//! `abate drill`

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use abate_app::ports::Progress;
use abate_drill::{DrillError, Request, Sink};
use abate_model::{Lang, Text};
use anyhow::anyhow;
use indicatif::HumanBytes;

use super::Ctx;
use crate::cli::Drill;
use crate::files::Whole;
use crate::progress::Bar;
use crate::{Exit, Failure, screen};

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
    if std::fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        let hint = Text::fixed("name another folder with --out", "--out で別のフォルダーを指定してください");
        return Err(Failure::input(anyhow!("{} is not empty", dir.display()), Some(hint.get(ctx.lang).to_owned())));
    }
    let request = Request {
        name,
        seed: args.seed,
        scale: args.scale,
        scale_trail: args.scale_trail,
        scale_flows: args.scale_flows,
        scale_hosts: args.scale_hosts,
        flood: args.flood,
        sweep: args.sweep,
    };
    let mut folder = OutFolder { dir: dir.clone(), open: None, written: 0, bar: Bar::drill(args.quiet, ctx.lang) };
    let made = abate_drill::write(&request, &mut folder);
    folder.bar.end();
    let made = made.map_err(|e| failure(e, &dir, folder.written, ctx.lang))?;
    let (show, files) = (dir.display(), made.files);
    let done = Text::new(
        format!(
            "{files} files in {show}\nnext: abate respond {show}/notice.eml --evidence {show}/evidence\nthe truth is in {show}/truth.json"
        ),
        format!(
            "{show} に {files} ファイルを書き出しました\n次: abate respond {show}/notice.eml --evidence {show}/evidence\n正解は {show}/truth.json にあります"
        ),
    );
    writeln!(out, "{}", done.get(ctx.lang))?;
    Ok(Exit::Done)
}

/// The folder that a drill is written into. Each file is whole there, or not there.
struct OutFolder {
    dir: PathBuf,
    open: Option<Whole>,
    written: u64,
    bar: Bar,
}

impl Sink for OutFolder {
    fn begin(&mut self, path: &str) -> std::io::Result<()> {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        self.open = Some(Whole::create(&path)?);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if let Some(open) = &mut self.open {
            open.file().write_all(bytes)?;
            self.written += bytes.len() as u64;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.open.take().map_or(Ok(()), Whole::keep)
    }

    fn progress(&mut self, records: u64, expected: u64) {
        self.bar.set(records, expected, &HumanBytes(self.written).to_string());
    }
}

/// What went wrong, where, and what can be done.
fn failure(error: DrillError, dir: &Path, written: u64, lang: Lang) -> Failure {
    let said = |hint: Text| Some(hint.get(lang).to_owned());
    match error {
        DrillError::Sink { path, source } => {
            let hint = if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                no_room(dir, written)
            } else {
                Text::fixed("choose another folder with --out", "--out で別のフォルダーを指定してください")
            };
            Failure::failed(anyhow!("cannot write {}: {source}", dir.join(path).display()), said(hint))
        }
        DrillError::UnknownName { .. } => {
            let hint = Text::fixed(
                "'abate drill' without a name lists the scenarios",
                "名前を付けずに「abate drill」を実行すると、シナリオの一覧が表示されます",
            );
            Failure::input(error, said(hint))
        }
        DrillError::NoFlowLogs(_) => {
            let hint = Text::fixed("leave out --flood and --sweep", "--flood と --sweep を付けずに実行してください");
            Failure::input(error, said(hint))
        }
        DrillError::Scale(_) | DrillError::Flood(_) => Failure::input(error, None),
        DrillError::Compress(_) | DrillError::Json(_) => Failure::failed(error, None),
    }
}

fn no_room(dir: &Path, written: u64) -> Text {
    let (show, size) = (dir.display(), HumanBytes(written));
    Text::new(
        format!(
            "there is no room left after {size} of the drill: remove {show}, and choose a folder with more room with --out, or a smaller scale"
        ),
        format!(
            "{size} を書き出したところで空き容量がなくなりました。{show} を削除し、空きのあるフォルダーを --out で指定するか、規模を小さくしてください"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_the_file_and_what_to_do() {
        let full = || DrillError::Sink { path: "evidence/auth.log".to_owned(), source: std::io::ErrorKind::StorageFull.into() };
        let text = |failure: Failure| format!("{}\n{}", failure.what, failure.hint.unwrap_or_default());
        let said = |lang| text(failure(full(), Path::new("big"), 3 << 30, lang));
        let (en, ja) = (said(Lang::En), said(Lang::Ja));
        assert!(en.contains("cannot write big/evidence/auth.log: ") && en.contains("3.00 GiB") && en.contains("remove big"), "{en}");
        assert!(ja.contains("big/evidence/auth.log") && ja.contains("3.00 GiB") && ja.contains("big を削除"), "{ja}");
        let other = DrillError::Sink { path: "notice.eml".to_owned(), source: std::io::ErrorKind::PermissionDenied.into() };
        assert!(!text(failure(other, Path::new("big"), 0, Lang::En)).contains("room"));
    }
}
