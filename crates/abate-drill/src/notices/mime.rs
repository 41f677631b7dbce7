//! Mail bytes: transfer encodings, encoded words, parts. It knows no notice.

use super::channel::Charset;

/// How a part's bytes travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// as they are
    #[default]
    Plain,
    /// quoted-printable
    Quoted,
    /// base64
    Base64,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 without line breaks.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, &byte| (word << 8) | u32::from(byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let at = usize::try_from((word >> (18 - 6 * n)) & 63).unwrap_or(0);
            let digit = ALPHABET.get(at).copied().unwrap_or(b'A');
            text.push(if n <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn base64_lines(bytes: &[u8]) -> String {
    bytes.chunks(57).map(|chunk| base64(chunk) + "\n").collect()
}

/// Quoted-printable, lines of at most 76 characters.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::new();
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    for (n, line) in lines.iter().enumerate() {
        let mut width = 0;
        for (at, &byte) in line.iter().enumerate() {
            let last = at + 1 == line.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || matches!(byte, b' ' | b'\t') && !last;
            let token = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
            if width + token.len() > 75 {
                text.push_str("=\n");
                width = 0;
            }
            width += token.len();
            text.push_str(&token);
        }
        if n + 1 < lines.len() {
            text.push('\n');
        }
    }
    text
}

/// A header value; words outside ASCII become encoded words of the charset.
pub(crate) fn words(text: &str, charset: Charset) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut list = Vec::new();
    let mut part = String::new();
    for letter in text.chars() {
        part.push(letter);
        // Short pieces, so that an encoded word stays below 75 characters.
        if part.len() >= 30 {
            list.push(std::mem::take(&mut part));
        }
    }
    if !part.is_empty() {
        list.push(part);
    }
    let charset = charset.fitting(text);
    list.iter().map(|part| format!("=?{}?B?{}?=", charset.label(), base64(&charset.bytes(part)))).collect::<Vec<_>>().join("\n ")
}

/// Header lines and content of a text part.
pub(crate) fn text_part(subtype: &str, text: &str, charset: Charset, transfer: Transfer) -> (String, Vec<u8>) {
    let charset = charset.fitting(text);
    let bytes = charset.bytes(text);
    let (name, body) = match transfer {
        Transfer::Plain if charset == Charset::Iso2022Jp || bytes.is_ascii() => ("7bit", bytes),
        Transfer::Plain => ("8bit", bytes),
        Transfer::Quoted => ("quoted-printable", quoted(&bytes).into_bytes()),
        Transfer::Base64 => ("base64", base64_lines(&bytes).into_bytes()),
    };
    (format!("Content-Type: text/{subtype}; charset=\"{}\"\nContent-Transfer-Encoding: {name}\n", charset.label()), body)
}

/// A multipart body: header line and content.
pub(crate) fn multipart(kind: &str, boundary: &str, parts: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    for (head, body) in parts {
        bytes.extend_from_slice(format!("--{boundary}\n{head}\n").as_bytes());
        bytes.extend_from_slice(body);
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(format!("--{boundary}--\n").as_bytes());
    (format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\n"), bytes)
}

/// Every line end as CRLF. ISO-2022-JP and Shift_JIS never use the byte of a line feed for anything else.
pub(crate) fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut list = Vec::with_capacity(bytes.len() + bytes.len() / 40);
    for &byte in bytes {
        if byte == b'\n' {
            list.push(b'\r');
        }
        list.push(byte);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(base64(b"light work."), "bGlnaHQgd29yay4=");
        assert_eq!(base64(b"light wo"), "bGlnaHQgd28=");
        assert_eq!(base64(b"light w"), "bGlnaHQgdw==");
        assert_eq!(quoted("a=b \nあ".as_bytes()), "a=3Db=20\n=E3=81=82");
        assert!(quoted(&[b'x'; 200]).lines().all(|line| line.len() <= 76));
        assert_eq!(words("転送", Charset::Utf8), "=?UTF-8?B?6Lui6YCB?=");
        assert_eq!(words("転送", Charset::Iso2022Jp), "=?ISO-2022-JP?B?GyRCRT5BdxsoQg==?=");
    }
}
