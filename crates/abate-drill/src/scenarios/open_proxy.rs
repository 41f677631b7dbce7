//! A proxy serves everyone. Strangers log in elsewhere, or read whole sites, through it.

use std::collections::BTreeSet;

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::inventory;
use crate::noise;
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "open-proxy",
    title: Text::fixed("Open proxy used by strangers", "第三者に使われたオープンプロキシ"),
    summary: Text::fixed(
        "A proxy that was meant for the office serves everyone. Strangers send their requests through it, and these are reported.",
        "社内向けのプロキシが誰でも使える状態です。第三者がこれを経由して送ったリクエストが通報されます。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 11);

struct Plot {
    host: Host,
    port: i64,
    category: Category,
    /// who uses it without leave
    strangers: Vec<String>,
    /// the site that complains, its name and its port
    target: (String, &'static str, i64),
    /// requests to it
    count: i64,
    pause: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let mut strangers: Vec<String> = stage.world.intruders.clone();
    for _ in 0..stage.attack.range(3, 20) {
        strangers.push(stage.world.take_address(&mut stage.attack));
    }
    let rng = &mut stage.attack;
    let plot = Plot {
        port: rng.pick(&[3128_i64, 8080, 3129, 8888]),
        category: match rng.range(0, 2) {
            0 => Category::OpenProxy,
            1 => Category::Intrusion,
            _ => Category::Crawling,
        },
        strangers,
        target: (rng.stranger().to_string(), rng.pick(&["login.shop.example", "accounts.example.org", "tickets.example.net"]), 443),
        count: rng.range(70, 150),
        pause: rng.pick(&[2_i64, 8, 60]),
        host,
    };
    stage.world.flow_form = if rng.chance(30) { Form::Custom } else { Form::Version2 };
    stage.world.open_ports.push((plot.host.private.clone(), plot.port));
    let (world, start) = (stage.world.clone(), stage.world.incident);

    let port = u16::try_from(plot.port).unwrap_or(3128);
    let mut calls = vec![super::opens_innocently(&world, &mut stage.attack, start - 47 * HOUR)];
    if stage.attack.chance(50) {
        let at = start - stage.attack.range(12 * HOUR, 44 * HOUR);
        calls.push(
            super::opens(&world, &mut stage.attack, &plot.host, "tcp", port, at).because("the proxy is opened to the whole Internet"),
        );
    }
    super::trail(stage, super::NO_BUILDS, calls);

    let mut requests = Vec::new();
    let mut flows = used(&world, &mut stage.attack, &plot, &mut requests);
    if stage.attack.chance(80) {
        squid_log(stage, &plot, requests);
    }
    if stage.attack.chance(50) {
        stage.parts.push(configuration(&plot));
    }
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[], 4));
    let rules = super::rules(&world, &plot.host, vec![inventory::rule("tcp", port, "0.0.0.0/0")]);
    super::flows_with(stage, HOURS, flows, &rules);

    let notice = notice(&world, &mut stage.attack, &plot);
    let outcome = Outcome::new(plot.category, CauseKind::OpenProxy, Factor::Misconfiguration, Verdict::Confirmed, notice);
    // Those who were drawn but never came are no part of it.
    let came: BTreeSet<&String> = (0..plot.count).map(|n| who(&plot, n)).collect();
    Outcome { attacker: Attacker { addresses: came.into_iter().cloned().collect(), principals: Vec::new() }, ..outcome }
}

/// Which of the strangers makes the n-th request; some make many more than others.
fn who(plot: &Plot, n: i64) -> &String {
    let at = usize::try_from(n * n % 31 + n % 3).unwrap_or(0) % plot.strangers.len().max(1);
    plot.strangers.get(at).unwrap_or(&plot.target.0)
}

/// A line of squid's own form: time, duration, client, result, bytes, request.
fn squid(at: Second, millis: i64, client: &str, result: &str, bytes: i64, request: &str, peer: &str) -> Record {
    Record::plain(at, format!("{at}.{:03} {millis:>6} {client} {result} {bytes} {request} - {peer} -", clock::fraction(at) / 1000))
}

