//! Which letter a case calls for: the rules, in one function. They read the case and decide nothing about it.

use abate_model::profile::LegitimateUse;
use abate_model::{CauseClass, Hypothesis, LetterKind, NoticeKind, StepState, Verdict};

use crate::{Input, containment};

/// From here on a cause is stated as found when the measures are done as well.
const FOUND: f64 = 0.7;
/// From here on the evidence is said to point to a cause.
pub(crate) const LIKELY: f64 = 0.5;
/// From here on the evidence is said to show a cause.
pub(crate) const SHOWN: f64 = 0.85;

/// The kind of letter.
pub(crate) fn choose(input: &Input<'_>) -> LetterKind {
    if input.notice.kind == NoticeKind::SelfFound {
        return LetterKind::OwnReport;
    }
    if is_disproved(input) {
        return LetterKind::FalseAttribution;
    }
    let Some(cause) = input.causes.first() else { return LetterKind::Interim };
    match cause.class {
        CauseClass::LegitimateUse if cause.confidence >= LIKELY && is_backed(input, cause) => LetterKind::NotAbuse,
        CauseClass::LegitimateUse | CauseClass::Undetermined => LetterKind::Interim,
        _ if cause.confidence >= FOUND && containment::is_contained(input) => LetterKind::Resolved,
        _ => LetterKind::Interim,
    }
}

/// Whether everything that is reported is proved not to have been ours.
fn is_disproved(input: &Input<'_>) -> bool {
    let reported = &input.notice.reported;
    let wrong =
        |id: &str| input.verdicts.iter().any(|v| v.reported == id && v.verdict() == Verdict::Contradicted && !v.evidence.is_empty());
    !reported.is_empty() && reported.iter().all(|r| wrong(&r.id))
}

/// The registered use that the report may be about.
pub(crate) fn registered_use<'a>(input: &Input<'a>) -> Option<&'a LegitimateUse> {
    let notice = input.notice;
    input.profile.legitimate_uses.iter().find(|registered| {
        registered.category == notice.category
            && (registered.resources.is_empty() || notice.resources.iter().any(|r| registered.resources.contains(&r.id)))
    })
}

/// A registered use alone is no proof that this was it: our logs must show the activity, or a person must have confirmed it.
fn is_backed(input: &Input<'_>, cause: &Hypothesis) -> bool {
    let shown = input.verdicts.iter().any(|v| v.verdict() == Verdict::Confirmed) || cause.support.iter().any(|c| !c.findings.is_empty());
    registered_use(input).is_some() && (shown || confirmation(input).is_some())
}

/// The step by which a person confirmed the registered use.
pub(crate) fn confirmation<'a>(input: &Input<'a>) -> Option<&'a abate_model::Step> {
    input.plan.steps.iter().find(|s| s.action == "confirm-legitimate-use" && matches!(s.state, StepState::Done { .. }))
}

/// The leading cause, if the evidence at least points to it.
pub(crate) fn likely<'a>(input: &Input<'a>) -> Option<&'a Hypothesis> {
    let stated = |c: &&Hypothesis| !matches!(c.class, CauseClass::Undetermined) && c.confidence >= LIKELY;
    // A use of our own that nobody has compared with the report is no statement yet.
    input.causes.first().filter(stated).filter(|c| c.class != CauseClass::LegitimateUse || is_backed(input, c))
}
