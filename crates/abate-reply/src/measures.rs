//! What was done, and what was not. Only the journal's word counts: a step that nobody recorded is open, and is called so.

use abate_model::time::utc;
use abate_model::{Paragraph, Phase, Step, StepState, Text};
use jiff::Timestamp;

use crate::containment::{INTERNAL, is_done};
use crate::words::{both, bullets};
use crate::{Input, Limits};

/// Whether anything was done that a letter may tell.
pub(crate) fn any_done(input: &Input<'_>) -> bool {
    input.plan.done().any(|s| !INTERNAL.contains(&s.action.as_str()))
}

/// What we have done, with the times; or that nothing is done yet.
pub(crate) fn done(input: &Input<'_>, limits: Limits) -> Paragraph {
    let told = input.plan.done().filter(|s| !INTERNAL.contains(&s.action.as_str()));
    let mut done: Vec<(Timestamp, &Step)> = told
        .filter_map(|step| match &step.state {
            StepState::Done { at, .. } => Some((*at, step)),
            StepState::Proposed => None,
        })
        .collect();
    if done.is_empty() {
        return Paragraph::formal(Text::fixed("No corrective measure is complete yet.", "完了した対策は、まだありません。"));
    }
    // Stable, so that steps of the same time stay in the plan's order.
    done.sort_by_key(|(at, _)| *at);
    let line = |(at, step): &(Timestamp, &Step)| {
        let text = both(&step.done_text, limits.chars);
        Text::new(format!("{}: {}", utc(*at), text.en), format!("{}: {}", utc(*at), text.ja))
    };
    let lines: Vec<Text> = done.iter().map(line).collect();
    // Measures are the answer to AWS's second question, so that twice as many of them are told as of anything else.
    Paragraph {
        text: bullets(&Text::fixed("We have done the following:", "次の対応を実施しました。"), &lines, limits.items * 2),
        findings: Vec::new(),
        evidence: Vec::new(),
        steps: done.iter().map(|(_, step)| step.id.clone()).collect(),
        formal: false,
        edited: false,
    }
}

/// What is planned and not done, as far as the incident calls for it.
pub(crate) fn open(input: &Input<'_>, limits: Limits) -> Option<Paragraph> {
    let lines: Vec<Text> = open_steps(input).iter().map(|s| both(&s.title, limits.chars)).collect();
    let head = Text::fixed("We have not yet done the following; it is planned:", "次の対応は計画中で、まだ実施していません。");
    (!lines.is_empty()).then(|| Paragraph::formal(bullets(&head, &lines, limits.items)))
}

/// Open steps that the incident calls for. General advice is left out: it would tell AWS of weaknesses that nobody asked about.
fn open_steps<'a>(input: &Input<'a>) -> Vec<&'a Step> {
    let isolated = input.plan.done().any(|s| s.action == "isolate-instance");
    let told = |s: &&Step| match s.action.as_str() {
        "keep-proof" | "confirm-legitimate-use" | "restrict-egress" => false,
        "block-egress-port" => !isolated,
        action => !INTERNAL.contains(&action) && (s.phase != Phase::Prevent || !s.findings.is_empty()),
    };
    input.plan.steps.iter().filter(|s| !is_done(s)).filter(told).collect()
}

/// Whether something that the incident calls for is still open.
pub(crate) fn any_open(input: &Input<'_>) -> bool {
    !open_steps(input).is_empty()
}
