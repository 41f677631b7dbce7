//! Links in AWS's part of a notice: which hosts AWS speaks from. Nothing is fetched.

use crate::addresses;
use crate::text::{push_new, refang};

/// Hosts under which AWS publishes; subdomains included. `amazonaws.com` is not among them: anyone can have a host there.
const AWS: &[&str] =
    &["amazon.com", "amazon.co.jp", "aws.com", "aws.dev", "repost.aws", "signin.aws", "marketplace.aws", "awscloud.com", "awsstatic.com"];

/// Public references that notices about vulnerabilities point to, and the places where exposed keys are found.
const REFERENCES: &[&str] = &[
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "nist.gov",
    "cve.org",
    "mitre.org",
    "cisa.gov",
    "us-cert.gov",
    "cert.org",
    "shadowserver.org",
    "ietf.org",
    "rfc-editor.org",
    "owasp.org",
];

/// Whether a host is AWS's own.
pub(crate) fn is_aws(host: &str) -> bool {
    AWS.iter().any(|domain| within(host, domain))
}

/// Whether a URL is one of AWS's own pages. What customers keep in their buckets is not.
pub(crate) fn is_page_of_aws(url: &str) -> bool {
    addresses::host(url).is_some_and(|host| is_aws(&host))
}

/// Whether a sentence names its URLs as what is reported, not as a place to go to.
pub(crate) fn is_reported(sentence: &str) -> bool {
    const OFFERS: [&str; 14] = [
        "sign in",
        "sign-in",
        "log in",
        "login at",
        "click",
        "visit",
        "go to",
        "follow",
        "verify",
        "restore your",
        "open the",
        "see ",
        "refer to",
        "confirm your",
    ];
    const REPORTS: [&str; 28] = [
        "was found",
        "anybody can read",
        "anyone can read",
        "could download",
        "could be downloaded",
        "still serves",
        "material",
        "available online",
        "publicly",
        "exposed",
        "reported",
        "hosting",
        "hosted",
        "seen",
        "content",
        "located at",
        "page is",
        "site is",
        "website",
        "copyright",
        "malware",
        "phishing",
        "distribut",
        "file",
        "object",
        "found at",
        "observed",
        "url",
    ];
    let words: Vec<&str> = sentence.split_whitespace().filter(|w| !w.contains("://")).collect();
    let plain = crate::text::normal(&words.join(" "));
    REPORTS.iter().any(|w| plain.contains(w)) && !OFFERS.iter().any(|w| plain.contains(w))
}

/// Whether a host is a domain or lies under it, by whole labels.
pub(crate) fn within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
}

/// Hosts of links that lead neither to AWS nor to a public reference. Defanged URLs and those in lines about reported URLs
/// are content, not links.
pub(crate) fn outside(aws_text: &str, hidden: &[String], reported: &[String]) -> Vec<String> {
    let mut hosts = Vec::new();
    let visible = aws_text
        .lines()
        .filter(|line| refang(line) == **line && !is_about_urls(line) && !is_reported(line))
        .flat_map(addresses::urls)
        .map(|(_, url)| url)
        .filter(|url| !reported.contains(url));
    let hidden = hidden.iter().filter(|link| link.to_ascii_lowercase().starts_with("http")).cloned();
    for url in visible.chain(hidden) {
        let host = addresses::host(&url).unwrap_or_default();
        if !host.is_empty() && !is_aws(&host) && !REFERENCES.iter().any(|d| within(&host, d)) {
            push_new(&mut hosts, host);
        }
    }
    hosts
}

fn is_about_urls(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    ["url:", "urls:", "url(s):", "reported content", "infringing"].iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_by_whole_label() {
        for host in ["aws.amazon.com", "docs.aws.amazon.com", "console.aws.amazon.com", "repost.aws", "amazon.com"] {
            assert!(is_aws(host), "{host}");
        }
        for host in
            ["notamazon.com", "amazon.com.example.net", "x.s3.amazonaws.com", "ec2-203-0-113-9.compute-1.amazonaws.com", "evilrepost.aws"]
        {
            assert!(!is_aws(host), "{host}");
        }
    }

    #[test]
    fn links_outside() {
        let text =
            "See https://aws.amazon.com/aup/ or http://aws-login.example.net/x\nURL: http://shop.example.com/\nhxxp://bad.example.org/";
        assert_eq!(outside(text, &["https://hidden.example.org/a".to_owned()], &[]), ["aws-login.example.net", "hidden.example.org"]);
    }
}
