//! The letters, one file for each kind. Which kind it is, `kind` has decided.

mod false_attribution;
mod interim;
mod not_abuse;
mod own_report;
mod resolved;

use abate_model::{LetterKind, Paragraph};

use crate::{Input, Limits};

/// The paragraphs of a letter.
pub(crate) fn write(kind: LetterKind, input: &Input<'_>, limits: Limits) -> Vec<Paragraph> {
    match kind {
        LetterKind::Resolved => resolved::write(input, limits),
        LetterKind::Interim => interim::write(input, limits),
        LetterKind::NotAbuse => not_abuse::write(input, limits),
        LetterKind::FalseAttribution => false_attribution::write(input, limits),
        LetterKind::OwnReport => own_report::write(input, limits),
    }
}
