//! Which matter a message belongs to, and what the messages of a matter say together. Messages are written here as mails and events.

#![allow(clippy::unwrap_used)]

use abate_model::thread::{keys, together};
use abate_model::{Category, DeadlineBasis, Notice, NoticeKind, Rung, Standing};
use abate_notice::threads::{Known, Place, place};
use abate_notice::{ReadContext, read};

fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-20T00:00:00Z".parse().unwrap() }
}

struct Mail<'a> {
    id: &'a str,
    day: u8,
    subject: &'a str,
    more: &'a str,
    body: &'a str,
}

impl Mail<'_> {
    fn notice(&self) -> Notice {
        let Mail { id, day, subject, more, body } = self;
        let raw = format!(
            "From: AWS Trust and Safety <trustandsafety@support.aws.com>\r\nTo: ops@example.com\r\nSubject: {subject}\r\n\
             Date: {day:02} Mar 2026 10:00:00 +0000\r\nMessage-ID: <{id}@example.com>\r\n{more}\r\n{body}"
        );
        read(raw.as_bytes(), &ctx()).unwrap()
    }
}

const FIRST: &str = "We've received a report(s) that your AWS resource(s)\n\n\
    AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0 [203.0.113.7]\n\n\
    has been implicated in Port Scanning.\nAbuse Time: 04 Mar 2026 08:00:00 UTC\n";

fn first() -> Notice {
    Mail { id: "a", day: 4, subject: "Your AWS Abuse Report [10000000041] [AWS ID 111122223333]", more: "", body: FIRST }.notice()
}

fn known(notices: &[Notice]) -> Vec<Known> {
    notices.iter().map(|n| Known { case: n.case_id(), notices: vec![n.clone()] }).collect()
}

