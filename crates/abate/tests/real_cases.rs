//! Real logs, where they are there: every folder ends without a crash, and every record is read, a duplicate, or a loss.

mod common;

use std::path::Path;

use common::{Place, assert_schema};

fn notice_for(name: &str) -> String {
    let phrase = if name.starts_with("flow-ddos") {
        "activity that resembles a Denial of Service attack against remote hosts"
    } else if name.starts_with("flow-") || name.contains("scan") {
        "activity which resembles scanning remote hosts on the internet for security vulnerabilities"
    } else if name.contains("spam") {
        "activity that resembles the sending of spam or unsolicited email"
    } else {
        "activity which resembles attempts to access remote hosts on the internet without authorization"
    };
    format!(
        "From: trustandsafety@support.aws.com\r\nTo: security@example.com\r\nDate: Mon, 02 Nov 2026 01:15:00 +0000\r\nMessage-ID: <{name}@support.aws.com>\r\n\
         Subject: Your AWS Abuse Report [10000000002] [AWS ID 111122223333]\r\n\r\nWe've received a report(s) that your AWS resource(s)\r\n\r\n\
         AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.10]\r\n\r\nhas been implicated in {phrase}.\r\n"
    )
}

#[test]
fn every_real_case_is_accounted_for() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let Ok(entries) = std::fs::read_dir(&cases) else { return };
    let mut names: Vec<String> = entries.filter_map(Result::ok).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let place = Place::new();
        let notice = place.write("notice.eml", notice_for(&name));
        let logs = cases.join(&name).join("logs");
        let args = [
            "respond",
            &notice.display().to_string(),
            "--evidence",
            &logs.display().to_string(),
            "--out",
            "case",
            "--now",
            "2026-11-02T03:00:00Z",
            "--quiet",
        ];
        let output = place.abate(&args);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{name}: {:?}\n{}", output.status, common::stderr(&output));
        let case = place.json("case/case.json");
        assert_schema("case", &case);
        for source in case["sources"].as_array().expect("sources") {
            let read = source["records"].as_u64().unwrap_or(0) + source["duplicates"].as_u64().unwrap_or(0);
            let lost: u64 = source["losses"].as_array().into_iter().flatten().filter_map(|l| l["count"].as_u64()).sum();
            assert!(read + lost > 0, "{name}: {} vanished", source["path"]);
        }
    }
}
