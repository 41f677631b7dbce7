//! Floods: ours towards others, others' towards us, and answers of ours that amplify.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::rows::{Direction, NetworkActivity};
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use jiff::Timestamp;

use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// Packets in a second towards one host, one-sided, that no upload makes (TCP uploads are acknowledged).
const RATE: u64 = 300;
/// Packets in all, below which a burst is no flood.
const PACKETS: u64 = 20_000;
/// Packets in a minute from strangers, unanswered, that make us a victim.
const INBOUND: u64 = 3_000;
/// Ports of services that answer more than they are asked (US-CERT TA14-017A).
const AMPLIFIERS: [u16; 14] = [17, 19, 53, 69, 111, 123, 137, 161, 389, 500, 1900, 4500, 5353, 11_211];
/// Bytes of answers, below which amplification does not matter.
const AMPLIFIED: u64 = 5_000_000;

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "floods",
    title: Text::fixed("Floods from us, towards us, and amplification", "自社からの・自社へのフラッドと増幅"),
    claims: &[Claim::OutboundFlood, Claim::InboundFlood, Claim::OutboundAmplification],
    techniques: &["T1498", "T1498.001", "T1498.002"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::NetworkActivity],
    innocent: Text::fixed(
        "Media streaming and load tests are one-sided and heavy too.",
        "動画配信や負荷試験でも、一方向の大量通信が起きる。",
    ),
    examples: &[
        Example::hit(
            "10,000 UDP packets a second towards one host",
            "1 台のホストへ毎秒 1 万の UDP パケットを送る",
            || vec![flow(0, ("10.0.0.5", 40_000), ("198.51.100.7", 80), 17, 600_000)],
            &[Claim::OutboundFlood],
        ),
        Example::hit(
            "200 strangers send UDP packets that are not answered",
            "200 の見知らぬアドレスから応答のない UDP パケットが届く",
            || (0..200).map(|n| flow(n / 10, (&format!("198.51.100.{n}"), 4500), ("10.0.0.5", 80), 17, 500)).collect(),
            &[Claim::InboundFlood],
        ),
        Example::hit(
            "memcached answers small questions with large packets",
            "memcached が小さな問い合わせに大きく応答する",
            || {
                (0..50)
                    .flat_map(|n| {
                        let victim = format!("198.51.100.{n}");
                        [
                            flow(n, (&victim, 40_000), ("10.0.0.5", 11_211), 17, 10),
                            flow(n, ("10.0.0.5", 11_211), (&victim, 40_000), 17, 5000),
                        ]
                    })
                    .collect()
            },
            &[Claim::OutboundAmplification],
        ),
        Example::miss(
            "a heavy upload that the other side acknowledges",
            "相手の確認応答がある大きなアップロード",
            || {
                vec![
                    flow(0, ("10.0.0.5", 40_000), ("198.51.100.7", 443), 6, 600_000),
                    flow(0, ("198.51.100.7", 443), ("10.0.0.5", 40_000), 6, 300_000),
                ]
            },
        ),
    ],
    run,
};

#[derive(Default)]
struct Sum {
    out_packets: u64,
    out_bytes: u64,
    in_packets: u64,
    in_bytes: u64,
    rate: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    cites: Vec<Cite>,
    port: u16,
    records: u64,
}

