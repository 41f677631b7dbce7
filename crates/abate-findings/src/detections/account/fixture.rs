//! Made-up calls for the tests of the account-side detections.

use abate_model::memory::Memory;
use abate_model::rows::{ApiActivity, Authentication};
use abate_model::{
    AccountProfile, Authenticity, AuthenticityVerdict, Body, Category, Deadline, DeadlineBasis, Finding, Locator, Notice, NoticeKind, Row,
    ZoneCertainty,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Context, Detection};

pub(in super::super) const OWN: &str = "111122223333";
pub(in super::super) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// A call under construction.
#[derive(Clone)]
pub(in super::super) struct Call(pub Timestamp, pub ApiActivity<'static>);

/// A call `service:Name` at `2026-11-DD HH:MM:SS` (written `20T10:00:00`), by IAM user alice with her key from 198.51.100.4.
pub(in super::super) fn call(at: &str, what: &str) -> Call {
    let (service, name) = what.split_once(':').unwrap();
    Call(
        time(at),
        ApiActivity {
            event_name: name.to_owned().into(),
            event_source: format!("{service}.amazonaws.com").into(),
            region: Some("ap-northeast-1".into()),
            account: Some(OWN.into()),
            source_ip: Some("198.51.100.4".into()),
            user_agent: Some("aws-cli/2.15.0".into()),
            ..ApiActivity::default()
        },
    )
    .by("alice")
}

pub(in super::super) fn time(at: &str) -> Timestamp {
    format!("2026-11-{at}Z").parse().unwrap()
}

impl Call {
    pub fn by(mut self, user: &str) -> Self {
        self.1.identity_type = Some("IAMUser".into());
        self.1.identity_arn = Some(format!("arn:aws:iam::{OWN}:user/{user}").into());
        self.1.user_name = Some(user.to_owned().into());
        self.1.access_key_id = Some(KEY.into());
        self
    }
    pub fn by_role(mut self, role: &str, session: &str) -> Self {
        self.1.identity_type = Some("AssumedRole".into());
        self.1.identity_arn = Some(format!("arn:aws:sts::{OWN}:assumed-role/{role}/{session}").into());
        self.1.session_issuer_arn = Some(format!("arn:aws:iam::{OWN}:role/{role}").into());
        self.1.user_name = Some(role.to_owned().into());
        self.1.principal_id = Some(format!("AROAEXAMPLE:{session}").into());
        self.1.access_key_id = Some("ASIAIOSFODNN7EXAMPLE".into());
        self
    }
    pub fn by_root(mut self) -> Self {
        self.1.identity_type = Some("Root".into());
        self.1.identity_arn = Some(format!("arn:aws:iam::{OWN}:root").into());
        self.1.user_name = None;
        self.1.access_key_id = None;
        self
    }
    pub fn from(mut self, source: &str) -> Self {
        self.1.source_ip = Some(source.to_owned().into());
        self
    }
    pub fn agent(mut self, agent: &str) -> Self {
        self.1.user_agent = Some(agent.to_owned().into());
        self
    }
    pub fn region(mut self, region: &str) -> Self {
        self.1.region = Some(region.to_owned().into());
        self
    }
    pub fn request(mut self, request: Value) -> Self {
        self.1.request = Some(request.to_string().into());
        self
    }
    pub fn response(mut self, response: Value) -> Self {
        self.1.response = Some(response.to_string().into());
        self
    }
    pub fn refused(mut self, code: &str) -> Self {
        self.1.error_code = Some(code.to_owned().into());
        self
    }
}

/// Quiet work of alice over some days before: a baseline.
pub(in super::super) fn quiet() -> Vec<Call> {
    (10..18).map(|day| call(&format!("{day}T09:00:00"), "ec2:DescribeInstances")).collect()
}

/// A row.
pub(in super::super) fn row(n: u64, at: Option<Timestamp>, body: Body<'static>) -> Row<'static> {
    Row { at, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Bytes { offset: n * 1000, length: 900 }, body }
}

/// A console sign-in.
pub(in super::super) fn sign_in(at: &str, user: &str, source: &str) -> (Timestamp, Authentication<'static>) {
    let auth = Authentication {
        service: "console".into(),
        account: Some(OWN.into()),
        user: Some(user.to_owned().into()),
        source: source.parse().ok(),
        outcome: abate_model::rows::AuthOutcome::Success,
        attempts: 1,
        mfa: Some(true),
        ..Authentication::default()
    };
    (time(at), auth)
}

/// What a detection finds in calls.
pub(in super::super) fn run(detection: &Detection, calls: Vec<Call>) -> Vec<Finding> {
    let rows = calls.into_iter().enumerate().map(|(n, Call(at, api))| row(n as u64, Some(at), Body::Api(Box::new(api)))).collect();
    run_rows(detection, rows, &notice(), &AccountProfile::default())
}

/// What a detection finds in rows, for a notice and a profile.
pub(in super::super) fn run_rows(
    detection: &Detection,
    rows: Vec<Row<'static>>,
    notice: &Notice,
    profile: &AccountProfile,
) -> Vec<Finding> {
    let memory = Memory::of_rows(rows);
    let found = (detection.run)(&Context { notice, evidence: &memory, profile });
    for finding in &found {
        assert!(detection.claims.contains(&finding.claim));
        assert!(!finding.evidence.is_empty() && !finding.evidence[0].source.is_empty());
        assert!(!finding.title.en.contains("{t}") && !finding.title.ja.contains("{t}"));
    }
    found
}

/// A notice of 20 November.
pub(in super::super) fn notice() -> Notice {
    Notice {
        schema: abate_model::notice::NOTICE_SCHEMA.into(),
        kind: NoticeKind::First,
        category: Category::PortScan,
        account_id: Some(OWN.into()),
        regions: Vec::new(),
        resources: Vec::new(),
        case_number: None,
        reported: Vec::new(),
        required_actions: Vec::new(),
        mitigations: Vec::new(),
        deadline: Deadline { at: time("22T00:00:00"), basis: DeadlineBasis::FromReceipt },
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
        message_id: None,
        date: None,
        received_at: time("21T00:00:00"),
        body: String::new(),
        sha256: String::new(),
    }
}
