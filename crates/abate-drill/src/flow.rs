//! VPC flow logs as S3 holds them, with the default fields or with fields of the customer's choice: ordinary traffic of the three hosts, and the file tree. What an intruder
//! adds is decided elsewhere.

use std::net::Ipv4Addr;

use crate::DrillError;
use crate::clock::{self, Second};
use crate::folder::{Folder, Frame, Hours, Record};
use crate::replay::{self, Mark, Ordinary, Others};
use crate::rng::Rng;
use crate::world::{Host, World};

/// First line of every file, with its newline.
pub(crate) const HEADER: &str =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";

/// First line of every file of the custom form, with its newline.
pub(crate) const CUSTOM_HEADER: &str = "version vpc-id subnet-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr \
     pkt-dstaddr protocol bytes packets start end action tcp-flags flow-direction log-status\n";

/// The fields of the flow logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// the fourteen of version 2
    Version2,
    /// fields of the customer's choice, up to version 5: see [`CUSTOM_HEADER`]
    Custom,
}

/// Length of an aggregation interval.
pub(crate) const INTERVAL: Second = 600;

/// TCP.
pub(crate) const TCP: u8 = 6;
/// UDP.
pub(crate) const UDP: u8 = 17;

/// One end of a flow.
#[derive(Clone, Debug)]
pub(crate) struct End {
    address: String,
    port: i64,
}

impl End {
    /// Address and port.
    pub(crate) fn new(address: impl Into<String>, port: i64) -> Self {
        Self { address: address.into(), port }
    }
}

/// Size and fate of a flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    /// IANA protocol number
    pub(crate) protocol: u8,
    /// packets
    pub(crate) packets: i64,
    /// bytes
    pub(crate) bytes: i64,
    /// first and last packet
    pub(crate) span: (Second, Second),
    /// `ACCEPT`, else `REJECT`
    pub(crate) accepted: bool,
}

/// A record of an interface.
pub(crate) fn line(world: &World, host: &Host, from: &End, to: &End, amount: Amount) -> Record {
    line_through(world, host, (from, to), (&from.address, &to.address), amount)
}

/// A record of an interface that passes packets on: `packet` are the addresses that the packets bear at their first source
/// and their last destination. Only the custom form has them.
pub(crate) fn line_through(world: &World, host: &Host, (from, to): (&End, &End), packet: (&str, &str), amount: Amount) -> Record {
    let (account, interface) = (world.account, &host.interface);
    let action = if amount.accepted { "ACCEPT" } else { "REJECT" };
    let Amount { protocol, packets, bytes, span: (start, end), .. } = amount;
    let text = match world.flow_form {
        Form::Version2 => format!(
            "2 {account} {interface} {} {} {} {} {protocol} {packets} {bytes} {start} {end} {action} OK",
            from.address, to.address, from.port, to.port
        ),
        Form::Custom => format!(
            "5 {} {} {interface} {account} IPv4 {} {} {} {} {} {} {protocol} {bytes} {packets} {start} {end} {action} {} {} OK",
            world.vpc,
            world.subnet,
            from.address,
            to.address,
            from.port,
            to.port,
            packet.0,
            packet.1,
            flags(from, to, amount),
            if from.address == host.private { "egress" } else { "ingress" }
        ),
    };
    Record::plain(start, text)
}

/// The TCP flags of a flow, OR-ed: a server answers a SYN (2) with SYN and ACK (18), and both close with FIN (1). A lone
/// packet of a server is a reset (4).
fn flags(from: &End, to: &End, amount: Amount) -> u8 {
    let answers = from.port < to.port;
    match (amount.protocol, amount.packets) {
        (TCP, 1..=3) if answers => 4,
        (TCP, 1..=3) => 2,
        (TCP, _) if answers => 19,
        (TCP, _) => 3,
        _ => 0,
    }
}

/// An interval of which nothing is known but that: `NODATA` (no traffic) or `SKIPDATA` (records were lost).
pub(crate) fn silence(world: &World, host: &Host, start: Second, status: &str) -> Record {
    let (end, account, interface) = (start + INTERVAL - 1, world.account, &host.interface);
    let text = match world.flow_form {
        Form::Version2 => format!("2 {account} {interface} - - - - - - - {start} {end} - {status}"),
        Form::Custom => {
            let (vpc, subnet) = (&world.vpc, &world.subnet);
            format!("5 {vpc} {subnet} {interface} {account} - - - - - - - - - - {start} {end} - - - {status}")
        }
    };
    Record::plain(start, text)
}

