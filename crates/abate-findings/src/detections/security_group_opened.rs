//! Security groups opened to the whole Internet, and databases made public.
//!
//! How grave it is depends on the port: remote login, management and data weigh most, web ports hardly.

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Words, findings, gather};
use super::account::ports::{is_world, service_name, weigh};
use super::account::{find_all, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "security-group-opened",
    title: Text::fixed("Security group opened to the Internet", "セキュリティグループのインターネットへの開放"),
    claims: &[Claim::SecurityGroupOpened],
    techniques: &["T1562.007"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "SSH for everybody",
            "SSH を全世界に開放する",
            || {
                calls([call("20T09:00:00", "ec2:AuthorizeSecurityGroupIngress").request(json!({"groupId": "sg-1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}))])
            },
            &[Claim::SecurityGroupOpened],
        ),
        Example::miss("SSH for a private network", "SSH をプライベートネットワークに許可する", || {
            calls([call("20T09:00:00", "ec2:AuthorizeSecurityGroupIngress").request(json!({"groupId": "sg-1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}}]}}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if the service is meant for the public (a web server). A login, management or data port is not.",
    "一般公開を目的としたサービス（Web サーバーなど）であれば問題ありません。ログイン用、管理用、データ用のポートは該当しません。",
);
static WORDS: Words = Words {
    done: Text::fixed("opened to the whole Internet: {t}", "インターネット全体に開放しました: {t}"),
    tried: Text::fixed(
        "tried to open to the whole Internet ({t}) and was refused",
        "インターネット全体に開放しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let asked = request(api);
        match (service(api), &*api.event_name) {
            ("ec2", "AuthorizeSecurityGroupIngress" | "ModifySecurityGroupRules") => {
                let opened: Vec<Opening> = openings(&asked);
                let severity = opened.iter().map(|o| weigh(o.0.as_str(), o.1, o.2)).max()?;
                let group = text_at(&asked, "/groupId").or_else(|| text_at(&asked, "/groupName"));
                let group = group.or_else(|| super::account::texts(&asked, "groupId").into_iter().next());
                let what = opened.iter().take(3).map(describe).collect::<Vec<_>>().join(", ");
                let target = format!("{} ({what})", group.clone().unwrap_or_else(|| "security group".to_owned()));
                let mut act = Act::new("group", severity).on(Some(target)).naming(EntityKind::Resource, group);
                for (_, from, to) in opened.iter().take(5) {
                    act = act.naming(EntityKind::Port, from.filter(|from| Some(*from) == *to).map(|p| p.to_string()));
                }
                Some(act)
            }
            ("rds", "ModifyDBInstance" | "CreateDBInstance") => {
                let public = find_all(&asked, "publiclyAccessible").iter().any(|v| v.as_bool() == Some(true));
                let name = text_at(&asked, "/dBInstanceIdentifier").unwrap_or_default();
                public.then(|| Act::new("group", Severity::Medium).on(Some(format!("RDS {name}"))))
            }
            _ => None,
        }
    });
    findings(&groups, Claim::SecurityGroupOpened, &|_| ("T1562.007", &WORDS))
}

/// Protocol, first and last port of a permission for everybody.
type Opening = (String, Option<u16>, Option<u16>);

fn openings(asked: &Value) -> Vec<Opening> {
    let mut found = Vec::new();
    let mut rules: Vec<&Value> = vec![asked];
    for key in ["ipPermissions", "securityGroupRule"] {
        for list in find_all(asked, key) {
            match list.get("items").unwrap_or(list) {
                Value::Array(items) => rules.extend(items.iter().take(200)),
                item => rules.push(item),
            }
        }
    }
    for (n, rule) in rules.into_iter().enumerate() {
        // The request itself carries a permission only in the old flat form.
        let cidrs: Vec<&Value> = if n == 0 {
            [asked.get("cidrIp"), asked.get("cidrIpv6")].into_iter().flatten().collect()
        } else {
            ["cidrIp", "cidrIpv6", "CidrIpv4"].iter().flat_map(|key| find_all(rule, key)).collect()
        };
        if cidrs.iter().any(|cidr| cidr.as_str().is_some_and(is_world)) {
            let port = |key: &str| {
                find_all(rule, key)
                    .first()
                    .and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok()))
                    .and_then(|p| u16::try_from(p).ok())
            };
            let protocol = super::account::texts(rule, "ipProtocol").into_iter().next().unwrap_or_else(|| "-1".to_owned());
            found.push((protocol, port("fromPort"), port("toPort")));
        }
    }
    found.dedup();
    found
}

fn describe((protocol, from, to): &Opening) -> String {
    let protocol = super::account::clip(protocol);
    match (protocol.as_str(), from, to) {
        ("-1", ..) => "all traffic".to_owned(),
        (_, Some(from), Some(to)) if from == to => match service_name(*from) {
            Some(name) => format!("{protocol} {from}, {name}"),
            None => format!("{protocol} {from}"),
        },
        (_, Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        _ => format!("{protocol}, all ports"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn ssh_for_everybody_is_grave_in_both_forms() {
        let nested = json!({"groupId": "sg-1", "ipPermissions": {"items": [
            {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}});
        let flat =
            json!({"groupId": "sg-2", "cidrIp": "0.0.0.0/0", "fromPort": 6379, "toPort": 6379, "ipProtocol": "tcp", "ipPermissions": {}});
        let found = run(
            &DETECTION,
            vec![
                call("20T09:00:00", "ec2:AuthorizeSecurityGroupIngress").request(nested),
                call("20T09:01:00", "ec2:AuthorizeSecurityGroupIngress").request(flat),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 2));
        assert!(found[0].title.en.contains("sg-1 (tcp 22, SSH)") && found[0].title.en.contains("sg-2 (tcp 6379, Redis)"));
    }

    #[test]
    fn a_web_port_is_a_remark_and_a_private_range_nothing() {
        let rule = |cidr: &str, port: u16| {
            json!({"groupId": "sg-1", "ipPermissions": {"items": [
                {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": cidr}]}}]}})
        };
        let found = run(&DETECTION, vec![call("20T09:00:00", "ec2:AuthorizeSecurityGroupIngress").request(rule("10.0.0.0/8", 22))]);
        assert!(found.is_empty());
        let found = run(&DETECTION, vec![call("20T09:00:00", "ec2:AuthorizeSecurityGroupIngress").request(rule("0.0.0.0/0", 443))]);
        assert_eq!(found[0].severity, Severity::Informational);
    }
}
