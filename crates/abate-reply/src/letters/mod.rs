//! The letters, one file for each kind.

mod false_attribution;
mod interim;
mod not_abuse;
mod own_report;
mod resolved;

use abate_model::{LetterKind, Paragraph};

use crate::Input;

/// The paragraphs of a letter of a kind.
pub(crate) fn write(kind: LetterKind, input: &Input<'_>) -> Vec<Paragraph> {
    match kind {
        LetterKind::Resolved => resolved::write(input),
        LetterKind::Interim => interim::write(input),
        LetterKind::NotAbuse => not_abuse::write(input),
        LetterKind::FalseAttribution => false_attribution::write(input),
        LetterKind::OwnReport => own_report::write(input),
    }
}
