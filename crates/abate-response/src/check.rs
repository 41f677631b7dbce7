//! The plan's checker: what is wrong with a plan, whoever made it. It changes nothing.

use abate_model::{Plan, Step};

/// Actions that destroy evidence or cannot be taken back.
const DESTRUCTIVE: &[&str] = &[
    "take-down-content",
    "remove-intruder-iam",
    "remove-intruder-instances",
    "restore-function",
    "rebuild-from-clean",
    "delete-access-key",
];

/// What is wrong with a plan: ids that repeat or name another action, phases out of order, something destructive before
/// evidence is preserved, an instance terminated before its own snapshot. Empty when all is well.
#[must_use]
pub fn check(plan: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    for (n, step) in plan.steps.iter().enumerate() {
        let earlier = plan.steps.get(..n).unwrap_or_default();
        if earlier.iter().any(|before| before.id == step.id) {
            problems.push(format!("step {} stands twice", step.id));
        }
        if earlier.iter().any(|before| before.phase > step.phase) {
            problems.push(format!("step {} belongs to an earlier phase than a step before it", step.id));
        }
        let expected = step.target.as_ref().map_or_else(|| step.action.clone(), |t| format!("{}.{t}", step.action));
        if step.id != expected {
            problems.push(format!("step {} should be called {expected}", step.id));
        }
        if DESTRUCTIVE.contains(&step.action.as_str()) && !earlier.iter().any(|before| before.action.starts_with("preserve-")) {
            problems.push(format!("step {} comes before the evidence is preserved", step.id));
        }
        if terminates(step) && !earlier.iter().any(|before| snapshots(before) && before.target == step.target) {
            problems.push(format!("step {} terminates an instance of which no snapshot was taken before", step.id));
        }
    }
    problems
}

fn terminates(step: &Step) -> bool {
    step.how.en.contains("terminate-instances")
}

fn snapshots(step: &Step) -> bool {
    step.how.en.contains("create-snapshot")
}
