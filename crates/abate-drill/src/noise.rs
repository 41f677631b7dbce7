//! What a company does all day and what might be taken for an attack: backups, updates that fan out to mirrors, agents that
//! call home, an own crawler, a newsletter, scanners of vendors and of strangers. A scenario draws some of it; the first
//! and the last records of each kind are marked as misleading, and none of them is part of the incident.

use crate::clock::{HOUR, Second};
use crate::flow::{Connection, INTERVAL, TCP, UDP};
use crate::folder::Record;
use crate::rng::Rng;
use crate::world::{Host, World};

/// A kind of ordinary traffic that may mislead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Noise {
    /// gigabytes to a bucket
    #[default]
    Backup,
    /// packages from dozens of mirrors
    Updates,
    /// an agent that calls home once a minute, always with as many bytes
    Heartbeat,
    /// pages of partners, every night
    Crawler,
    /// thousands of lookups
    Lookups,
    /// the time, far too often
    Clock,
    /// mails to the smart host
    Newsletter,
    /// layers of container images
    Images,
    /// a stranger knocks at a thousand ports
    Stranger,
    /// the vendor whom the company pays for that knocks at all ports
    Vendor,
    /// our monitoring asks whether customers' sites are up
    Monitoring,
    /// a load balancer asks whether we are up
    Health,
}

const ALL: [Noise; 12] = [
    Noise::Backup,
    Noise::Updates,
    Noise::Heartbeat,
    Noise::Crawler,
    Noise::Lookups,
    Noise::Clock,
    Noise::Newsletter,
    Noise::Images,
    Noise::Stranger,
    Noise::Vendor,
    Noise::Monitoring,
    Noise::Health,
];

/// Marks the first three and the last of some records as misleading, and the others as nothing of interest.
pub(crate) fn mislead(mut records: Vec<Record>, why: &'static str) -> Vec<Record> {
    records.sort_by_key(|record| record.at);
    let last = records.len().saturating_sub(1);
    records.into_iter().enumerate().map(|(n, record)| if n < 3 || n == last { record.decoy(why) } else { record.aside() }).collect()
}

/// Draws so many kinds of it, but none of those to avoid, on the host that the report names. `hours` are those before and
/// after the incident in which there are flow logs.
pub(crate) fn draw(world: &World, rng: &mut Rng, host: &Host, hours: (i64, i64), avoid: &[Noise], count: usize) -> Vec<Record> {
    let mut left: Vec<Noise> = ALL.into_iter().filter(|kind| !avoid.contains(kind)).collect();
    let mut records = Vec::new();
    for _ in 0..count.min(left.len()) {
        let kind = left.swap_remove(rng.index(left.len()));
        // Near the incident, where it misleads, but at least an hour from the ends of the logs.
        let at = world.incident + rng.range((1 - hours.0) * HOUR, (hours.1 - 2).min(4) * HOUR);
        records.extend(kind.records(world, rng, host, at));
    }
    records
}

impl Noise {
    /// Its records from a time on.
    pub(crate) fn records(self, world: &World, rng: &mut Rng, host: &Host, at: Second) -> Vec<Record> {
        let out = Out { world, host };
        match self {
            Self::Backup => mislead(out.backup(rng, at), "the nightly backup to the company's own bucket"),
            Self::Updates => mislead(out.updates(rng, at), "package updates from mirrors"),
            Self::Heartbeat => mislead(out.heartbeat(rng, at), "the agent of the monitoring service, which calls home every minute"),
            Self::Crawler => mislead(out.many(rng, at, (50, 70), &[443], (2, 9)), "the nightly price comparison reads partners' shops"),
            Self::Lookups => mislead(out.lookups(rng, at), "log analysis looks up the names of visitors"),
            Self::Clock => mislead(out.clock(rng, at), "a time daemon that asks too often"),
            Self::Newsletter => mislead(out.newsletter(rng, at), "the customers' newsletter through the smart host"),
            Self::Images => mislead(out.images(rng, at), "container images from the registry"),
            Self::Stranger => mislead(out.knocks(rng, at, None), "a stranger knocks at many ports, as everywhere on the Internet"),
            Self::Vendor => {
                let from = vendor(world);
                mislead(out.knocks(rng, at, Some(&from)), "the yearly scan by the vendor whom the company has hired")
            }
            Self::Monitoring => mislead(out.many(rng, at, (14, 20), &[443, 80], (20, 50)), "our monitoring looks at customers' sites"),
            Self::Health => mislead(out.health(rng, at), "health checks of the load balancer"),
        }
    }
}

/// The address of the vendor who scans the company; named in its papers.
pub(crate) fn vendor(world: &World) -> String {
    let last = world.company.bytes().fold(0_u8, u8::wrapping_add) % 200 + 20;
    format!("198.18.248.{last}")
}

struct Out<'a> {
    world: &'a World,
    host: &'a Host,
}

