//! Does our own evidence confirm what is reported? Four answers, and the type asks for what each needs.

use serde::{Deserialize, Serialize};

use crate::{Cite, Disproof, Text};

/// The four verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// positive evidence, which stands in spite of gaps elsewhere
    Confirmed,
    /// proved not to have been us
    Contradicted,
    /// looked, with the coverage named, and did not see it
    NotSeen,
    /// could not look
    NotChecked,
}

/// The verdict on one reported activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictReport {
    /// `reported[].id`
    pub reported: String,
    /// which of the four; made by the constructors only
    verdict: Verdict,
    /// why, in a sentence or three
    pub why: Text,
    /// what was looked at: table, scope, from, to; for `not-checked`, what is missing
    pub coverage: Vec<Text>,
    /// the rows
    pub evidence: Vec<Cite>,
    /// the findings behind it
    pub findings: Vec<String>,
}

impl VerdictReport {
    /// Which of the four.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Positive evidence.
    pub fn confirmed(reported: &str, why: Text, coverage: Vec<Text>, first: Cite, rest: impl IntoIterator<Item = Cite>) -> Self {
        let mut evidence = vec![first];
        for cite in rest {
            if !evidence.contains(&cite) && evidence.len() < crate::Finding::MAX_EVIDENCE {
                evidence.push(cite);
            }
        }
        Self { reported: reported.to_owned(), verdict: Verdict::Confirmed, why, coverage, evidence, findings: Vec::new() }
    }

    /// Proof to the contrary.
    #[must_use]
    pub fn contradicted(reported: &str, why: Text, coverage: Vec<Text>, proof: &Disproof) -> Self {
        let evidence = proof.evidence();
        Self { reported: reported.to_owned(), verdict: Verdict::Contradicted, why, coverage, evidence, findings: Vec::new() }
    }

    /// Looked, and nothing seen. Without any coverage to name it becomes `not-checked`.
    #[must_use]
    pub fn not_seen(reported: &str, why: Text, coverage: Vec<Text>) -> Self {
        let verdict = if coverage.is_empty() { Verdict::NotChecked } else { Verdict::NotSeen };
        Self { reported: reported.to_owned(), verdict, why, coverage, evidence: Vec::new(), findings: Vec::new() }
    }

    /// Could not look; `missing` says what would be needed.
    #[must_use]
    pub fn not_checked(reported: &str, why: Text, missing: Vec<Text>) -> Self {
        Self {
            reported: reported.to_owned(),
            verdict: Verdict::NotChecked,
            why,
            coverage: missing,
            evidence: Vec::new(),
            findings: Vec::new(),
        }
    }
}
