//! What every drill must keep, whatever the scenario and the seed. The files are read here with nothing but gzip and JSON.

// A test that cannot go on should say where.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use abate_drill::{Drill, DrillError, DrillFile, Figures, MEASURED, MEASURED_AS_STORED, all, generate};
use abate_model::truth::KeyEvent;
use abate_model::{Category, CauseClass, CauseKind, Factor, Locator, Truth, Verdict};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn plain(file: &DrillFile) -> Vec<u8> {
    if !file.path.ends_with(".gz") {
        return file.bytes.clone();
    }
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(file.bytes.as_slice()).read_to_end(&mut out).unwrap();
    out
}

fn file<'a>(drill: &'a Drill, path: &str) -> &'a DrillFile {
    drill.files.iter().find(|f| f.path == path).unwrap_or_else(|| panic!("no file {path}"))
}

fn text(drill: &Drill, path: &str) -> String {
    String::from_utf8(plain(file(drill, path))).unwrap()
}

/// The bytes that a key event points at.
fn pointed(drill: &Drill, key: &KeyEvent) -> String {
    let Locator::Bytes { offset, length } = key.locator else { panic!("not a place in bytes") };
    let bytes = plain(file(drill, &key.source));
    let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + length).unwrap());
    String::from_utf8(bytes[from..to].to_vec()).unwrap()
}

fn files_with<'a>(drill: &'a Drill, part: &'a str) -> impl Iterator<Item = &'a DrillFile> {
    drill.files.iter().filter(move |f| f.path.contains(part))
}

fn trail(drill: &Drill) -> Vec<String> {
    let mut events = Vec::new();
    for file in files_with(drill, "/CloudTrail/") {
        let json: Value = serde_json::from_slice(&plain(file)).unwrap();
        events.extend(json["Records"].as_array().unwrap().iter().map(Value::to_string));
    }
    events
}

/// Fields of every flow record.
fn flows(drill: &Drill) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for file in files_with(drill, "/vpcflowlogs/") {
        let text = String::from_utf8(plain(file)).unwrap();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("version account-id interface-id srcaddr dstaddr"));
        rows.extend(lines.map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>()));
    }
    rows
}

fn notice_field(drill: &Drill, name: &str) -> String {
    let mail = text(drill, "notice.eml");
    let line = mail.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
    line[name.len()..].trim().to_owned()
}

/// The first time of abuse that the notice names, if it names one.
fn named_time(drill: &Drill) -> Option<i64> {
    let mail = text(drill, "notice.eml");
    let at = mail.lines().find_map(|line| line.strip_prefix("Abuse Time:"))?;
    let at = jiff::fmt::strtime::parse("%d %b %Y %H:%M:%S UTC", at.trim()).unwrap().to_datetime().unwrap();
    Some(at.to_zoned_datetime(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second())
}

fn abuse_time(drill: &Drill) -> i64 {
    named_time(drill).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    for scenario in all() {
        let (a, b, c) = (generate(scenario.id, 1, 1).unwrap(), generate(scenario.id, 1, 1).unwrap(), generate(scenario.id, 2, 1).unwrap());
        assert_eq!(a, b, "{}", scenario.id);
        assert_ne!(file(&a, "notice.eml"), file(&c, "notice.eml"), "{}", scenario.id);
    }
}

/// The beginning of the SHA-256 over every file but `truth.json`, in the order of the paths: path, length and content, unpacked
/// (how it is packed is the packer's, and may change with it; what is known of a drill may grow).
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
    #[rustfmt::skip]
    let known = [
        ("weak-ssh-port-scan", ["2cf638b05f9e54c9e711e0925193c394", "3855bf71b726b4b50ca356014d17c018", "5db85df13ef6777273a0043f004d057e"]),
        ("leaked-key-spam", ["4a341328a7f1d4b8f2dda66b78f7494e", "ccc6a6d78c8d3c003bfbb200b1467c86", "2d185c6fb473c2132591147fa13a0186"]),
        ("webshell-phishing", ["d00cbedfb58c40988b90cd91f8c51060", "449c6d8c87bb0afd84a241d394195862", "840341174b503f94a819bb5ea45bfb05"]),
        ("recycled-address", ["ddbc2555e3e5cb3d65b0d49075ce8c5c", "4138a50a366b4161355d64aa46421859", "1124042b4f79b4aff428364b534200a8"]),
        ("poor-evidence", ["4299e5637e097c3123f8b80594792254", "e208aa5d90f6a747b4a3b330446accb3", "f9d73253ed73f74e1bf508b75c58c19b"]),
    ];
    for (name, fingerprints) in known {
        let drills = [1, 3, 40].map(|scale| generate(name, 1, scale).unwrap());
        drills.iter().for_each(check_key_events);
        assert_eq!(drills.map(|drill| fingerprint(&drill)), fingerprints, "{name}");
    }
}

