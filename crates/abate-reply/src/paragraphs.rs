//! The frame of every letter: subject, addressee, greeting, what it is about, requests, signature.
//! These paragraphs state nothing about the incident; `evidence` and `measures` do.

use abate_model::time::{local, utc};
use abate_model::{AccountId, AuthenticityVerdict, NoticeKind, Paragraph, Remote, ReportedActivity, Text, ZoneCertainty};
use jiff::{SignedDuration, Timestamp};

use crate::words::{both, bullets, is_lossy, one_line, plain, plain_ja, span};
use crate::{Input, Limits};

/// Where Trust & Safety reads.
const TRUST_AND_SAFETY: &str = "trustandsafety@support.aws.com";
/// Domains that AWS writes from.
const AWS_DOMAINS: &[&str] = &["amazon.com", "amazonaws.com", "support.aws.com", "aws.com"];
/// Senders of AWS that read no answers.
const DEAF: &[&str] = &["health", "notifications", "aws-account-notifications"];
/// The heading of the answer to AWS's first question.
pub(crate) const CAUSE: Text = Text::fixed("1. Root cause", "1. 根本原因");
/// The heading of the answer to AWS's second question.
pub(crate) const MEASURES: Text = Text::fixed("2. Measures taken", "2. 実施した対策");
/// What stands for the signer where the profile names none that can be written in English.
pub(crate) const PLACEHOLDER: &str = "[name]";
/// How long an extension is asked for, beyond the deadline, or beyond now when that has passed.
const EXTENSION: SignedDuration = SignedDuration::from_hours(48);

/// The notice's subject, unchanged, as an answer; forwarding marks of mail programs are taken off.
pub(crate) fn subject(input: &Input<'_>) -> String {
    let notice = input.notice;
    let account = account(input);
    if notice.kind == NoticeKind::SelfFound {
        let whose = account.map_or_else(|| "our AWS account".to_owned(), |a| format!("our AWS account {a}"));
        return format!("Report of unauthorized activity in {whose}");
    }
    let Some(subject) = notice.subject.as_deref().map(clean_subject).filter(|s| !s.is_empty()) else {
        let number = notice.case_number.as_deref().map(|n| plain(n, 60)).or_else(|| account.map(|a| format!("AWS ID {a}")));
        return format!("Re: Your AWS Abuse Report [{}]", number.unwrap_or_else(|| input.case_id.to_string()));
    };
    if starts_with(&subject, "re:") { subject } else { format!("Re: {subject}") }
}

/// Without line breaks, which would add headers to a mail, and without `Fwd:` marks.
pub(crate) fn clean_subject(subject: &str) -> String {
    let mut clean = one_line(subject).chars().take(300).collect::<String>();
    for _ in 0..5 {
        let Some(mark) = ["fwd:", "fw:", "転送:"].into_iter().find(|mark| starts_with(&clean, mark)) else { break };
        clean = clean.chars().skip(mark.chars().count()).collect::<String>().trim().to_owned();
    }
    clean
}

fn starts_with(text: &str, mark: &str) -> bool {
    text.to_lowercase().starts_with(mark)
}

/// Back to the sender if AWS wrote it from an address that takes answers; through the reseller (`None`) if there is one;
/// else to Trust & Safety (re:Post knowledge centre, `aws-abuse-report`).
pub(crate) fn addressee(input: &Input<'_>) -> Option<String> {
    if input.profile.reseller.is_some() {
        return None;
    }
    let doubtful = matches!(input.notice.authenticity.verdict, AuthenticityVerdict::Suspicious | AuthenticityVerdict::Forged);
    let sender = input.notice.from.as_deref().map(str::trim).filter(|from| !doubtful && takes_answers(from));
    Some(sender.unwrap_or(TRUST_AND_SAFETY).to_owned())
}

/// The account's root or security address, from which AWS takes answers.
pub(crate) fn sender(input: &Input<'_>) -> Option<String> {
    let address = input.profile.security_address.as_deref().map(str::trim).filter(|a| !a.is_empty() && input.profile.reseller.is_none());
    address.map(|a| plain(a, 200))
}

