//! The command line as a person uses it: first contact, bad input, repetition, what was done.

mod common;

use std::io::Write;

use common::{Place, assert_schema, stderr, stdout};
use serde_json::Value;

const NOTICE: &str = "From: AWS Trust and Safety <trustandsafety@support.aws.com>\r\n\
To: security@example.co.jp\r\n\
Date: Mon, 02 Nov 2026 01:15:00 +0000\r\n\
Message-ID: <notice-1@support.aws.com>\r\n\
Subject: Your AWS Abuse Report [10000000001] [AWS ID 111122223333]\r\n\
\r\n\
Hello,\r\n\
\r\n\
We've received a report(s) that your AWS resource(s)\r\n\
\r\n\
AWS ID: 111122223333    Region: ap-northeast-1    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.10]\r\n\
\r\n\
has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization.\r\n\
\r\n\
Required Actions: Investigate root cause\r\n\
Abuse Time: 01 Nov 2026 22:10:00 UTC\r\n\
\r\n\
Regards,\r\n\
AWS Trust & Safety\r\n";

const NOW: &str = "2026-11-02T03:15:00Z";

fn sshd_lines() -> String {
    let mut lines = String::new();
    for n in 0..40 {
        lines.push_str(&format!(
            "Nov  1 20:{:02}:{:02} web1 sshd[{}]: Failed password for root from 198.51.100.77 port {} ssh2\n",
            n / 4,
            n % 4 * 15,
            900 + n,
            40000 + n
        ));
    }
    lines.push_str("Nov  1 20:12:00 web1 sshd[999]: Accepted password for deploy from 198.51.100.77 port 41000 ssh2\n");
    lines
}

#[test]
fn a_notice_alone_gives_deadline_first_steps_and_an_interim_letter() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    let output = place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let text = stdout(&output);
    for part in ["intrusion attempts", "i-0123456789abcdef0", "22 h 0 min left", "Do not terminate", "not checked", "Not determined"] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    let case = place.json("case/case.json");
    assert_schema("case", &case);
    assert_eq!(case["letter"]["kind"], "interim");
    assert_eq!(case["notice"]["deadline"]["basis"], "from-date");
    let letter = place.text("case/letter.en.txt");
    assert!(letter.contains("10000000001") && letter.contains("UTC"), "{letter}");
}

#[test]
fn japanese_is_complete_on_the_first_page() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    let text = stdout(&place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case", "--lang", "ja"]));
    for part in ["報告されている内容", "回答期限", "最初の 10 分", "根本原因", "次に行うこと", "あと 22 時間"]
    {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
}

#[test]
fn running_twice_adds_nothing_twice() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.write("logs/auth.log", sshd_lines());
    let args = ["respond", "notice.eml", "--evidence", "logs", "--now", NOW, "--out", "case"];
    place.expect(0, &args);
    let first = place.json("case/case.json");
    place.expect(0, &args);
    let second = place.json("case/case.json");
    assert_eq!(first, second);
    let list: Value = serde_json::from_slice(&place.expect(0, &["case", "list", "--format", "json"]).stdout).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    let shown: Value =
        serde_json::from_slice(&place.expect(0, &["case", "show", first["id"].as_str().expect("id"), "--format", "json"]).stdout)
            .expect("JSON");
    assert_eq!(shown, first);
}

#[test]
fn evidence_of_an_earlier_run_is_not_forgotten() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.write("logs/auth.log", sshd_lines());
    place.expect(0, &["respond", "notice.eml", "--evidence", "logs", "--now", NOW, "--out", "case"]);
    place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    assert_eq!(place.json("case/case.json")["sources"].as_array().map(Vec::len), Some(1));
}

