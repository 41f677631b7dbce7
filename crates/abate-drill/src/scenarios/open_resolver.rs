//! A name server answers everyone. Strangers who forge their victims' addresses ask it for large answers.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP, UDP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::inventory;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "open-resolver",
    title: Text::fixed("Open name server used for amplification", "増幅攻撃に使われたオープンリゾルバー"),
    summary: Text::fixed(
        "A name server that should serve the company's own zone answers every question of everyone. Under forged addresses it is asked for large answers, which hit the victims.",
        "自社ゾーン用のネームサーバーが、誰のどの問い合わせにも応答します。詐称されたアドレスからの問い合わせへの大きな応答が被害者に届きます。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    host: Host,
    logger: Logger,
    /// whose addresses are forged
    victims: Vec<String>,
    /// the name that is asked for, and how
    name: &'static str,
    kind: &'static str,
    /// questions a minute for each victim
    rate: i64,
    /// how many times larger the answers are
    factor: i64,
    minutes: i64,
    /// the notice tells of a hole, not of an attack
    hole: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let victims = (0..stage.attack.range(1, 3)).map(|_| stage.world.take_address(&mut stage.attack)).collect();
    let rng = &mut stage.attack;
    let plot = Plot {
        logger: Logger::draw(rng, &host),
        victims,
        name: rng.pick(&["example.org", "large.example", "zone.example.net", "."]),
        kind: rng.pick(&["ANY", "TXT", "DNSKEY"]),
        rate: rng.pick(&[600_i64, 4_000, 20_000]),
        factor: rng.range(18, 44),
        minutes: rng.pick(&[20_i64, 60, 180]),
        hole: rng.chance(50),
        host,
    };
    stage.world.flow_form = if rng.chance(40) { Form::Custom } else { Form::Version2 };
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let mut calls = vec![super::opens_innocently(&world, &mut stage.attack, start - 45 * HOUR)];
    if stage.attack.chance(35) {
        let opened = super::opens(&world, &mut stage.attack, &plot.host, "udp", 53, start - 33 * HOUR);
        calls.push(opened.because("the name server is opened to the whole Internet"));
    }
    super::trail(stage, super::NO_BUILDS, calls);

    let (logged, configured) = (stage.attack.chance(75), stage.attack.chance(60));
    if logged {
        query_log(stage, &plot);
    }
    if configured || !logged {
        stage.parts.push(options(&plot));
    }
    stage.parts.extend(plot.logger.clue(plot.host.name, start + DAY));

    let mut flows = amplified(&world, &mut stage.attack, &plot);
    flows.extend(daily(&world, &mut stage.attack, &plot));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Lookups], 3));
    let rules = super::rules(&world, &plot.host, vec![inventory::rule("udp", 53, "0.0.0.0/0"), inventory::rule("tcp", 53, "0.0.0.0/0")]);
    super::flows_with(stage, HOURS, flows, &rules);

    let category = if plot.hole { Category::OpenResolver } else { Category::Dos };
    let notice = notice(&world, &mut stage.attack, &plot);
    Outcome::new(category, CauseKind::OpenResolverOrAmplifier, Factor::Misconfiguration, Verdict::Confirmed, notice)
}

/// A line of the query log; `flags` are those of the question.
fn query(zone: Zone, host: &Host, at: Second, client: (&str, i64), name: &str, kind: &str, flags: &str) -> Record {
    let time = format!("{}.{:03}", zone.show(at, "%d-%b-%Y %H:%M:%S"), clock::fraction(at) / 1000);
    let (address, port) = client;
    let id = (at * 48_271).rem_euclid(0xffff_ffff);
    Record::plain(
        at,
        format!(
            "{time} queries: info: client @0x7f{id:08x}a0 {address}#{port} ({name}): query: {name} IN {kind} {flags} ({})",
            host.private
        ),
    )
}

fn query_log(stage: &mut Stage, plot: &Plot) {
    let (start, zone, host) = (stage.world.incident, plot.logger.zone(), plot.host.clone());
    let own = host.clone();
    let ordinary =
        Scattered::boxed(500_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR), move |world, rng, at| {
            let name = match rng.range(0, 4) {
                0 => format!("www.{}.{}", world.company, world.domain),
                1 => format!("mail.{}.{}", world.company, world.domain),
                2 => format!("_dmarc.{}.{}", world.company, world.domain),
                _ => format!("{}.{}", world.company, world.domain),
            };
            let (client, kind) = (rng.stranger().to_string(), rng.pick(&["A", "AAAA", "MX", "TXT", "NS"]));
            vec![query(zone, &own, at, (&client, rng.range(1_024, 65_000)), &name, kind, "-E(0)DC")]
        });
    let rng = &mut stage.attack;
    let mut lines = Vec::new();
    // Not every question is logged under such load: named drops lines when the disk cannot keep up.
    for (n, victim) in plot.victims.iter().enumerate() {
        for m in 0..rng.range(60, 120) {
            let at = start + m * plot.minutes * 60 / 120;
            let line = query(zone, &host, at, (victim, rng.pick(&[80_i64, 443, 53, 27_015])), plot.name, plot.kind, "+E(0)");
            lines.push(if n == 0 && m == 0 { line.because("the first question under the forged address of a victim") } else { line });
        }
    }
    for n in 0..rng.range(3, 7) {
        let (prober, at) = (rng.stranger().to_string(), start - 9 * HOUR + n * 7_211);
        lines.push(
            query(zone, &host, at, (&prober, 44_000 + n), "version.bind", "TXT", "+").decoy("a stranger who takes stock of name servers"),
        );
    }
    stage.log(format!("evidence/{}/query.log", plot.host.name), Frame::LINES, ordinary, lines);
}

