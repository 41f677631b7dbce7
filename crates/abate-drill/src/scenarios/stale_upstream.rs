//! The company's reverse proxy passes requests on to an address that is no longer the company's. A scanner's requests thus reach
//! somebody else, who reports the company.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Part, Stage};
use crate::weblog;
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "stale-upstream",
    title: Text::fixed("Scanner's requests passed on by a reverse proxy", "リバースプロキシが中継したスキャナーのリクエスト"),
    summary: Text::fixed(
        "The web server passes requests for an old name on to an address that now belongs to somebody else. A scanner's requests reach that party, who reports the company. Nobody broke in.",
        "ウェブサーバーは、古いホスト名へのリクエストを、今は他者のものであるアドレスに中継しています。スキャナーのリクエストが届いた相手から通報されました。侵入はありません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

const PROBES: &[&str] = &[
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/actuator/env",
    "/config.json",
    "/phpinfo.php",
    "/.aws/credentials",
    "/api/.env",
    "/cgi-bin/luci/;stok=/locale",
    "/owa/auth/logon.aspx",
    "/boaform/admin/formLogin",
];

struct Plot {
    logger: Logger,
    /// who owns the upstream's address now
    other: String,
    port: i64,
    /// the name whose requests are passed on
    name: String,
    scanner: String,
    agent: &'static str,
    probes: i64,
    pause: i64,
    /// the access log names the upstream
    upstream_logged: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let other = stage.world.take_address(&mut stage.attack);
    let (web, domain, scanner) = (stage.world.web.clone(), stage.world.domain, stage.world.intruder(0).to_owned());
    let rng = &mut stage.attack;
    let plot = Plot {
        logger: Logger::draw(rng, &web),
        other,
        port: rng.pick(&[80_i64, 80, 8080, 443]),
        name: format!("{}.{domain}", rng.pick(&["old-api", "legacy", "partner", "reserve2019"])),
        scanner,
        agent: rng.pick(&["Mozilla/5.0 (compatible; CensysInspect/1.1)", "Go-http-client/1.1", "Mozilla/5.0 zgrab/0.x", "curl/8.5.0"]),
        probes: rng.range(20, 70),
        pause: rng.pick(&[1_i64, 3, 45]),
        upstream_logged: rng.chance(65),
    };
    if rng.chance(40) {
        stage.world.flow_form = Form::Custom;
    }
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 31 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    let mut flows = passed_on(&world, &mut stage.attack, &plot, (&mut lines, &mut errors));
    let (zone, span, count) = (plot.logger.zone(), (start - 20 * HOUR, start + 9 * HOUR), stage.scales.hosts);
    let (own, named) = (world.app.private.clone(), plot.upstream_logged);
    let ordinary = Scattered::boxed(1_000_u32.saturating_mul(count), span, move |_, rng, at| {
        let (from, agent) = (rng.stranger().to_string(), weblog::browser(rng));
        let target =
            if rng.chance(82) { rng.pick(&["/", "/products/", "/api/items?page=2", "/assets/site.css"]) } else { rng.pick(PROBES) };
        let answer = if PROBES.contains(&target) { (404, 153) } else { (200, rng.range(500, 60_000)) };
        vec![access(zone, at, &from, &format!("GET {target}"), answer, agent, named.then_some((own.as_str(), 8080)))]
    });
    stage.log("evidence/web1/access.log", Frame::LINES, ordinary, lines);
    let at_hand = stage.attack.range(0, 9);
    if at_hand < 5 {
        let ordinary = Scattered::boxed(60_u32.saturating_mul(count), span, move |world, rng, at| {
            let (from, number) = (rng.stranger().to_string(), rng.range(1_000, 99_000));
            vec![error(
                zone,
                at,
                number,
                &format!(
                    "open() \"/var/www/html/favicon.ico\" failed (2: No such file or directory), client: {from}, server: www.{}",
                    world.domain
                ),
            )]
        });
        stage.log("evidence/web1/error.log", Frame::LINES, ordinary, errors);
    }
    if at_hand > 3 || !plot.upstream_logged {
        stage.parts.push(configuration(&world, &plot));
    }
    stage.parts.extend(plot.logger.clue("web1", start + DAY));
    flows.extend(Noise::Crawler.records(&world, &mut stage.attack, &world.web, start - 2 * HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &world.web, HOURS, &[Noise::Crawler], 3));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot);
    let outcome = Outcome::new(Category::Intrusion, CauseKind::ForwardingProxy, Factor::Misconfiguration, Verdict::Confirmed, notice);
    Outcome { attacker: Attacker { addresses: vec![plot.scanner.clone()], principals: Vec::new() }, ..outcome }
}

