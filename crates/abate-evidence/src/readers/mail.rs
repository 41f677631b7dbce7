//! What Postfix, Sendmail and Exim say in a line of syslog.
//!
//! Each line is a row of its own, also where several tell of one mail: who put them together does it by the queue id, which every
//! such row carries. Joining here would need an unbounded memory of open queue ids (a mail may wait for days, and servers use ids
//! again), and a joined row could not lead back to one place in the log. Sender and recipient addresses are the client's words.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::Body;
use abate_model::rows::{AuthOutcome, Authentication, EmailActivity};

use super::exim;

/// The row of a line, if it tells of a mail, a connection to the mail server, or a sign-in to it.
pub(super) fn read<'l>(host: Option<&'l str>, program: Option<&'l str>, pid: Option<u32>, message: &'l str) -> Option<Body<'l>> {
    let program = program?;
    let said = match program {
        "sendmail" | "sm-mta" | "sm-msp-queue" | "sm-msp" => sendmail(message),
        "exim" | "exim4" => exim::line(exim::behind_time(message)),
        _ if program.starts_with("postfix") => postfix(program.rsplit_once('/')?.1, message),
        _ => return None,
    }?;
    Some(said.into_body(host, pid, message))
}

/// What a line of a mail server says.
pub(super) enum Said<'l> {
    Mail(Box<EmailActivity<'l>>),
    SignIn(Box<Authentication<'l>>),
}

impl<'l> Said<'l> {
    /// A mail's row.
    pub fn mail(mail: EmailActivity<'l>) -> Option<Self> {
        Some(Self::Mail(Box::new(mail)))
    }

    /// A sign-in to the mail server, or the failure of one.
    pub fn sign_in(
        service: &'static str,
        outcome: AuthOutcome,
        source: Option<IpAddr>,
        method: &'l str,
        user: Option<&'l str>,
    ) -> Option<Self> {
        Some(Self::SignIn(Box::new(Authentication {
            service: Cow::Borrowed(service),
            user: user.map(Cow::Borrowed),
            source,
            method: Some(method).filter(|m| !m.is_empty()).map(Cow::Borrowed),
            outcome,
            attempts: 1,
            ..Authentication::default()
        })))
    }

    /// The row's body.
    pub fn into_body(self, host: Option<&'l str>, pid: Option<u32>, message: &'l str) -> Body<'l> {
        let host = host.map(Cow::Borrowed);
        match self {
            Self::Mail(mail) => Body::Email(Box::new(EmailActivity { host, pid, ..*mail })),
            Self::SignIn(auth) => Body::Auth(Box::new(Authentication { host, pid, message: Cow::Borrowed(message), ..*auth })),
        }
    }
}

fn status(status: &str) -> EmailActivity<'_> {
    EmailActivity { status: Cow::Borrowed(status), ..EmailActivity::default() }
}

fn postfix<'l>(part: &str, message: &'l str) -> Option<Said<'l>> {
    let (id, rest) = queue_id(message);
    let mut mail = match part {
        "smtpd" | "postscreen" => postfix_server(id.is_some(), rest)?,
        "pickup" => {
            let (uid, from) = rest.strip_prefix("uid=").filter(|_| id.is_some())?.split_once(" from=")?;
            // The user that handed it in on the machine itself, by number.
            let reason = rest.get(.."uid=".len() + uid.len()).map(Cow::Borrowed);
            EmailActivity { from: angled(from).map(|(from, _)| from.into()), reason, ..status("received") }
        }
        "cleanup" => postfix_cleanup(rest)?,
        "qmgr" | "nqmgr" => postfix_queue(rest)?,
        "bounce" => {
            rest.strip_prefix("sender non-delivery notification")?;
            EmailActivity { reason: Some(rest.into()), ..status("bounced") }
        }
        _ => postfix_delivery(rest)?,
    };
    if let Some(refused) = mail_sign_in(&mail, rest) {
        return refused;
    }
    mail.queue_id = id.filter(|id| *id != "NOQUEUE").map(Cow::Borrowed);
    Said::mail(mail)
}

