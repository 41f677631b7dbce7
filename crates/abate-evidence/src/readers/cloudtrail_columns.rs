//! CloudTrail events as columns: rows of the event history, of Athena and of CloudTrail Lake.
//!
//! Lists and structures stand in a column as JSON or as Presto writes them (`{type=IAMUser, arn=…}`).

use std::borrow::Cow;

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cloudtrail_record::Record;
use crate::json::Refusal;
use crate::{ReadContext, time};

/// A column's name without case and signs: `Event name`, `eventName` and `event_name` are the same.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Gives the value of the first of some columns that is there and says something.
pub(super) type Get<'g, 'f> = dyn Fn(&[&str]) -> Option<&'f str> + 'g;

/// The row that a record makes.
pub(super) fn row<'f>(get: &Get<'_, 'f>, locator: Locator, ctx: &ReadContext) -> Result<Row<'f>, Refusal> {
    if let Some(json) = get(&["eventjson"]) {
        let record: Record<'f> =
            serde_json::from_str(json).map_err(|_| Refusal::malformed("the column eventJson is no CloudTrail event"))?;
        return record.into_row(locator, ctx);
    }
    let name = get(&["eventname"]).ok_or_else(|| Refusal::malformed("the event name is empty"))?;
    let source = get(&["eventsource"]);
    let stated = get(&["eventtime", "eventdatetime"]).and_then(|text| instant(text, ctx));
    let (at, zone) = stated.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
    let sign_in = name == "ConsoleLogin" && source.is_none_or(|s| s == "signin.amazonaws.com");
    let identity = Identity { text: get(&["useridentity", "userid"]), get };
    let body =
        if sign_in { Body::Auth(Box::new(sign_in_of(get, &identity))) } else { Body::Api(Box::new(api_of(get, &identity, name, source))) };
    Ok(Row { at, zone, source: 0, locator, body })
}

/// CloudTrail writes UTC. CloudTrail Lake leaves the zone out, and so does a query that makes the text a time.
fn instant(text: &str, ctx: &ReadContext) -> Option<(Timestamp, ZoneCertainty)> {
    if text.as_bytes().get(10) == Some(&b' ') && time::looks_iso(text.as_bytes()) {
        let text = text.strip_suffix(" UTC").unwrap_or(text);
        return time::iso(text, &TimeZone::UTC).map(|(at, _)| (at, ZoneCertainty::Stated));
    }
    time::iso(text, &ctx.zone).or_else(|| time::console(text).map(|at| (at, ZoneCertainty::Stated)))
}

fn api_of<'f>(get: &Get<'_, 'f>, identity: &Identity<'_, 'f>, name: &'f str, source: Option<&'f str>) -> ApiActivity<'f> {
    let said = |names: &[&str]| get(names).map(Cow::Borrowed);
    let json = |name: &str| get(&[name]).filter(|v| *v != "null").map(Cow::Borrowed);
    ApiActivity {
        event_id: said(&["eventid"]),
        event_name: Cow::Borrowed(name),
        event_source: Cow::Borrowed(source.unwrap_or_default()),
        event_type: said(&["eventtype"]),
        region: said(&["awsregion", "region"]),
        account: said(&["recipientaccountid", "accountid"]).or(identity.at(&["accountid"])),
        identity_type: identity.at(&["type"]),
        identity_arn: identity.at(&["arn"]),
        user_name: identity.user(),
        principal_id: identity.at(&["principalid"]),
        access_key_id: said(&["awsaccesskey", "awsaccesskeyid", "accesskeyid"]).or(identity.at(&["accesskeyid"])),
        session_issuer_arn: identity.at(&["sessioncontext", "sessionissuer", "arn"]),
        mfa: identity.at(&["sessioncontext", "attributes", "mfaauthenticated"]).and_then(|v| v.to_ascii_lowercase().parse().ok()),
        invoked_by: identity.at(&["invokedby"]),
        source_ip: said(&["sourceipaddress", "sourceip"]),
        user_agent: said(&["useragent", "requestuseragent"]),
        error_code: json("errorcode"),
        error_message: json("errormessage"),
        read_only: get(&["readonly"]).and_then(|v| v.to_ascii_lowercase().parse().ok()),
        request: json("requestparameters"),
        response: json("responseelements"),
        additional: json("additionaleventdata"),
    }
}

/// A sign-in; its result stands in the response where the query asked for it.
fn sign_in_of<'f>(get: &Get<'_, 'f>, identity: &Identity<'_, 'f>) -> Authentication<'f> {
    let said = |names: &[&str]| get(names).map(Cow::Borrowed);
    let answer = get(&["responseelements"]).unwrap_or_default();
    let failed = get(&["errorcode", "errormessage"]).is_some_and(|v| v != "null") || answer.contains("Failure");
    let (outcome, result) = match () {
        () if failed => (AuthOutcome::Failure, "Failure"),
        () if answer.contains("Success") => (AuthOutcome::Success, "Success"),
        () => (AuthOutcome::Other, "result not stated in the columns"),
    };
    let more = get(&["additionaleventdata"]).unwrap_or_default();
    let used = field(more, "MFAUsed");
    let root = identity.at(&["type"]).is_some_and(|t| t == "Root");
    let error = get(&["errormessage"]).filter(|v| *v != "null");
    Authentication {
        service: "console".into(),
        account: said(&["recipientaccountid", "accountid"]).or(identity.at(&["accountid"])),
        region: said(&["awsregion", "region"]),
        user: identity.user().or(root.then_some(Cow::Borrowed("root"))).or(identity.at(&["arn"])),
        unknown_user: error.is_some_and(|e| e.contains("No username found")),
        source: get(&["sourceipaddress", "sourceip"]).and_then(|a| a.parse().ok()),
        method: Some("console".into()),
        outcome,
        attempts: 1,
        mfa: used.and_then(|v| if v == "Yes" { Some(true) } else { (v == "No").then_some(false) }),
        user_agent: said(&["useragent", "requestuseragent"]),
        message: error.map_or_else(|| format!("ConsoleLogin: {result}"), |e| format!("ConsoleLogin: {result} ({e})")).into(),
        event_id: said(&["eventid"]),
        ..Authentication::default()
    }
}

