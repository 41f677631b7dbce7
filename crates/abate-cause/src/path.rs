//! The path from the first foothold to the reported activity, and where it breaks off.

use abate_model::{CauseClass, Claim, Finding, Hypothesis, PathStep, Text, Verdict};

use crate::Input;

/// The ATT&CK tactic of a claim as a stage of the path, in order; `None` for what is no act of an intruder.
fn stage(claim: Claim) -> Option<(u8, &'static str)> {
    use Claim as C;
    Some(match claim {
        C::SshLoginAfterBruteForce
        | C::SshLoginFromNewPlace
        | C::LoginAfterBruteForce
        | C::LoginFromNewPlace
        | C::WebExploitSuccess
        | C::SsrfToMetadata
        | C::KeyUsedFromNewPlace
        | C::SuspiciousConsoleLogin => (1, "initial-access"),
        C::InboundToExposedService | C::QuarantineAttached | C::AnonymousStorageAccess | C::FormAbuse => (1, "initial-access"),
        C::RoleAssumed => (1, "initial-access"),
        C::RemoteCommand | C::HostileCommand | C::ReverseShell | C::ServiceSpawnedShell => (2, "execution"),
        C::HostAccountChanged | C::SshKeysChanged | C::HostPersistence | C::CloudPersistence | C::NewCredentialsUsed => (3, "persistence"),
        C::WebshellAccess | C::NewIamUser | C::NewAccessKey | C::RoleBackdoored | C::FederationToken | C::FunctionTampered => {
            (3, "persistence")
        }
        C::PolicyWidened | C::HostRightsRaised => (4, "privilege-escalation"),
        C::LoggingSwitchedOff | C::SecurityGroupOpened | C::HostDefencesStopped | C::CredentialsWeakened => (5, "defense-evasion"),
        C::AccessOpened | C::AccountSettingsChanged => (5, "defense-evasion"),
        C::SecretsRead | C::InstanceCredentialsUsedOutside | C::HostCredentialsRead => (6, "credential-access"),
        C::Reconnaissance | C::HostDiscovery => (7, "discovery"),
        C::LateralMovement => (8, "lateral-movement"),
        C::StorageAccess | C::DataShared | C::DnsTunnel | C::LargeEgress => (8, "exfiltration"),
        C::PeriodicOutbound | C::OutboundRareRemote | C::ProxyForwarding | C::TunnelSetUp | C::SuspiciousDns => (9, "command-and-control"),
        C::MiningSoftware | C::MailAbuse | C::ComputeAbuse | C::DataDestroyed | C::DomainTampered | C::MessageAbuse => (10, "impact"),
        C::OutboundFanOutScan
        | C::OutboundVerticalScan
        | C::OutboundLoginAttempts
        | C::OutboundSmtpFanOut
        | C::OutboundFlood
        | C::OutboundAmplification => (10, "impact"),
        C::OutboundMining | C::PhishingPageServed | C::SesAbuse | C::ModelAbuse | C::UnusualInstanceLaunch | C::OutboundHttpFanOut => {
            (10, "impact")
        }
        _ => return None,
    })
}

/// The path along the leading hypothesis.
pub(crate) fn path(input: &Input<'_>, causes: &[Hypothesis]) -> Vec<PathStep> {
    let leading = causes.first();
    let class = leading.map_or(CauseClass::Undetermined, |c| c.class);
    let mut steps = Vec::new();
    if class == CauseClass::Undetermined {
        steps.push(gap("How it began is not known from the evidence at hand.", "どのように始まったかは、手元の証跡からは分からない。"));
    } else if class == CauseClass::LeakedAccessKey {
        steps.push(gap("How the key got out is not in these logs.", "キーがどこから漏れたかは、このログにはない。"));
    }
    if class != CauseClass::FalseAttribution {
        let supporting: Vec<&String> = leading.map(|c| c.support.iter().flat_map(|s| &s.findings).collect()).unwrap_or_default();
        let relevant = |f: &&Finding| supporting.contains(&&f.id) || f.severity >= abate_model::Severity::High;
        let mut acts: Vec<(u8, &'static str, &Finding)> =
            input.findings.iter().filter(relevant).filter_map(|f| stage(f.claim).map(|(n, s)| (n, s, f))).collect();
        acts.sort_by(|a, b| (a.0, a.2.first, &a.2.id).cmp(&(b.0, b.2.first, &b.2.id)));
        acts.truncate(20);
        steps.extend(acts.into_iter().map(|(_, stage, f)| PathStep {
            at: f.first,
            stage: stage.to_owned(),
            act: f.title.clone(),
            technique: f.technique.clone(),
            findings: vec![f.id.clone()],
            gap: false,
        }));
    }
    steps.extend(input.notice.reported.iter().map(|r| {
        let title = r.category.title();
        let verdict = input.verdicts.iter().find(|v| v.reported == r.id);
        PathStep {
            at: r.from,
            stage: "reported".to_owned(),
            act: Text::new(format!("Reported: {}", title.en), format!("報告: {}", title.ja)),
            technique: None,
            findings: verdict.filter(|v| v.verdict == Verdict::Confirmed).map(|v| v.findings.clone()).unwrap_or_default(),
            gap: false,
        }
    }));
    steps
}

fn gap(en: &'static str, ja: &'static str) -> PathStep {
    PathStep { at: None, stage: "initial-access".to_owned(), act: Text::fixed(en, ja), technique: None, findings: Vec::new(), gap: true }
}
