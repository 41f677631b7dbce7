//! The reporter's part in fields, one file per form that reporters use. Everything here can be written by an attacker: it is
//! bounded, and nothing of it names a resource or an account of ours.
//!
//! Times, far ends and URLs are read by `reporter` in the same way whatever the form; a form adds its name and what counts as
//! a record of it.

use abate_model::{ReportFact, ReportFormat, ReporterPart, Resource};
use jiff::Timestamp;

use crate::accused;
use crate::addresses;
use crate::gather::{self, Parts};
use crate::incoming::{Incoming, Origin};
use crate::lists;
use crate::reporter;
use crate::table;
use crate::text::{normal, push_new, refang};
use crate::times::{Assumed, find_all};

mod arf;
mod aws_web_form;
mod blocklist_de;
mod csv_line;
mod fail2ban;
mod iptables_log;
mod port_scan_sensor;
mod spam_mail;
mod sshd_log;
mod tcpdump;
mod web_access_log;
mod x_arf;

/// Facts beyond this are not kept one by one; the report is kept whole.
const MOST_FACTS: usize = 200;
/// More of a report is not searched.
const MOST_SEARCHED: usize = 512 * 1024;

/// A form of report.
pub(crate) struct Form {
    /// its name
    pub format: ReportFormat,
    /// any of these, each a set of marks that must all hold
    pub when: &'static [&'static [Mark]],
    /// which lines are records
    pub record: Record,
    /// reports of this form, for the tests
    pub examples: &'static [&'static str],
}

/// Something by which a form is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// words anywhere, in the form that `text::normal` gives
    Has(&'static str),
    /// words at the beginning of a line
    Line(&'static str),
    /// a comma line with type, resource and time
    CommaLine,
    /// an arrow between two addresses
    Arrow,
}

/// Which lines of a report are records of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// none
    None,
    /// those with a time or an address
    Timed,
    /// comma lines
    Comma,
}

/// All forms; where two fit, the earlier one counts.
pub(crate) const fn all() -> &'static [Form] {
    &[
        arf::FORM,
        x_arf::FORM,
        aws_web_form::FORM,
        csv_line::FORM,
        blocklist_de::FORM,
        fail2ban::FORM,
        port_scan_sensor::FORM,
        iptables_log::FORM,
        sshd_log::FORM,
        web_access_log::FORM,
        tcpdump::FORM,
        spam_mail::FORM,
    ]
}

/// The form of a report.
pub(crate) fn form_of(text: &str) -> Option<&'static Form> {
    let plain = normal(text);
    let starts: Vec<String> = text.lines().map(|l| normal(l.trim_start_matches(['>', '|', ' ', '\t', '*']))).collect();
    let has = |mark: &Mark| match mark {
        Mark::Has(words) => plain.contains(words),
        Mark::Line(words) => starts.iter().any(|line| line.starts_with(words)),
        Mark::CommaLine => !table::comma_lines(text, &Assumed::of("", Timestamp::UNIX_EPOCH)).is_empty(),
        Mark::Arrow => text.lines().any(arrow),
    };
    all().iter().find(|form| form.when.iter().any(|set| set.iter().all(has)))
}

/// `203.0.113.7.40000 > 198.51.100.9.80`, also with `->`.
fn arrow(line: &str) -> bool {
    let found = addresses::find(line);
    found.windows(2).any(|pair| match pair {
        [a, b] => line.get(a.end..b.start).is_some_and(|between| matches!(between.trim(), ">" | "->" | "-->" | "=>")),
        _ => false,
    })
}

