//! A form of the company's site sends mail to whomever the visitor names. Bots fill it in.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::noise;
use crate::postfix::{self, Client, Mail};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Stage};
use crate::weblog;
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "form-bots-spam",
    title: Text::fixed("Mail form driven by bots", "ボットに悪用されたメール送信フォーム"),
    summary: Text::fixed(
        "A form of the site sends a copy to any address that the visitor gives. Bots fill it in, and strangers get advertising from the company's own server. Nobody broke in.",
        "サイトのフォームは、入力された任意の宛先に控えを送信します。ボットがこれを埋めて、自社サーバーから第三者に宣伝メールが届きます。侵入はありません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    logger: Logger,
    path: &'static str,
    bots: Vec<String>,
    /// one agent for all of them, or a browser's each
    agent: Option<&'static str>,
    posts: i64,
    pause: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    let mut bots = stage.world.intruders.clone();
    for _ in 0..stage.attack.range(0, 30) {
        bots.push(stage.world.take_address(&mut stage.attack));
    }
    let web = stage.world.web.clone();
    let rng = &mut stage.attack;
    let plot = Plot {
        logger: Logger::draw(rng, &web),
        path: rng.pick(&["/contact/send.php", "/share/tell-a-friend", "/recommend.cgi", "/newsletter/subscribe", "/inquiry/confirm"]),
        bots,
        agent: rng.chance(45).then_some("python-requests/2.31.0"),
        posts: rng.range(70, 150),
        pause: rng.pick(&[2_i64, 20, 120]),
    };
    stage.world.flow_form = if rng.chance(30) { Form::Custom } else { Form::Version2 };
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 41 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (mut requests, mut mails, mut flows) = (Vec::new(), Vec::new(), Vec::new());
    fill_in(&world, &mut stage.attack, &plot, (&mut requests, &mut mails, &mut flows));
    requests.extend(visitors(&world, &mut stage.attack, &plot));
    let (zone, span, count) = (plot.logger.zone(), (start - 20 * HOUR, start + 9 * HOUR), stage.scales.hosts);
    let at_hand = stage.attack.range(0, 9);
    if at_hand < 8 {
        stage.log("evidence/web1/access.log", Frame::LINES, days(zone, 1_100_u32.saturating_mul(count), span), requests);
    }
    if at_hand > 2 {
        let ordinary = postfix::days(&plot.logger, 120_u32.saturating_mul(count), span);
        stage.log("evidence/web1/mail.log", Frame::LINES, ordinary, mails);
    }
    stage.parts.extend(plot.logger.clue("web1", start + DAY));
    flows.extend(noise::draw(&world, &mut stage.attack, &web, HOURS, &[], 4));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot);
    let outcome = Outcome::new(Category::Spam, CauseKind::FormDrivenByBots, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let came: std::collections::BTreeSet<String> = (0..plot.posts).map(|n| bot(&plot, n).to_owned()).collect();
    Outcome { attacker: Attacker { addresses: came.into_iter().collect(), principals: Vec::new() }, ..outcome }
}

fn bot(plot: &Plot, n: i64) -> &str {
    let at = usize::try_from(n).unwrap_or(0) % plot.bots.len().max(1);
    plot.bots.get(at).map_or("203.0.113.1", String::as_str)
}

fn hit(zone: Zone, at: Second, from: &str, request: &str, (status, bytes): (u16, i64), referer: &str, agent: &str) -> Record {
    Record::plain(at, format!("{from} - - [{}] \"{request} HTTP/1.1\" {status} {bytes} \"{referer}\" \"{agent}\"", zone.apache(at)))
}

