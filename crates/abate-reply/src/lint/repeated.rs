//! `repeated`: the same paragraph twice is a slip of the mouse.

use std::collections::BTreeSet;

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, quoted, squeeze};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "repeated", title: Text::fixed("Nothing stands twice", "重複がない"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let mut seen = BTreeSet::new();
    let twice: Vec<String> = letter.paragraphs.iter().map(|p| squeeze(&p.text.en)).filter(|text| !seen.insert(text.clone())).collect();
    if twice.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&twice);
    vec![RULE.warning(Text::new(format!("This stands twice: {shown}."), format!("同じ段落が二度あります: {shown}。")))]
}
