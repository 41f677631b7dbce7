//! The reporter's part: where it begins, and what it says of times, remote ends and URLs. Everything in it can be written by an
//! attacker; it never names resources or accounts of ours.

use abate_model::{Category, Remote, Resource, ZoneCertainty};
use jiff::Timestamp;

use crate::addresses::{self, is_nowhere, same};
use crate::categories;
use crate::fields::{self, Field, Key};
use crate::links;
use crate::text::{normal, push_new, refang};
use crate::times::{self, Assumed, Found};
use crate::zones;

/// More remote ends than this are not listed one by one; the report itself is kept whole.
pub(crate) const MOST_REMOTES: usize = 500;

/// A notice's text in two.
pub(crate) struct Split {
    /// AWS's own words
    pub aws: String,
    /// the reporter's, without the delimiter
    pub reporter: Option<String>,
}

/// Parts AWS's words from the reporter's.
pub(crate) fn split(text: &str) -> Split {
    let lines: Vec<&str> = text.lines().collect();
    let (start, skip) = match (delimiter(&lines), behind_signature(&lines)) {
        (Some(at), _) => (at, usize::from(!carries_values(lines.get(at).copied().unwrap_or_default()))),
        (None, Some(at)) => (at, 0),
        (None, None) => return Split { aws: text.to_owned(), reporter: None },
    };
    let rest = lines.get(start + skip..).unwrap_or_default();
    let end = rest.iter().position(|line| normal(line).contains("end of forwarded report")).unwrap_or(rest.len());
    let (reporter, after) = rest.split_at(end);
    let mut aws = lines.get(..start).unwrap_or_default().join("\n");
    if let Some(after) = after.get(1..).filter(|a| !a.is_empty()) {
        aws.push('\n');
        aws.push_str(&after.join("\n"));
    }
    let reporter = reporter.join("\n").trim_matches('\n').to_owned();
    Split { aws, reporter: (!reporter.trim().is_empty()).then_some(reporter) }
}

/// The line at which the reporter's part begins, as the notice marks it.
pub(crate) fn delimiter(lines: &[&str]) -> Option<usize> {
    lines.iter().position(|line| {
        let plain = normal(line);
        let bare = plain.trim_start_matches(['-', '=', '*', ' ', '>', '#']);
        bare.starts_with("beginning of forwarded report")
            || bare.starts_with("additional abuse report information provided by")
            || bare.starts_with("original report:")
            || bare.starts_with("original abuse report")
            || carries_values(line)
    })
}

/// A log label begins the reporter's part and belongs to it.
fn carries_values(line: &str) -> bool {
    let plain = normal(line);
    let bare = plain.trim_start_matches(['*', '-', ' ', '>']);
    bare.starts_with("log extract:") || bare.starts_with("logs:") || bare.starts_with("logs (4kb max)")
}

/// Without a delimiter, what follows AWS's signature is the reporter's.
fn behind_signature(lines: &[&str]) -> Option<usize> {
    let mut signed = false;
    let mut greeting = None;
    for (number, line) in lines.iter().enumerate() {
        let plain = normal(line);
        if plain.is_empty() {
            continue;
        }
        // The details of the oldest family stand below the signature and are AWS's own list.
        if plain.starts_with("==") && plain.contains("details") {
            return None;
        }
        if signed {
            let ours = plain.starts_with("case ")
                || plain.contains("amazon web services")
                || plain.contains("amazon.com")
                || plain.starts_with("https://")
                || plain.contains("trust & safety")
                || plain.contains("trust and safety")
                || plain.chars().all(|c| matches!(c, '-' | '=' | '_' | '*' | ' '))
                || plain.starts_with('[');
            if !ours {
                // A word or two is a footer.
                let rest = lines.get(number..).unwrap_or_default().iter().map(|l| l.trim().len()).sum::<usize>();
                return (rest >= 20).then_some(number);
            }
        } else if matches!(
            plain.trim_end_matches([',', '.', '!']),
            "regards" | "best regards" | "kind regards" | "sincerely" | "thank you" | "thanks"
        ) {
            greeting = Some(number);
        } else if let Some(at) = greeting {
            signed = number <= at + 3 && plain.len() < 60 && (plain.contains("aws") || plain.contains("amazon"));
            if !signed {
                greeting = None;
            }
        }
    }
    None
}

