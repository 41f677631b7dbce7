//! Records of AWS's own logs and findings, and what its API says that there is.

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

use super::record::{Cells, Columns, Field, Kind, Record, Value, record, worded};
use super::{OptStr, Str};

record! {
    /// A call of an AWS API (CloudTrail). OCSF class 6003.
    ApiActivity {
        /// `eventID`, the dedupe key together with the account
        event_id: OptStr<'a> = "metadata.uid",
        /// `eventName`, e.g. `RunInstances`
        event_name: Str<'a> = "api.operation",
        /// `eventSource`, e.g. `ec2.amazonaws.com`
        event_source: Str<'a> = "api.service.name",
        /// `eventType`, e.g. `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn`
        event_type: OptStr<'a> = "metadata.event_code",
        /// `awsRegion`
        region: OptStr<'a> = "cloud.region",
        /// `recipientAccountId`, else `userIdentity.accountId`
        account: OptStr<'a> = "cloud.account.uid",
        /// `userIdentity.type`: `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSAccount`, `AWSService`, …
        identity_type: OptStr<'a> = "actor.user.type",
        /// `userIdentity.arn`
        identity_arn: OptStr<'a> = "actor.user.uid_alt",
        /// `userIdentity.userName`, else the session issuer's
        user_name: OptStr<'a> = "actor.user.name",
        /// `userIdentity.principalId` (for instance roles it ends in `:i-…`)
        principal_id: OptStr<'a> = "actor.user.uid",
        /// `userIdentity.accessKeyId` (`AKIA…` long-lived, `ASIA…` temporary)
        access_key_id: OptStr<'a> = "actor.user.credential_uid",
        /// `userIdentity.sessionContext.sessionIssuer.arn`
        session_issuer_arn: OptStr<'a> = "actor.session.issuer",
        /// `sessionContext.attributes.mfaAuthenticated`, or `additionalEventData.MFAUsed` of a sign-in
        mfa: Option<bool> = "actor.session.is_mfa",
        /// `userIdentity.invokedBy`
        invoked_by: OptStr<'a> = "actor.invoked_by",
        /// `sourceIPAddress`: an address, or an AWS service's name
        source_ip: OptStr<'a> = "src_endpoint.ip",
        /// `userAgent`
        user_agent: OptStr<'a> = "http_request.user_agent",
        /// `errorCode`; `None` when the call succeeded
        error_code: OptStr<'a> = "api.response.error",
        /// `errorMessage`
        error_message: OptStr<'a> = "api.response.error_message",
        /// `readOnly`
        read_only: Option<bool> = "",
        /// `requestParameters` as JSON text
        request: OptStr<'a> = "api.request.data",
        /// `responseElements` as JSON text
        response: OptStr<'a> = "api.response.data",
        /// `additionalEventData` as JSON text
        additional: OptStr<'a> = "unmapped",
    }
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

record! {
    /// A flow record (VPC Flow Logs). OCSF class 4001.
    NetworkActivity {
        /// `interface-id`; in a host's own log (Windows): the host's name
        interface_id: OptStr<'a> = "src_endpoint.interface_uid",
        /// `instance-id`
        instance_id: OptStr<'a> = "src_endpoint.instance_uid",
        /// `account-id`
        account: OptStr<'a> = "cloud.account.uid",
        /// `region`
        region: OptStr<'a> = "cloud.region",
        /// `srcaddr`
        src: Option<IpAddr> = "src_endpoint.ip",
        /// `dstaddr`
        dst: Option<IpAddr> = "dst_endpoint.ip",
        /// `pkt-srcaddr`
        pkt_src: Option<IpAddr> = "src_endpoint.intermediate_ips",
        /// `pkt-dstaddr`
        pkt_dst: Option<IpAddr> = "dst_endpoint.intermediate_ips",
        /// `srcport`
        src_port: Option<u16> = "src_endpoint.port",
        /// `dstport`
        dst_port: Option<u16> = "dst_endpoint.port",
        /// IANA protocol number
        protocol: Option<u8> = "connection_info.protocol_num",
        /// packets in the interval
        packets: u64 = "traffic.packets",
        /// bytes in the interval
        bytes: u64 = "traffic.bytes",
        /// end of the interval (its start is `Row::at`)
        end: Option<Timestamp> = "end_time",
        /// ACCEPT or REJECT
        action: Option<FlowAction> = "disposition",
        /// OK, NODATA, SKIPDATA
        status: FlowStatus = "status_code",
        /// `flow-direction` if the record has it; else the lake infers it from which side is the interface's own address
        direction: Option<Direction> = "connection_info.direction",
        /// `tcp-flags`, OR-ed over the interval (SYN 2, SYN-ACK 18, FIN 1, RST 4)
        tcp_flags: Option<u16> = "connection_info.tcp_flags",
        /// program on our side, where a host's own record names it (Windows, lists of sockets)
        process: OptStr<'a> = "actor.process.name",
        /// its process id
        pid: Option<u32> = "actor.process.pid",
    }
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

record! {
    /// A query to a DNS resolver (Route 53 Resolver query logs). OCSF class 4003.
    DnsActivity {
        /// the name asked for, without the final dot
        query: Str<'a> = "query.hostname",
        /// record type, e.g. `A`, `TXT`
        query_type: OptStr<'a> = "query.type",
        /// response code, e.g. `NOERROR`, `NXDOMAIN`
        rcode: OptStr<'a> = "rcode",
        /// the answers' data
        answers: Vec<Str<'a>> = "answers.rdata",
        /// who asked
        source: Option<IpAddr> = "src_endpoint.ip",
        /// from which port
        source_port: Option<u16> = "src_endpoint.port",
        /// `UDP`, `TCP`, `DoH`
        transport: OptStr<'a> = "connection_info.protocol_name",
        /// instance that asked; in a host's own log (Windows): the host's name
        instance_id: OptStr<'a> = "src_endpoint.instance_uid",
        /// VPC that it is in
        vpc_id: OptStr<'a> = "src_endpoint.vpc_uid",
        /// account
        account: OptStr<'a> = "cloud.account.uid",
        /// Region
        region: OptStr<'a> = "cloud.region",
        /// what the DNS firewall did: `BLOCK`, `ALERT`, `ALLOW`
        action: OptStr<'a> = "disposition",
        /// list of domains that matched
        list: OptStr<'a> = "firewall_rule.uid",
    }
}

record! {
    /// A finding of another product (GuardDuty, Security Hub, Inspector, Prowler …). OCSF class 2004.
    DetectionFinding {
        /// `guardduty`, or the product's name as it gives it
        product: Str<'a> = "metadata.product.name",
        /// the product's id of it
        finding_id: Str<'a> = "finding_info.uid",
        /// type, e.g. `UnauthorizedAccess:EC2/SSHBruteForce`
        kind: Str<'a> = "finding_info.types",
        /// 0 to 10 (GuardDuty: low below 4, medium below 7, high below 9, critical above)
        severity: f64 = "severity",
        /// title
        title: Str<'a> = "finding_info.title",
        /// description
        description: Str<'a> = "finding_info.desc",
        /// account
        account: OptStr<'a> = "cloud.account.uid",
        /// Region
        region: OptStr<'a> = "cloud.region",
        /// resource type, e.g. `Instance`, `AccessKey`
        resource_type: OptStr<'a> = "resources.type",
        /// instance concerned
        instance_id: OptStr<'a> = "",
        /// the first resource as the product names it: an ARN, an id
        resource: OptStr<'a> = "resources.uid",
        /// access key concerned
        access_key_id: OptStr<'a> = "actor.user.credential_uid",
        /// user or role concerned
        principal: OptStr<'a> = "actor.user.name",
        /// remote address of the action
        remote: Option<IpAddr> = "evidences.src_endpoint.ip",
        /// remote port
        remote_port: Option<u16> = "evidences.src_endpoint.port",
        /// local address
        local: Option<IpAddr> = "evidences.dst_endpoint.ip",
        /// `service.eventFirstSeen`
        first_seen: Option<Timestamp> = "finding_info.first_seen_time",
        /// `service.eventLastSeen`
        last_seen: Option<Timestamp> = "finding_info.last_seen_time",
        /// `service.count`
        count: u64 = "count",
        /// whether GuardDuty marks it as one of its sample findings
        sample: bool = "",
        /// what became of it, where that is said: `FAILED`, `PASSED`, `RESOLVED`, `ARCHIVED`, …
        status: OptStr<'a> = "status",
    }
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
    LoadBalancer,
    Volume,
    Snapshot,
    Image,
    Vpc,
    Subnet,
    Bucket,
    User,
    UserGroup,
    Role,
    AccessKey,
    Policy,
    MfaDevice,
    Other,
}

record! {
    /// A resource as described by AWS (output of `describe-*` and `list-*`, IAM reports, AWS Config). OCSF class 5001.
    InventoryInfo {
        /// what it is
        kind: InventoryKind = "resources.type",
        /// its id (instance id, allocation id or address, group id, interface id, access key id), else its ARN
        id: Str<'a> = "resources.uid",
        /// account (`OwnerId`)
        account: OptStr<'a> = "cloud.account.uid",
        /// Region or availability zone's Region
        region: OptStr<'a> = "cloud.region",
        /// `Name` tag or group name
        name: OptStr<'a> = "resources.name",
        /// public addresses
        public_addrs: Vec<IpAddr> = "device.network_interfaces.ip",
        /// private addresses
        private_addrs: Vec<IpAddr> = "device.network_interfaces.ip",
        /// interfaces attached to it, or the interface itself
        interfaces: Vec<Str<'a>> = "device.network_interfaces.uid",
        /// instance that it belongs to (addresses, interfaces)
        instance_id: OptStr<'a> = "device.instance_uid",
        /// security groups on it; of a user: the groups that it is in
        groups: Vec<Str<'a>> = "device.groups.uid",
        /// `running`, `stopped`, `in-use`, …; access keys: `Active` or `Inactive`; users: whether a password is enabled
        state: OptStr<'a> = "device.state",
        /// when an instance was launched, or anything else was made (access keys of a credential report: last rotated)
        launched: Option<Timestamp> = "device.created_time",
        /// image id
        image_id: OptStr<'a> = "device.image.uid",
        /// instance type
        instance_type: OptStr<'a> = "device.model",
        /// `MetadataOptions.HttpTokens`: `required` (IMDSv2 only) or `optional`
        imds_tokens: OptStr<'a> = "",
        /// instance profile ARN
        instance_profile: OptStr<'a> = "",
        /// ingress rules of a security group
        ingress: Vec<IngressRule> = "",
        /// user that an access key or MFA device belongs to
        user: OptStr<'a> = "user.name",
        /// when it was last used (password, access key, role), where that is said
        last_used: Option<Timestamp> = "",
        /// whether the user has MFA
        mfa: Option<bool> = "user.has_mfa",
        /// policies on it: ARNs, and names of those written into it
        policies: Vec<Str<'a>> = "user.policies.name",
        /// the record as JSON text
        raw: Str<'a> = "raw_data",
    }
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
    /// One line: `tcp 22-22 0.0.0.0/0 ::/0`; `*` for all ports.
    fn written(&self) -> String {
        let port = |port: Option<u16>| port.map_or_else(|| "*".to_owned(), |p| p.to_string());
        format!("{} {}-{} {}", self.protocol, port(self.from_port), port(self.to_port), self.cidrs.join(" "))
    }

