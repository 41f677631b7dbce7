//! Every sample cut at many places, with bits flipped, and joined with another format: no panic, no hang, every place inside the
//! stream, every byte counted, and nothing passed over in silence.
//!
//! The work is split into parts that run beside each other.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use abate_evidence::{Limits, Reader, Sink, SourceEnd, Visitor, read_stream, readers};
use abate_model::{Locator, LossKind, Row};
use common::{FIXTURES, ctx, evtx, parquet, record_size};

/// How many parts there are; each test below is one.
const PARTS: usize = 8;
const CUTS: usize = 200;
const FLIPS: usize = 1000;
/// One in so many flipped samples also goes the whole way, through recognition.
const WHOLE_WAY: usize = 25;
/// No sample is longer than a few kilobytes; a machine that does other things too gets much time.
const MOST: Duration = Duration::from_secs(20);

struct Sample {
    id: &'static str,
    name: &'static str,
    bytes: Vec<u8>,
}

fn samples() -> Vec<Sample> {
    let mut all: Vec<Sample> = FIXTURES.iter().map(|(id, name, bytes)| Sample { id, name, bytes: bytes.to_vec() }).collect();
    for (name, bytes) in
        [("flows", parquet::flows()), ("lake", parquet::lake()), ("calls", parquet::calls()), ("columns", parquet::unknown())]
    {
        all.push(Sample { id: "parquet", name, bytes });
    }
    all.push(Sample { id: "evtx", name: "log", bytes: events() });
    all
}

fn events() -> Vec<u8> {
    let event = |id: u16, at: u64| evtx::Event {
        provider: "Microsoft-Windows-Security-Auditing",
        channel: "Security",
        id,
        at,
        user: evtx::Value::Sid(&[18]),
        user_data: None,
        fields: vec![("TargetUserName", evtx::Value::Text("admin")), ("IpAddress", evtx::Value::Text("203.0.113.9"))],
    };
    evtx::log(&[evtx::chunk(&[event(4625, 1_763_600_400), event(4624, 1_763_600_401), event(4688, 1_763_600_402)], 1)])
}

/// Numbers without a pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// Checks what one reader says.
struct Watch<'w> {
    name: &'w str,
    length: usize,
    places: Vec<std::ops::Range<usize>>,
    said: usize,
}

impl Watch<'_> {
    fn place(&mut self, at: Locator, row: bool) {
        let place = match (at, record_size(self.name)) {
            (Locator::Bytes { offset, length }, _) => offset as usize..(offset + length) as usize,
            // Of which machine the records are does not show in a piece of one: they are taken to be of the smaller size.
            (Locator::Record { n }, Some(size)) => {
                let begin = n as usize * size.min(384);
                begin..self.length.min(begin + size)
            }
            _ => return,
        };
        assert!(place.start <= place.end && place.end <= self.length, "{}: {at} lies outside of {} bytes", self.name, self.length);
        assert!(!row || !place.is_empty(), "{}: a row at {at}, which is empty", self.name);
        self.places.push(place);
    }
}

impl Sink for Watch<'_> {
    fn row(&mut self, row: Row<'_>, raw: &[u8]) {
        self.said += 1;
        assert!(!raw.is_empty(), "{}: a row without its record", self.name);
        self.place(row.locator, true);
    }
    fn loss(&mut self, _: LossKind, reason: String, at: Option<Locator>, _: u64) {
        self.said += 1;
        assert!(!reason.is_empty());
        if let Some(at) = at {
            self.place(at, false);
        }
    }
}

fn alone(reader: &Reader, name: &str, bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let begun = Instant::now();
    let mut watch = Watch { name, length: bytes.len(), places: Vec::new(), said: 0 };
    (reader.read)(&mut { bytes }, &ctx(), &mut watch).unwrap();
    assert!(begun.elapsed() < MOST, "{name}: {} bytes took {:?}", bytes.len(), begun.elapsed());
    watch.places
}

#[derive(Default)]
struct Whole {
    rows: u64,
    ends: Vec<SourceEnd>,
}

impl Visitor for Whole {
    fn begin(&mut self, _: &str, _: Option<&'static Reader>) {
        self.rows = 0;
    }
    fn row(&mut self, _: Row<'_>, _: &[u8]) {
        self.rows += 1;
    }
    fn end(&mut self, end: SourceEnd) {
        assert!(self.rows > 0 || !end.losses.is_empty(), "{}: nothing is said of it", end.path);
        self.ends.push(end);
    }
}

fn whole_way(name: &str, bytes: &[u8]) {
    let begun = Instant::now();
    let mut whole = Whole::default();
    read_stream(name, &mut { bytes }, &ctx(), &Limits::default(), &mut whole);
    assert!(begun.elapsed() < MOST, "{name}: {} bytes took {:?}", bytes.len(), begun.elapsed());
    assert_eq!(whole.ends.len(), 1, "{name}");
    assert_eq!(whole.ends[0].bytes, bytes.len() as u64, "{name}: bytes are missing from the count");
}

/// Formats of which every line that is not blank is a row or a loss.
fn lines_are_told(sample: &Sample, bytes: &[u8], places: &[std::ops::Range<usize>]) {
    if !matches!(sample.id, "syslog" | "web-access" | "hash-list") || matches!(sample.name, "splunk" | "datadog" | "fluent" | "sumo") {
        return;
    }
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let end = at + line.len();
        let told = places.iter().any(|place| place.start < end && at < place.end);
        assert!(line.trim_ascii().is_empty() || told, "{}: {}", sample.name, String::from_utf8_lossy(line));
        at = end;
    }
}

fn damage(part: usize) {
    let all = samples();
    for (n, sample) in all.iter().enumerate().filter(|(n, _)| n % PARTS == part) {
        let reader = readers::by_id(sample.id).unwrap();
        let (name, bytes) = (sample.name, &sample.bytes);
        for cut in 0..CUTS {
            let short = &bytes[..bytes.len() * cut / CUTS];
            whole_way(name, short);
            lines_are_told(sample, short, &alone(reader, name, short));
        }
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ (n as u64 + 1));
        let mut damaged = bytes.clone();
        // Room that is not used yet has nothing to be damaged.
        let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        for flip in 0..FLIPS {
            let (at, bit) = (numbers.below(used), numbers.below(8));
            damaged[at] ^= 1 << bit;
            lines_are_told(sample, &damaged, &alone(reader, name, &damaged));
            if flip % WHOLE_WAY == 0 {
                whole_way(name, &damaged);
            }
            // Damage adds up, and begins anew after some.
            if flip % 10 == 9 {
                damaged.copy_from_slice(bytes);
            }
        }
        for step in [1, 17, 53] {
            let other = &all[(n + step) % all.len()];
            let spliced = [&bytes[..bytes.len() / 2], &other.bytes[other.bytes.len() / 2..]].concat();
            whole_way(name, &spliced);
            for reader in [reader, readers::by_id(other.id).unwrap()] {
                alone(reader, "spliced", &spliced);
            }
        }
    }
}

#[test]
fn part_1() {
    damage(0);
}

#[test]
fn part_2() {
    damage(1);
}

#[test]
fn part_3() {
    damage(2);
}

#[test]
fn part_4() {
    damage(3);
}

#[test]
fn part_5() {
    damage(4);
}

#[test]
fn part_6() {
    damage(5);
}

#[test]
fn part_7() {
    damage(6);
}

#[test]
fn part_8() {
    damage(7);
}
