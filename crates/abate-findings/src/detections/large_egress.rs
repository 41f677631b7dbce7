//! Far more data sent to one remote than to any other on any day before: what the theft of a database looks like from the network.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::flows::{flow_key, is_private};
use abate_model::rows::{Direction, NetworkActivity};
use abate_model::{Body, Cite, Claim, EntityKind, Filter, Finding, Row, Severity, Table, Text};
use jiff::Timestamp;

use super::account::day;
use crate::examples::flow;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "large-egress",
    title: Text::fixed("Far more data sent to one remote than ever before", "一つの外部ホストへの過去にない大量送信"),
    claims: &[Claim::LargeEgress],
    techniques: &["T1048"],
    tactic: Tactic::Exfiltration,
    severity: Severity::Medium,
    needs: &[Table::NetworkActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "20 GB to one host after three quiet days",
            "静かな 3 日間の後、1 台のホストへ 20 GB を送る",
            || usual(3).into_iter().chain([sent(3 * 86_400 + 600, "203.0.113.7", 20_000)]).collect(),
            &[Claim::LargeEgress],
        ),
        Example::miss("a nightly backup of the same size", "毎晩同じ大きさのバックアップ", || {
            (0..4).map(|d| sent(d * 86_400 + 600, "203.0.113.7", 20_000)).collect()
        }),
        Example::miss("20 GB on the first day of the logs", "ログの初日の 20 GB", || vec![sent(600, "203.0.113.7", 20_000)]),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "A move of data or a first backup looks the same; ask whose the remote is.",
    "データ移行や初回のバックアップも同様になる。相手の持ち主を確認する。",
);

/// Bytes to one remote on one day below which it does not matter.
const MUCH: u64 = 5_000_000_000;
/// How many times the most of any earlier day.
const TIMES: u64 = 10;
/// Days of evidence before, so that "before" means something.
const BEFORE: i64 = 2;
/// (our address, remote) pairs followed; a scan has a remote for each packet, but sends next to nothing.
const MAX_PAIRS: usize = 50_000;

/// An ordinary day's traffic to some host, for some days.
fn usual(days: i64) -> Vec<Row<'static>> {
    (0..days).map(|d| sent(d * 86_400 + 300, "198.51.100.7", 100)).collect()
}

/// So many megabytes to port 443 of a remote.
fn sent(second: i64, remote: &str, megabytes: u64) -> Row<'static> {
    let mut row = flow(second, ("10.0.0.5", 40_000), (remote, 443), 6, 1000);
    if let Body::Net(net) = &mut row.body {
        net.bytes = megabytes * 1_000_000;
        net.direction = Some(Direction::Egress);
    }
    row
}

#[derive(Default)]
struct Pair {
    day: i64,
    bytes: u64,
    /// (bytes, day) of the heaviest day
    most: (u64, i64),
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut pairs: BTreeMap<(IpAddr, IpAddr), Pair> = BTreeMap::new();
    // What an address sent to any one remote on a day at the most: (day, bytes), the days in order.
    let mut heaviest: BTreeMap<IpAddr, BTreeMap<i64, u64>> = BTreeMap::new();
    let mut first_day = None;
    ctx.evidence.each(&Filter::table(Table::NetworkActivity), &mut |row| {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
        first_day.get_or_insert(day(at));
        let Some((local, remote, bytes)) = outward(at, net) else { return };
        if pairs.len() >= MAX_PAIRS && !pairs.contains_key(&(local, remote)) {
            return;
        }
        let pair = pairs.entry((local, remote)).or_default();
        if pair.day != day(at) {
            (pair.day, pair.bytes) = (day(at), 0);
        }
        pair.bytes = pair.bytes.saturating_add(bytes);
        pair.most = pair.most.max((pair.bytes, pair.day));
        let most = heaviest.entry(local).or_default().entry(pair.day).or_default();
        *most = (*most).max(pair.bytes);
    });
    let Some(first_day) = first_day else { return Vec::new() };
    let unusual = |((local, _), pair): &(&(IpAddr, IpAddr), &Pair)| {
        let (bytes, on) = pair.most;
        let before = heaviest.get(local).map_or(0, |days| days.range(..on).map(|(_, bytes)| *bytes).max().unwrap_or(0));
        bytes >= MUCH && on - first_day >= BEFORE && bytes / TIMES >= before
    };
    let mut found: Vec<((IpAddr, IpAddr), (u64, i64))> = pairs.iter().filter(unusual).map(|(ends, pair)| (*ends, pair.most)).collect();
    found.sort_by_key(|(ends, (bytes, _))| (std::cmp::Reverse(*bytes), *ends));
    found.truncate(20);
    found.into_iter().filter_map(|(ends, (bytes, on))| finding(ctx, ends, bytes, on)).collect()
}

/// (our address, remote, bytes) of a flow that leaves us for the Internet, answers included: a thief may come and fetch.
fn outward(at: Timestamp, net: &NetworkActivity<'_>) -> Option<(IpAddr, IpAddr, u64)> {
    let (key, remote) = flow_key(at, net)?;
    (key.direction == Direction::Egress && !is_private(remote)).then_some((key.local, remote, net.bytes))
}

/// A record of what was sent: bytes, place, first and last time, port.
type Sent = (u64, Cite, Option<Timestamp>, Option<Timestamp>, Option<u16>);

fn finding(ctx: &Context<'_>, (local, remote): (IpAddr, IpAddr), bytes: u64, on: i64) -> Option<Finding> {
    let mut rows: Vec<Sent> = Vec::new();
    let mut records = 0;
    ctx.evidence.each(&Filter::table(Table::NetworkActivity).naming(remote), &mut |row| {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
        if day(at) == on && outward(at, net).is_some_and(|(of, to, _)| (of, to) == (local, remote)) {
            records += 1;
            rows.push((net.bytes, ctx.evidence.cite(row), row.at, net.end, net.dst_port));
            // The heaviest ones stay.
            if rows.len() > 200 {
                rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
                rows.truncate(Finding::MAX_EVIDENCE);
            }
        }
    });
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
    let gigabytes = bytes / 1_000_000_000;
    let title = Text::new(
        format!("{local} sent {gigabytes} GB to {remote} on one day, far more than before"),
        format!("{local} が {remote} に 1 日で {gigabytes} GB を送信した（それまでを大きく上回る）"),
    );
    let mut finding = Finding::new(Claim::LargeEgress, Severity::Medium, title, INNOCENT, rows.first()?.1.clone());
    finding.technique = Some("T1048".to_owned());
    finding.count = records;
    finding.names(EntityKind::LocalAddress, local.to_string());
    finding.names(EntityKind::RemoteAddress, remote.to_string());
    for (_, cite, at, end, port) in rows {
        finding.also(cite);
        finding.seen(at);
        finding.seen(end);
        if let Some(port) = port {
            finding.names(EntityKind::Port, port.to_string());
        }
    }
    Some(finding)
}
