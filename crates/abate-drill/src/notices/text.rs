//! Lines of a notice, breaking them, and finding a fragment again after they were broken. It knows no notice.

/// What a line is: prose may be broken anywhere, labels stand in fields, logs are the reporter's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// sentences
    Prose,
    /// AWS's `Label: value`
    Field,
    /// what the reporter wrote
    Log,
}

/// A line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// its text
    pub(crate) text: String,
    /// what it is
    pub(crate) kind: LineKind,
}

/// Breaks a text at blanks so that no line is longer than `width`, unless a word is.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.chars().count() > width {
        let indent = rest.len() - rest.trim_start().len();
        let limit = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let blank = |part: &str| part.rfind(' ').filter(|&at| at > indent);
        let within = rest.get(..=limit).or(rest.get(..limit)).and_then(blank);
        let after = || rest.get(limit..).and_then(|part| part.find(' ')).map(|at| at + limit);
        let Some((head, tail)) = within.or_else(after).and_then(|at| rest.split_at_checked(at)) else { break };
        lines.push(head.trim_end().to_owned());
        rest = tail.trim_start();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

/// Breaks lines; the parts stay what the line was.
pub(crate) fn wrap_all(lines: &[Line], width: usize, only_prose: bool) -> Vec<Line> {
    let mut list = Vec::new();
    for line in lines {
        if only_prose && line.kind != LineKind::Prose {
            list.push(line.clone());
        } else {
            list.extend(wrap(&line.text, width).into_iter().map(|text| Line { text, kind: line.kind }));
        }
    }
    list
}

/// The longest part of a fragment that stands within one line. A part of less than ten characters grows by its neighbours.
pub(crate) fn refit(fragment: &str, lines: &[Line]) -> String {
    if lines.iter().any(|line| line.text.contains(fragment)) {
        return fragment.to_owned();
    }
    let words: Vec<(usize, &str)> =
        lines.iter().enumerate().flat_map(|(n, line)| line.text.split_whitespace().map(move |word| (n, word))).collect();
    let wanted: Vec<&str> = fragment.split_whitespace().collect();
    let last = wanted.len().saturating_sub(1);
    let fits = |window: &[(usize, &str)]| {
        window.iter().zip(&wanted).enumerate().all(|(n, ((_, word), wanted))| match n {
            0 => word.ends_with(wanted),
            n if n == last => word.starts_with(wanted),
            _ => word == wanted,
        })
    };
    let Some(start) = words.windows(wanted.len().max(1)).position(fits) else { return fragment.to_owned() };
    let inside = start..start + wanted.len();
    let mut best = String::new();
    for (line, _) in words.get(inside.clone()).unwrap_or_default() {
        let mut part: Vec<&str> = inside.clone().filter_map(|n| words.get(n)).filter(|(n, _)| n == line).map(|(_, word)| *word).collect();
        let mut next = inside.end;
        while part.join(" ").len() < 10
            && let Some((_, word)) = words.get(next).filter(|(n, _)| n == line)
        {
            part.push(word);
            next += 1;
        }
        let mut before = inside.start;
        while part.join(" ").len() < 10
            && let Some((_, word)) = before.checked_sub(1).and_then(|n| words.get(n)).filter(|(n, _)| n == line)
        {
            part.insert(0, word);
            before -= 1;
        }
        let part = part.join(" ");
        if part.len() > best.len() {
            best = part;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_blanks_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("averylongword and more", 5), ["averylongword", "and", "more"]);
        assert_eq!(wrap("  indented text", 10), ["  indented", "text"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn finds_what_is_left_of_a_fragment() {
        let lines = wrap_all(&[Line { text: "Please reply directly to this email with details.".into(), kind: LineKind::Prose }], 24, true);
        assert_eq!(lines[0].text, "Please reply directly to");
        assert_eq!(refit("reply directly to this email", &lines), "reply directly to");
        assert_eq!(refit("this email", &lines), "this email");
    }
}