/// A line in nginx' combined form, with the upstream behind it if the log has it.
fn access(
    zone: Zone,
    at: Second,
    from: &str,
    request: &str,
    (status, bytes): (u16, i64),
    agent: &str,
    upstream: Option<(&str, i64)>,
) -> Record {
    let end = upstream
        .map_or(String::new(), |(address, port)| format!(" upstream={address}:{port} upstream_status={status} rt=0.{:03}", bytes % 900));
    Record::plain(at, format!("{from} - - [{}] \"{request} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\"{end}", zone.apache(at)))
}

fn error(zone: Zone, at: Second, number: i64, message: &str) -> Record {
    Record::plain(at, format!("{} [error] 812#812: *{number} {message}", zone.show(at, "%Y/%m/%d %H:%M:%S")))
}

/// Each request of the scanner: in at our server, and out to the stranger's.
fn passed_on(world: &World, rng: &mut Rng, plot: &Plot, (lines, errors): (&mut Vec<Record>, &mut Vec<Record>)) -> Vec<Record> {
    let (zone, host) = (plot.logger.zone(), &world.web);
    let own = host.private.as_str();
    let mut flows = Vec::new();
    for n in 0..plot.probes {
        let (at, probe) =
            (world.incident + n * plot.pause, PROBES.get(usize::try_from(n).unwrap_or(0) % PROBES.len()).copied().unwrap_or("/"));
        let status = rng.pick(&[404_u16, 404, 403, 502]);
        let upstream = plot.upstream_logged.then_some((plot.other.as_str(), plot.port));
        let line = access(zone, at, &plot.scanner, &format!("GET {probe}"), (status, 162), plot.agent, upstream);
        let middle = n == plot.probes / 2;
        lines.push(if n == 0 || middle { line.because("a scanner's request to our server, which passes it on") } else { line });
        let inward = Connection {
            host,
            client: (&plot.scanner, rng.range(1_024, 65_000)),
            server: (own, 80),
            protocol: TCP,
            at,
            seconds: 1,
            there: (6, 520),
            back: (5, 610),
        };
        let outward = Connection {
            host,
            client: (own, rng.range(32_768, 60_999)),
            server: (&plot.other, plot.port),
            protocol: TCP,
            at,
            seconds: 1,
            there: (6, 590),
            back: (5, 540),
        };
        flows.extend(inward.lines(world));
        flows.extend(if n == 0 || middle {
            outward.because(world, "our server asks the upstream, within the same second")
        } else {
            outward.lines(world)
        });
        if status == 502 {
            let text = format!(
                "upstream prematurely closed connection while reading response header from upstream, client: {}, server: {}, request: \"GET {probe} HTTP/1.1\", \
                 upstream: \"http://{}:{}{probe}\", host: \"{}\"",
                plot.scanner, plot.name, plot.other, plot.port, plot.name
            );
            errors.push(error(zone, at, 20_000 + n, &text));
        }
    }
    errors.push(
        error(zone, world.incident - 5 * HOUR, 19_001, &format!("connect() failed (111: Connection refused) while connecting to upstream, client: 198.18.9.4, server: www.{}, request: \"GET /api/items HTTP/1.1\", upstream: \"http://{}:8080/api/items\"", world.domain, world.app.private))
            .decoy("the application server was restarted"),
    );
    flows
}

fn configuration(world: &World, plot: &Plot) -> Part {
    let text = format!(
        "server {{\n    listen 80;\n    server_name www.{};\n    location / {{\n        proxy_pass http://{}:8080;\n    }}\n}}\n\n# moved 2024, remove?\n\
         server {{\n    listen 80;\n    server_name {};\n    location / {{\n        proxy_pass http://{}:{};\n        proxy_set_header Host $host;\n    }}\n}}\n",
        world.domain, world.app.private, plot.name, plot.other, plot.port
    );
    Part::File { path: "evidence/web1/nginx-sites.conf".to_owned(), bytes: text.into_bytes() }
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let at = world.incident + plot.probes / 2 * plot.pause;
    let mut excerpt = vec![report::opening(rng), "Event class: exploit:web/scanner".to_owned(), String::new()];
    excerpt.extend((0..4).map(|n| {
        let probe = PROBES.get(usize::try_from(plot.probes / 2 + n).unwrap_or(0) % PROBES.len()).copied().unwrap_or("/");
        format!(
            "{} - - [{}] \"GET {probe} HTTP/1.0\" 404 162 \"-\" \"{}\"",
            world.web.public,
            clock::apache(at + n * plot.pause),
            plot.agent
        )
    }));
    let fields = vec![format!("Destination IP: {}", plot.other), format!("Destination port: {}/TCP", plot.port)];
    let resource = report::instance(&world.web);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::INTRUSION, activity: Some("Intrusion Attempts"), at, fields, excerpt },
    )
}
