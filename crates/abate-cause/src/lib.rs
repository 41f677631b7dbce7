//! Causes: how they got in, and why; the path; the timeline; what to fetch next.
//!
//! Hypotheses are data, one file each; the score is a sum of log-odds whose terms are shown. `undetermined` is the bar:
//! nothing outranks it without a decisive finding. What is absent on purpose: any conclusion from an attempt alone, since
//! guessing and probing reach every address on the Internet.

mod hypotheses;
mod path;
mod score;
mod timeline;
mod wishes;

use abate_model::{AccountProfile, Evidence, EvidenceWish, Finding, Hypothesis, Notice, PathStep, TimelineEntry, VerdictReport};

/// What the explanation rests on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// the notice
    pub notice: &'a Notice,
    /// the rows
    pub evidence: &'a dyn Evidence,
    /// the findings
    pub findings: &'a [Finding],
    /// the verdicts
    pub verdicts: &'a [VerdictReport],
    /// what is known of the account
    pub profile: &'a AccountProfile,
}

/// What is made of it.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// most likely first, never empty
    pub causes: Vec<Hypothesis>,
    /// from the first foothold to the reported activity
    pub path: Vec<PathStep>,
    /// everything in order of time
    pub timeline: Vec<TimelineEntry>,
    /// what to fetch next, most useful first
    pub next_evidence: Vec<EvidenceWish>,
}

/// Explains a case.
#[must_use]
pub fn explain(input: &Input<'_>) -> Explanation {
    let causes = score::rank(input);
    let path = path::path(input, &causes);
    Explanation { path, timeline: timeline::timeline(input), next_evidence: wishes::next(input.notice, input.evidence), causes }
}

#[cfg(test)]
mod tests;
