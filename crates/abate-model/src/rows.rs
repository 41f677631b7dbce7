//! The tables' rows. Readers hand out borrowed rows; [`Row::into_owned`] makes one that lives on.
//!
//! Names follow OCSF where OCSF has one. Text that came from a log is hostile: escape it when it is shown.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::{Locator, SourceNo, Table, ZoneCertainty};

/// One record of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// when it happened (flow records: when the aggregation began), UTC
    pub at: Option<Timestamp>,
    /// how sure the zone is
    pub zone: ZoneCertainty,
    /// which source; readers leave it 0, the lake fills it in
    pub source: SourceNo,
    /// where in the source
    pub locator: Locator,
    /// the record itself
    pub body: Body<'a>,
}

impl Row<'_> {
    /// Which table the row belongs to.
    #[must_use]
    pub fn table(&self) -> Table {
        match self.body {
            Body::Api(_) => Table::ApiActivity,
            Body::Net(_) => Table::NetworkActivity,
            Body::Http(_) => Table::HttpActivity,
            Body::Auth(_) => Table::Authentication,
            Body::Detection(_) => Table::DetectionFinding,
            Body::Inventory(_) => Table::InventoryInfo,
            Body::Text(_) => Table::TimedText,
        }
    }

    /// The same row, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        Row { at: self.at, zone: self.zone, source: self.source, locator: self.locator, body: self.body.into_owned() }
    }
}

