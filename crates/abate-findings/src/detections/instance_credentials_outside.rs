//! Temporary credentials of an instance role, used from somewhere that is not the instance.
//!
//! A session of an instance role is named after its instance. Where the inventory (or the notice) knows the instance's public
//! address, anything else public is outside. Where it does not, the session's most used network is taken for the
//! instance's own, and only another one is told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::rows::{ApiActivity, InventoryKind};
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};

use super::account::group::{Act, Group, Words};
use super::account::{address, agent_family, attack_tool, each_call, instance_of, is_office, network};
use crate::examples::{Call, call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "instance-credentials-outside",
    title: Text::fixed("Instance credentials used outside the instance", "インスタンス認証情報のインスタンス外での使用"),
    claims: &[Claim::InstanceCredentialsUsedOutside],
    techniques: &["T1552.005"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "an instance role's session is used from another network once",
            "インスタンスロールのセッションが一度だけ別のネットワークから使われる",
            || at_home([call("20T11:00:00", "sts:GetCallerIdentity").by_role("web", "i-0abcdef0123456789").from("203.0.113.7")]),
            &[Claim::InstanceCredentialsUsedOutside],
        ),
        Example::miss("it is used from the instance's own network only", "インスタンス自身のネットワークからだけ使われる", || at_home([])),
    ],
    run,
};

/// An instance's own use of its role, and what else came.
fn at_home<const N: usize>(others: [Call; N]) -> Vec<Row<'static>> {
    let own = (0..5).map(|second| {
        let call = call(&format!("20T10:00:0{second}"), "s3:GetObject").by_role("web", "i-0abcdef0123456789");
        call.from("192.0.2.10").agent("aws-sdk-java/2 Linux")
    });
    calls(own.chain(others))
}

const INNOCENT: Text = Text::fixed(
    "It is innocent if the address is the instance's own at that time (a public address changes when an instance is stopped and started) \
     or a NAT gateway or proxy that its traffic goes through.",
    "そのアドレスが当時のインスタンス自身のもの（パブリックアドレスは停止・起動で変わります）、または通信が経由する NAT ゲートウェイやプロキシであれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("was used outside its instance, from {t}", "インスタンスの外（{t}）から使用されました"),
    tried: Text::fixed(
        "was tried outside its instance, from {t}, and refused",
        "インスタンスの外（{t}）から使用されかけましたが、拒否されました",
    ),
    innocent: INNOCENT,
};

#[derive(Default)]
struct Use {
    calls: BTreeMap<IpAddr, u64>,
    human: BTreeSet<IpAddr>,
    desktop: BTreeSet<IpAddr>,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let uses = uses(ctx);
    let outside: BTreeMap<&String, BTreeMap<IpAddr, (Severity, Text)>> = {
        let known = known_addresses(ctx);
        uses.iter().map(|(instance, used)| (instance, outside(used, known.get(instance)))).collect()
    };
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let Some((instance, from)) = session(api) else { return };
        let Some((severity, note)) = outside.get(&instance.to_owned()).and_then(|o| o.get(&from)) else { return };
        let role = super::account::label(api);
        let who = Text::new(format!("{} of instance {instance}", role.en), format!("インスタンス {instance} の{}", role.ja));
        let group = groups.entry(instance.to_owned()).or_insert_with(|| Group::new(instance.to_owned(), who, "outside"));
        let act = Act::new("outside", *severity).on(Some(from.to_string())).noting(note.clone());
        group.add(ctx, row, api, act.naming(EntityKind::Instance, Some(instance.to_owned())));
    });
    groups
        .values()
        .filter_map(|group| {
            let mut finding = group.finding(Claim::InstanceCredentialsUsedOutside, "T1552.005", &WORDS)?;
            finding.entities.retain(|entity| entity.kind != EntityKind::Resource);
            Some(finding)
        })
        .collect()
}

/// The instance and the public address of a call by an instance's session.
fn session<'a>(api: &'a ApiActivity<'_>) -> Option<(&'a str, IpAddr)> {
    let temporary = api.access_key_id.as_deref().is_none_or(|key| key.starts_with("ASIA"));
    let instance = instance_of(api).filter(|_| temporary)?;
    let from = address(api.source_ip.as_deref()?).filter(|from| !is_private(*from))?;
    Some((instance, from))
}

fn uses(ctx: &Context<'_>) -> BTreeMap<String, Use> {
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    each_call(ctx, &mut |_, api| {
        let Some((instance, from)) = session(api) else { return };
        let used = uses.entry(instance.to_owned()).or_default();
        *used.calls.entry(from).or_default() += 1;
        let agent = api.user_agent.as_deref().unwrap_or_default();
        if attack_tool(agent).is_some() || is_desktop(agent) || is_office(ctx, from) {
            used.desktop.insert(from);
        }
        if matches!(agent_family(agent).as_str(), "aws-cli" | "boto3" | "console") {
            used.human.insert(from);
        }
    });
    uses
}

