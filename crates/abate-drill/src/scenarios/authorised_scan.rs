//! The company tests its own customer's hosts, as ordered; somebody who did not know of it reports the scan.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::{self, Exec, Logger};
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::stage::{Outcome, Part, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "authorised-scan",
    title: Text::fixed("Report about an authorised penetration test", "許可されたペネトレーションテストについての通報"),
    summary: Text::fixed(
        "A member of staff scans the hosts of a customer who ordered it. The customer's provider does not know that and reports the scan. Nobody broke in.",
        "顧客の依頼により、社員がその顧客のホストを診断します。事情を知らない先方の事業者から通報されました。侵入はありません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    host: Host,
    logger: Logger,
    tool: &'static [&'static str],
    /// the customer's block, /27, and its hosts
    block: String,
    targets: Vec<String>,
    /// ports of each host
    ports: i64,
    pause: i64,
    who: String,
}

const TOOLS: &[&[&str]] = &[
    &["/usr/bin/nmap", "-sS", "-sV", "-p-", "-oA", "scan"],
    &["/usr/bin/masscan", "-p1-65535", "--rate", "300", "-oL", "scan.txt"],
    &["/usr/local/bin/nuclei", "-severity", "medium,high,critical", "-o", "scan.txt", "-l"],
];

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let (who, rng) = (stage.world.operator.name.clone(), &mut stage.attack);
    let net = format!("198.19.{}", rng.range(0, 255));
    let first = rng.range(0, 7) * 32;
    let count = rng.range(5, 14);
    let plot = Plot {
        logger: Logger::draw(rng, &host),
        tool: TOOLS.get(rng.index(TOOLS.len())).copied().unwrap_or_default(),
        block: format!("{net}.{first}/27"),
        targets: (0..count).map(|n| format!("{net}.{}", first + 1 + n * 2)).collect(),
        ports: rng.range(20, 45),
        pause: rng.pick(&[1_i64, 4, 25]),
        who,
        host,
    };
    stage.world.flow_form = if rng.chance(40) { Form::Custom } else { Form::Version2 };
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 44 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (name, span, count) = (plot.host.name, (start - 20 * HOUR, start + 9 * HOUR), stage.scales.hosts);
    let at_hand = stage.attack.range(0, 9);
    if at_hand < 8 {
        let mut lines = login(&world, &mut stage.attack, &plot);
        lines.extend(plot.logger.mistyped(&world, &mut stage.attack, start - 4 * HOUR));
        let ordinary = plot.logger.auth_days(150_u32.saturating_mul(count), span);
        stage.log(format!("evidence/{name}/auth.log"), Frame::LINES, ordinary, lines);
    }
    if at_hand % 2 == 0 {
        let ordinary = hostlog::audit_days(130_u32.saturating_mul(count), span);
        stage.log(format!("evidence/{name}/audit.log"), Frame::LINES, ordinary, audit(&world, &plot));
    }
    stage.parts.push(order(&world, &plot, at_hand));
    stage.parts.extend(plot.logger.clue(name, start + DAY));

    let mut seen = Vec::new();
    let mut flows = scan(&world, &mut stage.attack, &plot, &mut seen);
    flows.extend(Noise::Vendor.records(&world, &mut stage.attack, &plot.host, start - 2 * HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Vendor], 3));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot, &seen);
    Outcome::new(Category::PortScan, CauseKind::AuthorisedTest, Factor::None, Verdict::Confirmed, notice)
}

/// The member of staff logs in from the office with a key, and starts the tool.
fn login(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (at, pid, who) = (world.incident - rng.range(4, 30) * 60, rng.range(800, 32_000), plot.who.as_str());
    let print = Rng::stream(1, &world.office).alnum(43);
    let accepted = format!("Accepted publickey for {who} from {} port 52210 ssh2: ED25519 SHA256:{print}", world.office);
    let command = format!("{} {}", plot.tool.join(" "), plot.block);
    let sudo = format!("{who} : TTY=pts/1 ; PWD=/home/{who}/pentest ; USER=root ; COMMAND={command}");
    vec![
        plot.logger.line(at, &format!("sshd[{pid}]"), &accepted).because("a member of staff logs in from the office, with a key"),
        plot.logger.line(
            at,
            &format!("sshd[{pid}]"),
            &format!("pam_unix(sshd:session): session opened for user {who}(uid=1002) by {who}(uid=0)"),
        ),
        plot.logger.line(world.incident - 2, "sudo", &sudo).because("and starts the scanner on the block that the customer named"),
        plot.logger.line(
            world.incident - 2,
            "sudo",
            &format!("pam_unix(sudo:session): session opened for user root(uid=0) by {who}(uid=1002)"),
        ),
    ]
}

