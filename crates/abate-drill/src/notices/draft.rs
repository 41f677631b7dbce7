//! A notice and the way it takes: headers, words around it, charset. From it come bytes and expectation, so that a
//! mutation changes the draft and both follow.

use serde_json::Value;

use super::body::Notice;
use super::channel::{Channel, Charset};
use super::cover::Named;
use super::html::Html;
use super::mime::Transfer;
use super::plan::Plan;
use super::text::{Line, refit};
use super::truth::{Content, Envelope};
use crate::clock::Second;
use crate::rng::Rng;

/// Headers of AWS's own mail. What is missing was lost.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// display name
    pub(crate) name: String,
    /// address
    pub(crate) from: Option<String>,
    /// subject
    pub(crate) subject: Option<String>,
    /// date
    pub(crate) date: Option<Second>,
    /// without brackets
    pub(crate) message_id: Option<String>,
    /// where answers go
    pub(crate) reply_to: Option<String>,
    /// value of `Authentication-Results`
    pub(crate) auth: &'static str,
    /// how long the subject may grow before it is folded
    pub(crate) folded: bool,
    /// whether a `Received` header stands there
    pub(crate) received: bool,
}

/// The mail of the colleague who forwards, and words around the notice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outer {
    /// sender of the forward
    pub(crate) from: &'static str,
    /// prefix of the subject
    pub(crate) prefix: &'static str,
    /// when it was forwarded
    pub(crate) date: Second,
    /// its own id
    pub(crate) message_id: String,
    /// words before the notice
    pub(crate) before: Vec<String>,
    /// words after it
    pub(crate) after: Vec<String>,
}

/// Everything that bytes and expectation are made of.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) channel: Channel,
    pub(crate) charset: Charset,
    pub(crate) transfer: Transfer,
    pub(crate) crlf: bool,
    /// only for forwards; direct mails know from their channel
    pub(crate) html: Option<Html>,
    /// before every line of the notice, `> `
    pub(crate) quote: &'static str,
    pub(crate) head: Head,
    pub(crate) outer: Outer,
    pub(crate) lines: Vec<Line>,
    pub(crate) content: Content,
    /// event of AWS Health without its description
    pub(crate) frame: Option<Value>,
    /// JSON over several lines
    pub(crate) pretty: bool,
}

const PASS: &str = "mx.example.com; dkim=pass header.d=amazonses.com; spf=pass smtp.mailfrom=amazonses.com; dmarc=pass";
const FAIL: &str = "mx.example.com; dkim=fail (bad signature); spf=softfail smtp.mailfrom=bounce.example.net";
const DMARC: &str = "mx.example.com; dkim=none; spf=fail smtp.mailfrom=bounce.example.net; dmarc=fail (p=REJECT)";

impl Draft {
    /// Sends a notice on the plan's way.
    pub(crate) fn new(plan: &Plan, notice: Notice, sent: Second, frame: Option<Value>, rng: &mut Rng) -> Self {
        let look_alike = plan.sender == "look-alike";
        let head = Head {
            name: notice.from.0.to_owned(),
            from: Some(if look_alike { "trustandsafety@support.aws.example.net".to_owned() } else { notice.from.1.to_owned() }),
            subject: Some(notice.subject),
            date: Some(sent),
            message_id: Some(format!("{}-{}@amazonses.example", rng.hex(16), rng.uuid())),
            reply_to: (plan.sender == "reply-to").then(|| "aws-abuse-desk@example.net".to_owned()),
            auth: match plan.sender {
                "pass" => PASS,
                "fail" => FAIL,
                "dmarc" => DMARC,
                _ => "",
            },
            folded: rng.chance(30),
            received: rng.chance(50),
        };
        Self {
            channel: plan.channel,
            charset: plan.charset,
            transfer: rng.pick(&[Transfer::Plain, Transfer::Quoted, Transfer::Base64]),
            crlf: !plan.channel.is_pasted() && !plan.channel.is_json(),
            html: None,
            quote: "",
            head,
            outer: super::outer::outer(plan.channel, sent, rng),
            lines: notice.lines,
            content: notice.content,
            frame,
            pretty: rng.chance(50),
        }
    }

    /// The address and the date as far as this way shows them. Inline forwards show no seconds.
    fn shown_date(&self) -> Option<Second> {
        self.head.date.map(|date| if self.channel.is_inline() { date - date.rem_euclid(60) } else { date })
    }

    fn authenticity(&self) -> &'static str {
        let head = &self.head;
        if !self.channel.is_direct() {
            "not-checked"
        } else if head.auth == DMARC {
            "forged"
        } else if head.auth == FAIL || head.reply_to.is_some() || head.from.as_ref().is_some_and(|from| from.ends_with(".example.net")) {
            "suspicious"
        } else if head.from.is_none() {
            "not-checked"
        } else {
            "plausible"
        }
    }

    /// What is left of the mail's own data.
    pub(crate) fn envelope(&self) -> Envelope {
        let head = &self.head;
        match self.channel {
            Channel::EventBridge | Channel::Sns => Envelope {
                authenticity: "not-checked",
                date: head.date,
                message_id: self.frame.as_ref().and_then(|frame| frame.pointer("/detail/eventArn")?.as_str().map(str::to_owned)),
                ..Envelope::default()
            },
            Channel::Pasted | Channel::PastedJapanese => Envelope { authenticity: "not-checked", ..Envelope::default() },
            channel => Envelope {
                authenticity: self.authenticity(),
                subject: head.subject.clone(),
                date: self.shown_date(),
                message_id: head.message_id.clone().filter(|_| channel.is_direct() || channel == Channel::Attached),
                from: head.from.clone(),
            },
        }
    }

    /// The expectation.
    pub(crate) fn expected(&self) -> Value {
        let mut content = self.content.clone();
        content.about = format!("{}; {} in {}", content.about, self.channel.name(), self.charset.label());
        // Fragments are kept whole and cut only here, so that breaking lines twice does not cut them twice.
        for fragment in content.asks.iter_mut().chain(&mut content.mitigations) {
            *fragment = refit(fragment, &self.lines);
        }
        content.expectation(&self.envelope())
    }
}
