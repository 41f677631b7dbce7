//! What the drills of hosts and networks must keep beyond what every drill must: their truth in every variant, their key
//! events, and evidence of more than one kind. The files are read here with nothing but gzip and JSON.

// A test that cannot go on should say where.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use abate_drill::{Drill, DrillFile, all, generate};
use abate_model::truth::KeyEvent;
use abate_model::{Category, CauseKind, Factor, Locator, Verdict};
use sha2::{Digest, Sha256};

/// A scenario, and what its truth may say.
struct Row {
    name: &'static str,
    categories: &'static [Category],
    kinds: &'static [CauseKind],
    factors: &'static [Factor],
    verdicts: &'static [Verdict],
    /// text of a key event, one of which every drill of it must have
    needles: &'static [&'static str],
    /// the fingerprint of seed 1 at the scales 1 and 3
    known: [&'static str; 2],
}

const CONFIRMED: &[Verdict] = &[Verdict::Confirmed];
const MISCONFIGURED: &[Factor] = &[Factor::Misconfiguration];

const ROWS: &[Row] = &[
    Row {
        name: "open-redis-miner",
        categories: &[Category::PortScan, Category::Intrusion],
        kinds: &[CauseKind::UnauthenticatedService],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" 6379 ", " 22 "],
        known: ["f46f3c597945dfbe62b424103ed413a8", "aa1b18963e195058890ac0428ec31cd1"],
    },
    Row {
        name: "open-api-flood",
        categories: &[Category::Dos],
        kinds: &[CauseKind::UnauthenticatedService],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" 17 ", " ACCEPT "],
        known: ["8b3531d5fdabf219eef6ddfd75f58556", "64935e1b68d36286f8114fa4d1d26e05"],
    },
    Row {
        name: "node-rce-botnet",
        categories: &[Category::Botnet],
        kinds: &[CauseKind::RemoteCodeExecution],
        factors: &[Factor::Vulnerability],
        verdicts: CONFIRMED,
        needles: &["\"POST /", " ACCEPT "],
        known: ["c35a3db35a305a58ee0aa9edc883b603", "0bff8c200792fb481abfef1e92db0537"],
    },
    Row {
        name: "rdp-guessed",
        categories: &[Category::Intrusion],
        kinds: &[CauseKind::RemoteLoginGuessed],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &["4624", " 3389 "],
        known: ["dfe6459e1c55dd99e50449eb2be2289d", "cc6fcfafeb81a398e3d279a0e36a2cb7"],
    },
    Row {
        name: "open-resolver",
        categories: &[Category::OpenResolver, Category::Dos],
        kinds: &[CauseKind::OpenResolverOrAmplifier],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" 53 "],
        known: ["9e1444342b856f8b5b4ba3fe14ccf505", "be64acdf0ca834eb8bcc5b8a0d98cb8d"],
    },
    Row {
        name: "open-proxy",
        categories: &[Category::OpenProxy, Category::Intrusion, Category::Crawling],
        kinds: &[CauseKind::OpenProxy],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" ACCEPT "],
        known: ["f83b79895cffd9e7f8ecc35974eb4622", "50d95ec3b8b36b1772a89da9a8f3382a"],
    },
    Row {
        name: "mail-server-spam",
        categories: &[Category::Spam],
        kinds: &[CauseKind::RemoteLoginGuessed, CauseKind::OpenMailRelay],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" 25 "],
        known: ["b1fc4aab4a004a55c139fa88e09455ac", "b2265af9e9583dc328ca2dabdb24a0e0"],
    },
    Row {
        name: "form-bots-spam",
        categories: &[Category::Spam],
        kinds: &[CauseKind::FormDrivenByBots],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" ACCEPT "],
        known: ["ca9c3bdb06d5f3e1e99c0ec3ede6f53c", "2670a881d1cdfd0d4b5f594c1e69d270"],
    },
    Row {
        name: "own-crawler",
        categories: &[Category::Crawling],
        kinds: &[CauseKind::OwnCrawler],
        factors: &[Factor::None],
        verdicts: CONFIRMED,
        needles: &[" 443 "],
        known: ["c1bf3a65daf9840f7c23edb2796e92e7", "c392c1e70b6d80a076620e6a6575a4e7"],
    },
    Row {
        name: "authorised-scan",
        categories: &[Category::PortScan],
        kinds: &[CauseKind::AuthorisedTest],
        factors: &[Factor::None],
        verdicts: CONFIRMED,
        needles: &[" ACCEPT "],
        known: ["b6761907574ff7df2a8a9c289374c939", "004218974784d75fef4e0f0d59153872"],
    },
    Row {
        name: "spoofed-source",
        categories: &[Category::Dos],
        kinds: &[CauseKind::SpoofedSource, CauseKind::Undetermined],
        factors: &[Factor::None, Factor::Unknown],
        verdicts: &[Verdict::Contradicted, Verdict::NotSeen],
        needles: &[],
        known: ["0845910a805509d89df5bed78f566567", "9fcf9b9182a6682fff4c367639b94120"],
    },
    Row {
        name: "stale-upstream",
        categories: &[Category::Intrusion],
        kinds: &[CauseKind::ForwardingProxy],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" ACCEPT ", "GET /"],
        known: ["53d73c8529360913152b61c00cc65c8f", "467ab5e2e8c1de092ebc3c0891a62d47"],
    },
    Row {
        name: "exposed-datastore",
        categories: &[Category::Vulnerability],
        kinds: &[CauseKind::SecurityGroupOpenToWorld],
        factors: MISCONFIGURED,
        verdicts: CONFIRMED,
        needles: &[" ACCEPT "],
        known: ["9d11ead14944308bcd0a2f3e63cce094", "39484cdae47b99ae39bed62d4ec31c6f"],
    },
    Row {
        name: "dns-botnet",
        categories: &[Category::Botnet],
        kinds: &[CauseKind::Undetermined],
        factors: &[Factor::Unknown],
        verdicts: CONFIRMED,
        needles: &[" ACCEPT "],
        known: ["827344ff8d67cf021f21a3221766562b", "4e9221e033799fd00580b81dcc7ab657"],
    },
    Row {
        name: "nat-shared-address",
        categories: &[Category::PortScan, Category::Botnet],
        kinds: &[CauseKind::TamperedImageOrDependency, CauseKind::Undetermined],
        factors: &[Factor::Vulnerability, Factor::Unknown],
        verdicts: CONFIRMED,
        needles: &[" egress "],
        known: ["aeadab1e7df015f375a8320cfddc247c", "a803fefd78f55accc4b4105cb3b76a76"],
    },
];

