//! An Outlook message (.msg, [MS-OXMSG]) to headers, text and attachments, as `mail` reads a mail. Contacts, appointments and
//! what else Outlook stores are read as far as they have text; signed or encrypted messages (S/MIME, IRM) are not opened.

use encoding_rs::Encoding;
use mail_parser::MessageParser;

use crate::NoticeError;
use crate::forward;
use crate::incoming::{Incoming, MOST_ATTACHED, Origin};
use crate::mail::{self, DEPTH, File};
use crate::text::clean;

mod codepage;
mod container;
mod lzfu;
mod rtf;
#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;

use container::{Container, Properties};

const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// More unpacked RTF is not looked at; text beyond 1 MiB is cut anyway.
const MOST_RTF: usize = 8 * 1024 * 1024;
/// No notice comes with more attachments.
const MOST_FILES: usize = 1_000;

/// Property ids of [MS-OXPROPS].
mod id {
    pub const CLASS: u32 = 0x001a;
    pub const SUBJECT: u32 = 0x0037;
    pub const SUBMITTED: u32 = 0x0039;
    pub const REPRESENTED_NAME: u32 = 0x0042;
    pub const REPLY_TO: u32 = 0x0050;
    pub const REPRESENTED: u32 = 0x0065;
    pub const HEADERS: u32 = 0x007d;
    pub const RECIPIENT_KIND: u32 = 0x0c15;
    pub const SENDER_NAME: u32 = 0x0c1a;
    pub const SENDER: u32 = 0x0c1f;
    pub const DISPLAY_TO: u32 = 0x0e04;
    pub const DELIVERED: u32 = 0x0e06;
    pub const BODY: u32 = 0x1000;
    pub const RTF: u32 = 0x1009;
    pub const HTML: u32 = 0x1013;
    pub const MESSAGE_ID: u32 = 0x1035;
    pub const REFERENCES: u32 = 0x1039;
    pub const IN_REPLY_TO: u32 = 0x1042;
    pub const DISPLAY_NAME: u32 = 0x3001;
    pub const RECIPIENT: u32 = 0x3003;
    pub const DATA: u32 = 0x3701;
    pub const SHORT_FILE: u32 = 0x3704;
    pub const FILE: u32 = 0x3707;
    pub const MIME: u32 = 0x370e;
    pub const RECIPIENT_SMTP: u32 = 0x39fe;
    pub const INTERNET_CODEPAGE: u32 = 0x3fde;
    pub const MESSAGE_CODEPAGE: u32 = 0x3ffd;
    pub const SENDER_SMTP: u32 = 0x5d01;
    pub const REPRESENTED_SMTP: u32 = 0x5d02;
    pub const CODEPAGE: u32 = 0x66c3;
}

/// Whether bytes begin as a compound file does.
pub(crate) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads a message.
pub(crate) fn read(bytes: &[u8]) -> Result<Incoming, NoticeError> {
    let mut outer = of_bytes(bytes, DEPTH)?;
    outer.bound();
    Ok(forward::unwrap(outer))
}

/// Reads a message and mails inside it down to `depth`.
pub(crate) fn of_bytes(bytes: &[u8], depth: usize) -> Result<Incoming, NoticeError> {
    let mut container = Container::open(bytes)?;
    let mut incoming = of_storage(&mut container, "", container::TOP, depth);
    if container.damaged {
        if incoming.text.trim().is_empty() && incoming.attached.trim().is_empty() && incoming.subject.is_none() {
            return Err(container::corrupt("one whose contents cannot be read"));
        }
        incoming.unread.push("parts of the Outlook message are damaged and were not read".to_owned());
    }
    Ok(incoming)
}

fn of_storage(container: &mut Container<'_>, path: &str, header: usize, depth: usize) -> Incoming {
    let properties = open(container, path, header);
    let mut incoming = Incoming::text(Origin::Mail, String::new());
    let block = transport_block(container, &properties).unwrap_or_default();
    if let Some(message) = MessageParser::default().parse_headers(block.as_bytes()) {
        mail::headers(&message, &mut incoming);
    }
    headers(container, path, &properties, &mut incoming);
    bodies(container, &properties, &mut incoming);
    match attachments(container, path, properties.encoding, &mut incoming, depth) {
        Some(notice) => notice,
        None => incoming,
    }
}

