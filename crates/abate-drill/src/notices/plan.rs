//! Which notice is made: one value of every dimension, chosen so that all of them and their pairs come up. No text here.

use super::channel::{Channel, Charset};
use super::cover::{Cover, Named};
use super::times::{Notation, ZoneNote};

/// Families in the order in which they are made; those with many categories come up twice.
const CYCLE: &[&str] = &[
    "resource-line",
    "labelled-fields",
    "health-event",
    "instance-list",
    "follow-up",
    "malware-details",
    "resource-line",
    "dos-detected",
    "health-event",
    "compromised-credentials",
    "labelled-fields",
    "follow-up",
    "model-abuse",
    "ses-enforcement",
];

const COMMON: &[&str] = &[
    "intrusion",
    "port-scan",
    "dos",
    "spam",
    "phishing",
    "botnet",
    "malware",
    "content",
    "crawling",
    "open-proxy",
    "open-resolver",
    "vulnerability",
    "copyright",
    "crypto-mining",
    "other",
];

const HEALTH: &[&str] = &[
    "intrusion",
    "port-scan",
    "dos",
    "spam",
    "phishing",
    "botnet",
    "malware",
    "content",
    "crawling",
    "open-proxy",
    "open-resolver",
    "vulnerability",
    "copyright",
    "crypto-mining",
    "other",
    "compromised-credentials",
];

/// Form of the reporter's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// none
    Nothing,
    /// `* Destination IPs:` …
    DestinationList,
    /// sshd lines
    Sshd,
    /// Apache combined lines
    Apache,
    /// netfilter lines
    Iptables,
    /// AWS's web form
    WebForm,
    /// one line with commas
    Csv,
    /// attacker, scanned, port
    ScanTable,
    /// fail2ban's mail
    Fail2ban,
    /// a spam with its headers
    SpamMail,
    /// `hxxp://…[.]…`
    DefangedUrls,
}

impl Named for Format {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::DestinationList => "destination-list",
            Self::Sshd => "sshd",
            Self::Apache => "apache",
            Self::Iptables => "iptables",
            Self::WebForm => "web-form",
            Self::Csv => "csv",
            Self::ScanTable => "scan-table",
            Self::Fail2ban => "fail2ban",
            Self::SpamMail => "spam-mail",
            Self::DefangedUrls => "defanged-urls",
        }
    }
}

/// One notice to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) family: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) category: &'static str,
    pub(crate) channel: Channel,
    pub(crate) charset: Charset,
    pub(crate) format: Format,
    pub(crate) notation: Notation,
    pub(crate) zone: ZoneNote,
    /// what is named: `instance`, `instance-old`, `interface`, `nat`, `balancer`, `lightsail`, `bucket`, `cloudfront`, `account`, `key`
    pub(crate) resource: &'static str,
    pub(crate) count: usize,
    /// `none`, `hours`, `date`, `date-zone`
    pub(crate) deadline: &'static str,
    pub(crate) mitigations: usize,
    /// AWS's own part states the time
    pub(crate) own_time: bool,
    /// `plain`, `pass`, `fail`, `dmarc`, `reply-to`, `look-alike`
    pub(crate) sender: &'static str,
}

/// Makes `count` plans.
pub(crate) fn plans(seed: u64, count: usize) -> Vec<Plan> {
    let mut cover = Cover::new(seed);
    (0..count).zip(CYCLE.iter().cycle()).map(|(_, family)| plan(&mut cover, family)).collect()
}

fn plan(cover: &mut Cover, family: &'static str) -> Plan {
    cover.begin();
    cover.choose("family", &[family], family);
    let category = cover.choose("category", categories(family), "other");
    let channel = cover.choose("channel", Channel::of(family), Channel::MailPlain);
    let resource = cover.choose("resource", resources(family, category), "instance");
    let format = cover.choose("format", formats(family, category, resource), Format::Nothing);
    let kind = cover.choose("kind", kinds(family), "first");
    let notation = cover.choose("notation", Notation::ALL, Notation::DateUtc);
    let charset = cover.choose("charset", channel.charsets(), Charset::Utf8);
    let count = cover.choose("count", counts(family, resource), "1");
    let deadline = cover.choose("deadline", &["none", "hours", "date", "date-zone"], "none");
    let mitigations = cover.choose("mitigations", &["0", "0", "1", "2"], "0");
    let own_time = cover.choose("own-time", own_times(family, format, notation), "no") == "yes";
    let zone = cover.choose("zone", ZoneNote::ALL, ZONE_UNSAID);
    let sender = cover.choose("sender", senders(channel), "plain");
    Plan {
        family,
        kind,
        category,
        channel,
        charset,
        format,
        notation,
        zone,
        resource,
        count: count.parse().unwrap_or(1),
        deadline,
        mitigations: mitigations.parse().unwrap_or(0),
        own_time,
        sender,
    }
}

const ZONE_UNSAID: ZoneNote = ZoneNote { name: "nothing", offset: 0, words: "" };