    fn of_written(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let protocol = words.next()?.to_owned();
        let (from, to) = words.next()?.split_once('-')?;
        let cidrs = words.filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Some(Self { protocol, from_port: from.parse().ok(), to_port: to.parse().ok(), cidrs })
    }

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

impl<'a> Value<'a> for Vec<IngressRule> {
    type Owned = Self;
    const KIND: Kind = Kind::Texts;
    fn put<C: Columns>(&self, columns: &mut C) {
        columns.texts(&mut self.iter().map(|rule| Cow::Owned(rule.written())));
    }
    fn take<C: Cells<'a>>(cells: &mut C) -> Self {
        cells.texts().into_iter().filter_map(IngressRule::of_written).collect()
    }
    fn own(self) -> Self::Owned {
        self
    }
}

worded! {
    FlowAction { Accept = "ACCEPT", Reject = "REJECT" }
    FlowStatus { Ok = "OK", NoData = "NODATA", SkipData = "SKIPDATA" }
    Direction { Ingress = "ingress", Egress = "egress" }
    InventoryKind {
        Instance = "instance",
        Address = "address",
        SecurityGroup = "security-group",
        NetworkInterface = "network-interface",
        LoadBalancer = "load-balancer",
        Volume = "volume",
        Snapshot = "snapshot",
        Image = "image",
        Vpc = "vpc",
        Subnet = "subnet",
        Bucket = "bucket",
        User = "user",
        UserGroup = "user-group",
        Role = "role",
        AccessKey = "access-key",
        Policy = "policy",
        MfaDevice = "mfa-device",
        Other = "other",
    }
}
