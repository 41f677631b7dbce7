//! RTF to text, or to the HTML that is packed in it ([MS-OXRTFEX]). Layout, pictures and objects are dropped; nothing is
//! rendered. It never fails: what it does not know it skips.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::codepage;

/// Groups are followed this deep.
const DEPTH: usize = 1_000;
const MOST_FONTS: usize = 10_000;

/// What a document says.
pub(super) struct Document {
    /// plain text, or HTML
    pub text: String,
    /// whether the text is HTML
    pub is_html: bool,
    /// targets of links, where the text is not HTML
    pub links: Vec<String>,
}

/// Reads a document. Bytes above 127 are in the encoding that it names, else in `encoding`.
pub(super) fn read(bytes: &[u8], encoding: Option<&'static Encoding>) -> Document {
    let encoding = encoding.unwrap_or(WINDOWS_1252);
    let state = State { place: Place::Text, hidden: false, fallback: 1, encoding };
    let mut reader = Reader {
        rest: bytes,
        document: Document { text: String::new(), is_html: false, links: Vec::new() },
        pending: Vec::new(),
        state,
        stack: Vec::new(),
        fonts: BTreeMap::new(),
        font: 0,
        first_font: 0,
        encoding,
        optional: false,
        skip: 0,
        surrogate: None,
        field: String::new(),
    };
    while reader.step() {}
    reader.flush();
    reader.document
}

/// Where a group's words go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Fonts,
    /// the instruction of a field, such as a link's target
    Field,
    Nowhere,
}

#[derive(Clone, Copy)]
struct State {
    place: Place,
    /// between `\htmlrtf` and `\htmlrtf0`: what only RTF readers show
    hidden: bool,
    /// how many characters stand behind `\u` for readers without Unicode
    fallback: usize,
    encoding: &'static Encoding,
}

struct Reader<'r> {
    rest: &'r [u8],
    document: Document,
    /// bytes not decoded yet: a character may have two
    pending: Vec<u8>,
    state: State,
    stack: Vec<State>,
    fonts: BTreeMap<i32, &'static Encoding>,
    /// the font that is being defined
    font: i32,
    first_font: i32,
    encoding: &'static Encoding,
    /// behind `\*`: a destination that readers may skip
    optional: bool,
    /// characters to leave out behind `\u`
    skip: usize,
    /// the first half of a character that UTF-16 writes in two
    surrogate: Option<u16>,
    field: String,
}

