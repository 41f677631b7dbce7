//! One of our addresses contacted many remote hosts on one port: scanning, or password guessing on login ports.

use abate_model::rows::Direction;
use abate_model::{Claim, Finding, Severity, Table, Text};

use super::traffic::{Service, Talk, begun_by_us, cite_service, first_cite, name_ends, protocol_name};
use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Distinct remote hosts in an hour that no ordinary client contacts on a port that is not the web's.
const HOSTS: usize = 25;
/// The same for web ports, where browsers and crawlers contact many.
const WEB_HOSTS: usize = 100;
/// A probe takes a SYN or two and a reset; a conversation takes more.
const PROBE_PACKETS: u64 = 5;
/// Ports of mail, name and time service, which have their own detections or contact many by nature.
const OTHERS: [u16; 8] = [25, 465, 587, 2525, 53, 123, 853, 0];
/// Ports where someone signs in.
const LOGIN: [u16; 12] = [21, 22, 23, 445, 1433, 2222, 2323, 3306, 3389, 5432, 5900, 6379];

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "outbound-fan-out",
    title: Text::fixed("Many remote hosts contacted on one port", "一つのポートで多数の外部ホストに接続"),
    claims: &[Claim::OutboundFanOutScan, Claim::OutboundLoginAttempts],
    techniques: &["T1046", "T1110"],
    tactic: Tactic::Discovery,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "Monitoring, an authorised scanner, or peer-to-peer software does the same.",
        "監視、許可されたスキャナー、P2P ソフトウェアでも同様の通信が起きる。",
    ),
    examples: &[
        Example::hit(
            "one SYN each to port 22 of 60 hosts",
            "60 台のポート 22 に SYN を 1 つずつ送る",
            || (0..60).map(|n| flow(i64::from(n), ("10.0.0.5", 40_000 + n), (&format!("198.51.100.{n}"), 22), 6, 1)).collect(),
            &[Claim::OutboundFanOutScan],
        ),
        Example::hit(
            "whole conversations with port 22 of 60 hosts, as password guessing makes them",
            "60 台のポート 22 と、パスワード推測に見られるまとまったやり取りをする",
            || {
                (0..60)
                    .flat_map(|n| {
                        let host = format!("198.51.100.{n}");
                        [flow(n, ("10.0.0.5", 40_000), (&host, 22), 6, 40), flow(n, (&host, 22), ("10.0.0.5", 40_000), 6, 40)]
                    })
                    .collect()
            },
            &[Claim::OutboundLoginAttempts],
        ),
        Example::miss("a web server that answers 200 clients", "200 クライアントに応答するウェブサーバー", || {
            (0..200)
                .flat_map(|n| {
                    let client = format!("198.51.100.{n}");
                    [flow(n, (&client, 50_000), ("10.0.0.5", 443), 6, 20), flow(n, ("10.0.0.5", 443), (&client, 50_000), 6, 20)]
                })
                .collect()
        }),
    ],
    run,
};

fn run(context: &Context<'_>) -> Vec<Finding> {
    begun_by_us(context).iter().filter_map(|(service, talk)| finding(context, *service, talk)).collect()
}

fn finding(context: &Context<'_>, service: Service, talk: &Talk) -> Option<Finding> {
    let port = service.2;
    let web = [80, 443, 8080, 8443].contains(&port);
    let enough = if web { WEB_HOSTS } else { HOSTS };
    if OTHERS.contains(&port) || talk.busiest_hour() < enough {
        return None;
    }
    let (unanswered, known) = talk.unanswered();
    let probing = talk.packets / talk.flows.max(1) <= PROBE_PACKETS;
    // Answered conversations with many web servers are crawling, which has its own detection.
    if web && unanswered * 2 < known || !web && !probing && talk.busiest_hour() < HOSTS * 8 && !LOGIN.contains(&port) {
        return None;
    }
    let login = LOGIN.contains(&port) && !probing;
    let (claim, technique) = if login { (Claim::OutboundLoginAttempts, "T1110") } else { (Claim::OutboundFanOutScan, "T1046") };
    let (hosts, protocol) = (talk.remotes.count(), protocol_name(service.1));
    let title = Text::new(
        format!("{} contacted {hosts} remote hosts on {protocol} port {port}", service.0),
        format!("{} が {protocol} ポート {port} で {hosts} 台の外部ホストに接続した", service.0),
    );
    let detail = Text::new(
        format!(
            "{} hosts in the busiest hour; {} flows, {} packets; {unanswered} hosts did not answer. {}",
            talk.busiest_count(),
            talk.flows,
            talk.packets,
            DETECTION.innocent.en
        ),
        format!(
            "最も多い 1 時間で {} 台。フロー {} 件、{} パケット。応答なし {unanswered} 台。{}",
            talk.busiest_count(),
            talk.flows,
            talk.packets,
            DETECTION.innocent.ja
        ),
    );
    let mut finding = Finding::new(claim, Severity::High, title, detail, first_cite(context, service, Direction::Egress, false)?);
    finding.technique = Some(technique.to_owned());
    name_ends(&mut finding, service, talk.remotes.iter());
    cite_service(context, &mut finding, service, Direction::Egress, false);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    #[test]
    fn a_scan_is_found_and_a_busy_server_is_not() {
        let scan = (0..60).map(|n| flow(n, ("10.0.0.5", 40_000 + n as u16), (&format!("198.51.100.{n}"), 22), 6, 1)).collect();
        assert_eq!(claims(&DETECTION, scan), vec![Claim::OutboundFanOutScan]);
        let server = (0..200)
            .flat_map(|n| {
                let client = format!("198.51.100.{n}");
                [flow(n, (&client, 50_000), ("10.0.0.5", 443), 6, 20), flow(n, ("10.0.0.5", 443), (&client, 50_000), 6, 20)]
            })
            .collect();
        assert_eq!(claims(&DETECTION, server), vec![]);
    }

    #[test]
    fn guessing_of_passwords_is_told_from_scanning() {
        let guessing = (0..60)
            .flat_map(|n| {
                let host = format!("198.51.100.{n}");
                [flow(n, ("10.0.0.5", 40_000), (&host, 22), 6, 40), flow(n, (&host, 22), ("10.0.0.5", 40_000), 6, 40)]
            })
            .collect();
        assert_eq!(claims(&DETECTION, guessing), vec![Claim::OutboundLoginAttempts]);
    }
}
