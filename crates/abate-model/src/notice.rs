//! The notice: what AWS (or the customer's own finding) says, field by field. JSON schema `abate.notice/1`.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{CaseId, Category, Text, TimeWindow, ZoneCertainty};

/// Version of the JSON form.
pub const NOTICE_SCHEMA: &str = "abate.notice/1";

/// Where in a case's correspondence a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// the first mail about it
    First,
    /// AWS has had no answer yet
    Reminder,
    /// final notification; mitigations may already be in force
    Final,
    /// a further message in the same matter
    Update,
    /// AWS closed the matter
    Resolved,
    /// no notice: the customer found it
    SelfFound,
}

/// Which of AWS's layouts a notice follows; named after what is typical of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// 2012-2015: "your instance(s):" with a list of instance and address
    InstanceList,
    /// 2013: numbered details of an infection
    MalwareDetails,
    /// 2017-2024: account, Region and resource on one line, then "has been implicated in"
    ResourceLine,
    /// since 2021: `Reported Activity:`, `Abuse Time:` and other labelled fields
    LabelledFields,
    /// outbound denial of service that AWS detected itself, with the table of blocked traffic
    DosDetected,
    /// a reminder, a final notification or a person's message without a field block of its own
    FollowUp,
    /// a key or a sign-in in the wrong hands
    CompromisedCredentials,
    /// a model vendor's complaint about use of Amazon Bedrock
    ModelAbuse,
    /// Amazon SES restricts sending
    SesEnforcement,
    /// an AWS Health event
    HealthEvent,
    /// a reporter's own mail or report, not from AWS
    ThirdPartyReport,
    /// the customer's own finding
    OwnFinding,
    /// none of these
    #[default]
    Unrecognised,
}

/// By which way a notice reached Abate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// a mail as received, headers and all
    Mail,
    /// a mail that someone passed on
    Forwarded,
    /// text without headers
    #[default]
    Pasted,
    /// an AWS Health event
    Health,
    /// a machine-readable report of a third party
    Report,
    /// the customer's own words or finding
    Own,
}

/// The form of a reporter's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    /// AWS's abuse form, as it forwards it
    AwsWebForm,
    /// type, resource, time, remote end and ports on one comma line
    CsvLine,
    /// a mail of fail2ban's `complain` action
    Fail2ban,
    /// a mail of blocklist.de
    BlocklistDe,
    /// lines of sshd
    SshdLog,
    /// lines of a web server
    WebAccessLog,
    /// lines of a packet filter (iptables, ufw, pf, Cisco)
    IptablesLog,
    /// lines of tcpdump or a flow listing
    Tcpdump,
    /// a table of attacker, scanned address and port
    PortScanSensor,
    /// an unsolicited mail with its headers
    SpamMail,
    /// X-ARF 0.1 or 0.2 (YAML)
    XArf,
    /// XARF 3 or 4 (JSON)
    Xarf,
    /// Abuse Reporting Format, RFC 5965
    Arf,
    /// words
    FreeText,
}

/// A named value of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFact {
    /// the label as written, without the colon
    pub name: String,
    /// the value as written
    pub value: String,
}

/// What a reporter's part says in fields. All of it can be written by an attacker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReporterPart {
    /// its form
    pub format: ReportFormat,
    /// its labelled values, in order
    pub facts: Vec<ReportFact>,
    /// the accused addresses or hosts, as the reporter names them
    pub sources: Vec<String>,
    /// far ends of the traffic
    pub remote: Vec<Remote>,
    /// URLs, refanged
    pub urls: Vec<String>,
    /// first time
    pub from: Option<Timestamp>,
    /// last time
    pub to: Option<Timestamp>,
    /// zone as written
    pub zone: Option<String>,
    /// how sure the zone is
    pub zone_certainty: ZoneCertainty,
    /// lines that are records of a log
    pub records: u64,
}

/// What sort of thing was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum ResourceKind {
    Ec2Instance,
    NetworkInterface,
    ElasticIp,
    NatGateway,
    LoadBalancer,
    Lightsail,
    CloudFront,
    S3Bucket,
    EcsTask,
    AccessKey,
    IamUser,
    IamRole,
    Region,
    Account,
    Address,
    Domain,
    Other,
}

/// A resource that the notice names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// what it is
    pub kind: ResourceKind,
    /// its id exactly as written, masked or not
    pub id: String,
    /// public addresses written beside it, as written
    pub addresses: Vec<String>,
    /// whether the id or an address was masked by whoever passed the notice on
    pub masked: bool,
}

