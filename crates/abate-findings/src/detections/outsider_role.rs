//! A role assumed from another account for the first time, or several roles assumed one after another by somebody who did not do that before.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use jiff::Timestamp;
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, day, each_call, request, text_at};
use crate::examples::{Call, after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "role-assumed",
    title: Text::fixed(
        "Role assumed by an outsider, or several roles one after another",
        "外部アカウントによるロールの引き受け・複数ロールの連続した引き受け",
    ),
    claims: &[Claim::RoleAssumed],
    techniques: &["T1199", "T1548.005"],
    tactic: Tactic::InitialAccess,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "an account never seen before assumes a role",
            "見たことのないアカウントがロールを引き受ける",
            || after_quiet([by_outsider("20T03:00:00")]),
            &[Claim::RoleAssumed],
        ),
        Example::hit(
            "a user tries six roles within an hour",
            "ユーザーが 1 時間に 6 つのロールを試す",
            || {
                after_quiet((0..6).map(|n| {
                    call(&format!("20T03:0{n}:00"), "sts:AssumeRole")
                        .request(json!({"roleArn": format!("arn:aws:iam::111122223333:role/r{n}")}))
                }))
            },
            &[Claim::RoleAssumed],
        ),
        Example::miss(
            "a partner that does so daily, and a user's one role",
            "毎日行う委託先と、ユーザーの 1 つのロール",
            || {
                let partner = daily(8..20, by_outsider);
                calls(
                    partner
                        .chain([call("20T03:00:00", "sts:AssumeRole").request(json!({"roleArn": "arn:aws:iam::111122223333:role/dev"}))]),
                )
            },
        ),
    ],
    run,
};

/// Account 444455556666 assumes a role of ours.
fn by_outsider(at: &str) -> Call {
    let mut call = call(at, "sts:AssumeRole").request(json!({"roleArn": "arn:aws:iam::111122223333:role/ops"}));
    (call.1.identity_type, call.1.principal_id) = (Some("AWSAccount".into()), Some("AROAEXAMPLE:s".into()));
    (call.1.identity_arn, call.1.access_key_id, call.1.user_name) = (Some("arn:aws:sts::444455556666:assumed-role/x/s".into()), None, None);
    call
}

const INNOCENT: Text = Text::fixed(
    "Providers of monitoring, backup and management work through such roles; ask whether the account is one of theirs.",
    "監視・バックアップ・運用の委託先はこうしたロールで作業する。委託先のアカウントかどうかを確認する。",
);
static OUTSIDER: Words = Words {
    done: Text::fixed("assumed roles of ours for the first time: {t}", "初めて自社のロールを引き受けた: {t}"),
    tried: Text::fixed("tried to assume roles of ours and was refused: {t}", "自社のロールを引き受けようとして拒否された: {t}"),
    innocent: INNOCENT,
};
static MANY: Words = Words {
    done: Text::fixed("assumed several roles one after another: {t}", "複数のロールを続けて引き受けた: {t}"),
    tried: Text::fixed("tried several roles one after another and was refused: {t}", "複数のロールを続けて試し拒否された: {t}"),
    innocent: INNOCENT,
};

/// So many different roles within an hour are a search for rights.
const ROLES: usize = 5;
/// Principals followed.
const MAX_ACTORS: usize = 5000;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let searching = searching(ctx);
    let mut groups = gather(ctx, &mut |_, api| {
        let role = role(api)?;
        let outside = is_outsider(api);
        let inside = searching.contains(&actor(api));
        let kind = if outside { "outsider" } else { "many" };
        (outside || inside).then(|| Act::new(kind, Severity::Medium).naming(EntityKind::Resource, Some(role.clone())).on(Some(role)))
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    groups.retain(|group| !group.is_routine() && (group.kind == "many" || history.group(group, "sts") == Novelty::New));
    findings(&groups, Claim::RoleAssumed, &|group| if group.kind == "many" { ("T1548.005", &MANY) } else { ("T1199", &OUTSIDER) })
}

/// Principals that assumed many roles in an hour, on one or two days only.
fn searching(ctx: &Context<'_>) -> BTreeSet<String> {
    let mut recent: BTreeMap<String, (i64, BTreeSet<String>, BTreeSet<i64>)> = BTreeMap::new();
    each_call(ctx, &mut |row, api| {
        let (Some(at), Some(role)) = (row.at, role(api)) else { return };
        let who = actor(api);
        if recent.len() >= MAX_ACTORS && !recent.contains_key(&who) {
            return;
        }
        let (hour, roles, days) = recent.entry(who).or_default();
        if *hour != hour_of(at) {
            (*hour, *roles) = (hour_of(at), BTreeSet::new());
        }
        if roles.len() < 100 {
            roles.insert(role);
        }
        if roles.len() >= ROLES {
            days.insert(day(at));
        }
    });
    recent.into_iter().filter(|(_, (_, _, days))| !days.is_empty() && days.len() < 3).map(|(who, _)| who).collect()
}

fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

fn role(api: &ApiActivity<'_>) -> Option<String> {
    if !matches!(&*api.event_name, "AssumeRole") || api.event_source != "sts.amazonaws.com" {
        return None;
    }
    text_at(&request(api), "/roleArn")
}

/// Whether the caller's ARN is of another account than the one that the call reached.
fn is_outsider(api: &ApiActivity<'_>) -> bool {
    let own = api.account.as_deref().unwrap_or_default();
    let of = api.identity_arn.as_deref().and_then(|arn| arn.split(':').nth(4)).filter(|account| account.len() == 12);
    api.identity_type.as_deref() == Some("AWSAccount") && of.is_some_and(|account| account != own)
}
