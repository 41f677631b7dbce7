//! `coverage`: "we looked and did not find it" is worth what was looked through, and AWS must be told what that was.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

/// How a draft names the logs that it rests on.
const EXAMINED: &str = "Examined: ";

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "coverage", title: Text::fixed("What was examined is named", "確認したログの範囲を示している"), check };

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let named = |texts: &[abate_model::Paragraph]| texts.iter().filter(|p| squeeze(&p.text.en).contains(EXAMINED)).count();
    if named(&letter.paragraphs) >= named(&draft.paragraphs) {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "The letter no longer says which logs were examined, from when to when. Put the line 'Examined: …' back.",
        "どのログをどの期間調べたかの記述（Examined: …）がなくなっています。元に戻してください。",
    ))]
}