/// A remote end of reported traffic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Remote {
    /// address or host name, refanged, possibly masked
    pub address: Option<String>,
    /// port, 1 to 65535
    pub port: Option<u16>,
    /// `tcp`, `udp`, `icmp` or an IANA number
    pub protocol: Option<String>,
}

/// One thing that the resource is said to have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedActivity {
    /// `r1`, `r2` … in the order of the notice
    pub id: String,
    /// which kind of abuse
    pub category: Category,
    /// id of the resource it is reported of, as in `resources[].id`
    pub resource: Option<String>,
    /// first reported time, UTC
    pub from: Option<Timestamp>,
    /// last reported time, UTC; equal to `from` where a single instant is reported
    pub to: Option<Timestamp>,
    /// the zone as written (`UTC`, `+0900`, `PST`)
    pub zone: Option<String>,
    /// how sure the zone is
    pub zone_certainty: ZoneCertainty,
    /// remote ends
    pub remote: Vec<Remote>,
    /// URLs named, refanged
    #[serde(default)]
    pub urls: Vec<String>,
    /// the words this was read from
    pub text: String,
}

impl ReportedActivity {
    /// The reported time as a window, if any time was reported.
    #[must_use]
    pub fn window(&self) -> Option<TimeWindow> {
        match (self.from, self.to) {
            (Some(from), Some(to)) => Some(TimeWindow::new(from, to)),
            (Some(at), None) | (None, Some(at)) => Some(TimeWindow::new(at, at)),
            (None, None) => None,
        }
    }

    /// What is taken for the error of a reporter's clock.
    pub const CLOCK_ERROR: SignedDuration = SignedDuration::from_mins(15);
    /// The largest offset from UTC that a zone has.
    pub const FARTHEST_ZONE: SignedDuration = SignedDuration::from_hours(14);

    /// The reported time, widened by the error of the reporter's clock, as if its zone were beyond doubt.
    #[must_use]
    pub fn window_as_read(&self) -> Option<TimeWindow> {
        Some(self.window()?.widened(Self::CLOCK_ERROR))
    }

    /// The reported time in whatever zone it may have been meant.
    #[must_use]
    pub fn window_in_any_zone(&self) -> Option<TimeWindow> {
        Some(self.window()?.widened(Self::FARTHEST_ZONE).widened(Self::CLOCK_ERROR))
    }

    /// The reported time, widened by how little is known of the reporter's clock: by its error when the zone is stated, by every offset
    /// that a zone may have when it is not.
    #[must_use]
    pub fn window_with_doubt(&self) -> Option<TimeWindow> {
        if self.zone_certainty == ZoneCertainty::Stated { self.window_as_read() } else { self.window_in_any_zone() }
    }

    /// The resources of the notice that this is reported of.
    pub fn resources_in<'n>(&'n self, notice: &'n Notice) -> impl Iterator<Item = &'n Resource> {
        notice.resources.iter().filter(move |resource| self.resource.as_deref().is_none_or(|id| id == resource.id))
    }

    /// The remote addresses named, as far as they are addresses. IPv4 addresses written as IPv6 are IPv4.
    pub fn remote_addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.remote.iter().filter_map(|remote| remote.address.as_deref()?.parse::<IpAddr>().ok()).map(|address| address.to_canonical())
    }
}

impl Resource {
    /// The addresses written beside it, or as its id, as far as they are addresses.
    pub fn parsed_addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.addresses.iter().chain([&self.id]).filter_map(|text| text.parse::<IpAddr>().ok()).map(|address| address.to_canonical())
    }

    /// Whether something of it was hidden, or an address is not legible.
    #[must_use]
    pub fn is_illegible(&self) -> bool {
        self.masked || crate::is_masked(&self.id) || self.addresses.iter().any(|text| text.parse::<IpAddr>().is_err())
    }
}

/// How the deadline was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineBasis {
    /// the notice states it
    Stated,
    /// 24 hours after the notice's Date (re:Post knowledge centre `aws-abuse-report`)
    FromDate,
    /// 24 hours after it was received, since it carries no date
    FromReceipt,
}

/// Until when AWS must have an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// the instant, UTC
    pub at: Timestamp,
    /// how it was found
    pub basis: DeadlineBasis,
}

/// Whether the notice really comes from AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticityVerdict {
    /// confirmed by a channel that only AWS can write to
    Genuine,
    /// nothing speaks against it
    Plausible,
    /// something speaks against it
    Suspicious,
    /// it pretends to be from AWS
    Forged,
    /// there is nothing to check (pasted text)
    NotChecked,
}

