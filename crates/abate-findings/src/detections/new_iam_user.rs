//! New IAM users and console passwords: CreateUser, CreateLoginProfile, UpdateLoginProfile of somebody else.
//!
//! A user that is made and at once given a key, a password or rights by the same principal weighs more.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::{Claim, EntityKind, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::{actor, each_call, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "new-iam-user",
    title: Text::fixed("New IAM user or console password", "IAM ユーザーまたはコンソールパスワードの新規作成"),
    claims: &[Claim::NewIamUser],
    techniques: &["T1136.003", "T1098"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a user is made and given a key at once",
            "ユーザーを作成し、直ちにアクセスキーを与える",
            || {
                calls([
                    call("20T10:00:00", "iam:CreateUser").request(json!({"userName": "newcomer"})),
                    call("20T10:00:05", "iam:CreateAccessKey").request(json!({"userName": "newcomer"})),
                ])
            },
            &[Claim::NewIamUser],
        ),
        Example::miss(
            "one's own password, and a user of another service",
            "自分自身のパスワードと、別サービスのユーザー",
            || {
                calls([
                    call("20T10:00:00", "iam:UpdateLoginProfile").request(json!({"userName": "alice"})),
                    call("20T10:00:00", "transfer:CreateUser").request(json!({"userName": "sftp"})),
                ])
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if an administrator made the user for a person or program that you know; ask whoever acted.",
    "管理者が把握済みの人やプログラムのために作成したのであれば問題ありません。操作した本人に確認してください。",
);
static USER: Words = Words {
    done: Text::fixed("created IAM user {t}", "IAM ユーザー {t} を作成しました"),
    tried: Text::fixed("tried to create IAM user {t} and was refused", "IAM ユーザー {t} を作成しようとして拒否されました"),
    innocent: INNOCENT,
};
static PASSWORD: Words = Words {
    done: Text::fixed("set a console password for {t}", "{t} のコンソールパスワードを設定しました"),
    tried: Text::fixed(
        "tried to set a console password for {t} and was refused",
        "{t} のコンソールパスワードを設定しようとして拒否されました",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<abate_model::Finding> {
    let equipped = equipped(ctx);
    let groups = gather(ctx, &mut |_, api| {
        let iam = service(api) == "iam";
        let target = text_at(&request(api), "/userName");
        let own = target.is_none() || target.as_deref() == api.user_name.as_deref();
        let pair = (actor(api), target.clone().unwrap_or_default());
        let act = match &*api.event_name {
            "CreateUser" if iam || matches!(service(api), "identitystore" | "sso-directory") => {
                let grave = equipped.get(&pair).is_some_and(|acts| !acts.is_empty());
                let act = Act::new("user", if grave { Severity::High } else { Severity::Medium });
                if grave {
                    act.noting(Text::fixed(
                        "The same principal then gave the new user a key, a password or rights.",
                        "同じプリンシパルが、その後この新しいユーザーにアクセスキー、パスワードまたは権限を付与しています。",
                    ))
                } else {
                    act
                }
            }
            "CreateLoginProfile" if iam => Act::new("password", Severity::High),
            "UpdateLoginProfile" if iam && !own => Act::new("password", Severity::High),
            _ => return None,
        };
        Some(act.naming(EntityKind::User, target.clone()).on(target))
    });
    findings(&groups, Claim::NewIamUser, &|group| if group.kind == "user" { ("T1136.003", &USER) } else { ("T1098", &PASSWORD) })
}

/// (principal, user) -> what the principal gave the user.
fn equipped(ctx: &Context<'_>) -> BTreeMap<(String, String), BTreeSet<&'static str>> {
    let mut given: BTreeMap<(String, String), BTreeSet<&'static str>> = BTreeMap::new();
    each_call(ctx, &mut |_, api| {
        let what = match &*api.event_name {
            "CreateAccessKey" => "key",
            "CreateLoginProfile" => "password",
            "AttachUserPolicy" | "PutUserPolicy" | "AddUserToGroup" => "rights",
            _ => return,
        };
        if service(api) == "iam"
            && api.error_code.is_none()
            && let Some(user) = text_at(&request(api), "/userName")
        {
            given.entry((actor(api), user)).or_default().insert(what);
        }
    });
    given
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_user_made_and_equipped_is_grave_and_a_refused_attempt_is_not() {
        let user = json!({"userName": "newcomer"});
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:CreateUser").request(user.clone()),
                call("20T10:00:05", "iam:CreateAccessKey").request(user.clone()),
                call("20T11:00:00", "iam:CreateUser").by("bob").request(user).refused("AccessDenied"),
            ],
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].title.en, "IAM user alice created IAM user newcomer");
        assert_eq!(found[0].title.ja, "IAM ユーザー alice が IAM ユーザー newcomer を作成しました");
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 1));
        assert_eq!(found[0].of(EntityKind::User).collect::<Vec<_>>(), vec!["newcomer"]);
        assert_eq!(found[1].severity, Severity::Low);
        assert!(found[1].title.en.contains("was refused"));
    }

    #[test]
    fn ones_own_password_and_other_services_users_are_no_findings() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "iam:UpdateLoginProfile").request(json!({"userName": "alice"})),
                call("20T10:00:00", "transfer:CreateUser").request(json!({"userName": "sftp"})),
                call("20T10:00:00", "iam:ListUsers"),
            ],
        );
        assert!(found.is_empty());
    }
}
