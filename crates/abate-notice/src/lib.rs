//! Reads an abuse notice into a [`Notice`]: a mail, an Outlook message, pasted text, an AWS Health event, an XARF report, or
//! the customer's own finding. One file per abuse category in `categories`; [`mailbox`] finds the mails in archives.
//!
//! Whatever is text becomes a notice; what it does not say stays empty, what was not understood stands in `unread`. Absent on
//! purpose: DNS (signatures are checked elsewhere), any judgement whether the report is true, and any trust in the reporter's part.

use abate_model::ids::sha256_hex;
use abate_model::{Notice, Text};
use jiff::Timestamp;

mod account;
mod accused;
mod addresses;
mod asks;
mod assemble;
mod authenticity;
mod blocks;
mod categories;
mod cursor;
mod deadline;
mod decode;
mod ends;
pub mod explain;
mod families;
mod fields;
mod forward;
mod gather;
mod health;
mod html;
mod incoming;
mod kind;
mod links;
mod lists;
mod mail;
pub mod mailbox;
mod msg;
mod own;
mod regions;
mod reporter;
mod reports;
mod resources;
mod signed;
mod table;
mod text;
pub mod threads;
mod times;
pub mod triage;
mod unread;
mod why;
mod xarf;
mod zipped;
mod zones;

pub use explain::{Explanation, explain};

use incoming::{Incoming, Origin};
pub use signed::with_signatures;
pub use why::Why;

/// The largest input that is read, in bytes: what mail systems carry.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;

/// What reading needs to know besides the input.
#[derive(Clone, Copy, Debug)]
pub struct ReadContext {
    /// when Abate was first shown the notice
    pub received_at: Timestamp,
}

/// A notice with the origin of each of its values.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Reading {
    /// the notice
    pub notice: Notice,
    /// where its values came from, in the order in which they were found
    pub why: Vec<Why>,
}

/// Why an input could not be read as a notice.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeError {
    /// There is nothing in it.
    #[error("{place} is empty: expected {expected}, found {found} bytes of blanks")]
    Empty {
        /// where
        place: &'static str,
        /// what was expected
        expected: &'static str,
        /// how many bytes there were
        found: usize,
    },
    /// It is neither text nor mail.
    #[error("{place} is no text: expected {expected}, found binary data beginning with {found}")]
    Binary {
        /// where
        place: &'static str,
        /// what was expected
        expected: &'static str,
        /// the first bytes in hexadecimal
        found: String,
    },
    /// It is larger than any notice.
    #[error("{place} is too large: expected at most {expected} bytes, found {found}")]
    TooLarge {
        /// where
        place: &'static str,
        /// the limit in bytes
        expected: usize,
        /// the size in bytes
        found: usize,
    },
    /// It is a file of a kind that holds no notice.
    #[error("{place} is of a kind that is not read: expected {expected}, found {found}")]
    Unsupported {
        /// where
        place: &'static str,
        /// what was expected
        expected: &'static str,
        /// what it is
        found: String,
    },
    /// It is damaged or cut off.
    #[error("{place} is corrupt: expected {expected}, found {found}")]
    Corrupt {
        /// where
        place: &'static str,
        /// what was expected
        expected: &'static str,
        /// what is wrong with it
        found: String,
    },
}

impl NoticeError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Text {
        match self {
            Self::Empty { .. } => Text::fixed(
                "save the notice from the mail program (.eml) or paste its text into a file",
                "メールソフトから通知を .eml 形式で保存するか、本文をテキストファイルに貼り付けてください",
            ),
            Self::Binary { .. } => Text::fixed(
                "give the notice as .eml, .msg, text or JSON; a PDF or image must be saved as one of these first",
                "通知は .eml・.msg・テキスト・JSON のいずれかで指定してください。PDF・画像は、先にこれらの形式で保存し直してください",
            ),
            Self::TooLarge { .. } => {
                Text::fixed("give only the notice here, and logs as evidence", "ここには通知だけを指定し、ログは証拠として指定してください")
            }
            Self::Unsupported { .. } => Text::fixed(
                "open it in its own program and paste the text of the notice into a file, or save the mail as .eml or .msg",
                "元のアプリケーションで開いて通知の本文をテキストファイルに貼り付けるか、メールを .eml または .msg 形式で保存してください",
            ),
            Self::Corrupt { .. } => Text::fixed(
                "save the mail from the mail program again, or paste its text into a file",
                "メールソフトからもう一度保存し直すか、本文をテキストファイルに貼り付けてください",
            ),
        }
    }
}

const PLACE: &str = "the notice";
const EXPECTED: &str = "a mail (.eml or .msg), text, or JSON";

/// Reads a notice.
///
/// # Errors
///
/// Only if the input is empty, no text, larger than [`MAX_BYTES`], or a compound file that is damaged or no message. Text that
/// nothing is recognised in becomes a notice of category `other`.
pub fn read(input: &[u8], ctx: &ReadContext) -> Result<Notice, NoticeError> {
    explained(input, ctx).map(|reading| reading.notice)
}

