//! What is known to be harmless, said once for all detections: AWS's own work, places of staff, own scanners, standing uses, sample findings.
//!
//! What the account's profile says about traffic *from* us never makes a finding weigh less: the report may be about just that, and whether it
//! was meant is for people to say. It is told beside the finding.

use std::net::IpAddr;

use abate_model::rows::{ApiActivity, DetectionFinding};
use abate_model::{Category, Claim, EntityKind, Finding, Severity};

use crate::Context;

/// Entities that a finding lists at the most of one kind before some may be missing.
const LISTED: usize = 15;

/// Whether an AWS service acted, on its own or on behalf of somebody.
pub(super) fn by_aws(api: &ApiActivity<'_>) -> bool {
    let service = |name: &str| name.ends_with(".amazonaws.com") || name == "AWS Internal";
    let role = |arn: &str| arn.contains("/AWSServiceRole") || arn.contains("/aws-service-role/");
    api.invoked_by.as_deref().is_some_and(service)
        || api.source_ip.as_deref().is_some_and(service)
        || api.identity_type.as_deref() == Some("AWSService")
        || api.event_type.as_deref() == Some("AwsServiceEvent")
        || api.session_issuer_arn.as_deref().is_some_and(role)
        || api.identity_arn.as_deref().is_some_and(role)
}

/// Whether a finding of GuardDuty is one of its samples: marked as such, or named as its console names them.
pub(super) fn is_sample(detection: &DetectionFinding<'_>) -> bool {
    detection.sample || detection.title.starts_with("[SAMPLE]")
}

/// Whether staff work from there, by the account's profile.
pub(super) fn is_staff(ctx: &Context<'_>, address: IpAddr) -> bool {
    ctx.profile.offices.iter().any(|place| holds(place, address))
}

/// Whether staff work from there, or an own scanner looks from there.
pub(super) fn is_office(ctx: &Context<'_>, address: IpAddr) -> bool {
    is_staff(ctx, address) || is_scanner(ctx, address)
}

/// Whether one of the customer's own or commissioned scanners has the address.
fn is_scanner(ctx: &Context<'_>, address: IpAddr) -> bool {
    ctx.profile.scanners.iter().any(|place| holds(place, address))
}

fn holds(place: &str, address: IpAddr) -> bool {
    place.parse::<ipnet::IpNet>().is_ok_and(|net| net.contains(&address)) || place.parse::<IpAddr>().is_ok_and(|a| a == address)
}

/// Tells findings that the account's profile explains.
pub(crate) fn settle(ctx: &Context<'_>, findings: &mut [Finding]) {
    for finding in findings {
        if comes_in(finding.claim) && by_scanners(ctx, finding) {
            finding.severity = Severity::Informational;
            add(
                finding,
                "All of it came from addresses that the account's profile names as own scanners.",
                "すべて、アカウントのプロファイルで自社のスキャナーとされているアドレスから来ている。",
            );
        }
        let category = goes_out(finding.claim);
        for used in ctx.profile.legitimate_uses.iter().filter(|used| Some(used.category) == category) {
            let on = |id: &str| used.resources.is_empty() || used.resources.iter().any(|resource| resource == id);
            if ctx.notice.resources.iter().any(|r| on(&r.id)) || finding.entities.iter().any(|e| on(&e.value)) {
                let (en, ja) = (used.en.clone(), used.ja.clone());
                add(
                    finding,
                    &format!("The account's profile names a standing use that looks alike: {en}."),
                    &format!("アカウントのプロファイルには、これと似た恒常的な利用が記載されている: {ja}。"),
                );
            }
        }
    }
}

fn add(finding: &mut Finding, en: &str, ja: &str) {
    finding.detail.en = format!("{} {en}", finding.detail.en).into();
    finding.detail.ja = format!("{}{ja}", finding.detail.ja).into();
}

