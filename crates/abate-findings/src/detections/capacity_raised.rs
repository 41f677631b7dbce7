//! More room asked for: quotas raised, Regions switched on, sending limits lifted, by somebody new to that.

use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Words, findings, gather};
use super::account::listed::{Listed, act};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "capacity-raised",
    title: Text::fixed("Quotas raised or Regions switched on", "クォータの引き上げ・リージョンの有効化"),
    claims: &[Claim::ComputeAbuse],
    techniques: &["T1578.005", "T1535"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "more GPU instances are asked for",
            "GPU インスタンスの上限引き上げを申請する",
            || {
                calls([call("20T03:00:00", "servicequotas:RequestServiceQuotaIncrease")
                    .request(json!({"serviceCode": "ec2", "quotaCode": "L-417A185B", "desiredValue": 512.0}))])
            },
            &[Claim::ComputeAbuse],
        ),
        Example::miss("quotas are looked at", "クォータを参照する", || {
            calls([call("20T03:00:00", "servicequotas:ListServiceQuotas")])
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a project of yours grows; intruders do it before they mine or send spam.",
    "自社の利用拡大であれば問題ない。侵入者は採掘や迷惑メールの準備として行う。",
);
static WORDS: Words = Words {
    done: Text::fixed("asked for more room: {t}", "上限の引き上げや有効化を行った: {t}"),
    tried: Text::fixed("tried to get more room and was refused: {t}", "上限の引き上げや有効化を試みて拒否された: {t}"),
    innocent: INNOCENT,
};

const CALLS: &[Listed] = &[
    ("servicequotas", "RequestServiceQuotaIncrease", Severity::Medium),
    ("account", "EnableRegion", Severity::High),
    ("ses", "PutAccountSendingAttributes", Severity::Medium),
    ("sms-voice", "RequestSpendLimitIncrease", Severity::High),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let kind = if api.event_name == "EnableRegion" { "region" } else { "quota" };
        act(api, kind, CALLS, &["/quotaCode", "/regionName"])
    });
    findings(&groups, Claim::ComputeAbuse, &|group| (if group.kind == "region" { "T1535" } else { "T1578.005" }, &WORDS))
}
