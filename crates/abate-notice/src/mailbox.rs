//! Mail archives to their messages: mbox files and Maildir folders. It hands out bytes and paths and reads nothing of the
//! mails themselves, nor does it open files: the caller does. Of an mbox no more is held in memory than one message; locks,
//! flags and `Content-Length` are not heeded.

use std::ffi::OsString;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use abate_model::Text;

/// Why something in a mail archive could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailboxError {
    /// A message that is larger than any notice; reading goes on behind it.
    #[error("the message at byte {offset} is too large: expected at most {expected} bytes, found {found}")]
    TooLarge {
        /// where its `From ` line begins
        offset: u64,
        /// the limit in bytes
        expected: usize,
        /// its size in bytes
        found: u64,
    },
    /// Reading failed; nothing behind it was read.
    #[error("reading the mailbox failed at byte {offset}: {source}")]
    Read {
        /// how far reading came
        offset: u64,
        /// what went wrong
        source: io::Error,
    },
    /// A folder that cannot be listed.
    #[error("{} cannot be listed: {source}", path.display())]
    Folder {
        /// which
        path: PathBuf,
        /// what went wrong
        source: io::Error,
    },
}

impl MailboxError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::TooLarge { .. } => Text::fixed(
                "if it is the notice, save it alone without its attachments as .eml",
                "それが通知である場合は、添付ファイルを除いて単独の .eml ファイルとして保存してください",
            ),
            Self::Read { .. } | Self::Folder { .. } => Text::fixed(
                "check that the file or folder is there and may be read",
                "ファイルまたはフォルダーが存在し、読み取り権限があるか確認してください",
            ),
        }
    }
}

/// A message of an mbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// where its `From ` line begins in the mbox
    pub offset: u64,
    /// the mail, without the `From ` line and the blank line behind the mail; quoted `From ` lines are restored
    pub bytes: Vec<u8>,
}

/// So much of a line is looked at at once; only a message's text has longer lines.
const PIECE: usize = 64 * 1024;

/// Iterates over the messages of an mbox, in the variants mboxo and mboxrd.
///
/// A message begins at a `From ` line with a date that a header line follows, so that such words in a text do no harm. What
/// stands before the first one is handed out as a message too.
#[derive(Debug)]
pub struct Mbox<R> {
    reader: R,
    limit: usize,
    /// how much was read
    position: u64,
    /// whether the next piece begins a line
    at_line: bool,
    open: Option<Open>,
    /// a line that begins a message if a header line follows
    candidate: Option<(u64, Vec<u8>)>,
    done: bool,
}

/// A message of which the end was not seen yet.
#[derive(Debug)]
struct Open {
    offset: u64,
    bytes: Vec<u8>,
    /// its size, of which `bytes` has all or, beyond the limit, nothing
    size: u64,
}

