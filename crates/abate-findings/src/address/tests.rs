//! Whose address when, from each source of it.

use std::borrow::Cow;

use abate_model::memory::Memory;
use abate_model::rows::{ApiActivity, DetectionFinding, InventoryInfo, InventoryKind};
use abate_model::{AccountProfile, Body, Locator, Remote, Row, ZoneCertainty};

use super::*;
use crate::testkit::{at, flow, http, notice};

pub(crate) fn api(second: i64, name: &'static str, request: &'static str, response: &'static str) -> Row<'static> {
    let body = ApiActivity {
        event_name: name.into(),
        event_source: "ec2.amazonaws.com".into(),
        request: Some(request.into()),
        response: Some(response.into()),
        ..ApiActivity::default()
    };
    row(Some(second), Body::Api(Box::new(body)))
}

pub(crate) fn row(second: Option<i64>, body: Body<'static>) -> Row<'static> {
    let n = second.map_or(u64::MAX, i64::unsigned_abs);
    Row { at: second.map(at), zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n }, body }
}

/// Something described: kind, id, public and private address, interface, its JSON.
pub(crate) fn described(
    second: Option<i64>,
    kind: InventoryKind,
    (id, public, private, interface): (&'static str, &str, &str, &'static str),
    raw: &'static str,
) -> Row<'static> {
    let info = InventoryInfo {
        kind,
        id: id.into(),
        public_addrs: public.parse().into_iter().collect(),
        private_addrs: private.parse().into_iter().collect(),
        interfaces: (!interface.is_empty()).then_some(Cow::Borrowed(interface)).into_iter().collect(),
        raw: raw.into(),
        ..InventoryInfo::default()
    };
    row(second, Body::Inventory(Box::new(info)))
}

const OURS: &str = "203.0.113.10";

fn timeline(rows: Vec<Row<'static>>) -> Timeline {
    let (evidence, notice, profile) = (Memory::of_rows(rows), notice(), AccountProfile::default());
    let context = Context { notice: &notice, evidence: &evidence, profile: &profile };
    timelines(&context, &BTreeSet::from([OURS.parse().unwrap()])).remove(0)
}

/// (kind, resource, begin, end) of a holding, in seconds.
type Told = (HolderKind, Option<String>, Option<i64>, Option<i64>);

/// Every holding.
fn told(rows: Vec<Row<'static>>) -> Vec<Told> {
    let second = |edge: &Edge| edge.at().map(|t| t.as_second() - at(0).as_second());
    let holdings = timeline(rows).holdings;
    holdings.into_iter().map(|h| (h.holder.kind, h.holder.resource, second(&h.from), h.until.as_ref().and_then(second))).collect()
}

const ALLOCATED: &str = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#;

