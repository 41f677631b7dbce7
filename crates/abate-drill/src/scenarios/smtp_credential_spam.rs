//! The credential with which the web application sends its mail through the SMTP interface of Amazon SES gets out, and
//! strangers send spam with it. CloudTrail does not record mail sent over SMTP; the events of SES do.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::credential_report::{self, Row};
use crate::folder::{Frame, Record};
use crate::inventory;
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::sesevents::{self, Fate, Message, Newsletters};
use crate::stage::{Outcome, Stage};
use crate::weblog::{self, Hit, Visits};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "smtp-credential-spam",
    title: Text::fixed("Spam with the web application's SMTP credential", "ウェブアプリケーションの SMTP 認証情報によるスパム送信"),
    summary: Text::fixed(
        "The credential for the SMTP interface of Amazon SES lies in a file of the web application and gets out. Strangers send spam with it, much of which bounces. In some drills the access log shows how it got out, in others there is none.",
        "Amazon SES の SMTP 認証情報がウェブアプリケーションのファイルから漏れ、第三者がスパムを送ります。多くは不達になります。漏れ方がアクセスログに残る演習と、ログ自体がない演習があります。",
    ),
    build,
};

/// How the credential got out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leak {
    /// a download function takes any path
    Traversal,
    /// a file with settings is served to everyone
    Served,
    /// there is no log that could show it
    Unknown,
}

/// What this drill is about.
struct Plan {
    leak: Leak,
    mailer: User,
    /// when the strangers begin to send
    acts: Second,
    subject: &'static str,
    count: i64,
    slow: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let events = confounders::some(stage, &Kind::ALL, 4);
    let scanner = stage.world.take_address(&mut stage.attack);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let plan = draw(&world, rng);
    let mut lines = leak(&world, rng, &plan);
    let flows: Vec<Record> = lines.iter().flat_map(|record| super::https(&world, rng, world.intruder(0), record.at)).collect();
    lines.extend(confounders::ordered_scan(&scanner, rng, world.incident - 9 * HOUR));
    let sent = spam(&world, rng, &plan);
    let notice = notice(&world, rng, &plan);
    let (with_flows, with_report) = (rng.chance(40), rng.chance(60));

    let span = (world.incident - 18 * HOUR, plan.acts + 6 * HOUR);
    super::trail(stage, super::NO_BUILDS, events);
    let by = (plan.mailer.name.clone(), world.web.public.clone());
    let own = Newsletters { count: 120_u32.saturating_mul(stage.scales.hosts), span, by };
    stage.log("evidence/ses/events.ndjson", Frame::LINES, Some(Box::new(own)), sent);
    if plan.leak != Leak::Unknown {
        let visits = Visits { count: 1200_u32.saturating_mul(stage.scales.hosts), span };
        stage.log("evidence/web1/access.log", Frame::LINES, Some(Box::new(visits)), lines);
    }
    if with_flows && plan.leak != Leak::Unknown {
        super::flows(stage, (3, 4), flows, &[80, 443]);
    } else {
        stage.parts.extend(inventory::write(&world, &[80, 443]));
    }
    if with_report {
        let row = Row {
            user: &plan.mailer,
            made: world.incident - 420 * DAY,
            password: None,
            mfa: false,
            key: Some((true, plan.acts + 3 * HOUR, world.region, "ses")),
        };
        stage.file("evidence/credential_report.csv", credential_report::write(&world, world.incident + 11 * HOUR, &[row]));
    }
    let factor = match plan.leak {
        Leak::Traversal => Factor::Vulnerability,
        Leak::Served => Factor::Misconfiguration,
        Leak::Unknown => Factor::Unknown,
    };
    let outcome = Outcome::new(Category::Spam, CauseKind::KeyLeakUnknownPlace, factor, Verdict::Confirmed, notice);
    let from = if plan.leak == Leak::Unknown { vec![1] } else { vec![0, 1] };
    outcome.by(from.into_iter().map(|n| world.intruder(n).to_owned()).collect(), vec![world.user_arn(&plan.mailer.name)])
}

