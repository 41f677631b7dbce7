//! Functions made, overwritten, given foreign layers, or opened to outsiders.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::policy::is_outside;
use super::account::{find_all, lower, request, service, text_at, texts};
use crate::examples::{after_quiet, call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "function-tampered",
    title: Text::fixed("Function changed or opened", "関数の改変または開放"),
    claims: &[Claim::FunctionTampered],
    techniques: &["T1648"],
    tactic: Tactic::Execution,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer changes a function's code",
            "新しいプリンシパルが関数のコードを変更する",
            || {
                after_quiet([call("20T10:00:00", "lambda:UpdateFunctionCode20150331v2")
                    .by("mallory")
                    .request(json!({"functionName": "pay"}))])
            },
            &[Claim::FunctionTampered],
        ),
        Example::miss("a schedule may invoke a function", "スケジュールに関数の呼び出しを許可する", || {
            calls([call("20T10:00:00", "lambda:AddPermission20150331v2")
                .request(json!({"functionName": "f", "principal": "events.amazonaws.com"}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it was a release of your own; compare with the deployments of that day.",
    "自社のリリース作業であれば問題ありません。その日のデプロイ記録と照合してください。",
);
static CODE: Words = Words {
    done: Text::fixed("changed the code of functions: {t}", "関数のコードを変更しました: {t}"),
    tried: Text::fixed("tried to change the code of functions and was refused: {t}", "関数のコードを変更しようとして拒否されました: {t}"),
    innocent: INNOCENT,
};
static OPENED: Words = Words {
    done: Text::fixed("opened functions to outsiders: {t}", "関数を外部に開放しました: {t}"),
    tried: Text::fixed("tried to open functions to outsiders and was refused: {t}", "関数を外部に開放しようとして拒否されました: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups = gather(ctx, &mut |_, api| {
        if service(api) != "lambda" {
            return None;
        }
        let asked = request(api);
        let name = text_at(&asked, "/functionName").or_else(|| text_at(&asked, "/layerName"));
        let short = name.as_deref().map(|name| name.rsplit(':').next().unwrap_or(name).to_owned());
        act(api, &asked).map(|act| act.naming(EntityKind::Resource, name).on(short))
    });
    if groups.iter().any(|group| group.kind == "code") {
        let history = History::of(ctx);
        groups.iter_mut().for_each(|group| weigh(group, history.group(group, "lambda")));
    }
    findings(&groups, Claim::FunctionTampered, &|group| ("T1648", if group.kind == "code" { &CODE } else { &OPENED }))
}

/// Event names carry the version of the API behind them: `UpdateFunctionCode20150331v2`.
fn act(api: &ApiActivity<'_>, asked: &Value) -> Option<Act> {
    let name = api.event_name.split("2015").next().unwrap_or_default().split("2018").next().unwrap_or_default();
    let own = api.account.as_deref();
    match name {
        "UpdateFunctionCode" | "CreateFunction" => Some(Act::new("code", Severity::Medium)),
        "UpdateFunctionConfiguration" => {
            let layers: Vec<String> = find_all(asked, "layers")
                .into_iter()
                .filter_map(Value::as_array)
                .flatten()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect();
            if layers.is_empty() {
                return None;
            }
            let foreign = layers.iter().any(|layer| is_outside(layer, own));
            let act = Act::new("code", if foreign { Severity::High } else { Severity::Medium });
            let act = act.naming(EntityKind::Resource, layers.into_iter().next());
            Some(if foreign {
                act.noting(Text::fixed(
                    "A layer of another account was added: its code runs with the function.",
                    "別アカウントのレイヤーが追加され、そのコードが関数とともに実行されます。",
                ))
            } else {
                act
            })
        }
        "AddPermission" | "AddLayerVersionPermission" => {
            let outside: Vec<String> = texts(asked, "principal").into_iter().filter(|who| is_outside(who, own)).collect();
            let bound = ["sourceArn", "sourceAccount", "principalOrgID"].iter().any(|key| !texts(asked, key).is_empty());
            let who = outside.first()?.clone();
            let act = Act::new("opened", if bound { Severity::Medium } else { Severity::High });
            Some(act.naming(EntityKind::Principal, Some(who.clone()).filter(|w| w != "*")).noting(Text::new(
                format!("It may be invoked by {}.", super::account::clip(&who)),
                format!("{} から呼び出せるようになっています。", super::account::clip(&who)),
            )))
        }
        "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" => {
            let open = texts(asked, "authType").iter().any(|kind| kind == "NONE");
            open.then(|| {
                Act::new("opened", Severity::Medium)
                    .noting(Text::fixed("It has a URL without authentication.", "認証なしの関数 URL が設定されています。"))
            })
        }
        _ => None,
    }
}

fn weigh(group: &mut Group, novelty: Novelty) {
    if group.kind != "code" {
        return;
    }
    if novelty == Novelty::New {
        group.severity = group.severity.max(Severity::High).min(Severity::High);
    } else if novelty == Novelty::Known && group.severity == Severity::Medium {
        group.severity = lower(group.severity);
    }
    group.notes.extend(novelty.says());
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn everybody_may_invoke_and_a_newcomer_changed_the_code() {
        let mut calls = quiet();
        let function = json!({"functionName": "arn:aws:lambda:us-east-1:111122223333:function:pay"});
        calls.push(call("20T10:00:00", "lambda:UpdateFunctionCode20150331v2").by("mallory").request(function));
        calls.push(
            call("20T10:01:00", "lambda:AddPermission20150331v2").by("mallory").request(json!({"functionName": "pay", "principal": "*"})),
        );
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|f| f.severity == Severity::High));
        assert_eq!(found[0].title.en, "IAM user mallory changed the code of functions: pay");
    }

    #[test]
    fn permissions_for_services_and_settings_without_layers_are_fine() {
        let found = run(
            &DETECTION,
            vec![
                call("20T10:00:00", "lambda:AddPermission20150331v2")
                    .request(json!({"functionName": "f", "principal": "events.amazonaws.com"})),
                call("20T10:00:00", "lambda:UpdateFunctionConfiguration20150331v2").request(json!({"functionName": "f", "timeout": 3})),
            ],
        );
        assert!(found.is_empty());
    }
}
