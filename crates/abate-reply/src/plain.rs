//! Plain ASCII for AWS: what came from logs is reduced to printable characters, bounded, defanged; prose is wrapped.

use abate_model::ids::mask_secrets;

/// Columns of the English letter.
const WIDTH: usize = 76;

/// Printable ASCII: typographic signs become plain ones, everything else outside ASCII `?`; secrets are masked, URLs
/// cannot be clicked, at most `max` characters.
pub(crate) fn ascii(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2010}'..='\u{2015}' => out.push('-'),
            '\u{2026}' => out.push_str("..."),
            '\n' => out.push('\n'),
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            c if c.is_control() || c.is_whitespace() => out.push(' '),
            _ => out.push('?'),
        }
    }
    let out = mask_secrets(&out).replace("http://", "hxxp://").replace("https://", "hxxps://");
    if out.len() <= max { out } else { format!("{}...", out.chars().take(max.saturating_sub(3)).collect::<String>()) }
}

/// Wraps prose; lines that begin with `- ` or digits and a point keep their indent.
pub(crate) fn wrap(text: &str) -> String {
    text.lines().map(wrap_line).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str) -> String {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let (mut out, mut column) = (String::new(), 0);
    for word in line.split_whitespace() {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

/// Text for the Japanese side: control characters go, secrets are masked, at most `max` characters.
pub(crate) fn japanese(text: &str, max: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    let clean = mask_secrets(&clean);
    if clean.chars().count() <= max { clean } else { format!("{}…", clean.chars().take(max.saturating_sub(1)).collect::<String>()) }
}

/// Private addresses, and host names made of them (`ip-10-0-0-5`), are of no use to AWS and stay inside.
pub(crate) fn without_internal(text: &str, instead: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_harmless() {
        assert_eq!(ascii("it\u{2019}s \u{1b}[31mred\u{7} 日本 http://x.example/", 100), "it's  [31mred  ?? hxxp://x.example/");
        assert_eq!(ascii(&"a".repeat(50), 10), "aaaaaaa...");
    }

    #[test]
    fn internal_addresses_stay_inside() {
        let text = "10.0.0.5 reached 198.51.100.7, from ip-10-0-0-5 and 192.168.1.9. Also 10.0.0.0/8";
        assert_eq!(without_internal(text, "our host"), "our host reached 198.51.100.7, from our host and our host. Also our host/8");
        assert_eq!(without_internal("日本 10.0.0.5 が", "自社"), "日本 自社 が");
    }

    #[test]
    fn lines_are_wrapped_and_lists_indented() {
        let text = wrap(&format!("- {}", "word ".repeat(30)));
        assert!(text.lines().all(|l| l.len() <= WIDTH));
        assert!(text.lines().nth(1).is_some_and(|l| l.starts_with("  word")));
    }
}
