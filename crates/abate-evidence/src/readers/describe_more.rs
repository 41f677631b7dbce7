//! Further resources in the output of `describe-…`: volumes, snapshots, images, VPCs, subnets, load balancers, Lightsail
//! instances, S3 buckets. Of each, what it is, whose, since when and what it is attached to; the rest stays in the raw record.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::rows::{IngressRule, InventoryInfo, InventoryKind};
use abate_model::{Body, Locator, Row, ZoneCertainty};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::describe::region_of;
use super::iam::account_of;
use super::tree::Tree;
use crate::json::Refusal;

/// Keys that none of the older kinds has at its own level.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(non_snake_case)]
struct Marks {
    LoadBalancerName: Option<IgnoredAny>,
    VolumeType: Option<IgnoredAny>,
    StartTime: Option<IgnoredAny>,
    CidrBlock: Option<IgnoredAny>,
    CreationDate: Option<IgnoredAny>,
    blueprintId: Option<IgnoredAny>,
    /// `get-instance` of Lightsail
    instance: Option<IgnoredAny>,
}

/// The record, if it is one of these.
pub(super) fn is_one(text: &str) -> Option<Value> {
    let m: Marks = serde_json::from_str(text).ok()?;
    let marks = [m.LoadBalancerName, m.VolumeType, m.StartTime, m.CidrBlock, m.CreationDate, m.blueprintId, m.instance];
    marks.iter().any(Option::is_some).then(|| serde_json::from_str(text).ok())?
}

/// The row of a record.
pub(super) fn row<'t>(record: Tree<'t>, text: &'t str, locator: Locator) -> Result<Row<'t>, Refusal> {
    let record = record.at("instance").filter(|r| r.at("blueprintId").is_some()).unwrap_or(record);
    let info = item(record).ok_or_else(|| Refusal::malformed("no resource that is known"))?;
    let tag = record.list("Tags").find(|t| t.text("Key").is_some_and(|k| k == "Name")).and_then(|t| t.text("Value"));
    let zone = record.first(&["AvailabilityZone", "AvailabilityZones.0.ZoneName", "AvailabilityZones.0"]);
    let info = InventoryInfo {
        name: tag.or(info.name),
        region: info.region.or(zone.map(region_of)),
        account: info.account.or(record.text("OwnerId")),
        raw: Cow::Borrowed(text),
        ..info
    };
    Ok(Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator, body: Body::Inventory(Box::new(info)) })
}

fn item(record: Tree<'_>) -> Option<InventoryInfo<'_>> {
    let has = |key: &str| record.at(key).is_some();
    let base = InventoryInfo { state: record.first(&["State.Code", "State"]), ..InventoryInfo::default() };
    Some(if has("LoadBalancerName") {
        load_balancer(record)?
    } else if has("blueprintId") {
        lightsail(record)?
    } else if has("VolumeType") {
        InventoryInfo {
            kind: InventoryKind::Volume,
            id: record.text("VolumeId")?,
            instance_id: record.text("Attachments.0.InstanceId"),
            launched: record.time(&["CreateTime"]),
            ..base
        }
    } else if has("SnapshotId") && has("StartTime") {
        InventoryInfo { kind: InventoryKind::Snapshot, id: record.text("SnapshotId")?, launched: record.time(&["StartTime"]), ..base }
    } else if has("ImageId") {
        InventoryInfo {
            kind: InventoryKind::Image,
            id: record.text("ImageId")?,
            name: record.text("Name"),
            image_id: record.text("ImageId"),
            launched: record.time(&["CreationDate"]),
            ..base
        }
    } else if has("SubnetId") {
        InventoryInfo {
            kind: InventoryKind::Subnet,
            id: record.text("SubnetId")?,
            region: record.text("SubnetArn").and_then(region_in),
            ..base
        }
    } else if has("VpcId") {
        InventoryInfo { kind: InventoryKind::Vpc, id: record.text("VpcId")?, ..base }
    } else {
        InventoryInfo {
            kind: InventoryKind::Bucket,
            id: record.text("Name")?,
            name: record.text("Name"),
            region: record.text("BucketRegion"),
            launched: record.time(&["CreationDate"]),
            ..base
        }
    })
}

/// Of either generation. What it hands requests to stands elsewhere, but for the classic ones.
fn load_balancer(record: Tree<'_>) -> Option<InventoryInfo<'_>> {
    let arn = record.text("LoadBalancerArn");
    let zones = || record.list("AvailabilityZones").flat_map(|zone| zone.list("LoadBalancerAddresses"));
    let of = |key: &'static str| zones().filter_map(move |a| a.parsed(&[key]));
    Some(InventoryInfo {
        kind: InventoryKind::LoadBalancer,
        id: arn.clone().or_else(|| record.text("LoadBalancerName"))?,
        name: record.text("LoadBalancerName"),
        account: arn.as_deref().and_then(account_of),
        region: arn.and_then(region_in),
        public_addrs: of("IpAddress").chain(of("IPv6Address")).collect(),
        private_addrs: of("PrivateIPv4Address").collect(),
        groups: record.list("SecurityGroups").filter_map(Tree::own_text).collect(),
        instance_id: record.text("Instances.0.InstanceId"),
        state: record.text("State.Code"),
        launched: record.time(&["CreatedTime"]),
        ..InventoryInfo::default()
    })
}

/// A Lightsail instance; its open ports stand with it.
fn lightsail(record: Tree<'_>) -> Option<InventoryInfo<'_>> {
    let arn = record.text("arn");
    let public = record.parsed::<IpAddr>(&["publicIpAddress"]).into_iter();
    let v6 = record.list("ipv6Addresses").filter_map(|a| a.own_text()?.parse().ok());
    Some(InventoryInfo {
        kind: InventoryKind::Instance,
        id: arn.clone().or_else(|| record.text("name"))?,
        name: record.text("name"),
        account: arn.as_deref().and_then(account_of),
        region: record.text("location.regionName"),
        public_addrs: public.chain(v6).collect(),
        private_addrs: record.parsed(&["privateIpAddress"]).into_iter().collect(),
        state: record.text("state.name"),
        launched: record.time(&["createdAt"]),
        image_id: record.text("blueprintId"),
        instance_type: record.text("bundleId"),
        imds_tokens: record.text("metadataOptions.httpTokens"),
        ingress: record.list("networking.ports").map(port).collect(),
        ..InventoryInfo::default()
    })
}

fn port(port: Tree<'_>) -> IngressRule {
    let cidrs = port.list("cidrs").chain(port.list("ipv6Cidrs")).filter_map(Tree::own_text).map(Cow::into_owned);
    let protocol = port.text("protocol").unwrap_or_default();
    IngressRule {
        protocol: if protocol == "all" { "-1".to_owned() } else { protocol.into_owned() },
        from_port: port.parsed(&["fromPort"]),
        to_port: port.parsed(&["toPort"]),
        cidrs: cidrs.collect(),
    }
}

/// The Region in an ARN.
pub(super) fn region_in<'t>(arn: Cow<'t, str>) -> Option<Cow<'t, str>> {
    let region = arn.strip_prefix("arn:")?.split(':').nth(2)?;
    (!region.is_empty()).then(|| Cow::Owned(region.to_owned()))
}
