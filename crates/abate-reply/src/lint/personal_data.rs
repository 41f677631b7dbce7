//! `personal-data`: mail addresses and telephone numbers of people are not AWS's business.

use abate_model::letter::LintNote;
use abate_model::{Letter, Text};

use super::{Draft, Rule};
use crate::Input;
use crate::facts::{Kind, named};

/// See the module.
pub(super) static RULE: Rule = Rule { id: "personal-data", title: Text::fixed("No personal data", "個人情報がない"), check };

fn check(_letter: &Letter, _input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let known = &draft.known;
    let own = &draft.own_words;
    let mails = own.iter().flat_map(|s| named(s).facts).filter(|f| f.kind == Kind::Mail && !known.knows(f)).map(|f| f.value);
    let found: Vec<String> = mails.chain(own.iter().filter_map(|s| telephone(s))).take(5).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let shown = found.join(", ");
    vec![RULE.error(Text::new(
        format!("The letter has personal data: {shown}. Take it out."),
        format!("個人情報が含まれています: {shown}。削除してください。"),
    ))]
}

/// A group of 9 to 15 digits with signs between them that begins with `+` or `0`.
fn telephone(sentence: &str) -> Option<String> {
    sentence.split(|c: char| !(c.is_ascii_digit() || "+-() ".contains(c))).map(str::trim).find_map(|group| {
        let digits = group.bytes().filter(u8::is_ascii_digit).count();
        let signs = group.bytes().filter(|b| matches!(b, b'-' | b'(' | b' ')).count();
        let date = group.len() >= 10 && group.as_bytes().get(4) == Some(&b'-') && !group.starts_with('0');
        ((9..=15).contains(&digits) && signs >= 2 && group.starts_with(['+', '0', '(']) && !date).then(|| group.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::telephone;

    #[test]
    fn telephones_are_told_from_times_and_accounts() {
        assert!(telephone("call +81 3-1234-5678 now").is_some());
        assert!(telephone("03-1234-5678").is_some());
        assert!(telephone("2026-11-01 02:14:05 UTC, 111122223333, 1111-2222-3333").is_none());
        assert!(telephone("10.0.0.5 to 203.0.113.10 port 22").is_none());
    }
}
