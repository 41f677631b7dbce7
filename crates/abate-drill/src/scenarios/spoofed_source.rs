//! A flood is reported that bears our address, but nothing of it left our host: the source is forged. Where the flow logs have
//! a gap at that time, no more can be said than that nothing was seen.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR};
use crate::flow::{self, Connection, Form, INTERVAL, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::inventory;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::world::{Host, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "spoofed-source",
    title: Text::fixed("Report about a forged source address", "詐称された送信元アドレスについての通報"),
    summary: Text::fixed(
        "A flood bears the company's address, but the host sent nothing of the kind. The flow logs prove it where they have no gap; where they have one, all that can be said is that nothing was seen.",
        "送信元に自社のアドレスが記された攻撃ですが、ホストからは送信されていません。フローログに欠落がなければそれを証明でき、欠落があれば「確認できなかった」としか言えません。",
    ),
    build,
};

const HOURS: (i64, i64) = (7, 11);

/// How good the flow logs are at the reported time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cover {
    /// without a gap
    #[default]
    Whole,
    /// a file or two are missing
    Missing,
    /// AWS itself says that it has lost records
    Skipped,
}

struct Plot {
    host: Host,
    logger: Logger,
    victim: String,
    port: i64,
    /// TCP opening packets, or UDP
    tcp: bool,
    /// the victim's answers come to us
    backscatter: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let host = super::public_host(stage);
    let victim = stage.world.take_address(&mut stage.attack);
    let (rng, start) = (&mut stage.attack, stage.world.incident);
    let cover = rng.pick(&[Cover::Whole, Cover::Whole, Cover::Missing, Cover::Skipped]);
    let tcp = rng.chance(65);
    let backscatter = cover == Cover::Whole && tcp && rng.chance(70);
    let port = if tcp { rng.pick(&[80_i64, 443, 25]) } else { rng.pick(&[53_i64, 123, 27_015]) };
    let plot = Plot { logger: Logger::draw(rng, &host), victim, port, tcp, backscatter, host };
    if rng.chance(40) {
        stage.world.flow_form = Form::Custom;
    }
    if cover == Cover::Missing {
        let hour = clock::floor(start, HOUR);
        stage.world.flow_gap = Some((hour - HOUR * stage.attack.range(0, 1), hour + HOUR * stage.attack.range(1, 2)));
    }
    let world = stage.world.clone();
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 26 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);
    let (name, span) = (plot.host.name, (start - 20 * HOUR, start + 10 * HOUR));
    if stage.attack.chance(60) {
        let mistyped = plot.logger.mistyped(&world, &mut stage.attack, start - HOUR);
        let ordinary = plot.logger.auth_days(150_u32.saturating_mul(stage.scales.hosts), span);
        stage.log(format!("evidence/{name}/auth.log"), Frame::LINES, ordinary, mistyped);
        stage.parts.extend(plot.logger.clue(name, start + DAY));
    }

    let mut flows = noise::draw(&world, &mut stage.attack, &plot.host, HOURS, &[Noise::Clock, Noise::Lookups], 5);
    if plot.backscatter {
        flows.extend(answers(&world, &mut stage.attack, &plot));
    }
    if cover == Cover::Skipped {
        let first = clock::floor(start, INTERVAL);
        flows.extend((0..2).map(|n| {
            let skipped = flow::silence(&world, &plot.host, first + n * INTERVAL, "SKIPDATA");
            if n == 0 { skipped.because("records of this interval were lost, so that their absence proves nothing") } else { skipped }
        }));
    }
    // What lies in a missing file is missing.
    flows.retain(|record| world.flow_gap.is_none_or(|(from, to)| !(from..to).contains(&record.at)));
    super::flows_with(
        stage,
        HOURS,
        flows,
        &super::rules(&world, &plot.host, vec![inventory::rule("tcp", 22, &format!("{}/32", world.office))]),
    );

    let notice = notice(&world, &mut stage.attack, &plot);
    match cover {
        Cover::Whole => Outcome::new(Category::Dos, CauseKind::SpoofedSource, Factor::None, Verdict::Contradicted, notice),
        _ => Outcome::new(Category::Dos, CauseKind::Undetermined, Factor::Unknown, Verdict::NotSeen, notice),
    }
}

/// The victim answers what it believes to be ours: openings that we never sent.
fn answers(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<Record> {
    let count = rng.range(40, 90);
    (0..count)
        .map(|n| {
            let server = (plot.host.private.as_str(), rng.range(1_024, 65_000));
            let (at, client) = (world.incident + n * 600 / count, (plot.victim.as_str(), plot.port));
            let answer =
                Connection { host: &plot.host, client, server, protocol: TCP, at, seconds: 3, there: (rng.range(1, 3), 132), back: (0, 0) };
            let refused = answer.refused(world);
            if n == 0 { refused.because("the victim answers packets that we never sent") } else { refused }
        })
        .collect()
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let (at, source, victim, port) = (world.incident + 60, &plot.host.public, &plot.victim, plot.port);
    let rate = rng.range(2_000, 80_000);
    let mut excerpt = vec![report::opening(rng), String::new()];
    excerpt.extend((0..5_i64).map(|n| match plot.tcp {
        true => format!("{} IP {source}.{} > {victim}.{port}: Flags [S], win 0, length 0", clock::plain(at + n), rng.range(1_024, 65_000)),
        false => format!(
            "{} {source}:{} -> {victim}:{port} UDP len {} ({rate} pps)",
            clock::iso(at + n),
            rng.range(1_024, 65_000),
            rng.range(60, 1_400)
        ),
    }));
    let fields = vec![
        format!("Protocol: {}", if plot.tcp { "TCP" } else { "UDP" }),
        format!("Remote IP: {victim}"),
        format!("Remote port(s): {port}"),
    ];
    let resource = report::instance(&plot.host);
    report::write(world, rng, &Report { resource, accusation: accusation::DOS, activity: Some("Denial of Service"), at, fields, excerpt })
}

#[cfg(test)]
mod tests {
    use crate::stage::{Part, Scales};

    use super::*;

    #[test]
    fn nothing_goes_to_the_victim() {
        for seed in 0..30 {
            let mut stage = Stage::new("spoofed-source", seed, Scales { trail: 1, flows: 1, hosts: 1 });
            let outcome = build(&mut stage);
            let (from, to) = (stage.world.incident, stage.world.incident + 600);
            let notice = String::from_utf8(outcome.notice).unwrap();
            let victim = notice.split("Remote IP: ").nth(1).unwrap().lines().next().unwrap().trim().to_owned();
            for part in &stage.parts {
                let Part::Flows { attack, .. } = part else { continue };
                let toward =
                    |record: &&Record| record.text.split(' ').skip(7).any(|field| field == victim) && record.text.contains(" ACCEPT ");
                assert_eq!(attack.iter().filter(toward).count(), 0, "{seed}");
                let gap = stage.world.flow_gap.is_some_and(|(a, b)| a <= from && from < b && to <= b + HOUR);
                let skipped = attack.iter().any(|record| record.text.contains("SKIPDATA"));
                assert_eq!(outcome.verdicts[0].verdict == Verdict::NotSeen, gap || skipped, "{seed}");
            }
        }
    }
}
