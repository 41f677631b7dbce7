//! Whose an address was: the acts in CloudTrail by which an account gets addresses and gives them back.
//!
//! Only these acts can show that an address was *not* ours, so they are read here, beside the proof that is made of them
//! ([`crate::disproof::NotOurs`]). Who held an address inside the account is the work of the stage that looks at findings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use crate::rows::{ApiActivity, InventoryInfo, InventoryKind};
use crate::{Body, Cite, Evidence, Filter, Table};

/// What an act did to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// it came into the account
    Gained {
        /// whether the act itself shows that it was not the account's immediately before: it came out of Amazon's pool, not asked for by name
        fresh: bool,
    },
    /// something was done with it, so that it was the account's at that time
    Held,
    /// it went back to Amazon's pool
    Lost,
}

/// An act on an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// when
    pub at: Timestamp,
    /// the event
    pub cite: Cite,
    /// what it did
    pub turn: Turn,
    /// `eventName`
    pub name: String,
    /// account in whose trail it stands
    pub account: Option<String>,
    /// Region in which it happened
    pub region: Option<String>,
}

/// The calls that are looked at.
const CALLS: [&str; 11] = [
    "AllocateAddress",
    "AcceptAddressTransfer",
    "AssociateAddress",
    "CreateNatGateway",
    "DisassociateAddress",
    "MoveAddressToVpc",
    "ReleaseAddress",
    "RunInstances",
    "StartInstances",
    "StopInstances",
    "TerminateInstances",
];

/// The acts on some addresses, in order of time.
#[must_use]
pub fn acts(evidence: &dyn Evidence, addresses: &[IpAddr]) -> BTreeMap<IpAddr, Vec<Act>> {
    let mut reading = Reading::of_inventory(evidence, addresses);
    let mut found: BTreeMap<IpAddr, Vec<Act>> = addresses.iter().map(|address| (*address, Vec::new())).collect();
    evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let (Body::Api(api), Some(at)) = (&row.body, row.at) else { return };
        if api.error_code.is_some() || !CALLS.contains(&&*api.event_name) {
            return;
        }
        for address in addresses {
            if let Some(turn) = reading.turn(api, *address) {
                let own = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
                let name = api.event_name.to_string();
                let act = Act { at, cite: evidence.cite(row), turn, name, account: own(&api.account), region: own(&api.region) };
                found.entry(*address).or_default().push(act);
            }
        }
    });
    found
}

/// An Elastic IP address, by its allocation.
#[derive(Clone, Copy, Debug)]
struct Allocation {
    address: IpAddr,
    /// whether it goes back to Amazon's pool when it is released; one of a pool that the customer brought does not
    of_amazon: bool,
}

/// What ids stand for, as far as it was read.
struct Reading {
    allocations: BTreeMap<String, Allocation>,
    /// associations of addresses
    associations: BTreeMap<String, IpAddr>,
    /// addresses that instances had been given of themselves
    automatic: BTreeMap<String, IpAddr>,
}