/// What a report says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// first and last time with the zone
    pub times: Option<Span>,
    /// far ends of the traffic
    pub remote: Vec<Remote>,
    /// URLs
    pub urls: Vec<String>,
}

/// The first and the last of several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// first
    pub from: Timestamp,
    /// last
    pub to: Timestamp,
    /// zone as written, of the first
    pub zone: Option<String>,
    /// the least certain of all
    pub certainty: ZoneCertainty,
}

impl Span {
    /// The span of several times. Where some carry a zone and some do not, those without are left out: they may lie hours off.
    pub fn of(found: &[Found]) -> Option<Self> {
        let stated = found.iter().any(|f| f.certainty == ZoneCertainty::Stated);
        let used: Vec<&Found> = found.iter().filter(|f| !stated || f.certainty == ZoneCertainty::Stated).collect();
        let first = used.iter().min_by_key(|f| f.at)?;
        let to = used.iter().map(|f| f.until).max()?;
        let certainty = used.iter().map(|f| f.certainty).max().unwrap_or_default();
        Some(Self { from: first.at, to, zone: first.zone.clone(), certainty })
    }
}

/// Reads a report about one resource.
pub(crate) fn read(text: &str, resource: Option<&Resource>, all: &[Resource], reference: Timestamp) -> Report {
    let whole = refang(text);
    let assumed = Assumed { zone: zones::remark(&whole), ..Assumed::of("", reference) };
    let part = about(&whole, resource, all);
    let fields = fields::read(&part);
    let ours: Vec<&str> = all.iter().flat_map(|r| r.addresses.iter().map(String::as_str).chain([r.id.as_str()])).collect();
    Report { times: Span::of(&all_times(&part, &fields, &assumed)), remote: remotes(&part, &fields, &ours), urls: urls(&part, &ours) }
}

/// The category that a report speaks of.
pub(crate) fn category(text: &str) -> Option<Category> {
    let fields = fields::read(text);
    fields
        .iter()
        .filter(|f| matches!(f.key, Key::Activity | Key::Vulnerability))
        .find_map(|f| categories::of_short_name(&f.value))
        .or_else(|| categories::phrases(text).first().map(|m| m.category))
        .or_else(|| feedback(text))
        .or_else(|| categories::of_keywords(text))
}

/// A feedback report of a mail provider (RFC 5965) is about unsolicited mail unless it says otherwise.
fn feedback(text: &str) -> Option<Category> {
    let plain = normal(text);
    let kind = plain.split_once("feedback-type: ")?.1.split(' ').next()?;
    Some(match kind {
        "virus" => Category::Malware,
        "fraud" => Category::Phishing,
        _ => Category::Spam,
    })
}

/// Addresses that a third party's own report accuses: in its fields, else in its subject.
pub(crate) fn accused_addresses(text: &str, subject: &str) -> Vec<String> {
    let fields = fields::read(text);
    let mut found = Vec::new();
    for field in fields.iter().filter(|f| f.key == Key::OwnAddress) {
        addresses::find(&refang(&field.value)).into_iter().for_each(|a| push_new(&mut found, a.address));
    }
    if found.is_empty() {
        addresses::find(&refang(subject)).into_iter().for_each(|a| push_new(&mut found, a.address));
    }
    found.truncate(50);
    found
}

/// The lines about one resource where a report tells them apart, else all.
fn about(text: &str, resource: Option<&Resource>, all: &[Resource]) -> String {
    let Some(resource) = resource.filter(|_| all.len() > 1) else { return text.to_owned() };
    let names = |r: &Resource, line: &str| {
        line.contains(&r.id) || addresses::find(line).iter().any(|a| r.addresses.iter().any(|o| same(o, &a.address)))
    };
    let own: Vec<&str> = text.lines().filter(|line| names(resource, line)).collect();
    if !own.is_empty() {
        return own.join("\n");
    }
    text.lines().filter(|line| !all.iter().any(|r| names(r, line))).collect::<Vec<_>>().join("\n")
}

