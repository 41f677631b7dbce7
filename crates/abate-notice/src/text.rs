//! Text helpers: cleaning, matching without regard to line breaks and apostrophes, sentences, refanging. It decides
//! nothing about notices.

/// Line ends to `\n`, odd blanks to plain ones, invisible characters and other controls away.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            // Input methods set it behind Latin words too.
            '\u{ff1a}' if out.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ')' | '*' | ':')) => out.push(':'),
            '\u{a0}' | '\u{3000}' | '\u{2007}' | '\u{202f}' => out.push(' '),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Text of which every line was followed by a blank one, as some programs make of a mail's breaks, without these. Where two blank lines
/// stood, one stays.
pub(crate) fn undouble(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let full = lines.iter().filter(|l| !l.trim().is_empty()).count();
    let doubled = lines.windows(2).filter(|w| matches!(w, [a, b] if !a.trim().is_empty() && b.trim().is_empty())).count();
    if full < 8 || doubled * 20 < full * 19 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in lines {
        if line.trim().is_empty() {
            blank += 1;
            continue;
        }
        if blank >= 2 {
            out.push('\n');
        }
        blank = 0;
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Text made comparable: ASCII lower case, straight apostrophes and hyphens, one blank between words, "that resembles"
/// as "which resembles".
pub(crate) fn normal(text: &str) -> String {
    normal_with_lines(text).0
}

/// [`normal`] with the line number of each byte of the result.
pub(crate) fn normal_with_lines(text: &str) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut lines = Vec::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        for word in line.split_whitespace() {
            let word = if word == "that" { "which" } else { word };
            if !out.is_empty() {
                out.push(' ');
            }
            out.extend(word.chars().map(straight));
            lines.resize(out.len(), number);
        }
    }
    (out, lines)
}

fn straight(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{ff07}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        c => c.to_ascii_lowercase(),
    }
}

/// A sentence with the number of the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// the words, with line breaks made blanks
    pub text: String,
    /// first line
    pub line: usize,
    /// last line
    pub last: usize,
}

/// Sentences of a text. A blank line, a bullet or a labelled line ends one too.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut open: Option<Sentence> = None;
    let mut after_label = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let labelled = crate::fields::is_labelled(line);
        // A rule or a heading in capitals stands alone.
        let rule = line.chars().all(|c| matches!(c, '-' | '=' | '_' | '*' | '~' | '─' | ' ')) || is_capitals(line);
        if line.is_empty() || rule || labelled || after_label || starts_item(line) {
            found.extend(open.take());
        }
        after_label = labelled || rule;
        if line.is_empty() {
            continue;
        }
        for piece in pieces(line) {
            let sentence = open.get_or_insert_with(|| Sentence { text: String::new(), line: number, last: number });
            if !sentence.text.is_empty() {
                sentence.text.push(' ');
            }
            sentence.text.push_str(piece.trim());
            sentence.last = number;
            if piece.trim_end().ends_with(['.', '!', '?', '。', ':']) {
                found.extend(open.take());
            }
        }
    }
    found.extend(open);
    found
}

/// `WHAT HAPPENED`: two words or more in capitals and nothing else.
pub(crate) fn is_capitals(line: &str) -> bool {
    line.split_whitespace().count() >= 2
        && line.len() <= 80
        && line.chars().any(char::is_alphabetic)
        && !line.chars().any(char::is_lowercase)
        && line.chars().all(|c| c.is_ascii_uppercase() || matches!(c, ' ' | '\'' | '-' | '&'))
}

/// Whether a line begins a list item or a numbered step.
pub(crate) fn starts_item(line: &str) -> bool {
    let line = line.trim_start();
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['*', '•', '・', '·', '-'])
        || (numbered.len() < line.len() && numbered.starts_with([')', '.']) && numbered.get(1..).is_some_and(|r| r.starts_with(' ')))
        || line.get(..5).is_some_and(|l| l.eq_ignore_ascii_case("step "))
}

