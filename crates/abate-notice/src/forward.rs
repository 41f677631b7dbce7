//! Notices that somebody passed on: below a header block, behind `>` marks, with a few words around them. It finds the
//! notice inside, and it parts a message of AWS's from the earlier ones quoted below it.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::authenticity::is_aws_address;
use crate::categories;
use crate::fields::{self, Key};
use crate::incoming::{Incoming, Origin};
use crate::kind;
use crate::reporter;
use crate::text::{clean, is_cjk, normal, undouble};
use crate::times::{Assumed, find_all};

/// Whether a text says something that only a notice says.
pub(crate) fn looks_like_notice(text: &str) -> bool {
    !categories::phrases(text).is_empty()
        || kind::of_text(text).is_some()
        || fields::read(text).iter().any(|f| matches!(f.key, Key::Account | Key::Resource(_) | Key::Activity | Key::Vulnerability))
}

/// Takes the notice out of whatever it came in.
pub(crate) fn unwrap(mut incoming: Incoming) -> Incoming {
    incoming.text = undouble(&incoming.text);
    if incoming.origin == Origin::Pasted
        && let Some(said) = without_speakers(&incoming.text)
    {
        incoming.text = said;
    }
    if incoming.origin == Origin::Pasted
        && let Some(page) = unstacked(&incoming.text)
    {
        let subject = page.lines().take(40).find_map(|l| l.strip_prefix("Subject: ").or_else(|| l.strip_prefix("件名: ")));
        incoming.subject = incoming.subject.take().or(subject.map(str::to_owned));
        incoming.text = page;
    }
    if matches!(incoming.origin, Origin::Forwarded { .. }) || incoming.from.as_deref().is_some_and(is_aws_address) {
        return cut_history(incoming);
    }
    if let Some(inner) = inner_mail(&incoming.text, incoming.date, incoming.date_offset) {
        let by = incoming.from.take();
        let pasted = incoming.origin == Origin::Pasted;
        incoming.origin = if pasted { Origin::Pasted } else { Origin::Forwarded { by } };
        incoming.from = inner.from;
        incoming.to = inner.to.or(incoming.to.take().filter(|_| pasted));
        incoming.subject = inner.subject.or_else(|| incoming.subject.take().map(|s| without_prefix(&s)));
        incoming.date = inner.date.or(incoming.date);
        // The outer mail's id names the forwarding, not the notice.
        incoming.message_id = None;
        // Some programs quote the text below the header block but not the block.
        let (top, quoted) = quotes(&inner.text);
        incoming.text = if looks_like_notice(&quoted) && !looks_like_notice(&top) { quoted } else { inner.text };
        return cut_history(incoming);
    }
    let (top, quoted) = quotes(&incoming.text);
    if looks_like_notice(&quoted) && !looks_like_notice(&top) {
        incoming.text = quoted;
        if incoming.origin == Origin::Mail {
            incoming.origin = Origin::Forwarded { by: incoming.from.take() };
            incoming.message_id = None;
            incoming.subject = incoming.subject.take().map(|s| without_prefix(&s));
        }
    } else if incoming.origin == Origin::Mail && !poses_as_aws(&incoming) && looks_like_notice(&incoming.text) && is_forward(&incoming) {
        incoming.origin = Origin::Forwarded { by: incoming.from.take() };
        incoming.message_id = None;
        incoming.subject = incoming.subject.take().map(|s| without_prefix(&s));
    }
    if incoming.origin == Origin::Mail {
        incoming.subject = incoming.subject.take().map(|s| without_prefix(&s));
    }
    if incoming.origin == Origin::Pasted && incoming.subject.is_none() {
        incoming.subject = console_subject(&incoming.text);
    }
    incoming.text = trim_wrapping(&incoming.text);
    cut_history(incoming)
}

