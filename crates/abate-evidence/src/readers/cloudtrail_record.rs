//! One CloudTrail record as JSON, and the row that it makes.
//!
//! Fields not shown in a row are skipped; they stay in the raw record.

use std::borrow::Cow;

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication, DetectionFinding};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::json::Refusal;
use crate::members::{Members, Odd, Value};
use crate::shape::Field;
use crate::{ReadContext, time};

/// A record, or one of the wrappings in which records come.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
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
    request_parameters: Option<Raw<'a>>,
    #[serde(borrow)]
    response_elements: Option<Raw<'a>>,
    #[serde(borrow)]
    additional_event_data: Option<Raw<'a>>,
    #[serde(borrow)]
    insight_details: Option<Insight<'a>>,
    #[serde(borrow, rename = "sharedEventID")]
    shared_event_id: Field<'a>,
    /// `lookup-events`: the record as JSON in a string
    #[serde(borrow, rename = "CloudTrailEvent")]
    pub looked_up: Field<'a>,
    /// EventBridge: the record under `detail`
    #[serde(borrow)]
    pub detail: Option<Raw<'a>>,
}

/// A value as it stands in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw<'a>(pub &'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}

/// What CloudTrail Insights says of a rate that is out of the ordinary.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
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
    insight_context: Option<Raw<'a>>,
}

