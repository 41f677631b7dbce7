//! AWS's quarantine policy: when AWS itself finds a key in public it attaches it to the key's user.
//!
//! The time of the call dates the leak better than anything else, so it is reported whoever seems to have made it.
//! Source: IAM User Guide, AWS managed policies `AWSCompromisedKeyQuarantine`, V2, V3; before them
//! `AWSExposedCredentialPolicy_DO_NOT_REMOVE`.

use std::collections::BTreeMap;

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Group, Words};
use super::account::{request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "quarantine-attached",
    title: Text::fixed("AWS quarantined a user", "AWS によるユーザーの隔離（quarantine）"),
    claims: &[Claim::QuarantineAttached],
    techniques: &["T1552.001"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::Critical,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "AWS puts a user under quarantine",
            "AWS がユーザーを隔離する",
            || {
                calls([call("19T03:00:00", "iam:AttachUserPolicy")
                    .from("iam.amazonaws.com")
                    .request(json!({"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"}))])
            },
            &[Claim::QuarantineAttached],
        ),
        Example::miss("another policy of AWS's", "別の AWS 管理ポリシー", || {
            calls([call("19T03:00:00", "iam:AttachUserPolicy")
                .request(json!({"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "AWS attaches it when it has seen an access key of the user in public, so the key must be replaced even if nothing was done with it. \
     It is innocent only if your own staff attached it as a test.",
    "AWS はユーザーのアクセスキーが公開されているのを検知したときにこのポリシーをアタッチします。悪用の形跡がなくてもキーの交換が必要です。\
     自社の担当者がテストとしてアタッチした場合に限り問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed(
        "was put under quarantine by AWS: its access key was seen in public",
        "AWS によって隔離されました。アクセスキーの公開が検知されています",
    ),
    tried: Text::fixed(
        "was to be put under quarantine by AWS, but the call failed",
        "AWS によって隔離されるところでしたが、呼び出しは失敗しました",
    ),
    innocent: INNOCENT,
};

/// Whether a policy is one of AWS's quarantine policies, by its name.
pub(super) fn is_quarantine(name: &str) -> bool {
    name.starts_with("AWSCompromisedKeyQuarantine") || name.starts_with("AWSExposedCredentialPolicy")
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let Body::Api(api) = &row.body else { return };
        let attaching = matches!(&*api.event_name, "AttachUserPolicy" | "PutUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy");
        if !attaching || service(api) != "iam" {
            return;
        }
        let asked = request(api);
        let policy = text_at(&asked, "/policyArn").or_else(|| text_at(&asked, "/policyName"));
        let Some(policy) = policy.filter(|p| is_quarantine(p.rsplit('/').next().unwrap_or_default())) else { return };
        let user = text_at(&asked, "/userName").or_else(|| text_at(&asked, "/roleName")).or_else(|| text_at(&asked, "/groupName"));
        let user = user.unwrap_or_else(|| "[name not recorded]".to_owned());
        let name = super::account::clip(&user);
        let who = Text::new(format!("IAM user {name}"), format!("IAM ユーザー {name} "));
        let group = groups.entry(user.clone()).or_insert_with(|| Group::new(user.clone(), who, "quarantine"));
        let act =
            Act::new("quarantine", Severity::Critical).naming(EntityKind::User, Some(user)).naming(EntityKind::Resource, Some(policy));
        group.add(ctx, row, api, act);
    });
    groups.values().filter_map(|group| group.finding(Claim::QuarantineAttached, "T1552.001", &WORDS)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_quarantine_policy_is_critical_even_when_a_service_attached_it() {
        let request = json!({"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"});
        let found = run(
            &DETECTION,
            vec![
                call("19T03:00:00", "iam:AttachUserPolicy").from("iam.amazonaws.com").request(request.clone()),
                call("19T03:00:01", "iam:AttachUserPolicy").request(request),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::Critical, 2));
        assert!(found[0].title.en.starts_with("IAM user ci was put under quarantine"));
        assert!(found[0].of(EntityKind::User).any(|u| u == "ci"));
    }

    #[test]
    fn other_policies_are_not() {
        let request = json!({"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
        assert!(run(&DETECTION, vec![call("19T03:00:00", "iam:AttachUserPolicy").request(request)]).is_empty());
    }
}