const SEEDS: std::ops::Range<u64> = 0..16;

fn plain(file: &DrillFile) -> Vec<u8> {
    if !file.path.ends_with(".gz") {
        return file.bytes.clone();
    }
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(file.bytes.as_slice()).read_to_end(&mut out).unwrap();
    out
}

fn pointed(drill: &Drill, key: &KeyEvent) -> String {
    let Locator::Bytes { offset, length } = key.locator else { panic!("not a place in bytes") };
    let bytes = plain(drill.files.iter().find(|file| file.path == key.source).unwrap());
    let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + length).unwrap());
    String::from_utf8(bytes[from..to].to_vec()).unwrap()
}

/// The beginning of the SHA-256 over every file but `truth.json`, unpacked, in the order of the paths.
fn fingerprint(drill: &Drill) -> String {
    let files: BTreeMap<&str, Vec<u8>> =
        drill.files.iter().filter(|f| f.path != "truth.json").map(|file| (file.path.as_str(), plain(file))).collect();
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(format!("{path}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whoever noted name, seed and scale must get the same drill years later. Change these only on purpose.
#[test]
fn drills_stay_what_they_were() {
    let mut changed = Vec::new();
    for row in ROWS {
        let now = [1, 3].map(|scale| fingerprint(&generate(row.name, 1, scale).unwrap()));
        if now != row.known {
            changed.push((row.name, now));
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}

/// What came up over the seeds.
#[derive(Default)]
struct Seen {
    categories: BTreeSet<Category>,
    kinds: BTreeSet<CauseKind>,
    verdicts: BTreeSet<String>,
    shapes: BTreeSet<String>,
}

/// Truth, key events, evidence and flow records of every variant; and the variants differ in more than names.
#[test]
fn every_variant_keeps_what_was_intended() {
    for row in ROWS {
        let mut seen = Seen::default();
        for seed in SEEDS {
            let drill = generate(row.name, seed, 1).unwrap();
            check_truth(row, &drill, &mut seen);
            check_records(row, &drill);
            check_flows(&drill);
        }
        assert_eq!(seen.categories, row.categories.iter().copied().collect(), "{}: every category comes up, and no other", row.name);
        assert_eq!(seen.kinds, row.kinds.iter().copied().collect(), "{}", row.name);
        assert_eq!(seen.verdicts, row.verdicts.iter().map(|verdict| format!("{verdict:?}")).collect(), "{}", row.name);
        assert!(seen.shapes.len() >= 10, "{}: the same story with other names, {} shapes", row.name, seen.shapes.len());
    }
}

fn check_truth(row: &Row, drill: &Drill, seen: &mut Seen) {
    let truth = &drill.truth;
    let (cause, verdict) = (truth.root_cause, truth.verdicts[0].verdict);
    assert!(row.factors.contains(&cause.factor) && cause.class == cause.kind.class(), "{}: {cause:?}", row.name);
    assert_eq!((truth.verdicts.len(), truth.verdicts[0].reported.as_str()), (1, "r1"));
    seen.categories.insert(truth.category);
    seen.kinds.insert(cause.kind);
    seen.verdicts.insert(format!("{verdict:?}"));
    let files: BTreeSet<&str> =
        drill.files.iter().filter_map(|file| file.path.rsplit('/').next()).filter(|n| !n.ends_with(".gz")).collect();
    let why: BTreeSet<&str> = truth.key_events.iter().chain(&truth.decoys).map(|key| key.why.as_str()).collect();
    seen.shapes.insert(format!("{files:?} {why:?}"));
}

fn check_records(row: &Row, drill: &Drill) {
    let at = format!("{} {}", row.name, drill.truth.seed);
    let records: Vec<String> = drill.truth.key_events.iter().map(|key| pointed(drill, key)).collect();
    for needle in row.needles {
        assert!(records.iter().any(|record| record.contains(needle)), "{at}: no {needle:?} in {records:#?}");
    }
    assert!(!drill.truth.decoys.is_empty(), "{at}: nothing misleads");
    let kinds = ["/CloudTrail/", "/vpcflowlogs/", "describe-"].map(|part| drill.files.iter().any(|f| f.path.contains(part)));
    assert!(kinds.iter().filter(|held| **held).count() >= 2, "{at}: {kinds:?}");
}

/// What a flow record says must be possible: fields as its header names them, no flow longer than an interval, and no packet
/// larger than there are.
fn check_flows(drill: &Drill) {
    for file in drill.files.iter().filter(|file| file.path.contains("/vpcflowlogs/")) {
        let text = String::from_utf8(plain(file)).unwrap();
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let column = |name: &str| header.iter().position(|field| *field == name).unwrap();
        let (start, end, packets, bytes) = (column("start"), column("end"), column("packets"), column("bytes"));
        for line in lines {
            let fields: Vec<&str> = line.split(' ').collect();
            assert_eq!(fields.len(), header.len(), "{line}");
            let number = |column: usize| fields[column].parse::<i64>();
            let length = number(end).unwrap() - number(start).unwrap();
            assert!((0..600).contains(&length), "{line}");
            if let (Ok(packets), Ok(bytes)) = (number(packets), number(bytes)) {
                assert!(packets > 0 && (28..=9_001).contains(&(bytes / packets)), "{line}");
            }
        }
    }
}

#[test]
fn every_row_is_a_scenario() {
    let rows = ROWS;
    let last = all().iter().rev().take(rows.len()).rev().map(|scenario| scenario.id);
    assert_eq!(last.collect::<Vec<_>>(), rows.iter().map(|row| row.name).collect::<Vec<_>>());
}