impl<R: BufRead> Mbox<R> {
    /// Reads messages of up to `limit` bytes.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, position: 0, at_line: true, open: None, candidate: None, done: false }
    }

    /// The next line, or the next part of a long one. Empty at the end.
    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        while piece.len() < PIECE {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let buffer = buffer.get(..buffer.len().min(PIECE - piece.len())).unwrap_or_default();
            let end = buffer.iter().position(|b| *b == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(buffer.len());
            piece.extend(buffer.iter().take(taken));
            self.reader.consume(taken);
            if end.is_some() || taken == 0 {
                break;
            }
        }
        Ok(piece)
    }

    fn add(&mut self, offset: u64, bytes: &[u8]) {
        let limit = self.limit;
        let open = self.open.get_or_insert_with(|| Open { offset, bytes: Vec::new(), size: 0 });
        open.size += bytes.len() as u64;
        // A blank line more may stand behind the message.
        if open.size > limit as u64 + 2 {
            open.bytes = Vec::new();
        } else {
            open.bytes.extend_from_slice(bytes);
        }
    }

    /// Ends the open message. Blank lines before the first one are none.
    fn close(&mut self) -> Option<Result<Message, MailboxError>> {
        let Open { offset, mut bytes, size } = self.open.take()?;
        let blank = [b"\r\n\r\n".as_slice(), b"\n\n"].iter().find(|end| bytes.ends_with(end)).map_or(0, |end| end.len() / 2);
        bytes.truncate(bytes.len() - blank);
        let size = size - blank as u64;
        if size > self.limit as u64 {
            return Some(Err(MailboxError::TooLarge { offset, expected: self.limit, found: size }));
        }
        (!bytes.iter().all(u8::is_ascii_whitespace)).then_some(Ok(Message { offset, bytes }))
    }

    /// Takes in a piece; hands out the message that it ends.
    fn take(&mut self, piece: &[u8]) -> Option<Result<Message, MailboxError>> {
        let offset = self.position;
        self.position += piece.len() as u64;
        let piece = if offset == 0 { piece.strip_prefix(b"\xef\xbb\xbf").unwrap_or(piece) } else { piece };
        let begins_line = std::mem::replace(&mut self.at_line, piece.ends_with(b"\n"));
        let mut ended = None;
        if let Some((start, line)) = self.candidate.take() {
            if is_header(piece) {
                ended = self.close();
                self.open = Some(Open { offset: start, bytes: Vec::new(), size: 0 });
            } else {
                self.add(start, &line);
            }
        }
        if begins_line && self.at_line && is_from_line(piece) {
            self.candidate = Some((offset, piece.to_vec()));
        } else {
            self.add(offset, if begins_line { without_quote(piece) } else { piece });
        }
        ended
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = Result<Message, MailboxError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let ended = match self.piece() {
                Ok(piece) if !piece.is_empty() => self.take(&piece),
                Ok(_) => {
                    self.done = true;
                    if let Some((start, line)) = self.candidate.take() {
                        self.add(start, &line);
                    }
                    self.close()
                }
                Err(source) => {
                    self.done = true;
                    Some(Err(MailboxError::Read { offset: self.position, source }))
                }
            };
            if ended.is_some() {
                return ended;
            }
        }
        None
    }
}

/// Whether bytes begin as an mbox does: a `From ` line with a date, then header lines. The first few kilobytes are enough.
#[must_use]
pub fn is_mbox(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = head.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or_default();
    let mut lines = head.get(start..).unwrap_or_default().split_inclusive(|b| *b == b'\n');
    if !lines.next().is_some_and(is_from_line) {
        return false;
    }
    let mut headers = 0;
    for line in lines.take(200) {
        match line {
            b"\n" | b"\r\n" => break,
            [b' ' | b'\t', ..] if headers > 0 => {}
            line if is_header(line) => headers += 1,
            // The last line may be cut off.
            line => return headers > 0 && !line.ends_with(b"\n"),
        }
    }
    headers > 0
}

/// `From `, a sender, and a date as C's `asctime` writes it, with or without a zone.
fn is_from_line(line: &[u8]) -> bool {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(rest) = line.strip_prefix(b"From ").filter(|_| line.len() <= 1_000) else { return false };
    let rest = String::from_utf8_lossy(rest);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let digits =
        |word: &str, lengths: std::ops::RangeInclusive<usize>| lengths.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let is_time = |word: &str| matches!(word.split(':').count(), 2 | 3) && word.split(':').all(|part| digits(part, 1..=2));
    words.windows(5).any(|words| {
        let [day, month, date, time, year] = words else { return false };
        let year_follows = digits(year, 4..=4) || words_behind(&rest, time).any(|word| digits(word, 4..=4));
        DAYS.contains(day) && MONTHS.contains(month) && digits(date, 1..=2) && is_time(time) && year_follows
    })
}

/// The three words behind a time, of which one is the year.
fn words_behind<'t>(text: &'t str, time: &str) -> impl Iterator<Item = &'t str> {
    text.split_once(time).map_or("", |(_, behind)| behind).split_whitespace().take(3)
}

/// `Name: …`, or the `>From ` line that some servers add.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().take(200).take_while(|b| b.is_ascii_graphic() && **b != b':').count();
    (name > 0 && line.get(name) == Some(&b':')) || line.starts_with(b">From ")
}