fn categories(family: &str) -> &'static [&'static str] {
    match family {
        "malware-details" => &["botnet"],
        "dos-detected" => &["dos"],
        "compromised-credentials" => &["compromised-credentials"],
        "model-abuse" => &["model-abuse"],
        "ses-enforcement" => &["spam"],
        "health-event" => HEALTH,
        _ => COMMON,
    }
}

fn kinds(family: &str) -> &'static [&'static str] {
    match family {
        "labelled-fields" => &["first", "reminder", "final"],
        "follow-up" => &["reminder", "final", "update", "resolved"],
        "compromised-credentials" => &["first", "reminder"],
        _ => &["first"],
    }
}

fn resources(family: &str, category: &str) -> &'static [&'static str] {
    match (family, category) {
        ("instance-list" | "malware-details", _) => &["instance-old", "instance"],
        ("dos-detected", _) => &["instance"],
        ("compromised-credentials", _) | (_, "compromised-credentials") => &["key"],
        ("model-abuse" | "ses-enforcement", _) => &["account"],
        ("health-event", "phishing" | "malware" | "content" | "copyright") => &["instance", "bucket", "cloudfront"],
        ("health-event", _) => &["instance", "interface", "instance-old"],
        (_, "phishing" | "malware" | "content" | "copyright") => {
            &["instance", "bucket", "cloudfront", "lightsail", "balancer", "instance-old"]
        }
        (_, "vulnerability" | "open-proxy") => &["instance", "interface", "balancer", "lightsail"],
        ("labelled-fields" | "follow-up", _) => &["instance", "interface", "nat", "lightsail", "account"],
        _ => &["instance", "interface", "nat", "lightsail", "instance-old"],
    }
}

fn counts(family: &str, resource: &str) -> &'static [&'static str] {
    match (family, resource) {
        (_, "account") => &["1"],
        (_, "key") | ("dos-detected", _) => &["1", "2"],
        _ => &["1", "2", "3", "4"],
    }
}

fn formats(family: &str, category: &str, resource: &str) -> &'static [Format] {
    use Format::{Apache, Csv, DefangedUrls, DestinationList, Fail2ban, Iptables, Nothing, ScanTable, SpamMail, Sshd, WebForm};
    match (family, category) {
        ("malware-details" | "dos-detected" | "compromised-credentials" | "model-abuse" | "ses-enforcement", _) => &[Nothing],
        (_, "phishing" | "malware" | "content" | "copyright") if matches!(resource, "bucket" | "cloudfront" | "balancer") => {
            &[Nothing, DefangedUrls]
        }
        _ if matches!(resource, "balancer" | "account" | "key") => &[Nothing],
        (_, "spam") => &[Nothing, DestinationList, WebForm, SpamMail],
        (_, "port-scan") => &[Nothing, DestinationList, Iptables, WebForm, Csv, ScanTable],
        (_, "dos") => &[Nothing, DestinationList, Iptables, WebForm, Csv],
        (_, "intrusion") => &[Nothing, DestinationList, Sshd, Apache, WebForm, Csv, Fail2ban],
        (_, "botnet") => &[Nothing, DestinationList, Iptables, WebForm],
        (_, "malware" | "content") => &[Nothing, WebForm, DefangedUrls],
        (_, "phishing") => &[Nothing, WebForm, DefangedUrls, SpamMail],
        (_, "copyright") => &[Nothing, DefangedUrls],
        (_, "crawling") => &[Nothing, Apache, WebForm],
        (_, "open-proxy") => &[Nothing, DestinationList, WebForm],
        (_, "open-resolver" | "vulnerability" | "crypto-mining") => &[Nothing, DestinationList],
        _ => &[Nothing],
    }
}

/// AWS's own time without a zone beside a report whose lines carry one would make the truth debatable.
fn own_times(family: &str, format: Format, notation: Notation) -> &'static [&'static str] {
    match family {
        "compromised-credentials" | "model-abuse" | "ses-enforcement" | "instance-list" => &["no"],
        "malware-details" | "dos-detected" => &["yes"],
        "health-event" if format == Format::Nothing => &["yes"],
        _ if notation == Notation::NoZone && format != Format::Nothing => &["no"],
        "labelled-fields" => &["yes", "yes", "no"],
        _ => &["no", "no", "yes"],
    }
}

fn senders(channel: Channel) -> &'static [&'static str] {
    if channel.is_direct() { &["plain", "pass", "plain", "pass", "fail", "dmarc", "reply-to", "look-alike"] } else { &["plain"] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_and_channel_of_a_family_comes_up() {
        let plans = plans(1, 240);
        for family in CYCLE {
            let mine: Vec<&Plan> = plans.iter().filter(|plan| plan.family == *family).collect();
            assert!(categories(family).iter().all(|category| mine.iter().any(|plan| plan.category == *category)), "{family}");
            assert!(Channel::of(family).iter().all(|channel| mine.iter().any(|plan| plan.channel == *channel)), "{family}");
        }
        assert!(Notation::ALL.iter().all(|notation| plans.iter().any(|plan| plan.notation == *notation)));
    }
}
