//! Logging or detection switched off, narrowed, or its records put at risk.
//!
//! The table of calls is data; the calls whose parameters decide have a function each.

use std::collections::BTreeSet;

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::{Value, json};

use super::account::group::{Act, Words, findings, gather};
use super::account::{each_call, find_all, json, request, service, text_at, texts};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "logging-switched-off",
    title: Text::fixed("Logging or detection switched off", "ログ記録または検知の無効化"),
    claims: &[Claim::LoggingSwitchedOff],
    techniques: &["T1562.008"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a trail is stopped",
            "証跡を停止する",
            || calls([call("20T09:00:00", "cloudtrail:StopLogging").request(json!({"name": "main"}))]),
            &[Claim::LoggingSwitchedOff],
        ),
        Example::miss("a detector is updated and stays on", "ディテクターの更新（有効のまま）", || {
            calls([call("20T09:00:00", "guardduty:UpdateDetector").request(json!({"detectorId": "d", "enable": true}))])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if it was part of a planned change or clean-up; then there is a ticket for it. From that time on these logs prove nothing.",
    "計画された変更や整理の一環（記録が残っているはずです）であれば問題ありません。この時点以降、該当するログの欠落は何の証明にもなりません。",
);
static WORDS: Words = Words {
    done: Text::fixed("switched off or weakened logging or detection: {t}", "ログ記録または検知を無効化または弱体化しました: {t}"),
    tried: Text::fixed(
        "tried to switch off or weaken logging or detection ({t}) and was refused",
        "ログ記録または検知（{t}）を無効化または弱体化しようとして拒否されました",
    ),
    innocent: INNOCENT,
};

/// Calls that weaken logging or detection whatever their parameters: service, call, weight.
const CALLS: &[(&str, &str, Severity)] = &[
    ("cloudtrail", "StopLogging", Severity::High),
    ("cloudtrail", "DeleteTrail", Severity::High),
    ("cloudtrail", "DeleteEventDataStore", Severity::High),
    ("cloudtrail", "StopEventDataStoreIngestion", Severity::High),
    ("ec2", "DeleteFlowLogs", Severity::High),
    ("guardduty", "DeleteDetector", Severity::High),
    ("guardduty", "DisassociateFromMasterAccount", Severity::High),
    ("guardduty", "DisassociateFromAdministratorAccount", Severity::High),
    ("guardduty", "DisassociateMembers", Severity::High),
    ("guardduty", "DeleteMembers", Severity::High),
    ("guardduty", "StopMonitoringMembers", Severity::High),
    ("guardduty", "DeletePublishingDestination", Severity::Medium),
    ("guardduty", "CreateIPSet", Severity::Medium),
    ("config", "DeleteConfigurationRecorder", Severity::High),
    ("config", "StopConfigurationRecorder", Severity::High),
    ("config", "DeleteDeliveryChannel", Severity::High),
    ("securityhub", "DisableSecurityHub", Severity::High),
    ("securityhub", "DisassociateFromAdministratorAccount", Severity::High),
    ("route53resolver", "DeleteResolverQueryLogConfig", Severity::High),
    ("route53resolver", "DisassociateResolverQueryLogConfig", Severity::High),
    ("logs", "DeleteLogGroup", Severity::Medium),
    ("logs", "DeleteLogStream", Severity::Low),
    ("logs", "DeleteSubscriptionFilter", Severity::Medium),
    ("monitoring", "DeleteAlarms", Severity::Low),
    ("monitoring", "DisableAlarmActions", Severity::Medium),
    ("events", "DeleteRule", Severity::Low),
    ("events", "DisableRule", Severity::Medium),
    ("events", "RemoveTargets", Severity::Low),
    ("macie2", "DisableMacie", Severity::High),
    ("inspector2", "Disable", Severity::High),
    ("detective", "DeleteGraph", Severity::High),
    ("access-analyzer", "DeleteAnalyzer", Severity::Medium),
    ("wafv2", "DeleteLoggingConfiguration", Severity::High),
    ("wafv2", "DeleteWebACL", Severity::Medium),
    ("bedrock", "DeleteModelInvocationLoggingConfiguration", Severity::High),
    ("organizations", "LeaveOrganization", Severity::High),
    ("organizations", "DisableAWSServiceAccess", Severity::Medium),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let buckets = trail_buckets(ctx);
    let groups = gather(ctx, &mut |_, api| {
        let (service, name) = (service(api), &*api.event_name);
        let (severity, note) = match CALLS.iter().find(|(s, n, _)| *s == service && *n == name) {
            Some((_, _, severity)) => (*severity, None),
            None => decided_by_parameters(api, &buckets)?,
        };
        let asked = request(api);
        let target = [
            "/name",
            "/trailName",
            "/bucketName",
            "/detectorId",
            "/logGroupName",
            "/configurationRecorderName",
            "/eventDataStore",
            "/resolverQueryLogConfigId",
            "/rule",
        ]
        .iter()
        .find_map(|pointer| text_at(&asked, pointer))
        .or_else(|| texts(&asked, "content").into_iter().next());
        let target = target.map_or_else(|| name.to_owned(), |target| format!("{name} {target}"));
        let mut act = Act::new("logging", severity).on(Some(target));
        act.notes.extend(note);
        Some(act)
    });
    findings(&groups, Claim::LoggingSwitchedOff, &|_| ("T1562.008", &WORDS))
}

/// Buckets that trails write to, as far as the calls say.
fn trail_buckets(ctx: &Context<'_>) -> BTreeSet<String> {
    let mut buckets = BTreeSet::new();
    each_call(ctx, &mut |_, api| {
        if service(api) == "cloudtrail" && buckets.len() < 100 {
            for value in [request(api), json(api.response.as_deref())] {
                buckets.extend(texts(&value, "s3BucketName"));
            }
        }
    });
    buckets
}

fn decided_by_parameters(api: &ApiActivity<'_>, buckets: &BTreeSet<String>) -> Option<(Severity, Option<Text>)> {
    let asked = request(api);
    match (service(api), &*api.event_name) {
        ("cloudtrail", "UpdateTrail") => updated_trail(&asked, buckets),
        ("cloudtrail", "PutEventSelectors") => selectors(&asked),
        ("guardduty", "UpdateDetector") => (flag(&asked, "enable") == Some(false)).then_some((Severity::High, None)),
        ("guardduty", "CreateFilter" | "UpdateFilter") => texts(&asked, "action").iter().any(|a| a == "ARCHIVE").then_some((
            Severity::Medium,
            Some(Text::fixed(
                "Findings that match the filter are hidden from then on.",
                "フィルターに一致する検出結果は、以後表示されなくなります。",
            )),
        )),
        ("elasticloadbalancing", "ModifyLoadBalancerAttributes") => {
            let text = asked.to_string();
            (text.contains("access_logs.s3.enabled") && text.contains("\"false\"")).then_some((Severity::Medium, None))
        }
        ("s3", name) => on_bucket(name, &asked, buckets),
        _ => None,
    }
}

fn updated_trail(asked: &Value, buckets: &BTreeSet<String>) -> Option<(Severity, Option<Text>)> {
    let narrowed =
        ["isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation"].iter().any(|key| flag(asked, key) == Some(false));
    if narrowed {
        Some((Severity::High, Some(Text::fixed("The trail was narrowed.", "証跡の記録範囲が狭められました。"))))
    } else if text_at(asked, "/s3BucketName").is_some_and(|bucket| buckets.iter().any(|known| *known != bucket)) {
        // The console sends the bucket's name with every change, so that the name alone says nothing.
        Some((Severity::Low, Some(Text::fixed("Trails write to more than one bucket.", "証跡の出力先バケットが複数あります。"))))
    } else {
        None
    }
}

fn selectors(asked: &Value) -> Option<(Severity, Option<Text>)> {
    let off = find_all(asked, "includeManagementEvents").iter().any(|v| v.as_bool() == Some(false));
    let partly = texts(asked, "readWriteType").iter().any(|kind| kind != "All");
    let advanced = find_all(asked, "advancedEventSelectors").iter().any(|v| v.as_array().is_some_and(|a| !a.is_empty()));
    let management = texts(asked, "equals").iter().any(|v| v == "Management") || asked.to_string().contains("Management");
    (off || partly || (advanced && !management)).then_some((
        Severity::High,
        Some(Text::fixed("The trail no longer records all management events.", "証跡がすべての管理イベントを記録しなくなりました。")),
    ))
}

/// Buckets that hold logs: a trail's, or one that is named like it.
fn on_bucket(name: &str, asked: &Value, buckets: &BTreeSet<String>) -> Option<(Severity, Option<Text>)> {
    let bucket = text_at(asked, "/bucketName")?;
    let sure = buckets.contains(&bucket);
    let lower = bucket.to_ascii_lowercase();
    let likely = sure || ["trail", "log", "audit", "config", "guardduty"].iter().any(|word| lower.contains(word));
    match name {
        "PutBucketLifecycle" | "PutBucketLifecycleConfiguration" => {
            let days =
                find_all(asked, "expiration").into_iter().flat_map(|e| texts(e, "days")).filter_map(|d| d.parse::<u64>().ok()).min()?;
            let severity = if likely { Severity::High } else { Severity::Medium };
            (days <= 7).then(|| {
                let note = Text::new(
                    format!("Objects now expire after {days} day(s), so that records are lost."),
                    format!("オブジェクトが {days} 日で失効するようになり、記録が失われます。"),
                );
                (severity, Some(note))
            })
        }
        "DeleteBucket" if sure => Some((Severity::High, None)),
        "DeleteBucketPolicy" if sure => Some((Severity::Medium, None)),
        "PutBucketLogging" => {
            let on = find_all(asked, "LoggingEnabled").iter().any(|v| !v.is_null());
            (!on && asked.get("BucketLoggingStatus").is_some()).then_some((Severity::Medium, None))
        }
        _ => None,
    }
}

fn flag(value: &Value, key: &str) -> Option<bool> {
    find_all(value, key).into_iter().find_map(|v| v.as_bool().or_else(|| v.as_str().and_then(|s| s.parse().ok())))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, run};
    use super::*;
    use abate_model::EntityKind;
    use serde_json::json;

    #[test]
    fn trails_stopped_and_buckets_emptied_are_one_grave_finding_per_principal() {
        let found = run(
            &DETECTION,
            vec![
                call("20T09:00:00", "cloudtrail:StopLogging").request(json!({"name": "main"})),
                call("20T09:01:00", "s3:PutBucketLifecycle").request(json!({
                    "bucketName": "example-cloudtrail",
                    "LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 1}}}
                })),
                call("20T09:02:00", "cloudtrail:PutEventSelectors").request(
                    json!({"trailName": "main", "eventSelectors": [{"includeManagementEvents": false, "readWriteType": "ReadOnly"}]}),
                ),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 3));
        assert!(found[0].title.en.contains("StopLogging main"));
        assert!(found[0].detail.en.contains("expire after 1 day"));
        assert!(found[0].of(EntityKind::ApiCall).any(|c| c == "StopLogging"));
    }

    #[test]
    fn harmless_changes_are_left_alone() {
        let found = run(
            &DETECTION,
            vec![
                call("20T09:00:00", "guardduty:UpdateDetector").request(json!({"detectorId": "d", "enable": true})),
                call("20T09:00:00", "s3:PutBucketLifecycle")
                    .request(json!({"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 365}}}})),
                call("20T09:00:00", "cloudtrail:PutEventSelectors")
                    .request(json!({"eventSelectors": [{"includeManagementEvents": true, "readWriteType": "All"}]})),
            ],
        );
        assert!(found.is_empty());
    }

    #[test]
    fn a_refused_attempt_weighs_little() {
        let found =
            run(&DETECTION, vec![call("20T09:00:00", "cloudtrail:DeleteTrail").request(json!({"name": "t"})).refused("AccessDenied")]);
        assert_eq!(found[0].severity, Severity::Low);
    }
}
