//! Notices into cases by the real binary: mailboxes, follow-ups, twins, duplicates, what is set aside, merged cases.

mod common;

use common::{Place, stderr, stdout};
use serde_json::Value;

const NOW: [&str; 2] = ["--now", "2026-03-09T00:00:00Z"];

fn mail(id: &str, day: u8, subject: &str, more: &str, body: &str) -> String {
    format!(
        "From: AWS Trust and Safety <trustandsafety@support.aws.com>\nTo: ops@example.com\nSubject: {subject}\n\
         Date: {day:02} Mar 2026 10:00:00 +0000\nMessage-ID: <{id}@example.com>\n{more}MIME-Version: 1.0\n\n{body}\n"
    )
}

fn first() -> String {
    let body = "We've received a report(s) that your AWS resource(s)\n\n\
                AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\n\
                has been implicated in Port Scanning.\nAbuse Time: 04 Mar 2026 08:00:00 UTC\n";
    mail("a", 4, "Your AWS Abuse Report [10000000041] [AWS ID 111122223333]", "", body)
}

fn reminder() -> String {
    mail("b", 6, "RE: Your AWS Abuse Report [10000000041]", "In-Reply-To: <a@example.com>\n", "We have not received a response.\n")
}

fn last() -> String {
    let body = "To mitigate the abuse, we have taken the following steps:\n* Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22\n";
    mail("c", 8, "RE: ** FINAL NOTIFICATION ** Your AWS Abuse Report [10000000041]", "", body)
}

fn newsletter() -> String {
    "From: News <news@example.org>\nTo: ops@example.com\nSubject: Our spring offers\nDate: 05 Mar 2026 10:00:00 +0000\nMessage-ID: <n@example.org>\n\nTea is cheaper this week.\n"
        .to_owned()
}

fn health() -> String {
    r#"{"source":"aws.health","detail-type":"AWS Health Abuse Event","account":"111122223333","time":"2026-03-04T11:00:00Z","region":"us-west-2",
        "resources":["i-0123456789abcdef0"],"detail":{"eventArn":"arn:aws:health:us-west-2::event/ABUSE/X/1","service":"ABUSE","eventTypeCode":"AWS_ABUSE_EC2_PORT_SCANNING_REPORT",
        "eventTypeCategory":"issue","communicationId":"c-1","startTime":"Wed, 4 Mar 2026 10:30:00 GMT","eventDescription":[{"language":"en_US","latestDescription":"A report."}],
        "affectedEntities":[{"entityValue":"i-0123456789abcdef0"}]}}"#
        .to_owned()
}

