//! Whose address when: for an address of the notice, which resource held it from when until when, and what proves it.
//!
//! Everything that is there is put together: CloudTrail (`trail`), descriptions and AWS Config (`inventory`), GuardDuty and flow
//! logs (`seen`). NAT gateways and load balancers are followed to the workload behind them (`behind`). That an address was *not* ours is
//! never said here: that takes the proof of [`abate_model::disproof::NotOurs`].

mod behind;
mod inventory;
mod seen;
#[cfg(test)]
pub(crate) mod tests;
mod trail;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::{Cite, ReportedActivity, TimeWindow};
use jiff::Timestamp;

use crate::Context;
pub(crate) use behind::Workload;

/// What sort of thing held an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HolderKind {
    /// nothing: it lay in the account
    #[default]
    Unattached,
    Interface,
    Instance,
    NatGateway,
    LoadBalancer,
    Task,
    Lightsail,
}

/// Who held an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) kind: HolderKind,
    /// instance id, NAT gateway id, ARN of a task or load balancer, name in Lightsail
    pub(crate) resource: Option<String>,
    pub(crate) interface: Option<String>,
    /// addresses inside
    pub(crate) private: BTreeSet<IpAddr>,
    pub(crate) account: Option<String>,
    /// whether the address came with the resource and goes with it
    pub(crate) automatic: bool,
}

impl Holder {
    /// Whether two descriptions may be of the same thing: what both know is equal.
    fn agrees(&self, other: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        let attached = (self.kind == HolderKind::Unattached) == (other.kind == HolderKind::Unattached);
        attached && same(&self.resource, &other.resource) && same(&self.interface, &other.interface)
    }

    /// Adds what another description of the same thing knows.
    fn complete(&mut self, other: &Self) {
        self.kind = self.kind.max(other.kind);
        self.resource = self.resource.take().or_else(|| other.resource.clone());
        self.interface = self.interface.take().or_else(|| other.interface.clone());
        self.account = self.account.take().or_else(|| other.account.clone());
        self.private.extend(&other.private);
        self.automatic |= other.automatic;
    }
}

/// How an end of a holding is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// by the act itself
    Act(Timestamp, Cite),
    /// it was so at that time; for how long before, or after, is not known
    Seen(Timestamp, Cite),
    /// it was so when the resource was described, which is no time before the evidence was gathered
    Described(Cite),
}

impl Edge {
    /// When, if it is known.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Act(at, _) | Self::Seen(at, _) => Some(*at),
            Self::Described(_) => None,
        }
    }

    /// The row.
    pub(crate) fn cite(&self) -> &Cite {
        match self {
            Self::Act(_, cite) | Self::Seen(_, cite) | Self::Described(cite) => cite,
        }
    }
}

/// A time for which something held an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) from: Edge,
    /// until when; `None` when nothing ends it
    pub(crate) until: Option<Edge>,
    pub(crate) holder: Holder,
}

impl Holding {
    /// Whether it may have been so within a window: it began before its end, as far as known, and was not over before its begin.
    fn touches(&self, window: TimeWindow) -> bool {
        let begun = match &self.from {
            Edge::Act(at, _) => *at <= window.to,
            // Seen first after the window, it may have been so for long; that alone tells nothing.
            Edge::Seen(at, _) => *at <= window.to,
            Edge::Described(_) => true,
        };
        begun && !matches!(&self.until, Some(Edge::Act(at, _)) if *at < window.from)
    }

    /// Whether it is shown to have been so over the whole window: it began before, by an act or a sighting, and an act or a sighting of the
    /// same afterwards, or nothing at all, ends it.
    pub(crate) fn spans(&self, window: TimeWindow) -> bool {
        let begun = self.from.at().is_some_and(|at| at <= window.from);
        let lasted = match &self.until {
            Some(edge) => edge.at().is_none_or(|at| at >= window.to),
            None => matches!(self.from, Edge::Act(..)),
        };
        begun && lasted
    }
}

/// What was learnt of an address.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) at: Option<Timestamp>,
    pub(crate) cite: Cite,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// an act gave it to a holder
    Begins(Holder),
    /// a holder has it
    Holds(Holder),
    /// an act took it from its holder; it stays in the account
    Ends,
    /// an act ended these instances; an address that came with one of them goes with it
    Stopped(Vec<String>),
    /// it left the account
    Gone,
}

/// Everything known about who held an address.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    pub(crate) address: IpAddr,
    /// in order of time
    pub(crate) holdings: Vec<Holding>,
}

