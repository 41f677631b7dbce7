//! Computing other than plain instances set up by somebody new to it: containers, functions, build servers, notebooks, clusters.

use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Words, findings, gather};
use super::account::history::History;
use super::account::listed::{Listed, act, unusual};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "compute-set-up",
    title: Text::fixed(
        "Computing set up by a newcomer: containers, functions, builds, notebooks",
        "新しいプリンシパルによるコンテナ・関数・ビルド・ノートブックの作成",
    ),
    claims: &[Claim::ComputeAbuse],
    techniques: &["T1496.001"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer makes a task definition and a service of 50 tasks",
            "新しいプリンシパルがタスク定義と 50 タスクのサービスを作る",
            || {
                after_quiet([
                    call("20T03:00:00", "ecs:RegisterTaskDefinition").by("mallory").request(json!({"family": "t1"})),
                    call("20T03:01:00", "ecs:CreateCluster").by("mallory").request(json!({"clusterName": "c1"})),
                ])
            },
            &[Claim::ComputeAbuse],
        ),
        Example::miss("a deployment that does so daily", "毎日行うデプロイ", || {
            calls(daily(8..20, |at| call(at, "ecs:RegisterTaskDefinition").by("deploy").request(json!({"family": "web"}))))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a new application was rolled out; look at the image or code that runs there.",
    "新しいアプリケーションの展開であれば問題ない。動いているイメージやコードを確認する。",
);
static WORDS: Words = Words {
    done: Text::fixed("set up computing: {t}", "計算リソースを作成した: {t}"),
    tried: Text::fixed("tried to set up computing and was refused: {t}", "計算リソースを作成しようとして拒否された: {t}"),
    innocent: INNOCENT,
};

const CALLS: &[Listed] = &[
    ("ecs", "CreateCluster", Severity::High),
    ("ecs", "RegisterTaskDefinition", Severity::High),
    ("eks", "CreateCluster", Severity::High),
    ("eks", "CreateNodegroup", Severity::High),
    ("lambda", "CreateFunction", Severity::Medium),
    ("codebuild", "CreateProject", Severity::Medium),
    ("codebuild", "StartBuild", Severity::Low),
    ("apprunner", "CreateService", Severity::High),
    ("batch", "SubmitJob", Severity::Medium),
    ("batch", "RegisterJobDefinition", Severity::Medium),
    ("elasticmapreduce", "RunJobFlow", Severity::High),
    ("glue", "CreateJob", Severity::Medium),
    ("glue", "CreateDevEndpoint", Severity::High),
    ("sagemaker", "CreateDomain", Severity::Medium),
    ("sagemaker", "CreateEndpoint", Severity::High),
    ("sagemaker", "CreateHyperParameterTuningJob", Severity::High),
    ("gamelift", "CreateFleet", Severity::High),
    ("imagebuilder", "CreateImagePipeline", Severity::Medium),
    ("lightsail", "CreateContainerService", Severity::High),
    ("amplify", "CreateApp", Severity::Medium),
    ("elasticbeanstalk", "CreateEnvironment", Severity::Medium),
    ("workspaces", "CreateWorkspaces", Severity::Medium),
    ("appstream", "CreateFleet", Severity::High),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let pointers = ["/family", "/clusterName", "/name", "/functionName", "/projectName", "/jobName", "/serviceName", "/domainName"];
    let groups = gather(ctx, &mut |_, api| act(api, service_name(&api.event_source), CALLS, &pointers));
    if groups.is_empty() {
        return Vec::new();
    }
    let groups = unusual(groups, &History::of(ctx), &|group| group.kind);
    findings(&groups, Claim::ComputeAbuse, &|_| ("T1496.001", &WORDS))
}

/// The service as a kind, so that each is judged by its own history.
fn service_name(source: &str) -> &'static str {
    let name = source.split('.').next().unwrap_or_default();
    CALLS.iter().find(|(service, ..)| *service == name).map_or("other", |(service, ..)| service)
}
