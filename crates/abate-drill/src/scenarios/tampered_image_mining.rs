//! A server that was started minutes ago mines, although nobody broke into it: its image, or a package that it installs, is
//! tampered with.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::{CI_AGENT, CLI};
use crate::clock::{self, DAY, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::ec2::{self, Stray};
use crate::flow::{self, Amount, End, TCP};
use crate::folder::{Frame, Record};
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Caller, Event};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "tampered-image-mining",
    title: Text::fixed("Mining by a tampered image or package", "改ざんされたイメージ・パッケージによるマイニング"),
    summary: Text::fixed(
        "A server mines minutes after it was started by the company itself, with no way in from outside: the community image that a colleague chose, or a package that it installs, brings the miner along.",
        "会社自身が起動したサーバーが、外部からの侵入経路がないまま、数分後にマイニングを始めます。社員が選んだコミュニティイメージ、またはインストールしたパッケージにマイナーが含まれていました。",
    ),
    build,
};

/// What this drill is about.
struct Plan {
    /// whether the image is bad; otherwise a package
    image: bool,
    package: String,
    /// when the miner connects
    mines: Second,
    port: i64,
    pool: &'static str,
    hours: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    let form = super::Form::draw(&mut stage.attack);
    let mut events = confounders::some(stage, &[Kind::Scaling, Kind::Deployment, Kind::OfficeRule], 2);
    events.extend(confounders::some(stage, &[Kind::Backups, Kind::Auditor, Kind::Traveller, Kind::Recorder, Kind::KeyRotation], 2));
    let image = stage.attack.chance(65);
    let server = server(stage, image);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let plan = draw(rng, image, &server);
    let host =
        Host { interface: server.interface.clone(), private: server.private.clone(), instance: server.id.clone(), ..world.app.clone() };
    events.extend(start(&world, rng, &plan, &server));
    let mut flows = mining(&world, rng, &plan, &host);
    flows.extend(confounders::crawler(&world, rng, world.incident - 2 * HOUR));
    let watched = rng.chance(67);
    let finding = server.mining(plan.pool, (plan.mines + 240, plan.mines + 2 * HOUR), rng.range(4, 50)).record(&world, rng);
    let seen = vec![(server.region.to_owned(), finding.because("GuardDuty sees that the new server asks for a mining pool"))];
    let log = if plan.image { Vec::new() } else { install(rng, &plan, &server) };
    let images = images(&world, rng, &plan, &server);
    let notice = notice(&world, rng, &plan, &server);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    super::flows(stage, (3, 6), flows, &[80, 443]);
    stage.parts.extend(ec2::describe(&world, std::slice::from_ref(&server)));
    stage.file(format!("evidence/{}/describe-images.json", server.region), images);
    if !log.is_empty() {
        stage.log("evidence/build1/syslog", Frame::LINES, None, log);
    }
    if watched {
        super::findings(stage, seen);
    }
    // Who chooses an image of an unknown publisher has done something; a package of a known one may turn bad by itself.
    let factor = if plan.image { Factor::Human } else { Factor::Unknown };
    let outcome = Outcome::new(Category::CryptoMining, CauseKind::TamperedImageOrDependency, factor, Verdict::Confirmed, notice);
    outcome.by(vec![world.intruder(0).to_owned()], Vec::new())
}

fn server(stage: &mut Stage, bad: bool) -> Stray {
    let (region, at) = (stage.world.region, stage.world.incident);
    let image = if bad { format!("ami-0{}", stage.attack.hex(16)) } else { "ami-0123456789abcdef0".to_owned() };
    let kind = stage.attack.pick(&["t3.large", "c6i.xlarge", "m5.large"]);
    Stray::new(&mut stage.world, &mut stage.attack, region, kind, &image, at)
}

fn draw(rng: &mut Rng, image: bool, server: &Stray) -> Plan {
    let package = rng.pick(&["color-tools", "ws-retry", "node-pdf-lite", "date-parse-fast", "left-join"]);
    Plan {
        image,
        package: format!("{package}@{}.{}.{}", rng.range(1, 5), rng.range(0, 9), rng.range(0, 20)),
        mines: server.at + rng.range(120, 900),
        port: rng.pick(&[3333_i64, 14_444, 5555, 45_700, 10_128]),
        pool: rng.pick(ec2::POOLS),
        hours: rng.range(3, 5),
    }
}

/// The company starts the server: a colleague by hand, or the build server.
fn start(world: &World, rng: &mut Rng, plan: &Plan, server: &Stray) -> Vec<Event> {
    let who = if plan.image {
        Caller::new(trail::user(world, &world.operator), &world.office, CLI)
    } else {
        Caller::new(trail::user(world, &world.deployer), &world.ci, CI_AGENT)
    };
    let mut events = Vec::new();
    if plan.image {
        let filter = json!({"filterSet": {"items": [{"name": "name", "valueSet": {"items": [{"value": "*docker*"}]}}]}, "ownersSet": {}});
        events.push(who.call(world, server.at - rng.range(60, 600), "ec2", "DescribeImages").with(filter, Value::Null).event(world, rng));
    }
    if let Some(call) = ec2::launch(world, rng, &who, std::slice::from_ref(server)) {
        let why =
            if plan.image { "a colleague starts a server from a community image" } else { "the build server starts the server as always" };
        events.push(call.event(world, rng).because(why));
    }
    events
}

