//! `unproved-measure`: AWS must never be told of a measure that nobody recorded as done.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Rule, squeeze};
use crate::Input;
use crate::containment::is_done;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "unproved-measure", title: Text::fixed("Only recorded measures are claimed", "記録のある対策だけを書いている"), check
    };

fn check(letter: &Letter, input: &Input<'_>) -> Vec<LintNote> {
    let mut notes = Vec::new();
    for id in letter.paragraphs.iter().flat_map(|p| &p.steps) {
        if !input.plan.step(id).is_some_and(is_done) {
            notes.push(claimed(id));
        }
    }
    let body = squeeze(&letter.body(Lang::En));
    for step in input.plan.steps.iter().filter(|s| !is_done(s)) {
        let claim = plain(&step.done_text.en, 200);
        // Words of a few letters would be found in any letter; another step of the same words may be done.
        let other = input.plan.done().any(|d| d.done_text.en == step.done_text.en);
        if claim.len() > 12 && !other && body.contains(&claim) {
            notes.push(claimed(&step.id));
        }
    }
    notes
}

fn claimed(id: &str) -> LintNote {
    RULE.error(Text::new(
        format!("The letter claims step {id}, which nobody has recorded as done (abate done CASE {id} --by NAME --at TIME)."),
        format!("実施の記録がない対応 {id} が書かれています（abate done 案件ID {id} --by 氏名 --at 時刻 で記録）。"),
    ))
}