/// A line of the text that begins with `From ` has a `>` in front, in mboxrd one more at each writing.
fn without_quote(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|b| **b == b'>').count();
    let quoted = marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "));
    if quoted { line.get(1..).unwrap_or_default() } else { line }
}

/// What a folder lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// its name in the folder
    pub name: OsString,
    /// what it is
    pub kind: EntryKind,
}

/// What an entry of a folder is. A link is no file: it may lead anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// a regular file
    File,
    /// a folder
    Folder,
    /// a link, a pipe, …
    Other,
}

/// What lies in a Maildir.
#[derive(Debug, Default)]
pub struct Maildir {
    /// one file for each mail: the inbox first, then each folder, by name within each
    pub files: Vec<PathBuf>,
    /// what could not be listed
    pub unread: Vec<MailboxError>,
}

/// Whether a folder that lists this is a Maildir: it has `cur`, `new` and `tmp`.
#[must_use]
pub fn is_maildir(entries: &[Entry]) -> bool {
    ["cur", "new", "tmp"].iter().all(|name| entries.iter().any(|entry| entry.kind == EntryKind::Folder && entry.name == *name))
}

/// Finds the mails of a Maildir and of the folders in it (Maildir++: `.Name`). `None` if it is no Maildir. What is still
/// being delivered, in `tmp`, is left out.
///
/// `list` lists a folder:
///
/// ```
/// use abate_notice::mailbox::{Entry, EntryKind, maildir};
///
/// let list = |folder: &std::path::Path| {
///     std::fs::read_dir(folder)?
///         .map(|entry| {
///             let entry = entry?;
///             let kind = match entry.file_type()? {
///                 kind if kind.is_file() => EntryKind::File,
///                 kind if kind.is_dir() => EntryKind::Folder,
///                 _ => EntryKind::Other,
///             };
///             Ok(Entry { name: entry.file_name(), kind })
///         })
///         .collect()
/// };
/// assert!(maildir(std::path::Path::new("."), list)?.is_none());
/// # Ok::<(), abate_notice::mailbox::MailboxError>(())
/// ```
///
/// # Errors
///
/// If the folder itself cannot be listed. Other losses stand in [`Maildir::unread`].
pub fn maildir(folder: &Path, mut list: impl FnMut(&Path) -> io::Result<Vec<Entry>>) -> Result<Option<Maildir>, MailboxError> {
    let mut list = |path: &Path| list(path).map_err(|source| MailboxError::Folder { path: path.to_owned(), source });
    let top = list(folder)?;
    if !is_maildir(&top) {
        return Ok(None);
    }
    let mut found = Maildir::default();
    let mut folders = vec![folder.to_owned()];
    for name in sorted(top, EntryKind::Folder).into_iter().filter(is_hidden) {
        let path = folder.join(name);
        match list(&path) {
            Ok(entries) if is_maildir(&entries) => folders.push(path),
            Ok(_) => {}
            Err(error) => found.unread.push(error),
        }
    }
    for folder in folders {
        let mut files = Vec::new();
        for part in ["cur", "new"].map(|part| folder.join(part)) {
            match list(&part) {
                Ok(entries) => {
                    let names = sorted(entries, EntryKind::File).into_iter().filter(|name| !is_hidden(name));
                    files.extend(names.map(|name| (name.clone(), part.join(name))));
                }
                Err(error) => found.unread.push(error),
            }
        }
        // Names begin with the time of delivery; whether a mail was seen does not change its place.
        files.sort();
        found.files.extend(files.into_iter().map(|(_, path)| path));
    }
    Ok(Some(found))
}

fn sorted(entries: Vec<Entry>, kind: EntryKind) -> Vec<OsString> {
    let mut names: Vec<OsString> = entries.into_iter().filter(|entry| entry.kind == kind).map(|entry| entry.name).collect();
    names.sort();
    names
}

