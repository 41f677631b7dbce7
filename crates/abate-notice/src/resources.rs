//! Resources in text: instance, interface and gateway ids, ARNs, load balancers, buckets, keys. An id may be masked. Which
//! of them are accused is not decided here.

use abate_model::{Resource, ResourceKind, is_masked};

use crate::addresses;
use crate::regions;

/// A resource with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// the resource, with the addresses in brackets behind it
    pub resource: Resource,
    /// the account that an ARN names
    pub account: Option<String>,
    /// the Region that an ARN or host name names
    pub region: Option<String>,
    /// first byte
    pub start: usize,
    /// behind its last byte, brackets included
    pub end: usize,
}

/// A resource without addresses.
pub(crate) fn resource(kind: ResourceKind, id: &str) -> Resource {
    Resource { kind, id: id.to_owned(), addresses: Vec::new(), masked: is_masked(id) || id.contains("<<") }
}

/// All resources of a text that are recognisable by their form.
pub(crate) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        // Japanese words stand against an id without a blank; only masks are part of one.
        let mask = matches!(c, '■' | '●' | '…' | '＊' | '█');
        let part = mask || (c.is_ascii_graphic() && !matches!(c, ',' | ';' | '"' | '\'' | '(' | ')' | '[' | ']' | '{' | '}' | '|'));
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                if let Some(mut one) = text.get(from..at).and_then(|token| labelled(token, from)) {
                    brackets(text, &mut one);
                    found.push(one);
                }
            }
            _ => {}
        }
    }
    found
}

/// `verified domain mail.example.com`: what Amazon SES names.
pub(crate) fn sending_identities(text: &str) -> Vec<Found> {
    let plain = text.split_whitespace().collect::<Vec<_>>();
    let mut found: Vec<Found> = Vec::new();
    for words in plain.windows(3) {
        let [verified, kind, name] = words else { continue };
        let leads = verified.eq_ignore_ascii_case("verified") || verified.eq_ignore_ascii_case("sending");
        let leads = leads || verified.eq_ignore_ascii_case("the") && kind.eq_ignore_ascii_case("domain");
        let domain = kind.eq_ignore_ascii_case("domain") || kind.eq_ignore_ascii_case("identity");
        if let (true, Some(host)) = (leads && domain, addresses::hosts(name).into_iter().next())
            && !found.iter().any(|f| f.resource.id == host)
        {
            found.push(Found { resource: resource(ResourceKind::Domain, &host), account: None, region: None, start: 0, end: 0 });
        }
    }
    found
}

/// `WordPress-4 in ap-northeast-3` where a sentence lists what is implicated: names that are no ids.
pub(crate) fn named_with_region(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(" in ") {
        let region =
            text.get(at + 4..).unwrap_or_default().split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        let start = before.rfind(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '(')).map_or(0, |n| n + 1);
        let name = before.get(start..).unwrap_or_default();
        // A word of the sentence has neither digit nor hyphen.
        let fits = name.len() >= 3
            && name.contains(|c: char| c.is_ascii_alphabetic())
            && name.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_'));
        if regions::is_code(region) && fits && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            found.push(Found {
                resource: resource(ResourceKind::Lightsail, name),
                account: None,
                region: Some(region.to_owned()),
                start,
                end: at,
            });
        }
    }
    found
}

/// The longest name of a Lightsail instance.
const MOST_NAME: usize = 255;

/// More characters do not stand in a bracket: two dozen addresses.
const MOST_INSIDE: usize = 1_000;

