//! The access log of a web server (Apache, combined form): visitors and scanners. It holds no attack.

use crate::clock::{self, Second};
use crate::folder::Record;
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

/// `count` requests of visitors and, one in five, of scanners that find nothing.
pub(crate) fn ordinary(world: &World, rng: &mut Rng, count: u32, span: (Second, Second)) -> Vec<Record> {
    (0..count)
        .map(|_| {
            let at = rng.range(span.0, span.1);
            let from = if rng.chance(85) { rng.stranger() } else { world.bystander(rng) };
            let probing = rng.chance(20);
            let target = rng.pick_skewed(if probing { PROBES } else { PAGES });
            let (status, bytes) = if probing { (404, 196) } else { (200, rng.range(900, 60_000)) };
            let agent = if probing { "Mozilla/5.0 zgrab/0.x" } else { browser(rng) };
            line(Hit { at, from: &from, request: &format!("GET {target}"), status, bytes, agent })
        })
        .collect()
}