/// Each request that a bot sends, the mail that comes of it, and the connections behind both.
fn fill_in(world: &World, rng: &mut Rng, plot: &Plot, (requests, mails, flows): (&mut Vec<Record>, &mut Vec<Record>, &mut Vec<Record>)) {
    let (zone, host, sender) = (plot.logger.zone(), &world.web, format!("noreply@{}", world.domain));
    let own = host.private.as_str();
    // Straight to the recipients' servers, or through the smart host.
    let straight = rng.chance(60);
    for n in 0..plot.posts {
        let (from, at) = (bot(plot, n), world.incident + n * plot.pause + rng.range(0, plot.pause - 1));
        let agent = plot.agent.unwrap_or_else(|| weblog::browser(rng));
        let post = hit(zone, at, from, &format!("POST {}", plot.path), (200, 1_870), "-", agent);
        requests.push(match n {
            0 => post.because("the first of many forms that bots fill in"),
            _ if n == plot.posts / 2 => post.because("a form behind the reported mail"),
            _ => post,
        });
        let size = rng.range(2_000, 3_000);
        let visit = Connection {
            host,
            client: (from, rng.range(1_024, 65_000)),
            server: (own, 443),
            protocol: TCP,
            at,
            seconds: 2,
            there: (12, 3_300),
            back: (11, 5_200),
        };
        flows.extend(visit.lines(world));
        let (server, port) = if straight { (rng.stranger().to_string(), 25) } else { ("198.18.245.25".to_owned(), 587) };
        let relay = if straight { format!("mx.example.net[{server}]:25") } else { format!("smtp-relay.example.net[{server}]:587") };
        let to = vec![format!("{}@{}", rng.hex(7), rng.pick(&["example.com", "example.net"]))];
        let mail = Mail { at, client: Client::Program(33, "www-data"), from: &sender, to, size, relay: &relay, bounced: rng.chance(30) };
        let mut written = mail.lines(&plot.logger, rng).into_iter();
        mails.extend(
            written.next().map(|line| if n == 0 { line.because("the web application itself hands in a mail for each form") } else { line }),
        );
        mails.extend(written);
        let out = Connection {
            host,
            client: (own, rng.range(32_768, 60_999)),
            server: (&server, port),
            protocol: TCP,
            at: at + 1,
            seconds: 2,
            there: (15, size + 1_900),
            back: (12, 1_400),
        };
        flows.extend(if n == 0 { out.because(world, "the web server delivers the mail") } else { out.lines(world) });
    }
}

/// People who use the form as it was meant.
fn visitors(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (zone, mut lines) = (plot.logger.zone(), Vec::new());
    let page = format!("https://www.{}{}", world.domain, plot.path);
    for n in 0..rng.range(3, 9) {
        let (from, at, agent) = (rng.stranger().to_string(), world.incident - 12 * HOUR + n * 5_003, weblog::browser(rng));
        lines.push(hit(zone, at, &from, &format!("GET {}", plot.path), (200, 9_120), "-", agent).aside());
        let sent = hit(zone, at + rng.range(50, 240), &from, &format!("POST {}", plot.path), (200, 1_870), &page, agent);
        lines.push(sent.decoy("a visitor who really writes to the company"));
    }
    lines
}

fn days(zone: Zone, count: u32, span: (Second, Second)) -> Option<Box<dyn crate::replay::Ordinary>> {
    Scattered::boxed(count, span, move |_, rng, at| {
        let (from, agent) = (rng.stranger().to_string(), weblog::browser(rng));
        let (request, answer) = match rng.range(0, 9) {
            0..=6 => (
                format!("GET {}", rng.pick(&["/", "/products/", "/about/", "/access/", "/assets/site.css"])),
                (200, rng.range(900, 60_000)),
            ),
            7 => ("POST /search".to_owned(), (200, rng.range(2_000, 9_000))),
            8 => ("POST /wp-login.php".to_owned(), (404, 196)),
            _ => ("GET /wp-content/plugins/x/readme.txt".to_owned(), (404, 196)),
        };
        vec![hit(zone, at, &from, &request, answer, "-", agent)]
    })
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let at = world.incident + plot.posts / 2 * plot.pause;
    let excerpt = vec![
        report::opening(rng),
        String::new(),
        format!("Received: from www.{} ({})", world.domain, world.web.public),
        format!("        by mx.example.net; {}", clock::mail(at)),
        format!("From: noreply@{}", world.domain),
        format!("Subject: {}", rng.pick(&["Thank you for your message", "Your friend recommends a page", "We have received your inquiry"])),
        "X-Spam-Reason: body holds a link to a casino that the recipient never asked for".to_owned(),
        format!("Date: {}", clock::mail(at)),
    ];
    let resource = report::instance(&world.web);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::SPAM, activity: Some("Email Spam"), at, fields: Vec::new(), excerpt },
    )
}