impl Reading {
    fn of_inventory(evidence: &dyn Evidence, addresses: &[IpAddr]) -> Self {
        let mut reading = Self { allocations: BTreeMap::new(), associations: BTreeMap::new(), automatic: BTreeMap::new() };
        evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
            if let Body::Inventory(item) = &row.body
                && item.kind == InventoryKind::Address
                && let Some(address) = item.public_addrs.iter().find(|a| addresses.contains(a))
            {
                reading.note_described(item, *address);
            }
        });
        reading
    }

    fn note_described(&mut self, item: &InventoryInfo<'_>, address: IpAddr) {
        let raw: Value = serde_json::from_str(&item.raw).unwrap_or_default();
        let of_amazon = first(&raw, "publicIpv4Pool").is_none_or(|pool| pool == "amazon");
        let ids = first(&raw, "allocationId").into_iter().chain([item.id.to_string()]);
        for id in ids.filter(|id| id.starts_with("eipalloc-")) {
            self.allocations.insert(id, Allocation { address, of_amazon });
        }
    }

    /// What a call did to an address, if it concerns it.
    fn turn(&mut self, api: &ApiActivity<'_>, address: IpAddr) -> Option<Turn> {
        let mentions = |json: &Option<Cow<'_, str>>, what: &str| json.as_deref().is_some_and(|j| mentions(j, what));
        let text = address.to_string();
        let (asked, answered) = (mentions(&api.request, &text), mentions(&api.response, &text));
        match &*api.event_name {
            "AllocateAddress" if asked || answered => {
                let (request, response) = (parsed(&api.request), parsed(&api.response));
                let pool = ["publicIpv4Pool", "customerOwnedIpv4Pool", "customerOwnedIp", "ipamPoolId"];
                let of_amazon = pool.iter().all(|key| [&request, &response].iter().all(|j| first(j, key).is_none_or(|v| v == "amazon")));
                if let Some(id) = first(&response, "allocationId") {
                    self.allocations.insert(id, Allocation { address, of_amazon });
                }
                // An address asked for by name may have been ours before: EC2 lets a customer recover a released one.
                Some(Turn::Gained { fresh: of_amazon && !asked })
            }
            "AcceptAddressTransfer" if asked || answered => Some(Turn::Gained { fresh: false }),
            "ReleaseAddress" => self.released(api, address, asked),
            "AssociateAddress" | "DisassociateAddress" | "CreateNatGateway" | "MoveAddressToVpc" => {
                let is_own = |id: &String| self.allocations.get(id).is_some_and(|a| a.address == address);
                let request = parsed(&api.request);
                let by_allocation = all(&request, "allocationId").iter().any(is_own);
                let by_association = all(&request, "associationId").iter().any(|id| self.associations.get(id) == Some(&address));
                if (asked || answered || by_allocation)
                    && let Some(id) = first(&parsed(&api.response), "associationId")
                {
                    self.associations.insert(id, address);
                }
                (asked || answered || by_allocation || by_association).then_some(Turn::Held)
            }
            "RunInstances" if answered => {
                // With several instances in one answer it is not known which of them has it.
                if let [instance] = distinct(all(&parsed(&api.response), "instanceId")).as_slice() {
                    self.automatic.insert(instance.clone(), address);
                }
                Some(Turn::Gained { fresh: true })
            }
            "StartInstances" if answered => Some(Turn::Held),
            "StopInstances" | "TerminateInstances" => {
                let ids = all(&parsed(&api.request), "instanceId");
                let instance = ids.iter().find(|id| self.automatic.get(*id) == Some(&address))?;
                self.automatic.remove(instance);
                Some(Turn::Lost)
            }
            _ => None,
        }
    }

    fn released(&self, api: &ApiActivity<'_>, address: IpAddr, asked: bool) -> Option<Turn> {
        let request = parsed(&api.request);
        let allocation = all(&request, "allocationId").iter().find_map(|id| self.allocations.get(id)).filter(|a| a.address == address);
        match allocation {
            Some(allocation) => Some(if allocation.of_amazon { Turn::Lost } else { Turn::Held }),
            None => asked.then_some(Turn::Lost),
        }
    }
}

/// Whether a text stands in JSON as a whole string.
fn mentions(json: &str, text: &str) -> bool {
    json.match_indices(text).any(|(at, _)| json[..at].ends_with('"') && json[at + text.len()..].starts_with('"'))
}

fn parsed(json: &Option<Cow<'_, str>>) -> Value {
    json.as_deref().and_then(|j| serde_json::from_str(j).ok()).unwrap_or_default()
}

fn distinct(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values.dedup();
    values
}

/// The first text under a key, wherever it stands and however its first letter is written.
fn first(value: &Value, key: &str) -> Option<String> {
    all(value, key).into_iter().next()
}

/// Every text under a key, wherever it stands and however it is written (`AllocationId`, `allocationId`).
#[must_use]
pub fn all(value: &Value, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    gather(value, key, &mut found);
    found
}

