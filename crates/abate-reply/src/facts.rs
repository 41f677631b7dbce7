//! The facts that a text names (times, addresses, resources, accounts, numbers), and those that the case knows.
//!
//! A letter may name only what the case knows: a fact of the notice, of the evidence, or of a step with what was said of it.
//! Nothing here judges whether a fact stands in the right place; the rules do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use abate_model::time::utc;
use abate_model::{StepState, Text};
use jiff::Timestamp;

use crate::Input;

/// What sort of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// an instant, `2026-11-01 02:14:05`
    Time,
    /// `2026-11-01`
    Date,
    /// `02:14` without a date
    Clock,
    /// an IP address
    Address,
    /// `i-…`, `sg-…`, an ARN
    Resource,
    /// 12 digits
    Account,
    /// `AKIA…`
    AccessKey,
    /// `us-east-1`
    Region,
    /// a whole number: a count, a port
    Number,
    /// a mail address
    Mail,
    /// a link that can be followed
    Link,
}

/// A fact that a text names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fact {
    /// what sort
    pub(crate) kind: Kind,
    /// in the form in which facts are compared
    pub(crate) value: String,
}

impl Fact {
    fn new(kind: Kind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }
}

/// Beginnings of ids of AWS resources.
const IDS: &[&str] = &[
    "i", "eni", "sg", "sgr", "subnet", "vpc", "vol", "snap", "ami", "nat", "eipalloc", "eipassoc", "igw", "rtb", "acl", "lt", "asg", "fl",
    "pl", "vpce", "tgw", "key",
];
/// Beginnings of names of Regions.
const AREAS: &[&str] = &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "cn", "mx"];

/// A text as words and the facts among them: what is left when the facts are taken out is its `skeleton`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// in order
    pub(crate) facts: Vec<Fact>,
    /// the words in lower case, each fact replaced by its kind
    pub(crate) skeleton: String,
    /// zones that stand behind times and are not UTC
    pub(crate) zones: Vec<String>,
}

/// What a text names.
pub(crate) fn named(text: &str) -> Named {
    let text = joined_thousands(text);
    let cut = |c: char| c.is_whitespace() || "()[]<>\",;='".contains(c);
    let mut words = text.split(cut).map(|w| w.trim_end_matches(['.', ':', '!', '?'])).filter(|w| !w.is_empty()).peekable();
    let mut named = Named::default();
    while let Some(word) = words.next() {
        let fact = match (date(word), words.peek().copied().and_then(clock)) {
            (Some(day), Some(time)) => {
                words.next();
                named.zones.extend(words.peek().filter(|zone| is_other_zone(zone)).map(|zone| (*zone).to_owned()));
                Some(Fact::new(Kind::Time, format!("{day} {time}")))
            }
            (Some(day), None) => Some(Fact::new(Kind::Date, day)),
            (None, _) => fact(word),
        };
        match fact {
            Some(fact) => {
                named.skeleton.push_str(&format!("{:?} ", fact.kind));
                if fact.kind == Kind::Clock {
                    named.zones.extend(words.peek().filter(|zone| is_other_zone(zone)).map(|zone| (*zone).to_owned()));
                }
                named.facts.push(fact);
            }
            None => {
                named.skeleton.push_str(&word.to_lowercase());
                named.skeleton.push(' ');
            }
        }
    }
    named
}

/// `1,200` as `1200`.
fn joined_thousands(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
    text.char_indices().filter(|(at, c)| !(*c == ',' && between(*at))).map(|(_, c)| c).collect()
}

fn date(word: &str) -> Option<String> {
    let shape = word.len() == 10 && word.bytes().enumerate().all(|(n, b)| if n == 4 || n == 7 { b == b'-' } else { b.is_ascii_digit() });
    (shape && word.parse::<jiff::civil::Date>().is_ok()).then(|| word.to_owned())
}

fn clock(word: &str) -> Option<String> {
    let digits = word.trim_end_matches('Z');
    let shape = matches!(digits.len(), 5 | 8)
        && digits.bytes().enumerate().all(|(n, b)| if n == 2 || n == 5 { b == b':' } else { b.is_ascii_digit() });
    shape.then(|| digits.to_owned())
}

