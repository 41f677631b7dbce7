//! Ways in other than security groups opened: key pairs, consoles and endpoints for instances, databases made public, networks joined, traffic copied.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::listed::{Listed, act};
use super::account::{find_all, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "access-opened",
    title: Text::fixed("Way into instances, databases or networks opened", "インスタンス・データベース・ネットワークへの経路の開放"),
    claims: &[Claim::AccessOpened],
    techniques: &["T1098.004", "T1562.007", "T1040", "T1098"],
    tactic: Tactic::Persistence,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a key pair is imported, and a database is made public",
            "キーペアをインポートし、データベースを公開する",
            || {
                calls([
                    call("20T03:00:00", "ec2:ImportKeyPair").request(json!({"keyName": "k2"})),
                    call("20T03:01:00", "rds:ModifyDBInstance")
                        .request(json!({"dBInstanceIdentifier": "db-1", "publiclyAccessible": true})),
                ])
            },
            &[Claim::AccessOpened],
        ),
        Example::hit(
            "traffic of an interface is copied",
            "インターフェースの通信を複製する",
            || calls([call("20T03:00:00", "ec2:CreateTrafficMirrorSession").request(json!({"networkInterfaceId": "eni-1"}))]),
            &[Claim::AccessOpened],
        ),
        Example::miss(
            "a database is made larger, and a route inside is added",
            "データベースを拡張し、内部の経路を追加する",
            || {
                calls([
                    call("20T03:00:00", "rds:ModifyDBInstance").request(json!({"dBInstanceIdentifier": "db-1", "allocatedStorage": 200})),
                    call("20T03:01:00", "ec2:CreateNetworkAclEntry")
                        .request(json!({"networkAclId": "acl-1", "cidrBlock": "10.0.0.0/8", "ruleAction": "allow", "egress": false})),
                ])
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Administrators do the same for their work; there is a ticket for it then.",
    "管理者も業務で行う。その場合は作業の記録があるはずである。",
);
static WAYS: Words = Words {
    done: Text::fixed("opened a way into instances: {t}", "インスタンスへの経路を開いた: {t}"),
    tried: Text::fixed("tried to open a way into instances and was refused: {t}", "インスタンスへの経路を開こうとして拒否された: {t}"),
    innocent: INNOCENT,
};
static DATABASE: Words = Words {
    done: Text::fixed("opened databases: {t}", "データベースを開放した: {t}"),
    tried: Text::fixed("tried to open databases and was refused: {t}", "データベースを開放しようとして拒否された: {t}"),
    innocent: INNOCENT,
};
static NETWORK: Words = Words {
    done: Text::fixed("opened or tapped networks: {t}", "ネットワークを開放または傍受できるようにした: {t}"),
    tried: Text::fixed("tried to open or tap networks and was refused: {t}", "ネットワークの開放または傍受を試みて拒否された: {t}"),
    innocent: INNOCENT,
};

const WAYS_OF: &[Listed] = &[
    ("ec2", "CreateKeyPair", Severity::Low),
    ("ec2", "ImportKeyPair", Severity::Medium),
    ("ec2", "CreateInstanceConnectEndpoint", Severity::Medium),
    ("ec2", "AssociateIamInstanceProfile", Severity::Medium),
    ("ec2", "ReplaceIamInstanceProfileAssociation", Severity::Medium),
    ("lightsail", "GetInstanceAccessDetails", Severity::Medium),
    ("lightsail", "DownloadDefaultKeyPair", Severity::Medium),
    ("lightsail", "OpenInstancePublicPorts", Severity::Medium),
    ("ssm", "ModifyDocumentPermission", Severity::Medium),
];
const NETWORKS_OF: &[Listed] = &[
    ("ec2", "CreateTrafficMirrorSession", Severity::High),
    ("ec2", "AcceptVpcPeeringConnection", Severity::Medium),
    ("ec2", "CreateClientVpnEndpoint", Severity::Medium),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups = gather(ctx, &mut |_, api| {
        act(api, "ways", WAYS_OF, &["/keyName", "/instanceName", "/subnetId", "/name", "/CreateInstanceConnectEndpointRequest/SubnetId"])
            .or_else(|| act(api, "network", NETWORKS_OF, &["/networkInterfaceId", "/vpcPeeringConnectionId"]))
            .or_else(|| database(api))
            .or_else(|| network_acl(api))
    });
    groups.retain(|group| !group.is_routine());
    findings(&groups, Claim::AccessOpened, &|group| match group.kind {
        "ways" => ("T1098.004", &WAYS),
        "database" => ("T1562.007", &DATABASE),
        _ if group.calls.contains_key("CreateTrafficMirrorSession") => ("T1040", &NETWORK),
        _ => ("T1562.007", &NETWORK),
    })
}

/// A database made public, or its master password set anew.
fn database(api: &ApiActivity<'_>) -> Option<Act> {
    let named = matches!(&*api.event_name, "ModifyDBInstance" | "ModifyDBCluster" | "ModifyCluster" | "CreateDBInstance");
    if !named || !matches!(service(api), "rds" | "redshift") {
        return None;
    }
    let asked = request(api);
    let public = find_all(&asked, "publiclyAccessible").iter().any(|value| value.as_bool() == Some(true));
    let password = api.event_name != "CreateDBInstance" && !find_all(&asked, "masterUserPassword").is_empty();
    let target = ["/dBInstanceIdentifier", "/dBClusterIdentifier", "/clusterIdentifier"].iter().find_map(|p| text_at(&asked, p));
    let severity = match (public, password) {
        (true, _) if api.event_name != "CreateDBInstance" => Severity::High,
        (true, _) | (_, true) => Severity::Medium,
        _ => return None,
    };
    Some(Act::new("database", severity).on(target))
}

/// A network ACL that lets everybody in on all ports.
fn network_acl(api: &ApiActivity<'_>) -> Option<Act> {
    if !matches!(&*api.event_name, "CreateNetworkAclEntry" | "ReplaceNetworkAclEntry") || service(api) != "ec2" {
        return None;
    }
    let asked = request(api);
    let world =
        text_at(&asked, "/cidrBlock").is_some_and(|c| c == "0.0.0.0/0") || text_at(&asked, "/ipv6CidrBlock").is_some_and(|c| c == "::/0");
    let inward = find_all(&asked, "egress").iter().any(|value| value.as_bool() == Some(false));
    let all = text_at(&asked, "/aclProtocol").is_some_and(|protocol| protocol == "-1");
    let allow = text_at(&asked, "/ruleAction").is_some_and(|action| action == "allow");
    (world && inward && all && allow).then(|| Act::new("network", Severity::Medium).on(text_at(&asked, "/networkAclId")))
}
