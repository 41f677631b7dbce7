//! The rules of SigmaHQ load unchanged and match what they are about. The rules themselves lie beside the repository, where they are
//! there at all, and are no part of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use abate_model::rows::{
    ApiActivity, Authentication, DnsActivity, EventLogActivity, FileActivity, FlowAction, HttpActivity, NetworkActivity, ProcessActivity,
    TimedText,
};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use serde_json::{Value, json};

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/rules/sigma/rules")
}

/// Every rule file below a folder, with its path from the root of the rules.
fn files(below: &str) -> Vec<(String, String)> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join(below)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|e| e == "yml") => {
                    let name = path.strip_prefix(root()).unwrap().display().to_string();
                    files.extend(std::fs::read_to_string(&path).ok().map(|yaml| (name, yaml)));
                }
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Of each part so many must be usable; why the others are not is printed.
#[test]
fn the_sets_of_the_community_load_unchanged() {
    for (part, floor) in [("cloud/aws", 56), ("linux", 205), ("web", 43), ("network", 8), ("windows", 325)] {
        let files = files(part);
        if files.is_empty() {
            return;
        }
        let all = files.len();
        let (set, problems) = RuleSet::load(files.into_iter());
        println!("{part}: {} of {all} usable", set.len());
        let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
        for problem in &problems {
            *reasons.entry(format!("{}: {}", problem.kind.name(), problem.reason.en)).or_default() += 1;
        }
        reasons.iter().for_each(|(reason, n)| println!("  {n} x {reason}"));
        for entry in set.entries().filter(|entry| !entry.missing_fields.is_empty()) {
            println!("  {} matches without {}", entry.path, entry.missing_fields.join(", "));
        }
        assert!(set.len() >= floor, "{part}: {} of {all}", set.len());
        assert_eq!(set.len() + problems.len(), all, "a rule is usable or told, not both and not neither");
        assert!(problems.iter().all(|p| p.line.is_some() && p.title.is_some() && p.kind != ProblemKind::Parse), "{problems:?}");
        assert!(set.entries().all(|entry| entry.info.author.is_some()));
    }
}

fn row(body: Body<'static>) -> Row<'static> {
    Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n: 0 }, body }
}

/// A call, and the record that it was read from.
fn call(service: &str, name: &str, more: Value) -> (Row<'static>, String) {
    let source = format!("{service}.amazonaws.com");
    let mut record = json!({"eventName": name, "eventSource": source, "eventType": "AwsApiCall", "userIdentity": {"type": "IAMUser"}});
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    let kind = record["userIdentity"]["type"].as_str().unwrap().to_owned();
    let api = ApiActivity {
        event_name: name.to_owned().into(),
        event_source: source.into(),
        event_type: Some("AwsApiCall".into()),
        identity_type: Some(kind.into()),
        ..ApiActivity::default()
    };
    (row(Body::Api(Box::new(api))), record.to_string())
}

fn audit(records: &str) -> (Row<'static>, String) {
    let event = EventLogActivity { channel: Some("audit".into()), ..EventLogActivity::default() };
    (row(Body::Event(Box::new(event))), records.to_owned())
}

fn request(target: &'static str, agent: &'static str) -> (Row<'static>, String) {
    let http = HttpActivity {
        client: "203.0.113.5".into(),
        method: "GET".into(),
        target: target.into(),
        status: Some(404),
        user_agent: Some(agent.into()),
        ..HttpActivity::default()
    };
    (row(Body::Http(Box::new(http))), String::new())
}

fn process(exe: &'static str, command: &'static str) -> (Row<'static>, String) {
    let run =
        ProcessActivity { exe: Some(exe.into()), command: command.into(), program: Some("audit".into()), ..ProcessActivity::default() };
    (row(Body::Process(Box::new(run))), String::new())
}

fn windows(provider: &str, channel: &str, id: u32) -> (Row<'static>, String) {
    let raw = format!(
        "<Event xmlns='x'><System><Provider Name='{provider}'/><EventID>{id}</EventID><Channel>{channel}</Channel></System><EventData/></Event>"
    );
    (row(Body::Event(Box::default())), raw)
}