#[test]
fn every_key_event_points_at_a_whole_record() {
    for scenario in all() {
        for seed in 0..6 {
            check_key_events(&generate(scenario.id, seed, 1).unwrap());
        }
    }
}

fn check_key_events(drill: &Drill) {
    for stretch in &drill.truth.incident {
        let content = text(drill, &stretch.source);
        let (from, to) = (usize::try_from(stretch.offset).unwrap(), usize::try_from(stretch.offset + stretch.length).unwrap());
        assert!(content.get(from..to).is_some_and(|records| !records.is_empty()), "{stretch:?}");
    }
    for decoy in &drill.truth.decoys {
        assert!(!drill.truth.is_incident(&decoy.source, decoy.locator), "{decoy:?}");
    }
    for key in drill.truth.key_events.iter().chain(&drill.truth.decoys) {
        assert!(drill.truth.decoys.contains(key) || drill.truth.is_incident(&key.source, key.locator), "{key:?}");
        let record = pointed(drill, key);
        if key.source.contains(".json") {
            let value: Value = serde_json::from_str(&record).unwrap();
            let is_record = ["eventID", "EventId", "SchemaVersion"].iter().any(|name| value.get(name).is_some());
            assert!(is_record, "{record}");
        } else {
            assert!(text(drill, &key.source).lines().any(|line| line == record), "{record}");
        }
    }
}

#[test]
fn key_events_are_the_records_they_claim_to_be() {
    let needles: &[(&str, &[&str])] = &[
        ("weak-ssh-port-scan", &["Failed password for", "Accepted password for", " ACCEPT OK", " ACCEPT OK", " ACCEPT OK"]),
        (
            "leaked-key-spam",
            &[
                "GetCallerIdentity",
                "GetSendQuota",
                "ListUsers",
                "CreateUser",
                "AdministratorAccess",
                "CreateAccessKey",
                "\"Send",
                "\"Send",
                "GuardDuty",
            ],
        ),
        ("webshell-phishing", &["\"POST ", ".php?cmd=id HTTP/1.1\" 200", "HTTP/1.1\" 200 14220"]),
        ("recycled-address", &["\"AllocateAddress\"", "\"AssociateAddress\""]),
        ("poor-evidence", &[]),
    ];
    for (name, needles) in needles {
        let drill = generate(name, 11, 1).unwrap();
        let records: Vec<String> = drill.truth.key_events.iter().map(|key| pointed(&drill, key)).collect();
        assert_eq!(records.len(), needles.len(), "{name}");
        for needle in *needles {
            let found = records.iter().any(|r| r.contains(needle))
                || (*needle == "GuardDuty" && records.iter().any(|r| r.contains("\"Severity\"")));
            assert!(found, "{name}: {needle}");
        }
    }
}

