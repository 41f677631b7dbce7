//! The facts that decide which actions are proposed, read once from the case.
//!
//! Names in findings and notices come from strangers. Only values of a known form become targets or stand in commands;
//! any other is left to the finding that shows it. Nothing here looks at logs.

use abate_model::{
    AuthenticityVerdict, Category, CauseClass, CauseKind, Claim, EntityKind, Finding, ResourceKind, Severity, Verdict, is_masked,
};

use crate::Input;
use crate::names::{self, is_group, is_instance, is_key, is_name};

/// At most so many targets of one action: a plan must be read by a person.
const MAX_TARGETS: usize = 20;
/// At most so many findings cited by a step.
const MAX_FINDINGS: usize = 8;

/// What a step acts on, what stands for `{name}` in its texts, and the findings that call for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: Option<String>,
    pub(crate) vars: Vec<(&'static str, String)>,
    pub(crate) findings: Vec<String>,
}

impl Target {
    fn of(id: impl Into<String>, findings: Vec<String>) -> Self {
        Self { id: Some(id.into()), vars: Vec::new(), findings }
    }

    fn once(findings: Vec<String>) -> Vec<Self> {
        vec![Self { findings, ..Self::default() }]
    }
}

/// The case, as far as the actions ask.
pub(crate) struct Facts<'a> {
    input: &'a Input<'a>,
    innocent: bool,
}

/// Claims of which each shows that someone got into a host.
const HOST_ENTRY: &[Claim] = &[
    Claim::SshLoginAfterBruteForce,
    Claim::SshLoginFromNewPlace,
    Claim::LoginAfterBruteForce,
    Claim::LoginFromNewPlace,
    Claim::WebExploitSuccess,
    Claim::WebshellAccess,
    Claim::InboundToExposedService,
    Claim::ReverseShell,
    Claim::RemoteCommand,
];

/// Claims that a host sends what it should not.
const HOST_TRAFFIC: &[Claim] = &[
    Claim::OutboundFanOutScan,
    Claim::OutboundVerticalScan,
    Claim::OutboundLoginAttempts,
    Claim::OutboundSmtpFanOut,
    Claim::OutboundFlood,
    Claim::OutboundMining,
    Claim::OutboundToReportedRemote,
    Claim::PeriodicOutbound,
    Claim::DnsTunnel,
];

/// Claims of which each shows that someone got into the account.
const ACCOUNT_ENTRY: &[Claim] =
    &[Claim::KeyUsedFromNewPlace, Claim::InstanceCredentialsUsedOutside, Claim::SuspiciousConsoleLogin, Claim::QuarantineAttached];

/// Outbound ports without which a subnet can do nothing, not even be reached by Session Manager: isolate the host instead.
const COMMON_PORTS: &[u16] = &[53, 80, 123, 443];

/// Claims that a group or a service stands open.
const OPEN: &[Claim] = &[Claim::ServiceOpenToWorld, Claim::SecurityGroupOpened, Claim::InboundToExposedService];

impl<'a> Facts<'a> {
    pub(crate) fn of(input: &'a Input<'a>) -> Self {
        let verdicts = input.verdicts;
        let contradicted = !verdicts.is_empty() && verdicts.iter().all(|v| v.verdict() == Verdict::Contradicted);
        let confirmed = verdicts.iter().any(|v| v.verdict() == Verdict::Confirmed);
        let leading = input.causes.first().filter(|c| c.confidence >= 0.5).map(|c| (c.class, c.kind));
        // A forwarding proxy is attributed wrongly and still must be closed, so that it counts as no innocence here.
        let innocent = contradicted
            || match leading {
                Some((CauseClass::LegitimateUse, _)) => true,
                Some((CauseClass::FalseAttribution, kind)) => kind != CauseKind::ForwardingProxy && !confirmed,
                _ => false,
            };
        Self { input, innocent }
    }

