//! What the evidence says: the cause, how our resources were used, and whether our logs confirm the report.
//!
//! Every paragraph here names the findings or rows behind it. What is not known is said to be not known; how sure a cause
//! is stands in its first words. What was looked at stands in `coverage`.

use abate_model::time::utc;
use abate_model::{
    Cite, Claim, Factor, Finding, Hypothesis, NoticeKind, Paragraph, ReportedActivity, Severity, Text, Verdict, VerdictReport,
    ZoneCertainty,
};

use crate::kind::{self, SHOWN};
use crate::words::{both, bullets, sentence, span};
use crate::{Input, Limits, coverage};

/// At most so many rows or findings are cited by a paragraph.
const MAX_CITES: usize = 12;

/// Claims that reach every address on the Internet, or are weaknesses that nobody asked about.
const NOISE: &[Claim] = &[
    Claim::SshBruteForce,
    Claim::LoginBruteForce,
    Claim::WebExploitAttempt,
    Claim::WebScan,
    Claim::ServiceOpenToWorld,
    Claim::SecurityGroupOpened,
    Claim::RootUsed,
    Claim::AddressOurs,
];

/// The answer to the first question: the cause, hedged as the evidence allows, and the sequence of events.
pub(crate) fn cause(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let Some(leading) = kind::likely(input) else { return undetermined(input, limits) };
    let mut paragraphs = vec![statement(leading, limits)];
    paragraphs.extend(sequence(input, leading, limits));
    paragraphs
}

fn statement(leading: &Hypothesis, limits: Limits) -> Paragraph {
    let story = sentence(&both(&leading.story, limits.chars * 2));
    let is_shown = leading.confidence >= SHOWN;
    let (mut en, mut ja) = if is_shown {
        (format!("The evidence shows how this came about. {}", story.en), format!("証跡から、次の経緯が確認できました。{}", story.ja))
    } else {
        (
            format!("The evidence points to the following cause, which is not proved beyond doubt. {}", story.en),
            format!("証跡は次の原因を示していますが、完全には裏づけられていません。{}", story.ja),
        )
    };
    if !matches!(leading.factor, Factor::Unknown | Factor::None) && !leading.factor_reason.en.is_empty() {
        let reason = sentence(&both(&leading.factor_reason, limits.chars));
        en.push_str(if is_shown { " What made it possible: " } else { " What probably made it possible: " });
        en.push_str(&lower_first(&reason.en));
        ja.push_str(if is_shown { "背景: " } else { "考えられる背景: " });
        ja.push_str(&reason.ja);
    }
    let findings = leading.support.iter().flat_map(|c| c.findings.iter().cloned()).take(MAX_CITES).collect();
    let evidence = leading.support.iter().flat_map(|c| c.evidence.iter().cloned()).take(MAX_CITES).collect();
    grounded(Text::new(en, ja), findings, evidence)
}

/// `A service` becomes `a service`; names and abbreviations stay.
fn lower_first(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    match text.chars().next() {
        Some(first) if ["A", "An", "The", "Our", "It", "One", "No", "Requests"].contains(&word) => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// The events behind the leading cause in order of time, without what another paragraph says already.
fn sequence(input: &Input<'_>, leading: &Hypothesis, limits: Limits) -> Option<Paragraph> {
    let named: Vec<&String> = leading.support.iter().flat_map(|c| &c.findings).collect();
    let confirmed = of_verdicts(input);
    // The story begins its sentence with the title, so that only the first letter may differ.
    let story = leading.story.en.to_lowercase();
    let is_told = |f: &Finding| story.contains(f.title.en.trim_end_matches('.').to_lowercase().as_str());
    let wanted = |f: &&Finding| named.contains(&&f.id) && is_weighty(f) && !confirmed.contains(&&f.id) && !is_told(f);
    let head = Text::fixed(
        "Further events in our logs that belong to it (times in UTC):",
        "この経緯に関わる、自社ログのその他の記録（時刻は UTC）:",
    );
    list(input.findings.iter().filter(wanted).collect(), limits, &head)
}

fn undetermined(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let mut paragraphs =
        vec![Paragraph::formal(Text::fixed("We have not yet determined the root cause.", "根本原因はまだ特定できていません。"))];
    let confirmed = of_verdicts(input);
    let possible: Vec<&String> =
        input.causes.iter().filter(|c| c.confidence >= 0.1).flat_map(|c| c.support.iter().flat_map(|s| &s.findings)).collect();
    let wanted = |f: &&Finding| possible.contains(&&f.id) && is_weighty(f) && !confirmed.contains(&&f.id);
    let head = Text::fixed(
        "Our logs show the following, whose connection with the report is not established yet (times in UTC):",
        "自社のログには次の記録がありますが、報告された活動との関係はまだ確認できていません（時刻は UTC）。",
    );
    paragraphs.extend(list(input.findings.iter().filter(wanted).collect(), limits, &head));
    paragraphs
}

fn is_weighty(finding: &Finding) -> bool {
    finding.severity >= Severity::Medium && !NOISE.contains(&finding.claim)
}

/// Findings behind the verdicts that confirm.
fn of_verdicts<'a>(input: &Input<'a>) -> Vec<&'a String> {
    input.verdicts.iter().filter(|v| v.verdict == Verdict::Confirmed).flat_map(|v| &v.findings).collect()
}

