//! The company's own crawler is reported: it read a site faster than its owner likes. Nobody broke in.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, DAY, HOUR, Second, Zone};
use crate::flow::{Connection, Form, TCP};
use crate::folder::{Frame, Record};
use crate::hostlog::Logger;
use crate::noise::{self, Noise};
use crate::report::{self, Report, accusation};
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::{Outcome, Part, Stage};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "own-crawler",
    title: Text::fixed("Report about the company's own crawler", "自社クローラーについての通報"),
    summary: Text::fixed(
        "The company's crawler reads shops every night, with its name and address in every request. One shop reports it. Nobody broke in.",
        "自社のクローラーが毎晩、名称と連絡先を名乗って各店のサイトを巡回しています。その一つから通報されました。侵入はありません。",
    ),
    build,
};

const HOURS: (i64, i64) = (6, 10);

struct Plot {
    logger: Logger,
    /// the crawler's name in its requests
    agent: String,
    /// the shops and their addresses, the one that complains first
    shops: Vec<(String, String)>,
    pages: i64,
    pause: i64,
    /// how the crawler writes its log
    style: i64,
}

fn build(stage: &mut Stage) -> Outcome {
    if stage.attack.chance(30) {
        stage.world.flow_form = Form::Custom;
    }
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let rng = &mut stage.attack;
    let shops = (0..rng.range(3, 12))
        .map(|n| (format!("shop{n}.example.{}", rng.pick(&["com", "net", "org"])), rng.stranger().to_string()))
        .collect();
    let plot = Plot {
        logger: Logger::draw(rng, &world.batch),
        agent: format!("{}-price-bot/{}.{} (+https://www.{}/bot)", world.company, rng.range(1, 4), rng.range(0, 9), world.domain),
        shops,
        pages: rng.range(180, 300),
        pause: rng.pick(&[1_i64, 2, 12, 30]),
        style: rng.range(0, 2),
    };
    let innocent = super::opens_innocently(&world, &mut stage.attack, start - 43 * HOUR);
    super::trail(stage, super::NO_BUILDS, vec![innocent]);

    let (mut lines, mut flows) = (Vec::new(), Vec::new());
    crawl(&world, &mut stage.attack, &plot, (&mut lines, &mut flows));
    let at_hand = stage.attack.range(0, 9);
    if at_hand < 9 {
        let (zone, style) = (plot.logger.zone(), plot.style);
        // The nights before: the same crawler, the same shops.
        let (agent, shops) = (plot.agent.clone(), plot.shops.clone());
        let ordinary =
            Scattered::boxed(280_u32.saturating_mul(stage.scales.hosts), (start - 3 * DAY, start - 20 * HOUR), move |_, rng, at| {
                let name = shops.get(rng.index(shops.len())).map_or("shop.example.com", |(name, _)| name);
                vec![page(zone, style, at, (name, rng.range(1, 9_999)), 200, &agent)]
            });
        let path = if style == 2 { "evidence/batch1/crawler.jsonl" } else { "evidence/batch1/crawler.log" };
        stage.log(path, Frame::LINES, ordinary, lines);
    }
    if at_hand > 2 {
        stage.log(
            "evidence/batch1/syslog",
            Frame::LINES,
            plot.logger.system_days(120_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR)),
            job(&plot, start),
        );
    }
    if at_hand > 4 {
        let mistyped = plot.logger.mistyped(&world, &mut stage.attack, start - 5 * HOUR);
        let ordinary = plot.logger.auth_days(120_u32.saturating_mul(stage.scales.hosts), (start - 20 * HOUR, start + 9 * HOUR));
        stage.log("evidence/batch1/auth.log", Frame::LINES, ordinary, mistyped);
    }
    if at_hand == 9 {
        stage.parts.push(readme(&plot));
    }
    stage.parts.extend(plot.logger.clue("batch1", start + DAY));
    flows.extend(Noise::Stranger.records(&world, &mut stage.attack, &world.batch, start - HOUR));
    flows.extend(noise::draw(&world, &mut stage.attack, &world.batch, HOURS, &[Noise::Crawler, Noise::Stranger], 3));
    super::flows(stage, HOURS, flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &plot);
    Outcome::new(Category::Crawling, CauseKind::OwnCrawler, Factor::None, Verdict::Confirmed, notice)
}

