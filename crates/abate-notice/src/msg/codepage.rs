//! Windows code page numbers to encodings, and 8-bit strings to text. It trusts a number only as far as the bytes agree with it.

use encoding_rs::Encoding;

use crate::decode;

/// The encoding of a code page. `None` where the number says nothing of bytes above 127, as 20127 (ASCII) does.
pub(super) fn encoding(codepage: u32) -> Option<&'static Encoding> {
    let label = match codepage {
        874 | 1250..=1258 => format!("windows-{codepage}"),
        28591..=28606 => format!("iso-8859-{}", codepage - 28590),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 | 51949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        1200 => "utf-16le".to_owned(),
        1201 => "utf-16be".to_owned(),
        10000 => "macintosh".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        20932 | 51932 => "euc-jp".to_owned(),
        50220..=50222 => "iso-2022-jp".to_owned(),
        54936 => "gb18030".to_owned(),
        65001 => "utf-8".to_owned(),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// The encoding of a character set of an RTF font. `None` for the document's own.
pub(super) fn of_font(charset: i32) -> Option<&'static Encoding> {
    encoding(match charset {
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// An 8-bit string in a code page; a guess where the code page is not known or the bytes contradict it.
pub(super) fn text(bytes: &[u8], named: Option<&'static Encoding>) -> String {
    named
        .and_then(|encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes))
        .map_or_else(|| decode::lossy(bytes), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_page_is_not_believed() {
        let sjis = encoding_rs::SHIFT_JIS.encode("AWS から通知").0.into_owned();
        assert_eq!(text(&sjis, encoding(932)), "AWS から通知");
        assert_eq!(text(&sjis, encoding(65001)), "AWS から通知");
        assert_eq!(text("AWS から通知".as_bytes(), None), "AWS から通知");
        assert_eq!(text(b"We\x92ve", encoding(1252)), "We\u{2019}ve");
    }

    #[test]
    fn every_number_has_an_encoding() {
        let named = (0..=70_000).filter(|n| encoding(*n).is_some()).count();
        assert!(named > 40, "{named}");
        assert!((0..=255).filter_map(of_font).count() == 14);
    }
}
