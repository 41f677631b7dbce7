//! A CloudTrail record as rules see it. Most rules ask for the call's name and service first, and most records are of no interest to any: the whole
//! record is taken apart only when a rule asks for something that the row does not hold and that may be in it.

use std::borrow::Cow;
use std::cell::OnceCell;

use abate_model::{Body, Row};
use memchr::memmem;
use rsigma_eval::{Event, EventValue, JsonEvent};
use serde_json::Value;

use super::{event, peek};

/// See the module.
pub(super) struct TrailEvent<'r> {
    row: &'r Row<'r>,
    raw: &'r [u8],
    whole: OnceCell<JsonEvent<'static>>,
}

impl<'r> TrailEvent<'r> {
    /// Of a row and the record that it was made from.
    pub fn new(row: &'r Row<'r>, raw: &'r [u8]) -> Self {
        Self { row, raw, whole: OnceCell::new() }
    }

    fn whole(&self) -> &JsonEvent<'static> {
        self.whole.get_or_init(|| JsonEvent::owned(event::value(self.row, self.raw)))
    }

    /// A field that the row holds as the record has it.
    fn held(&self, path: &str) -> Option<&str> {
        let Body::Api(api) = &self.row.body else { return None };
        let held = match path {
            "eventName" => Some(&api.event_name),
            "eventSource" => Some(&api.event_source),
            "awsRegion" => api.region.as_ref(),
            "sourceIPAddress" => api.source_ip.as_ref(),
            "userAgent" => api.user_agent.as_ref(),
            "errorCode" => api.error_code.as_ref(),
            "errorMessage" => api.error_message.as_ref(),
            "eventID" => api.event_id.as_ref(),
            "eventType" => api.event_type.as_ref(),
            "userIdentity.type" => api.identity_type.as_ref(),
            "userIdentity.arn" => api.identity_arn.as_ref(),
            "userIdentity.principalId" => api.principal_id.as_ref(),
            "userIdentity.accessKeyId" => api.access_key_id.as_ref(),
            "userIdentity.invokedBy" => api.invoked_by.as_ref(),
            "userIdentity.sessionContext.sessionIssuer.arn" => api.session_issuer_arn.as_ref(),
            _ => None,
        };
        held.map(Cow::as_ref).filter(|text| !text.is_empty())
    }

    /// A field looked up in the record's text as it stands; `None` where only the whole record can say.
    fn peek(&self, path: &str) -> Option<Option<EventValue<'_>>> {
        let as_one_name = || path.contains('.') && memmem::find(self.raw, path.as_bytes()).is_some();
        if self.whole.get().is_some() || path.contains(['[', '\\']) || as_one_name() {
            return None;
        }
        peek::at(self.raw, path)
    }

    /// Whether a field may be in the record: its last name stands somewhere in it, or names may be written otherwise.
    fn may_hold(&self, path: &str) -> bool {
        if self.whole.get().is_some() || path.contains(['[', '\\']) || self.raw.trim_ascii_start().first() != Some(&b'{') {
            return true;
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let closed = |at: usize| self.raw.get(at + name.len()) == Some(&b'"');
        memmem::find_iter(self.raw, name).any(closed) || memmem::find(self.raw, b"\\u").is_some()
    }
}

impl Event for TrailEvent<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some(text) = self.held(path) {
            return Some(EventValue::Str(Cow::Borrowed(text)));
        }
        if !self.may_hold(path) {
            return None;
        }
        match self.peek(path) {
            Some(value) => value,
            None => self.whole().get_field(path),
        }
    }

    fn any_string_value(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        self.whole().any_string_value(matches)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.whole().all_string_values()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.whole().visit_string_values(visit);
    }

    fn to_json(&self) -> Value {
        self.whole().to_json()
    }
}

#[cfg(test)]
mod tests {
    use abate_model::rows::ApiActivity;
    use abate_model::{Locator, ZoneCertainty};

    use super::*;

    /// Whatever is asked, the answer is that of the whole record.
    #[test]
    fn a_field_is_the_same_whether_the_record_was_taken_apart_or_not() {
        let records = [
            r#"{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com","awsRegion":"eu-west-1","userIdentity":{"type":"Root","sessionContext":{"mfa":null}},"requestParameters":{"a.b":1,"items":[{"k":"v"},{"k":"w"}]},"errorCode":""}"#,
            r#"{"eventName":"X","eventSource":"s","\u0065rrorCode":"Denied","readOnly":true}"#,
            r#"{"eventName":"","eventSource":"s","requestParameters":null,"note":"errorCode"}"#,
            r#"{"eventName":"A","eventSource":"s","dotted.name":"x","count":7,"big":18446744073709551615,"share":0.5,"requestParameters":[{"x":1}]}"#,
            r#"{"eventName":"A","eventSource":"s","dotted":{"name":"\u3042"},"readOnly":null,"note":"two\nlines","requestParameters":{"x":{"y":1}}}"#,
        ];
        let paths = [
            "eventName",
            "eventSource",
            "awsRegion",
            "errorCode",
            "userIdentity",
            "userIdentity.type",
            "userIdentity.arn",
            "userIdentity.sessionContext.mfa",
            "requestParameters.a.b",
            "requestParameters.items.k",
            "requestParameters.items[1].k",
            "requestParameters",
            "readOnly",
            "note",
            "missing",
            "requestParameters.x",
            "requestParameters.items",
            "userIdentity.none",
            "userIdentity.sessionContext.mfa.deep",
            "dotted.name",
            "count",
            "big",
            "share",
            "eventName.more",
        ];
        for record in records {
            let whole: Value = serde_json::from_str(record).unwrap();
            let text = |name: &str| whole.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(|t| Cow::Owned(t.to_owned()));
            let api = ApiActivity {
                event_name: text("eventName").unwrap_or_default(),
                event_source: text("eventSource").unwrap_or_default(),
                region: text("awsRegion"),
                error_code: text("errorCode"),
                identity_type: whole.pointer("/userIdentity/type").and_then(Value::as_str).map(|t| Cow::Owned(t.to_owned())),
                ..ApiActivity::default()
            };
            let locator = Locator::Bytes { offset: 0, length: record.len() as u64 };
            let row = Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator, body: Body::Api(Box::new(api)) };
            for path in paths {
                let event = TrailEvent::new(&row, record.as_bytes());
                assert_eq!(event.get_field(path), JsonEvent::borrow(&whole).get_field(path), "{path} of {record}");
            }
            let event = TrailEvent::new(&row, record.as_bytes());
            assert_eq!(event.all_string_values(), JsonEvent::borrow(&whole).all_string_values());
        }
    }
}
