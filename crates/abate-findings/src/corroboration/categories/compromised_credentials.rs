//! Keys and sign-ins in the wrong hands. What the mail shows is a sample: the scope is every use of the key, in every Region.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::time::utc;
use abate_model::{Body, Claim, Filter, Table, Text, TimeWindow};
use jiff::Timestamp;

use super::{Corroboration, When, agree, nothing};
use crate::corroboration::question::Question;

pub(super) static COMPROMISED_CREDENTIALS: Corroboration = Corroboration {
    claims: &[
        Claim::KeyUsedFromNewPlace,
        Claim::QuarantineAttached,
        Claim::InstanceCredentialsUsedOutside,
        Claim::SuspiciousConsoleLogin,
        Claim::NewIamUser,
        Claim::NewAccessKey,
        Claim::PolicyWidened,
        Claim::NewCredentialsUsed,
        Claim::SesAbuse,
        Claim::NewCredentialsUsed,
        Claim::ComputeAbuse,
    ],
    guardduty: &[
        "UnauthorizedAccess:IAMUser/",
        "CredentialAccess:IAMUser/",
        "Exfiltration:IAMUser/",
        "Persistence:IAMUser/",
        "Impact:IAMUser/",
        "PrivilegeEscalation:IAMUser/",
    ],
    tables: &[Table::ApiActivity],
    expects: Text::fixed(
        "calls with the named key or user from places, or of kinds, that its owner does not use, in any Region",
        "記載されたキーまたはユーザーによる、所有者が使わない場所・種類の操作（全リージョン）",
    ),
    agrees: agree::by_principal,
    look: nothing,
    scope: Some(scope),
    outward: false,
    when: When::AnyTime,
};

/// Uses of the named keys and users.
#[derive(Default)]
struct Uses {
    calls: u64,
    refused: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    regions: BTreeMap<String, u64>,
    sources: BTreeSet<String>,
}

/// How far the named keys and users were used, and which Regions the logs do not show.
fn scope(question: &Question<'_>, window: Option<TimeWindow>) -> Option<Text> {
    let named = question.principals();
    if named.is_empty() {
        return None;
    }
    let mut uses = Uses::default();
    question.context.evidence.each(&Filter::table(Table::ApiActivity), &mut |row| {
        let Body::Api(api) = &row.body else { return };
        let by_key = api.access_key_id.as_deref().is_some_and(|key| named.contains(&key));
        let by_name = api.user_name.as_deref().is_some_and(|user| named.contains(&user));
        if !by_key && !by_name && !api.identity_arn.as_deref().is_some_and(|arn| named.contains(&arn)) {
            return;
        }
        uses.calls += 1;
        uses.refused += u64::from(api.error_code.is_some());
        uses.first = [uses.first, row.at].into_iter().flatten().min();
        uses.last = uses.last.max(row.at);
        *uses.regions.entry(api.region.as_deref().unwrap_or("?").to_owned()).or_default() += 1;
        if uses.sources.len() < 1000 {
            uses.sources.extend(api.source_ip.as_deref().map(str::to_owned));
        }
    });
    let who = named.join(", ");
    let covered: BTreeSet<&str> = question
        .context
        .evidence
        .coverage()
        .iter()
        .filter(|c| c.table == Table::ApiActivity)
        .filter_map(|c| c.scope.region.as_deref())
        .collect();
    let looked = covered.len();
    let (Some(first), Some(last)) = (uses.first, uses.last) else {
        return Some(Text::new(
            format!("CloudTrail at hand (Regions: {looked}) has no call of {who}; other Regions and times are not known."),
            format!("手元の CloudTrail（{looked} リージョン）に {who} の操作はない。他のリージョンと期間は不明である。"),
        ));
    };
    let mut regions: Vec<(&String, &u64)> = uses.regions.iter().collect();
    regions.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let listed = regions.iter().take(6).map(|(region, n)| format!("{region} {n}")).collect::<Vec<_>>().join(", ");
    let (count, refused, sources) = (uses.calls, uses.refused, uses.sources.len());
    let beyond = window.is_some_and(|w| first < w.from || last > w.to);
    let (more_en, more_ja) = if beyond {
        (" The mail shows a sample of it only.", "メールに記載されたのはその一部に過ぎない。")
    } else {
        ("", "")
    };
    Some(Text::new(
        format!(
            "In all that CloudTrail at hand shows, {who} made {count} calls ({refused} refused) from {} to {}, from {sources} sources, \
             in {} Regions ({listed}); {looked} Regions were looked at.{more_en}",
            utc(first),
            utc(last),
            regions.len()
        ),
        format!(
            "手元の CloudTrail 全体では、{who} の操作は {} から {} までに {count} 件（拒否 {refused} 件）、送信元 {sources} 箇所、{} リージョン（{listed}）に\
             及ぶ。確認したのは {looked} リージョンである。{more_ja}",
            utc(first),
            utc(last),
            regions.len()
        ),
    ))
}