#[test]
fn an_elastic_address_is_followed_from_holder_to_holder() {
    let rows = vec![
        api(10, "AllocateAddress", "{}", ALLOCATED),
        api(20, "AssociateAddress", r#"{"allocationId":"eipalloc-1","instanceId":"i-1"}"#, r#"{"associationId":"eipassoc-1"}"#),
        api(30, "DisassociateAddress", r#"{"associationId":"eipassoc-1"}"#, "{}"),
        api(40, "AttachNetworkInterface", r#"{"networkInterfaceId":"eni-2","instanceId":"i-2"}"#, "{}"),
        api(50, "AssociateAddress", r#"{"allocationId":"eipalloc-1","networkInterfaceId":"eni-2"}"#, "{}"),
        api(60, "ReleaseAddress", r#"{"allocationId":"eipalloc-1"}"#, "{}"),
    ];
    use HolderKind::{Instance, Unattached};
    let expected = vec![
        (Unattached, None, Some(10), Some(20)),
        (Instance, Some("i-1".to_owned()), Some(20), Some(30)),
        (Unattached, None, Some(30), Some(50)),
        (Instance, Some("i-2".to_owned()), Some(50), Some(60)),
    ];
    assert_eq!(told(rows), expected);
}

#[test]
fn an_address_that_came_with_an_instance_goes_with_it() {
    let ran = r#"{"instancesSet":{"items":[
        {"instanceId":"i-0","ipAddress":"203.0.113.9","networkInterfaceSet":{"items":[{"networkInterfaceId":"eni-0"}]}},
        {"instanceId":"i-1","ipAddress":"203.0.113.10","networkInterfaceSet":{"items":[{"networkInterfaceId":"eni-1"}]}}]}}"#;
    let stopped = |id: &'static str| {
        let request = if id == "i-1" {
            r#"{"instancesSet":{"items":[{"instanceId":"i-1"}]}}"#
        } else {
            r#"{"instancesSet":{"items":[{"instanceId":"i-0"}]}}"#
        };
        api(90, "StopInstances", request, "{}")
    };
    let expect = |end| vec![(HolderKind::Instance, Some("i-1".to_owned()), Some(10), end)];
    assert_eq!(told(vec![api(10, "RunInstances", "{}", ran), stopped("i-1")]), expect(Some(90)));
    assert_eq!(told(vec![api(10, "RunInstances", "{}", ran), stopped("i-0")]), expect(None), "another of them stopped");
    assert_eq!(timeline(vec![api(10, "RunInstances", "{}", ran)]).holdings[0].holder.interface.as_deref(), Some("eni-1"));
}

#[test]
fn gateways_balancers_and_lightsail_are_told() {
    let nat = vec![
        api(5, "AllocateAddress", "{}", ALLOCATED),
        api(
            10,
            "CreateNatGateway",
            r#"{"CreateNatGatewayRequest":{"AllocationId":"eipalloc-1","SubnetId":"subnet-1"}}"#,
            r#"{"CreateNatGatewayResponse":{"natGateway":{"natGatewayId":"nat-1"}}}"#,
        ),
        api(90, "DeleteNatGateway", r#"{"DeleteNatGatewayRequest":{"NatGatewayId":"nat-1"}}"#, "{}"),
    ];
    assert_eq!(told(nat)[1], (HolderKind::NatGateway, Some("nat-1".to_owned()), Some(10), Some(90)));
    let balancer = r#"{"loadBalancers":[{"loadBalancerArn":"arn:lb","availabilityZones":[{"loadBalancerAddresses":[{"ipAddress":"203.0.113.10"}]}]}]}"#;
    assert_eq!(told(vec![api(10, "CreateLoadBalancer", "{}", balancer)])[0].1.as_deref(), Some("arn:lb"));

    let mut notice = notice();
    notice.resources[0].id = "blog".into();
    notice.reported[0].resource = Some("blog".into());
    let rows = vec![
        api(10, "AttachStaticIp", r#"{"staticIpName":"ip-1","instanceName":"blog"}"#, "{}"),
        api(70, "DetachStaticIp", r#"{"staticIpName":"ip-1"}"#, "{}"),
    ];
    let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
    let context = Context { notice: &notice, evidence: &evidence, profile: &profile };
    let line = timelines(&context, &BTreeSet::from([OURS.parse().unwrap()])).remove(0);
    assert_eq!((line.holdings[0].holder.kind, line.holdings[0].holder.resource.as_deref()), (HolderKind::Lightsail, Some("blog")));
    assert_eq!(line.holdings[0].until.as_ref().and_then(Edge::at), Some(at(70)));
}

#[test]
fn descriptions_and_sightings_bound_what_no_act_tells() {
    let config = |second| described(Some(second), InventoryKind::Instance, ("i-1", OURS, "10.0.0.5", "eni-1"), "{}");
    let finding = DetectionFinding {
        instance_id: Some("i-1".into()),
        local: OURS.parse().ok(),
        first_seen: Some(at(500)),
        last_seen: Some(at(900)),
        ..DetectionFinding::default()
    };
    let rows = vec![config(100), row(Some(910), Body::Detection(Box::new(finding)))];
    let line = timeline(rows);
    assert_eq!(line.holdings.len(), 1);
    assert_eq!((line.holdings[0].from.at(), line.holdings[0].until.as_ref().and_then(Edge::at)), (Some(at(100)), Some(at(900))));
    let window = |from, to| TimeWindow::new(at(from), at(to));
    assert!(line.holdings[0].spans(window(200, 800)), "the same before and after");
    assert!(!line.holdings[0].spans(window(50, 800)) && !line.holdings[0].spans(window(200, 1000)), "beyond the sightings it is not shown");
    let undated = timeline(vec![described(None, InventoryKind::Instance, ("i-1", OURS, "10.0.0.5", "eni-1"), "{}")]);
    assert!(undated.holdings[0].touches(window(0, 10)) && !undated.holdings[0].spans(window(0, 10)), "a description of today");
    let moved = timeline(vec![config(100), described(Some(300), InventoryKind::Instance, ("i-2", OURS, "10.0.0.6", "eni-2"), "{}")]);
    assert_eq!(moved.holdings.len(), 2);
    assert!(!moved.holdings[0].spans(window(100, 200)), "when it changed is not known");
}

#[test]
fn interfaces_say_what_they_are_for() {
    let eni = |raw| timeline(vec![described(None, InventoryKind::NetworkInterface, ("eni-9", OURS, "10.0.0.220", "eni-9"), raw)]);
    let of = |raw| eni(raw).holdings[0].holder.clone();
    let nat = of(r#"{"Description":"Interface for NAT Gateway nat-1"}"#);
    assert_eq!((nat.kind, nat.resource.as_deref(), nat.interface.as_deref()), (HolderKind::NatGateway, Some("nat-1"), Some("eni-9")));
    assert_eq!(of(r#"{"Description":"ELB app/web/0123"}"#).kind, HolderKind::LoadBalancer);
    assert_eq!(of(r#"{"Description":"arn:aws:ecs:us-east-1:111122223333:attachment/1"}"#).kind, HolderKind::Task);
    assert_eq!(of("{}").kind, HolderKind::Interface);
}

#[test]
fn the_workload_behind_a_gateway_is_named() {
    let mut notice = notice();
    notice.reported[0].remote = vec![Remote { address: Some("198.51.100.7".into()), port: Some(22), protocol: None }];
    let mut own = flow(600, ("10.0.1.5", 41_000), ("198.51.100.7", 22), 6, 5);
    let mut through = flow(600, ("10.0.1.5", 41_000), ("10.0.0.220", 22), 6, 5);
    let mut out = flow(600, ("10.0.0.220", 1024), ("198.51.100.7", 22), 6, 5);
    for (row, interface, source, target) in [
        (&mut own, "eni-work", "10.0.1.5", "198.51.100.7"),
        (&mut through, "eni-9", "10.0.1.5", "198.51.100.7"),
        (&mut out, "eni-9", "10.0.0.220", "198.51.100.7"),
    ] {
        if let Body::Net(net) = &mut row.body {
            net.interface_id = Some(interface.into());
            (net.pkt_src, net.pkt_dst) = (source.parse().ok(), target.parse().ok());
        }
    }
    let nat = described(
        None,
        InventoryKind::NetworkInterface,
        ("eni-9", OURS, "10.0.0.220", "eni-9"),
        r#"{"Description":"Interface for NAT Gateway nat-1"}"#,
    );
    let worker = described(None, InventoryKind::Instance, ("i-work", "", "10.0.1.5", "eni-work"), "{}");
    let told = |rows: Vec<Row<'static>>| {
        let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
        let context = Context { notice: &notice, evidence: &evidence, profile: &profile };
        standings(&context).remove(0).remove(0)
    };
    let standing = told(vec![nat.clone(), worker.clone(), own.clone(), through.clone(), out.clone()]);
    assert_eq!(standing.behind.iter().map(|w| w.private.to_string()).collect::<Vec<_>>(), ["10.0.1.5"]);
    assert_eq!(standing.behind[0].interface.as_deref(), Some("eni-work"));
    assert!(standing.says().unwrap().en.contains("nat-1") && standing.says().unwrap().en.contains("10.0.1.5"));
    let of_gateway_only = told(vec![nat.clone(), worker.clone(), through, out.clone()]);
    assert_eq!(of_gateway_only.behind.len(), 1, "the gateway's own records name the address inside");
    assert!(told(vec![nat, worker, out]).behind.is_empty(), "without pkt-srcaddr of the inside nobody is named");
}

#[test]
fn a_balancers_targets_are_named_for_the_page() {
    let mut notice = notice();
    notice.reported[0].urls = vec!["http://example.com/bad.html".into()];
    let mut hit = http(600, "192.0.2.1", "GET", "/bad.html", 200);
    let mut miss = http(601, "192.0.2.1", "GET", "/good.html", 200);
    for (row, backend) in [(&mut hit, "10.0.1.5"), (&mut miss, "10.0.1.6")] {
        if let Body::Http(http) = &mut row.body {
            http.server = Some("app/web/0123".into());
            http.backend = backend.parse().ok();
        }
    }
    let balancer =
        described(None, InventoryKind::NetworkInterface, ("eni-9", OURS, "10.0.0.9", "eni-9"), r#"{"Description":"ELB app/web/0123"}"#);
    let (evidence, profile) = (Memory::of_rows(vec![hit, miss, balancer]), AccountProfile::default());
    let context = Context { notice: &notice, evidence: &evidence, profile: &profile };
    let standing = standings(&context).remove(0).remove(0);
    assert_eq!(standing.behind.iter().map(|w| w.private.to_string()).collect::<Vec<_>>(), ["10.0.1.5"]);
}
