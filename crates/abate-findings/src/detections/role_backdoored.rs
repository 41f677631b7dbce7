//! Ways back in for outsiders: a role's trust policy that lets in another account or everybody, new identity providers, IAM
//! Roles Anywhere.

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::policy::{document, outsiders};
use super::account::{clip, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "role-backdoored",
    title: Text::fixed("Role opened to outsiders", "外部に開かれたロール"),
    claims: &[Claim::RoleBackdoored],
    techniques: &["T1098", "T1484.002"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "another account may assume a role",
            "別アカウントがロールを引き受けられるようにする",
            || {
                calls([call("20T10:00:00", "iam:UpdateAssumeRolePolicy")
                    .request(json!({"roleName": "ops", "policyDocument": trust("444455556666")}))])
            },
            &[Claim::RoleBackdoored],
        ),
        Example::miss("a role for one's own account", "自アカウント用のロール", || {
            calls([
                call("20T10:00:00", "iam:CreateRole").request(json!({"roleName": "a", "assumeRolePolicyDocument": trust("111122223333")}))
            ])
        }),
    ],
    run,
};

/// A policy that lets an account assume a role.
fn trust(account: &str) -> String {
    json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"}]})
        .to_string()
}

const INNOCENT: Text = Text::fixed(
    "It is innocent if the other account is your own or belongs to a service provider that you commissioned.",
    "相手のアカウントが自社のもの、または委託先のサービス事業者のものであれば問題ありません。",
);
static ROLE: Words = Words {
    done: Text::fixed("changed who may assume role {t}", "ロール {t} を引き受けられる相手を変更しました"),
    tried: Text::fixed(
        "tried to change who may assume role {t} and was refused",
        "ロール {t} を引き受けられる相手を変更しようとして拒否されました",
    ),
    innocent: INNOCENT,
};
static NEW_ROLE: Words = Words {
    done: Text::fixed("created role {t}, which outsiders may assume", "外部から引き受け可能なロール {t} を作成しました"),
    tried: Text::fixed(
        "tried to create role {t} for outsiders and was refused",
        "外部から引き受け可能なロール {t} を作成しようとして拒否されました",
    ),
    innocent: INNOCENT,
};
static PROVIDER: Words = Words {
    done: Text::fixed("set up an identity provider or trust anchor: {t}", "ID プロバイダーまたはトラストアンカー {t} を設定しました"),
    tried: Text::fixed(
        "tried to set up an identity provider or trust anchor ({t}) and was refused",
        "ID プロバイダーまたはトラストアンカー {t} を設定しようとして拒否されました",
    ),
    innocent: Text::fixed(
        "It is innocent if single sign-on or workload federation was being set up on purpose.",
        "シングルサインオンやワークロードのフェデレーションを意図して設定したのであれば問題ありません。",
    ),
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let name = &*api.event_name;
        let asked = request(api);
        match (service(api), name) {
            ("iam", "UpdateAssumeRolePolicy" | "CreateRole") => {
                let key = if name == "CreateRole" { "assumeRolePolicyDocument" } else { "policyDocument" };
                let trust = document(asked.get(key));
                let strangers = trust.as_ref().map(|t| outsiders(t, api.account.as_deref())).unwrap_or_default();
                let severity = match (strangers.is_empty(), strangers.iter().all(|s| s.conditional)) {
                    (true, _) if name == "CreateRole" => return None,
                    (true, _) => Severity::Low,
                    (false, true) => Severity::Medium,
                    (false, false) => Severity::High,
                };
                let mut act = Act::new(if name == "CreateRole" { "new-role" } else { "role" }, severity).on(text_at(&asked, "/roleName"));
                for stranger in strangers.into_iter().take(5) {
                    let who = clip(&stranger.who);
                    let (en, ja) = if stranger.conditional { (" (under a condition)", "（条件付き）") } else { ("", "") };
                    act = act
                        .noting(Text::new(format!("It trusts {who}{en}."), format!("{who} を信頼しています{ja}。")))
                        .naming(EntityKind::Principal, Some(stranger.who));
                }
                Some(act)
            }
            ("iam", "CreateSAMLProvider" | "UpdateSAMLProvider" | "CreateOpenIDConnectProvider" | "AddClientIDToOpenIDConnectProvider") => {
                let target = ["/name", "/sAMLProviderArn", "/url", "/openIDConnectProviderArn"].iter().find_map(|p| text_at(&asked, p));
                Some(Act::new("provider", Severity::Medium).on(target))
            }
            ("rolesanywhere", "CreateTrustAnchor" | "CreateProfile" | "UpdateTrustAnchor") => {
                Some(Act::new("provider", Severity::High).on(text_at(&asked, "/name")))
            }
            ("sso" | "sso-directory", "CreateTrustedTokenIssuer" | "EnableExternalIdPConfigurationForDirectory") => {
                Some(Act::new("provider", Severity::Medium).on(text_at(&asked, "/name")))
            }
            _ => None,
        }
    });
    findings(&groups, Claim::RoleBackdoored, &|group| match group.kind {
        "role" => ("T1098", &ROLE),
        "new-role" => ("T1098", &NEW_ROLE),
        _ => ("T1484.002", &PROVIDER),
    })
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    fn trust(account: &str) -> String {
        json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"}]})
            .to_string()
    }

    #[test]
    fn trust_for_another_account_is_grave_and_names_it() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:UpdateAssumeRolePolicy")
                    .request(json!({"roleName": "ops", "policyDocument": trust("444455556666")})),
                call("20T10:05:00", "rolesanywhere:CreateTrustAnchor").request(json!({"name": "anchor"})),
            ],
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].title.en, "IAM user alice changed who may assume role ops");
        assert_eq!(found[1].severity, Severity::High);
        assert!(found[1].of(EntityKind::Principal).any(|p| p == "arn:aws:iam::444455556666:root"));
        assert_eq!(found[0].technique.as_deref(), Some("T1484.002"));
    }

    #[test]
    fn roles_for_ones_own_account_and_services_are_left_alone() {
        let service =
            json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:CreateRole").request(json!({"roleName": "a", "assumeRolePolicyDocument": trust("111122223333")})),
                call("20T10:00:00", "iam:CreateRole").request(json!({"roleName": "b", "assumeRolePolicyDocument": service.to_string()})),
            ],
        );
        assert!(found.is_empty());
    }
}
