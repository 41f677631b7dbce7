//! `staff-names`: the company answers, not the person who typed the command.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;
use abate_model::StepState;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "staff-names", title: Text::fixed("No names of staff", "担当者の氏名を書かない"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = squeeze(&letter.body(Lang::En));
    let signer = input.profile.signer.as_deref().unwrap_or_default();
    let by = input.plan.steps.iter().filter_map(|s| match &s.state {
        StepState::Done { by, .. } => Some(by.as_str()),
        StepState::Proposed => None,
    });
    let mut people = by.chain(input.profile.owner.as_deref()).chain(input.profile.approver.as_deref()).map(str::trim);
    if !people.any(|name| name.len() >= 5 && name != signer && body.contains(name)) {
        return Vec::new();
    }
    vec![RULE.warning(Text::fixed("The letter names a member of staff. Say 'we'.", "担当者の氏名が書かれています。「we」としてください。"))]
}
