//! `recipient`: the answer goes to AWS, or through the reseller, and to nobody else.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "recipient", title: Text::fixed("Addressed to AWS", "宛先が AWS である"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let right = crate::paragraphs::addressee(input);
    if letter.to == right {
        return Vec::new();
    }
    let (to, right) = (plain(letter.to.as_deref().unwrap_or("-"), 200), right.unwrap_or_else(|| "-".to_owned()));
    vec![RULE.error(Text::new(
        format!("The letter is addressed to {to}; the answer goes to {right}."),
        format!("宛先が {to} です。返信先は {right} です。"),
    ))]
}
