//! Evidence in S3, end to end: the real binary against moto, a server that speaks S3, checks signatures and holds to permissions.
//!
//! `ABATE_TEST_PYTHON` names a Python that has `moto[server,s3]`; with it their absence is a failure. Without it `python3` is tried, and the
//! tests say that they were skipped where that lacks them.
#![cfg(feature = "s3")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use common::{Place, stderr, stdout};
use serde_json::{Value, json};

const SKIPPED: &str = "skipped: python3 has no moto of 5.2.5 or later; set ABATE_TEST_PYTHON to one that has moto[server,s3]";

/// Earlier versions work out other signatures than their clients.
const IMPORT: &str =
    "import boto3, moto, moto.server; assert tuple(int(part) for part in moto.__version__.split('.')[:3]) >= (5, 2, 5), moto.__version__";

/// The server with its one bucket `logs`.
struct Server {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    endpoint: String,
    id: String,
    secret: String,
}

impl Server {
    /// `None` where there is no moto and none was promised.
    fn start() -> Option<Self> {
        let promised = std::env::var("ABATE_TEST_PYTHON").ok().filter(|path| !path.is_empty());
        let python = promised.clone().unwrap_or_else(|| "python3".to_owned());
        let import = Command::new(&python).args(["-c", IMPORT]).output();
        let there = import.as_ref().is_ok_and(|output| output.status.success());
        let why = import.map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(there || promised.is_none(), "ABATE_TEST_PYTHON={python} cannot import moto.server: {why}");
        if !there {
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/s3_server.py");
        let mut command = Command::new(&python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let (to, from) = (process.stdin.take().expect("stdin"), BufReader::new(process.stdout.take().expect("stdout")));
        let mut server = Self { process, to, from, endpoint: String::new(), id: String::new(), secret: String::new() };
        let hello = server.answer();
        let text = |name: &str| hello[name].as_str().expect("a text").to_owned();
        (server.endpoint, server.id, server.secret) = (text("endpoint"), text("id"), text("secret"));
        Some(server)
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("an answer of the server");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.to, "{command}").expect("the server listens");
        self.answer()
    }

    fn put(&mut self, keys: &[&str], text: &str) {
        self.ask(&json!({"do": "put", "keys": keys, "text": text}));
    }

    /// Which permissions the reader has from now on.
    fn permit(&mut self, actions: &[&str]) {
        self.ask(&json!({"do": "permit", "actions": actions}));
    }

    /// Requests since the last command, those for objects (`GET /logs/key`) apart from listings.
    fn requests(&mut self) -> (Vec<String>, usize) {
        let all: Vec<String> = serde_json::from_value(self.ask(&json!({"do": "requests"}))).expect("texts");
        assert!(all.iter().all(|r| r.starts_with("GET ") || r.starts_with("HEAD ")), "it only reads: {all:?}");
        let (lists, objects): (Vec<String>, Vec<String>) = all.into_iter().partition(|r| r.contains("list-type=2"));
        (objects, lists.len())
    }

    fn command(&self, place: &Place, args: &[&str]) -> Command {
        let mut command = place.command(args);
        let home = place.join("home");
        command.envs([
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
        ]);
        command.envs([("AWS_MAX_ATTEMPTS", "2"), ("NO_PROXY", "*")]).env("HOME", home);
        for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"] {
            command.env_remove(name);
        }
        command
    }

    fn expect(&self, place: &Place, code: i32, args: &[&str]) -> Output {
        let output = self.command(place, args).output().expect("abate runs");
        assert_eq!(output.status.code(), Some(code), "abate {args:?}\n{}\n{}", stdout(&output), stderr(&output));
        assert!(!stdout(&output).contains(&self.secret) && !stderr(&output).contains(&self.secret), "the secret key is never shown");
        output
    }

