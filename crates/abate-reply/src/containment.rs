//! Whether the reported activity is stopped: which steps of the plan matter for the leading cause, and which are open.
//! It trusts the journal alone, and never the wish.

use abate_model::{CauseClass, Phase, Step, StepState};

use crate::Input;

/// Steps for ourselves, of which a letter does not speak.
pub(crate) const INTERNAL: &[&str] = &["verify-sender", "collect-evidence", "answer-aws"];
/// Steps that keep or confirm something and stop nothing.
const KEEPING: &[&str] = &["preserve-first", "preserve-logs", "keep-proof", "confirm-legitimate-use"];

/// An action that matters, and what else does the same.
struct Need {
    action: &'static str,
    /// these count for the same target only
    same_target: &'static [&'static str],
    /// these count whatever their target
    any_target: &'static [&'static str],
}

const fn need(action: &'static str, same_target: &'static [&'static str], any_target: &'static [&'static str]) -> Need {
    Need { action, same_target, any_target }
}

/// Whatever the cause, these must not stay open: what the intruder left stays a way back in.
const ALWAYS: &[Need] = &[
    need("remove-intruder-iam", &[], &[]),
    need("stop-not-terminate", &["remove-intruder-instances", "isolate-instance"], &[]),
    need("take-down-content", &[], &["isolate-instance"]),
    need("pause-ses-sending", &[], &["deactivate-access-key", "delete-access-key"]),
];
const HOST: &[Need] = &[need("isolate-instance", &["stop-not-terminate", "remove-intruder-instances"], &[])];
const SERVICE: &[Need] = &[
    need("isolate-instance", &["stop-not-terminate", "remove-intruder-instances"], &[]),
    need("close-security-group", &[], &["isolate-instance"]),
];
const KEY: &[Need] = &[need("deactivate-access-key", &["delete-access-key"], &[])];
const ROLE: &[Need] = &[
    need("revoke-role-sessions", &[], &[]),
    need("isolate-instance", &["stop-not-terminate", "remove-intruder-instances"], &["patch-application", "require-imdsv2"]),
];
const CONSOLE: &[Need] = &[need("disable-console-login", &["attach-deny-all"], &[])];
const RELAY: &[Need] = &[
    need("close-open-proxy", &[], &["isolate-instance", "close-security-group"]),
    need("close-open-resolver", &[], &["isolate-instance", "close-security-group"]),
];
const STORAGE: &[Need] = &[need("unshare-data", &[], &["block-public-storage"])];
const PERSON: &[Need] = &[
    need("deactivate-access-key", &["delete-access-key"], &[]),
    need("attach-deny-all", &[], &[]),
    need("disable-console-login", &["attach-deny-all"], &[]),
];
const FORM: &[Need] = &[need("protect-form", &[], &[])];

/// What must be done so that a cause of this class cannot go on.
fn needs(class: CauseClass) -> &'static [Need] {
    match class {
        CauseClass::LeakedAccessKey => KEY,
        CauseClass::StolenInstanceCredentials => ROLE,
        CauseClass::CompromisedConsoleLogin => CONSOLE,
        CauseClass::WeakRemoteLogin | CauseClass::VulnerableApplication | CauseClass::SupplyChain => HOST,
        CauseClass::ExposedService => SERVICE,
        CauseClass::OpenRelayOrProxy | CauseClass::FalseAttribution => RELAY,
        CauseClass::PublicStorage => STORAGE,
        CauseClass::Insider => PERSON,
        CauseClass::AbusedFunction => FORM,
        CauseClass::LegitimateUse | CauseClass::Undetermined => &[],
    }
}

/// Whether a person said that it was done.
pub(crate) fn is_done(step: &Step) -> bool {
    matches!(step.state, StepState::Done { .. })
}

fn class(input: &Input<'_>) -> CauseClass {
    input.causes.first().map_or(CauseClass::Undetermined, |c| c.class)
}

/// The open steps that keep the case from being resolved.
pub(crate) fn missing<'a>(input: &Input<'a>) -> Vec<&'a Step> {
    let done: Vec<&Step> = input.plan.done().collect();
    let is_met = |need: &Need, step: &Step| {
        let same = |d: &Step| d.target == step.target && (d.action == step.action || need.same_target.contains(&d.action.as_str()));
        done.iter().any(|d| same(d) || need.any_target.contains(&d.action.as_str()))
    };
    let mut open: Vec<&Step> = Vec::new();
    for need in needs(class(input)).iter().chain(ALWAYS) {
        for step in input.plan.steps.iter().filter(|s| s.action == need.action) {
            if !is_met(need, step) && !open.iter().any(|f| f.id == step.id) {
                open.push(step);
            }
        }
    }
    open
}

/// Whether what matters was done, and something was done at all that stops the activity.
pub(crate) fn is_contained(input: &Input<'_>) -> bool {
    let needs = needs(class(input));
    let counts =
        |action: &str| needs.iter().any(|n| n.action == action || n.same_target.contains(&action) || n.any_target.contains(&action));
    let stops = |s: &Step| {
        let action = s.action.as_str();
        let contains = s.phase == Phase::Contain && !INTERNAL.contains(&action) && !KEEPING.contains(&action);
        if needs.is_empty() { contains } else { counts(action) }
    };
    missing(input).is_empty() && input.plan.done().any(stops)
}
