//! The access log of a web server (Apache, combined form): visitors and scanners. It holds no attack.

use std::net::Ipv4Addr;

use crate::clock::{self, Second};
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::world::World;

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0",
];
const PAGES: &[&str] = &["/", "/products/", "/about/", "/news/", "/contact/", "/assets/site.css", "/assets/site.js", "/images/top.webp"];
const PROBES: &[&str] = &[
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/phpmyadmin/index.php",
    "/cgi-bin/test.cgi",
    "/admin/",
    "/backup.zip",
    "/server-status",
    "/xmlrpc.php",
];

/// A request and its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit<'a> {
    /// when
    pub(crate) at: Second,
    /// client
    pub(crate) from: &'a str,
    /// method and target, such as `GET /`
    pub(crate) request: &'a str,
    /// status code
    pub(crate) status: u16,
    /// bytes of the answer
    pub(crate) bytes: i64,
    /// user agent
    pub(crate) agent: &'a str,
}

/// The line for a request.
pub(crate) fn line(hit: Hit<'_>) -> Record {
    let Hit { at, from, request, status, bytes, agent } = hit;
    Record::plain(at, format!("{from} - - [{}] \"{request} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\"", clock::apache(at)))
}

/// A browser.
pub(crate) fn browser(rng: &mut Rng) -> &'static str {
    rng.pick(AGENTS)
}

/// Requests of visitors and, one in five, of scanners that find nothing.
#[derive(Clone, Debug)]
pub(crate) struct Visits {
    /// requests
    pub(crate) count: u32,
    /// the time in which they lie
    pub(crate) span: (Second, Second),
}

impl Ordinary for Visits {
    fn span(&self) -> (Second, Second) {
        self.span
    }

    fn marks(&self) -> u64 {
        u64::from(self.count)
    }

    fn records(&self) -> u64 {
        u64::from(self.count)
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        for _ in 0..self.count {
            let (place, visit) = (rng.place(), Visit::draw(world, rng, self.span));
            mark(Mark { at: visit.at, place, kind: 0 });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, _: Mark, records: &mut Vec<Record>) {
        let Visit { at, from, target, status, bytes, agent } = Visit::draw(world, rng, self.span);
        let (from, request) = (from.to_string(), format!("GET {target}"));
        records.push(line(Hit { at, from: &from, request: &request, status, bytes, agent }));
    }
}

struct Visit {
    at: Second,
    from: Ipv4Addr,
    target: &'static str,
    status: u16,
    bytes: i64,
    agent: &'static str,
}

impl Visit {
    fn draw(world: &World, rng: &mut Rng, span: (Second, Second)) -> Self {
        let at = rng.range(span.0, span.1);
        let from = if rng.chance(85) { rng.stranger() } else { world.bystander(rng) };
        let probing = rng.chance(20);
        let target = rng.pick_skewed(if probing { PROBES } else { PAGES });
        let (status, bytes) = if probing { (404, 196) } else { (200, rng.range(900, 60_000)) };
        let agent = if probing { "Mozilla/5.0 zgrab/0.x" } else { browser(rng) };
        Self { at, from, target, status, bytes, agent }
    }
}