/// The queue id in front of a colon. Words of a message (`warning:`) have no digit.
fn queue_id(message: &str) -> (Option<&str>, &str) {
    let found = message.split_once(": ").filter(|(id, _)| {
        let plain = (5..=30).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        *id == "NOQUEUE" || (plain && id.bytes().any(|b| b.is_ascii_digit()))
    });
    found.map_or((None, message), |(id, rest)| (Some(id), rest))
}

/// `connect from …`, `client=…`, `reject: …`, `warning: …: SASL … authentication failed`.
fn postfix_server(queued: bool, rest: &str) -> Option<EmailActivity<'_>> {
    if let Some(peer) = rest.strip_prefix("client=").filter(|_| queued) {
        let (name, address, behind) = peer_of(peer)?;
        let login = value(behind, ", sasl_username=", ", ").map(Cow::Borrowed);
        return Some(EmailActivity { client: address, client_name: name, login_user: login, ..status("received") });
    }
    if let Some(rejected) = rest.strip_prefix("reject: ").or_else(|| rest.strip_prefix("milter-reject: ")) {
        let (_, behind) = rejected.split_once(" from ")?;
        let (name, address, behind) = peer_of(behind)?;
        let why = after_port(behind.trim_start_matches([':', ' ']));
        let (reason, envelope) =
            why.rsplit_once("; from=<").map_or((why, ""), |(reason, _)| (reason, why.get(reason.len() + 2..).unwrap_or("")));
        let reason = reason.split("; proto=").next().unwrap_or(reason);
        return Some(EmailActivity {
            client: address,
            client_name: name,
            from: value(envelope, "from=<", ">").map(Cow::Borrowed),
            to: value(envelope, " to=<", ">").into_iter().map(Cow::Borrowed).collect(),
            dsn: reason.split(' ').take(2).find(|word| is_dsn(word)).map(Cow::Borrowed),
            reason: Some(Cow::Borrowed(reason)),
            ..status("rejected")
        });
    }
    let (word, peer) = [("connected", "connect from "), ("connected", "CONNECT from "), ("disconnected", "disconnect from ")]
        .iter()
        .find_map(|(word, start)| Some((*word, rest.strip_prefix(start)?)))
        .or_else(|| Some(("lost", rest.strip_prefix("lost connection after ")?.split_once(" from ")?.1)))
        .or_else(|| Some(("sign-in", rest.strip_prefix("warning: ").filter(|w| w.contains(": SASL "))?)))?;
    let (name, address, behind) = peer_of(peer)?;
    // How the connection went: the counts of commands (`auth=0/1`), or the command after which it was lost.
    let (word, reason) = if word == "lost" { ("disconnected", rest) } else { (word, behind.trim_start()) };
    let reason = Some(reason).filter(|r| word == "disconnected" && !r.is_empty()).map(Cow::Borrowed);
    Some(EmailActivity { client: address, client_name: name, reason, ..status(word) })
}

/// A failed sign-in is no mail.
#[allow(clippy::option_option)]
fn mail_sign_in<'l>(mail: &EmailActivity<'l>, rest: &'l str) -> Option<Option<Said<'l>>> {
    if mail.status != "sign-in" {
        return None;
    }
    let said = rest.split_once(": SASL ").and_then(|(_, said)| said.split_once(" authentication failed"));
    Some(said.and_then(|(method, behind)| {
        let user = value(behind, "sasl_username=", ",");
        Said::sign_in("postfix", AuthOutcome::Failure, mail.client, method, user)
    }))
}

