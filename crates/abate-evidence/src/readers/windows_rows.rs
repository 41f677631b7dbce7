//! Which table an event of a Windows log belongs to, whatever carried it: EVTX, its XML, JSON.
//!
//! What an event number means depends on who wrote the event. Whatever is not known here is an entry of the event log with all its
//! data, so that nothing is lost.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::rows::{
    Direction, DnsActivity, EventLogActivity, FileActivity, FlowAction, NetworkActivity, ProcessActivity, ProcessChange,
    ScheduledJobActivity,
};
use abate_model::{Body, Locator, Row, Table, Text, WindowsEvent, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::linux::Said;
use super::windows_names::title;
use super::windows_security;
use crate::Sink;

/// Longest text that a row takes over; the record itself holds all of it.
const MAX_TEXT: usize = 256 << 10;

/// The record of an event.
pub(super) fn body<'e>(event: &'e WindowsEvent<'_>) -> Body<'e> {
    let known = match event.provider.as_ref() {
        "Microsoft-Windows-Security-Auditing" | "Security" => windows_security::audited(event),
        "Microsoft-Windows-Sysmon" => sysmon(event),
        "Microsoft-Windows-PowerShell" | "PowerShellCore" | "PowerShell" => powershell(event),
        "Microsoft-Windows-TaskScheduler" => task(event),
        "Service Control Manager" => service(event),
        "Microsoft-Windows-TerminalServices-LocalSessionManager" | "Microsoft-Windows-TerminalServices-RemoteConnectionManager" => {
            windows_security::terminal(event)
        }
        "OpenSSH" => openssh(event),
        provider if provider.starts_with("MSSQL") => windows_security::sql_server(event),
        _ => None,
    };
    known.unwrap_or_else(|| entry(event))
}

/// The entry with all its data.
fn entry<'e>(event: &'e WindowsEvent<'_>) -> Body<'e> {
    Body::Event(Box::new(EventLogActivity {
        host: host(event),
        channel: text(&event.channel),
        provider: text(&event.provider),
        code: Some(Cow::Owned(event.id.to_string())),
        level: event.level.as_deref().and_then(text),
        record: event.record,
        user: event.user.as_deref().or_else(|| event.get("SubjectUserName")).and_then(text),
        pid: event.pid,
        data: Some(event.data())
            .filter(|data| !data.is_empty())
            .map(|data| bounded(Cow::Owned(serde_json::Value::Object(data).to_string()))),
        message: Some(message(event)),
    }))
}

/// What the event says: its number, what the number means and the data; the words of an export where it has them.
pub(super) fn message<'e>(event: &WindowsEvent<'_>) -> Cow<'e, str> {
    let title = title(&event.provider, event.id).map(|title| format!(" {title}")).unwrap_or_default();
    let words = event.message.as_deref().map_or_else(|| event.words(), str::to_owned);
    let colon = if words.is_empty() { "" } else { ": " };
    bounded(Cow::Owned(format!("{}{title}{colon}{words}", event.id)))
}

/// The computer that wrote it.
pub(super) fn host<'e>(event: &'e WindowsEvent<'_>) -> Option<Cow<'e, str>> {
    event.computer.as_deref().and_then(text)
}

fn text(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

/// A field as text.
pub(super) fn field<'e>(event: &'e WindowsEvent<'_>, name: &str) -> Option<Cow<'e, str>> {
    event.get(name).map(|value| bounded(Cow::Borrowed(value)))
}

fn bounded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return text;
    }
    let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    Cow::Owned(format!("{} …", text.get(..end).unwrap_or_default()))
}

/// A number, decimal or with `0x`.
pub(super) fn number<T: TryFrom<u64>>(event: &WindowsEvent<'_>, name: &str) -> Option<T> {
    let value = event.get(name)?;
    let number = value.strip_prefix("0x").map_or_else(|| value.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok());
    T::try_from(number?).ok()
}

/// An address; IPv4 inside IPv6 counts as IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.split('%').next().unwrap_or(text);
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

pub(super) fn addressed(event: &WindowsEvent<'_>, name: &str) -> Option<IpAddr> {
    event.get(name).and_then(address)
}

/// The last part of a path of Windows.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

pub(super) fn code<'e>(event: &WindowsEvent<'_>) -> Option<Cow<'e, str>> {
    Some(Cow::Owned(event.id.to_string()))
}

