//! Names that a DNS firewall blocked or that only tools of attack ask for (services that call back, or that hide where a server is).

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Words};
use crate::examples::{at, query, row};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "dns-blocked-names",
    title: Text::fixed("Names that a DNS firewall blocked, or that call back", "DNS ファイアウォールが遮断した名前・コールバック用の名前"),
    claims: &[Claim::SuspiciousDns],
    techniques: &["T1071.004", "T1568", "T1190"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::Medium,
    needs: &[Table::DnsActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "the Resolver's firewall blocks a name",
            "Resolver の DNS ファイアウォールが名前を遮断する",
            || vec![blocked()],
            &[Claim::SuspiciousDns],
        ),
        Example::hit(
            "a server asks for a name of a service that shows that an exploit worked",
            "攻撃の成否を確かめるサービスの名前をサーバーが引く",
            || vec![query(5, "c2k3abc.oast.fun", "A", "NOERROR")],
            &[Claim::SuspiciousDns],
        ),
        Example::miss("names that are let through", "許可された名前", || vec![query(5, "www.example.com", "A", "NOERROR")]),
    ],
    run,
};

/// A query that the firewall blocked.
fn blocked() -> abate_model::Row<'static> {
    let body = match query(5, "bad.example.com", "A", "NXDOMAIN").body {
        Body::Dns(mut dns) => {
            (dns.action, dns.list) = (Some("BLOCK".into()), Some("rslvr-fdl-1".into()));
            Body::Dns(dns)
        }
        other => other,
    };
    row(1, Some(at(5)), body)
}

const INNOCENT: Text = Text::fixed(
    "Lists of names contain errors, and visitors of a mail or proxy server ask through it.",
    "リストには誤りもあり、メールサーバーやプロキシでは利用者の問い合わせも含まれる。",
);
static BLOCKED: Words = Words {
    title: Text::fixed("a DNS firewall stopped {h} from reaching {t}", "DNS ファイアウォールが {h}からの問い合わせを遮断した: {t}"),
    innocent: INNOCENT,
};
static CALLED: Words = Words {
    title: Text::fixed("{h} asked for names that tools of attack use: {t}", "{h}が攻撃ツールで使われる名前を引いた: {t}"),
    innocent: INNOCENT,
};

/// Services by which an attacker sees that code ran: what asks for such a name was made to do so.
const CALLBACKS: &[&str] = &[
    "oast.fun",
    "oast.live",
    "oast.me",
    "oast.online",
    "oast.pro",
    "oast.site",
    "oastify.com",
    "interact.sh",
    "burpcollaborator.net",
    "dnslog.cn",
    "ceye.io",
    "canarytokens.com",
    "bxss.me",
    "dnslog.link",
];
/// Services that hide where a server is, which developers use as well.
const HIDING: &[&str] = &[
    "ngrok.io",
    "ngrok-free.app",
    "trycloudflare.com",
    "serveo.net",
    "portmap.io",
    "duckdns.org",
    "no-ip.org",
    "ddns.net",
    "hopto.org",
    "zapto.org",
    "onion.pet",
    "onion.ws",
    "torproject.org",
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    ctx.evidence.each(&Filter::table(Table::DnsActivity), &mut |row| {
        let Body::Dns(dns) = &row.body else { return };
        let name = dns.query.trim_end_matches('.').to_ascii_lowercase();
        let below = |list: &[&str]| {
            list.iter().any(|domain| name.strip_suffix(*domain).is_some_and(|front| front.is_empty() || front.ends_with('.')))
        };
        let act = match dns.action.as_deref() {
            Some("BLOCK") => Act::new("blocked", Severity::Medium, &name),
            Some("ALERT") => Act::new("blocked", Severity::Low, &name),
            _ if below(CALLBACKS) => Act::new("called", Severity::Medium, &name),
            _ if below(HIDING) => Act::new("hiding", Severity::Low, &name),
            _ => return,
        };
        let source = dns.source.map(|s| s.to_string());
        let host = dns.instance_id.as_deref().or(source.as_deref());
        acts.add(ctx, row, host, act.naming(EntityKind::LocalAddress, source.as_deref()).naming(EntityKind::Resource, dns.list.as_deref()));
    });
    acts.findings(Claim::SuspiciousDns, &|kind| match kind {
        "blocked" => ("T1071.004", &BLOCKED),
        "called" => ("T1190", &CALLED),
        _ => ("T1568", &CALLED),
    })
}