/// An event of our own for each of these rules, by its id.
fn positives() -> Vec<(&'static str, (Row<'static>, String))> {
    let sshd = Authentication {
        service: "sshd".into(),
        message: "error: Local: crc32 compensation attack: network attack detected".into(),
        ..Authentication::default()
    };
    let syslog =
        TimedText { program: Some("kernel".into()), message: "device eth0 entered promiscuous mode".into(), ..TimedText::default() };
    let cron = TimedText { program: Some("crontab".into()), message: "(root) REPLACE (root)".into(), ..TimedText::default() };
    let made =
        FileActivity { path: "/tmp/x".into(), process: Some("/usr/bin/wget".into()), change: "created".into(), ..FileActivity::default() };
    let answer = DnsActivity {
        query: "x.example.com".into(),
        query_type: Some("TXT".into()),
        answers: vec!["IEX(1)".into()],
        ..DnsActivity::default()
    };
    let telnet = NetworkActivity { dst_port: Some(23), action: Some(FlowAction::Accept), ..NetworkActivity::default() };
    vec![
        ("4db60cc0-36fb-42b7-9b58-a5b53019fb74", call("cloudtrail", "StopLogging", json!({}))),
        ("f8103686-e3e8-46f3-be72-65f7fcb4aa53", call("signin", "GetSigninToken", json!({"userAgent": "aws-cli/2.15"}))),
        (
            "1ab3c5ed-5baf-417b-bb6b-78ca33f6c3df",
            call("ec2", "ModifyInstanceAttribute", json!({"requestParameters": {"attribute": "userData"}})),
        ),
        ("6e61ee20-ce00-4f8d-8aee-bedd8216f7e3", call("guardduty", "CreateIPSet", json!({}))),
        ("0a5177f4-6ca9-44c2-aacf-d3f3d8b6e4d2", call("iam", "CreateAccessKey", json!({}))),
        ("8ad1600d-e9dc-4251-b0ee-a65268f29add", call("iam", "ListUsers", json!({"userIdentity": {"type": "Root"}}))),
        ("b45ab1d2-712f-4f01-a751-df3826969807", call("sts", "GetSessionToken", json!({}))),
        (
            "055fb148-60f8-462d-ad16-26926ce050f1",
            call(
                "iam",
                "UpdateLoginProfile",
                json!({"userIdentity": {"type": "IAMUser", "arn": "arn:a"}, "requestParameters": {"userName": "bob"}}),
            ),
        ),
        ("1543ae20-cbdf-4ec1-8d12-7664d667a825", audit("type=EXECVE msg=audit(1.0:1): argc=3 a0=\"chmod\" a1=\"777\" a2=\"x\"")),
        ("4b3cb710-5e83-4715-8c45-8b2b5b3e5751", audit("type=PATH msg=audit(1.0:1): item=0 name=\"/etc/ld.so.preload\" nametype=NORMAL")),
        ("710bdbce-495d-491d-9a8f-7d0d88d2b41e", audit("type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=133 exe=\"/bin/mknod\"")),
        (
            "53059bc0-1472-438b-956a-7508a94a91f0",
            audit("type=SERVICE_STOP msg=audit(1.0:1): pid=1 uid=0 msg='unit=firewalld comm=\"systemd\" res=success'"),
        ),
        (
            "dbfc7c98-04ab-4ab7-aa94-c74d22aa7376",
            audit(
                "type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=42 exe=\"/tmp/x\"\ntype=SOCKADDR msg=audit(1.0:1): saddr=0200115CC63364090000000000000000",
            ),
        ),
        ("e76b413a-83d0-4b94-8e4c-85db4a5b8bdc", (row(Body::Auth(Box::new(sshd))), String::new())),
        ("f64b6e9a-5d9d-48a5-8289-e1dd2b3876e1", (row(Body::Text(syslog)), String::new())),
        ("af202fd3-7bff-4212-a25a-fb34606cfcbe", (row(Body::Text(cron)), String::new())),
        ("35a05c60-9012-49b6-a11f-6bab741c9f74", (row(Body::File(Box::new(made))), String::new())),
        ("e2072cab-8c9a-459b-b63c-40ae79e27031", process("/usr/bin/base64", "base64 -d x")),
        ("1182f3b3-e716-4efa-99ab-d2685d04360f", process("/usr/bin/rm", "rm -f /root/.bash_history")),
        ("7745c2ea-24a5-4290-b680-04359cb84b35", request("/x?f=../../../etc/passwd", "x")),
        ("19aa4f58-94ca-45ff-bc34-92e533c0994a", request("/", "sqlmap/1.8")),
        ("fa935401-513b-467b-81f4-f9e77aa0dd78", request("http://pool.example.com/", "XMRig 6.21")),
        ("8ae51330-899c-4641-8125-e39f2e07da72", (row(Body::Dns(Box::new(answer))), String::new())),
        ("d7fb8f0e-bd5f-45c2-b467-19571c490d7e", (row(Body::Net(telnet)), String::new())),
        ("d99b79d2-0a6f-4f46-ad8b-260b6e17f982", windows("Microsoft-Windows-Eventlog", "Security", 1102)),
        ("66b6be3d-55d0-4f47-9855-d69df21740ea", windows("Microsoft-Windows-Security-Auditing", "Security", 4720)),
    ]
}

