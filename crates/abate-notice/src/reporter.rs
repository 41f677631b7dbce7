//! The reporter's part: where it begins, and what it says of times, remote ends and URLs. Everything in it can be written by an
//! attacker; it never names resources or accounts of ours.

use abate_model::{Category, Remote, Resource, ZoneCertainty};
use jiff::Timestamp;

use crate::addresses::{self, same};
use crate::categories;
use crate::ends;
use crate::fields::{self, Field, Key};
use crate::links;
use crate::table;
use crate::text::{names, normal, push_new, refang};
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
    let last_resource = lines.iter().rposition(|line| {
        let plain = normal(line);
        let bare = plain.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '*' | '-' | ' ' | '>'));
        ["instance id:", "ec2 instance id:", "implicated resource:", "network interface id:", "nat gateway id:"]
            .iter()
            .any(|w| bare.starts_with(w))
    });
    let first_log = lines.iter().position(|line| carries_values(line));
    // In numbered details each resource has its own log extract: the reporter's part does not begin with one of them.
    let detailed = last_resource.zip(first_log).is_some_and(|(resource, log)| resource > log);
    lines.iter().position(|line| {
        let plain = normal(line);
        let bare = plain.trim_start_matches(['-', '=', '*', ' ', '>', '#']);
        bare.starts_with("beginning of forwarded report")
            || bare.starts_with("additional abuse report information provided by")
            || bare.starts_with("original report:")
            || bare.starts_with("original abuse report")
            || (carries_values(line) && !detailed)
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

/// Reads a report about one resource: from the lines about it; what they do not say, from the lines about none; else from all.
pub(crate) fn read(text: &str, resource: Option<&Resource>, all: &[Resource], reference: Timestamp) -> Report {
    let whole = ends::rejoin_cells(&refang(text));
    let assumed = Assumed { zone: zones::remark(&whole), ..Assumed::of("", reference) };
    let whole = unwrap_records(&whole, &assumed);
    let ours: Vec<&str> = all.iter().flat_map(|r| r.addresses.iter().map(String::as_str).chain([r.id.as_str()])).collect();
    let mut report = Report::default();
    let all_fields = if all.len() > 1 && !names_sections(&whole, all) { fields::read(&whole) } else { Vec::new() };
    for part in parts(&whole, resource, all, &assumed) {
        let fields = fields::read(&part);
        if report.times.is_none() {
            report.times = Span::of(&all_times(&part, &fields, &assumed, &ours));
        }
        if report.remote.is_empty() {
            report.remote = ends::read(&part, &fields, &ours);
            // Far ends in fields of the whole report hold for every resource, beside those on its own lines.
            if !all_fields.is_empty() {
                ends::of_fields(&all_fields, &ours).into_iter().for_each(|r| push_new(&mut report.remote, r));
            }
            for line in table::comma_lines(&part, &assumed) {
                push_new(&mut report.remote, line.remote);
            }
            ends::imply(&whole, &mut report.remote);
            report.remote = without_less(report.remote);
        }
        if report.urls.is_empty() {
            report.urls = urls(&part, &ours);
        }
    }
    report
}

/// Records of a log that were wrapped, each on one line again: what follows a long line that begins with a time or a kind of report,
/// and begins with neither itself, is the rest of it.
fn unwrap_records(text: &str, assumed: &Assumed) -> String {
    const WRAPPED: usize = 45;
    let begins = |line: &str| {
        let bare = line.trim_start_matches(['>', '[', '(', '"', ' ', '\t']);
        let skipped = line.len() - bare.len();
        let timed = times::find_all(line, assumed).first().is_some_and(|t| t.range.start <= skipped + 4);
        let comma = line.split(',').count() >= 3 && line.split(',').next().is_some_and(categories::is_short_name);
        // An access log and a table begin with an address.
        timed || comma || addresses::find(bare).first().is_some_and(|a| a.start == 0)
    };
    let mut out: Vec<String> = Vec::new();
    let mut open: Option<usize> = None;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = None;
        } else if begins(line) {
            open = Some(line.trim_end().len());
        } else if let Some(length) = open
            && length >= WRAPPED
            && !fields::is_labelled(line)
            && !normal(line).starts_with("lines containing")
            && !line.trim_end().ends_with(':')
            && let Some(last) = out.last_mut()
        {
            last.push(' ');
            last.push_str(line.trim());
            open = Some(line.trim_end().len());
            continue;
        } else {
            open = None;
        }
        out.push(line.to_owned());
    }
    out.join("\n")
}

/// Whether far ends stand in sections of their own for each resource.
fn names_sections(text: &str, all: &[Resource]) -> bool {
    let fields = fields::read(text);
    let far = fields.iter().filter(|f| f.key == Key::RemoteAddress).count();
    let own = fields
        .iter()
        .filter(|f| f.key == Key::OwnAddress && all.iter().any(|r| r.addresses.iter().any(|a| f.value.contains(a.as_str()))))
        .count();
    // Numbered details each have their list of far ends, be it empty.
    let lists = text.lines().filter(|line| normal(line).trim_start_matches(['*', '-', ' ']).starts_with("destination ip")).count();
    (far > 1 && own > 1) || lists > 1
}

