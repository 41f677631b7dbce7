//! Made-up calls of the AWS API, sign-ins to the console, and resources.

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication, InventoryInfo};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use jiff::Timestamp;
use serde_json::Value;

/// The account of the examples.
pub(crate) const OWN: &str = "111122223333";
/// Its user's key.
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// A call under construction.
#[derive(Clone)]
pub(crate) struct Call(pub Timestamp, pub ApiActivity<'static>);

/// A call `service:Name` at `2026-11-DD HH:MM:SS` (written `20T10:00:00`), by IAM user alice with her key from 198.51.100.4.
pub(crate) fn call(at: &str, what: &str) -> Call {
    let (service, name) = what.split_once(':').unwrap_or((what, ""));
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

/// A time in November 2026.
pub(crate) fn time(at: &str) -> Timestamp {
    format!("2026-11-{at}Z").parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Call {
    pub(crate) fn by(mut self, user: &str) -> Self {
        self.1.identity_type = Some("IAMUser".into());
        self.1.identity_arn = Some(format!("arn:aws:iam::{OWN}:user/{user}").into());
        self.1.user_name = Some(user.to_owned().into());
        self.1.access_key_id = Some(KEY.into());
        self
    }
    pub(crate) fn by_role(mut self, role: &str, session: &str) -> Self {
        self.1.identity_type = Some("AssumedRole".into());
        self.1.identity_arn = Some(format!("arn:aws:sts::{OWN}:assumed-role/{role}/{session}").into());
        self.1.session_issuer_arn = Some(format!("arn:aws:iam::{OWN}:role/{role}").into());
        self.1.user_name = Some(role.to_owned().into());
        self.1.principal_id = Some(format!("AROAEXAMPLE:{session}").into());
        self.1.access_key_id = Some("ASIAIOSFODNN7EXAMPLE".into());
        self
    }
    pub(crate) fn by_root(mut self) -> Self {
        self.1.identity_type = Some("Root".into());
        self.1.identity_arn = Some(format!("arn:aws:iam::{OWN}:root").into());
        self.1.user_name = None;
        self.1.access_key_id = None;
        self
    }
    /// Signed by nobody.
    pub(crate) fn by_nobody(mut self) -> Self {
        self.1.identity_type = Some("AWSAccount".into());
        self.1.principal_id = Some("".into());
        (self.1.identity_arn, self.1.access_key_id, self.1.user_name) = (None, None, None);
        self
    }
    pub(crate) fn from(mut self, source: &str) -> Self {
        self.1.source_ip = Some(source.to_owned().into());
        self
    }
    pub(crate) fn agent(mut self, agent: &str) -> Self {
        self.1.user_agent = Some(agent.to_owned().into());
        self
    }
    pub(crate) fn region(mut self, region: &str) -> Self {
        self.1.region = Some(region.to_owned().into());
        self
    }
    pub(crate) fn request(mut self, request: Value) -> Self {
        self.1.request = Some(request.to_string().into());
        self
    }
    pub(crate) fn response(mut self, response: Value) -> Self {
        self.1.response = Some(response.to_string().into());
        self
    }
    pub(crate) fn refused(mut self, code: &str) -> Self {
        self.1.error_code = Some(code.to_owned().into());
        self
    }
    /// As a row; `n` keeps its place apart from others'.
    pub(crate) fn row(self, n: u64) -> Row<'static> {
        row(n, Some(self.0), Body::Api(Box::new(self.1)))
    }
}

/// Calls as rows.
pub(crate) fn calls(calls: impl IntoIterator<Item = Call>) -> Vec<Row<'static>> {
    (0..).zip(calls).map(|(n, call)| call.row(n)).collect()
}

/// The same on each of some days, at nine o'clock.
pub(crate) fn daily(days: std::ops::Range<u32>, call_of: impl Fn(&str) -> Call) -> impl Iterator<Item = Call> {
    days.map(move |day| call_of(&format!("{day:02}T09:00:00")))
}

/// Quiet work of alice over some days before: a baseline.
pub(crate) fn quiet() -> Vec<Call> {
    daily(10..18, |at| call(at, "ec2:DescribeInstances")).collect()
}

/// Quiet work, then calls, as rows.
pub(crate) fn after_quiet(then: impl IntoIterator<Item = Call>) -> Vec<Row<'static>> {
    calls(quiet().into_iter().chain(then))
}

/// A row.
pub(crate) fn row(n: u64, at: Option<Timestamp>, body: Body<'static>) -> Row<'static> {
    Row { at, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Bytes { offset: n * 1000, length: 900 }, body }
}

/// A console sign-in with MFA that succeeded.
pub(crate) fn console(at: &str, user: &str, source: &str) -> (Timestamp, Authentication<'static>) {
    let auth = Authentication {
        service: "console".into(),
        account: Some(OWN.into()),
        user: Some(user.to_owned().into()),
        source: source.parse().ok(),
        outcome: AuthOutcome::Success,
        attempts: 1,
        mfa: Some(true),
        ..Authentication::default()
    };
    (time(at), auth)
}

/// Sign-ins as rows.
pub(crate) fn sign_ins(signs: impl IntoIterator<Item = (Timestamp, Authentication<'static>)>) -> Vec<Row<'static>> {
    (50_000..).zip(signs).map(|(n, (at, auth))| row(n, Some(at), Body::Auth(Box::new(auth)))).collect()
}

/// Resources as rows; what `describe-*` says has no time.
pub(crate) fn inventory(items: impl IntoIterator<Item = InventoryInfo<'static>>) -> Vec<Row<'static>> {
    (90_000..).zip(items).map(|(n, item)| row(n, None, Body::Inventory(Box::new(item)))).collect()
}
