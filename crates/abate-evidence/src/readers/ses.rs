//! Events of Amazon SES: event publishing (`eventType`) and feedback notifications (`notificationType`), raw, from EventBridge,
//! or inside notifications of SNS.
//!
//! A mail that SES took is `sent`; that the recipient's server took it is a second event, `delivered`.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::EmailActivity;
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};

use super::tree::{self, Tree};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "ses-events",
    title: Text::fixed("Amazon SES events", "Amazon SES のイベント"),
    tables: &[Table::EmailActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a mail", "メールの本文"),
        Text::fixed(
            "mails sent without the configuration set, or from another identity than the one set up for notifications",
            "設定セットを使わずに、または通知を設定した ID 以外から送信されたメール",
        ),
        Text::fixed("kinds of events that the destination was not set up for", "送信先で有効にしていない種類のイベント"),
        Text::fixed(
            "mails that left by another way than SES (port 25 of an instance)",
            "SES を経由せずに送信されたメール（インスタンスのポート 25 など）",
        ),
    ],
    sniff,
    read,
};

const PREFIXES: &[&str] = &["", "[].", "detail.", "[].detail."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    ["eventType", "notificationType"].iter().find_map(|kind| {
        let names = [kind, "mail", "mail.messageId"];
        let prefix = shape.under(PREFIXES, &names)?;
        Some(format!("JSON keys {prefix}{}", names.join(", ")))
    })
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let value = tree::parse(&text, "SES event JSON")?;
        let event = Tree(&value);
        sink.row(row(event.at("detail").unwrap_or(event), place.locator())?, place.bytes);
        Ok(())
    })
}

/// The status for each kind of event, and the object that tells of it.
fn kind(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name.to_ascii_lowercase().replace(' ', "").as_str() {
        "send" => ("sent", "send"),
        "delivery" => ("delivered", "delivery"),
        "bounce" => ("bounced", "bounce"),
        "complaint" => ("complaint", "complaint"),
        "reject" => ("rejected", "reject"),
        "deliverydelay" => ("deferred", "deliveryDelay"),
        "open" => ("opened", "open"),
        "click" => ("clicked", "click"),
        "renderingfailure" => ("failed", "failure"),
        "subscription" => ("subscription", "subscription"),
        "received" => ("received", "receipt"),
        _ => return None,
    })
}

fn row(event: Tree<'_>, locator: Locator) -> Result<Row<'_>, Refusal> {
    let none = || Refusal::malformed("no SES event: eventType or mail is missing");
    let name = event.first(&["eventType", "notificationType"]).ok_or_else(none)?;
    let mail = event.at("mail").ok_or_else(none)?;
    let (status, object) = match kind(&name) {
        Some((status, object)) => (Cow::Borrowed(status), object),
        None => (name, "-"),
    };
    let told = event.at(object);
    let of = |path: &str| told.and_then(|t| t.text(path));
    let tag = |name: &str| mail.at("tags").and_then(|tags| tags.0.get(name)).and_then(|values| Tree(values).text("0"));
    let stated = told.and_then(|t| t.time(&["timestamp"])).or_else(|| mail.time(&["timestamp"]));
    let arn = mail.text("sourceArn");
    let named = told.map(|t| recipients(t)).unwrap_or_default();
    let header = mail.list("headers").find(|h| h.text("name").is_some_and(|n| n.eq_ignore_ascii_case("Message-ID")));
    let body = EmailActivity {
        status,
        queue_id: mail.text("messageId"),
        message_id: header.and_then(|h| h.text("value")).or_else(|| mail.text("commonHeaders.messageId")),
        from: mail.text("source"),
        to: if named.is_empty() { mail.list("destination").filter_map(Tree::own_text).collect() } else { named },
        subject: mail.text("commonHeaders.subject"),
        client: mail.parsed(&["sourceIp"]).or_else(|| tag("ses:source-ip").and_then(|ip| ip.parse().ok())),
        login_user: mail.text("callerIdentity").or_else(|| tag("ses:caller-identity")),
        relay: of("reportingMTA").filter(|_| object == "bounce"),
        relay_address: of("remoteMtaIp").and_then(|ip| ip.parse().ok()),
        dsn: of("bouncedRecipients.0.status").or_else(|| of("delayedRecipients.0.status")),
        reason: reason(told, object),
        account: mail.text("sendingAccountId"),
        region: arn.and_then(|arn| arn.split(':').nth(3).map(|region| Cow::Owned(region.to_owned()))),
        ..EmailActivity::default()
    };
    let zone = if stated.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    Ok(Row { at: stated, zone, source: 0, locator, body: Body::Email(Box::new(body)) })
}

/// Those recipients that an event is about.
fn recipients(told: Tree<'_>) -> Vec<Cow<'_, str>> {
    let lists = ["bouncedRecipients", "complainedRecipients", "delayedRecipients"];
    let named = lists.iter().flat_map(|list| told.list(list)).filter_map(|r| r.text("emailAddress"));
    named.chain(told.list("recipients").filter_map(Tree::own_text)).collect()
}

/// The answer of the other server, or why.
fn reason<'t>(told: Option<Tree<'t>>, object: &str) -> Option<Cow<'t, str>> {
    let told = told?;
    let both = |a: &str, b: &str| match (told.text(a), told.text(b)) {
        (Some(a), Some(b)) => Some(Cow::Owned(format!("{a} {b}"))),
        (a, b) => a.or(b),
    };
    match object {
        "bounce" => told.text("bouncedRecipients.0.diagnosticCode").or_else(|| both("bounceType", "bounceSubType")),
        "complaint" => both("complaintFeedbackType", "complaintSubType"),
        "delivery" => told.text("smtpResponse"),
        "deliveryDelay" => told.text("delayedRecipients.0.diagnosticCode").or_else(|| told.text("delayType")),
        "failure" => both("templateName", "errorMessage"),
        "open" => both("ipAddress", "userAgent"),
        "click" => both("link", "ipAddress"),
        "receipt" => told.text("spamVerdict.status"),
        _ => told.text("reason"),
    }
}
