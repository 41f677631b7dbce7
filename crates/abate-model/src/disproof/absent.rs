//! Proof that what is reported did not happen: the flow logs of every interface of the resource are whole, and it is not in them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::ControlFlow;

use jiff::SignedDuration;

use super::{Doubt, all_was_read, all_was_seen, ends, is_hidden};
use crate::evidence::GapFree;
use crate::rows::{Direction, FlowAction, FlowStatus, NetworkActivity};
use crate::{
    Body, Category, Cite, Clock, Coverage, Evidence, Filter, Notice, ReportedActivity, Resource, Row, SourceNo, Table, TimeWindow,
    ZoneCertainty,
};

/// A record stands at the time at which its interval began, up to ten minutes before what it counts, and may come late by another.
/// Source: VPC User Guide, "Flow log records", aggregation interval.
const INTERVAL: SignedDuration = SignedDuration::from_mins(10);
/// Packets that make a connection of which both sides must be seen.
const CONVERSATION: u64 = 4;
/// Connections that are followed.
const MOST_TALKS: usize = 50_000;
/// Rows cited to show that the log was alive, and of answers that came back.
const CITED: usize = 4;

/// Proof of absence. [`Absent::prove`] alone makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    window: TimeWindow,
    coverage: Vec<GapFree>,
    alive: Vec<Cite>,
    returned: Vec<Cite>,
}

impl Absent {
    /// Looks for the proof. `interfaces` are those that the resource is known to have or to have had; what the inventory knows is added.
    ///
    /// # Errors
    ///
    /// What is in the way of it.
    pub fn prove(
        evidence: &dyn Evidence,
        clocks: &[Clock],
        notice: &Notice,
        reported: &ReportedActivity,
        interfaces: &BTreeSet<String>,
    ) -> Result<Self, Doubt> {
        let question = Question::of(evidence, notice, reported, interfaces)?;
        let mut coverage = Vec::new();
        for interface in &question.interfaces {
            coverage.extend(question.whole(evidence, clocks, interface)?);
        }
        all_was_read(evidence)?;
        let mut seen = Seen::default();
        question.look(evidence, &mut seen)?;
        question.read_elsewhere(evidence)?;
        all_was_seen(evidence)?;
        Ok(Self { window: question.window, coverage, alive: seen.alive, returned: seen.returned })
    }

    /// What is covered, never nothing.
    #[must_use]
    pub fn coverage(&self) -> &[GapFree] {
        &self.coverage
    }

    /// The time over which it is absent.
    #[must_use]
    pub const fn window(&self) -> TimeWindow {
        self.window
    }

    /// Refused packets of the named destinations: answers to what others sent in our name look so.
    #[must_use]
    pub fn returned(&self) -> &[Cite] {
        &self.returned
    }

    /// Rows that show that the logs were alive, and what came back.
    #[must_use]
    pub fn evidence(&self) -> Vec<Cite> {
        self.alive.iter().chain(&self.returned).cloned().collect()
    }
}

/// What is asked.
struct Question<'n> {
    resource: &'n Resource,
    remotes: BTreeSet<IpAddr>,
    interfaces: BTreeSet<String>,
    own: BTreeSet<IpAddr>,
    /// zone doubt and the reporter's clock included
    window: TimeWindow,
    /// the same in whatever zone the times may have been meant
    wide: TimeWindow,
}

/// Interface and the two ends of a conversation.
type Talk = (String, (IpAddr, u16), (IpAddr, u16));

/// What was seen.
#[derive(Default)]
struct Seen {
    alive: Vec<Cite>,
    returned: Vec<Cite>,
    doubt: Option<Doubt>,
    /// of each source: whether it has accepted traffic, rejected traffic, and which interfaces
    actions: BTreeMap<SourceNo, (bool, bool, BTreeSet<String>)>,
    silent: BTreeSet<String>,
    v6: bool,
    /// connections by interface and ends, and from which sides they were seen
    talks: BTreeMap<Talk, u8>,
}

