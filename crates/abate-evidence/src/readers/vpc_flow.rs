//! VPC Flow Logs as text: a header line with any fields in any order, or the default format (version 2) without a header, also
//! with the time stamp that an export from CloudWatch Logs puts in front.
//!
//! `NODATA` (proof of silence) and `SKIPDATA` (a real gap) are rows without addresses. Parquet is not read.

use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{Direction, FlowAction, FlowStatus, NetworkActivity};
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "vpc-flow",
    title: Text::fixed("VPC Flow Logs", "VPC フローログ"),
    tables: &[Table::NetworkActivity],
    continuous: true,
    never_contains: &[
        Text::fixed("traffic to and from 169.254.169.254 (instance metadata)", "169.254.169.254（インスタンスメタデータ）との通信"),
        Text::fixed("traffic of instances to the Amazon DNS server", "インスタンスと Amazon DNS サーバーとの通信"),
        Text::fixed("DHCP traffic", "DHCP の通信"),
        Text::fixed(
            "traffic to and from 169.254.169.123 (Amazon Time Sync Service)",
            "169.254.169.123（Amazon Time Sync Service）との通信",
        ),
        Text::fixed("traffic of Windows instances for licence activation", "Windows インスタンスのライセンス認証の通信"),
        Text::fixed("mirrored traffic", "ミラーリングされたトラフィック"),
        Text::fixed("the contents of packets", "パケットの内容"),
    ],
    sniff,
    read,
};

/// The field names of AWS's documentation (versions 2 to 10 and transit gateways); others in a header are accepted and skipped.
const NAMES: &[&str] = &[
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "tcp-flags",
    "type",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "region",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "traffic-path",
    "reject-reason",
    "encryption-status",
    "resource-type",
    "resource-id",
    "tgw-id",
    "tgw-attachment-id",
];
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
/// Most fields of a line that are looked at.
const MAX_FIELDS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Col {
    Time,
    Account,
    Interface,
    Instance,
    Region,
    Src,
    Dst,
    PktSrc,
    PktDst,
    SrcPort,
    DstPort,
    Protocol,
    Packets,
    Bytes,
    Start,
    End,
    Action,
    Status,
    Direction,
    TcpFlags,
    Skip,
}

fn column(name: &str) -> Col {
    match name.replace('_', "-").as_str() {
        "account-id" => Col::Account,
        "interface-id" => Col::Interface,
        "instance-id" => Col::Instance,
        "region" => Col::Region,
        "srcaddr" => Col::Src,
        "dstaddr" => Col::Dst,
        "pkt-srcaddr" => Col::PktSrc,
        "pkt-dstaddr" => Col::PktDst,
        "srcport" => Col::SrcPort,
        "dstport" => Col::DstPort,
        "protocol" => Col::Protocol,
        "packets" => Col::Packets,
        "bytes" => Col::Bytes,
        "start" => Col::Start,
        "end" => Col::End,
        "action" => Col::Action,
        "log-status" => Col::Status,
        "flow-direction" => Col::Direction,
        "tcp-flags" => Col::TcpFlags,
        _ => Col::Skip,
    }
}

/// The columns, if a line is a header: all words look like names, and at least half of them (and two) are known.
fn header(line: &str) -> Option<Vec<Col>> {
    let words: Vec<&str> = line.split_ascii_whitespace().take(MAX_FIELDS).collect();
    let named = |w: &&str| w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    let known = words.iter().filter(|w| NAMES.contains(&w.replace('_', "-").as_str())).count();
    let starts = words.first().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_lowercase()));
    (starts && words.iter().all(named) && known >= 2 && known * 2 >= words.len()).then(|| words.iter().map(|w| column(w)).collect())
}

fn default_columns(timed: bool) -> Vec<Col> {
    let time = timed.then_some(Col::Time);
    time.into_iter().chain(DEFAULT.split(' ').map(column)).collect()
}

/// Whether a line is in the default format, and whether a time stamp stands in front of it.
fn fits_default(line: &str) -> Option<bool> {
    let words: Vec<&str> = line.split_ascii_whitespace().take(MAX_FIELDS).collect();
    let timed = words.len() == 15 && words.first().is_some_and(|w| time::looks_iso(w.as_bytes()));
    let words = words.get(usize::from(timed)..)?;
    let good = words.len() == 14 && words.first() == Some(&"2") && words.last().is_some_and(|w| status(w).is_some());
    good.then_some(timed)
}

