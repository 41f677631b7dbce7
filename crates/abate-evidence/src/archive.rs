//! Names inside archives: how they are written, and which of them are unsafe.
//!
//! Nothing is ever unpacked to disk; an unsafe name is refused all the same, because it shows an archive made to deceive.

use std::borrow::Cow;
use std::collections::HashMap;

use encoding_rs::SHIFT_JIS;

/// Longest member name kept.
const MAX_NAME: usize = 4096;

/// What the bytes 80 to FF mean in the code page of the first PCs, in which zip files without another mark write names.
const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// A file's name as text: UTF-8, else Shift_JIS (as Japanese Windows writes it); bytes that are neither stand as `\xNN`.
#[must_use]
pub fn member_name(raw: &[u8]) -> String {
    named(raw, |raw| {
        raw.utf8_chunks().fold(String::new(), |mut name, chunk| {
            name.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| name.push_str(&format!("\\x{byte:02x}")));
            name
        })
    })
}

/// The name of a member of a zip archive: what is neither UTF-8 nor Shift_JIS is code page 437, as the format says.
pub(crate) fn zip_name(raw: &[u8]) -> String {
    let high: Vec<char> = CP437.chars().collect();
    let letter = |byte: &u8| byte.checked_sub(0x80).and_then(|n| high.get(usize::from(n)).copied()).unwrap_or(char::from(*byte));
    named(raw, |raw| raw.iter().map(letter).collect())
}

fn named(raw: &[u8], otherwise: impl Fn(&[u8]) -> String) -> String {
    let raw = raw.get(..raw.len().min(MAX_NAME)).unwrap_or_default();
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    // Characters for private use show that the bytes are something else.
    let odd = |name: &str| name.chars().any(|c| matches!(c, '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}'));
    let japanese = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(raw).filter(|name| !odd(name));
    japanese.map_or_else(|| otherwise(raw), Cow::into_owned)
}

/// The name, or the name with ` (2)`, ` (3)` … behind it when it is taken. `taken` keeps the next number for each name, so
/// that an archive of many members with one name costs no more than another.
pub fn unique(name: String, taken: &mut HashMap<String, u64>) -> String {
    let Some(mut n) = taken.get(&name).copied() else {
        taken.insert(name.clone(), 2);
        return name;
    };
    loop {
        let free = format!("{name} ({n})");
        n += 1;
        if !taken.contains_key(&free) {
            taken.insert(free.clone(), 2);
            taken.insert(name, n);
            return free;
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
        assert_eq!(zip_name(b"r\x82sum\x82.log"), "résumé.log");
        assert_eq!(zip_name("Büro.log".as_bytes()), "Büro.log");
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!((member_name(b"a\xff.log"), member_name(b"a\xfe.log")), ("a\\xff.log".to_owned(), "a\\xfe.log".to_owned()));
        assert_eq!(member_path("a.zip", "./b/c"), "a.zip!/b/c");
    }
}
