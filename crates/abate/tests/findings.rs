//! What a case found, for other programs; and which Sigma rules are used.

mod common;

use common::{Place, assert_schema, stderr, stdout};
use serde_json::Value;

const NOW: &str = "2026-11-02T03:15:00Z";
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
Abuse Time: 01 Nov 2026 22:10:00 UTC\r\n\
\r\n\
Regards,\r\n\
AWS Trust & Safety\r\n";

const FAILED: &str = "title: Failed password\nid: 00000000-0000-4000-8000-000000000001\nname: failed_password\nauthor: Jane Doe\nlevel: low\n\
logsource:\n  product: linux\n  service: sshd\ndetection:\n  words:\n    - 'Failed password'\n  condition: words\n";
const MANY: &str = "title: Many failed passwords\nid: 00000000-0000-4000-8000-000000000002\nauthor: John Roe\nlevel: high\ntags:\n  - attack.t1110.001\n\
correlation:\n  type: event_count\n  rules: [failed_password]\n  group-by: [src_ip]\n  timespan: 10m\n  condition:\n    gte: 20\n";
const ELSEWHERE: &str = "title: Elsewhere\nid: 00000000-0000-4000-8000-000000000003\nauthor: Jane Doe\nlevel: low\n\
logsource:\n  product: zeek\n  service: http\ndetection:\n  s:\n    method: GET\n  condition: s\n";

fn place() -> Place {
    let place = Place::new();
    place.write("notice.eml", NOTICE);
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
    place.write("auth.log", lines);
    place.write("rules/failed.yml", FAILED);
    place.write("rules/many.yml", MANY);
    place.write("rules/elsewhere.yml", ELSEWHERE);
    place
}

fn case_of(place: &Place, rules: &[&str]) -> Value {
    let args = ["respond", "notice.eml", "--evidence", "auth.log", "--out", "case", "--quiet", "--now", NOW];
    place.expect(0, &[&args, rules].concat());
    place.json("case/case.json")
}

#[test]
fn a_correlation_speaks_for_the_rule_that_it_is_made_of() {
    let place = place();
    let case = case_of(&place, &["--rules", "rules"]);
    let of = |id: &str| case["findings"].as_array().unwrap().iter().find(|f| f["rule"]["id"] == id).cloned();
    assert_eq!(of("00000000-0000-4000-8000-000000000001"), None, "it gives no findings of its own");
    let many = of("00000000-0000-4000-8000-000000000002").expect("the correlation matched");
    assert_eq!(
        (many["severity"].as_str(), many["count"].as_u64(), many["technique"].as_str()),
        (Some("high"), Some(40), Some("T1110.001"))
    );
    assert!(many["title"]["en"].as_str().unwrap().contains("\"Many failed passwords\" (John Roe)"));
    assert!(many["detail"]["en"].as_str().unwrap().contains("src_ip=198.51.100.77 (40)"));
    assert_schema("case", &case);
    // What is read again is read with other rules, and the base rule speaks when nothing is made of it.
    place.expect(0, &["respond", "notice.eml", "--out", "case", "--quiet", "--now", NOW, "--rules", "rules/failed.yml"]);
    let case = place.json("case/case.json");
    let failed = case["findings"].as_array().unwrap().iter().find(|f| f["rule"]["id"] == "00000000-0000-4000-8000-000000000001").unwrap();
    assert_eq!(failed["count"], 40);
}

#[test]
fn findings_are_written_in_every_form() {
    let place = place();
    let case = case_of(&place, &["--rules", "rules"]);
    let (id, findings) = (case["id"].as_str().unwrap(), case["findings"].as_array().unwrap().len());
    let json: Value = serde_json::from_str(&stdout(&place.expect(0, &["findings", "export", id]))).unwrap();
    assert_schema("findings", &json);
    assert_eq!(json["findings"].as_array().unwrap().len(), findings);
    let lines = stdout(&place.expect(0, &["findings", "export", id, "--as", "ocsf"]));
    assert_eq!(lines.lines().count(), findings);
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["class_uid"] == 2004));
    place.expect(0, &["findings", "export", id, "--as", "csv", "--out", "f.csv"]);
    assert!(place.text("f.csv").contains("Many failed passwords (John Roe)"));
    place.expect(0, &["findings", "export", id, "--as", "stix", "--out", "f.json"]);
    assert_eq!(place.json("f.json")["type"], "bundle");
    place.expect(0, &["findings", "export", id, "--as", "navigator", "--out", "f.json"]);
    let layer = place.json("f.json");
    assert!(layer["techniques"].as_array().unwrap().iter().any(|t| t["techniqueID"] == "T1110.001"));
    place.expect(2, &["findings", "export", "ab-0000000000"]);
}

#[test]
fn rules_are_checked_with_their_reasons() {
    let place = place();
    let out = stdout(&place.expect(3, &["rules", "check", "rules"]));
    assert!(out.contains("no table for logsource product=zeek service=http"), "{out}");
    assert!(out.contains("rules/elsewhere.yml:6  \"Elsewhere\""), "{out}");
    let json: Value = serde_json::from_str(&stdout(&place.expect(3, &["rules", "check", "rules", "--format", "json"]))).unwrap();
    assert_schema("rules", &json);
    assert_eq!((json["rules"].as_array().unwrap().len(), json["unusable"][0]["kind"].as_str()), (2, Some("logsource")));
    place.expect(0, &["rules", "check"]);
    place.expect(0, &["rules", "check", "rules/failed.yml", "rules/many.yml"]);
    place.write("empty/readme.txt", "none");
    place.expect(2, &["rules", "check", "empty"]);
    place.expect(2, &["rules", "check", "nowhere"]);
    let japanese = stdout(&place.expect(3, &["--lang", "ja", "rules", "check", "rules"]));
    assert!(japanese.contains("logsource product=zeek service=http に対応するテーブルがない"), "{japanese}");
}

#[test]
fn options_say_which_rules_are_wanted() {
    let place = place();
    let listed = |more: &[&str]| -> Vec<String> {
        let args = [&["rules", "list", "--format", "json", "--rules", "rules"], more].concat();
        let told: Value = serde_json::from_str(&stdout(&place.expect(0, &args))).unwrap();
        told["rules"].as_array().unwrap().iter().map(|rule| rule["title"].as_str().unwrap().to_owned()).collect()
    };
    let all = listed(&[]);
    assert!(all.len() > 10 && all.contains(&"Failed password".to_owned()));
    // The base rule stays for the correlation, silent.
    assert_eq!(listed(&["--rule-author", "roe"]), ["Failed password", "Many failed passwords"]);
    assert_eq!(listed(&["--rule-id", "00000000-0000-4000-8000-000000000001"]), ["Failed password"]);
    assert!(!listed(&["--rule-level", "medium"]).iter().any(|title| title == "New user"));
    place.write("ignore.txt", "# ours\n00000000-0000-4000-8000-000000000002\n");
    assert!(!listed(&["--rule-ignore", "ignore.txt"]).contains(&"Many failed passwords".to_owned()));
    place.write("bad.txt", "<html>\n");
    let output = place.expect(2, &["rules", "list", "--rule-ignore", "bad.txt"]);
    assert!(stderr(&output).contains("bad.txt:1"), "{}", stderr(&output));
    place.expect(2, &["rules", "list", "--rule-status", "good"]);
    assert!(stdout(&place.expect(0, &["rules", "list", "--rules", "rules"])).contains("Many failed passwords (John Roe)"));
}
