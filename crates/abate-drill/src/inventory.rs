//! What `aws ec2 describe-…` prints: which host has which addresses and what may reach it. Only the fields that matter
//! for an investigation, in the shape in which the command line prints them.

use serde_json::{Value, json};

use crate::clock::{self, DAY};
use crate::stage::Part;
use crate::world::{Host, World};

/// Gives `describe-instances.json`, `describe-addresses.json` and `describe-security-groups.json`. `web_ports` are the ports
/// of the web server that anyone may reach.
pub(crate) fn write(world: &World, web_ports: &[u16]) -> [Part; 3] {
    let hosts = [&world.web, &world.batch, &world.app];
    let instances: Vec<Value> = hosts.iter().map(|host| instance(world, host)).collect();
    let addresses: Vec<Value> = hosts.iter().filter(|host| !host.public.is_empty()).map(|host| address(world, host)).collect();
    let groups = vec![
        group(world, &world.web, &public_rules(web_ports)),
        group(world, &world.batch, &Vec::new()),
        group(world, &world.app, &app_rules(world)),
    ];
    [
        file("instances", &json!({"Reservations": instances})),
        file("addresses", &json!({"Addresses": addresses})),
        file("security-groups", &json!({"SecurityGroups": groups})),
    ]
}

fn file(what: &str, value: &Value) -> Part {
    Part::File { path: format!("evidence/describe-{what}.json"), bytes: format!("{value:#}\n").into_bytes() }
}

fn instance(world: &World, host: &Host) -> Value {
    let launched = clock::iso(world.incident - 90 * DAY);
    let mut instance = json!({
        "InstanceId": host.instance, "ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.small", "LaunchTime": launched,
        "State": {"Code": 16, "Name": "running"}, "PrivateIpAddress": host.private, "SubnetId": world.subnet, "VpcId": world.vpc,
        "Placement": {"AvailabilityZone": format!("{}a", world.region), "Tenancy": "default"},
        "MetadataOptions": {"State": "applied", "HttpTokens": if host.old_metadata { "optional" } else { "required" }, "HttpEndpoint": "enabled"},
        "SecurityGroups": [{"GroupName": host.name, "GroupId": host.group}],
        "Tags": [{"Key": "Name", "Value": host.name}]
    });
    let mut interface = json!({
        "NetworkInterfaceId": host.interface, "PrivateIpAddress": host.private, "OwnerId": world.account, "Status": "in-use",
        "SubnetId": world.subnet, "VpcId": world.vpc, "Attachment": {"AttachTime": launched, "DeviceIndex": 0, "Status": "attached"}
    });
    if !host.public.is_empty() {
        put(&mut instance, "PublicIpAddress", json!(host.public));
        put(&mut interface, "Association", json!({"PublicIp": host.public, "IpOwnerId": world.account}));
    }
    let batch = (host.name == world.batch.name).then_some((&world.batch_role, &world.batch_principal));
    if let Some((role, principal)) = host.role.as_ref().map(|(role, principal)| (role, principal)).or(batch) {
        let arn = format!("arn:aws:iam::{}:instance-profile/{role}", world.account);
        put(&mut instance, "IamInstanceProfile", json!({"Arn": arn, "Id": principal.replacen("AROA", "AIPA", 1)}));
    }
    put(&mut instance, "NetworkInterfaces", json!([interface]));
    let reservation = host.instance.replacen("i-", "r-", 1);
    json!({"ReservationId": reservation, "OwnerId": world.account, "Groups": [], "Instances": [instance]})
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

fn address(world: &World, host: &Host) -> Value {
    json!({
        "PublicIp": host.public, "AllocationId": host.allocation, "AssociationId": host.association, "Domain": "vpc",
        "InstanceId": host.instance, "NetworkInterfaceId": host.interface, "NetworkInterfaceOwnerId": world.account,
        "PrivateIpAddress": host.private, "PublicIpv4Pool": "amazon", "NetworkBorderGroup": world.region
    })
}

fn public_rules(ports: &[u16]) -> Vec<Value> {
    let world_open = json!([{"CidrIp": "0.0.0.0/0"}]);
    ports.iter().map(|port| json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": world_open})).collect()
}

fn app_rules(world: &World) -> Vec<Value> {
    let pairs = json!([{"GroupId": world.web.group, "UserId": world.account}]);
    vec![json!({"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [], "UserIdGroupPairs": pairs})]
}

fn group(world: &World, host: &Host, inbound: &[Value]) -> Value {
    let outbound = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    json!({
        "GroupId": host.group, "GroupName": host.name, "Description": host.name, "OwnerId": world.account, "VpcId": world.vpc,
        "IpPermissions": inbound, "IpPermissionsEgress": outbound
    })
}