fn gather(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match inner {
                    Value::String(text) if name.eq_ignore_ascii_case(key) => found.push(text.clone()),
                    Value::Array(list) if name.eq_ignore_ascii_case(key) => {
                        found.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
                        list.iter().for_each(|one| gather(one, key, found));
                    }
                    other => gather(other, key, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| gather(one, key, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::{Locator, Row, ZoneCertainty};

    fn api(second: i64, name: &'static str, request: &'static str, response: &'static str) -> Row<'static> {
        let body = ApiActivity {
            event_name: name.into(),
            request: Some(request.into()),
            response: Some(response.into()),
            ..ApiActivity::default()
        };
        Row {
            at: Timestamp::from_second(second).ok(),
            zone: ZoneCertainty::Stated,
            source: 0,
            locator: Locator::Record { n: second.unsigned_abs() },
            body: Body::Api(Box::new(body)),
        }
    }

    fn turns(rows: Vec<Row<'static>>) -> Vec<Turn> {
        let address = "203.0.113.10".parse().unwrap();
        acts(&Memory::of_rows(rows), &[address]).remove(&address).unwrap().into_iter().map(|act| act.turn).collect()
    }

    const ALLOCATED: &str = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1","publicIpv4Pool":"amazon"}"#;

    #[test]
    fn an_address_is_followed_through_its_ids() {
        let rows = vec![
            api(1, "AllocateAddress", r#"{"domain":"vpc"}"#, ALLOCATED),
            api(2, "AssociateAddress", r#"{"allocationId":"eipalloc-1","instanceId":"i-1"}"#, r#"{"associationId":"eipassoc-1"}"#),
            api(3, "DisassociateAddress", r#"{"associationId":"eipassoc-1"}"#, "{}"),
            api(4, "ReleaseAddress", r#"{"allocationId":"eipalloc-2"}"#, "{}"),
            api(5, "ReleaseAddress", r#"{"allocationId":"eipalloc-1"}"#, "{}"),
        ];
        assert_eq!(turns(rows), vec![Turn::Gained { fresh: true }, Turn::Held, Turn::Held, Turn::Lost]);
    }

    #[test]
    fn an_address_that_may_have_been_ours_before_is_not_fresh() {
        let asked = api(1, "AllocateAddress", r#"{"address":"203.0.113.10"}"#, ALLOCATED);
        let brought = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1","publicIpv4Pool":"ipv4pool-ec2-1"}"#;
        let transferred = api(1, "AcceptAddressTransfer", r#"{"address":"203.0.113.10"}"#, "{}");
        for row in [asked, api(1, "AllocateAddress", r#"{"publicIpv4Pool":"ipv4pool-ec2-1"}"#, brought), transferred] {
            assert_eq!(turns(vec![row]), vec![Turn::Gained { fresh: false }]);
        }
        let rows = vec![api(1, "AllocateAddress", "{}", brought), api(2, "ReleaseAddress", r#"{"allocationId":"eipalloc-1"}"#, "{}")];
        assert_eq!(turns(rows)[1], Turn::Held, "an address of one's own pool stays one's own");
        let longer = r#"{"publicIp":"203.0.113.109","allocationId":"eipalloc-9"}"#;
        assert_eq!(turns(vec![api(1, "AllocateAddress", "{}", longer)]), vec![], "another address that begins alike");
    }

    #[test]
    fn an_address_given_by_itself_goes_when_its_instance_stops() {
        let ran = r#"{"instancesSet":{"items":[{"instanceId":"i-1","ipAddress":"203.0.113.10"}]}}"#;
        let stop = |id: &str| -> Row<'static> {
            let mut row = api(2, "StopInstances", "{}", "{}");
            if let Body::Api(api) = &mut row.body {
                api.request = Some(format!(r#"{{"instancesSet":{{"items":[{{"instanceId":"{id}"}}]}}}}"#).into());
            }
            row
        };
        assert_eq!(turns(vec![api(1, "RunInstances", "{}", ran), stop("i-1")]), vec![Turn::Gained { fresh: true }, Turn::Lost]);
        assert_eq!(turns(vec![api(1, "RunInstances", "{}", ran), stop("i-2")]), vec![Turn::Gained { fresh: true }]);
    }
}
