//! Spam goes out through the company's mail server: it relays for everyone, or the password of a mailbox was guessed.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::inventory;
use crate::noise::{self, Noise};
use crate::postfix::{self, Client, Mail};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "mail-server-spam",
    title: Text::fixed("Spam through the company's mail server", "自社メールサーバーからのスパム送信"),
    summary: Text::fixed(
        "Strangers send spam through the company's mail server: either it relays for everyone, or the password of a mailbox was guessed.",
        "第三者が自社のメールサーバーからスパムを送信します。誰の中継でも受け付ける設定か、メールボックスのパスワードの推測が原因です。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    host: Host,
    logger: Logger,
    /// the mailbox whose password was guessed; none if the server relays for everyone
    mailbox: Option<String>,
    mails: i64,
    pause: i64,
    sender: String,
}

/// A mail as the reporter got it.
type Seen = (Second, String);

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let domain = stage.world.domain;
    let rng = &mut stage.attack;
    let mailbox = rng.chance(55).then(|| format!("{}@{domain}", rng.pick(&["info", "saiyo", "office", "yoyaku", "noreply"])));
    let sender = mailbox.clone().unwrap_or_else(|| {
        format!("{}@{}", rng.pick(&["winner", "delivery", "billing", "account"]), rng.pick(&["example.com", "example.org"]))
    });
    let plot =
        Plot { logger: Logger::draw(rng, &host), mailbox, mails: rng.range(45, 90), pause: rng.pick(&[3_i64, 15, 90]), sender, host };
    stage.world.flow_form = if rng.chance(30) { Form::Custom } else { Form::Version2 };
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 39 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (mut lines, mut flows, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    lines.extend(guesses(&world, &mut stage.attack, &plot));
    spam(&world, &mut stage.attack, &plot, (&mut lines, &mut flows, &mut seen));
    lines.extend(newsletter(&world, &mut stage.attack, &plot));
    if stage.attack.chance(88) {
        let ordinary = postfix::days(&plot.logger, 260_u32.saturating_mul(stage.scales.hosts), (start - 22 * HOUR, start + 9 * HOUR));
        stage.log(format!("evidence/{}/mail.log", plot.host.name), Frame::LINES, ordinary, lines);
        stage.parts.extend(plot.logger.clue(plot.host.name, start + DAY));
    }
    if plot.mailbox.is_none() || stage.attack.chance(40) {
        stage.parts.push(main_cf(&world, &plot));
    }
    flows.extend(Noise::Newsletter.records(&world, &mut stage.attack, &plot.host, start - 3 * HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Newsletter], 3));
    let open = [25, 587].map(|port| inventory::rule("tcp", port, "0.0.0.0/0")).to_vec();
    super::flows_with(stage, HOURS, flows, &super::rules(&world, &plot.host, open));

    let notice = notice(&world, &mut stage.attack, &plot, &seen);
    let kind = if plot.mailbox.is_some() { CauseKind::RemoteLoginGuessed } else { CauseKind::OpenMailRelay };
    let outcome = Outcome::new(Category::Spam, kind, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let addresses = vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()];
    Outcome { attacker: Attacker { addresses, principals: plot.mailbox.into_iter().collect() }, ..outcome }
}

/// Wrong passwords at the mailbox, if that is the way in; a colleague's wrong ones in any case.
fn guesses(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, logger) = (world.incident, &plot.logger);
    let mut lines = Vec::new();
    for n in 0..rng.range(2, 5) {
        let text = format!("warning: office[{}]: SASL PLAIN authentication failed: authentication failure", world.office);
        lines.push(
            logger
                .line(start - 8 * HOUR + n * 20, "postfix/smtpd[8120]", &text)
                .decoy("a colleague's telephone still has the old password"),
        );
    }
    if plot.mailbox.is_none() {
        return lines;
    }
    let tries = rng.range(30, 70);
    for n in 0..tries {
        let text = format!(
            "warning: unknown[{}]: SASL LOGIN authentication failed: authentication failure, sasl_username={}",
            world.intruder(0),
            plot.sender
        );
        let line = logger.line(start - (tries - n) * 19, &format!("postfix/smtpd[{}]", 9_000 + n), &text);
        lines.push(if n == 0 { line.because("the first wrong password for the mailbox") } else { line });
    }
    lines
}