    /// What `evidence read` says as JSON.
    fn read(&self, place: &Place, code: i32, args: &[&str]) -> Value {
        let args = [&["evidence", "read", "--quiet", "--format", "json"], args].concat();
        serde_json::from_slice(&self.expect(place, code, &args).stdout).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The losses of each source that has some.
fn losses(read: &Value) -> Vec<(String, String)> {
    let reason = |source: &Value| source["losses"][0]["reason"].as_str().map(str::to_owned);
    let lossy = read["sources"].as_array().expect("sources").iter();
    lossy.filter_map(|s| Some((s["path"].as_str()?.to_owned(), reason(s)?))).collect()
}

/// As it would be if the bucket were a folder.
fn as_folder(value: &Value) -> Value {
    serde_json::from_str(&value.to_string().replace("s3://logs/", "")).expect("JSON")
}

const NOW: &str = "2026-11-24T00:00:00Z";

#[test]
fn a_bucket_gives_what_the_folder_gives() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    server.expect(&place, 0, &["drill", "weak-ssh-port-scan", "--out", "drill"]);
    place.write("drill/evidence/notes.txt", "nothing that a reader knows\n");
    place.write("drill/evidence/broken.json.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]);
    server.ask(&json!({"do": "upload", "folder": place.join("drill/evidence"), "prefix": "case/evidence/"}));
    let local = server.read(&place, 3, &["drill/evidence"]);
    let remote = server.read(&place, 3, &["s3://logs/case/evidence/", "--lake", "lake"]);
    let renamed: Value = serde_json::from_str(&remote.to_string().replace("s3://logs/case/", "")).expect("JSON");
    assert_eq!(renamed["sources"], local["sources"]);
    assert_eq!(renamed["coverage"], local["coverage"]);
    let (objects, lists) = server.requests();
    assert_eq!((objects.len(), lists), (local["sources"].as_array().expect("sources").len(), 1));

    // Again: nothing is fetched, though what is asked for without the folder's slash is looked for by name first.
    assert_eq!(server.read(&place, 3, &["s3://logs/case/evidence", "--lake", "lake"]), remote);
    assert_eq!(server.requests(), (Vec::new(), 2));
    // Unless it is another content.
    server.put(&["case/evidence/notes.txt"], "something else that no reader knows\n");
    let changed = server.read(&place, 3, &["s3://logs/case/evidence/", "--lake", "lake"]);
    assert_eq!(server.requests().0, ["GET /logs/case/evidence/notes.txt"]);
    assert_ne!(changed, remote);

    // As many rows in each table; that they are the same rows is tested in the lake.
    let rows = |name: &str, from: &str| {
        let out = server.expect(&place, 3, &["evidence", "export", from, "--out", name, "--quiet", "--format", "json"]);
        let tables: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        tables.as_array().expect("tables").iter().map(|t| (t["table"].to_string(), t["rows"].as_u64())).collect::<Vec<_>>()
    };
    assert_eq!(rows("remote", "s3://logs/case/evidence/"), rows("local", "drill/evidence"));
}

#[test]
fn a_case_remembers_its_bucket_and_outlives_it() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    server.expect(&place, 0, &["drill", "weak-ssh-port-scan", "--out", "drill"]);
    server.ask(&json!({"do": "upload", "folder": place.join("drill/evidence"), "prefix": "evidence/"}));
    let respond = |server: &Server, code: i32, out: &str, more: &[&str]| {
        let args = [&["respond", "drill/notice.eml", "--quiet", "--now", NOW, "--out", out], more].concat();
        server.expect(&place, code, &args);
        place.json(&format!("{out}/case.json"))
    };
    let case = respond(&server, 0, "remote", &["--evidence", "s3://logs/evidence/", "--preserve"]);
    let id = case["id"].as_str().expect("an id").to_owned();
    server.expect(
        &place,
        0,
        &["--home", "other-home", "respond", "drill/notice.eml", "-q", "--now", NOW, "-e", "drill/evidence", "-o", "local"],
    );
    let local = place.json("local/case.json");
    for part in ["coverage", "sources", "verdicts", "causes"] {
        assert_eq!(as_folder(&case)[part], local[part], "{part}");
    }
    assert!(case["verdicts"].as_array().is_some_and(|v| v.iter().any(|v| v["verdict"] == "confirmed")));
    let originals = place.text(&format!("home/cases/{id}/originals/originals.json"));
    assert!(originals.contains("\"path\": \"s3://logs/evidence/web1/auth.log\""), "{originals}");

    // A record that a finding cites, by the case and by the bucket.
    let cited = case["findings"][0]["evidence"][0].clone();
    let cite = cited["cite"].as_str().or(cited.as_str()).map_or_else(|| first_cite(&case), str::to_owned);
    server.requests();
    let by_case = server.expect(&place, 0, &["evidence", "show", &cite, "--case", &id]);
    assert_eq!(server.requests().0.len(), 1, "only the object that holds it");
    let by_place = server.expect(&place, 0, &["evidence", "show", &cite, "s3://logs/evidence/"]);
    assert!(!by_case.stdout.is_empty() && by_case.stdout == by_place.stdout);

    // The next run fetches nothing; and when nothing is permitted any more, the case keeps what it knew, and says so.
    server.requests();
    respond(&server, 0, "again", &[]);
    assert_eq!(server.requests(), (Vec::new(), 1));
    server.permit(&[]);
    let later = respond(&server, 3, "later", &["--preserve"]);
    assert_eq!((&later["verdicts"], &later["coverage"]), (&case["verdicts"], &case["coverage"]));
    let lost = losses(&later);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].0 == "s3://logs/evidence/" && lost[0].1.contains("s3:ListBucket") && lost[0].1.contains("earlier run"), "{lost:?}");
}

