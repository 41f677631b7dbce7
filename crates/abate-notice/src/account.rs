//! Account ids and case numbers. An account has 12 digits, T&S's case numbers 11, Support's 15: they are told apart by that
//! and by the words beside them.

use abate_model::{AccountId, is_masked};

use crate::fields::{Field, Key};
use crate::text::{normal, word_positions};
use crate::why::Told;

/// The account in the value of a field: 12 digits, or masked as whoever passed it on masked it.
pub(crate) fn of_value(value: &str) -> Option<String> {
    let token = value.split_whitespace().next()?.trim_matches(['(', ')', '[', ']', ',', '.', ';', ':']);
    if AccountId::parse(token).is_some() {
        return Some(token.to_owned());
    }
    let shape = token.chars().all(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*' | '■' | '●' | '＊' | '█' | '-' | '…'));
    (shape && is_masked(token)).then(|| token.to_owned())
}

/// The account that a subject or a sentence names.
pub(crate) fn in_prose(text: &str) -> Option<String> {
    let plain = normal(text);
    for lead in ["aws id", "aws account id", "aws account", "account id", "account number", "account", "アカウント"] {
        for at in word_positions(&plain, lead).collect::<Vec<_>>() {
            let rest = plain.get(at + lead.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches([' ', ':', '(', '[', '#', '：']);
            let rest = rest.strip_prefix("id ").unwrap_or(rest).trim_start_matches([' ', ':']);
            if let Some(id) = of_value(rest) {
                return Some(id);
            }
        }
    }
    bracketed(&plain)
}

/// `[111122223333]` in a subject.
fn bracketed(text: &str) -> Option<String> {
    text.split('[')
        .skip(1)
        .filter_map(|t| t.split_once(']'))
        .map(|(inside, _)| inside.trim())
        .find(|t| digits(t) == Some(12))
        .map(str::to_owned)
}

fn digits(text: &str) -> Option<usize> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text.len())
}

/// AWS's number of the matter: in the subject, else in a field of its own.
pub(crate) fn case_number(subject: Option<&str>, fields: &[&[Field]]) -> Option<Told<String>> {
    let subject = subject.unwrap_or_default();
    let labelled = || fields.iter().copied().flatten().filter(|f| f.key == Key::Case);
    let told = |id: String, said: &str, rule: &str| Told::new(id, said, rule);
    numbered(subject)
        .map(|id| told(id, subject, "a number of AWS's form in the subject"))
        .or_else(|| labelled().find_map(|f| numbered(&f.value).map(|id| told(id, &f.value, "a case field"))))
        .or_else(|| opaque(subject).map(|id| told(id, subject, "an id in the subject's first bracket")))
        .or_else(|| labelled().find_map(|f| opaque_value(&f.value).map(|id| told(id, &f.value, "a case field"))))
}

/// 11 digits with or without `-n`, 15 digits, or `case-…` of the Support API.
fn numbered(text: &str) -> Option<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',' | ':' | '#' | '：'))
        .map(|token| token.trim_matches('.'))
        .find(|token| {
            let (number, suffix) = token.split_once('-').map_or((*token, None), |(n, s)| (n, Some(s)));
            let whole = matches!(digits(number), Some(11 | 15)) && suffix.is_none_or(|s| s.len() <= 3 && digits(s).is_some());
            whole
                || (number.eq_ignore_ascii_case("case")
                    && suffix.is_some_and(|s| s.len() > 20 && s.starts_with(|c: char| c.is_ascii_digit())))
        })
        .map(str::to_owned)
}

/// The first bracket of a subject, whatever form AWS gives its ids; not an account, not `[Action Required]`, not `[External]`.
fn opaque(subject: &str) -> Option<String> {
    subject.split('[').skip(1).filter_map(|t| t.split_once(']')).map(|(inside, _)| inside.trim()).find_map(opaque_value)
}

fn opaque_value(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.len() >= 6
        && text.len() <= 64
        && text.bytes().filter(u8::is_ascii_digit).count() >= 4
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && text.parse::<std::net::IpAddr>().is_err()
        && digits(text) != Some(12);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields;

    fn case(subject: &str, body: &str) -> Option<String> {
        case_number(Some(subject), &[&fields::read(body)]).map(|told| told.value)
    }

    #[test]
    fn case_numbers_in_all_forms() {
        for (subject, body, number) in [
            ("Your AWS Abuse Report [10000000041] [AWS ID 111122223333]", "", Some("10000000041")),
            ("Your Amazon EC2 Abuse Report 10000000017-1 [EC2]", "", Some("10000000017-1")),
            ("RE:[CASE 170000000000001] [Action Required] x", "", Some("170000000000001")),
            ("Amazon Web Services: New Support case: 170000000000001", "", Some("170000000000001")),
            ("Your AWS Abuse Report [Q77TEST0000] [AWS ID 111122223333]", "", Some("Q77TEST0000")),
            ("[External] Your AWS Abuse Report", "Case Number: 10000000058-1", Some("10000000058-1")),
            ("[Action Required] Suspicious activity in your AWS account [111122223333]", "", None),
            ("Your AWS Abuse Report", "AWS ID: 111122223333", None),
            ("", "case id: case-11111111111-exen-2025-0123456789abcdef", Some("case-11111111111-exen-2025-0123456789abcdef")),
        ] {
            assert_eq!(case(subject, body).as_deref(), number, "{subject} {body}");
        }
    }

    #[test]
    fn accounts_are_never_case_numbers() {
        assert_eq!(of_value("10000000041"), None);
        assert_eq!(of_value("111122223333").as_deref(), Some("111122223333"));
        assert_eq!(of_value("1111-2222-3333").as_deref(), Some("1111-2222-3333"));
        for masked in ["xxxxx", "3331xxxxxxx", "****-****-6006", "■■■■", "xxxx370"] {
            assert_eq!(of_value(masked).as_deref(), Some(masked));
        }
        assert_eq!(of_value("extra"), None);
    }

    #[test]
    fn accounts_in_prose() {
        for (text, id) in [
            ("Your AWS Abuse Report [10000000041] [AWS ID 111122223333]", Some("111122223333")),
            ("Suspicious activity in your AWS account [111122223333]", Some("111122223333")),
            ("We've observed activity from account xxxx370.", Some("xxxx370")),
            ("your AWS account 111122223333 in US West (Oregon)", Some("111122223333")),
            ("The account was used 12345678901 times", None),
        ] {
            assert_eq!(in_prose(text).as_deref(), id, "{text}");
        }
    }
}
