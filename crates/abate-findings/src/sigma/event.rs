//! Rows as the events that Sigma rules are written for.
//!
//! CloudTrail rules see the whole record; where the source is no JSON (the console's CSV) they see what the row holds, under
//! CloudTrail's names. Linux rules mostly look for words in the message.

use std::borrow::Cow;

use abate_model::rows::{ApiActivity, AuthOutcome, Authentication, ProcessActivity};
use abate_model::{Body, Entity, EntityKind, Row};
use serde_json::{Value, json};

use super::line::LineEvent;
use super::{is_cloudtrail, text};

/// Longest value that an entity carries.
const MAX_ENTITY: usize = 300;

/// The event for a record of CloudTrail.
pub(super) fn value(row: &Row<'_>, raw: &[u8]) -> Value {
    if is_cloudtrail(row)
        && let Ok(record @ Value::Object(_)) = serde_json::from_slice(raw)
    {
        return record;
    }
    match &row.body {
        Body::Api(api) => cloudtrail(api),
        Body::Auth(auth) if auth.service == "console" => sign_in(auth),
        _ => Value::Null,
    }
}

/// The event for a row of texts; `None` for other rows.
pub(super) fn line<'r>(row: &'r Row<'_>, raw: &'r [u8]) -> Option<LineEvent<'r>> {
    let said = |text: &'r str| Some(Cow::Borrowed(text));
    let maybe = |text: &'r Option<Cow<'_, str>>| text.as_deref().map(Cow::Borrowed);
    Some(LineEvent(match &row.body {
        Body::Auth(auth) => vec![
            ("message", said(&auth.message)),
            ("program", said(&auth.service)),
            ("host", maybe(&auth.host)),
            ("user", maybe(&auth.user)),
            ("src_ip", auth.source.map(|a| Cow::Owned(a.to_string()))),
        ],
        Body::Text(text) => vec![("message", said(&text.message)), ("program", maybe(&text.program)), ("host", maybe(&text.host))],
        // The words are the line's own: a mail's fields do not hold all of them.
        Body::Email(mail) => vec![("message", Some(String::from_utf8_lossy(raw))), ("host", maybe(&mail.host))],
        Body::Account(change) => vec![
            ("message", said(&change.message)),
            ("program", maybe(&change.program)),
            ("host", maybe(&change.host)),
            ("user", maybe(&change.user)),
        ],
        Body::Process(run) => process(run, raw),
        Body::File(file) => vec![
            ("TargetFilename", said(&file.path)),
            ("Image", maybe(&file.process)),
            ("User", maybe(&file.user)),
            ("host", maybe(&file.host)),
        ],
        Body::Job(job) => vec![
            ("message", words(raw, job.program.as_deref()).map(Cow::Owned).or_else(|| said(&job.command))),
            ("program", maybe(&job.program)),
            ("host", maybe(&job.host)),
            ("user", maybe(&job.user)),
        ],
        _ => return None,
    }))
}

/// Hands out the texts of the commonest rows as [`line`] has them, but for the address; `false` for other rows.
pub(super) fn each_text(row: &Row<'_>, visit: &mut dyn FnMut(&str)) -> bool {
    let (message, others) = match &row.body {
        Body::Auth(auth) => (&auth.message, [Some(&*auth.service), auth.host.as_deref(), auth.user.as_deref()]),
        Body::Text(text) => (&text.message, [text.program.as_deref(), text.host.as_deref(), None]),
        _ => return false,
    };
    visit(message);
    others.into_iter().flatten().for_each(visit);
    true
}

/// A program that ran: its line's words, and the names that rules for the start of processes use.
fn process<'r>(run: &'r ProcessActivity<'_>, raw: &[u8]) -> Vec<(&'static str, Option<Cow<'r, str>>)> {
    let maybe = |text: &'r Option<Cow<'_, str>>| text.as_deref().map(Cow::Borrowed);
    // Rules ask for the end of the path (`/curl`); where only the name is known, it is given in that form.
    let image = maybe(&run.exe).or_else(|| run.name.as_deref().map(|name| Cow::Owned(format!("/{name}"))));
    vec![
        ("message", words(raw, run.program.as_deref()).map(Cow::Owned).or(Some(Cow::Borrowed(&*run.command)))),
        ("program", maybe(&run.program)),
        ("host", maybe(&run.host)),
        ("user", maybe(&run.login_user).or_else(|| maybe(&run.user))),
        ("Image", image),
        ("CommandLine", Some(Cow::Borrowed(&*run.command))),
        ("CurrentDirectory", maybe(&run.cwd)),
        ("User", maybe(&run.user).or_else(|| maybe(&run.login_user))),
        ("ParentImage", maybe(&run.parent)),
    ]
}

