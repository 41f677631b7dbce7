//! The reply: a letter to AWS Trust & Safety, in English, and the same paragraphs in Japanese for the approver.
//!
//! A statement about the incident cites findings or rows; a measure is claimed only if a named person stated it in the
//! journal. What is absent on purpose: sending, free text from a model, and DMCA counter-notices.

mod letters;
pub mod lint;
mod paragraphs;
mod plain;

use abate_model::{
    AccountProfile, CaseId, Coverage, EvidenceWish, Finding, Hypothesis, Lang, Letter, LetterKind, Notice, Plan, Source, VerdictReport,
};
use abate_model::{CauseClass, NoticeKind, Phase, StepState, Verdict};
use jiff::Timestamp;

pub use lint::lint;

/// The longest body that Support Center takes, in characters.
pub const MAX_CHARS: usize = 8000;
/// Confidence from which a cause is stated in a final letter.
const STATED: f64 = 0.7;

/// What a letter rests on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// the case
    pub case_id: &'a CaseId,
    /// the notice
    pub notice: &'a Notice,
    /// what was read
    pub sources: &'a [Source],
    /// what that covers
    pub coverage: &'a [Coverage],
    /// the findings
    pub findings: &'a [Finding],
    /// the verdicts
    pub verdicts: &'a [VerdictReport],
    /// the causes, most likely first
    pub causes: &'a [Hypothesis],
    /// the plan, with what people say was done
    pub plan: &'a Plan,
    /// what to fetch next
    pub next_evidence: &'a [EvidenceWish],
    /// what is known of the account
    pub profile: &'a AccountProfile,
    /// the present
    pub now: Timestamp,
}

impl Input<'_> {
    /// The leading cause, if it is more than `undetermined`.
    pub(crate) fn cause(&self) -> Option<&Hypothesis> {
        self.causes.first().filter(|c| c.class != CauseClass::Undetermined)
    }

    /// Whether every step that contains the incident was done.
    pub(crate) fn is_contained(&self) -> bool {
        let contain: Vec<_> = self.plan.steps.iter().filter(|s| s.phase == Phase::Contain).collect();
        !contain.is_empty() && contain.iter().all(|s| matches!(s.state, StepState::Done { .. }))
    }
}

/// Which letter the case calls for.
#[must_use]
pub fn kind(input: &Input<'_>) -> LetterKind {
    let contradicted = !input.verdicts.is_empty() && input.verdicts.iter().all(|v| v.verdict == Verdict::Contradicted);
    let stated = input.cause().filter(|c| c.confidence >= STATED);
    if input.notice.kind == NoticeKind::SelfFound {
        LetterKind::OwnReport
    } else if contradicted {
        LetterKind::FalseAttribution
    } else if stated.is_some_and(|c| c.class == CauseClass::LegitimateUse) {
        LetterKind::NotAbuse
    } else if stated.is_some() && input.is_contained() {
        LetterKind::Resolved
    } else {
        LetterKind::Interim
    }
}

/// Drafts the letter that the case calls for, and lints it.
#[must_use]
pub fn draft(input: &Input<'_>) -> Letter {
    let kind = kind(input);
    let mut paragraphs = letters::write(kind, input);
    // Long lists are bounded already; should it still be too long, the least important paragraphs before the closing go.
    while paragraphs.len() > 6 && chars(&paragraphs) > MAX_CHARS {
        paragraphs.remove(paragraphs.len() - 4);
    }
    let mut letter = Letter {
        kind,
        subject: subject(input.notice),
        to: Some(address(input.notice)),
        paragraphs,
        sha256: String::new(),
        lint: Vec::new(),
    };
    letter.sha256 = abate_model::ids::sha256_hex(letter.body(Lang::En).as_bytes());
    letter.lint = lint(&letter, input);
    letter
}

fn chars(paragraphs: &[abate_model::Paragraph]) -> usize {
    paragraphs.iter().map(|p| p.text.en.len() + 2).sum()
}

/// `Re: ` and the notice's own subject, which AWS asks not to change.
fn subject(notice: &Notice) -> String {
    match notice.subject.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        Some(subject) if subject.get(..3).is_some_and(|re| re.eq_ignore_ascii_case("re:")) => subject.to_owned(),
        Some(subject) => format!("Re: {subject}"),
        None if notice.kind == NoticeKind::SelfFound => {
            format!("Report of misuse of our own resources, account {}", notice.account_id.as_deref().unwrap_or("(unknown)"))
        }
        None => "Re: Your AWS Abuse Report".to_owned(),
    }
}

/// The sender of the notice if it is AWS, else Trust & Safety's own address (re:Post knowledge centre `aws-abuse-report`).
fn address(notice: &Notice) -> String {
    let aws = |from: &&String| {
        ["amazon.com", "amazonaws.com", "support.aws.com", "aws.com"].iter().any(|d| from.to_lowercase().ends_with(&format!("@{d}")))
    };
    let no_reply = |from: &&String| !from.to_lowercase().starts_with("no-reply");
    notice.from.as_ref().filter(aws).filter(no_reply).cloned().unwrap_or_else(|| "trustandsafety@support.aws.com".to_owned())
}

#[cfg(test)]
mod tests;
