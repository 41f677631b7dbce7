//! A host is infected: it looks for its controller under names that it makes up, or sends data out inside names. How it was
//! infected, the evidence does not tell.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::json;

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostfinding::Finding;
use crate::hostlog::Logger;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "dns-botnet",
    title: Text::fixed("Infected host seen in its DNS queries", "DNS クエリから判明した感染ホスト"),
    summary: Text::fixed(
        "A host asks for names that a program makes up, or sends data out inside names. The reported activity is confirmed; how the host was infected is not in the evidence.",
        "ホストが、機械的に生成された名前を問い合わせたり、名前に埋め込んでデータを送出したりしています。通報は確認できますが、感染経路は証拠からは分かりません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    host: Host,
    logger: Logger,
    /// data inside names, instead of names made up to find the controller
    tunnel: bool,
    /// the zone of the tunnel
    zone: String,
    /// letters of a name that is made up, and what it ends in
    letters: i64,
    ending: &'static str,
    count: i64,
    pause: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let rng = &mut stage.attack;
    let plot = Plot {
        logger: Logger::draw(rng, &host),
        tunnel: rng.chance(45),
        zone: format!(
            "{}.{}",
            rng.pick(&["t", "cdn", "ns7", "a1"]),
            rng.pick(&["upd-mirror.example", "statcollect.example", "q7x.example"])
        ),
        letters: rng.range(10, 19),
        ending: rng.pick(&["example", "test", "invalid"]),
        count: rng.range(160, 320),
        pause: rng.pick(&[1_i64, 6, 40]),
        host,
    };
    if rng.chance(50) {
        stage.world.flow_form = Form::Custom;
    }
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 38 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (queries, calls) = infected(&world, &mut stage.attack, &plot);
    let (own, at_hand) = (plot.host.clone(), stage.attack.range(0, 9));
    if at_hand < 9 {
        let ordinary =
            Scattered::boxed(560_u32.saturating_mul(stage.scales.hosts), (start - 18 * HOUR, start + 9 * HOUR), move |world, rng, at| {
                let hosts = [&world.web, &world.batch, &world.app, &own];
                let asks = hosts.get(rng.index(4)).copied().unwrap_or(&own);
                let (name, kind) = ordinary_name(world, rng);
                vec![query(world, asks, at, (&name, kind), "NOERROR", Some(("A", "198.18.243.17")))]
            });
        let (account, region, vpc) = (world.account, world.region, &world.vpc);
        let stamp = clock::file_stamp(clock::floor(start, DAY));
        let name = format!("{vpc}_vpcdnsquerylogs_{account}_{region}_{stamp}_5f2c9a01.log");
        let path = format!("evidence/AWSLogs/{account}/vpcdnsquerylogs/{vpc}/{}/{name}", clock::day_path(start));
        stage.log(path, Frame::LINES, ordinary, queries);
    }
    if at_hand > 5 || at_hand == 0 {
        let findings = findings(&world, &mut stage.attack, &plot);
        stage.log("evidence/guardduty-findings.json", Frame::FINDINGS, None, findings);
    }
    if stage.attack.chance(50) {
        let mistyped = plot.logger.mistyped(&world, &mut stage.attack, start - 5 * HOUR);
        let ordinary = plot.logger.auth_days(150_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR));
        stage.log(format!("evidence/{}/auth.log", plot.host.name), Frame::LINES, ordinary, mistyped);
        stage.parts.extend(plot.logger.clue(plot.host.name, start + DAY));
    }

    let mut flows = controller(&world, &mut stage.attack, &plot, &calls);
    flows.extend(Noise::Heartbeat.records(&world, &mut stage.attack, &plot.host, start - 2 * HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Heartbeat, Noise::Lookups], 3));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot, &calls);
    let outcome = Outcome::new(Category::Botnet, CauseKind::Undetermined, Factor::Unknown, Verdict::Confirmed, notice);
    Outcome { attacker: Attacker { addresses: vec![world.intruder(0).to_owned()], principals: Vec::new() }, ..outcome }
}

