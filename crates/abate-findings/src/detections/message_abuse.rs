//! Text messages in bulk at the customer's cost: SNS, End User Messaging, sign-up codes of Cognito.

use abate_model::rows::ApiActivity;
use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Act, Words, findings, gather};
use super::account::history::{History, Novelty};
use super::account::{request, service, text_at};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "message-abuse",
    title: Text::fixed("Text messages sent in bulk, or prepared", "SMS の大量送信とその準備"),
    claims: &[Claim::MessageAbuse],
    techniques: &["T1496.003"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer looks at the limits and sends 60 messages",
            "新しいプリンシパルが上限を調べ、60 通を送る",
            || {
                let sent = (0..60).map(|n| {
                    call(&format!("20T03:00:{n:02}"), "sns:Publish")
                        .by("mallory")
                        .request(json!({"phoneNumber": format!("+1202555{n:04}")}))
                });
                after_quiet([call("20T02:59:00", "sns:GetSMSAttributes").by("mallory")].into_iter().chain(sent))
            },
            &[Claim::MessageAbuse],
        ),
        Example::miss(
            "an application's notices to topics, daily",
            "アプリケーションが毎日行うトピックへの通知",
            || {
                calls((0..10).flat_map(|_| {
                    daily(8..20, |at| {
                        call(at, "sns:Publish").by("app").request(json!({"topicArn": "arn:aws:sns:ap-northeast-1:111122223333:t"}))
                    })
                }))
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Applications that send codes do the same; compare with the usual number and the countries.",
    "認証コードを送るアプリケーションでも同様になる。通常の件数や送信先の国と比べる。",
);
static WORDS: Words = Words {
    done: Text::fixed("sent text messages, or prepared it: {t}", "SMS の送信またはその準備を行った: {t}"),
    tried: Text::fixed("tried to send text messages and was refused: {t}", "SMS を送信しようとして拒否された: {t}"),
    innocent: INNOCENT,
};

/// Messages by a newcomer that are a campaign, and by anybody on one day.
const SENT: u64 = 50;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut groups = gather(ctx, &mut |_, api| stage(api));
    if groups.is_empty() {
        return Vec::new();
    }
    let history = History::of(ctx);
    groups.retain_mut(|group| {
        let service = if group.calls.keys().any(|call| call == "Publish" || call.contains("SMS")) { "sns" } else { "sms-voice" };
        let novelty = history.group(group, service);
        let sent = group.calls.iter().filter(|(call, _)| is_sending(call)).map(|(_, n)| n).sum::<u64>();
        let prepared = group.calls.keys().any(|call| !is_sending(call));
        if novelty == Novelty::Known || (sent < SENT && !prepared) {
            return false;
        }
        group.severity = if sent >= SENT { Severity::High } else { Severity::Medium };
        group.notes.extend(novelty.says());
        true
    });
    findings(&groups, Claim::MessageAbuse, &|_| ("T1496.003", &WORDS))
}

fn stage(api: &ApiActivity<'_>) -> Option<Act> {
    let kind = match (&*api.event_name, service(api)) {
        ("Publish" | "PublishBatch", "sns") => text_at(&request(api), "/phoneNumber").map(|_| "Publish")?,
        ("SendTextMessage" | "SendMessages" | "SendVoiceMessage", "sms-voice" | "mobiletargeting") => "SendTextMessage",
        ("GetSMSAttributes" | "SetSMSAttributes" | "GetSMSSandboxAccountStatus" | "CreateSMSSandboxPhoneNumber", "sns") => "SMS attributes",
        ("RequestPhoneNumber" | "SetTextMessageSpendLimitOverride" | "DescribeSpendLimits", "sms-voice") => "phone numbers",
        _ => return None,
    };
    Some(Act::new("sms", Severity::Medium).on(Some(kind.to_owned())))
}

fn is_sending(call: &str) -> bool {
    call.starts_with("Publish") || call.starts_with("Send")
}
