//! Base64, as reports inside JSON are written.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

/// Both alphabets; line breaks are passed over, and what is left of the last character counts for nothing.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    spec.translate.from.push_str("-_");
    spec.translate.to.push_str("+/");
    spec.ignore.push_str("\r\n");
    spec.check_trailing_bits = false;
    spec.encoding().ok()
});

/// The bytes that a text stands for; `None` where it is no base64. Line breaks inside are passed over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.as_ref()?.decode(text.trim_end().trim_end_matches('=').as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYmFy", "foobar"), ("Zm9vYg", "foob")] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for text in ["Z", "Zm9vY", "Zm 9", "日本"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