fn open(container: &mut Container<'_>, path: &str, header: usize) -> Properties {
    let mut properties = Properties::read(container, path, header, None);
    let pages = [id::MESSAGE_CODEPAGE, id::CODEPAGE, id::INTERNET_CODEPAGE];
    properties.encoding = pages.iter().filter_map(|page| properties.number(*page)).find_map(codepage::encoding);
    properties
}

/// The headers that the message came with, which only received messages have.
fn transport_block(container: &mut Container<'_>, properties: &Properties) -> Option<String> {
    let text = properties.string(container, id::HEADERS)?;
    // Exchange puts a line of its own in front.
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("Microsoft Mail Internet Headers") => rest,
        _ => &text,
    };
    Some(format!("{}\r\n\r\n", text.trim()))
}

/// The headers of a message, or what stands for them in one that never was on the Internet. `None` if it is no Outlook message.
pub(crate) fn header_block(bytes: &[u8]) -> Option<String> {
    let container = &mut is_compound(bytes).then(|| Container::open(bytes).ok()).flatten()?;
    let properties = open(container, "", container::TOP);
    if let Some(block) = transport_block(container, &properties) {
        return Some(block);
    }
    let mut incoming = Incoming::text(Origin::Mail, String::new());
    headers(container, "", &properties, &mut incoming);
    let class = properties.string(container, id::CLASS).unwrap_or_default().to_ascii_uppercase();
    let kind = match class.as_str() {
        "IPM.NOTE.SMIME" => "application/pkcs7-mime",
        class if class.starts_with("REPORT.") => "multipart/report; report-type=delivery-status",
        _ => "text/plain",
    };
    let mut block = format!("Content-Type: {kind}\r\n");
    for (name, value) in [("From", incoming.from), ("To", incoming.to), ("Subject", incoming.subject)] {
        let value = value.unwrap_or_default();
        let words: Vec<&str> = value.split_whitespace().collect();
        if !words.is_empty() {
            block.push_str(&format!("{name}: {}\r\n", words.join(" ")));
        }
    }
    block.push_str("\r\n");
    Some(block)
}

/// What no header said, from the properties.
fn headers(container: &mut Container<'_>, path: &str, properties: &Properties, incoming: &mut Incoming) {
    if incoming.subject.as_ref().is_none_or(String::is_empty) {
        incoming.subject = properties.string(container, id::SUBJECT).map(|s| clean(&s).trim().to_owned());
    }
    if incoming.from.is_none() {
        // On whose behalf a mail was sent is its From; who sent it, its Sender.
        let from = [id::REPRESENTED_SMTP, id::REPRESENTED, id::SENDER_SMTP, id::SENDER];
        incoming.from = from.iter().find_map(|id| address(properties.string(container, *id)));
        incoming.from_all.extend(incoming.from.clone());
        incoming.from_name = properties.string(container, id::REPRESENTED_NAME).or_else(|| properties.string(container, id::SENDER_NAME));
        let answers = properties.string(container, id::REPLY_TO).unwrap_or_default();
        incoming.reply_to.extend(answers.split(';').filter_map(|one| address(Some(one.to_owned()))).take(100));
    }
    if incoming.to.is_none() {
        incoming.to = recipient(container, path, properties);
    }
    if incoming.message_id.is_none() {
        incoming.message_id = properties.string(container, id::MESSAGE_ID).map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    }
    if incoming.references.is_empty() {
        let answered = properties.string(container, id::IN_REPLY_TO).into_iter();
        let earlier = properties.string(container, id::REFERENCES).unwrap_or_default();
        incoming.references = mail::distinct(answered.chain(earlier.split_whitespace().rev().map(str::to_owned)));
    }
    incoming.date = incoming.date.or_else(|| properties.time(id::SUBMITTED)).or_else(|| properties.time(id::DELIVERED));
}

/// Within Exchange an address may be a path in a directory, which tells nothing.
fn address(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().trim_matches(['<', '>', '\'', '"']).to_owned()).filter(|t| t.contains('@') && !t.contains(char::is_whitespace))
}

