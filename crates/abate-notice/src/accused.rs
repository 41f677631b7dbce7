//! Whom a third party's own report accuses. AWS's notices name resources; a stranger's mail names addresses and pages, in fields, in its
//! subject, in sentences, or as bare lines.

use abate_model::{Category, ResourceKind};

use crate::addresses::{self, is_nowhere};
use crate::fields::{self, Key};
use crate::text::{normal, push_new, refang};

/// More are not told apart; the report is kept whole.
const MOST: usize = 200;

/// The accused, in the order in which they are named; the first source that names any decides.
pub(crate) fn find(text: &str, subject: &str, category: Category) -> Vec<(ResourceKind, String)> {
    let plain = refang(text);
    let ways: [&dyn Fn() -> Vec<(ResourceKind, String)>; 5] =
        [&|| in_fields(&plain), &|| in_subject(subject), &|| in_sentences(&plain), &|| bare_lines(&plain), &|| {
            pages(&plain, subject, category)
        }];
    let mut found = ways.iter().map(|way| way()).find(|list| !list.is_empty()).unwrap_or_default();
    found.truncate(MOST);
    found
}

fn of_addresses(text: &str) -> impl Iterator<Item = (ResourceKind, String)> {
    addresses::find(text).into_iter().filter(|a| !is_nowhere(&a.address)).map(|a| (ResourceKind::Address, a.address))
}

fn in_fields(plain: &str) -> Vec<(ResourceKind, String)> {
    let mut found = Vec::new();
    for field in fields::read(plain).iter().filter(|f| f.key == Key::OwnAddress) {
        // "203.0.113.7 has attacked 198.51.100.4": behind a word, others come.
        let list: String = field
            .value
            .split_inclusive([' ', ',', ';', '\n'])
            .take_while(|w| !w.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | ';')))
            .collect();
        of_addresses(&list).for_each(|a| push_new(&mut found, a));
    }
    found
}

fn in_subject(subject: &str) -> Vec<(ResourceKind, String)> {
    let plain = refang(subject);
    let without: String = plain.split_inclusive(char::is_whitespace).filter(|w| !w.contains("://")).collect();
    of_addresses(&without).collect()
}

/// Addresses beside words that accuse: "203.0.113.7 has attacked", "hosted on 203.0.113.7", an `ip` attribute.
fn in_sentences(plain: &str) -> Vec<(ResourceKind, String)> {
    const BEFORE: [&str; 20] = [
        "von",
        "desde",
        "adresse ip",
        "from",
        "ip",
        "ip:",
        "ip=",
        "ip address",
        "ip address:",
        "host",
        "server",
        "your ip",
        "your host",
        "your server",
        "hosted on",
        "hosted at",
        "source",
        "attacker",
        "located at",
        "machine",
    ];
    const BEHIND: [&str; 12] = [
        "has attacked",
        "attacked",
        "has been",
        "is attacking",
        "has tried",
        "tried",
        "has scanned",
        "was seen",
        "has sent",
        "is sending",
        "is hosting",
        "performed",
    ];
    let mut found = Vec::new();
    for line in plain.lines() {
        let lower = line.to_ascii_lowercase();
        // How a mail travelled accuses nobody.
        let hop = lower.trim_start().strip_prefix("by ").is_some_and(|rest| rest.split(' ').next().is_some_and(|host| host.contains('.')));
        if hop
            || ["received:", "x-", "authentication-results", "return-path", "message-id", "for <"]
                .iter()
                .any(|h| lower.trim_start().starts_with(h))
        {
            continue;
        }
        for one in addresses::find(line).into_iter().filter(|a| !is_nowhere(&a.address)) {
            let before = lower.get(..one.start).unwrap_or_default().trim_end_matches([' ', '"', '\'', '[', '(']);
            let behind = lower.get(one.end..).unwrap_or_default().trim_start_matches([' ', '"', '\'', ']', ')', ',']);
            let ends = |word: &&str| {
                before.strip_suffix(*word).is_some_and(|rest| rest.is_empty() || !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
            };
            if BEFORE.iter().any(ends) || BEHIND.iter().any(|w| behind.starts_with(w)) {
                push_new(&mut found, (ResourceKind::Address, one.address));
            }
        }
    }
    found
}

/// Lines that are nothing but an address, alone, with a mark in brackets behind it, or in brackets behind a number.
fn bare_lines(plain: &str) -> Vec<(ResourceKind, String)> {
    let mut found = Vec::new();
    for line in plain.lines().map(str::trim).filter(|l| l.len() <= 60) {
        let [one] = addresses::find(line).try_into().unwrap_or_else(|_| [nothing()]);
        let rest = format!("{}{}", line.get(..one.start).unwrap_or_default(), line.get(one.end..).unwrap_or_default());
        let mark = rest.trim().strip_prefix('(').and_then(|r| r.strip_suffix(')')).is_some_and(|m| m.len() <= 3);
        let alone = !one.address.is_empty()
            && (if mark { "" } else { rest.as_str() })
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '[' | ']' | '(' | ')' | '/' | '-' | '*' | ' ' | ',' | ';' | ':' | '\t'));
        if alone && !is_nowhere(&one.address) {
            push_new(&mut found, (ResourceKind::Address, one.address));
        }
    }
    found
}

