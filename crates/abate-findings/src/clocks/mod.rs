//! How far the clocks of the logs are apart, told from acts that two logs saw.
//!
//! AWS's own services write times of clocks that are in step and in UTC; a host writes its own. Where a host's log and one of AWS's saw the same act
//! (a connection, a visit, a request), or where a host wrote it down both with its zone and without (a sign-in), the two times tell how far the clock is off.
//!
//! - *An act* is known by something rare: the address with its port, the address with what it asked for. What comes again and again is left out.
//! - *Each act allows a range of distances*, since a flow record is a span of up to ten minutes and its packets may have been seen a minute
//!   earlier than it says. The distance that most acts allow is taken (`votes.rs`); it is an estimate only when enough acts agree, and most of those
//!   that were found in both.
//! - *Memory is bounded*: of each clock a sample of addresses is kept, with some acts each; which ones is decided by their hashes. The rows of
//!   AWS's are only looked up in it. An address with a hundred thousand tries has no more votes than one with sixteen.
//!
//! Nothing here changes a time.

mod votes;
mod words;

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use abate_model::rows::{AuthOutcome, Authentication, FlowAction, FlowStatus, HttpActivity};
use abate_model::{Ahead, Body, Clock, Evidence, Filter, Row, SeenTwice, Table, TimeWindow, ZoneCertainty};
use jiff::{SignedDuration, Timestamp};

use votes::{Range, Vote};

/// Seconds that a clock may be off and still be told: the largest offset of a zone (14 hours), and one hour of drift.
const MOST_APART: i64 = 15 * 3600;

/// Addresses that are kept of all clocks, and of one.
const ADDRESSES: (usize, usize) = (8_192, 2_048);

/// Acts that are kept of one address.
const ACTS: usize = 64;

/// Votes of one address.
const VOTES: usize = 16;

/// Clocks that are looked at.
const CLOCKS: usize = 1_024;

/// What is less than this many seconds apart is one act that goes on: more than the longest interval of a flow log.
const GOES_ON: i64 = 660;

/// How often an act may begin anew and still be told apart.
const BEGINS: usize = 2;

/// Seconds by which the packets of a flow may be earlier than its record says.
/// Source: VPC User Guide, "Flow log records", `start` and `end`.
const LATE: i64 = 60;

/// Seconds within which a host writes down a connection, unless it ends earlier: the time sshd gives for signing in.
/// Source: `sshd_config(5)`, `LoginGraceTime`.
const GRACE: i64 = 120;

/// Seconds by which two logs of a request, or of a sign-in, may differ: begin or end of it, and parts of seconds.
const SAME: i64 = 5;

/// What is looked at of rows.
const AUTH: &[&str] =
    &["time", "time_certainty", "source", "service", "host", "account", "region", "user", "record_source", "source_port", "outcome"];
const HTTP: &[&str] = &["time", "time_certainty", "source", "client", "method", "target", "forwarded_for", "account", "region"];
const FLOW: &[&str] =
    &["time", "source", "interface_id", "account", "region", "src", "dst", "pkt_src", "src_port", "dst_port", "end", "action", "status"];

/// Compares the clocks of the logs that hosts wrote with better ones.
#[must_use]
pub fn compare(evidence: &dyn Evidence) -> Vec<Clock> {
    let mut own = Own::of(evidence);
    own.collect(evidence);
    let connections = own.wanted(|samples| &samples.connections);
    let visits = own.wanted(|samples| &samples.visits);
    let (connections, visits) = own.flows(evidence, connections, visits);
    let requests = own.requests(evidence);
    let found = Found { connections, visits, requests, sign_ins: own.sign_ins(evidence), alone: own.is_alone() };
    own.clocks.iter().map(|(who, samples)| own.clock(who, samples, &found)).chain(own.too_many()).collect()
}

/// Something that somebody did: who, and what, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Act {
    address: IpAddr,
    what: u64,
}

impl Act {
    fn new(address: IpAddr, what: impl Hash) -> Self {
        Self { address: address.to_canonical(), what: hash(what) }
    }

    fn connection(address: IpAddr, port: u16, service: Service) -> Self {
        Self::new(address, ("connection", port, service))
    }

    fn visit(address: IpAddr, service: Service) -> Self {
        Self::new(address, ("visit", service))
    }

    fn request(address: IpAddr, http: &HttpActivity<'_>) -> Option<Self> {
        (!http.method.is_empty()).then(|| Self::new(address, ("request", &http.method, &http.target)))
    }

