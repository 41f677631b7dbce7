//! Letters to AWS Trust and Safety, and their lint.
//!
//! A letter is drafted from the case alone: one list of paragraphs, each with what it rests on, rendered in English for
//! AWS and in Japanese for the approver. Only what the journal says was done is said to have been done. What is absent on
//! purpose: sending anything, a model that writes, DMCA counter-notices, and any word about weaknesses that the report is
//! not about.

mod containment;
mod coverage;
mod edited;
mod evidence;
mod facts;
mod kind;
mod letters;
pub mod lint;
mod measures;
mod paragraphs;
mod sentences;
mod words;

#[cfg(test)]
mod tests;

use abate_model::{
    AccountProfile, CaseId, Coverage, EvidenceWish, Finding, Hypothesis, Lang, Letter, LetterKind, Notice, Paragraph, Plan, Source, Text,
    VerdictReport,
};
use jiff::Timestamp;

pub use edited::edited;
pub use lint::lint;

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
    /// what it shows
    pub findings: &'a [Finding],
    /// whether it confirms what is reported
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

/// The longest letter that AWS's form takes, in characters (a customer met this limit in Support Center).
pub const MAX_CHARS: usize = 8_000;
/// Where English prose is wrapped.
const COLUMNS: usize = 76;

/// How long the lists of a letter may be; a letter that is too long gets the next shorter ones, never a cut sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// entries of a list
    pub(crate) items: usize,
    /// characters of a quoted text
    pub(crate) chars: usize,
}

const LIMITS: &[Limits] = &[
    Limits { items: 10, chars: 320 },
    Limits { items: 7, chars: 260 },
    Limits { items: 5, chars: 200 },
    Limits { items: 3, chars: 160 },
    Limits { items: 2, chars: 120 },
    Limits { items: 1, chars: 80 },
];

/// Drafts the letter for a case, with the lint's remarks.
#[must_use]
pub fn draft(input: &Input<'_>) -> Letter {
    let kind = kind::choose(input);
    let mut letter = Letter {
        kind,
        subject: paragraphs::subject(input),
        to: paragraphs::addressee(input),
        from: paragraphs::sender(input),
        paragraphs: compose(kind, input),
        sha256: String::new(),
        lint: Vec::new(),
    };
    letter.sha256 = abate_model::ids::sha256_hex(letter.body(Lang::En).as_bytes());
    letter.lint = lint(&letter, input);
    letter
}

/// The paragraphs of a letter of a kind, short enough for AWS's form.
pub(crate) fn compose(kind: LetterKind, input: &Input<'_>) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    for limits in LIMITS {
        paragraphs = letters::write(kind, input, *limits);
        paragraphs.iter_mut().for_each(finish);
        if paragraphs.iter().map(|p| p.text.en.len() + 2).sum::<usize>() < MAX_CHARS {
            break;
        }
    }
    paragraphs
}

/// Whatever a paragraph was made of, it leaves as plain ASCII without secrets, wrapped.
fn finish(paragraph: &mut Paragraph) {
    let en = words::ascii(&abate_model::ids::mask_secrets(&paragraph.text.en));
    let ja = abate_model::ids::mask_secrets(&paragraph.text.ja);
    paragraph.text = Text::new(words::wrap(&en, COLUMNS), ja);
}
