//! Results of Velociraptor's artifacts, as JSON (one object per line) or CSV: processes, sockets, sign-ins, jobs, users, files. An
//! artifact is known by its columns. Events of Windows logs among them go to the reader of those; other artifacts that have a
//! time and words are read as such.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{
    AuthOutcome, Authentication, FileActivity, InventoryInfo, InventoryKind, NetworkActivity, ProcessActivity, ProcessChange,
    ScheduledJobActivity,
};
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::csv_rows;
use super::tree::{self, Tree};
use crate::json::{self, Refusal};
use crate::lines::{Place, first_lines};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "velociraptor",
    title: Text::fixed("results of Velociraptor", "Velociraptor の結果"),
    tables: &[
        Table::ProcessActivity,
        Table::NetworkActivity,
        Table::Authentication,
        Table::ScheduledJobActivity,
        Table::InventoryInfo,
        Table::FileActivity,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed("what was not there any more when it was collected", "収集時点ですでに存在しなかったもの"),
        Text::fixed("artifacts that were not asked for", "収集対象に指定しなかったアーティファクト"),
        Text::fixed("the name of the machine, unless the export adds it", "ホスト名（エクスポート時に付加された場合を除く）"),
    ],
    sniff,
    read,
};

/// What the rows of an artifact are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Process,
    Socket,
    Login,
    SshLogin,
    Job,
    User,
    File,
}

/// Columns that together show an artifact.
const ARTIFACTS: &[(&[&str], Kind)] = &[
    (&["Pid", "Ppid", "Name", "CommandLine"], Kind::Process),
    (&["Pid", "Ppid", "Name", "Exe"], Kind::Process),
    (&["LocalAddr", "LocalPort", "RemoteAddr", "RemotePort"], Kind::Socket),
    (&["Laddr", "Raddr", "Pid"], Kind::Socket),
    (&["Laddr.IP", "Raddr.IP", "Pid"], Kind::Socket),
    (&["Laddr.IP", "Laddr.Port", "Status"], Kind::Socket),
    (&["User", "SourceHost", "login_time"], Kind::Login),
    (&["login_User", "login_Host", "login_time"], Kind::Login),
    (&["AttemptedUser", "Result", "IP", "Time"], Kind::SshLogin),
    (&["Minute", "Hour", "DayOfMonth", "Command"], Kind::Job),
    (&["User", "Uid", "Homedir", "Shell"], Kind::User),
    (&["OSPath", "Size", "Mtime"], Kind::File),
    (&["FullPath", "Size", "Mtime"], Kind::File),
];

fn kind(has: &dyn Fn(&str) -> bool) -> Option<(&'static [&'static str], Kind)> {
    ARTIFACTS.iter().copied().find(|(names, _)| names.iter().all(|name| has(name)))
}

fn sniff(head: &Head<'_>) -> Option<String> {
    if let Some(shape) = Shape::of(head) {
        let prefix = if shape.top.iter().any(|key| key.starts_with("[].")) { "[]." } else { "" };
        return kind(&|name| shape.has(&format!("{prefix}{name}"))).map(|(names, _)| format!("JSON keys {}", names.join(", ")));
    }
    let first = first_lines(head, 3).iter().find_map(|line| header(line))?;
    kind(&|name| first.iter().any(|column| column == name)).map(|(names, _)| format!("CSV header with {}", names.join(", ")))
}

/// The names of the columns, if a line is the header of an artifact that is known.
fn header(line: &[u8]) -> Option<Vec<String>> {
    let begins = line.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    let names = begins.then(|| csv_rows::fields(line, b',')).flatten()?;
    kind(&|name| names.iter().any(|column| column == name)).map(|_| names)
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?.trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) {
        return json::records(input, &[], sink, &mut |place, sink| {
            let text = place.text();
            emit(&tree::parse(&text, "JSON")?, place, sink)
        });
    }
    csv_rows::each_row(input, b',', sink, &header, &mut |row, place, sink| {
        let pairs = row.names.iter().zip(row.values).map(|(name, value)| {
            // A cell with parts is JSON.
            let parts = value.starts_with('{').then(|| serde_json::from_str(value).ok()).flatten();
            (name.clone(), parts.unwrap_or_else(|| Value::String(value.clone())))
        });
        emit(&Value::Object(pairs.collect::<Map<_, _>>()), place, sink)
    })
}

