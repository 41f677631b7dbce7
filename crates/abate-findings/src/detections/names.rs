//! Names in DNS: which domain one belongs to, and whether it looks made up.

/// Names below which machines ask with data in the name, as designed.
const SERVICES: &[&str] = &[
    "in-addr.arpa",
    "ip6.arpa",
    "spamhaus.org",
    "spamhaus.net",
    "spamcop.net",
    "barracudacentral.org",
    "surbl.org",
    "uribl.com",
    "senderbase.org",
    "sophosxl.net",
    "mcafee.com",
    "mailspike.net",
    "sorbs.net",
    "dnswl.org",
    "_domainkey",
    "amazonaws.com",
    "cloudfront.net",
    "awsdns",
    "elb.amazonaws",
    "compute.internal",
    "ec2.internal",
    "akamaiedge.net",
    "akadns.net",
    "trafficmanager.net",
    "googleusercontent.com",
    ".local",
    "acm-validations.aws",
];

/// Second-level names under which registrations are made.
const SECOND: &[&str] = &["co", "com", "net", "org", "ne", "or", "ac", "go", "gov", "edu", "ad", "gr"];

/// The part of a name that is registered: two labels, or three below `co.jp` and the like.
pub(super) fn domain_of(name: &str) -> &str {
    let dots: Vec<usize> = name.rmatch_indices('.').map(|(at, _)| at).take(3).collect();
    let label = |from: usize, to: usize| name.get(from + 1..to).unwrap_or_default();
    match *dots {
        [last, second, third] if SECOND.contains(&label(second, last)) && name.len() - last <= 3 => name.get(third + 1..).unwrap_or(name),
        [last, second] if SECOND.contains(&label(second, last)) && name.len() - last <= 3 => name,
        [_, second, ..] => name.get(second + 1..).unwrap_or(name),
        _ => name,
    }
}

/// Whether a name lies below a service that is asked with data in the name.
pub(super) fn is_service(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SERVICES.iter().any(|service| name.contains(service))
}

/// Whether a label looks made up: long, with hardly a vowel, or letters and digits in turn.
pub(super) fn is_made_up(label: &str) -> bool {
    let letters = label.bytes().filter(u8::is_ascii_alphabetic).count();
    if label.len() < 8 || letters == 0 || label.contains('-') || label.contains('_') {
        return false;
    }
    let vowels = label.bytes().filter(|b| b"aeiouyAEIOUY".contains(b)).count();
    let turns = label.as_bytes().windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit())).count();
    let mut run = 0;
    let mut longest = 0;
    for byte in label.bytes() {
        run = if byte.is_ascii_alphabetic() && !b"aeiouyAEIOUY".contains(&byte) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    vowels * 5 < letters || turns >= 4 || longest >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        assert_eq!(domain_of("a.b.example.com"), "example.com");
        assert_eq!(domain_of("www.example.co.jp"), "example.co.jp");
        assert_eq!(domain_of("example.co.jp"), "example.co.jp");
        assert_eq!(domain_of("localhost"), "localhost");
        assert_eq!(domain_of("x.t.co"), "t.co");
    }

    #[test]
    fn made_up_labels() {
        for label in ["xkqzvbtrplw", "q7w3e9r2t5", "hdfgkqwzbnm"] {
            assert!(is_made_up(label), "{label}");
        }
        for label in ["database1", "production", "web-frontend-01", "mail", "elasticsearch"] {
            assert!(!is_made_up(label), "{label}");
        }
    }
}