/// Who acted: in one column as a structure, or in columns of their own.
struct Identity<'g, 'f> {
    text: Option<&'f str>,
    get: &'g Get<'g, 'f>,
}

impl<'f> Identity<'_, 'f> {
    fn at(&self, path: &[&str]) -> Option<Cow<'f, str>> {
        let inside = self.text.and_then(|text| path.iter().try_fold(Cow::Borrowed(text), |text, name| within(&text, name)));
        let joined = path.concat();
        let apart = || match path {
            // `type`, `arn` and the like by themselves may be anything, but for these.
            ["arn" | "principalid" | "invokedby"] => (self.get)(&[&format!("useridentity{joined}"), &joined]),
            _ => (self.get)(&[&format!("useridentity{joined}")]),
        };
        inside.or_else(|| apart().map(Cow::Borrowed)).filter(|v| !v.is_empty() && *v != "null")
    }

    fn user(&self) -> Option<Cow<'f, str>> {
        let named = (self.get)(&["username"]).map(Cow::Borrowed).or_else(|| self.at(&["username"]));
        named.or_else(|| self.at(&["sessioncontext", "sessionissuer", "username"]))
    }
}

fn within<'f>(text: &Cow<'f, str>, name: &str) -> Option<Cow<'f, str>> {
    match text {
        Cow::Borrowed(text) => field(text, name),
        Cow::Owned(text) => field(text, name).map(|v| Cow::Owned(v.into_owned())),
    }
}

/// A field of a structure as JSON or as Presto writes it, whatever its case.
fn field<'f>(text: &'f str, name: &str) -> Option<Cow<'f, str>> {
    let text = text.trim();
    if text.starts_with("{\"") {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        return match object.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1 {
            serde_json::Value::Null => None,
            serde_json::Value::String(value) => Some(Cow::Owned(value)),
            other => Some(Cow::Owned(other.to_string())),
        };
    }
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let (mut depth, mut start) = (0_u32, 0);
    let mut found: Option<(usize, usize)> = None;
    for (at, byte) in inside.bytes().enumerate().chain([(inside.len(), b',')]) {
        match byte {
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 || at == inside.len() => {
                let entry = inside.get(start..at)?;
                let name_only = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let split = entry.trim_start().split_once(['=', ':']);
                let named = split.map(|(key, value)| (bare(key), value)).filter(|(key, _)| name_only(key));
                match (named, &mut found) {
                    (Some((key, value)), None) if key.eq_ignore_ascii_case(name) => found = Some((at - value.len(), at)),
                    (Some(_), Some(_)) => break,
                    // A comma inside the value.
                    (None, Some((_, end))) => *end = at,
                    _ => {}
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    inside.get(found?.0..found?.1).map(|v| Cow::Borrowed(bare(v)))
}

/// Without the quotation marks of Python, as some programs flatten records.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_structures() {
        let text = "{type=AssumedRole, principalid=AROA:i-1, arn=arn:aws:sts::111122223333:assumed-role/web/i-1, username=null, \
                    sessioncontext={attributes={mfaauthenticated=false, creationdate=2026}, sessionissuer={type=Role, arn=x, y, username=web}}}";
        let get = |name: &str| field(text, name).map(Cow::into_owned);
        assert_eq!(get("type").as_deref(), Some("AssumedRole"));
        assert_eq!(get("principalId").as_deref(), Some("AROA:i-1"));
        let session = get("sessioncontext").unwrap();
        let issuer = field(&session, "sessionissuer").unwrap();
        assert_eq!((field(&issuer, "arn").as_deref(), field(&issuer, "username").as_deref()), (Some("x, y"), Some("web")));
        assert_eq!(get("nothing"), None);
        let json = r#"{"type":"IAMUser","sessionContext":{"sessionIssuer":{"userName":"web"}}}"#;
        let session = field(json, "sessioncontext").unwrap();
        assert_eq!(field(&field(&session, "sessionissuer").unwrap(), "username").as_deref(), Some("web"));
        let python = "{'type': 'AWSAccount', 'principalId': '', 'accountId': '111122223333'}";
        assert_eq!((field(python, "type").as_deref(), field(python, "accountid").as_deref()), (Some("AWSAccount"), Some("111122223333")));
        for odd in ["", "{", "}", "{=}", "{a}", "{a=", "{a={}", "[]", "{,,}", "{日本=語}"] {
            assert_eq!(field(odd, "type"), None, "{odd}");
        }
    }
}
