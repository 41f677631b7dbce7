//! Bytes to text where no header names the character set: UTF-8, UTF-16 with a mark, ISO-2022-JP, Shift_JIS, else
//! Windows-1252; and whether it is text at all.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::text::has_kana;

/// The text, or `None` for what is no text.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes)
        && (encoding == UTF_16LE || encoding == UTF_16BE)
    {
        let text = encoding.decode(bytes).0.into_owned();
        return readable(&text).then_some(text);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if bytes.windows(2).any(|w| w == b"\x1b$") => strict(ISO_2022_JP, bytes).unwrap_or_else(|| text.to_owned()),
        Ok(text) => text.to_owned(),
        Err(_) => legacy(bytes)?,
    };
    readable(&text).then_some(text)
}

/// The same even if it is no text: for mails, whose headers decide.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    text(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Text in Shift_JIS or EUC-JP. Kana tell Japanese from Western text, in which most byte pairs would be Chinese characters too.
pub(crate) fn japanese(bytes: &[u8]) -> Option<String> {
    [SHIFT_JIS, EUC_JP].into_iter().find_map(|encoding| strict(encoding, bytes).filter(|text| has_kana(text)))
}

fn legacy(bytes: &[u8]) -> Option<String> {
    if let Some(text) = japanese(bytes) {
        return Some(text);
    }
    let lossy = String::from_utf8_lossy(bytes);
    let (lost, all) = (lossy.chars().filter(|c| *c == '\u{fffd}').count(), lossy.chars().count());
    let western = WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    if lost * 20 <= all {
        // A few odd bytes: UTF-8 with damage if most non-ASCII survives, else a Western file.
        let survived = lossy.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
        return Some(if survived > lost { lossy.into_owned() } else { western });
    }
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    (high * 5 <= bytes.len()).then_some(western)
}

fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// Text has hardly any control characters.
fn readable(text: &str) -> bool {
    let (mut controls, mut all) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        if c == '\0' {
            controls += 20;
        } else if c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x1b' | '\x0c') {
            controls += 1;
        }
    }
    controls * 20 <= all
}

/// Text that is UTF-8 but was read as Latin-1 because its label says so: read anew. Real Latin-1 text is hardly ever valid UTF-8.
pub(crate) fn relabelled(text: &str) -> Option<String> {
    if text.is_ascii() || text.chars().any(|c| c as u32 > 0x2122) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            // What Windows-1252 has in the place of C1 controls.
            Err(_) => {
                let one = c.to_string();
                let (encoded, _, lost) = encoding_rs::WINDOWS_1252.encode(&one);
                if lost {
                    return None;
                }
                bytes.extend_from_slice(&encoded);
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_character_sets() {
        let japanese = "AWS から通知が届きました";
        for encoding in [SHIFT_JIS, EUC_JP, ISO_2022_JP] {
            assert_eq!(text(&encoding.encode(japanese).0).as_deref(), Some(japanese), "{}", encoding.name());
        }
        assert_eq!(text(b"We\x92ve received").as_deref(), Some("We\u{2019}ve received"));
        assert_eq!(text(b"\xff\xfeA\0B\0").as_deref(), Some("AB"));
    }

    #[test]
    fn binaries_are_no_text() {
        assert_eq!(text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0"), None);
        assert_eq!(text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x28"), None);
        assert_eq!(text(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xe3, 0x9f, 0xc2, 0x81, 0xd0, 0xff]), None);
    }
}
