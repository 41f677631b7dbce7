//! Instances that give out their credentials to plain requests: version 1 of the metadata service allowed, by a call or as found, with a role behind it.

use abate_model::rows::{InventoryInfo, InventoryKind};
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{self, Words};
use super::account::{request, service, text_at};
use super::acts;
use crate::examples::{call, calls, inventory};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "metadata-unprotected",
    title: Text::fixed("Instance metadata open to plain requests (IMDSv1)", "IMDSv1 が許可されたインスタンス"),
    claims: &[Claim::MetadataUnprotected],
    techniques: &["T1552.005"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::Low,
    needs: &[Table::InventoryInfo, Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "an instance with a role and a public address allows IMDSv1",
            "ロールとパブリックアドレスを持つインスタンスが IMDSv1 を許可している",
            || inventory([instance("optional")]),
            &[Claim::MetadataUnprotected],
        ),
        Example::hit(
            "tokens are made optional by a call",
            "呼び出しによりトークンを任意に変更する",
            || {
                calls([call("20T03:00:00", "ec2:ModifyInstanceMetadataOptions")
                    .request(json!({"ModifyInstanceMetadataOptionsRequest": {"InstanceId": "i-0aa", "HttpTokens": "optional"}}))])
            },
            &[Claim::MetadataUnprotected],
        ),
        Example::miss("tokens are required", "トークンが必須になっている", || inventory([instance("required")])),
    ],
    run,
};

/// An instance with a role and a public address.
fn instance(tokens: &'static str) -> InventoryInfo<'static> {
    InventoryInfo {
        kind: InventoryKind::Instance,
        id: "i-0aa".into(),
        public_addrs: "203.0.113.10".parse().into_iter().collect(),
        imds_tokens: Some(tokens.into()),
        instance_profile: Some("arn:aws:iam::111122223333:instance-profile/web".into()),
        ..InventoryInfo::default()
    }
}

const INNOCENT: Text = Text::fixed(
    "It is a standing weakness, no act of an intruder: a hole in an application turns into stolen credentials. IMDSv2 closes it.",
    "侵入者の行為ではなく既存の弱点である。アプリケーションの欠陥が認証情報の窃取につながる。IMDSv2 の必須化で防げる。",
);
static FOUND: acts::Words = acts::Words {
    title: Text::fixed(
        "instances with a role and a public address allow IMDSv1: {t}",
        "ロールとパブリックアドレスを持つインスタンスが IMDSv1 を許可している: {t}",
    ),
    innocent: INNOCENT,
};
static CHANGED: Words = Words {
    done: Text::fixed("made IMDSv2 optional on {t}", "{t} の IMDSv2 を任意に変更した"),
    tried: Text::fixed("tried to make IMDSv2 optional on {t} and was refused", "{t} の IMDSv2 を任意に変更しようとして拒否された"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut heap = acts::Heap::default();
    ctx.evidence.each(&Filter::table(Table::InventoryInfo), &mut |row| {
        let Body::Inventory(item) = &row.body else { return };
        let open = item.kind == InventoryKind::Instance && item.imds_tokens.as_deref() == Some("optional");
        if open && item.instance_profile.is_some() && !item.public_addrs.is_empty() && item.state.as_deref() != Some("terminated") {
            heap.add(ctx, row, acts::Act::new("imds", Severity::Low, &item.id).naming(EntityKind::Instance, Some(&item.id)));
        }
    });
    let groups = group::gather(ctx, &mut |_, api| {
        let changed =
            matches!(&*api.event_name, "ModifyInstanceMetadataOptions" | "ModifyInstanceMetadataDefaults") && service(api) == "ec2";
        let asked = changed.then(|| request(api))?;
        let optional = super::account::texts(&asked, "httpTokens").iter().any(|tokens| tokens == "optional");
        let target = super::account::texts(&asked, "instanceId").into_iter().next().or_else(|| text_at(&asked, "/instanceId"));
        let target = target.unwrap_or_else(|| api.event_name.to_string());
        optional.then(|| group::Act::new("imds", Severity::Medium).naming(EntityKind::Instance, Some(target.clone())).on(Some(target)))
    });
    let changed = group::findings(&groups, Claim::MetadataUnprotected, &|_| ("T1552.005", &CHANGED));
    heap.finding(Claim::MetadataUnprotected, "T1552.005", &FOUND).into_iter().chain(changed).collect()
}
