//! `internal-names`: AWS can do little with them, and they tell of the inside.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule =
    Rule { id: "internal-names", title: Text::fixed("Internal names and addresses", "社内の名前やアドレス"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let body = letter.body(Lang::En);
    let mut found: Vec<&str> = Vec::new();
    for word in body.split(|c: char| !(c.is_ascii_alphanumeric() || ".:-".contains(c))) {
        let word = word.trim_matches(['.', ':', '-']);
        if is_internal(word) && found.len() < 5 && !found.contains(&word) {
            found.push(word);
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let names = found.join(", ");
    vec![RULE.warning(Text::new(
        format!("The letter names internal hosts or addresses: {names}. Keep them only if they help AWS."),
        format!("社内のホスト名やアドレスが含まれています: {names}。AWS に必要でなければ削除してください。"),
    ))]
}

fn is_internal(word: &str) -> bool {
    match word.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(v4)) => v4.is_private(),
        Ok(std::net::IpAddr::V6(v6)) => v6.is_unique_local(),
        Err(_) => [".internal", ".local", ".lan", ".intra", ".corp"].iter().any(|end| word.ends_with(end)),
    }
}
