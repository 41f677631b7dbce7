//! Contact with the very remote ends that the notice names, at the reported time.

use std::net::IpAddr;

use abate_model::rows::Direction;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Notice, Remote, ReportedActivity, Severity, Table, Text};

use crate::corroboration::window_of;
use crate::examples::{flow, port_scan};
use crate::{Context, Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "reported-remote",
    title: Text::fixed("Contact with a destination that the notice names", "通知に記載された相手先との通信"),
    claims: &[Claim::OutboundToReportedRemote],
    techniques: &["T1071"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "One contact with a shared host (a CDN, a mail provider) need not be abuse.",
        "共有ホスト（CDN やメール事業者）との通信だけでは不正利用とは限らない。",
    ),
    examples: &[
        Example::hit(
            "contact with the remote and port that the notice names",
            "通知に記載された相手とポートへの接続",
            || vec![flow(600, ("10.0.0.5", 40_000), ("198.51.100.7", 22), 6, 1)],
            &[Claim::OutboundToReportedRemote],
        )
        .about(named),
        Example::miss(
            "the same remote on another port, and another remote",
            "同じ相手の別のポート、および別の相手",
            || {
                vec![
                    flow(600, ("10.0.0.5", 40_000), ("198.51.100.7", 443), 6, 1),
                    flow(600, ("10.0.0.5", 40_000), ("198.51.100.8", 22), 6, 1),
                ]
            },
        )
        .about(named),
    ],
    run,
};

/// A notice that names a remote and its port.
fn named() -> Notice {
    let mut notice = port_scan();
    let remote = Remote { address: Some("198.51.100.7".into()), port: Some(22), protocol: None };
    notice.reported.iter_mut().for_each(|reported| reported.remote.push(remote.clone()));
    notice
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    context.notice.reported.iter().filter_map(|reported| finding(context, reported)).collect()
}

fn finding(context: &Context<'_>, reported: &ReportedActivity) -> Option<Finding> {
    let remotes: Vec<(IpAddr, Option<u16>)> =
        reported.remote.iter().filter_map(|r| Some((r.address.as_deref()?.parse().ok()?, r.port))).collect();
    let mut found: Option<Finding> = None;
    let mut filter = Filter::table(Table::NetworkActivity);
    filter.window = window_of(reported);
    for (remote, port) in remotes.into_iter().take(200) {
        context.evidence.each(&filter.naming(remote), &mut |row| {
            let Body::Net(net) = &row.body else { return };
            let egress = net.direction == Some(Direction::Egress) && net.dst == Some(remote);
            if !egress || port.is_some_and(|p| net.dst_port != Some(p)) {
                return;
            }
            let cite = context.evidence.cite(row);
            let at_port = net.dst_port.unwrap_or(0);
            let finding = found.get_or_insert_with(|| begin(net.src, remote, at_port, cite.clone()));
            finding.count += 1;
            finding.seen(row.at);
            finding.seen(net.end);
            finding.names(EntityKind::RemoteAddress, remote.to_string());
            finding.names(EntityKind::Port, at_port.to_string());
            finding.also(cite);
        });
    }
    found
}

fn begin(local: Option<IpAddr>, remote: IpAddr, port: u16, cite: abate_model::Cite) -> Finding {
    let local = local.map_or_else(|| "?".to_owned(), |l| l.to_string());
    let title = Text::new(
        format!("{local} contacted {remote} port {port}, which the notice names"),
        format!("{local} が、通知に記載された {remote} のポート {port} に接続した"),
    );
    let mut finding = Finding::new(Claim::OutboundToReportedRemote, Severity::High, title, DETECTION.innocent.clone(), cite);
    finding.count = 0;
    finding.technique = Some("T1071".to_owned());
    finding.names(EntityKind::LocalAddress, local);
    finding
}

#[cfg(test)]
mod tests {
    use abate_model::Remote;

    use super::*;
    use crate::testkit::{flow, notice, run_with};

    #[test]
    fn only_the_named_remote_at_the_named_time_counts() {
        let mut notice = notice();
        notice.reported[0].remote = vec![Remote { address: Some("198.51.100.7".into()), port: Some(22), protocol: None }];
        let hit = flow(600, ("10.0.0.5", 40_000), ("198.51.100.7", 22), 6, 1);
        assert_eq!(run_with(&DETECTION, vec![hit.clone(), flow(600, ("10.0.0.5", 40_000), ("198.51.100.8", 22), 6, 1)], &notice).len(), 1);
        assert_eq!(run_with(&DETECTION, vec![flow(600, ("10.0.0.5", 40_000), ("198.51.100.7", 443), 6, 1)], &notice), vec![]);
        assert_eq!(
            run_with(
                &DETECTION,
                vec![
                    flow(90_000, ("10.0.0.5", 40_000), ("198.51.100.7", 22), 6, 1),
                    flow(91_000, ("10.0.0.5", 40_001), ("198.51.100.9", 22), 6, 1)
                ],
                &notice
            ),
            vec![]
        );
    }
}
