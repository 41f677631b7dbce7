//! Whether an input is a notice at all. Shared mailboxes hold newsletters, invoices, out-of-office replies and broken mails; each
//! is set aside with a reason code, none is taken for a success, and none stops the intake.

use abate_model::{Category, Channel, Family, Notice, NoticeKind, ReportFormat, Text};
use mail_parser::{HeaderName, MessageParser, MimeHeaders};
use serde::Serialize;

use crate::accused;
use crate::authenticity::is_aws_address;
use crate::text::normal;
use crate::{NoticeError, ReadContext, Reading, explained, json, mail, msg, of_document};

/// Why an input was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// it was read, and it reports nothing: a newsletter, an invoice, an automatic reply, one's own answer
    NotAReport,
    /// a form that Abate does not read (PDF, image, archive, encrypted mail)
    Unsupported,
    /// damaged or cut off
    Corrupt,
    /// it was taken in before
    Duplicate,
    /// nothing in it
    Empty,
    /// larger than any notice
    TooLarge,
    /// the file or folder could not be opened
    Unreadable,
}

/// An input that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// reason code
    pub code: Code,
    /// the reason in words
    pub why: Text,
    /// what the user can do
    pub hint: Text,
}

impl SetAside {
    /// With a hint to look at it.
    #[must_use]
    pub fn new(code: Code, why: Text) -> Self {
        let hint = match code {
            Code::NotAReport => Text::fixed(
                "if it is a notice all the same, give it to 'abate respond' by itself, and report the layout",
                "それでも通知である場合は「abate respond」に単独で指定し、文面の形式をご報告ください",
            ),
            Code::Duplicate => Text::fixed("nothing need be done", "対応は不要です"),
            Code::Unreadable => Text::fixed("check the path and its permissions", "パスと権限を確認してください"),
            _ => Text::fixed(
                "save the notice again from the mail program (.eml or .msg) or paste its text into a file",
                "メールソフトから通知を保存し直す（.eml または .msg）か、本文をテキストファイルに貼り付けてください",
            ),
        };
        Self { code, why, hint }
    }
}

/// Reads an input, or says why it is no notice.
///
/// # Errors
/// [`SetAside`] with its reason code.
pub fn examine(input: &[u8], ctx: &ReadContext) -> Result<Reading, SetAside> {
    guarded(|| read_or_aside(input, ctx))
}

/// A fault of the reader on one message must not stop the intake: the message is set aside and kept, and the fault is said.
fn guarded<T>(read: impl FnOnce() -> Result<T, SetAside>) -> Result<T, SetAside> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let why = Text::fixed(
            "the reader failed on it; this is a fault of Abate, please report it",
            "読み取り中に異常が発生しました。Abate の不具合ですのでご報告ください",
        );
        Err(SetAside::new(Code::Corrupt, why))
    })
}

fn read_or_aside(input: &[u8], ctx: &ReadContext) -> Result<Reading, SetAside> {
    if let Some(aside) = of_magic(input) {
        return Err(aside);
    }
    if let Some(aside) = cut_json(input) {
        return Err(aside);
    }
    // A document that is no known event or report is some program's file; read as text it would accuse whatever it mentions.
    if json(input).is_some_and(|document| of_document(&document, ctx).is_none()) {
        let why = Text::fixed(
            "JSON that is no AWS Health event, GuardDuty finding or XARF report",
            "AWS Health イベント・GuardDuty の検出結果・XARF 以外の JSON です",
        );
        return Err(SetAside::new(Code::NotAReport, why));
    }
    let reading = explained(input, ctx).map_err(|error| SetAside { hint: error.hint(), ..of_error(&error) })?;
    if matches!(reading.notice.channel, Channel::Mail | Channel::Forwarded)
        && let Some(aside) = of_mail(input, &reading.notice)
    {
        return Err(aside);
    }
    if reports_something(&reading.notice) {
        Ok(reading)
    } else {
        let why = Text::fixed(
            "nothing in it reports abuse: no layout, sentence, field or report form of a notice",
            "不正利用の報告にあたる記載（通知の様式・文・項目・通報形式）がありません",
        );
        Err(SetAside::new(Code::NotAReport, why))
    }
}

