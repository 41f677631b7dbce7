//! Lists of sockets and open files: `ss`, `netstat`, `lsof`. A list is of one moment, which it does not name, so there are no times.
//!
//! Our own side is the source. Sockets that have no address (unix, netlink) are kept as words; open files are rows of files.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{FileActivity, NetworkActivity, TimedText};
use abate_model::{Body, Table, Text};

use super::fields::{Record, each_line};
use crate::lines::first_lines;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "socket-list",
    title: Text::fixed("list of sockets and open files (ss, netstat, lsof)", "ソケット・開いているファイルの一覧（ss、netstat、lsof）"),
    tables: &[Table::NetworkActivity, Table::FileActivity, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "connections that had ended before the list was made, or began after it",
            "一覧の作成前に終了した、または作成後に開始した接続",
        ),
        Text::fixed("how much was sent, and when", "通信量および時刻"),
        Text::fixed("what a rootkit hides", "ルートキットが隠蔽したもの"),
    ],
    sniff,
    read,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// ss; whether the kind of socket stands in front, and the state
    Ss {
        netid: bool,
        state: bool,
    },
    Netstat,
    /// the part of netstat about sockets of the machine itself
    NetstatLocal,
    Lsof {
        tid: bool,
    },
}

/// The form that a heading shows.
fn heading(line: &str) -> Option<Form> {
    let line = line.trim_ascii();
    if line.contains("Local Address:Port") && line.contains("Recv-Q") {
        return Some(Form::Ss { netid: line.starts_with("Netid"), state: line.contains("State") });
    }
    if line.starts_with("Proto ") && line.contains("Local Address") && line.contains("Foreign Address") {
        return Some(Form::Netstat);
    }
    if line.starts_with("Proto ") && line.contains("RefCnt") {
        return Some(Form::NetstatLocal);
    }
    let lsof = line.starts_with("COMMAND ")
        && ["PID", "USER", "FD", "TYPE", "NAME"].iter().all(|w| line.split_ascii_whitespace().any(|l| l == *w));
    lsof.then(|| Form::Lsof { tid: line.contains(" TID ") })
}

fn sniff(head: &Head<'_>) -> Option<String> {
    let found = first_lines(head, 5).iter().find_map(|line| heading(&String::from_utf8_lossy(line)))?;
    let name = match found {
        Form::Ss { .. } => "ss",
        Form::Netstat | Form::NetstatLocal => "netstat",
        Form::Lsof { .. } => "lsof",
    };
    Some(format!("heading of {name}"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut form = None;
    each_line(input, sink, &mut |line| {
        if let Some(found) = heading(line) {
            form = Some(found);
            return Ok(None);
        }
        // Netstat says in front of each part what it is.
        if line.starts_with("Active Internet connections") || line.starts_with("Active UNIX domain sockets") {
            return Ok(None);
        }
        let body = match form.ok_or("a line in front of the heading")? {
            Form::Ss { netid, state } => ss(line, netid, state),
            Form::Netstat => netstat(line),
            Form::NetstatLocal => Some(words(line, None)),
            Form::Lsof { tid } => lsof(line, tid),
        };
        body.map(|body| Some(Record { at: None, body })).ok_or("no line of a list of sockets: a column is missing or no address")
    })
}

/// A side of a connection: the address, unless it is any, and the port.
type Side = (Option<IpAddr>, Option<u16>);

/// `192.0.2.1:22`, `[::1]:631`, `127.0.0.53%lo:53`, `*:68`, `:::22`, `0.0.0.0:*`, `192.0.2.1:ssh`.
fn side(text: &str) -> Option<Side> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = host.split('%').next().unwrap_or(host);
    let address = match host {
        "*" | "" | "::" | "0.0.0.0" => None,
        _ => Some(host.parse::<IpAddr>().ok()?.to_canonical()),
    };
    let plain = port == "*" || port.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    plain.then(|| (address, port.parse().ok()))
}

fn protocol(name: &str) -> Option<u8> {
    match name.trim_end_matches(['4', '6']).to_ascii_lowercase().as_str() {
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmp" => Some(1),
        "sctp" => Some(132),
        _ => None,
    }
}

fn socket<'l>(kind: Option<u8>, own: Side, other: Side, (process, pid): (Option<&'l str>, Option<u32>)) -> Body<'l> {
    Body::Net(NetworkActivity {
        src: own.0,
        src_port: own.1,
        dst: other.0,
        dst_port: other.1,
        protocol: kind,
        process: process.map(Cow::Borrowed),
        pid,
        ..NetworkActivity::default()
    })
}