/// The record, by table.
#[derive(Clone, Debug, PartialEq)]
pub enum Body<'a> {
    /// `api_activity`
    Api(Box<ApiActivity<'a>>),
    /// `network_activity`
    Net(NetworkActivity<'a>),
    /// `http_activity`
    Http(Box<HttpActivity<'a>>),
    /// `authentication`
    Auth(Box<Authentication<'a>>),
    /// `detection_finding`
    Detection(Box<DetectionFinding<'a>>),
    /// `inventory_info`
    Inventory(Box<InventoryInfo<'a>>),
    /// `timed_text`
    Text(TimedText<'a>),
}

type Str<'a> = Cow<'a, str>;
type OptStr<'a> = Option<Cow<'a, str>>;

fn own(text: Str<'_>) -> Str<'static> {
    Cow::Owned(text.into_owned())
}

fn own_opt(text: OptStr<'_>) -> OptStr<'static> {
    text.map(own)
}

/// A call of an AWS API (CloudTrail). OCSF class 6003.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiActivity<'a> {
    /// `eventID`, the dedupe key together with the account
    pub event_id: OptStr<'a>,
    /// `eventName`, e.g. `RunInstances`
    pub event_name: Str<'a>,
    /// `eventSource`, e.g. `ec2.amazonaws.com`
    pub event_source: Str<'a>,
    /// `eventType`, e.g. `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn`
    pub event_type: OptStr<'a>,
    /// `awsRegion`
    pub region: OptStr<'a>,
    /// `recipientAccountId`, else `userIdentity.accountId`
    pub account: OptStr<'a>,
    /// `userIdentity.type`: `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSAccount`, `AWSService`, …
    pub identity_type: OptStr<'a>,
    /// `userIdentity.arn`
    pub identity_arn: OptStr<'a>,
    /// `userIdentity.userName`, else the session issuer's
    pub user_name: OptStr<'a>,
    /// `userIdentity.principalId` (for instance roles it ends in `:i-…`)
    pub principal_id: OptStr<'a>,
    /// `userIdentity.accessKeyId` (`AKIA…` long-lived, `ASIA…` temporary)
    pub access_key_id: OptStr<'a>,
    /// `userIdentity.sessionContext.sessionIssuer.arn`
    pub session_issuer_arn: OptStr<'a>,
    /// `sessionContext.attributes.mfaAuthenticated`, or `additionalEventData.MFAUsed` of a sign-in
    pub mfa: Option<bool>,
    /// `userIdentity.invokedBy`
    pub invoked_by: OptStr<'a>,
    /// `sourceIPAddress`: an address, or an AWS service's name
    pub source_ip: OptStr<'a>,
    /// `userAgent`
    pub user_agent: OptStr<'a>,
    /// `errorCode`; `None` when the call succeeded
    pub error_code: OptStr<'a>,
    /// `errorMessage`
    pub error_message: OptStr<'a>,
    /// `readOnly`
    pub read_only: Option<bool>,
    /// `requestParameters` as JSON text
    pub request: OptStr<'a>,
    /// `responseElements` as JSON text
    pub response: OptStr<'a>,
    /// `additionalEventData` as JSON text
    pub additional: OptStr<'a>,
}

impl ApiActivity<'_> {
    /// The source address, where it is one and not a service's name.
    #[must_use]
    pub fn source_addr(&self) -> Option<IpAddr> {
        self.source_ip.as_deref()?.parse().ok()
    }

    /// Who acted: ARN, else key, else principal id, else the invoking service.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.identity_arn.as_deref().or(self.access_key_id.as_deref()).or(self.principal_id.as_deref()).or(self.invoked_by.as_deref())
    }
}

/// What a flow log says of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlowAction {
    /// security groups and network ACLs let it pass
    Accept,
    /// they did not
    Reject,
}

/// Whether a flow-log record carries data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FlowStatus {
    /// normal
    #[default]
    Ok,
    /// no traffic in the interval: proves silence
    NoData,
    /// records were skipped: a real gap
    SkipData,
}

/// Direction seen from the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Direction {
    Ingress,
    Egress,
}

/// A flow record (VPC Flow Logs). OCSF class 4001.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkActivity<'a> {
    /// `interface-id`
    pub interface_id: OptStr<'a>,
    /// `instance-id`
    pub instance_id: OptStr<'a>,
    /// `account-id`
    pub account: OptStr<'a>,
    /// `region`
    pub region: OptStr<'a>,
    /// `srcaddr`
    pub src: Option<IpAddr>,
    /// `dstaddr`
    pub dst: Option<IpAddr>,
    /// `pkt-srcaddr`
    pub pkt_src: Option<IpAddr>,
    /// `pkt-dstaddr`
    pub pkt_dst: Option<IpAddr>,
    /// `srcport`
    pub src_port: Option<u16>,
    /// `dstport`
    pub dst_port: Option<u16>,
    /// IANA protocol number
    pub protocol: Option<u8>,
    /// packets in the interval
    pub packets: u64,
    /// bytes in the interval
    pub bytes: u64,
    /// end of the interval (its start is `Row::at`)
    pub end: Option<Timestamp>,
    /// ACCEPT or REJECT
    pub action: Option<FlowAction>,
    /// OK, NODATA, SKIPDATA
    pub status: FlowStatus,
    /// `flow-direction` if the record has it; else the lake infers it from which side is the interface's own address
    pub direction: Option<Direction>,
    /// `tcp-flags`, OR-ed over the interval (SYN 2, SYN-ACK 18, FIN 1, RST 4)
    pub tcp_flags: Option<u16>,
}

impl NetworkActivity<'_> {
    /// (our side, our port, the other side, its port), when the direction is known.
    #[must_use]
    pub fn sides(&self) -> Option<(IpAddr, Option<u16>, IpAddr, Option<u16>)> {
        let (src, dst) = (self.src?, self.dst?);
        Some(match self.direction? {
            Direction::Egress => (src, self.src_port, dst, self.dst_port),
            Direction::Ingress => (dst, self.dst_port, src, self.src_port),
        })
    }
}

