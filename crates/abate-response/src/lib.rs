//! The response: what should be done, as data with a hash, and the script that collects evidence.
//!
//! Actions are one file each. Abate carries out none of them: people do, and say so. What is absent on purpose: any call
//! to AWS, and any automatic undo (it would reopen the hole).

mod actions;
mod collect;
mod facts;

use abate_model::{AccountProfile, Finding, Hypothesis, Notice, Phase, Plan, Step, StepState, Text, VerdictReport};

pub use collect::collect_script;

use actions::Action;
use facts::{Facts, Target};

/// What a plan rests on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// the notice
    pub notice: &'a Notice,
    /// the findings
    pub findings: &'a [Finding],
    /// the verdicts
    pub verdicts: &'a [VerdictReport],
    /// the causes, most likely first
    pub causes: &'a [Hypothesis],
    /// what is known of the account
    pub profile: &'a AccountProfile,
}

/// The plan for a case, all steps proposed.
#[must_use]
pub fn propose(input: &Input<'_>) -> Plan {
    let facts = Facts::of(input);
    let phases = [Phase::Contain, Phase::Eradicate, Phase::Recover, Phase::Prevent];
    let actions = actions::all();
    let of_phase = |phase: Phase| actions.iter().filter(move |a| a.phase == phase);
    let steps = phases
        .into_iter()
        .flat_map(of_phase)
        .flat_map(|action| (action.when)(&facts).into_iter().map(|target| step(action, target)))
        .collect();
    Plan::new(steps)
}

fn step(action: &Action, target: Target) -> Step {
    let id = target.id.as_ref().map_or_else(|| action.id.to_owned(), |t| format!("{}.{t}", action.id));
    let en = target.id.clone().unwrap_or_else(|| "the resource".to_owned());
    let ja = target.id.clone().unwrap_or_else(|| "対象リソース".to_owned());
    let fill = |text: &Text| Text::new(text.en.replace("{t}", &en), text.ja.replace("{t}", &ja));
    Step {
        id,
        action: action.id.to_owned(),
        phase: action.phase,
        target: target.id.clone(),
        title: fill(&action.title),
        done_text: fill(&action.done_text),
        why: action.why.clone(),
        risk: action.risk.clone(),
        undo: action.undo.clone(),
        how: Text::same(action.how.replace("{t}", target.id.as_deref().unwrap_or("ID"))),
        findings: target.findings,
        state: StepState::Proposed,
    }
}

/// What is wrong with a plan: ids that repeat, or something irreversible before evidence is preserved.
#[must_use]
pub fn check(plan: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    for (n, step) in plan.steps.iter().enumerate() {
        if plan.steps.iter().take(n).any(|before| before.id == step.id) {
            problems.push(format!("step {} stands twice", step.id));
        }
        let destroys = matches!(step.action.as_str(), "remove-intruder-resources" | "rebuild-from-clean" | "take-down-content");
        let preserved = plan.steps.iter().take(n).any(|before| matches!(before.action.as_str(), "preserve"));
        if destroys && !preserved {
            problems.push(format!("step {} comes before the evidence is preserved", step.id));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