impl Sum {
    fn take(&mut self, net: &NetworkActivity<'_>, at: Timestamp, cite: impl FnOnce() -> Cite) {
        let end = net.end.unwrap_or(at);
        let seconds = u64::try_from(end.duration_since(at).as_secs()).unwrap_or(1).max(1);
        self.first = Some(self.first.map_or(at, |f| f.min(at)));
        self.last = Some(self.last.map_or(end, |l| l.max(end)));
        self.records += 1;
        if net.direction == Some(Direction::Egress) {
            self.out_packets = self.out_packets.saturating_add(net.packets);
            self.out_bytes = self.out_bytes.saturating_add(net.bytes);
            self.rate = self.rate.max(net.packets / seconds);
            self.port = net.dst_port.unwrap_or(0);
        } else {
            self.in_packets = self.in_packets.saturating_add(net.packets);
            self.in_bytes = self.in_bytes.saturating_add(net.bytes);
        }
        if self.cites.len() < Finding::MAX_EVIDENCE {
            self.cites.push(cite());
        }
    }
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut pairs: BTreeMap<(IpAddr, IpAddr), Sum> = BTreeMap::new();
    let mut minutes: BTreeMap<(IpAddr, i64), Sum> = BTreeMap::new();
    let mut services: BTreeMap<(IpAddr, u16), Sum> = BTreeMap::new();
    context.evidence.each(&Filter::table(Table::NetworkActivity), &mut |row| {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
        let Some((local, ours, remote, _)) = net.sides() else { return };
        let cite = || context.evidence.cite(row);
        // A spoofed flood has a remote address for each packet: pairs are remembered up to a bound, minutes always.
        if pairs.len() < 50_000 || pairs.contains_key(&(local, remote)) {
            pairs.entry((local, remote)).or_default().take(net, at, cite);
        }
        minutes.entry((local, at.as_second().div_euclid(60))).or_default().take(net, at, cite);
        if let Some(port) = ours.filter(|p| net.protocol == Some(17) && AMPLIFIERS.contains(p)) {
            services.entry((local, port)).or_default().take(net, at, cite);
        }
    });
    let mut findings: Vec<Finding> = pairs.iter().filter_map(|((local, remote), sum)| outbound(*local, *remote, sum)).collect();
    findings.extend(inbound(&minutes));
    findings.extend(services.iter().filter_map(|((local, port), sum)| amplified(*local, *port, sum)));
    findings
}

fn build(claim: Claim, technique: &str, title: Text, detail: Text, sum: &Sum) -> Option<Finding> {
    let mut finding = Finding::new(claim, Severity::High, title, detail, sum.cites.first()?.clone());
    finding.technique = Some(technique.to_owned());
    finding.count = sum.records;
    finding.seen(sum.first);
    finding.seen(sum.last);
    sum.cites.iter().for_each(|c| finding.also(c.clone()));
    Some(finding)
}

fn outbound(local: IpAddr, remote: IpAddr, sum: &Sum) -> Option<Finding> {
    if sum.rate < RATE || sum.out_packets < PACKETS || sum.in_packets.saturating_mul(10) > sum.out_packets {
        return None;
    }
    let title = Text::new(
        format!("{local} sent {} packets to {remote}, up to {} a second", sum.out_packets, sum.rate),
        format!("{local} が {remote} に {} パケット（毎秒最大 {}）を送信した", sum.out_packets, sum.rate),
    );
    let detail = Text::new(
        format!("{} bytes sent, {} packets came back; last port {}. {}", sum.out_bytes, sum.in_packets, sum.port, DETECTION.innocent.en),
        format!(
            "送信 {} バイト、受信 {} パケット。最後の宛先ポート {}。{}",
            sum.out_bytes, sum.in_packets, sum.port, DETECTION.innocent.ja
        ),
    );
    let mut finding = build(Claim::OutboundFlood, "T1498.001", title, detail, sum)?;
    finding.names(EntityKind::LocalAddress, local.to_string());
    finding.names(EntityKind::RemoteAddress, remote.to_string());
    finding.names(EntityKind::Port, sum.port.to_string());
    Some(finding)
}

/// The minutes in which one of our addresses was flooded.
struct Flood<'a> {
    worst: &'a Sum,
    packets: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

