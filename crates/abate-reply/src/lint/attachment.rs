//! `attachment`: Trust & Safety never opens attachments.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

const PHRASES: &[&str] = &[
    "see attached",
    "see the attach",
    "find attached",
    "find enclosed",
    "attached file",
    "attached log",
    "attached report",
    "attached document",
    "attached screenshot",
    "in the attachment",
    "as an attachment",
    "as attachment",
];

/// See the module.
pub(super) static RULE: Rule = Rule { id: "attachment", title: Text::fixed("No attachment", "添付に言及しない"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = squeeze(&letter.body(Lang::En)).to_lowercase();
    if !PHRASES.iter().any(|phrase| body.contains(phrase)) {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "The letter speaks of an attachment. AWS Trust & Safety opens none: put what matters into the text.",
        "添付ファイルに言及しています。AWS Trust & Safety は添付を開かないため、必要な内容は本文に書いてください。",
    ))]
}