/// The image's owner and name.
fn images(world: &World, rng: &mut Rng, plan: &Plan, server: &Stray) -> String {
    let mut list = vec![json!({
        "ImageId": "ami-0123456789abcdef0", "OwnerId": world.account, "Public": false, "Name": format!("{}-base-2026", world.company),
        "CreationDate": clock::iso(world.incident - 100 * DAY), "State": "available", "Architecture": "x86_64"
    })];
    if plan.image {
        list.push(json!({
            "ImageId": server.image, "OwnerId": format!("77{}", rng.chars(10, b"0123456789")), "Public": true,
            "Name": rng.pick(&["ubuntu-24.04-docker-ready-free", "windows-2019-sql-community", "wordpress-lemp-optimised-2026"]),
            "CreationDate": clock::iso(world.incident - rng.range(3, 40) * DAY), "State": "available", "Architecture": "x86_64",
            "Description": "ready to use"
        }));
    }
    format!("{:#}\n", json!({"Images": list}))
}

/// The connections of the new server: what it fetches when it starts, and the pool, interval after interval. Nobody comes in.
fn mining(world: &World, rng: &mut Rng, plan: &Plan, host: &Host) -> Vec<Record> {
    let mut records = Vec::new();
    let (client, mirror) = (End::new(&host.private, flow::client_port(rng)), End::new("198.18.250.7", 443));
    let at = world.incident + 30;
    let there = Amount { protocol: TCP, packets: 60, bytes: 5_400, span: (at, at + 20), accepted: true };
    records.push(flow::line(world, host, &client, &mirror, there));
    records.push(flow::line(world, host, &mirror, &client, Amount { packets: 900, bytes: 1_204_000, ..there }));
    let (client, pool) = (End::new(&host.private, flow::client_port(rng)), End::new(world.intruder(0), plan.port));
    let mut from = plan.mines;
    while from < plan.mines + plan.hours * HOUR {
        let until = (clock::floor(from, 600) + 599).min(from + 599);
        let there =
            Amount { protocol: TCP, packets: rng.range(30, 60), bytes: rng.range(4_000, 9_000), span: (from, until), accepted: true };
        let out = flow::line(world, host, &client, &pool, there);
        records.push(if from == plan.mines {
            out.because("the new server connects to the pool, minutes after it was started")
        } else {
            out
        });
        records.push(flow::line(world, host, &pool, &client, Amount { bytes: rng.range(9_000, 20_000), ..there }));
        from = clock::floor(from, 600) + 600;
    }
    records
}

/// What the server's log says while the package is installed.
fn install(rng: &mut Rng, plan: &Plan, server: &Stray) -> Vec<Record> {
    let host = format!("ip-{}", server.private.replace('.', "-"));
    let say = |at: Second, program: &str, text: &str| Record::plain(at, format!("{} {host} {program}: {text}", clock::syslog(at)));
    let (npm, at) = (format!("npm[{}]", rng.range(900, 4000)), server.at + 45);
    let (name, version) = plan.package.split_once('@').unwrap_or(("tool", "1.0.0"));
    vec![
        say(server.at + 20, "systemd[1]", "Started Deployment of the worker."),
        say(at, &npm, "npm ci --omit=dev"),
        say(at + 9, &npm, "> sharp-lite@0.4.1 install > node install/check.js")
            .decoy("an install script that only looks whether a library is there"),
        say(at + 22, &npm, &format!("> {name}@{version} postinstall > node ./lib/setup.js"))
            .because("a package runs a script of its own while it is installed, just before the miner connects"),
        say(at + 40, &npm, "added 412 packages in 38s"),
        say(plan.mines - 4, "systemd[1]", "Started kworkerds-update.service."),
        say(plan.mines + 5, "kernel", "msr: Write to unrecognized MSR 0x1a4 by kworkerds"),
    ]
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan, server: &Stray) -> Vec<u8> {
    let at = plan.mines + rng.range(900, 5000);
    let implicated = Implicated {
        label: "EC2 Instance Id",
        id: server.id.clone(),
        address: Some(server.public.clone()),
        region: server.region.to_owned(),
        at,
    };
    let excerpt = vec![
        "The host below takes part in mining on machines that are not the miner's. Times are UTC.".to_owned(),
        String::new(),
        format!("{}  {} -> {}:{}/tcp  stratum login", clock::iso(at), server.public, world.intruder(0), plan.port),
    ];
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    letters::abuse(world, rng, &Abuse { category: Category::CryptoMining, implicated: vec![implicated], facts: Vec::new(), excerpt, sent })
}
