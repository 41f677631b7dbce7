//! The console opened with temporary credentials of a user's key (`GetSigninToken`): a key thief's way to a console without a password.

use abate_model::{Claim, Finding, Severity, Table, Text};

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::service;
use crate::examples::{Call, OWN, after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "console-by-token",
    title: Text::fixed("Console opened with a key's temporary credentials", "アクセスキーの一時認証情報によるコンソール利用"),
    claims: &[Claim::FederationToken],
    techniques: &["T1550.001"],
    tactic: Tactic::LateralMovement,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a federated user of a key works in the console",
            "キーから作られたフェデレーションユーザーがコンソールで操作する",
            || after_quiet([federated("20T03:00:00", "ec2:DescribeInstances")]),
            &[Claim::FederationToken],
        ),
        Example::miss("a portal of one's own that does so daily", "毎日そうしている自社ポータル", || {
            calls(daily(8..20, |at| federated(at, "signin:GetSigninToken")))
        }),
    ],
    run,
};

/// A call by the federated user `x`, from a browser.
fn federated(at: &str, what: &str) -> Call {
    let mut call = call(at, what).agent("Mozilla/5.0").from("203.0.113.7");
    call.1.identity_type = Some("FederatedUser".into());
    call.1.identity_arn = Some(format!("arn:aws:sts::{OWN}:federated-user/x").into());
    call.1.user_name = None;
    call
}

const INNOCENT: Text = Text::fixed(
    "Portals of one's own and brokers of single sign-on work like that.",
    "自社ポータルやシングルサインオンの仕組みでも同様になる。",
);
static WORDS: Words = Words {
    done: Text::fixed("used the console with temporary credentials: {t}", "一時認証情報でコンソールを利用した: {t}"),
    tried: Text::fixed(
        "tried to use the console with temporary credentials and was refused: {t}",
        "一時認証情報でコンソールを利用しようとして拒否された: {t}",
    ),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups = gather(ctx, &mut |_, api| {
        let token = api.event_name == "GetSigninToken" && service(api) == "signin";
        let browser = api.identity_type.as_deref() == Some("FederatedUser")
            && api.user_agent.as_deref().is_some_and(|agent| agent.contains("Mozilla"));
        (token || browser).then(|| Act::new("token", Severity::High).on(Some(api.event_name.to_string())))
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    groups.retain(|group| !group.is_routine() && group.calls.keys().any(|call| history.group(group, service_of(call)) != Novelty::Known));
    findings(&groups, Claim::FederationToken, &|_| ("T1550.001", &WORDS))
}

fn service_of(call: &str) -> &'static str {
    if call == "GetSigninToken" { "signin" } else { "ec2" }
}
