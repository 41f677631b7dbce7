//! Quiet conversations that fit malware: at regular intervals, on ports of mining pools, or long on unusual ports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::{flow_key, is_private};
use abate_model::rows::Direction;
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};
use jiff::Timestamp;

use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Connections from which a rhythm can be told.
const BEATS: usize = 8;
/// Largest share of the usual interval by which it may vary.
const JITTER: f64 = 0.15;
/// Ports of mining pools (stratum).
const MINING: [u16; 8] = [3333, 4444, 5555, 7777, 9999, 14_433, 14_444, 45_700];
/// Ports whose long conversations are ordinary.
const ORDINARY: [u16; 24] =
    [20, 21, 22, 25, 53, 80, 110, 123, 143, 443, 465, 587, 853, 989, 990, 993, 995, 3306, 5432, 5671, 6379, 8080, 8443, 8883];
/// New connections to one remote port that no person makes: malware that tries its master again and again.
const AGAIN: usize = 50;
/// Seconds that make a conversation long.
const LONG: i64 = 600;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "rhythm",
    title: Text::fixed("Regular, long or mining-like contact with one remote host", "一つの外部ホストとの規則的・長時間・採掘類似の通信"),
    claims: &[Claim::PeriodicOutbound, Claim::OutboundMining, Claim::OutboundRareRemote],
    techniques: &["T1071", "T1496", "T1571"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "Monitoring agents, VPNs and update checks are regular or long too.",
        "監視エージェント、VPN、更新確認も規則的または長時間の通信になる。",
    ),
    examples: &[
        Example::hit(
            "a connection to one host every minute",
            "1 台のホストへ毎分接続する",
            || contact((0..12).map(|n| n * 60), 8888),
            &[Claim::PeriodicOutbound],
        ),
        Example::hit(
            "long contact on a port of mining pools",
            "採掘プールのポートでの長い通信",
            || contact([0, 700, 710, 2000], 3333),
            &[Claim::OutboundMining],
        ),
        Example::hit(
            "long contact on an unusual port",
            "普段使われないポートでの長い通信",
            || contact([0, 700, 710, 2000], 2404),
            &[Claim::OutboundRareRemote],
        ),
        Example::miss("irregular use", "不規則な利用", || contact([0, 5, 90, 95, 300, 301, 302, 480, 481], 8888)),
        Example::miss("long contact with a web server", "ウェブサーバーとの長い通信", || contact([0, 700, 710, 2000], 443)),
    ],
    run,
};

/// Connections to a port of one host, each answered.
fn contact(times: impl IntoIterator<Item = i64>, port: u16) -> Vec<Row<'static>> {
    let of = |(ours, t)| {
        let (us, them) = (("10.0.0.5", ours), ("198.51.100.7", port));
        [flow(t, us, them, 6, 5), flow(t, them, us, 6, 5)]
    };
    (40_000..).zip(times).flat_map(of).collect()
}

#[derive(Default)]
struct Contact {
    starts: BTreeMap<u16, Timestamp>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    packets: u64,
    cites: Vec<Cite>,
    records: u64,
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut contacts: BTreeMap<(IpAddr, IpAddr, u8, u16), Contact> = BTreeMap::new();
    let mut answered: BTreeSet<(IpAddr, IpAddr)> = BTreeSet::new();
    context.evidence.each(&Filter::table(Table::NetworkActivity), &mut |row| {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
        let (Some((key, remote)), Some((_, ours, ..))) = (flow_key(at, net), net.sides()) else { return };
        if is_private(remote) {
            return;
        }
        match (key.direction, key.reply) {
            // A scan has a remote for each packet: a bound, beyond which only known contacts are followed.
            (Direction::Egress, false)
                if contacts.len() < 50_000 || contacts.contains_key(&(key.local, remote, key.protocol, key.port)) =>
            {
                let contact = contacts.entry((key.local, remote, key.protocol, key.port)).or_default();
                if let Some(port) = ours.filter(|_| contact.starts.len() < 10_000) {
                    contact.starts.entry(port).or_insert(at);
                }
                let end = net.end.unwrap_or(at);
                contact.first = Some(contact.first.map_or(at, |f| f.min(at)));
                contact.last = Some(contact.last.map_or(end, |l| l.max(end)));
                contact.packets = contact.packets.saturating_add(net.packets);
                contact.records += 1;
                if contact.cites.len() < Finding::MAX_EVIDENCE {
                    contact.cites.push(context.evidence.cite(row));
                }
            }
            (Direction::Ingress, true) if answered.len() < 500_000 => {
                answered.insert((key.local, remote));
            }
            _ => {}
        }
    });
    let mut findings: Vec<Finding> = contacts
        .iter()
        .filter(|((local, remote, ..), _)| answered.contains(&(*local, *remote)))
        .filter_map(|((local, remote, _, port), c)| judge(*local, *remote, *port, c))
        .collect();
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.count.cmp(&a.count)));
    findings.truncate(20);
    findings
}

