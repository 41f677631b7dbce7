//! A mail to headers, text and attachments. Attachments that are neither text nor mail are listed as not read; no archive is
//! unpacked.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::authenticity::is_aws_address;
use crate::decode;
use crate::forward;
use crate::html;
use crate::incoming::{Incoming, Origin, Stated};
use crate::msg;
use crate::text::clean;
use crate::{xarf, zipped};

/// Mails inside mails are followed this deep.
pub(crate) const DEPTH: usize = 3;

/// Whether bytes begin with a mail's header block: known header fields up to a blank line, `From` among them.
pub(crate) fn looks_like_mail(bytes: &[u8]) -> bool {
    const OTHERS: [&str; 11] = [
        "date:",
        "message-id:",
        "received:",
        "mime-version:",
        "content-type:",
        "return-path:",
        "delivered-to:",
        "to:",
        "dkim-signature:",
        "authentication-results:",
        "subject:",
    ];
    const RAW: [&str; 12] = [
        "message-id:",
        "received:",
        "mime-version:",
        "content-type:",
        "content-transfer-encoding:",
        "return-path:",
        "delivered-to:",
        "dkim-signature:",
        "authentication-results:",
        "arc-",
        "x-",
        "auto-submitted:",
    ];
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let (mut from, mut others, mut raw) = (false, 0, false);
    for (number, line) in head.trim_start_matches(['\u{feff}', '\r', '\n']).lines().enumerate() {
        let lower = line.to_ascii_lowercase();
        if line.trim().is_empty() {
            break;
        }
        // `Sent:` and Japanese names stand in what a mail program copies, never in a raw mail.
        if lower.starts_with("sent:") || !line.is_ascii() && line.contains('：') {
            return false;
        }
        if line.starts_with([' ', '\t']) || (number == 0 && line.starts_with("From ")) {
            continue;
        }
        let named = line.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic()));
        if !named {
            return false;
        }
        from |= lower.starts_with("from:");
        others += usize::from(OTHERS.iter().any(|o| lower.starts_with(o)));
        raw |= RAW.iter().any(|o| lower.starts_with(o));
    }
    // People copy From, To, Date and Subject; what only programs write shows that the mail is whole.
    (from && others >= 2 || others >= 4) && raw
}

/// Reads a mail. `None` if it has no header at all.
pub(crate) fn read(bytes: &[u8]) -> Option<Incoming> {
    let readable = mended(bytes);
    let message = MessageParser::default().parse(&*readable)?;
    let mut outer = of_message(&message, DEPTH);
    outer.bound();
    Some(forward::unwrap(outer))
}

/// A mail with a Date that the parser can read: on `UT`, which RFC 822 allows and some programs write, it would lose the headers that
/// follow.
pub(crate) fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    let end =
        bytes.windows(2).position(|w| w == b"\n\n").or_else(|| bytes.windows(4).position(|w| w == b"\r\n\r\n")).unwrap_or(bytes.len());
    let head = bytes.get(..end.min(256 * 1024)).unwrap_or_default();
    let mut at = 0;
    for line in head.split_inclusive(|b| *b == b'\n') {
        let bare = line.trim_ascii_end();
        if bare.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"date:")) && bare.ends_with(b" UT") {
            let place = at + bare.len() - 2;
            let mut out = bytes.get(..place).unwrap_or_default().to_vec();
            out.extend_from_slice(b"+0000");
            out.extend_from_slice(bytes.get(place + 2..).unwrap_or_default());
            return Cow::Owned(out);
        }
        at += line.len();
    }
    Cow::Borrowed(bytes)
}

