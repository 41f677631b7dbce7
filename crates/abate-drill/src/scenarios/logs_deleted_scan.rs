//! A stranger with a leaked key starts a server that scans, and then stops the trail and deletes the flow logs. What is
//! reported of the hours after that can be neither confirmed nor denied.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::{BROWSER, Calls};
use crate::clock::{self, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::ec2::{self, Stray};
use crate::flow::{self, Amount, End, TCP, Traffic};
use crate::folder::Record;
use crate::inventory;
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::trail::{self, Caller, Event};
use crate::world::{Host, User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "logs-deleted-scan",
    title: Text::fixed("Scan, and the logs deleted", "スキャンとログの削除"),
    summary: Text::fixed(
        "A stranger uses a leaked key, starts a server that scans others, and then stops the trail and deletes the flow logs. A second server is reported for the time after that: of it nothing can be said.",
        "第三者が漏えいしたキーで、スキャンを行うサーバーを起動し、その後で証跡を止め、フローログを削除します。通報には削除後の時刻の別のサーバーも含まれますが、それについては何も言えません。",
    ),
    build,
};

const AGENTS: &[&str] = &[
    "Boto3/1.26.45 Python/3.8.10 Linux/5.4.0-137-generic Botocore/1.29.45",
    "aws-cli/2.9.15 Python/3.9.11 Windows/10 exe/AMD64 prompt/off",
    "aws-sdk-go/1.44.180 (go1.19.5; linux; amd64)",
];

/// What this drill is about.
struct Plan {
    victim: User,
    agent: &'static str,
    /// the server whose scan is in the flow logs, and the one that starts when there are none
    servers: [Stray; 2],
    port: i64,
    scan: Second,
    /// when the logs end
    dark: Second,
    second_scan: Second,
    /// when the administrator starts the trail again
    light: Second,
}

fn build(stage: &mut Stage) -> Outcome {
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let plan = draw(&mut stage.world, &mut stage.attack);
    events.retain(|event| event.record.at < plan.dark);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    events.extend(intrusion(&world, rng, &plan));
    events.extend(darkness(&world, rng, &plan));
    let scan = scan(&world, rng, &plan);
    let notice = notice(&world, rng, &plan, &scan.seen);

    let count = super::TRAIL_EVENTS.saturating_mul(stage.scales.trail);
    let calls = Calls {
        count,
        span: (world.incident - 60 * HOUR, plan.dark),
        people: false,
        builds: (70_u32.saturating_mul(stage.scales.trail), (world.incident - 50 * HOUR, plan.dark)),
    };
    stage.parts.push(Part::Trail { calls, attack: events });
    let traffic = Traffic { scale: stage.scales.flows, span: (world.incident - 4 * HOUR, plan.dark) };
    stage.parts.push(Part::Flows { traffic, attack: scan.records, open: &[80, 443] });
    stage.parts.extend(inventory::write(&world, &[80, 443]));
    stage.parts.extend(ec2::describe(&world, &plan.servers));
    let outcome = Outcome::new(Category::PortScan, CauseKind::KeyLeakUnknownPlace, Factor::Unknown, Verdict::Confirmed, notice);
    let outcome = outcome.and(Verdict::NotChecked);
    outcome.by(vec![world.intruder(0).to_owned()], vec![world.user_arn(&plan.victim.name)])
}

fn draw(world: &mut World, rng: &mut Rng) -> Plan {
    let (start, region) = (world.incident, world.region);
    let launched = start + rng.range(200, 2400);
    let scan = launched + rng.range(200, 1500);
    let dark = scan + rng.range(1500, 4000);
    let late = dark + rng.range(1200, 2 * HOUR);
    let image = format!("ami-0{}", rng.hex(16));
    let kind = rng.pick(&["t3.micro", "t3a.medium", "c5.large"]);
    let servers = [launched, late].map(|at| Stray::new(world, rng, region, kind, &image, at));
    let victim = if rng.chance(60) { world.deployer.clone() } else { world.operator.clone() };
    Plan {
        victim,
        agent: rng.pick(AGENTS),
        servers,
        port: rng.pick(&[22_i64, 445, 3389, 6379, 23]),
        scan,
        dark,
        second_scan: late + rng.range(300, 1200),
        light: dark + rng.range(7 * HOUR, 9 * HOUR),
    }
}

fn intrusion(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.victim), world.intruder(0), plan.agent);
    let mut at = world.incident;
    let first = caller.call(world, at, "sts", "GetCallerIdentity").event(world, rng);
    let mut events = vec![first.because("the first use of the key from an address never seen before")];
    for (service, name) in
        [("iam", "ListAttachedUserPolicies"), ("ec2", "DescribeInstances"), ("cloudtrail", "DescribeTrails"), ("ec2", "DescribeFlowLogs")]
    {
        at += rng.range(3, 40);
        events.push(caller.call(world, at, service, name).event(world, rng));
    }
    if let Some(call) = ec2::launch(world, rng, &caller, plan.servers.get(..1).unwrap_or_default()) {
        events.push(call.event(world, rng).because("the stranger starts a server"));
    }
    events
}