/// Names with an address in brackets behind them: AWS names only Lightsail instances so.
pub(crate) fn named_with_address(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('[') {
        let before = text.get(..at).unwrap_or_default().trim_end();
        // No farther back than a name is long: a text may be one word of brackets.
        let mut near = before.char_indices().rev().take(MOST_NAME + 1);
        let stop = near.find(|(_, c)| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '('));
        let start = stop.map_or(0, |(n, c)| n + c.len_utf8());
        let name = before.get(start..).unwrap_or_default();
        let fits = (2..=MOST_NAME).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && name.contains(|c: char| c.is_ascii_alphabetic());
        if !fits {
            continue;
        }
        let mut one =
            Found { resource: resource(ResourceKind::Lightsail, name), account: None, region: None, start, end: start + name.len() };
        brackets(text, &mut one);
        if !one.resource.addresses.is_empty() {
            found.push(one);
        }
    }
    found
}

/// `your bucket media-archive-example`: a bucket by its bare name (3 to 63 small letters, digits, hyphens and dots: S3's naming rules);
/// a name without hyphen, dot or digit could be any word.
pub(crate) fn named_buckets(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, lead) in ["your bucket ", "the bucket ", "s3 bucket ", "bucket named ", "bucket: "]
        .iter()
        .flat_map(|lead| text.to_ascii_lowercase().match_indices(lead).map(|(at, _)| (at, lead.len())).collect::<Vec<_>>())
    {
        let rest = text.get(at + lead..).unwrap_or_default();
        let start = at + lead + (rest.len() - rest.trim_start_matches(['"', '\'', '`', '\u{201c}']).len());
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
        let fits = (3..=63).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'))
            && !regions::is_code(name);
        if fits {
            let end = start + name.len();
            found.push(Found { resource: resource(ResourceKind::S3Bucket, name), account: None, region: None, start, end });
        }
    }
    found
}

/// A token, also with a label glued to it (`Id:i-0abc`).
fn labelled(token: &str, from: usize) -> Option<Found> {
    let trimmed = token.trim_end_matches(['.', ':', '!', '?']);
    recognise(trimmed, from).or_else(|| {
        if trimmed.starts_with("arn:") || trimmed.contains("://") {
            return None;
        }
        let (label, rest) = trimmed.rsplit_once([':', '='])?;
        recognise(rest, from + label.len() + 1)
    })
}

fn recognise(token: &str, start: usize) -> Option<Found> {
    let found = |kind, id: &str| Found { resource: resource(kind, id), account: None, region: None, start, end: start + token.len() };
    if token.starts_with("arn:") {
        return Some(arn(token, start));
    }
    for (prefix, kind) in [
        ("i-", ResourceKind::Ec2Instance),
        ("eni-", ResourceKind::NetworkInterface),
        ("nat-", ResourceKind::NatGateway),
        ("eipalloc-", ResourceKind::ElasticIp),
    ] {
        if let Some(rest) = token.strip_prefix(prefix)
            && is_id(rest)
        {
            return Some(found(kind, token));
        }
    }
    if is_distribution(token) {
        return Some(found(ResourceKind::CloudFront, token));
    }
    if is_access_key(token) {
        return Some(found(ResourceKind::AccessKey, token));
    }
    let lower = token.trim_end_matches('/').to_ascii_lowercase();
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).split('/').next().unwrap_or_default();
    if (bare.ends_with(".elb.amazonaws.com") || bare.contains(".elb.")) && bare.ends_with(".amazonaws.com") {
        let mut one = found(ResourceKind::LoadBalancer, bare);
        one.region = bare.split('.').find(|part| regions::is_code(part)).map(str::to_owned);
        return Some(one);
    }
    bucket(token, &lower, bare).map(|name| found(ResourceKind::S3Bucket, &name))
}

fn bucket(token: &str, lower: &str, bare: &str) -> Option<String> {
    if lower.starts_with("s3://") {
        return token.get(5..)?.split('/').next().filter(|n| !n.is_empty()).map(str::to_owned);
    }
    let (name, rest) = bare.split_once(".s3")?;
    ((rest.starts_with('.') || rest.starts_with('-')) && rest.ends_with("amazonaws.com") && !name.is_empty()).then(|| name.to_owned())
}