/// A line of the crawler's log.
fn page(zone: Zone, style: i64, at: Second, (shop, item): (&str, i64), status: u16, agent: &str) -> Record {
    let url = format!("https://{shop}/item/{item}");
    let text = match style {
        0 => format!("{} [scrapy.core.engine] DEBUG: Crawled ({status}) <GET {url}> (referer: None)", zone.show(at, "%Y-%m-%d %H:%M:%S")),
        1 => format!("{} crawler[2210] INFO fetched {url} status={status} ua=\"{agent}\" robots=allowed", zone.precise(at)),
        _ => serde_json::json!({"ts": clock::iso(at), "level": "info", "msg": "fetched", "url": url, "status": status, "user_agent": agent, "robots": "allowed"}).to_string(),
    };
    Record::plain(at, text)
}

fn crawl(world: &World, rng: &mut Rng, plot: &Plot, (lines, flows): (&mut Vec<Record>, &mut Vec<Record>)) {
    let host = &world.batch;
    for n in 0..plot.pages {
        // Half of the pages are those of the shop that complains.
        let at_shop = if n % 2 == 0 { 0 } else { usize::try_from(n).unwrap_or(0) % plot.shops.len().max(1) };
        let Some((name, address)) = plot.shops.get(at_shop) else { continue };
        let (at, size) = (world.incident + n * plot.pause, rng.range(9_000, 60_000));
        let status = if n > plot.pages * 3 / 4 && at_shop == 0 { 429 } else { 200 };
        let line = page(plot.logger.zone(), plot.style, at, (name, rng.range(1, 9_999)), status, &plot.agent);
        lines.push(match n {
            0 => line.because("the crawler notes the pages that it reads, under its own name"),
            _ if n == plot.pages / 4 * 2 => line.because("the crawler at the reported time"),
            _ => line,
        });
        let client = (host.private.as_str(), rng.range(32_768, 60_999));
        let read = Connection {
            host,
            client,
            server: (address, 443),
            protocol: TCP,
            at,
            seconds: 1,
            there: (12, 1_700),
            back: (9 + size / 1400, size),
        };
        flows.extend(if n == plot.pages / 4 * 2 { read.because(world, "the connection at the reported time") } else { read.lines(world) });
    }
}

/// The job that starts the crawler, this night and the night before.
fn job(plot: &Plot, start: Second) -> Vec<Record> {
    let started = |at| plot.logger.line(at, "CRON[18801]", "(crawler) CMD (/opt/crawler/run.sh --all-shops)");
    let backup =
        plot.logger.line(start - 2 * HOUR, "CRON[18410]", "(root) CMD (curl -fsS https://ping.example.net/backup | sh -s -- --quiet)");
    vec![
        started(start - 3).because("the crawler is started by the job of every night"),
        backup.decoy("the backup's own script, from the company's own server"),
    ]
}

fn readme(plot: &Plot) -> Part {
    let text =
        format!("# Price comparison\n\nRuns every night on batch1. User-Agent: {}\nKeeps to robots.txt. Owner: data team.\n", plot.agent);
    Part::File { path: "evidence/notes/crawler-readme.md".to_owned(), bytes: text.into_bytes() }
}

fn notice(world: &World, rng: &mut Rng, plot: &Plot) -> Vec<u8> {
    let at = world.incident + plot.pages / 4 * 2 * plot.pause;
    let mut excerpt = vec![report::opening(rng), String::new()];
    let named = rng.chance(75);
    excerpt.extend((0..5).map(|n| {
        let agent = if named { plot.agent.as_str() } else { "-" };
        format!(
            "{} - - [{}] \"GET /item/{} HTTP/1.1\" 200 31822 \"-\" \"{agent}\"",
            world.batch.public,
            clock::apache(at + n * 2 * plot.pause),
            rng.range(1, 9_999)
        )
    }));
    let resource = report::instance(&world.batch);
    report::write(
        world,
        rng,
        &Report { resource, accusation: accusation::CRAWLING, activity: Some("Web Crawling"), at, fields: Vec::new(), excerpt },
    )
}