fn all_times(text: &str, fields: &[Field], assumed: &Assumed) -> Vec<Found> {
    let mut found = Vec::new();
    found.extend(form_time(fields, assumed));
    let (mut events, mut headers) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let into = if is_header(line) { &mut headers } else { &mut events };
        into.extend(times::find_all(line, assumed));
    }
    found.extend(events);
    if found.is_empty() { headers } else { found }
}

/// When a report was written or received says nothing about when the abuse was.
fn is_header(line: &str) -> bool {
    let plain = normal(line);
    [
        "date:",
        "received:",
        "sent:",
        "resent-date:",
        "x-",
        "report generated",
        "generated",
        "reported at",
        "report date",
        "for <",
        "by ",
        "id ",
    ]
    .iter()
    .any(|start| plain.starts_with(start))
}

/// AWS's abuse form has date, time and zone in three fields.
fn form_time(fields: &[Field], assumed: &Assumed) -> Option<Found> {
    let value = |key: Key| fields.iter().find(|f| f.key == key).map(|f| f.value.as_str());
    let date = value(Key::Date)?;
    let clock = value(Key::Clock).or_else(|| value(Key::Time)).and_then(times::clock_of);
    times::of_parts(date, clock, value(Key::Zone).and_then(times::zone_of), assumed)
}

fn remotes(text: &str, fields: &[Field], ours: &[&str]) -> Vec<Remote> {
    let is_ours = |a: &str| ours.iter().any(|o| same(o, a));
    let values = |key: Key| fields.iter().filter(move |f| f.key == key).map(|f| f.value.as_str());
    let named: Vec<String> =
        values(Key::RemoteAddress).flat_map(addresses::find).map(|a| a.address).filter(|a| !is_ours(a) && !is_nowhere(a)).collect();
    let ports: Vec<(Option<String>, u16)> = values(Key::RemotePort).flat_map(addresses::ports).collect();
    let protocol = values(Key::Protocol).find_map(addresses::protocol);
    let mut found = combine(&named, &ports, protocol.as_deref());
    let labelled: Vec<usize> = fields.iter().flat_map(|f| f.line..=f.last).filter(|_| !fields.is_empty()).collect();
    let columns = text.lines().any(|line| {
        let plain = normal(line);
        plain.contains("port") && ["scanned", "destination", "target", "dst", "remote"].iter().any(|w| plain.contains(w))
    });
    for (number, line) in text.lines().enumerate() {
        if found.len() >= MOST_REMOTES {
            break;
        }
        if labelled.contains(&number) && !fields.iter().any(|f| f.line == number && f.key == Key::Log) {
            continue;
        }
        for remote in of_line(line, ours, columns) {
            push_new(&mut found, remote);
        }
    }
    without_less(found)
}

/// The same far end with less said about it adds nothing.
pub(crate) fn without_less(mut found: Vec<Remote>) -> Vec<Remote> {
    let full = found.clone();
    let says_more = |more: &Remote, less: &Remote| {
        more != less
            && more.address == less.address
            && (less.port.is_none() || less.port == more.port)
            && (less.protocol.is_none() || less.protocol == more.protocol)
    };
    found.retain(|less| !full.iter().any(|more| says_more(more, less)));
    found
}

/// Each address with each port.
pub(crate) fn combine(named: &[String], ports: &[(Option<String>, u16)], protocol: Option<&str>) -> Vec<Remote> {
    let mut found = Vec::new();
    let protocol_of = |own: &Option<String>| own.clone().or_else(|| protocol.map(str::to_owned));
    let addresses: Vec<Option<String>> = if named.is_empty() { vec![None] } else { named.iter().cloned().map(Some).collect() };
    for address in &addresses {
        if ports.is_empty() && (address.is_some() || protocol.is_some()) {
            push_new(&mut found, Remote { address: address.clone(), port: None, protocol: protocol.map(str::to_owned) });
        }
        for (own, port) in ports {
            if found.len() < MOST_REMOTES {
                push_new(&mut found, Remote { address: address.clone(), port: Some(*port), protocol: protocol_of(own) });
            }
        }
    }
    found
}

