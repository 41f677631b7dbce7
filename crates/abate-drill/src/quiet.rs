//! A month of an account in which nothing happens: the ordinary, what the Internet does to every address (strangers who guess many passwords
//! and try many paths, in vain), and a report that is mistaken. Whatever is found in it is noise.

use crate::background::Calls;
use crate::clock::{self, DAY, HOUR, Second};
use crate::flow::Traffic;
use crate::folder::{Folder, Frame, Record};
use crate::hostile::Hostile;
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::sink::Collector;
use crate::stage::{Part, Scales, Stage};
use crate::syslog::{self, Days};
use crate::weblog::{self, Hit, Visits};
use crate::world::World;
use crate::{DrillError, DrillFile, LIMITS, inventory, scenarios, write_part};

/// Its name, from which its company and its numbers are drawn.
const NAME: &str = "quiet-month";
/// Days before and after the reported time.
const HALF: Second = 15 * DAY;
const DAYS: u32 = 30;

/// CloudTrail events a day: as many as the smallest drill has.
const TRAIL: u32 = 333;
/// Calls of the build server a day, beside those.
const BUILDS: u32 = 12;
/// Requests to the web server a day.
const VISITS: u32 = 1200;
/// Strangers a day who guess a password for SSH, in vain.
const GUESSES: u32 = 240;
/// Logins of staff in the month.
const LOGINS: u32 = 45;
/// Strangers in the month who guess many passwords for SSH one after another, in vain.
const STUBBORN: u32 = 25;
/// Strangers in the month who try many paths of the web server one after another, in vain.
const SCANNERS: u32 = 12;

/// Ports of the web server that anyone may reach.
const OPEN: &[u16] = &[22, 80, 443];

/// Makes the month in memory: `notice.eml`, and CloudTrail, flow logs, the web server's access and sign-in logs and the inventory below
/// `evidence/`. There is no `truth.json`, since there is nothing to tell.
///
/// # Errors
/// What [`crate::write()`] may fail with on a small drill: compression.
pub fn quiet(seed: u64) -> Result<Vec<DrillFile>, DrillError> {
    let mut stage = Stage::new(NAME, seed, Scales { trail: 1, flows: 1, hosts: 1 });
    let reported = stage.world.incident;
    let span = (reported - HALF, reported + HALF);
    let calls = Calls { count: TRAIL * DAYS, span, people: false, builds: (BUILDS * DAYS, span) };
    stage.parts.push(Part::Trail { calls, attack: Vec::new() });
    let days = Days { guesses: (GUESSES * DAYS, span), logins: (LOGINS, span) };
    let guesses = guesses(&stage.world, &mut stage.attack, span);
    stage.log("evidence/auth.log", Frame::LINES, Some(Box::new(days)), guesses);
    let visits = Visits { count: VISITS * DAYS, span };
    let probes = probes(&mut stage.attack, span);
    stage.log("evidence/access.log", Frame::LINES, Some(Box::new(visits)), probes);
    stage.parts.push(Part::Flows { traffic: Traffic { scale: 1, span }, attack: Vec::new(), open: OPEN });
    stage.parts.extend(inventory::write(&stage.world, OPEN));
    let notice = notice(&stage.world, &mut stage.attack, reported);

    let mut collector = Collector::default();
    let mut folder = Folder::new(&mut collector, LIMITS, stage.parts.iter().map(Part::records).sum());
    folder.add("notice.eml", &notice)?;
    let mut daily = Rng::stream(seed, &format!("daily/{NAME}"));
    for part in stage.parts {
        write_part(&stage.world, &mut daily, &mut folder, part, (Hostile { flood: 0, sweep: false }, seed))?;
    }
    Ok(collector.files)
}

/// Many wrong passwords from one address after another.
fn guesses(world: &World, rng: &mut Rng, span: (Second, Second)) -> Vec<Record> {
    let mut lines = Vec::new();
    for _ in 0..STUBBORN {
        let (from, mut at) = (rng.stranger().to_string(), rng.range(span.0, span.1 - HOUR));
        for _ in 0..rng.range(15, 150) {
            let (user, pid, port) =
                (rng.pick(&["root", "admin", "ubuntu", "test", "oracle"]), rng.range(800, 32_000), rng.range(32_768, 60_999));
            let exists = user == "root" || user == "ubuntu";
            lines.push(syslog::sshd(world, at, pid, &syslog::failure(user, exists, &from, port)));
            at += rng.range(1, 9);
        }
    }
    lines
}

/// Many paths that are not there, from one address after another.
fn probes(rng: &mut Rng, span: (Second, Second)) -> Vec<Record> {
    let mut lines = Vec::new();
    for _ in 0..SCANNERS {
        let (from, mut at) = (rng.stranger().to_string(), rng.range(span.0, span.1 - HOUR));
        for _ in 0..rng.range(40, 200) {
            let path = rng.pick(&[
                "/.env",
                "/.git/HEAD",
                "/wp-login.php",
                "/phpmyadmin/",
                "/owa/auth/logon.aspx",
                "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
            ]);
            let request = format!("GET {path}?{}", rng.range(1, 9_999));
            lines.push(weblog::line(Hit { at, from: &from, request: &request, status: 404, bytes: 196, agent: "Mozilla/5.0 zgrab/0.x" }));
            at += rng.range(0, 3);
        }
    }
    lines
}

/// Somebody mistook an address.
fn notice(world: &World, rng: &mut Rng, at: Second) -> Vec<u8> {
    let notice = Notice {
        sent: at + rng.range(3 * HOUR, 10 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            scenarios::resource_line(world, &world.web),
            String::new(),
            "has been implicated in activity which resembles scanning remote hosts on the internet for security vulnerabilities."
                .to_owned(),
            String::new(),
            "Reported Activity: Port Scanning".to_owned(),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt: vec![format!("{}  {} -> {}:8443/tcp", clock::iso(at), world.web.public, rng.stranger())],
    };
    mail::write(world, rng, &notice)
}