/// A request to a web server. OCSF class 4002.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpActivity<'a> {
    /// the client as logged: an address, or a name
    pub client: Str<'a>,
    /// authenticated user
    pub user: OptStr<'a>,
    /// virtual host, if the format has it
    pub host: OptStr<'a>,
    /// method; empty when the request line does not parse
    pub method: Str<'a>,
    /// path and query as sent (percent-encoded); the raw request line when it does not parse
    pub target: Str<'a>,
    /// status code
    pub status: Option<u16>,
    /// bytes of the response body
    pub bytes: Option<u64>,
    /// Referer
    pub referer: OptStr<'a>,
    /// User-Agent
    pub user_agent: OptStr<'a>,
}

impl HttpActivity<'_> {
    /// The client's address, where it is one.
    #[must_use]
    pub fn client_addr(&self) -> Option<IpAddr> {
        self.client.parse().ok()
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }
}

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AuthOutcome {
    /// let in
    Success,
    /// refused
    #[default]
    Failure,
    /// neither is said (connection closed before authentication, session opened or closed)
    Other,
}

/// A sign-in. OCSF class 3002.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Authentication<'a> {
    /// `sshd`, `console` (AWS Management Console), `sudo`, …
    pub service: Str<'a>,
    /// host name in the log
    pub host: OptStr<'a>,
    /// AWS account (console)
    pub account: OptStr<'a>,
    /// Region (console)
    pub region: OptStr<'a>,
    /// who
    pub user: OptStr<'a>,
    /// whether the log says that no such user exists
    pub unknown_user: bool,
    /// from where
    pub source: Option<IpAddr>,
    /// source port
    pub source_port: Option<u16>,
    /// `password`, `publickey`, `keyboard-interactive/pam`, `console`, …
    pub method: OptStr<'a>,
    /// fingerprint of the key used, if the log names it
    pub key_fingerprint: OptStr<'a>,
    /// how it ended
    pub outcome: AuthOutcome,
    /// attempts that this line stands for ("message repeated 5 times"), at least 1
    pub attempts: u32,
    /// whether MFA was used (console)
    pub mfa: Option<bool>,
    /// process id of the daemon
    pub pid: Option<u32>,
    /// user agent (console)
    pub user_agent: OptStr<'a>,
    /// the message as logged
    pub message: Str<'a>,
    /// dedupe key where the source has one (CloudTrail `eventID`)
    pub event_id: OptStr<'a>,
}

/// A finding of another product (GuardDuty). OCSF class 2004.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectionFinding<'a> {
    /// `guardduty`
    pub product: Str<'a>,
    /// the product's id of it
    pub finding_id: Str<'a>,
    /// type, e.g. `UnauthorizedAccess:EC2/SSHBruteForce`
    pub kind: Str<'a>,
    /// 0 to 10 (GuardDuty: low below 4, medium below 7, high below 9, critical above)
    pub severity: f64,
    /// title
    pub title: Str<'a>,
    /// description
    pub description: Str<'a>,
    /// account
    pub account: OptStr<'a>,
    /// Region
    pub region: OptStr<'a>,
    /// resource type, e.g. `Instance`, `AccessKey`
    pub resource_type: OptStr<'a>,
    /// instance concerned
    pub instance_id: OptStr<'a>,
    /// access key concerned
    pub access_key_id: OptStr<'a>,
    /// user or role concerned
    pub principal: OptStr<'a>,
    /// remote address of the action
    pub remote: Option<IpAddr>,
    /// remote port
    pub remote_port: Option<u16>,
    /// local address
    pub local: Option<IpAddr>,
    /// `service.eventFirstSeen`
    pub first_seen: Option<Timestamp>,
    /// `service.eventLastSeen`
    pub last_seen: Option<Timestamp>,
    /// `service.count`
    pub count: u64,
    /// whether GuardDuty marks it as one of its sample findings
    pub sample: bool,
}

/// What kind of thing an inventory record describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum InventoryKind {
    #[default]
    Instance,
    Address,
    SecurityGroup,
    NetworkInterface,
}

