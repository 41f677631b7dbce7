//! Internet addresses and URLs in free text, whole or masked. Whose they are is not decided here.

use std::net::IpAddr;

use abate_model::is_masked;

/// An address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// as written
    pub address: String,
    /// the port written onto it (`192.0.2.1:80`, `192.0.2.1.80`)
    pub port: Option<u16>,
    /// first byte
    pub start: usize,
    /// behind the last byte
    pub end: usize,
}

/// All addresses of a (refanged) text, in order.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let part = c.is_ascii_hexdigit() || matches!(c, '.' | ':' | 'x' | 'X' | '*' | '■' | '＊');
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                if !c.is_ascii_alphanumeric() && c != '_' {
                    let whole = begins_alone(text, from).then(|| text.get(from..at).and_then(|token| address(token, from))).flatten();
                    // `inside:198.51.100.61`: letters of a word are hexadecimal digits too.
                    let behind_colon = || {
                        let token = text.get(from..at)?;
                        let cut = token.rfind(':').filter(|_| token.matches(':').count() == 1)? + 1;
                        let tail = token.get(cut..)?;
                        is_v4(tail.trim_end_matches('.')).then(|| address(tail, from + cut)).flatten()
                    };
                    found.extend(whole.or_else(behind_colon));
                }
            }
            _ => {}
        }
    }
    found
}

/// A version such as `Chrome/120.0.0.0` is no address.
fn begins_alone(text: &str, from: usize) -> bool {
    let mut before = text.get(..from).unwrap_or_default().chars().rev();
    match before.next() {
        Some('/') => before.next().is_none_or(|c| !c.is_ascii_alphanumeric()),
        Some(c) => !c.is_ascii_alphanumeric() && c != '_' && c != '-',
        None => true,
    }
}

fn address(token: &str, start: usize) -> Option<Found> {
    let head = token.trim_end_matches(['.', ':', '*']);
    // A mask of asterisks may end an address; a bullet or a full stop may not.
    let whole = token.trim_end_matches(['.', ':']);
    let found = |address: &str, port: Option<u16>, length: usize| Found { address: address.to_owned(), port, start, end: start + length };
    if head.parse::<IpAddr>().is_ok() {
        return Some(found(head, None, head.len()));
    }
    if let Some((ip, port)) = whole.rsplit_once(':')
        && is_v4(ip)
        && let Ok(port) = port.parse()
    {
        return Some(found(ip, Some(port).filter(|p| *p > 0), whole.len()));
    }
    if let Some((ip, port)) = whole.rsplit_once('.')
        && ip.parse::<std::net::Ipv4Addr>().is_ok()
        && let Ok(port) = port.parse()
    {
        return Some(found(ip, Some(port).filter(|p| *p > 0), whole.len()));
    }
    is_v4(whole).then(|| found(whole, None, whole.len()))
}

/// Four parts, each a number or a mask, at least one of them a number.
fn is_v4(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let mask = |p: &str| !p.is_empty() && p.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '■' | '＊'));
    let number = |p: &str| p.parse::<u8>().is_ok();
    parts.len() == 4 && parts.iter().all(|p| mask(p) || number(p)) && parts.iter().any(|p| number(p))
}

/// Whether an address of ours, perhaps masked, can be this address.
pub(crate) fn same(ours: &str, other: &str) -> bool {
    if ours == other {
        return true;
    }
    if let (Ok(a), Ok(b)) = (ours.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        return a == b;
    }
    if !is_masked(ours) && !is_masked(other) {
        return false;
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (ours.split('.').collect(), other.split('.').collect());
    a.len() == 4 && b.len() == 4 && a.iter().zip(&b).all(|(x, y)| x == y || x.parse::<u8>().is_err() || y.parse::<u8>().is_err())
}

/// Whether an address cannot be the far end of anything.
pub(crate) fn is_nowhere(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified() || ip.is_loopback() || ip.is_multicast()) || address == "255.255.255.255"
}

/// A longer URL is cut.
const MOST_URL: usize = 2_048;

/// All absolute URLs of a (refanged) text with the place at which they begin. One inside another is a part of it.
pub(crate) fn urls(text: &str) -> Vec<(usize, String)> {
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<usize> =
        ["http://", "https://", "ftp://"].iter().flat_map(|scheme| lower.match_indices(scheme).map(|(at, _)| at)).collect();
    starts.sort_unstable();
    let mut found = Vec::new();
    let mut resume = 0;
    for at in starts {
        if at >= resume
            && let Some(url) = text.get(at..).and_then(url_at)
        {
            resume = at + url.len();
            found.push((at, url.to_owned()));
        }
    }
    found
}

/// The URL that a text begins with.
fn url_at(text: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '|' | '`' | '^') || !c.is_ascii();
    let end = text.char_indices().find(|(at, c)| *at >= MOST_URL || ends(*c)).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end)?;
    // A bracket belongs to an IPv6 host only.
    let scheme = text.find("://")? + 3;
    let tail = text.get(scheme..)?;
    let cut = if tail.starts_with('[') { tail.len() } else { tail.find(['[', ']']).unwrap_or(tail.len()) };
    let url = text.get(..scheme + cut)?.trim_end_matches(['.', ',', ';', ':', '!', '\'', ']', '*']);
    let url = if url.contains('(') { url } else { url.trim_end_matches([')', '.']) };
    host(url).is_some_and(|h| !h.is_empty()).then_some(url)
}