#[test]
fn evidence_from_standard_input_is_recognised_like_a_file() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.write("auth.log", sshd_lines());
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(sshd_lines().as_bytes()).expect("in memory");
    place.write("auth.gz", gz.finish().expect("in memory"));
    for file in ["auth.log", "auth.gz"] {
        let read = place.abate_reading(file, &["evidence", "read", "-", "--format", "json", "--now", NOW]);
        assert_eq!(read.status.code(), Some(0), "{}", stderr(&read));
        let told: Value = serde_json::from_slice(&read.stdout).expect("JSON");
        assert_eq!((&told["sources"][0]["path"], &told["sources"][0]["records"]), (&Value::from("-"), &Value::from(41)), "{file}");
        let show = place.abate_reading(file, &["evidence", "show", "-@bytes 0+91", "-", "--now", NOW]);
        assert!(stdout(&show).starts_with("Nov  1 20:00:00 web1 sshd[900]"), "{}", stderr(&show));
    }
    let args = ["respond", "notice.eml", "--evidence", "-", "--now", NOW, "--out", "case"];
    assert_eq!(place.abate_reading("auth.gz", &args).status.code(), Some(0));
    assert_eq!(place.json("case/case.json")["sources"][0]["path"], "-");
    // It cannot be read again, and a later run says so.
    place.expect(3, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let case = place.json("case/case.json");
    assert_eq!(case["sources"][0]["path"], "- (standard input of an earlier run)");
    assert_eq!(case["sources"][0]["losses"][0]["kind"], "unreadable");
    let twice = place.abate_reading("notice.eml", &["respond", "-", "--evidence", "-", "--now", NOW]);
    assert_eq!(twice.status.code(), Some(2), "{}", stderr(&twice));
}

#[test]
fn only_what_a_person_states_is_claimed_as_done() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let case = place.json("case/case.json");
    let id = case["id"].as_str().expect("id");
    let step = case["plan"]["steps"].as_array().expect("steps").iter().find(|s| s["phase"] == "contain").expect("a containing step");
    let step_id = step["id"].as_str().expect("id");
    let before = place.text("case/letter.en.txt");
    place.expect(2, &["done", id, "no-such-step", "--by", "Hanako Sato", "--at", "2026-11-02T02:00:00Z", "--now", NOW]);
    place.expect(2, &["done", id, step_id, "--by", "Hanako Sato", "--at", "2027-01-01T00:00:00Z", "--now", NOW]);
    place.expect(0, &["done", id, step_id, "--by", "Hanako Sato", "--at", "2026-11-02T02:00:00Z", "--now", NOW]);
    let after = place.json("case/case.json");
    let claimed: Vec<&Value> =
        after["letter"]["paragraphs"].as_array().into_iter().flatten().flat_map(|p| p["steps"].as_array().into_iter().flatten()).collect();
    assert_eq!(claimed, vec![&Value::from(step_id)]);
    assert_ne!(before, place.text("case/letter.en.txt"));
    assert!(place.text("case/letter.en.txt").contains("2026-11-02 02:00"));
    assert_ne!(case["journal_head"], after["journal_head"]);
    // A later run keeps what was stated.
    place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let again = place.json("case/case.json");
    let kept = again["plan"]["steps"].as_array().into_iter().flatten().find(|s| s["id"] == step_id);
    assert_eq!(kept.map(|s| &s["state"]), Some(&Value::from("done")));
}

#[test]
fn bad_notices_are_clear_errors() {
    let place = Place::new();
    place.write("empty.eml", "");
    place.write("binary.eml", [0_u8, 159, 146, 150, 0, 1, 2, 3].repeat(400));
    std::fs::create_dir(place.join("folder")).expect("folder");
    for (args, part) in [
        (["respond", "none.eml"], "none.eml"),
        (["respond", "empty.eml"], "empty"),
        (["respond", "binary.eml"], "binary"),
        (["respond", "folder"], "folder"),
    ] {
        let output = place.expect(2, &args);
        let text = stderr(&output).to_lowercase();
        assert!(text.contains(part) && text.contains("error"), "{args:?}: {text}");
    }
    place.write("notice.eml", NOTICE);
    let output = place.expect(2, &["respond", "notice.eml", "--evidence", "nowhere"]);
    assert!(stderr(&output).contains("nowhere"), "{}", stderr(&output));
    place.expect(2, &["respond", "notice.eml", "--log-zone", "Mars/Olympus"]);
    place.expect(2, &["case", "show", "x"]);
    place.expect(2, &["case", "show", "ab-0123456789"]);
}