    /// Findings with one of the claims that weigh more than an attempt.
    fn found(&self, claims: &[Claim]) -> Vec<&'a Finding> {
        self.input.findings.iter().filter(|f| claims.contains(&f.claim) && f.severity >= Severity::Medium).collect()
    }

    fn ids(findings: &[&Finding]) -> Vec<String> {
        findings.iter().take(MAX_FINDINGS).map(|f| f.id.clone()).collect()
    }

    fn leading(&self) -> CauseClass {
        self.input.causes.first().map_or(CauseClass::Undetermined, |c| c.class)
    }

    /// Whether the notice is of one of the categories.
    fn is_about(&self, categories: &[Category]) -> bool {
        categories.contains(&self.input.notice.category) || self.input.notice.reported.iter().any(|r| categories.contains(&r.category))
    }

    /// The first Region of the notice, if it has the form of one.
    pub(crate) fn region(&self) -> Option<String> {
        self.input.notice.regions.iter().find(|r| names::is_region(r)).cloned()
    }

    /// Instances named in the notice, unmasked and of a form that may stand in a command.
    fn named_instances(&self) -> Vec<String> {
        let named = self.input.notice.resources.iter().filter(|r| r.kind == ResourceKind::Ec2Instance);
        unique(named.map(|r| r.id.clone()).filter(|id| is_instance(id)))
    }

    /// Whether the notice names something that runs code of ours, or nothing in particular.
    fn names_a_host(&self) -> bool {
        use ResourceKind as K;
        let runs = |kind: K| !matches!(kind, K::AccessKey | K::IamUser | K::IamRole | K::Account | K::S3Bucket | K::CloudFront);
        let resources = &self.input.notice.resources;
        resources.is_empty() || resources.iter().any(|r| runs(r.kind))
    }

    /// Each instance that the notice names, or the reported resource as such where none is named.
    fn hosts(&self, claims: &[Claim]) -> Vec<Target> {
        let findings = Self::ids(&self.found(claims));
        let named = self.named_instances();
        if named.is_empty() {
            return Target::once(findings);
        }
        named.into_iter().map(|id| Target::of(id, findings.clone())).collect()
    }

    /// What must be kept as it is: the hosts, and instances that an intruder launched.
    pub(crate) fn to_preserve(&self) -> Vec<Target> {
        if self.innocent {
            return Vec::new();
        }
        let mut targets = if self.names_a_host() { self.hosts(HOST_ENTRY) } else { Vec::new() };
        for target in self.intruder_instances() {
            if !targets.iter().any(|t| t.id == target.id) {
                targets.push(target);
            }
        }
        targets
    }

    /// Once, where there is no host to keep: a key, a user or a bucket is named.
    pub(crate) fn only_logs_to_preserve(&self) -> Vec<Target> {
        if self.innocent || !self.to_preserve().is_empty() { Vec::new() } else { vec![Target::default()] }
    }

    /// The hosts, where the notice or the findings say that they send what they should not or were broken into.
    pub(crate) fn to_isolate(&self) -> Vec<Target> {
        use Category as C;
        let categories = [C::Spam, C::PortScan, C::Dos, C::Intrusion, C::Botnet, C::Malware, C::Phishing, C::CryptoMining, C::Other];
        let claims: Vec<Claim> = HOST_ENTRY.iter().chain(HOST_TRAFFIC).copied().collect();
        let called_for = self.is_about(&categories) || !self.found(&claims).is_empty();
        if self.innocent || !called_for || !self.names_a_host() { Vec::new() } else { self.hosts(&claims) }
    }

    /// The hosts, if someone got in by one of them.
    pub(crate) fn broken_into(&self) -> Vec<Target> {
        use CauseClass::{ExposedService, SupplyChain, VulnerableApplication, WeakRemoteLogin};
        let class = matches!(self.leading(), WeakRemoteLogin | ExposedService | VulnerableApplication | SupplyChain);
        if self.innocent || !self.names_a_host() || (!class && self.found(HOST_ENTRY).is_empty()) {
            return Vec::new();
        }
        self.hosts(HOST_ENTRY)
    }

    /// Outbound ports to block: those of reported scans, floods and logins; 25 for spam.
    pub(crate) fn egress_ports(&self) -> Vec<Target> {
        use Category as C;
        if self.innocent || !self.names_a_host() {
            return Vec::new();
        }
        let mut ports: Vec<u16> = Vec::new();
        for reported in &self.input.notice.reported {
            if matches!(reported.category, C::PortScan | C::Dos | C::Intrusion | C::Botnet) {
                ports.extend(reported.remote.iter().filter_map(|r| r.port).filter(|port| !COMMON_PORTS.contains(port)));
            }
        }
        let mail = Self::ids(&self.found(&[Claim::OutboundSmtpFanOut]));
        if !mail.is_empty() || (self.is_about(&[C::Spam]) && self.found(&[Claim::SesAbuse]).is_empty()) {
            ports.push(25);
        }
        ports.sort_unstable();
        ports.dedup();
        let traffic = Self::ids(&self.found(HOST_TRAFFIC));
        ports
            .into_iter()
            .take(4)
            .map(|port| Target::of(port.to_string(), if port == 25 { mail.clone() } else { traffic.clone() }))
            .collect()
    }

    /// Once, if one of the claims was found.
    pub(crate) fn when(&self, claims: &[Claim]) -> Vec<Target> {
        let found = self.found(claims);
        if found.is_empty() || self.innocent { Vec::new() } else { Target::once(Self::ids(&found)) }
    }

    /// Once, if one of the claims was found, the notice is of one of the categories, or the leading cause of the class.
    pub(crate) fn when_or(&self, claims: &[Claim], categories: &[Category], class: Option<CauseClass>) -> Vec<Target> {
        let called_for = self.is_about(categories) || class.is_some_and(|c| c == self.leading());
        let found = self.when(claims);
        if found.is_empty() && called_for && !self.innocent { vec![Target::default()] } else { found }
    }

    /// Each long-lived key that was misused, made by the intruder, or named by the notice.
    pub(crate) fn keys(&self) -> Vec<Target> {
        if self.innocent {
            return Vec::new();
        }
        let named = self.input.notice.resources.iter().filter(|r| r.kind == ResourceKind::AccessKey && !is_masked(&r.id));
        let named = unique(named.map(|r| r.id.clone()).filter(|k| is_key(k)));
        let mut keys: Vec<Target> = named.into_iter().map(|key| Target::of(key, Vec::new())).collect();
        let claims = [Claim::KeyUsedFromNewPlace, Claim::QuarantineAttached, Claim::SesAbuse, Claim::NewAccessKey, Claim::ModelAbuse];
        for target in
            self.by_name(&self.found(&claims), &|f| f.of(EntityKind::AccessKey).filter(|k| is_key(k)).map(str::to_owned).collect())
        {
            match keys.iter_mut().find(|known| known.id == target.id) {
                Some(known) => known.findings = target.findings,
                None => keys.push(target),
            }
        }
        for key in &mut keys {
            key.vars.extend(self.user_of(key).map(|user| ("user", user)));
        }
        keys.truncate(MAX_TARGETS);
        keys
    }

    /// The user whose key it is, where the findings about it name only one.
    fn user_of(&self, key: &Target) -> Option<String> {
        let about = self.input.findings.iter().filter(|f| key.findings.contains(&f.id));
        let users = unique(about.flat_map(|f| f.of(EntityKind::Principal)).filter_map(names::user_of_arn));
        if let [one] = users.as_slice() { Some(one.clone()) } else { None }
    }

    /// IAM users that acted for the intruder.
    pub(crate) fn misused_users(&self, claims: &[Claim]) -> Vec<Target> {
        self.by_name(&self.found(claims), &|f| f.of(EntityKind::Principal).filter_map(names::user_of_arn).collect())
    }

    /// Roles whose temporary credentials were misused.
    pub(crate) fn misused_roles(&self) -> Vec<Target> {
        let found = self.found(&[Claim::InstanceCredentialsUsedOutside, Claim::FederationToken, Claim::RoleBackdoored]);
        self.by_name(&found, &|f| f.of(EntityKind::Principal).filter_map(names::role_of_arn).collect())
    }

    /// Users who signed in to the console in a way that is not theirs; once where none is named in a form that may stand
    /// in a command (the root user).
    pub(crate) fn console_users(&self) -> Vec<Target> {
        let found = self.found(&[Claim::SuspiciousConsoleLogin]);
        let named = self.by_name(&found, &|f| f.of(EntityKind::User).filter(|u| is_name(u)).map(str::to_owned).collect());
        if named.is_empty() { self.when(&[Claim::SuspiciousConsoleLogin]) } else { named }
    }

    /// Users, roles and policies that the intruder made: `user/NAME`, `role/NAME`, `policy/NAME`.
    pub(crate) fn intruder_identities(&self) -> Vec<Target> {
        let claims = [Claim::NewIamUser, Claim::RoleBackdoored, Claim::PolicyWidened];
        let named = self.by_name(&self.found(&claims), &|f| match f.claim {
            Claim::NewIamUser => f.of(EntityKind::User).filter(|u| is_name(u)).map(|u| format!("user/{u}")).collect(),
            Claim::RoleBackdoored => f.of(EntityKind::Resource).filter(|r| is_name(r)).map(|r| format!("role/{r}")).collect(),
            _ => f.of(EntityKind::Resource).filter_map(names::policy_of_arn).map(|p| format!("policy/{p}")).collect(),
        });
        if named.is_empty() { self.when(&claims) } else { named }
    }

    /// Instances that the intruder launched, with their Region.
    pub(crate) fn intruder_instances(&self) -> Vec<Target> {
        let found = self.found(&[Claim::UnusualInstanceLaunch]);
        let mut targets = self.by_name(&found, &|f| f.of(EntityKind::Instance).filter(|i| is_instance(i)).map(str::to_owned).collect());
        for target in &mut targets {
            let finding = found.iter().find(|f| f.of(EntityKind::Instance).any(|i| target.id.as_deref() == Some(i)));
            let regions: Vec<&str> = finding.map(|f| f.of(EntityKind::Region).collect()).unwrap_or_default();
            if let [region] = regions.as_slice()
                && names::is_region(region)
            {
                target.vars.push(("region", (*region).to_owned()));
            }
        }
        targets
    }

    /// Security groups that stand open, with the first open port; once where no group is named.
    pub(crate) fn open_groups(&self) -> Vec<Target> {
        let found = self.found(OPEN);
        let mut targets = self.by_name(&found, &|f| f.of(EntityKind::Resource).filter(|g| is_group(g)).map(str::to_owned).collect());
        for target in &mut targets {
            let finding = found.iter().find(|f| f.of(EntityKind::Resource).any(|g| target.id.as_deref() == Some(g)));
            let port = finding.and_then(|f| f.of(EntityKind::Port).find(|p| p.parse::<u16>().is_ok())).map(str::to_owned);
            target.vars.extend(port.map(|port| ("port", port)));
        }
        if targets.is_empty() { self.when_or(OPEN, &[Category::Vulnerability], None) } else { targets }
    }

    /// One target for each name that a finding gives.
    fn by_name(&self, found: &[&Finding], name: &dyn Fn(&Finding) -> Vec<String>) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        if self.innocent {
            return targets;
        }
        for finding in found {
            for id in name(finding) {
                match targets.iter_mut().find(|t| t.id.as_ref() == Some(&id)) {
                    Some(known) if known.findings.len() < MAX_FINDINGS && !known.findings.contains(&finding.id) => {
                        known.findings.push(finding.id.clone());
                    }
                    Some(_) => {}
                    None => targets.push(Target::of(id, vec![finding.id.clone()])),
                }
            }
        }
        targets.truncate(MAX_TARGETS);
        targets
    }

    /// Once, if someone got in, by host or account.
    pub(crate) fn intruded(&self) -> Vec<Target> {
        let claims: Vec<Claim> = HOST_ENTRY.iter().chain(ACCOUNT_ENTRY).copied().collect();
        self.when(&claims)
    }

    /// Once, if any key is concerned.
    pub(crate) fn keys_any(&self) -> Vec<Target> {
        let keys = self.keys();
        let findings = unique(keys.iter().flat_map(|t| t.findings.iter().cloned()));
        if keys.is_empty() { Vec::new() } else { Target::once(findings) }
    }

    /// Once, unless the report is wrong or the use is legitimate.
    pub(crate) fn unless_innocent(&self) -> Vec<Target> {
        if self.innocent { Vec::new() } else { vec![Target::default()] }
    }

    /// Once, if the report is wrong.
    pub(crate) fn if_wrong(&self) -> Vec<Target> {
        let about = |f: &&Finding| matches!(f.claim, Claim::AddressNotYetOurs | Claim::AddressNoLongerOurs | Claim::AddressOurs);
        let found: Vec<&Finding> = self.input.findings.iter().filter(about).collect();
        let wrong = self.innocent && self.leading() != CauseClass::LegitimateUse;
        if wrong { Target::once(Self::ids(&found)) } else { Vec::new() }
    }

    /// Once, if it is our own legitimate work.
    pub(crate) fn if_legitimate(&self) -> Vec<Target> {
        if self.innocent && self.leading() == CauseClass::LegitimateUse { vec![Target::default()] } else { Vec::new() }
    }

    /// Once, if it is our own crawler.
    pub(crate) fn if_crawler(&self) -> Vec<Target> {
        if self.is_about(&[Category::Crawling]) { self.if_legitimate() } else { Vec::new() }
    }

    /// Once, if something speaks against the sender.
    pub(crate) fn if_sender_doubtful(&self) -> Vec<Target> {
        let doubtful = matches!(self.input.notice.authenticity.verdict, AuthenticityVerdict::Suspicious | AuthenticityVerdict::Forged);
        if doubtful { vec![Target::default()] } else { Vec::new() }
    }

    /// Once.
    #[allow(clippy::unused_self)]
    pub(crate) fn always(&self) -> Vec<Target> {
        vec![Target::default()]
    }
}

fn unique(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for value in values {
        if seen.len() < MAX_TARGETS && !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}