/// Whether everybody in a finding is an own scanner; never where some may not be listed.
fn by_scanners(ctx: &Context<'_>, finding: &Finding) -> bool {
    let remotes: Vec<&str> = finding.of(EntityKind::RemoteAddress).collect();
    let known = |remote: &&str| remote.parse().is_ok_and(|address| is_scanner(ctx, address));
    !remotes.is_empty() && remotes.len() < LISTED && remotes.iter().all(known)
}

/// Claims about probing from outside, which an authorised scan brings about.
const fn comes_in(claim: Claim) -> bool {
    matches!(claim, Claim::WebScan | Claim::WebExploitAttempt | Claim::SshBruteForce | Claim::LoginBruteForce)
}

/// The category of abuse that a claim about our own traffic would be reported as.
const fn goes_out(claim: Claim) -> Option<Category> {
    Some(match claim {
        Claim::OutboundFanOutScan | Claim::OutboundVerticalScan => Category::PortScan,
        Claim::OutboundLoginAttempts => Category::Intrusion,
        Claim::OutboundHttpFanOut => Category::Crawling,
        Claim::OutboundSmtpFanOut | Claim::SesAbuse | Claim::MailAbuse => Category::Spam,
        Claim::OutboundFlood => Category::Dos,
        Claim::ProxyForwarding => Category::OpenProxy,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use abate_model::memory::Memory;
    use abate_model::profile::LegitimateUse;
    use abate_model::{AccountProfile, Cite, Locator, Text};

    use super::*;
    use crate::examples::notice;

    fn settled(claim: Claim, remotes: &[&str]) -> Finding {
        let profile = AccountProfile {
            scanners: vec!["198.51.100.0/28".into()],
            legitimate_uses: vec![LegitimateUse {
                category: Category::Crawling,
                en: "price comparison".into(),
                ja: "価格比較".into(),
                resources: vec!["i-0aa".into()],
            }],
            ..AccountProfile::default()
        };
        let (notice, memory) = (notice(), Memory::of_rows(Vec::new()));
        let cite = Cite { source: "a".into(), locator: Locator::Record { n: 0 } };
        let mut finding = Finding::new(claim, Severity::High, Text::fixed("a", "あ"), Text::fixed("b", "い"), cite);
        remotes.iter().for_each(|r| finding.names(EntityKind::RemoteAddress, *r));
        finding.names(EntityKind::Instance, "i-0aa");
        settle(&Context { notice: &notice, evidence: &memory, profile: &profile }, std::slice::from_mut(&mut finding));
        finding
    }

    #[test]
    fn own_scanners_weigh_nothing_unless_a_stranger_is_among_them() {
        let own = settled(Claim::WebScan, &["198.51.100.3", "198.51.100.4"]);
        assert_eq!(own.severity, Severity::Informational);
        assert!(own.detail.en.contains("own scanners") && own.detail.ja.contains("スキャナー"));
        assert_eq!(settled(Claim::WebScan, &["198.51.100.3", "203.0.113.4"]).severity, Severity::High);
        assert_eq!(settled(Claim::WebExploitSuccess, &["198.51.100.3"]).severity, Severity::High);
    }

    #[test]
    fn standing_uses_are_told_and_take_no_weight_away() {
        let crawling = settled(Claim::OutboundHttpFanOut, &[]);
        assert_eq!(crawling.severity, Severity::High);
        assert!(crawling.detail.en.ends_with("price comparison.") && crawling.detail.ja.ends_with("価格比較。"));
        assert_eq!(settled(Claim::OutboundFlood, &[]).detail.en, "b");
    }

    #[test]
    fn samples_are_told_by_mark_and_by_title() {
        assert!(is_sample(&DetectionFinding { sample: true, ..DetectionFinding::default() }));
        assert!(is_sample(&DetectionFinding { title: "[SAMPLE] The instance …".into(), ..DetectionFinding::default() }));
        assert!(!is_sample(&DetectionFinding::default()));
    }
}