fn of_message(message: &Message<'_>, depth: usize) -> Incoming {
    let mut incoming = Incoming::text(Origin::Mail, String::new());
    headers(message, &mut incoming);
    bodies(message, &mut incoming);
    let main: Vec<u32> = message.text_body.iter().chain(&message.html_body).copied().collect();
    for (number, part) in message.parts.iter().enumerate().skip(1) {
        let shown = main.contains(&u32::try_from(number).unwrap_or(u32::MAX));
        if shown && matches!(part.body, PartType::Text(_) | PartType::Html(_)) {
            continue;
        }
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Message(inner) => {
                let inner = (depth > 0).then(|| of_message(inner, depth - 1));
                if let Some(notice) = enclosed(&mut incoming, inner) {
                    return notice;
                }
            }
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                let file = File { name: part.attachment_name(), kind: &kind_of(part), bytes };
                if let Some(notice) = attached_file(&mut incoming, &file, depth) {
                    return notice;
                }
            }
            _ => attachment(part, &mut incoming),
        }
    }
    incoming
}

/// Puts a mail into the one that carries it. If it is the notice itself, that is given back, as passed on. `None` stands for
/// a mail that lies too deep.
pub(crate) fn enclosed(outer: &mut Incoming, inner: Option<Incoming>) -> Option<Incoming> {
    let Some(inner) = inner else {
        outer.unread.push(format!("a mail was not read that lies more than {DEPTH} deep in others"));
        return None;
    };
    if is_notice_in(outer, &inner) {
        return Some(passed_on(outer, inner));
    }
    append(&mut outer.attached, &quoted_mail(&inner));
    None
}

/// Whether a mail inside another is the notice. What AWS sends is one itself, whatever mail it carries.
fn is_notice_in(outer: &Incoming, inner: &Incoming) -> bool {
    let aws = |mail: &Incoming| mail.from.as_deref().is_some_and(is_aws_address);
    !aws(outer) && (aws(inner) || forward::looks_like_notice(&inner.text))
}

fn passed_on(outer: &mut Incoming, inner: Incoming) -> Incoming {
    // Within Exchange a sender may have a name only.
    let by = outer.from.take().or_else(|| outer.from_name.take());
    Incoming { origin: Origin::Forwarded { by }, ..inner }
}

/// Takes over what the headers say.
pub(crate) fn headers(message: &Message<'_>, incoming: &mut Incoming) {
    // `Amazon Web Services, Inc. <a@b>` without quotes is two mailboxes by the grammar, of which one has an address.
    let first = |address: Option<&Address<'_>>| {
        address.and_then(|a| a.iter().find_map(|one| one.address().filter(|a| a.contains('@')).map(str::to_owned)))
    };
    let all = |address: &Address<'_>| address.iter().filter_map(|one| one.address().map(str::to_owned)).collect::<Vec<_>>();
    incoming.subject = message.subject().map(|s| clean(s).trim().to_owned());
    incoming.from = first(message.from());
    incoming.from_name = message.from().and_then(|a| a.first().and_then(|one| one.name().map(str::to_owned)));
    incoming.to = first(message.to());
    incoming.message_id = message.message_id().map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    incoming.date_offset = message.date().and_then(|d| {
        let seconds = (i32::from(d.tz_hour) * 60 + i32::from(d.tz_minute)) * 60;
        jiff::tz::Offset::from_seconds(if d.tz_before_gmt { -seconds } else { seconds }).ok()
    });
    incoming.references = references(message);
    incoming.date = message.date().filter(|d| d.is_valid()).and_then(|d| jiff::Timestamp::from_second(d.to_timestamp()).ok());
    for header in message.headers() {
        match (&header.name, &header.value) {
            (HeaderName::From, HeaderValue::Address(address)) => incoming.from_all.extend(all(address)),
            (HeaderName::ReplyTo, HeaderValue::Address(address)) => incoming.reply_to.extend(all(address)),
            _ => {}
        }
    }
    let raw = message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Received"));
    incoming.received = raw.map(|(_, value)| clean(value).split_whitespace().collect::<Vec<_>>().join(" ")).take(20).collect();
    incoming.auth_results = message
        .headers()
        .iter()
        .filter(|header| header.name().eq_ignore_ascii_case("Authentication-Results"))
        .filter_map(|header| header.value().as_text())
        .map(|value| clean(value).split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
}