#[test]
fn the_scale_grows_only_the_background() {
    for scenario in all() {
        let (small, large) = (generate(scenario.id, 5, 1).unwrap(), generate(scenario.id, 5, 4).unwrap());
        assert_eq!(file(&small, "notice.eml"), file(&large, "notice.eml"), "{}", scenario.id);
        assert_eq!(small.truth.attacker, large.truth.attacker);
        let records = |drill: &Drill| -> Vec<(String, String)> {
            drill.truth.key_events.iter().map(|key| (key.source.clone(), pointed(drill, key))).collect()
        };
        assert_eq!(records(&small), records(&large), "{}", scenario.id);
        let (few, many) = (trail(&small).len(), trail(&large).len());
        if few > 0 {
            // A thousand a scale, fewer where the intruder stops the trail, and what the build server does besides.
            assert!((700..=1800).contains(&few), "{}: {few}", scenario.id);
            assert!((1800..=3300).contains(&(many - few)), "{}: {few} {many}", scenario.id);
        }
        for address in &small.truth.attacker.addresses {
            let hits =
                |drill: &Drill| drill.files.iter().filter(|f| f.path != "truth.json").map(|f| count(&plain(f), address)).sum::<usize>();
            assert!(hits(&small) > 0);
            assert_eq!(hits(&small), hits(&large), "{}: {address}", scenario.id);
        }
    }
}

fn count(bytes: &[u8], needle: &str) -> usize {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.match_indices(needle).filter(|(at, _)| !text[at + needle.len()..].starts_with(|c: char| c.is_ascii_digit())).count()
}

#[test]
fn flow_lines_have_fourteen_fields_and_leave_no_interval_out() {
    for name in ["weak-ssh-port-scan", "webshell-phishing", "recycled-address"] {
        let drill = generate(name, 3, 1).unwrap();
        let rows = flows(&drill);
        assert!((1300..=3500).contains(&rows.len()), "{name}: {}", rows.len());
        let mut seen: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for row in &rows {
            assert_eq!(row.len(), 14, "{row:?}");
            let (start, end): (i64, i64) = (row[10].parse().unwrap(), row[11].parse().unwrap());
            assert!(start <= end && end - start < 600, "{row:?}");
            seen.entry(row[2].clone()).or_default().insert(start.div_euclid(600));
        }
        assert_eq!(seen.len(), 3);
        for (interface, intervals) in seen {
            let (first, last) = (intervals.first().unwrap(), intervals.last().unwrap());
            assert_eq!(usize::try_from(last - first).unwrap() + 1, intervals.len(), "{name}: {interface}");
        }
        assert!(rows.iter().any(|row| row[12] == "REJECT"));
        assert!(rows.iter().any(|row| row[13] == "NODATA"));
    }
}

#[test]
fn the_scan_follows_the_login_and_covers_the_reported_time() {
    for seed in 0..8 {
        let drill = generate("weak-ssh-port-scan", seed, 1).unwrap();
        let key = |why: &str| drill.truth.key_events.iter().find(|k| k.why.contains(why)).unwrap();
        let first = pointed(&drill, key("first packet of the scan"));
        let first: Vec<&str> = first.split(' ').collect();
        let (source, port, start) = (first[3], first[6], first[10].parse::<i64>().unwrap());
        let window = start..start + 20 * 60;
        let targets: BTreeSet<String> = flows(&drill)
            .into_iter()
            .filter(|row| row[3] == source && row[6] == port && window.contains(&row[10].parse().unwrap()))
            .map(|row| row[4].clone())
            .collect();
        assert!(targets.len() >= 200, "{}", targets.len());
        assert!(window.contains(&abuse_time(&drill)));
        let login = pointed(&drill, key("intruder's login"));
        let attacker = &drill.truth.attacker.addresses[0];
        assert!(login.contains(&format!("from {attacker} ")));
        let log = text(&drill, "evidence/web1/auth.log");
        let failures = log.lines().filter(|l| l.contains("Failed password") && l.contains(&format!("from {attacker} "))).count();
        assert!((50..=75).contains(&failures));
        assert_eq!(log.matches("Accepted password").count(), 1);
        assert!(log.contains("Accepted publickey for ubuntu"));
    }
}