fn spam(world: &World, rng: &mut Rng, plot: &Plot, (lines, flows, seen): (&mut Vec<Record>, &mut Vec<Record>, &mut Vec<Seen>)) {
    let host = &plot.host;
    let own = host.private.as_str();
    let inward = if plot.mailbox.is_some() { 587 } else { 25 };
    for n in 0..plot.mails {
        let (from, at) = (world.intruder(usize::from(n % 4 == 3)), world.incident + n * plot.pause);
        let (name, server) = (format!("unknown[{from}]"), rng.stranger().to_string());
        let client = plot.mailbox.as_deref().map_or(Client::Host(&name), |user| Client::Login(&name, user));
        let to: Vec<String> =
            (0..rng.range(1, 6)).map(|_| format!("{}@{}", rng.hex(6), rng.pick(&["example.com", "example.net", "example.org"]))).collect();
        let relay = format!("mx.{}[{server}]:25", to.first().and_then(|to| to.split_once('@')).map_or("example.com", |(_, domain)| domain));
        let mail =
            Mail { at, client, from: &plot.sender, to: to.clone(), size: rng.range(2_300, 9_000), relay: &relay, bounced: rng.chance(22) };
        let mut written = mail.lines(&plot.logger, rng).into_iter();
        lines.extend(
            written
                .next()
                .map(|line| if n == 0 { line.because("the first mail that a stranger hands in, and the server takes it") } else { line }),
        );
        lines.extend(written);
        let handed = Connection {
            host,
            client: (from, rng.range(1_024, 65_000)),
            server: (own, inward),
            protocol: TCP,
            at,
            seconds: 2,
            there: (20, 9_900),
            back: (17, 2_100),
        };
        let passed = Connection {
            host,
            client: (own, rng.range(32_768, 60_999)),
            server: (&server, 25),
            protocol: TCP,
            at: at + 1,
            seconds: 2,
            there: (19, 9_400),
            back: (15, 1_900),
        };
        if n == 0 || n == plot.mails / 2 {
            flows.extend(handed.because(world, "a stranger hands in a mail"));
            flows.extend(passed.because(world, "and the server delivers it to others"));
            seen.push((at + 2, to.first().cloned().unwrap_or_default()));
        } else {
            flows.extend(handed.lines(world));
            flows.extend(passed.lines(world));
        }
    }
}

/// The company's own newsletter, which the application server hands in.
fn newsletter(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (client, from) = (format!("app1[{}]", world.app.private), format!("news@{}", world.domain));
    let mut lines = Vec::new();
    for n in 0..rng.range(25, 45) {
        let to = vec![format!("reader{n}@example.net")];
        let relay = "smtp-relay.example.net[198.18.245.25]:587";
        let mail = Mail {
            at: world.incident - 3 * HOUR + n * 3,
            client: Client::Host(&client),
            from: &from,
            to,
            size: 18_400,
            relay,
            bounced: n == 7,
        };
        lines.extend(mail.lines(&plot.logger, rng));
    }
    noise::mislead(lines, "the company's newsletter, through the smart host")
}

fn main_cf(world: &World, plot: &Plot) -> Part {
    let trusted = if plot.mailbox.is_none() { "0.0.0.0/0" } else { "127.0.0.0/8 10.0.0.0/8" };
    let text = format!(
        "myhostname = mail.{}\nmydestination = $myhostname, localhost\nmynetworks = {trusted}\nsmtpd_relay_restrictions = permit_mynetworks, \
         permit_sasl_authenticated, defer_unauth_destination\nsmtpd_sasl_auth_enable = yes\ninet_interfaces = all\n",
        world.domain
    );
    Part::File { path: format!("evidence/{}/main.cf", plot.host.name), bytes: text.into_bytes() }
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, seen: &[Seen]) -> Vec<u8> {
    let (at, to) = seen.last().cloned().unwrap_or((world.incident, String::new()));
    let subject = rng.pick(&["Your parcel waits for you", "Invoice 4471 overdue", "Confirm your account", "A gift card for you"]);
    let excerpt = vec![
        "This mail was not asked for; its headers follow.".to_owned(),
        String::new(),
        format!("Received: from mail.{} ({})", world.domain, plot.host.public),
        format!("        by mx.example.net with ESMTPS; {}", clock::mail(at)),
        format!("From: {}", plot.sender),
        format!("To: {to}"),
        format!("Subject: {subject}"),
        format!("Date: {}", clock::mail(at)),
    ];
    let resource = report::instance(&plot.host);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::SPAM, activity: Some("Email Spam"), at, fields: Vec::new(), excerpt },
    )
}
