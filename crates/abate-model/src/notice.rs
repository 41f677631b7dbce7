//! The notice: what AWS (or the customer's own finding) says, field by field. JSON schema `abate.notice/1`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CaseId, Category, TimeWindow, ZoneCertainty};

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
    pub reasons: Vec<String>,
}

/// What was read from a notice. Whatever could not be understood stands in `unread`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// `abate.notice/1`
    pub schema: String,
    /// where it stands in the correspondence
    pub kind: NoticeKind,
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