fn audit(world: &World, plot: &Plot) -> Vec<Record> {
    let mut argv = plot.tool.to_vec();
    argv.push(&plot.block);
    let exe = plot.tool.first().copied().unwrap_or("/usr/bin/nmap");
    let mut lines = Exec { at: world.incident - 1, pid: (44_010, 44_009), uid: 0, exe, argv: &argv, cwd: "/root/pentest" }
        .because("the scanner is started");
    let health = ["/usr/bin/nmap", "-sn", "10.0.0.0/24"];
    let own = Exec { at: world.incident - 7 * HOUR, pid: (41_551, 1), uid: 0, exe: health[0], argv: &health, cwd: "/opt/inventory" };
    lines.extend(own.decoy("the inventory looks which of the company's own hosts are up"));
    lines
}

/// The paper that allows it, in one of the forms in which such things are kept.
fn order(world: &World, plot: &Plot, form: i64) -> Part {
    let (from, to) = (clock::floor(world.incident, DAY), clock::floor(world.incident, DAY) + 5 * DAY);
    let day = |at: Second| clock::iso(at).chars().take(10).collect::<String>();
    let text = if form % 2 == 0 {
        format!(
            "Subject: Re: Penetration test, order 2026-{}\nFrom: ciso@customer.example\nTo: {}@{}\nDate: {}\n\nWe confirm the test of our hosts in {}\n\
             from {} to {} (UTC). Source address: {}.\nPlease keep below 300 packets a second.\n",
            from / DAY % 1000,
            plot.who,
            world.domain,
            clock::mail(from - 3 * DAY),
            plot.block,
            day(from),
            day(to),
            plot.host.public
        )
    } else {
        format!(
            "order: PT-{}\ncustomer: customer.example\nscope:\n  - {}\nsource:\n  - {}\nfrom: {}\nto: {}\ntester: {}\nauthorised_by: ciso@customer.example\n",
            from / DAY % 1000,
            plot.block,
            plot.host.public,
            day(from),
            day(to),
            plot.who
        )
    };
    let path = if form % 2 == 0 { "evidence/notes/penetration-test-order.txt" } else { "evidence/notes/engagement.yaml" };
    Part::File { path: path.to_owned(), bytes: text.into_bytes() }
}

fn scan(world: &World, rng: &mut Rng, plot: &Plot, seen: &mut Vec<(Second, String, i64)>) -> Vec<Record> {
    let host = &plot.host;
    let total = plot.ports * i64::try_from(plot.targets.len()).unwrap_or(1);
    let mut flows = Vec::new();
    for n in 0..total {
        let target = plot.targets.get(usize::try_from(n / plot.ports).unwrap_or(0)).map_or("198.19.0.1", String::as_str);
        let port =
            [21, 22, 23, 25, 53, 80, 110, 135, 139, 143, 443, 445, 993, 1433, 1521, 3306, 3389, 5432, 5900, 6379, 8080, 8443, 9200, 27_017]
                .get(usize::try_from(n % plot.ports).unwrap_or(0))
                .copied()
                .unwrap_or(1_000 + n % plot.ports * 131);
        let at = world.incident + n * plot.pause;
        let open = rng.chance(7);
        let (there, back) = if open { ((8, 620), (6, 1_900)) } else { ((1, 44), if rng.chance(70) { (1, 40) } else { (0, 0) }) };
        let client = (host.private.as_str(), rng.range(32_768, 60_999));
        let tried = Connection { host, client, server: (target, port), protocol: TCP, at, seconds: 1, there, back };
        flows.extend(match n {
            0 => tried.because(world, "the first packet of the scan"),
            _ if n == total / 2 => tried.because(world, "the scan at the reported time"),
            _ => tried.lines(world),
        });
        if (total / 2..total / 2 + 5).contains(&n) {
            seen.push((at, target.to_owned(), port));
        }
    }
    flows
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot, seen: &[(Second, String, i64)]) -> Vec<u8> {
    let at = seen.first().map_or(world.incident, |(at, _, _)| *at);
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.push("attacker IP          scanned IP          port".to_owned());
    excerpt
        .extend(seen.iter().map(|(at, target, port)| format!("{}  {:<16} >>> {target:<16} {port}", clock::plain(*at), plot.host.public)));
    let resource = report::instance(&plot.host);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::PORT_SCAN, activity: Some("Port Scanning"), at, fields: Vec::new(), excerpt },
    )
}
