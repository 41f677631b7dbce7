//! Who worked behind an address: a NAT gateway and a load balancer only pass on what others do.
//!
//! A NAT gateway's own records name the address inside (`srcaddr`, `pkt-srcaddr`) beside the remote (`pkt-dstaddr`), and so do those of the
//! workload's interface. Source: VPC User Guide, "Flow log record examples", traffic through a NAT gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::{Body, Cite, Filter, ReportedActivity, Table, TimeWindow};

use super::{HolderKind, Timeline, inventory};
use crate::Context;

/// So many workloads are told.
const MOST: usize = 5;

/// Something that worked behind an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    /// its address inside
    pub(crate) private: IpAddr,
    /// instance or task, if it is known
    pub(crate) resource: Option<String>,
    pub(crate) interface: Option<String>,
    /// what it is called
    pub(crate) name: Option<String>,
    /// how many records tell of it
    pub(crate) records: u64,
    /// the first of them
    pub(crate) cite: Cite,
}

/// Who talked to the named destinations, or answered the named pages, behind the holders at a time.
pub(super) fn workloads(context: &Context<'_>, reported: &ReportedActivity, timeline: &Timeline, window: TimeWindow) -> Vec<Workload> {
    let holdings = timeline.within(window);
    let is = |kind: HolderKind| holdings.iter().any(|h| h.holder.kind == kind);
    let own: BTreeSet<IpAddr> = holdings.iter().flat_map(|h| &h.holder.private).copied().collect();
    let mut found: BTreeMap<IpAddr, (u64, Cite, Option<String>, Option<String>)> = BTreeMap::new();
    if is(HolderKind::NatGateway) {
        behind_gateway(context, reported, &own, window, &mut found);
    }
    if is(HolderKind::LoadBalancer) {
        behind_balancer(context, reported, window, &mut found);
    }
    let mut workloads: Vec<Workload> = found
        .into_iter()
        .map(|(private, (records, cite, instance, interface))| {
            let (resource, tied, name) = inventory::inside(context, private);
            Workload { private, resource: instance.or(resource), interface: interface.or(tied), name, records, cite }
        })
        .collect();
    workloads.sort_by(|a, b| b.records.cmp(&a.records).then(a.private.cmp(&b.private)));
    workloads.truncate(MOST);
    workloads
}

type Found = BTreeMap<IpAddr, (u64, Cite, Option<String>, Option<String>)>;

fn behind_gateway(context: &Context<'_>, reported: &ReportedActivity, own: &BTreeSet<IpAddr>, window: TimeWindow, found: &mut Found) {
    let remotes: BTreeSet<IpAddr> = reported.remote_addresses().collect();
    for remote in remotes {
        context.evidence.each(&Filter::table(Table::NetworkActivity).within(window).naming(remote), &mut |row| {
            let Body::Net(net) = &row.body else { return };
            let to_remote = net.dst == Some(remote) || net.pkt_dst == Some(remote);
            let inside = net.pkt_src.filter(|a| is_private(*a) && !own.contains(a)).or(net.src);
            let Some(inside) = inside.filter(|a| to_remote && is_private(*a) && !own.contains(a)) else { return };
            // A record of the workload's own interface names that; one of the gateway's does not.
            let of_own = net.src == Some(inside) && net.dst == Some(remote);
            let named = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().filter(|_| of_own).map(str::to_owned);
            let entry = found.entry(inside).or_insert_with(|| (0, context.evidence.cite(row), None, None));
            entry.0 += 1;
            entry.2 = entry.2.take().or_else(|| named(&net.instance_id));
            entry.3 = entry.3.take().or_else(|| named(&net.interface_id));
        });
    }
}

fn behind_balancer(context: &Context<'_>, reported: &ReportedActivity, window: TimeWindow, found: &mut Found) {
    let paths: Vec<String> = reported.urls.iter().filter_map(|url| crate::corroboration::web::path_of(url)).collect();
    context.evidence.each(&Filter::table(Table::HttpActivity).within(window), &mut |row| {
        let Body::Http(http) = &row.body else { return };
        let wanted = paths.is_empty() || paths.iter().any(|path| path == http.path());
        let Some(backend) = http.backend.filter(|_| wanted && http.server.is_some()) else { return };
        if found.len() < 1000 || found.contains_key(&backend) {
            found.entry(backend).or_insert_with(|| (0, context.evidence.cite(row), None, None)).0 += 1;
        }
    });
}
