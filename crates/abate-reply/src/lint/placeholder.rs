//! `placeholder`: a letter is signed by whoever answers for it.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::paragraphs::PLACEHOLDER;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "placeholder", title: Text::fixed("Signed", "署名がある"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    if !letter.body(Lang::En).contains(PLACEHOLDER) {
        return Vec::new();
    }
    vec![RULE.warning(Text::fixed(
        "Put your name or company, in Latin letters, in place of [name], or set it with 'abate profile set ACCOUNT --signer NAME'.",
        "[name] を署名者（会社名または氏名、英字）に置き換えるか、「abate profile set アカウント --signer 名前」で設定してください。",
    ))]
}
