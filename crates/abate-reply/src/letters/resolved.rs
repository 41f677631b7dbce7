//! Root cause found and the activity stopped: the two answers, what is still open, and the requests.

use abate_model::{Paragraph, Text};

use crate::{Input, Limits, evidence, measures, paragraphs};

pub(super) fn write(input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    let mut letter = paragraphs::opening(Text::fixed(
        "This is our answer to your report, with the root cause and the measures taken.",
        "ご報告への回答として、根本原因と実施した対策をお知らせします。",
    ));
    letter.push(paragraphs::identification(input, limits));
    letter.push(Paragraph::formal(paragraphs::CAUSE));
    letter.extend(evidence::cause(input, limits));
    letter.extend(evidence::verdicts(input, limits));
    letter.push(Paragraph::formal(paragraphs::MEASURES));
    letter.push(measures::done(input, limits));
    letter.extend(measures::open(input, limits));
    letter.extend(paragraphs::lift(input, limits));
    letter.extend(paragraphs::closing(
        input,
        Text::fixed(
            "Please confirm that this resolves the matter, or tell us what else you need.",
            "本件が解決済みとなるかご確認ください。ほかに必要な情報があればお知らせください。",
        ),
    ));
    letter
}
