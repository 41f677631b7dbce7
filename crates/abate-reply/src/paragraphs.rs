//! The paragraphs that letters are made of; each has one place where its English and Japanese stand together.

use abate_model::time::{local, utc};
use abate_model::{Finding, Hypothesis, Paragraph, Step, StepState, Text, Verdict, VerdictReport};
use jiff::{SignedDuration, Timestamp};

use crate::Input;
use crate::plain::{ascii, japanese, without_internal, wrap};

/// How many activities, facts, steps and wishes are listed.
const ACTIVITIES: usize = 5;
const FACTS: usize = 6;
const OPEN: usize = 6;
/// How long an extension is asked for, beyond the deadline (or beyond now, when that has passed).
const EXTENSION: SignedDuration = SignedDuration::from_hours(48);

/// A paragraph without a claim about the incident.
pub(crate) fn formal(en: &str, ja: &str) -> Paragraph {
    Paragraph::formal(text(en, ja))
}

fn text(en: &str, ja: &str) -> Text {
    Text::new(wrap(&ascii(&without_internal(en, "our host"), 1500)), japanese(&without_internal(ja, "自社ホスト"), 1500))
}

fn grounded(en: &str, ja: &str, findings: Vec<String>, evidence: Vec<abate_model::Cite>) -> Paragraph {
    Paragraph { text: text(en, ja), findings, evidence, steps: Vec::new(), formal: false }
}

pub(crate) fn greeting() -> Paragraph {
    formal("Hello AWS Trust & Safety,", "AWS Trust & Safety ご担当者様")
}

/// Which matter this is about: the notice's own words, no claim of ours.
pub(crate) fn matter(input: &Input<'_>) -> Paragraph {
    let notice = input.notice;
    let (mut en, mut ja) = (Vec::new(), Vec::new());
    let mut add = |label_en: &str, label_ja: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            en.push(format!("{label_en}: {value}"));
            ja.push(format!("{label_ja}: {value}"));
        }
    };
    add("Case number", "ケース番号", notice.case_number.clone());
    add("AWS account", "AWS アカウント", notice.account_id.clone());
    add("Region", "リージョン", Some(notice.regions.join(", ")));
    let resources = notice
        .resources
        .iter()
        .take(ACTIVITIES)
        .map(|r| if r.addresses.is_empty() { r.id.clone() } else { format!("{} ({})", r.id, r.addresses.join(", ")) });
    add("Resource", "リソース", Some(resources.collect::<Vec<_>>().join(", ")));
    for reported in notice.reported.iter().take(ACTIVITIES) {
        let at = reported.from.map(|t| format!(", {}", utc(t))).unwrap_or_default();
        let title = reported.category.title();
        en.push(format!("Reported: {}{at}", title.en));
        ja.push(format!("報告内容: {}{at}", title.ja));
    }
    formal(&en.join("\n"), &ja.join("\n"))
}

/// Until when the full answer will come: whole hours, never before the deadline, and the same however often it is asked
/// before the deadline.
pub(crate) fn until(input: &Input<'_>) -> Timestamp {
    let base = input.notice.deadline.at.max(input.now);
    let hours = (base.as_second() + EXTENSION.as_secs()).div_euclid(3600) + 1;
    Timestamp::from_second(hours * 3600).unwrap_or(base)
}

pub(crate) fn extension(input: &Input<'_>) -> Paragraph {
    let until = until(input);
    let (reason_en, reason_ja) = if input.sources.is_empty() {
        (
            "we are still collecting the logs that show what happened (CloudTrail, VPC Flow Logs, operating system and application logs)",
            "何が起きたかを示すログ（CloudTrail、VPC フローログ、OS・アプリケーションのログ）を収集中である",
        )
    } else if input.cause().is_none() {
        ("the logs that we have examined so far do not yet show the root cause", "これまでに調べたログでは、根本原因がまだ判明していない")
    } else {
        ("the measures listed as open below are not completed", "下記の未完了の対策が残っている")
    };
    formal(
        &format!(
            "This is an interim answer. We ask for an extension until {}, because {reason_en}. We will send the complete answer by then.",
            utc(until)
        ),
        &format!(
            "これは中間の回答です。{}（{}）までの延長をお願いします。理由: {reason_ja}ためです。それまでに完全な回答をお送りします。",
            utc(until),
            local(until, input.profile.zone())
        ),
    )
}

pub(crate) fn heading_cause() -> Paragraph {
    formal("1. ROOT CAUSE", "1. 根本原因")
}