fn takes_answers(from: &str) -> bool {
    let lower = from.to_ascii_lowercase();
    let Some((local, domain)) = lower.split_once('@') else { return false };
    let known = local.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)) && AWS_DOMAINS.contains(&domain);
    known && !local.is_empty() && !local.contains("reply") && !DEAF.contains(&local)
}

/// The account: whole from the notice, else from the profile.
fn account(input: &Input<'_>) -> Option<String> {
    let of_notice = input.notice.account_id.as_deref().and_then(AccountId::parse);
    of_notice.or_else(|| input.profile.account_id.as_deref().and_then(AccountId::parse)).map(|a| a.to_string())
}

/// The greeting and what the letter is for.
pub(crate) fn opening(purpose: Text) -> Vec<Paragraph> {
    vec![Paragraph::formal(Text::fixed("Dear AWS Trust & Safety team,", "AWS Trust & Safety ご担当者様")), Paragraph::formal(purpose)]
}

/// Which case, account, resource and activity: as the notice has it.
pub(crate) fn identification(input: &Input<'_>, limits: Limits) -> Paragraph {
    let notice = input.notice;
    let mut lines: Vec<Text> = Vec::new();
    let mut line = |en: &str, ja: &str, value: Text| lines.push(Text::new(format!("{en}: {}", value.en), format!("{ja}: {}", value.ja)));
    if let Some(number) = &notice.case_number {
        line("Case number", "ケース番号", Text::same(plain(number, 60)));
    }
    if let Some(account) = account(input).or_else(|| notice.account_id.as_deref().map(|masked| plain(masked, 40))) {
        line("AWS account", "AWS アカウント", Text::same(account));
    }
    if !notice.regions.is_empty() {
        let regions: Vec<String> = notice.regions.iter().take(limits.items).map(|r| plain(r, 40)).collect();
        line("Region", "リージョン", Text::same(regions.join(", ")));
    }
    for resource in notice.resources.iter().take(limits.items) {
        let addresses: Vec<String> = resource.addresses.iter().take(3).map(|a| plain(a, 60)).collect();
        let beside = if addresses.is_empty() { String::new() } else { format!(" ({})", addresses.join(", ")) };
        line("Resource", "リソース", Text::same(format!("{}{beside}", plain(&resource.id, 120))));
    }
    let (what_en, what_ja) = match notice.kind {
        NoticeKind::SelfFound => ("Activity", "活動"),
        _ => ("Reported activity", "報告された活動"),
    };
    for reported in notice.reported.iter().take(limits.items) {
        line(what_en, what_ja, activity(reported));
    }
    let text = lines.into_iter().reduce(|a, b| Text::new(format!("{}\n{}", a.en, b.en), format!("{}\n{}", a.ja, b.ja)));
    let none = Text::fixed("The report names neither account nor resource.", "通知にはアカウントもリソースも記載がありません。");
    Paragraph::formal(text.unwrap_or(none))
}

/// What is reported, when and towards whom.
pub(crate) fn activity(reported: &ReportedActivity) -> Text {
    let title = reported.category.title();
    let (mut en, mut ja) = (title.en.into_owned(), title.ja.into_owned());
    if let Some(window) = reported.window() {
        let when = span(window.from, window.to);
        en.push_str(&format!(", {}", when.en));
        ja.push_str(&format!("、{}", when.ja));
        if reported.zone_certainty != ZoneCertainty::Stated {
            en.push_str(" (the report states no time zone; read as UTC)");
            ja.push_str("（報告にタイムゾーンの記載がなく、UTC として解釈）");
        }
    }
    let remotes: Vec<Text> = reported.remote.iter().filter_map(remote).collect();
    if !remotes.is_empty() {
        let shown = remotes.iter().take(3);
        en.push_str(&format!(", towards {}", shown.clone().map(|r| r.en.as_ref()).collect::<Vec<_>>().join(", ")));
        ja.push_str(&format!("、相手先 {}", shown.map(|r| r.ja.as_ref()).collect::<Vec<_>>().join("、")));
    }
    if remotes.len() > 3 {
        let more = remotes.len() - 3;
        en.push_str(&format!(" and {more} more"));
        ja.push_str(&format!(" ほか {more} 件"));
    }
    Text::new(en, ja)
}

