//! AWS Config: history and snapshot files, `get-resource-config-history`, `batch-get-resource-config`, and change events.
//!
//! Each item is the state of one resource at a moment that it states, so unlike other inventory its rows have a time.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{IngressRule, InventoryInfo, InventoryKind};
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};
use serde_json::Value;

use super::describe::region_of;
use super::tree::{self, Tree};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "aws-config",
    title: Text::fixed("AWS Config history and snapshots", "AWS Config の履歴・スナップショット"),
    tables: &[Table::InventoryInfo],
    continuous: false,
    never_contains: &[
        Text::fixed("kinds of resources that the recorder was not set up for", "レコーダーで記録対象にしていない種類のリソース"),
        Text::fixed("states between two recordings", "記録と記録の間の状態"),
        Text::fixed("who made a change (CloudTrail has that)", "変更を行った者（CloudTrail に記録）"),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["configurationItems", "baseConfigurationItems"];
const PREFIXES: &[&str] = &[
    "",
    "[].",
    "configurationItems[].",
    "baseConfigurationItems[].",
    "configurationItem.",
    "detail.configurationItem.",
    "[].detail.configurationItem.",
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let names = ["configurationItemCaptureTime", "resourceType", "resourceId"];
    let found = shape.under(PREFIXES, &names).map(|prefix| format!("JSON keys {prefix}{}", names.join(", ")));
    let empty = || head.whole && ENVELOPES.iter().any(|name| shape.is_empty_list(name));
    found.or_else(|| empty().then(|| "an empty list of configuration items".to_owned()))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let value = tree::parse(&text, "AWS Config item")?;
        let record = Tree(&value);
        let item = record.at("detail.configurationItem").or_else(|| record.at("configurationItem")).unwrap_or(record);
        // The API writes the configuration as JSON in a string.
        let inside: Option<Value> = item.text("configuration").and_then(|text| serde_json::from_str(&text).ok());
        let configuration = inside.as_ref().map(Tree).or_else(|| item.at("configuration"));
        sink.row(row(item, configuration.unwrap_or(Tree(&Value::Null)), &text, place.locator())?, place.bytes);
        Ok(())
    })
}

fn kind(resource_type: &str) -> InventoryKind {
    match resource_type {
        "AWS::EC2::Instance" => InventoryKind::Instance,
        "AWS::EC2::EIP" => InventoryKind::Address,
        "AWS::EC2::SecurityGroup" => InventoryKind::SecurityGroup,
        "AWS::EC2::NetworkInterface" => InventoryKind::NetworkInterface,
        "AWS::EC2::Volume" => InventoryKind::Volume,
        "AWS::EC2::VPC" => InventoryKind::Vpc,
        "AWS::EC2::Subnet" => InventoryKind::Subnet,
        "AWS::ElasticLoadBalancing::LoadBalancer" | "AWS::ElasticLoadBalancingV2::LoadBalancer" => InventoryKind::LoadBalancer,
        "AWS::S3::Bucket" => InventoryKind::Bucket,
        "AWS::IAM::User" => InventoryKind::User,
        "AWS::IAM::Group" => InventoryKind::UserGroup,
        "AWS::IAM::Role" => InventoryKind::Role,
        "AWS::IAM::Policy" => InventoryKind::Policy,
        _ => InventoryKind::Other,
    }
}

