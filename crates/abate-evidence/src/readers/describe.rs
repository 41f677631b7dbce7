//! Output of `aws ec2 describe-instances`, `describe-addresses`, `describe-security-groups` and `describe-network-interfaces`;
//! with `describe_more`, of volumes, snapshots, images, VPCs, subnets, load balancers, Lightsail instances and S3 buckets.
//!
//! It shows the state at the moment of the call, which the output does not state, so rows have no time.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::{IngressRule, InventoryInfo, InventoryKind};
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::describe_more;
use super::tree::Tree;
use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "describe",
    title: Text::fixed("output of aws … describe-… (inventory)", "aws … describe-… の出力（インベントリ）"),
    tables: &[Table::InventoryInfo],
    continuous: false,
    never_contains: &[Text::fixed(
        "the state at any other time than the moment of the call, and resources deleted by then",
        "コマンドを実行した時点以外の状態、およびその時点で削除済みのリソース",
    )],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &[
    "Reservations",
    "Addresses",
    "SecurityGroups",
    "NetworkInterfaces",
    "Volumes",
    "Snapshots",
    "Images",
    "Vpcs",
    "Subnets",
    "LoadBalancers",
    "LoadBalancerDescriptions",
    "Buckets",
    "instances",
];
const PREFIXES: &[&str] = &[
    "",
    "[].",
    "Reservations[].",
    "Addresses[].",
    "SecurityGroups[].",
    "NetworkInterfaces[].",
    "Volumes[].",
    "Snapshots[].",
    "Images[].",
    "Vpcs[].",
    "Subnets[].",
    "LoadBalancers[].",
    "LoadBalancerDescriptions[].",
    "instances[].",
    "instance.",
];

/// Keys that together make a record of each kind.
const MARKS: &[(&[&str], &str)] = &[
    (&["Instances", "ReservationId"], "describe-instances"),
    (&["Instances", "OwnerId"], "describe-instances"),
    (&["InstanceId", "ImageId"], "describe-instances"),
    (&["GroupId", "IpPermissions"], "describe-security-groups"),
    (&["NetworkInterfaceId", "PrivateIpAddresses"], "describe-network-interfaces"),
    (&["PublicIp", "Domain"], "describe-addresses"),
    (&["PublicIp", "AllocationId"], "describe-addresses"),
    (&["VolumeId", "VolumeType"], "describe-volumes"),
    (&["SnapshotId", "VolumeId", "StartTime"], "describe-snapshots"),
    (&["ImageId", "CreationDate", "RootDeviceType"], "describe-images"),
    (&["SubnetId", "CidrBlock"], "describe-subnets"),
    (&["VpcId", "CidrBlock"], "describe-vpcs"),
    (&["LoadBalancerArn", "LoadBalancerName"], "elbv2 describe-load-balancers"),
    (&["LoadBalancerName", "ListenerDescriptions"], "elb describe-load-balancers"),
    (&["blueprintId", "bundleId", "arn"], "lightsail get-instances"),
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    for (names, command) in MARKS {
        if let Some(prefix) = shape.under(PREFIXES, names) {
            return Some(format!("JSON keys {prefix}{} ({command})", names.join(", ")));
        }
    }
    if shape.under(&["Buckets[]."], &["Name", "CreationDate"]).is_some() {
        return Some("JSON keys Buckets[].Name, CreationDate (s3api list-buckets)".to_owned());
    }
    let only = head.whole && shape.top.iter().all(|key| ENVELOPES.contains(&key.as_str()) || key == "NextToken");
    ENVELOPES.iter().find(|name| only && shape.is_empty_list(name)).map(|name| format!("JSON key {name} with an empty list"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| match std::str::from_utf8(place.bytes) {
        Ok(text) => item(text, place, sink),
        Err(_) => Err(Refusal::malformed("a record is no valid UTF-8")),
    })
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::malformed("a record is no valid describe output"))
}