#[test]
fn broken_evidence_is_counted_and_sets_exit_code_3() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.write("logs/auth.log", sshd_lines());
    place.write("logs/empty.log", "");
    place.write("logs/picture.bin", [0x89_u8, 0x50, 0x4e, 0x47, 0, 1, 2, 3].repeat(100));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(sshd_lines().repeat(50).as_bytes()).expect("in memory");
    let whole = gz.finish().expect("in memory");
    place.write("logs/cut.log.gz", &whole[..whole.len() / 2]);
    let output = place.expect(3, &["respond", "notice.eml", "--evidence", "logs", "--now", NOW, "--out", "case"]);
    assert!(stdout(&output).contains("What could not be read"));
    let case = place.json("case/case.json");
    assert_schema("case", &case);
    let sources = case["sources"].as_array().expect("sources");
    assert_eq!(sources.len(), 4);
    let losses = |path: &str| {
        sources.iter().find(|s| s["path"].as_str().is_some_and(|p| p.ends_with(path))).map(|s| s["losses"].clone()).unwrap_or_default()
    };
    assert_eq!(losses("empty.log")[0]["kind"], "empty");
    assert_eq!(losses("picture.bin")[0]["kind"], "not-recognised");
    assert!(losses("cut.log.gz").as_array().into_iter().flatten().any(|l| l["kind"] == "truncated"), "{}", losses("cut.log.gz"));
}

#[test]
fn a_finding_of_ones_own_opens_a_case() {
    let place = Place::new();
    place.expect(
        0,
        &[
            "case",
            "new",
            "--finding",
            "Instance i-0123456789abcdef0 sends spam to port 25 since 2026-11-01 10:00 UTC",
            "--account",
            "111122223333",
            "--now",
            NOW,
            "--out",
            "case",
        ],
    );
    let case = place.json("case/case.json");
    assert_schema("case", &case);
    assert_eq!(case["notice"]["kind"], "self-found");
    assert_eq!(case["notice"]["category"], "spam");
    assert_eq!(case["letter"]["kind"], "own-report");
}

#[test]
fn a_profile_is_kept_and_used() {
    let place = Place::new();
    place.expect(
        0,
        &[
            "profile",
            "set",
            "111122223333",
            "--name",
            "Shop",
            "--signer",
            "Example K.K.",
            "--time-zone",
            "Europe/Berlin",
            "--scanner",
            "192.0.2.0/24",
        ],
    );
    place.expect(2, &["profile", "set", "111122223333", "--scanner", "not-a-network"]);
    let profile: Value = serde_json::from_slice(&place.expect(0, &["profile", "show", "111122223333"]).stdout).expect("JSON");
    assert_eq!(profile["scanners"], serde_json::json!(["192.0.2.0/24"]));
    place.write("notice.eml", NOTICE);
    let text = stdout(&place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]));
    assert!(text.contains("CET"), "{text}");
    assert!(place.text("case/letter.en.txt").contains("Example K.K."));
}

#[test]
fn the_timeline_opens_in_a_spreadsheet() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let bytes = std::fs::read(place.join("case/timeline.csv")).expect("written");
    assert!(bytes.starts_with(b"\xef\xbb\xbf"), "Excel needs the byte-order mark to see UTF-8");
    assert!(bytes.windows(2).filter(|w| w == b"\r\n").count() >= 2);
}

