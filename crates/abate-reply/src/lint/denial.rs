//! `denial`: telling AWS wrongly that it was not us, or that nothing was there, is the worst failure of all.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text, Verdict};

use super::{Draft, Rule, has_any, quoted};
use crate::Input;

const DENIALS: &[&str] = &[
    "was not us",
    "not caused by us",
    "did not come from",
    "did not originate",
    "not originate from",
    "false positive",
    "no evidence of",
    "no evidence that",
    "found no evidence",
    "no sign of",
    "no malicious",
    "no suspicious",
    "no unauthorized",
    "not compromised",
    "never compromised",
    "not responsible",
    "another customer",
    "did not happen",
    "did not take place",
    "did not occur",
    "is incorrect",
    "is mistaken",
    "report is wrong",
    "nothing unusual",
    "legitimate traffic",
    "legitimate activity",
];

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "denial", title: Text::fixed("Nothing is denied without proof", "証明なしに否認していない"), check };

fn check(_letter: &Letter, input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let proved = !input.verdicts.is_empty() && input.verdicts.iter().all(|v| v.verdict == Verdict::Contradicted);
    let words: Vec<String> = draft.own(|s| has_any(s, DENIALS));
    if proved || words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(
        format!("This denies what the evidence does not disprove: {shown}."),
        format!("証跡で否定できないことを否認しています: {shown}。"),
    ))]
}
