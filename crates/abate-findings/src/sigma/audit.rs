//! Records of the Linux audit log as rules for `auditd` see them: each by itself, under its own names, and the records of one event
//! together. Rows hold only parts of them, so that they are read again from the text; a system call's number gets its name, since
//! rules name them (`SYSCALL: ptrace`).

use std::borrow::Cow;

use abate_model::{Body, Row};
use memchr::memmem;
use rsigma_eval::JsonEvent;
use serde_json::{Map, Value};

use super::line::LineEvent;

/// Most records of an event that are looked at; more than the kernel writes for one system call.
const MAX_RECORDS: usize = 64;
/// Most fields of a record.
const MAX_FIELDS: usize = 512;
/// Fields whose text may be written as hexadecimal digits.
const ENCODED: &[&str] = &["exe", "comm", "name", "cwd", "cmd", "proctitle", "acct", "data", "path", "dir", "key", "grp", "vm"];
/// System calls that rules name, by their numbers on x86-64 and on 64-bit ARM.
/// Source: Linux, `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
const CALLS: &[(&str, u32, u32)] = &[
    ("accept", 43, 202),
    ("bind", 49, 200),
    ("bpf", 321, 280),
    ("clone", 56, 220),
    ("connect", 42, 203),
    ("delete_module", 176, 106),
    ("execve", 59, 221),
    ("execveat", 322, 281),
    ("finit_module", 313, 273),
    ("init_module", 175, 105),
    ("kill", 62, 129),
    ("listen", 50, 201),
    ("memfd_create", 319, 279),
    ("mknod", 133, u32::MAX),
    ("mknodat", 259, 33),
    ("mount", 165, 40),
    ("open_by_handle_at", 304, 265),
    ("openat", 257, 56),
    ("personality", 135, 92),
    ("process_vm_writev", 311, 271),
    ("ptrace", 101, 117),
    ("sendfile", 40, 71),
    ("setns", 308, 268),
    ("setuid", 105, 146),
    ("socket", 41, 198),
    ("splice", 275, 76),
    ("sysinfo", 99, 179),
    ("syslog", 103, 116),
    ("unlinkat", 263, 35),
    ("unshare", 272, 97),
    ("userfaultfd", 323, 282),
];

/// A record's fields as they are meant; the first is `type`.
type Record = Vec<(String, String)>;

/// The records behind a row, if it comes from the audit log.
pub(super) fn records(row: &Row<'_>, raw: &[u8]) -> Vec<Record> {
    if memmem::find(raw, b"audit(").is_some() {
        let text = String::from_utf8_lossy(raw);
        return text.lines().filter_map(record).take(MAX_RECORDS).collect();
    }
    match &row.body {
        Body::Event(event) if event.channel.as_deref() == Some("audit") => kept(event.data.as_deref()),
        _ => Vec::new(),
    }
}

/// The records that a row keeps.
fn kept(data: Option<&str>) -> Vec<Record> {
    let Some(Value::Array(list)) = data.and_then(|data| serde_json::from_str(data).ok()) else { return Vec::new() };
    let fields = |value: Value| match value {
        Value::Object(fields) => fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect(),
        _ => Vec::new(),
    };
    list.into_iter().map(fields).map(named).take(MAX_RECORDS).collect()
}

fn record(line: &str) -> Option<Record> {
    let (_, behind) = line.split_once("type=")?;
    let (kind, behind) = behind.split_once(' ')?;
    let (_, rest) = behind.split_once("audit(")?.1.split_once(')')?;
    let mut found = vec![("type".to_owned(), kind.to_owned())];
    let mut left = rest.trim_start_matches([' ', ':']);
    while found.len() < MAX_FIELDS {
        left = left.trim_start_matches([' ', '\u{1d}', ',', '\'']);
        left = left.strip_prefix("msg='").unwrap_or(left);
        let Some((name, behind)) = left.split_once('=') else { break };
        // A word without a value belongs to nothing (`avc: denied`).
        if let Some((_, last)) = name.rsplit_once([' ', '\u{1d}']) {
            left = left.get(name.len() - last.len()..)?;
            continue;
        }
        let (value, quoted, after) = match behind.strip_prefix('"').and_then(|inside| inside.split_once('"')) {
            Some((value, after)) => (value, true, after),
            None => {
                let end = behind.find([' ', '\u{1d}']).unwrap_or(behind.len());
                let (value, after) = behind.split_at_checked(end)?;
                (value.trim_end_matches('\''), false, after)
            }
        };
        let encoded = !quoted && (ENCODED.contains(&name) || (kind == "EXECVE" && is_argument(name)));
        let value = if encoded { decoded(value) } else { None }.unwrap_or_else(|| value.to_owned());
        found.push((name.to_owned(), value));
        left = after;
    }
    Some(named(found))
}

