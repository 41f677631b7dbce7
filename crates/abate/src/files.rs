//! Files: reading what was named, writing so that a file is whole or not there.

use std::io::Read;
use std::path::{Path, PathBuf};

use abate_model::{Lang, Text};
use anyhow::{Context, anyhow};

use crate::Failure;

/// The largest notice that is read (mail systems rarely pass more than 25 MB).
const MAX_NOTICE: u64 = 32 * 1024 * 1024;

/// Reads a notice from a file or, for `-`, from standard input.
pub fn read_notice(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_NOTICE).read_to_end(&mut bytes).context("reading standard input")?;
        return Ok(bytes);
    }
    let show = path.display();
    let file = std::fs::File::open(path).map_err(|e| Failure::input(anyhow!("cannot open the notice {show}: {e}"), None))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        let hint = Some("name the mail itself, e.g. notice.eml; folders of logs go after --evidence".to_owned());
        return Err(Failure::input(anyhow!("{show} is a folder, not a notice"), hint));
    }
    file.take(MAX_NOTICE).read_to_end(&mut bytes).map_err(|e| Failure::input(anyhow!("cannot read the notice {show}: {e}"), None))?;
    Ok(bytes)
}

/// Writes a file so that it is either whole or as it was: into a temporary file beside it, then renamed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = beside(path);
    std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path)).map_err(|e| {
        // The half-written file is of no use to anyone.
        let _ = std::fs::remove_file(&temporary);
        unwritable(path, &e)
    })
}

/// A file that is being written beside its place: it is whole there, or the place is as it was.
pub struct Whole {
    path: PathBuf,
    temporary: PathBuf,
    file: std::io::BufWriter<std::fs::File>,
}

impl Whole {
    /// Begins a file.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let temporary = beside(path);
        let file = std::fs::File::create(&temporary)?;
        Ok(Self { path: path.to_owned(), temporary, file: std::io::BufWriter::new(file) })
    }

    /// What is written to.
    pub fn file(&mut self) -> &mut std::io::BufWriter<std::fs::File> {
        &mut self.file
    }

    /// Puts it in its place.
    pub fn keep(mut self) -> std::io::Result<()> {
        use std::io::Write;
        self.file.flush()?;
        std::fs::rename(&self.temporary, &self.path)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // Half of it is of no use to anyone; once it is in its place there is nothing here.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// A file that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(anyhow!("cannot write {}: {error}", path.display()), Some("choose another folder with --out".to_owned()))
}

/// Makes a folder and all above it.
pub fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|e| {
        Failure::failed(anyhow!("cannot make the folder {}: {e}", path.display()), Some("choose another folder with --out".to_owned()))
    })
}

/// `$ABATE_HOME` (or `--home`), else the XDG data folder, else `~/.local/share/abate`.
pub fn home(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(dir) = given {
        return Ok(dir);
    }
    let data = std::env::var_os("XDG_DATA_HOME").filter(|v| !v.is_empty()).map(PathBuf::from);
    let below_home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(|h| PathBuf::from(h).join(".local/share"));
    data.or_else(below_home).map(|dir| dir.join("abate")).ok_or_else(|| {
        Failure::failed(
            anyhow!("no place to keep cases: neither HOME nor XDG_DATA_HOME is set"),
            Some("set ABATE_HOME to a folder".to_owned()),
        )
    })
}

/// Rule files: (path, text), and (path, reason) of those that cannot be read.
#[derive(Default)]
pub struct RuleFiles {
    /// readable ones
    pub texts: Vec<(String, String)>,
    /// the others
    pub unreadable: Vec<(String, String)>,
}

/// All `.yml` and `.yaml` files below the named folders, as (path, text), in order; unreadable ones as (path, reason).
pub fn rule_files(paths: &[PathBuf], lang: Lang) -> Result<RuleFiles, Failure> {
    let RuleFiles { mut texts, mut unreadable } = RuleFiles::default();
    for root in paths {
        if !root.exists() {
            let hint = Text::fixed("name a folder with Sigma rules (*.yml)", "Sigma ルール（*.yml）のあるフォルダーを指定してください");
            return Err(Failure::input(anyhow!("there are no rules at {}", root.display()), Some(hint.get(lang).to_owned())));
        }
        let mut todo = vec![root.clone()];
        let mut files = Vec::new();
        while let Some(path) = todo.pop() {
            if path.is_dir() && !path.is_symlink() {
                match std::fs::read_dir(&path) {
                    Ok(entries) => todo.extend(entries.filter_map(Result::ok).map(|e| e.path())),
                    Err(e) => unreadable.push((path.display().to_string(), e.to_string())),
                }
            } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") || path == *root {
                files.push(path);
            }
        }
        files.sort();
        for path in files {
            match std::fs::read_to_string(&path) {
                Ok(text) => texts.push((path.display().to_string(), text)),
                Err(e) => unreadable.push((path.display().to_string(), e.to_string())),
            }
        }
    }
    Ok(RuleFiles { texts, unreadable })
}
