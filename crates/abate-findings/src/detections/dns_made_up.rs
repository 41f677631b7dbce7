//! Names made up by an algorithm: many different unregistered domains within an hour, as malware asks while it looks for its master.

use std::collections::{BTreeMap, BTreeSet};

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use super::names::{domain_of, is_made_up, is_service};
use crate::examples::query;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "dns-made-up-names",
    title: Text::fixed("Many made-up names that do not exist", "存在しない不規則な名前の大量の名前解決（DGA）"),
    claims: &[Claim::SuspiciousDns],
    techniques: &["T1568.002"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::High,
    needs: &[Table::DnsActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "40 domains without vowels, none of which exists",
            "母音のない存在しないドメインを 40 個引く",
            || {
                (0..40_i64)
                    .map(|n| {
                        query(
                            n * 10,
                            &format!("xkq{}zvbtrplw.example", char::from(b'b' + (n % 20) as u8).to_string() + &"z".repeat(n as usize / 20)),
                            "A",
                            "NXDOMAIN",
                        )
                    })
                    .collect()
            },
            &[Claim::SuspiciousDns],
        ),
        Example::miss(
            "a search list appended to one name, many times",
            "1 つの名前に検索リストが付いた問い合わせの繰り返し",
            || (0..200).map(|n| query(n, &format!("db{n}.ap-northeast-1.compute.internal"), "A", "NXDOMAIN")).collect(),
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Mail servers that check senders, and browsers at their start, ask for odd names, too.",
    "送信者を検査するメールサーバーや起動時のブラウザーも、不規則な名前を引くことがある。",
);
static WORDS: Words = Words {
    title: Text::fixed("{h} asked for many made-up domains that do not exist: {t}", "{h}が存在しない不規則なドメインを多数引いた: {t}"),
    innocent: INNOCENT,
};

/// So many different domains within an hour.
const DOMAINS: usize = 30;
/// Askers followed.
const MAX_ASKERS: usize = 5000;

#[derive(Default)]
struct Asker {
    hour: i64,
    domains: BTreeSet<String>,
    most: usize,
    heap: Heap,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut askers: BTreeMap<String, Asker> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::DnsActivity), &mut |row| {
        let (Body::Dns(dns), Some(at)) = (&row.body, row.at) else { return };
        let domain = domain_of(dns.query.trim_end_matches('.'));
        let label = domain.split('.').next().unwrap_or_default();
        if !dns.rcode.as_deref().is_some_and(|code| code == "NXDOMAIN" || code == "3") || !is_made_up(label) || is_service(&dns.query) {
            return;
        }
        let source = dns.source.map(|s| s.to_string());
        let asker = dns.instance_id.as_deref().or(source.as_deref()).unwrap_or_default().to_owned();
        if askers.len() >= MAX_ASKERS && !askers.contains_key(&asker) {
            return;
        }
        let state = askers.entry(asker.clone()).or_default();
        let hour = at.as_second().div_euclid(3600);
        if state.hour != hour {
            (state.hour, state.domains) = (hour, BTreeSet::new());
        }
        if state.domains.len() < 1000 {
            state.domains.insert(domain.to_ascii_lowercase());
        }
        state.most = state.most.max(state.domains.len());
        state.heap.host = Some(asker).filter(|a| !a.is_empty());
        state.heap.add(ctx, row, Act::new("dga", Severity::High, domain).naming(EntityKind::LocalAddress, source.as_deref()));
    });
    let found = askers.values().filter(|asker| asker.most >= DOMAINS);
    found.filter_map(|asker| asker.heap.finding(Claim::SuspiciousDns, "T1568.002", &WORDS)).collect()
}
