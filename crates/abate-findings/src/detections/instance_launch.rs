//! Launches that do not fit: GPU or very large sizes, many at once, a Region not used before, refused for want of quota; and
//! the launch of the reported instance itself.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{actor, clip, json, request, service, texts};
use crate::examples::{after_quiet, call};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "unusual-instance-launch",
    title: Text::fixed("Unusual launch of compute", "通常と異なるコンピューティングリソースの起動"),
    claims: &[Claim::UnusualInstanceLaunch],
    techniques: &["T1578.002"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "20 GPU instances in a Region not used before",
            "使ったことのないリージョンで GPU インスタンスを 20 台起動する",
            || {
                after_quiet([call("20T02:00:00", "ec2:RunInstances").region("sa-east-1").request(json!({"instanceType": "p3.16xlarge", "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": 20}]}}))])
            },
            &[Claim::UnusualInstanceLaunch],
        ),
        Example::miss(
            "one small instance in the usual Region",
            "いつものリージョンで小さなインスタンスを 1 台起動する",
            || {
                after_quiet([call("19T02:00:00", "ec2:RunInstances")
                    .request(json!({"instanceType": "t3.micro", "instancesSet": {"items": [{"minCount": 1, "maxCount": 1}]}}))])
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it belongs to a planned deployment, load test or machine-learning job.",
    "計画されたデプロイ、負荷試験、機械学習ジョブの一部であれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("launched compute that does not fit: {t}", "通常と異なるコンピューティングリソースを起動しました: {t}"),
    tried: Text::fixed(
        "tried to launch compute that does not fit ({t}) and was refused",
        "通常と異なるコンピューティングリソース（{t}）を起動しようとして拒否されました",
    ),
    innocent: INNOCENT,
};

/// More instances in one call than a person usually starts by hand.
const MANY: u64 = 10;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let history = History::of(ctx);
    let groups = gather(ctx, &mut |row, api| {
        if !is_launch(api) {
            return None;
        }
        let (asked, answered) = (request(api), json(api.response.as_deref()));
        let mut kinds: Vec<String> = texts(&asked, "instanceType");
        kinds.sort();
        kinds.dedup();
        let count = ["maxCount", "instanceCount", "totalTargetCapacity", "targetCapacity", "desiredCapacity", "desiredCount"]
            .iter()
            .flat_map(|key| texts(&asked, key))
            .filter_map(|n| n.parse::<u64>().ok())
            .max()
            .unwrap_or(1);
        let made = texts(&answered, "instanceId");
        let region = api.region.as_deref().unwrap_or_default();
        let mut reasons = shape_reasons(&kinds, count);
        if is_quota(api) {
            let code = clip(api.error_code.as_deref().unwrap_or_default());
            reasons.push(Text::new(
                format!("It was refused for want of quota ({code})."),
                format!("クォータ不足で拒否されました（{code}）。"),
            ));
        }
        if history.region(region, row.at) == Novelty::New {
            let region = clip(region);
            reasons.push(Text::new(
                format!("Region {region} had not been used before."),
                format!("リージョン {region} は、それまで使われていませんでした。"),
            ));
        }
        if api.user_agent.as_deref().and_then(super::account::attack_tool).is_some()
            || history.service(&actor(api), "ec2", row.at) == Novelty::New
        {
            reasons.push(Text::fixed(
                "This principal had not used EC2 before, or used an attack tool.",
                "このプリンシパルはそれまで EC2 を使用していないか、攻撃用ツールを使用しています。",
            ));
        }
        let reported = made.iter().any(|id| ctx.notice.resources.iter().any(|r| r.id == *id));
        if reported {
            reasons.push(Text::fixed("It is the launch of a reported instance.", "通報されたインスタンスの起動です。"));
        }
        let severity = match (reasons.len(), reported) {
            (0, _) => return None,
            (1, true) => Severity::Low,
            (1, false) => Severity::Medium,
            _ => Severity::High,
        };
        let mut act = Act::new("launch", severity).on(Some(described(&kinds, count, region)));
        act.notes = reasons;
        act.names = made.into_iter().take(10).map(|id| (EntityKind::Instance, id)).collect();
        Some(act)
    });
    findings(&groups, Claim::UnusualInstanceLaunch, &|_| ("T1578.002", &WORDS))
}

fn is_launch(api: &ApiActivity<'_>) -> bool {
    matches!(
        (service(api), &*api.event_name),
        ("ec2", "RunInstances" | "RequestSpotInstances" | "RequestSpotFleet" | "CreateFleet")
            | ("lightsail", "CreateInstances")
            | ("autoscaling", "CreateAutoScalingGroup" | "UpdateAutoScalingGroup")
            | ("sagemaker", "CreateNotebookInstance" | "CreateTrainingJob" | "CreateProcessingJob")
            | ("ecs", "CreateService" | "RunTask")
            | ("batch", "CreateComputeEnvironment")
    )
}