impl Reader<'_> {
    fn step(&mut self) -> bool {
        let Some((first, rest)) = self.rest.split_first() else { return false };
        self.rest = rest;
        match first {
            b'{' => {
                self.flush();
                self.skip = 0;
                self.stack.push(self.state);
                return self.stack.len() <= DEPTH;
            }
            b'}' => self.close(),
            b'\\' => self.control(),
            b'\r' | b'\n' | 0 => {}
            byte => self.byte(*byte),
        }
        true
    }

    fn close(&mut self) {
        self.flush();
        self.skip = 0;
        self.optional = false;
        let was = self.state.place;
        if let Some(state) = self.stack.pop() {
            self.state = state;
        }
        if was == Place::Field && self.state.place != Place::Field {
            let field = std::mem::take(&mut self.field);
            let target = field.trim().strip_prefix("HYPERLINK").and_then(|f| f.split('"').nth(1));
            self.document.links.extend(target.filter(|t| !t.is_empty()).map(str::to_owned));
        }
    }

    fn control(&mut self) {
        let letters = self.rest.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at_checked(letters).unwrap_or_default();
        if word.is_empty() {
            return self.symbol();
        }
        let digits = rest.iter().take(11).enumerate().take_while(|(n, b)| b.is_ascii_digit() || (*n == 0 && **b == b'-')).count();
        let (number, rest) = rest.split_at_checked(digits).unwrap_or_default();
        self.rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let number = std::str::from_utf8(number).ok().and_then(|n| n.parse::<i32>().ok());
        if word == b"bin" {
            let size = number.and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
            self.rest = self.rest.get(size..).unwrap_or_default();
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.flush();
        self.word(word, number);
    }

    fn symbol(&mut self) {
        let Some((symbol, rest)) = self.rest.split_first() else { return };
        self.rest = rest;
        match symbol {
            b'\'' => {
                let hex = rest.get(..2).and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
                if let Some(byte) = hex {
                    self.rest = rest.get(2..).unwrap_or_default();
                    self.byte(byte);
                }
            }
            b'*' => self.optional = true,
            b'\\' | b'{' | b'}' => self.byte(*symbol),
            b'~' => self.put("\u{a0}"),
            b'_' => self.put("-"),
            b'\r' | b'\n' => self.put("\n"),
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        let optional = std::mem::take(&mut self.optional);
        match word {
            b"htmltag" => {}
            b"fldinst" if self.state.place == Place::Text => self.state.place = Place::Field,
            b"fonttbl" => self.state.place = Place::Fonts,
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header" | b"footer" | b"headerl" | b"headerr" | b"headerf"
            | b"footerl" | b"footerr" | b"footerf" | b"nonshppict" | b"xe" | b"tc" => self.state.place = Place::Nowhere,
            _ if optional => self.state.place = Place::Nowhere,
            b"fromhtml" => self.document.is_html = number != Some(0),
            b"htmlrtf" => self.state.hidden = number != Some(0),
            b"ansicpg" => {
                if let Some(encoding) = number.and_then(|n| u32::try_from(n).ok()).and_then(codepage::encoding) {
                    self.encoding = encoding;
                    self.state.encoding = encoding;
                }
            }
            b"uc" => self.state.fallback = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).min(16),
            b"u" => self.unicode(number),
            b"deff" => self.first_font = number.unwrap_or_default(),
            b"f" | b"fcharset" | b"cpg" | b"plain" => self.fonts(word, number.unwrap_or_default()),
            b"par" | b"line" | b"sect" | b"page" | b"row" => self.put("\n"),
            b"tab" => self.put("\t"),
            b"cell" => self.put("    "),
            b"lquote" => self.put("\u{2018}"),
            b"rquote" => self.put("\u{2019}"),
            b"ldblquote" => self.put("\u{201c}"),
            b"rdblquote" => self.put("\u{201d}"),
            b"bullet" => self.put("\u{2022}"),
            b"endash" => self.put("\u{2013}"),
            b"emdash" => self.put("\u{2014}"),
            _ => {}
        }
    }

    /// Fonts decide in which encoding bytes are.
    fn fonts(&mut self, word: &[u8], number: i32) {
        let defining = self.state.place == Place::Fonts;
        let known = match word {
            b"f" if defining => {
                self.font = number;
                None
            }
            b"fcharset" if defining => codepage::of_font(number),
            b"cpg" if defining => u32::try_from(number).ok().and_then(codepage::encoding),
            b"f" => {
                self.state.encoding = self.fonts.get(&number).copied().unwrap_or(self.encoding);
                None
            }
            b"plain" => {
                self.state.encoding = self.fonts.get(&self.first_font).copied().unwrap_or(self.encoding);
                None
            }
            _ => None,
        };
        if let Some(encoding) = known.filter(|_| self.fonts.len() < MOST_FONTS) {
            self.fonts.insert(self.font, encoding);
        }
    }

    fn unicode(&mut self, number: Option<i32>) {
        self.skip = self.state.fallback;
        let Some(unit) = number.and_then(|n| u16::try_from(n & 0xffff).ok()) else { return };
        let units: Vec<u16> = match (self.surrogate.take(), unit) {
            (None, 0xd800..=0xdbff) => {
                self.surrogate = Some(unit);
                return;
            }
            (Some(first), _) => vec![first, unit],
            (None, _) => vec![unit],
        };
        self.put(&String::from_utf16_lossy(&units));
    }

    fn byte(&mut self, byte: u8) {
        self.optional = false;
        if self.skip > 0 {
            self.skip -= 1;
        } else if matches!(self.state.place, Place::Text | Place::Field) {
            self.pending.push(byte);
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            let text = self.state.encoding.decode_without_bom_handling(&pending).0;
            self.say(&text);
            self.pending = pending;
            self.pending.clear();
        }
    }

    fn put(&mut self, text: &str) {
        self.flush();
        self.say(text);
    }

    fn say(&mut self, text: &str) {
        match self.state.place {
            Place::Text if !(self.state.hidden && self.document.is_html) => self.document.text.push_str(text),
            Place::Field => self.field.push_str(text),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(rtf: &str) -> String {
        read(rtf.as_bytes(), None).text
    }

    #[test]
    fn plain_text_and_links() {
        let rtf = r#"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}}{\colortbl;\red0\green0\blue0;}{\*\generator x;}
\pard We\rquote ve received a report \{1\}\par
AWS\~ID: 111122223333\line {\field{\*\fldinst{HYPERLINK "https://evil.example.com/"}}{\fldrslt aws.amazon.com}}
{\pict\bin4 }}{{}caf\'e9 \u9731?\u-10179 ?\u-8704 ?end}"#;
        let document = read(rtf.as_bytes(), None);
        assert!(!document.is_html);
        assert_eq!(
            document.text.trim(),
            "We\u{2019}ve received a report {1}\nAWS\u{a0}ID: 111122223333\naws.amazon.comcaf\u{e9} \u{2603}\u{1f600}end"
        );
        assert_eq!(document.links, ["https://evil.example.com/"]);
    }

    #[test]
    fn html_inside() {
        let rtf = r#"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 AWS ID: 111122223333{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 {\*\mhtmltag84 <a href="x">}{\*\htmltag84 <a href="https://example.com/\'41">}\htmlrtf {\field{\*\fldinst x}{\fldrslt\htmlrtf0 link\htmlrtf }\htmlrtf0
{\*\htmltag92 </a>}\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}{\*\htmltag0 \par}}"#;
        let document = read(rtf.as_bytes(), None);
        assert!(document.is_html);
        assert_eq!(document.text, "<p>AWS ID: 111122223333&lt;<a href=\"https://example.com/A\">link</a></p>\n");
    }

    #[test]
    fn fonts_name_encodings() {
        let rtf = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset128 MS Gothic;}}\f1 \'93\'fa\'96\'7b\'83A\f0 \'e9}";
        assert_eq!(plain(rtf), "日本ア\u{e9}");
    }

    #[test]
    fn broken_documents_do_not_panic() {
        for rtf in [
            "",
            "\\",
            "{",
            "}}}",
            "\\'",
            "\\'z",
            "\\u",
            "\\bin99999999 x",
            "\\u-10179 x",
            "{\\*}",
            "{\\*\\fldinst HYPERLINK \"",
            "\\uc99\\u1",
        ] {
            let _ = plain(rtf);
        }
        assert_eq!(plain(&"{".repeat(100_000)), "");
    }
}
