//! A password of the web server is guessed over SSH; the server then scans strangers.

use std::collections::BTreeSet;

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, HOUR, Second};
use crate::flow::{self, Amount, End, TCP};
use crate::folder::{Frame, Record};
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::syslog::{self, Days};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "weak-ssh-port-scan",
    title: Text::fixed("Port scan after a guessed SSH password", "SSH パスワード推測後のポートスキャン"),
    summary: Text::fixed(
        "Among the usual guessing, one address guesses the password of an account on the web server. Minutes later the server scans hundreds of strangers.",
        "日常的なパスワード推測に紛れて、あるアドレスがウェブサーバーのアカウントのパスワードを当てます。数分後、サーバーは数百の外部ホストをスキャンします。",
    ),
    build,
};

/// Length of the scan.
const SCAN: Second = 20 * 60;

fn build(stage: &mut Stage) -> Outcome {
    super::trail(stage, super::NO_BUILDS, Vec::new());
    let (user, login) = (stage.attack.pick(&["backup", "operator", "webadmin", "staff", "deploy"]), stage.world.incident);
    let days = Days {
        guesses: (150_u32.saturating_mul(stage.scales.hosts), (login - 30 * HOUR, login + 10 * HOUR)),
        logins: (4_u32.saturating_mul(stage.scales.hosts), (login - 30 * HOUR, login + 9 * HOUR)),
    };
    let break_in = break_in(&stage.world, &mut stage.attack, user);
    stage.log("evidence/web1/auth.log", Frame::LINES, Some(Box::new(days)), break_in);

    let scan_start = login + stage.attack.range(8 * 60, 25 * 60);
    let port = stage.attack.pick(&[22_i64, 445, 23]);
    let scan = scan(&stage.world, &mut stage.attack, scan_start, port);
    let mut flows = connections(&stage.world, &mut stage.attack, scan_start);
    flows.extend(scan.records);
    super::flows(stage, (4, 8), flows, &[22, 80, 443]);

    let notice = notice(&stage.world, &mut stage.attack, &scan.seen, port);
    let outcome = Outcome::new(Category::PortScan, CauseKind::SshPasswordGuessed, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let addresses = vec![stage.world.intruder(0).to_owned(), stage.world.intruder(1).to_owned()];
    Outcome { attacker: Attacker { addresses, principals: vec![user.to_owned()] }, ..outcome }
}

/// Guesses and success, as the host logs them.
fn break_in(world: &World, rng: &mut Rng, user: &str) -> Vec<Record> {
    let (from, login) = (world.intruder(0), world.incident);
    let tries = rng.range(55, 70);
    let mut records = Vec::new();
    for n in 0..tries {
        let (at, pid) = (login - (tries - n) * 6 - 2, 12_000 + n * 3);
        let record = syslog::sshd(world, at, pid, &syslog::failure(user, true, from, 40_000 + n * 7));
        records.push(if n == 0 { record.because("the first wrong password of the intruder") } else { record });
    }
    let (pid, port) = (12_000 + tries * 3, rng.range(41_000, 60_000));
    let accepted = syslog::sshd(world, login, pid, &format!("Accepted password for {user} from {from} port {port} ssh2"));
    records.push(accepted.because("the intruder's login: a guessed password is accepted"));
    let opened = format!("pam_unix(sshd:session): session opened for user {user}(uid=1001) by {user}(uid=0)");
    records.push(syslog::sshd(world, login, pid, &opened));
    records.push(syslog::line(world, login, "systemd-logind[611]", &format!("New session {} of user {user}.", rng.range(100, 900))));
    let left = login + rng.range(4, 7) * 60;
    records.push(syslog::sshd(world, left, pid + 9, &format!("Disconnected from user {user} {from} port {port}")));
    records.push(syslog::sshd(world, left, pid, &format!("pam_unix(sshd:session): session closed for user {user}")));
    records
}

/// The intruder's own connections: the guesses, the session, and the download of a tool.
fn connections(world: &World, rng: &mut Rng, scan_start: Second) -> Vec<Record> {
    let (login, server) = (world.incident, End::new(&world.web.private, 22));
    let mut records = Vec::new();
    for n in 0..8 {
        let (client, at) = (End::new(world.intruder(0), 40_000 + n * 7), login - 400 + n * 48);
        let there = Amount { protocol: TCP, packets: 14, bytes: rng.range(1900, 2500), span: (at, at + 6), accepted: true };
        let back = Amount { packets: 15, bytes: rng.range(2600, 3300), ..there };
        records.push(flow::line(world, &world.web, &client, &server, there));
        records.push(flow::line(world, &world.web, &server, &client, back));
    }
    let (tool, client, at) = (End::new(world.intruder(1), 80), End::new(&world.web.private, 51_544), scan_start - rng.range(60, 240));
    let there = Amount { protocol: TCP, packets: 90, bytes: 5_200, span: (at, at + 9), accepted: true };
    let back = Amount { packets: 410, bytes: rng.range(500_000, 600_000), ..there };
    let asks = flow::line(world, &world.web, &client, &tool, there);
    records.push(asks.because("the server fetches something from another address of the intruder just before the scan"));
    records.push(flow::line(world, &world.web, &tool, &client, back));
    records
}

struct Scan {
    records: Vec<Record>,
    /// what the reporter saw: time and destination, the one in the middle of the scan first
    seen: Vec<(Second, String)>,
}

fn scan(world: &World, rng: &mut Rng, start: Second, port: i64) -> Scan {
    let count = usize::try_from(rng.range(220, 280)).unwrap_or(240);
    let mut targets = BTreeSet::new();
    while targets.len() < count {
        // In the order of text, which goes by digits.
        targets.insert(rng.stranger().to_string());
    }
    let mut scan = Scan { records: Vec::new(), seen: Vec::new() };
    for (n, target) in targets.into_iter().enumerate() {
        let at = start + SCAN * i64::try_from(n).unwrap_or(0) / i64::try_from(count).unwrap_or(1);
        let packets = rng.range(1, 3);
        let span = (at, at + packets - 1);
        let amount = Amount { protocol: TCP, packets, bytes: packets * 60, span, accepted: true };
        let (from, to) = (End::new(&world.web.private, rng.range(32_768, 60_999)), End::new(&target, port));
        let record = flow::line(world, &world.web, &from, &to, amount);
        let record = match n {
            0 => record.because("the first packet of the scan"),
            _ if n == count / 2 => record.because("the scan at the reported time"),
            _ => record,
        };
        if (count / 2..count / 2 + 4).contains(&n) {
            scan.seen.push((at, target.clone()));
        }
        if rng.chance(8) {
            let reset = Amount { packets: 1, bytes: 40, ..amount };
            scan.records.push(flow::line(world, &world.web, &to, &from, reset));
        }
        scan.records.push(record);
    }
    scan
}

fn notice(world: &World, rng: &mut Rng, seen: &[(Second, String)], port: i64) -> Vec<u8> {
    let at = seen.first().map_or(world.incident, |(at, _)| *at);
    let source = &world.web.public;
    let mut excerpt = vec![format!("Unsolicited connection attempts from {source} to hosts of ours. Times are UTC."), String::new()];
    excerpt.push("time                  source            destination       port/proto".to_owned());
    excerpt.extend(seen.iter().map(|(at, target)| format!("{}  {source:<16}  {target:<16}  {port}/tcp", clock::iso(*at))));
    let notice = Notice {
        sent: at + rng.range(3 * HOUR, 10 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            super::resource_line(world, &world.web),
            String::new(),
            "has been implicated in activity which resembles scanning remote hosts on the internet for security vulnerabilities."
                .to_owned(),
            String::new(),
            "Required Actions: Investigate root cause".to_owned(),
            format!("AWS Account ID: {}", world.account),
            format!("Implicated Resource:EC2 Instance Id: {}", world.web.instance),
            format!("Region:{}", world.region),
            "Reported Activity: Port Scanning".to_owned(),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt,
    };
    mail::write(world, rng, &notice)
}