fn is_hidden(name: &OsString) -> bool {
    name.to_string_lossy().starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "From aws@example.com Thu Apr 10 09:31:00 2025";

    fn mails(mbox: &str) -> Vec<(u64, String)> {
        mails_of(Mbox::new(mbox.as_bytes(), 1_000)).into_iter().map(Result::unwrap).collect()
    }

    fn mails_of<R: BufRead>(mbox: Mbox<R>) -> Vec<Result<(u64, String), MailboxError>> {
        mbox.map(|mail| mail.map(|m| (m.offset, String::from_utf8(m.bytes).unwrap()))).collect()
    }

    #[test]
    fn messages_and_their_places() {
        let first = format!("{FROM}\nSubject: a\n\n>From here\n>>From there\n> From nowhere\n\n");
        let mbox = format!("{first}{FROM}\nSubject: b\n\nno line end");
        assert_eq!(
            mails(&mbox),
            [
                (0, "Subject: a\n\nFrom here\n>From there\n> From nowhere\n".to_owned()),
                (first.len() as u64, "Subject: b\n\nno line end".to_owned())
            ]
        );
    }

    #[test]
    fn windows_line_ends() {
        let first = format!("{FROM}\r\nSubject: a\r\n\r\n>From x\r\n\r\n");
        let found = mails(&format!("{first}{FROM}\r\nSubject: b\r\n\r\ny\r\n"));
        assert_eq!(found[0].1, "Subject: a\r\n\r\nFrom x\r\n");
        assert_eq!(found[1], (first.len() as u64, "Subject: b\r\n\r\ny\r\n".to_owned()));
    }

    #[test]
    fn from_inside_a_text() {
        let text = format!("Subject: a\n\nFrom what we see\n\n{FROM}\nthis line is no header\n\nFrom you, Thu Apr\n{FROM}\n\nend\n{FROM}");
        assert_eq!(mails(&format!("{FROM}\n{text}")), [(0, text)]);
    }

    #[test]
    fn what_stands_before_the_first_message() {
        let found = mails(&format!("\n\n{FROM}\nSubject: a\n\nx\n"));
        assert_eq!(found, [(2, "Subject: a\n\nx\n".to_owned())]);
        assert_eq!(mails("Subject: a\n\nx\n"), [(0, "Subject: a\n\nx\n".to_owned())]);
        assert_eq!(mails(""), []);
        assert_eq!(mails(&format!("\u{feff}{FROM}\nSubject: a\n")), [(0, "Subject: a\n".to_owned())]);
        assert_eq!(mails(FROM), [(0, FROM.to_owned())]);
    }

    /// Gives bytes without end, so that a reader that held them all would not come back.
    struct Large {
        left: u64,
        buffer: Vec<u8>,
    }

    impl io::Read for Large {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let size = into.len().min(usize::try_from(self.left).unwrap()).min(self.buffer.len());
            into[..size].copy_from_slice(&self.buffer[..size]);
            self.left -= size as u64;
            Ok(size)
        }
    }

    #[test]
    fn a_huge_message_is_skipped_and_not_held() {
        for line in ["x", "word and word\n"] {
            let head = format!("{FROM}\nSubject: a\n\n");
            let tail = format!("\n\n{FROM}\nSubject: b\n\ny\n");
            let size = 300 << 20;
            let large = Large { left: size, buffer: line.repeat(10_000).into_bytes() };
            let reader = io::Read::chain(io::Read::chain(head.as_bytes(), io::BufReader::new(large)), tail.as_bytes());
            let mut mbox = Mbox::new(reader, 1_000);
            let Some(Err(MailboxError::TooLarge { offset: 0, expected: 1_000, found })) = mbox.next() else { panic!() };
            assert!(found > size);
            assert_eq!(mbox.next().unwrap().unwrap().bytes, b"Subject: b\n\ny\n");
            assert!(mbox.next().is_none());
        }
    }

    #[test]
    fn the_limit_counts_the_message_alone() {
        for (size, fits) in [(100, true), (101, false)] {
            let mail = format!("Subject: a\n\n{}\n", "x".repeat(size - 13));
            assert_eq!(mail.len(), size);
            for end in ["", "\n"] {
                let mbox = format!("{FROM}\n{mail}{end}");
                assert_eq!(Mbox::new(mbox.as_bytes(), 100).next().unwrap().is_ok(), fits, "{size} {end:?}");
            }
        }
    }

    #[test]
    fn a_failing_reader_ends_it() {
        struct Failing;
        impl io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mbox = Mbox::new(io::Read::chain("From x\n".as_bytes(), io::BufReader::new(Failing)), 1_000);
        let found = mails_of(mbox);
        assert_eq!(found.len(), 1);
        let error = found[0].as_ref().unwrap_err();
        assert!(matches!(error, MailboxError::Read { offset: 7, .. }), "{error}");
        assert!(!error.hint().ja.is_empty());
    }

    #[test]
    fn recognised_by_content() {
        for from in [
            FROM,
            "From - Thu Apr 10 09:31:00 2025",
            "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
            "From 1234567890@xxx Thu Apr 10 09:31:00 +0000 2025",
            "From a at example.com  Thu Apr 10 09:31 JST 2025",
        ] {
            assert!(is_mbox(format!("{from}\r\nSubject: a\r\n b\r\n\r\ntext").as_bytes()), "{from}");
            assert!(is_mbox(format!("{from}\nX-Mozilla-Status: 0001\nSubje").as_bytes()), "{from}");
        }
        for text in ["", "From: a@example.com\nSubject: b\n", "From you\nSubject: b\n\n"] {
            assert!(!is_mbox(text.as_bytes()), "{text}");
        }
        assert!(!is_mbox(format!("{FROM}\nwe received this:\nSubject: b\n").as_bytes()));
        assert!(!is_mbox(format!("{FROM}\n\nSubject: b\n").as_bytes()));
    }

    /// Lists folders of a list of paths.
    fn lister(paths: &'static [&'static str]) -> impl FnMut(&Path) -> io::Result<Vec<Entry>> {
        |folder| {
            let mut entries: Vec<Entry> = Vec::new();
            for rest in paths.iter().filter_map(|path| Path::new(path).strip_prefix(folder).ok()) {
                let mut parts = rest.components();
                let Some(name) = parts.next() else { return Err(io::Error::other("denied")) };
                let kind = if parts.next().is_some() { EntryKind::Folder } else { EntryKind::File };
                let entry = Entry { name: name.as_os_str().to_owned(), kind };
                if !entries.contains(&entry) && entry.name != "placeholder" {
                    entries.insert(0, entry);
                }
            }
            Ok(entries)
        }
    }

    #[test]
    fn maildir_files_in_a_stable_order() {
        let list = lister(&[
            "m/new/1.a",
            "m/cur/2.b:2,S",
            "m/new/3.c",
            "m/cur/.hidden",
            "m/tmp/1.t",
            "m/subscriptions",
            "m/.Sent/cur/placeholder",
            "m/.Sent/tmp/placeholder",
            "m/.Sent/new/0.x",
            "m/.Abuse.2025/cur/9.z:2,",
            "m/.Abuse.2025/new/placeholder",
            "m/.Abuse.2025/tmp/placeholder",
            "m/.no/cur/1.n",
        ]);
        let found = maildir(Path::new("m"), list).unwrap().unwrap();
        let expected = ["new/1.a", "cur/2.b:2,S", "new/3.c", ".Abuse.2025/cur/9.z:2,", ".Sent/new/0.x"];
        assert_eq!(found.files, expected.map(|path| Path::new("m").join(path)));
        assert!(found.unread.is_empty());
    }

    #[test]
    fn folders_that_are_no_maildir_or_cannot_be_listed() {
        assert!(maildir(Path::new("m"), lister(&["m/cur/1.a", "m/new/1.b", "m/tmp"])).unwrap().is_none());
        assert!(matches!(maildir(Path::new("m"), lister(&["m"])), Err(MailboxError::Folder { .. })));
        let found = maildir(Path::new("m"), lister(&["m/cur", "m/cur/1.a", "m/new/1.b", "m/tmp/x"])).unwrap();
        assert!(found.is_some_and(|found| found.files == [Path::new("m/new/1.b")] && found.unread.len() == 1));
    }
}