/// Who caused it, most first.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Attributions<'a> {
    #[serde(borrow)]
    attributions: Vec<Attribution<'a>>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Attribution<'a> {
    #[serde(borrow)]
    attribute: Field<'a>,
    #[serde(borrow)]
    insight: Vec<Share<'a>>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Share<'a> {
    #[serde(borrow)]
    value: Field<'a>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
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

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session<'a> {
    #[serde(borrow)]
    session_issuer: Option<Issuer<'a>>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer<'a> {
    #[serde(borrow)]
    arn: Field<'a>,
    #[serde(borrow)]
    user_name: Field<'a>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attributes<'a> {
    #[serde(borrow)]
    mfa_authenticated: Field<'a>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct SignIn<'a> {
    #[serde(borrow, rename = "MFAUsed")]
    mfa_used: Field<'a>,
    #[serde(borrow, rename = "ConsoleLogin")]
    result: Field<'a>,
}

impl<'a> Record<'a> {
    /// Of a record as CloudTrail writes them. Anything out of the ordinary in it (escapes in keys, a key twice, a value of another kind,
    /// a wrapping) is [`Odd`], and for a parser to judge. What is deep inside the call's parameters is not looked at.
    pub fn usual(text: &'a str) -> Result<Self, Odd> {
        let mut record = Self::default();
        let mut members = Members::of(text)?;
        while let Some((key, value)) = members.next()? {
            match key {
                "eventID" => set(&mut record.event_id, value),
                "eventName" => set(&mut record.event_name, value),
                "eventSource" => set(&mut record.event_source, value),
                "eventType" => set(&mut record.event_type, value),
                "eventTime" => set(&mut record.event_time, value),
                "awsRegion" => set(&mut record.aws_region, value),
                "recipientAccountId" => set(&mut record.recipient_account_id, value),
                "sourceIPAddress" => set(&mut record.source_ip, value),
                "userAgent" => set(&mut record.user_agent, value),
                "errorCode" => set(&mut record.error_code, value),
                "errorMessage" => set(&mut record.error_message, value),
                "readOnly" => set(&mut record.read_only, value),
                "sharedEventID" => set(&mut record.shared_event_id, value),
                "requestParameters" => put(&mut record.request_parameters, value, |value| Ok(Raw(value.text()))),
                "responseElements" => put(&mut record.response_elements, value, |value| Ok(Raw(value.text()))),
                "additionalEventData" => put(&mut record.additional_event_data, value, |value| Ok(Raw(value.text()))),
                "userIdentity" => put(&mut record.user_identity, value, Identity::usual),
                "insightDetails" | "CloudTrailEvent" | "detail" => Err(Odd),
                _ => Ok(()),
            }?;
        }
        members.end().map(|()| record)
    }

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
        let context = insight.insight_context.map(|raw| raw.0).unwrap_or_default();
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

impl<'a> Identity<'a> {
    fn usual(value: Value<'a>) -> Result<Self, Odd> {
        let mut identity = Self::default();
        let mut members = value.members()?;
        while let Some((key, value)) = members.next()? {
            match key {
                "type" => set(&mut identity.kind, value),
                "arn" => set(&mut identity.arn, value),
                "accountId" => set(&mut identity.account_id, value),
                "userName" => set(&mut identity.user_name, value),
                "principalId" => set(&mut identity.principal_id, value),
                "accessKeyId" => set(&mut identity.access_key_id, value),
                "invokedBy" => set(&mut identity.invoked_by, value),
                "sessionContext" => put(&mut identity.session_context, value, Session::usual),
                _ => Ok(()),
            }?;
        }
        Ok(identity)
    }
}

impl<'a> Session<'a> {
    fn usual(value: Value<'a>) -> Result<Self, Odd> {
        let mut session = Self::default();
        let mut members = value.members()?;
        while let Some((key, value)) = members.next()? {
            match key {
                "sessionIssuer" => put(&mut session.session_issuer, value, Issuer::usual),
                "attributes" => put(&mut session.attributes, value, Attributes::usual),
                _ => Ok(()),
            }?;
        }
        Ok(session)
    }
}

impl<'a> Issuer<'a> {
    fn usual(value: Value<'a>) -> Result<Self, Odd> {
        let mut issuer = Self::default();
        let mut members = value.members()?;
        while let Some((key, value)) = members.next()? {
            match key {
                "arn" => set(&mut issuer.arn, value),
                "userName" => set(&mut issuer.user_name, value),
                _ => Ok(()),
            }?;
        }
        Ok(issuer)
    }
}

impl<'a> Attributes<'a> {
    fn usual(value: Value<'a>) -> Result<Self, Odd> {
        let mut attributes = Self::default();
        let mut members = value.members()?;
        while let Some((key, value)) = members.next()? {
            if key == "mfaAuthenticated" {
                set(&mut attributes.mfa_authenticated, value)?;
            }
        }
        Ok(attributes)
    }
}

/// Fills a field. A second value for it is odd; whether the first was `null` is not remembered.
fn set<'a>(field: &mut Field<'a>, value: Value<'a>) -> Result<(), Odd> {
    if field.0.is_some() {
        return Err(Odd);
    }
    *field = value.field()?;
    Ok(())
}

/// Fills a part, where it is not `null`.
fn put<'a, T>(part: &mut Option<T>, value: Value<'a>, of: impl Fn(Value<'a>) -> Result<T, Odd>) -> Result<(), Odd> {
    if part.is_some() {
        return Err(Odd);
    }
    if !value.is_null() {
        *part = Some(of(value)?);
    }
    Ok(())
}

fn json_text(raw: Raw<'_>) -> Cow<'_, str> {
    Cow::Borrowed(raw.0)
}

fn yes_no(field: &Field<'_>) -> Option<bool> {
    match field.0.as_deref()? {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => None,
    }
}

/// A part of the record that only sign-ins are asked for; anything unexpected in it is as if it were not there.
fn within(raw: Option<Raw<'_>>) -> SignIn<'_> {
    let Some(Raw(text)) = raw else { return SignIn::default() };
    if text.contains("MFAUsed") || text.contains("ConsoleLogin") {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        SignIn::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_record_is_what_a_parser_makes_of_it() {
        let records = [
            r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:a","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","principalId":"P:i","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:r","userName":"web"},"attributes":{"creationDate":"2026-10-12T07:55:49Z","mfaAuthenticated":"true"}}},"eventTime":"2026-10-12T08:06:16Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.9","userAgent":"a\"b","requestParameters":{"a":[1,{"b":"}"}]},"responseElements":null,"requestID":"r","eventID":"e","readOnly":false,"errorCode":7,"resources":[{"ARN":"x"}],"eventType":"AwsApiCall","recipientAccountId":"111122223333"}"#,
            r#" { "eventName" : "ConsoleLogin", "eventSource":"signin.amazonaws.com", "userIdentity": null, "additionalEventData": {"MFAUsed":"Yes"}, "errorMessage":"Failed\u0021" , "userAgent": ["x"] } "#,
            "{}",
        ];
        for text in records {
            assert_eq!(Record::usual(text), Ok(serde_json::from_str(text).unwrap()), "{text}");
        }
        let odd = [
            r#"{"eventName":"A","eventName":"B"}"#,
            r#"{"eventName":"A","userIdentity":"x"}"#,
            r#"{"\u0065ventName":"A"}"#,
            r#"{"insightDetails":{}}"#,
            r#"{"detail":{}}"#,
            r#"{"eventName":"A""#,
        ];
        for text in odd {
            assert_eq!(Record::usual(text), Err(Odd), "{text}");
        }
    }
}