/// A copy of Support Center's page in which each cell stands on a line of its own, as `Label: value` lines.
fn unstacked(text: &str) -> Option<String> {
    const LABELS: [&str; 10] =
        ["status", "severity", "category", "subject", "case id", "created", "opened by", "case type", "language", "件名"];
    let lines: Vec<&str> = text.lines().collect();
    let is_label = |line: &str| LABELS.contains(&normal(line).as_str());
    let head = lines.iter().take(40).filter(|line| is_label(line)).count();
    if head < 3 || !lines.iter().take(40).any(|l| normal(l) == "case id") {
        return None;
    }
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        match lines.get(at + 1).filter(|next| at < 40 && is_label(line) && !is_label(next) && !next.trim().is_empty()) {
            Some(value) => {
                out.push(format!("{}: {}", line.trim(), value.trim()));
                at += 2;
            }
            None => {
                out.push((*line).to_owned());
                at += 1;
            }
        }
    }
    Some(out.join("\n"))
}

/// A copy out of a chat: `[2026-02-21 10:42:13] mori: ` in front of almost every line. What the one who pasted the notice said.
fn without_speakers(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let told: Vec<Option<(&str, &str)>> = lines.iter().map(|line| speaker(line)).collect();
    let filled = lines.iter().filter(|l| !l.trim().is_empty()).count();
    let spoken = told.iter().flatten().count();
    if spoken < 5 || spoken * 10 < filled * 9 {
        return None;
    }
    // Whoever said most pasted the notice; the others talk about it.
    let mut names: Vec<(&str, usize)> = Vec::new();
    for (name, _) in told.iter().flatten() {
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    let (main, _) = names.into_iter().max_by_key(|(_, count)| *count)?;
    let mut said: Vec<&str> = told.iter().flatten().filter(|(name, _)| *name == main).map(|(_, words)| *words).collect();
    // Words around the notice are the speaker's own.
    let begins = |l: &&str| matches!(normal(l).trim_end_matches([',', '.', '!']), "hello" | "hi" | "dear customer" | "dear aws customer");
    if let Some(at) = said.iter().position(begins) {
        said.drain(..at);
    }
    Some(said.join("\n"))
}

/// A line's speaker and words, where it begins with a time of day and a name.
fn speaker(line: &str) -> Option<(&str, &str)> {
    let bare = line.trim_start_matches(['>', ' ']);
    let (stamp, rest) = match bare.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?,
        None => bare.split_at_checked(bare.find(' ')?)?,
    };
    let clock = stamp.split([' ', 'T', ',']).any(|w| {
        let (hour, minute) = w.split_once(':').unwrap_or_default();
        let two = |t: &str| (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
        two(hour) && two(minute.get(..2).unwrap_or_default())
    });
    let (name, words) = rest.split_once(':')?;
    let name = name.trim().trim_matches(['<', '>']);
    let named = (1..=40).contains(&name.len()) && name.split_whitespace().count() <= 3 && !name.contains(['[', '/', '=', '"']);
    (clock && stamp.len() <= 40 && named).then(|| (name, words.strip_prefix(' ').unwrap_or(words)))
}

/// The subject in a copy of Support Center's page, where label and value are cells of a row.
fn console_subject(text: &str) -> Option<String> {
    let cell = |line: &str| {
        let (label, value) = line.trim().split_once('\t')?;
        (label.eq_ignore_ascii_case("subject") || label == "件名").then(|| value.trim().to_owned())
    };
    text.lines().take(40).find_map(cell).filter(|s| !s.is_empty() && s.len() <= 500)
}

fn is_forward(incoming: &Incoming) -> bool {
    let subject = incoming.subject.as_deref().unwrap_or_default();
    without_prefix(subject).len() < subject.len() || subject.chars().any(is_cjk) || incoming.text.chars().any(is_cjk)
}

fn poses_as_aws(incoming: &Incoming) -> bool {
    let name = incoming.from_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    name.contains("amazon") || name.contains("aws")
}

/// `Fwd:`, `FW:`, `転送:` in front of a subject are not part of it.
fn without_prefix(subject: &str) -> String {
    let mut rest = subject.trim();
    while let Some(shorter) = ["fwd:", "fw:", "転送:", "転送：", "wg:", "tr:"].iter().find_map(|prefix| {
        let head = rest.get(..prefix.len())?;
        (head.to_lowercase() == *prefix).then(|| rest.get(prefix.len()..)).flatten()
    }) {
        rest = shorter.trim_start();
    }
    rest.to_owned()
}

struct Inner {
    from: Option<String>,
    to: Option<String>,
    subject: Option<String>,
    date: Option<Timestamp>,
    text: String,
}

/// A mail of AWS's below a header block that a mail program wrote into the text.
fn inner_mail(text: &str, outer_date: Option<Timestamp>, outer_offset: Option<Offset>) -> Option<Inner> {
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let Some(Block { headers: block, depth, next }) = header_block(&lines, at) else {
            at += 1;
            continue;
        };
        let block_at = at;
        at = next;
        let from = block.iter().find(|(name, _)| *name == Name::From).and_then(|(_, value)| address_in(value));
        let lost = from.is_none() && block_at == 0;
        if !lost && !from.as_deref().is_some_and(is_aws_address) {
            continue;
        }
        let value = |wanted: Name| block.iter().find(|(name, _)| *name == wanted).map(|(_, v)| v.clone());
        let reference = outer_date.unwrap_or(Timestamp::MAX);
        let date = value(Name::Date).and_then(|v| {
            let v = v.replace(" at ", " ");
            // A mail program writes the inner date in the zone in which it dates its own mail.
            let assumed = match outer_offset {
                Some(offset) => Assumed { zone: None, offset, reference },
                None => Assumed { zone: None, ..Assumed::of_customer(text, reference) },
            };
            let found = find_all(&v, &assumed).into_iter().next()?;
            // Without a zone the inner date may be hours off; it cannot be later than the mail around it.
            Some(outer_date.map_or(found.at, |outer| found.at.min(outer)))
        });
        let body = unquoted(lines.get(next..).unwrap_or_default(), depth);
        let to = value(Name::To).and_then(|v| address_in(&v));
        return Some(Inner { from, to, subject: value(Name::Subject), date, text: trim_wrapping(&body) });
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    From,
    To,
    Subject,
    Date,
    Other,
}

struct Block {
    headers: Vec<(Name, String)>,
    /// how many `>` stand before each line
    depth: usize,
    /// the line behind it
    next: usize,
}

/// Header lines that follow each other, at least two with a `From` among them.
fn header_block(lines: &[&str], at: usize) -> Option<Block> {
    let (depth, first) = quote_depth(lines.get(at)?);
    header_line(first)?;
    let mut headers = Vec::new();
    let mut next = at;
    // A block has a handful of lines; the bound keeps hostile text from being walked again and again.
    while let Some(line) = lines.get(next).filter(|_| headers.len() < 12) {
        let (line_depth, line) = quote_depth(line);
        match header_line(line) {
            Some(header) if line_depth == depth => headers.push(header),
            _ => break,
        }
        next += 1;
    }
    let named = |wanted: Name| headers.iter().any(|(name, _)| *name == wanted);
    // At the very top of a text, Date and Subject alone are a header block of which the sender was lost.
    let top = at == 0 && named(Name::Date) && named(Name::Subject);
    (headers.len() >= 2 && (named(Name::From) || top)).then_some(Block { headers, depth, next })
}

fn header_line(line: &str) -> Option<(Name, String)> {
    // Some programs set the name in bold: `*From:* a@b`.
    let bold = line.trim().starts_with('*');
    let line = line.trim().trim_start_matches('*');
    let (name, value) = line.split_once([':', '：'])?;
    let name = match name.trim().trim_end_matches('*').to_lowercase().as_str() {
        "from" | "差出人" | "送信者" | "送信元" => Name::From,
        "to" | "宛先" => Name::To,
        "subject" | "件名" => Name::Subject,
        "date" | "sent" | "送信日時" | "日時" | "日付" | "受信日時" => Name::Date,
        "cc" | "reply-to" | "返信先" => Name::Other,
        _ => return None,
    };
    let value = value.trim();
    Some((name, if bold { value.trim_start_matches('*').trim_start() } else { value }.to_owned()))
}

fn address_in(value: &str) -> Option<String> {
    let value = value.replace("mailto:", "");
    value
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '[' | ']' | '(' | ')' | '"' | ',' | ';'))
        .rfind(|token| token.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')))
        .map(str::to_owned)
}

