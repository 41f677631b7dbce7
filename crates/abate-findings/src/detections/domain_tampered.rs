//! Names and certificates of ours changed by somebody new to it: zones, records, registrations.

use abate_model::{Claim, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::group::{Words, findings, gather};
use super::account::history::History;
use super::account::listed::{Listed, act, unusual};
use crate::examples::{after_quiet, call, calls, daily};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "domain-tampered",
    title: Text::fixed("Names or certificates changed by a newcomer", "新しいプリンシパルによるドメイン・証明書の変更"),
    claims: &[Claim::DomainTampered],
    techniques: &["T1584.002", "T1584.001"],
    tactic: Tactic::ResourceDevelopment,
    severity: Severity::Medium,
    needs: &[Table::ApiActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a newcomer changes records of a zone",
            "新しいプリンシパルがゾーンのレコードを変更する",
            || after_quiet([call("20T03:00:00", "route53:ChangeResourceRecordSets").by("mallory").request(json!({"hostedZoneId": "Z1"}))]),
            &[Claim::DomainTampered],
        ),
        Example::miss("a deployment that does so daily", "毎日変更するデプロイ", || {
            calls(daily(8..20, |at| call(at, "route53:ChangeResourceRecordSets").by("deploy").request(json!({"hostedZoneId": "Z1"}))))
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "It is innocent if a site was moved; look for records that point to addresses that are not yours.",
    "サイトの移転などであれば問題ない。自社以外のアドレスを指すレコードがないかを確認する。",
);
static WORDS: Words = Words {
    done: Text::fixed("changed names or certificates: {t}", "ドメインや証明書を変更した: {t}"),
    tried: Text::fixed("tried to change names or certificates and was refused: {t}", "ドメインや証明書を変更しようとして拒否された: {t}"),
    innocent: INNOCENT,
};

const CALLS: &[Listed] = &[
    ("route53", "ChangeResourceRecordSets", Severity::Medium),
    ("route53", "DeleteHostedZone", Severity::High),
    ("route53", "CreateHostedZone", Severity::Low),
    ("route53domains", "TransferDomain", Severity::High),
    ("route53domains", "TransferDomainToAnotherAwsAccount", Severity::High),
    ("route53domains", "DisableDomainTransferLock", Severity::High),
    ("route53domains", "UpdateDomainNameservers", Severity::High),
    ("route53domains", "UpdateDomainContact", Severity::Medium),
    ("route53domains", "RegisterDomain", Severity::Medium),
    ("acm", "RequestCertificate", Severity::Low),
    ("acm", "ExportCertificate", Severity::Medium),
    ("cloudfront", "UpdateDistribution", Severity::Low),
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let groups = gather(ctx, &mut |_, api| {
        let source = api.event_source.split('.').next().unwrap_or_default();
        let kind = CALLS.iter().find(|(service, ..)| *service == source).map(|(service, ..)| *service)?;
        act(api, kind, CALLS, &["/hostedZoneId", "/domainName", "/name", "/certificateArn", "/id"])
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let groups = unusual(groups, &History::of(ctx), &|group| group.kind);
    findings(&groups, Claim::DomainTampered, &|group| {
        if group.kind == "route53domains" { ("T1584.001", &WORDS) } else { ("T1584.002", &WORDS) }
    })
}
