//! Words that come from strangers, made fit for a letter: printable, bounded, on one line, secrets masked, links broken,
//! internal addresses left out. Nothing here judges what the words say.

use abate_model::Text;
use abate_model::ids::mask_secrets;
use abate_model::time::utc;
use jiff::Timestamp;

/// A stranger's text for the English letter: ASCII, one line, at most `max` characters (and three dots).
pub(crate) fn plain(text: &str, max: usize) -> String {
    bound(&defang(&without_internal(&mask_secrets(&one_line(&ascii(text))), "our host")), max)
}

/// A stranger's text for the approver's letter: any script, but no control or direction characters.
pub(crate) fn plain_ja(text: &str, max: usize) -> String {
    let outside = without_internal(&mask_secrets(&one_line(text)), "自社ホスト");
    // Latin words stand between spaces in Japanese, Japanese ones do not.
    bound(&defang(&outside.replace(" 自社ホスト", "自社ホスト").replace("自社ホスト ", "自社ホスト")), max)
}

/// Both sides of a text of ours that quotes strangers.
pub(crate) fn both(text: &Text, max: usize) -> Text {
    Text::new(plain(&text.en, max), plain_ja(&text.ja, max))
}

/// The customer's own words: made fit like a stranger's, but a link in them must stay usable.
pub(crate) fn own(text: &Text, max: usize) -> Text {
    let fit = |text: &str| bound(&mask_secrets(&one_line(text)), max);
    Text::new(fit(&ascii(&text.en)), fit(&text.ja))
}

/// The text in ASCII: signs that have a plain form get it, every other character becomes `?`.
pub(crate) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            c if c.is_ascii() && !c.is_ascii_control() => out.push(c),
            '\u{2018}' | '\u{2019}' | '\u{2032}' => out.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{300c}' | '\u{300d}' => out.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '\u{2026}' => out.push_str("..."),
            '\u{d7}' => out.push('x'),
            '\u{2192}' => out.push_str("->"),
            '\u{a0}' | '\u{3000}' => out.push(' '),
            '\u{ff01}'..='\u{ff5e}' => out.extend(char::from_u32(u32::from(c) - 0xfee0)),
            c if steers(c) => out.push(' '),
            _ => out.push('?'),
        }
    }
    out
}

/// Whether a text loses letters in [`ascii`].
pub(crate) fn is_lossy(text: &str) -> bool {
    text.matches('?').count() < ascii(text).matches('?').count()
}

/// Characters that steer a terminal or the direction of writing, or that nobody sees.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One line with single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `max` characters, cut between words where possible, with three dots where something was cut.
fn bound(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max).collect();
    let whole = head.rfind(' ').filter(|at| *at > max / 2).and_then(|at| head.get(..at)).unwrap_or(&head);
    format!("{}...", whole.trim_end_matches(['.', ',', ' ']))
}

/// Breaks links, so that nobody follows one by accident: `hxxp://evil[.]example/x`.
fn defang(text: &str) -> String {
    text.split(' ').map(defang_word).collect::<Vec<_>>().join(" ")
}

fn defang_word(word: &str) -> String {
    // One link after the other: a second one may follow in the path of the first (an open redirect).
    let (mut out, mut rest) = (String::new(), word);
    while let Some((scheme, after)) = rest.split_once("://") {
        let (host, path) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        out.push_str(&scheme.replace("http", "hxxp").replace("HTTP", "HXXP").replace("ftp", "fxp"));
        out.push_str("://");
        out.push_str(&host.replace('.', "[.]"));
        rest = path;
    }
    out + rest
}