/// Gives a system call its name where the log does not.
fn named(mut record: Record) -> Record {
    if get(&record, "SYSCALL").is_none()
        && let Some(call) = get(&record, "syscall")
    {
        let arm = get(&record, "arch") == Some("c00000b7");
        let name = match call.parse::<u32>() {
            Ok(number) => CALLS.iter().find(|(_, x86, on_arm)| number == if arm { *on_arm } else { *x86 }).map(|(name, ..)| *name),
            Err(_) => Some(call),
        };
        if let Some(name) = name.map(str::to_owned) {
            record.push(("SYSCALL".to_owned(), name));
        }
    }
    record
}

fn is_argument(name: &str) -> bool {
    name.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Text written as hexadecimal digits in capitals; arguments in it are apart by NUL.
fn decoded(value: &str) -> Option<String> {
    if value.is_empty() || !value.len().is_multiple_of(2) || !value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F')) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let mut bytes = value.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes.iter_mut().filter(|b| **b == 0).for_each(|b| *b = b' ');
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn get<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    record.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
}

/// The events that rules see: of a row for one file of several, what is about the others is left out.
pub(super) fn events(row: &Row<'_>, mut records: Vec<Record>) -> Vec<JsonEvent<'static>> {
    if let Body::File(file) = &row.body {
        let is_here = |record: &Record| get(record, "name").is_some_and(|name| file.path.ends_with(name.trim_start_matches("./")));
        // The event's own records count for the first of its files alone.
        let told = |record: &&Record| matches!(get(record, "nametype"), Some("CREATE" | "DELETE" | "NORMAL"));
        let first = records.iter().find(told).is_none_or(is_here);
        records.retain(|record| if get(record, "type") == Some("PATH") { is_here(record) } else { first });
    }
    let mut events: Vec<JsonEvent<'static>> = Vec::new();
    if records.len() > 1 {
        events.push(JsonEvent::owned(Value::Object(together(&records))));
    }
    let one = |record: Record| Value::Object(record.into_iter().map(|(name, value)| (name, Value::from(value))).collect());
    events.extend(records.into_iter().map(|record| JsonEvent::owned(one(record))));
    events
}

/// The fields of all records; of those that several have, the values of all. A system call's numbers do not stand in for a command's
/// arguments, which have the same names.
fn together(records: &[Record]) -> Map<String, Value> {
    let command = records.iter().any(|record| get(record, "type") == Some("EXECVE"));
    let mut all = Map::new();
    for record in records {
        let numbers = command && get(record, "type") == Some("SYSCALL");
        for (name, value) in record.iter().filter(|(name, _)| !(numbers && is_argument(name))) {
            let value = Value::from(value.as_str());
            match all.get_mut(name) {
                None => {
                    all.insert(name.clone(), value);
                }
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
    }
    all
}

/// A connection that a program began, under the names of the category `network_connection`.
pub(super) fn connection(records: &[Record]) -> Option<LineEvent<'_>> {
    let call = records.iter().find(|record| get(record, "SYSCALL") == Some("connect"))?;
    let (address, port) = records.iter().filter(|record| get(record, "type") == Some("SOCKADDR")).find_map(peer)?;
    let said = |name: &str| get(call, name).map(Cow::Borrowed);
    Some(LineEvent(vec![
        ("Image", said("exe")),
        ("User", said("AUID").or_else(|| said("UID")).or_else(|| said("uid"))),
        ("ProcessId", said("pid")),
        ("Initiated", Some(Cow::Borrowed("true"))),
        ("DestinationIp", Some(Cow::Owned(address))),
        ("DestinationPort", Some(Cow::Owned(port.to_string()))),
    ]))
}

/// Address and port of an Internet address: `saddr` as the kernel has it (family in the machine's order, then port and address in the
/// network's), or interpreted.
fn peer(record: &Record) -> Option<(String, u16)> {
    if let (Some(address), Some(port)) = (get(record, "laddr"), get(record, "lport")) {
        return Some((address.to_owned(), port.parse().ok()?));
    }
    let saddr = get(record, "saddr")?;
    let bytes: Vec<u8> =
        saddr.as_bytes().chunks(2).take(28).map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let port = u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]);
    let address = match bytes.first()? {
        2 => std::net::IpAddr::from(<[u8; 4]>::try_from(bytes.get(4..8)?).ok()?),
        10 => std::net::IpAddr::from(<[u8; 16]>::try_from(bytes.get(8..24)?).ok()?).to_canonical(),
        _ => return None,
    };
    Some((address.to_string(), port))
}

#[cfg(test)]
mod tests {
    use abate_model::rows::{EventLogActivity, FileActivity, ProcessActivity};
    use abate_model::{Locator, ZoneCertainty};
    use rsigma_eval::Event;

    use super::*;

    const COMMAND: &str = "node=web1 type=SYSCALL msg=audit(1795737600.100:7): arch=c000003e syscall=59 success=yes a0=55d a1=7ff exe=\"/usr/bin/chmod\" key=\"x\"\u{1d}ARCH=x86_64 SYSCALL=execve AUID=\"web\"\n\
type=EXECVE msg=audit(1795737600.100:7): argc=3 a0=\"chmod\" a1=\"777\" a2=2F746D702F6120622E7368";

    fn row(body: Body<'static>) -> Row<'static> {
        Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n: 0 }, body }
    }

    #[test]
    fn records_are_seen_one_by_one_and_together() {
        let row = row(Body::Process(Box::new(ProcessActivity::default())));
        let events = events(&row, records(&row, COMMAND.as_bytes()));
        assert_eq!(events.len(), 3);
        let json: Vec<Value> = events.iter().map(Event::to_json).collect();
        assert_eq!(json[0]["type"], serde_json::json!(["SYSCALL", "EXECVE"]));
        assert_eq!((json[0]["a1"].as_str(), json[0]["a2"].as_str()), (Some("777"), Some("/tmp/a b.sh")));
        assert_eq!((json[1]["a1"].as_str(), json[1]["AUID"].as_str()), (Some("7ff"), Some("web")));
        assert_eq!(json[2]["a0"], "chmod");
    }

    #[test]
    fn a_call_gets_its_name_and_a_connection_its_peer() {
        let lines = "type=SYSCALL msg=audit(1.0:8): arch=c00000b7 syscall=203 exe=\"/usr/bin/bash\" pid=7\n\
type=SOCKADDR msg=audit(1.0:8): saddr=020001BBC63364090000000000000000\n";
        let row = row(Body::Event(Box::new(EventLogActivity::default())));
        let found = records(&row, lines.as_bytes());
        let event = connection(&found).unwrap().to_json();
        assert_eq!((event["DestinationIp"].as_str(), event["DestinationPort"].as_str()), (Some("198.51.100.9"), Some("443")));
        assert_eq!(event["Image"], "/usr/bin/bash");
        let local = lines.replace("020001BB", "0100");
        assert!(connection(&records(&row, local.as_bytes())).is_none(), "a socket of the file system");
        assert!(records(&row, b"Nov 20 00:00:01 web1 sshd[7]: Accepted").is_empty());
    }

    #[test]
    fn a_row_of_one_file_sees_that_file() {
        let lines = "type=SYSCALL msg=audit(1.0:9): syscall=rename exe=\"/bin/mv\"\n\
type=PATH msg=audit(1.0:9): name=\"/tmp/\" nametype=PARENT\n\
type=PATH msg=audit(1.0:9): name=\"/tmp/a\" nametype=DELETE\n\
type=PATH msg=audit(1.0:9): name=\"/tmp/b\" nametype=CREATE\n";
        let kinds = |path: &'static str| {
            let row = row(Body::File(Box::new(FileActivity { path: path.into(), ..FileActivity::default() })));
            let events = events(&row, records(&row, lines.as_bytes()));
            events.iter().filter_map(|event| Some(event.to_json()["name"].as_str()?.to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(kinds("/tmp/a"), ["/tmp/a", "/tmp/a"], "with the call and alone");
        assert_eq!(kinds("/tmp/b"), ["/tmp/b"]);
    }

    #[test]
    fn what_a_row_kept_is_seen_too() {
        let data = r#"[{"type":"SYSCALL","syscall":"101","arch":"c000003e","exe":"/usr/bin/gdb"}]"#;
        let event = EventLogActivity { channel: Some("audit".into()), data: Some(data.into()), ..EventLogActivity::default() };
        let row = row(Body::Event(Box::new(event)));
        assert_eq!(records(&row, b"{}")[0].last().unwrap(), &("SYSCALL".to_owned(), "ptrace".to_owned()));
    }
}