/// The host of a URL, lower-case, without user and port.
pub(crate) fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host.split_inclusive(']').next()? } else { host.split(':').next()? };
    Some(host.trim_end_matches('.').to_ascii_lowercase())
}

/// Host names of a text: labels with dots whose last is alphabetic. Not those inside URLs and mail addresses, and no file names.
pub(crate) fn hosts(text: &str) -> Vec<String> {
    const FILES: [&str; 18] =
        ["php", "html", "htm", "js", "css", "sh", "py", "exe", "txt", "log", "jpg", "png", "zip", "gz", "json", "xml", "cgi", "asp"];
    let mut found = Vec::new();
    for token in
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '(' | ')' | '[' | ']' | '<' | '>' | '|' | '='))
    {
        let token = token.strip_suffix("/tcp").or_else(|| token.strip_suffix("/udp")).unwrap_or(token);
        if token.contains("://") || token.contains('@') || token.contains('/') {
            continue;
        }
        let token = token.trim_matches(['.', ':', '!', '?']).split(':').next().unwrap_or_default();
        let labels: Vec<&str> = token.split('.').collect();
        let (Some(top), true) = (labels.last(), labels.len() >= 2) else { continue };
        let fits = labels.iter().all(|l| {
            !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') && !l.starts_with('-')
        });
        let top_fits = top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_lowercase()) || top.starts_with("xn--"));
        if fits && top_fits && token.len() <= 253 && !FILES.contains(top) && !found.iter().any(|f| f == token) {
            found.push(token.to_owned());
        }
    }
    found
}

/// `17` as `udp`, `TCP` as `tcp`; any other number stays one.
pub(crate) fn protocol(text: &str) -> Option<String> {
    let token = text.trim().trim_matches(['(', ')', ',', ';']).to_ascii_lowercase();
    match token.as_str() {
        "6" | "tcp" | "ssh" | "http" | "https" | "smtp" => Some("tcp".to_owned()),
        "17" | "udp" => Some("udp".to_owned()),
        "1" | "icmp" | "icmpv6" | "58" => Some("icmp".to_owned()),
        number if number.parse::<u8>().is_ok() => Some(number.to_owned()),
        _ => None,
    }
}

/// `22, 80/TCP, 30303/UDP` as protocol and port. A range such as `1-1024` is no single port and is left out.
pub(crate) fn ports(text: &str) -> Vec<(Option<String>, u16)> {
    text.split([',', ';', ' ', '\t', '\n'])
        .filter_map(|item| {
            let item = item.trim().trim_matches(['(', ')', '[', ']', '.']);
            let (a, b) = item.split_once(['/', ':']).unwrap_or((item, ""));
            let (port, proto) = if let Ok(port) = a.parse() { (port, protocol(b)) } else { (b.parse().ok()?, protocol(a)) };
            (port > 0).then_some((proto, port))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(String, Option<u16>)> {
        find(text).into_iter().map(|f| (f.address, f.port)).collect()
    }

    #[test]
    fn addresses_are_found_whole_and_masked() {
        for (text, address, port) in [
            ("from 192.0.2.1.", "192.0.2.1", None),
            ("[203.0.xxx.xxx]", "203.0.xxx.xxx", None),
            ("IP 192.0.2.1.40000: x", "192.0.2.1", Some(40_000)),
            ("DST=192.0.2.9", "192.0.2.9", None),
            ("192.0.2.1:80,", "192.0.2.1", Some(80)),
            ("to 2001:db8::7:", "2001:db8::7", None),
            ("http://192.0.2.1/x", "192.0.2.1", None),
            ("192.0.2.** [x]", "192.0.2.**", None),
        ] {
            assert_eq!(list(text), [(address.to_owned(), port)], "{text}");
        }
        for text in
            ["Chrome/120.0.0.0", "41.0.2226.0", "12:34:56", "v1.2.3.4", "face", "a:b", "MAC=00:16:3e:aa:bb:cc:00:16:3e:aa:bb:cc:08:00"]
        {
            assert_eq!(list(text), [], "{text}");
        }
    }

    #[test]
    fn masked_addresses_match() {
        assert!(same("203.0.xxx.xxx", "203.0.1.2"));
        assert!(!same("203.0.xxx.xxx", "203.9.1.2"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn url_and_host() {
        assert_eq!(urls("see (http://a.example.com/x?y=1). And https://u@b.example.net:8443/z,").len(), 2);
        assert_eq!(host("https://user@B.example.net:8443/z").as_deref(), Some("b.example.net"));
        assert_eq!(urls("(https://aws.amazon.com/aup/).")[0].1, "https://aws.amazon.com/aup/");
    }

    #[test]
    fn port_lists() {
        assert_eq!(ports("22, 80/TCP, 30303/UDP, 1-1024"), [(None, 22), (Some("tcp".to_owned()), 80), (Some("udp".to_owned()), 30_303)]);
        assert_eq!(protocol("17").as_deref(), Some("udp"));
    }
}
