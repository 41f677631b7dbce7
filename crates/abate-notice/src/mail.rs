//! A mail to headers, text and attachments. Attachments that are no text are listed as not read; nothing is opened or
//! unpacked.

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::authenticity::is_aws_address;
use crate::decode;
use crate::forward;
use crate::html;
use crate::incoming::{Incoming, Origin};
use crate::text::clean;

/// Mails inside mails are followed this deep.
const DEPTH: usize = 3;

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
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let (mut from, mut others) = (false, 0);
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
    }
    from && others >= 2
}

/// Reads a mail. `None` if it has no header at all.
pub(crate) fn read(bytes: &[u8]) -> Option<Incoming> {
    let message = MessageParser::default().parse(bytes)?;
    let mut outer = of_message(&message, DEPTH);
    outer.bound();
    Some(forward::unwrap(outer))
}

fn of_message(message: &Message<'_>, depth: usize) -> Incoming {
    let mut incoming = Incoming::text(Origin::Mail, String::new());
    headers(message, &mut incoming);
    bodies(message, &mut incoming);
    let from_aws = incoming.from.as_deref().is_some_and(is_aws_address);
    let main: Vec<u32> = message.text_body.iter().chain(&message.html_body).copied().collect();
    for (number, part) in message.parts.iter().enumerate().skip(1) {
        let shown = main.contains(&u32::try_from(number).unwrap_or(u32::MAX));
        if shown && matches!(part.body, PartType::Text(_) | PartType::Html(_)) {
            continue;
        }
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Message(inner) => {
                let inner_mail = if depth > 0 { of_message(inner, depth - 1) } else { Incoming::text(Origin::Mail, String::new()) };
                let inner_aws = inner_mail.from.as_deref().is_some_and(is_aws_address);
                if !from_aws && depth > 0 && (inner_aws || forward::looks_like_notice(&inner_mail.text)) {
                    let by = incoming.from.take();
                    return Incoming { origin: Origin::Forwarded { by }, ..inner_mail };
                }
                append(&mut incoming.attached, &quoted_mail(&inner_mail));
            }
            _ => attachment(part, &mut incoming),
        }
    }
    incoming
}

fn headers(message: &Message<'_>, incoming: &mut Incoming) {
    let first = |address: Option<&Address<'_>>| address.and_then(|a| a.first().and_then(|one| one.address().map(str::to_owned)));
    let all = |address: &Address<'_>| address.iter().filter_map(|one| one.address().map(str::to_owned)).collect::<Vec<_>>();
    incoming.subject = message.subject().map(|s| clean(s).trim().to_owned());
    incoming.from = first(message.from());
    incoming.from_name = message.from().and_then(|a| a.first().and_then(|one| one.name().map(str::to_owned)));
    incoming.to = first(message.to());
    incoming.message_id = message.message_id().map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    incoming.references = references(message);
    incoming.date = message.date().filter(|d| d.is_valid()).and_then(|d| jiff::Timestamp::from_second(d.to_timestamp()).ok());
    for header in message.headers() {
        match (&header.name, &header.value) {
            (HeaderName::From, HeaderValue::Address(address)) => incoming.from_all.extend(all(address)),
            (HeaderName::ReplyTo, HeaderValue::Address(address)) => incoming.reply_to.extend(all(address)),
            _ => {}
        }
    }
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
    let mut found = Vec::new();
    for id in ids(message.in_reply_to()).into_iter().chain(ids(message.references()).into_iter().rev()) {
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
            PartType::Text(text) => text_of(part, text),
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
            let text = page(html, incoming);
            // An alternative that only says "see the HTML part" is no alternative.
            if incoming.text.trim().len() < 40 && text.len() > incoming.text.len() {
                incoming.text = text;
            }
        }
    }
}

/// Text in a character set that no header names.
fn text_of(part: &MessagePart<'_>, text: &str) -> String {
    let named = part.content_type().is_some_and(|t| t.has_attribute("charset"));
    if !named && text.contains("\u{1b}$") {
        return clean(&decode::lossy(text.as_bytes()));
    }
    clean(text)
}

fn page(html: &str, incoming: &mut Incoming) -> String {
    let page = html::read(html);
    incoming.links.extend(page.links);
    clean(&page.text)
}

fn attachment(part: &MessagePart<'_>, incoming: &mut Incoming) {
    let kind = part
        .content_type()
        .map_or_else(|| "unknown type".to_owned(), |t| t.subtype().map_or_else(|| t.ctype().to_owned(), |s| format!("{}/{s}", t.ctype())));
    let text = match &part.body {
        PartType::Text(text) => Some(clean(text)),
        PartType::Html(html) => Some(clean(&html::read(html).text)),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            let name = part.attachment_name().unwrap_or_default().to_ascii_lowercase();
            let textual = kind.contains("json") || kind.starts_with("message/") || kind.starts_with("text/") || kind.contains("xml");
            let named = [".txt", ".log", ".csv", ".json", ".eml"].iter().any(|e| name.ends_with(e));
            if textual || named { decode::text(bytes).map(|t| clean(&t)) } else { None }
        }
        _ => None,
    };
    match text {
        Some(text) => append(&mut incoming.attached, &text),
        None => {
            let name = clean(part.attachment_name().unwrap_or("without a name"));
            incoming.unread.push(format!("attachment {name} ({kind}, {} bytes) was not read", part.len()));
        }
    }
}

/// A mail that is evidence, not a notice (the spam that was sent).
fn quoted_mail(mail: &Incoming) -> String {
    let mut out = String::new();
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
