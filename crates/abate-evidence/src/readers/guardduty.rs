//! Amazon GuardDuty findings as JSON: `aws guardduty get-findings`, the export to S3 (one finding per line), EventBridge events,
//! lists of findings.
//!
//! The command line writes keys with a capital letter, the export without; both are read.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::DetectionFinding;
use abate_model::{Body, Locator, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{self, Refusal};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "guardduty",
    title: Text::fixed("Amazon GuardDuty findings", "Amazon GuardDuty の検出結果"),
    tables: &[Table::DetectionFinding],
    continuous: false,
    never_contains: &[
        Text::fixed("anything from before GuardDuty was enabled in the Region", "そのリージョンで GuardDuty を有効にする前の出来事"),
        Text::fixed(
            "findings older than 90 days, and findings that a filter archives or leaves out",
            "90 日より前の検出結果、およびフィルターで除外された検出結果",
        ),
        Text::fixed("what the enabled protection plans do not watch", "有効な保護プランの監視対象外の出来事"),
    ],
    sniff,
    read,
};

const ENVELOPES: &[&str] = &["Findings", "findings"];
const PREFIXES: &[&str] =
    &["", "[].", "Findings[].", "[].Findings[].", "findings[].", "[].findings[].", "detail.", "[].detail.", "findings[].detail."];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    for names in [["schemaVersion", "severity", "service", "type"], ["SchemaVersion", "Severity", "Service", "Type"]] {
        if let Some(prefix) = shape.under(PREFIXES, &names) {
            return Some(format!("JSON keys {prefix}{}", names.join(", ")));
        }
    }
    let empty = head.whole && shape.is_empty_list("Findings") && shape.top.iter().all(|key| key == "Findings");
    empty.then(|| "JSON key Findings with an empty list".to_owned())
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, ENVELOPES, sink, &mut |place, sink| {
        let text = place.text();
        let finding = parse(&text)?;
        match finding.detail {
            Some(detail) if finding.kind.0.is_none() => {
                sink.row(parse(detail.get())?.into_row(place.locator())?, detail.get().as_bytes());
            }
            _ => sink.row(finding.into_row(place.locator())?, place.bytes),
        }
        Ok(())
    })
}

fn parse(text: &str) -> Result<Finding<'_>, Refusal> {
    serde_json::from_str(text).map_err(|_| Refusal::malformed("a record is no valid GuardDuty finding JSON"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Finding<'a> {
    #[serde(borrow, alias = "id")]
    id: Field<'a>,
    #[serde(borrow, rename = "Type", alias = "type")]
    kind: Field<'a>,
    #[serde(borrow, alias = "severity")]
    severity: Field<'a>,
    #[serde(borrow, alias = "title")]
    title: Field<'a>,
    #[serde(borrow, alias = "description")]
    description: Field<'a>,
    #[serde(borrow, alias = "accountId")]
    account_id: Field<'a>,
    #[serde(borrow, alias = "region")]
    region: Field<'a>,
    #[serde(borrow, alias = "createdAt")]
    created_at: Field<'a>,
    #[serde(borrow, alias = "resource")]
    resource: Option<Resource<'a>>,
    #[serde(borrow, alias = "service")]
    service: Option<Service<'a>>,
    #[serde(borrow, rename = "detail")]
    detail: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Resource<'a> {
    #[serde(borrow, alias = "resourceType")]
    resource_type: Field<'a>,
    #[serde(borrow, alias = "instanceDetails")]
    instance_details: Option<Instance<'a>>,
    #[serde(borrow, alias = "accessKeyDetails")]
    access_key_details: Option<Key<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Instance<'a> {
    #[serde(borrow, alias = "instanceId")]
    instance_id: Field<'a>,
    #[serde(borrow, alias = "networkInterfaces")]
    network_interfaces: Option<Vec<Interface<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Interface<'a> {
    #[serde(borrow, alias = "privateIpAddress")]
    private_ip_address: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Key<'a> {
    #[serde(borrow, alias = "accessKeyId")]
    access_key_id: Field<'a>,
    #[serde(borrow, alias = "userName")]
    user_name: Field<'a>,
    #[serde(borrow, alias = "principalId")]
    principal_id: Field<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Service<'a> {
    #[serde(borrow, alias = "eventFirstSeen")]
    event_first_seen: Field<'a>,
    #[serde(borrow, alias = "eventLastSeen")]
    event_last_seen: Field<'a>,
    #[serde(borrow, alias = "count")]
    count: Field<'a>,
    #[serde(borrow, alias = "archived")]
    archived: Field<'a>,
    #[serde(borrow, alias = "action")]
    action: Option<Action<'a>>,
    #[serde(borrow, alias = "additionalInfo")]
    additional_info: Option<Additional<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Additional<'a> {
    #[serde(borrow, alias = "sample")]
    sample: Field<'a>,
    /// newer findings put the rest in as JSON text
    #[serde(borrow, alias = "value")]
    value: Field<'a>,
}

/// The kinds of action that name addresses; a finding has one of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Action<'a> {
    #[serde(borrow, alias = "networkConnectionAction")]
    network_connection_action: Option<Peer<'a>>,
    #[serde(borrow, alias = "awsApiCallAction")]
    aws_api_call_action: Option<Peer<'a>>,
    #[serde(borrow, alias = "kubernetesApiCallAction")]
    kubernetes_api_call_action: Option<Peer<'a>>,
    #[serde(borrow, alias = "rdsLoginAttemptAction")]
    rds_login_attempt_action: Option<Peer<'a>>,
    #[serde(borrow, alias = "portProbeAction")]
    port_probe_action: Option<Probe<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Probe<'a> {
    #[serde(borrow, alias = "portProbeDetails")]
    port_probe_details: Option<Vec<Peer<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Peer<'a> {
    #[serde(borrow, alias = "remoteIpDetails")]
    remote_ip_details: Option<Address<'a>>,
    #[serde(borrow, alias = "remotePortDetails")]
    remote_port_details: Option<Port<'a>>,
    #[serde(borrow, alias = "localIpDetails")]
    local_ip_details: Option<Address<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Address<'a> {
    #[serde(borrow, alias = "ipAddressV4")]
    ip_address_v4: Field<'a>,
    #[serde(borrow, alias = "ipAddressV6")]
    ip_address_v6: Field<'a>,
}