fn of_error(error: &NoticeError) -> SetAside {
    let code = match error {
        NoticeError::Empty { .. } => Code::Empty,
        NoticeError::TooLarge { .. } => Code::TooLarge,
        NoticeError::Binary { .. } | NoticeError::Unsupported { .. } => Code::Unsupported,
        NoticeError::Corrupt { .. } => Code::Corrupt,
    };
    SetAside::new(code, Text::same(error.to_string()))
}

/// Documents and pictures that are told by their first bytes, whatever they are called.
fn of_magic(input: &[u8]) -> Option<SetAside> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"%PDF-", "PDF"),
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF8", "GIF"),
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b", "gzip"),
        (b"Rar!", "RAR"),
        (b"7z\xbc\xaf", "7z"),
    ];
    let (_, name) = KINDS.iter().find(|(magic, _)| input.starts_with(magic))?;
    Some(SetAside::new(Code::Unsupported, Text::new(format!("a {name} file"), format!("{name} ファイルです"))))
}

/// JSON that ends in the middle. Text that only begins with a bracket is text.
fn cut_json(input: &[u8]) -> Option<SetAside> {
    let bare = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input).trim_ascii_start();
    let begins = bare.starts_with(b"{") || bare.starts_with(b"[{");
    let keyed = bare.get(1..).map(<[u8]>::trim_ascii_start).is_some_and(|rest| rest.starts_with(b"\"") || rest.starts_with(b"{"));
    if !begins || !keyed || json(input).is_some() {
        return None;
    }
    match serde_json::from_slice::<serde_json::Value>(bare) {
        Err(error) => Some(SetAside::new(
            Code::Corrupt,
            Text::new(format!("JSON that breaks off or is damaged: {error}"), format!("JSON が途中で切れているか壊れています: {error}")),
        )),
        Ok(_) => None,
    }
}

/// What only a mail's headers tell.
fn of_mail(input: &[u8], notice: &Notice) -> Option<SetAside> {
    let block = msg::header_block(input);
    if block.is_none() && !mail::looks_like_mail(input) {
        return None;
    }
    let readable = mail::mended(block.as_deref().map_or(input, str::as_bytes));
    let message = MessageParser::default().parse(&*readable)?;
    let header = |name: &str| {
        message
            .headers()
            .iter()
            .find(|h| h.name().eq_ignore_ascii_case(name))
            .and_then(|h| h.value().as_text())
            .map(str::to_ascii_lowercase)
    };
    let kind = message.content_type();
    let is = |ctype: &str, sub: &str| {
        kind.is_some_and(|k| k.ctype().eq_ignore_ascii_case(ctype) && k.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub)))
    };
    if is("application", "pkcs7-mime") || is("application", "x-pkcs7-mime") || is("multipart", "encrypted") {
        let why = Text::fixed("the mail is encrypted", "メールが暗号化されています");
        return Some(SetAside::new(Code::Unsupported, why));
    }
    let report = kind.and_then(|k| k.attribute("report-type")).map(str::to_ascii_lowercase);
    if report.as_deref().is_some_and(|r| matches!(r, "delivery-status" | "disposition-notification")) {
        let why = Text::fixed("a delivery or reading receipt", "配送エラーまたは開封確認の通知です");
        return Some(SetAside::new(Code::NotAReport, why));
    }
    let auto = header("Auto-Submitted").is_some_and(|v| v.starts_with("auto-replied"))
        || header("X-Autoreply").is_some()
        || header("X-Auto-Response-Suppress").is_some() && header("Precedence").is_some_and(|v| v.contains("auto_reply"));
    let subject = normal(message.subject().unwrap_or_default());
    let automatic = ["automatic reply:", "auto reply:", "out of office", "out of the office", "自動応答", "自動返信", "不在"];
    if auto || automatic.iter().any(|words| subject.starts_with(words)) {
        let why = Text::fixed("an automatic reply", "自動返信です");
        return Some(SetAside::new(Code::NotAReport, why));
    }
    let to_aws = message.to().is_some_and(|to| to.iter().filter_map(|a| a.address()).any(is_aws_address));
    let from_aws = message.from().is_some_and(|from| from.iter().filter_map(|a| a.address()).any(is_aws_address));
    if to_aws && !from_aws && message.header(HeaderName::From).is_some() {
        let why = Text::fixed("one's own answer to AWS", "AWS 宛ての自社の返信です");
        return Some(SetAside::new(Code::NotAReport, why));
    }
    let said = !notice.body.trim().is_empty() || notice.reporter.as_deref().is_some_and(|r| !r.trim().is_empty());
    if !said {
        let why = Text::fixed(
            "the mail breaks off before its text, or its text cannot be decoded",
            "本文の前で途切れているか、本文を復号できません",
        );
        return Some(SetAside::new(Code::Corrupt, why));
    }
    None
}

