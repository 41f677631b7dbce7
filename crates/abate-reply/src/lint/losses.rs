//! `losses`: what could not be read may say otherwise.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "losses", title: Text::fixed("Everything was read", "すべて読めている"), check };

fn check(_letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let lost: u64 = input.sources.iter().map(|s| s.lost()).fold(0, u64::saturating_add);
    if lost == 0 {
        return Vec::new();
    }
    vec![RULE.warning(Text::new(
        format!("{lost} records or files could not be read; see the report before you approve the letter."),
        format!("読み取れなかった記録・ファイルが {lost} 件あります。承認の前にレポートで確認してください。"),
    ))]
}
