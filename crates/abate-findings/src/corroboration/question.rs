//! What is asked of the evidence, and what speaks for the report.

use std::collections::BTreeSet;
use std::net::IpAddr;

use abate_model::{Body, Cite, Filter, Finding, ReportedActivity, ResourceKind, Table, Text, TimeWindow};
use jiff::Timestamp;

use crate::Context;
use crate::address::{HolderKind, Standing};

/// One reported activity and what is known around it.
pub(crate) struct Question<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) reported: &'a ReportedActivity,
    pub(crate) findings: &'a [Finding],
    /// whose address at that time
    pub(crate) standings: &'a [Standing],
    /// addresses of ours that leave under another public address than the reported one: what they did is not what is reported
    others: BTreeSet<IpAddr>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(context: Context<'a>, reported: &'a ReportedActivity, findings: &'a [Finding], standings: &'a [Standing]) -> Self {
        let others = others(&context, reported, standings);
        Self { context, reported, findings, standings, others }
    }

    /// Whether an address of ours is known to leave under another public address than the reported one.
    pub(crate) fn is_other(&self, local: IpAddr) -> bool {
        self.others.contains(&local)
    }

    /// The remote ends that are named, each with its port and protocol.
    pub(crate) fn remotes(&self) -> Vec<(IpAddr, Option<u16>, Option<u8>)> {
        let end = |r: &abate_model::Remote| {
            let address = r.address.as_deref()?.parse::<IpAddr>().ok()?.to_canonical();
            Some((address, r.port, r.protocol.as_deref().and_then(protocol)))
        };
        let mut ends: Vec<_> = self.reported.remote.iter().filter_map(end).collect();
        ends.sort_unstable();
        ends.dedup();
        ends.truncate(200);
        ends
    }

    /// Names of hosts that are named: in the remote ends and in URLs.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let hosts = self.reported.remote.iter().filter_map(|r| r.address.clone());
        let urls = self.reported.urls.iter().filter_map(|url| super::web::host_of(url));
        let is_name = |h: &String| h.parse::<IpAddr>().is_err() && h.contains('.') && !h.contains('*');
        hosts.chain(urls).map(|h| h.trim_end_matches('.').to_ascii_lowercase()).filter(is_name).collect()
    }

    /// Ports that are named.
    pub(crate) fn ports(&self) -> BTreeSet<u16> {
        self.reported.remote.iter().filter_map(|r| r.port).collect()
    }

    /// Access keys and users that are named.
    pub(crate) fn principals(&self) -> Vec<&'a str> {
        let of = self.reported.resources_in(self.context.notice);
        let is = |kind| matches!(kind, ResourceKind::AccessKey | ResourceKind::IamUser | ResourceKind::IamRole);
        of.filter(|r| is(r.kind)).map(|r| r.id.as_str()).filter(|id| !abate_model::is_masked(id)).collect()
    }
}

/// `tcp`, `udp`, `icmp`, or the number.
fn protocol(text: &str) -> Option<u8> {
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmp" => Some(1),
        other => other.parse().ok(),
    }
}

/// Addresses inside of resources that have a public address of their own which is not the reported one. Nothing is said where it is not
/// known who held the reported one.
fn others(context: &Context<'_>, reported: &ReportedActivity, standings: &[Standing]) -> BTreeSet<IpAddr> {
    let own: BTreeSet<IpAddr> = crate::address::reported_addresses(context, reported);
    let holders = || standings.iter().flat_map(Standing::holdings).map(|h| &h.holder);
    let known = holders().any(|h| h.kind != HolderKind::Unattached && (h.resource.is_some() || h.interface.is_some()));
    if !known {
        return BTreeSet::new();
    }
    let mut others = BTreeSet::new();
    context.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        let apart = !item.public_addrs.is_empty() && !item.public_addrs.iter().any(|a| own.contains(&a.to_canonical()));
        let held = holders().any(|h| {
            h.resource.as_deref() == Some(&item.id) || h.resource.is_some() && h.resource == item.instance_id.as_deref().map(str::to_owned)
        });
        if apart && !held {
            others.extend(item.private_addrs.iter().chain(&item.public_addrs));
        }
    });
    for holder in holders() {
        others.retain(|address| !holder.private.contains(address));
    }
    others
}

/// Something in our own logs that is what is reported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sign {
    /// in a clause
    pub(crate) text: Text,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) count: u64,
    /// never none
    pub(crate) cites: Vec<Cite>,
}

impl Sign {
    /// A sign with its first row.
    pub(crate) fn new(text: Text, at: Option<Timestamp>, cite: Cite) -> Self {
        Self { text, first: at, last: at, count: 1, cites: vec![cite] }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, at: Option<Timestamp>, cite: Cite) {
        self.count += 1;
        self.first = [self.first, at].into_iter().flatten().min();
        self.last = self.last.max(at);
        if self.cites.len() < Finding::MAX_EVIDENCE {
            self.cites.push(cite);
        }
    }
}

/// The window in which rows must begin to tell of a window: a flow record stands at the begin of its interval.
pub(crate) fn reaching(window: TimeWindow) -> TimeWindow {
    let earlier = window.from.checked_sub(jiff::SignedDuration::from_mins(10)).unwrap_or(window.from);
    TimeWindow::new(earlier, window.to)
}
