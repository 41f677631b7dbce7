//! VPC and transit gateway flow logs as text: a header line with any fields in any order, or one of the default formats without
//! a header, results of Athena over them as CSV, also with the time stamp that an export from CloudWatch Logs puts in front.
//!
//! Without a header, fields behind those of the default format are taken only where the value says what it is: CloudWatch Logs
//! keeps no header, and a guess would be a false statement.
//!
//! `NODATA` (proof of silence) and `SKIPDATA` (a real gap) are rows without addresses. Parquet is not read.

use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{Direction, FlowAction, FlowStatus, NetworkActivity};
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use crate::lines::{Line, Lines, Place, first_lines, majority};
use crate::{Head, ReadContext, Reader, Sink, scan, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "vpc-flow",
    title: Text::fixed("VPC and transit gateway flow logs", "VPC・Transit Gateway フローログ"),
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
    "tgw-src-vpc-account-id",
    "tgw-dst-vpc-account-id",
    "tgw-src-vpc-id",
    "tgw-dst-vpc-id",
    "tgw-src-subnet-id",
    "tgw-dst-subnet-id",
    "tgw-src-eni",
    "tgw-dst-eni",
    "tgw-src-az-id",
    "tgw-dst-az-id",
    "tgw-pair-attachment-id",
    "packets-lost-no-route",
    "packets-lost-blackhole",
    "packets-lost-mtu-exceeded",
    "packets-lost-ttl-expired",
    "ecs-cluster-arn",
    "ecs-cluster-name",
    "ecs-container-instance-arn",
    "ecs-container-instance-id",
    "ecs-container-id",
    "ecs-second-container-id",
    "ecs-service-name",
    "ecs-task-definition-arn",
    "ecs-task-arn",
    "ecs-task-id",
];
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
/// The default format of transit gateways (version 6).
const TRANSIT: &str = "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id \
                       tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id \
                       tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
                       log-status type packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded \
                       packets-lost-ttl-expired tcp-flags region flow-direction pkt-src-aws-service pkt-dst-aws-service";
/// Most fields of a line that are looked at.
const MAX_FIELDS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Col {
    Time,
    Account,
    Interface,
    Attachment,
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
    /// behind the default format, without a header
    Unnamed,
}

fn column(name: &str) -> Col {
    match name.replace('_', "-").as_str() {
        "account-id" => Col::Account,
        "interface-id" => Col::Interface,
        // What a transit gateway sees, it sees at an attachment.
        "tgw-attachment-id" => Col::Attachment,
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

/// The fields of a line: with spaces between them, or (results of Athena) as CSV, where an empty field is a missing one.
fn words(line: &str) -> Words<'_> {
    Words { rest: Some(line), csv: memchr::memchr(b',', line.as_bytes()).is_some() }
}

struct Words<'a> {
    rest: Option<&'a str>,
    csv: bool,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        if self.csv {
            let (word, rest) = rest.split_once(',').map_or((rest, None), |(word, rest)| (word, Some(rest)));
            self.rest = rest;
            return Some(or_dash(word.trim_matches(['"', ' '])));
        }
        let end = blank(rest.as_bytes());
        if end == 0 && !rest.is_empty() {
            self.rest = Some(rest.trim_start_matches(|c: char| c <= ' '));
            return self.next();
        }
        // What follows the white space's first character, which has one byte.
        self.rest = rest.get(end + 1..);
        rest.get(..end).filter(|word| !word.is_empty())
    }
}

/// Where the first white space or control character is, or the end. Eight bytes at a time: this is done for every field of every record, and they
/// are too short for anything that must be set up first.
fn blank(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let mut at = 0;
    while let Some(Ok(eight)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let eight = u64::from_le_bytes(eight);
        // The highest bit of each byte that is below 0x21; the lowest such byte is exact (Anderson, "Bit Twiddling Hacks", a byte less than n).
        let below = eight.wrapping_sub(ONES * 0x21) & !eight & (ONES * 0x80);
        if below != 0 {
            return at + below.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| *b <= b' ').unwrap_or(rest.len())
}

fn or_dash(word: &str) -> &str {
    if word.is_empty() { "-" } else { word }
}

/// The columns, if a line is a header: all words look like names, and at least half of them (and two) are known.
fn header(line: &str) -> Option<Vec<Col>> {
    let words: Vec<&str> = words(line).take(MAX_FIELDS).collect();
    let named = |w: &&str| w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    let known = words.iter().filter(|w| NAMES.contains(&w.replace('_', "-").as_str())).count();
    let starts = words.first().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_lowercase()));
    (starts && words.iter().all(named) && known >= 2 && known * 2 >= words.len()).then(|| words.iter().map(|w| column(w)).collect())
}

/// The columns of a line in a default format, perhaps with a time stamp in front or further fields behind.
fn default_columns(line: &str) -> Option<Vec<Col>> {
    let words: Vec<&str> = line.split_ascii_whitespace().take(MAX_FIELDS).collect();
    let timed = words.first().is_some_and(|w| time::looks_iso(w.as_bytes()));
    let rest = words.get(usize::from(timed)..)?;
    let at = |n: usize| rest.get(n).copied().unwrap_or_default();
    let format = if at(1) == "TransitGateway" && status(at(25)).is_some() {
        TRANSIT
    } else if (rest.len() == 14 && at(0) == "2" && status(at(13)).is_some()) || is_default_with_more(rest) {
        DEFAULT
    } else {
        return None;
    };
    let named: Vec<Col> = format.split_ascii_whitespace().map(column).collect();
    let more = rest.len().checked_sub(named.len())?;
    Some(timed.then_some(Col::Time).into_iter().chain(named).chain(std::iter::repeat_n(Col::Unnamed, more)).collect())
}