/// A line of Resolver's query log.
fn query(world: &World, host: &Host, at: Second, (name, kind): (&str, &str), rcode: &str, answer: Option<(&str, &str)>) -> Record {
    let answers: Vec<_> = answer.map(|(kind, data)| json!({"Rdata": data, "Type": kind, "Class": "IN"})).into_iter().collect();
    let port = (32_768 + (at * 7_919).rem_euclid(28_000)).to_string();
    let text = json!({
        "version": "1.100000", "account_id": world.account, "region": world.region, "vpc_id": world.vpc, "query_timestamp": clock::iso(at),
        "query_name": format!("{name}."), "query_type": kind, "query_class": "IN", "rcode": rcode, "answers": answers, "srcaddr": host.private,
        "srcport": port, "transport": "UDP", "srcids": {"instance": host.instance}
    });
    Record::plain(at, text.to_string())
}

fn ordinary_name(world: &World, rng: &mut Rng) -> (String, &'static str) {
    let name = match rng.range(0, 7) {
        0 => format!("s3.{}.amazonaws.com", world.region),
        1 => format!("ssm.{}.amazonaws.com", world.region),
        2 => format!("app1.{}.internal", world.company),
        3 => "packages.example.com".to_owned(),
        4 => format!("d{}.cdn.example.net", rng.pick(&["3k9x1lq2m", "1f7yt0zpw", "2a8bcv4ne"])),
        5 => "time.example.net".to_owned(),
        6 => format!("logs.{}.amazonaws.com", world.region),
        _ => format!("api.partner{}.example.com", rng.range(1, 9)),
    };
    (name, rng.pick(&["A", "AAAA"]))
}

/// What the infected host asks; and when it found its controller.
fn infected(world: &World, rng: &mut Rng, plot: &Plot) -> (Vec<Record>, Vec<Second>) {
    let (mut lines, mut calls) = (Vec::new(), Vec::new());
    for n in 0..plot.count {
        let at = world.incident + n * plot.pause + rng.range(0, plot.pause - 1);
        let line = if plot.tunnel {
            let data = rng.chars(48, b"abcdefghijklmnopqrstuvwxyz234567");
            let name = format!("{:04x}.{data}.{}", n, plot.zone);
            let answer = rng.alnum(60);
            query(
                world,
                &plot.host,
                at,
                (&name, if n % 3 == 0 { "TXT" } else { "NULL" }),
                "NOERROR",
                Some(("TXT", &format!("\"{answer}\""))),
            )
        } else {
            let letters = usize::try_from(plot.letters).unwrap_or(12);
            let name = format!("{}.{}", rng.chars(letters, b"abcdefghijklmnopqrstuvwxyz"), plot.ending);
            match n % 40 {
                17 => query(world, &plot.host, at, (&name, "A"), "NOERROR", Some(("A", world.intruder(0)))),
                _ => query(world, &plot.host, at, (&name, "A"), "NXDOMAIN", None),
            }
        };
        if n % 40 == 17 {
            calls.push(at + 1);
        }
        lines.push(match (n, plot.tunnel) {
            (0, true) => line.because("the first name with data inside"),
            (0, false) => line.because("the first name that is made up"),
            (17, false) => line.because("one of the names leads to the controller"),
            _ => line,
        });
    }
    lines.extend(innocent(world, rng, plot));
    (lines, calls)
}

