//! What CloudTrail tells of addresses: Elastic IP addresses, instances, interfaces, NAT gateways, load balancers, tasks, Lightsail.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::ownership::all;
use abate_model::rows::ApiActivity;
use abate_model::{Body, Filter, Table};
use serde_json::Value;

use super::{Fact, Holder, HolderKind, What};
use crate::Context;

/// The calls that are looked at.
const CALLS: [&str; 22] = [
    "AllocateAddress",
    "AcceptAddressTransfer",
    "AssociateAddress",
    "DisassociateAddress",
    "ReleaseAddress",
    "RunInstances",
    "StopInstances",
    "TerminateInstances",
    "CreateNetworkInterface",
    "AttachNetworkInterface",
    "AssignPrivateIpAddresses",
    "CreateNatGateway",
    "DeleteNatGateway",
    "CreateLoadBalancer",
    "DeleteLoadBalancer",
    "RunTask",
    "StartTask",
    "CreateInstances",
    "AttachStaticIp",
    "DetachStaticIp",
    "ReleaseStaticIp",
    "DeleteInstance",
];

/// What ids stand for, as read so far.
#[derive(Default)]
struct Known {
    /// allocation, association, NAT gateway, load balancer and Lightsail name -> address
    ids: BTreeMap<String, IpAddr>,
    /// interface -> instance or task that it belongs to, with the kind
    owners: BTreeMap<String, (HolderKind, String)>,
    /// interface -> addresses inside
    inside: BTreeMap<String, Vec<IpAddr>>,
}

/// Adds what the trail tells of the addresses.
pub(super) fn read(context: &Context<'_>, facts: &mut BTreeMap<IpAddr, Vec<Fact>>) {
    let mut known = Known::default();
    // A Lightsail resource is reported by its name; its calls name no address.
    for resource in &context.notice.resources {
        if let Some(address) = resource.parsed_addresses().next() {
            known.ids.insert(resource.id.clone(), address);
        }
    }
    super::inventory::allocations(context, facts, &mut known.ids);
    context.evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let Body::Api(api) = &row.body else { return };
        if api.error_code.is_some() || !CALLS.contains(&&*api.event_name) {
            return;
        }
        let call = Call::of(api);
        call.learn(&mut known);
        let addresses: Vec<IpAddr> = facts.keys().copied().collect();
        for address in addresses {
            if let Some(what) = call.tells(api, address, &mut known) {
                let fact = Fact { at: row.at, cite: context.evidence.cite(row), what };
                facts.entry(address).or_default().push(fact);
            }
        }
    });
}

/// A call with what it asked and was answered.
struct Call {
    request: Value,
    response: Value,
}

impl Call {
    fn of(api: &ApiActivity<'_>) -> Self {
        let parsed = |json: Option<&str>| json.and_then(|j| serde_json::from_str(j).ok()).unwrap_or_default();
        Self { request: parsed(api.request.as_deref()), response: parsed(api.response.as_deref()) }
    }

    /// Every text under a key in request and response.
    fn all(&self, key: &str) -> Vec<String> {
        let mut found = all(&self.request, key);
        found.extend(all(&self.response, key));
        found
    }

    fn first(&self, key: &str) -> Option<String> {
        self.all(key).into_iter().next()
    }

    fn names(&self, address: IpAddr) -> bool {
        ["publicIp", "ipAddress", "address", "publicIpAddress"]
            .iter()
            .any(|key| self.all(key).iter().any(|text| text.parse::<IpAddr>().ok() == Some(address)))
    }

    /// Which interface belongs to what, told by calls that need not name an address from outside.
    fn learn(&self, known: &mut Known) {
        let tasks: Vec<String> = all(&self.response, "taskArn");
        let mut instances = self.all("instanceId");
        instances.sort();
        instances.dedup();
        for interface in interfaces(&self.response).into_iter().chain(all(&self.request, "networkInterfaceId")) {
            if let Some(task) = tasks.first() {
                known.owners.insert(interface.clone(), (HolderKind::Task, task.clone()));
            } else if let [instance] = instances.as_slice() {
                known.owners.insert(interface.clone(), (HolderKind::Instance, instance.clone()));
            }
            let inside = self.all("privateIpAddress").into_iter().chain(self.all("privateIPv4Address"));
            known.inside.entry(interface).or_default().extend(inside.filter_map(|a| a.parse::<IpAddr>().ok()));
        }
    }