#[test]
fn the_recycled_address_appears_only_after_the_reported_time() {
    for seed in 0..8 {
        let drill = generate("recycled-address", seed, 1).unwrap();
        let line = notice_field(&drill, "AWS ID:");
        let address = line.split(['[', ']']).nth(1).unwrap().to_owned();
        let uses: Vec<Value> =
            trail(&drill).iter().filter(|e| e.contains(&format!("\"{address}\""))).map(|e| serde_json::from_str(e).unwrap()).collect();
        assert!(!uses.is_empty());
        for event in uses {
            let at: jiff::Timestamp = event["eventTime"].as_str().unwrap().parse().unwrap();
            assert!(at.as_second() >= abuse_time(&drill) + 3 * 3600, "{event}");
        }
        assert!(flows(&drill).iter().all(|row| row[3] != address && row[4] != address));
    }
}

#[test]
fn the_leaked_key_has_an_innocent_past() {
    let drill = generate("leaked-key-spam", 9, 1).unwrap();
    let key = notice_field(&drill, "IAM Access Key Id:");
    let attacker = &drill.truth.attacker.addresses[0];
    let (mut before, mut theirs) = (BTreeSet::new(), 0);
    for event in trail(&drill).iter().filter(|e| e.contains(&format!("\"accessKeyId\":\"{key}\""))) {
        let event: Value = serde_json::from_str(event).unwrap();
        let from = event["sourceIPAddress"].as_str().unwrap().to_owned();
        if &from == attacker {
            theirs += 1;
        } else {
            before.insert((from, event["eventTime"].as_str().unwrap()[..10].to_owned()));
        }
    }
    assert!(before.len() >= 4, "{before:?}");
    assert_eq!(before.iter().map(|(from, _)| from).collect::<BTreeSet<_>>().len(), 1);
    assert!(theirs >= 10);
}

#[test]
fn poor_evidence_stays_poor() {
    let drill = generate("poor-evidence", 4, 1).unwrap();
    let paths: Vec<&str> = drill.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["notice.eml", "evidence/event_history.json", "evidence/auth.log", "truth.json"]);
    let log = text(&drill, "evidence/auth.log");
    assert!(log.contains("Failed password") && !log.contains("Accepted"));
    assert!(!text(&drill, "evidence/event_history.json").contains("\"managementEvent\":false"));
}

