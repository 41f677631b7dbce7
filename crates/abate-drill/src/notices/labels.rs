//! Changes the labels of AWS's field lines, and nothing else in them: times, ARNs, URLs and addresses also hold colons.

/// Changes every label of a line that holds one or several `Label: value`, parted by four blanks. The label comes without its
/// colon; what `change` gives back replaces both.
pub(crate) fn each(line: &str, change: impl Fn(&str) -> String) -> String {
    line.split("    ").map(|part| one(part, &change)).collect::<Vec<_>>().join("    ")
}

fn one(part: &str, change: impl Fn(&str) -> String) -> String {
    match part.split_once(':') {
        Some((label, rest)) if is_label(label) && !rest.starts_with("//") => format!("{}{rest}", change(label)),
        _ => part.to_owned(),
    }
}

fn is_label(label: &str) -> bool {
    let (number, text) = label.split_once(". ").unwrap_or(("", label));
    number.len() < 3
        && text.len() < 40
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphabetic() || " ()*".contains(letter) || letter.is_ascii_digit() && text.starts_with("EC2"))
}

/// A full-width colon after the label, and after the second one of `Implicated Resource:EC2 Instance Id:`.
pub(crate) fn full_width(line: &str) -> String {
    each(line, |label| format!("{label}\u{ff1a}"))
        .split("    ")
        .map(|part| match part.split_once('\u{ff1a}') {
            Some((label, rest)) => format!("{label}\u{ff1a}{}", one(rest, |second| format!("{second}\u{ff1a}"))),
            None => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("    ")
}

/// Stars around the label and its colon.
pub(crate) fn bold(line: &str) -> String {
    if line.starts_with(|letter: char| letter.is_ascii_alphabetic()) { each(line, |label| format!("*{label}:*")) } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labels_change() {
        let line = "AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0abc [2001:db8::1]";
        let wide = "AWS ID\u{ff1a} 111122223333    Region\u{ff1a} us-west-2    EC2 Instance Id\u{ff1a} i-0abc [2001:db8::1]";
        assert_eq!(full_width(line), wide);
        assert_eq!(bold("Abuse Time: 10 Jul 2024 02:21:07 UTC"), "*Abuse Time:* 10 Jul 2024 02:21:07 UTC");
        assert_eq!(each("https://git.example.com/a", str::to_uppercase), "https://git.example.com/a");
        assert_eq!(each("2026-03-02 14:05:09 UTC  AKIA", str::to_uppercase), "2026-03-02 14:05:09 UTC  AKIA");
        assert_eq!(full_width("Implicated Resource:Interface Id: eni-1"), "Implicated Resource\u{ff1a}Interface Id\u{ff1a} eni-1");
    }
}
