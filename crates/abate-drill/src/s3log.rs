//! Server access logs of S3: the line form, and the ordinary readers of a bucket with a public site. It holds no attack.

use std::net::Ipv4Addr;

use crate::clock::{self, Second};
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
use crate::rng::Rng;
use crate::weblog;
use crate::world::World;

/// A request and its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// when
    pub(crate) at: Second,
    /// client
    pub(crate) from: &'a str,
    /// ARN or canonical id of who asks; `-` for anonymous requests
    pub(crate) who: &'a str,
    /// such as `REST.GET.OBJECT`
    pub(crate) operation: &'a str,
    /// key, `-` for requests to the bucket
    pub(crate) key: &'a str,
    /// status code
    pub(crate) status: u16,
    /// error code, `-` if none
    pub(crate) error: &'a str,
    /// bytes sent, and size of the object
    pub(crate) bytes: (i64, i64),
    /// user agent
    pub(crate) agent: &'a str,
}

/// The line for a request to a bucket.
pub(crate) fn line(world: &World, rng: &mut Rng, bucket: &str, request: Request<'_>) -> Record {
    let Request { at, from, who, operation, key, status, error, bytes: (sent, size), agent } = request;
    let owner = Rng::stream(0, world.account).hex(64);
    let verb = operation.split('.').nth(1).unwrap_or("GET");
    let target = if key == "-" { format!("/?list-type=2&prefix={}", "") } else { format!("/{key}") };
    let number = |n: i64| if n > 0 { n.to_string() } else { "-".to_owned() };
    let (signed, way) = if who == "-" { ("-", "-") } else { ("SigV4", "AuthHeader") };
    let host = format!("{bucket}.s3.{}.amazonaws.com", world.region);
    let text = format!(
        "{owner} {bucket} [{}] {from} {who} {} {operation} {key} \"{verb} {target} HTTP/1.1\" {status} {error} {} {} {} {} \"-\" \"{agent}\" - {}= {signed} TLS_AES_128_GCM_SHA256 {way} {host} TLSv1.3 - -",
        clock::apache(at),
        rng.upper(16),
        number(sent),
        number(size),
        rng.range(8, 90),
        rng.range(4, 40),
        rng.alnum(75),
    );
    Record::plain(at, text)
}

const SITE: &[&str] = &["index.html", "assets/site.css", "assets/site.js", "images/top.webp", "news/index.html", "images/logo.svg"];
const TRIED: &[&str] = &[".env", "backup.zip", ".git/config", "wp-login.php"];

/// Readers of the company's site, and strangers who ask for what is not there.
#[derive(Clone, Debug)]
pub(crate) struct Reads {
    /// bucket
    pub(crate) bucket: String,
    /// requests
    pub(crate) count: u32,
    /// the time in which they lie
    pub(crate) span: (Second, Second),
}

impl Ordinary for Reads {
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
            let place = rng.place();
            let read = self.draw(world, rng);
            mark(Mark { at: read.at, place, kind: 0 });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, _: Mark, records: &mut Vec<Record>) {
        records.push(self.draw(world, rng));
    }
}

impl Reads {
    fn draw(&self, world: &World, rng: &mut Rng) -> Record {
        let at = rng.range(self.span.0, self.span.1);
        let from: Ipv4Addr = if rng.chance(85) { rng.stranger() } else { world.bystander(rng) };
        let trying = rng.chance(8);
        let key = rng.pick_skewed(if trying { TRIED } else { SITE });
        let size = rng.range(700, 90_000);
        let (status, error, bytes) = if trying { (404, "NoSuchKey", (273, 0)) } else { (200, "-", (size, size)) };
        let agent = weblog::browser(rng);
        let from = from.to_string();
        line(
            world,
            rng,
            &self.bucket,
            Request { at, from: &from, who: "-", operation: "REST.GET.OBJECT", key, status, error, bytes, agent },
        )
    }
}