#[test]
fn truth_is_written_as_it_is_returned() {
    use CauseClass as C;
    use CauseKind as K;
    type Row = (&'static str, &'static [Category], CauseClass, CauseKind, &'static [Factor], Verdict);
    #[rustfmt::skip]
    let rows: &[Row] = &[
        ("weak-ssh-port-scan", &[Category::PortScan], C::WeakRemoteLogin, K::SshPasswordGuessed, &[Factor::Misconfiguration], Verdict::Confirmed),
        ("leaked-key-spam", &[Category::Spam], C::LeakedAccessKey, K::KeyLeakUnknownPlace, &[Factor::Human], Verdict::Confirmed),
        ("webshell-phishing", &[Category::Phishing], C::VulnerableApplication, K::WebshellUpload, &[Factor::Vulnerability], Verdict::Confirmed),
        ("recycled-address", &[Category::Intrusion], C::FalseAttribution, K::RecycledAddress, &[Factor::None], Verdict::Contradicted),
        ("poor-evidence", &[Category::Intrusion], C::Undetermined, K::Undetermined, &[Factor::Unknown], Verdict::NotChecked),
        ("published-key-mining", &[Category::CryptoMining, Category::CompromisedCredentials], C::LeakedAccessKey, K::KeyInPublicRepository, &[Factor::Human], Verdict::Confirmed),
        ("ssrf-bucket-read", &[Category::CompromisedCredentials], C::StolenInstanceCredentials, K::SsrfToMetadata, &[Factor::Vulnerability], Verdict::Confirmed),
        ("instance-role-abroad", &[Category::CompromisedCredentials, Category::Spam], C::StolenInstanceCredentials, K::InstanceCredentialsUnknownWay, &[Factor::Unknown], Verdict::Confirmed),
        ("console-password-stolen", &[Category::Spam, Category::CryptoMining], C::CompromisedConsoleLogin, K::ConsolePasswordStolen, &[Factor::Human], Verdict::Confirmed),
        ("leaked-key-models", &[Category::ModelAbuse], C::LeakedAccessKey, K::KeyLeakUnknownPlace, &[Factor::Unknown], Verdict::Confirmed),
        ("writable-bucket-pages", &[Category::Phishing, Category::Malware], C::PublicStorage, K::PublicBucket, &[Factor::Misconfiguration], Verdict::Confirmed),
        ("former-colleague", &[Category::CompromisedCredentials], C::Insider, K::FormerOrPresentStaff, &[Factor::Human], Verdict::Confirmed),
        ("smtp-credential-spam", &[Category::Spam], C::LeakedAccessKey, K::KeyLeakUnknownPlace, &[Factor::Vulnerability, Factor::Misconfiguration, Factor::Unknown], Verdict::Confirmed),
        ("tampered-image-mining", &[Category::CryptoMining], C::SupplyChain, K::TamperedImageOrDependency, &[Factor::Human, Factor::Unknown], Verdict::Confirmed),
        ("ordered-pentest-keys", &[Category::CompromisedCredentials], C::LegitimateUse, K::AuthorisedTest, &[Factor::None], Verdict::Confirmed),
        ("logs-deleted-scan", &[Category::PortScan], C::LeakedAccessKey, K::KeyLeakUnknownPlace, &[Factor::Unknown], Verdict::Confirmed),
        ("signup-sms-pumping", &[Category::Spam, Category::Other], C::AbusedFunction, K::FormDrivenByBots, &[Factor::Misconfiguration], Verdict::Confirmed),
    ];
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), all().iter().map(|s| s.id).collect::<Vec<_>>());
    for (name, categories, class, kind, factors, verdict) in rows {
        let mut seen = BTreeSet::new();
        for seed in 77..83 {
            let drill = generate(name, seed, 1).unwrap();
            let written: Truth = serde_json::from_slice(&file(&drill, "truth.json").bytes).unwrap();
            assert_eq!(written, drill.truth);
            let cause = written.root_cause;
            assert_eq!((cause.class, cause.kind), (*class, *kind), "{name}, seed {seed}");
            assert!(factors.contains(&cause.factor) && categories.contains(&written.category), "{name}, seed {seed}: {written:?}");
            seen.insert(written.category);
            let numbers: Vec<String> = (1..=written.verdicts.len()).map(|n| format!("r{n}")).collect();
            assert_eq!(written.verdicts.iter().map(|v| v.reported.clone()).collect::<Vec<_>>(), numbers, "{name}");
            assert_eq!(written.verdicts[0].verdict, *verdict, "{name}");
        }
        assert_eq!(seen.len(), categories.len(), "{name}: another seed gives another category");
    }
}

#[test]
fn only_addresses_set_aside_for_examples() {
    for scenario in all() {
        for seed in 0..3 {
            let drill = generate(scenario.id, seed, 1).unwrap();
            for file in files_with(&drill, "evidence/").chain(files_with(&drill, "notice.eml")) {
                let text = String::from_utf8(plain(file)).unwrap();
                // User agents hold version numbers that look like addresses.
                for word in text.split(|c: char| !(c.is_ascii_digit() || c == '.')) {
                    let Ok(address) = word.parse::<std::net::Ipv4Addr>() else { continue };
                    let [a, b, c, d] = address.octets();
                    let known = a == 10 || (a, b, c) == (192, 0, 2) || (a, b, c) == (198, 51, 100) || (a, b, c) == (203, 0, 113);
                    let version = (a, c, d) == (140, 0, 0) || [a, b, c, d] == [0, 0, 0, 0];
                    let known = known || [[169, 254, 169, 254], [127, 0, 0, 1]].contains(&[a, b, c, d]);
                    assert!(known || version || (a == 198 && (18..=19).contains(&b)), "{}: {address}", file.path);
                }
            }
        }
    }
}

