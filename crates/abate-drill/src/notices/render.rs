//! Bytes of a draft: mails, forwards, pasted texts, JSON.

use serde_json::{Value, json};

use super::channel::{Channel, Charset};
use super::draft::Draft;
use super::html::{Html, document};
use super::mime::{Transfer, crlf, multipart, text_part, words};
use super::text::{Line, LineKind};
use super::times::show;
use crate::clock::{self, Second};

impl Draft {
    /// The bytes of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let bytes = match self.channel {
            Channel::MailPlain | Channel::MailHtml | Channel::MailMultipart => self.direct(self.charset, self.transfer),
            Channel::Pasted | Channel::PastedHeaders | Channel::PastedJapanese => self.pasted(),
            Channel::Gmail | Channel::Outlook | Channel::OutlookJapanese => self.inline(),
            Channel::Attached => self.attached(),
            Channel::EventBridge => self.json(&self.event()),
            Channel::Sns => self.json(&self.sns()),
        };
        if self.crlf { crlf(&bytes) } else { bytes }
    }

    /// The lines of the notice, with marks of quoting.
    fn quoted(&self) -> Vec<Line> {
        let quote = |line: &Line| Line { text: format!("{}{}", self.quote, line.text), kind: line.kind };
        self.lines.iter().map(quote).collect()
    }

    fn direct(&self, charset: Charset, transfer: Transfer) -> Vec<u8> {
        let lines = self.quoted();
        let text = join(&lines);
        let html = || document(&lines, self.html.unwrap_or(Html::Clean));
        let (type_lines, body) = match self.channel {
            Channel::MailHtml => text_part("html", &html(), charset, transfer),
            Channel::MailMultipart => multipart(
                "alternative",
                "=_part_0001",
                &[text_part("plain", &text, charset, transfer), text_part("html", &html(), charset, transfer)],
            ),
            Channel::Attached if self.html.is_some() => text_part("html", &html(), charset, transfer),
            _ => text_part("plain", &text, charset, transfer),
        };
        let mut out = self.own_headers();
        out.push_str(&type_lines);
        out.push('\n');
        let mut bytes = out.into_bytes();
        bytes.extend_from_slice(&body);
        bytes
    }

    fn own_headers(&self) -> String {
        let head = &self.head;
        let mut out = String::new();
        if let (true, Some(date)) = (head.received, head.date) {
            out.push_str("Received: from mail.amazonses.example ([192.0.2.25]) by mx.example.com with ESMTPS;\n ");
            out.push_str(&format!("{}\n", clock::mail(date + 3)));
        }
        if !head.auth.is_empty() {
            let from = head.from.as_deref().and_then(|from| from.split_once('@')).map_or("", |(_, domain)| domain);
            let whose = if head.auth.contains("dmarc") && !from.is_empty() { format!(" header.from={from}") } else { String::new() };
            out.push_str(&format!("Authentication-Results: {}{whose}\n", head.auth));
        }
        if let Some(from) = &head.from {
            out.push_str(&format!("From: {} <{from}>\n", head.name));
        }
        out.push_str("To: aws-security@example.com\n");
        if let Some(reply_to) = &head.reply_to {
            out.push_str(&format!("Reply-To: {reply_to}\n"));
        }
        if let Some(subject) = &head.subject {
            let shown = if head.folded { subject.replacen("] [", "]\n [", 1) } else { subject.clone() };
            out.push_str(&format!("Subject: {shown}\n"));
        }
        if let Some(date) = head.date {
            out.push_str(&format!("Date: {}\n", clock::mail(date)));
        }
        if let Some(id) = &head.message_id {
            out.push_str(&format!("Message-ID: <{id}>\n"));
        }
        out.push_str("MIME-Version: 1.0\n");
        out
    }

    fn pasted(&self) -> Vec<u8> {
        let mut lines = self.outer.before.clone();
        if self.channel == Channel::PastedHeaders {
            lines.extend(self.header_block());
        }
        lines.extend(self.quoted().into_iter().map(|line| line.text));
        lines.extend(self.outer.after.iter().cloned());
        let text = lines.join("\n") + "\n";
        self.charset.fitting(&text).bytes(&text)
    }

    /// The notice's own header lines, as programs write them into a forward or people paste them.
    fn header_block(&self) -> Vec<String> {
        let head = &self.head;
        let from = head.from.as_ref().map(|from| format!("{} <{from}>", head.name));
        let (rule, labels, date): (&str, [&str; 4], fn(Second) -> String) = match self.channel {
            Channel::Gmail => ("---------- Forwarded message ---------", ["From", "Date", "Subject", "To"], gmail_date),
            Channel::Outlook => ("________________________________", ["From", "Sent", "To", "Subject"], outlook_date),
            Channel::OutlookJapanese => ("________________________________", ["差出人", "送信日時", "宛先", "件名"], japanese_date),
            _ => ("", ["From", "Date", "To", "Subject"], clock::mail),
        };
        let mut lines: Vec<String> = Vec::new();
        if !rule.is_empty() {
            lines.push(rule.to_owned());
        }
        for label in labels {
            let value = match label {
                "From" | "差出人" => from.clone(),
                "Date" | "Sent" | "送信日時" => head.date.map(date),
                "To" | "宛先" => Some("aws-security@example.com".to_owned()),
                _ => head.subject.clone(),
            };
            lines.extend(value.map(|value| format!("{label}: {value}")));
        }
        lines.push(String::new());
        lines
            .iter()
            .map(|line| if rule.is_empty() || line.starts_with(rule) { line.clone() } else { format!("{}{line}", self.quote) })
            .collect()
    }

    fn outer_headers(&self) -> String {
        let outer = &self.outer;
        let (name, address) = outer.from.split_once(" <").unwrap_or((outer.from, "sato@example.com>"));
        let subject = format!("{}{}", outer.prefix, self.head.subject.as_deref().unwrap_or("AWS"));
        format!(
            "From: {} <{address}\nTo: soc@example.com\nSubject: {}\nDate: {}\nMessage-ID: <{}>\nMIME-Version: 1.0\n",
            words(name, self.charset),
            words(&subject, self.charset),
            clock::mail(outer.date),
            outer.message_id
        )
    }

    fn inline(&self) -> Vec<u8> {
        let plain = |text: String| Line { text, kind: LineKind::Prose };
        let mut lines: Vec<Line> = self.outer.before.iter().cloned().map(plain).collect();
        lines.extend(self.header_block().into_iter().map(plain));
        lines.extend(self.quoted());
        lines.extend(self.outer.after.iter().cloned().map(plain));
        let text = join(&lines);
        let (type_lines, body) = match self.html {
            Some(style) => text_part("html", &document(&lines, style), self.charset, self.transfer),
            None => text_part("plain", &text, self.charset, self.transfer),
        };
        let mut bytes = format!("{}{type_lines}\n", self.outer_headers()).into_bytes();
        bytes.extend_from_slice(&body);
        bytes
    }

    fn attached(&self) -> Vec<u8> {
        let words: Vec<String> = self.outer.before.iter().chain(&self.outer.after).cloned().collect();
        // The inner mail travels as it is, so it must not need eight bits.
        let transfer = if self.transfer == Transfer::Plain { Transfer::Quoted } else { self.transfer };
        let inner = (
            "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=\"notice.eml\"\n".to_owned(),
            self.direct(Charset::Utf8, transfer),
        );
        let cover = text_part("plain", &(words.join("\n") + "\n"), self.charset, Transfer::Plain);
        let (type_lines, body) = multipart("mixed", "=_outer_0001", &[cover, inner]);
        let mut bytes = format!("{}{type_lines}\n", self.outer_headers()).into_bytes();
        bytes.extend_from_slice(&body);
        bytes
    }

    fn event(&self) -> Value {
        let mut event = self.frame.clone().unwrap_or_default();
        if let Some(text) = event.pointer_mut("/detail/eventDescription/0/latestDescription") {
            *text = json!(join(&self.quoted()).trim_end());
        }
        event
    }

    fn sns(&self) -> Value {
        json!({
            "Type": "Notification",
            "MessageId": self.outer.message_id.get(..20).unwrap_or("id"),
            "TopicArn": "arn:aws:sns:us-east-1:111122223333:aws-health",
            "Message": self.event().to_string(),
            "Timestamp": show(self.head.date.unwrap_or_default() + 2, 0, "%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": "1",
            "Signature": "EXAMPLEpH+DcEwjAPg8O9mY8dReBSwksfg2S7WKQcikcNKWLQjwu6A4VbeS0QHVCkhRS7fUQvi2egU3N858fiTDN6bkkOxYDVrY0Ad8L10Hs3zH81mtnPk5uvvolIC1CXGu43obcgFxeL3khZl8IKvO61GWB6jI9b5+gLPoBc1Q=",
            "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-example.pem",
            "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"
        })
    }

    fn json(&self, value: &Value) -> Vec<u8> {
        let text = if self.pretty { format!("{value:#}\n") } else { value.to_string() };
        text.into_bytes()
    }
}

fn join(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n") + "\n"
}

fn gmail_date(at: Second) -> String {
    show(at, 0, "%a, %b %-d, %Y at %-I:%M %p")
}

fn outlook_date(at: Second) -> String {
    show(at, 0, "%A, %B %-d, %Y %-I:%M %p")
}

fn japanese_date(at: Second) -> String {
    show(at, 0, "%Y年%-m月%-d日 %-H:%M")
}
