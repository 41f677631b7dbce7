//! Secrets, parameters, passwords and user data read: at volume, or by a principal that did not do that before.
//!
//! Programs read their own few secrets every day; that is not told.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, find_all, request, service, text_at};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "secrets-read",
    title: Text::fixed("Secrets read", "シークレットの読み取り"),
    claims: &[Claim::SecretsRead],
    techniques: &["T1555.006", "T1552.005", "T1555"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer reads 20 secrets",
            "新しいプリンシパルが 20 件のシークレットを読む",
            || {
                after_quiet((0..20).map(|n| {
                    call(&format!("20T10:00:{n:02}"), "secretsmanager:GetSecretValue")
                        .by("mallory")
                        .request(json!({"secretId": format!("s{n}")}))
                }))
            },
            &[Claim::SecretsRead],
        ),
        Example::miss("a program reads its own secret daily", "プログラムが自分のシークレットを毎日読む", || {
            calls(daily(10..20, |at| call(at, "secretsmanager:GetSecretValue").request(json!({"secretId": "db"}))))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a deployment or an administrator needed these values. What was read must be taken as known to the reader and replaced if not.",
    "デプロイや管理者が必要とした値であれば問題ありません。そうでない場合、読み取られた値は知られたものとみなし、交換が必要です。",
);
static SECRET: Words = Words {
    done: Text::fixed("read secrets: {t}", "シークレットを読み取りました: {t}"),
    tried: Text::fixed("tried to read secrets and was refused: {t}", "シークレットを読み取ろうとして拒否されました: {t}"),
    innocent: INNOCENT,
};
static USER_DATA: Words = Words {
    done: Text::fixed("read user data of instances: {t}", "インスタンスのユーザーデータを読み取りました: {t}"),
    tried: Text::fixed(
        "tried to read user data of instances and was refused: {t}",
        "インスタンスのユーザーデータを読み取ろうとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};
static PASSWORD: Words = Words {
    done: Text::fixed("read administrator passwords of instances: {t}", "インスタンスの管理者パスワードを読み取りました: {t}"),
    tried: Text::fixed(
        "tried to read administrator passwords of instances and was refused: {t}",
        "インスタンスの管理者パスワードを読み取ろうとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

/// So many different secrets by one principal are a harvest.
const HARVEST: usize = 10;
/// So many by a principal without a baseline are worth telling.
const SEVERAL: usize = 3;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut groups = gather(ctx, &mut |_, api| {
        let asked = request(api);
        let kind = kind(api, &asked)?;
        let targets = targets(&asked);
        let set = seen.entry(format!("{}\n{kind}", actor(api))).or_default();
        if set.len() < 1000 {
            set.extend(targets.iter().cloned());
        }
        Some(Act::new(kind, Severity::Medium).on(targets.into_iter().next()))
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    groups.retain_mut(|group| {
        let different = seen.get(&format!("{}\n{}", group.actor, group.kind)).map_or(0, BTreeSet::len);
        let service = if group.kind == "secret" { "secretsmanager" } else { "ec2" };
        let mut novelty = history.group(group, service);
        if group.kind == "secret" && group.calls.keys().any(|call| call.starts_with("GetParameter")) {
            novelty = if novelty == Novelty::Known { novelty } else { history.group(group, "ssm") };
        }
        weigh(group, different, novelty)
    });
    findings(&groups, Claim::SecretsRead, &|group| match group.kind {
        "secret" => ("T1555.006", &SECRET),
        "password" => ("T1555", &PASSWORD),
        _ => ("T1552.005", &USER_DATA),
    })
}

fn kind(api: &ApiActivity<'_>, asked: &Value) -> Option<&'static str> {
    let decrypting = || find_all(asked, "withDecryption").iter().any(|v| v.as_bool() == Some(true) || v.as_str() == Some("true"));
    match (service(api), &*api.event_name) {
        ("secretsmanager", "GetSecretValue" | "BatchGetSecretValue") => Some("secret"),
        ("ssm", "GetParameter" | "GetParameters" | "GetParametersByPath" | "GetParameterHistory") => decrypting().then_some("secret"),
        ("ec2", "GetPasswordData") => Some("password"),
        ("ec2", "DescribeInstanceAttribute") => (text_at(asked, "/attribute").as_deref() == Some("userData")).then_some("user-data"),
        _ => None,
    }
}

fn targets(asked: &Value) -> Vec<String> {
    let mut out: Vec<String> = ["/secretId", "/name", "/path", "/instanceId"].iter().filter_map(|p| text_at(asked, p)).collect();
    for key in ["names", "secretIdList"] {
        out.extend(
            find_all(asked, key).into_iter().filter_map(Value::as_array).flatten().filter_map(|v| v.as_str().map(str::to_owned)).take(50),
        );
    }
    out
}

/// Sets the weight; `false` for what is everyday work.
fn weigh(group: &mut Group, different: usize, novelty: Novelty) -> bool {
    let batch = group.calls.contains_key("BatchGetSecretValue");
    let many = different >= HARVEST || batch || group.calls.values().sum::<u64>() >= 10 && different >= SEVERAL;
    group.severity = match (group.kind, novelty, many) {
        ("user-data", Novelty::Known, false) => return false,
        ("user-data", _, many) => {
            if many {
                Severity::Medium
            } else {
                Severity::Low
            }
        }
        (_, Novelty::Known, _) if group.is_routine() => return false,
        (_, Novelty::New, true) => Severity::High,
        (_, _, true) => {
            if group.tool().is_some() {
                Severity::High
            } else {
                Severity::Medium
            }
        }
        ("password", ..) | (_, Novelty::New, false) => Severity::Medium,
        (_, Novelty::NoBaseline, false) if different >= SEVERAL || group.tool().is_some() => Severity::Low,
        _ => return false,
    };
    if different > 1 {
        group.notes.push(Text::new(format!("{different} different ones."), format!("{different} 種類。")));
    }
    group.notes.extend(novelty.says());
    true
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_newcomers_harvest_is_grave() {
        let mut calls = quiet();
        for n in 0..20 {
            calls.push(
                call(&format!("20T10:00:{n:02}"), "secretsmanager:GetSecretValue")
                    .by("mallory")
                    .request(json!({"secretId": format!("s{n}")})),
            );
        }
        let found = run(&DETECTION, calls);
        assert_eq!((found.len(), found[0].severity, found[0].count), (1, Severity::High, 20));
        assert!(found[0].title.en.contains("s0, s1, s2 and 17 more"));
        assert!(found[0].detail.en.contains("20 different ones"));
    }

    #[test]
    fn a_program_that_reads_its_secret_daily_is_fine() {
        let calls =
            (10..20).map(|day| call(&format!("{day}T09:00:00"), "secretsmanager:GetSecretValue").request(json!({"secretId": "db"})));
        assert!(run(&DETECTION, calls.collect()).is_empty());
        let plain = vec![call("20T09:00:00", "ssm:GetParameter").request(json!({"name": "/ami", "withDecryption": false}))];
        assert!(run(&DETECTION, plain).is_empty());
    }

    #[test]
    fn many_refused_passwords_are_an_attempt() {
        let ask = |n: u32| {
            call(&format!("20T09:00:{n:02}"), "ec2:GetPasswordData")
                .request(json!({"instanceId": format!("i-{n}")}))
                .refused("Client.UnauthorizedOperation")
        };
        let found = run(&DETECTION, (0..30).map(ask).collect());
        assert_eq!((found.len(), found[0].severity), (1, Severity::Medium));
        assert!(found[0].title.en.contains("was refused"));
    }
}