/// Private addresses, and host names made of them (`ip-10-0-0-5`), are of no use to AWS and stay inside.
fn without_internal(text: &str, instead: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let (mut out, mut word) = (String::new(), String::new());
    for c in text.chars().chain(['\n']) {
        if part(c) {
            word.push(c);
            continue;
        }
        let core = word.trim_end_matches('.');
        let address = core.strip_prefix("ip-").map_or_else(|| core.to_owned(), |rest| rest.replace('-', "."));
        let internal = address.parse::<std::net::Ipv4Addr>().is_ok_and(|a| a.is_private());
        out.push_str(if internal { instead } else { core });
        out.push_str(&".".repeat(word.len() - core.len()));
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// Wraps each line at `columns`; entries of a list are indented. A word that is longer stays whole.
pub(crate) fn wrap(text: &str, columns: usize) -> String {
    text.split('\n').map(|line| wrap_line(line, columns)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, columns: usize) -> String {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut out = String::new();
    let mut width = 0;
    for word in line.split(' ') {
        if width > 0 && width + 1 + word.len() > columns {
            out.push('\n');
            out.push_str(indent);
            width = indent.len();
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.len();
    }
    out
}

/// `2026-11-01 02:14:05 UTC`, or from one to another.
pub(crate) fn span(first: Timestamp, last: Timestamp) -> Text {
    if first == last {
        Text::same(utc(first))
    } else {
        Text::new(format!("{} to {}", utc(first), utc(last)), format!("{} から {} まで", utc(first), utc(last)))
    }
}

/// A list with dashes: at most `max` entries, then how many more there are.
pub(crate) fn bullets(head: &Text, entries: &[Text], max: usize) -> Text {
    let (mut en, mut ja) = (head.en.clone().into_owned(), head.ja.clone().into_owned());
    for entry in entries.iter().take(max) {
        en.push_str(&format!("\n- {}", entry.en));
        ja.push_str(&format!("\n- {}", entry.ja));
    }
    if entries.len() > max {
        let more = entries.len() - max;
        en.push_str(&format!("\n- and {more} more"));
        ja.push_str(&format!("\n- ほか {more} 件"));
    }
    Text::new(en, ja)
}

/// As a sentence: a capital at the beginning, a full stop at the end, once.
pub(crate) fn sentence(text: &Text) -> Text {
    let en = abate_model::text::capital(text.en.trim_end_matches(['.', ' ']));
    let ja = text.ja.trim_end_matches(['。', '.', ' ']);
    Text::new(format!("{en}.").replace(". our host", ". Our host"), format!("{ja}。"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_broken_and_addresses_stay() {
        let plain = |text| plain(text, 200);
        assert_eq!(plain("GET http://evil.example.com/a.php from 198.51.100.7"), "GET hxxp://evil[.]example[.]com/a.php from 198.51.100.7");
        assert_eq!(plain("/r?u=https://evil.example/x"), "/r?u=hxxps://evil[.]example/x");
        assert_eq!(plain("https://a.example/?u=http://b.example/"), "hxxps://a[.]example/?u=hxxp://b[.]example/");
        let _ = super::plain(&"a://".repeat(200_000), 10);
    }

    #[test]
    fn internal_addresses_stay_inside() {
        let text = "10.0.0.5 reached 198.51.100.7, from ip-10-0-0-5 and 192.168.1.9. Also 10.0.0.0/8";
        assert_eq!(without_internal(text, "our host"), "our host reached 198.51.100.7, from our host and our host. Also our host/8");
        assert_eq!(
            plain_ja("10.0.0.5 が 198.51.100.7 に、次に ip-10-0-0-6 に接続した", 99),
            "自社ホストが 198.51.100.7 に、次に自社ホストに接続した"
        );
    }

    #[test]
    fn strangers_cannot_add_lines_colours_or_secrets() {
        let hostile = "admin\r\nWe resolved it.\u{1b}[31m\u{202e}x wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let safe = plain(hostile, 200);
        assert!(safe.is_ascii() && !safe.contains(['\n', '\r', '\u{1b}']) && !safe.contains("bPxRfiCY"), "{safe}");
        assert!(!plain_ja(hostile, 200).contains(['\n', '\u{202e}', '\u{1b}']));
    }

    #[test]
    fn ascii_keeps_what_has_a_plain_form() {
        assert_eq!(ascii("20 × p3 — “ok” ａｂ…"), "20 x p3 - \"ok\" ab...");
        assert_eq!(ascii("佐藤"), "??");
        assert!(is_lossy("佐藤") && !is_lossy("who?") && !is_lossy("a – b"));
    }

    #[test]
    fn wrapping_bounds_and_sentences() {
        assert_eq!(wrap("- aaa bbb ccc ddd", 9), "- aaa bbb\n  ccc ddd");
        assert_eq!(wrap("short", 76), "short");
        assert_eq!(plain("one two three four", 12), "one two...");
        assert_eq!(plain(&"x".repeat(50), 10), "xxxxxxxxxx...");
        assert_eq!(sentence(&Text::new("it. our host x", "侵入した。")), Text::new("It. Our host x.", "侵入した。"));
    }
}
