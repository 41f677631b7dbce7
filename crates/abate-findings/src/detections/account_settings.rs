//! The account itself changed: taken out of its organisation, its contacts or name changed, alarms on cost removed, closed.

use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Words, findings, gather};
use super::account::listed::{Listed, act};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "account-settings-changed",
    title: Text::fixed("Contacts, organisation or cost alarms of the account changed", "アカウントの連絡先・組織・費用アラームの変更"),
    claims: &[Claim::AccountSettingsChanged],
    techniques: &["T1666", "T1098", "T1562.001"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "the security contact is replaced",
            "セキュリティ連絡先を置き換える",
            || calls([call("20T03:00:00", "account:PutAlternateContact").request(json!({"alternateContactType": "SECURITY"}))]),
            &[Claim::AccountSettingsChanged],
        ),
        Example::hit(
            "a service control policy is detached",
            "サービスコントロールポリシーを外す",
            || calls([call("20T03:00:00", "organizations:DetachPolicy").request(json!({"policyId": "p-1", "targetId": "111122223333"}))]),
            &[Claim::AccountSettingsChanged],
        ),
        Example::miss("contacts are looked at", "連絡先を参照する", || calls([call("20T03:00:00", "account:GetAlternateContact")])),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if staff changed; an intruder does it so that notices of AWS reach nobody.",
    "担当者の交代によるものであれば問題ない。侵入者は AWS からの通知が届かないようにするために行う。",
);
static CONTACTS: Words = Words {
    done: Text::fixed("changed the account's contacts or settings: {t}", "アカウントの連絡先や設定を変更した: {t}"),
    tried: Text::fixed(
        "tried to change the account's contacts or settings and was refused: {t}",
        "アカウントの連絡先や設定を変更しようとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};
static ORGANISATION: Words = Words {
    done: Text::fixed("changed the account's place in its organisation: {t}", "組織とアカウントの関係を変更した: {t}"),
    tried: Text::fixed(
        "tried to change the account's place in its organisation and was refused: {t}",
        "組織とアカウントの関係を変更しようとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};
static COST: Words = Words {
    done: Text::fixed("removed alarms on cost: {t}", "費用のアラームを削除した: {t}"),
    tried: Text::fixed("tried to remove alarms on cost and was refused: {t}", "費用のアラームを削除しようとして拒否された: {t}"),
    innocent: INNOCENT,
};

const CONTACTS_OF: &[Listed] = &[
    ("account", "PutAlternateContact", Severity::High),
    ("account", "DeleteAlternateContact", Severity::High),
    ("account", "PutContactInformation", Severity::Medium),
    ("account", "StartPrimaryEmailUpdate", Severity::High),
    ("account", "AcceptPrimaryEmailUpdate", Severity::High),
    ("account", "PutAccountName", Severity::Medium),
    ("account", "CloseAccount", Severity::High),
    ("iam", "CreateAccountAlias", Severity::Low),
    ("iam", "DeleteAccountAlias", Severity::Low),
];
const ORGANISATION_OF: &[Listed] = &[
    ("organizations", "LeaveOrganization", Severity::High),
    ("organizations", "RemoveAccountFromOrganization", Severity::High),
    ("organizations", "AcceptHandshake", Severity::High),
    ("organizations", "CreateAccount", Severity::High),
    ("organizations", "CloseAccount", Severity::High),
    ("organizations", "DetachPolicy", Severity::High),
    ("organizations", "DeletePolicy", Severity::Medium),
    ("organizations", "DisablePolicyType", Severity::High),
];
const COST_OF: &[Listed] = &[
    ("budgets", "DeleteBudget", Severity::Medium),
    ("budgets", "DeleteNotification", Severity::Medium),
    ("budgets", "DeleteSubscriber", Severity::Medium),
    ("ce", "DeleteAnomalyMonitor", Severity::Medium),
    ("ce", "DeleteAnomalySubscription", Severity::Medium),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        act(api, "contacts", CONTACTS_OF, &["/alternateContactType", "/accountId", "/accountAlias"])
            .or_else(|| act(api, "organisation", ORGANISATION_OF, &["/accountId", "/policyId", "/handshakeId"]))
            .or_else(|| act(api, "cost", COST_OF, &["/budgetName", "/monitorArn", "/subscriptionArn"]))
    });
    findings(&groups, Claim::AccountSettingsChanged, &|group| match group.kind {
        "contacts" => ("T1098", &CONTACTS),
        "organisation" => ("T1666", &ORGANISATION),
        _ => ("T1562.001", &COST),
    })
}