/// `message-id=<…>`, and a header that a rule logs: `warning: header Subject: … from …; from=<…> to=<…>`.
fn postfix_cleanup(rest: &str) -> Option<EmailActivity<'_>> {
    if let Some(id) = rest.strip_prefix("message-id=").or_else(|| rest.strip_prefix("resent-message-id=")) {
        return Some(EmailActivity { message_id: Some(unangled(id).into()), ..status("received") });
    }
    let (kind, header) = rest.split_once(": header Subject: ").or_else(|| rest.split_once(": header subject: "))?;
    let word = match kind {
        "reject" | "milter-reject" => "rejected",
        "discard" => "discarded",
        "hold" => "held",
        _ => "received",
    };
    let (said, envelope) =
        header.rsplit_once("; from=<").map_or((header, ""), |(said, _)| (said, header.get(said.len() + 2..).unwrap_or("")));
    let (subject, peer) = said.rsplit_once(" from ").unwrap_or((said, ""));
    let (name, address, _) = peer_of(peer).unwrap_or((None, None, ""));
    Some(EmailActivity {
        subject: Some(subject.into()),
        client: address,
        client_name: name,
        from: value(envelope, "from=<", ">").map(Cow::Borrowed),
        to: value(envelope, " to=<", ">").into_iter().map(Cow::Borrowed).collect(),
        ..status(word)
    })
}

/// `from=<…>, size=…, nrcpt=… (queue active)`, `removed`.
fn postfix_queue(rest: &str) -> Option<EmailActivity<'_>> {
    if rest == "removed" {
        return Some(status("removed"));
    }
    let (from, behind) = angled(rest.strip_prefix("from=")?)?;
    let expired = value(behind, ", status=", ",").is_some_and(|s| s.starts_with("expired"));
    Some(EmailActivity {
        from: Some(from.into()),
        size: value(behind, ", size=", ",").and_then(|s| s.parse().ok()),
        ..status(if expired { "expired" } else { "queued" })
    })
}

/// `to=<…>, orig_to=<…>, relay=…, …, dsn=…, status=sent (…)`.
fn postfix_delivery(rest: &str) -> Option<EmailActivity<'_>> {
    let (to, behind) = angled(rest.strip_prefix("to=")?)?;
    let (fields, ended) = behind.split_once(", status=")?;
    let (word, reason) = ended.split_once(' ').unwrap_or((ended, ""));
    let relay = value(fields, ", relay=", ", ");
    let (name, address, _) = relay.and_then(peer_of).unwrap_or((relay.filter(|r| *r != "none").map(Cow::Borrowed), None, ""));
    let reason = reason.strip_prefix('(').map_or(reason, |r| r.strip_suffix(')').unwrap_or(r));
    Some(EmailActivity {
        to: vec![to.into()],
        relay: name,
        relay_address: address,
        dsn: value(fields, ", dsn=", ",").map(Cow::Borrowed),
        reason: Some(reason).filter(|r| !r.is_empty()).map(Cow::Borrowed),
        ..status(word)
    })
}

/// A host's name and address, and what is behind them.
type Peer<'l> = (Option<Cow<'l, str>>, Option<IpAddr>, &'l str);

/// `name[address]`, perhaps with `:port`, and what is behind it.
fn peer_of(text: &str) -> Option<Peer<'_>> {
    let (name, rest) = text.split_once('[')?;
    let (address, behind) = rest.split_once(']')?;
    if name.len() > 255 || name.contains(' ') {
        return None;
    }
    let address = address.trim_start_matches("IPv6:").parse().ok();
    Some((Some(name).filter(|n| !n.is_empty() && *n != "unknown").map(Cow::Borrowed), address, behind))
}

/// `:60591: 550 …` without the port.
fn after_port(text: &str) -> &str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(digits..).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(text)
}

fn is_dsn(word: &str) -> bool {
    let mut parts = word.split('.');
    let number = |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    word.starts_with(['2', '4', '5']) && number(parts.next()) && number(parts.next()) && number(parts.next()) && parts.next().is_none()
}

/// `<address>` and what is behind it; Postfix ends it in front of a comma, a space or the end.
fn angled(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('<')?;
    let end =
        inside.match_indices('>').map(|(at, _)| at).find(|at| matches!(inside.as_bytes().get(at + 1), None | Some(b',' | b' ' | b';')))?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

fn unangled(text: &str) -> &str {
    text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text)
}

/// What stands between a key and the next mark, or the end.
fn value<'l>(text: &'l str, key: &str, until: &str) -> Option<&'l str> {
    let (_, rest) = text.split_once(key)?;
    rest.split(until).next().filter(|v| !v.is_empty())
}