fn list(mut events: Vec<&Finding>, limits: Limits, head: &Text) -> Option<Paragraph> {
    events.sort_by(|a, b| (a.first, &a.id).cmp(&(b.first, &b.id)));
    let lines: Vec<Text> = events.iter().map(|f| dated(f, limits)).collect();
    let shown = || events.iter().take(limits.items);
    let evidence = shown().flat_map(|f| f.evidence.iter().take(2).cloned()).take(MAX_CITES).collect();
    let findings = shown().map(|f| f.id.clone()).collect();
    (!lines.is_empty()).then(|| grounded(bullets(head, &lines, limits.items), findings, evidence))
}

/// `2026-11-01 02:14:05 UTC: …`
fn dated(finding: &Finding, limits: Limits) -> Text {
    let title = both(&finding.title, limits.chars);
    match finding.first {
        Some(at) => Text::new(format!("{}: {}", utc(at), title.en), format!("{}: {}", utc(at), title.ja)),
        None => title,
    }
}

/// Whether our own logs confirm the report: one paragraph for each reported activity.
pub(crate) fn verdicts(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let reported = &input.notice.reported;
    let mut paragraphs: Vec<Paragraph> = reported.iter().take(limits.items).filter_map(|r| verdict(input, r, limits)).collect();
    if reported.len() > limits.items {
        let more = reported.len() - limits.items;
        paragraphs.push(Paragraph::formal(Text::new(
            format!("The report names {more} further activities of the same notice."),
            format!("同じ通知には、ほかに {more} 件の活動が記載されています。"),
        )));
    }
    paragraphs
}

fn verdict(input: &Input<'_>, reported: &ReportedActivity, limits: Limits) -> Option<Paragraph> {
    let verdict = input.verdicts.iter().find(|v| v.reported == reported.id)?;
    let mut paragraph = match verdict.verdict {
        Verdict::Confirmed => confirmed(input, reported, verdict, limits),
        Verdict::Contradicted => {
            let text = sentence(&both(&verdict.why, limits.chars * 2));
            of_verdict(coverage::named(input, verdict, text, limits), verdict)
        }
        Verdict::NotSeen => not_seen(input, reported, verdict, limits),
        Verdict::NotChecked => not_checked(reported, verdict, limits),
    };
    if input.notice.reported.len() > 1 {
        let about = crate::paragraphs::activity(reported);
        let (en, ja) = (&paragraph.text.en, &paragraph.text.ja);
        paragraph.text = Text::new(format!("On the reported {}: {en}", about.en), format!("報告された活動（{}）について: {ja}", about.ja));
    }
    Some(paragraph)
}

