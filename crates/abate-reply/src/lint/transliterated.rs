//! `transliterated`: what has no ASCII form stands as question marks in the English letter.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::words::is_lossy;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "transliterated", title: Text::fixed("Names in Latin letters", "名前は英字で"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let is_cited = |id: &String| letter.paragraphs.iter().any(|p| p.findings.contains(id));
    let lossy = input.findings.iter().filter(|f| is_cited(&f.id) && is_lossy(&f.title.en));
    let ids = lossy.map(|f| f.id.as_str()).take(5).collect::<Vec<_>>().join(", ");
    if ids.is_empty() || !letter.body(Lang::En).contains('?') {
        return Vec::new();
    }
    vec![RULE.warning(Text::new(
        format!("Names in {ids} are not ASCII and were replaced by '?'. Write them in Latin letters if they matter."),
        format!("{ids} の名前に英字以外が含まれ、「?」に置き換えました。必要なら英字で書き直してください。"),
    ))]
}