fn joins(later: &Notice, earlier: &Notice) -> Option<String> {
    assert!(keys(later).iter().any(|k| keys(earlier).contains(k)), "{:?} finds nothing in {:?}", keys(later), keys(earlier));
    match place(later, &known(std::slice::from_ref(earlier))) {
        Place::Joins { because, .. } => Some(because[0].en.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_message_is_a_duplicate() {
    assert_eq!(place(&first(), &known(&[first()])), Place::Duplicate { case: first().case_id() });
    let later_seen = Notice { received_at: "2026-04-01T00:00:00Z".parse().unwrap(), ..first() };
    assert_eq!(place(&later_seen, &known(&[first()])), Place::Duplicate { case: first().case_id() });
}

#[test]
fn follow_ups_join_by_number_thread_subject_and_resource() {
    let body = "We have not received a response regarding the abuse report implicating resources on your account.\n";
    for (subject, more, body, why) in [
        ("RE: Your AWS Abuse Report [10000000041]", "", body.to_owned(), "the same case number (10000000041)"),
        (
            "RE: Your AWS Abuse Report",
            "In-Reply-To: <a@example.com>\r\n",
            body.to_owned(),
            "it belongs to the same mail thread (References)",
        ),
        (
            "RE: Your AWS Abuse Report",
            "References: <x@example.com>\r\n <a@example.com>\r\n",
            body.to_owned(),
            "it belongs to the same mail thread (References)",
        ),
        ("Final notification", "", format!("{body}i-0123456789abcdef0\n"), "a follow-up about the same resource (i-0123456789abcdef0)"),
        (
            "Reminder",
            "",
            format!("AWS Account ID: 111122223333\n{body}"),
            "a follow-up that names only the account, and this is its latest matter",
        ),
    ] {
        let later = Mail { id: "b", day: 6, subject, more, body: &body }.notice();
        assert_eq!(joins(&later, &first()).as_deref(), Some(why), "{subject}");
    }
}

#[test]
fn mail_and_health_event_are_one_case_and_say_where_they_agree() {
    let event = r#"{"source":"aws.health","detail-type":"AWS Health Abuse Event","account":"111122223333","time":"2026-03-04T11:00:00Z","region":"us-west-2",
        "resources":["i-0123456789abcdef0"],"detail":{"eventArn":"arn:aws:health:us-west-2::event/ABUSE/X/1","service":"ABUSE","eventTypeCode":"AWS_ABUSE_EC2_PORT_SCANNING_REPORT",
        "eventTypeCategory":"issue","startTime":"Wed, 4 Mar 2026 10:30:00 GMT","eventDescription":[{"language":"en_US","latestDescription":"A report."}],
        "affectedEntities":[{"entityValue":"i-0123456789abcdef0"}]}}"#;
    let event = read(event.as_bytes(), &ctx()).unwrap();
    assert_eq!(joins(&event, &first()).as_deref(), Some("AWS Health and mail agree on i-0123456789abcdef0, port-scan and the time"));
    let sum = together(&[first(), event]).unwrap();
    assert_eq!((sum.reported.len(), sum.resources.len()), (1, 1));
    assert_eq!(sum.subject.as_deref(), Some("Your AWS Abuse Report [10000000041] [AWS ID 111122223333]"));
}

#[test]
fn the_text_pasted_again_joins() {
    let pasted = read(FIRST.as_bytes(), &ctx()).unwrap();
    assert_eq!(joins(&pasted, &first()).as_deref(), Some("the same words by another way"));
}

#[test]
fn other_accounts_numbers_and_times_are_other_matters() {
    let number = Mail {
        id: "c",
        day: 5,
        subject: "Your AWS Abuse Report [10000000042] [AWS ID 111122223333]",
        more: "",
        body: &FIRST.replace("Port Scanning", "activity which resembles web-crawling"),
    };
    let place_of = |notice: Notice| place(&notice, &known(&[first()]));
    // The same resource: a person may merge them.
    assert_eq!(place_of(number.notice()), Place::New { related: vec![first().case_id()] });
    let account = FIRST.replace("111122223333", "444455556666");
    let other = Mail { id: "d", day: 4, subject: "Your AWS Abuse Report [10000000041]", more: "", body: &account };
    assert_eq!(place_of(other.notice()), Place::New { related: vec![first().case_id()] });
    let elsewhere = FIRST.replace("i-0123456789abcdef0 [203.0.113.7]", "i-0aaaaaaaaaaaaaaa1 [203.0.113.9]");
    let other = Mail { id: "e", day: 5, subject: "Your AWS Abuse Report [10000000077]", more: "", body: &elsewhere };
    assert_eq!(place_of(other.notice()), Place::New { related: vec![] });
}

#[test]
fn a_matter_climbs_the_ladder_and_remembers_what_to_lift() {
    let reminder =
        Mail { id: "b", day: 6, subject: "RE: Your AWS Abuse Report [10000000041]", more: "", body: "We have not received a response.\n" }
            .notice();
    let last = Mail {
        id: "c",
        day: 8,
        subject: "RE: ** FINAL NOTIFICATION ** Your AWS Abuse Report [10000000041]",
        more: "",
        body: "To mitigate the abuse, we have taken the following steps:\n* Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22\n\nPlease reply by 2026-03-10.\n",
    }
    .notice();
    let closed = Mail {
        id: "d",
        day: 9,
        subject: "RE: Your AWS Abuse Report [10000000041]",
        more: "",
        body: "This case has been investigated and resolved by the AWS Abuse Team.\n",
    }
    .notice();
    let standing = |all: &[Notice]| Standing::of(all);
    assert_eq!(standing(&[first()]).rung, Rung::Notice);
    assert_eq!(standing(&[first(), reminder.clone()]).rung, Rung::Reminder);
    let all = [first(), reminder.clone(), last.clone()];
    assert_eq!(standing(&all).rung, Rung::Mitigated);
    assert_eq!(standing(&all).to_lift.len(), 1);
    assert_eq!(standing(&all).to_lift[0].since.to_string(), "2026-03-08T10:00:00Z");
    let sum = together(&all).unwrap();
    assert_eq!((sum.kind, sum.category), (NoticeKind::Final, Category::PortScan));
    assert_eq!((sum.deadline.at.to_string().as_str(), sum.deadline.basis), ("2026-03-10T23:59:59Z", DeadlineBasis::Stated));
    assert_eq!(sum.reported.len(), 1, "{:?}", sum.reported);
    assert_eq!(sum.case_id(), first().case_id());
    let ended = [first(), reminder, last, closed];
    assert_eq!(standing(&ended).resolved.map(|t| t.to_string()).as_deref(), Some("2026-03-09T10:00:00Z"));
    assert_eq!(together(&ended).unwrap().kind, NoticeKind::Resolved);
}

#[test]
fn a_second_report_adds_its_resource_and_activity() {
    let second = FIRST.replace("i-0123456789abcdef0 [203.0.113.7]", "i-0bbbbbbbbbbbbbbb2 [203.0.113.8]");
    let second = Mail { id: "b", day: 5, subject: "RE: Your AWS Abuse Report [10000000041]", more: "", body: &second }.notice();
    assert!(joins(&second, &first()).is_some());
    let sum = together(&[first(), second]).unwrap();
    let ids: Vec<_> = sum.resources.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["i-0123456789abcdef0", "i-0bbbbbbbbbbbbbbb2"]);
    let reported: Vec<_> = sum.reported.iter().map(|r| (r.id.as_str(), r.resource.as_deref().unwrap_or_default())).collect();
    assert_eq!(reported, [("r1", "i-0123456789abcdef0"), ("r2", "i-0bbbbbbbbbbbbbbb2")]);
}
