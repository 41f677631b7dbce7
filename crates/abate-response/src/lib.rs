//! The response: what should be done, as data with a hash, and the script that collects evidence.
//!
//! Actions are one file each. Abate carries out none of them: people do, and say so. What is absent on purpose: any call
//! to AWS, and any automatic undo (it would reopen the hole).

mod actions;
mod check;
mod collect;
mod facts;
mod names;

use abate_model::{AccountProfile, Finding, Hypothesis, Notice, Phase, Plan, Step, StepState, Text, VerdictReport};

pub use check::check;
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

/// The plan for a case, all steps proposed, in the order in which to do them.
#[must_use]
pub fn propose(input: &Input<'_>) -> Plan {
    let facts = Facts::of(input);
    let region = facts.region();
    let actions = actions::all();
    let phases = [Phase::Contain, Phase::Eradicate, Phase::Recover, Phase::Prevent];
    let of_phase = |phase: Phase| actions.iter().filter(move |a| a.phase == phase);
    let steps = phases
        .into_iter()
        .flat_map(of_phase)
        .flat_map(|action| (action.when)(&facts).into_iter().map(|target| step(action, target, region.as_deref())))
        .collect();
    Plan::new(steps)
}

/// A step: the action's texts with the target's particulars in place of `{name}`.
fn step(action: &Action, target: Target, region: Option<&str>) -> Step {
    let (it_en, it_ja) = it(&target, &action.whole);
    let id = target.id.as_deref().unwrap_or("ID");
    let replace = |text: &str, it: &str| {
        // The target's own particulars come before what is assumed for all.
        let mut text = target.vars.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        for (mark, value) in [("{it}", it), ("{t}", id), ("{region}", region.unwrap_or("REGION")), ("{user}", "USER"), ("{port}", "PORT")] {
            text = text.replace(mark, value);
        }
        text.trim_start().to_owned()
    };
    let fill = |text: &Text| Text::new(replace(&text.en, &it_en), replace(&text.ja, &it_ja));
    Step {
        id: target.id.as_ref().map_or_else(|| action.id.to_owned(), |t| format!("{}.{t}", action.id)),
        action: action.id.to_owned(),
        phase: action.phase,
        title: fill(&action.title),
        done_text: fill(&action.done_text),
        why: fill(&action.why),
        risk: fill(&action.risk),
        undo: fill(&action.undo),
        how: fill(&action.how),
        findings: target.findings.clone(),
        target: target.id.clone(),
        state: StepState::Proposed,
    }
}

/// The target with what it is; in Japanese, Latin words stand between spaces.
fn it(target: &Target, whole: &Text) -> (String, String) {
    let Some(id) = &target.id else { return (whole.en.clone().into_owned(), whole.ja.clone().into_owned()) };
    match id.split_once('/') {
        Some(("user", name)) => (format!("IAM user {name}"), format!(" IAM ユーザー {name} ")),
        Some(("role", name)) => (format!("IAM role {name}"), format!(" IAM ロール {name} ")),
        Some(("policy", name)) => (format!("IAM policy {name}"), format!(" IAM ポリシー {name} ")),
        _ if names::is_instance(id) => (format!("instance {id}"), format!("インスタンス {id} ")),
        _ => (id.clone(), format!(" {id} ")),
    }
}

#[cfg(test)]
mod tests;