/// Eight or seventeen hexadecimal digits, four in AWS's own examples, or any mask of such.
fn is_id(rest: &str) -> bool {
    let hex = rest.bytes().all(|b| b.is_ascii_hexdigit());
    let masked = rest.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, 'x' | 'X' | '*' | '■' | '●' | '…' | '.')) && is_masked(rest);
    (hex && matches!(rest.len(), 8 | 17)) || (masked && rest.chars().count() >= 2)
}

/// A CloudFront distribution's id: `E` and eleven to thirteen more capitals and digits, both among them.
fn is_distribution(token: &str) -> bool {
    token.starts_with('E')
        && (12..=14).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && token.bytes().any(|b| b.is_ascii_digit())
}

/// `AKIA…` or `ASIA…`: twenty characters, or a masked form of one, also `****-****-WBAA`.
fn is_access_key(token: &str) -> bool {
    let alphabet = token.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X' | '■' | '.' | '…'));
    let prefixed = token.starts_with("AKIA") || token.starts_with("ASIA");
    let whole = token.len() == 20 && token.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (prefixed && alphabet && (whole || is_masked(token)))
        || (token.starts_with("****-") && token.len() >= 9 && token.ends_with(|c: char| c.is_ascii_uppercase()))
}

fn arn(token: &str, start: usize) -> Found {
    let parts: Vec<&str> = token.splitn(6, ':').collect();
    let part = |n: usize| parts.get(n).copied().unwrap_or_default();
    let rest = part(5);
    let name = rest.rsplit(['/', ':']).next().unwrap_or_default();
    let (kind, id) = match part(2) {
        "ec2" if rest.starts_with("instance/") => (ResourceKind::Ec2Instance, name),
        "ec2" if rest.starts_with("network-interface/") => (ResourceKind::NetworkInterface, name),
        "ec2" if rest.starts_with("natgateway/") => (ResourceKind::NatGateway, name),
        "ec2" if rest.starts_with("elastic-ip/") => (ResourceKind::ElasticIp, name),
        "cloudfront" => (ResourceKind::CloudFront, name),
        "s3" => (ResourceKind::S3Bucket, rest.split('/').next().unwrap_or_default()),
        "iam" | "sts" if rest.starts_with("user/") => (ResourceKind::IamUser, name),
        "iam" if rest.starts_with("role/") => (ResourceKind::IamRole, name),
        "elasticloadbalancing" => (ResourceKind::LoadBalancer, token),
        "lightsail" => (ResourceKind::Lightsail, token),
        "ecs" => (ResourceKind::EcsTask, token),
        _ => (ResourceKind::Other, token),
    };
    let id = if id.is_empty() { token } else { id };
    let account = Some(part(4)).filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned);
    let region = Some(part(3)).filter(|r| regions::is_code(r)).map(str::to_owned);
    Found { resource: resource(kind, id), account, region, start, end: start + token.len() }
}