/// Cuts a line behind each full stop that is followed by a blank and does not stand inside an abbreviation.
fn pieces(line: &str) -> Vec<&str> {
    let mut cuts = Vec::new();
    let mut start = 0;
    let bytes = line.as_bytes();
    for (at, c) in line.char_indices() {
        let end = at + c.len_utf8();
        let stop = match c {
            '.' | '!' | '?' => {
                bytes.get(end).is_some_and(u8::is_ascii_whitespace) && bytes.get(end + 1).is_some_and(|b| !b.is_ascii_lowercase())
            }
            '。' => end < line.len(),
            _ => false,
        };
        if stop {
            cuts.extend(line.get(start..end));
            start = end;
        }
    }
    cuts.extend(line.get(start..).filter(|rest| !rest.trim().is_empty()));
    cuts
}

/// Undoes the usual defanging: `hxxp`, `[.]`, `(.)`, `[dot]`, `[:]`, `[@]`.
pub(crate) fn refang(text: &str) -> String {
    let mut out = text.to_owned();
    for (from, to) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[/]", "/"),
        ("[@]", "@"),
        ("hxxps", "https"),
        ("hXXps", "https"),
        ("hxxp", "http"),
        ("hXXp", "http"),
    ] {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    out
}

/// Whether a character belongs to Japanese (or Chinese) writing.
pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff01}'..='\u{ff9f}')
}

/// Whether a text holds kana, which only Japanese does.
pub(crate) fn has_kana(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30fa}'))
}

/// Every place at which `needle` stands as a whole word in `hay`.
pub(crate) fn word_positions<'t>(hay: &'t str, needle: &'t str) -> impl Iterator<Item = usize> + 't {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    hay.match_indices(needle).map(|(at, _)| at).filter(move |&at| {
        let open = needle.starts_with(|c: char| !c.is_ascii_alphanumeric()) || edge(hay.get(..at).and_then(|b| b.chars().next_back()));
        let close =
            needle.ends_with(|c: char| !c.is_ascii_alphanumeric()) || edge(hay.get(at + needle.len()..).and_then(|a| a.chars().next()));
        open && close
    })
}

/// Whether `needle` stands as a whole word in `hay`.
pub(crate) fn has_word(hay: &str, needle: &str) -> bool {
    word_positions(hay, needle).next().is_some()
}

/// Whether a text names `id`, and not merely a longer one that begins or ends with it (`web-2` in `web-27`, `web-2.old`).
pub(crate) fn names(text: &str, id: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(id).any(|(at, _)| {
        let open = !text.get(..at).and_then(|b| b.chars().next_back()).is_some_and(part);
        let mut after = text.get(at + id.len()..).unwrap_or_default().chars();
        let close = match after.next() {
            Some('.') => !after.next().is_some_and(part),
            other => !other.is_some_and(part),
        };
        !id.is_empty() && open && close
    })
}

/// Adds a value that is not there yet.
pub(crate) fn push_new<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_text_ignores_wrapping_apostrophes_and_that() {
        assert_eq!(normal("We\u{2019}ve  seen\n activity that\nresembles X"), "we've seen activity which resembles x");
    }

    #[test]
    fn a_name_is_not_part_of_a_longer_one() {
        for (text, found) in [("web-2: seen", true), ("to web-2.", true), ("web-27", false), ("old-web-2", false), ("web-2.old", false)] {
            assert_eq!(names(text, "web-2"), found, "{text}");
        }
    }

    #[test]
    fn sentences_are_unwrapped_and_cut() {
        let cut: Vec<_> =
            sentences("Please reply\nto us. See version 1.2 of it.\n\n* One item\n* Two").into_iter().map(|s| (s.line, s.text)).collect();
        let expected = [(0, "Please reply to us."), (1, "See version 1.2 of it."), (3, "* One item"), (4, "* Two")];
        assert_eq!(cut, expected.map(|(l, t)| (l, t.to_owned())));
    }

    #[test]
    fn refanging() {
        assert_eq!(refang("hxxps://login[.]example(.)com/a"), "https://login.example.com/a");
    }
}
