//! A password for remote desktop is guessed on a Windows server, which then guesses at others'.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, HOUR, Second};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostfinding::Finding;
use crate::inventory;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::windows::{self, Channel};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "rdp-guessed",
    title: Text::fixed("Remote desktop password guessed on a Windows server", "Windows サーバーのリモートデスクトップのパスワード推測"),
    summary: Text::fixed(
        "Strangers guess at remote desktop all day. One of them gets in, and the server guesses at the remote desktops of others.",
        "リモートデスクトップへの総当たりが終日続くなか、一つが成功します。サーバーはその後、外部のリモートデスクトップに対して総当たりを行います。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    channel: Channel,
    user: &'static str,
    /// many tries in minutes, instead of one every few minutes over hours
    burst: bool,
    /// whether programs are logged
    programs: bool,
    /// from when on the server guesses
    out: Second,
}

fn build(stage: &mut Stage) -> Outcome {
    stage.world.batch.name = "win1";
    let rng = &mut stage.attack;
    let plot = Plot {
        channel: Channel { computer: rng.pick(&["WIN1", "EC2AMAZ-K7Q2M1P", "APP-WIN1"]).to_owned(), json: rng.chance(40) },
        user: rng.pick(&["Administrator", "backup", "reception", "scan", "test1"]),
        burst: rng.chance(60),
        programs: rng.chance(60),
        out: stage.world.incident + rng.range(9, 120) * 60,
    };
    stage.world.flow_form = if rng.chance(30) { Form::Custom } else { Form::Version2 };
    stage.world.open_ports.push((stage.world.batch.private.clone(), 3389));
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let mut calls = vec![super::opens_innocently(&world, &mut stage.attack, start - 50 * HOUR)];
    if stage.attack.chance(50) {
        let at = start - stage.attack.range(5 * HOUR, 40 * HOUR);
        calls.push(
            super::opens(&world, &mut stage.attack, &world.batch, "tcp", 3389, at)
                .because("remote desktop is opened to the whole Internet"),
        );
    }
    super::trail(stage, super::NO_BUILDS, calls);

    let path = if plot.channel.json { "evidence/win1/security.jsonl" } else { "evidence/win1/security.xml" };
    let frame = if plot.channel.json { Frame::LINES } else { Frame::WINDOWS_EVENTS };
    let ordinary = plot.channel.days(260_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR));
    let events = break_in(&world, &mut stage.attack, &plot);
    stage.log(path, frame, ordinary, events);
    if stage.attack.chance(40) {
        let findings = findings(&world, &mut stage.attack, &plot);
        stage.log("evidence/guardduty-findings.json", Frame::FINDINGS, None, findings);
    }

    let mut seen = Vec::new();
    let mut flows = way_in(&world, &mut stage.attack, &plot);
    flows.extend(outward(&world, &mut stage.attack, &plot, &mut seen));
    flows.extend(noise::draw(&world, &mut stage.attack, &world.batch, HOURS, &[Noise::Images], 4));
    let rules = super::rules(&world, &world.batch, vec![inventory::rule("tcp", 3389, "0.0.0.0/0")]);
    super::flows_with(stage, HOURS, flows, &rules);

    let notice = notice(&world, &mut stage.attack, &seen);
    let outcome = Outcome::new(Category::Intrusion, CauseKind::RemoteLoginGuessed, Factor::Misconfiguration, Verdict::Confirmed, notice);
    let addresses = vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()];
    Outcome { attacker: Attacker { addresses, principals: vec![plot.user.to_owned()] }, ..outcome }
}

fn break_in(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (start, from, channel) = (world.incident, world.intruder(0), &plot.channel);
    let (tries, pause) = if plot.burst { (rng.range(60, 110), 3) } else { (rng.range(40, 60), rng.range(200, 420)) };
    let mut events: Vec<Record> = (0..tries)
        .map(|n| {
            let event = channel.failure(start - (tries - n) * pause, plot.user, true, from);
            if n == 0 { event.because("the first wrong password of the intruder") } else { event }
        })
        .collect();
    events.push(channel.logon(start, plot.user, 3, from).because("a guessed password is accepted"));
    // Whoever sits at the keyboard comes some time after the tool that guesses, often from elsewhere.
    let hands = if rng.chance(50) { world.intruder(1) } else { from };
    events.push(channel.logon(plot.out - 300, plot.user, 3, hands));
    events.push(channel.logon(plot.out - 299, plot.user, 10, hands).because("the intruder opens a session"));
    let explorer = "C:\\Windows\\explorer.exe";
    if plot.programs {
        let tool = format!("C:\\Users\\{}\\Music\\{}.exe", plot.user, rng.pick(&["nl", "svhost", "mscan"]));
        events.push(
            channel
                .started(plot.out - 20, plot.user, &tool, explorer, &format!("\"{tool}\" -i ips.txt -p p.txt -t 300"))
                .because("the tool that guesses at others is started"),
        );
        events.push(windows::backup(channel, start - 4 * HOUR));
    }
    if rng.chance(40) {
        let data =
            [("TargetUserName", "support$"), ("TargetDomainName", "WIN1"), ("SubjectUserName", plot.user), ("SubjectDomainName", "WIN1")];
        events.push(channel.event(plot.out - 200, 4720, &data).because("the intruder makes a user"));
        let data =
            [("MemberName", "-"), ("TargetUserName", "Administrators"), ("SubjectUserName", plot.user), ("SubjectDomainName", "WIN1")];
        events.push(channel.event(plot.out - 190, 4732, &data));
    }
    let earlier = start - rng.range(2, 9) * HOUR;
    events.extend(channel.mistyped(world, rng, earlier));
    events
}

