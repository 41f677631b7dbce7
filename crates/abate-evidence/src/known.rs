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
    (b"7z\xBC\xAF\x27\x1C", "7-Zip archive: unpack it first"),
    (b"Rar!\x1A\x07", "RAR archive: unpack it first"),
    (b"LPKSHHRH", "systemd journal: write it out with `journalctl --file FILE -o json`"),
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

/// Text that a service writes to try whether it may, by its beginning.
const TRIALS: &[(&[u8], &str)] = &[
    (b"Enable AccessLog for ELB", "a load balancer"),
    (b"Enable ConnectionLog for ELB", "a load balancer"),
    (b"Enable HealthCheckLog for ELB", "a load balancer"),
];

/// Whether a line fits, and the format's name.
type TextFormat = (fn(&str) -> bool, &'static str);

/// Text formats that are known by their lines.
const TEXT: &[TextFormat] = &[(is_w3c, "W3C extended log that tells of no requests to a web server")];

/// How a SQLite database begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// SQLite databases of sign-ins, by words of their schema, and what writes them out as a text that is read.
const DATABASES: &[(&[u8], &str)] = &[
    (b"TABLE Lastlog2", "sign-ins of lastlog2: write them out with `lastlog2 -d FILE`"),
    (b"TABLE wtmp", "sign-ins of wtmpdb: write them out with `wtmpdb last -f FILE`"),
];

/// Says why no reader takes a stream.
pub(crate) fn explain(head: &Head<'_>) -> Unread {
    if head.bytes.starts_with(SQLITE) {
        let known = DATABASES.iter().find(|(words, _)| memchr::memmem::find(head.bytes, words).is_some());
        let name = known.map_or_else(String::new, |(_, name)| format!(", {name}"));
        return not_supported(format!("SQLite database{name}: known, but not read yet"), "first bytes of SQLite".to_owned());
    }
    if let Some((magic, name)) = MAGIC.iter().find(|(magic, _)| head.bytes.starts_with(magic)) {
        return not_supported(format!("{name}: known, but not read yet"), format!("first bytes {}", HEXLOWER.encode(magic)));
    }
    if let Some((magic, name)) = NO_LOG.iter().find(|(magic, _)| head.bytes.starts_with(magic)) {
        return not_supported(format!("{name}: no log"), format!("first bytes {}", HEXLOWER.encode(magic)));
    }
    if let Some((words, who)) = TRIALS.iter().find(|(words, _)| head.bytes.starts_with(words)) {
        let reason = format!("a file that {who} writes to try whether it may: no log");
        return not_supported(reason, format!("it begins: {}", String::from_utf8_lossy(words)));
    }
    if let Some(shape) = Shape::of(head) {
        return explain_json(head, shape);
    }
    for (fits, name) in TEXT {
        if let Some((good, all)) = majority(head, |line| fits(&String::from_utf8_lossy(line))) {
            return not_supported(format!("{name}: known, but not read yet"), format!("{good} of the first {all} lines fit"));
        }
    }
    if let Some(form) = cli_form(head) {
        let reason = format!("output of the AWS CLI as {form}: only JSON is read; run the command again with `--output json`");
        return not_supported(reason, format!("AWS CLI output as {form}"));
    }
    if let Some(operation) = cli_error(head) {
        let reason = format!("an error of the AWS CLI instead of the output of {operation}: it holds no evidence; run the command again");
        return not_supported(reason, "error message of the AWS CLI".to_owned());
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

/// Lists that commands of the AWS CLI begin with which are of use here.
const CLI_LISTS: &[&str] = &[
    "AccessKeyMetadata",
    "Addresses",
    "Buckets",
    "Events",
    "Findings",
    "FlowLogs",
    "GroupDetailList",
    "LoadBalancerDescriptions",
    "LoadBalancers",
    "NetworkInterfaces",
    "Reservations",
    "RoleDetailList",
    "Roles",
    "SecurityGroupRules",
    "SecurityGroups",
    "Snapshots",
    "UserDetailList",
    "Users",
    "Volumes",
    "configurationItems",
    "events",
    "trailList",
];

/// What the AWS CLI wrote instead of JSON: a table, YAML, or text with tabs.
fn cli_form(head: &Head<'_>) -> Option<&'static str> {
    let lines: Vec<_> = first_lines(head, 6).into_iter().map(String::from_utf8_lossy).collect();
    let line = |n: usize| lines.get(n).map_or("", |line| &**line);
    let title = line(1).strip_prefix('|').and_then(|rest| rest.strip_suffix('|')).map(str::trim);
    let ruled = line(0).len() > 3 && line(0).bytes().all(|b| b == b'-') && line(2).starts_with(['+', '|']);
    if ruled && title.is_some_and(is_shape_name) {
        return Some("a table");
    }
    // `yaml-stream` has each page as an element of a list.
    let key = line(0).trim_start_matches("- ").split_once(':').map(|(key, _)| key);
    if key.is_some_and(|key| CLI_LISTS.contains(&key)) && line(1).trim_start().starts_with("- ") {
        return Some("YAML");
    }
    // Each line of text output begins with the name of its list in capitals.
    let named = |line: &str| {
        line.split_once('\t').is_some_and(|(name, _)| name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
    };
    let good = lines.iter().filter(|line| named(line)).count();
    (named(line(0)) && good == lines.len()).then_some("text")
}

/// A name as AWS's interfaces have it: `DescribeInstances`, `Reservations`.
fn is_shape_name(name: &str) -> bool {
    name.len() > 3 && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The operation that the AWS CLI says it could not call.
fn cli_error(head: &Head<'_>) -> Option<String> {
    let first = String::from_utf8_lossy(first_lines(head, 1).first()?).into_owned();
    let rest = first.trim_start_matches("aws: [ERROR]: ").strip_prefix("An error occurred (")?;
    let (_, called) = rest.split_once("when calling the ")?;
    called.split(' ').next().filter(|name| is_shape_name(name)).map(str::to_owned)
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
            (b"SQLite format 3\0\x10\0..CREATE TABLE Lastlog2(Name", LossKind::NotSupported, "lastlog2 -d"),
            (b"SQLite format 3\0\x10\0", LossKind::NotSupported, "SQLite database: known"),
            (b"-----------\n|DescribeInstances|\n+---------+\n||  a  ||\n", LossKind::NotSupported, "as a table"),
            (b"Reservations:\n- Groups: []\n  Instances: []\n", LossKind::NotSupported, "as YAML"),
            (b"RESERVATIONS\t111122223333\tr-0a\nINSTANCES\t0\tx86_64\n", LossKind::NotSupported, "as text"),
            (
                b"\nAn error occurred (AccessDenied) when calling the DescribeInstances operation: x\n",
                LossKind::NotSupported,
                "DescribeInstances",
            ),
            (b"Enable AccessLog for ELB: web at 2026-11-20T01:00:00.000Z", LossKind::NotSupported, "no log"),
            (b"Notes:\n- buy: milk\n- call: x\n", LossKind::NotRecognised, "no reader knows"),
            (b"hello \x1b[31mworld\n", LossKind::NotRecognised, "hello ?[31mworld"),
            (b"\x00\x01\x02", LossKind::NotRecognised, "binary"),
        ] {
            let (got_kind, got) = why(bytes);
            assert_eq!(got_kind, kind, "{got}");
            assert!(got.contains(words), "{got} lacks {words}");
        }
    }
}
