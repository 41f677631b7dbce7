//! The arithmetic: log-odds summed, softmax over all hypotheses and the bar.

use abate_model::text::capital;
use abate_model::time::utc;
use abate_model::{CauseKind, Claim, Contribution, EntityKind, Factor, Finding, Hypothesis, Text, Verdict};
use jiff::SignedDuration;

use crate::Input;
use crate::hypotheses::{Kind, Rule, all};

/// Log-odds of `undetermined`: a single strong finding (weight 4 and more over its prior) passes it, weaker ones do not.
const BAR: f64 = 2.0;
/// How far below the bar a hypothesis stays that lacks a decisive finding.
const BELOW: f64 = 0.7;
/// A foothold may show in the logs this long after the first reported time, because reporters' clocks and aggregation differ.
const SLACK: SignedDuration = SignedDuration::from_mins(15);

struct Scored {
    hypothesis: Hypothesis,
    score: f64,
}

/// All hypotheses worth showing, most likely first, with `undetermined` among them.
pub(crate) fn rank(input: &Input<'_>) -> Vec<Hypothesis> {
    let mut scored: Vec<Scored> = all().into_iter().map(|kind| weigh(input, kind)).collect();
    scored.push(undetermined(input));
    let top = scored.iter().map(|s| s.score).fold(f64::MIN, f64::max);
    let total: f64 = scored.iter().map(|s| (s.score - top).exp()).sum();
    for s in &mut scored {
        s.hypothesis.confidence = ((s.score - top).exp() / total * 1000.0).round() / 1000.0;
    }
    scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.hypothesis.kind.cmp(&b.hypothesis.kind)));
    let mut shown: Vec<Hypothesis> = Vec::new();
    for s in scored {
        let is_bar = s.hypothesis.kind == CauseKind::Undetermined;
        if is_bar || (shown.len() < 8 && (s.hypothesis.confidence >= 0.02 && !s.hypothesis.support.is_empty())) {
            shown.push(s.hypothesis);
        }
    }
    shown
}

fn weigh(input: &Input<'_>, kind: &Kind) -> Scored {
    let mut support = contributions(input, kind.supports, true);
    let mut against = contributions(input, kind.against, false);
    against.extend(contrary(input, kind));
    if let Some(standing) = standing_use(input, kind) {
        support.push(standing);
    }
    let decided = is_decided(input, kind);
    let sum: f64 = support.iter().chain(&against).map(|c| c.weight).sum();
    let mut score = kind.prior + sum;
    if !decided {
        score = score.min(BAR - BELOW);
    }
    let missing = kind.missing.iter().filter(|w| !w.is_there(input.notice, input.evidence)).map(|w| w.wish()).collect();
    let hypothesis = Hypothesis {
        class: kind.kind.class(),
        kind: kind.kind,
        factor: kind.factor,
        factor_reason: kind.factor_reason.clone(),
        confidence: 0.0,
        prior: kind.prior,
        story: story(input, kind),
        support,
        against,
        missing,
    };
    Scored { hypothesis, score }
}

/// Findings that a rule counts. Support must not begin clearly after the reported activity: a consequence is no cause.
fn matching<'a>(input: &Input<'a>, rule: &Rule, in_order: bool) -> Vec<&'a Finding> {
    let end = input.notice.window().and_then(|w| w.to.checked_add(SLACK).ok());
    input
        .findings
        .iter()
        .filter(|f| {
            rule.claims.contains(&f.claim)
                || (f.claim == Claim::GuardDuty
                    && f.of(EntityKind::FindingType).any(|t| rule.guardduty.iter().any(|part| t.contains(part))))
        })
        // Below high, the claim says only that a key was used the way found keys are, which CI systems do every day.
        .filter(|f| f.claim != Claim::KeyUsedFromNewPlace || f.severity >= abate_model::Severity::High)
        .filter(|f| !in_order || is_standing(f.claim) || end.is_none_or(|end| f.first.is_none_or(|first| first <= end)))
        .collect()
}

/// Claims about a state or about ownership, which have no order in time.
fn is_standing(claim: Claim) -> bool {
    matches!(
        claim,
        Claim::AddressNotYetOurs | Claim::AddressNoLongerOurs | Claim::AddressOurs | Claim::ServiceOpenToWorld | Claim::QuarantineAttached
    )
}

fn contributions(input: &Input<'_>, rules: &[Rule], in_order: bool) -> Vec<Contribution> {
    rules
        .iter()
        .filter_map(|rule| {
            let found = matching(input, rule, in_order);
            let first = found.first()?;
            let text = Text::new(format!("{} ({})", rule.text.en, first.title.en), format!("{}（{}）", rule.text.ja, first.title.ja));
            Some(Contribution {
                text,
                weight: rule.weight,
                findings: found.iter().take(8).map(|f| f.id.clone()).collect(),
                evidence: found.iter().flat_map(|f| f.evidence.iter().take(3).cloned()).take(9).collect(),
            })
        })
        .collect()
}

