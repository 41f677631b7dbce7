//! `lift`: a block is lifted when somebody asks for it by name.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

/// How a draft asks.
const ASKS: &str = "Please remove the restrictions";

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "lift", title: Text::fixed("Blocks are asked to be lifted", "制限の解除を依頼している"), check };

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let asks = |paragraphs: &[abate_model::Paragraph]| paragraphs.iter().any(|p| squeeze(&p.text.en).starts_with(ASKS));
    if asks(&letter.paragraphs) || !asks(&draft.paragraphs) {
        return Vec::new();
    }
    vec![RULE.warning(Text::fixed(
        "AWS has placed restrictions in this matter, and the letter does not ask for their removal by name.",
        "AWS による制限が適用されていますが、その解除を求める記述がありません。",
    ))]
}