#[test]
fn rules_of_the_community_match_what_they_are_about() {
    let (set, _) = RuleSet::load(["cloud/aws", "linux", "web", "network", "windows"].into_iter().flat_map(files));
    if set.is_empty() {
        return;
    }
    for (id, (row, raw)) in positives() {
        let hits = set.eval(&row, raw.as_bytes());
        let hit = hits.iter().find(|hit| hit.rule.id == id);
        assert!(hit.is_some(), "{id} on {row:?}: {:?}", hits.iter().map(|h| &h.rule.title).collect::<Vec<_>>());
        assert!(hit.is_some_and(|hit| hit.rule.author.is_some()));
    }
    // And where nothing is the matter, nothing matches.
    let quiet = [
        call("ec2", "DescribeInstances", json!({"readOnly": true})),
        request("/index.html", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"),
        process("/usr/bin/python3.11", "/usr/bin/python3.11 /opt/app/main.py"),
    ];
    for (row, raw) in quiet {
        let hits = set.eval(&row, raw.as_bytes());
        assert!(hits.is_empty(), "{:?}", hits.iter().map(|h| &h.rule.title).collect::<Vec<_>>());
    }
}

/// The forms that sets of one rule per call are written in: whether a field is there, a field beside another, all of several words, patterns,
/// and correlations over them.
#[test]
fn the_forms_of_sets_of_one_rule_per_call_are_understood() {
    let rule = |id: &str, selection: &str, condition: &str| {
        format!(
            "title: {id}\nid: {id}\nname: {id}\nauthor: A\nlevel: low\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n{selection}  condition: {condition}\n"
        )
    };
    let call_of = "  selection:\n    eventName: CreateUser\n    eventSource: iam.amazonaws.com\n  error_code:\n    errorCode|exists: true\n  error_msg:\n    errorMessage|exists: true\n";
    let files = [
        rule("done", call_of, "selection and not (error_code or error_msg)"),
        rule("attempt", call_of, "selection and (error_code or error_msg)"),
        rule("own", "  s:\n    userIdentity.userName|fieldref: requestParameters.userName\n", "s"),
        rule("words", "  s:\n    requestParameters.policyDocument|contains|all:\n      - '\"Effect\"'\n      - '\"*\"'\n", "s"),
        rule("pattern", "  s:\n    userAgent|re: '^aws-(cli|sdk)/'\n", "s"),
        "title: Many\nid: many\nauthor: A\nlevel: medium\ncorrelation:\n  type: event_count\n  rules: [attempt]\n  group-by: [userIdentity.arn]\n  timespan: 10m\n  condition:\n    gte: 5\n".to_owned(),
    ];
    let (set, problems) = RuleSet::load(files.into_iter().map(|yaml| ("r.yml".to_owned(), yaml)));
    assert_eq!((problems, set.len()), (Vec::new(), 6));
    let ids = |name: &str, more: Value| -> Vec<String> {
        let (row, raw) = call("iam", name, more);
        set.eval(&row, raw.as_bytes()).into_iter().map(|hit| hit.rule.id).collect()
    };
    assert_eq!(ids("CreateUser", json!({})), ["done"]);
    assert_eq!(ids("CreateUser", json!({"errorCode": "AccessDenied"})), ["attempt"]);
    assert_eq!(ids("X", json!({"userIdentity": {"type": "IAMUser", "userName": "a"}, "requestParameters": {"userName": "a"}})), ["own"]);
    assert!(ids("X", json!({"userIdentity": {"type": "IAMUser", "userName": "a"}, "requestParameters": {"userName": "b"}})).is_empty());
    assert_eq!(ids("X", json!({"requestParameters": {"policyDocument": "{\"Effect\": \"Allow\", \"Action\": \"*\"}"}})), ["words"]);
    assert_eq!(ids("X", json!({"userAgent": "aws-cli/2.1"})), ["pattern"]);
    let (row, raw) = call("iam", "CreateUser", json!({"errorCode": "x", "userIdentity": {"type": "IAMUser", "arn": "arn:a"}}));
    assert_eq!(set.eval(&row, raw.as_bytes())[0].values, [("userIdentity.arn".to_owned(), "arn:a".to_owned())]);
}
