//! One of our addresses contacted many ports of one remote host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::rows::Direction;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Ports of one host that no ordinary client tries.
const PORTS: usize = 20;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "outbound-vertical",
    title: Text::fixed("Many ports of one remote host tried", "一つの外部ホストの多数のポートを試行"),
    claims: &[Claim::OutboundVerticalScan],
    techniques: &["T1046"],
    tactic: Tactic::Discovery,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "An authorised test, or a protocol that negotiates ports, does the same.",
        "許可された診断や、ポートを動的に取り決めるプロトコルでも起きる。",
    ),
    examples: &[
        Example::hit(
            "40 ports of one host, one packet each",
            "1 台のホストの 40 ポートに 1 パケットずつ送る",
            || (0..40).map(|n| flow(i64::from(n), ("10.0.0.5", 45_000), ("198.51.100.7", 20 + n), 6, 1)).collect(),
            &[Claim::OutboundVerticalScan],
        ),
        Example::miss("answers to 40 connections of one client", "1 クライアントからの 40 接続への応答", || {
            (0..40)
                .flat_map(|n: u16| {
                    let (client, ours) = (("198.51.100.7", 50_000 + n), ("10.0.0.5", 443));
                    [flow(n.into(), client, ours, 6, 4), flow(n.into(), ours, client, 6, 4)]
                })
                .collect()
        }),
    ],
    run,
};

fn run(context: &Context<'_>) -> Vec<Finding> {
    // The roll-up files a flow to a high port under our own port when that is lower, so both readings are looked at; a port
    // of ours that strangers came to first is a service of ours and its answers are no scan.
    let mut served: BTreeSet<(IpAddr, u16)> = BTreeSet::new();
    let mut ports: BTreeMap<(IpAddr, IpAddr), BTreeSet<u16>> = BTreeMap::new();
    context.evidence.flows(&mut |key, _| {
        if key.direction == Direction::Ingress && !key.reply {
            served.insert((key.local, key.port));
        }
    });
    context.evidence.each(&Filter::table(Table::NetworkActivity), &mut |row| {
        let Body::Net(net) = &row.body else { return };
        let (Some(Direction::Egress), Some((local, ours, remote, Some(theirs)))) = (net.direction, net.sides()) else { return };
        if net.packets <= 5 && !ours.is_some_and(|p| served.contains(&(local, p)) && p < 32_768) && ports.len() < 100_000 {
            ports.entry((local, remote)).or_default().insert(theirs);
        }
    });
    ports.into_iter().filter(|(_, ports)| ports.len() >= PORTS).filter_map(|(pair, ports)| finding(context, pair, &ports)).collect()
}

fn finding(context: &Context<'_>, (local, remote): (IpAddr, IpAddr), ports: &BTreeSet<u16>) -> Option<Finding> {
    let mut found: Option<Finding> = None;
    let title = Text::new(
        format!("{local} tried {} ports of {remote}", ports.len()),
        format!("{local} が {remote} の {} 個のポートを試行した", ports.len()),
    );
    let sample = ports.iter().take(12).map(u16::to_string).collect::<Vec<_>>().join(", ");
    let detail = Text::new(
        format!("Ports {sample} and others, a few packets each. {}", DETECTION.innocent.en),
        format!("ポート {sample} など、いずれも数パケット。{}", DETECTION.innocent.ja),
    );
    context.evidence.each(&Filter::table(Table::NetworkActivity).naming(remote), &mut |row| {
        let Body::Net(net) = &row.body else { return };
        if net.direction != Some(Direction::Egress) || net.src != Some(local) || net.dst != Some(remote) || net.packets > 5 {
            return;
        }
        let cite = context.evidence.cite(row);
        let finding = found.get_or_insert_with(|| {
            let mut finding = Finding::new(Claim::OutboundVerticalScan, Severity::High, title.clone(), detail.clone(), cite.clone());
            finding.count = 0;
            finding
        });
        finding.count += 1;
        finding.seen(row.at);
        finding.also(cite);
    });
    let mut finding = found?;
    finding.technique = Some("T1046".to_owned());
    finding.names(EntityKind::LocalAddress, local.to_string());
    finding.names(EntityKind::RemoteAddress, remote.to_string());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    #[test]
    fn many_ports_of_one_host_are_a_scan_and_answers_of_a_server_are_not() {
        let scan = (0..40).map(|n| flow(n, ("10.0.0.5", 45_000), ("198.51.100.7", 20 + n as u16), 6, 1)).collect();
        assert_eq!(claims(&DETECTION, scan), vec![Claim::OutboundVerticalScan]);
        let server = (0..40)
            .flat_map(|n| {
                [
                    flow(n, ("198.51.100.7", 50_000 + n as u16), ("10.0.0.5", 443), 6, 4),
                    flow(n, ("10.0.0.5", 443), ("198.51.100.7", 50_000 + n as u16), 6, 4),
                ]
            })
            .collect();
        assert_eq!(claims(&DETECTION, server), vec![]);
    }
}
