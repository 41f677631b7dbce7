//! Events that Amazon SES publishes about each message (sent, delivered, bounced, complained of), one JSON object a line, as
//! Data Firehose puts them into a bucket; and the ordinary mail of the company. It holds no attack.

use serde_json::{Value, json};

use crate::clock::{self, Second};
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::world::World;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// accepted by the receiver's server
    Delivered,
    /// no such recipient
    Bounced,
    /// marked as unwanted by the recipient
    Complained,
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// when it was handed to SES
    pub(crate) at: Second,
    /// address of who handed it over
    pub(crate) from: String,
    /// IAM identity of who handed it over
    pub(crate) caller: String,
    /// `SendSmtpEmail`, `SendEmail` or `SendRawEmail`
    pub(crate) operation: &'static str,
    /// sender
    pub(crate) sender: String,
    /// recipient
    pub(crate) to: String,
    /// subject
    pub(crate) subject: String,
    /// what became of it
    pub(crate) fate: Fate,
}

impl Message {
    /// Its events: that it was sent, and what became of it.
    pub(crate) fn events(&self, world: &World, rng: &mut Rng) -> [Record; 2] {
        let id = format!("0106{}-{}-000000", rng.hex(12), rng.uuid());
        let after = rng.range(1, 40);
        let later = self.at + if self.fate == Fate::Complained { after * 97 } else { after };
        let (kind, key, what) = match self.fate {
            Fate::Delivered => (
                "Delivery",
                "delivery",
                json!({
                    "timestamp": millis(later), "processingTimeMillis": after * 410, "recipients": [self.to],
                    "smtpResponse": "250 2.0.0 OK", "reportingMTA": format!("b224-{}.smtp-out.{}.amazonses.com", after, world.region)
                }),
            ),
            Fate::Bounced => (
                "Bounce",
                "bounce",
                json!({
                    "feedbackId": format!("0106{}-{}-000000", rng.hex(12), rng.uuid()), "bounceType": "Permanent", "bounceSubType": "General",
                    "bouncedRecipients": [{
                        "emailAddress": self.to, "action": "failed", "status": "5.1.1",
                        "diagnosticCode": "smtp; 550 5.1.1 user unknown"
                    }],
                    "timestamp": millis(later), "reportingMTA": "dns; amazonses.com"
                }),
            ),
            Fate::Complained => (
                "Complaint",
                "complaint",
                json!({
                    "feedbackId": format!("0106{}-{}-000000", rng.hex(12), rng.uuid()), "complaintSubType": Value::Null,
                    "complainedRecipients": [{"emailAddress": self.to}], "timestamp": millis(later),
                    "userAgent": "Amazon SES Mailbox Simulator", "complaintFeedbackType": "abuse", "arrivalDate": millis(later)
                }),
            ),
        };
        let line = |at, kind: &str, key: &str, what: Value| {
            let mut event = json!({"eventType": kind, "mail": self.mail(world, &id)});
            if let Some(event) = event.as_object_mut() {
                event.insert(key.to_owned(), what);
            }
            Record::plain(at, event.to_string())
        };
        [line(self.at, "Send", "send", json!({})), line(later, kind, key, what)]
    }

    fn mail(&self, world: &World, id: &str) -> Value {
        let identity = format!("arn:aws:ses:{}:{}:identity/{}", world.region, world.account, world.domain);
        json!({
            "timestamp": millis(self.at), "source": self.sender, "sourceArn": identity, "sendingAccountId": world.account,
            "messageId": id, "destination": [self.to], "headersTruncated": false,
            "headers": [
                {"name": "From", "value": self.sender}, {"name": "To", "value": self.to}, {"name": "Subject", "value": self.subject},
                {"name": "MIME-Version", "value": "1.0"}
            ],
            "commonHeaders": {"from": [self.sender], "to": [self.to], "messageId": id, "subject": self.subject},
            "tags": {
                "ses:source-tls-version": ["TLSv1.3"], "ses:operation": [self.operation],
                "ses:configuration-set": [format!("{}-events", world.company)], "ses:source-ip": [self.from],
                "ses:from-domain": [world.domain], "ses:caller-identity": [self.caller]
            }
        })
    }
}

/// `2026-10-05T04:03:02.000Z`
fn millis(at: Second) -> String {
    clock::iso(at).replace('Z', ".000Z")
}

/// A made-up recipient.
pub(crate) fn recipient(rng: &mut Rng) -> String {
    let name = rng.pick(&["hana", "k.ito", "info", "sales", "m.suzuki", "kenji77", "yuki.t", "contact", "r.mori", "aya"]);
    format!("{name}{}@mail{}.example.net", rng.range(1, 9999), rng.range(1, 9))
}

/// The mail that the company's application sends to its customers.
#[derive(Clone, Debug)]
pub(crate) struct Newsletters {
    /// messages
    pub(crate) count: u32,
    /// the time in which they lie
    pub(crate) span: (Second, Second),
    /// who hands them over: IAM identity and address
    pub(crate) by: (String, String),
}

impl Ordinary for Newsletters {
    fn span(&self) -> (Second, Second) {
        self.span
    }

    fn marks(&self) -> u64 {
        u64::from(self.count) * 2
    }

    fn records(&self) -> u64 {
        u64::from(self.count) * 2
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        for _ in 0..self.count {
            let place = rng.place();
            let [sent, fate] = self.draw(world, rng);
            mark(Mark { at: sent.at, place, kind: 0 });
            mark(Mark { at: fate.at, place, kind: 1 });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        let [sent, fate] = self.draw(world, rng);
        records.push(if mark.kind == 0 { sent } else { fate });
    }
}

impl Newsletters {
    fn draw(&self, world: &World, rng: &mut Rng) -> [Record; 2] {
        let at = rng.range(self.span.0, self.span.1);
        let subject = rng.pick(&["Your order has been received", "Your order is on its way", "Password reset", "Receipt"]).to_owned();
        let fate = if rng.chance(1) { Fate::Bounced } else { Fate::Delivered };
        let (caller, from) = self.by.clone();
        let sender = format!("shop@{}", world.domain);
        Message { at, from, caller, operation: "SendSmtpEmail", sender, to: recipient(rng), subject, fate }.events(world, rng)
    }
}
