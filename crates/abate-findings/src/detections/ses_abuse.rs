//! Mail through SES by somebody who did not do that before: looking at quotas and identities, making sending possible, sending.
//!
//! A principal that has always sent mail is not told, whatever it sends: content and bounces are not in CloudTrail.

use std::collections::BTreeMap;

use abate_model::rows::ApiActivity;
use abate_model::{Claim, EntityKind, Finding, Severity, Table, Text};

use super::account::group::{Act, Group, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::policy::{document, gives};
use super::account::{request, service, text_at};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "ses-abuse",
    title: Text::fixed("Mail through SES by an unusual principal", "普段と異なるプリンシパルによる SES の使用"),
    claims: &[Claim::SesAbuse],
    techniques: &["T1496.004"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer looks at quotas, verifies an address and sends",
            "新しいプリンシパルがクォータを確認し、アドレスを検証して送信する",
            || {
                after_quiet(
                    ["ses:GetSendQuota", "ses:ListIdentities", "ses:VerifyEmailIdentity", "ses:SendEmail"]
                        .map(|what| call("20T10:00:00", what).by("mallory")),
                )
            },
            &[Claim::SesAbuse],
        ),
        Example::miss("a program that has always sent mail", "以前から送信しているプログラム", || {
            calls(daily(10..21, |at| call(at, "ses:SendEmail").by("app")))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if somebody was setting up mail for an application that you know.",
    "把握しているアプリケーションのメール送信を設定していたのであれば問題ありません。",
);
static WORDS: Words = Words {
    done: Text::fixed("used SES: {t}", " SES を使用しました: {t}"),
    tried: Text::fixed("tried to use SES and was refused: {t}", " SES を使用しようとして拒否されました: {t}"),
    innocent: INNOCENT,
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Look,
    Prepare,
    Send,
}

fn stage(api: &ApiActivity<'_>) -> Option<Stage> {
    let name = &*api.event_name;
    if service(api) == "iam" {
        return smtp_user(api).then_some(Stage::Prepare);
    }
    if service(api) == "servicequotas" {
        let for_mail = name == "RequestServiceQuotaIncrease" && text_at(&request(api), "/serviceCode").as_deref() == Some("ses");
        return for_mail.then_some(Stage::Prepare);
    }
    if service(api) != "ses" && service(api) != "email" {
        return None;
    }
    match name {
        "VerifyEmailIdentity"
        | "VerifyEmailAddress"
        | "VerifyDomainIdentity"
        | "VerifyDomainDkim"
        | "CreateEmailIdentity"
        | "PutAccountDetails"
        | "UpdateAccountSendingEnabled"
        | "PutAccountSendingAttributes"
        | "DeleteIdentity"
        | "DeleteEmailIdentity"
        | "PutAccountDedicatedIpWarmupAttributes"
        | "PutAccountSuppressionAttributes" => Some(Stage::Prepare),
        name if name.starts_with("Send") => Some(Stage::Send),
        name if name.starts_with("Get") || name.starts_with("List") || name.starts_with("Describe") => Some(Stage::Look),
        _ => None,
    }
}

/// Users made for SMTP, and rights to send given to a user.
fn smtp_user(api: &ApiActivity<'_>) -> bool {
    let asked = request(api);
    match &*api.event_name {
        "CreateUser" => text_at(&asked, "/userName").is_some_and(|u| u.starts_with("ses-smtp-user")),
        "PutUserPolicy" => document(asked.get("policyDocument")).is_some_and(|d| gives(&d, "ses:send")),
        "AttachUserPolicy" => text_at(&asked, "/policyArn").is_some_and(|p| p.ends_with("/AmazonSESFullAccess")),
        _ => false,
    }
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut stages: BTreeMap<String, Stage> = BTreeMap::new();
    let mut groups = gather(ctx, &mut |_, api| {
        let stage = stage(api)?;
        let highest = stages.entry(super::account::actor(api)).or_insert(stage);
        *highest = (*highest).max(stage);
        let asked = request(api);
        let identity = ["/emailAddress", "/emailIdentity", "/domain", "/identity", "/userName"].iter().find_map(|p| text_at(&asked, p));
        Some(Act::new("ses", Severity::Medium).on(Some(api.event_name.to_string())).naming(EntityKind::Resource, identity))
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    groups.retain_mut(|group| {
        let stage = stages.get(&group.actor).copied().unwrap_or(Stage::Look);
        weigh(group, stage, history.group(group, "ses"))
    });
    findings(&groups, Claim::SesAbuse, &|_| ("T1496.004", &WORDS))
}

/// Sets the weight; `false` for what is not worth telling.
fn weigh(group: &mut Group, stage: Stage, novelty: Novelty) -> bool {
    let kinds = group.calls.len();
    group.severity = match (novelty, stage) {
        (Novelty::New, Stage::Look) => Severity::Medium,
        (Novelty::New, _) => Severity::High,
        (_, _) if group.tool().is_some() => Severity::Medium,
        (Novelty::NoBaseline, Stage::Look | Stage::Prepare) if kinds >= 2 => Severity::Medium,
        (Novelty::NoBaseline, Stage::Prepare) => Severity::Low,
        // The usual quota check of a sending program does not make it suspicious.
        (Novelty::NoBaseline, Stage::Send) if kinds >= 4 => Severity::Medium,
        _ => return false,
    };
    group.notes.extend(novelty.says());
    if group.regions.len() >= 4 {
        group.severity = Severity::High;
        let n = group.regions.len();
        group.notes.push(Text::new(format!("It went through {n} Regions."), format!("{n} リージョンにわたって行われています。")));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{call, quiet, run};
    use super::*;

    #[test]
    fn looking_and_preparing_by_a_newcomer_is_grave() {
        let mut calls = quiet();
        for what in ["ses:GetSendQuota", "ses:ListIdentities", "ses:VerifyEmailIdentity", "ses:SendEmail"] {
            calls.push(call("20T10:00:00", what).by("mallory"));
        }
        let found = run(&DETECTION, calls);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].count), (Severity::High, 4));
        assert_eq!(found[0].title.en, "IAM user mallory used SES: GetSendQuota, ListIdentities, VerifyEmailIdentity and 1 more");
    }

    #[test]
    fn a_program_that_has_always_sent_mail_is_not_told() {
        let calls = (10..21).map(|day| call(&format!("{day}T09:00:00"), "ses:SendEmail").by("app")).collect();
        assert!(run(&DETECTION, calls).is_empty());
    }
}
