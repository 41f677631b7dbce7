//! Identifiers, and the type that keeps secrets out of every output.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The id of a case: `ab-` and ten lower-case hexadecimal digits, derived from what the notice is (its Message-ID, its
/// Health event ARN, else its text), so that the same notice always is the same case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(String);

impl CaseId {
    /// The id for a notice's identity.
    #[must_use]
    pub fn of(identity: &str) -> Self {
        Self(format!("ab-{}", &sha256_hex(identity.as_bytes())[..10]))
    }

    /// Reads an id as a person typed it; `None` if it has not the form of one.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim().to_ascii_lowercase();
        let digits = typed.strip_prefix("ab-")?;
        (digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_hexdigit())).then_some(Self(typed))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole (unmasked) AWS account id: 12 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Reads `111122223333` or `1111-2222-3333`; `None` for anything else.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed.trim().chars().filter(|c| *c != '-').collect();
        (digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an id was masked by whoever passed it on (`i-0e51xxxxxxxx3`, `34.xx.xx.xx`, `****`, `■■■■`).
#[must_use]
pub fn is_masked(id: &str) -> bool {
    let lower = id.to_lowercase();
    lower.contains("xx") || lower.contains(['*', '■', '●', '＊', '█', '…']) || lower.split('.').any(|part| part == "x")
}

/// A value that must never reach an output. `Debug`, `Display` and `Serialize` show only its first four characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for comparison only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: String = self.0.chars().take(4).collect();
        write!(f, "{head}****")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Masks what looks like an AWS secret access key, a session token, a private key or a password in free text. An
/// access key *id* is not a secret and stays, since AWS asks for it.
#[must_use]
pub fn mask_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut token = String::new();
    for c in text.chars() {
        if is_token_char(c) {
            token.push(c);
        } else {
            push_masked(&mut out, &token);
            token.clear();
            out.push(c);
        }
    }
    push_masked(&mut out, &token);
    out
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/')
}

/// A secret access key is 40 characters of base64; a session token is base64 far longer than any id. Paths and
/// hexadecimal digests of that length are told apart by their alphabet.
fn push_masked(out: &mut String, token: &str) {
    let upper = token.bytes().any(|b| b.is_ascii_uppercase());
    let lower = token.bytes().any(|b| b.is_ascii_lowercase());
    let digit = token.bytes().any(|b| b.is_ascii_digit());
    let slashes = token.bytes().filter(|b| *b == b'/').count();
    let secret = upper && lower && digit && ((token.len() == 40 && slashes < 6) || (token.len() > 150 && slashes < token.len() / 16));
    if secret {
        out.push_str(&token[..4]);
        out.push_str("****");
    } else {
        out.push_str(token);
    }
}

/// SHA-256 as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert_eq!(format!("{secret} {secret:?}"), "wJal**** wJal****");
        assert_eq!(serde_json::to_string(&secret).ok().as_deref(), Some("\"wJal****\""));
    }

    #[test]
    fn secret_keys_in_text_are_masked_and_ids_stay() {
        let text = "key AKIAIOSFODNN7EXAMPLE secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
        assert_eq!(mask_secrets(text), "key AKIAIOSFODNN7EXAMPLE secret wJal**** sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b");
    }

    #[test]
    fn masked_ids_are_recognised() {
        for id in ["i-0e51xxxxxxxx3", "34.xx.xx.xx", "52.79.xxx.xxx", "****-****-WBAA", "■■■■", "x.x.x.x"] {
            assert!(is_masked(id), "{id}");
        }
        for id in ["i-0bdd53020029e980d", "203.0.113.7", "example.com", "111122223333"] {
            assert!(!is_masked(id), "{id}");
        }
    }

    #[test]
    fn case_ids_are_stable_and_parse_back() {
        let id = CaseId::of("<a@example.com>");
        assert_eq!(id, CaseId::of("<a@example.com>"));
        assert_eq!(CaseId::parse(&id.to_string().to_uppercase()), Some(id));
        assert_eq!(CaseId::parse("ab-zz"), None);
    }
}