/// The connections of strangers in and out; `requests` gets what the proxy logs of them.
fn used(world: &World, rng: &mut Rng, plot: &Plot, requests: &mut Vec<Record>) -> Vec<Record> {
    let (host, (target, name, port)) = (&plot.host, &plot.target);
    let own = host.private.as_str();
    let mut flows = Vec::new();
    for n in 0..plot.count {
        let (client, at) = (who(plot, n), world.incident + n * plot.pause + rng.range(0, plot.pause - 1));
        // Two in three requests go to the site that complains, the others anywhere.
        let (to, named) = if n % 3 < 2 || n == 0 {
            (target.clone(), (*name).to_owned())
        } else {
            (rng.stranger().to_string(), format!("www{n}.example.com"))
        };
        let size = rng.range(3_000, 40_000);
        let inward = Connection {
            host,
            client: (client, rng.range(1_024, 65_000)),
            server: (own, plot.port),
            protocol: TCP,
            at,
            seconds: 4,
            there: (18, 2_310),
            back: (16 + size / 1400, size),
        };
        let outward = Connection {
            host,
            client: (own, rng.range(32_768, 60_999)),
            server: (&to, *port),
            protocol: TCP,
            at,
            seconds: 4,
            there: (17, 2_190),
            back: (15 + size / 1400, size - 120),
        };
        let middle = n == plot.count / 9 * 3;
        if n == 0 || middle {
            flows.extend(inward.because(world, "a stranger comes to the proxy"));
            flows.extend(outward.because(world, "and the proxy goes to the site that complains"));
        } else {
            flows.extend(inward.lines(world));
            flows.extend(outward.lines(world));
        }
        let line = squid(
            at + 3,
            rng.range(180, 3_900),
            client,
            "TCP_TUNNEL/200",
            size,
            &format!("CONNECT {named}:{port}"),
            &format!("HIER_DIRECT/{to}"),
        );
        requests.push(if n == 0 { line.because("a stranger's request, which the proxy serves") } else { line });
    }
    for _ in 0..rng.range(20, 40) {
        let at = world.incident + rng.range(-5 * HOUR, 9 * HOUR);
        let client = (world.office.as_str(), rng.range(49_152, 65_000));
        let use_ =
            Connection { host, client, server: (own, plot.port), protocol: TCP, at, seconds: 9, there: (30, 4_100), back: (60, 71_000) };
        flows.extend(use_.lines(world).into_iter().map(Record::aside));
        requests.push(
            squid(at + 9, 8_800, &world.office, "TCP_TUNNEL/200", 71_004, "CONNECT docs.example.com:443", "HIER_DIRECT/198.18.243.9")
                .aside(),
        );
    }
    flows
}

fn squid_log(stage: &mut Stage, plot: &Plot, mut requests: Vec<Record>) {
    let start = stage.world.incident;
    let ordinary = Scattered::boxed(350_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR), |world, rng, at| {
        let site = rng.pick(&["docs.example.com", "mail.example.com", "updates.example.net", "search.example.org"]);
        let peer = format!("HIER_DIRECT/198.18.243.{}", rng.range(1, 40));
        match rng.range(0, 9) {
            0 => {
                let stranger = rng.stranger().to_string();
                vec![squid(at, 0, &stranger, "NONE_NONE/400", 3_920, "- error:invalid-request", "HIER_NONE/-")]
            }
            1 => vec![squid(at, 41, &world.office, "TCP_MISS/200", rng.range(900, 9_000), &format!("GET http://{site}/"), &peer)],
            _ => vec![squid(
                at,
                rng.range(90, 40_000),
                &world.office,
                "TCP_TUNNEL/200",
                rng.range(2_000, 900_000),
                &format!("CONNECT {site}:443"),
                &peer,
            )],
        }
    });
    let tested =
        squid(start - 3 * HOUR, 120, "198.18.246.10", "TCP_MISS/200", 411, "GET http://health.example.net/ok", "HIER_DIRECT/198.18.246.11");
    requests.push(tested.decoy("the monitoring service looks whether the proxy works"));
    let path = format!("evidence/{}/squid/access.log", plot.host.name);
    stage.log(path, Frame::LINES, ordinary, requests);
}

fn configuration(plot: &Plot) -> Part {
    let text = format!(
        "http_port {}\nacl localnet src 10.0.0.0/8\nacl SSL_ports port 443\nacl CONNECT method CONNECT\nhttp_access deny CONNECT !SSL_ports\n\
         http_access allow localnet\nhttp_access allow all\ncoredump_dir /var/spool/squid\n",
        plot.port
    );
    Part::File { path: format!("evidence/{}/squid/squid.conf", plot.host.name), bytes: text.into_bytes() }
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let (host, (target, name, port)) = (&plot.host, &plot.target);
    let at = world.incident + plot.count / 3 * plot.pause;
    let mut excerpt = vec![report::opening(rng), String::new()];
    let (accusation, activity, lines): (_, _, Vec<String>) = match plot.category {
        Category::OpenProxy => (
            accusation::OPEN_PROXY,
            "Open Proxy",
            vec![format!("{} port {} HTTP CONNECT: relays to third parties, tested {}", host.public, plot.port, clock::plain(at))],
        ),
        Category::Crawling => (
            accusation::CRAWLING,
            "Web Crawling",
            (0..4)
                .map(|n| {
                    format!(
                        "{} - - [{}] \"GET /event/{} HTTP/1.1\" 200 18233 \"-\" \"Mozilla/5.0\"",
                        host.public,
                        clock::apache(at + n * plot.pause),
                        4_000 + n
                    )
                })
                .collect(),
        ),
        _ => (
            accusation::INTRUSION,
            "Intrusion Attempts",
            (0..4)
                .map(|n| {
                    format!("{} {} -> {target}:{port} ({name}) POST /signin wrong password", clock::iso(at + n * plot.pause), host.public)
                })
                .collect(),
        ),
    };
    excerpt.extend(lines);
    let resource = report::instance(host);
    report::write(world, rng, &Report { resource, accusation, activity: Some(activity), at, fields: Vec::new(), excerpt })
}
