//! `unfinished`: a sentence that breaks off, or a mark for oneself, went out with the letter more than once.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, quoted};
use crate::Input;

const MARKS: &[&str] = &["TODO", "TBD", "lorem ipsum", "[insert", "[your", "<insert", "???"];
/// Words that end no sentence.
const DANGLING: &[&str] =
    &["and", "or", "but", "the", "a", "an", "of", "to", "by", "with", "from", "at", "in", "on", "was", "were", "is", "that", "which"];

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "unfinished", title: Text::fixed("Every sentence is finished", "書きかけの文がない"), check };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let open = |sentence: &String| {
        let last = sentence.split_whitespace().last().unwrap_or_default();
        let prose = sentence.split_whitespace().count() >= 6;
        let ended = sentence.ends_with(['.', '?', '!', ':', ')', '"', ';']);
        MARKS.iter().any(|mark| sentence.contains(mark)) || (prose && (!ended || DANGLING.contains(&last.trim_end_matches('.'))))
    };
    let words: Vec<String> = draft.own(open);
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(format!("This is not finished: {shown}."), format!("書きかけの文があります: {shown}。")))]
}
