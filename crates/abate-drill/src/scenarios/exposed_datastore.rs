//! A data service is open to the Internet and was found by those who look for such. Nothing was done with it yet.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::{Connection, Form, TCP, UDP};
use crate::folder::{Frame, Record};
use crate::hostfinding::Finding;
use crate::hostlog::Logger;
use crate::inventory;
use crate::noise;
use crate::report::{self, Report};
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "exposed-datastore",
    title: Text::fixed("Report of an exposed data service", "公開されたデータサービスについての通報"),
    summary: Text::fixed(
        "A data service can be reached from the whole Internet, and scanners get answers from it. Nobody has used it for anything yet.",
        "データサービスがインターネット全体から到達可能で、スキャナーに応答を返しています。悪用はまだ確認されていません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

/// What is open: its name, its port, its protocol, how the notice calls it, the program.
struct Service {
    name: &'static str,
    port: u16,
    protocol: u8,
    slug: &'static str,
    program: &'static str,
}

const ELASTICSEARCH: Service = Service { name: "Elasticsearch", port: 9200, protocol: TCP, slug: "open_elasticsearch", program: "java" };

const SERVICES: &[Service] = &[
    ELASTICSEARCH,
    Service { name: "memcached", port: 11_211, protocol: UDP, slug: "open_memcached", program: "memcached" },
    Service { name: "SNMP", port: 161, protocol: UDP, slug: "open_snmp", program: "snmpd" },
    Service { name: "MongoDB", port: 27_017, protocol: TCP, slug: "open_mongodb", program: "mongod" },
    Service { name: "rpcbind", port: 111, protocol: UDP, slug: "rpcbind_portmapper", program: "rpcbind" },
];

struct Plot {
    service: &'static Service,
    host: Host,
    logger: Logger,
    /// when the reporter looked
    tested: Second,
    reporter: String,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let (rng, start) = (&mut stage.attack, stage.world.incident);
    let plot = Plot {
        service: SERVICES.get(rng.index(SERVICES.len())).unwrap_or(&ELASTICSEARCH),
        logger: Logger::draw(rng, &host),
        tested: start + rng.range(1, 50) * 60,
        reporter: rng.stranger().to_string(),
        host,
    };
    if rng.chance(40) {
        stage.world.flow_form = Form::Custom;
    }
    stage.world.open_ports.push((plot.host.private.clone(), i64::from(plot.service.port)));
    let world = stage.world.clone();
    let protocol = if plot.service.protocol == TCP { "tcp" } else { "udp" };
    let mut calls = vec![super::opens_innocently(&world, &mut stage.attack, start - 29 * HOUR)];
    if stage.attack.chance(60) {
        let at = start - stage.attack.range(4 * HOUR, 50 * HOUR);
        calls.push(
            super::opens(&world, &mut stage.attack, &plot.host, protocol, plot.service.port, at)
                .because("the service is opened to the whole Internet"),
        );
    }
    super::trail(stage, super::NO_BUILDS, calls);
    let name = plot.host.name;
    if stage.attack.chance(55) {
        stage.parts.push(listening(&world, &plot));
    }
    if stage.attack.chance(50) {
        let mistyped = plot.logger.mistyped(&world, &mut stage.attack, start - 3 * HOUR);
        let ordinary = plot.logger.auth_days(150_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR));
        stage.log(format!("evidence/{name}/auth.log"), Frame::LINES, ordinary, mistyped);
        stage.parts.extend(plot.logger.clue(name, start + DAY));
    }
    if plot.service.protocol == TCP && stage.attack.chance(50) {
        let probed = Finding {
            kind: "Recon:EC2/PortProbeUnprotectedPort",
            severity: 2.0,
            title: "An unprotected port on an EC2 instance is being probed.",
            host: &plot.host,
            seen: (plot.tested, plot.tested + 60),
            count: 1,
            actor: false,
            domain: None,
            connection: Some((&plot.reporter, 44_113, i64::from(plot.service.port))),
        };
        let record = probed.record(&world, &mut stage.attack).because("GuardDuty sees that the port is open and is being probed");
        stage.log("evidence/guardduty-findings.json", Frame::FINDINGS, None, vec![record]);
    }

    let mut flows = looks(&world, &mut stage.attack, &plot);
    flows.extend(used(&world, &mut stage.attack, &plot));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[], 4));
    let rules = super::rules(&world, &plot.host, vec![inventory::rule(protocol, plot.service.port, "0.0.0.0/0")]);
    super::flows_with(stage, HOURS, flows, &rules);

    let notice = notice(&world, &mut stage.attack, &plot);
    Outcome::new(Category::Vulnerability, CauseKind::SecurityGroupOpenToWorld, Factor::Misconfiguration, Verdict::Confirmed, notice)
}

