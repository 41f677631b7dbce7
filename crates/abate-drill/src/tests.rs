//! Drills within tight limits: what is held stays bounded, files come early, and neither changes what is in the drill.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use abate_model::Locator;

use super::*;

fn within(marks: usize, file_bytes: usize, request: &Request) -> (Drill, Counts) {
    let mut collector = Collector::default();
    let (truth, counts) = write_within(Limits { marks, file_bytes }, request, &mut collector).unwrap();
    (Drill { files: collector.files, truth }, counts)
}

fn plain(file: &DrillFile) -> Vec<u8> {
    let mut out = Vec::new();
    match file.path.ends_with(".gz") {
        true => flate2::read::GzDecoder::new(file.bytes.as_slice()).read_to_end(&mut out).unwrap(),
        false => file.bytes.as_slice().read_to_end(&mut out).unwrap(),
    };
    out
}

fn files(drill: &Drill) -> BTreeMap<&str, Vec<u8>> {
    let files: BTreeMap<&str, Vec<u8>> = drill.files.iter().map(|file| (file.path.as_str(), plain(file))).collect();
    assert_eq!(files.len(), drill.files.len(), "a path comes twice");
    files
}

/// Key events: why, and what they point at.
fn keys(drill: &Drill) -> Vec<(String, String)> {
    let files = files(drill);
    let pointed = |key: &abate_model::truth::KeyEvent| {
        let Locator::Bytes { offset, length } = key.locator else { panic!("not a place in bytes") };
        let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + length).unwrap());
        (key.why.clone(), String::from_utf8(files[key.source.as_str()][from..to].to_vec()).unwrap())
    };
    drill.truth.key_events.iter().map(pointed).collect()
}

