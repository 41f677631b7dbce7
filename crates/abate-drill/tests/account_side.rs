//! What the drills on the account's side must keep: keys, roles, sign-ins, models, buckets, mail and text messages. The files
//! are read here with nothing but gzip and JSON.

// A test that cannot go on should say where.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use abate_drill::{Drill, DrillFile, generate};
use abate_model::truth::KeyEvent;
use abate_model::{Factor, Locator, Verdict};
use serde_json::Value;
use sha2::{Digest, Sha256};

const SCENARIOS: [&str; 12] = [
    "published-key-mining",
    "ssrf-bucket-read",
    "instance-role-abroad",
    "console-password-stolen",
    "leaked-key-models",
    "writable-bucket-pages",
    "former-colleague",
    "smtp-credential-spam",
    "tampered-image-mining",
    "ordered-pentest-keys",
    "logs-deleted-scan",
    "signup-sms-pumping",
];

fn plain(file: &DrillFile) -> Vec<u8> {
    let mut out = Vec::new();
    match file.path.ends_with(".gz") {
        true => flate2::read::GzDecoder::new(file.bytes.as_slice()).read_to_end(&mut out).unwrap(),
        false => file.bytes.as_slice().read_to_end(&mut out).unwrap(),
    };
    out
}

fn text(file: &DrillFile) -> String {
    String::from_utf8(plain(file)).unwrap()
}

fn has(drill: &Drill, part: &str) -> bool {
    drill.files.iter().any(|file| file.path.contains(part))
}

fn pointed(drill: &Drill, key: &KeyEvent) -> String {
    let Locator::Bytes { offset, length } = key.locator else { panic!("not a place in bytes") };
    let bytes = plain(drill.files.iter().find(|file| file.path == key.source).unwrap());
    let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + length).unwrap());
    String::from_utf8(bytes[from..to].to_vec()).unwrap()
}

/// Every event of the trail, in whichever form it is at hand.
fn events(drill: &Drill) -> Vec<Value> {
    let mut events = Vec::new();
    for file in drill.files.iter().filter(|file| file.path.to_lowercase().contains("/cloudtrail/")) {
        let json: Value = serde_json::from_slice(&plain(file)).unwrap();
        if let Some(shown) = json["Events"].as_array() {
            events.extend(shown.iter().map(|event| serde_json::from_str::<Value>(event["CloudTrailEvent"].as_str().unwrap()).unwrap()));
        } else {
            events.extend(json["Records"].as_array().unwrap().iter().cloned());
        }
    }
    events
}

