//! `unknown-fact`: a letter names only what the case knows; anything else is a slip of the pen or an invention.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule, said};
use crate::Input;
use crate::facts::{Kind, named};

/// See the module.
pub(super) static RULE: Rule = Rule {
    id: "unknown-fact",
    title: Text::fixed("Times, resources and figures are those of the case", "時刻・リソース・数値が案件の記録と一致している"),
    check,
};

fn check(letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let known = &draft.known;
    let mut unknown: Vec<String> = Vec::new();
    for fact in said(letter).iter().flat_map(|sentence| named(sentence).facts) {
        // Links and mail addresses have rules of their own; of single digits most are no facts.
        let other = matches!(fact.kind, Kind::Link | Kind::Mail) || (fact.kind == Kind::Number && fact.value.len() < 2);
        if !other && !known.knows(&fact) && !unknown.contains(&fact.value) {
            unknown.push(fact.value);
        }
    }
    if unknown.is_empty() {
        return Vec::new();
    }
    let shown = unknown.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    vec![RULE.error(Text::new(
        format!(
            "Neither notice, evidence nor journal knows: {shown}. Correct it, or record it (abate done CASE STEP --by NAME --at TIME --note WORDS)."
        ),
        format!("通知・証跡・記録のいずれにもない値です: {shown}。訂正するか、記録してください（abate done 案件ID 手順 --by 氏名 --at 時刻 --note 内容）。"),
    ))]
}