/// A system that no EC2 instance role of a server runs on.
fn is_desktop(agent: &str) -> bool {
    let lower = agent.to_ascii_lowercase();
    ["darwin", "macos", "windows/10", "windows/11", "wsl", "microsoft-standard"].iter().any(|word| lower.contains(word))
}

fn known_addresses(ctx: &Context<'_>) -> BTreeMap<String, BTreeSet<IpAddr>> {
    let mut known: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        let instance = if item.kind == InventoryKind::Instance { Some(&item.id) } else { item.instance_id.as_ref() };
        if let Some(instance) = instance {
            known.entry(instance.to_string()).or_default().extend(&item.public_addrs);
        }
    });
    for resource in &ctx.notice.resources {
        if resource.id.starts_with("i-") {
            known.entry(resource.id.clone()).or_default().extend(resource.addresses.iter().filter_map(|a| a.parse::<IpAddr>().ok()));
        }
    }
    known
}

/// The addresses that are outside, with how sure that is.
fn outside(used: &Use, known: Option<&BTreeSet<IpAddr>>) -> BTreeMap<IpAddr, (Severity, Text)> {
    if let Some(known) = known.filter(|known| !known.is_empty()) {
        let own_too = used.calls.keys().any(|a| known.contains(a));
        let mine = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return (used.calls.keys().filter(|a| !known.contains(a)))
            .map(|address| {
                let sure = own_too || used.human.contains(address) || used.desktop.contains(address);
                let note = Text::new(
                    format!("The instance's own public address is {mine}."),
                    format!("インスタンス自身のパブリックアドレスは {mine} です。"),
                );
                (*address, (if sure { Severity::High } else { Severity::Medium }, note))
            })
            .collect();
    }
    let mut networks: BTreeMap<String, u64> = BTreeMap::new();
    for (address, count) in &used.calls {
        *networks.entry(network(*address)).or_default() += count;
    }
    let home = networks.iter().max_by_key(|(_, count)| **count).map(|(network, _)| network.clone()).unwrap_or_default();
    let several = networks.len() > 1;
    let pick = |address: &IpAddr| used.desktop.contains(address) || (several && network(*address) != home);
    (used.calls.keys().filter(|a| pick(a)))
        .map(|address| {
            let tool = used.human.contains(address) || used.desktop.contains(address);
            let severity = if several && tool { Severity::High } else { Severity::Medium };
            let note = Text::fixed(
                "The instance's own public address is not known from the evidence; this is judged by the networks and tools that the session was used with.",
                "インスタンス自身のパブリックアドレスは証拠からは分からないため、セッションが使われたネットワークとツールから判断しています。",
            );
            (*address, (severity, note))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{Call, call, notice, row, run, run_rows};
    use super::*;
    use abate_model::AccountProfile;
    use abate_model::rows::InventoryInfo;

    const I: &str = "i-0abcdef0123456789";

    #[test]
    fn a_public_address_other_than_the_instances_is_outside() {
        let item = InventoryInfo {
            kind: InventoryKind::Instance,
            id: I.into(),
            public_addrs: vec!["192.0.2.10".parse().unwrap()],
            ..InventoryInfo::default()
        };
        let mut rows = vec![row(90, None, Body::Inventory(Box::new(item)))];
        for (n, source) in ["192.0.2.10", "10.0.0.5", "203.0.113.7"].iter().enumerate() {
            let Call(at, api) = call("20T10:00:00", "s3:ListBuckets").by_role("web", I).from(source);
            rows.push(row(n as u64, Some(at), Body::Api(Box::new(api))));
        }
        let found = run_rows(&DETECTION, rows, &notice(), &AccountProfile::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 1));
        assert_eq!(found[0].of(EntityKind::RemoteAddress).collect::<Vec<_>>(), vec!["203.0.113.7"]);
        assert_eq!(found[0].of(EntityKind::Instance).collect::<Vec<_>>(), vec![I]);
    }

    #[test]
    fn without_an_inventory_the_rarer_network_is_outside_and_a_single_one_is_not() {
        let at_home = |second: u32| {
            call(&format!("20T10:00:{second:02}"), "s3:GetObject").by_role("web", I).from("192.0.2.10").agent("aws-sdk-java/2 Linux")
        };
        let mut calls: Vec<Call> = (0..5).map(at_home).collect();
        assert!(run(&DETECTION, calls.clone()).is_empty());
        calls.push(call("20T11:00:00", "sts:GetCallerIdentity").by_role("web", I).from("203.0.113.7"));
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 1));
    }
}