fn row<'t>(item: Tree<'t>, set: Tree<'t>, text: &'t str, locator: Locator) -> Result<Row<'t>, Refusal> {
    let none = || Refusal::malformed("no configuration item: resourceType or resourceId is missing");
    let resource_type = item.text("resourceType").ok_or_else(none)?;
    let kind = kind(&resource_type);
    let id = item.text("resourceId").ok_or_else(none)?;
    let at = item.time(&["configurationItemCaptureTime"]);
    let status = item.text("configurationItemStatus");
    let deleted = status.as_deref().is_some_and(|s| s.contains("Deleted"));
    let instance = kind == InventoryKind::Instance;
    let attached = set.first(&["instanceId", "attachment.instanceId", "attachments.0.instanceId"]);
    let groups = ["securityGroups", "groups"].iter().flat_map(|list| set.list(list)).filter_map(|g| g.text("groupId"));
    let policies = set.list("attachedManagedPolicies").filter_map(|p| p.text("policyArn"));
    let inline = ["userPolicyList", "rolePolicyList"].iter().flat_map(|list| set.list(list)).filter_map(|p| p.text("policyName"));
    let interfaces = set.list("networkInterfaces").filter_map(|i| i.text("networkInterfaceId"));
    let (public_addrs, private_addrs) = addresses(set);
    let info = InventoryInfo {
        kind,
        account: item.first(&["awsAccountId", "accountId"]),
        region: item.first(&["awsRegion"]).or_else(|| item.text("availabilityZone").map(region_of)),
        // Resources of kinds without a word of their own say here what they are.
        name: item.first(&["tags.Name", "resourceName"]).or_else(|| (kind == InventoryKind::Other).then(|| resource_type.clone())),
        public_addrs,
        private_addrs,
        interfaces: interfaces.chain(set.text("networkInterfaceId")).collect(),
        instance_id: if instance { Some(id.clone()) } else { attached },
        groups: groups.chain(set.list("groupList").filter_map(Tree::own_text)).collect(),
        state: if deleted {
            Some(Cow::Borrowed("deleted"))
        } else {
            set.first(&["state.name", "state.value", "state", "status"]).or(status)
        },
        launched: set.time(&["launchTime"]).or_else(|| item.time(&["resourceCreationTime"])),
        image_id: set.text("imageId"),
        instance_type: set.text("instanceType"),
        imds_tokens: set.text("metadataOptions.httpTokens"),
        instance_profile: set.text("iamInstanceProfile.arn"),
        ingress: set.list("ipPermissions").map(ingress).collect(),
        policies: policies.chain(inline).collect(),
        raw: Cow::Borrowed(text),
        id,
        ..InventoryInfo::default()
    };
    let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
    Ok(Row { at, zone, source: 0, locator, body: Body::Inventory(Box::new(info)) })
}

/// Public and private addresses, each once.
fn addresses(set: Tree<'_>) -> (Vec<IpAddr>, Vec<IpAddr>) {
    let (mut public, mut private) = (Vec::new(), Vec::new());
    let push = |list: &mut Vec<IpAddr>, found: Option<IpAddr>| {
        if let Some(found) = found.filter(|f| !list.contains(f)) {
            list.push(found);
        }
    };
    // An instance, its interfaces, or an interface by itself.
    for part in std::iter::once(set).chain(set.list("networkInterfaces")) {
        for path in ["publicIpAddress", "publicIp", "association.publicIp"] {
            push(&mut public, part.parsed(&[path]));
        }
        push(&mut private, part.parsed(&["privateIpAddress"]));
        for inner in part.list("privateIpAddresses") {
            push(&mut private, inner.parsed(&["privateIpAddress"]));
            push(&mut public, inner.parsed(&["association.publicIp"]));
        }
        for inner in part.list("ipv6Addresses") {
            push(&mut public, inner.parsed(&["ipv6Address"]));
        }
    }
    (public, private)
}

fn ingress(permission: Tree<'_>) -> IngressRule {
    let v4 = permission.list("ipv4Ranges").filter_map(|r| r.text("cidrIp"));
    let plain = permission.list("ipRanges").filter_map(|r| r.own_text().or_else(|| r.text("cidrIp")));
    let v6 = permission.list("ipv6Ranges").filter_map(|r| r.text("cidrIpv6"));
    let mut cidrs: Vec<String> = Vec::new();
    for cidr in v4.chain(plain).chain(v6).map(Cow::into_owned) {
        // The same ranges stand there twice, in an old form and a new one.
        if !cidrs.contains(&cidr) {
            cidrs.push(cidr);
        }
    }
    IngressRule {
        protocol: permission.text("ipProtocol").unwrap_or_default().into_owned(),
        from_port: permission.parsed(&["fromPort"]),
        to_port: permission.parsed(&["toPort"]),
        cidrs,
    }
}
