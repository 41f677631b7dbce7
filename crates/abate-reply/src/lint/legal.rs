//! `legal`: threats, blame and admissions before the law are for counsel, not for this letter.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, has_any, quoted};
use crate::Input;

const WORDS: &[&str] = &[
    "lawyer",
    "attorney",
    "legal action",
    "legal department",
    "lawsuit",
    "sue ",
    "liable",
    "liability",
    "negligen",
    "compensat",
    "counter-notice",
    "counter notice",
    "dmca",
    "under penalty of perjury",
    "unacceptable",
    "ridiculous",
    "your fault",
    "aws's fault",
    "we demand",
    "incompeten",
    "must immediately",
];

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "legal", title: Text::fixed("Polite, and no matter of law", "丁寧で、法的な主張がない"), check };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let words: Vec<String> = draft.own(|s| has_any(s, WORDS));
    if words.is_empty() {
        return Vec::new();
    }
    let shown = quoted(&words);
    vec![RULE.error(Text::new(
        format!("Blame, a threat or a matter of law: {shown}. Leave it to counsel."),
        format!("非難・威嚇・法的な主張にあたる表現があります: {shown}。法務に委ねてください。"),
    ))]
}
