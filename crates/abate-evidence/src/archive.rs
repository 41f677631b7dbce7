//! Names inside archives: how they are written, and which of them are unsafe.
//!
//! Nothing is ever unpacked to disk; an unsafe name is refused all the same, because it shows an archive made to deceive.

use std::borrow::Cow;

use encoding_rs::SHIFT_JIS;

/// Longest member name kept.
const MAX_NAME: usize = 4096;

/// A member's name as text: UTF-8, else Shift_JIS (zip files made on Japanese Windows), else with replacement characters.
pub(crate) fn member_name(raw: &[u8]) -> String {
    let raw = raw.get(..raw.len().min(MAX_NAME)).unwrap_or_default();
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => {
            SHIFT_JIS.decode_without_bom_handling_and_without_replacement(raw).unwrap_or_else(|| String::from_utf8_lossy(raw)).into_owned()
        }
    }
}

/// The path of a member of an archive.
pub(crate) fn member_path(outer: &str, name: &str) -> String {
    format!("{outer}!/{}", name.strip_prefix("./").unwrap_or(name))
}

/// Why a name would leave its place, if it would.
pub(crate) fn unsafe_name(name: &str) -> Option<&'static str> {
    let slashed: Cow<'_, str> = if name.contains('\\') { name.replace('\\', "/").into() } else { name.into() };
    if slashed.contains('\0') {
        return Some("the name holds a NUL character");
    }
    if slashed.starts_with('/') || slashed.as_bytes().get(1) == Some(&b':') {
        return Some("the name is an absolute path");
    }
    slashed.split('/').any(|part| part == "..").then_some("the name climbs out of the archive with ..")
}

/// Whether bytes begin like a tar archive: the checksum of the first header fits.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else { return false };
    let Some(field) = header.get(148..156) else { return false };
    let digits: String = field.iter().map(|b| char::from(*b)).filter(char::is_ascii_digit).collect();
    let Ok(stated) = u32::from_str_radix(&digits, 8) else { return false };
    let sum: u32 = header.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
    header.first().is_some_and(|b| *b != 0) && sum == stated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for bad in ["../x", "a/../../b", "/etc/passwd", "C:\\x", "a\\..\\b", "a\0b", "\\x"] {
            assert!(unsafe_name(bad).is_some(), "{bad:?}");
        }
        for good in ["a", "a/b..c", "./a", "..a/b", "ログ/a"] {
            assert!(unsafe_name(good).is_none(), "{good}");
        }
        assert_eq!(member_name(b"\x83\x8d\x83O.log"), "ログ.log");
        assert_eq!(member_path("a.zip", "./b/c"), "a.zip!/b/c");
    }
}