    /// What the call did to an address.
    fn tells(&self, api: &ApiActivity<'_>, address: IpAddr, known: &mut Known) -> Option<What> {
        let by_id =
            |known: &Known, keys: &[&str]| keys.iter().any(|key| self.all(key).iter().any(|id| known.ids.get(id) == Some(&address)));
        let named = self.names(address);
        let account = api.account.as_deref().map(str::to_owned);
        match &*api.event_name {
            "AllocateAddress" | "AcceptAddressTransfer" if named => {
                self.remember(known, &["allocationId"], address);
                Some(What::Begins(Holder { account, ..Holder::default() }))
            }
            "AssociateAddress" if named || by_id(known, &["allocationId"]) => {
                self.remember(known, &["allocationId", "associationId"], address);
                Some(What::Begins(self.holder(known, HolderKind::Interface, account)))
            }
            "DisassociateAddress" if named || by_id(known, &["associationId"]) => Some(What::Ends),
            "ReleaseAddress" if named || by_id(known, &["allocationId"]) => Some(What::Gone),
            "RunInstances" if named => {
                let holder = self.holder(known, HolderKind::Instance, account);
                Some(What::Begins(Holder { automatic: true, ..self.of_instance(holder, address) }))
            }
            "StopInstances" | "TerminateInstances" => Some(What::Stopped(all(&self.request, "instanceId"))),
            "CreateNetworkInterface" | "AttachNetworkInterface" if named => {
                Some(What::Holds(self.holder(known, HolderKind::Interface, account)))
            }
            "CreateNatGateway" if named || by_id(known, &["allocationId"]) => {
                self.remember(known, &["natGatewayId"], address);
                let resource = self.first("natGatewayId");
                Some(What::Begins(Holder { resource, ..self.holder(known, HolderKind::NatGateway, account) }))
            }
            "DeleteNatGateway" if by_id(known, &["natGatewayId"]) => Some(What::Ends),
            "CreateLoadBalancer" if named => {
                self.remember(known, &["loadBalancerArn", "loadBalancerName"], address);
                let resource = self.first("loadBalancerArn").or_else(|| self.first("loadBalancerName"));
                Some(What::Begins(Holder { resource, ..self.holder(known, HolderKind::LoadBalancer, account) }))
            }
            "DeleteLoadBalancer" if by_id(known, &["loadBalancerArn", "loadBalancerName"]) => Some(What::Gone),
            "RunTask" | "StartTask" if named => Some(What::Holds(self.holder(known, HolderKind::Task, account))),
            "CreateInstances" if by_id(known, &["instanceNames"]) => Some(What::Begins(self.lightsail("instanceNames", true, account))),
            "AttachStaticIp" if by_id(known, &["staticIpName", "instanceName"]) => {
                self.remember(known, &["staticIpName", "instanceName"], address);
                Some(What::Begins(self.lightsail("instanceName", false, account)))
            }
            "DetachStaticIp" if by_id(known, &["staticIpName"]) => Some(What::Ends),
            "ReleaseStaticIp" if by_id(known, &["staticIpName"]) => Some(What::Gone),
            "DeleteInstance" if by_id(known, &["instanceName"]) => Some(What::Stopped(self.all("instanceName"))),
            _ => None,
        }
    }

    fn remember(&self, known: &mut Known, keys: &[&str], address: IpAddr) {
        for id in keys.iter().flat_map(|key| self.all(key)) {
            known.ids.insert(id, address);
        }
    }

    fn lightsail(&self, key: &str, automatic: bool, account: Option<String>) -> Holder {
        Holder { kind: HolderKind::Lightsail, resource: self.first(key), account, automatic, ..Holder::default() }
    }

    /// The instance or interface that the call names, with what is known of the interface.
    fn holder(&self, known: &Known, kind: HolderKind, account: Option<String>) -> Holder {
        let interface = self.first("networkInterfaceId");
        let owner = interface.as_ref().and_then(|i| known.owners.get(i)).cloned();
        let instance = self.first("instanceId").map(|id| (HolderKind::Instance, id));
        let (of, resource) = instance.or(owner).map_or((kind, None), |(of, id)| (of.max(kind), Some(id)));
        let mut private: std::collections::BTreeSet<IpAddr> =
            self.all("privateIpAddress").into_iter().chain(self.all("privateIp")).filter_map(|a| a.parse().ok()).collect();
        if let Some(inside) = interface.as_ref().and_then(|i| known.inside.get(i)) {
            private.extend(inside);
        }
        Holder { kind: of, resource, interface, private, account, automatic: false }
    }

    /// Of several instances in one answer, the one that has the address.
    fn of_instance(&self, mut holder: Holder, address: IpAddr) -> Holder {
        let mut found = None;
        objects(&self.response, &mut |object| {
            let has = ["ipAddress", "publicIp"]
                .iter()
                .any(|key| object.get(*key).and_then(Value::as_str).and_then(|a| a.parse().ok()) == Some(address));
            if has && let Some(id) = object.get("instanceId").and_then(Value::as_str) {
                let inside = Value::Object(object.clone());
                found = Some((id.to_owned(), interfaces(&inside), all(&inside, "privateIpAddress")));
            }
        });
        if let Some((id, interfaces, private)) = found {
            holder.resource = Some(id);
            holder.interface = interfaces.into_iter().next();
            holder.private = private.iter().filter_map(|a| a.parse().ok()).collect();
        }
        holder
    }
}

/// Ids of interfaces, whatever key they stand under (a task names them as `value` of a detail).
fn interfaces(value: &Value) -> Vec<String> {
    let mut found = all(value, "networkInterfaceId");
    found.extend(all(value, "value").into_iter().filter(|text| text.starts_with("eni-")));
    found.sort();
    found.dedup();
    found
}

/// Visits every object.
fn objects(value: &Value, visit: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|inner| objects(inner, visit));
        }
        Value::Array(list) => list.iter().for_each(|inner| objects(inner, visit)),
        _ => {}
    }
}