    fn sign_in(auth: &Authentication<'_>) -> Option<Self> {
        // Who it was is not compared: one log has a name, the other a number.
        let told = matches!(auth.outcome, AuthOutcome::Success | AuthOutcome::Failure);
        Some(Self::new(auth.source.filter(|_| told)?, ("sign-in", auth.outcome)))
    }
}

fn hash(of: impl Hash) -> u64 {
    // Without a key, so that every run makes the same choice.
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A service of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Service {
    Shell,
    Windows,
    Web,
}

impl Service {
    fn of_sign_in(auth: &Authentication<'_>) -> Option<Self> {
        match auth.service.as_ref() {
            "sshd" | "login" => Some(Self::Shell),
            "windows" | "rdp" => Some(Self::Windows),
            _ => None,
        }
    }

    /// Where it listens, as a rule.
    const fn ports(self) -> &'static [u16] {
        match self {
            Self::Shell => &[22, 2222, 22222],
            Self::Windows => &[139, 445, 3389, 5985, 5986],
            Self::Web => &[80, 443, 8080, 8443],
        }
    }
}

/// A stretch in which an act went on, in Unix seconds.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    begin: i64,
    /// end of its first record
    first: i64,
    end: i64,
}

/// When an act was seen.
#[derive(Clone, Debug, Default)]
struct Seen {
    stretches: Vec<Stretch>,
    /// whether it is so common that it tells nothing
    common: bool,
}

impl Seen {
    /// Notes a record; they come by the time of their begin.
    fn note(&mut self, begin: i64, end: i64) {
        let end = end.max(begin);
        if let Some(last) = self.stretches.last_mut().filter(|last| begin - last.end <= GOES_ON) {
            last.end = last.end.max(end);
        } else if self.stretches.len() < BEGINS && !self.common {
            self.stretches.push(Stretch { begin, first: end, end });
        } else {
            self.common = true;
            self.stretches.clear();
        }
    }

    fn rare(&self) -> &[Stretch] {
        if self.common { &[] } else { &self.stretches }
    }
}

/// Acts of some addresses: those whose hashes are lowest, whatever the order they come in.
#[derive(Debug, Default)]
struct Sample(BTreeMap<(u64, IpAddr), BTreeMap<u64, Seen>>);

impl Sample {
    fn note(&mut self, act: Act, at: i64, most: usize) {
        let Some(acts) = lowest(&mut self.0, (hash(act.address), act.address), most) else { return };
        if let Some(seen) = lowest(acts, act.what, ACTS) {
            seen.note(at, at);
        }
    }

    fn iter(&self) -> impl Iterator<Item = (Act, &Seen)> {
        self.0.iter().flat_map(|((_, address), acts)| acts.iter().map(|(what, seen)| (Act { address: *address, what: *what }, seen)))
    }
}

/// The entry of a key in a map that keeps the lowest keys only; `None` when the key is not among them.
fn lowest<K: Ord, V: Default>(map: &mut BTreeMap<K, V>, key: K, most: usize) -> Option<&mut V> {
    if map.len() >= most && !map.contains_key(&key) {
        if map.last_key_value().is_none_or(|(last, _)| *last < key) {
            return None;
        }
        map.pop_last();
    }
    Some(map.entry(key).or_default())
}

/// Whose clock it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    format: String,
    /// none for requests, which name the site and not the machine
    host: Option<String>,
    zone: ZoneCertainty,
}

/// What a clock wrote down.
#[derive(Debug, Default)]
struct Samples {
    connections: Sample,
    visits: Sample,
    requests: Sample,
    sign_ins: Sample,
}

/// What better clocks wrote down of the same acts.
struct Found {
    connections: Other,
    visits: Other,
    requests: Other,
    sign_ins: Other,
    /// whether sign-ins without a host's name are those of the one host that there is
    alone: bool,
}

/// What another log wrote down of the acts that are wanted.
#[derive(Debug, Default)]
struct Other {
    /// by the host that it names, where it names one
    seen: HashMap<(Act, Option<String>), Seen>,
    /// readers of the logs
    formats: BTreeSet<String>,
    /// from when to when it has records of this kind at all, in Unix seconds
    span: Option<Range>,
}