/// A resource as described by AWS (output of `describe-*`). OCSF class 5001.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventoryInfo<'a> {
    /// what it is
    pub kind: InventoryKind,
    /// its id (instance id, allocation id or address, group id, interface id)
    pub id: Str<'a>,
    /// account (`OwnerId`)
    pub account: OptStr<'a>,
    /// Region or availability zone's Region
    pub region: OptStr<'a>,
    /// `Name` tag or group name
    pub name: OptStr<'a>,
    /// public addresses
    pub public_addrs: Vec<IpAddr>,
    /// private addresses
    pub private_addrs: Vec<IpAddr>,
    /// interfaces attached to it, or the interface itself
    pub interfaces: Vec<Str<'a>>,
    /// instance that it belongs to (addresses, interfaces)
    pub instance_id: OptStr<'a>,
    /// security groups on it
    pub groups: Vec<Str<'a>>,
    /// `running`, `stopped`, …
    pub state: OptStr<'a>,
    /// when an instance was launched
    pub launched: Option<Timestamp>,
    /// image id
    pub image_id: OptStr<'a>,
    /// instance type
    pub instance_type: OptStr<'a>,
    /// `MetadataOptions.HttpTokens`: `required` (IMDSv2 only) or `optional`
    pub imds_tokens: OptStr<'a>,
    /// instance profile ARN
    pub instance_profile: OptStr<'a>,
    /// ingress rules of a security group
    pub ingress: Vec<IngressRule>,
    /// the record as JSON text
    pub raw: Str<'a>,
}

/// One ingress permission of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngressRule {
    /// `tcp`, `udp`, `icmp`, or `-1` for all
    pub protocol: String,
    /// first port; `None` for all
    pub from_port: Option<u16>,
    /// last port; `None` for all
    pub to_port: Option<u16>,
    /// CIDR blocks (IPv4 and IPv6) as written
    pub cidrs: Vec<String>,
}

impl IngressRule {
    /// Whether anyone on the Internet may use it.
    #[must_use]
    pub fn open_to_world(&self) -> bool {
        self.cidrs.iter().any(|c| c == "0.0.0.0/0" || c == "::/0")
    }

    /// Whether a port falls under it.
    #[must_use]
    pub fn covers(&self, port: u16) -> bool {
        self.protocol == "-1"
            || match (self.from_port, self.to_port) {
                (Some(from), Some(to)) => from <= port && port <= to,
                _ => true,
            }
    }
}

/// A record of which only the time and the words are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimedText<'a> {
    /// host name in the log
    pub host: OptStr<'a>,
    /// program that wrote it
    pub program: OptStr<'a>,
    /// process id
    pub pid: Option<u32>,
    /// the words
    pub message: Str<'a>,
}

impl Body<'_> {
    /// The same body, owning its text.
    #[must_use]
    pub fn into_owned(self) -> Body<'static> {
        match self {
            Self::Api(b) => Body::Api(Box::new(own_api(*b))),
            Self::Net(b) => Body::Net(own_net(b)),
            Self::Http(b) => Body::Http(Box::new(own_http(*b))),
            Self::Auth(b) => Body::Auth(Box::new(own_auth(*b))),
            Self::Detection(b) => Body::Detection(Box::new(own_detection(*b))),
            Self::Inventory(b) => Body::Inventory(Box::new(own_inventory(*b))),
            Self::Text(b) => {
                Body::Text(TimedText { host: own_opt(b.host), program: own_opt(b.program), pid: b.pid, message: own(b.message) })
            }
        }
    }
}