/// The text about one resource, then that about none in particular, then all of it; only the last where a report tells nothing
/// apart.
fn parts(text: &str, resource: Option<&Resource>, all: &[Resource], assumed: &Assumed) -> Vec<String> {
    let Some(resource) = resource.filter(|_| all.len() > 1) else { return vec![text.to_owned()] };
    let names = |r: &Resource, line: &str| {
        names(line, &r.id) || addresses::find(line).iter().any(|a| r.addresses.iter().any(|o| same(o, &a.address)))
    };
    let (mut own, mut common) = (Vec::new(), Vec::new());
    // A line that only names a resource is the head of those that follow.
    let mut head: Option<bool> = None;
    for line in text.lines() {
        let named: Vec<&Resource> = all.iter().filter(|r| names(r, line)).collect();
        // The heading of a table belongs to each of its rows.
        if named.is_empty() && ends::is_heading(line) {
            own.push(line);
            common.push(line);
            continue;
        }
        let mine = named.iter().any(|r| r.id == resource.id);
        if named.is_empty() {
            match head {
                Some(true) => own.push(line),
                Some(false) => {}
                None => common.push(line),
            }
            if line.trim().is_empty() {
                head = None;
            }
            continue;
        }
        if mine {
            own.push(line);
        }
        let says_more = !times::find_all(line, assumed).is_empty() || addresses::find(line).len() > 1 || !addresses::urls(line).is_empty();
        head = if says_more || named.len() > 1 { None } else { Some(mine) };
    }
    let mut found: Vec<String> =
        [own, common].into_iter().filter(|lines| lines.iter().any(|l| !ends::is_heading(l))).map(|lines| lines.join("\n")).collect();
    // A report that tells resources apart by address and does not name this one says nothing of it.
    let told_apart = all.iter().any(|r| r.id != resource.id && text.lines().any(|line| names(r, line)));
    let unnamed = !resource.addresses.is_empty() && !text.lines().any(|line| names(resource, line));
    if !(told_apart && unnamed) {
        found.push(text.to_owned());
    }
    found
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

fn all_times(text: &str, fields: &[Field], assumed: &Assumed, ours: &[&str]) -> Vec<Found> {
    let mut found = Vec::new();
    found.extend(form_time(fields, assumed));
    let timed = fields.iter().filter(|f| matches!(f.key, Key::Time | Key::Begin | Key::End));
    found.extend(timed.filter_map(|f| times::epoch(&f.value)));
    // The Date of an X-ARF part is when it happened.
    let x_arf = text.lines().any(|l| l.to_ascii_lowercase().starts_with("report-type:"))
        && text.lines().any(|l| l.to_ascii_lowercase().starts_with("source:"));
    let (mut events, mut headers, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines() {
        let into = match () {
            () if x_arf && normal(line).starts_with("date:") => &mut events,
            () if is_of_report(line) => &mut written,
            () if is_header(line) => &mut headers,
            () => &mut events,
        };
        into.extend(times::find_all(line, assumed));
    }
    found.extend(events);
    if let Some(hop) = ends::hop_from_us(text, ours) {
        let left = times::find_all(&hop, assumed);
        headers = if left.is_empty() { headers } else { left };
    }
    [found, headers, written].into_iter().find(|times| !times.is_empty()).unwrap_or_default()
}

/// When a report was written says the least about when the abuse was.
pub(crate) fn is_of_report(line: &str) -> bool {
    let plain = normal(line);
    plain.contains("was reported to")
        || ["report generated", "generated", "reported at", "report date", "report created", "created:", "created at", "report time"]
            .iter()
            .any(|start| plain.starts_with(start))
}

/// When a report was written or received says nothing about when the abuse was.
fn is_header(line: &str) -> bool {
    let plain = normal(line);
    ["date:", "received:", "sent:", "resent-date:", "x-", "for <", "by ", "id "].iter().any(|start| plain.starts_with(start))
}

/// AWS's abuse form has date, time and zone in three fields.
fn form_time(fields: &[Field], assumed: &Assumed) -> Option<Found> {
    let value = |key: Key| fields.iter().find(|f| f.key == key).map(|f| f.value.as_str());
    let date = value(Key::Date)?;
    let clock = value(Key::Clock).or_else(|| value(Key::Time)).and_then(times::clock_of);
    times::of_parts(date, clock, value(Key::Zone).and_then(times::zone_of), assumed)
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
        if ports.is_empty() && address.is_some() {
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

fn urls(text: &str, ours: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|l| !l.trim_start().to_ascii_lowercase().starts_with("schema-url:")) {
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
