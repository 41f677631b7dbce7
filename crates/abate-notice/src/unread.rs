//! Lines of AWS's part that have the shape of data and were used by nothing: they are listed, not lost.

use std::collections::BTreeSet;

use crate::addresses;
use crate::links;
use crate::text::normal;

/// More are not listed; a text of that many odd lines is not a notice.
const MOST: usize = 200;

/// Lines that look like `Key: value` or like a table row and are not among the used ones.
pub(crate) fn lines(text: &str, used: &BTreeSet<usize>, used_text: &[String]) -> Vec<String> {
    let used_text: Vec<String> = used_text.iter().map(|u| normal(u)).collect();
    text.lines()
        .enumerate()
        .filter(|(number, line)| !used.contains(number) && (is_pair(line) || is_row(line)) && !is_in(line, &used_text))
        .map(|(_, line)| line.trim().to_owned())
        .take(MOST)
        .collect()
}

fn is_in(line: &str, used: &[String]) -> bool {
    let plain = normal(line);
    let bare = plain.trim_start_matches(['*', '-', '•', ' ']);
    used.iter().any(|u| u.contains(bare))
}

fn is_pair(line: &str) -> bool {
    let bare = line.trim().trim_start_matches(['*', '-', '•', '[', ' ']);
    let Some((key, value)) = bare.split_once([':', '：']) else { return false };
    let value = value.trim();
    let words = key.split_whitespace().count();
    let key_fits = (1..=6).contains(&words)
        && key.chars().count() <= 48
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '(' | ')' | '.' | '#' | '&' | '*'))
        && key.chars().any(char::is_alphabetic);
    if !key_fits || value.is_empty() || value.starts_with("//") || key.to_lowercase().contains("http") {
        return false;
    }
    // A title with a link to AWS's pages is advice that comes with every notice.
    let advice =
        addresses::urls(value).first().is_some_and(|(at, url)| *at == 0 && links::is_aws(&addresses::host(url).unwrap_or_default()));
    !advice
}

/// Three cells or more, two blanks or a tab or a bar apart.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    if line.contains('\t') {
        return cells(line.split('\t'));
    }
    if line.contains('|') {
        return cells(line.split('|'));
    }
    cells(line.split("  "))
}

fn cells<'l>(cells: impl Iterator<Item = &'l str>) -> bool {
    cells.map(str::trim).filter(|c| !c.is_empty() && c.chars().any(char::is_alphanumeric)).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let text = "Severity: high\nHello there\n* Amazon EC2 Security Groups User Guide: https://docs.aws.amazon.com/x\nhttps://aws.amazon.com/aup/\n\
                    a    b    c\nUsed: yes\nWe ask you:\nsrc | dst | port";
        assert_eq!(lines(text, &BTreeSet::from([5]), &[]), ["Severity: high", "a    b    c", "src | dst | port"]);
    }
}