fn remote(remote: &Remote) -> Option<Text> {
    let address = remote.address.as_deref().map(|a| plain(a, 60));
    match (address, remote.port) {
        (Some(address), Some(port)) => Some(Text::new(format!("{address} port {port}"), format!("{address} ポート {port}"))),
        (Some(address), None) => Some(Text::same(address)),
        (None, Some(port)) => Some(Text::new(format!("port {port}"), format!("ポート {port}"))),
        (None, None) => None,
    }
}

/// The request to end what AWS has blocked, by name.
pub(crate) fn lift(input: &Input<'_>, limits: Limits) -> Option<Paragraph> {
    let head = Text::fixed(
        "Please remove the restrictions that you have placed on us in this matter:",
        "本件に関して適用されている次の制限の解除をお願いします。",
    );
    mitigations(input, limits, &head)
}

/// What AWS has blocked, while it is too early to ask for its end.
pub(crate) fn in_force(input: &Input<'_>, limits: Limits) -> Option<Paragraph> {
    let head = Text::fixed(
        "We know of these restrictions and do not ask you to remove them yet:",
        "次の制限が適用されていることを把握しています。現時点では解除を求めません。",
    );
    mitigations(input, limits, &head)
}

fn mitigations(input: &Input<'_>, limits: Limits, head: &Text) -> Option<Paragraph> {
    let named: Vec<Text> = input.notice.mitigations.iter().map(|m| both(&Text::same(m.clone()), limits.chars)).collect();
    (!named.is_empty()).then(|| Paragraph::formal(bullets(head, &named, limits.items)))
}

/// Until when an extension is asked for: whole hours, after the deadline, and the same however often the letter is
/// drafted before the deadline, so that two drafts never name two dates.
fn until(input: &Input<'_>) -> Timestamp {
    let base = input.notice.deadline.at.max(input.now);
    let hours = base.as_second().saturating_add(EXTENSION.as_secs()).div_euclid(3600).saturating_add(1);
    Timestamp::from_second(hours.saturating_mul(3600)).unwrap_or(base)
}

/// The request for more time, with a date and a reason.
pub(crate) fn extension(input: &Input<'_>, reason: &Text) -> Paragraph {
    let at = until(input);
    let (until, here) = (utc(at), local(at, input.profile.zone()));
    let (why_en, why_ja) = (&reason.en, &reason.ja);
    Paragraph::formal(Text::new(
        format!(
            "We ask for an extension until {until} for our full answer. Reason: {why_en}. By then we will send you the complete answer on root cause and measures, or tell you what is still missing."
        ),
        format!(
            "最終的な回答の期限を {until}（{here}）まで延長していただくようお願いします。理由: {why_ja}。それまでに、根本原因と対策についての完全な回答、または残る未解明の点をお知らせします。"
        ),
    ))
}

/// The last request and the signature.
pub(crate) fn closing(input: &Input<'_>, request: Text) -> Vec<Paragraph> {
    let signer = input.profile.signer.as_deref().map(str::trim).filter(|s| !s.is_empty());
    let en = signer.filter(|s| !is_lossy(s)).map_or_else(|| PLACEHOLDER.to_owned(), |s| plain(s, 120));
    let ja = signer.map_or_else(|| PLACEHOLDER.to_owned(), |s| plain_ja(s, 120));
    let (of_en, of_ja) = match account(input) {
        Some(account) => (format!("\nfor AWS account {account}"), format!("\nAWS アカウント {account}")),
        None => (String::new(), String::new()),
    };
    vec![Paragraph::formal(request), Paragraph::formal(Text::new(format!("Regards,\n{en}{of_en}"), format!("敬具\n{ja}{of_ja}")))]
}