impl<'n> Question<'n> {
    fn of(
        evidence: &dyn Evidence,
        notice: &'n Notice,
        reported: &'n ReportedActivity,
        interfaces: &BTreeSet<String>,
    ) -> Result<Self, Doubt> {
        let (window, wide) = (reported.window_with_doubt().ok_or(Doubt::NoTime)?, reported.window_in_any_zone().ok_or(Doubt::NoTime)?);
        if reported.zone_certainty == ZoneCertainty::Unknown {
            return Err(Doubt::ZoneUnknown);
        }
        if !matches!(reported.category, Category::PortScan | Category::Intrusion | Category::Dos | Category::Crawling) {
            return Err(Doubt::NotInFlows);
        }
        let resource = notice.resources.iter().find(|r| Some(&r.id) == reported.resource.as_ref()).ok_or(Doubt::NoResource)?;
        if resource.is_illegible() {
            return Err(Doubt::Illegible);
        }
        let remotes: BTreeSet<IpAddr> = reported.remote_addresses().collect();
        let legible = |text: &String| text.parse::<IpAddr>().is_ok();
        if remotes.is_empty() || !reported.remote.iter().filter_map(|remote| remote.address.as_ref()).all(legible) {
            return Err(Doubt::NoDestination);
        }
        if let Some(hidden) = remotes.iter().find(|remote| is_hidden(**remote)) {
            return Err(Doubt::Hidden(*hidden));
        }
        let own: BTreeSet<IpAddr> = resource.parsed_addresses().collect();
        let mut question = Self { resource, remotes, interfaces: interfaces.clone(), own, window, wide };
        question.tie(evidence)?;
        if question.interfaces.is_empty() { Err(Doubt::NoInterface) } else { Ok(question) }
    }