impl Out<'_> {
    /// A connection of the host to another.
    fn to(&self, server: (&str, i64), protocol: u8, span: (Second, Second), there: (i64, i64), back: (i64, i64)) -> Vec<Record> {
        let (at, seconds) = span;
        let client = (self.host.private.as_str(), 32_768 + (at * 1_009 + server.1).rem_euclid(28_000));
        Connection { host: self.host, client, server, protocol, at, seconds, there, back }.lines(self.world)
    }

    fn backup(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        let bucket = format!("198.18.240.{}", rng.range(1, 9));
        (0..rng.range(12, 24))
            .flat_map(|n| {
                let packets = rng.range(30_000, 190_000);
                let (start, seconds) = (at + n * 70, rng.range(50, 200));
                self.to((&bucket, 443), TCP, (start, seconds), (packets, packets * 1_440), (packets / 3, packets * 18))
            })
            .collect()
    }

    fn updates(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        (0..rng.range(25, 50))
            .flat_map(|n| {
                let (mirror, port) = (format!("198.18.250.{}", rng.range(10, 250)), rng.pick(&[80_i64, 443]));
                let size = rng.range(20_000, 9_000_000);
                self.to((&mirror, port), TCP, (at + n * 4, rng.range(1, 12)), (12 + size / 3000, 900 + size / 55), (10 + size / 1400, size))
            })
            .collect()
    }

    fn heartbeat(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        let (home, bytes) = (format!("198.18.247.{}", rng.range(1, 250)), (rng.range(900, 1_400), rng.range(2_800, 5_200)));
        (0..rng.range(80, 140)).flat_map(|n| self.to((&home, 443), TCP, (at + n * 60, 1), (9, bytes.0), (8, bytes.1))).collect()
    }

    /// Connections to so many hosts of others.
    fn many(&self, rng: &mut Rng, at: Second, hosts: (i64, i64), ports: &[i64], pause: (i64, i64)) -> Vec<Record> {
        let (count, pause) = (rng.range(hosts.0, hosts.1), rng.range(pause.0, pause.1));
        (0..count)
            .flat_map(|n| {
                let (other, port, size) = (rng.stranger().to_string(), rng.pick(ports), rng.range(8_000, 240_000));
                self.to((&other, port), TCP, (at + n * pause, 2), (14, rng.range(1_500, 2_400)), (10 + size / 1400, size))
            })
            .collect()
    }

    fn lookups(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        (0..rng.range(20, 40))
            .flat_map(|n| {
                let (packets, resolver) = (rng.range(200, 900), rng.pick(&["198.18.251.53", "198.18.251.54"]));
                self.to((resolver, 53), UDP, (at + n * 60, 58), (packets, packets * 71), (packets, packets * rng.range(90, 160)))
            })
            .collect()
    }

    fn clock(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        (0..rng.range(30, 50)).flat_map(|n| self.to(("198.18.251.4", 123), UDP, (at + n * 64, 40), (20, 1_520), (20, 1_520))).collect()
    }

    fn newsletter(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        (0..rng.range(60, 110))
            .flat_map(|n| self.to(("198.18.245.25", 587), TCP, (at + n * 3, 2), (24, rng.range(14_000, 22_000)), (19, 3_900)))
            .collect()
    }

    fn images(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        (0..rng.range(8, 18))
            .flat_map(|n| {
                let size = rng.range(2_000_000, 180_000_000);
                let registry = format!("198.18.249.{}", rng.range(1, 12));
                self.to((&registry, 443), TCP, (at + n * 5, 20), (40 + size / 4_200, size / 70), (size / 1_400, size))
            })
            .collect()
    }

    fn health(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        let start = at - at.rem_euclid(INTERVAL);
        let balancer = self.host.private.rsplit_once('.').map(|(net, _)| format!("{net}.{}", rng.range(220, 250))).unwrap_or_default();
        (0..rng.range(10, 18))
            .flat_map(|n| {
                let (client, server) = ((balancer.as_str(), rng.range(1_024, 65_000)), (self.host.private.as_str(), 80));
                let seconds = INTERVAL - 20;
                let connection = Connection {
                    host: self.host,
                    client,
                    server,
                    protocol: TCP,
                    at: start + n * INTERVAL,
                    seconds,
                    there: (120, 9_600),
                    back: (100, 14_000),
                };
                connection.lines(self.world)
            })
            .collect()
    }

    /// Somebody knocks at many ports of the host; what is open, answers.
    fn knocks(&self, rng: &mut Rng, at: Second, from: Option<&str>) -> Vec<Record> {
        let source = from.map_or_else(|| rng.stranger().to_string(), str::to_owned);
        (0..rng.range(60, 120))
            .map(|n| {
                let port = rng.range(1, 10_000);
                let client = (source.as_str(), rng.range(32_768, 60_999));
                let server = (self.host.private.as_str(), port);
                Connection { host: self.host, client, server, protocol: TCP, at: at + n / 3, seconds: 0, there: (1, 44), back: (0, 0) }
                    .refused(self.world)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Role;

    #[test]
    fn every_kind_names_itself_innocent_and_stays_in_order() {
        let world = World::new(6, "noise");
        for kind in ALL {
            let records = kind.records(&world, &mut Rng::stream(6, "noise"), &world.batch, world.incident);
            let decoys = records.iter().filter(|record| record.role == Role::Decoy && record.why.is_some()).count();
            assert_eq!(decoys, 4, "{kind:?}");
            assert!(records.iter().all(|record| matches!(record.role, Role::Decoy | Role::Aside)), "{kind:?}");
            assert!(records.is_sorted_by_key(|record| record.at) && records.len() >= 10, "{kind:?}: {}", records.len());
        }
    }

    #[test]
    fn what_is_to_be_avoided_is_not_drawn() {
        let world = World::new(6, "noise");
        let avoid: Vec<Noise> = ALL.into_iter().filter(|kind| *kind != Noise::Clock).collect();
        let records = draw(&world, &mut Rng::stream(6, "noise"), &world.web, (4, 8), &avoid, 5);
        assert!(!records.is_empty() && records.iter().all(|record| record.text.contains(" 198.18.251.4 ")));
    }
}