/// Far ends on one line of a log excerpt.
fn of_line(line: &str, ours: &[&str], columns: bool) -> Vec<Remote> {
    let lower = line.to_ascii_lowercase();
    let found = addresses::find(line);
    let is_ours = |a: &str| ours.iter().any(|o| same(o, a));
    let about_us = found.iter().any(|a| is_ours(&a.address));
    let protocol = key_value(&lower, &["proto", "protocol"])
        .and_then(addresses::protocol)
        .or_else(|| ["tcp", "udp", "icmp"].into_iter().find(|p| crate::text::has_word(&lower, p)).map(str::to_owned));
    let port = key_value(&lower, &["dpt", "dport", "dst_port", "dstport", "dest_port", "destination_port"]).and_then(|p| p.parse().ok());
    let mut remotes = Vec::new();
    for one in &found {
        if is_ours(&one.address) || is_nowhere(&one.address) || is_source(&lower, one.start) {
            continue;
        }
        if !about_us && !is_destination(&lower, one.start) {
            continue;
        }
        let behind = lower.get(one.end..).unwrap_or_default();
        let column =
            columns.then(|| behind.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | ';')).find(|t| !t.is_empty())).flatten();
        let phrase =
            behind.trim_start().strip_prefix("port ").map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
        let said = phrase.or(column).and_then(|t| t.parse().ok());
        let port = one.port.or(port).or(said).filter(|p| *p > 0);
        remotes.push(Remote { address: Some(one.address.clone()), port, protocol: protocol.clone() });
    }
    remotes
}

fn key_value<'l>(lower: &'l str, keys: &[&str]) -> Option<&'l str> {
    keys.iter().find_map(|key| {
        crate::text::word_positions(lower, key).find_map(|at| {
            let rest = lower.get(at + key.len()..)?;
            let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix("\":")).or_else(|| rest.strip_prefix(':'))?;
            value.trim_start_matches(['"', ' ']).split(|c: char| !c.is_ascii_alphanumeric()).next()
        })
    })
}

/// Words that name the near end of the traffic, from which it came.
fn is_source(lower: &str, start: usize) -> bool {
    let before = lower.get(..start).unwrap_or_default().trim_end_matches([' ', '"', '[', '(']);
    [
        "src=",
        "src_ip=",
        "srcip=",
        "source=",
        "source:",
        "source ip:",
        "from",
        "rhost=",
        "client",
        "client:",
        "attacker:",
        "src_ip\":",
        "src:",
    ]
    .iter()
    .any(|word| before.ends_with(word))
}

/// Words that name the far end of the traffic.
fn is_destination(lower: &str, start: usize) -> bool {
    let before = lower.get(..start).unwrap_or_default().trim_end_matches([' ', '"', '[', '(']);
    [
        "dst=",
        "dst_ip=",
        "dstip=",
        "dest=",
        "destination=",
        "destination:",
        "destination ip:",
        "->",
        "target:",
        "target=",
        " to",
        "dest_ip\":",
        "dst:",
    ]
    .iter()
    .any(|word| before.ends_with(word))
        || before.ends_with('>') && !before.ends_with(">>")
}

