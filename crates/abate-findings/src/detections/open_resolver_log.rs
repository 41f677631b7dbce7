//! A name server of ours that answers strangers about names of others, as its own log shows: fuel for amplification.

use std::collections::BTreeSet;
use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::port::keep_lowest;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use super::names::domain_of;
use crate::examples::query;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "open-resolver-log",
    title: Text::fixed("Name server that answers strangers", "第三者の問い合わせに応答するネームサーバー"),
    claims: &[Claim::OutboundAmplification],
    techniques: &["T1498.002"],
    tactic: Tactic::Impact,
    severity: Severity::Medium,
    needs: &[Table::DnsActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "ten strangers ask for everything of many domains and get it",
            "10 の見知らぬアドレスが多数のドメインの ANY を引き、応答を得る",
            || (0..200).map(|n| asked_by(n, &format!("203.0.113.{}", n % 10), &format!("big{n}.example"))).collect(),
            &[Claim::OutboundAmplification],
        ),
        Example::miss(
            "strangers ask for the two domains that the server holds",
            "サーバーが持つ 2 つのドメインへの問い合わせ",
            || {
                (0..200)
                    .map(|n| asked_by(n, &format!("203.0.113.{}", n % 10), if n % 2 == 0 { "www.example.com" } else { "www.example.net" }))
                    .collect()
            },
        ),
        Example::miss("neighbours ask", "内部のホストからの問い合わせ", || {
            (0..200).map(|n| asked_by(n, "10.0.0.9", &format!("big{n}.example"))).collect()
        }),
    ],
    run,
};

/// A query of type ANY by somebody.
fn asked_by(second: i64, who: &str, name: &str) -> abate_model::Row<'static> {
    let mut row = query(second, name, "ANY", "NOERROR");
    if let Body::Dns(dns) = &mut row.body {
        dns.source = who.parse().ok();
    }
    row
}

const INNOCENT: Text =
    Text::fixed("A server that holds very many zones of its own looks alike.", "多数の自社ゾーンを持つサーバーでも同様に見える。");
static WORDS: Words = Words {
    title: Text::fixed(
        "a name server of ours answered strangers about names of others: {t}",
        "自社のネームサーバーが第三者に他者の名前を応答した: {t}",
    ),
    innocent: INNOCENT,
};

/// Strangers, and domains asked for, that make a resolver open.
const STRANGERS: usize = 5;
const DOMAINS: usize = 50;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let (mut heap, mut strangers, mut domains) = (Heap::default(), BTreeSet::<IpAddr>::new(), BTreeSet::<String>::new());
    ctx.evidence.each(&Filter::table(Table::DnsActivity), &mut |row| {
        let Body::Dns(dns) = &row.body else { return };
        let Some(source) = dns.source.filter(|source| !is_private(*source) && dns.vpc_id.is_none()) else { return };
        if dns.rcode.as_deref().is_some_and(|code| code != "NOERROR" && code != "0") {
            return;
        }
        keep_lowest(&mut strangers, 1000, source);
        let domain = domain_of(dns.query.trim_end_matches('.')).to_ascii_lowercase();
        if domains.len() < 5000 {
            domains.insert(domain.clone());
        }
        heap.add(ctx, row, Act::new("resolver", Severity::Medium, &domain).naming(EntityKind::RemoteAddress, Some(&source.to_string())));
    });
    if strangers.len() < STRANGERS || domains.len() < DOMAINS {
        return Vec::new();
    }
    heap.finding(Claim::OutboundAmplification, "T1498.002", &WORDS).into_iter().collect()
}