/// The clocks of the hosts.
struct Own<'e> {
    /// reader of each source
    formats: Vec<&'e str>,
    /// whether it is one that only AWS's logs have
    by_aws: Vec<bool>,
    clocks: BTreeMap<Who, Samples>,
    /// addresses that are kept of each
    most: usize,
    /// from when to when they wrote, in Unix seconds
    span: Option<Range>,
    /// clocks that were left out, by their reader
    left_out: BTreeMap<String, BTreeSet<u64>>,
    /// whether there are sign-ins with a zone
    zoned: bool,
    /// services that were used
    services: BTreeSet<Service>,
}

impl<'e> Own<'e> {
    fn of(evidence: &'e dyn Evidence) -> Self {
        let coverage = evidence.coverage();
        let aws: BTreeSet<&str> = coverage.iter().filter(|c| c.by_aws).map(|c| c.format.as_str()).collect();
        let formats: Vec<&str> = evidence.sources().iter().map(|s| s.format.as_deref().unwrap_or_default()).collect();
        let by_aws = formats.iter().map(|format| aws.contains(format)).collect();
        let scopes: BTreeSet<_> = coverage
            .iter()
            .filter(|c| !c.by_aws && matches!(c.table, Table::Authentication | Table::HttpActivity))
            .map(|c| (&c.format, c.scope.host.as_deref().filter(|_| c.table == Table::Authentication)))
            .collect();
        let most = (ADDRESSES.0 / scopes.len().max(1)).clamp(16, ADDRESSES.1);
        Self {
            formats,
            by_aws,
            clocks: BTreeMap::new(),
            most,
            span: None,
            left_out: BTreeMap::new(),
            zoned: false,
            services: BTreeSet::new(),
        }
    }