/// The reporter's part of a notice, or a third party's own report.
pub(crate) fn read(parts: &Parts, incoming: &Incoming, resources: &[Resource], reference: Timestamp) -> Vec<ReporterPart> {
    // The oldest layouts put the form's fields into AWS's own list.
    let listed = || form_of(&parts.aws).is_some_and(|f| f.format == ReportFormat::AwsWebForm).then_some(parts.aws.as_str());
    let reporter = parts.reporter.as_deref().or_else(|| if incoming.origin == Origin::Own { None } else { listed() });
    let reporter = reporter.filter(|r| form_of(r).is_some() || listed().is_none()).or_else(listed);
    let own = gather::is_own_report(incoming).then_some(incoming.text.as_str());
    let whole: Vec<&str> = own.into_iter().chain(reporter).filter(|t| !t.trim().is_empty()).collect();
    if whole.is_empty() {
        return Vec::new();
    }
    let text = whole.join("\n");
    let text = text.get(..(0..=MOST_SEARCHED.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)).unwrap_or_default();
    let form = form_of(text);
    let format = match form {
        _ if incoming.origin == Origin::Xarf || incoming.with_xarf => ReportFormat::Xarf,
        Some(form) if form.format == ReportFormat::PortScanSensor => form.format,
        _ if !lists::separated(text, &Assumed::of("", reference)).is_empty() => ReportFormat::CsvLine,
        Some(form) => form.format,
        None => ReportFormat::FreeText,
    };
    let read = reporter::read(text, None, resources, reference);
    let (from, to) = read.times.as_ref().map_or((None, None), |t| (Some(t.from), Some(t.to)));
    let stated = &incoming.stated;
    vec![ReporterPart {
        format,
        facts: facts(text),
        sources: sources(text, incoming, resources),
        remote: if stated.remote.is_empty() { read.remote } else { stated.remote.clone() },
        urls: if stated.urls.is_empty() { read.urls } else { stated.urls.clone() },
        from: stated.from.filter(|_| format == ReportFormat::Xarf).or(from),
        to: stated.to.filter(|_| format == ReportFormat::Xarf).or(to),
        zone: read.times.as_ref().and_then(|t| t.zone.clone()).or_else(|| stated.zone.clone()),
        zone_certainty: read.times.as_ref().map(|t| t.certainty).unwrap_or_default(),
        records: records(text, form.map_or(Record::None, |f| f.record), reference),
    }]
}

/// `Name: value` lines, in order.
fn facts(text: &str) -> Vec<ReportFact> {
    let fact = |line: &str| {
        let line = line.trim().trim_start_matches(['*', '-', '>', '|', ' ']);
        let (name, value) = line.split_once([':', '：'])?;
        let (name, value) = (name.trim().trim_end_matches('*'), value.trim());
        let fits = (1..=48).contains(&name.chars().count())
            && name.split_whitespace().count() <= 7
            && name.chars().any(char::is_alphabetic)
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '(' | ')' | '.' | ',' | '\''))
            && !value.is_empty()
            && !value.starts_with("//")
            && find_all(line, &Assumed::of("", Timestamp::UNIX_EPOCH)).first().is_none_or(|time| time.range.start > 0);
        fits.then(|| ReportFact { name: name.to_owned(), value: value.chars().take(1_000).collect() })
    };
    text.lines().filter_map(fact).take(MOST_FACTS).collect()
}

/// Whom the report accuses: in its fields, its subject or, where it only shows lines, our own addresses in them.
fn sources(text: &str, incoming: &Incoming, resources: &[Resource]) -> Vec<String> {
    let named = accused::find(text, "", abate_model::Category::Other);
    let mut found: Vec<String> = named.into_iter().map(|(_, id)| id).collect();
    if found.is_empty() && incoming.origin == Origin::Xarf {
        found = incoming.stated.resources.iter().map(|r| r.id.clone()).collect();
    }
    if found.is_empty() {
        let ours: Vec<&String> = resources.iter().flat_map(|r| r.addresses.iter().chain([&r.id])).collect();
        for one in addresses::find(&refang(text)) {
            if ours.iter().any(|o| addresses::same(o, &one.address)) && found.len() < 50 {
                push_new(&mut found, one.address);
            }
        }
    }
    found
}

fn records(text: &str, record: Record, reference: Timestamp) -> u64 {
    let assumed = Assumed::of("", reference);
    let count = match record {
        Record::None => 0,
        Record::Timed => text.lines().filter(|l| !find_all(l, &assumed).is_empty() || arrow(l)).count(),
        Record::Comma => table::comma_lines(text, &assumed).len(),
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told() {
        for form in all() {
            for example in form.examples {
                assert_eq!(form_of(example).map(|f| f.format), Some(form.format), "{example}");
            }
        }
        assert!(form_of("Your host was bad to us. Please look.").is_none());
    }

    #[test]
    fn facts_of_a_report() {
        let found =
            facts("Feedback-Type: abuse\n* Source IPs: 203.0.113.7\n2026-03-04 10:00:00 sshd: x\nsee http://a.example.com/\nplain words");
        let pairs: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.value.as_str())).collect();
        assert_eq!(pairs, [("Feedback-Type", "abuse"), ("Source IPs", "203.0.113.7")]);
    }
}