pub(crate) fn heading_measures() -> Paragraph {
    formal("2. MEASURES", "2. 対策")
}

/// Whether our own logs show what is reported.
pub(crate) fn verdicts(input: &Input<'_>) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = input.verdicts.iter().take(ACTIVITIES).map(|v| verdict(input, v)).collect();
    let more = input.verdicts.len().saturating_sub(ACTIVITIES);
    if more > 0 {
        paragraphs.push(formal(
            &format!("{more} further reported activities are being handled in the same way."),
            &format!("ほか {more} 件の報告も同様に対応しています。"),
        ));
    }
    paragraphs
}

fn verdict(input: &Input<'_>, verdict: &VerdictReport) -> Paragraph {
    let title = input
        .notice
        .reported
        .iter()
        .find(|r| r.id == verdict.reported)
        .map_or_else(|| Text::same(verdict.reported.clone()), |r| r.category.title());
    let (en, ja) = match verdict.verdict {
        Verdict::Confirmed => (
            format!("We confirm the reported {}. {}", title.en, verdict.why.en),
            format!("報告された{}を確認しました。{}", title.ja, verdict.why.ja),
        ),
        Verdict::Contradicted => (
            format!("The reported {} did not come from us. {}", title.en, verdict.why.en),
            format!("報告された{}は当方によるものではありません。{}", title.ja, verdict.why.ja),
        ),
        Verdict::NotSeen => (
            format!(
                "In the logs that we have we do not see the reported {}. We do not take that as proof; we looked at: {}.",
                title.en,
                verdict.coverage.iter().take(3).map(|c| c.en.as_ref()).collect::<Vec<_>>().join("; ")
            ),
            format!(
                "手元のログには、報告された{}は見当たりません。ただし証明にはならないと考えています。確認した範囲: {}。",
                title.ja,
                verdict.coverage.iter().take(3).map(|c| c.ja.as_ref()).collect::<Vec<_>>().join("、")
            ),
        ),
        Verdict::NotChecked => (
            format!("We could not yet check the reported {} against our own logs: none at hand covers it.", title.en),
            format!("報告された{}は、該当するログが手元にないため、まだ確認できていません。", title.ja),
        ),
    };
    if matches!(verdict.verdict, Verdict::Confirmed | Verdict::Contradicted) {
        grounded(&en, &ja, verdict.findings.clone(), verdict.evidence.clone())
    } else {
        formal(&en, &ja)
    }
}

/// The cause, hedged by how sure it is, with the facts behind it.
pub(crate) fn cause(input: &Input<'_>) -> Vec<Paragraph> {
    let Some(cause) = input.cause() else {
        return vec![formal("We have not yet determined how this came about.", "どのように起きたかは、まだ特定できていません。")];
    };
    let findings: Vec<String> = cause.support.iter().flat_map(|s| s.findings.iter().cloned()).collect();
    let evidence: Vec<abate_model::Cite> = cause.support.iter().flat_map(|s| s.evidence.iter().cloned()).take(20).collect();
    let hedge = hedge(cause);
    let mut paragraphs = Vec::new();
    let reason = format!("{} {} {}", hedge.en, cause.story.en, cause.factor_reason.en);
    let reason_ja = format!("{}{}{}", hedge.ja, cause.story.ja, cause.factor_reason.ja);
    if findings.is_empty() && evidence.is_empty() {
        paragraphs.push(formal(&reason, &reason_ja))
    } else {
        paragraphs.push(grounded(&reason, &reason_ja, findings.clone(), evidence))
    }
    paragraphs.extend(facts(input, &findings));
    paragraphs
}

fn hedge(cause: &Hypothesis) -> Text {
    if cause.confidence >= 0.85 {
        Text::fixed("The evidence shows the following.", "証跡から次のことが分かりました。")
    } else if cause.confidence >= 0.5 {
        Text::fixed(
            "The evidence points to the following; it is not yet certain.",
            "証跡は次のことを示していますが、まだ確実ではありません。",
        )
    } else {
        Text::fixed(
            "The most likely explanation so far is the following; it is not confirmed.",
            "現時点で最も可能性が高い説明は次のとおりですが、確認できていません。",
        )
    }
}