/// Reads a notice and tells where each value came from.
///
/// # Errors
///
/// As [`read`].
pub fn explained(input: &[u8], ctx: &ReadContext) -> Result<Reading, NoticeError> {
    check_size(input)?;
    let sha256 = sha256_hex(input);
    if msg::is_compound(input) {
        return Ok(assemble::notice(msg::read(input)?, ctx, sha256));
    }
    if let Some(mut incoming) = of_json(input, ctx) {
        incoming.bound();
        return Ok(assemble::notice(incoming, ctx, sha256));
    }
    if mail::looks_like_mail(input)
        && let Some(incoming) = mail::read(input)
    {
        return Ok(assemble::notice(incoming, ctx, sha256));
    }
    let text = decode::text(input).ok_or_else(|| binary(input))?;
    let mut incoming = Incoming::text(Origin::Pasted, text::clean(&text));
    incoming.bound();
    Ok(assemble::notice(forward::unwrap(incoming), ctx, sha256))
}

/// An input that holds several notices as JSON (a list of AWS Health events, or one event on each line), one document for each
/// matter; empty for any other input.
#[must_use]
pub fn parts(input: &[u8]) -> Vec<Vec<u8>> {
    if input.len() > MAX_BYTES {
        return Vec::new();
    }
    let document = json(input).or_else(|| {
        let lines: Vec<&[u8]> = input.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).collect();
        if lines.len() < 2 || !lines.iter().all(|l| l.trim_ascii_start().starts_with(b"{")) {
            return None;
        }
        lines.into_iter().map(|l| serde_json::from_slice(l).ok()).collect::<Option<Vec<_>>>().map(serde_json::Value::Array)
    });
    document.map(|document| health::split(&document)).unwrap_or_default()
}

/// Makes a notice of what the customer found without AWS: free words in English or Japanese, or a GuardDuty finding as JSON.
///
/// # Errors
///
/// As [`read`].
pub fn self_found(text: &str, account: Option<&str>, ctx: &ReadContext) -> Result<Notice, NoticeError> {
    check_size(text.as_bytes())?;
    let sha256 = sha256_hex(text.as_bytes());
    let finding = json(text.as_bytes()).and_then(|document| own::guard_duty(&document, account, ctx.received_at));
    let mut incoming = match finding {
        Some(finding) => finding,
        None => own::of_words(&decode::text(text.as_bytes()).ok_or_else(|| binary(text.as_bytes()))?, account),
    };
    incoming.bound();
    Ok(assemble::notice(incoming, ctx, sha256).notice)
}

/// Each category with sentences that are read as it, for the manual.
pub fn examples() -> impl Iterator<Item = (abate_model::Category, &'static [&'static str])> {
    categories::all().iter().map(|words| (words.category, words.examples))
}

/// Each of AWS's layouts with notices in it, for the manual.
pub fn layouts() -> impl Iterator<Item = (abate_model::Family, &'static [&'static str])> {
    families::all().iter().map(|layout| (layout.family, layout.examples))
}

/// Each form of a reporter's part with examples, for the manual.
pub fn report_forms() -> impl Iterator<Item = (abate_model::ReportFormat, &'static [&'static str])> {
    reports::all().iter().map(|form| (form.format, form.examples))
}

fn check_size(input: &[u8]) -> Result<(), NoticeError> {
    if input.len() > MAX_BYTES {
        return Err(NoticeError::TooLarge { place: PLACE, expected: MAX_BYTES, found: input.len() });
    }
    let bare = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    if bare.iter().all(u8::is_ascii_whitespace) {
        return Err(NoticeError::Empty { place: PLACE, expected: EXPECTED, found: input.len() });
    }
    Ok(())
}

fn binary(input: &[u8]) -> NoticeError {
    let head: Vec<String> = input.iter().take(8).map(|b| format!("{b:02x}")).collect();
    NoticeError::Binary { place: PLACE, expected: EXPECTED, found: head.join(" ") }
}

fn json(input: &[u8]) -> Option<serde_json::Value> {
    let bare = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    bare.iter().find(|b| !b.is_ascii_whitespace()).filter(|b| matches!(b, b'{' | b'['))?;
    serde_json::from_slice(bare).ok()
}

/// A JSON document of a known kind.
fn of_json(input: &[u8], ctx: &ReadContext) -> Option<Incoming> {
    of_document(&json(input)?, ctx)
}

fn of_document(document: &serde_json::Value, ctx: &ReadContext) -> Option<Incoming> {
    health::read(document, ctx.received_at)
        .or_else(|| xarf::read(document, ctx.received_at))
        .or_else(|| own::guard_duty(document, None, ctx.received_at))
}