/// A connection of a host, in numbers of packets and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection<'a> {
    /// whose interface sees it
    pub(crate) host: &'a Host,
    /// who opens it: address and port
    pub(crate) client: (&'a str, i64),
    /// who is called
    pub(crate) server: (&'a str, i64),
    /// IANA protocol number
    pub(crate) protocol: u8,
    /// when
    pub(crate) at: Second,
    /// how long; at most an aggregation interval
    pub(crate) seconds: Second,
    /// packets and bytes to the server
    pub(crate) there: (i64, i64),
    /// and back; none if the server does not answer
    pub(crate) back: (i64, i64),
}

impl Connection<'_> {
    /// Its one or two records.
    pub(crate) fn lines(&self, world: &World) -> Vec<Record> {
        let (client, server) = (End::new(self.client.0, self.client.1), End::new(self.server.0, self.server.1));
        let span = (self.at, self.at + self.seconds.min(INTERVAL - 1));
        let there = Amount { protocol: self.protocol, packets: self.there.0, bytes: self.there.1, span, accepted: true };
        let mut lines = vec![line(world, self.host, &client, &server, there)];
        if self.back.0 > 0 {
            lines.push(line(world, self.host, &server, &client, Amount { packets: self.back.0, bytes: self.back.1, ..there }));
        }
        lines
    }

    /// The same, with what the client sends marked as something that matters.
    pub(crate) fn because(&self, world: &World, why: &'static str) -> Vec<Record> {
        let mut lines = self.lines(world).into_iter();
        lines.next().map(|record| record.because(why)).into_iter().chain(lines).collect()
    }

    /// Its record if it is refused.
    pub(crate) fn refused(&self, world: &World) -> Record {
        let (client, server) = (End::new(self.client.0, self.client.1), End::new(self.server.0, self.server.1));
        let span = (self.at, self.at + self.seconds.min(INTERVAL - 1));
        let amount = Amount { protocol: self.protocol, packets: self.there.0, bytes: self.there.1, span, accepted: false };
        line(world, self.host, &client, &server, amount)
    }
}

/// What an ordinary record of flows comes from; a mark's kind.
const VISIT: u16 = 0;
const KNOCK: u16 = 1;
const UPKEEP: u16 = 2;
const TIME: u16 = 3;
const APP: u16 = 4;
/// and the two after it: nothing of the web, batch or application server
const SILENT: u16 = 5;

/// Ordinary traffic of one aggregation interval: every interface has at least one record, be it `NODATA`, so that silence
/// means silence.
struct Interval {
    start: Second,
    scale: u32,
}

impl Ordinary for Interval {
    fn span(&self) -> (Second, Second) {
        (self.start, self.start + INTERVAL - 1)
    }

    fn marks(&self) -> u64 {
        16 * u64::from(self.scale) + 3
    }