fn sysmon<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    Some(match event.id {
        1 | 5 => Body::Process(Box::new(sysmon_process(event))),
        3 => Body::Net(connection(event)?),
        11 | 15 | 23 | 26 => Body::File(Box::new(FileActivity {
            host: host(event),
            change: Cow::Borrowed(if event.id < 20 { "created" } else { "deleted" }),
            path: field(event, "TargetFilename")?,
            hashes: hashes(event, if event.id == 15 { "Hash" } else { "Hashes" }),
            user: field(event, "User"),
            process: field(event, "Image"),
            pid: number(event, "ProcessId"),
            made: event.get("CreationUtcTime").and_then(|time| crate::time::iso(time, &TimeZone::UTC)).map(|(at, _)| at),
            tag: code(event),
            ..FileActivity::default()
        })),
        22 => Body::Dns(Box::new(DnsActivity {
            query: Cow::Owned(event.get("QueryName")?.trim_end_matches('.').to_owned()),
            rcode: event.get("QueryStatus").map(rcode),
            answers: event.get("QueryResults").map(answers).unwrap_or_default(),
            instance_id: host(event),
            ..DnsActivity::default()
        })),
        _ => return None,
    })
}

fn sysmon_process<'e>(event: &'e WindowsEvent<'_>) -> ProcessActivity<'e> {
    let exe = field(event, "Image");
    ProcessActivity {
        host: host(event),
        change: if event.id == 1 { ProcessChange::Launch } else { ProcessChange::End },
        name: event.get("Image").map(|path| Cow::Borrowed(file_name(path))),
        command: field(event, "CommandLine").or_else(|| exe.clone()).unwrap_or_default(),
        exe,
        cwd: field(event, "CurrentDirectory"),
        pid: number(event, "ProcessId"),
        parent_pid: number(event, "ParentProcessId"),
        parent: field(event, "ParentCommandLine").or_else(|| field(event, "ParentImage")),
        user: field(event, "User"),
        tag: code(event),
        hashes: hashes(event, "Hashes"),
        program: Some(Cow::Borrowed("Sysmon")),
        ..ProcessActivity::default()
    }
}

/// `SHA1=…,MD5=…`.
fn hashes<'e>(event: &'e WindowsEvent<'_>, name: &str) -> Vec<Cow<'e, str>> {
    event.get(name).into_iter().flat_map(|all| all.split(',')).filter(|hash| hash.contains('=')).take(10).map(Cow::Borrowed).collect()
}

/// A connection that Sysmon saw; its source is who began it.
fn connection<'e>(event: &'e WindowsEvent<'_>) -> Option<NetworkActivity<'e>> {
    let (src, dst) = (addressed(event, "SourceIp")?, addressed(event, "DestinationIp")?);
    let protocol = match event.get("Protocol") {
        Some("tcp") => Some(6),
        Some("udp") => Some(17),
        _ => None,
    };
    Some(NetworkActivity {
        interface_id: host(event),
        src: Some(src),
        dst: Some(dst),
        src_port: number(event, "SourcePort"),
        dst_port: number(event, "DestinationPort"),
        protocol,
        direction: match event.get("Initiated") {
            Some("true") => Some(Direction::Egress),
            Some("false") => Some(Direction::Ingress),
            _ => None,
        },
        process: event.get("Image").map(Cow::Borrowed),
        pid: number(event, "ProcessId"),
        ..NetworkActivity::default()
    })
}

/// A connection that the Windows Filtering Platform let pass or blocked. Its "source" is the machine's own side, so that for what
/// comes in the sides are changed over.
pub(super) fn filtered<'e>(event: &'e WindowsEvent<'_>) -> Option<NetworkActivity<'e>> {
    let own = (addressed(event, "SourceAddress")?, number(event, "SourcePort"));
    let other = (addressed(event, "DestAddress")?, number(event, "DestPort"));
    let direction = match event.get("Direction")? {
        "%%14592" | "Inbound" => Direction::Ingress,
        "%%14593" | "Outbound" => Direction::Egress,
        _ => return None,
    };
    let (from, to) = if direction == Direction::Egress { (own, other) } else { (other, own) };
    Some(NetworkActivity {
        interface_id: host(event),
        src: Some(from.0),
        dst: Some(to.0),
        src_port: from.1,
        dst_port: to.1,
        protocol: number(event, "Protocol"),
        action: Some(if event.id == 5156 { FlowAction::Accept } else { FlowAction::Reject }),
        direction: Some(direction),
        process: event.get("Application").filter(|name| *name != "-").map(Cow::Borrowed),
        pid: number(event, "ProcessID"),
        ..NetworkActivity::default()
    })
}

/// Windows' own error numbers of name resolution.
fn rcode(status: &str) -> Cow<'_, str> {
    Cow::Borrowed(match status {
        "0" => "NOERROR",
        "9001" => "FORMERR",
        "9002" => "SERVFAIL",
        "9003" => "NXDOMAIN",
        "9005" => "REFUSED",
        other => other,
    })
}