#[test]
fn the_report_needs_no_network_and_runs_nothing() {
    let place = Place::new();
    place.write(
        "notice.eml",
        NOTICE.replace("Regards,", "---Beginning of forwarded report(s)---\r\n<script>alert(1)</script> http://example.com/x\r\n"),
    );
    place.expect(0, &["respond", "notice.eml", "--now", NOW, "--out", "case"]);
    let html = place.text("case/report.html");
    assert!(!html.contains("<script"), "text of a notice must be escaped");
    for loader in ["src=", "href=\"http", "url(", "@import"] {
        assert!(!html.contains(loader), "the report loads something: {loader}");
    }
    assert!(html.contains("lang=\"ja\"") && html.contains("lang=\"en\""));
}

#[test]
fn the_collection_script_is_printed_and_is_valid_shell() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    let script = stdout(&place.expect(0, &["collect-script", "notice.eml"]));
    assert!(script.starts_with("#!") && script.contains("111122223333") && script.contains("ap-northeast-1"));
    let path = place.write("collect.sh", &script);
    let checked = std::process::Command::new("bash").arg("-n").arg(&path).status();
    assert!(checked.is_ok_and(|s| s.success()));
}

#[test]
fn completions_and_manual_pages_are_made() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&place.expect(0, &["completions", shell])).contains("respond"));
    }
    place.expect(0, &["man", "man"]);
    assert!(place.join("man/abate.1").is_file() && place.join("man/abate-respond.1").is_file());
}

#[test]
fn the_schema_knows_every_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/case.schema.json");
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("schema")).expect("JSON");
    let known = &schema["properties"]["coverage"]["items"]["properties"]["table"]["enum"];
    let tables: Vec<&str> = abate_model::Table::ALL.iter().map(|table| table.name()).collect();
    assert_eq!(*known, serde_json::json!(tables));
}

#[test]
fn evidence_is_read_shown_and_exported_without_a_notice() {
    let place = Place::new();
    place.write("logs/auth.log", sshd_lines());
    place.write("logs/odd.bin", b"\x00\x01\x02");
    let output = place.expect(3, &["evidence", "read", "logs", "--now", NOW, "--format", "json"]);
    let contents: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let numbers: Vec<(&str, u64, usize)> = contents["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .map(|s| {
            (s["path"].as_str().expect("path"), s["records"].as_u64().expect("records"), s["losses"].as_array().expect("losses").len())
        })
        .collect();
    assert_eq!(numbers, [("logs/auth.log", 41, 0), ("logs/odd.bin", 0, 1)]);
    let text = stdout(&place.expect(3, &["evidence", "read", "logs", "--now", NOW]));
    for part in ["logs/auth.log", "2 sources, 41 records, 0 duplicates, 1 lost", "binary content", "2026-11-01 20:00:00 UTC"] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    let line = sshd_lines().lines().nth(40).expect("the last line").to_owned();
    let cite = format!("logs/auth.log@bytes {}+{}", sshd_lines().len() - line.len() - 1, line.len());
    let shown = place.expect(0, &["evidence", "show", &cite, "logs", "--now", NOW]);
    assert_eq!(stdout(&shown), line);
    let missing = place.expect(2, &["evidence", "show", "logs/auth.log@bytes 1+5", "logs", "--now", NOW]);
    assert!(stderr(&missing).contains("no record"), "{}", stderr(&missing));
    let output = place.expect(3, &["evidence", "export", "logs", "--out", "tables", "--now", NOW, "--format", "json"]);
    let written: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let tables: Vec<(&str, u64)> = written
        .as_array()
        .expect("tables")
        .iter()
        .map(|t| (t["table"].as_str().expect("table"), t["rows"].as_u64().expect("rows")))
        .collect();
    assert_eq!(tables, [("authentication", 41), ("sources", 2), ("losses", 1), ("coverage", 1)]);
    assert!(std::fs::read(place.join("tables/authentication.parquet")).expect("a file").starts_with(b"PAR1"));
    let again = place.expect(2, &["evidence", "export", "logs", "--out", "tables", "--now", NOW]);
    assert!(stderr(&again).contains("already"), "{}", stderr(&again));
}