fn nothing() -> addresses::Found {
    addresses::Found { address: String::new(), port: None, start: 0, end: 0 }
}

/// Hosts of reported pages, for reports about what is hosted.
fn pages(plain: &str, subject: &str, category: Category) -> Vec<(ResourceKind, String)> {
    use Category::{Content, Copyright, Malware, Phishing};
    if !matches!(category, Phishing | Malware | Content | Copyright) {
        return Vec::new();
    }
    let subject_urls = addresses::urls(&refang(subject));
    let reporter = reporters_own(plain);
    let urls: Vec<String> =
        if subject_urls.is_empty() { addresses::urls(plain) } else { subject_urls }.into_iter().map(|(_, url)| url).collect();
    let mut found = Vec::new();
    for host in urls.iter().filter_map(|url| addresses::host(url)) {
        if host.is_empty() || reporter.iter().any(|r| host.ends_with(r.as_str())) {
            continue;
        }
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { ResourceKind::Address } else { ResourceKind::Domain };
        push_new(&mut found, (kind, host));
        // One page is enough to find the host; the others stand among the URLs.
        if found.len() >= 20 {
            break;
        }
    }
    found
}

/// Domains of mail addresses in the text: whoever reports links to pages of their own.
fn reporters_own(plain: &str) -> Vec<String> {
    let mut found = Vec::new();
    for token in plain.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"')) {
        if let Some((_, domain)) = token.split_once('@')
            && domain.contains('.')
            && found.len() < 50
        {
            let labels: Vec<&str> = domain.trim_end_matches('.').rsplit('.').take(2).collect();
            let base = labels.iter().rev().copied().collect::<Vec<_>>().join(".").to_ascii_lowercase();
            push_new(&mut found, base);
        }
    }
    found
}

/// Whether a mail speaks to those who run a network about what came out of it.
pub(crate) fn speaks_to_abuse_desk(text: &str, subject: &str) -> bool {
    const WORDS: [&str; 22] = [
        "abuse report",
        "abuse team",
        "abuse department",
        "abuse desk",
        "dear abuse",
        "incident report",
        "your network",
        "your server",
        "your host",
        "your ip",
        "your customer",
        "your infrastructure",
        "takedown",
        "take down",
        "notice of unauthorized use",
        "claimed infringement",
        "copyright infringement",
        "malicious content",
        "safe browsing report",
        "monitor report",
        "honey pot",
        "has attacked",
    ];
    let plain = format!("{} {}", normal(subject), normal(text));
    WORDS.iter().any(|w| plain.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, subject: &str, category: Category) -> Vec<String> {
        find(text, subject, category).into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn the_accused_are_found_wherever_they_stand() {
        use Category::{Intrusion, Malware, Phishing, Spam};
        assert_eq!(names("IP: 203.0.113.7 has attacked one of our machines, 198.51.100.4", "", Intrusion), ["203.0.113.7"]);
        assert_eq!(names("Details below.", "Malicious content hosted on 203.0.113.7 within your net", Malware), ["203.0.113.7"]);
        assert_eq!(names("IPs engaged in harvesting:\n\n203.0.113.1\n203.0.113.2\n\nnone", "", Spam), ["203.0.113.1", "203.0.113.2"]);
        assert_eq!(
            names(
                "We found a page:\n\nhxxp://shop[.]example[.]com/login\n\nMore: https://desk.example.org/1\nx@desk.example.org",
                "",
                Phishing
            ),
            ["shop.example.com"]
        );
        assert_eq!(names("<url_info url=\"http://a.example.com/\" ip=\"203.0.113.9\" />", "", Malware), ["203.0.113.9"]);
        assert!(names("Received: from a (unknown [203.0.113.9]) by b", "", Spam).is_empty());
    }
}