fn own_api(b: ApiActivity<'_>) -> ApiActivity<'static> {
    ApiActivity {
        event_id: own_opt(b.event_id),
        event_name: own(b.event_name),
        event_source: own(b.event_source),
        event_type: own_opt(b.event_type),
        region: own_opt(b.region),
        account: own_opt(b.account),
        identity_type: own_opt(b.identity_type),
        identity_arn: own_opt(b.identity_arn),
        user_name: own_opt(b.user_name),
        principal_id: own_opt(b.principal_id),
        access_key_id: own_opt(b.access_key_id),
        session_issuer_arn: own_opt(b.session_issuer_arn),
        mfa: b.mfa,
        invoked_by: own_opt(b.invoked_by),
        source_ip: own_opt(b.source_ip),
        user_agent: own_opt(b.user_agent),
        error_code: own_opt(b.error_code),
        error_message: own_opt(b.error_message),
        read_only: b.read_only,
        request: own_opt(b.request),
        response: own_opt(b.response),
        additional: own_opt(b.additional),
    }
}

fn own_net(b: NetworkActivity<'_>) -> NetworkActivity<'static> {
    NetworkActivity {
        interface_id: own_opt(b.interface_id),
        instance_id: own_opt(b.instance_id),
        account: own_opt(b.account),
        region: own_opt(b.region),
        src: b.src,
        dst: b.dst,
        pkt_src: b.pkt_src,
        pkt_dst: b.pkt_dst,
        src_port: b.src_port,
        dst_port: b.dst_port,
        protocol: b.protocol,
        packets: b.packets,
        bytes: b.bytes,
        end: b.end,
        action: b.action,
        status: b.status,
        direction: b.direction,
        tcp_flags: b.tcp_flags,
    }
}

fn own_http(b: HttpActivity<'_>) -> HttpActivity<'static> {
    HttpActivity {
        client: own(b.client),
        user: own_opt(b.user),
        host: own_opt(b.host),
        method: own(b.method),
        target: own(b.target),
        status: b.status,
        bytes: b.bytes,
        referer: own_opt(b.referer),
        user_agent: own_opt(b.user_agent),
    }
}

fn own_auth(b: Authentication<'_>) -> Authentication<'static> {
    Authentication {
        service: own(b.service),
        host: own_opt(b.host),
        account: own_opt(b.account),
        region: own_opt(b.region),
        user: own_opt(b.user),
        unknown_user: b.unknown_user,
        source: b.source,
        source_port: b.source_port,
        method: own_opt(b.method),
        key_fingerprint: own_opt(b.key_fingerprint),
        outcome: b.outcome,
        attempts: b.attempts,
        mfa: b.mfa,
        pid: b.pid,
        user_agent: own_opt(b.user_agent),
        message: own(b.message),
        event_id: own_opt(b.event_id),
    }
}

fn own_detection(b: DetectionFinding<'_>) -> DetectionFinding<'static> {
    DetectionFinding {
        product: own(b.product),
        finding_id: own(b.finding_id),
        kind: own(b.kind),
        severity: b.severity,
        title: own(b.title),
        description: own(b.description),
        account: own_opt(b.account),
        region: own_opt(b.region),
        resource_type: own_opt(b.resource_type),
        instance_id: own_opt(b.instance_id),
        access_key_id: own_opt(b.access_key_id),
        principal: own_opt(b.principal),
        remote: b.remote,
        remote_port: b.remote_port,
        local: b.local,
        first_seen: b.first_seen,
        last_seen: b.last_seen,
        count: b.count,
        sample: b.sample,
    }
}

fn own_inventory(b: InventoryInfo<'_>) -> InventoryInfo<'static> {
    InventoryInfo {
        kind: b.kind,
        id: own(b.id),
        account: own_opt(b.account),
        region: own_opt(b.region),
        name: own_opt(b.name),
        public_addrs: b.public_addrs,
        private_addrs: b.private_addrs,
        interfaces: b.interfaces.into_iter().map(own).collect(),
        instance_id: own_opt(b.instance_id),
        groups: b.groups.into_iter().map(own).collect(),
        state: own_opt(b.state),
        launched: b.launched,
        image_id: own_opt(b.image_id),
        instance_type: own_opt(b.instance_type),
        imds_tokens: own_opt(b.imds_tokens),
        instance_profile: own_opt(b.instance_profile),
        ingress: b.ingress,
        raw: own(b.raw),
    }
}
