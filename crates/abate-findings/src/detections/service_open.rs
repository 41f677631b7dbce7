//! Management and data ports that the inventory shows open to the whole Internet.
//!
//! Whether anything listens there is not known from the inventory; flow logs or the host tell.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::rows::{IngressRule, InventoryInfo, InventoryKind};
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};

use super::account::clip;
use super::account::group::{list_en, list_ja};
use super::account::ports::{covered, is_world};
use crate::examples::inventory;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "service-open-to-world",
    title: Text::fixed("Management or data port open to the Internet", "インターネットに開放された管理用・データ用ポート"),
    claims: &[Claim::ServiceOpenToWorld],
    techniques: &["T1190"],
    tactic: Tactic::InitialAccess,
    severity: Severity::Medium,
    needs: &[Table::InventoryInfo],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "Redis open to the world on an instance",
            "Redis が全世界に開いているインスタンス",
            || exposed(6379, "0.0.0.0/0"),
            &[Claim::ServiceOpenToWorld],
        ),
        Example::miss("the web open to the world", "ウェブが全世界に開いている", || exposed(443, "0.0.0.0/0")),
    ],
    run,
};

/// An instance in a group that lets a network reach a port.
fn exposed(port: u16, cidr: &str) -> Vec<Row<'static>> {
    let rule = IngressRule { protocol: "tcp".into(), from_port: Some(port), to_port: Some(port), cidrs: vec![cidr.into()] };
    let group = InventoryInfo { kind: InventoryKind::SecurityGroup, id: "sg-1".into(), ingress: vec![rule], ..InventoryInfo::default() };
    let instance =
        InventoryInfo { kind: InventoryKind::Instance, id: "i-0aa".into(), groups: vec!["sg-1".into()], ..InventoryInfo::default() };
    inventory([group, instance])
}

const INNOCENT: Text = Text::fixed(
    "Whether a program listens there, and asks for a strong login, is not known from the inventory. The inventory shows the time it was taken, \
     not the time of the report.",
    "実際に待ち受けているプログラムがあるか、強固な認証があるかは、構成情報からは分かりません。また、構成情報は取得時点のものであり、通報時点のものではありません。",
);

#[derive(Default)]
struct Wearers {
    /// group id -> instances or interfaces that wear it
    by_group: BTreeMap<String, BTreeSet<String>>,
    reported: BTreeSet<String>,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let wearers = wearers(ctx);
    let mut found = Vec::new();
    ctx.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        if item.kind != InventoryKind::SecurityGroup {
            return;
        }
        let open = item.ingress.iter().filter(|rule| rule.cidrs.iter().any(|c| is_world(c)) && !rule.protocol.starts_with("icmp"));
        let mut ports: Vec<(u16, &'static str)> = open.flat_map(|rule| covered(rule.from_port, rule.to_port)).collect();
        ports.sort_unstable();
        ports.dedup();
        if ports.is_empty() {
            return;
        }
        found.push(finding(&item.id, item.name.as_deref(), &ports, &wearers, ctx.evidence.cite(row)));
    });
    found
}

fn wearers(ctx: &Context<'_>) -> Wearers {
    let addresses: BTreeSet<_> = ctx.notice.our_addresses().collect();
    let ids: BTreeSet<&str> = ctx.notice.resources.iter().map(|r| r.id.as_str()).collect();
    let mut wearers = Wearers::default();
    ctx.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        if item.kind == InventoryKind::SecurityGroup {
            return;
        }
        let wearer = item.instance_id.as_deref().unwrap_or(&item.id);
        let reported = ids.contains(&*item.id) || ids.contains(wearer) || item.public_addrs.iter().any(|a| addresses.contains(a));
        for group in &item.groups {
            wearers.by_group.entry(group.to_string()).or_default().insert(wearer.to_owned());
            if reported {
                wearers.reported.insert(group.to_string());
            }
        }
    });
    wearers
}

