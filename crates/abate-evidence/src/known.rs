//! Content that is known but not read, and words for content that is not known.

use abate_model::LossKind;
use data_encoding::HEXLOWER;

use crate::Head;
use crate::lines::{BOM, first_lines, majority};
use crate::shape::Shape;

/// Why nothing reads a stream.
pub(crate) struct Unread {
    pub kind: LossKind,
    pub reason: String,
    pub recognised_by: String,
}

/// File formats by their first bytes.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\xD4\xC3\xB2\xA1", "packet capture (pcap)"),
    (b"\xA1\xB2\xC3\xD4", "packet capture (pcap)"),
    (b"\x4D\x3C\xB2\xA1", "packet capture (pcap)"),
    (b"\xA1\xB2\x3C\x4D", "packet capture (pcap)"),
    (b"\x0A\x0D\x0D\x0A", "packet capture (pcapng)"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"7z\xBC\xAF\x27\x1C", "7-Zip archive: unpack it first"),
    (b"Rar!\x1A\x07", "RAR archive: unpack it first"),
    (b"LPKSHHRH", "systemd journal: export it with journalctl -o short-iso"),
    (b"%PDF-", "PDF document"),
];

/// Files that are no log whatever is in them, by their first bytes.
const NO_LOG: &[(&[u8], &str)] = &[
    (b"\x7FELF", "ELF program or library"),
    (b"MZ\x90\0", "Windows program or library"),
    (b"!<arch>\n", "library archive or Debian package"),
    (b"\xED\xAB\xEE\xDB", "RPM package"),
    (b"\xCA\xFE\xBA\xBE", "Java class"),
    (b"\0asm", "WebAssembly program"),
    (b"\x89PNG\r\n\x1A\n", "image"),
    (b"\xFF\xD8\xFF", "image"),
    (b"GIF8", "image"),
    (b"\0\0\x01\0", "image"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO", "font"),
    (b"\0\x01\0\0\0", "font"),
    (b"\xDE\x12\x04\x95", "translated messages"),
    (b"TZif", "rules of a time zone"),
];

/// Whether a line fits, and the format's name.
type TextFormat = (fn(&str) -> bool, &'static str);

/// Text formats that are known by their lines.
const TEXT: &[TextFormat] = &[(is_w3c, "W3C extended log that tells of no requests to a web server")];

/// Says why no reader takes a stream.
pub(crate) fn explain(head: &Head<'_>) -> Unread {
    if let Some((magic, name)) = MAGIC.iter().find(|(magic, _)| head.bytes.starts_with(magic)) {
        return not_supported(format!("{name}: known, but not read yet"), format!("first bytes {}", HEXLOWER.encode(magic)));
    }
    if let Some((magic, name)) = NO_LOG.iter().find(|(magic, _)| head.bytes.starts_with(magic)) {
        return not_supported(format!("{name}: no log"), format!("first bytes {}", HEXLOWER.encode(magic)));
    }
    if let Some(shape) = Shape::of(head) {
        return explain_json(head, shape);
    }
    for (fits, name) in TEXT {
        if let Some((good, all)) = majority(head, |line| fits(&String::from_utf8_lossy(line))) {
            return not_supported(format!("{name}: known, but not read yet"), format!("{good} of the first {all} lines fit"));
        }
    }
    if is_mail(head) {
        return not_supported("a mail: if it is an abuse report, give it as the notice".to_owned(), "mail header lines".to_owned());
    }
    let what = if head.bytes.iter().take(4096).any(|b| *b == 0) {
        "binary content that no reader knows".to_owned()
    } else {
        format!("text that no reader knows; it begins: {}", beginning(head))
    };
    not_recognised(what)
}

fn explain_json(head: &Head<'_>, shape: &Shape) -> Unread {
    let text = String::from_utf8_lossy(head.bytes);
    let by_type = shape.anywhere(&["detail-type"]).is_some() || shape.anywhere(&["DetailType"]).is_some();
    if (by_type && text.contains("AWS Health")) || shape.anywhere(&["eventTypeCode"]).is_some() {
        return not_supported("AWS Health event: give it as the notice".to_owned(), "keys of an AWS Health event".to_owned());
    }
    if shape.has("XARF") || shape.has("xarf_version") || shape.has("ReporterInfo") {
        return not_supported("an abuse report in XARF: give it as the notice".to_owned(), "keys of XARF".to_owned());
    }
    if let Some(prefix) = shape.anywhere(&["eventName", "eventSource"]) {
        let inside: String = prefix.trim_end_matches('.').chars().take(60).collect();
        return not_recognised(format!("CloudTrail events, but each wrapped in `{inside}`: unwrap them first"));
    }
    let keys = if shape.top.is_empty() { "none".to_owned() } else { shape.top.join(", ") };
    not_recognised(format!("JSON that no reader knows; its first keys: {}", clean(&keys)))
}

fn not_supported(reason: String, recognised_by: String) -> Unread {
    Unread { kind: LossKind::NotSupported, reason, recognised_by }
}

fn not_recognised(reason: String) -> Unread {
    Unread { kind: LossKind::NotRecognised, reason, recognised_by: "no reader recognised the content".to_owned() }
}

/// The first words, without anything that a terminal would obey.
fn beginning(head: &Head<'_>) -> String {
    let first = first_lines(head, 1).first().copied().unwrap_or(head.bytes);
    let text = String::from_utf8_lossy(first.get(..first.len().min(240)).unwrap_or_default());
    let short: String = text.chars().take(60).collect();
    clean(&short)
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn is_w3c(line: &str) -> bool {
    line.starts_with("#Version:") || line.starts_with("#Fields:") || line.starts_with("#Software:")
}

fn is_mail(head: &Head<'_>) -> bool {
    let bytes = head.bytes.strip_prefix(BOM).unwrap_or(head.bytes);
    const NAMES: [&str; 9] = ["return-path", "received", "from", "to", "subject", "date", "message-id", "delivered-to", "mime-version"];
    let lines = bytes.split(|b| *b == b'\n').take(60).map(String::from_utf8_lossy);
    let fields = lines.take_while(|line| !line.trim().is_empty());
    fields.filter(|line| line.split_once(':').is_some_and(|(name, _)| NAMES.contains(&name.to_ascii_lowercase().as_str()))).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(bytes: &[u8]) -> (LossKind, String) {
        let unread = explain(&Head::new("x", bytes, true));
        (unread.kind, unread.reason)
    }

    #[test]
    fn reasons() {
        for (bytes, kind, words) in [
            (&b"\x7FELF\x02"[..], LossKind::NotSupported, "no log"),
            (b"{\"detail-type\":\"AWS Health Abuse Event\",\"detail\":{}}", LossKind::NotSupported, "give it as the notice"),
            (b"[{\"DetailType\":\"AWS Health Abuse Event\"}]", LossKind::NotSupported, "give it as the notice"),
            (b"{\"id\":1,\"log\":{\"eventName\":\"a\",\"eventSource\":\"b\"}}", LossKind::NotRecognised, "wrapped in `log`"),
            (b"{\"alpha\":1,\"beta\":{}}", LossKind::NotRecognised, "alpha, beta"),
            (b"#Version: 1.5\n#Fields: date time action src-ip\n", LossKind::NotSupported, "W3C"),
            (b"From: a@example.com\nTo: b@example.com\nSubject: s\n\nbody", LossKind::NotSupported, "a mail"),
            (b"hello \x1b[31mworld\n", LossKind::NotRecognised, "hello ?[31mworld"),
            (b"\x00\x01\x02", LossKind::NotRecognised, "binary"),
        ] {
            let (got_kind, got) = why(bytes);
            assert_eq!(got_kind, kind, "{got}");
            assert!(got.contains(words), "{got} lacks {words}");
        }
    }
}
