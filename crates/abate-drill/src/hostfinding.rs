//! Findings of GuardDuty on a host of the company: a connection or a name that was looked up, with the instance as the inventory has it.

use serde_json::{Value, json};

use crate::clock::{self, Second};
use crate::folder::Record;
use crate::rng::Rng;
use crate::world::{Host, World};

/// What a finding says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finding<'a> {
    /// its type, such as `Backdoor:EC2/C&CActivity.B`
    pub(crate) kind: &'a str,
    /// 1 to 10
    pub(crate) severity: f64,
    /// what it is called
    pub(crate) title: &'a str,
    /// whose instance
    pub(crate) host: &'a Host,
    /// first and last time
    pub(crate) seen: (Second, Second),
    /// so often
    pub(crate) count: i64,
    /// the instance did it (else it was done to it)
    pub(crate) actor: bool,
    /// a name that was looked up
    pub(crate) domain: Option<&'a str>,
    /// a connection: the other address, its port, ours
    pub(crate) connection: Option<(&'a str, i64, i64)>,
}

impl Finding<'_> {
    /// The JSON object.
    pub(crate) fn record(&self, world: &World, rng: &mut Rng) -> Record {
        let (region, account, detector, id) = (world.region, world.account, rng.hex(32), rng.hex(32));
        let made = self.seen.0 + rng.range(5, 20) * 60;
        let action = match (self.connection, self.domain) {
            (Some((address, port, local)), _) => json!({"ActionType": "NETWORK_CONNECTION", "NetworkConnectionAction": {
                "Blocked": false, "ConnectionDirection": if self.actor { "OUTBOUND" } else { "INBOUND" }, "Protocol": "TCP",
                "LocalPortDetails": {"Port": local, "PortName": "Unknown"}, "RemotePortDetails": {"Port": port, "PortName": "Unknown"},
                "RemoteIpDetails": {"IpAddressV4": address, "Country": {"CountryName": "Unknown"}},
                "LocalIpDetails": {"IpAddressV4": self.host.private}
            }}),
            (None, domain) => json!({"ActionType": "DNS_REQUEST", "DnsRequestAction": {
                "Domain": domain.unwrap_or("unknown.example"), "Protocol": "UDP", "Blocked": false
            }}),
        };
        let finding = json!({
            "SchemaVersion": "2.0", "AccountId": account, "Region": region, "Partition": "aws", "Id": id,
            "Arn": format!("arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id}"),
            "Type": self.kind, "Severity": self.severity, "Title": self.title,
            "Description": format!("{} Instance {}.", self.title, self.host.instance),
            "CreatedAt": clock::iso(made), "UpdatedAt": clock::iso(made.max(self.seen.1)),
            "Resource": {"ResourceType": "Instance", "InstanceDetails": instance(world, self.host)},
            "Service": {
                "Action": action, "Archived": false, "Count": self.count, "DetectorId": detector,
                "EventFirstSeen": clock::iso(self.seen.0), "EventLastSeen": clock::iso(self.seen.1),
                "ResourceRole": if self.actor { "ACTOR" } else { "TARGET" }, "ServiceName": "guardduty"
            }
        });
        Record::plain(self.seen.0, finding.to_string())
    }
}

fn instance(world: &World, host: &Host) -> Value {
    let mut interface = json!({
        "NetworkInterfaceId": host.interface, "PrivateIpAddress": host.private, "SubnetId": world.subnet, "VpcId": world.vpc,
        "SecurityGroups": [{"GroupName": host.name, "GroupId": host.group}]
    });
    if let (Some(interface), false) = (interface.as_object_mut(), host.public.is_empty()) {
        interface.insert("PublicIp".to_owned(), json!(host.public));
    }
    json!({
        "InstanceId": host.instance, "InstanceType": "t3.small", "InstanceState": "running", "ImageId": "ami-0123456789abcdef0",
        "AvailabilityZone": format!("{}a", world.region), "NetworkInterfaces": [interface], "Tags": [{"Key": "Name", "Value": host.name}]
    })
}