fn emit(value: &Value, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Refusal> {
    let row = Tree(value);
    let has = |name: &str| value.get(name).is_some() || (name.contains('.') && row.at(name).is_some());
    let (_, kind) = kind(&has).ok_or_else(|| Refusal::malformed("no row of an artifact that is known: its columns are others"))?;
    let text = place.text();
    let (at, body) = match kind {
        Kind::Process => process(row),
        Kind::Socket => socket(row),
        Kind::Login => login(row, &text),
        Kind::SshLogin => ssh_login(row, &text),
        Kind::Job => job(row),
        Kind::User => user(row, &text),
        Kind::File => file(row),
    };
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body }, place.bytes);
    Ok(())
}

type Found<'t> = (Option<Timestamp>, Body<'t>);

fn host(row: Tree<'_>) -> Option<Cow<'_, str>> {
    row.first(&["Fqdn", "Hostname", "Computer"])
}

fn hashes(row: Tree<'_>) -> Vec<Cow<'_, str>> {
    let of = |name: &str| Some(Cow::Owned(format!("{name}={}", row.text(&format!("Hash.{name}"))?)));
    ["MD5", "SHA1", "SHA256"].into_iter().filter_map(of).collect()
}

fn process(row: Tree<'_>) -> Found<'_> {
    let at = row.time(&["CreateTime", "CreatedTime", "StartTime"]);
    let name = row.text("Name");
    let body = ProcessActivity {
        host: host(row),
        change: if at.is_some() { ProcessChange::Launch } else { ProcessChange::Other },
        exe: row.text("Exe"),
        command: row.text("CommandLine").or_else(|| name.clone()).unwrap_or_default(),
        name,
        cwd: row.text("Cwd"),
        pid: row.parsed(&["Pid"]),
        parent_pid: row.parsed(&["Ppid"]),
        user: row.first(&["Username", "User"]),
        hashes: hashes(row),
        program: Some(Cow::Borrowed("velociraptor")),
        ..ProcessActivity::default()
    };
    (at, Body::Process(Box::new(body)))
}

fn socket(row: Tree<'_>) -> Found<'_> {
    let address = |paths: &[&str]| {
        let found = paths.iter().find_map(|path| row.key(path).or_else(|| row.text(path)))?;
        found.parse().ok().filter(|address: &std::net::IpAddr| !address.is_unspecified())
    };
    let port = |paths: &[&str]| paths.iter().find_map(|path| row.key(path).or_else(|| row.text(path)))?.parse().ok();
    let kind = row.first(&["Type", "Protocol"]).map(|kind| kind.to_ascii_lowercase());
    let body = NetworkActivity {
        src: address(&["LocalAddr", "Laddr.IP"]),
        src_port: port(&["LocalPort", "Laddr.Port"]),
        dst: address(&["RemoteAddr", "Raddr.IP"]),
        dst_port: port(&["RemotePort", "Raddr.Port"]),
        protocol: match kind.as_deref() {
            Some(kind) if kind.starts_with("udp") => Some(17),
            Some(kind) if kind.starts_with("tcp") => Some(6),
            // Linux's list is of TCP where it does not say.
            None if row.at("LocalAddr").is_some() => Some(6),
            _ => None,
        },
        interface_id: host(row),
        process: row.first(&["Name", "ProcessInfo.CommandLine", "ProcessInfo.Command"]).map(trimmed),
        pid: row.parsed(&["Pid", "ProcessInfo.Pid"]),
        ..NetworkActivity::default()
    };
    (row.time(&["Timestamp"]), Body::Net(body))
}

/// Without the zero bytes and line ends that the kernel puts between and behind words.
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(['\0', '\n']) { Cow::Owned(text.replace(['\0', '\n'], " ").trim().to_owned()) } else { text }
}

fn auth<'t>(row: Tree<'t>, raw: &str, auth: Authentication<'t>) -> Body<'t> {
    Body::Auth(Box::new(Authentication { host: host(row), attempts: 1, message: Cow::Owned(raw.to_owned()), ..auth }))
}

fn login<'t>(row: Tree<'t>, raw: &str) -> Found<'t> {
    let terminal = row.first(&["Terminal", "login_Terminal"]).unwrap_or_default();
    let source = row.parsed(&["SourceIP", "login_IpAddr", "SourceHost", "login_Host"]);
    let body = Authentication {
        service: Cow::Borrowed(if terminal.starts_with("ssh") { "sshd" } else { "login" }),
        user: row.first(&["User", "login_User"]),
        source: source.filter(|address: &std::net::IpAddr| !address.is_unspecified()),
        outcome: if terminal == "ssh:notty" { AuthOutcome::Failure } else { AuthOutcome::Success },
        pid: row.parsed(&["PID", "login_PID"]),
        ..Authentication::default()
    };
    (row.time(&["login_time"]), auth(row, raw, body))
}

fn ssh_login<'t>(row: Tree<'t>, raw: &str) -> Found<'t> {
    let outcome = match row.text("Result").as_deref() {
        Some("Accepted") => AuthOutcome::Success,
        Some("Failed") => AuthOutcome::Failure,
        _ => AuthOutcome::Other,
    };
    let body = Authentication {
        service: Cow::Borrowed("sshd"),
        user: row.text("AttemptedUser"),
        source: row.parsed(&["IP"]),
        method: row.text("Method"),
        outcome,
        ..Authentication::default()
    };
    (row.time(&["Time"]), auth(row, raw, body))
}