/// Names that look no better and are innocent: blocklists that a mail filter asks, hashes that a virus scanner asks for, and a
/// search path that makes nonsense of good names.
fn innocent(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let start = world.incident - rng.range(1, 4) * HOUR;
    let (form, count) = (rng.range(0, 2), rng.range(30, 70));
    let lines = (0..count)
        .map(|n| {
            let at = start + n * 9;
            let (name, rcode) = match form {
                0 => {
                    let [a, b, c, d] = rng.stranger().octets();
                    (format!("{d}.{c}.{b}.{a}.zen.blocklist.example"), "NXDOMAIN")
                }
                1 => (format!("{}.hash.virus-check.example.net", rng.hex(40)), "NOERROR"),
                _ => (format!("api.partner{}.example.com.{}.compute.internal", rng.range(1, 9), world.region), "NXDOMAIN"),
            };
            query(world, &plot.host, at, (&name, "A"), rcode, (rcode == "NOERROR").then_some(("A", "127.0.0.2")))
        })
        .collect();
    let why = match form {
        0 => "the mail filter asks blocklists, which say that an address is not on them",
        1 => "the virus scanner asks for the hashes of files",
        _ => "a search path makes a second, useless question of each name",
    };
    noise::mislead(lines, why)
}

/// The connections to the controller; with a tunnel, a last resort that comes once.
fn controller(world: &World, rng: &mut Rng, plot: &Plot, calls: &[Second]) -> Vec<Record> {
    let port = rng.pick(&[443_i64, 8080, 4443, 1337]);
    let mut flows = Vec::new();
    for (n, at) in calls.iter().enumerate().filter(|(n, _)| !plot.tunnel || *n == 0) {
        let client = (plot.host.private.as_str(), rng.range(32_768, 60_999));
        let server = (world.intruder(0), port);
        let call = Connection {
            host: &plot.host,
            client,
            server,
            protocol: TCP,
            at: *at,
            seconds: 2,
            there: (11, 1_340),
            back: (9, rng.range(800, 1_900)),
        };
        flows.extend(if n == 0 { call.because(world, "the host connects to the controller") } else { call.lines(world) });
    }
    flows
}

fn findings(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let domain = if plot.tunnel { plot.zone.clone() } else { format!("qzjxkvwplr.{}", plot.ending) };
    let found = Finding {
        kind: if plot.tunnel { "Trojan:EC2/DNSDataExfiltration" } else { "Trojan:EC2/DGADomainRequest.B" },
        severity: 8.0,
        title: if plot.tunnel {
            "An EC2 instance is attempting to query domain names that resemble exfiltrated data."
        } else {
            "An EC2 instance is querying algorithmically generated domains."
        },
        host: &plot.host,
        seen: (world.incident, world.incident + plot.count * plot.pause),
        count: plot.count,
        actor: true,
        domain: Some(&domain),
        connection: None,
    };
    let guessed = Finding {
        kind: "Recon:EC2/PortProbeUnprotectedPort",
        severity: 2.0,
        title: "An unprotected port on an EC2 instance is being probed.",
        seen: (world.incident - 6 * HOUR, world.incident - 6 * HOUR + 30),
        count: 1,
        actor: false,
        domain: None,
        connection: Some(("198.18.88.3", 40_012, 22)),
        ..found
    };
    vec![
        guessed.record(world, rng).decoy("a stranger who probes, as everywhere"),
        found.record(world, rng).because("GuardDuty sees the names"),
    ]
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, calls: &[Second]) -> Vec<u8> {
    let at = calls.first().copied().unwrap_or(world.incident);
    let (source, controller) = (&plot.host.public, world.intruder(0));
    let mut excerpt = vec!["Your host contacts infrastructure of a botnet that we observe. Times are UTC.".to_owned(), String::new()];
    excerpt.extend(
        calls
            .iter()
            .take(if plot.tunnel { 1 } else { 3 })
            .map(|call| format!("{} {source} -> {controller} tcp, family: unknown loader", clock::iso(*call))),
    );
    if rng.chance(50) {
        let name = if plot.tunnel { plot.zone.replace('.', "[.]") } else { format!("names under .{}", plot.ending) };
        excerpt.push(format!("Domains: {name}"));
    }
    let fields = vec![format!("Destination IP: {controller}")];
    let resource = report::instance(&plot.host);
    report::write(world, rng, &Report { resource, accusation: accusation::BOTNET, activity: Some("Botnet"), at, fields, excerpt })
}