fn words<'l>(line: &'l str, program: Option<&'l str>) -> Body<'l> {
    Body::Text(TimedText { program: program.map(Cow::Borrowed), message: Cow::Borrowed(line.trim_ascii()), ..TimedText::default() })
}

/// `tcp ESTAB 0 0 192.0.2.1:22 203.0.113.9:50000 users:(("sshd",pid=1,fd=3))`.
fn ss(line: &str, netid: bool, state: bool) -> Option<Body<'_>> {
    let all: Vec<&str> = line.split_ascii_whitespace().collect();
    let kind = if netid { *all.first()? } else { "tcp" };
    let users = line.split_once("users:((\"").map(|(_, users)| users);
    let program = users.and_then(|users| users.split('"').next());
    let pid = users.and_then(|users| users.split_once("pid=")?.1.split([',', ')']).next()?.parse().ok());
    let at = usize::from(netid) + usize::from(state) + 2;
    let number = |n: usize| all.get(n).is_some_and(|word| word.parse::<u64>().is_ok());
    if !number(at - 2) || !number(at - 1) {
        return None;
    }
    match (all.get(at).and_then(|word| side(word)), all.get(at + 1).and_then(|word| side(word))) {
        (Some(own), Some(other)) if protocol(kind).is_some() || !netid => Some(socket(protocol(kind), own, other, (program, pid))),
        _ if netid => Some(words(line, program)),
        _ => None,
    }
}

/// `tcp 0 0 192.0.2.1:22 203.0.113.9:50000 ESTABLISHED 4711/sshd: root`.
fn netstat(line: &str) -> Option<Body<'_>> {
    let mut all = line.split_ascii_whitespace();
    let kind = all.next()?;
    all.next()?.parse::<u64>().ok()?;
    all.next()?.parse::<u64>().ok()?;
    let (own, other) = (side(all.next()?)?, side(all.next()?)?);
    let owner = all.find_map(|word| {
        let (pid, name) = word.split_once('/')?;
        Some((Some(name.trim_end_matches(':')), Some(pid.parse::<u32>().ok()?)))
    });
    Some(socket(protocol(kind), own, other, owner.unwrap_or_default()))
}

/// `sshd 4711 root 3u IPv4 12345 0t0 TCP 192.0.2.1:22->203.0.113.9:50000 (ESTABLISHED)`.
fn lsof(line: &str, tid: bool) -> Option<Body<'_>> {
    let all: Vec<&str> = line.split_ascii_whitespace().collect();
    let pid: u32 = all.get(1)?.parse().ok()?;
    let command = *all.first()?;
    // A thread's number and name stand in between, where the program has threads.
    let kind_at = all.iter().position(|word| matches!(*word, "IPv4" | "IPv6"));
    if let Some(at) = kind_at
        && let Some(node) = all.iter().skip(at).position(|word| matches!(*word, "TCP" | "UDP" | "ICMP" | "SCTP"))
    {
        let kind = all.get(at + node)?;
        let (own, other) = match all.get(at + node + 1)?.split_once("->") {
            Some((own, other)) => (side(own)?, side(other)?),
            None => (side(all.get(at + node + 1)?)?, (None, None)),
        };
        return Some(socket(protocol(kind), own, other, (Some(command), Some(pid))));
    }
    let path = line.find(" /").and_then(|at| line.get(at + 1..)).filter(|_| all.len() >= 5);
    let Some(path) = path else { return (all.len() >= 5).then(|| words(line, Some(command))) };
    Some(Body::File(Box::new(FileActivity {
        change: Cow::Borrowed("listed"),
        path: Cow::Borrowed(path.trim_ascii_end()),
        user: all.get(2).filter(|_| !tid).map(|user| Cow::Borrowed(*user)),
        process: Some(Cow::Borrowed(command)),
        pid: Some(pid),
        ..FileActivity::default()
    })))
}
