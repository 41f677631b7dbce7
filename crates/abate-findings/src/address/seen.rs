//! Sightings of an address: GuardDuty findings that name it as ours, and flow logs of interfaces that bear it themselves.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::{Body, Filter, Table};

use super::{Fact, Holder, HolderKind, What};
use crate::Context;

/// So many sightings in flow logs are noted of an address: the first ones.
const MOST: usize = 200;

/// Adds the sightings.
pub(super) fn read(context: &Context<'_>, facts: &mut BTreeMap<IpAddr, Vec<Fact>>) {
    for (address, facts) in facts {
        context.evidence.each(&Filter::table(Table::DetectionFinding).naming(*address), &mut |row| {
            let Body::Detection(finding) = &row.body else { return };
            if finding.local != Some(*address) || finding.sample {
                return;
            }
            let holder = Holder {
                kind: HolderKind::Instance,
                resource: finding.instance_id.as_deref().map(str::to_owned),
                account: finding.account.as_deref().map(str::to_owned),
                ..Holder::default()
            };
            for at in [finding.first_seen, finding.last_seen].into_iter().flatten() {
                facts.push(Fact { at: Some(at), cite: context.evidence.cite(row), what: What::Holds(holder.clone()) });
            }
        });
        let before = facts.len();
        context.evidence.rows(&Filter::table(Table::NetworkActivity).naming(*address), &mut |row| {
            if let Body::Net(net) = &row.body
                && net.sides().is_some_and(|(local, ..)| local == *address)
                && net.interface_id.as_deref().is_some_and(|i| i.starts_with("eni-"))
            {
                let instance = net.instance_id.as_deref().map(str::to_owned);
                let holder = Holder {
                    kind: if instance.is_some() { HolderKind::Instance } else { HolderKind::Interface },
                    resource: instance,
                    interface: net.interface_id.as_deref().map(str::to_owned),
                    account: net.account.as_deref().map(str::to_owned),
                    ..Holder::default()
                };
                facts.push(Fact { at: row.at, cite: context.evidence.cite(row), what: What::Holds(holder) });
            }
            if facts.len() >= before + MOST { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        });
    }
}
