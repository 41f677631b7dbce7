//! The same rows give the same findings, in whatever order they come and however they lie in sources: several shards, several files.

use abate_findings::{Context, Detection, Example, detections};
use abate_model::memory::{FormatFacts, Memory};
use abate_model::{AccountProfile, Entity, Finding, Locator, Row, Source};
use jiff::Timestamp;
use proptest::prelude::*;

/// Sources that the rows are dealt out to.
const SOURCES: u32 = 4;

fn source(n: u32) -> Source {
    Source {
        path: format!("shard-{n}.log"),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: Some("example".to_owned()),
        recognised_by: "example".to_owned(),
        records: 0,
        duplicates: 0,
        gone: false,
        losses: Vec::new(),
    }
}

fn found(detection: &Detection, example: &Example, rows: Vec<Row<'static>>) -> Vec<Finding> {
    let facts = |_: &str| FormatFacts { continuous: true, ..FormatFacts::default() };
    let memory = Memory::new((0..SOURCES).map(source).collect(), rows, (example.sigma)(), &facts);
    let (notice, profile) = ((example.notice)(), AccountProfile::default());
    (detection.run)(&Context { notice: &notice, evidence: &memory, profile: &profile })
}

/// Numbers that look random, from a seed.
fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % below.max(1)
    }
}

/// Each row at a place of its own, in order.
fn placed(rows: Vec<Row<'static>>) -> Vec<Row<'static>> {
    let place = |(n, row): (u64, Row<'static>)| Row { source: 0, locator: Locator::Record { n }, ..row };
    (0..).zip(rows).map(place).collect()
}

fn shuffled<T>(mut items: Vec<T>, next: &mut impl FnMut(usize) -> usize) -> Vec<T> {
    (1..items.len()).rev().for_each(|at| items.swap(at, next(at + 1)));
    items
}

/// What a finding says, without where the rows lie. Records of one and the same time are in no order, so that only of rows with times of their
/// own the words are compared, too: words name the first few things.
type Said = (String, Option<String>, String, u64, Option<Timestamp>, Option<Timestamp>, Vec<Entity>, usize, String);

fn said(findings: Vec<Finding>, in_order: bool) -> Vec<Said> {
    let one = |mut f: Finding| {
        f.entities.sort();
        let words = if in_order { format!("{:?} {:?}", f.title, f.detail) } else { String::new() };
        (f.claim.id(), f.technique, format!("{:?}", f.severity), f.count, f.first, f.last, f.entities, f.evidence.len(), words)
    };
    let mut all: Vec<Said> = findings.into_iter().map(one).collect();
    all.sort();
    all
}

fn in_order(rows: &[Row<'static>]) -> bool {
    let mut times: Vec<_> = rows.iter().map(|row| row.at).collect();
    times.sort_unstable();
    times.windows(2).all(|pair| pair[0] != pair[1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_order_in_which_rows_come_does_not_matter(seed: u64) {
        let mut next = numbers(seed);
        for detection in detections::all() {
            for example in detection.examples {
                let rows = placed((example.rows)());
                let mixed = shuffled(rows.clone(), &mut next);
                prop_assert_eq!(found(detection, example, rows), found(detection, example, mixed), "{}: {}", detection.id, example.name.en);
            }
        }
    }

    #[test]
    fn the_sources_that_rows_lie_in_do_not_matter(seed: u64) {
        let mut next = numbers(seed);
        for detection in detections::all() {
            for example in detection.examples {
                let rows = placed((example.rows)());
                let in_order = in_order(&rows);
                let mut places: Vec<u64> = (0..).take(rows.len()).collect();
                places = shuffled(places, &mut next);
                let dealt: Vec<Row<'static>> = rows
                    .iter()
                    .cloned()
                    .zip(places)
                    .map(|(row, n)| Row { source: u32::try_from(next(SOURCES as usize)).unwrap(), locator: Locator::Record { n }, ..row })
                    .collect();
                let (one, many) = (said(found(detection, example, rows), in_order), said(found(detection, example, dealt), in_order));
                prop_assert_eq!(one, many, "{}: {}", detection.id, example.name.en);
            }
        }
    }
}
