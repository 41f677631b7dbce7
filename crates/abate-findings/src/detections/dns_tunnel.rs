//! Data carried in DNS: very many different long names below one domain, asked for by one host.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use super::names::{domain_of, is_service};
use crate::examples::query;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "dns-tunnel",
    title: Text::fixed("Data carried in DNS", "DNS トンネル"),
    claims: &[Claim::DnsTunnel],
    techniques: &["T1071.004", "T1048.003"],
    tactic: Tactic::Exfiltration,
    severity: Severity::High,
    needs: &[Table::DnsActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "400 different names of 60 letters below one domain",
            "1 つのドメインの下の、60 文字の異なる名前を 400 個引く",
            || {
                let name = |n: i64| format!("{:0>30x}{:0>30x}.t.example.com", n * 7_919_317 + 11, n * 104_729);
                (0..400).map(|n| query(n, &name(n), "TXT", "NOERROR")).collect()
            },
            &[Claim::DnsTunnel],
        ),
        Example::miss(
            "400 names of hosts, and a blocklist that is asked with addresses",
            "400 個のホスト名と、アドレスで引くブロックリスト",
            || {
                let host = |n| query(n, &format!("host{n}.corp.example.com"), "A", "NOERROR");
                let listed = |n| query(n, &format!("{n}.2.0.192.zen.spamhaus.org"), "A", "NXDOMAIN");
                (0..400).flat_map(|n| [host(n), listed(n)]).collect()
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Some protection software and content networks carry data in names, too; look at whose domain it is.",
    "一部のセキュリティ製品や配信網も名前にデータを載せる。ドメインの持ち主を確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("{h} asked for many long, made-up names below {t}", "{h}が {t} の下の長い不規則な名前を大量に引いた"),
    innocent: INNOCENT,
};

/// So many different names of at least [`LONG`] letters in front of the domain are no host names.
const NAMES: usize = 100;
const LONG: usize = 30;
/// Domains followed, and names remembered of each.
const MAX_DOMAINS: usize = 5000;
const MAX_NAMES: usize = 5000;

#[derive(Default)]
struct Asked {
    long: HashSet<u64>,
    heap: Heap,
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut domains: BTreeMap<(String, String), Asked> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::DnsActivity), &mut |row| {
        let Body::Dns(dns) = &row.body else { return };
        let name = dns.query.trim_end_matches('.');
        let domain = domain_of(name);
        let front = name.len().saturating_sub(domain.len());
        if front < LONG || is_service(name) {
            return;
        }
        let asker = dns.instance_id.as_deref().map(str::to_owned).or_else(|| dns.source.map(|s| s.to_string())).unwrap_or_default();
        let key = (asker.clone(), domain.to_ascii_lowercase());
        if domains.len() >= MAX_DOMAINS && !domains.contains_key(&key) {
            return;
        }
        let asked = domains.entry(key).or_default();
        if asked.long.len() < MAX_NAMES {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            asked.long.insert(hasher.finish());
        }
        let source = dns.source.map(|s| s.to_string());
        asked.heap.host = Some(asker).filter(|a| !a.is_empty());
        asked.heap.add(ctx, row, Act::new("tunnel", Severity::High, domain).naming(EntityKind::LocalAddress, source.as_deref()));
    });
    domains
        .values()
        .filter(|asked| asked.long.len() >= NAMES)
        .filter_map(|asked| asked.heap.finding(Claim::DnsTunnel, "T1071.004", &WORDS))
        .collect()
}