/// Whether a notice says that somebody did something.
fn reports_something(notice: &Notice) -> bool {
    if is_bulk(notice) {
        return false;
    }
    match notice.family {
        Family::Unrecognised => {
            // Words that a person retyped: a category and something that did it.
            let named = notice.resources.iter().any(|r| abate_model::thread::tells_apart(r) || abate_model::is_masked(&r.id));
            // A person at AWS who answers in the matter uses no layout.
            let about_abuse = notice.subject.as_deref().is_some_and(|s| normal(s).contains("abuse report"));
            let by_aws = notice.from.as_deref().is_some_and(is_aws_address);
            let known = notice.category != Category::Other;
            let closes = notice.kind == NoticeKind::Resolved;
            (notice.channel != Channel::Mail || notice.from.is_none() || about_abuse || by_aws)
                && ((known && (named || notice.account_id.is_some())) || closes || (by_aws && !notice.mitigations.is_empty()))
        }
        Family::ThirdPartyReport => {
            let formed = notice.reports.iter().any(|r| r.format != ReportFormat::FreeText && !r.sources.is_empty());
            let accused = notice.resources.iter().any(abate_model::thread::tells_apart);
            let known = notice.category != Category::Other;
            let addressed = || {
                let text = format!("{}\n{}", notice.body, notice.reporter.as_deref().unwrap_or_default());
                accused::speaks_to_abuse_desk(&text, notice.subject.as_deref().unwrap_or_default())
            };
            notice.channel == Channel::Report || formed || (known && accused) || ((known || accused) && addressed())
        }
        Family::HealthEvent => is_abuse_event(notice),
        _ => true,
    }
}

/// A newsletter: it tells how to leave it, and neither follows a layout nor accuses anything that an abuse desk could look for.
fn is_bulk(notice: &Notice) -> bool {
    const LEAVES: [&str; 9] = [
        "unsubscribe",
        "leave this list",
        "manage your subscription",
        "you receive this because",
        "you are receiving this because",
        "no longer wish to receive",
        "email preferences",
        "update your preferences",
        "opt out of",
    ];
    if notice.channel != Channel::Mail || !matches!(notice.family, Family::ThirdPartyReport | Family::Unrecognised | Family::FollowUp) {
        return false;
    }
    let formed = notice.reports.iter().any(|r| r.format != ReportFormat::FreeText && !r.sources.is_empty());
    let text = format!("{}\n{}", notice.body, notice.reporter.as_deref().unwrap_or_default());
    let plain = normal(&text);
    let subject = notice.subject.as_deref().unwrap_or_default();
    LEAVES.iter().any(|w| plain.contains(w)) && !formed && !accused::speaks_to_abuse_desk("", subject) && !speaks_of_yours(&plain)
}

/// Whether a mail accuses something of the reader's.
fn speaks_of_yours(plain: &str) -> bool {
    [
        "your network",
        "your server",
        "your host",
        "your ip",
        "your customer is",
        "of your customer",
        "your aws account",
        "your instance",
        "your resource",
        "your access key",
        "your address",
    ]
    .iter()
    .any(|w| plain.contains(w))
}

/// AWS Health also tells of maintenance and of other services.
fn is_abuse_event(notice: &Notice) -> bool {
    let words = notice.reported.iter().map(|r| r.text.as_str()).chain(notice.subject.as_deref()).collect::<Vec<_>>().join(" ");
    words.contains("AWS_ABUSE") || words.contains("AWS_RISK") || notice.category != Category::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_reader_sets_one_message_aside() {
        let outcome: Result<(), SetAside> = guarded(|| panic!("on purpose"));
        assert_eq!(outcome.unwrap_err().code, Code::Corrupt);
    }
}