/// More Message-IDs of a thread are not needed to find it.
const MOST_REFERENCES: usize = 100;

/// `In-Reply-To`, then `References` from the newest back.
fn references(message: &Message<'_>) -> Vec<String> {
    let ids = |value: &HeaderValue<'_>| -> Vec<String> {
        match value {
            HeaderValue::Text(id) => vec![id.to_string()],
            HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    };
    distinct(ids(message.in_reply_to()).into_iter().chain(ids(message.references()).into_iter().rev()))
}

/// Message-IDs without their brackets, each once.
pub(crate) fn distinct(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut found = Vec::new();
    for id in ids {
        let id = id.trim_matches(['<', '>', ' ']).to_owned();
        if !id.is_empty() && found.len() < MOST_REFERENCES && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// The first text is the mail's own; further inline texts are what it carries.
fn bodies(message: &Message<'_>, incoming: &mut Incoming) {
    for part in message.text_body.iter().filter_map(|id| message.part(*id)) {
        let text = match &part.body {
            PartType::Text(text) => text_of(message, part, text),
            PartType::Html(html) => page(html, incoming),
            _ => continue,
        };
        if incoming.text.trim().is_empty() {
            incoming.text = text;
        } else {
            append(&mut incoming.attached, &text);
        }
    }
    for part in message.html_body.iter().filter(|id| !message.text_body.contains(id)).filter_map(|id| message.part(*id)) {
        if let PartType::Html(html) = &part.body {
            alternative(html, incoming);
        }
    }
}

/// HTML besides plain text.
pub(crate) fn alternative(html: &str, incoming: &mut Incoming) {
    let text = page(html, incoming);
    // An alternative that only says "see the HTML part" is no alternative.
    if incoming.text.trim().len() < 40 && text.len() > incoming.text.len() {
        incoming.text = text;
    }
}

/// Text in a character set that no header names.
fn text_of(message: &Message<'_>, part: &MessagePart<'_>, text: &str) -> String {
    let named = part.content_type().is_some_and(|t| t.has_attribute("charset"));
    if !named && text.contains("\u{1b}$") {
        return clean(&decode::lossy(text.as_bytes()));
    }
    let anew = || decode::relabelled(text).or_else(|| text.contains('\u{fffd}').then(|| by_bytes(message, part)).flatten());
    clean(&if text.is_ascii() { text.to_owned() } else { anew().unwrap_or_else(|| text.to_owned()) })
}

/// A part's own bytes as UTF-8 or a Japanese character set, where that is what they are, whatever its label says.
fn by_bytes(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    let (start, end) = (usize::try_from(part.offset_body).ok()?, usize::try_from(part.offset_end).ok()?);
    let raw = message.raw_message.get(start..end)?;
    let bytes = match part.encoding {
        Encoding::None => raw.to_vec(),
        Encoding::QuotedPrintable => quoted_printable_decode(raw)?,
        Encoding::Base64 => base64_decode(raw)?,
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text).filter(|text| !text.is_ascii()),
        Err(error) => decode::japanese(error.as_bytes()),
    }
}

fn page(html: &str, incoming: &mut Incoming) -> String {
    let page = html::read(html);
    incoming.links.extend(page.links);
    clean(&page.text)
}

fn kind_of(part: &MessagePart<'_>) -> String {
    part.content_type()
        .map_or_else(|| UNKNOWN.to_owned(), |t| t.subtype().map_or_else(|| t.ctype().to_owned(), |s| format!("{}/{s}", t.ctype())))
}

fn attachment(part: &MessagePart<'_>, incoming: &mut Incoming) {
    let text = match &part.body {
        PartType::Text(text) => Some(clean(text)),
        PartType::Html(html) => Some(clean(&html::read(html).text)),
        _ => None,
    };
    attach(incoming, part.attachment_name(), &kind_of(part), part.len(), text);
}

/// The kind of an attachment that names none.
pub(crate) const UNKNOWN: &str = "unknown type";

/// A file that came with a mail.
pub(crate) struct File<'f> {
    /// as the mail calls it
    pub name: Option<&'f str>,
    /// MIME type
    pub kind: &'f str,
    /// what it holds
    pub bytes: &'f [u8],
}

