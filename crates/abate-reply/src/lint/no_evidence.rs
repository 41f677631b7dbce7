//! `no-evidence`: a statement about the incident without a finding, a row or a recorded step must not go out.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, start};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "no-evidence", title: Text::fixed("Every statement rests on evidence", "すべての記述に根拠がある"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let bare = letter.paragraphs.iter().filter(|p| !p.is_grounded() && !p.edited);
    bare.map(|p| {
        let (en, ja) = (start(&p.text.en), start(&p.text.ja));
        RULE.error(Text::new(
            format!("Nothing is cited for: \"{en}\". Cite evidence or a recorded step, or take it out."),
            format!("根拠のない記述です:「{ja}」。証跡か記録済みの対応を示すか、削除してください。"),
        ))
    })
    .collect()
}
