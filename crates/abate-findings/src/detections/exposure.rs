//! Services reached from the Internet that should not be, strangers passing through us, and crawling.

use std::net::IpAddr;

use abate_model::flows::is_private;
use abate_model::rows::Direction;
use abate_model::text::count;
use abate_model::{Claim, Finding, Row, Severity, Table, Text};

use super::traffic::{Talk, begun_by_us, cite_service, first_cite, name_ends};
use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Management and data services that have no business with strangers: (port, what listens there).
const SERVICES: [(u16, &str); 20] = [
    (445, "SMB"),
    (1433, "SQL Server"),
    (2375, "Docker"),
    (2376, "Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5900, "VNC"),
    (6379, "Redis"),
    (6443, "Kubernetes API"),
    (8088, "Hadoop YARN"),
    (8888, "Jupyter"),
    (9000, "Portainer or similar"),
    (9200, "Elasticsearch"),
    (10_250, "kubelet"),
    (11_211, "memcached"),
    (27_017, "MongoDB"),
    (50_070, "Hadoop HDFS"),
];
/// Ports of proxies.
const PROXIES: [u16; 4] = [1080, 3127, 3128, 8118];
/// Strangers that make a proxy open.
const STRANGERS: usize = 5;
/// Web servers contacted in an hour that make a crawler.
const WEB_SERVERS: usize = 60;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "exposure",
    title: Text::fixed("Exposed services, proxies and crawling", "公開された管理系サービス、プロキシ、クローリング"),
    claims: &[Claim::InboundToExposedService, Claim::ProxyForwarding, Claim::OutboundHttpFanOut],
    techniques: &["T1133", "T1090", "T1595"],
    tactic: Tactic::InitialAccess,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed("Staff may reach such a service from outside on purpose.", "社員が意図的に外部から利用している場合もある。"),
    examples: &[
        Example::hit(
            "Redis answers a stranger",
            "Redis が見知らぬ相手に応答する",
            || served("198.51.100.7", 6379, 10).into(),
            &[Claim::InboundToExposedService],
        ),
        Example::hit(
            "a proxy's port serves six strangers",
            "プロキシのポートが 6 つの見知らぬ相手に応答する",
            || (0..6).flat_map(|n| served(&format!("198.51.100.{n}"), 3128, 10)).collect(),
            &[Claim::ProxyForwarding],
        ),
        Example::miss("Redis refuses a stranger", "Redis が見知らぬ相手を拒む", || served("198.51.100.7", 6379, 1).into()),
        Example::miss("Redis serves a neighbour", "Redis が隣のホストに応答する", || served("10.0.0.9", 6379, 10).into()),
    ],
    run,
};

/// A connection to a port of ours, with so many packets back.
fn served(client: &str, port: u16, back: u64) -> [Row<'static>; 2] {
    [flow(0, (client, 50_000), ("10.0.0.5", port), 6, 10), flow(0, ("10.0.0.5", port), (client, 50_000), 6, back)]
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = inbound(context);
    findings.extend(
        begun_by_us(context)
            .iter()
            .filter(|((_, protocol, port), talk)| {
                *protocol == 6
                    && [80, 443].contains(port)
                    && talk.busiest_hour() >= WEB_SERVERS
                    && talk.answered.len() * 2 >= talk.remotes.len()
            })
            .filter_map(|(service, talk)| {
                let title = Text::new(
                    format!("{} contacted {} web servers on port {}", service.0, talk.remotes.count(), service.2),
                    format!("{} がポート {} で {} 台のウェブサーバーに接続した", service.0, service.2, talk.remotes.count()),
                );
                let detail = Text::fixed(
                    "A crawler, an update service or a busy proxy does so.",
                    "クローラー、更新サービス、利用の多いプロキシなどで起きる。",
                );
                let mut finding = Finding::new(
                    Claim::OutboundHttpFanOut,
                    Severity::Low,
                    title,
                    detail,
                    first_cite(context, *service, Direction::Egress, false)?,
                );
                finding.technique = Some("T1595".to_owned());
                name_ends(&mut finding, *service, talk.remotes.iter());
                cite_service(context, &mut finding, *service, Direction::Egress, false);
                Some(finding)
            }),
    );
    findings
}