/// The first citation of a timeline.
fn first_cite(case: &Value) -> String {
    fn find(value: &Value) -> Option<String> {
        match value {
            Value::Object(map) if map.contains_key("source") && map.contains_key("locator") => {
                let cite: abate_model::Cite = serde_json::from_value(value.clone()).ok()?;
                Some(cite.to_string())
            }
            Value::Object(map) => map.values().find_map(find),
            Value::Array(list) => list.iter().find_map(find),
            _ => None,
        }
    }
    find(&case["findings"]).expect("a citation")
}

#[test]
fn what_is_refused_is_listed_with_what_to_do() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    server.put(&["x/a.log", "x/b.log"], "KEY\n");
    server.ask(&json!({"do": "put", "keys": ["x/cold"], "text": "x", "more": {"StorageClass": "GLACIER"}}));
    let read = server.read(&place, 3, &["s3://logs/x/"]);
    let lost = losses(&read);
    assert_eq!(lost.len(), 3);
    assert!(lost[2].0 == "s3://logs/x/cold" && lost[2].1.contains("restore-object"), "{lost:?}");

    server.permit(&["ListBucket"]);
    let denied = losses(&server.read(&place, 3, &["s3://logs/x/"]));
    assert!(denied.len() == 3 && denied[0].1.contains("s3:GetObject") && denied[1].1.contains("s3:GetObject"), "{denied:?}");

    server.permit(&["GetObject"]);
    let unlisted = losses(&server.read(&place, 3, &["s3://logs/x/"]));
    assert!(unlisted.len() == 1 && unlisted[0].1.contains("s3:ListBucket"), "{unlisted:?}");
    let one = server.read(&place, 3, &["s3://logs/x/a.log"]);
    assert_eq!(
        (&one["sources"][0]["path"], &one["sources"][0]["bytes"]),
        (&json!("s3://logs/x/a.log"), &json!(8)),
        "to read one, no listing is needed"
    );

    server.permit(&["ListBucket", "GetObject"]);
    let none = losses(&server.read(&place, 3, &["s3://logs/none/", "s3://no-such-bucket/"]));
    assert!(none.len() == 2 && none[0].1.contains("no object of this name"), "{none:?}");
    let said = server.command(&place, &["--lang", "ja", "evidence", "read", "s3://logs/x/"]).output().expect("runs");
    assert!(stderr(&said).contains("先に復元してから"), "{}", stderr(&said));
    let wrong =
        server.command(&place, &["evidence", "read", "s3://logs/x/"]).env("AWS_SECRET_ACCESS_KEY", "another").output().expect("runs");
    assert!(wrong.status.code() == Some(3) && stdout(&wrong).contains("SignatureDoesNotMatch"), "{}", stdout(&wrong));
    let typed = server.expect(&place, 2, &["evidence", "read", "s3://"]);
    assert!(stderr(&typed).contains("s3://BUCKET/PREFIX/"), "{}", stderr(&typed));
}