/// The part of the configuration that made it possible.
fn options(plot: &Plot) -> Part {
    let text = "options {\n        directory \"/var/cache/bind\";\n        listen-on { any; };\n        recursion yes;\n        allow-query { any; };\n        \
                allow-recursion { any; };\n        dnssec-validation auto;\n};\n";
    Part::File { path: format!("evidence/{}/named.conf.options", plot.host.name), bytes: text.as_bytes().to_vec() }
}

/// Small questions "from" the victims, and large answers to them, minute by minute.
fn amplified(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let host = &plot.host;
    let (server, step) = ((host.private.as_str(), 53), (plot.minutes / 20).max(1));
    let mut flows = Vec::new();
    for victim in &plot.victims {
        for n in 0..plot.minutes / step {
            let at = world.incident + n * step * 60;
            let packets = plot.rate * step * rng.range(80, 120) / 100;
            let client = (victim.as_str(), rng.pick(&[80_i64, 443, 4_444]));
            let (there, bytes) = ((packets, packets * 66), packets * 66 * plot.factor);
            // An answer of that size needs more than one packet.
            let back = (packets * (1 + 66 * plot.factor / 1_400), bytes);
            let seconds = step.min(9) * 60 - 1;
            let mut lines = Connection { host, client, server, protocol: UDP, at, seconds, there, back }.lines(world);
            if n == 0
                && let Some(answer) = lines.pop()
            {
                lines.push(answer.because("large answers to a victim that never asked"));
            }
            flows.extend(lines);
        }
    }
    flows
}

/// Resolvers of others that ask for the company's own zone, as they should, and a transfer of the zone.
fn daily(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let host = &plot.host;
    let server = (host.private.as_str(), 53);
    let mut flows = Vec::new();
    for _ in 0..rng.range(80, 120) {
        let (resolver, at) = (rng.stranger().to_string(), world.incident + rng.range(-5 * HOUR, 9 * HOUR));
        let (client, packets) = ((resolver.as_str(), rng.range(1_024, 65_000)), rng.range(1, 6));
        let asked = Connection {
            host,
            client,
            server,
            protocol: UDP,
            at,
            seconds: 2,
            there: (packets, packets * 70),
            back: (packets, packets * rng.range(110, 190)),
        };
        flows.extend(asked.lines(world).into_iter().map(Record::aside));
    }
    let client = ("198.18.244.53", 40_123);
    let at = world.incident - rng.range(1, 4) * HOUR;
    let transfer = Connection { host, client, server, protocol: TCP, at, seconds: 1, there: (12, 900), back: (60, 71_000) };
    flows.extend(
        transfer.lines(world).into_iter().map(|record| record.decoy("the second name server fetches the zone, as it does every day")),
    );
    flows
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let (host, at) = (&plot.host, world.incident + plot.minutes * 20);
    let resource = report::instance(host);
    let victim = plot.victims.first().map_or("203.0.113.1", String::as_str);
    if plot.hole {
        let accusation = "We've received a vulnerability report that one of your resources operates an open DNS resolver, which third parties can use to amplify attacks.";
        let fields = vec![
            "Required Actions: Remediate the reported vulnerability".to_owned(),
            "Reported Vulnerability:open_dns_resolver".to_owned(),
        ];
        let excerpt = vec![
            format!("{} answers recursive queries from any address (UDP/53).", host.public),
            format!(
                "tested {}: {} IN {} returned {} bytes, amplification {}.0",
                clock::plain(at),
                plot.name,
                plot.kind,
                66 * plot.factor,
                plot.factor
            ),
        ];
        return report::write(world, rng, &Report { resource, accusation, activity: None, at, fields, excerpt });
    }
    let fields = vec!["Protocol: UDP".to_owned(), format!("Remote IP: {victim}"), "Source port: 53".to_owned()];
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.extend(
        (0..4).map(|n| format!("{} IP {}.53 > {victim}.443: {} bytes DNS answer", clock::plain(at + n), host.public, 66 * plot.factor)),
    );
    report::write(world, rng, &Report { resource, accusation: accusation::DOS, activity: Some("Denial of Service"), at, fields, excerpt })
}
