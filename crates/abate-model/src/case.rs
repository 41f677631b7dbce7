//! The case: everything together. JSON schema `abate.case/1`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CaseId, Clock, Coverage, EvidenceWish, Finding, Hypothesis, Letter, Message, Notice, PathStep, Plan, Source, Standing, TimelineEntry,
    VerdictReport,
};

/// Version of the JSON form.
pub const CASE_SCHEMA: &str = "abate.case/1";

/// What Abate makes of a notice and the evidence at hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// `abate.case/1`
    pub schema: String,
    /// id
    pub id: CaseId,
    /// when this was assessed
    pub assessed_at: Timestamp,
    /// the notice; where several messages came, what they say together
    pub notice: Notice,
    /// the messages of the matter, in order of their sending
    #[serde(default)]
    pub messages: Vec<Message>,
    /// how far AWS has gone, and what it must be asked to lift
    #[serde(default)]
    pub standing: Standing,
    /// what was read
    pub sources: Vec<Source>,
    /// what that covers
    pub coverage: Vec<Coverage>,
    /// how far the clocks of its logs are off, as far as that can be told
    #[serde(default)]
    pub clocks: Vec<Clock>,
    /// what it shows
    pub findings: Vec<Finding>,
    /// whether it confirms what is reported
    pub verdicts: Vec<VerdictReport>,
    /// how it came about, most likely first; never empty
    pub causes: Vec<Hypothesis>,
    /// from the first foothold to the reported activity
    pub path: Vec<PathStep>,
    /// what to fetch next, most useful first
    pub next_evidence: Vec<EvidenceWish>,
    /// all of it in order of time
    pub timeline: Vec<TimelineEntry>,
    /// what to do
    pub plan: Plan,
    /// what to answer
    pub letter: Letter,
    /// hash of the journal's last entry
    pub journal_head: String,
}

impl Case {
    /// Records lost and sources not read.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.sources.iter().map(Source::lost).sum()
    }
}
