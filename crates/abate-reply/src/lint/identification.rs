//! `identification`: AWS must see which account and resource the answer is about.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule, squeeze};
use crate::Input;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "identification", title: Text::fixed("Account and resource are named", "アカウントとリソースが明記されている"), check
    };

fn check(letter: &Letter, input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = squeeze(&letter.body(Lang::En));
    let account = input.notice.account_id.as_deref().map(|a| plain(a, 40));
    // A notice of many resources has too many for a letter: the first stands for them.
    let resource = input.notice.resources.first().map(|r| plain(&r.id, 120));
    let missing: Vec<String> = [account, resource].into_iter().flatten().filter(|id| !body.contains(id.as_str())).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let shown = missing.join(", ");
    vec![RULE.error(Text::new(format!("The letter does not name {shown}."), format!("{shown} が書かれていません。")))]
}