    fn records(&self) -> u64 {
        26 * u64::from(self.scale)
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        let mut seen = [false; 3];
        let mut note = |talk: &Talk, place: u64, kind: u16| {
            mark(Mark { at: talk.there.span.0, place, kind });
            for server in talk.seen_by {
                if let Some(seen) = seen.get_mut(*server as usize) {
                    *seen = true;
                }
            }
        };
        for _ in 0..self.scale {
            for (kind, times) in [(VISIT, (6, 10)), (KNOCK, (5, 8))] {
                for _ in 0..rng.range(times.0, times.1) {
                    let place = rng.place();
                    note(&Talk::draw(kind, world, rng, self.start), place, kind);
                }
            }
            for (kind, percent) in [(UPKEEP, 60), (TIME, 20), (APP, 45)] {
                if rng.chance(percent) {
                    let place = rng.place();
                    note(&Talk::draw(kind, world, rng, self.start), place, kind);
                }
            }
        }
        for (kind, _) in (SILENT..).zip(seen).filter(|(_, seen)| !seen) {
            mark(Mark { at: self.start, place: rng.place(), kind });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        match SERVERS.get(usize::from(mark.kind.wrapping_sub(SILENT))) {
            Some(server) => records.push(silence(world, server.host(world), self.start, "NODATA")),
            None => Talk::draw(mark.kind, world, rng, self.start).lines(world, records),
        }
    }
}

/// A server of the company.
#[derive(Clone, Copy, Debug)]
enum Server {
    Web,
    Batch,
    App,
}

const SERVERS: [Server; 3] = [Server::Web, Server::Batch, Server::App];

impl Server {
    fn host(self, world: &World) -> &Host {
        match self {
            Self::Web => &world.web,
            Self::Batch => &world.batch,
            Self::App => &world.app,
        }
    }
}

/// One end of a talk, before it is written down.
#[derive(Clone, Copy, Debug)]
enum Party {
    Ours(Server),
    Theirs(Ipv4Addr),
}

impl Party {
    fn end(self, world: &World, port: i64) -> End {
        match self {
            Self::Ours(server) => End::new(&server.host(world).private, port),
            Self::Theirs(address) => End::new(address.to_string(), port),
        }
    }
}

/// A connection, or an attempt at one: numbers only, since most are drawn more often than they are written down.
struct Talk {
    /// whose interfaces see it
    seen_by: &'static [Server],
    client: (Party, i64),
    server: (Party, i64),
    there: Amount,
    back: Option<Amount>,
}

impl Talk {
    fn draw(kind: u16, world: &World, rng: &mut Rng, start: Second) -> Self {
        match kind {
            VISIT => Self::visit(world, rng, start),
            KNOCK => Self::knock(world, rng, start),
            UPKEEP => Self::upkeep(rng, start),
            TIME => Self::time(rng, start),
            _ => Self::app_call(rng, start),
        }
    }

    fn visit(world: &World, rng: &mut Rng, start: Second) -> Self {
        let visitor = if rng.chance(80) { rng.stranger() } else { world.bystander(rng) };
        let client = (Party::Theirs(visitor), client_port(rng));
        let server = (Party::Ours(Server::Web), if rng.chance(85) { 443 } else { 80 });
        let (there, back) = exchange(rng, start, (900, 90_000));
        Self { seen_by: &[Server::Web], client, server, there, back }
    }

    /// Somebody knocks at a port, which is closed unless the company has opened it.
    fn knock(world: &World, rng: &mut Rng, start: Second) -> Self {
        let (seen_by, host): (&[Server], _) =
            if rng.chance(60) { (&[Server::Web], Server::Web) } else { (&[Server::Batch], Server::Batch) };
        let port = rng.pick(&[23_i64, 445, 3389, 8080, 6379, 2375, 5900, 1433, 8443, 3306, 9200, 5060]);
        let client = (Party::Theirs(rng.stranger()), client_port(rng));
        let span = span(rng, start, 4);
        let there = Amount { protocol: TCP, packets: 1, bytes: rng.pick(&[40_i64, 44, 60]), span, accepted: false };
        let open = world.open_ports.iter().any(|(address, opened)| (address, *opened) == (&host.host(world).private, port));
        let answered = Amount { packets: 5, bytes: 5 * there.bytes + 14, accepted: true, ..there };
        let (there, back) = if open { (answered, Some(Amount { packets: 4, bytes: 311, ..answered })) } else { (there, None) };
        Self { seen_by, client, server: (Party::Ours(host), port), there, back }
    }

    /// What the hosts do by themselves: calls to AWS, package mirrors.
    fn upkeep(rng: &mut Rng, start: Second) -> Self {
        let (seen_by, host): (&[Server], _) =
            if rng.chance(70) { (&[Server::Batch], Server::Batch) } else { (&[Server::Web], Server::Web) };
        let client = (Party::Ours(host), client_port(rng));
        let server = (Party::Theirs(Ipv4Addr::new(198, 18, 250, rng.byte(1, 9))), 443);
        let (there, back) = exchange(rng, start, (2_000, 300_000));
        Self { seen_by, client, server, there, back }
    }

    /// The web server sets its clock.
    fn time(rng: &mut Rng, start: Second) -> Self {
        let span = span(rng, start, 2);
        let there = Amount { protocol: UDP, packets: 1, bytes: 76, span, accepted: true };
        let client = (Party::Ours(Server::Web), client_port(rng));
        let server = (Party::Theirs(Ipv4Addr::new(198, 18, 251, 4)), 123);
        Self { seen_by: &[Server::Web], client, server, there, back: Some(there) }
    }

