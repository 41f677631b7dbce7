//! The facts that decide which actions are proposed, read once from the case.

use abate_model::{CauseClass, Claim, EntityKind, Finding, ResourceKind, Severity, Verdict, is_masked};

use crate::Input;

/// What a step acts on, and the findings that call for it.
pub(crate) struct Target {
    pub(crate) id: Option<String>,
    pub(crate) findings: Vec<String>,
}

/// The case, as far as the actions ask.
pub(crate) struct Facts<'a> {
    input: &'a Input<'a>,
    /// the report is proved wrong, or it is our own legitimate work
    innocent: bool,
}

/// Claims of which each shows that someone got in.
const ENTRY: &[Claim] = &[
    Claim::SshLoginAfterBruteForce,
    Claim::WebExploitSuccess,
    Claim::WebshellAccess,
    Claim::InboundToExposedService,
    Claim::KeyUsedFromNewPlace,
    Claim::InstanceCredentialsUsedOutside,
    Claim::SuspiciousConsoleLogin,
];

impl<'a> Facts<'a> {
    pub(crate) fn of(input: &'a Input<'a>) -> Self {
        let contradicted = !input.verdicts.is_empty() && input.verdicts.iter().all(|v| v.verdict == Verdict::Contradicted);
        let class = input.causes.first().map(|c| c.class);
        let innocent = contradicted || matches!(class, Some(CauseClass::FalseAttribution | CauseClass::LegitimateUse));
        Self { input, innocent }
    }

    fn found(&self, claims: &[Claim]) -> Vec<&'a Finding> {
        self.input.findings.iter().filter(|f| claims.contains(&f.claim) && f.severity > Severity::Informational).collect()
    }

    fn ids(findings: &[&Finding]) -> Vec<String> {
        findings.iter().take(8).map(|f| f.id.clone()).collect()
    }

    /// Instances named in the notice, unmasked and of a form that may stand in a command.
    fn named_instances(&self) -> Vec<String> {
        let instances = self.input.notice.resources.iter().filter(|r| r.kind == ResourceKind::Ec2Instance && !is_masked(&r.id));
        instances.map(|r| r.id.clone()).filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).take(20).collect()
    }

    fn instances(&self) -> Vec<Target> {
        let findings = Self::ids(&self.found(ENTRY));
        self.named_instances().into_iter().map(|id| Target { id: Some(id), findings: findings.clone() }).collect()
    }

    fn whole(&self) -> Vec<Target> {
        vec![Target { id: None, findings: Self::ids(&self.found(ENTRY)) }]
    }

    /// Each instance, or the resource as such where none is named; nothing when the report is wrong.
    pub(crate) fn instances_or_whole(&self) -> Vec<Target> {
        if self.innocent {
            return Vec::new();
        }
        let instances = self.instances();
        if instances.is_empty() { self.whole() } else { instances }
    }

    /// Each instance, unless the report is wrong or nothing but an access key is concerned.
    pub(crate) fn instances_if_ours(&self) -> Vec<Target> {
        if self.innocent { Vec::new() } else { self.instances() }
    }

    /// Each instance, if someone got in by it.
    pub(crate) fn instances_when_broken_into(&self) -> Vec<Target> {
        let host = [Claim::SshLoginAfterBruteForce, Claim::WebExploitSuccess, Claim::WebshellAccess, Claim::InboundToExposedService];
        if self.innocent || self.found(&host).is_empty() { Vec::new() } else { self.instances() }
    }

    /// Once, if someone got in.
    pub(crate) fn broken_into(&self) -> Vec<Target> {
        if self.innocent || self.found(ENTRY).is_empty() { Vec::new() } else { self.whole() }
    }

    /// Once, if one of the claims was found.
    pub(crate) fn when(&self, claims: &[Claim]) -> Vec<Target> {
        let found = self.found(claims);
        if found.is_empty() || self.innocent { Vec::new() } else { vec![Target { id: None, findings: Self::ids(&found) }] }
    }

    /// Each long-lived key that was misused or that the notice names.
    pub(crate) fn keys(&self) -> Vec<Target> {
        if self.innocent {
            return Vec::new();
        }
        let found =
            self.found(&[Claim::KeyUsedFromNewPlace, Claim::QuarantineAttached, Claim::SesAbuse, Claim::NewAccessKey, Claim::ModelAbuse]);
        let mut keys: Vec<(String, Vec<String>)> = Vec::new();
        let named =
            self.input.notice.resources.iter().filter(|r| r.kind == ResourceKind::AccessKey && !r.masked).map(|r| (r.id.clone(), None));
        let of_findings = found.iter().flat_map(|f| f.of(EntityKind::AccessKey).map(|k| (k.to_owned(), Some(f.id.clone()))));
        for (key, finding) in
            named.chain(of_findings).filter(|(k, _)| k.starts_with("AKIA") && k.len() == 20 && k.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            match keys.iter_mut().find(|(known, _)| *known == key) {
                Some((_, findings)) => findings.extend(finding),
                None => keys.push((key, finding.into_iter().collect())),
            }
        }
        keys.into_iter().take(20).map(|(key, findings)| Target { id: Some(key), findings }).collect()
    }

    /// Once, if any key is concerned.
    pub(crate) fn keys_any(&self) -> Vec<Target> {
        if self.keys().is_empty() { Vec::new() } else { self.whole() }
    }

    /// Once, unless the report is wrong.
    pub(crate) fn unless_false(&self) -> Vec<Target> {
        if self.innocent { Vec::new() } else { vec![Target { id: None, findings: Vec::new() }] }
    }

    /// Once, if the report is wrong.
    pub(crate) fn if_false(&self) -> Vec<Target> {
        let found = self.found(&[Claim::AddressNotYetOurs, Claim::AddressNoLongerOurs]);
        if self.innocent { vec![Target { id: None, findings: Self::ids(&found) }] } else { Vec::new() }
    }

    /// Once.
    #[allow(clippy::unused_self)]
    pub(crate) fn always(&self) -> Vec<Target> {
        vec![Target { id: None, findings: Vec::new() }]
    }
}
