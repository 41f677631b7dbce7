//! HTML mail to plain text, and the links it hides. Nothing is rendered, fetched or executed; styles and scripts are dropped.

use mail_parser::decoders::html::add_html_token;

/// The text of a page and the targets of its links.
pub(crate) struct Page {
    /// plain text; table cells of a row stand four blanks apart
    pub text: String,
    /// values of `href`
    pub links: Vec<String>,
}

/// Reads a page.
pub(crate) fn read(html: &str) -> Page {
    let mut page = Page { text: String::with_capacity(html.len() / 2), links: Vec::new() };
    // Lower case keeps every byte's place, so that places found in one hold in the other.
    let lower = html.to_ascii_lowercase();
    let mut rest = html;
    let mut kept_lines = false;
    while let Some(at) = rest.find('<') {
        words(&mut page.text, rest.get(..at).unwrap_or_default(), kept_lines);
        let tail = rest.get(at..).unwrap_or_default();
        if let Some(comment) = tail.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        // A lone `<` is text.
        if !tail.get(1..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?')) {
            page.text.push('<');
            rest = tail.get(1..).unwrap_or_default();
            continue;
        }
        let Some((tag, after)) = tail.get(1..).and_then(|t| t.split_once('>')) else {
            rest = "";
            break;
        };
        rest = after;
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect::<String>().to_ascii_lowercase();
        match name.as_str() {
            "style" | "script" | "head" | "template" | "title" => rest = behind(rest, &lower, &name),
            "pre" => kept_lines = true,
            "/pre" => kept_lines = false,
            _ => {}
        }
        layout(&mut page.text, name.trim_end_matches('/'));
        if name == "a" {
            page.links.extend(href(tag));
        }
    }
    words(&mut page.text, rest, kept_lines);
    page
}

/// The text behind the closing tag of an element. `lower` is the whole page, of which `text` is the end.
fn behind<'t>(text: &'t str, lower: &str, name: &str) -> &'t str {
    let tail = lower.len().checked_sub(text.len()).and_then(|at| lower.get(at..)).unwrap_or_default();
    let Some(at) = tail.find(&format!("</{name}")) else { return "" };
    text.get(at..).and_then(|t| t.split_once('>')).map_or("", |(_, after)| after)
}

fn layout(out: &mut String, tag: &str) {
    match tag {
        // A second break makes a blank line, which parts paragraphs.
        "br" => {
            let blank = !out.is_empty() && out.trim_end_matches(' ').ends_with('\n') && !out.trim_end_matches(' ').ends_with("\n\n");
            line_end(out);
            if blank {
                out.push('\n');
            }
        }
        "/br" | "tr" | "/tr" | "/div" | "div" | "/li" | "/table" | "table" | "hr" => line_end(out),
        "li" => {
            line_end(out);
            out.push_str("* ");
        }
        "p" | "/p" | "/ul" | "/ol" | "h1" | "h2" | "h3" | "h4" | "/h1" | "/h2" | "/h3" | "/h4" | "blockquote" | "/blockquote" | "pre"
        | "/pre" => {
            line_end(out);
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        }
        "td" | "th" if !out.is_empty() && !out.ends_with('\n') => out.push_str("    "),
        _ => {}
    }
}

fn line_end(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn words(out: &mut String, text: &str, kept_lines: bool) {
    for piece in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
        let word = piece.trim_end_matches(|c: char| c.is_ascii_whitespace());
        entities(out, word);
        if word.len() < piece.len() {
            if kept_lines && piece.ends_with('\n') {
                out.push('\n');
            } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        }
    }
}

fn entities(out: &mut String, word: &str) {
    let mut rest = word;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let end = tail.bytes().take(12).position(|b| b == b';').map_or(1, |end| end + 1);
        let (entity, after) = tail.split_at_checked(end).unwrap_or((tail, ""));
        add_html_token(out, entity.as_bytes(), false);
        rest = after;
    }
    out.push_str(rest);
}

fn href(tag: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let value = tag.get(lower.find("href")? + 4..)?.trim_start().strip_prefix('=')?.trim_start();
    let link = match value.chars().next()? {
        quote @ ('"' | '\'') => value.get(1..)?.split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    let mut plain = String::new();
    entities(&mut plain, link.trim());
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_text() {
        let page = read(
            "<html><head><title>x</title></head><style>p{}</style><p>We&rsquo;ve received<br>a report &amp; more &#64;</p>\
             <table><tr><td>AWS ID:</td><td>111122223333</td></tr><tr><td>Region:</td><td>us-east-1</td></tr></table>\
             <!-- <b>hidden</b> --><a class=x href='https://evil.example.com/?a=1&amp;b=2'>aws.amazon.com</a> 1 < 2",
        );
        assert_eq!(
            page.text.trim(),
            "We\u{2019}ve received\na report & more @\n\nAWS ID:    111122223333\nRegion:    us-east-1\naws.amazon.com 1 < 2"
        );
        assert_eq!(page.links, ["https://evil.example.com/?a=1&b=2"]);
    }

    #[test]
    fn broken_pages_do_not_panic() {
        for html in ["<", "<a", "<a href", "<a href=", "<a href='", "&", "&#xFFFFFFFF;", "<!--", "<style>", "&日本;", "<pre>a\nb"] {
            let _ = read(html);
        }
    }
}