fn digest(hour: u8, before: Option<u8>) -> String {
    let object = |hour: u8| {
        format!(
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20261101T{hour:02}0000Z.json.gz"
        )
    };
    serde_json::json!({
        "awsAccountId": "111122223333", "digestStartTime": format!("2026-11-01T{:02}:00:00Z", hour - 1),
        "digestEndTime": format!("2026-11-01T{hour:02}:00:00Z"), "digestS3Bucket": "b", "digestS3Object": object(hour),
        "digestPublicKeyFingerprint": "00", "digestSignatureAlgorithm": "SHA256withRSA", "previousDigestS3Bucket": "b",
        "previousDigestS3Object": before.map(object), "previousDigestHashValue": "00", "previousDigestSignature": "00", "logFiles": [],
    })
    .to_string()
}

#[test]
fn what_was_altered_or_removed_is_found() {
    let place = Place::new();
    place.write("logs/auth.log", sshd_lines());
    place.write("logs/other.log", sshd_lines().replace("web1", "web2"));
    let earlier = place.expect(0, &["evidence", "read", "logs", "--now", NOW, "--format", "json"]);
    place.write("then.json", &earlier.stdout);
    let none = place.expect(2, &["evidence", "verify", "logs", "--now", NOW]);
    assert!(stderr(&none).contains("no CloudTrail digest files"), "{}", stderr(&none));
    place.expect(0, &["evidence", "verify", "logs", "--against", "then.json", "--now", NOW]);
    place.write("logs/auth.log", sshd_lines().replace("deploy", "nobody"));
    std::fs::remove_file(place.join("logs/other.log")).expect("removed");
    place.write("logs/d1.json", digest(3, None));
    place.write("logs/d2.json", digest(7, Some(6)));
    let output = place.expect(3, &["evidence", "verify", "logs", "--against", "then.json", "--now", NOW]);
    let text = stdout(&output);
    for part in [
        "missing: no digests from 2026-11-01 03:00:00 UTC to 2026-11-01 06:00:00 UTC (about 3)",
        "altered: logs/auth.log",
        "gone: logs/other.log",
        "new: logs/d1.json",
        "Signatures were not checked",
    ] {
        assert!(text.contains(part), "'{part}' is missing in:\n{text}");
    }
    let wrong = place.expect(2, &["evidence", "verify", "logs", "--keys", "then.json", "--now", NOW]);
    assert!(stderr(&wrong).contains("list-public-keys"), "{}", stderr(&wrong));
}

#[test]
fn the_signature_of_the_newest_digest_comes_from_what_s3_says_of_it() {
    let place = Place::new();
    place.write("logs/d1.json", digest(3, None));
    let signature = |more: &[&str]| {
        let args = [&["evidence", "verify", "logs", "--now", NOW, "--format", "json"], more].concat();
        let found: Value = serde_json::from_slice(&place.abate(&args).stdout).expect("JSON");
        (found["chains"][0]["digests"][0]["signature"].clone(), found["left_over"].clone())
    };
    assert_eq!(signature(&[]), ("not-at-hand".into(), 0.into()));
    assert!(stdout(&place.expect(0, &["evidence", "verify", "logs", "--now", NOW])).contains("aws s3api head-object"));
    let head = r#"{"ContentLength": 9, "ETag": "\"0\"", "Metadata": {"signature": "00", "signature-algorithm": "SHA256withRSA"}}"#;
    let name = "111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20261101T030000Z.json.gz";
    // By the name of its file it is the digest's; there is no key to check it by.
    place.write(&format!("heads/{name}.json"), head);
    assert_eq!(signature(&["--signature", "heads"]), ("no-key".into(), 0.into()));
    place.write("head.json", head);
    assert_eq!(signature(&["--signature", "head.json"]), ("not-at-hand".into(), 1.into()));
    let wrong = place.expect(2, &["evidence", "verify", "logs", "--now", NOW, "--signature", "logs/d1.json"]);
    assert!(stderr(&wrong).contains("head-object"), "{}", stderr(&wrong));
}