/// The words of the line that a record was taken from: what stands behind the program's tag, or the journal's own field. Rules
/// are written for these words, and such records hold them only in parts.
fn words(raw: &[u8], program: Option<&str>) -> Option<String> {
    let line = String::from_utf8_lossy(raw);
    if let Ok(entry) = serde_json::from_str::<Value>(&line) {
        return entry.get("MESSAGE").and_then(Value::as_str).map(str::to_owned);
    }
    let program = program.filter(|program| !program.is_empty())?;
    let behind = line.match_indices(program).find_map(|(at, name)| {
        let tail = line.get(at + name.len()..)?;
        let tail = tail.strip_prefix('[').and_then(|inside| inside.split_once(']')).map_or(tail, |(_, tail)| tail);
        tail.strip_prefix(": ").or_else(|| tail.strip_prefix(' '))
    });
    Some(behind.unwrap_or(&line).to_owned())
}

fn cloudtrail(api: &ApiActivity<'_>) -> Value {
    let parsed =
        |part: &Option<std::borrow::Cow<'_, str>>| part.as_deref().and_then(|t| serde_json::from_str(t).ok()).unwrap_or(Value::Null);
    let mut event = json!({
        "eventName": api.event_name,
        "eventSource": api.event_source,
        "userIdentity": {},
    });
    let top = [
        ("eventType", &api.event_type),
        ("awsRegion", &api.region),
        ("recipientAccountId", &api.account),
        ("sourceIPAddress", &api.source_ip),
        ("userAgent", &api.user_agent),
        ("errorCode", &api.error_code),
        ("errorMessage", &api.error_message),
    ];
    let identity = [
        ("type", &api.identity_type),
        ("arn", &api.identity_arn),
        ("userName", &api.user_name),
        ("principalId", &api.principal_id),
        ("accessKeyId", &api.access_key_id),
        ("invokedBy", &api.invoked_by),
    ];
    // A missing field must be missing: rules ask whether `errorCode` exists.
    for (name, value) in top.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))) {
        event[name] = Value::from(value);
    }
    for (name, value) in identity.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))) {
        event["userIdentity"][name] = Value::from(value);
    }
    for (name, part) in [("requestParameters", &api.request), ("responseElements", &api.response), ("additionalEventData", &api.additional)]
    {
        event[name] = parsed(part);
    }
    event
}

fn sign_in(auth: &Authentication<'_>) -> Value {
    let result = match auth.outcome {
        AuthOutcome::Success => Value::from("Success"),
        AuthOutcome::Failure => Value::from("Failure"),
        AuthOutcome::Other => Value::Null,
    };
    let mfa = auth.mfa.map_or(Value::Null, |used| Value::from(if used { "Yes" } else { "No" }));
    json!({
        "eventName": "ConsoleLogin",
        "eventSource": "signin.amazonaws.com",
        "awsRegion": text(auth.region.as_deref()),
        "sourceIPAddress": text(auth.source.map(|a| a.to_string()).as_deref()),
        "userAgent": text(auth.user_agent.as_deref()),
        "userIdentity": { "userName": text(auth.user.as_deref()) },
        "responseElements": { "ConsoleLogin": result },
        "additionalEventData": { "MFAUsed": mfa },
    })
}