fn item(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Refusal> {
    if let Some(value) = describe_more::is_one(text) {
        sink.row(describe_more::row(Tree(&value), text, place.locator())?, place.bytes);
        return Ok(());
    }
    let item: Item<'_> = parse(text)?;
    let Some(instances) = item.instances else {
        let row = item.into_row(text, place.locator())?;
        sink.row(row, place.bytes);
        return Ok(());
    };
    for raw in instances {
        let inside = raw.get();
        let locator = json::inside(raw, text, place).locator();
        let row = parse::<Item<'_>>(inside).and_then(|mut instance| {
            if item.owner_id.0.is_some() {
                instance.owner_id.clone_from(&item.owner_id);
            }
            instance.into_row(inside, locator)
        });
        match row {
            Ok(row) => sink.row(row, inside.as_bytes()),
            Err(Refusal { kind, reason }) => sink.loss(kind, reason, Some(locator), inside.len() as u64),
        }
    }
    Ok(())
}

/// Any of the four kinds, or a reservation; which one shows in the keys.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Item<'a> {
    #[serde(borrow)]
    instances: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    owner_id: Field<'a>,
    #[serde(borrow)]
    instance_id: Field<'a>,
    #[serde(borrow)]
    image_id: Field<'a>,
    #[serde(borrow)]
    instance_type: Field<'a>,
    #[serde(borrow)]
    launch_time: Field<'a>,
    #[serde(borrow)]
    state: Option<State<'a>>,
    #[serde(borrow)]
    placement: Option<Placement<'a>>,
    #[serde(borrow)]
    public_ip_address: Field<'a>,
    #[serde(borrow)]
    private_ip_address: Field<'a>,
    #[serde(borrow)]
    network_interfaces: Option<Vec<Interface<'a>>>,
    #[serde(borrow)]
    security_groups: Option<Vec<Group<'a>>>,
    #[serde(borrow)]
    metadata_options: Option<Metadata<'a>>,
    #[serde(borrow)]
    iam_instance_profile: Option<Profile<'a>>,
    #[serde(borrow)]
    tags: Option<Vec<Tag<'a>>>,
    #[serde(borrow)]
    tag_set: Option<Vec<Tag<'a>>>,
    #[serde(borrow)]
    allocation_id: Field<'a>,
    #[serde(borrow)]
    public_ip: Field<'a>,
    #[serde(borrow)]
    network_border_group: Field<'a>,
    #[serde(borrow)]
    network_interface_owner_id: Field<'a>,
    #[serde(borrow)]
    group_id: Field<'a>,
    #[serde(borrow)]
    group_name: Field<'a>,
    #[serde(borrow)]
    ip_permissions: Option<Vec<Permission<'a>>>,
    #[serde(borrow)]
    network_interface_id: Field<'a>,
    #[serde(borrow)]
    availability_zone: Field<'a>,
    #[serde(borrow)]
    status: Field<'a>,
    #[serde(borrow)]
    groups: Option<Vec<Group<'a>>>,
    #[serde(borrow)]
    attachment: Option<Attachment<'a>>,
    #[serde(borrow)]
    association: Option<Association<'a>>,
    #[serde(borrow)]
    private_ip_addresses: Option<Vec<Private<'a>>>,
    #[serde(borrow)]
    ipv6_addresses: Option<Vec<Ipv6<'a>>>,
}

/// Structs of forgiving fields, all declared alike.
macro_rules! fields {
    ($($name:ident { $($field:ident: $inner:ty),+ })+) => {$(
        #[derive(Debug, Default, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        struct $name<'a> { $(#[serde(borrow)] $field: $inner),+ }
    )+};
}

