//! `secrets`: a letter is read by many.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::Rule;
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "secrets", title: Text::fixed("No secrets", "秘密情報がない"), check };

fn check(letter: &Letter, _input: &Input<'_>) -> Vec<LintNote> {
    let both = [letter.body(Lang::En), letter.body(Lang::Ja)];
    let shown = both.iter().any(|body| abate_model::ids::mask_secrets(body) != *body || body.contains("PRIVATE KEY-----"));
    if !shown {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "The letter seems to contain a secret key, token or private key. Take it out.",
        "シークレットキー、トークン、または秘密鍵らしき文字列が含まれています。削除してください。",
    ))]
}