    fn format(&self, row: &Row<'_>) -> &'e str {
        self.formats.get(row.source as usize).copied().unwrap_or_default()
    }

    /// Whether AWS wrote a row: only AWS's logs know accounts and network interfaces.
    fn is_aws(&self, row: &Row<'_>) -> bool {
        let [account, _, host] = row.body.place();
        let interface = row.table() == Table::NetworkActivity && host.is_some_and(|host| host.starts_with("eni-"));
        interface || account.is_some() || self.by_aws.get(row.source as usize) == Some(&true)
    }

    /// The clock that wrote a row.
    fn samples(&mut self, row: &Row<'_>, host: Option<&str>, at: i64) -> Option<(&mut Samples, usize)> {
        let who = Who { format: self.format(row).to_owned(), host: host.map(str::to_owned), zone: row.zone };
        if self.clocks.len() >= CLOCKS && !self.clocks.contains_key(&who) {
            let left_out = self.left_out.entry(who.format).or_default();
            if left_out.len() < CLOCKS {
                left_out.insert(hash(who.host));
            }
            return None;
        }
        self.span = Some(self.span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
        Some((self.clocks.entry(who).or_default(), self.most))
    }

    /// Reads what the hosts wrote.
    fn collect(&mut self, evidence: &dyn Evidence) {
        evidence.each(&Filter::table(Table::Authentication).with(AUTH), &mut |row| {
            let (Body::Auth(auth), Some(at)) = (&row.body, row.at.map(Timestamp::as_second)) else { return };
            let (Some(service), Some(address), false) = (Service::of_sign_in(auth), auth.source, self.is_aws(row)) else { return };
            self.zoned |= row.zone == ZoneCertainty::Stated;
            self.services.insert(service);
            let Some((samples, most)) = self.samples(row, auth.host.as_deref(), at) else { return };
            match auth.source_port {
                Some(port) => samples.connections.note(Act::connection(address, port, service), at, most),
                None => samples.visits.note(Act::visit(address, service), at, most),
            }
            if let Some(act) = Act::sign_in(auth).filter(|_| row.zone != ZoneCertainty::Stated) {
                samples.sign_ins.note(act, at, most);
            }
        });
        let mut direct = false;
        evidence.each(&Filter::table(Table::HttpActivity).with(HTTP), &mut |row| {
            let (Body::Http(http), Some(at)) = (&row.body, row.at.map(Timestamp::as_second)) else { return };
            if self.is_aws(row) {
                return;
            }
            // The last proxy wrote the last address; the others are whatever the client said.
            let passed_on = http.forwarded_for.as_deref().map(|list| list.rsplit(',').next().unwrap_or_default().trim());
            let Some(address) = passed_on.map_or_else(|| http.client_addr(), |last| last.parse().ok()) else { return };
            let Some((samples, most)) = self.samples(row, None, at) else { return };
            if passed_on.is_none() {
                direct = true;
                samples.visits.note(Act::visit(address, Service::Web), at, most);
            }
            if let Some(act) = Act::request(address, http) {
                samples.requests.note(act, at, most);
            }
        });
        self.services.extend(direct.then_some(Service::Web));
    }

    /// The acts that are looked for in other logs.
    fn wanted(&self, of: impl Fn(&Samples) -> &Sample) -> HashMap<(Act, Option<String>), Seen> {
        self.clocks.values().flat_map(|samples| of(samples).iter()).map(|(act, _)| ((act, None), Seen::default())).collect()
    }

    /// When other logs may have seen the acts.
    fn window(&self) -> Option<TimeWindow> {
        let at = |second| Timestamp::from_second(second).ok();
        let (from, to) = self.span?;
        Some(TimeWindow::new(at(from)?, at(to)?).widened(SignedDuration::from_secs(MOST_APART + GOES_ON)))
    }

    /// What flow records show of connections and visits.
    fn flows(
        &self,
        evidence: &dyn Evidence,
        connections: HashMap<(Act, Option<String>), Seen>,
        visits: HashMap<(Act, Option<String>), Seen>,
    ) -> (Other, Other) {
        let (connections, visits) = (Other { seen: connections, ..Other::default() }, Other { seen: visits, ..Other::default() });
        let mut both = [connections, visits];
        let Some(window) = self.window().filter(|_| both.iter().any(|other| !other.seen.is_empty())) else { return both.into() };
        for service in &self.services {
            // Of the traffic to other services nothing is read.
            let flows = Filter::table(Table::NetworkActivity).within(window).to_ports(service.ports()).with(FLOW);
            evidence.each(&flows, &mut |row| {
                let (Body::Net(net), Some(at)) = (&row.body, row.at.map(Timestamp::as_second)) else { return };
                let refused = net.action == Some(FlowAction::Reject) || net.status != FlowStatus::Ok;
                let Some(address) = net.pkt_src.or(net.src).filter(|_| !refused && self.is_aws(row)) else { return };
                let end = net.end.map_or(at, Timestamp::as_second);
                let acts = [net.src_port.map(|port| Act::connection(address, port, *service)), Some(Act::visit(address, *service))];
                for (other, act) in both.iter_mut().zip(acts) {
                    other.reaches(at);
                    if let Some(seen) = act.and_then(|act| other.seen.get_mut(&(act, None))) {
                        seen.note(at, end);
                        other.came_from(self.format(row));
                    }
                }
            });
        }
        both.into()
    }

    /// What load balancers and the like show of requests.
    fn requests(&self, evidence: &dyn Evidence) -> Other {
        let mut other = Other { seen: self.wanted(|samples| &samples.requests), ..Other::default() };
        let Some(window) = self.window().filter(|_| !other.seen.is_empty() && self.by_aws.contains(&true)) else { return other };
        evidence.each(&Filter::table(Table::HttpActivity).within(window).with(HTTP), &mut |row| {
            let (Body::Http(http), Some(at)) = (&row.body, row.at.map(Timestamp::as_second)) else { return };
            let act = http.client_addr().filter(|_| self.is_aws(row)).and_then(|address| Act::request(address, http));
            if act.is_some() {
                other.reaches(at);
            }
            if let Some(seen) = act.and_then(|act| other.seen.get_mut(&(act, None))) {
                seen.note(at, at);
                other.came_from(self.format(row));
            }
        });
        other
    }

    /// What the hosts wrote down with a zone of the sign-ins that they wrote down without one.
    fn sign_ins(&self, evidence: &dyn Evidence) -> Other {
        let mut other = Other::default();
        let zoneless = || self.clocks.iter().filter(|(who, _)| who.zone != ZoneCertainty::Stated);
        let wanted: HashSet<Act> =
            zoneless().flat_map(|(_, s)| s.sign_ins.iter().chain(s.connections.iter())).map(|(act, _)| act).collect();
        let hosts: BTreeSet<Option<&str>> = zoneless().map(|(who, _)| who.host.as_deref()).chain([None]).collect();
        if wanted.is_empty() || !self.zoned {
            return other;
        }
        evidence.each(&Filter::table(Table::Authentication).with(AUTH), &mut |row| {
            let (Body::Auth(auth), Some(at)) = (&row.body, row.at.map(Timestamp::as_second)) else { return };
            let Some(service) = Service::of_sign_in(auth) else { return };
            if row.zone != ZoneCertainty::Stated || self.is_aws(row) || !hosts.contains(&auth.host.as_deref()) {
                return;
            }
            let connection = auth.source.zip(auth.source_port).map(|(address, port)| Act::connection(address, port, service));
            for act in [Act::sign_in(auth), connection].into_iter().flatten().filter(|act| wanted.contains(act)) {
                other.seen.entry((act, auth.host.as_deref().map(str::to_owned))).or_default().note(at, at);
                other.came_from(self.format(row));
            }
        });
        other
    }

    /// A log without a host's name may be any host's, unless there is only one.
    fn is_alone(&self) -> bool {
        let hosts: BTreeSet<&Option<String>> = self.clocks.keys().filter(|who| who.host.is_some()).map(|who| &who.host).collect();
        hosts.len() <= 1
    }

    /// What can be said of a clock.
    fn clock(&self, who: &Who, samples: &Samples, found: &Found) -> Clock {
        let by_flow = |begin: i64, it: &Stretch| {
            let latest = it.end.min(it.first.max(it.begin + GRACE));
            (begin - latest, begin + LATE - it.begin)
        };
        let by_instant = |begin: i64, it: &Stretch| (begin - it.begin - SAME, begin - it.begin + SAME);
        // One log may name a connection when it begins, the other when somebody has signed in.
        let by_session = |begin: i64, it: &Stretch| (begin - it.begin - GRACE, begin - it.begin + SAME);
        let near = |range: &Range| range.1 >= -MOST_APART && range.0 <= MOST_APART;
        let count = |sample: &Sample, other: &Other, hosts: &[&Option<String>], range: &dyn Fn(i64, &Stretch) -> Range| {
            let vote = |(act, seen): (Act, &Seen)| {
                let others = hosts.iter().filter_map(|host| other.seen.get(&(act, (*host).clone()))).flat_map(Seen::rare);
                let ranges = others.flat_map(|it| seen.rare().iter().map(|mine| range(mine.begin, it))).filter(near).collect();
                Vote::of(act.address, ranges)
            };
            let mut votes: Vec<Vote> = sample.iter().filter_map(vote).collect();
            let (mut of, mut cast) = (None, 0);
            // Those of one address stand together.
            votes.retain(|vote| {
                cast = if of == Some(vote.address) { cast + 1 } else { 1 };
                of = Some(vote.address);
                cast <= VOTES
            });
            votes::count(&votes)
        };
        let any = [&None];
        let named: Vec<&Option<String>> =
            [&who.host].into_iter().filter(|host| host.is_some()).chain(any.iter().copied().filter(|_| found.alone)).collect();
        let nothing = Sample::default();
        let zoneless = if who.zone == ZoneCertainty::Stated { &nothing } else { &samples.connections };
        let told = [
            (SeenTwice::Connection, &samples.connections, &found.connections, &any[..], &by_flow as &dyn Fn(i64, &Stretch) -> Range),
            (SeenTwice::Request, &samples.requests, &found.requests, &any[..], &by_instant),
            (SeenTwice::Visit, &samples.visits, &found.visits, &any[..], &by_flow),
            (SeenTwice::SignIn, &samples.sign_ins, &found.sign_ins, &named[..], &by_instant),
            (SeenTwice::SignIn, zoneless, &found.sign_ins, &named[..], &by_session),
        ];
        let told = told.map(|(by, sample, other, hosts, range)| {
            let count = count(sample, other, hosts, range);
            let ought = count.ahead.first().map_or(0, |ahead| other.ought(sample, *ahead));
            words::Told { by, count, ought, against: other.formats.iter().cloned().collect() }
        });
        words::clock(who, &told)
    }

    /// The clocks that were left out.
    fn too_many(&self) -> impl Iterator<Item = Clock> {
        self.left_out.iter().map(|(format, hosts)| words::left_out(format, hosts.len()))
    }
}

impl Other {
    fn reaches(&mut self, at: i64) {
        self.span = Some(self.span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
    }

    /// How many acts of a sample it ought to have if the sample's clock were so far ahead.
    fn ought(&self, sample: &Sample, ahead: Ahead) -> u64 {
        let Some((from, to)) = self.span else { return 0 };
        let inside = |it: &Stretch| (from + GOES_ON..=to - GOES_ON).contains(&(it.begin - ahead.from.midpoint(ahead.to)));
        let of_address = |acts: &BTreeMap<u64, Seen>| acts.values().filter(|seen| seen.rare().iter().any(inside)).count().min(VOTES);
        sample.0.values().map(of_address).sum::<usize>() as u64
    }

    fn came_from(&mut self, format: &str) {
        if !self.formats.contains(format) {
            self.formats.insert(format.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
