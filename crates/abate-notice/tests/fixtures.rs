//! What is read from each fixture. The fixtures are written for these tests around the recognition phrases of notices.

#![allow(clippy::unwrap_used)]

use abate_model::{
    AuthenticityVerdict as Verdict, Category, DeadlineBasis as Basis, Notice, NoticeKind as Kind, ReportedActivity, ResourceKind,
    ZoneCertainty,
};
use abate_notice::{ReadContext, read, self_found};

fn ctx() -> ReadContext {
    ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }
}

fn notice(name: &str) -> Notice {
    let path = format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read(path).unwrap(), &ctx()).unwrap()
}

type Far<'a> = (Option<&'a str>, Option<u16>, Option<&'a str>);

fn far(activity: &ReportedActivity) -> Vec<Far<'_>> {
    activity.remote.iter().map(|r| (r.address.as_deref(), r.port, r.protocol.as_deref())).collect()
}

fn window(activity: &ReportedActivity) -> (String, String) {
    let text = |t: Option<jiff::Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
    (text(activity.from), text(activity.to))
}

fn at(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

fn ids(notice: &Notice) -> Vec<(ResourceKind, &str)> {
    notice.resources.iter().map(|r| (r.kind, r.id.as_str())).collect()
}

type Head<'a> = (&'a str, Kind, Category, Option<&'a str>, &'a [&'a str], Option<&'a str>, &'a str, Basis);

/// Kind, category, account, Regions, case number and deadline of every fixture.
#[test]
fn heads() {
    let table: [Head<'_>; 24] = [
        ("f1-port-scan.txt", Kind::First, Category::PortScan, None, &[], Some("10000000017-1"), "2026-03-06T00:00:00Z", Basis::FromReceipt),
        ("f2-malware.txt", Kind::First, Category::Botnet, None, &[], Some("10000000025-1"), "2026-03-06T00:00:00Z", Basis::FromReceipt),
        (
            "f3-intrusion.eml",
            Kind::First,
            Category::Intrusion,
            Some("111122223333"),
            &["us-west-2"],
            Some("10000000033"),
            "2024-07-11T05:02:01Z",
            Basis::FromDate,
        ),
        (
            "f3-multi-resource.txt",
            Kind::First,
            Category::PortScan,
            Some("111122223333"),
            &["us-east-1", "eu-west-1", "ap-northeast-1"],
            Some("10000000066-1"),
            "2026-03-07T00:00:00Z",
            Basis::Stated,
        ),
        (
            "f4-port-scan.eml",
            Kind::First,
            Category::PortScan,
            Some("111122223333"),
            &["ap-northeast-1", "us-east-1"],
            Some("10000000041"),
            "2024-07-11T09:00:00Z",
            Basis::FromDate,
        ),
        (
            "f4-vulnerability.txt",
            Kind::First,
            Category::Vulnerability,
            Some("xxxxxxxx"),
            &["eu-central-1"],
            None,
            "2026-03-06T00:00:00Z",
            Basis::FromReceipt,
        ),
        (
            "f5-dos.txt",
            Kind::First,
            Category::Dos,
            Some("111122223333"),
            &["ap-northeast-2"],
            None,
            "2026-03-06T00:00:00Z",
            Basis::FromReceipt,
        ),
        (
            "f7-key.eml",
            Kind::First,
            Category::CompromisedCredentials,
            Some("111122223333"),
            &[],
            Some("170000000000001"),
            "2025-04-14T23:59:59Z",
            Basis::Stated,
        ),
        (
            "f8-model.eml",
            Kind::First,
            Category::ModelAbuse,
            Some("111122223333"),
            &[],
            Some("P01ABCD0007"),
            "2026-09-27T20:00:00Z",
            Basis::FromDate,
        ),
        ("f9-ses.txt", Kind::First, Category::Spam, Some("111122223333"), &["us-west-2"], None, "2026-03-06T00:00:00Z", Basis::FromReceipt),
        (
            "reminder.eml",
            Kind::Reminder,
            Category::Intrusion,
            Some("111122223333"),
            &["us-west-2"],
            Some("10000000033"),
            "2024-07-13T05:00:00Z",
            Basis::Stated,
        ),
        (
            "final.eml",
            Kind::Final,
            Category::Intrusion,
            Some("111122223333"),
            &["ap-northeast-1"],
            Some("10000000033"),
            "2024-07-15T02:00:00Z",
            Basis::FromDate,
        ),
        ("resolved.txt", Kind::Resolved, Category::Other, None, &[], None, "2026-03-06T00:00:00Z", Basis::FromReceipt),
        ("spam.txt", Kind::First, Category::Spam, Some("111122223333"), &["eu-west-1"], None, "2026-03-06T00:00:00Z", Basis::FromReceipt),
        (
            "phishing.txt",
            Kind::First,
            Category::Phishing,
            Some("111122223333"),
            &["us-east-1"],
            None,
            "2026-03-06T00:00:00Z",
            Basis::FromReceipt,
        ),
        (
            "crawling.txt",
            Kind::First,
            Category::Crawling,
            Some("111122223333"),
            &["us-east-1"],
            None,
            "2026-03-06T00:00:00Z",
            Basis::FromReceipt,
        ),
        ("csv-line.txt", Kind::First, Category::Dos, None, &["us-east-1"], None, "2026-03-06T00:00:00Z", Basis::FromReceipt),
        (
            "health-dos.json",
            Kind::First,
            Category::Dos,
            Some("111122223333"),
            &["us-east-1"],
            None,
            "2026-03-03T08:00:00Z",
            Basis::FromDate,
        ),
        (
            "health-key.json",
            Kind::First,
            Category::CompromisedCredentials,
            Some("111122223333"),
            &[],
            None,
            "2026-03-06T23:59:59Z",
            Basis::Stated,
        ),
        (
            "html-only.eml",
            Kind::First,
            Category::OpenProxy,
            Some("111122223333"),
            &["us-east-1"],
            Some("10000000042"),
            "2026-03-03T08:00:00Z",
            Basis::FromDate,
        ),
        (
            "forward-attached.eml",
            Kind::First,
            Category::Content,
            Some("111122223333"),
            &["us-east-1"],
            Some("10000000045"),
            "2026-03-03T08:00:00Z",
            Basis::FromDate,
        ),
        (
            "forward-japanese.eml",
            Kind::First,
            Category::Botnet,
            Some("111122223333"),
            &["ap-northeast-1"],
            Some("10000000058"),
            "2026-03-03T08:00:00Z",
            Basis::FromDate,
        ),
        (
            "pasted-sjis.txt",
            Kind::First,
            Category::Intrusion,
            Some("3331xxxxxxx"),
            &["ap-northeast-1"],
            None,
            "2026-03-06T00:00:00Z",
            Basis::FromReceipt,
        ),
        ("xarf-scan.json", Kind::First, Category::PortScan, None, &[], None, "2025-01-12T09:21:23Z", Basis::FromDate),
    ];
    for (name, kind, category, account, regions, case, due, basis) in table {
        let notice = notice(name);
        assert_eq!(notice.kind, kind, "{name}");
        assert_eq!(notice.category, category, "{name}");
        assert_eq!(notice.account_id.as_deref(), account, "{name}");
        assert_eq!(notice.regions, regions, "{name}");
        assert_eq!(notice.case_number.as_deref(), case, "{name}");
        assert_eq!((notice.deadline.at.to_string(), notice.deadline.basis), (due.to_owned(), basis), "{name}");
        assert!(!notice.reported.is_empty(), "{name}");
        assert_eq!(notice.reported[0].id, "r1", "{name}");
        assert_eq!(notice.sha256.len(), 64, "{name}");
    }
}

#[test]
fn authenticity() {
    for (name, verdict) in [
        ("f3-intrusion.eml", Verdict::Plausible),
        ("f4-port-scan.eml", Verdict::Plausible),
        ("f7-key.eml", Verdict::Plausible),
        ("f5-dos.txt", Verdict::NotChecked),
        ("forward-attached.eml", Verdict::NotChecked),
        ("forward-japanese.eml", Verdict::NotChecked),
        ("health-dos.json", Verdict::NotChecked),
        ("look-alike.eml", Verdict::Suspicious),
        ("forged.eml", Verdict::Forged),
    ] {
        let notice = notice(name);
        assert_eq!(notice.authenticity.verdict, verdict, "{name}: {:?}", notice.authenticity.reasons);
        assert!(!notice.authenticity.reasons.is_empty(), "{name}");
    }
}

#[test]
fn the_reporters_list_of_2012() {
    let notice = notice("f1-port-scan.txt");
    assert_eq!(ids(&notice), [(ResourceKind::Ec2Instance, "i-1a2b3c4e")]);
    assert_eq!(notice.resources[0].addresses, ["203.0.113.143"]);
    assert_eq!(window(&notice.reported[0]), at("2015-10-12T21:20:00Z", "2015-10-12T21:20:00Z"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.20"), Some(80), Some("tcp"))]);
    assert!(notice.reporter.unwrap().contains("Failed password"));
}

#[test]
fn details_below_the_signature_are_awss() {
    let notice = notice("f2-malware.txt");
    assert_eq!(ids(&notice), [(ResourceKind::Ec2Instance, "i-1a2b3c4d")]);
    assert_eq!(window(&notice.reported[0]), at("2017-03-03T03:33:33Z", "2017-03-03T03:33:33Z"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.66"), Some(8080), None)]);
    assert_eq!(notice.reported[0].urls, ["http://cnc.example.net/gate"]);
}

#[test]
fn nothing_of_the_reporters_becomes_ours() {
    let notice = notice("f3-intrusion.eml");
    // The excerpt speaks of DDoS and phishing and names another account's instance.
    assert_eq!(ids(&notice), [(ResourceKind::Ec2Instance, "i-0b1c2d3e4f5a6b7c8")]);
    assert_eq!(notice.resources[0].addresses, ["203.0.113.148"]);
    assert_eq!(notice.reported.len(), 1);
    assert_eq!(notice.reported[0].zone.as_deref(), Some("+0900"));
    assert_eq!(notice.reported[0].zone_certainty, ZoneCertainty::Stated);
    assert_eq!(window(&notice.reported[0]), at("2024-07-10T01:15:01Z", "2024-07-10T01:20:00Z"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.77"), Some(22), Some("tcp"))]);
    assert_eq!(notice.required_actions.len(), 2);
    assert!(notice.required_actions[0].starts_with("Please take action to stop the reported activity and reply directly"));
    assert_eq!(notice.unread, Vec::<String>::new());
    assert!(!notice.body.contains("sshd"));
    assert_eq!(notice.from.as_deref(), Some("ec2-abuse@amazon.com"));
    assert_eq!(notice.message_id.as_deref(), Some("0100018c-f3-intrusion@email.amazonses.com"));
    assert_eq!(notice.date.unwrap().to_string(), "2024-07-10T05:02:01Z");
}

#[test]
fn each_resource_has_its_own_lines() {
    let notice = notice("f3-multi-resource.txt");
    assert_eq!(
        ids(&notice),
        [
            (ResourceKind::Ec2Instance, "i-0aaaaaaaaaaaaaaaa"),
            (ResourceKind::NetworkInterface, "eni-0bbbbbbbbbbbbbbbb"),
            (ResourceKind::NatGateway, "nat-0cccccccccccccccc")
        ]
    );
    let [first, second, third] = notice.reported.as_slice() else { panic!("{:?}", notice.reported) };
    assert_eq!(window(first), at("2024-05-01T01:00:00Z", "2024-05-01T01:00:00Z"));
    assert_eq!(far(first), [(Some("198.51.100.30"), Some(443), None)]);
    assert_eq!(window(second), at("2024-05-01T02:00:00Z", "2024-05-01T02:30:00Z"));
    assert_eq!(far(second), [(Some("198.51.100.31"), Some(8443), None), (Some("198.51.100.32"), Some(8443), None)]);
    // Without an address it cannot be told from the others: all of the report may be about it.
    assert_eq!(window(third), at("2024-05-01T01:00:00Z", "2024-05-01T02:30:00Z"));
}

#[test]
fn labelled_fields_of_several_resources_and_activities() {
    let notice = notice("f4-port-scan.eml");
    let read: Vec<_> =
        notice.reported.iter().map(|r| (r.id.as_str(), r.category, r.resource.as_deref().unwrap(), r.from.unwrap().to_string())).collect();
    assert_eq!(
        read,
        [
            ("r1", Category::PortScan, "i-0123456789abcdef0", "2024-07-10T02:11:05Z".to_owned()),
            ("r2", Category::Intrusion, "i-0123456789abcdef0", "2024-07-10T04:00:00Z".to_owned()),
            ("r3", Category::OpenProxy, "i-0fedcba9876543210", "2024-07-09T20:00:00Z".to_owned()),
        ]
    );
    assert_eq!(notice.required_actions, ["Investigate root cause", "Please reply to this email with the result of your investigation."]);
    assert_eq!(notice.unread, ["Sensor Class: exploit:gen/dot_env_leak"]);
}

#[test]
fn masked_ids_stay_masked() {
    let vulnerability = notice("f4-vulnerability.txt");
    assert_eq!(ids(&vulnerability), [(ResourceKind::Ec2Instance, "i-xxxxxxxx")]);
    assert!(vulnerability.resources[0].masked);
    assert_eq!(vulnerability.required_actions, ["Remediate the reported vulnerability"]);
    assert_eq!(vulnerability.reported[0].zone.as_deref(), Some("GMT"));
    let pasted = notice("pasted-sjis.txt");
    assert_eq!(ids(&pasted), [(ResourceKind::Ec2Instance, "i-0e51xxxxxxxx3")]);
    assert_eq!(pasted.resources[0].addresses, ["203.0.xx.xx"]);
    assert!(!pasted.body.contains("お疲れさま"));
}

#[test]
fn the_table_of_an_outbound_attack() {
    let notice = notice("f5-dos.txt");
    assert_eq!(notice.reported.len(), 1);
    assert_eq!(window(&notice.reported[0]), at("2019-05-14T02:04:18Z", "2019-05-14T02:05:18Z"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.219"), Some(53), Some("udp"))]);
    assert_eq!(notice.mitigations, ["Outgoing Port 53 Blocked"]);
    assert!(notice.reported[0].text.contains("Total bytes sent: 7340032000"));
    assert_eq!(notice.unread, Vec::<String>::new());
}

#[test]
fn a_compromised_key() {
    let notice = notice("f7-key.eml");
    assert_eq!(ids(&notice), [(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"), (ResourceKind::IamUser, "deploy-bot")]);
    assert_eq!(notice.reported.len(), 1);
    assert_eq!(notice.reported[0].resource.as_deref(), Some("AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(
        notice.mitigations,
        ["We have attached the policy AWSCompromisedKeyQuarantineV2 to the user.", "Some of your services have been temporarily limited."]
    );
    assert!(notice.required_actions.contains(&"To restore access, you must contact AWS by 2025-04-14.".to_owned()));
    assert!(notice.required_actions.contains(&"Step 1: Delete the exposed key.".to_owned()));
}

#[test]
fn models_and_mail_sending() {
    let model = notice("f8-model.eml");
    assert_eq!(model.mitigations, ["Model access revoked"]);
    assert_eq!(ids(&model), [(ResourceKind::Account, "111122223333")]);
    let mail = notice("f9-ses.txt");
    assert_eq!(ids(&mail), [(ResourceKind::Account, "111122223333"), (ResourceKind::Region, "us-west-2")]);
    assert_eq!(mail.mitigations, ["On 03-15-2024 we have paused the sending of AWS account 111122223333 in US West (Oregon)."]);
}

#[test]
fn follow_ups() {
    let reminder = notice("reminder.eml");
    assert_eq!(ids(&reminder), [(ResourceKind::Ec2Instance, "i-0b1c2d3e4f5a6b7c8")]);
    assert!(!reminder.body.contains("AWS ID"));
    let last = notice("final.eml");
    assert_eq!(
        last.mitigations,
        ["Blocked OUTBOUND TCP traffic from instance to remote hosts on port 22", "Blocked Start and Stop of EC2 instances in the Region"]
    );
    assert_eq!(last.reported[0].from.unwrap().to_string(), "2024-07-10T02:11:05Z");
}

#[test]
fn the_abuse_form_of_the_reporter() {
    let notice = notice("spam.txt");
    assert_eq!(window(&notice.reported[0]), at("2025-11-02T22:30:00Z", "2025-11-02T22:30:59Z"));
    assert_eq!(notice.reported[0].zone.as_deref(), Some("-0800"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.25"), Some(25), Some("tcp"))]);
}

#[test]
fn urls_are_refanged_and_robots_are_not_targets() {
    assert_eq!(notice("phishing.txt").reported[0].urls, ["https://login.bank.example.net/auth"]);
    let crawling = notice("crawling.txt");
    assert_eq!(crawling.reported[0].urls, Vec::<String>::new());
    assert_eq!(far(&crawling.reported[0]), []);
    assert_eq!(window(&crawling.reported[0]), at("2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z"));
}

#[test]
fn a_comma_line() {
    let notice = notice("csv-line.txt");
    assert_eq!(window(&notice.reported[0]), at("2017-01-01T19:00:00Z", "2017-01-01T19:00:00Z"));
    assert_eq!(notice.reported[0].zone.as_deref(), Some("PDT"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.8"), Some(80), Some("tcp"))]);
}

#[test]
fn health_events() {
    let dos = notice("health-dos.json");
    assert_eq!(
        ids(&dos),
        [
            (ResourceKind::Ec2Instance, "i-0123456789abcdef0"),
            (ResourceKind::Ec2Instance, "i-abcd1111"),
            (ResourceKind::CloudFront, "E2EXAMPLE"),
            (ResourceKind::Other, "arn:ec2-1-101002929")
        ]
    );
    assert_eq!(dos.reported.len(), 4);
    assert!(dos.message_id.unwrap().starts_with("arn:aws:health:"));
    assert_eq!(dos.reported[0].zone_certainty, ZoneCertainty::Unknown);
    let key = notice("health-key.json");
    assert_eq!(ids(&key), [(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"), (ResourceKind::IamUser, "ci")]);
    assert_eq!(key.reported[0].urls, ["https://git.example.com/a/b"]);
}

#[test]
fn forwarded_notices() {
    let attached = notice("forward-attached.eml");
    assert_eq!(attached.message_id.as_deref(), Some("inner@support.aws.com"));
    assert!(attached.authenticity.reasons[0].en.contains("hanako@example.jp"));
    let japanese = notice("forward-japanese.eml");
    assert_eq!(japanese.subject.as_deref(), Some("Your AWS Abuse Report [10000000058] [AWS ID 111122223333]"));
    assert_eq!(japanese.from.as_deref(), Some("trustandsafety@support.aws.com"));
    assert_eq!(japanese.message_id, None);
    assert!(japanese.body.starts_with("Hello,"));
    assert!(!japanese.body.contains('>'));
    assert_eq!(far(&japanese.reported[0]), [(Some("198.51.100.5"), Some(6667), Some("tcp"))]);
    assert!(!japanese.reporter.unwrap().contains("よろしく"));
}

#[test]
fn attachments_that_are_no_text_are_listed() {
    let path = format!("{}/fixtures/forward-attached.eml", env!("CARGO_MANIFEST_DIR"));
    let mail = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let direct = mail.replace("message/rfc822", "text/plain").replace("hanako@example.jp\nTo", "trustandsafety@support.aws.com\nTo");
    let notice = read(direct.as_bytes(), &ctx()).unwrap();
    assert!(notice.unread.iter().any(|line| line.contains("logs.zip")), "{:?}", notice.unread);
}

#[test]
fn a_reporters_own_json() {
    let notice = notice("xarf-scan.json");
    assert_eq!(ids(&notice), [(ResourceKind::Address, "203.0.113.25")]);
    assert_eq!(window(&notice.reported[0]), at("2025-01-11T08:45:00Z", "2025-01-11T09:21:23Z"));
    assert_eq!(far(&notice.reported[0]), [(Some("198.51.100.100"), Some(80), Some("tcp"))]);
    assert!(notice.reporter.unwrap().contains("SRC=203.0.113.25 DST=198.51.100.100"));
}

#[test]
fn own_findings() {
    let path = format!("{}/fixtures/guardduty.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read_to_string(path).unwrap();
    let finding = self_found(&json, None, &ctx()).unwrap();
    assert_eq!((finding.kind, finding.category), (Kind::SelfFound, Category::Dos));
    assert_eq!(finding.account_id.as_deref(), Some("111122223333"));
    assert_eq!(finding.resources[0].addresses, ["203.0.113.25", "10.0.0.5"]);
    assert_eq!(window(&finding.reported[0]), at("2026-03-02T06:30:00Z", "2026-03-02T07:30:00Z"));
    assert_eq!(far(&finding.reported[0]), [(Some("198.51.100.9"), Some(53), Some("udp"))]);

    let text = "2026年3月2日 15:30 頃から、インスタンス i-0123456789abcdef0（203.0.113.25、10.0.0.5）が 198.51.100.9 へポートスキャンをしていました。";
    let own = self_found(text, Some("111122223333"), &ctx()).unwrap();
    assert_eq!((own.kind, own.category), (Kind::SelfFound, Category::PortScan));
    assert_eq!(own.account_id.as_deref(), Some("111122223333"));
    assert_eq!(ids(&own), [(ResourceKind::Ec2Instance, "i-0123456789abcdef0")]);
    // A Japanese author's clock is taken to be Japan's, and said to be assumed.
    assert_eq!(own.reported[0].from.unwrap().to_string(), "2026-03-02T06:30:00Z");
    assert_eq!(own.reported[0].zone_certainty, ZoneCertainty::Assumed);
    assert_eq!(far(&own.reported[0]), [(Some("198.51.100.9"), None, None)]);
    assert_eq!(own.deadline.basis, Basis::FromReceipt);
    assert_eq!(own.authenticity.verdict, Verdict::NotChecked);
}

#[test]
fn a_partners_summary_in_japanese() {
    let text = "AWSアカウントID：111122223333\nリージョン：ap-northeast-1\nインスタンスID：i-0123456789abcdef0\n内容：ポートスキャン\n発生日時：2026-03-01 12:00:00 (JST)\n";
    let notice = read(text.as_bytes(), &ctx()).unwrap();
    assert_eq!(notice.category, Category::PortScan);
    assert_eq!(notice.account_id.as_deref(), Some("111122223333"));
    assert_eq!(notice.regions, ["ap-northeast-1"]);
    assert_eq!(window(&notice.reported[0]), at("2026-03-01T03:00:00Z", "2026-03-01T03:00:00Z"));
}

#[test]
fn an_exposed_key_in_prose() {
    let text = "Case 170000000000001\nHello,\nThe access key AKIAIOSFODNN7EXAMPLE (IAM user: deploy) is publicly available online at\n\
                https://github.com/example/app/blob/main/config.py. To protect your account we have applied AWSCompromisedKeyQuarantineV3 to it.\n\
                Please rotate the key by 2026-03-09T12:00:00Z.\n";
    let notice = read(text.as_bytes(), &ctx()).unwrap();
    assert_eq!(notice.category, Category::CompromisedCredentials);
    assert_eq!(notice.case_number.as_deref(), Some("170000000000001"));
    assert_eq!(ids(&notice), [(ResourceKind::AccessKey, "AKIAIOSFODNN7EXAMPLE"), (ResourceKind::IamUser, "deploy")]);
    assert_eq!(notice.reported[0].urls, ["https://github.com/example/app/blob/main/config.py"]);
    assert_eq!((notice.deadline.at.to_string().as_str(), notice.deadline.basis), ("2026-03-09T12:00:00Z", Basis::Stated));
    assert_eq!(notice.mitigations, ["To protect your account we have applied AWSCompromisedKeyQuarantineV3 to it."]);
}

#[test]
fn resources_of_other_kinds() {
    let text = "AWS Account ID: 111122223333\nImplicated Resource(s):\n* arn:aws:cloudfront::111122223333:distribution/E2EXAMPLE\n\
                * web-1.us-east-1.elb.amazonaws.com\nReported Activity: DDoS, Port Scanning\n\
                Abuse Time: 10 Jul 2024 02:11:05 UTC - 10 Jul 2024 03:00:00 UTC\n";
    let notice = read(text.as_bytes(), &ctx()).unwrap();
    assert_eq!(ids(&notice), [(ResourceKind::CloudFront, "E2EXAMPLE"), (ResourceKind::LoadBalancer, "web-1.us-east-1.elb.amazonaws.com")]);
    let read: Vec<_> = notice.reported.iter().map(|r| r.category).collect();
    assert_eq!(read, [Category::Dos, Category::PortScan, Category::Dos, Category::PortScan]);
    assert_eq!(window(&notice.reported[3]), at("2024-07-10T02:11:05Z", "2024-07-10T03:00:00Z"));
}

#[test]
fn unknown_text_is_a_notice_of_no_category() {
    let notice = read(b"The weather is fine.", &ctx()).unwrap();
    assert_eq!(notice.category, Category::Other);
    assert_eq!(notice.reported.len(), 1);
    assert_eq!(notice.reported[0].text, "The weather is fine.");
}

#[test]
fn the_same_notice_opens_the_same_case() {
    let original = notice("f5-dos.txt");
    let path = format!("{}/fixtures/f5-dos.txt", env!("CARGO_MANIFEST_DIR"));
    let crlf = std::fs::read_to_string(path).unwrap().replace('\n', "\r\n");
    assert_eq!(read(crlf.as_bytes(), &ctx()).unwrap().case_id(), original.case_id());
}

#[test]
fn every_rule_is_told_in_japanese() {
    let folder = |name: &str| std::fs::read_dir(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap().map(|e| e.unwrap().path());
    let batches = folder("corpus").filter(|p| p.is_dir()).flat_map(|batch| std::fs::read_dir(batch).unwrap().map(|e| e.unwrap().path()));
    let files = folder("fixtures").chain(batches).filter(|p| !p.to_string_lossy().ends_with(".expect.json"));
    let mut rules = std::collections::BTreeSet::new();
    for file in files {
        let Ok(reading) = abate_notice::explained(&std::fs::read(&file).unwrap(), &ctx()) else { continue };
        for why in reading.why {
            let rule = why.rule_text();
            assert!(rule.ja.chars().any(|c| c as u32 > 0x3000), "{}: {} has no Japanese words", file.display(), rule.en);
            rules.insert(why.rule);
        }
    }
    assert!(rules.len() > 20);
}
