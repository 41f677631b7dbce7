//! Whether a finding fits what a notice names: a scan of port 443 does not confirm a report about port 22.

use std::net::IpAddr;

use abate_model::{Claim, EntityKind, Finding};

use crate::corroboration::question::Question;
use crate::corroboration::{inbound, web};

/// Whatever the notice names.
pub(super) fn always(_: &Finding, _: &Question<'_>) -> bool {
    true
}

fn names_remote(finding: &Finding, question: &Question<'_>) -> bool {
    let remotes = question.remotes();
    finding.of(EntityKind::RemoteAddress).filter_map(|a| a.parse::<IpAddr>().ok()).any(|a| remotes.iter().any(|(r, ..)| *r == a))
}

/// A named port, or a named destination.
pub(super) fn by_port(finding: &Finding, question: &Question<'_>) -> bool {
    let by_port = matches!(
        finding.claim,
        Claim::OutboundFanOutScan
            | Claim::OutboundLoginAttempts
            | Claim::OutboundRareRemote
            | Claim::PeriodicOutbound
            | Claim::OutboundHttpFanOut
    );
    let ports = question.ports();
    let named = || finding.of(EntityKind::Port).filter_map(|p| p.parse::<u16>().ok()).any(|p| ports.contains(&p));
    // Regular or long contact with one host is what is reported only if it is that host.
    let one_host = matches!(finding.claim, Claim::OutboundRareRemote | Claim::PeriodicOutbound);
    if one_host && !question.remotes().is_empty() {
        return names_remote(finding, question);
    }
    !by_port || ports.is_empty() || names_remote(finding, question) || named()
}

/// A named destination, where the finding is about one.
pub(super) fn by_remote(finding: &Finding, question: &Question<'_>) -> bool {
    finding.claim != Claim::OutboundFlood || question.remotes().is_empty() || names_remote(finding, question)
}

/// A port of ours that the notice is about.
pub(super) fn by_own_port(finding: &Finding, question: &Question<'_>) -> bool {
    let ports = inbound::ports(question);
    let of_finding = || finding.of(EntityKind::Port).filter_map(|p| p.parse::<u16>().ok());
    ports.is_empty() || of_finding().next().is_none() || of_finding().any(|p| ports.contains(&p))
}

/// The page that the notice names. The detection goes by its path alone; another site of the same server may have the same path.
pub(super) fn by_page(finding: &Finding, question: &Question<'_>) -> bool {
    let by_path = || {
        let paths: Vec<String> = question.reported.urls.iter().filter_map(|url| web::path_of(url)).collect();
        finding.of(EntityKind::Url).any(|target| paths.iter().any(|path| target.split('?').next() == Some(path.as_str())))
    };
    finding.claim != Claim::PhishingPageServed || !by_path() || !web::served(question, None).is_empty()
}

/// A named key or user, or somebody who is not named where none is.
pub(super) fn by_principal(finding: &Finding, question: &Question<'_>) -> bool {
    let named = question.principals();
    let mut of_finding =
        finding.of(EntityKind::AccessKey).chain(finding.of(EntityKind::Principal)).chain(finding.of(EntityKind::User)).peekable();
    if named.is_empty() || of_finding.peek().is_none() {
        return true;
    }
    // An ARN ends in the user's name. What the intruder made with the key is part of it, whoever it is for.
    let made = matches!(finding.claim, Claim::NewIamUser | Claim::NewAccessKey | Claim::PolicyWidened | Claim::QuarantineAttached);
    made || of_finding.any(|who| named.iter().any(|n| who == *n || who.ends_with(&format!("/{n}"))))
}