#[test]
fn every_key_that_a_bucket_may_hold() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    let odd = [
        "k/ leading and trailing ",
        "k/%41%2F%",
        "k/a+b&c=d?e#f",
        "k//double",
        "k/日本語.log",
        "k/quote\"'<>&amp;",
        "k/back\\slash",
        "k/!/bang!/x",
        "k/tab\ttab",
        "k/~tilde*(x)",
        "k/C:/windows",
        "k/-",
        "k/filled/",
        "k/s3://logs/k",
        "k/@bytes 0+1",
    ];
    server.put(&odd, "KEY\n");
    server.ask(&json!({"do": "put", "keys": ["k/marker/"], "text": ""}));
    server.put(&["k/../up", "k/marker/./here"], "KEY\n");
    let read = server.read(&place, 3, &["s3://logs/k/"]);
    let sources = read["sources"].as_array().expect("sources");
    let found = |path: &str| sources.iter().find(|s| s["path"] == path).unwrap_or_else(|| panic!("{path:?} among {sources:#?}"));
    for key in odd {
        // The content is the key itself, so that a wrong object would show.
        let hash = abate_model::ids::sha256_hex(format!("{key}\n").as_bytes());
        assert_eq!(found(&format!("s3://logs/{key}"))["sha256"], hash, "{key:?}");
    }
    for key in ["k/../up", "k/marker/./here"] {
        let reason = found(&format!("s3://logs/{key}"))["losses"][0]["reason"].as_str().expect("a loss").to_owned();
        assert!(reason.contains("'.' or '..'") && reason.contains("copy-object"), "{reason}");
    }
    assert_eq!(found("s3://logs/k/marker/")["losses"], json!([]), "a marker has nothing to lose");
    assert_eq!(sources.len(), odd.len() + 3);
}

#[test]
fn a_digest_in_a_bucket_is_checked_by_its_metadata() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    server.permit(&["ListBucket", "GetObject"]);
    let place = Place::new();
    let name = |trail: &str| format!("digests/111122223333_CloudTrail-Digest_us-east-1_{trail}_us-east-1_20261101T030000Z.json");
    let digest = |trail: &str| {
        json!({
            "awsAccountId": "111122223333", "digestStartTime": "2026-11-01T02:00:00Z", "digestEndTime": "2026-11-01T03:00:00Z",
            "digestS3Bucket": "logs", "digestS3Object": name(trail), "digestPublicKeyFingerprint": "00",
            "digestSignatureAlgorithm": "SHA256withRSA", "previousDigestS3Object": null, "logFiles": [],
        })
    };
    let noted = json!({"Metadata": {"signature": "00", "signature-algorithm": "SHA256withRSA"}});
    server.ask(&json!({"do": "put", "keys": [name("noted")], "text": digest("noted").to_string(), "more": noted}));
    server.put(&[&name("copied")], &digest("copied").to_string());
    let output = server.expect(&place, 3, &["evidence", "verify", "s3://logs/digests/", "--quiet", "--format", "json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let signatures: Vec<&Value> = found["chains"].as_array().expect("chains").iter().map(|c| &c["digests"][0]["signature"]).collect();
    assert_eq!(signatures, ["not-at-hand", "no-key"]);
    assert_eq!(found["unsigned"][0][0], format!("s3://logs/{}", name("copied")));
    assert!(found["unsigned"][0][1].as_str().is_some_and(|why| why.contains("no signature")), "{found}");
}

#[test]
fn more_objects_than_a_page_of_a_listing() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    let keys: Vec<String> = (0..2345).map(|n| format!("many/{n:05}.json")).collect();
    let text = r#"{"Records":[{"eventVersion":"1.09","eventTime":"2026-11-01T00:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","eventID":"KEY","recipientAccountId":"111122223333"}]}"#;
    server.ask(&json!({"do": "put", "keys": keys, "text": text}));
    let read = server.read(&place, 0, &["s3://logs/many/"]);
    let sources = read["sources"].as_array().expect("sources");
    assert_eq!(sources.len(), keys.len());
    assert!(sources.iter().zip(&keys).all(|(s, key)| s["path"] == format!("s3://logs/{key}") && s["records"] == 1 && s["duplicates"] == 0));
    let (objects, lists) = server.requests();
    assert_eq!((objects.len(), lists), (keys.len(), 3));
}

