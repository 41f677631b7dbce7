//! Exim's main log: arrivals (`<=`), deliveries (`=>`, `->`, `>>`), delays (`==`), failures (`**`), refusals, and sign-ins that
//! failed. One row per line; the message id joins them. Times have a zone only if the server was set to write one.
//!
//! What is neither (queue runs, warnings) becomes `timed_text`.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{AuthOutcome, EmailActivity, TimedText};
use abate_model::{Body, Table, Text};

use super::fields::{Record, each_line, host_of};
use super::mail::Said;
use crate::lines::first_lines;
use crate::notations::{self, DayOrder};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "exim",
    title: Text::fixed("Exim main log", "Exim のメインログ"),
    tables: &[Table::EmailActivity, Table::Authentication, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("the contents of mails", "メールの本文"),
        Text::fixed("mails that other programs sent without this server", "このサーバーを経由せずに他のプログラムが送信したメール"),
        Text::fixed(
            "what the server's log selector leaves out (subjects, recipients)",
            "log_selector の設定により出力されない内容（件名、受信者など）",
        ),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let lines = first_lines(head, 50);
    let (mut mails, mut others) = (0_usize, 0_usize);
    for bytes in &lines {
        let text = String::from_utf8_lossy(bytes);
        let Some((_, rest)) = stamped(&text, &ctx) else { continue };
        if id_of(rest).is_some() || line(rest).is_some() {
            mails += 1;
        } else {
            others += usize::from(rest.contains(" queue run: pid=") || rest.starts_with("exim "));
        }
    }
    let good = mails + others;
    (mails > 0 && good * 2 > lines.len()).then(|| format!("{good} of the first {} lines are Exim main log lines", lines.len()))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    each_line(input, sink, &mut |text| {
        let (at, rest) = stamped(text, ctx).ok_or("no time where Exim's log has it")?;
        let (pid, words) = pid_of(rest);
        let body = line(words).map(|said| said.into_body(None, pid, words));
        let text = || Body::Text(TimedText { program: Some("exim".into()), pid, message: words.into(), ..TimedText::default() });
        Ok(Some(Record { at: Some(at), body: body.unwrap_or_else(text) }))
    })
}

type Stamp = (jiff::Timestamp, abate_model::ZoneCertainty);

fn stamped<'l>(text: &'l str, ctx: &ReadContext) -> Option<(Stamp, &'l str)> {
    let (at, rest) = notations::leading(text, DayOrder::MonthFirst, &ctx.zone).filter(|_| time::looks_iso(text.as_bytes()))?;
    Some((at, rest.strip_prefix(' ')?))
}

/// A line without the time that Exim writes in front also where syslog has one.
pub(super) fn behind_time(message: &str) -> &str {
    stamped(message, &super::any_context()).map_or(message, |(_, rest)| pid_of(rest).1)
}

/// `[1234] ` in front, if the server was set to write it.
fn pid_of(rest: &str) -> (Option<u32>, &str) {
    let found = rest.strip_prefix('[').and_then(|r| r.split_once("] ")).and_then(|(pid, rest)| Some((pid.parse().ok()?, rest)));
    found.map_or((None, rest), |(pid, rest)| (Some(pid), rest))
}

/// `1h5xyz-0001Ab-CD` (until 4.96) or `1h5xyz-00000001AbC-CDEF`, and what is behind it.
fn id_of(rest: &str) -> Option<(&str, &str)> {
    let (id, behind) = pid_of(rest).1.split_once(' ')?;
    let mut parts = id.split('-');
    let lengths = [parts.next()?.len(), parts.next()?.len(), parts.next()?.len()];
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && parts.next().is_none();
    (plain && matches!(lengths, [6, 6, 2] | [6, 11, 4])).then_some((id, behind))
}

/// What a line says, without its time.
pub(super) fn line(rest: &str) -> Option<Said<'_>> {
    let Some((id, behind)) = id_of(rest) else {
        return refused(rest, None).or_else(|| sign_in(rest));
    };
    let (mark, words) = behind.split_once(' ').unwrap_or((behind, ""));
    let mut mail = match mark {
        "<=" => arrival(words),
        "=>" | "->" | ">>" => delivery(words, "sent"),
        "==" => delivery(words, "deferred"),
        "**" => delivery(words, "bounced"),
        "Completed" => EmailActivity { status: "completed".into(), ..EmailActivity::default() },
        _ => return refused(behind, Some(id)),
    };
    mail.queue_id = Some(id.into());
    Said::mail(mail)
}

/// `from H=name (helo) [address]:port … A=method:user S=size id=… T="subject" … for recipients`.
fn arrival(words: &str) -> EmailActivity<'_> {
    let (from, fields) = sender(words);
    // The subject is the client's and may look like fields, so those are looked for in front of it.
    let (front, behind) = fields.split_once(" T=\"").unwrap_or((fields, ""));
    let subject = quoted(behind);
    let recipients = behind.rsplit_once(" for ").or_else(|| front.rsplit_once(" for ")).map_or("", |(_, list)| list);
    let (client_name, client) = peer(front);
    let login = field(front, "A=").and_then(|a| a.split_once(':')).map(|(_, user)| user);
    // On the machine itself: the user who called Exim.
    let login = login.or_else(|| field(front, "U=").filter(|_| client.is_none()));
    EmailActivity {
        status: "received".into(),
        from: Some(from).filter(|f| *f != "<>").map(Cow::Borrowed),
        to: recipients.split(' ').filter(|r| r.contains('@')).take(1000).map(Cow::Borrowed).collect(),
        subject: subject.map(Cow::Borrowed),
        size: field(front, "S=").and_then(|s| s.parse().ok()),
        message_id: field(front, "id=").map(Cow::Borrowed),
        client,
        client_name: client_name.map(Cow::Borrowed),
        login_user: login.map(Cow::Borrowed),
        ..EmailActivity::default()
    }
}