/// Whether the fields of the default format stand in front of others.
fn is_default_with_more(words: &[&str]) -> bool {
    let at = |n: usize| words.get(n).copied().unwrap_or_default();
    let version = at(0).parse().is_ok_and(|version: u8| (2..=10).contains(&version));
    let account = at(1).len() == 12 && at(1).bytes().all(|b| b.is_ascii_digit());
    let verdict = status(at(13)).is_some() && matches!(at(12), "ACCEPT" | "REJECT" | "-");
    words.len() > 14 && version && account && at(2).starts_with("eni-") && verdict
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
    let (good, all) = majority(head, |line| text(line).is_some_and(|l| default_columns(&l).is_some()))?;
    Some(format!("no header; {good} of the first {all} lines fit a default format"))
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
        let text = place.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        // Files put together with cat have a header in the middle, perhaps another one.
        if text.starts_with(|c: char| c == '"' || c.is_ascii_lowercase())
            && let Some(found) = header(&text)
        {
            columns = Some(found);
            continue;
        }
        if columns.is_none() {
            columns = default_columns(&text);
        }
        let flow = columns.as_deref().ok_or("a line in front of the header").and_then(|columns| flow(&text, columns));
        match flow {
            Ok((at, body)) => emit(at, body, place, sink),
            Err(reason) => sink.loss(LossKind::Malformed, reason.to_owned(), Some(place.locator()), place.bytes.len() as u64),
        }
    }
    Ok(())
}

/// Columns by their names, where they are not a line of text.
pub(super) struct Named(Vec<Col>);

impl Named {
    /// The columns, if they are those of a flow log.
    pub fn of(names: &[String]) -> Option<Self> {
        let columns = header(&names.join(" ")).filter(|columns| columns.len() == names.len())?;
        columns.iter().any(|column| matches!(column, Col::Src | Col::Dst | Col::Interface)).then_some(Self(columns))
    }

    /// The flow that values between spaces tell of.
    pub fn flow(&self, values: &str) -> Result<(Option<Timestamp>, NetworkActivity<'static>), &'static str> {
        let (at, flow) = flow(values, &self.0)?;
        match Body::Net(flow).into_owned() {
            Body::Net(flow) => Ok((at, flow)),
            _ => Err("no flow"),
        }
    }
}

fn emit(at: Option<Timestamp>, body: NetworkActivity<'_>, place: Place<'_>, sink: &mut dyn Sink) {
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    sink.row(Row { at, zone, source: 0, locator: place.locator(), body: Body::Net(body) }, place.bytes);
}

fn flow<'a>(line: &'a str, columns: &[Col]) -> Result<(Option<Timestamp>, NetworkActivity<'a>), &'static str> {
    let mut flow = NetworkActivity::default();
    let mut at = None;
    let mut words = words(line);
    for column in columns {
        let word = words.next().ok_or("fewer fields than the header has")?;
        if word == "-" || *column == Col::Skip {
            continue;
        }
        match column {
            Col::Account => flow.account = Some(word.into()),
            Col::Interface => flow.interface_id = Some(word.into()),
            Col::Attachment => flow.interface_id = flow.interface_id.take().or(Some(word.into())),
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
            Col::Unnamed if word.starts_with("i-") => flow.instance_id = Some(word.into()),
            Col::Unnamed => flow.direction = flow.direction.or(direction(word).ok()),
            Col::Time | Col::Skip => {}
        }
    }
    if words.next().is_some() { Err("more fields than the header has") } else { Ok((at, flow)) }
}

fn address(word: &str) -> Result<IpAddr, &'static str> {
    scan::ip(word).ok_or("an address does not parse")
}

fn number<T: TryFrom<u64>>(word: &str) -> Result<T, &'static str> {
    const WRONG: &str = "a number does not parse or is out of its range";
    // So many digits always fit.
    let value = if (1..=19).contains(&word.len()) {
        let digits = word.bytes().map(|byte| byte.wrapping_sub(b'0'));
        let all = digits.clone().fold(true, |all, digit| all & (digit <= 9));
        all.then(|| digits.fold(0_u64, |value, digit| value.wrapping_mul(10).wrapping_add(u64::from(digit))))
    } else {
        word.parse().ok()
    };
    value.and_then(|value| T::try_from(value).ok()).ok_or(WRONG)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_those_of_the_library() {
        let lines = ["", " ", "a", " a  b\tc ", "2 111122223333 eni-0 - 10.0.0.1", "é x\u{1}y ü", "12345678 1234567 123456789"];
        for line in lines {
            let expected: Vec<&str> = line.split(|c: char| c <= ' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(words(line).collect::<Vec<_>>(), expected, "{line:?}");
        }
        assert_eq!(words("a,\"b\",,d").collect::<Vec<_>>(), ["a", "b", "-", "d"]);
        for number in
            ["", "0", "7", "065", "65535", "65536", "-1", "+1", "18446744073709551615", "18446744073709551616", "1e3", "９", "12a"]
        {
            assert_eq!(super::number::<u16>(number).ok(), number.parse().ok().filter(|_| number != "+1"), "{number}");
            assert_eq!(super::number::<u64>(number).ok(), number.parse().ok().filter(|_| number != "+1"), "{number}");
        }
    }
}