fn flow_lines(drill: &Drill) -> Vec<String> {
    let logs = drill.files.iter().filter(|file| file.path.contains("/vpcflowlogs/"));
    logs.flat_map(|file| String::from_utf8(plain(file)).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn hostile(name: &str) -> Request {
    Request { flood: 3000, sweep: true, ..Request::new(name, 5, 2) }
}

#[test]
fn windows_change_no_byte() {
    for scenario in all() {
        let request = Request::new(scenario.id, 8, 3);
        let (whole, at_once) = within(LIMITS.marks, LIMITS.file_bytes, &request);
        let (pieces, counts) = within(60, LIMITS.file_bytes, &request);
        assert_eq!(whole, pieces, "{}", scenario.id);
        assert!(at_once.most_marks > 300, "{}: {}", scenario.id, at_once.most_marks);
        assert!(counts.most_marks < 120, "{}: {}", scenario.id, counts.most_marks);
    }
}

#[test]
fn split_files_hold_the_same_records_and_key_events_point_into_them() {
    let limit = 30_000;
    for scenario in all() {
        let request = Request::new(scenario.id, 5, 6);
        let (whole, _) = within(LIMITS.marks, LIMITS.file_bytes, &request);
        let (split, counts) = within(200, limit, &request);
        assert_eq!(keys(&whole), keys(&split), "{}", scenario.id);
        assert_eq!(flow_lines(&whole), flow_lines(&split), "{}", scenario.id);
        let trail = |drill: &Drill| -> Vec<serde_json::Value> {
            let logs = drill.files.iter().filter(|file| file.path.contains("/CloudTrail/"));
            logs.flat_map(|file| {
                let mut json: serde_json::Value = serde_json::from_slice(&plain(file)).unwrap();
                json["Records"].as_array_mut().unwrap().split_off(0)
            })
            .collect()
        };
        assert_eq!(trail(&whole), trail(&split), "{}", scenario.id);
        if !whole.files.iter().any(|file| file.path.ends_with(".gz")) {
            continue;
        }
        assert!(split.files.len() > whole.files.len(), "{}: nothing was split", scenario.id);
        for (path, bytes) in files(&split).iter().filter(|(path, _)| path.ends_with(".gz")) {
            assert!(bytes.len() <= limit + 10, "{path}: {}", bytes.len());
        }
        // A record of what the command line prints of CloudTrail has some thousands of bytes.
        assert!(counts.most_bytes <= (1 << 20) + 8000, "{}: {}", scenario.id, counts.most_bytes);
    }
}

#[test]
fn what_is_held_does_not_grow_with_the_scale() {
    let most = |scale| {
        let (_, counts) = within(2000, 300_000, &Request { flood: scale * 4000, ..Request::new("webshell-phishing", 2, scale) });
        assert!(counts.most_marks <= 2400 && counts.most_bytes <= (1 << 20) + 300, "{counts:?}");
        counts.records
    };
    assert!(most(20) > 3 * most(5));
}

#[test]
fn a_log_of_one_file_comes_in_pieces() {
    /// Notes what is open, and how large its pieces are.
    #[derive(Default)]
    struct Pieces(Vec<(String, Vec<usize>)>);
    impl Sink for Pieces {
        fn begin(&mut self, path: &str) -> io::Result<()> {
            self.0.push((path.to_owned(), Vec::new()));
            Ok(())
        }
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0.last_mut().unwrap().1.push(bytes.len());
            Ok(())
        }
        fn end(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let request = Request { scale_hosts: Some(80), ..Request::new("weak-ssh-port-scan", 3, 1) };
    let mut pieces = Pieces::default();
    let made = write(&request, &mut pieces).unwrap();
    let sum: usize = pieces.0.iter().flat_map(|(_, sizes)| sizes).sum();
    assert_eq!((made.files, made.bytes), (pieces.0.len() as u64, sum as u64));
    let (_, log) = pieces.0.iter().find(|(path, _)| path.ends_with("auth.log")).unwrap();
    assert!(log.len() >= 3 && log.iter().all(|size| *size < (1 << 20) + 300), "{log:?}");
    // The places in it count from its beginning, not from that of a piece.
    let (small, large) = (generate("weak-ssh-port-scan", 3, 1).unwrap(), collect(&request).unwrap());
    assert_eq!(keys(&small), keys(&large));
    let login = large.truth.key_events.iter().find(|key| key.why.contains("login")).unwrap();
    assert!(matches!(login.locator, Locator::Bytes { offset, .. } if offset > 1 << 20), "{login:?}");
}

#[test]
fn each_kind_of_log_has_a_scale_of_its_own() {
    let plain = generate("weak-ssh-port-scan", 3, 1).unwrap();
    let count = |drill: &Drill, part: &str| -> usize {
        files(drill).iter().filter(|(path, _)| path.contains(part)).map(|(_, bytes)| bytes.len()).sum()
    };
    let parts = ["/CloudTrail/", "/vpcflowlogs/", "auth.log"];
    for (n, grown) in parts.into_iter().enumerate() {
        let scale = |m: usize| (m == n).then_some(5);
        let request =
            Request { scale_trail: scale(0), scale_flows: scale(1), scale_hosts: scale(2), ..Request::new("weak-ssh-port-scan", 3, 1) };
        let drill = collect(&request).unwrap();
        assert_eq!(keys(&drill), keys(&plain));
        let said = (drill.truth.scale_trail, drill.truth.scale_flows, drill.truth.scale_hosts);
        assert_eq!(said, (scale(0), scale(1), scale(2)), "another run can be asked for by what the truth says");
        for part in parts {
            let (before, after) = (count(&plain, part), count(&drill, part));
            let kept = if part == grown { after > 3 * before } else { after.abs_diff(before) < before / 5 };
            assert!(kept, "{part} grew from {before} to {after} with {grown}");
        }
    }
}

#[test]
fn hostile_traffic_changes_nothing_else() {
    for name in ["weak-ssh-port-scan", "webshell-phishing", "recycled-address"] {
        let request = hostile(name);
        let (calm, rough) = (generate(name, 5, 2).unwrap(), collect(&request).unwrap());
        assert_eq!(keys(&calm), keys(&rough), "{name}");
        assert_eq!((rough.truth.flood, rough.truth.sweep), (request.flood, request.sweep));
        let truth = |drill: &Drill| Truth { key_events: Vec::new(), incident: Vec::new(), flood: 0, sweep: false, ..drill.truth.clone() };
        assert_eq!(truth(&calm), truth(&rough));
        let json = |drill: &Drill| serde_json::to_string(&drill.truth).unwrap();
        assert!(json(&rough).contains("\"flood\":3000,\"sweep\":true") && !json(&calm).contains("flood"));
        let others = |drill: &Drill| -> Vec<DrillFile> {
            drill.files.iter().filter(|file| !file.path.contains("/vpcflowlogs/") && file.path != "truth.json").cloned().collect()
        };
        assert_eq!(others(&calm), others(&rough));

        let before = flow_lines(&calm);
        let mut rest = before.iter().peekable();
        let after = flow_lines(&rough);
        let added: Vec<Vec<&str>> =
            after.iter().filter(|line| rest.next_if_eq(line).is_none()).map(|line| line.split(' ').collect()).collect();
        assert!(rest.next().is_none(), "{name}: an ordinary record is gone");
        assert_eq!(added.len(), 3000 + 2 * 65_535, "{name}");
        let (flood, sweeps): (Vec<_>, Vec<_>) =
            added.iter().partition(|fields| fields[3].split('.').next().unwrap().len() == 3 && fields[3] > "240");
        assert_eq!(flood.iter().map(|fields| fields[3]).collect::<BTreeSet<_>>().len(), 3000);
        let mut ports: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for fields in &sweeps {
            ports.entry((fields[3], fields[4])).or_default().insert(fields[6]);
        }
        assert!(ports.len() == 2 && ports.values().all(|ports| ports.len() == 65_535), "{name}");
    }
}

#[test]
fn hostile_traffic_needs_flow_logs() {
    for name in ["leaked-key-spam", "poor-evidence"] {
        let mut sink = Collector::default();
        assert!(matches!(write(&hostile(name), &mut sink), Err(DrillError::NoFlowLogs(id)) if id == name));
        assert!(sink.files.is_empty());
    }
    let request = Request { flood: MAX_FLOOD + 1, ..hostile("recycled-address") };
    assert!(matches!(collect(&request), Err(DrillError::Flood(n)) if n > MAX_FLOOD));
    let request = Request { scale_flows: Some(MAX_SCALE + 1), ..hostile("recycled-address") };
    assert!(matches!(collect(&request), Err(DrillError::Scale(n)) if n > MAX_SCALE));
}

/// Takes so many bytes, and then has no more room.
struct Full {
    room: usize,
    begun: Vec<String>,
}

impl Sink for Full {
    fn begin(&mut self, path: &str) -> io::Result<()> {
        self.begun.push(path.to_owned());
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.room = self.room.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_refuses_ends_the_drill_and_the_file_is_named() {
    let mut full = Full { room: 40_000, begun: Vec::new() };
    let error = write(&Request::new("weak-ssh-port-scan", 1, 1), &mut full).unwrap_err();
    let DrillError::Sink { path, source } = &error else { panic!("{error}") };
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    assert_eq!(Some(path), full.begun.last());
    assert!(path.contains("/CloudTrail/") && full.begun.len() > 3, "files come before the drill is over: {:?}", full.begun);
    assert!(error.to_string().starts_with(&format!("cannot write {path}: ")), "{error}");
}

#[test]
fn a_quiet_month_is_a_month_and_the_same_for_the_same_seed() {
    let month = quiet(3).unwrap();
    assert_eq!(month, quiet(3).unwrap());
    let days: BTreeSet<&str> =
        month.iter().filter_map(|file| file.path.split_once("/vpcflowlogs/")).filter_map(|(_, rest)| rest.get(..25)).collect();
    assert!(month.iter().any(|file| file.path == "notice.eml") && !month.iter().any(|file| file.path == "truth.json"));
    assert!(days.len() >= 30, "{} days", days.len());
}