/// When the first key event in a trail happened.
fn first_call(drill: &Drill) -> i64 {
    let time = |record: &str| {
        let event: Value = serde_json::from_str(record).ok()?;
        let at = event["eventTime"].as_str().or(event["EventTime"].as_str()).or(event["mail"]["timestamp"].as_str())?;
        Some(at.parse::<jiff::Timestamp>().unwrap().as_second())
    };
    drill.truth.key_events.iter().filter_map(|key| time(&pointed(drill, key))).min().unwrap()
}

#[test]
fn notices_come_hours_after_the_abuse_and_files_stay_small() {
    for scenario in all() {
        for seed in 0..5 {
            let drill = generate(scenario.id, seed, 1).unwrap();
            let sent = notice_field(&drill, "Date:");
            let sent = jiff::fmt::rfc2822::parse(&sent).unwrap().timestamp().as_second();
            // Notices on keys, models and mail name no time of abuse; what led to them may lie days before.
            let (began, most) = named_time(&drill).map_or_else(|| (first_call(&drill), 4 * 24), |at| (at, 10));
            let hours = (sent - began) / 3600;
            assert!((3..=most).contains(&hours), "{}: {hours}", scenario.id);
            let size: usize = drill.files.iter().map(|f| f.bytes.len()).sum();
            assert!(size < 2_500_000, "{}: {size}", scenario.id);
        }
    }
}

#[test]
fn errors_say_what_there_is() {
    let message = generate("nothing", 1, 1).unwrap_err().to_string();
    assert!(message.contains("weak-ssh-port-scan, leaked-key-spam"), "{message}");
    assert!(matches!(generate("poor-evidence", 1, 0), Err(DrillError::Scale(0))));
}

fn entropy(values: impl Iterator<Item = String>) -> f64 {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    -counts.values().map(|n| n / total * (n / total).log2()).sum::<f64>()
}

fn measure(events: &[String]) -> Figures {
    let stream = events.join("\n");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(stream.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap().len();
    let values: Vec<Value> = events.iter().map(|e| serde_json::from_str(e).unwrap()).collect();
    let of = |pointer: &str| entropy(values.iter().map(|v| v.pointer(pointer).map(Value::to_string).unwrap_or_default()));
    #[allow(clippy::cast_precision_loss)]
    let (bytes, count, packed) = (stream.len() as f64, events.len() as f64, packed as f64);
    Figures {
        bytes_per_event: bytes / count,
        gzip_ratio: bytes / packed,
        event_name: of("/eventName"),
        source_address: of("/sourceIPAddress"),
        user_agent: of("/userAgent"),
        identity_arn: of("/userIdentity/arn"),
    }
}

#[test]
fn the_background_resembles_a_real_trail() {
    let ours = measure(&trail(&generate("weak-ssh-port-scan", 1, 20).unwrap()));
    let near = |ours: f64, real: f64, limit: f64, name: &str| assert!((ours / real - 1.0).abs() <= limit, "{name}: {ours} against {real}");
    near(ours.bytes_per_event, MEASURED.bytes_per_event, 0.1, "bytes per event");
    near(ours.gzip_ratio, MEASURED.gzip_ratio, 0.1, "gzip ratio");
    near(ours.event_name, MEASURED.event_name, 0.1, "eventName");
    near(ours.source_address, MEASURED.source_address, 0.1, "sourceIPAddress");
    near(ours.user_agent, MEASURED.user_agent, 0.1, "userAgent");
    near(ours.identity_arn, MEASURED.identity_arn, 0.1, "userIdentity.arn");
    near(ours.bytes_per_event, MEASURED_AS_STORED.bytes_per_event, 0.2, "bytes per event, with repeats");
    near(ours.gzip_ratio, MEASURED_AS_STORED.gzip_ratio, 0.2, "gzip ratio, with repeats");
    near(ours.event_name, MEASURED_AS_STORED.event_name, 0.2, "eventName, with repeats");
}
