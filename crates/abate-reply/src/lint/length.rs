//! `length`: a longer answer is refused by AWS's form.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::MAX_CHARS;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "length", title: Text::fixed("At most 8,000 characters", "8,000 文字以内"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let length = letter.body(Lang::En).chars().count();
    if length <= MAX_CHARS {
        return Vec::new();
    }
    vec![RULE.error(Text::new(
        format!("The letter has {length} characters; AWS's form takes {MAX_CHARS}. Shorten its lists."),
        format!("本文が {length} 文字あります。AWS のフォームの上限は {MAX_CHARS} 文字です。箇条書きを減らしてください。"),
    ))]
}