fn urls(text: &str, ours: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        for (at, url) in addresses::urls(line) {
            // A `+` in front is how robots sign themselves in the user agent.
            let robot = line.get(..at).is_some_and(|b| b.ends_with('+'));
            let host = addresses::host(&url).unwrap_or_default();
            let own = ours.contains(&host.as_str());
            if !robot && (own || !links::is_aws(&host)) && found.len() < MOST_REMOTES {
                push_new(&mut found, url);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use abate_model::ResourceKind;

    fn ours() -> Vec<Resource> {
        let mut one = crate::resources::resource(ResourceKind::Ec2Instance, "i-0123456789abcdef0");
        one.addresses.push("203.0.113.7".to_owned());
        vec![one]
    }

    fn report(text: &str) -> Report {
        let ours = ours();
        read(text, ours.first(), &ours, "2026-01-05T00:00:00Z".parse().unwrap())
    }

    fn remote(text: &str) -> Vec<(Option<String>, Option<u16>, Option<String>)> {
        report(text).remote.into_iter().map(|r| (r.address, r.port, r.protocol)).collect()
    }

    #[test]
    fn far_ends_in_every_kind_of_excerpt() {
        for (line, address, port, protocol) in [
            (
                "Jan 2 10:00:00 fw IN=eth0 SRC=203.0.113.7 DST=198.51.100.9 PROTO=TCP SPT=40000 DPT=22",
                "198.51.100.9",
                Some(22),
                Some("tcp"),
            ),
            ("10:00:00.1 IP 203.0.113.7.40000 > 198.51.100.9.80: UDP, length 512", "198.51.100.9", Some(80), Some("udp")),
            ("203.0.113.7:40000 -> 198.51.100.9:3389 tcp", "198.51.100.9", Some(3389), Some("tcp")),
            ("Failed password for root from 203.0.113.7 port 40000 ssh2 to 198.51.100.9", "198.51.100.9", None, None),
            ("attacker ip / scanned ip / port\n203.0.113.7 198.51.100.9 8080", "198.51.100.9", Some(8080), None),
        ] {
            assert_eq!(remote(line), [(Some(address.to_owned()), port, protocol.map(str::to_owned))], "{line}");
        }
    }

    #[test]
    fn other_sources_and_versions_are_no_far_ends() {
        for line in [
            "198.51.100.9 - - [01/Jan/2026:00:00:00 +0000] \"GET /\" 200 1 \"-\" \"Chrome/120.0.0.0\"",
            "203.0.113.7 - - [01/Jan/2026:00:00:00 +0000] \"GET /\" 200 1 \"-\" \"Chrome/120.0.0.0\"",
            "Failed password for root from 198.51.100.9 port 40000 ssh2",
        ] {
            assert_eq!(remote(line), [], "{line}");
        }
    }

    #[test]
    fn labelled_lists_and_urls() {
        let report = report(
            "* Destination IPs: 198.51.100.9, 203.0.113.7\n* Destination Ports: 80, 443/TCP\n* Destination URLs: hxxp://a[.]example[.]com/x\n* Abuse Time: Mon Oct 12 21:20:00 UTC 2015",
        );
        assert_eq!(report.remote.len(), 2);
        assert_eq!(report.urls, ["http://a.example.com/x"]);
        assert_eq!(report.times.unwrap().from.to_string(), "2015-10-12T21:20:00Z");
    }

    #[test]
    fn times_of_writing_are_not_times_of_abuse() {
        let times = report("Date: Fri, 02 Jan 2026 12:00:00 +0000\n2026-01-01 10:00:00 UTC x\n2026-01-01 11:00:00 UTC y").times.unwrap();
        assert_eq!((times.from.to_string(), times.to.to_string()), ("2026-01-01T10:00:00Z".to_owned(), "2026-01-01T11:00:00Z".to_owned()));
        assert!(report("Date: Fri, 02 Jan 2026 12:00:00 +0000").times.is_some());
    }

    #[test]
    fn where_the_reporters_part_begins() {
        let split = split(
            "We've received\n\nRegards,\nAWS Trust & Safety\nCase number: 12345678901-1\n\n---Beginning of forwarded report(s)---\nx > y",
        );
        assert_eq!(split.reporter.as_deref(), Some("x > y"));
        let split = super::split("Hello\nBest regards,\nAWS Abuse Team\nCase Number: 12345678901\n\na log line of the reporter");
        assert_eq!(split.reporter.as_deref(), Some("a log line of the reporter"));
        assert_eq!(super::split("Hello\nRegards,\nAWS Trust & Safety\n").reporter, None);
    }
}