fn mbox(messages: &[String]) -> String {
    messages.iter().map(|m| format!("From sender@example.com Wed Mar  4 10:00:00 2026\n{m}\n")).collect()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

#[test]
fn a_mailbox_becomes_one_case_and_says_what_it_left_out() {
    let place = Place::new();
    place.write("inbox.mbox", mbox(&[first(), newsletter(), reminder(), first(), last()]));
    place.write("health/event.json", health());
    let out = place.expect(3, &[&NOW[..], &["intake", "inbox.mbox", "health", "--format", "json"]].concat());
    let became: Vec<String> = lines(&stdout(&out)).iter().map(|l| l["became"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(became, ["opened", "set-aside", "joined", "set-aside", "joined", "joined"]);
    let codes: Vec<Value> = lines(&stdout(&out)).into_iter().filter(|l| l["became"] == "set-aside").map(|l| l["code"].clone()).collect();
    assert_eq!(codes, ["not-a-report", "duplicate"]);
    let list = place.expect(0, &[&NOW[..], &["case", "list", "--format", "json"]].concat());
    let cases: Vec<Value> = serde_json::from_str(&stdout(&list)).expect("a list");
    assert_eq!(cases.len(), 1);
    assert_eq!((&cases[0]["rung"], &cases[0]["messages"], &cases[0]["kind"]), (&"mitigated".into(), &4.into(), &"final".into()));
    let id = cases[0]["id"].as_str().expect("an id");
    let shown = stdout(&place.expect(0, &[&NOW[..], &["case", "show", id]].concat()));
    assert!(shown.contains("AWS has gone as far as: blocked in part; to be asked to be lifted by name: 1 measure"), "{shown}");
    assert!(shown.contains("AWS Health and mail agree on i-0123456789abcdef0"), "{shown}");
    assert!(shown.contains("reminder, by mail"), "{shown}");
    // A second run of the same changes nothing.
    let again = place.expect(3, &[&NOW[..], &["intake", "inbox.mbox", "health", "--format", "json"]].concat());
    assert!(lines(&stdout(&again)).iter().all(|l| l["became"] == "set-aside"), "{}", stdout(&again));
    let register = stdout(&place.expect(0, &["notice", "set-aside"]));
    assert_eq!(register.lines().filter(|l| l.contains("not-a-report")).count(), 1, "{register}");
}

#[test]
fn a_follow_up_given_to_respond_joins_its_case() {
    let place = Place::new();
    let (a, b) = (place.write("a.eml", first()), place.write("b.eml", reminder()));
    place.expect(0, &[&NOW[..], &["respond", a.to_str().expect("text"), "--out", "case"]].concat());
    let out = place.expect(0, &[&NOW[..], &["respond", b.to_str().expect("text"), "--out", "case"]].concat());
    assert!(stderr(&out).contains("the same case number (10000000041)"), "{}", stderr(&out));
    let case = place.json("case/case.json");
    assert_eq!(case["messages"].as_array().map(Vec::len), Some(2));
    assert_eq!(case["notice"]["reported"].as_array().map(Vec::len), Some(1));
    assert_eq!(case["standing"]["rung"], "reminder");
    assert_eq!(case["notice"]["deadline"]["at"], "2026-03-07T10:00:00Z");
    assert_eq!(case["letter"]["subject"], "RE: Your AWS Abuse Report [10000000041]");
}

#[test]
fn two_cases_are_merged_by_a_person() {
    let place = Place::new();
    let other = first()
        .replace("Port Scanning", "activity which resembles web-crawling")
        .replace("10000000041", "10000000077")
        .replace("<a@", "<z@");
    place.write("in/a.eml", first());
    place.write("in/b.eml", other);
    let out = stdout(&place.expect(0, &[&NOW[..], &["intake", "in", "--format", "json"]].concat()));
    let ids: Vec<String> = lines(&out).iter().map(|l| l["case"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(lines(&out)[1]["related"], serde_json::json!([ids[0]]));
    place.expect(0, &[&NOW[..], &["case", "merge", &ids[0], &ids[1], "--by", "Hanako Sato", "--out", "merged"]].concat());
    let case = place.json("merged/case.json");
    let reported: Vec<&str> =
        case["notice"]["reported"].as_array().expect("a list").iter().filter_map(|r| r["category"].as_str()).collect();
    assert_eq!(reported, ["port-scan", "crawling"]);
    let shown = stdout(&place.expect(0, &["case", "show", &ids[1]]));
    assert!(shown.contains(&format!("goes on in case {}, by Hanako Sato", ids[0])), "{shown}");
    // A later message of the merged case goes where the matter goes on.
    let late = mail("y", 7, "RE: Your AWS Abuse Report [10000000077]", "", "We have not received a response.\n");
    place.write("late.eml", late);
    let joined = stdout(&place.expect(0, &[&NOW[..], &["intake", "late.eml", "--format", "json"]].concat()));
    assert_eq!(lines(&joined)[0]["case"], ids[0].as_str());
    place.expect(2, &["case", "merge", &ids[0], &ids[0], "--by", "x"]);
    place.expect(2, &["case", "merge", &ids[1], &ids[0], "--by", "x"]);
}

#[test]
fn a_maildir_is_read_without_its_halves_and_indexes() {
    let place = Place::new();
    place.write("Maildir/new/1.a", first());
    place.write("Maildir/cur/2.b:2,S", reminder());
    place.write("Maildir/tmp/3.c", "half a mail");
    place.write("Maildir/dovecot.index", "\0\0index");
    place.write("Maildir/.Archive/cur/4.d:2,S", last());
    place.write("Maildir/.Archive/new/.keep", "");
    place.write("Maildir/.Archive/tmp/.keep", "");
    let out = place.expect(0, &["notice", "read", "Maildir", "--format", "json"]);
    assert_eq!(lines(&stdout(&out)).len(), 3, "{}", stdout(&out));
}

#[test]
fn each_value_tells_where_it_came_from() {
    let place = Place::new();
    place.write("a.eml", first());
    let out = place.expect(0, &["notice", "read", "a.eml", "--why"]);
    let text = stdout(&out);
    assert!(text.contains("account_id = 111122223333"), "{text}");
    assert!(text.contains("reported[0].from = 2026-03-04T08:00:00Z"), "{text}");
    let json: Value =
        serde_json::from_str(&stdout(&place.expect(0, &["notice", "read", "a.eml", "--why", "--format", "json"]))).expect("JSON");
    let fields: Vec<&str> = json["why"].as_array().expect("a list").iter().filter_map(|w| w["field"].as_str()).collect();
    for wanted in [
        "kind",
        "family",
        "account_id",
        "regions[0]",
        "resources[0]",
        "case_number",
        "reported[0].category",
        "reported[0].from",
        "deadline",
    ] {
        assert!(fields.contains(&wanted), "{wanted} in {fields:?}");
    }
}

#[test]
fn poison_never_counts_as_success() {
    let place = Place::new();
    place.write("in/pdf", b"%PDF-1.7\n\x00\x01binary");
    place.write("in/cut.json", r#"{"detail": {"eventTypeCode": "AWS_ABUSE"#);
    place.write("in/empty", "  \n");
    place.write("in/good.eml", first());
    let out = place.expect(3, &["notice", "read", "in", "--format", "json"]);
    let codes: Vec<Value> = lines(&stdout(&out)).iter().map(|l| l["set_aside"]["code"].clone()).collect();
    assert_eq!(codes, ["corrupt".into(), "empty".into(), Value::Null, "unsupported".into()]);
    let one = place.expect(2, &["notice", "read", "in/pdf"]);
    assert!(stderr(&one).contains("set aside (unsupported)"), "{}", stderr(&one));
    place.expect(2, &["notice", "read", "nowhere"]);
}

#[test]
fn a_notice_is_explained_in_both_languages() {
    let place = Place::new();
    place.write("a.eml", first());
    let en = stdout(&place.expect(0, &["notice", "explain", "a.eml", "--lang", "en"]));
    assert!(en.contains("What AWS asks") && en.contains("What happens on silence"), "{en}");
    let ja = stdout(&place.expect(0, &["notice", "explain", "a.eml", "--lang", "ja"]));
    assert!(ja.contains("返信しない場合") && ja.contains("分かっていないこと"), "{ja}");
    let json: Value = serde_json::from_str(&stdout(&place.expect(0, &["notice", "explain", "a.eml", "--format", "json"]))).expect("JSON");
    assert!(json["lines"].as_array().is_some_and(|l| l.len() >= 3));
}

#[test]
fn a_resolver_is_named_or_refused() {
    let place = Place::new();
    place.write("a.eml", first());
    let out = place.expect(2, &["notice", "read", "a.eml", "--dns", "nonsense"]);
    assert!(stderr(&out).contains("neither a resolver's address nor a file"), "{}", stderr(&out));
    place.write("answers.json", "[]");
    let out = place.expect(0, &["notice", "read", "a.eml", "--dns", "answers.json", "--format", "json"]);
    let json: Value = serde_json::from_str(&stdout(&out)).expect("JSON");
    assert!(json["authenticity"]["signatures"]["dkim"].as_array().is_some_and(Vec::is_empty), "{json}");
    // The verdict and the answers it rests on are kept, so that it can be repeated from the notice itself.
    place.write("notice.json", stdout(&out));
    place.expect(0, &["notice", "read", "a.eml", "--dns", "notice.json"]);
}