impl Address<'_> {
    fn addr(&self) -> Option<IpAddr> {
        self.ip_address_v4.parsed().or_else(|| self.ip_address_v6.parsed())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Port<'a> {
    #[serde(borrow, alias = "port")]
    port: Field<'a>,
}

impl<'a> Action<'a> {
    fn into_peer(self) -> Peer<'a> {
        let probed = self.port_probe_action.and_then(|p| p.port_probe_details).and_then(|d| d.into_iter().next());
        let direct = self.network_connection_action.or(self.aws_api_call_action).or(self.kubernetes_api_call_action);
        direct.or(self.rds_login_attempt_action).or(probed).unwrap_or_default()
    }
}

impl<'a> Finding<'a> {
    fn into_row(self, locator: Locator) -> Result<Row<'a>, Refusal> {
        let (Some(id), Some(kind)) = (self.id.filled(), self.kind.filled()) else {
            return Err(Refusal::malformed("no GuardDuty finding: id and type are missing"));
        };
        let service = self.service.unwrap_or_default();
        let resource = self.resource.unwrap_or_default();
        let instance = resource.instance_details.unwrap_or_default();
        let key = resource.access_key_details.unwrap_or_default();
        let peer = service.action.unwrap_or_default().into_peer();
        let info = service.additional_info.unwrap_or_default();
        let title = self.title.0.unwrap_or_default();
        let interfaces = instance.network_interfaces.unwrap_or_default();
        let own = interfaces.iter().find_map(|i| i.private_ip_address.parsed());
        let first_seen: Option<Timestamp> = service.event_first_seen.parsed();
        let at = first_seen.or(self.created_at.parsed());
        let body = DetectionFinding {
            product: Cow::Borrowed("guardduty"),
            finding_id: id,
            kind,
            severity: self.severity.parsed().filter(|s: &f64| s.is_finite()).unwrap_or_default(),
            sample: info.sample.truth() == Some(true) || says_sample(&info.value) || title.starts_with("[SAMPLE]"),
            title,
            description: self.description.0.unwrap_or_default(),
            account: self.account_id.filled(),
            region: self.region.filled(),
            resource_type: resource.resource_type.filled(),
            resource: None,
            instance_id: instance.instance_id.filled(),
            access_key_id: key.access_key_id.filled(),
            principal: key.user_name.filled().or(key.principal_id.filled()),
            remote: peer.remote_ip_details.and_then(|d| d.addr()),
            remote_port: peer.remote_port_details.and_then(|d| d.port.parsed()),
            local: peer.local_ip_details.and_then(|d| d.addr()).or(own),
            first_seen,
            last_seen: service.event_last_seen.parsed(),
            count: service.count.parsed().unwrap_or_default(),
            status: (service.archived.truth() == Some(true)).then_some(Cow::Borrowed("ARCHIVED")),
        };
        let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
        Ok(Row { at, zone, source: 0, locator, body: Body::Detection(Box::new(body)) })
    }
}

fn says_sample(value: &Field<'_>) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Inside<'a> {
        #[serde(borrow)]
        sample: Field<'a>,
    }
    value.0.as_deref().is_some_and(|json| serde_json::from_str::<Inside<'_>>(json).is_ok_and(|i| i.sample.truth() == Some(true)))
}