/// Addresses in brackets directly behind a resource are its own.
fn brackets(text: &str, found: &mut Found) {
    let Some(rest) = text.get(found.end..) else { return };
    // "eni-… with the address 203.0.113.9".
    let words: Vec<&str> = rest.split_whitespace().take(4).collect();
    let spelled = match words.as_slice() {
        ["with", "the", "address", address, ..] | ["with", "address", address, ..] | ["at", "address", address, ..] => Some(*address),
        _ => None,
    };
    if let Some(one) = spelled.and_then(|a| addresses::find(a).into_iter().next()) {
        found.resource.masked |= is_masked(&one.address);
        found.resource.addresses = vec![one.address];
        return;
    }
    // The bracket may have been wrapped onto the next line.
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n']).len();
    if rest.get(..blanks).is_some_and(|b| b.matches('\n').count() > 1) {
        return;
    }
    let (open, close) = match rest.trim_start_matches([' ', '\t', '\n']).chars().next() {
        Some('[') => ('[', ']'),
        Some('(') => ('(', ')'),
        Some('（') => ('（', '）'),
        _ => return,
    };
    // A bracket that is never closed is not followed to the end of the text.
    let opened = rest.get(blanks..).and_then(|r| r.strip_prefix(open)).unwrap_or_default();
    let Some(end) = opened.char_indices().take(MOST_INSIDE).find(|(_, c)| *c == close).map(|(n, _)| n) else { return };
    let inside = opened.get(..end).unwrap_or_default();
    let own: Vec<String> = addresses::find(inside).into_iter().map(|a| a.address).collect();
    if own.is_empty() && !(is_masked(inside) && inside.len() < 40 && !inside.contains(' ')) {
        return;
    }
    found.end += blanks + inside.len() + open.len_utf8() + close.len_utf8();
    found.resource.addresses = if own.is_empty() { vec![inside.to_owned()] } else { own };
    found.resource.masked |= found.resource.addresses.iter().any(|a| is_masked(a));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ResourceKind::*;

    #[test]
    fn every_kind() {
        for (text, kind, id) in [
            ("i-1a2b3c4e", Ec2Instance, "i-1a2b3c4e"),
            ("Id:i-0b1c2d3e4f5a6b7c8,", Ec2Instance, "i-0b1c2d3e4f5a6b7c8"),
            ("i-0e51xxxxxxxx3", Ec2Instance, "i-0e51xxxxxxxx3"),
            ("i-xxxxxxxx", Ec2Instance, "i-xxxxxxxx"),
            ("eni-0123456789abcdef0", NetworkInterface, "eni-0123456789abcdef0"),
            ("nat-0123456789abcdef0", NatGateway, "nat-0123456789abcdef0"),
            ("web-1.eu-west-1.elb.amazonaws.com", LoadBalancer, "web-1.eu-west-1.elb.amazonaws.com"),
            ("web-1.elb.eu-west-1.amazonaws.com", LoadBalancer, "web-1.elb.eu-west-1.amazonaws.com"),
            ("key AKIAIOSFODNN7EXAMPLE.", AccessKey, "AKIAIOSFODNN7EXAMPLE"),
            ("****-****-WBAA", AccessKey, "****-****-WBAA"),
            ("s3://my-bucket/x", S3Bucket, "my-bucket"),
            ("https://my-bucket.s3.us-east-1.amazonaws.com/x", S3Bucket, "my-bucket"),
            ("arn:aws:cloudfront::111122223333:distribution/E1", CloudFront, "E1"),
            ("arn:aws:ec2:us-east-1:111122223333:instance/i-abcd1111", Ec2Instance, "i-abcd1111"),
            ("arn:aws:iam::111122223333:user/deploy", IamUser, "deploy"),
            ("arn:aws:s3:::my-bucket", S3Bucket, "my-bucket"),
            ("arn:ec2-1-101002929", Other, "arn:ec2-1-101002929"),
        ] {
            let found = find(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert_eq!((found[0].resource.kind, found[0].resource.id.as_str()), (kind, id), "{text}");
        }
    }

    #[test]
    fn brackets_hold_our_own_addresses() {
        let found = find("EC2 Instance Id: i-0d1e2f3a4b5c6d7e8 [203.0.xxx.xxx] and i-0123456789abcdef0 (203.0.113.9)");
        assert_eq!(found[0].resource.addresses, ["203.0.xxx.xxx"]);
        assert!(found[0].resource.masked);
        assert_eq!(found[1].resource.addresses, ["203.0.113.9"]);
        assert!(!found[1].resource.masked);
    }

    #[test]
    fn words_are_no_resources() {
        for text in [
            "i-frame",
            "Security Groups User Guide: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/x.html",
            "i-1",
            "AKIA",
            "nat-gateway",
        ] {
            assert_eq!(find(text), Vec::new(), "{text}");
        }
    }
}
