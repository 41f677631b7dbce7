//! The plan: what should be done, as data. Abate carries out none of it by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Text;

/// Phases, in order (NIST SP 800-61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// stop it, keep the evidence
    Contain,
    /// remove what the intruder left
    Eradicate,
    /// rebuild from clean, rotate
    Recover,
    /// keep it from coming back
    Prevent,
}

impl Phase {
    /// What it is called.
    #[must_use]
    pub const fn title(self) -> Text {
        match self {
            Self::Contain => Text::fixed("Contain", "封じ込め"),
            Self::Eradicate => Text::fixed("Eradicate", "根絶"),
            Self::Recover => Text::fixed("Recover", "復旧"),
            Self::Prevent => Text::fixed("Prevent", "再発防止"),
        }
    }
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum StepState {
    /// nobody has said that it was done
    Proposed,
    /// a named person says that it was done
    Done {
        /// who says so
        by: String,
        /// when it was done
        at: Timestamp,
        /// their words
        note: Option<String>,
    },
}

/// One proposed step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// stable id that `abate done CASE STEP` takes: the action's id, with its target where there are several, e.g. `isolate-instance.i-0abc`
    pub id: String,
    /// the action's id
    pub action: String,
    /// which phase
    pub phase: Phase,
    /// what it acts on
    pub target: Option<String>,
    /// what to do, as an imperative
    pub title: Text,
    /// what a letter says once it is done, as a past-tense sentence about us ("We isolated instance i-… by …")
    pub done_text: Text,
    /// why it is proposed
    pub why: Text,
    /// what can go wrong
    pub risk: Text,
    /// how to take it back; empty where it cannot be
    pub undo: Text,
    /// commands or console path
    pub how: Text,
    /// the findings that call for it
    pub findings: Vec<String>,
    /// where it stands
    #[serde(flatten)]
    pub state: StepState,
}

/// A plan. Its hash names it; a changed plan is another plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// SHA-256 over the steps without their states
    pub sha256: String,
    /// in the order in which to do them
    pub steps: Vec<Step>,
}

impl Plan {
    /// A plan over steps, all as they are.
    #[must_use]
    pub fn new(steps: Vec<Step>) -> Self {
        let bare: Vec<Step> = steps.iter().cloned().map(|step| Step { state: StepState::Proposed, ..step }).collect();
        let sha256 = crate::ids::sha256_hex(&serde_json::to_vec(&bare).unwrap_or_default());
        Self { sha256, steps }
    }

    /// The step with this id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Steps that a person says were done.
    pub fn done(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| matches!(step.state, StepState::Done { .. }))
    }
}