fn status(word: &str) -> Option<FlowStatus> {
    match word {
        "OK" => Some(FlowStatus::Ok),
        "NODATA" => Some(FlowStatus::NoData),
        "SKIPDATA" => Some(FlowStatus::SkipData),
        _ => None,
    }
}

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 50);
    let text = |line: &[u8]| std::str::from_utf8(line).map(str::to_owned).ok();
    if let Some(columns) = lines.iter().take(5).find_map(|line| header(&text(line)?)) {
        let addresses = columns.iter().any(|c| matches!(c, Col::Src | Col::Dst | Col::PktSrc | Col::PktDst | Col::Interface));
        return addresses.then(|| format!("header line with {} flow log fields", columns.len()));
    }
    let all = !lines.is_empty() && lines.iter().all(|line| text(line).is_some_and(|l| fits_default(&l).is_some()));
    all.then(|| format!("no header; all of the first {} lines fit the default format (version 2)", lines.len()))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut columns: Option<Vec<Col>> = None;
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = String::from_utf8_lossy(place.bytes);
        if text.trim_ascii().is_empty() {
            continue;
        }
        // Files put together with cat have a header in the middle, perhaps another one.
        if text.starts_with(|c: char| c.is_ascii_lowercase())
            && let Some(found) = header(&text)
        {
            columns = Some(found);
            continue;
        }
        if columns.is_none() {
            columns = fits_default(&text).map(default_columns);
        }
        let flow = columns.as_deref().ok_or("a line in front of the header").and_then(|columns| flow(&text, columns));
        match flow {
            Ok((at, body)) => emit(at, body, place, sink),
            Err(reason) => sink.loss(LossKind::Malformed, reason.to_owned(), Some(place.locator()), place.bytes.len() as u64),
        }
    }
    Ok(())
}

fn emit(at: Option<Timestamp>, body: NetworkActivity<'_>, place: Place<'_>, sink: &mut dyn Sink) {
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body: Body::Net(body) }, place.bytes);
}

fn flow<'a>(line: &'a str, columns: &[Col]) -> Result<(Option<Timestamp>, NetworkActivity<'a>), &'static str> {
    let mut flow = NetworkActivity::default();
    let mut at = None;
    let mut words = line.split_ascii_whitespace();
    for column in columns {
        let word = words.next().ok_or("fewer fields than the header has")?;
        if word == "-" || *column == Col::Skip {
            continue;
        }
        match column {
            Col::Account => flow.account = Some(word.into()),
            Col::Interface => flow.interface_id = Some(word.into()),
            Col::Instance => flow.instance_id = Some(word.into()),
            Col::Region => flow.region = Some(word.into()),
            Col::Src => flow.src = Some(address(word)?),
            Col::Dst => flow.dst = Some(address(word)?),
            Col::PktSrc => flow.pkt_src = Some(address(word)?),
            Col::PktDst => flow.pkt_dst = Some(address(word)?),
            Col::SrcPort => flow.src_port = Some(number(word)?),
            Col::DstPort => flow.dst_port = Some(number(word)?),
            Col::Protocol => flow.protocol = Some(number(word)?),
            Col::Packets => flow.packets = number(word)?,
            Col::Bytes => flow.bytes = number(word)?,
            Col::Start => at = Some(seconds(word)?),
            Col::End => flow.end = Some(seconds(word)?),
            Col::TcpFlags => flow.tcp_flags = Some(number(word)?),
            Col::Action => flow.action = Some(action(word)?),
            Col::Status => flow.status = status(word).ok_or("the log status is none of OK, NODATA, SKIPDATA")?,
            Col::Direction => flow.direction = Some(direction(word)?),
            Col::Time | Col::Skip => {}
        }
    }
    if words.next().is_some() { Err("more fields than the header has") } else { Ok((at, flow)) }
}

fn address(word: &str) -> Result<IpAddr, &'static str> {
    word.parse().map_err(|_| "an address does not parse")
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, &'static str> {
    word.parse().map_err(|_| "a number does not parse or is out of its range")
}

fn seconds(word: &str) -> Result<Timestamp, &'static str> {
    number(word).and_then(|s| Timestamp::from_second(s).map_err(|_| "a time is out of range"))
}

fn action(word: &str) -> Result<FlowAction, &'static str> {
    match word {
        "ACCEPT" => Ok(FlowAction::Accept),
        "REJECT" => Ok(FlowAction::Reject),
        _ => Err("the action is neither ACCEPT nor REJECT"),
    }
}

fn direction(word: &str) -> Result<Direction, &'static str> {
    match word {
        "ingress" => Ok(Direction::Ingress),
        "egress" => Ok(Direction::Egress),
        _ => Err("the flow direction is neither ingress nor egress"),
    }
}