/// The logs end, and begin again hours later.
fn darkness(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.victim), world.intruder(0), plan.agent);
    let arn = format!("arn:aws:cloudtrail:{}:{}:trail/{}-trail", world.region, world.account, world.company);
    let flow_log = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"content": world.flow_log, "tag": 1}}});
    let gone = json!({"DeleteFlowLogsResponse": {"requestId": rng.uuid(), "unsuccessful": ""}});
    let detector = json!({"detectorId": rng.hex(32)});
    let mut at = plan.dark - rng.range(40, 120);
    let flows = caller.call(world, at, "ec2", "DeleteFlowLogs").with(flow_log, gone).event(world, rng);
    at += rng.range(3, 15);
    let guard = caller.call(world, at, "guardduty", "DeleteDetector").with(detector, Value::Null).event(world, rng);
    let stop = caller.call(world, plan.dark - 5, "cloudtrail", "StopLogging").with(json!({"name": arn}), Value::Null).event(world, rng);
    let admin = Caller::new(trail::console_user(world, &world.admin, plan.light), &world.office, BROWSER);
    let start = admin.call(world, plan.light, "cloudtrail", "StartLogging").with(json!({"name": arn}), Value::Null).event(world, rng);
    let look = admin.call(world, plan.light + 90, "ec2", "DescribeInstances").event(world, rng);
    vec![
        flows.because("the stranger deletes the flow logs"),
        guard.because("the stranger deletes GuardDuty's detector, and its findings with it"),
        stop.because("the stranger stops the trail"),
        start.because("the administrator starts the trail again; nothing is known of the hours between"),
        look.aside(),
    ]
}

struct Scan {
    records: Vec<Record>,
    /// what the reporter saw
    seen: Vec<(Second, String)>,
}

/// The first server's scan, as far as it is in the flow logs.
fn scan(world: &World, rng: &mut Rng, plan: &Plan) -> Scan {
    let [server, _] = &plan.servers;
    let host =
        Host { interface: server.interface.clone(), private: server.private.clone(), instance: server.id.clone(), ..world.app.clone() };
    let count = rng.range(150, 260);
    let length = (plan.dark - 300 - plan.scan).max(600);
    let mut scan = Scan { records: Vec::new(), seen: Vec::new() };
    for n in 0..count {
        let (at, target) = (plan.scan + length * n / count, rng.stranger().to_string());
        let packets = rng.range(1, 3);
        let amount = Amount { protocol: TCP, packets, bytes: packets * 60, span: (at, at + packets - 1), accepted: true };
        let (from, to) = (End::new(&host.private, flow::client_port(rng)), End::new(&target, plan.port));
        let record = flow::line(world, &host, &from, &to, amount);
        scan.records.push(match n {
            0 => record.because("the first packet of the first server's scan"),
            _ if n == count / 2 => record.because("the scan at the reported time"),
            _ => record,
        });
        if (count / 2..count / 2 + 3).contains(&n) {
            scan.seen.push((at, target));
        }
    }
    scan
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan, seen: &[(Second, String)]) -> Vec<u8> {
    let first = seen.first().map_or(plan.scan, |(at, _)| *at);
    let times = [first, plan.second_scan];
    let implicated: Vec<Implicated> = plan
        .servers
        .iter()
        .zip(times)
        .map(|(server, at)| Implicated {
            label: "EC2 Instance Id",
            id: server.id.clone(),
            address: Some(server.public.clone()),
            region: server.region.to_owned(),
            at,
        })
        .collect();
    let [one, two] = &plan.servers;
    let line = |at: Second, from: &str, to: &str| format!("{}  {from}  {to}  {}/tcp", clock::iso(at), plan.port);
    let mut excerpt = vec!["Scans of our network. Times are UTC.".to_owned(), String::new()];
    excerpt.extend(seen.iter().map(|(at, target)| line(*at, &one.public, target)));
    let other = rng.stranger().to_string();
    excerpt.extend((0..3).map(|n| line(plan.second_scan + n, &two.public, &other)));
    if rng.chance(50) {
        excerpt.push(format!("seen by {} sensors", rng.range(2, 9)));
    }
    let sent = plan.second_scan.max(first) + rng.range(HOUR, 4 * HOUR);
    // Three hours after the first one at the earliest.
    let sent = sent.max(first + 3 * HOUR + 600);
    letters::abuse(world, rng, &Abuse { category: Category::PortScan, implicated, facts: Vec::new(), excerpt, sent })
}