fn job(row: Tree<'_>) -> Found<'_> {
    let event = row.text("Event");
    let parts = ["Minute", "Hour", "DayOfMonth", "Month", "DayOfWeek"].map(|name| row.text(name).unwrap_or_default());
    let schedule = event.unwrap_or_else(|| Cow::Owned(parts.join(" ").trim().to_owned()));
    let body = ScheduledJobActivity {
        host: host(row),
        change: Cow::Borrowed("defined"),
        command: row.text("Command").unwrap_or_default(),
        schedule: Some(schedule).filter(|schedule| !schedule.is_empty()),
        user: row.text("User"),
        file: row.first(&["Path", "OSPath", "FullPath"]),
        program: Some(Cow::Borrowed("crontab")),
        ..ScheduledJobActivity::default()
    };
    (None, Body::Job(Box::new(body)))
}

fn user<'t>(row: Tree<'t>, raw: &str) -> Found<'t> {
    let body = InventoryInfo {
        kind: InventoryKind::User,
        id: row.text("User").unwrap_or_default(),
        name: row.text("Description"),
        state: row.text("Shell"),
        raw: Cow::Owned(raw.to_owned()),
        ..InventoryInfo::default()
    };
    (None, Body::Inventory(Box::new(body)))
}

fn file(row: Tree<'_>) -> Found<'_> {
    let modified = row.time(&["Mtime"]);
    let body = FileActivity {
        host: host(row),
        change: Cow::Borrowed("listed"),
        path: row.first(&["OSPath", "FullPath"]).unwrap_or_default(),
        mode: row.first(&["Mode.String", "Mode"]),
        size: row.parsed(&["Size"]),
        hashes: hashes(row),
        made: row.time(&["Btime", "BTime"]),
        modified,
        ..FileActivity::default()
    };
    (modified, Body::File(Box::new(body)))
}