/// Reads a file that came with a mail. If it is the notice itself, that is given back, as passed on.
pub(crate) fn attached_file(incoming: &mut Incoming, file: &File<'_>, depth: usize) -> Option<Incoming> {
    if depth > 0
        && msg::is_compound(file.bytes)
        && let Ok(inner) = msg::of_bytes(file.bytes, depth - 1)
    {
        return enclosed(incoming, Some(inner));
    }
    let name = file.name.unwrap_or_default().to_ascii_lowercase();
    let is_mail = (name.ends_with(".eml") || file.kind.starts_with("message/")) && looks_like_mail(file.bytes);
    let readable = mended(file.bytes);
    if depth > 0
        && is_mail
        && let Some(message) = MessageParser::default().parse(&*readable)
    {
        let inner = of_message(&message, depth - 1);
        if is_notice_in(incoming, &inner) {
            return Some(passed_on(incoming, inner));
        }
        // Else its text, headers and all, says more than what is read of it.
    }
    if zipped::is_zip(file.bytes)
        && let Some(unpacked) = zipped::texts(file.bytes)
    {
        for text in &unpacked.texts {
            append(&mut incoming.attached, text);
        }
        incoming.unread.extend(unpacked.left);
        return None;
    }
    if let Some(report) = serde_json::from_slice(file.bytes).ok().and_then(|document| xarf::read(&document, jiff::Timestamp::MAX)) {
        incoming.stated = Stated { all_reporter: false, ..report.stated };
        incoming.message_id = report.message_id.or(incoming.message_id.take());
        incoming.with_xarf = true;
        append(&mut incoming.attached, &report.attached);
        return None;
    }
    let page = file.kind.contains("html") || name.ends_with(".html") || name.ends_with(".htm");
    let textual =
        file.kind.contains("json") || file.kind.starts_with("message/") || file.kind.starts_with("text/") || file.kind.contains("xml");
    let named = [".txt", ".log", ".csv", ".json", ".eml"].iter().any(|e| name.ends_with(e));
    let text = if textual || named || page { decode::text(file.bytes) } else { None };
    let text = text.map(|t| clean(&if page { html::read(&t).text } else { t }));
    attach(incoming, file.name, file.kind, file.bytes.len(), text);
    None
}

fn attach(incoming: &mut Incoming, name: Option<&str>, kind: &str, size: usize, text: Option<String>) {
    match text {
        Some(text) => append(&mut incoming.attached, &text),
        None => {
            let name = clean(name.unwrap_or("without a name"));
            incoming.unread.push(format!("attachment {name} ({kind}, {size} bytes) was not read"));
        }
    }
}

/// A mail that is evidence, not a notice (the spam that was sent).
fn quoted_mail(mail: &Incoming) -> String {
    let mut out = String::new();
    for hop in &mail.received {
        out.push_str(&format!("Received: {hop}\n"));
    }
    for (name, value) in [("From", &mail.from), ("To", &mail.to), ("Subject", &mail.subject)] {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {value}\n"));
        }
    }
    if let Some(date) = mail.date {
        out.push_str(&format!("Date: {date}\n"));
    }
    out.push('\n');
    out.push_str(mail.text.trim());
    append(&mut out, &mail.attached);
    out
}

fn append(to: &mut String, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    if !to.is_empty() {
        to.push_str("\n\n");
    }
    to.push_str(text.trim_matches('\n'));
}