/// The intruder's connections, some of which are long.
fn way_in(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let (host, start) = (&world.batch, world.incident);
    let server = (host.private.as_str(), 3389);
    let mut flows = Vec::new();
    for n in 0..rng.range(8, 16) {
        let client = (world.intruder(0), 50_000 + n * 11);
        let (there, back) = ((12, rng.range(1_500, 2_100)), (10, rng.range(1_700, 2_600)));
        flows.extend(Connection { host, client, server, protocol: TCP, at: start - 30 * n - 5, seconds: 2, there, back }.lines(world));
    }
    for n in 0..rng.range(3, 7) {
        let client = (world.intruder(1), 51_200);
        let (there, back) = ((rng.range(900, 2_500), 180_000), (rng.range(1_200, 3_000), 1_900_000));
        let session = Connection { host, client, server, protocol: TCP, at: plot.out - 300 + n * 600, seconds: 595, there, back };
        flows.extend(if n == 0 { session.because(world, "the intruder's session on the desktop") } else { session.lines(world) });
    }
    for _ in 0..rng.range(12, 20) {
        let (other, at) = (rng.stranger().to_string(), start + rng.range(-5 * HOUR, 8 * HOUR));
        let client = (other.as_str(), rng.range(40_000, 60_000));
        let tried =
            Connection { host, client, server, protocol: TCP, at, seconds: 2, there: (11, rng.range(1_400, 2_000)), back: (9, 1_800) };
        flows.extend(tried.lines(world).into_iter().map(|record| record.decoy("a stranger who guesses in vain")));
    }
    flows
}

fn outward(world: &World, rng: &mut Rng, plot: &Plot, seen: &mut Vec<(Second, String)>) -> Vec<Record> {
    let (count, pause) = if plot.burst { (rng.range(180, 240), 5) } else { (rng.range(60, 90), rng.range(120, 220)) };
    let mut flows = Vec::new();
    for n in 0..count {
        let (target, at) = (rng.stranger().to_string(), plot.out + n * pause + rng.range(0, pause - 1));
        let client = (world.batch.private.as_str(), rng.range(49_152, 65_000));
        let open = rng.chance(35);
        let packets = rng.range(1, 3);
        let (there, back) = if open { ((13, 2_040), (11, 2_310)) } else { ((packets, packets * 52), (0, 0)) };
        let tried = Connection { host: &world.batch, client, server: (&target, 3389), protocol: TCP, at, seconds: 3, there, back };
        flows.extend(match n {
            0 => tried.because(world, "the first remote desktop of others that is tried"),
            _ if n == count / 2 => tried.because(world, "what the reporter saw"),
            _ => tried.lines(world),
        });
        if (count / 2..count / 2 + 5).contains(&n) {
            seen.push((at, target));
        }
    }
    flows
}

fn findings(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let inward = Finding {
        kind: "UnauthorizedAccess:EC2/RDPBruteForce",
        severity: 2.0,
        title: "An EC2 instance is the target of RDP brute force attacks.",
        host: &world.batch,
        seen: (world.incident - 400, world.incident),
        count: 12,
        actor: false,
        domain: None,
        connection: Some((world.intruder(0), 50_011, 3389)),
    };
    let outward = Finding {
        severity: 8.0,
        title: "An EC2 instance is performing RDP brute force attacks against others.",
        seen: (plot.out, plot.out + HOUR),
        actor: true,
        connection: Some(("198.18.5.5", 3389, 51_877)),
        ..inward
    };
    vec![
        inward.record(world, rng).because("GuardDuty sees the guessing at our server"),
        outward.record(world, rng).because("and that our server guesses"),
    ]
}

fn notice(world: &World, rng: &mut Rng, seen: &[(Second, String)]) -> Vec<u8> {
    let (at, source) = (seen.first().map_or(world.incident, |(at, _)| *at), &world.batch.public);
    let mut excerpt = vec![report::opening(rng), String::new()];
    if rng.chance(50) {
        excerpt.push(format!("* Source IPs: {source}"));
        excerpt.push("* Destination ports: 3389/TCP".to_owned());
        excerpt.push("* Log Extract:".to_owned());
    }
    let tries = rng.range(3, 90);
    excerpt.extend(
        seen.iter().map(|(at, target)| format!("{} RDP login failure src={source} dst={target}:3389 attempts={}", clock::iso(*at), tries)),
    );
    let resource = report::instance(&world.batch);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::INTRUSION, activity: Some("Intrusion Attempts"), at, fields: Vec::new(), excerpt },
    )
}
