//! Small readings of a mail's headers that `mail-auth` does not offer: names, dates, Received and Return-Path.
//!
//! Not a mail parser: what a reader of the mail is shown is read elsewhere.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use mail_auth::AuthenticatedMessage;

/// How much of a header is quoted.
const QUOTED: usize = 300;

/// Whether a raw header name is this one (in lower case).
pub(crate) fn name_is(raw: &[u8], name: &str) -> bool {
    raw.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
}

/// How often a header occurs.
pub(crate) fn count(message: &AuthenticatedMessage<'_>, name: &str) -> usize {
    message.headers.iter().filter(|(n, _)| name_is(n, name)).count()
}

/// The values of a header, top first, unfolded.
pub(crate) fn values<'m>(message: &'m AuthenticatedMessage<'_>, name: &'m str) -> impl Iterator<Item = String> + 'm {
    message.headers.iter().filter(move |(n, _)| name_is(n, name)).map(|(_, value)| unfolded(value))
}

/// A value on one line.
pub(crate) fn unfolded(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value, cut to a length fit for quoting.
pub(crate) fn shortened(value: &str) -> String {
    if value.chars().count() <= QUOTED {
        return value.to_owned();
    }
    value.chars().take(QUOTED).chain(['…']).collect()
}

/// The mail's Date; `None` if there is not exactly one that can be read.
pub(crate) fn date(message: &AuthenticatedMessage<'_>) -> Option<Timestamp> {
    let mut dates = values(message, "date");
    let (date, None) = (dates.next()?, dates.next()) else { return None };
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(&date).ok()
}

/// A server's record of taking in a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    /// what the peer called itself
    pub helo: String,
    /// the peer's address
    pub peer: IpAddr,
    /// the server that wrote it
    pub by: String,
}

/// Reads `from HELO (name [192.0.2.1]) by HOST …` and its variants.
pub(crate) fn hop(received: &str) -> Option<Hop> {
    let lower = received.to_ascii_lowercase();
    let from = lower.strip_prefix("from ")?;
    let start = lower.len() - from.len();
    let by = from.find(" by ").map(|at| start + at)?;
    let (said, rest) = (received.get(start..by)?, received.get(by + 4..)?);
    let helo = said.split_whitespace().next()?.trim_matches(['[', ']', '(', ')']);
    let host = rest.split([' ', ';']).next().unwrap_or_default();
    // The address in brackets or parentheses is the server's own observation; the last one, since HELO comes first, unless
    // it is marked as HELO (Exim).
    let seen = said.split_whitespace().filter(|word| !word.to_ascii_lowercase().trim_start_matches('(').starts_with("helo="));
    let peer = seen.flat_map(|word| word.split(['[', ']', '(', ')', '='])).filter_map(address).next_back()?;
    Some(Hop { helo: helo.to_ascii_lowercase(), peer, by: host.to_ascii_lowercase() })
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([',', ';']);
    let plain = text.get(..5).filter(|p| p.eq_ignore_ascii_case("ipv6:")).map_or(text, |p| text.get(p.len()..).unwrap_or(text));
    plain.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Whether an address can be that of a stranger: not of the machine itself or of a private network.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn received_headers() {
        for (text, helo, peer, by) in [
            (
                "from a9-1.smtp.example.net (a9-1.smtp.example.net. [192.0.2.9]) by mx.example.com with ESMTPS id x; Mon, 1 Jan 2024",
                "a9-1.smtp.example.net",
                "192.0.2.9",
                "mx.example.com",
            ),
            ("from helo.example ([IPv6:2001:db8::9]) by mx.example.com; x", "helo.example", "2001:db8::9", "mx.example.com"),
            ("from mx1.example (2001:db8::a) by MX2.example (2001:db8::b) with SMTP", "mx1.example", "2001:db8::a", "mx2.example"),
            ("from [198.51.100.7] (helo=friend) by mx.example.com", "198.51.100.7", "198.51.100.7", "mx.example.com"),
            ("from host ([198.51.100.7] helo=[192.0.2.250]) by mx.example.com", "host", "198.51.100.7", "mx.example.com"),
            ("from unknown (HELO friend) (203.0.113.5) by mx.example.com", "unknown", "203.0.113.5", "mx.example.com"),
            ("From spoof ([192.0.2.1]) (real.example [192.0.2.2]) by mx", "spoof", "192.0.2.2", "mx"),
        ] {
            let expected = Hop { helo: helo.to_owned(), peer: peer.parse().expect("an address"), by: by.to_owned() };
            assert_eq!(hop(text), Some(expected), "{text}");
        }
        for text in ["by 2001:db8::1 with SMTP id x", "from localhost by mx", "from", "", "from x (y) by"] {
            assert_eq!(hop(text), None, "{text}");
        }
    }

    #[test]
    fn public_addresses() {
        for ip in ["192.0.2.1", "8.8.8.8", "2001:db8::1"] {
            assert!(is_public(ip.parse().expect("an address")), "{ip}");
        }
        for ip in ["10.1.2.3", "127.0.0.1", "100.64.0.1", "::1", "fd00::1", "fe80::1", "0.0.0.0"] {
            assert!(!is_public(ip.parse().expect("an address")), "{ip}");
        }
    }
}
