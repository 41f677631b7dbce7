//! It was ours, and it is no abuse: the registered use, that this was it, and how the reporter can be left out of it.

use abate_model::time::utc;
use abate_model::{Paragraph, StepState, Text, Verdict};

use crate::words::own;
use crate::{Input, Limits, evidence, kind, measures, paragraphs};

pub(super) fn write(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let mut letter = paragraphs::opening(Text::fixed(
        "This is our answer to your report. We regard the reported activity as legitimate work of our own and explain it below.",
        "ご報告への回答です。報告された活動は当社の正当な業務によるものと考えており、以下にご説明します。",
    ));
    letter.push(paragraphs::identification(input, limits));
    letter.push(Paragraph::formal(paragraphs::CAUSE));
    letter.extend(usage(input, limits));
    letter.extend(evidence::verdicts(input, limits));
    letter.push(Paragraph::formal(paragraphs::MEASURES));
    if measures::any_done(input) {
        letter.push(measures::done(input, limits));
    } else {
        letter.push(Paragraph::formal(Text::fixed(
            "We see no need for a corrective measure, since this is legitimate use.",
            "正当な利用であるため、是正措置は必要ないと考えています。",
        )));
    }
    letter.push(Paragraph::formal(Text::fixed(
        "If the reporter wishes to be left out of it, please send us the hosts or networks concerned.",
        "報告者が対象からの除外を希望される場合は、該当するホストまたはネットワークをお知らせください。",
    )));
    letter.extend(paragraphs::lift(input, limits));
    letter.extend(paragraphs::closing(
        input,
        Text::fixed(
            "Please close this report, or tell us what else you need.",
            "本件の終了をお願いします。ほかに必要な情報があればお知らせください。",
        ),
    ));
    letter
}

/// What the work is, and what shows that the report is about it.
fn usage(input: &Input<'_>, limits: Limits) -> Option<Paragraph> {
    let registered = kind::registered_use(input)?;
    let text = own(&Text::new(registered.en.clone(), registered.ja.clone()), limits.chars * 2);
    let mut en = format!("The reported activity comes from this work of ours: {}.", text.en.trim_end_matches('.'));
    let mut ja = format!("報告された活動は、当社の次の業務によるものです: {}。", text.ja.trim_end_matches('。'));
    let mut steps = Vec::new();
    if let Some(step) = kind::confirmation(input)
        && let StepState::Done { at, .. } = &step.state
    {
        en.push_str(&format!(" The owner of the workload confirmed this at {}.", utc(*at)));
        ja.push_str(&format!("ワークロードの担当者が {} に確認しました。", utc(*at)));
        steps.push(step.id.clone());
    }
    let verdicts = || input.verdicts.iter().filter(|v| v.verdict() == Verdict::Confirmed);
    let support = input.causes.first().into_iter().flat_map(|c| &c.support);
    let findings = verdicts().flat_map(|v| &v.findings).chain(support.flat_map(|c| &c.findings)).take(12).cloned().collect();
    let evidence = verdicts().flat_map(|v| v.evidence.iter().cloned()).take(12).collect();
    Some(Paragraph { steps, ..evidence::grounded(Text::new(en, ja), findings, evidence) })
}
