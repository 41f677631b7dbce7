//! `signature`: a letter is signed by whoever answers for it, and says for which account.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "signature", title: Text::fixed("The signature is whole", "署名が揃っている"), check };

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let drafted = &draft.paragraphs;
    let Some(signature) = drafted.last().map(|p| squeeze(&p.text.en)) else { return Vec::new() };
    let last = letter.paragraphs.last().map(|p| squeeze(&p.text.en)).unwrap_or_default();
    let placeholder = crate::paragraphs::PLACEHOLDER;
    // Whoever has no profile writes the name by hand.
    let head = signature.split(placeholder).next().unwrap_or_default();
    let tail = signature.split(placeholder).nth(1).unwrap_or_default();
    if last == signature || (signature.contains(placeholder) && last.starts_with(head) && last.ends_with(tail)) {
        return Vec::new();
    }
    vec![RULE.error(Text::new(
        format!("The letter does not end with the signature: {signature}"),
        format!("末尾の署名が異なるか、ありません: {signature}"),
    ))]
}
