//! VPC flow logs, version 2, as S3 holds them: ordinary traffic of the three hosts, and the file tree. What an intruder
//! adds is decided elsewhere.

use std::collections::BTreeMap;

use crate::DrillError;
use crate::clock::{self, HOUR, Second};
use crate::folder::{Folder, Frame, Record};
use crate::rng::Rng;
use crate::world::{Host, World};

/// First line of every file, with its newline.
pub(crate) const HEADER: &str =
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";

/// Length of an aggregation interval.
const INTERVAL: Second = 600;

/// TCP.
pub(crate) const TCP: u8 = 6;
const UDP: u8 = 17;

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

    /// The same address with a port such as clients use.
    fn client(address: impl Into<String>, rng: &mut Rng) -> Self {
        Self::new(address, rng.range(32_768, 60_999))
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
    let (account, interface) = (world.account, &host.interface);
    let action = if amount.accepted { "ACCEPT" } else { "REJECT" };
    let Amount { protocol, packets, bytes, span: (start, end), .. } = amount;
    let text = format!(
        "2 {account} {interface} {} {} {} {} {protocol} {packets} {bytes} {start} {end} {action} OK",
        from.address, to.address, from.port, to.port
    );
    Record::plain(start, text)
}

/// Ordinary traffic from `from` to `to` (cut to whole intervals): every interface has at least one record, be it `NODATA`,
/// in every interval, so that silence means silence.
pub(crate) fn ordinary(world: &World, rng: &mut Rng, scale: u32, span: (Second, Second)) -> Vec<Record> {
    let mut records = Vec::new();
    let mut start = span.0 - span.0.rem_euclid(INTERVAL);
    while start < span.1 {
        for _ in 0..scale {
            for _ in 0..rng.range(6, 10) {
                web_visit(world, rng, start, &mut records);
            }
            for _ in 0..rng.range(5, 8) {
                records.push(noise(world, rng, start));
            }
            records.extend(upkeep(world, rng, start));
            if rng.chance(45) {
                app_call(world, rng, start, &mut records);
            }
        }
        for host in [&world.web, &world.batch, &world.app] {
            let seen = |r: &Record| r.at >= start && r.text.split(' ').nth(2) == Some(host.interface.as_str());
            if !records.iter().rev().take_while(|r| r.at >= start).any(seen) {
                records.push(no_data(world, host, start));
            }
        }
        start += INTERVAL;
    }
    records
}

fn no_data(world: &World, host: &Host, start: Second) -> Record {
    let end = start + INTERVAL - 1;
    Record::plain(start, format!("2 {} {} - - - - - - - {start} {end} - NODATA", world.account, host.interface))
}

/// First and last packet of a flow inside an interval.
fn span(rng: &mut Rng, start: Second, longest: Second) -> (Second, Second) {
    let first = start + rng.range(0, INTERVAL - 61);
    let last = (first + rng.range(1, longest)).min(start + INTERVAL - 1);
    (first, last)
}

fn there_and_back(world: &World, host: &Host, ends: (&End, &End), sizes: [Amount; 2], records: &mut Vec<Record>) {
    let [there, back] = sizes;
    records.push(line(world, host, ends.0, ends.1, there));
    records.push(line(world, host, ends.1, ends.0, back));
}

fn exchange(rng: &mut Rng, start: Second, answer: (i64, i64)) -> [Amount; 2] {
    let span = span(rng, start, 70);
    let packets = rng.range(6, 24);
    let there = Amount { protocol: TCP, packets, bytes: packets * rng.range(60, 180), span, accepted: true };
    let back = rng.range(answer.0, answer.1);
    [there, Amount { packets: packets + back / 1400, bytes: back, ..there }]
}

fn web_visit(world: &World, rng: &mut Rng, start: Second, records: &mut Vec<Record>) {
    let visitor = if rng.chance(80) { rng.stranger() } else { world.bystander(rng) };
    let (client, server) = (End::client(visitor, rng), End::new(&world.web.private, if rng.chance(85) { 443 } else { 80 }));
    let sizes = exchange(rng, start, (900, 90_000));
    there_and_back(world, &world.web, (&client, &server), sizes, records);
}

/// Somebody knocks at a closed port.
fn noise(world: &World, rng: &mut Rng, start: Second) -> Record {
    let host = if rng.chance(60) { &world.web } else { &world.batch };
    let port = rng.pick(&[23_i64, 445, 3389, 8080, 6379, 2375, 5900, 1433, 8443, 3306, 9200, 5060]);
    let from = End::client(rng.stranger(), rng);
    let span = span(rng, start, 4);
    let amount = Amount { protocol: TCP, packets: 1, bytes: rng.pick(&[40_i64, 44, 60]), span, accepted: false };
    line(world, host, &from, &End::new(&host.private, port), amount)
}

/// What the hosts do by themselves: calls to AWS, package mirrors, time.
fn upkeep(world: &World, rng: &mut Rng, start: Second) -> Vec<Record> {
    let mut records = Vec::new();
    if rng.chance(60) {
        let host = if rng.chance(70) { &world.batch } else { &world.web };
        let (client, server) = (End::client(&host.private, rng), End::new(format!("198.18.250.{}", rng.range(1, 9)), 443));
        let sizes = exchange(rng, start, (2_000, 300_000));
        there_and_back(world, host, (&client, &server), sizes, &mut records);
    }
    if rng.chance(20) {
        let span = span(rng, start, 2);
        let there = Amount { protocol: UDP, packets: 1, bytes: 76, span, accepted: true };
        let (client, server) = (End::client(&world.web.private, rng), End::new("198.18.251.4", 123));
        there_and_back(world, &world.web, (&client, &server), [there, there], &mut records);
    }
    records
}

fn app_call(world: &World, rng: &mut Rng, start: Second, records: &mut Vec<Record>) {
    let (client, server) = (End::client(&world.web.private, rng), End::new(&world.app.private, 8080));
    let sizes = exchange(rng, start, (1_000, 40_000));
    // Both interfaces see the same connection.
    there_and_back(world, &world.web, (&client, &server), sizes, records);
    there_and_back(world, &world.app, (&client, &server), sizes, records);
}

/// Writes the records as S3 holds them: one compressed file an hour, below
/// `evidence/AWSLogs/<account>/vpcflowlogs/<Region>/YYYY/MM/DD/`.
pub(crate) fn write(world: &World, folder: &mut Folder, records: Vec<Record>) -> Result<(), DrillError> {
    let mut files: BTreeMap<Second, Vec<Record>> = BTreeMap::new();
    for record in records {
        files.entry(record.at - record.at.rem_euclid(HOUR)).or_default().push(record);
    }
    let (account, region, flow_log) = (world.account, world.region, &world.flow_log);
    for (hour, records) in files {
        let id = Rng::stream(hour.unsigned_abs(), flow_log).hex(8);
        let name = format!("{account}_vpcflowlogs_{region}_{flow_log}_{}_{id}.log.gz", clock::file_stamp(hour));
        let path = format!("evidence/AWSLogs/{account}/vpcflowlogs/{region}/{}/{name}", clock::day_path(hour));
        folder.log(path, Frame::FLOW_LOG, records)?;
    }
    Ok(())
}