fn draw(world: &World, rng: &mut Rng) -> Plan {
    let leak = [Leak::Traversal, Leak::Served, Leak::Unknown].get(rng.index(3)).copied().unwrap_or(Leak::Unknown);
    let day = clock::iso(world.incident - 420 * DAY).replace(['-', ':', 'T', 'Z'], "");
    let day = format!("{}-{}", day.get(..8).unwrap_or_default(), day.get(8..14).unwrap_or_default());
    Plan {
        leak,
        mailer: User::new(format!("ses-smtp-user.{day}"), rng),
        acts: world.incident + rng.range(900, 3 * HOUR),
        subject: rng.pick(&[
            "Your mailbox has reached its limit",
            "Important: confirm your delivery address",
            "Invoice 2026-1188 is overdue",
            "We could not process your payment",
        ]),
        count: rng.range(60, 140),
        slow: rng.chance(35),
    }
}

/// How the file with the settings is read.
fn leak(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Record> {
    let agent = rng.pick(&[
        "python-requests/2.31.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Go-http-client/1.1",
    ]);
    let at = world.incident;
    let hit = |at, request: &str, status, bytes| weblog::line(Hit { at, from: world.intruder(0), request, status, bytes, agent });
    match plan.leak {
        Leak::Unknown => Vec::new(),
        Leak::Traversal => {
            let door = rng.pick(&["/download.php?file=", "/report/get?name=", "/index.php?page="]);
            let up = "..%2F".repeat(3 + rng.index(4));
            vec![
                hit(at - 300, &format!("GET {door}manual.pdf"), 200, 48_120),
                hit(at - 41, &format!("GET {door}{up}etc%2Fpasswd"), 200, 1_934)
                    .because("the application hands out a file from outside its folder"),
                hit(at - 20, &format!("GET {door}{up}var%2Fwww%2Fconfig.php"), 404, 196),
                hit(at, &format!("GET {door}{up}var%2Fwww%2Fhtml%2F.env"), 200, 812).because("the file with the SMTP credential is read"),
            ]
        }
        Leak::Served => {
            let path = rng.pick(&["/app/.env", "/api/.env.bak", "/old/config.php.bak", "/laravel/.env"]);
            let mut lines: Vec<Record> = ["/.env", "/admin/.env", "/core/.env", "/config.json", "/.aws/credentials"]
                .iter()
                .enumerate()
                .map(|(n, path)| hit(at - 12 + i64::try_from(n).unwrap_or(0), &format!("GET {path}"), 404, 196))
                .collect();
            let read = hit(at, &format!("GET {path}"), 200, 796);
            lines.push(read.because("the file with the SMTP credential is served to a stranger"));
            lines
        }
    }
}

fn spam(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Record> {
    let (mut at, mut records) = (plan.acts, Vec::new());
    for n in 0..plan.count {
        let fate = match rng.range(0, 99) {
            0..=21 => Fate::Bounced,
            22..=24 => Fate::Complained,
            _ => Fate::Delivered,
        };
        let message = Message {
            at,
            from: world.intruder(1).to_owned(),
            caller: plan.mailer.name.clone(),
            operation: "SendSmtpEmail",
            sender: sender(world),
            to: sesevents::recipient(rng),
            subject: plan.subject.to_owned(),
            fate,
        };
        let [sent, fate] = message.events(world, rng);
        let first = "the first mail that is sent with the SMTP credential from an address that is not the application's";
        records.push(if n == 0 { sent.because(first) } else { sent });
        records.push(fate);
        at += if plan.slow { rng.range(50, 140) } else { rng.range(1, 8) };
    }
    records
}

fn sender(world: &World) -> String {
    format!("service@{}", world.domain)
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<u8> {
    let at = plan.acts + rng.range(60, 300);
    let sent = at + rng.range(5 * HOUR, 9 * HOUR);
    if rng.chance(55) {
        let (bounces, tenths) = if rng.chance(60) { (true, rng.byte(62, 140)) } else { (false, rng.byte(6, 19)) };
        return letters::sending(world, rng, sent, (bounces, f64::from(tenths) / 10.0));
    }
    let implicated = Implicated { label: "Access Key", id: plan.mailer.key.clone(), address: None, region: world.region.to_owned(), at };
    let excerpt = vec![
        "Spam from your customer. Its head:".to_owned(),
        String::new(),
        format!("Date: {}", clock::mail(at)),
        format!("From: {}", sender(world)),
        format!("Subject: {}", plan.subject),
        format!("Message-ID: <0106{}@{}.amazonses.com>", rng.hex(12), world.region),
    ];
    letters::abuse(world, rng, &Abuse { category: Category::Spam, implicated: vec![implicated], facts: Vec::new(), excerpt, sent })
}
