//! Instances that somebody starts during a drill: the call in CloudTrail, what `aws ec2 describe-instances` prints of them, and
//! what GuardDuty sees when they mine. Who starts them is decided elsewhere.

use serde_json::{Value, json};

use crate::clock::{self, Second};
use crate::guardduty::{self, Finding};
use crate::rng::Rng;
use crate::stage::Part;
use crate::trail::{Call, Caller};
use crate::world::World;

/// Regions in which the company has nothing, in the order in which they are tried.
pub(crate) const REGIONS: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-2",
    "sa-east-1",
];

/// Instance types that miners like.
pub(crate) const LARGE: &[&str] = &["g4dn.12xlarge", "p3.8xlarge", "g5.24xlarge", "c6a.32xlarge", "c5.24xlarge", "p4d.24xlarge"];

/// Pools that pay for mining.
pub(crate) const POOLS: &[&str] =
    &["pool.mining.example.net", "xmr-eu.pool.example.org", "rx.unmineable.example.com", "eth-asia.pool.example.net"];

/// An instance that is started during the drill.
#[derive(Clone, Debug)]
pub(crate) struct Stray {
    /// `i-…`
    pub(crate) id: String,
    /// `eni-…`
    pub(crate) interface: String,
    /// 10.x address
    pub(crate) private: String,
    /// address on the Internet
    pub(crate) public: String,
    /// instance type
    pub(crate) kind: &'static str,
    /// `ami-…`
    pub(crate) image: String,
    /// Region
    pub(crate) region: &'static str,
    /// when it is started
    pub(crate) at: Second,
}

impl Stray {
    /// An instance with an address of its own.
    pub(crate) fn new(world: &mut World, rng: &mut Rng, region: &'static str, kind: &'static str, image: &str, at: Second) -> Self {
        Self {
            id: format!("i-0{}", rng.hex(16)),
            interface: format!("eni-0{}", rng.hex(16)),
            private: format!("10.240.{}.{}", rng.range(0, 250), rng.range(4, 250)),
            public: world.take_address(rng),
            kind,
            image: image.to_owned(),
            region,
            at,
        }
    }

    fn item(&self, world: &World) -> Value {
        json!({
            "instanceId": self.id, "imageId": self.image, "instanceState": {"code": 0, "name": "pending"}, "privateIpAddress": self.private,
            "amiLaunchIndex": 0, "instanceType": self.kind, "launchTime": self.at * 1000,
            "placement": {"availabilityZone": format!("{}a", self.region), "tenancy": "default"}, "monitoring": {"state": "disabled"},
            "networkInterfaceSet": {"items": [{"networkInterfaceId": self.interface, "ownerId": world.account, "status": "in-use"}]}
        })
    }

    fn described(&self, world: &World) -> Value {
        let interface = json!({
            "NetworkInterfaceId": self.interface, "PrivateIpAddress": self.private, "OwnerId": world.account, "Status": "in-use",
            "Association": {"PublicIp": self.public, "IpOwnerId": "amazon"},
            "Attachment": {"AttachTime": clock::iso(self.at), "DeviceIndex": 0, "Status": "attached"}
        });
        let instance = json!({
            "InstanceId": self.id, "ImageId": self.image, "InstanceType": self.kind, "LaunchTime": clock::iso(self.at),
            "State": {"Code": 16, "Name": "running"}, "PrivateIpAddress": self.private, "PublicIpAddress": self.public,
            "Placement": {"AvailabilityZone": format!("{}a", self.region), "Tenancy": "default"}, "NetworkInterfaces": [interface],
            "MetadataOptions": {"State": "applied", "HttpTokens": "optional", "HttpEndpoint": "enabled"}
        });
        json!({"ReservationId": self.id.replacen("i-", "r-", 1), "OwnerId": world.account, "Groups": [], "Instances": [instance]})
    }

    /// GuardDuty sees that it asks for a pool's name.
    pub(crate) fn mining(&self, pool: &str, seen: (Second, Second), count: i64) -> Finding {
        Finding {
            kind: "CryptoCurrency:EC2/BitcoinTool.B!DNS",
            severity: 8.0,
            title: format!("The EC2 instance {} is querying a domain name that is associated with cryptocurrency activity.", self.id),
            description: format!("EC2 instance {} is querying {pool}, a name associated with mining.", self.id),
            region: self.region.to_owned(),
            resource: guardduty::instance(&self.id, self.kind, (&self.public, &self.private), self.at),
            action: guardduty::dns(pool),
            seen,
            count,
        }
    }
}

/// `RunInstances` for instances of the same type, Region and time.
pub(crate) fn launch(world: &World, rng: &mut Rng, caller: &Caller, strays: &[Stray]) -> Option<Call> {
    let first = strays.first()?;
    let items: Vec<Value> = strays.iter().map(|stray| stray.item(world)).collect();
    let answer = json!({
        "requestId": rng.uuid(), "reservationId": first.id.replacen("i-", "r-", 1), "ownerId": world.account, "groupSet": {},
        "instancesSet": {"items": items}
    });
    let call = wanted(world, rng, caller, (first.region, first.kind, &first.image), strays.len(), first.at);
    let request = call.request.clone();
    Some(call.with(request, answer))
}

/// `RunInstances` without an answer yet; `what` is Region, type and image.
pub(crate) fn wanted(
    world: &World,
    rng: &mut Rng,
    caller: &Caller,
    (region, kind, image): (&str, &str, &str),
    count: usize,
    at: Second,
) -> Call {
    let request = json!({
        "instancesSet": {"items": [{"imageId": image, "minCount": 1, "maxCount": count, "keyName": rng.pick(&["k1", "key", "default", "ssh"])}]},
        "userData": "<sensitiveDataRemoved>", "instanceType": kind, "blockDeviceMapping": {}, "monitoring": {"enabled": false},
        "disableApiTermination": rng.chance(40), "disableApiStop": false, "clientToken": rng.uuid()
    });
    caller.call(world, at, "ec2", "RunInstances").in_region(region).with(request, Value::Null)
}

/// What `aws ec2 describe-instances` prints in each Region where there are instances.
pub(crate) fn describe(world: &World, strays: &[Stray]) -> Vec<Part> {
    let mut regions: Vec<&str> = strays.iter().map(|stray| stray.region).collect();
    regions.sort_unstable();
    regions.dedup();
    let file = |region: &str| {
        let list: Vec<Value> = strays.iter().filter(|stray| stray.region == region).map(|stray| stray.described(world)).collect();
        let path = format!("evidence/{region}/describe-instances.json");
        Part::File { path, bytes: format!("{:#}\n", json!({"Reservations": list})).into_bytes() }
    };
    regions.into_iter().map(file).collect()
}