#[test]
fn several_processes_read_a_bucket_by_a_plan() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    server.expect(&place, 0, &["drill", "weak-ssh-port-scan", "--out", "drill"]);
    server.ask(&json!({"do": "upload", "folder": place.join("drill/evidence"), "prefix": "evidence/"}));
    let whole = server.read(&place, 0, &["s3://logs/evidence/"]);
    server.put(&["evidence/zzz-gone-soon.log"], "KEY\n");
    let plan = [
        "evidence",
        "plan",
        "s3://logs/evidence/",
        "--lake",
        "lake",
        "--out",
        "plan.json",
        "--shard-bytes",
        "30000",
        "--quiet",
        "--now",
        NOW,
    ];
    server.expect(&place, 0, &plan);
    assert_eq!(server.requests(), (Vec::new(), 1), "a plan reads nothing");
    server.ask(&json!({"do": "delete", "key": "evidence/zzz-gone-soon.log"}));
    let shards = place.json("plan.json")["shards"].as_array().expect("shards").len();
    assert!(shards > 5, "{shards}");
    let start = |n: usize| {
        server.command(&place, &["evidence", "shard", "plan.json", &n.to_string()]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
    };
    let mut said = String::new();
    for numbers in (0..shards).collect::<Vec<_>>().chunks(4) {
        let running: Vec<_> = numbers.iter().map(|n| start(*n).expect("a process")).collect();
        for process in running {
            let output = process.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", stderr(&output));
            said.push_str(&stderr(&output));
        }
    }
    assert!(said.contains("removed after it was listed"), "who reads the shard hears of it: {said}");
    server.requests();
    assert_eq!(server.read(&place, 0, &["s3://logs/evidence/", "--lake", "lake", "--now", NOW])["coverage"], whole["coverage"]);
    let (again, lists) = server.requests();
    // Of the shard with the object that is gone, only that object was not read.
    assert_eq!((again, lists), (Vec::new(), 1));
}

/// A trail's log file and the digest that lists it, as they lie in a bucket: key and content.
fn trail_with_digest() -> [(String, String); 2] {
    let below = "AWSLogs/111122223333";
    let log = format!("{below}/CloudTrail/us-east-1/2026/11/01/111122223333_CloudTrail_us-east-1_20261101T0130Z_example.json");
    let event = json!({
        "eventVersion": "1.09", "eventTime": "2026-11-01T01:10:00Z", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
        "awsRegion": "us-east-1", "eventID": "e-1", "recipientAccountId": "111122223333",
    });
    let events = json!({"Records": [event]}).to_string();
    let hash = abate_model::ids::sha256_hex(events.as_bytes());
    let digest =
        format!("{below}/CloudTrail-Digest/us-east-1/111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20261101T020000Z.json");
    let listed = json!({
        "awsAccountId": "111122223333", "digestStartTime": "2026-11-01T01:00:00Z", "digestEndTime": "2026-11-01T02:00:00Z",
        "digestS3Bucket": "logs", "digestS3Object": digest, "digestPublicKeyFingerprint": "00",
        "digestSignatureAlgorithm": "SHA256withRSA", "previousDigestS3Bucket": null, "previousDigestS3Object": null,
        "previousDigestHashValue": null, "previousDigestSignature": null,
        "logFiles": [{"s3Bucket": "logs", "s3Object": log, "hashValue": hash, "hashAlgorithm": "SHA-256"}],
    });
    [(log, events), (digest, listed.to_string())]
}