fields! {
    State { name: Field<'a> }
    Placement { availability_zone: Field<'a> }
    Metadata { http_tokens: Field<'a> }
    Profile { arn: Field<'a> }
    Tag { key: Field<'a>, value: Field<'a> }
    Group { group_id: Field<'a> }
    Attachment { instance_id: Field<'a> }
    Association { public_ip: Field<'a> }
    Private { private_ip_address: Field<'a>, association: Option<Association<'a>> }
    Ipv6 { ipv6_address: Field<'a> }
    Interface {
        network_interface_id: Field<'a>,
        owner_id: Field<'a>,
        association: Option<Association<'a>>,
        private_ip_addresses: Option<Vec<Private<'a>>>,
        ipv6_addresses: Option<Vec<Ipv6<'a>>>
    }
    Permission {
        ip_protocol: Field<'a>,
        from_port: Field<'a>,
        to_port: Field<'a>,
        ip_ranges: Option<Vec<Range4<'a>>>,
        ipv6_ranges: Option<Vec<Range6<'a>>>
    }
    Range4 { cidr_ip: Field<'a> }
    Range6 { cidr_ipv6: Field<'a> }
}

/// Addresses, each once, in the order of appearance.
#[derive(Debug, Default)]
struct Addresses {
    public: Vec<IpAddr>,
    private: Vec<IpAddr>,
}

impl Addresses {
    fn public(&mut self, field: &Field<'_>) {
        push(&mut self.public, field);
    }
    fn interface(&mut self, outside: Option<&Association<'_>>, inside: &[Private<'_>], v6: &[Ipv6<'_>]) {
        outside.into_iter().for_each(|a| self.public(&a.public_ip));
        for address in inside {
            push(&mut self.private, &address.private_ip_address);
            address.association.iter().for_each(|a| self.public(&a.public_ip));
        }
        // IPv6 addresses of instances are reachable from outside unless routing forbids it.
        v6.iter().for_each(|a| self.public(&a.ipv6_address));
    }
}

fn push(list: &mut Vec<IpAddr>, field: &Field<'_>) {
    if let Some(addr) = field.parsed().filter(|addr| !list.contains(addr)) {
        list.push(addr);
    }
}

impl<'a> Item<'a> {
    fn into_row(mut self, text: &'a str, locator: Locator) -> Result<Row<'a>, Refusal> {
        let tags = self.tags.take().or(self.tag_set.take()).unwrap_or_default();
        let name = tags.into_iter().find(|t| t.key.0.as_deref() == Some("Name")).and_then(|t| t.value.filled());
        let mut info = if self.network_interface_id.0.is_some() && self.public_ip.0.is_none() {
            self.into_interface()
        } else if self.public_ip.0.is_some() {
            self.into_address()
        } else if self.group_id.0.is_some() {
            self.into_group()
        } else if self.instance_id.0.is_some() {
            self.into_instance()
        } else {
            return Err(Refusal::malformed("no resource that is known"));
        };
        info.name = name.or(info.name);
        info.raw = Cow::Borrowed(text);
        Ok(Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator, body: Body::Inventory(Box::new(info)) })
    }

    fn into_instance(self) -> InventoryInfo<'a> {
        let mut addresses = Addresses::default();
        addresses.public(&self.public_ip_address);
        push(&mut addresses.private, &self.private_ip_address);
        let mut account = self.owner_id.filled();
        let mut interfaces = Vec::new();
        for interface in self.network_interfaces.unwrap_or_default() {
            let (inside, v6) = (interface.private_ip_addresses.unwrap_or_default(), interface.ipv6_addresses.unwrap_or_default());
            addresses.interface(interface.association.as_ref(), &inside, &v6);
            account = account.or(interface.owner_id.filled());
            interfaces.extend(interface.network_interface_id.filled());
        }
        let zone = self.placement.and_then(|p| p.availability_zone.filled());
        InventoryInfo {
            kind: InventoryKind::Instance,
            id: self.instance_id.0.clone().unwrap_or_default(),
            account,
            region: zone.map(region_of),
            public_addrs: addresses.public,
            private_addrs: addresses.private,
            interfaces,
            instance_id: self.instance_id.filled(),
            groups: group_ids(self.security_groups),
            state: self.state.and_then(|s| s.name.filled()),
            launched: self.launch_time.parsed(),
            image_id: self.image_id.filled(),
            instance_type: self.instance_type.filled(),
            imds_tokens: self.metadata_options.and_then(|m| m.http_tokens.filled()),
            instance_profile: self.iam_instance_profile.and_then(|p| p.arn.filled()),
            ..InventoryInfo::default()
        }
    }

    fn into_address(self) -> InventoryInfo<'a> {
        let mut addresses = Addresses::default();
        addresses.public(&self.public_ip);
        push(&mut addresses.private, &self.private_ip_address);
        InventoryInfo {
            kind: InventoryKind::Address,
            id: self.allocation_id.filled().or(self.public_ip.filled()).unwrap_or_default(),
            account: self.network_interface_owner_id.filled(),
            region: self.network_border_group.filled().map(region_of),
            public_addrs: addresses.public,
            private_addrs: addresses.private,
            interfaces: self.network_interface_id.filled().into_iter().collect(),
            instance_id: self.instance_id.filled(),
            ..InventoryInfo::default()
        }
    }

    fn into_group(self) -> InventoryInfo<'a> {
        InventoryInfo {
            kind: InventoryKind::SecurityGroup,
            id: self.group_id.0.unwrap_or_default(),
            account: self.owner_id.filled(),
            name: self.group_name.filled(),
            ingress: self.ip_permissions.unwrap_or_default().into_iter().map(ingress).collect(),
            ..InventoryInfo::default()
        }
    }

    fn into_interface(self) -> InventoryInfo<'a> {
        let mut addresses = Addresses::default();
        push(&mut addresses.private, &self.private_ip_address);
        let (inside, v6) = (self.private_ip_addresses.unwrap_or_default(), self.ipv6_addresses.unwrap_or_default());
        addresses.interface(self.association.as_ref(), &inside, &v6);
        InventoryInfo {
            kind: InventoryKind::NetworkInterface,
            id: self.network_interface_id.0.clone().unwrap_or_default(),
            account: self.owner_id.filled(),
            region: self.availability_zone.filled().map(region_of),
            public_addrs: addresses.public,
            private_addrs: addresses.private,
            interfaces: self.network_interface_id.filled().into_iter().collect(),
            instance_id: self.attachment.and_then(|a| a.instance_id.filled()),
            groups: group_ids(self.groups),
            state: self.status.filled(),
            ..InventoryInfo::default()
        }
    }
}

fn group_ids(groups: Option<Vec<Group<'_>>>) -> Vec<Cow<'_, str>> {
    groups.unwrap_or_default().into_iter().filter_map(|g| g.group_id.filled()).collect()
}

fn ingress(permission: Permission<'_>) -> IngressRule {
    let v4 = permission.ip_ranges.unwrap_or_default().into_iter().filter_map(|r| r.cidr_ip.filled());
    let v6 = permission.ipv6_ranges.unwrap_or_default().into_iter().filter_map(|r| r.cidr_ipv6.filled());
    IngressRule {
        protocol: permission.ip_protocol.0.unwrap_or_default().into_owned(),
        // -1 (all types of ICMP) is no port.
        from_port: permission.from_port.parsed(),
        to_port: permission.to_port.parsed(),
        cidrs: v4.chain(v6).map(Cow::into_owned).collect(),
    }
}

/// `ap-northeast-1a` and `us-west-2-lax-1a` to their Region: up to the first number.
pub(super) fn region_of(zone: Cow<'_, str>) -> Cow<'_, str> {
    let Some(start) = zone.find(|c: char| c.is_ascii_digit()) else { return zone };
    let digits = zone.bytes().skip(start).take_while(u8::is_ascii_digit).count();
    match zone.get(..start + digits) {
        Some(region) if region.len() < zone.len() => Cow::Owned(region.to_owned()),
        _ => zone,
    }
}
