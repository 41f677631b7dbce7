//! The customer's own finding: free words in either language, or a GuardDuty finding as JSON (EventBridge form or as the API
//! prints it).

use abate_model::{Category, Remote, ResourceKind};
use jiff::Timestamp;
use serde_json::Value;

use crate::addresses;
use crate::categories;
use crate::incoming::{Incoming, Origin};
use crate::regions;
use crate::resources;
use crate::text::{clean, push_new};
use crate::times::{Assumed, find_all};

/// GuardDuty finding types by their beginning; the first that fits counts. From the GuardDuty user guide, finding types.
const TYPES: &[(&str, Category)] = &[
    ("CryptoCurrency:", Category::CryptoMining),
    ("Impact:EC2/BitcoinDomainRequest", Category::CryptoMining),
    ("Backdoor:EC2/DenialOfService", Category::Dos),
    ("Backdoor:EC2/Spambot", Category::Spam),
    ("Backdoor:", Category::Botnet),
    ("Trojan:EC2/PhishingDomainRequest", Category::Phishing),
    ("Trojan:", Category::Botnet),
    ("Recon:EC2/Portscan", Category::PortScan),
    ("Impact:EC2/PortSweep", Category::PortScan),
    ("Recon:EC2/PortProbe", Category::Vulnerability),
    ("UnauthorizedAccess:EC2/SSHBruteForce", Category::Intrusion),
    ("UnauthorizedAccess:EC2/RDPBruteForce", Category::Intrusion),
    ("Impact:EC2/WinRMBruteForce", Category::Intrusion),
    ("UnauthorizedAccess:EC2/TorRelay", Category::OpenProxy),
    ("UnauthorizedAccess:EC2/TorClient", Category::Botnet),
    ("UnauthorizedAccess:EC2/MaliciousIPCaller", Category::Botnet),
    ("UnauthorizedAccess:EC2/MetadataDNSRebind", Category::CompromisedCredentials),
    ("Impact:EC2/", Category::Botnet),
    ("Impact:Runtime/CryptoMinerExecuted", Category::CryptoMining),
    ("Impact:Runtime/BitcoinDomainRequest", Category::CryptoMining),
    ("Execution:EC2/MaliciousFile", Category::Malware),
    ("Object:S3/MaliciousFile", Category::Malware),
    ("Execution:", Category::Malware),
    ("Recon:IAMUser", Category::CompromisedCredentials),
    ("UnauthorizedAccess:", Category::CompromisedCredentials),
    ("CredentialAccess:", Category::CompromisedCredentials),
    ("InitialAccess:", Category::CompromisedCredentials),
    ("Discovery:", Category::CompromisedCredentials),
    ("Persistence:", Category::CompromisedCredentials),
    ("PrivilegeEscalation:", Category::CompromisedCredentials),
    ("DefenseEvasion:IAMUser", Category::CompromisedCredentials),
    ("Stealth:", Category::CompromisedCredentials),
    ("Exfiltration:", Category::CompromisedCredentials),
    ("Impact:IAMUser", Category::CompromisedCredentials),
    ("Impact:S3", Category::CompromisedCredentials),
    ("PenTest:", Category::CompromisedCredentials),
    ("Policy:", Category::CompromisedCredentials),
    ("AttackSequence:", Category::CompromisedCredentials),
];

/// The category of a GuardDuty finding type.
pub(crate) fn of_type(kind: &str) -> Option<Category> {
    TYPES.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, category)| *category)
}

/// Free words.
pub(crate) fn of_words(text: &str, account: Option<&str>) -> Incoming {
    let mut incoming = Incoming::text(Origin::Own, clean(text));
    incoming.stated.account = account.map(str::to_owned);
    // Words about a GuardDuty finding often quote its type.
    let kind = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '(' | ')' | '「' | '」' | '、')).find_map(of_type);
    incoming.stated.category = kind;
    incoming
}

/// The first GuardDuty finding in a JSON document.
pub(crate) fn guard_duty(document: &Value, account: Option<&str>, received: Timestamp) -> Option<Incoming> {
    let finding = find(document, 5)?;
    let mut incoming = Incoming::text(Origin::Own, String::new());
    let kind = text(finding, "type").unwrap_or_default();
    let title = text(finding, "title").unwrap_or(kind);
    let mut lines = vec![title.to_owned(), format!("Finding type: {kind}")];
    lines.extend(text(finding, "description").map(str::to_owned));
    incoming.subject = Some(title.to_owned());
    incoming.message_id = text(finding, "arn").map(str::to_owned);
    let assumed = Assumed::of("", received);
    let time = |v: Option<&str>| v.and_then(|t| find_all(t, &assumed).into_iter().next()).map(|t| t.at);
    let service = get(finding, "service");
    incoming.date = time(text(finding, "updatedAt")).or_else(|| time(text(finding, "createdAt")));
    let stated = &mut incoming.stated;
    stated.category = of_type(kind).or_else(|| categories::of_keywords(&lines.join(" ")));
    stated.account = text(finding, "accountId").or(account).map(str::to_owned);
    stated.regions = text(finding, "region").map(regions::find).unwrap_or_default();
    stated.from = time(service.and_then(|s| text(s, "eventFirstSeen"))).or_else(|| time(text(finding, "createdAt")));
    stated.to = time(service.and_then(|s| text(s, "eventLastSeen"))).or(stated.from);
    stated.zone = Some("UTC".to_owned());
    stated.words.push(kind.to_owned());
    if let Some(resource) = get(finding, "resource") {
        resources_of(resource, &mut incoming);
    }
    if let Some(action) = service.and_then(|s| get(s, "action")) {
        remotes_of(action, 5, &mut incoming);
    }
    incoming.text = clean(&lines.join("\n"));
    Some(incoming)
}