impl Timeline {
    /// Of facts in any order.
    fn of(address: IpAddr, mut facts: Vec<Fact>) -> Self {
        // What has no time was described when the evidence was gathered: after everything else.
        facts.sort_by_key(|fact| (fact.at.is_none(), fact.at));
        let mut holdings: Vec<Holding> = Vec::new();
        for Fact { at, cite, what } in facts {
            let edge = |cite: Cite| at.map_or_else(|| Edge::Described(cite.clone()), |at| Edge::Act(at, cite.clone()));
            let seen = |cite: Cite| at.map_or_else(|| Edge::Described(cite.clone()), |at| Edge::Seen(at, cite.clone()));
            let open = holdings.last_mut().filter(|h| !matches!(h.until, Some(Edge::Act(..))));
            match what {
                What::Begins(holder) => {
                    if let Some(open) = open {
                        open.until = Some(edge(cite.clone()));
                    }
                    holdings.push(Holding { from: edge(cite), until: None, holder });
                }
                What::Holds(holder) => match open {
                    Some(open) if open.holder.agrees(&holder) => {
                        open.holder.complete(&holder);
                        open.until = Some(seen(cite));
                    }
                    open => {
                        // A change of which no act is known lies between the last sighting and this one.
                        if let Some(open) = open.filter(|open| open.until.is_none()) {
                            open.until = Some(match &open.from {
                                Edge::Act(at, cite) | Edge::Seen(at, cite) => Edge::Seen(*at, cite.clone()),
                                Edge::Described(cite) => Edge::Described(cite.clone()),
                            });
                        }
                        holdings.push(Holding { from: seen(cite), until: None, holder });
                    }
                },
                What::Ends => {
                    if let Some(open) = open {
                        open.until = Some(edge(cite.clone()));
                        let account = open.holder.account.clone();
                        holdings.push(Holding { from: edge(cite), until: None, holder: Holder { account, ..Holder::default() } });
                    }
                }
                What::Stopped(instances) => {
                    if let Some(open) = open
                        && open.holder.automatic
                        && open.holder.resource.as_ref().is_some_and(|id| instances.contains(id))
                    {
                        open.until = Some(edge(cite));
                    }
                }
                What::Gone => {
                    if let Some(open) = open {
                        open.until = Some(edge(cite));
                    }
                }
            }
        }
        Self { address, holdings }
    }

    /// The holdings that may reach into a window; those that certainly span it if there are such.
    pub(crate) fn within(&self, window: TimeWindow) -> Vec<&Holding> {
        let certain: Vec<&Holding> = self.holdings.iter().filter(|h| h.spans(window)).collect();
        if certain.is_empty() { self.holdings.iter().filter(|h| h.touches(window)).collect() } else { certain }
    }
}

/// The timelines of some addresses.
pub(crate) fn timelines(context: &Context<'_>, addresses: &BTreeSet<IpAddr>) -> Vec<Timeline> {
    let mut facts: BTreeMap<IpAddr, Vec<Fact>> = addresses.iter().map(|address| (*address, Vec::new())).collect();
    trail::read(context, &mut facts);
    inventory::read(context, &mut facts);
    seen::read(context, &mut facts);
    facts.into_iter().map(|(address, facts)| Timeline::of(address, facts)).collect()
}

/// What stood behind the reported address at the reported time.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) timeline: Timeline,
    /// the time that was asked for
    pub(crate) window: TimeWindow,
    /// who worked behind a NAT gateway or load balancer, as far as the flow logs and access logs tell
    pub(crate) behind: Vec<Workload>,
}

impl Standing {
    /// The holdings at that time.
    pub(crate) fn holdings(&self) -> Vec<&Holding> {
        self.timeline.within(self.window)
    }

    /// Interfaces that held it then, or may have.
    pub(crate) fn interfaces(&self) -> BTreeSet<String> {
        self.holdings().into_iter().filter_map(|h| h.holder.interface.clone()).collect()
    }
}

/// The addresses that an activity is reported of.
pub(crate) fn reported_addresses(context: &Context<'_>, reported: &ReportedActivity) -> BTreeSet<IpAddr> {
    reported.resources_in(context.notice).flat_map(abate_model::Resource::parsed_addresses).collect()
}

/// What stood behind each address of each reported activity, in the notice's order. One reading for all of them.
pub(crate) fn standings(context: &Context<'_>) -> Vec<Vec<Standing>> {
    let of: Vec<BTreeSet<IpAddr>> = context.notice.reported.iter().map(|reported| reported_addresses(context, reported)).collect();
    let timelines = timelines(context, &of.iter().flatten().copied().collect());
    let standing = |reported: &ReportedActivity, address: &IpAddr| {
        let window = reported.window_with_doubt()?;
        let timeline = timelines.iter().find(|t| t.address == *address)?.clone();
        let behind = behind::workloads(context, reported, &timeline, window);
        Some(Standing { timeline, window, behind })
    };
    context.notice.reported.iter().zip(&of).map(|(r, of)| of.iter().filter_map(|address| standing(r, address)).collect()).collect()
}
