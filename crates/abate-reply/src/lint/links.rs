//! `links`: nobody at AWS follows a link of a stranger, and a live link to a bad page does harm. Markup shows as it is typed.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, quoted};
use crate::Input;
use crate::facts::{Kind, named};

const MARKUP: &[&str] = &["<a ", "<br", "<b>", "<p>", "</", "<script", "<img", "**", "](http", "```"];

/// See the module.
pub(super) static RULE: Rule = Rule { id: "links", title: Text::fixed("No links, no markup", "リンクや書式タグがない"), check };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let known = &draft.known;
    let bad = |sentence: &String| {
        let link = named(sentence).facts.iter().any(|fact| fact.kind == Kind::Link && !known.knows(fact));
        link || MARKUP.iter().any(|mark| sentence.contains(mark))
    };
    let words: Vec<String> = draft.own(bad);
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(
        format!("A link or markup stands in the letter: {shown}. Write what matters as plain text."),
        format!("リンクまたは書式タグが含まれています: {shown}。必要な内容を文章で書いてください。"),
    ))]
}