fn judge(local: IpAddr, remote: IpAddr, port: u16, contact: &Contact) -> Option<Finding> {
    let seconds = contact.last?.duration_since(contact.first?).as_secs();
    let rhythm = rhythm(contact);
    let (claim, technique, severity, en, ja) = if MINING.contains(&port) && (seconds >= LONG || contact.records >= 10) {
        (
            Claim::OutboundMining,
            "T1496",
            Severity::High,
            format!("{local} kept contact with {remote} on port {port}, a port of mining pools"),
            format!("{local} が採掘プールで使われるポート {port} で {remote} と通信を続けた"),
        )
    } else if let Some(interval) = rhythm.filter(|_| ![123, 53].contains(&port)) {
        let severity = if ORDINARY.contains(&port) { Severity::Low } else { Severity::High };
        (
            Claim::PeriodicOutbound,
            "T1071",
            severity,
            format!("{local} contacted {remote} port {port} every {interval} seconds or so"),
            format!("{local} がおよそ {interval} 秒ごとに {remote} のポート {port} に接続した"),
        )
    } else if port > 1024 && !ORDINARY.contains(&port) && (seconds >= LONG || contact.starts.len() >= AGAIN) {
        (
            Claim::OutboundRareRemote,
            "T1571",
            Severity::Medium,
            format!("{local} kept contact with {remote} on the unusual port {port}"),
            format!("{local} が普段使われないポート {port} で {remote} と通信を続けた"),
        )
    } else {
        return None;
    };
    let detail = Text::new(
        format!("{} connections, {} packets over {seconds} seconds. {}", contact.starts.len(), contact.packets, DETECTION.innocent.en),
        format!("{seconds} 秒間に接続 {} 件、{} パケット。{}", contact.starts.len(), contact.packets, DETECTION.innocent.ja),
    );
    let mut finding = Finding::new(claim, severity, Text::new(en, ja), detail, contact.cites.first()?.clone());
    finding.technique = Some(technique.to_owned());
    finding.count = contact.records;
    finding.seen(contact.first);
    finding.seen(contact.last);
    contact.cites.iter().for_each(|c| finding.also(c.clone()));
    finding.names(EntityKind::LocalAddress, local.to_string());
    finding.names(EntityKind::RemoteAddress, remote.to_string());
    finding.names(EntityKind::Port, port.to_string());
    Some(finding)
}

/// The usual interval between new connections in seconds, if it hardly varies.
fn rhythm(contact: &Contact) -> Option<i64> {
    let mut starts: Vec<i64> = contact.starts.values().map(|t| t.as_second()).collect();
    if starts.len() < BEATS {
        return None;
    }
    starts.sort_unstable();
    let mut gaps: Vec<i64> = starts.windows(2).filter_map(|w| Some(w.get(1)? - w.first()?)).collect();
    gaps.sort_unstable();
    let usual = *gaps.get(gaps.len() / 2)?;
    if !(30..=7200).contains(&usual) {
        return None;
    }
    let mut off: Vec<i64> = gaps.iter().map(|g| (g - usual).abs()).collect();
    off.sort_unstable();
    #[allow(clippy::cast_precision_loss)]
    let regular = *off.get(off.len() * 3 / 4)? as f64 <= usual as f64 * JITTER;
    regular.then_some(usual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    fn contact(times: impl Iterator<Item = i64>, port: u16) -> Vec<abate_model::Row<'static>> {
        times
            .enumerate()
            .flat_map(|(n, t)| {
                let ours = 40_000 + n as u16;
                [flow(t, ("10.0.0.5", ours), ("198.51.100.7", port), 6, 5), flow(t, ("198.51.100.7", port), ("10.0.0.5", ours), 6, 5)]
            })
            .collect()
    }

    #[test]
    fn a_beacon_is_found_and_irregular_use_is_not() {
        assert_eq!(claims(&DETECTION, contact((0..12).map(|n| n * 60), 8888)), vec![Claim::PeriodicOutbound]);
        assert_eq!(claims(&DETECTION, contact([0, 5, 90, 95, 300, 301, 302, 480, 481].into_iter(), 8888)), vec![]);
    }

    #[test]
    fn mining_and_long_talks_on_odd_ports_are_told_apart() {
        assert_eq!(claims(&DETECTION, contact([0, 700, 710, 2000].into_iter(), 3333)), vec![Claim::OutboundMining]);
        assert_eq!(claims(&DETECTION, contact([0, 700, 710, 2000].into_iter(), 2404)), vec![Claim::OutboundRareRemote]);
        assert_eq!(claims(&DETECTION, contact([0, 700, 710, 2000].into_iter(), 443)), vec![]);
        assert_eq!(claims(&DETECTION, contact((0..80).map(|n| n * 3 + n % 2), 5888)), vec![Claim::OutboundRareRemote]);
        assert_eq!(claims(&DETECTION, contact((0..20).map(|n| n * 3 + n % 2), 5888)), vec![]);
    }
}