/// Strangers who look, and get an answer; the one who reports among them. No answer is larger than such a look needs.
fn looks(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, service) = (&plot.host, plot.service);
    let server = (host.private.as_str(), i64::from(service.port));
    let mut flows = Vec::new();
    for n in 0..rng.range(15, 40) {
        let (from, at) = if n == 0 {
            (plot.reporter.clone(), plot.tested)
        } else {
            (rng.stranger().to_string(), world.incident + rng.range(-5 * HOUR, 9 * HOUR))
        };
        let client = (from.as_str(), rng.range(1_024, 65_000));
        let (there, back) = if service.protocol == TCP {
            ((6, 410), (5, rng.range(400, 3_100)))
        } else {
            ((1, rng.range(43, 90)), (1, rng.range(90, 1_300)))
        };
        let look = Connection { host, client, server, protocol: service.protocol, at, seconds: 1, there, back };
        flows.extend(if n == 0 { look.because(world, "the service answers the reporter") } else { look.lines(world) });
    }
    flows
}

/// The company's own application uses the service all the time.
fn used(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, service) = (&plot.host, plot.service);
    let server = (host.private.as_str(), i64::from(service.port));
    let mut flows = Vec::new();
    for n in 0..rng.range(30, 60) {
        let client = (world.app.private.as_str(), rng.range(32_768, 60_999));
        let size = rng.range(4_000, 900_000);
        let (at, back) = (world.incident - 4 * HOUR + n * 611, (10 + size / 1_400, size));
        flows
            .extend(Connection { host, client, server, protocol: service.protocol, at, seconds: 5, there: (20, 4_000), back }.lines(world));
    }
    noise::mislead(flows, "the company's own application, which the service is there for")
}

/// What `ss -tulpn` prints on the host.
fn listening(world: &World, plot: &Plot) -> Part {
    let Service { port, protocol, program, .. } = plot.service;
    let (kind, state) = if *protocol == TCP { ("tcp", "LISTEN") } else { ("udp", "UNCONN") };
    let text = format!(
        "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n\
         tcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*    users:((\"sshd\",pid=711,fd=3))\n\
         {kind:<5} {state:<6} 0      511          0.0.0.0:{port:<10} 0.0.0.0:*    users:((\"{program}\",pid=1204,fd=6))\n\
         tcp   ESTAB  0      0      {}:{port} {}:40112 users:((\"{program}\",pid=1204,fd=9))\n",
        plot.host.private, world.app.private
    );
    Part::File { path: format!("evidence/{}/ss-tulpn.txt", plot.host.name), bytes: text.into_bytes() }
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let (service, at, address) = (plot.service, plot.tested, &plot.host.public);
    let transport = if service.protocol == TCP { "TCP" } else { "UDP" };
    let accusation = rng.pick(&[
        "We've received a vulnerability report implicating a resource on your account.",
        "We've received a vulnerability report: a service on one of your resources can be reached by anyone on the Internet.",
    ]);
    let fields =
        vec!["Required Actions: Remediate the reported vulnerability".to_owned(), format!("Reported Vulnerability:{}", service.slug)];
    let excerpt = match rng.range(0, 1) {
        0 => vec![
            "\"timestamp\",\"ip\",\"protocol\",\"port\",\"tag\"".to_owned(),
            format!(
                "\"{}\",\"{address}\",\"{}\",\"{}\",\"{}\"",
                clock::plain(at).trim_end_matches(" UTC"),
                transport.to_lowercase(),
                service.port,
                service.slug
            ),
        ],
        _ => vec![
            format!("{} on {address}, port {}/{transport}, answers without authentication.", service.name, service.port),
            format!("Last seen: {}", clock::date(at)),
            "We found no sign of abuse, but others will look for such services too.".to_owned(),
        ],
    };
    let resource = report::instance(&plot.host);
    report::write(world, rng, &Report { resource, accusation, activity: None, at, fields, excerpt })
}