fn at(event: &Value) -> i64 {
    event["eventTime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
}

fn named<'e>(events: &'e [Value], name: &'e str) -> impl Iterator<Item = &'e Value> {
    events.iter().filter(move |event| event["eventName"] == name)
}

/// The beginning of the SHA-256 over every file but `truth.json`, in the order of the paths: path, length and content, unpacked.
fn fingerprint(drill: &Drill) -> String {
    let files: BTreeMap<&str, Vec<u8>> =
        drill.files.iter().filter(|file| file.path != "truth.json").map(|file| (file.path.as_str(), plain(file))).collect();
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(format!("{path}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whoever noted name, seed and scale must get the same drill years later. Change these only on purpose.
#[test]
fn drills_stay_what_they_were() {
    #[rustfmt::skip]
    let known: &[(&str, [&str; 3])] = &[
        ("published-key-mining", ["af9a72b8a735b7ee", "852a9c848af90241", "48798c6485fa3ccb"]),
        ("ssrf-bucket-read", ["2fe33429bafb9d38", "a614eb4d9ca2eafb", "29f7943ddb9efd18"]),
        ("instance-role-abroad", ["0d6cd0480ecaad24", "60939a94d18562d9", "5e67d721650571a9"]),
        ("console-password-stolen", ["08d090e897b0a11d", "0eb47d5bb650e85c", "8c476bdb6aafa035"]),
        ("leaked-key-models", ["632729f503e5fe95", "1de5170cd1444215", "4ac0b7d60c33b3f0"]),
        ("writable-bucket-pages", ["89bdb705d4b78562", "4cb57c1b19969316", "e80e21bb75a2a8a2"]),
        ("former-colleague", ["ee1051b32d375156", "17176c39dd6e5b07", "01a4cdb25a8b8626"]),
        ("smtp-credential-spam", ["a6c7f3f1820cdbe1", "474076d7017930b2", "4226449220f2a3d0"]),
        ("tampered-image-mining", ["d51dde0519c5c88c", "764c285647496c24", "6edcaa5635c57318"]),
        ("ordered-pentest-keys", ["7e9b0e64fd5d1df0", "4bb45312e761f39d", "0228b2c07e7c00f0"]),
        ("logs-deleted-scan", ["89bd3609687e1280", "f197bada75bf8be9", "ff3a6427c718e615"]),
        ("signup-sms-pumping", ["0d6964eb4360c689", "1e57931b8902148e", "6aba1177ac650b93"]),
    ];
    let now = |name: &str| [(1, 1), (1, 3), (2, 1)].map(|(seed, scale)| fingerprint(&generate(name, seed, scale).unwrap()));
    let made: Vec<(&str, [String; 3])> = SCENARIOS.iter().map(|name| (*name, now(name))).collect();
    let known: Vec<(&str, [String; 3])> = known.iter().map(|(name, prints)| (*name, prints.map(str::to_owned))).collect();
    assert_eq!(made, known);
}

#[test]
fn key_events_are_what_they_say() {
    let needles: &[(&str, &[&str])] = &[
        ("first use of the", &["GetCallerIdentity"]),
        ("attaches its quarantine policy", &["AWSCompromisedKeyQuarantineV"]),
        ("takes the quarantine policy away", &["DetachUserPolicy"]),
        ("large instances", &["RunInstances"]),
        ("mining pool", &["CryptoCurrency:EC2/BitcoinTool.B!DNS"]),
        ("hands out the credentials", &["security-credentials%2F"]),
        ("read with the stolen credentials", &["GetObject", "REST.GET.OBJECT"]),
        ("password alone", &["\"MFAUsed\":\"No\""]),
        ("agree to a model's terms", &["CreateFoundationModelAgreement"]),
        ("long use of the model", &["InvokeModel", "ConverseStream"]),
        ("first file, put without credentials", &["\"accountId\":\"anonymous\"", " - "]),
        ("takes the password away", &["DeleteLoginProfile"]),
        ("given to a stranger's account", &["210987654321"]),
        ("the SMTP credential is", &[".env", ".php.bak"]),
        ("sent with the SMTP credential", &["SendSmtpEmail"]),
        ("connects to the pool", &[" ACCEPT OK"]),
        ("bound to the testers' address", &["aws:SourceIp"]),
        ("deletes the flow logs", &["DeleteFlowLogs"]),
        ("stops the trail", &["StopLogging"]),
        ("text message that the bots cause", &["\"smsType\""]),
    ];
    let mut met = BTreeSet::new();
    for name in SCENARIOS {
        for seed in 0..9 {
            let drill = generate(name, seed, 1).unwrap();
            assert!(!drill.truth.key_events.is_empty(), "{name}, seed {seed}");
            for key in &drill.truth.key_events {
                // Within what the command line prints, the record is a text, its quotes escaped.
                let record = pointed(&drill, key).replace("\\\"", "\"");
                for (why, needles) in needles.iter().filter(|(why, _)| key.why.contains(why)) {
                    met.insert(*why);
                    assert!(needles.iter().any(|needle| record.contains(needle)), "{name}, seed {seed}: {why}: {record}");
                }
            }
        }
    }
    assert_eq!(met.len(), needles.len(), "{met:?}");
}

#[test]
fn every_drill_has_misleading_records_of_several_kinds() {
    for name in SCENARIOS {
        for seed in 0..6 {
            let drill = generate(name, seed, 1).unwrap();
            let reasons: BTreeSet<&str> = drill.truth.decoys.iter().map(|decoy| decoy.why.as_str()).collect();
            assert!(reasons.len() >= 2, "{name}, seed {seed}: {reasons:?}");
            for decoy in &drill.truth.decoys {
                let record = pointed(&drill, decoy);
                let theirs = drill.truth.attacker.addresses.iter().any(|address| record.contains(&format!("\"{address}\"")));
                assert!(!theirs || name == "former-colleague", "{name}, seed {seed}: {record}");
            }
        }
    }
}

#[test]
fn seeds_change_which_evidence_is_at_hand() {
    for name in SCENARIOS {
        let kinds: BTreeSet<Vec<String>> = (0..8)
            .map(|seed| {
                let drill = generate(name, seed, 1).unwrap();
                let kind = |file: &DrillFile| file.path.split('/').skip(1).take(2).collect::<Vec<_>>().join("/");
                let kinds: BTreeSet<String> = drill.files.iter().filter(|file| file.path.starts_with("evidence/")).map(kind).collect();
                let notice = text(&drill.files[0]).lines().filter(|line| line.contains(": ")).count();
                kinds.into_iter().chain([drill.truth.key_events.len().to_string(), notice.to_string()]).collect()
            })
            .collect();
        assert!(kinds.len() >= 3, "{name}: {kinds:?}");
    }
    let all: Vec<Drill> = SCENARIOS.iter().flat_map(|name| (0..4).map(|seed| generate(name, seed, 1).unwrap())).collect();
    let count = |part: &str| all.iter().filter(|drill| has(drill, part)).count();
    assert!(count("lookup-events-") >= 3 && count("event_history_") >= 1 && count("AWSLogs/") > all.len() / 2);
    assert!((all.len() / 4..all.len() * 3 / 4).contains(&count("guardduty/")), "{}", count("guardduty/"));
}

#[test]
fn a_history_holds_no_data_events() {
    let mut seen = 0;
    for name in SCENARIOS {
        for seed in 0..8 {
            let drill = generate(name, seed, 1).unwrap();
            for file in drill.files.iter().filter(|file| file.path.contains("evidence/cloudtrail/")) {
                seen += 1;
                assert!(
                    !text(file).contains("\"managementEvent\":false") && !text(file).contains("\\\"managementEvent\\\":false"),
                    "{}",
                    file.path
                );
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn stolen_role_credentials_are_the_servers_own_of_that_hour() {
    for seed in 0..8 {
        let drill = generate("ssrf-bucket-read", seed, 1).unwrap();
        let theirs: Vec<Value> =
            events(&drill).into_iter().filter(|event| event["sourceIPAddress"] == drill.truth.attacker.addresses[1].as_str()).collect();
        let keys: BTreeSet<String> = theirs.iter().map(|event| event["userIdentity"]["accessKeyId"].to_string()).collect();
        assert_eq!(keys.len(), 1, "seed {seed}: {keys:?}");
        assert!(theirs.len() >= 4, "seed {seed}");
        let describe = drill.files.iter().find(|file| file.path.ends_with("describe-instances.json")).unwrap();
        assert!(text(describe).contains("\"HttpTokens\": \"optional\""));
    }
}

#[test]
fn mail_over_smtp_is_not_in_the_trail() {
    let mut factors = BTreeSet::new();
    for seed in 0..12 {
        let drill = generate("smtp-credential-spam", seed, 1).unwrap();
        let sender = drill.truth.attacker.addresses.last().unwrap();
        assert!(events(&drill).iter().all(|event| event["sourceIPAddress"] != sender.as_str()), "seed {seed}");
        let log = drill.files.iter().find(|file| file.path.contains("/ses/")).unwrap();
        let lines: Vec<Value> = text(log).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let theirs = |event: &&Value| event["mail"]["tags"]["ses:source-ip"][0] == sender.as_str();
        assert!(lines.iter().filter(theirs).filter(|event| event["eventType"] == "Bounce").count() >= 5, "seed {seed}");
        assert!(lines.iter().any(|event| !theirs(&event)), "the application sends too");
        assert_eq!(has(&drill, "access.log"), drill.truth.root_cause.factor != Factor::Unknown, "seed {seed}");
        factors.insert(format!("{:?}", drill.truth.root_cause.factor));
    }
    assert_eq!(factors.len(), 3, "{factors:?}");
}

#[test]
fn nothing_is_logged_while_the_logs_are_stopped() {
    for seed in 0..8 {
        let drill = generate("logs-deleted-scan", seed, 1).unwrap();
        let events = events(&drill);
        let (stop, start) = (at(named(&events, "StopLogging").next().unwrap()), at(named(&events, "StartLogging").next().unwrap()));
        assert!(start - stop > 6 * 3600);
        assert!(events.iter().all(|event| !(stop + 10..start).contains(&at(event))), "seed {seed}");
        let ends = drill.files.iter().filter(|file| file.path.contains("/vpcflowlogs/")).flat_map(|file| {
            text(file).lines().skip(1).map(|line| line.split(' ').nth(10).unwrap().parse::<i64>().unwrap()).collect::<Vec<_>>()
        });
        assert!(ends.max().unwrap() < stop + 700, "seed {seed}");
        let verdicts: Vec<Verdict> = drill.truth.verdicts.iter().map(|verdict| verdict.verdict).collect();
        assert_eq!(verdicts, [Verdict::Confirmed, Verdict::NotChecked]);
        let times: Vec<String> = text(&drill.files[0]).lines().filter(|line| line.starts_with("Abuse Time:")).map(str::to_owned).collect();
        assert_eq!(times.len(), 2, "one for each server");
    }
}

#[test]
fn the_testers_work_from_one_address_that_was_agreed_before() {
    for seed in 0..6 {
        let drill = generate("ordered-pentest-keys", seed, 1).unwrap();
        assert!(drill.truth.attacker.addresses.is_empty());
        let events = events(&drill);
        let policy = named(&events, "PutUserPolicy").next().unwrap();
        let name = policy["requestParameters"]["userName"].as_str().unwrap();
        let theirs: Vec<&Value> = events.iter().filter(|event| event["userIdentity"]["userName"] == name).collect();
        assert!(theirs.len() > 20 && theirs.iter().all(|event| at(event) > at(policy)), "seed {seed}");
        for event in theirs {
            let from = event["sourceIPAddress"].as_str().unwrap();
            assert!(policy["requestParameters"]["policyDocument"].as_str().unwrap().contains(&format!("{from}/32")), "seed {seed}");
        }
    }
}

#[test]
fn the_former_colleague_worked_from_the_same_place_before() {
    for seed in 0..6 {
        let drill = generate("former-colleague", seed, 1).unwrap();
        let events = events(&drill);
        let left = at(named(&events, "DeleteLoginProfile").next().unwrap());
        let home = &drill.truth.attacker.addresses[0];
        let theirs: Vec<&Value> = events.iter().filter(|event| event["sourceIPAddress"] == home.as_str()).collect();
        let agents: BTreeSet<String> = theirs.iter().map(|event| event["userAgent"].to_string()).collect();
        assert_eq!(agents.len(), 1);
        assert!(theirs.iter().any(|event| at(event) < left) && theirs.iter().any(|event| at(event) > left + 12 * 3600), "seed {seed}");
    }
}

#[test]
fn several_instances_in_one_notice_have_a_verdict_each() {
    let counts: BTreeSet<usize> = (0..16)
        .map(|seed| generate("published-key-mining", seed, 1).unwrap())
        .map(|drill| {
            let mail = text(&drill.files[0]);
            let instances = mail.lines().filter(|line| line.contains("EC2 Instance Id: ")).count();
            assert_eq!(drill.truth.verdicts.len(), instances.max(1), "{mail}");
            instances
        })
        .collect();
    assert!(counts.contains(&0) && counts.contains(&2), "{counts:?}");
}
