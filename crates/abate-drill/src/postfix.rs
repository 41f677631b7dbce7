//! What Postfix writes: sessions, queue ids, deliveries. A mail is several lines of one queue id.

use crate::clock::Second;
use crate::folder::Record;
use crate::hostlog::Logger;
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::world::World;

/// A mail on its way through the server.
#[derive(Clone, Debug)]
pub(crate) struct Mail<'a> {
    /// when it comes in
    pub(crate) at: Second,
    /// who hands it in, as `name[address]`; a user id for one that a program of the host writes
    pub(crate) client: Client<'a>,
    /// envelope sender
    pub(crate) from: &'a str,
    /// envelope recipients
    pub(crate) to: Vec<String>,
    /// bytes
    pub(crate) size: i64,
    /// who takes it, as `name[address]:port`
    pub(crate) relay: &'a str,
    /// the answer to the delivery: `sent`, or another status with its text
    pub(crate) bounced: bool,
}

/// Where a mail comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client<'a> {
    /// a host, without a login
    Host(&'a str),
    /// a host whose user has logged in
    Login(&'a str, &'a str),
    /// a program of this host that runs as this user
    Program(i64, &'a str),
}

impl Mail<'_> {
    /// Its lines, the one that says where it comes from first.
    pub(crate) fn lines(&self, logger: &Logger, rng: &mut Rng) -> Vec<Record> {
        let (id, at) = (rng.chars(10, b"0123456789ABCDEF"), self.at);
        let pid = rng.range(3_000, 31_000);
        let say = |after: Second, daemon: &str, text: String| {
            logger.line(at + after, &format!("postfix/{daemon}[{}]", pid + i64::try_from(daemon.len()).unwrap_or(0)), &text)
        };
        let mut lines = match self.client {
            Client::Host(host) => vec![say(0, "smtpd", format!("{id}: client={host}"))],
            Client::Login(host, user) => vec![say(0, "smtpd", format!("{id}: client={host}, sasl_method=LOGIN, sasl_username={user}"))],
            Client::Program(uid, user) => vec![say(0, "pickup", format!("{id}: uid={uid} from=<{user}>"))],
        };
        lines.push(say(
            0,
            "cleanup",
            format!("{id}: message-id=<{}@{}>", rng.alnum(18), self.from.rsplit('@').next().unwrap_or("localhost")),
        ));
        lines.push(say(0, "qmgr", format!("{id}: from=<{}>, size={}, nrcpt={} (queue active)", self.from, self.size, self.to.len())));
        for to in &self.to {
            let (dsn, status, answer) = if self.bounced {
                ("5.1.1", "bounced", "host said: 550 5.1.1 User unknown (in reply to RCPT TO command)".to_owned())
            } else {
                ("2.0.0", "sent", format!("250 2.0.0 Ok: queued as {}", rng.chars(10, b"0123456789ABCDEF")))
            };
            let text = format!(
                "{id}: to=<{to}>, relay={}, delay=1.4, delays=0.2/0.01/0.6/0.59, dsn={dsn}, status={status} ({answer})",
                self.relay
            );
            lines.push(say(1, "smtp", text));
        }
        lines.push(say(2, "qmgr", format!("{id}: removed")));
        lines
    }
}

/// What a mail server logs every day: strangers who try and go, and mails of the company's own people.
pub(crate) fn days(logger: &Logger, count: u32, span: (Second, Second)) -> Option<Box<dyn Ordinary>> {
    let logger = logger.clone();
    Scattered::boxed(count, span, move |world: &World, rng: &mut Rng, at| {
        let (pid, stranger) = (rng.range(3_000, 31_000), rng.stranger());
        let smtpd = format!("postfix/smtpd[{pid}]");
        match rng.range(0, 9) {
            0..=3 => vec![
                logger.line(at, &smtpd, &format!("connect from unknown[{stranger}]")),
                logger.line(at, &smtpd, &format!("disconnect from unknown[{stranger}] ehlo=1 auth=0/1 quit=1 commands=2/3")),
            ],
            4..=5 => vec![
                logger.line(at, &smtpd, &format!("warning: unknown[{stranger}]: SASL LOGIN authentication failed: authentication failure")),
                logger.line(at, &smtpd, &format!("lost connection after AUTH from unknown[{stranger}]")),
            ],
            6 => vec![logger.line(
                at,
                &smtpd,
                &format!("NOQUEUE: reject: RCPT from unknown[{stranger}]: 454 4.7.1 <probe@example.org>: Relay access denied; from=<a@example.net> to=<probe@example.org> proto=ESMTP helo=<x>"),
            )],
            _ => {
                let user = format!("{}@{}", world.operator.name, world.domain);
                let (id, office) = (rng.chars(10, b"0123456789ABCDEF"), &world.office);
                vec![
                    logger.line(at, &smtpd, &format!("{id}: client=office[{office}], sasl_method=PLAIN, sasl_username={user}")),
                    logger.line(at, "postfix/qmgr[911]", &format!("{id}: from=<{user}>, size={}, nrcpt=1 (queue active)", rng.range(2_000, 90_000))),
                    logger.line(at, "postfix/smtp[917]", &format!("{id}: to=<desk@partner.example>, relay=mx.partner.example[198.18.242.3]:25, delay=0.9, delays=0.1/0/0.4/0.4, dsn=2.0.0, status=sent (250 2.0.0 Ok)")),
                ]
            }
        }
    })
}