    /// The web server asks the application server; both interfaces see the same connection.
    fn app_call(rng: &mut Rng, start: Second) -> Self {
        let client = (Party::Ours(Server::Web), client_port(rng));
        let (there, back) = exchange(rng, start, (1_000, 40_000));
        Self { seen_by: &[Server::Web, Server::App], client, server: (Party::Ours(Server::App), 8080), there, back }
    }

    fn lines(&self, world: &World, records: &mut Vec<Record>) {
        let (client, server) = (self.client.0.end(world, self.client.1), self.server.0.end(world, self.server.1));
        for seen_by in self.seen_by {
            let host = seen_by.host(world);
            records.push(line(world, host, &client, &server, self.there));
            records.extend(self.back.map(|back| line(world, host, &server, &client, back)));
        }
    }
}

/// A port such as clients use.
pub(crate) fn client_port(rng: &mut Rng) -> i64 {
    rng.range(32_768, 60_999)
}

/// First and last packet of a flow inside an interval.
fn span(rng: &mut Rng, start: Second, longest: Second) -> (Second, Second) {
    let first = start + rng.range(0, INTERVAL - 61);
    let last = (first + rng.range(1, longest)).min(start + INTERVAL - 1);
    (first, last)
}

fn exchange(rng: &mut Rng, start: Second, answer: (i64, i64)) -> (Amount, Option<Amount>) {
    let span = span(rng, start, 70);
    let packets = rng.range(6, 24);
    let there = Amount { protocol: TCP, packets, bytes: packets * rng.range(60, 180), span, accepted: true };
    let back = rng.range(answer.0, answer.1);
    (there, Some(Amount { packets: packets + back / 1400, bytes: back, ..there }))
}

/// Ordinary traffic of the time from `span.0` to `span.1`, cut to whole intervals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// how much of it
    pub(crate) scale: u32,
    /// when
    pub(crate) span: (Second, Second),
}

impl Traffic {
    fn intervals(self) -> impl Iterator<Item = Interval> {
        let (first, count) = (clock::floor(self.span.0, INTERVAL), self.span.1 - clock::floor(self.span.0, INTERVAL));
        let count = count.max(0).unsigned_abs().div_ceil(INTERVAL.unsigned_abs());
        (first..)
            .step_by(usize::try_from(INTERVAL).unwrap_or(1))
            .take(usize::try_from(count).unwrap_or(0))
            .map(move |start| Interval { start, scale: self.scale })
    }

    /// About how many records it is.
    pub(crate) fn records(self) -> u64 {
        self.intervals().map(|interval| interval.records()).sum()
    }
}

/// Hands out the traffic and the other records as S3 holds them: one compressed file an hour, below
/// `evidence/AWSLogs/<account>/vpcflowlogs/<Region>/YYYY/MM/DD/`.
pub(crate) fn write(
    world: &World,
    daily: &mut Rng,
    folder: &mut Folder<'_>,
    traffic: Traffic,
    mut others: Others<'_>,
) -> Result<(), DrillError> {
    let path = |hour, number| path(world, hour, number);
    let frame = if world.flow_form == Form::Custom { Frame::FLOW_LOG_CUSTOM } else { Frame::FLOW_LOG };
    let mut hours = Hours::new(frame, &path);
    let missing = |start: Second| world.flow_gap.is_some_and(|(from, to)| (from..to).contains(&start));
    for interval in traffic.intervals().filter(|interval| !missing(interval.start)) {
        replay::merge(&interval, (world, &mut *daily), &mut others, folder, &mut |folder, record| hours.record(folder, record))?;
    }
    others.try_for_each(|record| hours.record(folder, &record))?;
    folder.end()
}

/// Where the n-th file of an hour lies.
fn path(world: &World, hour: Second, number: u32) -> String {
    let (account, region, flow_log) = (world.account, world.region, &world.flow_log);
    let mut rng = Rng::stream(hour.unsigned_abs(), flow_log);
    let id = (0..=number).map(|_| rng.hex(8)).last().unwrap_or_default();
    let name = format!("{account}_vpcflowlogs_{region}_{flow_log}_{}_{id}.log.gz", clock::file_stamp(hour));
    format!("evidence/AWSLogs/{account}/vpcflowlogs/{region}/{}/{name}", clock::day_path(hour))
}
