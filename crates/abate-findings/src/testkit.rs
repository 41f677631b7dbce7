//! What tests of detections share: a notice and rows, made by hand.

use abate_model::memory::Memory;
use abate_model::rows::{AuthOutcome, Authentication, FlowAction, HttpActivity, NetworkActivity};
use abate_model::{
    AccountProfile, Authenticity, AuthenticityVerdict, Body, Category, Claim, Deadline, DeadlineBasis, Finding, Locator, Notice,
    NoticeKind, ReportedActivity, Resource, ResourceKind, Row, ZoneCertainty,
};
use jiff::Timestamp;

use crate::{Context, Detection};

/// Seconds after a fixed start.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// A port-scan notice about i-0123456789abcdef0 [203.0.113.10], reported at second 600.
pub(crate) fn notice() -> Notice {
    let reported = ReportedActivity {
        id: "r1".into(),
        category: Category::PortScan,
        resource: Some("i-0123456789abcdef0".into()),
        from: Some(at(600)),
        to: Some(at(600)),
        zone: Some("UTC".into()),
        zone_certainty: ZoneCertainty::Stated,
        remote: Vec::new(),
        urls: Vec::new(),
        text: "port scanning".into(),
    };
    Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category: Category::PortScan,
        account_id: Some("111122223333".into()),
        regions: vec!["us-east-1".into()],
        resources: vec![Resource {
            kind: ResourceKind::Ec2Instance,
            id: "i-0123456789abcdef0".into(),
            addresses: vec!["203.0.113.10".into()],
            masked: false,
        }],
        case_number: None,
        reported: vec![reported],
        required_actions: Vec::new(),
        mitigations: Vec::new(),
        deadline: Deadline { at: at(86_400), basis: DeadlineBasis::FromDate },
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: Vec::new(), signatures: None },
        reporter: None,
        family: abate_model::Family::Unrecognised,
        channel: abate_model::Channel::Pasted,
        reports: vec![],
        references: vec![],
        communication_id: None,
        unread: Vec::new(),
        subject: None,
        from: None,
        to: None,
        message_id: Some("m@example.com".into()),
        date: Some(at(3600)),
        received_at: at(3600),
        body: String::new(),
        sha256: String::new(),
    }
}

fn row(second: i64, n: u64, body: Body<'static>) -> Row<'static> {
    Row { at: Some(at(second)), zone: ZoneCertainty::Stated, source: 0, locator: Locator::Bytes { offset: n, length: 1 }, body }
}

/// A flow of one minute.
pub(crate) fn flow(second: i64, src: (&str, u16), dst: (&str, u16), protocol: u8, packets: u64) -> Row<'static> {
    let n = second.unsigned_abs() * 1_000_000 + u64::from(src.1) * 7 + u64::from(dst.1) + dst.0.bytes().map(u64::from).sum::<u64>() * 31;
    row(
        second,
        n,
        Body::Net(NetworkActivity {
            interface_id: Some("eni-1".into()),
            src: src.0.parse().ok(),
            dst: dst.0.parse().ok(),
            src_port: Some(src.1),
            dst_port: Some(dst.1),
            protocol: Some(protocol),
            packets,
            bytes: packets * 60,
            end: Some(at(second + 60)),
            action: Some(FlowAction::Accept),
            ..NetworkActivity::default()
        }),
    )
}

/// A line of sshd.
pub(crate) fn ssh(second: i64, user: &'static str, source: &str, method: &'static str, success: bool) -> Row<'static> {
    row(
        second,
        second.unsigned_abs(),
        Body::Auth(Box::new(Authentication {
            service: "sshd".into(),
            host: Some("web1".into()),
            user: Some(user.into()),
            source: source.parse().ok(),
            method: Some(method.into()),
            outcome: if success { AuthOutcome::Success } else { AuthOutcome::Failure },
            attempts: 1,
            ..Authentication::default()
        })),
    )
}

/// A sign-in by password to some service, or the failure of one.
pub(crate) fn sign_in(service: &'static str, second: i64, user: &'static str, source: &str, success: bool) -> Row<'static> {
    let mut row = ssh(second, user, source, "password", success);
    if let Body::Auth(auth) = &mut row.body {
        auth.service = service.into();
    }
    row
}

/// A line of an access log.
pub(crate) fn http(second: i64, client: &'static str, method: &'static str, target: &'static str, status: u16) -> Row<'static> {
    let n = second.unsigned_abs() * 1000 + target.len() as u64 + client.bytes().map(u64::from).sum::<u64>();
    row(
        second,
        n,
        Body::Http(Box::new(HttpActivity {
            client: client.into(),
            method: method.into(),
            target: target.into(),
            status: Some(status),
            bytes: Some(512 + target.len() as u64),
            user_agent: Some("Mozilla/5.0".into()),
            ..HttpActivity::default()
        })),
    )
}

/// What a detection finds in rows.
pub(crate) fn run(detection: &Detection, rows: Vec<Row<'static>>) -> Vec<Finding> {
    run_with(detection, rows, &notice())
}

/// The same, with a notice of one's own.
pub(crate) fn run_with(detection: &Detection, rows: Vec<Row<'static>>, notice: &Notice) -> Vec<Finding> {
    let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
    (detection.run)(&Context { notice, evidence: &evidence, profile: &profile })
}

/// The claims found in rows.
pub(crate) fn claims(detection: &Detection, rows: Vec<Row<'static>>) -> Vec<Claim> {
    run(detection, rows).into_iter().map(|f| f.claim).collect()
}
