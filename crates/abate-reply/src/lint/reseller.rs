//! `reseller`: where a reseller stands between, AWS takes the answer from the reseller.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::words::{plain, plain_ja};

/// See the module.
pub(super) static RULE: Rule = Rule { id: "reseller", title: Text::fixed("Sent the right way", "正しい経路で送る"), check };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let Some(way) = input.profile.reseller.as_deref().filter(|_| letter.to.is_none()) else { return Vec::new() };
    vec![RULE.warning(Text::new(
        format!("The answer goes through the reseller: {}.", plain(way, 200)),
        format!("返信はリセラー経由で送ります: {}。", plain_ja(way, 200)),
    ))]
}