fn inbound(context: &Context<'_>) -> Vec<Finding> {
    let mut talks: std::collections::BTreeMap<(IpAddr, u8, u16), Talk> = std::collections::BTreeMap::new();
    context.evidence.flows(&mut |key, cell| {
        let service = (key.local, key.protocol, key.port);
        match (key.direction, key.reply) {
            (Direction::Ingress, false) if cell.flows > cell.rejected => {
                let talk = talks.entry(service).or_default();
                talk.remotes.add(cell, |remote| !is_private(remote));
                talk.packets = talk.packets.saturating_add(cell.packets);
            }
            (Direction::Egress, true) => {
                let talk = talks.entry(service).or_default();
                talk.answered.add(cell, |remote| !is_private(remote));
                talk.back_packets = talk.back_packets.saturating_add(cell.packets);
            }
            _ => {}
        }
    });
    let mut findings = Vec::new();
    for (service, talk) in talks {
        // In a flood not every caller is remembered; who was answered had called.
        let served: Vec<IpAddr> = talk.answered.iter().filter(|remote| !talk.remotes.lacks(*remote)).collect();
        // A reset answers a probe with one packet; a service says more.
        if served.is_empty() || talk.back_packets < 4 {
            continue;
        }
        if let Some((_, what)) = SERVICES.iter().find(|(port, _)| *port == service.2) {
            let title = Text::new(
                format!("{what} on {} port {} answered {}", service.0, service.2, count(served.len(), "Internet host")),
                format!("{} のポート {}（{what}）がインターネット上の {} 台に応答した", service.0, service.2, served.len()),
            );
            findings.extend(build(context, service, &served, (Claim::InboundToExposedService, "T1133", Severity::High), title));
        } else if PROXIES.contains(&service.2) && served.len() >= STRANGERS {
            let title = Text::new(
                format!("a proxy on {} port {} served {}", service.0, service.2, count(served.len(), "Internet host")),
                format!("{} のポート {} のプロキシがインターネット上の {} 台に利用された", service.0, service.2, served.len()),
            );
            findings.extend(build(context, service, &served, (Claim::ProxyForwarding, "T1090", Severity::High), title));
        }
    }
    findings
}

fn build(
    context: &Context<'_>,
    service: (IpAddr, u8, u16),
    served: &[IpAddr],
    kind: (Claim, &str, Severity),
    title: Text,
) -> Option<Finding> {
    let mut finding =
        Finding::new(kind.0, kind.2, title, DETECTION.innocent.clone(), first_cite(context, service, Direction::Ingress, false)?);
    finding.technique = Some(kind.1.to_owned());
    name_ends(&mut finding, service, served.iter().copied());
    cite_service(context, &mut finding, service, Direction::Ingress, false);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    fn served(client: &str, port: u16, back: u64) -> [abate_model::Row<'static>; 2] {
        [flow(0, (client, 50_000), ("10.0.0.5", port), 6, 10), flow(0, ("10.0.0.5", port), (client, 50_000), 6, back)]
    }

    #[test]
    fn a_service_that_answers_strangers_is_exposed_and_a_refusal_is_not() {
        assert_eq!(claims(&DETECTION, served("198.51.100.7", 6379, 10).into()), vec![Claim::InboundToExposedService]);
        assert_eq!(claims(&DETECTION, served("198.51.100.7", 6379, 1).into()), vec![]);
        assert_eq!(claims(&DETECTION, served("10.0.0.9", 6379, 10).into()), vec![]);
        assert_eq!(claims(&DETECTION, served("198.51.100.7", 443, 10).into()), vec![]);
    }

    #[test]
    fn strangers_make_a_proxy_open() {
        let rows = (0..6).flat_map(|n| served(&format!("198.51.100.{n}"), 3128, 10)).collect();
        assert_eq!(claims(&DETECTION, rows), vec![Claim::ProxyForwarding]);
    }
}
