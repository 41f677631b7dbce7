//! The letter to AWS Trust & Safety: one list of paragraphs, rendered in English for AWS and in Japanese for the approver.

use serde::{Deserialize, Serialize};

use crate::{Cite, Lang, Text};

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// root cause found, measures taken
    Resolved,
    /// under way: what is known, and until when the rest will come
    Interim,
    /// it was ours, and it is not abuse
    NotAbuse,
    /// it was not us, with proof
    FalseAttribution,
    /// we found it ourselves
    OwnReport,
}

/// One paragraph in both languages, with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    /// the words
    #[serde(flatten)]
    pub text: Text,
    /// findings, by id
    pub findings: Vec<String>,
    /// rows
    pub evidence: Vec<Cite>,
    /// plan steps that a person says were done
    pub steps: Vec<String>,
    /// whether it states nothing about the incident (greeting, request) and so needs no evidence
    pub formal: bool,
    /// whether an operator wrote or changed it: what it says rests on that person's word
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
}

impl Paragraph {
    /// A greeting, request or heading.
    #[must_use]
    pub fn formal(text: Text) -> Self {
        Self { text, findings: Vec::new(), evidence: Vec::new(), steps: Vec::new(), formal: true, edited: false }
    }

    /// Whether a statement has something to rest on.
    #[must_use]
    pub fn is_grounded(&self) -> bool {
        self.formal || !(self.findings.is_empty() && self.evidence.is_empty() && self.steps.is_empty())
    }
}

/// A letter, drafted and not sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// what it is for
    pub kind: LetterKind,
    /// the notice's subject, unchanged, with `Re: `
    pub subject: String,
    /// where to
    pub to: Option<String>,
    /// who sends it: the account's root or security address, if the profile names one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// the paragraphs
    pub paragraphs: Vec<Paragraph>,
    /// SHA-256 of the English text: what an approver approves
    pub sha256: String,
    /// what the lint found, worst first
    pub lint: Vec<LintNote>,
}

/// A remark of the lint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LintNote {
    /// whether the letter must not go out like this
    pub error: bool,
    /// rule id
    pub rule: String,
    /// what is wrong and what to do
    pub text: Text,
}

impl Letter {
    /// The body in one language: paragraphs divided by blank lines, ending in a newline.
    #[must_use]
    pub fn body(&self, lang: Lang) -> String {
        let mut body = self.paragraphs.iter().map(|p| p.text.get(lang)).collect::<Vec<_>>().join("\n\n");
        body.push('\n');
        body
    }
}