fn recipient(container: &mut Container<'_>, path: &str, properties: &Properties) -> Option<String> {
    for storage in container.numbered(path, "__recip_version1.0_#").into_iter().take(100) {
        let one = Properties::read(container, &storage, container::PART, properties.encoding);
        // 1 is To; Cc and Bcc are others.
        if one.number(id::RECIPIENT_KIND).is_none_or(|kind| kind & 0xf == 1) {
            let found = [id::RECIPIENT_SMTP, id::RECIPIENT].iter().find_map(|id| address(one.string(container, *id)));
            if found.is_some() {
                return found;
            }
        }
    }
    let shown = properties.string(container, id::DISPLAY_TO)?;
    shown.split(';').find_map(|one| address(Some(one.to_owned())))
}

fn bodies(container: &mut Container<'_>, properties: &Properties, incoming: &mut Incoming) {
    incoming.text = properties.string(container, id::BODY).map(|text| clean(&text)).unwrap_or_default();
    let html = match properties.binary(container, id::HTML) {
        Some(bytes) => Some(page(&bytes, properties)),
        None => properties.string(container, id::HTML),
    };
    if let Some(html) = html.filter(|html| !html.trim().is_empty()) {
        return mail::alternative(&html, incoming);
    }
    let Some(packed) = properties.binary(container, id::RTF).filter(|bytes| !bytes.is_empty()) else { return };
    let Some(unpacked) = lzfu::unpack(&packed, MOST_RTF) else {
        incoming.unread.push(format!("the RTF body ({} bytes) was not read: it is damaged", packed.len()));
        return;
    };
    if !unpacked.whole {
        incoming.unread.push("the end of the RTF body was not read: it is damaged or too long".to_owned());
    }
    let document = rtf::read(&unpacked.bytes, properties.encoding);
    if document.is_html {
        return mail::alternative(&document.text, incoming);
    }
    incoming.links.extend(document.links);
    let text = clean(&document.text);
    if incoming.text.trim().is_empty() {
        incoming.text = text;
    }
}

/// HTML, whose code page has a property of its own.
fn page(bytes: &[u8], properties: &Properties) -> String {
    let stated = properties.number(id::INTERNET_CODEPAGE).and_then(codepage::encoding);
    codepage::text(bytes, stated.or_else(|| in_page(bytes)).or(properties.encoding))
}

/// The encoding that a page itself names.
fn in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(2048))?).to_ascii_lowercase();
    let (_, label) = head.split_once("charset=")?;
    let label: String =
        label.trim_start_matches(['"', '\'', ' ']).chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    Encoding::for_label(label.as_bytes())
}

fn attachments(
    container: &mut Container<'_>,
    path: &str,
    encoding: Option<&'static Encoding>,
    incoming: &mut Incoming,
    depth: usize,
) -> Option<Incoming> {
    let storages = container.numbered(path, "__attach_version1.0_#");
    for (number, storage) in storages.iter().enumerate() {
        if number >= MOST_FILES || incoming.attached.len() >= MOST_ATTACHED {
            incoming.unread.push(format!("{} further attachments were not read", storages.len() - number));
            break;
        }
        let notice = attachment(container, storage, encoding, incoming, depth);
        if notice.is_some() {
            return notice;
        }
    }
    None
}

fn attachment(
    container: &mut Container<'_>,
    storage: &str,
    encoding: Option<&'static Encoding>,
    incoming: &mut Incoming,
    depth: usize,
) -> Option<Incoming> {
    let properties = Properties::read(container, storage, container::PART, encoding);
    let name = [id::FILE, id::SHORT_FILE, id::DISPLAY_NAME].iter().find_map(|id| properties.string(container, *id));
    let object = properties.object(id::DATA);
    if container.is_message(&object) {
        let inner = (depth > 0).then(|| of_storage(container, &object, container::EMBEDDED, depth - 1));
        return mail::enclosed(incoming, inner);
    }
    if let Some(bytes) = properties.binary(container, id::DATA) {
        let kind = properties.string(container, id::MIME).map(|kind| clean(&kind).to_ascii_lowercase());
        let file = File { name: name.as_deref(), kind: kind.as_deref().unwrap_or(mail::UNKNOWN), bytes: &bytes };
        return mail::attached_file(incoming, &file, depth);
    }
    let name = clean(name.as_deref().unwrap_or("without a name"));
    let what = if container.is_storage(&object) { "an embedded object" } else { "its contents are not in the message" };
    incoming.unread.push(format!("attachment {name} was not read: {what}"));
    None
}