fn confirmed(input: &Input<'_>, reported: &ReportedActivity, verdict: &VerdictReport, limits: Limits) -> Paragraph {
    let mut findings: Vec<&Finding> = input.findings.iter().filter(|f| verdict.findings.contains(&f.id)).collect();
    findings.sort_by(|a, b| (b.severity, a.first, &a.id).cmp(&(a.severity, b.first, &b.id)));
    let lines: Vec<Text> = findings.iter().map(|f| figures(f, limits)).collect();
    let mut text = if lines.is_empty() {
        sentence(&both(&verdict.why, limits.chars))
    } else {
        let title = reported.category.title();
        let head = if input.notice.kind == NoticeKind::SelfFound {
            Text::new(format!("Our logs show the {}:", title.en), format!("自社のログに、次の活動（{}）の記録があります。", title.ja))
        } else {
            Text::new(
                format!("Our own logs confirm the reported {}:", title.en),
                format!("自社のログで、報告された活動（{}）を確認しました。", title.ja),
            )
        };
        bullets(&head, &lines, limits.items.min(5))
    };
    if reported.zone_certainty != ZoneCertainty::Stated && reported.window().is_some() {
        text = Text::new(
            format!("{}\nThe report states no time zone, so the match in time is uncertain by some hours.", text.en),
            format!("{}\n報告にタイムゾーンの記載がないため、時刻の一致には数時間の幅があります。", text.ja),
        );
    }
    of_verdict(coverage::named(input, verdict, text, limits), verdict)
}

fn figures(finding: &Finding, limits: Limits) -> Text {
    let title = both(&finding.title, limits.chars);
    let (mut en, mut ja) = (title.en.into_owned(), title.ja.into_owned());
    if let Some(first) = finding.first {
        let when = span(first, finding.last.unwrap_or(first));
        en.push_str(&format!("; {}", when.en));
        ja.push_str(&format!("、{}", when.ja));
    }
    if finding.count > 1 {
        en.push_str(&format!(" ({} records)", finding.count));
        ja.push_str(&format!("（{} 件）", finding.count));
    }
    Text::new(en, ja)
}

fn not_seen(input: &Input<'_>, reported: &ReportedActivity, verdict: &VerdictReport, limits: Limits) -> Paragraph {
    // A negative statement rests on the whole of what was looked through.
    let whole = coverage::whole_sources(input, verdict);
    if whole.is_empty() && verdict.evidence.is_empty() {
        return not_checked(reported, verdict, limits);
    }
    let title = reported.category.title();
    let text = Text::new(
        format!(
            "We looked for the reported {} in the logs named here and did not find it. We do not take that as proof that it did not happen.",
            title.en
        ),
        format!("報告された活動（{}）を次のログで調べましたが、見つかりませんでした。起きていないことの証明とは考えていません。", title.ja),
    );
    let mut paragraph = of_verdict(coverage::named(input, verdict, text, limits), verdict);
    paragraph.evidence.extend(whole);
    paragraph
}

/// It says that nothing is known, so that there is nothing for it to rest on.
fn not_checked(reported: &ReportedActivity, verdict: &VerdictReport, limits: Limits) -> Paragraph {
    let title = reported.category.title();
    let missing: Vec<Text> = verdict.coverage.iter().take(limits.items.min(3)).map(|c| both(c, limits.chars)).collect();
    let (mut en, mut ja) = (
        format!("We have not been able to look for the reported {} in our own logs yet.", title.en),
        format!("報告された活動（{}）は、自社のログではまだ確認できていません。", title.ja),
    );
    if !missing.is_empty() && verdict.verdict == Verdict::NotChecked {
        let bare: Vec<&str> = missing.iter().map(|m| m.en.trim_start_matches("missing: ")).collect();
        let bare_ja: Vec<&str> = missing.iter().map(|m| m.ja.trim_start_matches("不足: ")).collect();
        en.push_str(&format!(" Still needed: {}.", bare.join("; ")));
        ja.push_str(&format!("必要なもの: {}。", bare_ja.join("、")));
    }
    Paragraph::formal(Text::new(en, ja))
}

fn of_verdict(text: Text, verdict: &VerdictReport) -> Paragraph {
    let findings = verdict.findings.iter().take(MAX_CITES).cloned().collect();
    grounded(text, findings, verdict.evidence.iter().take(MAX_CITES).cloned().collect())
}

/// A statement with what it rests on.
pub(crate) fn grounded(text: Text, mut findings: Vec<String>, evidence: Vec<Cite>) -> Paragraph {
    let mut seen = std::collections::BTreeSet::new();
    findings.retain(|id| seen.insert(id.clone()));
    Paragraph { text, findings, evidence, steps: Vec::new(), formal: false, edited: false }
}
