//! One CloudTrail record as JSON, and the row that it makes.
//!
//! Fields not shown in a row are skipped; they stay in the raw record.

use std::borrow::Cow;

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication, DetectionFinding};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::Refusal;
use crate::shape::Field;
use crate::{ReadContext, time};

/// A record, or one of the wrappings in which records come.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Record<'a> {
    #[serde(borrow, rename = "eventID")]
    event_id: Field<'a>,
    #[serde(borrow)]
    event_name: Field<'a>,
    #[serde(borrow)]
    event_source: Field<'a>,
    #[serde(borrow)]
    event_type: Field<'a>,
    #[serde(borrow)]
    event_time: Field<'a>,
    #[serde(borrow)]
    aws_region: Field<'a>,
    #[serde(borrow)]
    recipient_account_id: Field<'a>,
    #[serde(borrow, rename = "sourceIPAddress")]
    source_ip: Field<'a>,
    #[serde(borrow)]
    user_agent: Field<'a>,
    #[serde(borrow)]
    error_code: Field<'a>,
    #[serde(borrow)]
    error_message: Field<'a>,
    #[serde(borrow)]
    read_only: Field<'a>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
    #[serde(borrow)]
    request_parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    response_elements: Option<&'a RawValue>,
    #[serde(borrow)]
    additional_event_data: Option<&'a RawValue>,
    #[serde(borrow)]
    insight_details: Option<Insight<'a>>,
    #[serde(borrow, rename = "sharedEventID")]
    shared_event_id: Field<'a>,
    /// `lookup-events`: the record as JSON in a string
    #[serde(borrow, rename = "CloudTrailEvent")]
    pub looked_up: Field<'a>,
    /// EventBridge: the record under `detail`
    #[serde(borrow)]
    pub detail: Option<&'a RawValue>,
}

/// What CloudTrail Insights says of a rate that is out of the ordinary.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Insight<'a> {
    #[serde(borrow)]
    state: Field<'a>,
    #[serde(borrow)]
    event_source: Field<'a>,
    #[serde(borrow)]
    event_name: Field<'a>,
    #[serde(borrow)]
    insight_type: Field<'a>,
    #[serde(borrow)]
    error_code: Field<'a>,
    #[serde(borrow)]
    insight_context: Option<&'a RawValue>,
}

/// Who caused it, most first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributions<'a> {
    #[serde(borrow)]
    attributions: Vec<Attribution<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribution<'a> {
    #[serde(borrow)]
    attribute: Field<'a>,
    #[serde(borrow)]
    insight: Vec<Share<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Share<'a> {
    #[serde(borrow)]
    value: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Field<'a>,
    #[serde(borrow)]
    arn: Field<'a>,
    #[serde(borrow)]
    account_id: Field<'a>,
    #[serde(borrow)]
    user_name: Field<'a>,
    #[serde(borrow)]
    principal_id: Field<'a>,
    #[serde(borrow)]
    access_key_id: Field<'a>,
    #[serde(borrow)]
    invoked_by: Field<'a>,
    #[serde(borrow)]
    session_context: Option<Session<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session<'a> {
    #[serde(borrow)]
    session_issuer: Option<Issuer<'a>>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer<'a> {
    #[serde(borrow)]
    arn: Field<'a>,
    #[serde(borrow)]
    user_name: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attributes<'a> {
    #[serde(borrow)]
    mfa_authenticated: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SignIn<'a> {
    #[serde(borrow, rename = "MFAUsed")]
    mfa_used: Field<'a>,
    #[serde(borrow, rename = "ConsoleLogin")]
    result: Field<'a>,
}

impl<'a> Record<'a> {
    /// Whether it is an event by itself and not a wrapping.
    pub fn is_event(&self) -> bool {
        (self.event_name.0.is_some() && self.event_source.0.is_some()) || self.insight_details.is_some()
    }