/// `type:  5 a.example.com;::ffff:192.0.2.1;`.
fn answers(results: &str) -> Vec<Cow<'_, str>> {
    let each = results.split(';').map(str::trim).filter(|answer| !answer.is_empty()).take(100);
    each.map(|answer| {
        let data = answer.strip_prefix("type:").and_then(|typed| typed.split_whitespace().nth(1)).unwrap_or(answer);
        address(data).map_or(Cow::Borrowed(data), |address| Cow::Owned(address.to_string()))
    })
    .collect()
}

fn powershell<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    let command = match event.id {
        4104 => field(event, "ScriptBlockText")?,
        4103 => field(event, "Payload").or_else(|| field(event, "ContextInfo"))?,
        // The data are texts without names; the last one lists `HostApplication=` and others.
        400 | 800 => {
            let all: Vec<&str> = event.unnamed().collect();
            let named = all.iter().flat_map(|text| text.lines()).find_map(|line| line.trim().strip_prefix("HostApplication="));
            let pipeline = all.first().copied().filter(|text| event.id == 800 && !text.trim().is_empty());
            bounded(Cow::Borrowed(pipeline.or(named)?.trim()))
        }
        _ => return None,
    };
    Some(Body::Process(Box::new(ProcessActivity {
        host: host(event),
        change: if event.id == 400 { ProcessChange::Launch } else { ProcessChange::Other },
        name: Some(Cow::Borrowed("PowerShell")),
        command,
        pid: event.pid.filter(|pid| *pid != 0),
        user: event.user.as_deref().and_then(text),
        tag: code(event),
        program: Some(Cow::Borrowed("PowerShell")),
        ..ProcessActivity::default()
    })))
}

/// What the scheduler says of its tasks.
fn task<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    let (change, command, user) = match event.id {
        106 => ("defined", None, field(event, "UserContext")),
        140 => ("changed", None, field(event, "UserName")),
        141 => ("removed", None, field(event, "UserName")),
        129 => ("run", field(event, "Path"), None),
        200 => ("run", field(event, "ActionName"), None),
        _ => return None,
    };
    Some(Body::Job(Box::new(ScheduledJobActivity {
        host: host(event),
        change: Cow::Borrowed(change),
        name: Some(field(event, "TaskName")?),
        command: command.unwrap_or_default(),
        user,
        pid: number(event, "ProcessID"),
        program: Some(Cow::Borrowed("Task Scheduler")),
        ..ScheduledJobActivity::default()
    })))
}

/// A service that was installed, as the Service Control Manager says it.
fn service<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    (event.id == 7045).then_some(())?;
    Some(Body::Job(Box::new(ScheduledJobActivity {
        host: host(event),
        change: Cow::Borrowed("defined"),
        name: field(event, "ServiceName"),
        command: field(event, "ImagePath")?,
        schedule: field(event, "StartType"),
        user: field(event, "AccountName"),
        program: text(&event.provider),
        ..ScheduledJobActivity::default()
    })))
}

/// OpenSSH for Windows writes sshd's lines.
fn openssh<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    let message = event.get("payload")?;
    Some(Said { host: event.computer.as_deref(), program: Some(event.get("process")?), pid: event.pid, message }.body())
}

/// Hands an event out as a row. A time without a zone is taken in the zone of the context; `written` stands in for a time that is
/// none.
pub(super) fn emit(
    event: &WindowsEvent<'_>,
    written: Option<Timestamp>,
    locator: Locator,
    raw: &[u8],
    zone: &TimeZone,
    sink: &mut dyn Sink,
) {
    let stated = event.at().or_else(|| written.filter(|_| event.time.is_none())).map(|at| (at, ZoneCertainty::Stated));
    let local = || event.time.as_deref().and_then(|time| crate::time::iso(time.trim(), zone));
    let (at, zone) = match stated.or_else(local).or_else(|| written.map(|at| (at, ZoneCertainty::Stated))) {
        Some((at, zone)) => (Some(at), zone),
        None => (None, ZoneCertainty::Unknown),
    };
    sink.row(Row { at, zone, source: 0, locator, body: body(event) }, raw);
}

/// The tables that events go to.
pub(super) const TABLES: &[Table] = &[
    Table::EventLogActivity,
    Table::Authentication,
    Table::AccountChange,
    Table::ProcessActivity,
    Table::FileActivity,
    Table::NetworkActivity,
    Table::DnsActivity,
    Table::ScheduledJobActivity,
    Table::TimedText,
];

/// What such logs never show.
pub(super) const NEVER: &[Text] = &[
    Text::fixed(
        "what the audit policy of the machine does not ask for (processes, command lines and files, as a rule)",
        "監査ポリシーの対象外の操作（通常、プロセス、コマンドライン、ファイルは対象外）",
    ),
    Text::fixed("the contents of connections and files", "通信およびファイルの内容"),
    Text::fixed("events that were overwritten when the log was full", "ログの容量超過により上書きされたイベント"),
    Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
];
