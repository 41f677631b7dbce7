//! Temporary credentials made from a user's key: GetFederationToken, which outlives the deletion of the key, and
//! GetSessionToken without MFA from a place that is new for the user.

use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::policy::{Grant, document, grant};
use super::account::{actor, attack_tool, json, request, service, text_at};
use crate::examples::{after_quiet, call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "federation-token",
    title: Text::fixed("Temporary credentials made from a key", "キーからの一時認証情報の作成"),
    claims: &[Claim::FederationToken],
    techniques: &["T1550.001"],
    tactic: Tactic::Persistence,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a federation token for everything",
            "すべてを許可するフェデレーショントークン",
            || {
                calls([call("20T10:00:00", "sts:GetFederationToken")
                    .request(json!({"name": "x", "policy": r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#}))])
            },
            &[Claim::FederationToken],
        ),
        Example::miss("a session token from the usual place", "いつもの場所からのセッショントークン", || {
            after_quiet([call("20T10:00:00", "sts:GetSessionToken")])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a program of yours hands out such tokens by design. The token stays valid for up to 36 hours after the key is deleted.",
    "自社のプログラムが設計上このトークンを発行しているのであれば問題ありません。トークンはキーの削除後も最長 36 時間有効です。",
);
static FEDERATION: Words = Words {
    done: Text::fixed(
        "made temporary credentials for a federated user: {t}",
        "フェデレーションユーザー（{t}）の一時認証情報を作成しました",
    ),
    tried: Text::fixed(
        "tried to make temporary credentials for a federated user ({t}) and was refused",
        "フェデレーションユーザー（{t}）の一時認証情報を作成しようとして拒否されました",
    ),
    innocent: INNOCENT,
};
static SESSION: Words = Words {
    done: Text::fixed(
        "made temporary credentials without MFA from a new place",
        "これまでにない場所から MFA なしで一時認証情報を作成しました",
    ),
    tried: Text::fixed(
        "tried to make temporary credentials without MFA from a new place and was refused",
        "これまでにない場所から MFA なしで一時認証情報を作成しようとして拒否されました",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let history = History::of(ctx);
    let groups = gather(ctx, &mut |row, api| {
        if service(api) != "sts" {
            return None;
        }
        let asked = request(api);
        let source = api.source_ip.as_deref().unwrap_or_default();
        let new = history.network(&actor(api), source, row.at) == Novelty::New;
        let tool = api.user_agent.as_deref().and_then(attack_tool).is_some();
        let key = text_at(&json(api.response.as_deref()), "/credentials/accessKeyId");
        let act = match &*api.event_name {
            "GetFederationToken" => {
                let everything = grant(document(asked.get("policy")).as_ref()) == Grant::Everything;
                let act = Act::new("federation", if new || tool || everything { Severity::High } else { Severity::Medium });
                let act = act.on(text_at(&asked, "/name"));
                if everything {
                    act.noting(Text::fixed(
                        "The token's policy allows everything the user may.",
                        "トークンのポリシーは、ユーザーに許されたすべての操作を許可しています。",
                    ))
                } else {
                    act
                }
            }
            "GetSessionToken" if (new || tool) && text_at(&asked, "/serialNumber").is_none() => Act::new("session", Severity::Medium),
            _ => return None,
        };
        Some(act.naming(EntityKind::AccessKey, key))
    });
    findings(&groups, Claim::FederationToken, &|group| ("T1550.001", if group.kind == "federation" { &FEDERATION } else { &SESSION }))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_federation_token_for_everything_is_grave() {
        let policy = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let found = run(&DETECTION, vec![call("20T10:00:00", "sts:GetFederationToken").request(json!({"name": "x", "policy": policy}))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::High);
        assert!(found[0].title.en.ends_with("federated user: x"));
    }

    #[test]
    fn session_tokens_matter_only_from_new_places_without_mfa() {
        let mut calls = quiet();
        calls.push(call("20T10:00:00", "sts:GetSessionToken"));
        let away = call("20T10:00:00", "sts:GetSessionToken").from("203.0.113.4");
        calls.push(away.clone().request(json!({"serialNumber": "arn:aws:iam::111122223333:mfa/alice"})));
        assert!(run(&DETECTION, calls.clone()).is_empty());
        calls.push(away);
        let found = run(&DETECTION, calls);
        assert_eq!((found.len(), found[0].count), (1, 1));
    }
}