    /// The row.
    pub fn into_row(self, locator: Locator, ctx: &ReadContext) -> Result<Row<'a>, Refusal> {
        if !self.is_event() {
            return Err(Refusal::malformed("no CloudTrail event: eventName and eventSource are missing"));
        }
        let stated = self.event_time.0.as_deref().and_then(|text| time::iso(text, &ctx.zone));
        let (at, zone) = stated.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
        let sign_in =
            self.event_name.0.as_deref() == Some("ConsoleLogin") && self.event_source.0.as_deref() == Some("signin.amazonaws.com");
        let body = if self.insight_details.is_some() {
            Body::Detection(Box::new(self.into_insight(at)))
        } else if sign_in {
            Body::Auth(Box::new(self.into_sign_in()))
        } else {
            Body::Api(Box::new(self.into_api()))
        };
        Ok(Row { at, zone, source: 0, locator, body })
    }

    /// An Insights event: it begins and ends, both under the same shared id.
    fn into_insight(self, at: Option<Timestamp>) -> DetectionFinding<'a> {
        let insight = self.insight_details.unwrap_or_default();
        let context = insight.insight_context.map(RawValue::get).unwrap_or_default();
        let attributions: Attributions<'a> = serde_json::from_str(context).unwrap_or_default();
        let who = attributions.attributions.into_iter().find(|a| a.attribute.0.as_deref() == Some("userIdentityArn"));
        let words = |field: Field<'a>| field.0.unwrap_or(Cow::Borrowed("-"));
        let ended = insight.state.0.as_deref() == Some("End");
        let (kind, state) = (words(insight.insight_type), words(insight.state));
        let error = insight.error_code.filled().map_or_else(String::new, |code| format!(" with {code}"));
        DetectionFinding {
            product: Cow::Borrowed("CloudTrail Insights"),
            finding_id: self.shared_event_id.filled().or(self.event_id.filled()).unwrap_or_default(),
            title: Cow::Owned(format!("{kind} ({state}): {} of {}{error}", words(insight.event_name), words(insight.event_source))),
            kind,
            description: Cow::Borrowed(context),
            account: self.recipient_account_id.filled(),
            region: self.aws_region.filled(),
            principal: who.and_then(|w| w.insight.into_iter().next()).and_then(|share| share.value.filled()),
            first_seen: at.filter(|_| !ended),
            last_seen: at.filter(|_| ended),
            count: 1,
            ..DetectionFinding::default()
        }
    }

    fn into_api(self) -> ApiActivity<'a> {
        let additional: SignIn<'_> = within(self.additional_event_data);
        let identity = self.user_identity.unwrap_or_default();
        let session = identity.session_context.unwrap_or_default();
        let issuer = session.session_issuer.unwrap_or_default();
        let session_mfa = session.attributes.unwrap_or_default().mfa_authenticated.truth();
        ApiActivity {
            event_id: self.event_id.filled(),
            event_name: self.event_name.0.unwrap_or_default(),
            event_source: self.event_source.0.unwrap_or_default(),
            event_type: self.event_type.filled(),
            region: self.aws_region.filled(),
            account: self.recipient_account_id.filled().or(identity.account_id.filled()),
            identity_type: identity.kind.filled(),
            identity_arn: identity.arn.filled(),
            user_name: identity.user_name.filled().or(issuer.user_name.filled()),
            principal_id: identity.principal_id.filled(),
            access_key_id: identity.access_key_id.filled(),
            session_issuer_arn: issuer.arn.filled(),
            mfa: session_mfa.or(yes_no(&additional.mfa_used)),
            invoked_by: identity.invoked_by.filled(),
            source_ip: self.source_ip.filled(),
            user_agent: self.user_agent.filled(),
            error_code: self.error_code.filled(),
            error_message: self.error_message.filled(),
            read_only: self.read_only.truth(),
            request: self.request_parameters.map(json_text),
            response: self.response_elements.map(json_text),
            additional: self.additional_event_data.map(json_text),
        }
    }

    /// A sign-in to the console. The result stands in `responseElements`; a refused one also has an error message.
    fn into_sign_in(self) -> Authentication<'a> {
        let additional: SignIn<'_> = within(self.additional_event_data);
        let response: SignIn<'_> = within(self.response_elements);
        let error = self.error_message.filled();
        let outcome = match response.result.0.as_deref() {
            Some("Success") => AuthOutcome::Success,
            Some("Failure") => AuthOutcome::Failure,
            _ if error.is_some() || self.error_code.0.is_some() => AuthOutcome::Failure,
            _ => AuthOutcome::Other,
        };
        let identity = self.user_identity.unwrap_or_default();
        let root = identity.kind.0.as_deref() == Some("Root");
        let user = identity.user_name.filled().or(root.then_some(Cow::Borrowed("root"))).or(identity.arn.filled());
        let result = response.result.filled().unwrap_or(Cow::Borrowed("result not stated"));
        let message = match &error {
            Some(error) => Cow::Owned(format!("ConsoleLogin: {result} ({error})")),
            None => Cow::Owned(format!("ConsoleLogin: {result}")),
        };
        Authentication {
            service: Cow::Borrowed("console"),
            host: None,
            account: self.recipient_account_id.filled().or(identity.account_id.filled()),
            region: self.aws_region.filled(),
            user,
            unknown_user: error.as_deref().is_some_and(|e| e.contains("No username found")),
            source: self.source_ip.parsed(),
            source_port: None,
            method: Some(Cow::Borrowed("console")),
            key_fingerprint: None,
            outcome,
            attempts: 1,
            mfa: yes_no(&additional.mfa_used),
            pid: None,
            user_agent: self.user_agent.filled(),
            message,
            event_id: self.event_id.filled(),
        }
    }
}

fn json_text(raw: &RawValue) -> Cow<'_, str> {
    Cow::Borrowed(raw.get())
}

fn yes_no(field: &Field<'_>) -> Option<bool> {
    match field.0.as_deref()? {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => None,
    }
}

/// A part of the record that only sign-ins are asked for; anything unexpected in it is as if it were not there.
fn within(raw: Option<&RawValue>) -> SignIn<'_> {
    let Some(text) = raw.map(RawValue::get) else { return SignIn::default() };
    if text.contains("MFAUsed") || text.contains("ConsoleLogin") {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        SignIn::default()
    }
}