#[test]
fn evidence_that_is_gone_still_counts_and_a_copy_shows_its_records() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    place.write("logs/auth.log", sshd_lines());
    place.write("logs/other.log", sshd_lines().replace("web1", "web2"));
    let respond = |code: i32, out: &str, more: &[&str]| {
        let args = [&["respond", "notice.eml", "--quiet", "--now", NOW, "--out", out], more].concat();
        place.expect(code, &args);
        let case = place.json(&format!("{out}/case.json"));
        assert_schema("case", &case);
        case
    };
    let before = respond(0, "before", &["--evidence", "logs", "--preserve"]);
    let id = before["id"].as_str().expect("an id").to_owned();
    let line = sshd_lines().lines().nth(40).expect("the last line").to_owned();
    let cite = format!("logs/auth.log@bytes {}+{}", sshd_lines().len() - line.len() - 1, line.len());

    std::fs::remove_file(place.join("logs/auth.log")).expect("removed");
    let after = respond(0, "after", &[]);
    for part in ["verdicts", "coverage", "findings"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert_eq!(after["sources"].as_array().expect("sources").iter().map(|s| s["gone"] == true).collect::<Vec<_>>(), [true, false]);
    assert!(place.text("after/report.html").contains("gone: its rows stand as they were read"));
    let read = stdout(&place.expect(0, &["evidence", "read", "--case", &id, "--now", NOW]));
    assert!(read.contains("Read earlier, and gone now") && read.contains("--forget-gone"), "{read}");
    // The copy shows what the file cannot show any more, also when another file took its place.
    assert_eq!(stdout(&place.expect(0, &["evidence", "show", &cite, "--case", &id])), line);
    place.write("logs/auth.log", sshd_lines().replace("deploy", "nobody"));
    assert_eq!(stdout(&place.expect(0, &["evidence", "show", &cite, "--case", &id])), line);
    std::fs::remove_file(place.join("logs/auth.log")).expect("removed");

    // Without the case the lake and the copies stand in where they are named.
    let copies = format!("home/cases/{id}/originals");
    let show = |code: i32, more: &[&str]| place.expect(code, &[&["evidence", "show", &cite, "logs", "--now", NOW], more].concat());
    assert_eq!(stdout(&show(0, &["--preserve", &copies])), line);
    let said = stderr(&show(2, &[]));
    assert!(said.contains("logs/auth.log is not there any more") && said.contains("--preserve"), "{said}");

    // Whoever removed it on purpose says so.
    let forgotten = respond(0, "forgotten", &["--forget-gone"]);
    assert_eq!(forgotten["sources"].as_array().expect("sources").len(), 1);
    assert_eq!(respond(0, "later", &[])["sources"], forgotten["sources"]);
    // The whole folder goes, and the case with its lake stays what it was.
    std::fs::remove_dir_all(place.join("logs")).expect("removed");
    let nothing = respond(0, "nothing", &[]);
    assert_eq!((&nothing["findings"], &nothing["sources"][0]["gone"]), (&forgotten["findings"], &Value::Bool(true)));
}

/// A build without S3 says so, in both languages, before it begins anything.
#[cfg(not(feature = "s3"))]
#[test]
fn a_build_without_s3_says_so() {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
    let said = place.expect(2, &["evidence", "read", "s3://logs/AWSLogs/"]);
    assert!(stderr(&said).contains("built without S3") && stderr(&said).contains("aws s3 cp"), "{}", stderr(&said));
    let said = place.expect(2, &["--lang", "ja", "respond", "notice.eml", "--now", NOW, "--evidence", "s3://logs/AWSLogs/"]);
    assert!(stderr(&said).contains("機能「s3」"), "{}", stderr(&said));
}
