//! Models invoked, or access to them applied for, by a principal (or in a Region) that did not do that before.

use std::collections::BTreeMap;

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, request, service, text_at};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "model-abuse",
    title: Text::fixed("Model invoked by an unusual principal", "普段と異なるプリンシパルによるモデルの呼び出し"),
    claims: &[Claim::ModelAbuse],
    techniques: &["T1496.004"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer applies for access and invokes a model",
            "新しいプリンシパルが利用申請をしてモデルを呼び出す",
            || {
                after_quiet([
                    call("20T10:00:00", "bedrock:PutUseCaseForModelAccess").by("mallory"),
                    call("20T10:01:00", "bedrock:InvokeModel").by("mallory").request(json!({"modelId": "example.large-v1"})),
                ])
            },
            &[Claim::ModelAbuse],
        ),
        Example::miss("daily use", "毎日の利用", || calls(daily(10..20, |at| call(at, "bedrock:InvokeModel").by("app")))),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if somebody was trying out or introducing an application that uses models.",
    "モデルを利用するアプリケーションの試用や導入であれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("used models of Amazon Bedrock: {t}", " Amazon Bedrock のモデルを使用しました: {t}"),
    tried: Text::fixed(
        "tried to use models of Amazon Bedrock and was refused: {t}",
        " Amazon Bedrock のモデルを使用しようとして拒否されました: {t}",
    ),
    innocent: INNOCENT,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Look,
    Prepare,
    Invoke,
}

fn stage(api: &ApiActivity<'_>) -> Option<Stage> {
    match (service(api), &*api.event_name) {
        (
            "bedrock" | "bedrock-runtime" | "bedrock-agent-runtime",
            "InvokeModel" | "InvokeModelWithResponseStream" | "Converse" | "ConverseStream",
        )
        | ("bedrock" | "bedrock-agent-runtime", "InvokeAgent" | "InvokeInlineAgent" | "StartAsyncInvoke" | "CreateModelInvocationJob") => {
            Some(Stage::Invoke)
        }
        (
            "bedrock",
            "PutUseCaseForModelAccess"
            | "CreateFoundationModelAgreement"
            | "PutFoundationModelEntitlement"
            | "DeleteModelInvocationLoggingConfiguration"
            | "CreateProvisionedModelThroughput",
        )
        | ("aws-marketplace", "AcceptAgreementRequest") => Some(Stage::Prepare),
        ("iam", "CreateServiceSpecificCredential") => {
            (text_at(&request(api), "/serviceName").as_deref() == Some("bedrock.amazonaws.com")).then_some(Stage::Prepare)
        }
        ("servicequotas", "RequestServiceQuotaIncrease") => {
            (text_at(&request(api), "/serviceCode").as_deref() == Some("bedrock")).then_some(Stage::Prepare)
        }
        (
            "bedrock",
            "ListFoundationModels"
            | "GetFoundationModelAvailability"
            | "GetModelInvocationLoggingConfiguration"
            | "GetUseCaseForModelAccess"
            | "ListFoundationModelAgreementOffers"
            | "ListInferenceProfiles"
            | "ListProvisionedModelThroughputs",
        ) => Some(Stage::Look),
        _ => None,
    }
}

#[derive(Default)]
struct Stages {
    prepared: bool,
    invoked: bool,
    new_region: bool,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let history = History::of(ctx);
    let mut stages: BTreeMap<String, Stages> = BTreeMap::new();
    let mut groups = gather(ctx, &mut |row, api| {
        let stage = stage(api)?;
        let who = actor(api);
        let seen = stages.entry(who.clone()).or_default();
        seen.prepared |= stage == Stage::Prepare;
        seen.invoked |= stage == Stage::Invoke;
        let region = api.region.as_deref().unwrap_or_default();
        seen.new_region |= stage == Stage::Invoke && history.service_in_region(&who, service(api), region, row.at) == Novelty::New;
        let model = text_at(&request(api), "/modelId");
        Some(Act::new("model", Severity::Medium).on(Some(api.event_name.to_string())).naming(EntityKind::Resource, model))
    });
    groups.retain_mut(|group| {
        let nothing = Stages::default();
        let seen = stages.get(&group.actor).unwrap_or(&nothing);
        weigh(group, seen, history.group(group, "bedrock"))
    });
    findings(&groups, Claim::ModelAbuse, &|_| ("T1496.004", &WORDS))
}

fn weigh(group: &mut Group, seen: &Stages, novelty: Novelty) -> bool {
    group.severity = match (novelty, seen.invoked || seen.prepared) {
        (Novelty::New, true) => Severity::High,
        (Novelty::New, false) => Severity::Low,
        (Novelty::NoBaseline, true) if seen.prepared || group.tool().is_some() || group.refused > 0 => Severity::Medium,
        (Novelty::NoBaseline, true) => Severity::Low,
        (Novelty::Known, true) if seen.new_region => Severity::Medium,
        _ => return false,
    };
    group.notes.extend(novelty.says());
    if seen.new_region && novelty == Novelty::Known {
        group.notes.push(Text::fixed(
            "Models were invoked in a Region where this principal had not done so.",
            "このプリンシパルがそれまで使っていなかったリージョンでモデルが呼び出されています。",
        ));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_newcomer_who_applies_and_invokes_is_grave() {
        let mut calls = quiet();
        calls.push(call("20T10:00:00", "bedrock:PutUseCaseForModelAccess").by("mallory"));
        calls.push(call("20T10:01:00", "bedrock:InvokeModel").by("mallory").request(json!({"modelId": "example.large-v1"})));
        let found = run(&DETECTION, calls);
        assert_eq!((found.len(), found[0].severity, found[0].count), (1, Severity::High, 2));
        assert!(found[0].of(EntityKind::Resource).any(|m| m == "example.large-v1"));
    }

    #[test]
    fn daily_use_is_not_told_unless_the_region_is_new() {
        let mut calls: Vec<_> = (10..20).map(|day| call(&format!("{day}T09:00:00"), "bedrock:InvokeModel").by("app")).collect();
        assert!(run(&DETECTION, calls.clone()).is_empty());
        calls.push(call("20T09:00:00", "bedrock:InvokeModel").by("app").region("us-west-2"));
        assert_eq!(run(&DETECTION, calls)[0].severity, Severity::Low, "many days: routine weighs one step less");
    }
}
