//! Rights widened: administrator policies attached, policies written that allow everything, users added to groups, new
//! versions of policies, permissions boundaries removed.
//!
//! Narrow policies are everyday work and are not reported.

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Words, findings, gather};
use super::account::policy::{Grant, document, grant};
use super::account::{request, service, text_at};
use super::quarantine::is_quarantine;
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "policy-widened",
    title: Text::fixed("Rights widened by a policy", "ポリシーによる権限の拡大"),
    claims: &[Claim::PolicyWidened],
    techniques: &["T1098.003"],
    tactic: Tactic::PrivilegeEscalation,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "administrator rights for a user",
            "ユーザーに管理者権限を付与する",
            || {
                calls([call("20T10:00:00", "iam:AttachUserPolicy")
                    .request(json!({"userName": "newcomer", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))])
            },
            &[Claim::PolicyWidened],
        ),
        Example::miss("a reading policy, and AWS's quarantine", "読み取り専用ポリシーと、AWS の隔離ポリシー", || {
            calls(["AmazonS3ReadOnlyAccess", "AWSCompromisedKeyQuarantineV3"].map(|policy| {
                call("20T10:00:00", "iam:AttachUserPolicy")
                    .request(json!({"userName": "a", "policyArn": format!("arn:aws:iam::aws:policy/{policy}")}))
            }))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if an administrator or a deployment tool gave these rights on purpose.",
    "管理者またはデプロイツールが意図して付与した権限であれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("widened the rights of {t}", "{t} の権限を拡大しました"),
    tried: Text::fixed("tried to widen the rights of {t} and was refused", "{t} の権限を拡大しようとして拒否されました"),
    innocent: INNOCENT,
};

/// AWS managed policies that lead to full control.
const ADMIN: &[&str] =
    &["AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AdministratorAccess-Amplify", "AWSOrganizationsFullAccess"];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        if !matches!(service(api), "iam" | "sso") {
            return None;
        }
        let asked = request(api);
        let (severity, note) = weigh(&api.event_name, &asked)?;
        let target =
            ["userName", "roleName", "groupName", "permissionSetArn", "policyArn"].iter().find_map(|k| text_at(&asked, &format!("/{k}")));
        let policy = text_at(&asked, "/policyArn").or_else(|| text_at(&asked, "/policyName"));
        Some(Act::new("policy", severity).on(target).naming(EntityKind::Resource, policy).noting(note))
    });
    findings(&groups, Claim::PolicyWidened, &|_| ("T1098.003", &WORDS))
}

/// How grave a call is, and why; `None` for what widens nothing.
fn weigh(name: &str, asked: &Value) -> Option<(Severity, Text)> {
    match name {
        "AttachUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy" | "AttachManagedPolicyToPermissionSet" => attached(asked),
        "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy" | "CreatePolicyVersion" | "PutInlinePolicyToPermissionSet" => {
            written(name, asked)
        }
        "SetDefaultPolicyVersion" => Some((
            Severity::Medium,
            Text::fixed("Another version of a policy was put in force.", "ポリシーの別バージョンが有効化されました。"),
        )),
        "AddUserToGroup" => {
            let group = text_at(asked, "/groupName").unwrap_or_default();
            let admin = group.to_ascii_lowercase().contains("admin");
            let severity = if admin { Severity::High } else { Severity::Medium };
            let group = super::account::clip(&group);
            Some((
                severity,
                Text::new(format!("A user was added to group {group}."), format!("ユーザーがグループ {group} に追加されました。")),
            ))
        }
        "DeleteUserPermissionsBoundary" | "DeleteRolePermissionsBoundary" => Some((
            Severity::High,
            Text::fixed("A permissions boundary was removed.", "アクセス許可の境界（permissions boundary）が外されました。"),
        )),
        _ => None,
    }
}

fn attached(asked: &Value) -> Option<(Severity, Text)> {
    let arn = text_at(asked, "/policyArn").or_else(|| text_at(asked, "/managedPolicyArn"));
    let Some(arn) = arn else {
        return Some((
            Severity::Low,
            Text::fixed("Which policy it was is not in this source.", "どのポリシーかはこのログに記録されていません。"),
        ));
    };
    let name = arn.rsplit('/').next().unwrap_or_default();
    if is_quarantine(name) {
        return None;
    }
    let admin = ADMIN.contains(&name) || name.to_ascii_lowercase().contains("administrator");
    let name = super::account::clip(name);
    admin.then(|| (Severity::High, Text::new(format!("Policy {name} was attached."), format!("ポリシー {name} がアタッチされました。"))))
}

fn written(name: &str, asked: &Value) -> Option<(Severity, Text)> {
    if text_at(asked, "/policyName").is_some_and(|n| is_quarantine(&n)) {
        return None;
    }
    let document = document(asked.get("policyDocument").or_else(|| asked.get("inlinePolicy")));
    match grant(document.as_ref()) {
        Grant::Everything => Some((
            Severity::High,
            Text::fixed("The written policy allows everything.", "記述されたポリシーはすべての操作を許可しています。"),
        )),
        Grant::Identity => Some((
            Severity::High,
            Text::fixed(
                "The written policy gives control over identities (IAM, STS or Organizations).",
                "記述されたポリシーは、IAM・STS・Organizations の操作権限を与えています。",
            ),
        )),
        Grant::Unknown => {
            Some((Severity::Low, Text::fixed("The policy's text is not in this source.", "ポリシーの内容はこのログに記録されていません。")))
        }
        Grant::Narrow if name == "CreatePolicyVersion" => Some((
            Severity::Low,
            Text::fixed("The new version gives named actions only.", "新しいバージョンは、個別に指定した操作のみを許可しています。"),
        )),
        Grant::Narrow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn administrator_rights_are_grave_once_per_principal() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:AttachUserPolicy")
                    .request(json!({"userName": "newcomer", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})),
                call("20T10:01:00", "iam:PutRolePolicy").request(
                    json!({"roleName": "web", "policyDocument": r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#}),
                ),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 2));
        assert_eq!(found[0].title.en, "IAM user alice widened the rights of newcomer, web");
    }

    #[test]
    fn narrow_policies_and_the_quarantine_are_left_alone() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:AttachUserPolicy")
                    .request(json!({"userName": "a", "policyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"})),
                call("20T10:00:00", "iam:AttachUserPolicy")
                    .request(json!({"userName": "a", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"})),
                call("20T10:00:00", "iam:PutUserPolicy")
                    .request(json!({"userName": "a", "policyDocument": r#"{"Statement":{"Effect":"Allow","Action":"s3:Get*"}}"#})),
            ],
        );
        assert!(found.is_empty());
    }
}