fn described(kinds: &[String], count: u64, region: &str) -> String {
    let kinds =
        if kinds.is_empty() { "size not recorded".to_owned() } else { kinds.iter().take(3).map(|k| clip(k)).collect::<Vec<_>>().join("/") };
    format!("{count} × {kinds}, {}", clip(region))
}

fn shape_reasons(kinds: &[String], count: u64) -> Vec<Text> {
    let mut reasons = Vec::new();
    if kinds.iter().any(|kind| is_accelerated(kind)) {
        reasons.push(Text::fixed("The size has GPUs or accelerators.", "GPU またはアクセラレーター搭載のサイズです。"));
    }
    if kinds.iter().any(|kind| is_big(kind)) {
        reasons.push(Text::fixed("The size is very large.", "非常に大きなサイズです。"));
    }
    if count >= MANY {
        reasons.push(Text::new(
            format!("Up to {count} were asked for in one call."),
            format!("1 回の呼び出しで最大 {count} 台が要求されています。"),
        ));
    }
    reasons
}

/// Families with accelerators: p, g, inf, trn, dl, vt, f with a generation behind (`ml.` of SageMaker apart).
fn is_accelerated(kind: &str) -> bool {
    let family = kind.trim_start_matches("ml.").split('.').next().unwrap_or_default();
    let letters: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    matches!(letters.as_str(), "p" | "g" | "inf" | "trn" | "dl" | "vt" | "f") && family.len() > letters.len()
}

/// 8xlarge and more, or bare metal.
fn is_big(kind: &str) -> bool {
    let size = kind.rsplit('.').next().unwrap_or_default();
    size.starts_with("metal") || size.strip_suffix("xlarge").and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n >= 8)
}

fn is_quota(api: &ApiActivity<'_>) -> bool {
    let code = api.error_code.as_deref().unwrap_or_default();
    ["LimitExceeded", "MaxSpotInstanceCount", "PendingVerification", "InsufficientInstanceCapacity", "OptInRequired", "Blocked"]
        .iter()
        .any(|word| code.contains(word))
        && !code.contains("RequestLimitExceeded")
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, notice, quiet, row, run, run_rows};
    use super::*;
    use abate_model::{AccountProfile, Body, Resource, ResourceKind};
    use serde_json::json;

    #[test]
    fn many_gpus_in_a_new_region_are_grave() {
        let mut calls = quiet();
        let asked =
            json!({"instanceType": "p3.16xlarge", "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": 20}]}});
        calls.push(
            call("20T02:00:00", "ec2:RunInstances")
                .region("sa-east-1")
                .request(asked.clone())
                .response(json!({"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}})),
        );
        calls.push(call("20T02:01:00", "ec2:RunInstances").region("us-east-1").request(asked).refused("Client.VcpuLimitExceeded"));
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 2));
        assert!(found[0].title.en.contains("20 × p3.16xlarge, sa-east-1"));
        assert!(found[0].of(EntityKind::Instance).any(|i| i == "i-0123456789abcdef0"));
        assert!(found[0].detail.en.contains("want of quota"));
    }

    #[test]
    fn an_ordinary_launch_is_nothing_unless_it_is_the_reported_instance() {
        let mut calls = quiet();
        calls.push(
            call("19T02:00:00", "ec2:RunInstances")
                .request(json!({"instanceType": "t3.micro", "instancesSet": {"items": [{"minCount": 1, "maxCount": 1}]}}))
                .response(json!({"instancesSet": {"items": [{"instanceId": "i-0aa"}]}})),
        );
        assert!(run(&DETECTION, calls.clone()).is_empty());
        let mut notice = notice();
        notice.resources.push(Resource { kind: ResourceKind::Ec2Instance, id: "i-0aa".into(), addresses: Vec::new(), masked: false });
        let rows = calls.into_iter().enumerate().map(|(n, c)| row(n as u64, Some(c.0), Body::Api(Box::new(c.1)))).collect();
        let found = run_rows(&DETECTION, rows, &notice, &AccountProfile::default());
        assert_eq!((found.len(), found[0].severity), (1, Severity::Low));
    }

    #[test]
    fn sizes() {
        assert!(
            is_accelerated("g5.xlarge") && is_accelerated("ml.p4d.24xlarge") && !is_accelerated("t3.micro") && !is_accelerated("m5.large")
        );
        assert!(is_big("c5.metal") && is_big("c6i.32xlarge") && !is_big("m5.4xlarge") && !is_big("m5.xlarge"));
    }
}
