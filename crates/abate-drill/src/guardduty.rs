//! Findings of GuardDuty as `aws guardduty get-findings` prints them, sample findings among them. What GuardDuty noticed is
//! decided elsewhere.

use serde_json::{Value, json};

use crate::clock::{self, Second};
use crate::folder::Record;
use crate::rng::Rng;
use crate::world::{User, World};

/// A finding, before it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// such as `CryptoCurrency:EC2/BitcoinTool.B!DNS`
    pub(crate) kind: &'static str,
    /// 1 to 10
    pub(crate) severity: f64,
    /// one line
    pub(crate) title: String,
    /// a sentence or two
    pub(crate) description: String,
    /// Region
    pub(crate) region: String,
    /// `Resource`
    pub(crate) resource: Value,
    /// `Service.Action`
    pub(crate) action: Value,
    /// first and last time that it was seen
    pub(crate) seen: (Second, Second),
    /// how often
    pub(crate) count: i64,
}

impl Finding {
    /// The record. GuardDuty reports some minutes after it saw something.
    pub(crate) fn record(self, world: &World, rng: &mut Rng) -> Record {
        let (at, told) = (self.seen.0, self.seen.0 + rng.range(300, 1500));
        Record::plain(at, self.json(world, rng, told, Value::Null).to_string())
    }

    fn json(self, world: &World, rng: &mut Rng, told: Second, additional: Value) -> Value {
        let (account, region, id) = (world.account, self.region, rng.hex(32));
        // One detector for each Region of the account.
        let detector = Rng::stream(0, &format!("detector/{region}/{}", world.kms_key)).hex(32);
        let mut service = json!({
            "Action": self.action, "Archived": false, "Count": self.count, "DetectorId": detector,
            "EventFirstSeen": clock::iso(self.seen.0), "EventLastSeen": clock::iso(self.seen.1), "ResourceRole": "TARGET",
            "ServiceName": "guardduty"
        });
        if let (Some(service), false) = (service.as_object_mut(), additional.is_null()) {
            service.insert("AdditionalInfo".to_owned(), additional);
        }
        json!({
            "AccountId": account, "Arn": format!("arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{id}"),
            "CreatedAt": clock::iso(told), "Description": self.description, "Id": id, "Partition": "aws", "Region": region,
            "Resource": self.resource, "SchemaVersion": "2.0", "Service": service, "Severity": self.severity, "Title": self.title,
            "Type": self.kind, "UpdatedAt": clock::iso(told.max(self.seen.1 + 60))
        })
    }
}

/// `Resource` of a user's key.
pub(crate) fn user_key(user: &User) -> Value {
    json!({"ResourceType": "AccessKey", "AccessKeyDetails": {
        "AccessKeyId": user.key, "PrincipalId": user.principal, "UserName": user.name, "UserType": "IAMUser"
    }})
}

/// `Resource` of an instance: id, type and its interface.
pub(crate) fn instance(id: &str, kind: &str, (public, private): (&str, &str), launched: Second) -> Value {
    json!({"ResourceType": "Instance", "InstanceDetails": {
        "InstanceId": id, "InstanceType": kind, "InstanceState": "running", "LaunchTime": clock::iso(launched),
        "NetworkInterfaces": [{"PublicIp": public, "PrivateIpAddress": private, "Ipv6Addresses": []}], "Tags": []
    }})
}

/// `Service.Action` of calls from an address.
pub(crate) fn calls(service: &str, name: &str, from: &str) -> Value {
    json!({"ActionType": "AWS_API_CALL", "AwsApiCallAction": {
        "Api": name, "CallerType": "Remote IP", "ServiceName": format!("{service}.amazonaws.com"),
        "RemoteIpDetails": {"IpAddressV4": from, "Country": {"CountryName": "Unknown"}, "Organization": {"Asn": "64500", "AsnOrg": "Example Hosting"}}
    }})
}

/// `Service.Action` of a name that was asked for.
pub(crate) fn dns(domain: &str) -> Value {
    json!({"ActionType": "DNS_REQUEST", "DnsRequestAction": {"Domain": domain, "Protocol": "UDP", "Blocked": false}})
}

/// Sample findings, as the console makes them: of many kinds at the same time, about things that do not exist.
pub(crate) fn samples(world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
    let key = json!({"ResourceType": "AccessKey", "AccessKeyDetails": {
        "AccessKeyId": "GeneratedFindingAccessKeyId", "PrincipalId": "GeneratedFindingPrincipalId",
        "UserName": "GeneratedFindingUserName", "UserType": "IAMUser"
    }});
    let host = instance("i-99999999", "m3.xlarge", ("198.51.100.0", "10.0.0.1"), at - 86_400 * 30);
    [
        ("CryptoCurrency:EC2/BitcoinTool.B!DNS", 8.0, host.clone(), dns("GeneratedFindingDomainName")),
        ("Backdoor:EC2/DenialOfService.Udp", 8.0, host.clone(), dns("GeneratedFindingDomainName")),
        (
            "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
            8.0,
            key.clone(),
            calls("ec2", "GeneratedFindingAPIName", "198.51.100.0"),
        ),
        ("Stealth:IAMUser/CloudTrailLoggingDisabled", 2.0, key, calls("cloudtrail", "GeneratedFindingAPIName", "198.51.100.0")),
    ]
    .into_iter()
    .map(|(kind, severity, resource, action)| {
        let finding = Finding {
            kind,
            severity,
            title: format!("[SAMPLE] A finding of the type {kind}."),
            description: "This is a sample finding.".to_owned(),
            region: world.region.to_owned(),
            resource,
            action,
            seen: (at, at),
            count: 1,
        };
        let text = finding.json(world, rng, at, json!({"Type": "default", "Value": "{\"sample\":true}"})).to_string();
        Record::plain(at, text).decoy("a sample finding that somebody made in the console; its resources do not exist")
    })
    .collect()
}
