//! `way-in-open`: cleaning in place and calling it solved is the commonest reason for a second notice.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, LetterKind, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;
use crate::containment::missing;

const SOLVED: &[&str] = &[
    "we cleaned",
    "been cleaned",
    "was cleaned",
    "is now clean",
    "we removed the malware",
    "malware was removed",
    "malware has been removed",
    "is now secure",
    "has been resolved",
    "is resolved",
    "fully resolved",
    "no longer compromised",
];

/// See the module.
pub(super) static RULE: Rule = Rule {
    id: "way-in-open",
    title: Text::fixed("Nothing is called solved while a way in is open", "侵入口が残るうちは解決済みと書かない"),
    check,
};

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let open = missing(input);
    let body = squeeze(&letter.body(Lang::En)).to_lowercase();
    let solved = letter.kind == LetterKind::Resolved || SOLVED.iter().any(|phrase| body.contains(phrase));
    if open.is_empty() || !solved {
        return Vec::new();
    }
    let ids = open.iter().take(5).map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
    vec![RULE.error(Text::new(
        format!("The letter says that it is solved, and these steps are open: {ids}."),
        format!("解決済みと書かれていますが、次の対応が未実施です: {ids}。"),
    ))]
}
