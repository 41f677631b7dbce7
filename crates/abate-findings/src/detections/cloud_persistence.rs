//! Things in the account that run again by themselves, set up by a newcomer: rules, schedules, stacks, images for others to start.

use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Words, findings, gather};
use super::account::history::History;
use super::account::listed::{Listed, act, unusual};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "cloud-persistence",
    title: Text::fixed("Rules, schedules or images set up by a newcomer", "新しいプリンシパルによるルール・スケジュール・イメージの設置"),
    claims: &[Claim::CloudPersistence],
    techniques: &["T1546", "T1525"],
    tactic: Tactic::Persistence,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer has a rule call a function on every new user",
            "新しいプリンシパルが、ユーザー作成のたびに関数を呼ぶルールを作る",
            || {
                after_quiet([
                    call("20T03:00:00", "events:PutRule").by("mallory").request(json!({"name": "r1"})),
                    call("20T03:00:05", "events:PutTargets").by("mallory").request(json!({"rule": "r1"})),
                ])
            },
            &[Claim::CloudPersistence],
        ),
        Example::miss("a deployment that writes its rules daily", "毎日ルールを更新するデプロイ", || {
            calls(daily(8..20, |at| call(at, "events:PutRule").by("deploy").request(json!({"name": "nightly"}))))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a new application was rolled out; look at what is called, and with which role.",
    "新しいアプリケーションの展開であれば問題ない。何がどのロールで呼ばれるかを確認する。",
);
static WORDS: Words = Words {
    done: Text::fixed("set up what runs by itself: {t}", "自動的に実行されるものを設置した: {t}"),
    tried: Text::fixed(
        "tried to set up what runs by itself and was refused: {t}",
        "自動的に実行されるものを設置しようとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};

const CALLS: &[Listed] = &[
    ("events", "PutRule", Severity::Medium),
    ("events", "PutTargets", Severity::Medium),
    ("scheduler", "CreateSchedule", Severity::Medium),
    ("states", "CreateStateMachine", Severity::Medium),
    ("cloudformation", "CreateStack", Severity::Medium),
    ("cloudformation", "CreateStackSet", Severity::High),
    ("ecr", "PutImage", Severity::Medium),
    ("ecr-public", "PutImage", Severity::Medium),
    ("ecr-public", "CreateRepository", Severity::Medium),
    ("iot", "CreateTopicRule", Severity::Medium),
    ("transfer", "CreateServer", Severity::High),
    ("transfer", "CreateUser", Severity::Medium),
    ("datasync", "CreateTask", Severity::Medium),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let source = api.event_source.split('.').next().unwrap_or_default();
        let kind = CALLS.iter().find(|(service, ..)| *service == source).map(|(service, ..)| *service)?;
        act(api, kind, CALLS, &["/name", "/rule", "/stackName", "/stackSetName", "/repositoryName", "/ruleName", "/userName"])
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let groups = unusual(groups, &History::of(ctx), &|group| group.kind);
    findings(&groups, Claim::CloudPersistence, &|group| if group.kind.starts_with("ecr") { ("T1525", &WORDS) } else { ("T1546", &WORDS) })
}