/// The verdict on the sender, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticity {
    /// the verdict
    pub verdict: AuthenticityVerdict,
    /// why, one sentence each
    #[serde(deserialize_with = "reasons")]
    pub reasons: Vec<Text>,
    /// what the raw mail's signatures showed, where they were checked
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<crate::Signatures>,
}

impl Authenticity {
    /// The reasons in one line.
    #[must_use]
    pub fn said(&self) -> Text {
        let all = |pick: fn(&Text) -> &str, with: &str| self.reasons.iter().map(pick).collect::<Vec<_>>().join(with);
        Text::new(all(|t| &t.en, "; "), all(|t| &t.ja, "。"))
    }
}

/// Reasons of earlier versions were plain English sentences.
fn reasons<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Text>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Both(Text),
        One(String),
    }
    let all = Vec::<Either>::deserialize(from)?;
    Ok(all
        .into_iter()
        .map(|one| match one {
            Either::Both(text) => text,
            Either::One(words) => Text::same(words),
        })
        .collect())
}

/// What was read from a notice. Whatever could not be understood stands in `unread`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// `abate.notice/1`
    pub schema: String,
    /// where it stands in the correspondence
    pub kind: NoticeKind,
    /// AWS's layout that it follows
    #[serde(default)]
    pub family: Family,
    /// by which way it came
    #[serde(default)]
    pub channel: Channel,
    /// the first reported category
    pub category: Category,
    /// the account as written: 12 digits, or masked
    pub account_id: Option<String>,
    /// Region codes
    pub regions: Vec<String>,
    /// named resources
    pub resources: Vec<Resource>,
    /// AWS's number of the matter
    pub case_number: Option<String>,
    /// what is reported, never empty
    pub reported: Vec<ReportedActivity>,
    /// what AWS asks for, as written
    pub required_actions: Vec<String>,
    /// what AWS has already blocked or limited, as written
    pub mitigations: Vec<String>,
    /// until when an answer is due
    pub deadline: Deadline,
    /// whether it is from AWS
    pub authenticity: Authenticity,
    /// the reporter's own text, whole
    pub reporter: Option<String>,
    /// the same in fields, where it has a known form
    #[serde(default)]
    pub reports: Vec<ReporterPart>,
    /// lines that carry something but were not understood
    pub unread: Vec<String>,
    /// subject line, kept unchanged for the answer
    pub subject: Option<String>,
    /// From address
    pub from: Option<String>,
    /// To address
    pub to: Option<String>,
    /// Message-ID without angle brackets, or the Health event's ARN
    pub message_id: Option<String>,
    /// Message-IDs of the messages that it answers or follows, newest first
    #[serde(default)]
    pub references: Vec<String>,
    /// AWS Health's id of the communication: the same on every page and in every account
    #[serde(default)]
    pub communication_id: Option<String>,
    /// when AWS sent it
    pub date: Option<Timestamp>,
    /// when Abate was first shown it
    pub received_at: Timestamp,
    /// the notice's own words without the reporter's part
    pub body: String,
    /// SHA-256 of the input
    pub sha256: String,
}

impl Notice {
    /// The case that this notice opens: the same notice, however it arrives, opens the same one.
    #[must_use]
    pub fn case_id(&self) -> CaseId {
        match &self.message_id {
            Some(id) => CaseId::of(id),
            None => CaseId::of(
                &self.body.split_whitespace().chain(self.reporter.iter().flat_map(|r| r.split_whitespace())).collect::<Vec<_>>().join(" "),
            ),
        }
    }

    /// All public addresses that the notice says are ours.
    pub fn our_addresses(&self) -> impl Iterator<Item = std::net::IpAddr> + '_ {
        self.resources
            .iter()
            .flat_map(|r| r.addresses.iter().chain((r.kind == ResourceKind::Address || r.kind == ResourceKind::ElasticIp).then_some(&r.id)))
            .filter_map(|a| a.parse().ok())
    }

    /// From the first to the last reported time.
    #[must_use]
    pub fn window(&self) -> Option<TimeWindow> {
        let from = self.reported.iter().filter_map(ReportedActivity::window).map(|w| w.from).min()?;
        let to = self.reported.iter().filter_map(ReportedActivity::window).map(|w| w.to).max()?;
        Some(TimeWindow::new(from, to))
    }
}