/// What happened, in order of time: the findings behind the cause and the confirmed verdicts.
fn facts(input: &Input<'_>, behind: &[String]) -> Option<Paragraph> {
    let confirmed: Vec<&String> = input.verdicts.iter().filter(|v| v.verdict == Verdict::Confirmed).flat_map(|v| &v.findings).collect();
    let mut facts: Vec<&Finding> =
        input.findings.iter().filter(|f| f.first.is_some() && (behind.contains(&f.id) || confirmed.contains(&&f.id))).collect();
    facts.sort_by_key(|f| (std::cmp::Reverse(f.severity), f.first));
    facts.truncate(FACTS);
    facts.sort_by_key(|f| (f.first, f.id.clone()));
    if facts.is_empty() {
        return None;
    }
    let line = |f: &&Finding, words: &str| format!("- {}: {words}", f.first.map(utc).unwrap_or_default());
    let en = facts.iter().map(|f| ascii(&line(f, &f.title.en), 240)).collect::<Vec<_>>().join("\n");
    let ja = facts.iter().map(|f| line(f, &f.title.ja)).collect::<Vec<_>>().join("\n");
    let ids = facts.iter().map(|f| f.id.clone()).collect();
    Some(grounded(
        &format!("What our logs show, in order of time:\n{en}"),
        &format!("ログから分かる経過（時刻順）:\n{ja}"),
        ids,
        facts.iter().filter_map(|f| f.evidence.first().cloned()).collect(),
    ))
}

/// What a named person says was done.
pub(crate) fn done(input: &Input<'_>) -> Vec<Paragraph> {
    let done: Vec<&Step> = input.plan.done().collect();
    if done.is_empty() {
        return vec![formal("No measure is recorded as completed yet.", "完了した対策の記録は、まだありません。")];
    }
    done.iter()
        .filter_map(|step| {
            let StepState::Done { at, .. } = &step.state else { return None };
            Some(Paragraph {
                text: text(&format!("- {}: {}", utc(*at), step.done_text.en), &format!("- {}: {}", utc(*at), step.done_text.ja)),
                findings: step.findings.clone(),
                evidence: Vec::new(),
                steps: vec![step.id.clone()],
                formal: false,
            })
        })
        .collect()
}

/// What is not done: named as open, not promised away.
pub(crate) fn open(input: &Input<'_>) -> Option<Paragraph> {
    let open: Vec<&Step> = input.plan.steps.iter().filter(|s| s.state == StepState::Proposed).collect();
    if open.is_empty() {
        return None;
    }
    let list = |words: &dyn Fn(&Step) -> String| open.iter().take(OPEN).map(|s| format!("- {}", words(s))).collect::<Vec<_>>().join("\n");
    Some(formal(
        &format!("Planned and not yet done:\n{}", list(&|s| ascii(&s.title.en, 220))),
        &format!("予定しており、まだ完了していないこと:\n{}", list(&|s| s.title.ja.to_string())),
    ))
}

/// What we are fetching in order to find out.
pub(crate) fn under_way(input: &Input<'_>) -> Option<Paragraph> {
    if input.cause().is_some() || input.next_evidence.is_empty() {
        return None;
    }
    let list = |words: &dyn Fn(&abate_model::EvidenceWish) -> String| {
        input.next_evidence.iter().take(4).map(|w| format!("- {}", words(w))).collect::<Vec<_>>().join("\n")
    };
    Some(formal(
        &format!("To find the root cause we are collecting and examining:\n{}", list(&|w| w.what.en.to_string())),
        &format!("根本原因を調べるため、次の証跡を収集・調査しています:\n{}", list(&|w| w.what.ja.to_string())),
    ))
}

/// Each block that AWS has set, asked to be lifted by name.
pub(crate) fn lift(input: &Input<'_>) -> Option<Paragraph> {
    if input.notice.mitigations.is_empty() {
        return None;
    }
    let list = input.notice.mitigations.iter().take(8).map(|m| format!("- {}", ascii(m, 200))).collect::<Vec<_>>().join("\n");
    Some(formal(
        &format!("Please lift the following, which AWS has put in place:\n{list}"),
        &format!("AWS が実施した次の制限の解除をお願いします:\n{list}"),
    ))
}

/// The name under the letter.
pub(crate) fn signature(input: &Input<'_>) -> Paragraph {
    let account = input.notice.account_id.as_deref().unwrap_or("(see above)");
    let signer = input.profile.signer.as_deref().unwrap_or("[name]");
    formal(&format!("Regards,\n{signer}\nAWS account {account}"), &format!("敬具\n{signer}\nAWS アカウント {account}"))
}