#[test]
fn the_digests_of_a_bucket_are_verified_where_they_lie() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    let [log, digest] = trail_with_digest();
    for (key, content) in [&log, &digest] {
        server.put(&[key], content);
        place.write(key, content);
    }
    let verify = |server: &Server, code: i32, args: &[&str]| -> Value {
        let args = [&["evidence", "verify", "--quiet", "--now", NOW, "--format", "json"], args].concat();
        serde_json::from_slice(&server.expect(&place, code, &args).stdout).expect("JSON")
    };
    let local = verify(&server, 0, &["AWSLogs"]);
    server.requests();
    let remote = verify(&server, 0, &["s3://logs/AWSLogs/", "--lake", "lake"]);
    assert_eq!(as_folder(&remote["chains"]), local["chains"]);
    // Only S3 could have noted its signature, and was asked.
    assert_eq!(remote["unsigned"].as_array().map(Vec::len), Some(1));
    assert_eq!(remote["chains"][0]["digests"][0]["unchanged"], 1);
    // Digests are read once for their rows and once for their own text; logs once.
    let (objects, _) = server.requests();
    let fetched = |objects: &[String], key: &str| objects.iter().filter(|o| o.as_str() == format!("GET /logs/{key}")).count();
    assert_eq!((fetched(&objects, &log.0), fetched(&objects, &digest.0)), (1, 2), "{objects:?}");

    // With the lake nothing but the digests themselves is fetched.
    assert_eq!(verify(&server, 0, &["s3://logs/AWSLogs/", "--lake", "lake"]), remote);
    let (objects, _) = server.requests();
    assert_eq!((fetched(&objects, &log.0), fetched(&objects, &digest.0)), (0, 1), "{objects:?}");

    // A log file that was altered in the bucket is found, and one that is gone is not at hand.
    server.put(&[&log.0], &log.1.replace("RunInstances", "StopInstances"));
    let altered = verify(&server, 3, &["s3://logs/AWSLogs/", "--lake", "lake"]);
    assert_eq!(altered["chains"][0]["digests"][0]["altered"], json!([format!("s3://logs/{}", log.0)]));
    server.ask(&json!({"do": "delete", "key": log.0}));
    let absent = verify(&server, 3, &["s3://logs/AWSLogs/"]);
    assert_eq!(absent["chains"][0]["digests"][0]["absent"], json!([log.0]));
    // What cannot be fetched is not taken for sound.
    server.permit(&["ListBucket"]);
    let denied = server.command(&place, &["evidence", "verify", "s3://logs/AWSLogs/", "--quiet", "--now", NOW]).output().expect("runs");
    assert!(denied.status.code() == Some(2) && stderr(&denied).contains("no CloudTrail digest files"), "{}", stderr(&denied));
}

/// Keys that a machine is given, with the session token that belongs to them.
#[test]
fn keys_come_from_what_a_machine_is_given() {
    let Some(mut server) = Server::start() else { return println!("{SKIPPED}") };
    let place = Place::new();
    server.put(&["x/a.log"], "KEY\n");
    let machine = server.ask(&json!({"do": "machine", "folder": place.join("certificates")}));
    let text = |name: &str| machine[name].as_str().expect("a text").to_owned();
    place.write("token", text("token"));
    place.write("web-token", "of the identity provider");
    let (http, https) = (text("http"), text("https"));
    let full = format!("{http}/container");
    let ways: [(&str, &[(&str, &str)]); 4] = [
        ("an instance", &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &http)]),
        ("a shell of CloudShell", &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &text("token"))]),
        ("a pod", &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "token")]),
        (
            "a web identity",
            &[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "web-token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/reader"),
                ("AWS_ENDPOINT_URL_STS", &https),
                ("AWS_CA_BUNDLE", &text("certificate")),
            ],
        ),
    ];
    for (who, variables) in ways {
        let mut command = server.command(&place, &["evidence", "read", "--quiet", "--format", "json", "s3://logs/x/a.log"]);
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").envs(variables.iter().copied());
        let output = command.output().expect("abate runs");
        let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{who}: {e}: {}", stderr(&output)));
        assert_eq!(read["sources"][0]["bytes"], 8, "{who}: {read:#}");
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert!(!said.contains(&text("token")) && !said.contains(&text("secret")), "{who}: {said}");
    }
    let asked: Vec<String> = serde_json::from_value(server.ask(&json!({"do": "asked"}))).expect("texts");
    let way = |what: &str| asked.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!((way("PUT /latest/api/token"), way("GET /container"), way("POST ")), (1, 2, 1), "{asked:?}");
}