    /// Adds the interfaces that the inventory ties to the resource, and asks that it knows every address that the notice gives it.
    fn tie(&mut self, evidence: &dyn Evidence) -> Result<(), Doubt> {
        let (mut tied, mut known): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) = (BTreeSet::new(), BTreeSet::new());
        evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
            let Body::Inventory(item) = &row.body else { return };
            let public: Vec<IpAddr> = item.public_addrs.iter().map(IpAddr::to_canonical).collect();
            let by_id = item.id == self.resource.id || item.instance_id.as_deref() == Some(&self.resource.id);
            if by_id || public.iter().any(|a| self.own.contains(a)) {
                self.interfaces.extend(item.interfaces.iter().map(|i| i.to_string()));
                tied.extend(&public);
                known.extend(public.iter().copied().chain(item.private_addrs.iter().map(IpAddr::to_canonical)));
            }
        });
        if let Some(loose) = self.own.iter().find(|address| !tied.contains(address)) {
            return Err(Doubt::Untied(*loose));
        }
        let alike = |remote: &&IpAddr| known.iter().any(|address| address.is_ipv6() == remote.is_ipv6());
        self.remotes.iter().find(|remote| !alike(remote)).map_or(Ok(()), |remote| Err(Doubt::Family(*remote)))
    }

    /// Every log of an interface proves that nothing can be missing.
    fn whole(&self, evidence: &dyn Evidence, clocks: &[Clock], interface: &str) -> Result<Vec<GapFree>, Doubt> {
        let of_interface = |c: &&Coverage| c.table == Table::NetworkActivity && c.scope.host.as_deref() == Some(interface);
        let window = self.window.widened(INTERVAL);
        let proof = |c: &Coverage| c.proof_over(window, clocks).map_err(|hole| Doubt::Covered(interface.to_owned(), hole));
        let found: Vec<GapFree> = evidence.coverage().iter().filter(of_interface).map(proof).collect::<Result<_, _>>()?;
        if found.is_empty() { Err(Doubt::NotCovered(interface.to_owned())) } else { Ok(found) }
    }

    fn look(&self, evidence: &dyn Evidence, seen: &mut Seen) -> Result<(), Doubt> {
        let wide = TimeWindow { from: self.wide.widened(INTERVAL).from, to: self.wide.to };
        seen.silent.clone_from(&self.interfaces);
        evidence.rows(&Filter::table(Table::NetworkActivity).within(wide), &mut |row| {
            if let Body::Net(net) = &row.body {
                self.see(evidence, row, net, seen);
            }
            if seen.doubt.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(doubt) = seen.doubt.take() {
            return Err(doubt);
        }
        self.conclude(seen)
    }

    fn see(&self, evidence: &dyn Evidence, row: &Row<'_>, net: &NetworkActivity<'_>, seen: &mut Seen) {
        let interface = net.interface_id.as_deref().unwrap_or_default();
        let is_own = self.interfaces.contains(interface);
        if ends(net).any(|end| self.remotes.contains(&end)) {
            // What was refused at our door was never a contact of ours.
            let refused = net.action == Some(FlowAction::Reject) && net.direction == Some(Direction::Ingress);
            if !refused {
                seen.doubt = Some(Doubt::Contact(evidence.cite(row)));
            } else if is_own && seen.returned.len() < CITED {
                seen.returned.push(evidence.cite(row));
            }
        }
        let of_resource = net.instance_id.as_deref() == Some(&self.resource.id) || net.sides().is_some_and(|s| self.own.contains(&s.0));
        if of_resource && !is_own {
            seen.doubt = Some(Doubt::NotCovered(interface.to_owned()));
        }
        if is_own && row.at.is_some_and(|at| self.window.widened(INTERVAL).contains(at)) {
            seen.silent.remove(interface);
            if seen.alive.len() < CITED {
                seen.alive.push(evidence.cite(row));
            }
            self.follow(interface, net, seen);
        }
        let actions = seen.actions.entry(row.source).or_default();
        actions.0 |= net.action == Some(FlowAction::Accept);
        actions.1 |= net.action == Some(FlowAction::Reject);
        if is_own && !actions.2.contains(interface) {
            actions.2.insert(interface.to_owned());
        }
    }

    /// Notes from which side a connection was seen.
    fn follow(&self, interface: &str, net: &NetworkActivity<'_>, seen: &mut Seen) {
        seen.v6 |= ends(net).any(|end| end.is_ipv6());
        let (Some(src), Some(dst), Some(from), Some(to)) = (net.src, net.dst, net.src_port, net.dst_port) else { return };
        let accepted = net.action == Some(FlowAction::Accept) && net.status == FlowStatus::Ok;
        if net.protocol != Some(6) || net.packets < CONVERSATION || !accepted || seen.talks.len() >= MOST_TALKS {
            return;
        }
        let (a, b) = ((src, from), (dst, to));
        let (key, side) = if a <= b { ((interface.to_owned(), a, b), 1) } else { ((interface.to_owned(), b, a), 2) };
        *seen.talks.entry(key).or_default() |= side;
    }

    fn conclude(&self, seen: &Seen) -> Result<(), Doubt> {
        if let Some(interface) = seen.silent.first() {
            return Err(Doubt::Silent(interface.clone()));
        }
        for interface in &self.interfaces {
            // One file holds the records of one flow log, which takes accepted traffic, rejected traffic, or both.
            let of = || seen.actions.values().filter(|(.., interfaces)| interfaces.contains(interface));
            if !of().any(|(accepted, ..)| *accepted) || !of().any(|(_, rejected, _)| *rejected) {
                return Err(Doubt::OneAction(interface.clone()));
            }
            let talks = || seen.talks.iter().filter(|((of, ..), _)| of == interface);
            let (all, whole) = (talks().count(), talks().filter(|(_, sides)| **sides == 3).count());
            if whole * 10 < all * 7 {
                return Err(Doubt::OneSided(interface.clone()));
            }
        }
        match self.remotes.iter().find(|remote| remote.is_ipv6() && !seen.v6) {
            Some(remote) => Err(Doubt::Family(*remote)),
            None => Ok(()),
        }
    }

    /// No log of a host, and no answer of a name server, names a destination.
    fn read_elsewhere(&self, evidence: &dyn Evidence) -> Result<(), Doubt> {
        let mut found: Option<Cite> = None;
        let texts: Vec<String> = self.remotes.iter().map(ToString::to_string).collect();
        let named = |text: &str| texts.iter().any(|remote| text.contains(remote.as_str()));
        for table in [Table::ProcessActivity, Table::DnsActivity, Table::ScheduledJobActivity, Table::DetectionFinding] {
            evidence.rows(&Filter::table(table).within(self.wide), &mut |row| {
                let hit = match &row.body {
                    Body::Process(process) => named(&process.command),
                    Body::Dns(dns) => dns.answers.iter().any(|answer| named(answer)),
                    Body::Job(job) => named(&job.command),
                    Body::Detection(finding) => !finding.sample && finding.remote.is_some_and(|r| self.remotes.contains(&r.to_canonical())),
                    _ => false,
                };
                if hit {
                    found = Some(evidence.cite(row));
                }
                if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
        found.map_or(Ok(()), |cite| Err(Doubt::Mentioned(cite)))
    }
}