/// How many `>` stand before a line, and the line without them.
fn quote_depth(line: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while let Some(shorter) = rest.trim_start().strip_prefix('>') {
        rest = shorter;
        depth += 1;
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// Lines without `depth` quote marks; a line that is quoted less ends the text.
fn unquoted(lines: &[&str], depth: usize) -> String {
    let mut out = String::new();
    for line in lines {
        let mut rest = *line;
        for _ in 0..depth {
            let Some(shorter) = rest.trim_start().strip_prefix('>') else {
                if rest.trim().is_empty() {
                    break;
                }
                return out;
            };
            rest = shorter.strip_prefix(' ').unwrap_or(shorter);
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

/// What stands unquoted, and what is quoted once, up to the reporter's part.
fn quotes(text: &str) -> (String, String) {
    let (mut top, mut quoted) = (String::new(), String::new());
    for line in text.lines() {
        let (depth, _) = quote_depth(line);
        if depth == 0 {
            top.push_str(line);
            top.push('\n');
        } else {
            let rest = line.trim_start().strip_prefix('>').unwrap_or(line);
            quoted.push_str(rest.strip_prefix(' ').unwrap_or(rest));
            quoted.push('\n');
        }
    }
    (top, quoted)
}

/// Parts a message from the earlier ones below it. The reporter's part stays whole: it may hold `>` of its own.
fn cut_history(mut incoming: Incoming) -> Incoming {
    let lines: Vec<&str> = incoming.text.lines().collect();
    let end = reporter::delimiter(&lines).unwrap_or(lines.len());
    let starts = |n: usize| {
        let line = lines.get(n).copied().unwrap_or_default();
        let plain = line.trim().to_lowercase();
        (plain.starts_with("on ") && plain.ends_with("wrote:"))
            || plain.contains("original message---")
            || plain.contains("元のメッセージ")
            || (quote_depth(line).0 > 0 && !quote_depth(line).1.trim().is_empty())
            || header_block(&lines, n).is_some()
    };
    let Some(cut) = (0..end).find(|n| starts(*n)) else { return incoming };
    let (own, rest) = lines.split_at(cut.min(lines.len()));
    if own.iter().all(|line| line.trim().is_empty()) {
        return incoming;
    }
    let (rest, reporters) = rest.split_at((end - cut).min(rest.len()));
    let history: Vec<&str> = rest.iter().map(|line| quote_depth(line).1).collect();
    let own = own.join("\n");
    let quoted_delimiter = reporters.first().is_some_and(|line| quote_depth(line).0 > 0);
    if quoted_delimiter {
        let tail: Vec<&str> = reporters.iter().map(|line| quote_depth(line).1).collect();
        incoming.history = format!("{}\n{}", history.join("\n"), tail.join("\n"));
        incoming.text = own;
    } else {
        incoming.history = history.join("\n");
        incoming.text = if reporters.is_empty() { own } else { format!("{own}\n\n{}", reporters.join("\n")) };
    }
    incoming
}

/// Notices are English: Japanese lines before and behind one are the words of whoever passed it on.
fn trim_wrapping(text: &str) -> String {
    let text = without_footer(clean(text));
    let lines: Vec<&str> = text.lines().collect();
    let japanese = |line: &&str| line.chars().any(is_cjk);
    let english_notice: String = lines.iter().filter(|l| !japanese(l)).copied().collect::<Vec<_>>().join("\n");
    if !lines.iter().any(japanese) || !looks_like_notice(&english_notice) {
        return text;
    }
    let outside = |line: &&&str| line.trim().is_empty() || japanese(line) || is_rule(line);
    let front = lines.iter().take_while(outside).count();
    // A signature has lines without Japanese too: an address, a number, a link.
    let tail = lines.iter().rev().take_while(|line| outside(line) || is_contact(line)).count();
    let first = lines.len().saturating_sub(tail);
    let begins = lines.iter().skip(first).position(|line| japanese(line) || (is_rule(line) && !line.trim().is_empty()));
    let end = begins.map_or(lines.len(), |n| first + n);
    let signed = lines.iter().skip(end).any(japanese);
    lines.get(front..if signed { end } else { lines.len() }).unwrap_or_default().join("\n")
}

/// Without the signature that mail programs set off by `--`, if nothing in it looks like a report.
fn without_footer(text: String) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().rposition(|line| matches!(line.trim_end(), "--" | "-- " | "---")) else { return text };
    let footer = lines.get(at + 1..).unwrap_or_default();
    let data =
        |line: &&&str| !crate::addresses::find(line).is_empty() || !fields::read(line).is_empty() || line.trim_start().starts_with("---");
    if at == 0 || footer.len() > 12 || footer.iter().any(|line| data(&line)) {
        return text;
    }
    lines.get(..at).unwrap_or_default().join("\n")
}

/// A line of a signature: how to reach somebody.
fn is_contact(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_ascii_lowercase();
    let reach = ["tel", "fax", "mail", "e-mail", "email", "url", "web", "http://", "https://", "phone", "mobile"]
        .iter()
        .any(|w| lower.starts_with(w));
    line.len() <= 100 && (reach || (line.contains('@') && !line.contains(' ') && !line.contains(':')))
}

fn is_rule(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '-' | '=' | '_' | '─' | '*' | '～' | '━'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str) -> Incoming {
        unwrap(Incoming::text(Origin::Pasted, text.to_owned()))
    }

    #[test]
    fn words_around_a_pasted_notice_are_dropped() {
        let text = "お世話になっております。\n以下の通知が届きました。\n-----\nAWS ID: 111122223333\nhas been implicated in Port Scanning\n-----\nご対応をお願いします。";
        assert_eq!(pasted(text).text, "AWS ID: 111122223333\nhas been implicated in Port Scanning");
    }

    #[test]
    fn a_header_block_in_the_text_is_the_notices() {
        let text = "FYI\n\n> From: AWS Trust and Safety <trustandsafety@support.aws.com>\n> Sent: Thu, 10 Apr 2025 09:31:00 +0000\n> To: ops@example.com\n\
                    > Subject: Your AWS Abuse Report [10000000041]\n>\n> AWS ID: 111122223333\nThanks";
        let inner = pasted(text);
        assert_eq!(inner.subject.as_deref(), Some("Your AWS Abuse Report [10000000041]"));
        assert_eq!(inner.from.as_deref(), Some("trustandsafety@support.aws.com"));
        assert_eq!(inner.date.map(|d| d.to_string()).as_deref(), Some("2025-04-10T09:31:00Z"));
        assert_eq!(inner.text.trim(), "AWS ID: 111122223333");
    }

    #[test]
    fn earlier_messages_are_parted_from_a_follow_up() {
        let text = "We have not received a response.\n\nOn Mon, 7 Apr 2025 AWS wrote:\n> AWS ID: 111122223333\n> has been implicated in Port Scanning";
        let both = pasted(text);
        assert_eq!(both.text.trim(), "We have not received a response.");
        assert!(both.history.contains("AWS ID: 111122223333\n"));
    }

    #[test]
    fn prefixes_of_subjects() {
        assert_eq!(without_prefix("Fwd: FW: 転送: Your AWS Abuse Report"), "Your AWS Abuse Report");
        assert_eq!(without_prefix("RE: Your AWS Abuse Report"), "RE: Your AWS Abuse Report");
    }
}
