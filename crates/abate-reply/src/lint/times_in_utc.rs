//! `times-in-utc`: AWS reads times as UTC; another zone shifts the incident by hours.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, said};
use crate::Input;
use crate::facts::named;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "times-in-utc", title: Text::fixed("Times are in UTC", "時刻は UTC"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let mut zones: Vec<String> = said(letter).iter().flat_map(|sentence| named(sentence).zones).collect();
    zones.sort();
    zones.dedup();
    if zones.is_empty() {
        return Vec::new();
    }
    let shown = zones.join(", ");
    vec![RULE.error(Text::new(
        format!("A time is given in {shown}. Give times in UTC."),
        format!("{shown} の時刻があります。UTC で書いてください。"),
    ))]
}