/// The sender, which may be quoted and hold anything then, and the fields behind it.
fn sender(words: &str) -> (&str, &str) {
    let quotation = words.strip_prefix('"').and_then(quoted).map_or(0, |inside| inside.len() + 2);
    let end = words.get(quotation..).and_then(|rest| rest.find(' ')).map_or(words.len(), |at| quotation + at);
    (words.get(..end).unwrap_or(words), words.get(end + 1..).unwrap_or_default())
}

/// `recipient <original> R=router T=transport H=name [address] … C="answer"`, `… defer (n): reason`, `…: reason`.
fn delivery<'l>(words: &'l str, status: &'static str) -> EmailActivity<'l> {
    let (to, fields) = words.split_once(' ').unwrap_or((words, ""));
    let (relay, relay_address) = peer(fields);
    let answer = fields.split_once(" C=\"").and_then(|(_, behind)| quoted(behind));
    let why = match status {
        "deferred" => fields.split_once(" defer ").map(|(_, why)| why),
        "bounced" => fields.split_once(": ").map(|(_, why)| why),
        _ => None,
    };
    let reason = answer.or(why);
    let dsn =
        reason.and_then(|r| r.split([' ', '-']).find(|w| w.len() >= 5 && w.starts_with(['2', '4', '5']) && w.matches('.').count() == 2));
    EmailActivity {
        status: status.into(),
        to: vec![to.trim_end_matches(':').into()],
        relay: relay.map(Cow::Borrowed),
        relay_address,
        dsn: dsn.filter(|d| d.bytes().all(|b| b.is_ascii_digit() || b == b'.')).map(Cow::Borrowed),
        reason: reason.map(Cow::Borrowed),
        ..EmailActivity::default()
    }
}

/// `H=name [address] … F=<from> … rejected RCPT <to>: reason`.
fn refused<'l>(rest: &'l str, id: Option<&'l str>) -> Option<Said<'l>> {
    let (front, behind) = rest.split_once(" rejected ").filter(|_| rest.starts_with("H="))?;
    let (client_name, client) = peer(front);
    let to = behind.split_once("RCPT <").and_then(|(_, to)| to.split('>').next());
    let from = front.split_once("F=<").and_then(|(_, from)| from.split('>').next()).filter(|f| !f.is_empty());
    Said::mail(EmailActivity {
        status: "rejected".into(),
        queue_id: id.map(Cow::Borrowed),
        from: from.map(Cow::Borrowed),
        to: to.into_iter().map(Cow::Borrowed).collect(),
        client,
        client_name: client_name.map(Cow::Borrowed),
        login_user: field(front, "A=").and_then(|a| a.split_once(':')).map(|(_, user)| user.into()),
        reason: Some(behind.into()),
        ..EmailActivity::default()
    })
}

/// `plain_login authenticator failed for name (helo) [address]: 535 … (set_id=user)`.
fn sign_in(rest: &str) -> Option<Said<'_>> {
    let (method, behind) = rest.split_once(" authenticator failed for ")?;
    let source = address_in(behind);
    let user = behind.rsplit_once("(set_id=").and_then(|(_, user)| user.split(')').next());
    Said::sign_in("exim", AuthOutcome::Failure, source, method.rsplit(' ').next().unwrap_or(method), user)
}

/// `H=name (helo) [address]:port`. The name in parentheses is what the client calls itself.
fn peer(fields: &str) -> (Option<&str>, Option<IpAddr>) {
    let Some(rest) = fields.strip_prefix("H=").or_else(|| fields.split_once(" H=").map(|(_, rest)| rest)) else { return (None, None) };
    let address = address_in(rest);
    let name = rest.split([' ', ':']).next().filter(|n| !n.is_empty() && !n.starts_with(['(', '[']));
    (name, address)
}

/// The address in brackets. What the client calls itself stands in parentheses and may hold brackets too.
fn address_in(text: &str) -> Option<IpAddr> {
    let own = |at: usize| at == 0 || text.as_bytes().get(at - 1) == Some(&b' ');
    text.match_indices('[').filter(|(at, _)| own(*at)).find_map(|(at, _)| host_of(text.get(at..)?.split(' ').next()?).parse().ok())
}

/// A field without spaces.
fn field<'l>(fields: &'l str, name: &str) -> Option<&'l str> {
    fields.split(' ').find_map(|word| word.strip_prefix(name)).filter(|v| !v.is_empty())
}

/// A quotation without its opening mark; marks inside are escaped.
fn quoted(text: &str) -> Option<&str> {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    text.get(..end)
}