/// A word behind a time that names another zone than UTC: two to five capitals, or an offset.
fn is_other_zone(word: &str) -> bool {
    let offset = word.len() >= 3 && word.starts_with(['+', '-']) && word.bytes().skip(1).all(|b| b.is_ascii_digit() || b == b':');
    let name = (2..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    (name && !matches!(word, "UTC" | "GMT" | "AWS" | "TCP" | "UDP" | "SSH" | "IP")) || (offset && !matches!(word, "+00:00" | "+0000"))
}

fn fact(word: &str) -> Option<Fact> {
    if let Ok(at) = word.parse::<Timestamp>() {
        return Some(Fact::new(Kind::Time, stamp(at)));
    }
    if word.contains("://") {
        let scheme = word.split("://").next().unwrap_or_default().to_ascii_lowercase();
        return matches!(scheme.as_str(), "http" | "https" | "ftp").then(|| Fact::new(Kind::Link, word));
    }
    if let Some(clock) = clock(word) {
        return Some(Fact::new(Kind::Clock, clock));
    }
    address(word)
        .or_else(|| identifier(word))
        .or_else(|| number(word))
        .or_else(|| word.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.')).map(|_| mail(word)))
}

fn mail(word: &str) -> Fact {
    Fact::new(Kind::Mail, word.to_ascii_lowercase())
}

fn address(word: &str) -> Option<Fact> {
    let bare = word.split('/').next().unwrap_or_default();
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| bare.parse::<std::net::SocketAddr>().ok().map(|s| s.ip()))?;
    Some(Fact::new(Kind::Address, parsed.to_string()))
}

fn identifier(word: &str) -> Option<Fact> {
    if word.starts_with("arn:") {
        return Some(Fact::new(Kind::Resource, word));
    }
    if word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Fact::new(Kind::Account, word));
    }
    let key = word.len() >= 16 && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if key && ["AKIA", "ASIA", "AIDA", "AROA"].iter().any(|head| word.starts_with(head)) {
        return Some(Fact::new(Kind::AccessKey, word));
    }
    let (head, rest) = word.split_once('-')?;
    if IDS.contains(&head) && rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(Fact::new(Kind::Resource, word));
    }
    let last = rest.rsplit('-').next().unwrap_or_default();
    let region = AREAS.contains(&head) && rest.contains('-') && last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit());
    region.then(|| Fact::new(Kind::Region, word))
}

/// `22`, `22/tcp`, `95%`.
fn number(word: &str) -> Option<Fact> {
    let bare = word.trim_end_matches('%');
    let bare = bare.strip_suffix("/tcp").or_else(|| bare.strip_suffix("/udp")).unwrap_or(bare);
    let digits = !bare.is_empty() && bare.len() < 19 && bare.bytes().all(|b| b.is_ascii_digit());
    let value = bare.trim_start_matches('0');
    digits.then(|| Fact::new(Kind::Number, if value.is_empty() { "0" } else { value }))
}

fn stamp(at: Timestamp) -> String {
    utc(at).trim_end_matches(" UTC").to_owned()
}

/// What the case knows.
pub(crate) struct Known(BTreeSet<Fact>);

impl Known {
    /// Everything that the notice, the evidence, the plan and the profile name, and what a letter drafted from them does.
    pub(crate) fn of(input: &Input<'_>, drafted: &[String]) -> Self {
        let mut known = Self(BTreeSet::new());
        drafted.iter().for_each(|text| known.text(text));
        known.notice(input);
        known.evidence(input);
        known.plan(input);
        known
    }

    fn text(&mut self, text: &str) {
        self.0.extend(named(text).facts);
    }

    fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t Text>) {
        texts.into_iter().for_each(|text| self.text(&text.en));
    }

    fn at(&mut self, times: impl IntoIterator<Item = Option<Timestamp>>) {
        self.0.extend(times.into_iter().flatten().map(|at| Fact::new(Kind::Time, stamp(at))));
    }

    fn notice(&mut self, input: &Input<'_>) {
        let notice = input.notice;
        let words = [&notice.subject, &notice.case_number, &notice.account_id, &notice.from, &notice.to];
        words.into_iter().flatten().for_each(|text| self.text(text));
        self.text(&notice.body);
        let resources = notice.resources.iter().flat_map(|r| r.addresses.iter().chain([&r.id]));
        notice.regions.iter().chain(&notice.mitigations).chain(resources).for_each(|text| self.text(text));
        for reported in &notice.reported {
            self.at([reported.from, reported.to]);
            self.text(&reported.text);
            for remote in &reported.remote {
                remote.address.iter().for_each(|a| self.text(a));
                remote.port.iter().for_each(|p| self.text(&p.to_string()));
            }
        }
        self.at([notice.date, Some(notice.deadline.at), Some(notice.received_at)]);
        let profile = input.profile;
        let own = [&profile.account_id, &profile.signer, &profile.security_address].into_iter().flatten();
        own.chain(&profile.scanners).for_each(|text| self.text(text));
        profile.legitimate_uses.iter().for_each(|registered| self.text(&registered.en));
    }

    fn evidence(&mut self, input: &Input<'_>) {
        for finding in input.findings {
            self.texts([&finding.title, &finding.detail]);
            self.at([finding.first, finding.last]);
            self.text(&finding.count.to_string());
            finding.entities.iter().for_each(|entity| self.text(&entity.value));
        }
        for verdict in input.verdicts {
            self.texts(std::iter::once(&verdict.why).chain(&verdict.coverage));
        }
        for coverage in input.coverage {
            self.at([coverage.from, coverage.to]);
            self.at(coverage.gaps.iter().flat_map(|gap| [Some(gap.from), Some(gap.to)]));
            let counts = [coverage.records, coverage.lost, coverage.gaps.len() as u64];
            counts.iter().for_each(|n| self.text(&n.to_string()));
            let scope = &coverage.scope;
            [&scope.account, &scope.region, &scope.host].into_iter().flatten().for_each(|text| self.text(text));
        }
        for cause in input.causes {
            self.texts([&cause.story, &cause.factor_reason]);
            self.texts(cause.support.iter().chain(&cause.against).map(|c| &c.text));
        }
        self.texts(input.next_evidence.iter().map(|wish| &wish.what));
    }

    fn plan(&mut self, input: &Input<'_>) {
        for step in &input.plan.steps {
            self.texts([&step.title, &step.done_text]);
            step.target.iter().for_each(|target| self.text(target));
            if let StepState::Done { at, note, .. } = &step.state {
                self.at([Some(*at)]);
                note.iter().for_each(|note| self.text(note));
            }
        }
    }

    /// Whether the case knows a fact. A time without seconds, a date and a time of day are known if they are part of a time.
    pub(crate) fn knows(&self, fact: &Fact) -> bool {
        let times = || self.0.iter().filter(|known| known.kind == Kind::Time).map(|known| known.value.as_str());
        let is_part = match fact.kind {
            Kind::Time | Kind::Date => times().any(|time| time.starts_with(&fact.value)),
            Kind::Clock => times().any(|time| time.split(' ').nth(1).is_some_and(|clock| clock.starts_with(&fact.value))),
            _ => false,
        };
        is_part || self.0.contains(fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Vec<(Kind, String)> {
        named(text).facts.into_iter().map(|f| (f.kind, f.value)).collect()
    }

    #[test]
    fn facts_are_told_apart() {
        let text = "At 2026-11-01 02:14:05 UTC, i-0123456789abcdef0 (203.0.113.10) in ap-northeast-1 of 1111-2222-3333 / 111122223333 sent 1,200 packets to 198.51.100.7:53, port 22/tcp.";
        let of = |kind, value: &str| (kind, value.to_owned());
        assert_eq!(
            facts(text),
            [
                of(Kind::Time, "2026-11-01 02:14:05"),
                of(Kind::Resource, "i-0123456789abcdef0"),
                of(Kind::Address, "203.0.113.10"),
                of(Kind::Region, "ap-northeast-1"),
                of(Kind::Account, "111122223333"),
                of(Kind::Number, "1200"),
                of(Kind::Address, "198.51.100.7"),
                of(Kind::Number, "22"),
            ]
        );
        assert_eq!(facts("2026-11-01T02:14:05Z"), [of(Kind::Time, "2026-11-01 02:14:05")]);
        assert_eq!(facts("on 2026-11-01, at 02:14."), [of(Kind::Date, "2026-11-01"), of(Kind::Clock, "02:14")]);
        assert_eq!(facts("https://evil.example/a hxxp://evil[.]example me@example.com").len(), 2);
        assert_eq!(facts("IMDSv2 is on, f1, T1110, x86-64, us-style"), []);
    }

    #[test]
    fn zones_and_skeletons() {
        assert_eq!(named("2026-11-01 02:14 JST").zones, ["JST"]);
        assert_eq!(named("2026-11-01 02:14:05 UTC, 02:14 +09:00").zones, ["+09:00"]);
        let one = named("198.51.100.7 signed in at 2026-11-01 02:14:05 UTC.");
        let other = named("198.51.100.8 signed in at 2026-11-02 03:14:05 UTC.");
        assert_eq!(one.skeleton, other.skeleton);
        assert_ne!(one.facts, other.facts);
    }
}
