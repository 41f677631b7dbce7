//! Messages one after another, from files, folders, mailboxes and standard input. One message is in memory at a time, whatever
//! their number.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use abate_model::Text;
use abate_notice::triage::{Code, SetAside};
use abate_notice::{MAX_BYTES, mailbox};
use anyhow::anyhow;

use crate::Failure;

/// Bytes by which a mailbox is told.
const HEAD: u64 = 64 * 1024;

/// A message, or why there is none.
pub struct Item {
    /// where it lies, for people: path, and the place in a mailbox
    pub place: String,
    /// its bytes
    pub bytes: Result<Vec<u8>, SetAside>,
}

/// Calls `take` with every message below the paths, folders in order of their names.
///
/// # Errors
/// When a path that was named does not exist, or when `take` fails. What cannot be read inside a folder is an item set aside.
pub fn each(paths: &[PathBuf], take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    for path in paths {
        if path == Path::new("-") {
            stdin(take)?;
        } else if path.exists() {
            walk(path, take)?;
        } else {
            let hint = "name mails, mailboxes or folders, or - for standard input".to_owned();
            return Err(Failure::input(anyhow!("there is nothing at {}", path.display()), Some(hint)));
        }
    }
    Ok(())
}

/// Whether the paths can bring more than one message.
pub fn many(paths: &[PathBuf]) -> bool {
    let one = |path: &PathBuf| path == Path::new("-") || (path.is_file() && !is_mbox(path));
    paths.len() != 1 || !paths.iter().all(one)
}

fn is_mbox(path: &Path) -> bool {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(HEAD).read_to_end(&mut head)).is_ok() && mailbox::is_mbox(&head)
}

fn walk(root: &Path, take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut todo = VecDeque::from([root.to_owned()]);
    while let Some(path) = todo.pop_front() {
        // A link inside a folder may lead anywhere, also back up.
        if path != root && path.is_symlink() {
            take(aside(
                path.display().to_string(),
                Code::Unsupported,
                "a symbolic link, not followed",
                "シンボリックリンクのため読み取りません",
            ))?;
        } else if path.is_dir() {
            match std::fs::read_dir(&path) {
                Ok(entries) => {
                    let mut inside: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).filter(|p| wanted(p)).collect();
                    inside.sort();
                    inside.into_iter().rev().for_each(|p| todo.push_front(p));
                }
                Err(error) => take(unreadable(&path, &error))?,
            }
        } else {
            file(&path, take)?;
        }
    }
    Ok(())
}

/// What mail programs keep beside the mails is left out: a Maildir's `tmp` holds halves, and hidden files are indexes. Hidden
/// folders stay: Maildir++ names its subfolders so.
fn wanted(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let in_maildir = || path.parent().is_some_and(|p| p.join("cur").is_dir() && p.join("new").is_dir());
    let index = in_maildir() && path.is_file();
    let half = name == "tmp" && in_maildir();
    let hidden = name.starts_with('.') && path.is_file();
    !(index || half || hidden)
}

fn file(path: &Path, take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    let opened = File::open(path).and_then(|mut f| {
        let mut head = Vec::new();
        (&mut f).take(HEAD).read_to_end(&mut head)?;
        f.seek(SeekFrom::Start(0))?;
        Ok((f, mailbox::is_mbox(&head)))
    });
    match opened {
        Ok((f, true)) => mbox(&path.display().to_string(), BufReader::new(f), take),
        Ok((f, false)) => whole(&path.display().to_string(), f, take),
        Err(error) => take(unreadable(path, &error)),
    }
}

fn stdin(take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut input = BufReader::with_capacity(64 * 1024, std::io::stdin().lock());
    let is_mbox = mailbox::is_mbox(input.fill_buf().map_err(|e| Failure::failed(anyhow!("cannot read standard input: {e}"), None))?);
    if is_mbox { mbox("-", input, take) } else { whole("-", input, take) }
}

fn mbox(name: &str, input: impl BufRead, take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    for (n, message) in mailbox::Mbox::new(input, MAX_BYTES).enumerate() {
        let place = format!("{name}#{}", n + 1);
        let bytes = message.map(|m| m.bytes).map_err(|error| {
            let code = if matches!(error, mailbox::MailboxError::TooLarge { .. }) { Code::TooLarge } else { Code::Unreadable };
            SetAside { hint: error.hint(), ..SetAside::new(code, Text::same(error.to_string())) }
        });
        take(Item { place, bytes })?;
    }
    Ok(())
}

/// One input, which may be a document of several Health events.
fn whole(name: &str, input: impl Read, take: &mut dyn FnMut(Item) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    // One byte more than is read, so that the reader sees and says that it is too large.
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    if let Err(error) = input.take(limit).read_to_end(&mut bytes) {
        return take(unreadable(Path::new(name), &error));
    }
    let parts = abate_notice::parts(&bytes);
    if parts.is_empty() {
        return take(Item { place: name.to_owned(), bytes: Ok(bytes) });
    }
    for (n, part) in parts.into_iter().enumerate() {
        take(Item { place: format!("{name}#{}", n + 1), bytes: Ok(part) })?;
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Item {
    let bytes = Err(SetAside::new(Code::Unreadable, Text::new(format!("it cannot be read: {error}"), format!("読み取れません: {error}"))));
    Item { place: path.display().to_string(), bytes }
}

fn aside(place: String, code: Code, en: &'static str, ja: &'static str) -> Item {
    Item { place, bytes: Err(SetAside::new(code, Text::fixed(en, ja))) }
}