fn finding(id: &str, name: Option<&str>, ports: &[(u16, &'static str)], wearers: &Wearers, cite: Cite) -> Finding {
    let reported = wearers.reported.contains(id);
    let worn: Vec<String> = wearers.by_group.get(id).map(|set| set.iter().map(|w| clip(w)).collect()).unwrap_or_default();
    let severity = match (reported, worn.is_empty()) {
        (true, _) => Severity::High,
        (false, false) => Severity::Medium,
        (false, true) => Severity::Low,
    };
    let named: Vec<String> = ports.iter().map(|(port, service)| format!("{port} ({service})")).collect();
    let group = name.map_or_else(|| clip(id), |name| format!("{} ({})", clip(id), clip(name)));
    let title = Text::new(
        format!("Security group {group} is open to the whole Internet on {}", list_en(&named)),
        format!("セキュリティグループ {group} は {} をインターネット全体に開放しています", list_ja(&named)),
    );
    let (en, ja) = match (reported, worn.is_empty()) {
        (true, _) => ("It is on the reported resource".to_owned(), "通報されたリソースに適用されています".to_owned()),
        (false, false) => (format!("It is on {}", list_en(&worn)), format!("{} に適用されています", list_ja(&worn))),
        (false, true) => ("The inventory shows nothing that wears it".to_owned(), "構成情報には、適用先が見当たりません".to_owned()),
    };
    let detail = Text::new(format!("{en}. {}", INNOCENT.en), format!("{ja}。{}", INNOCENT.ja));
    let mut finding = Finding::new(Claim::ServiceOpenToWorld, severity, title, detail, cite);
    finding.technique = Some("T1190".to_owned());
    finding.names(EntityKind::Resource, id);
    for (port, _) in ports.iter().take(20) {
        finding.names(EntityKind::Port, port.to_string());
    }
    for wearer in worn.iter().take(10) {
        finding.names(if wearer.starts_with("i-") { EntityKind::Instance } else { EntityKind::Resource }, wearer.clone());
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{notice, row, run_rows};
    use super::*;
    use abate_model::rows::{IngressRule, InventoryInfo};
    use abate_model::{AccountProfile, Resource, ResourceKind, Row};

    fn rows(port: u16, cidr: &str) -> Vec<Row<'static>> {
        let rule = IngressRule { protocol: "tcp".into(), from_port: Some(port), to_port: Some(port), cidrs: vec![cidr.into()] };
        let group =
            InventoryInfo { kind: InventoryKind::SecurityGroup, id: "sg-1".into(), ingress: vec![rule], ..InventoryInfo::default() };
        let instance =
            InventoryInfo { kind: InventoryKind::Instance, id: "i-0aa".into(), groups: vec!["sg-1".into()], ..InventoryInfo::default() };
        vec![row(0, None, Body::Inventory(Box::new(group))), row(1, None, Body::Inventory(Box::new(instance)))]
    }

    #[test]
    fn redis_open_on_the_reported_instance_is_grave() {
        let mut notice = notice();
        let found = run_rows(&DETECTION, rows(6379, "::/0"), &notice, &AccountProfile::default());
        assert_eq!((found.len(), found[0].severity), (1, Severity::Medium));
        notice.resources.push(Resource { kind: ResourceKind::Ec2Instance, id: "i-0aa".into(), addresses: Vec::new(), masked: false });
        let found = run_rows(&DETECTION, rows(6379, "0.0.0.0/0"), &notice, &AccountProfile::default());
        assert_eq!(found[0].severity, Severity::High);
        assert_eq!(found[0].title.en, "Security group sg-1 is open to the whole Internet on 6379 (Redis)");
        assert_eq!(found[0].of(EntityKind::Instance).collect::<Vec<_>>(), vec!["i-0aa"]);
    }

    #[test]
    fn web_ports_and_narrow_ranges_are_fine() {
        assert!(run_rows(&DETECTION, rows(443, "0.0.0.0/0"), &notice(), &AccountProfile::default()).is_empty());
        assert!(run_rows(&DETECTION, rows(22, "198.51.100.0/24"), &notice(), &AccountProfile::default()).is_empty());
    }
}