fn inbound(minutes: &BTreeMap<(IpAddr, i64), Sum>) -> Vec<Finding> {
    let mut floods: BTreeMap<IpAddr, Flood<'_>> = BTreeMap::new();
    for ((local, _), sum) in minutes.iter().filter(|(_, s)| s.in_packets >= INBOUND && s.out_packets.saturating_mul(10) < s.in_packets) {
        let flood = floods.entry(*local).or_insert(Flood { worst: sum, packets: 0, first: sum.first, last: sum.last });
        flood.packets = flood.packets.saturating_add(sum.in_packets);
        flood.last = flood.last.max(sum.last);
        if sum.in_packets > flood.worst.in_packets {
            flood.worst = sum;
        }
    }
    floods.into_iter().filter_map(|(local, flood)| flooded(local, &flood)).collect()
}

fn flooded(local: IpAddr, flood: &Flood<'_>) -> Option<Finding> {
    let (packets, worst) = (flood.packets, flood.worst);
    let title = Text::new(
        format!("{local} received {packets} packets that it did not answer: it is the target of a flood"),
        format!("{local} は応答していない {packets} パケットを受信した（フラッドの標的）"),
    );
    let detail = Text::new(
        format!("{} packets and {} bytes in the worst minute. Traffic towards us is no abuse by us.", worst.in_packets, worst.in_bytes),
        format!("最大の 1 分で {} パケット、{} バイト。受信側の通信であり、当方による不正利用ではない。", worst.in_packets, worst.in_bytes),
    );
    let mut finding = build(Claim::InboundFlood, "T1498", title, detail, worst)?;
    finding.seen(flood.first);
    finding.seen(flood.last);
    finding.severity = Severity::Medium;
    finding.names(EntityKind::LocalAddress, local.to_string());
    Some(finding)
}

fn amplified(local: IpAddr, port: u16, sum: &Sum) -> Option<Finding> {
    if sum.out_bytes < AMPLIFIED || sum.out_bytes < sum.in_bytes.saturating_mul(3) {
        return None;
    }
    let title = Text::new(
        format!("{local} answered from UDP port {port} with {} bytes to {} bytes of questions", sum.out_bytes, sum.in_bytes),
        format!("{local} の UDP ポート {port} が、{} バイトの問い合わせに {} バイトを応答した", sum.in_bytes, sum.out_bytes),
    );
    let detail = Text::new(
        "Answers of that kind hit whoever's address was forged in the question.",
        "この種の応答は、問い合わせで詐称された第三者のアドレスに届く。",
    );
    let mut finding = build(Claim::OutboundAmplification, "T1498.002", title, detail, sum)?;
    finding.names(EntityKind::LocalAddress, local.to_string());
    finding.names(EntityKind::Port, port.to_string());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{claims, flow};

    #[test]
    fn a_flood_from_us_is_found_and_an_acknowledged_upload_is_not() {
        assert_eq!(claims(&DETECTION, vec![flow(0, ("10.0.0.5", 40_000), ("198.51.100.7", 80), 17, 600_000)]), vec![Claim::OutboundFlood]);
        let upload = vec![
            flow(0, ("10.0.0.5", 40_000), ("198.51.100.7", 443), 6, 600_000),
            flow(0, ("198.51.100.7", 443), ("10.0.0.5", 40_000), 6, 300_000),
        ];
        assert_eq!(claims(&DETECTION, upload), vec![]);
    }

    #[test]
    fn a_flood_towards_us_makes_us_the_victim() {
        let rows = (0..200).map(|n| flow(n / 10, (&format!("198.51.100.{n}"), 4500), ("10.0.0.5", 80), 17, 500)).collect();
        assert_eq!(claims(&DETECTION, rows), vec![Claim::InboundFlood]);
    }

    #[test]
    fn large_answers_to_small_questions_amplify() {
        let rows = (0..50)
            .flat_map(|n| {
                let victim = format!("198.51.100.{n}");
                [flow(n, (&victim, 40_000), ("10.0.0.5", 11_211), 17, 10), flow(n, ("10.0.0.5", 11_211), (&victim, 40_000), 17, 5000)]
            })
            .collect();
        assert_eq!(claims(&DETECTION, rows), vec![Claim::OutboundAmplification]);
    }
}
