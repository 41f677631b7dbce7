//! MFA taken away or added for somebody else, rules for passwords relaxed.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::{find_all, request, service, text_at};
use crate::examples::{call, calls};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "credentials-weakened",
    title: Text::fixed("MFA taken away, or password rules relaxed", "MFA の解除・パスワードポリシーの緩和"),
    claims: &[Claim::CredentialsWeakened],
    techniques: &["T1556.006", "T1556"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a colleague's MFA device is deactivated",
            "同僚の MFA デバイスを無効にする",
            || {
                calls([call("20T03:00:00", "iam:DeactivateMFADevice")
                    .request(json!({"userName": "bob", "serialNumber": "arn:aws:iam::111122223333:mfa/bob"}))])
            },
            &[Claim::CredentialsWeakened],
        ),
        Example::miss(
            "a device is enabled for oneself, and a strict policy is set",
            "自分の MFA を有効にし、厳しいポリシーを設定する",
            || {
                calls([
                    call("20T03:00:00", "iam:EnableMFADevice").request(json!({"userName": "alice"})),
                    call("20T03:01:00", "iam:UpdateAccountPasswordPolicy")
                        .request(json!({"minimumPasswordLength": 16, "requireSymbols": true})),
                ])
            },
        ),
    ],
    run,
};

const INNOCENT: Text =
    Text::fixed("It is innocent if somebody got a new telephone and asked for it.", "端末の交換に伴い本人が依頼したものであれば問題ない。");
static MFA: Words = Words {
    done: Text::fixed("changed the MFA of {t}", "{t} の MFA を変更した"),
    tried: Text::fixed("tried to change the MFA of {t} and was refused", "{t} の MFA を変更しようとして拒否された"),
    innocent: INNOCENT,
};
static RULES: Words = Words {
    done: Text::fixed("relaxed the rules for passwords ({t})", "パスワードポリシーを緩和した（{t}）"),
    tried: Text::fixed(
        "tried to relax the rules for passwords ({t}) and was refused",
        "パスワードポリシーを緩和しようとして拒否された（{t}）",
    ),
    innocent: INNOCENT,
};

/// Shortest password that a policy may allow without being called weak here (CIS AWS Foundations asks for 14).
const SHORT: u64 = 8;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| act(api));
    findings(&groups, Claim::CredentialsWeakened, &|group| if group.kind == "mfa" { ("T1556.006", &MFA) } else { ("T1556", &RULES) })
}

fn act(api: &ApiActivity<'_>) -> Option<Act> {
    let name = &*api.event_name;
    let listed = matches!(
        name,
        "DeactivateMFADevice"
            | "DeleteVirtualMFADevice"
            | "EnableMFADevice"
            | "DeleteAccountPasswordPolicy"
            | "UpdateAccountPasswordPolicy"
    );
    if !listed || service(api) != "iam" {
        return None;
    }
    let asked = request(api);
    let user =
        text_at(&asked, "/userName").or_else(|| text_at(&asked, "/serialNumber").and_then(|s| s.rsplit('/').next().map(str::to_owned)));
    let own = user.is_none() || user.as_deref() == api.user_name.as_deref();
    let mfa = |severity| Act::new("mfa", severity).on(user.clone()).naming(EntityKind::User, user.clone());
    match name {
        "DeactivateMFADevice" if own => Some(mfa(Severity::Medium)),
        "DeactivateMFADevice" | "EnableMFADevice" if !own => Some(mfa(Severity::High)),
        // A virtual device is deleted after it was deactivated, or when setting one up was given up.
        "DeleteVirtualMFADevice" if !own => Some(mfa(Severity::Low)),
        "DeleteAccountPasswordPolicy" => Some(Act::new("rules", Severity::Medium).on(Some(name.to_owned()))),
        "UpdateAccountPasswordPolicy" => {
            let length = find_all(&asked, "minimumPasswordLength").into_iter().find_map(serde_json::Value::as_u64)?;
            (length < SHORT).then(|| Act::new("rules", Severity::Medium).on(Some(format!("{name}: {length}"))))
        }
        _ => None,
    }
}