fn is_decided(input: &Input<'_>, kind: &Kind) -> bool {
    let rule = Rule { claims: kind.decisive, guardduty: kind.decisive_guardduty, weight: 0.0, text: Text::fixed("", "") };
    matching(input, &rule, true).iter().any(|f| f.severity >= abate_model::Severity::Medium || is_standing(f.claim))
        || standing_use(input, kind).is_some()
}

fn standing_use(input: &Input<'_>, kind: &Kind) -> Option<Contribution> {
    let usage = input
        .profile
        .legitimate_uses
        .iter()
        .find(|u| kind.decisive_profile.contains(&u.category) && u.category == input.notice.category)?;
    let named = usage.resources.is_empty() || input.notice.resources.iter().any(|r| usage.resources.contains(&r.id));
    named.then(|| Contribution {
        text: Text::new(
            format!("The account's profile names a standing use: {}.", usage.en),
            format!("アカウントのプロファイルに正当な用途が登録されている: {}。", usage.ja),
        ),
        weight: 5.0,
        findings: Vec::new(),
        evidence: Vec::new(),
    })
}

/// What speaks against a hypothesis because it ought to be there and is not, where the logs that would show it are there.
fn contrary(input: &Input<'_>, kind: &Kind) -> Vec<Contribution> {
    let has = |claim: Claim| input.findings.iter().any(|f| f.claim == claim);
    let mut contrary = Vec::new();
    let guessed_in_vain = match kind.kind {
        CauseKind::SshPasswordGuessed => has(Claim::SshBruteForce) && !has(Claim::SshLoginAfterBruteForce),
        CauseKind::RemoteLoginGuessed => has(Claim::LoginBruteForce) && !has(Claim::LoginAfterBruteForce),
        _ => false,
    };
    if guessed_in_vain && crate::wishes::Wish::Auth.is_there(input.notice, input.evidence) {
        contrary.push(note(
            -2.0,
            "The sign-in log covers the reported time and shows guessing, but no success.",
            "サインイン記録は報告時刻を含むが、推測の失敗だけで成功がない。",
        ));
    }
    let attempt_only = has(Claim::WebExploitAttempt) && !has(Claim::WebExploitSuccess) && !has(Claim::WebshellAccess);
    if matches!(kind.kind, CauseKind::RemoteCodeExecution | CauseKind::WebshellUpload) && attempt_only {
        contrary.push(note(-1.0, "Probes were seen, but none was answered with success.", "探索は見られるが、成功した応答はない。"));
    }
    let confirmed = input.verdicts.iter().any(|v| v.verdict() == Verdict::Confirmed);
    if matches!(kind.kind, CauseKind::RecycledAddress | CauseKind::SpoofedSource) && confirmed {
        contrary.push(note(-4.0, "Our own evidence confirms the reported activity.", "自社の証跡が、報告された活動を裏づけている。"));
    }
    contrary
}

fn note(weight: f64, en: &'static str, ja: &'static str) -> Contribution {
    Contribution { text: Text::fixed(en, ja), weight, findings: Vec::new(), evidence: Vec::new() }
}

/// The kind's story, with the particulars of its most telling finding.
fn story(input: &Input<'_>, kind: &Kind) -> Text {
    let rule = Rule { claims: kind.decisive, guardduty: kind.decisive_guardduty, weight: 0.0, text: Text::fixed("", "") };
    let found = matching(input, &rule, true);
    let Some(first) = found.first() else { return kind.story.clone() };
    // A title that tells a time already needs no second one.
    let at = first.first.filter(|_| !first.title.en.contains("UTC")).map(utc);
    let (when_en, when_ja) = at.map_or((String::new(), String::new()), |at| (format!(", first at {at}"), format!("（最初は {at}）")));
    let (en, ja) = (capital(first.title.en.trim_end_matches('.')), first.title.ja.trim_end_matches('。'));
    Text::new(format!("{} {en}{when_en}.", kind.story.en), format!("{}{ja}{when_ja}。", kind.story.ja))
}

fn undetermined(input: &Input<'_>) -> Scored {
    let nothing = input.evidence.sources().is_empty();
    let story = if nothing {
        Text::fixed("There is no evidence yet but the notice itself.", "通知以外の証跡がまだありません。")
    } else {
        Text::fixed(
            "What was read shows no way in that explains the reported activity.",
            "読み取った証跡には、報告された活動を説明できる侵入経路が見当たりません。",
        )
    };
    let missing = crate::wishes::next(input.notice, input.evidence);
    let hypothesis = Hypothesis {
        class: CauseKind::Undetermined.class(),
        kind: CauseKind::Undetermined,
        factor: Factor::Unknown,
        factor_reason: Text::fixed("Without a cause there is no factor.", "原因が分からないため、要因も分かりません。"),
        confidence: 0.0,
        prior: BAR,
        story,
        support: Vec::new(),
        against: Vec::new(),
        missing,
    };
    Scored { hypothesis, score: BAR }
}