/// A member by its name, as EventBridge (`accountId`) or as the API (`AccountId`) writes it.
fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let map = value.as_object()?;
    map.get(key).or_else(|| {
        let mut upper = key.to_owned();
        upper.get_mut(..1)?.make_ascii_uppercase();
        map.get(&upper)
    })
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    get(value, key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

fn find(value: &Value, depth: usize) -> Option<&Value> {
    let fits = text(value, "type").is_some_and(|t| t.contains(':') && t.contains('/')) && get(value, "resource").is_some();
    if fits {
        return Some(value);
    }
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(map) => map.values().find_map(|v| find(v, depth - 1)),
        Value::Array(list) => list.iter().find_map(|v| find(v, depth - 1)),
        _ => None,
    }
}

fn resources_of(resource: &Value, incoming: &mut Incoming) {
    let stated = &mut incoming.stated;
    if let Some(instance) = get(resource, "instanceDetails")
        && let Some(id) = text(instance, "instanceId")
    {
        let mut one = resources::resource(ResourceKind::Ec2Instance, id);
        let interfaces = get(instance, "networkInterfaces").and_then(Value::as_array);
        for interface in interfaces.into_iter().flatten() {
            for address in [text(interface, "publicIp"), text(interface, "privateIpAddress")].into_iter().flatten() {
                push_new(&mut one.addresses, address.to_owned());
            }
        }
        push_new(&mut stated.resources, one);
    }
    if let Some(key) = get(resource, "accessKeyDetails") {
        if let Some(id) = text(key, "accessKeyId") {
            push_new(&mut stated.resources, resources::resource(ResourceKind::AccessKey, id));
        }
        if let Some(name) = text(key, "userName") {
            let role = text(key, "userType").is_some_and(|t| t.contains("Role"));
            push_new(&mut stated.resources, resources::resource(if role { ResourceKind::IamRole } else { ResourceKind::IamUser }, name));
        }
    }
    for bucket in get(resource, "s3BucketDetails").and_then(Value::as_array).into_iter().flatten() {
        if let Some(name) = text(bucket, "name") {
            push_new(&mut stated.resources, resources::resource(ResourceKind::S3Bucket, name));
        }
    }
}

/// Far ends, wherever the action holds them; addresses and their port stand side by side.
fn remotes_of(value: &Value, depth: usize, incoming: &mut Incoming) {
    if depth == 0 || incoming.stated.remote.len() >= 100 {
        return;
    }
    if let Some(remote) = get(value, "remoteIpDetails")
        && let Some(address) = text(remote, "ipAddressV4").or_else(|| text(remote, "ipAddressV6"))
    {
        let port = get(value, "remotePortDetails").and_then(|p| get(p, "port")).and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
        let protocol = text(value, "protocol").and_then(addresses::protocol);
        push_new(&mut incoming.stated.remote, Remote { address: Some(address.to_owned()), port: port.filter(|p| *p > 0), protocol });
    }
    if let Some(domain) = text(value, "domain") {
        push_new(&mut incoming.stated.remote, Remote { address: Some(domain.to_owned()), port: None, protocol: None });
    }
    match value {
        Value::Object(map) => map.values().for_each(|v| remotes_of(v, depth - 1, incoming)),
        Value::Array(list) => list.iter().for_each(|v| remotes_of(v, depth - 1, incoming)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_types() {
        for (kind, category) in [
            ("CryptoCurrency:EC2/BitcoinTool.B!DNS", Category::CryptoMining),
            ("Backdoor:EC2/DenialOfService.Udp", Category::Dos),
            ("Backdoor:EC2/C&CActivity.B", Category::Botnet),
            ("Recon:EC2/Portscan", Category::PortScan),
            ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", Category::CompromisedCredentials),
            ("UnauthorizedAccess:EC2/SSHBruteForce", Category::Intrusion),
        ] {
            assert_eq!(of_type(kind), Some(category), "{kind}");
        }
        assert_eq!(of_type("Something:New/Here"), None);
    }
}
