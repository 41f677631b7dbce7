//! `edited`: words of an operator that cite nothing are that person's statement, and are signed as one.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, quoted};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "edited", title: Text::fixed("Own words are signed for", "加筆した文には責任者がいる"), check };

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let words = &draft.own_words;
    if !letter.paragraphs.iter().any(|p| p.edited) || words.is_empty() {
        return Vec::new();
    }
    let (n, shown) = (words.len(), quoted(words));
    vec![RULE.warning(Text::new(
        format!(
            "{} not from the evidence; whoever approves the letter answers for it: {shown}.",
            abate_model::text::count(n as u64, "sentence")
        ),
        format!("証跡に基づかない文が {n} 件あります。承認者の責任で送ることになります: {shown}。"),
    ))]
}