/// `id: from=<…>, size=…, …, relay=name [address]`, `id: to=<…>, …, relay=…, dsn=…, stat=Sent (…)`, `id: ruleset=…, reject=…`.
fn sendmail(message: &str) -> Option<Said<'_>> {
    if let Some(rest) = message.strip_prefix("AUTH=server, ") {
        let (_, address) = sendmail_relay(rest);
        let (method, user) = (value(rest, "mech=", ",").unwrap_or_default(), value(rest, "authid=", ", "));
        return Said::sign_in("sendmail", AuthOutcome::Success, address, method, user);
    }
    let (id, rest) = queue_id(message);
    if let Some((_, failure)) = rest.split_once("AUTH failure (") {
        let (_, address) = sendmail_relay(failure);
        return Said::sign_in("sendmail", AuthOutcome::Failure, address, failure.split(')').next().unwrap_or_default(), None);
    }
    // The answer of the other server is behind the relay.
    let ours = [", stat=", ", reject="].iter().find_map(|key| rest.split_once(key)).map_or(rest, |(front, _)| front);
    let (name, address) = sendmail_relay(ours);
    let mut mail = if let Some(from) = rest.strip_prefix("from=") {
        EmailActivity {
            from: sendmail_address(from).map(Cow::Borrowed),
            size: value(rest, ", size=", ",").and_then(|s| s.parse().ok()),
            message_id: value(rest, ", msgid=", ", ").map(|m| unangled(m).into()),
            client: address,
            client_name: name,
            ..status("received")
        }
    } else if let Some((fields, stat)) = rest.strip_prefix("to=").and_then(|to| to.split_once(", stat=")) {
        let to = fields.split(", ").next().unwrap_or_default();
        let list = to.split(',').map(|a| unangled(a.trim())).filter(|a| !a.is_empty());
        EmailActivity {
            to: list.take(1000).map(Cow::Borrowed).collect(),
            relay: name,
            relay_address: address,
            dsn: value(fields, ", dsn=", ",").map(Cow::Borrowed),
            reason: Some(stat.into()),
            ..status(sendmail_status(stat))
        }
    } else {
        let (_, reject) = rest.strip_prefix("ruleset=")?.split_once(", reject=")?;
        EmailActivity {
            client: address,
            client_name: name,
            to: value(rest, "ruleset=check_rcpt, arg1=", ", ").into_iter().map(|a| unangled(a).into()).collect(),
            from: value(rest, "ruleset=check_mail, arg1=", ", ").map(|a| unangled(a).into()),
            dsn: reject.split(' ').take(2).find(|word| is_dsn(word)).map(Cow::Borrowed),
            reason: Some(reject.into()),
            ..status("rejected")
        }
    };
    mail.queue_id = id.filter(|id| *id != "NOQUEUE").map(Cow::Borrowed);
    Said::mail(mail)
}

fn sendmail_address(text: &str) -> Option<&str> {
    angled(text).map(|(address, _)| address).or_else(|| text.split(", ").next()).filter(|a| !a.is_empty())
}

/// `relay=name. [address]`, `relay=[address]`, `relay=user@localhost`: the last one, since those in front may be a client's words.
fn sendmail_relay(text: &str) -> (Option<Cow<'_, str>>, Option<IpAddr>) {
    let Some(relay) = text.rsplit_once("relay=").and_then(|(_, r)| r.split(", ").next()) else { return (None, None) };
    let (name, address) = relay.split_once('[').unwrap_or((relay, ""));
    let address = address.split(']').next().unwrap_or_default();
    let name = name.trim().trim_end_matches('.');
    (Some(name).filter(|n| !n.is_empty()).map(Cow::Borrowed), address.trim_start_matches("IPv6:").parse().ok())
}

fn sendmail_status(stat: &str) -> &'static str {
    let starts = |word: &str| stat.get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
    if starts("Sent") {
        "sent"
    } else if starts("Deferred") {
        "deferred"
    } else if starts("queued") {
        "queued"
    } else {
        "bounced"
    }
}
