//! `secrets`: a letter is read by many.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, Text};

use super::{Draft, Rule};
use crate::Input;

/// See the module.
pub(super) static RULE: Rule = Rule { id: "secrets", title: Text::fixed("No secrets", "秘密情報がない"), check };

fn check(letter: &Letter, _input: &Input<'_>, _draft: &Draft) -> Vec<LintNote> {
    let both = [letter.body(Lang::En), letter.body(Lang::Ja)];
    let secret = |body: &String| abate_model::ids::mask_secrets(body) != *body || body.contains("PRIVATE KEY-----") || names_password(body);
    let shown = both.iter().any(secret);
    if !shown {
        return Vec::new();
    }
    vec![RULE.error(Text::fixed(
        "The letter seems to contain a secret key, token or private key. Take it out.",
        "シークレットキー、トークン、または秘密鍵らしき文字列が含まれています。削除してください。",
    ))]
}

/// `password: x`, `password is x`, `token=x`: a word that says what follows, and what follows has a digit or a sign in it.
fn names_password(body: &str) -> bool {
    let words: Vec<&str> = body.split_whitespace().collect();
    let is_label = |word: &str| {
        let bare = word.trim_end_matches([':', '=']).to_ascii_lowercase();
        ["password", "passphrase", "passwd", "token", "secret", "api-key"].contains(&bare.as_str())
    };
    let is_value = |word: &str| {
        let word = word.trim_matches(['"', '\'', '.', ',']);
        word.len() >= 6 && word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let follows = |n: usize, step: usize| words.get(n + step).is_some_and(|w| is_value(w));
    words.iter().enumerate().any(|(n, word)| {
        let labelled = word.ends_with([':', '=']) || words.get(n + 1).is_some_and(|w| matches!(*w, "is" | "was" | "="));
        let inline = word.split_once(['=', ':']).is_some_and(|(label, value)| is_label(label) && is_value(value));
        inline || (is_label(word) && labelled && (follows(n, 1) || follows(n, 2)))
    })
}
