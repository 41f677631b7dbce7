//! `ascii`: the letter must survive every mail program and form.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule, is_japanese};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "ascii", title: Text::fixed("Plain ASCII", "ASCII のみ"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let strange: Vec<char> = letter.body(Lang::En).chars().filter(|c| !c.is_ascii() && !is_japanese(*c)).take(5).collect();
    if strange.is_empty() {
        return Vec::new();
    }
    let shown: String = strange.iter().flat_map(|c| c.escape_unicode()).collect();
    vec![RULE.error(Text::new(
        format!("The English letter contains characters that are not ASCII: {shown}. Write them in plain letters."),
        format!("英文に ASCII 以外の文字があります（{shown}）。英数字に置き換えてください。"),
    ))]
}
