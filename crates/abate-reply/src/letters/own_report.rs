//! Misuse that we found ourselves, reported without being asked.

use abate_model::{Paragraph, Text};

use crate::{Input, Limits, evidence, measures, paragraphs};

pub(super) fn write(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let mut letter = paragraphs::opening(Text::fixed(
        "We report misuse of our own AWS resources that we found ourselves. There is no notice from AWS about it that we know of.",
        "当社の AWS リソースの不正利用を自ら発見したため、ご報告します。本件について AWS からの通知は把握していません。",
    ));
    letter.push(paragraphs::identification(input, limits));
    letter.push(Paragraph::formal(paragraphs::CAUSE));
    letter.extend(evidence::cause(input, limits));
    letter.extend(evidence::verdicts(input, limits));
    letter.push(Paragraph::formal(paragraphs::MEASURES));
    letter.push(measures::done(input, limits));
    letter.extend(measures::open(input, limits));
    letter.extend(paragraphs::closing(
        input,
        Text::fixed(
            "Please confirm that you have received this report, and tell us if you know more about it or need anything else.",
            "このご報告の受領をご確認ください。本件についてほかに情報をお持ちの場合や、必要な情報があればお知らせください。",
        ),
    ));
    letter
}
