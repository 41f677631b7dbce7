//! What descriptions and AWS Config tell of addresses. Config states when; a description is of the time at which the evidence was gathered.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::ownership::all;
use abate_model::rows::{InventoryInfo, InventoryKind};
use abate_model::{Body, Filter, Table};
use serde_json::Value;

use super::{Fact, Holder, HolderKind, What};
use crate::Context;

/// Adds what is described of the addresses.
pub(super) fn read(context: &Context<'_>, facts: &mut BTreeMap<IpAddr, Vec<Fact>>) {
    context.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        for (address, facts) in facts.iter_mut().filter(|(address, _)| has(item, **address)) {
            let raw: Value = serde_json::from_str(&item.raw).unwrap_or_default();
            let holder = holder(item, &raw, *address);
            let cite = context.evidence.cite(row);
            if item.state.as_deref() == Some("deleted") {
                facts.push(Fact { at: row.at, cite, what: What::Ends });
                continue;
            }
            // An address that came with the instance has been there since it was last started.
            let started = item.launched.filter(|_| row.at.is_none() && holder.automatic && item.kind == InventoryKind::Instance);
            if let Some(started) = started {
                facts.push(Fact { at: Some(started), cite: cite.clone(), what: What::Holds(holder.clone()) });
            }
            facts.push(Fact { at: row.at, cite, what: What::Holds(holder) });
        }
    });
}

/// Ids that stand for an address in what is described.
pub(super) fn allocations(context: &Context<'_>, facts: &BTreeMap<IpAddr, Vec<Fact>>, ids: &mut BTreeMap<String, IpAddr>) {
    context.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        if item.kind != InventoryKind::Address {
            return;
        }
        if let Some(address) = facts.keys().find(|address| has(item, **address)) {
            let raw: Value = serde_json::from_str(&item.raw).unwrap_or_default();
            ids.insert(item.id.to_string(), *address);
            ids.extend(["allocationId", "associationId"].iter().flat_map(|key| all(&raw, key)).map(|id| (id, *address)));
        }
    });
}

fn has(item: &InventoryInfo<'_>, address: IpAddr) -> bool {
    item.public_addrs.iter().any(|a| a.to_canonical() == address)
}

fn holder(item: &InventoryInfo<'_>, raw: &Value, address: IpAddr) -> Holder {
    let own = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let (kind, resource) = match item.kind {
        InventoryKind::Instance if item.id.contains(":lightsail:") => (HolderKind::Lightsail, own(&item.name)),
        InventoryKind::Instance => (HolderKind::Instance, Some(item.id.to_string())),
        InventoryKind::LoadBalancer => (HolderKind::LoadBalancer, Some(item.id.to_string())),
        _ => described(item, raw).unwrap_or_else(|| match own(&item.instance_id) {
            Some(instance) => (HolderKind::Instance, Some(instance)),
            None if item.interfaces.is_empty() => (HolderKind::Unattached, None),
            None => (HolderKind::Interface, None),
        }),
    };
    let (interface, private) = interface_of(item, raw, address);
    // An association whose owner is Amazon is no Elastic IP address.
    let automatic = all(raw, "ipOwnerId").iter().any(|owner| owner == "amazon");
    Holder { kind, resource, interface, private, account: own(&item.account), automatic }
}

/// What an interface says that it is for: NAT gateways, load balancers and tasks write so.
/// Source: EC2 User Guide, "Requester-managed network interfaces"; the descriptions are those that AWS writes.
fn described(item: &InventoryInfo<'_>, raw: &Value) -> Option<(HolderKind, Option<String>)> {
    if item.kind != InventoryKind::NetworkInterface {
        return None;
    }
    let words = all(raw, "description").into_iter().next().unwrap_or_default();
    let after = |prefix: &str| words.strip_prefix(prefix).map(|rest| rest.trim().to_owned()).filter(|rest| !rest.is_empty());
    if let Some(gateway) = after("Interface for NAT Gateway ") {
        Some((HolderKind::NatGateway, Some(gateway)))
    } else if let Some(balancer) = after("ELB ") {
        Some((HolderKind::LoadBalancer, Some(balancer)))
    } else if words.starts_with("arn:aws:ecs:") {
        Some((HolderKind::Task, Some(words)))
    } else if all(raw, "interfaceType").iter().any(|kind| kind == "nat_gateway") {
        Some((HolderKind::NatGateway, None))
    } else {
        None
    }
}

/// Of several interfaces, the one with the address, and its addresses inside.
fn interface_of(item: &InventoryInfo<'_>, raw: &Value, address: IpAddr) -> (Option<String>, std::collections::BTreeSet<IpAddr>) {
    let of = raw.get("NetworkInterfaces").or_else(|| raw.get("networkInterfaces")).and_then(Value::as_array);
    let text = address.to_string();
    let with = of.into_iter().flatten().find(|i| all(i, "publicIp").into_iter().chain(all(i, "ipv6Address")).any(|found| found == text));
    match with {
        Some(one) => {
            let private = all(one, "privateIpAddress").iter().filter_map(|a| a.parse().ok()).collect();
            (all(one, "networkInterfaceId").into_iter().next(), private)
        }
        None => {
            let only = if let [only] = item.interfaces.as_slice() { Some(only.to_string()) } else { None };
            (only, item.private_addrs.iter().copied().collect())
        }
    }
}

/// Who an address inside belongs to: (instance, interface, name).
pub(super) fn inside(context: &Context<'_>, private: IpAddr) -> (Option<String>, Option<String>, Option<String>) {
    let (mut instance, mut interface, mut name) = (None, None, None);
    context.evidence.each(&Filter::table(Table::InventoryInfo).naming(private), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        if !item.private_addrs.contains(&private) {
            return;
        }
        let own = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        if item.kind == InventoryKind::NetworkInterface {
            let raw: Value = serde_json::from_str(&item.raw).unwrap_or_default();
            instance = instance.take().or_else(|| described(item, &raw).and_then(|(_, id)| id));
            interface = Some(item.id.to_string());
        }
        if item.kind == InventoryKind::Instance {
            instance = Some(item.id.to_string());
        }
        instance = own(&item.instance_id).or_else(|| instance.take());
        if let [only] = item.interfaces.as_slice() {
            interface = interface.take().or_else(|| Some(only.to_string()));
        }
        name = name.take().or_else(|| own(&item.name));
    });
    (instance, interface, name)
}
