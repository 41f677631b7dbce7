//! What a finding can say. One vocabulary for findings, causes, plans and letters.

use serde::{Deserialize, Serialize};

/// A typed statement about the evidence. Names are stable: they stand in `case.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    // --- what went out of our hosts ---
    /// one of our addresses contacted many remote hosts on one port
    OutboundFanOutScan,
    /// one of our addresses contacted many ports of one remote host
    OutboundVerticalScan,
    /// many remote hosts contacted on a remote-login or service port (SSH, RDP, databases), as password guessing does
    OutboundLoginAttempts,
    /// many remote mail servers contacted on 25, 465 or 587
    OutboundSmtpFanOut,
    /// packets or bytes towards few remote hosts far beyond normal
    OutboundFlood,
    /// small answers to many or large answers to few from a service that amplifies (DNS, NTP, memcached, SSDP, …)
    OutboundAmplification,
    /// many web servers contacted
    OutboundHttpFanOut,
    /// contacts of one remote at regular intervals
    PeriodicOutbound,
    /// long, heavy or repeated exchange with one remote on an unusual port
    OutboundRareRemote,
    /// contact with a remote and port that the notice names
    OutboundToReportedRemote,
    /// contact on a port of mining pools
    OutboundMining,
    /// DNS used as a tunnel (volume or packet sizes to one resolver)
    DnsTunnel,
    // --- what came in ---
    /// packets or bytes towards us far beyond normal: we are the victim
    InboundFlood,
    /// a management or data service reached from the Internet
    InboundToExposedService,
    /// strangers use us to reach others
    ProxyForwarding,
    // --- remote login ---
    /// many failed sign-ins from one source
    SshBruteForce,
    /// a successful password sign-in from a source that had failed often before, or for an account that was being guessed
    SshLoginAfterBruteForce,
    /// a successful password sign-in from a network not seen before, without guessing in the log
    SshLoginFromNewPlace,
    /// the same of another service than SSH (Windows, mail, databases, FTP): many failed sign-ins from one source
    LoginBruteForce,
    /// a successful sign-in from a source that had failed often before, or for an account that was being guessed
    LoginAfterBruteForce,
    /// a successful sign-in from a network not seen before, without guessing in the log
    LoginFromNewPlace,
    // --- web ---
    /// requests that exploit or probe for known holes
    WebExploitAttempt,
    /// such a request, answered in a way that failure would not be
    WebExploitSuccess,
    /// a script was called that takes commands, or that was uploaded shortly before
    WebshellAccess,
    /// a page that imitates another site's sign-in was served
    PhishingPageServed,
    /// a scanner's run over our site
    WebScan,
    /// a request that made the server fetch from instance metadata (169.254.169.254)
    SsrfToMetadata,
    /// a form or sign-up function driven by bots
    FormAbuse,
    // --- inside a host ---
    /// a user made on a host, or given administrator rights there
    HostAccountChanged,
    /// the keys that open SSH on a host were changed
    SshKeysChanged,
    /// a program was run in an intruder's manner: fetched and run at once, decoded, hidden
    HostileCommand,
    /// a shell of a host was connected to a remote
    ReverseShell,
    /// mining software ran, or the name of a mining pool was looked up
    MiningSoftware,
    /// a web or database server started a shell or a tool of attack
    ServiceSpawnedShell,
    /// a job, service or start-up entry that brings a program back
    HostPersistence,
    /// rights of the system taken: sudo rules, setuid files, kernel modules, preloaded libraries
    HostRightsRaised,
    /// logs of a host cleared, or its logging or protection stopped
    HostDefencesStopped,
    /// passwords, keys or instance credentials read on a host
    HostCredentialsRead,
    /// a burst of commands that look round on a host
    HostDiscovery,
    /// another host was entered from one of ours, or ours from another of ours, in an intruder's manner
    LateralMovement,
    /// a tunnel or remote-control tool set up on a host
    TunnelSetUp,
    /// names looked up as malware does it: made-up ones, ones that a DNS firewall blocked, services that call back
    SuspiciousDns,
    /// far more data sent to one remote than ever before
    LargeEgress,
    /// mail sent in bulk through our server by one account, by a script, or by strangers
    MailAbuse,
    /// a sign-in, a program and outward traffic that follow upon one another
    LinkedActivity,
    // --- the account ---
    /// a long-lived access key used from an address or agent not seen before
    KeyUsedFromNewPlace,
    /// temporary credentials of an instance role used from outside the instance
    InstanceCredentialsUsedOutside,
    /// a console sign-in from a new place or without MFA
    SuspiciousConsoleLogin,
    /// the root user acted
    RootUsed,
    /// a new IAM user or sign-in profile
    NewIamUser,
    /// a new access key
    NewAccessKey,
    /// a policy attached or written that widens rights
    PolicyWidened,
    /// a role's trust policy changed or a role made for outsiders
    RoleBackdoored,
    /// temporary credentials made from a user's key (GetFederationToken, GetSessionToken)
    FederationToken,
    /// instances launched in an unusual Region, size or number
    UnusualInstanceLaunch,
    /// logging or detection switched off or weakened
    LoggingSwitchedOff,
    /// a security group opened to the Internet
    SecurityGroupOpened,
    /// a security group that is open to the Internet on a management or data port (inventory)
    ServiceOpenToWorld,
    /// mail sent, or sending prepared, through SES by an unusual principal
    SesAbuse,
    /// a model invoked by an unusual principal
    ModelAbuse,
    /// AWS attached its quarantine policy: AWS itself saw the key exposed
    QuarantineAttached,
    /// a snapshot, image or bucket shared with outsiders
    DataShared,
    /// secrets, parameters, passwords or user data read
    SecretsRead,
    /// stored objects read, copied or deleted by an unusual principal
    StorageAccess,
    /// a bucket read by anonymous strangers
    AnonymousStorageAccess,
    /// a function's code or rights changed
    FunctionTampered,
    /// commands run on instances through Systems Manager or EC2 Instance Connect
    RemoteCommand,
    /// a burst of reconnaissance calls, or of refused calls
    Reconnaissance,
    /// computing other than plain instances set up by an unusual principal or in an unusual Region, or more of it asked for
    ComputeAbuse,
    /// contacts, organisation or standing of the account changed
    AccountSettingsChanged,
    /// MFA or password rules taken away
    CredentialsWeakened,
    /// a role assumed from another account, or several roles one after another
    RoleAssumed,
    /// instances that hand out their credentials to plain requests (IMDSv1)
    MetadataUnprotected,
    /// data, backups or keys destroyed
    DataDestroyed,
    /// names or certificates of ours changed
    DomainTampered,
    /// a way into instances, networks or databases opened, other than by a security group
    AccessOpened,
    /// something in the account that runs again by itself: rules, schedules, images
    CloudPersistence,
    /// text messages sent in bulk
    MessageAbuse,
    /// credentials that were made during the intrusion, or put under quarantine, were used
    NewCredentialsUsed,
    // --- whose resource ---
    /// the address became ours only after the reported time
    AddressNotYetOurs,
    /// the address was no longer ours at the reported time
    AddressNoLongerOurs,
    /// the address was ours at the reported time
    AddressOurs,
    // --- others' findings ---
    /// GuardDuty says so
    GuardDuty,
    /// another product says so: Security Hub and what reports to it, such as Inspector and Macie
    ProductFinding,
    /// a check of settings failed: Security Hub's standards, Prowler, Trusted Advisor
    FailedCheck,
    /// a Sigma rule matched
    Sigma,
}

impl Claim {
    /// The name used in JSON.
    #[must_use]
    pub fn id(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => format!("{self:?}"),
        }
    }
}