/// Who and what a record names; `call` is the API call of a record of CloudTrail.
pub(super) fn entities(row: &Row<'_>, call: Option<&str>) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut add = |kind: EntityKind, value: Option<&str>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            let end = value.char_indices().nth(MAX_ENTITY).map_or(value.len(), |(at, _)| at);
            found.push(Entity::new(kind, value.get(..end).unwrap_or(value)));
        }
    };
    match &row.body {
        Body::Api(api) => {
            add(EntityKind::Principal, api.identity_arn.as_deref().or(api.user_name.as_deref()));
            add(EntityKind::AccessKey, api.access_key_id.as_deref());
            add(EntityKind::RemoteAddress, api.source_addr().map(|a| a.to_string()).as_deref());
            add(EntityKind::Region, api.region.as_deref());
            add(EntityKind::ApiCall, Some(&api.event_name));
        }
        Body::Auth(auth) => {
            add(EntityKind::User, auth.user.as_deref());
            add(EntityKind::RemoteAddress, auth.source.map(|a| a.to_string()).as_deref());
            add(EntityKind::Host, auth.host.as_deref());
            add(EntityKind::ApiCall, call);
        }
        Body::Http(http) => {
            add(EntityKind::RemoteAddress, http.client_addr().map(|a| a.to_string()).as_deref());
            add(EntityKind::Url, Some(&http.target));
            add(EntityKind::Host, http.host.as_deref());
        }
        Body::Text(line) => add(EntityKind::Host, line.host.as_deref()),
        Body::Email(mail) => {
            add(EntityKind::RemoteAddress, mail.client.map(|a| a.to_string()).as_deref());
            add(EntityKind::User, mail.login_user.as_deref());
            add(EntityKind::Host, mail.host.as_deref());
        }
        Body::Account(change) => {
            add(EntityKind::User, change.user.as_deref());
            add(EntityKind::Host, change.host.as_deref());
        }
        Body::Process(process) => {
            add(EntityKind::User, process.login_user.as_deref().or(process.user.as_deref()));
            add(EntityKind::Host, process.host.as_deref());
        }
        Body::File(file) => {
            add(EntityKind::User, file.user.as_deref());
            add(EntityKind::Host, file.host.as_deref());
        }
        Body::Event(entry) => {
            add(EntityKind::User, entry.user.as_deref());
            add(EntityKind::Host, entry.host.as_deref());
        }
        Body::Net(net) => {
            add(EntityKind::RemoteAddress, net.sides().map(|(_, _, remote, _)| remote.to_string()).as_deref());
            add(EntityKind::Host, net.interface_id.as_deref());
        }
        Body::Job(job) => {
            add(EntityKind::User, job.user.as_deref());
            add(EntityKind::Host, job.host.as_deref());
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use abate_model::rows::EmailActivity;
    use rsigma_eval::Event;

    use super::*;

    #[test]
    fn the_words_of_a_line_are_those_behind_its_tag() {
        let words = |raw: &str, program: &str| words(raw.as_bytes(), Some(program)).unwrap();
        assert_eq!(words("Nov 20 00:01:10 sudo-host sudo[7]:   a : TTY=x", "sudo"), "  a : TTY=x");
        assert_eq!(words("Nov 20 00:01:10 h CRON[7]: (root) CMD (x)", "CRON"), "(root) CMD (x)");
        assert_eq!(words("<38>1 2026-11-20T00:01:13Z h sudo 9 - - a : x", "sudo"), "9 - - a : x");
        assert_eq!(words(r#"{"MESSAGE":"a : x","_PID":"1"}"#, "sudo"), "a : x");
        assert_eq!(words("no tag", "sudo"), "no tag");
    }

    #[test]
    fn a_mail_servers_line_keeps_its_words() {
        let line = b"Nov 20 01:00:00 mx1 postfix/smtpd[1]: connect from x[203.0.113.9]";
        let mail = EmailActivity { status: "connected".into(), host: Some("mx1".into()), ..EmailActivity::default() };
        let row = Row {
            at: None,
            zone: abate_model::ZoneCertainty::Unknown,
            source: 0,
            locator: abate_model::Locator::Bytes { offset: 0, length: line.len() as u64 },
            body: Body::Email(Box::new(mail)),
        };
        assert_eq!(
            super::line(&row, line).unwrap().to_json()["message"],
            "Nov 20 01:00:00 mx1 postfix/smtpd[1]: connect from x[203.0.113.9]"
        );
        assert_eq!(super::super::route::of_row(&row).len(), 2, "any Linux line, and syslog");
        assert_eq!(entities(&row, None).len(), 1);
    }

    #[test]
    fn a_csv_row_becomes_an_event_without_the_fields_that_it_lacks() {
        let api = ApiActivity {
            event_name: "StopLogging".into(),
            event_source: "cloudtrail.amazonaws.com".into(),
            user_name: Some("alice".into()),
            ..ApiActivity::default()
        };
        let event = cloudtrail(&api);
        assert_eq!(event["userIdentity"]["userName"], "alice");
        assert!(event.get("errorCode").is_none());
    }
}
