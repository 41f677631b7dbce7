//! Every way that is known of being wrong about "it wasn't us" is tried, and proves nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::evidence::Hole;
use crate::memory::{FormatFacts, Memory};
use crate::rows::{ApiActivity, Direction, FlowAction, FlowStatus, InventoryInfo, InventoryKind, NetworkActivity, ProcessActivity};
use crate::{
    Body, Category, Clock, ClockReading, Locator, Loss, LossKind, Notice, Remote, ReportedActivity, Resource, ResourceKind, Row, Source,
    Text, ZoneCertainty,
};

const INSTANCE: &str = "i-0123456789abcdef0";
const REMOTE: &str = "198.51.100.7";
/// The reported second.
const T: i64 = 100_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn source(path: &str, losses: Vec<Loss>) -> Source {
    Source {
        path: path.to_owned(),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 0,
        format: Some(path.split('.').next().unwrap_or_default().to_owned()),
        recognised_by: String::new(),
        records: 1,
        duplicates: 0,
        gone: false,
        losses,
    }
}

fn loss(kind: LossKind) -> Loss {
    Loss { kind, reason: String::new(), first: None, count: 1, bytes: 1 }
}

/// A case in which absence, or ownership, is proved; each test spoils it in one way.
#[derive(Clone)]
struct Case {
    notice: Notice,
    rows: Vec<Row<'static>>,
    sources: Vec<Source>,
    clocks: Vec<Clock>,
}

fn row(second: Option<i64>, source: u32, n: u64, body: Body<'static>) -> Row<'static> {
    Row { at: second.map(at), zone: ZoneCertainty::Stated, source, locator: Locator::Record { n }, body }
}

fn net(interface: &'static str, src: (&str, u16), dst: (&str, u16), action: FlowAction) -> NetworkActivity<'static> {
    NetworkActivity {
        interface_id: Some(Cow::Borrowed(interface)),
        account: Some("111122223333".into()),
        src: src.0.parse().ok(),
        dst: dst.0.parse().ok(),
        src_port: Some(src.1),
        dst_port: Some(dst.1),
        protocol: Some(6),
        packets: 9,
        bytes: 900,
        action: Some(action),
        ..NetworkActivity::default()
    }
}

fn flow(second: i64, mut net: NetworkActivity<'static>) -> Row<'static> {
    net.end = Some(at(second + 59));
    let n = second.unsigned_abs() * 8 + u64::from(net.src_port.unwrap_or(0)) % 8;
    row(Some(second), 0, n, Body::Net(net))
}

fn inventory(id: &'static str, public: &[&str], interfaces: &[&'static str]) -> Row<'static> {
    let info = InventoryInfo {
        kind: InventoryKind::Instance,
        id: id.into(),
        public_addrs: public.iter().filter_map(|a| a.parse().ok()).collect(),
        private_addrs: vec!["10.0.0.5".parse().unwrap()],
        interfaces: interfaces.iter().map(|i| Cow::Borrowed(*i)).collect(),
        ..InventoryInfo::default()
    };
    row(None, 1, public.len() as u64, Body::Inventory(Box::new(info)))
}

fn api(second: i64, name: &'static str, request: &'static str, response: &'static str) -> Row<'static> {
    let body = ApiActivity {
        event_name: name.into(),
        request: Some(request.into()),
        response: Some(response.into()),
        account: Some("111122223333".into()),
        region: Some("us-east-1".into()),
        source_ip: Some("192.0.2.9".into()),
        ..ApiActivity::default()
    };
    row(Some(second), 2, second.unsigned_abs(), Body::Api(Box::new(body)))
}

fn notice() -> Notice {
    let reported = ReportedActivity {
        id: "r1".into(),
        category: Category::PortScan,
        resource: Some(INSTANCE.into()),
        from: Some(at(T)),
        to: Some(at(T)),
        zone: Some("UTC".into()),
        zone_certainty: ZoneCertainty::Stated,
        remote: vec![Remote { address: Some(REMOTE.into()), port: Some(22), protocol: None }],
        urls: Vec::new(),
        text: "203.0.113.10 -> 198.51.100.7:22".into(),
    };
    let value = serde_json::json!({
        "schema": "abate.notice/1", "kind": "first", "category": "port-scan", "account_id": "111122223333", "regions": ["us-east-1"],
        "resources": [], "case_number": null, "reported": [reported], "required_actions": [], "mitigations": [],
        "deadline": {"at": at(T + 86_400), "basis": "from-date"},
        "authenticity": {"verdict": "not-checked", "reasons": []}, "reporter": null, "unread": [], "subject": null, "from": null,
        "to": null, "message_id": null, "date": null, "received_at": at(T + 3600), "body": "", "sha256": ""
    });
    let mut notice: Notice = serde_json::from_value(value).unwrap();
    notice.resources =
        vec![Resource { kind: ResourceKind::Ec2Instance, id: INSTANCE.into(), addresses: vec!["203.0.113.10".into()], masked: false }];
    notice
}

/// An hour and a half of whole flow logs around the time, without contact.
fn quiet() -> Case {
    let mut rows = vec![inventory(INSTANCE, &["203.0.113.10"], &["eni-1"])];
    for second in (T - 2700..T + 2700).step_by(60) {
        rows.push(flow(second, net("eni-1", ("10.0.0.5", 50_000), ("203.0.113.200", 443), FlowAction::Accept)));
        rows.push(flow(second, net("eni-1", ("203.0.113.200", 443), ("10.0.0.5", 50_000), FlowAction::Accept)));
    }
    rows.push(flow(T - 600, net("eni-1", ("203.0.113.99", 50_001), ("10.0.0.5", 23), FlowAction::Reject)));
    let sources = ["flow.log", "describe.json", "trail.json"].map(|path| source(path, Vec::new())).to_vec();
    Case { notice: notice(), rows, sources, clocks: Vec::new() }
}

/// An address that came to us an hour after the time.
fn recycled() -> Case {
    let mut rows: Vec<Row<'static>> = (-20..20).map(|n| api(T + n * 1800, "DescribeInstances", "{}", "{}")).collect();
    rows.push(api(T + 3601, "AllocateAddress", r#"{"domain":"vpc"}"#, r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#));
    Case { rows, ..quiet() }
}

fn facts(format: &str) -> FormatFacts {
    FormatFacts { continuous: format == "flow", ..FormatFacts::default() }
}

impl Case {
    fn evidence(&self) -> Memory {
        Memory::new(self.sources.clone(), self.rows.clone(), Vec::new(), &facts)
    }

    fn absent(&self) -> Result<Absent, Doubt> {
        Absent::prove(&self.evidence(), &self.clocks, &self.notice, &self.notice.reported[0], &BTreeSet::new())
    }

    fn not_ours(&self) -> Result<NotOurs, Doubt> {
        NotOurs::prove(&self.evidence(), &self.notice, &self.notice.reported[0])
    }

    fn and(mut self, row: Row<'static>) -> Self {
        self.rows.push(row);
        self
    }

    fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn each_flow(mut self, change: impl Fn(&mut NetworkActivity<'static>)) -> Self {
        for row in &mut self.rows {
            if let Body::Net(net) = &mut row.body {
                change(net);
            }
        }
        self
    }
}

fn contact() -> NetworkActivity<'static> {
    net("eni-1", ("10.0.0.5", 41_000), (REMOTE, 22), FlowAction::Accept)
}

#[test]
fn whole_logs_without_contact_prove_absence() {
    let proof = quiet().absent().unwrap();
    assert_eq!((proof.coverage().len(), proof.returned().len()), (1, 0));
    assert!(!Disproof::Absent(proof).evidence().is_empty());
    let answers = quiet().and(flow(T + 1, net("eni-1", (REMOTE, 22), ("10.0.0.5", 44_321), FlowAction::Reject)));
    assert_eq!(answers.absent().unwrap().returned().len(), 1, "answers to what others sent in our name, refused at the door");
}

#[test]
fn gaps_losses_and_short_logs_prove_nothing() {
    let holed = |from: i64, to: i64| quiet().but(|c| c.rows.retain(|r| r.at.is_none_or(|t| t < at(from) || t > at(to))));
    let hole = |case: Case| match case.absent() {
        Err(Doubt::Covered(_, hole)) => hole,
        other => panic!("{other:?}"),
    };
    assert!(matches!(hole(holed(T - 300, T + 300)), Hole::Silent(_)), "a gap");
    assert!(matches!(hole(holed(T - 9999, T - 400)), Hole::Begins(_)), "started late");
    assert!(matches!(hole(holed(T + 500, T + 9999)), Hole::Ends(_)), "ends before the window does");
    assert!(matches!(hole(holed(T + 900 + 300, T + 9999)), Hole::Ends(_)), "the last interval may still be on its way");
    let lost = quiet().but(|c| c.sources[0].losses.push(loss(LossKind::Malformed)));
    assert!(matches!(hole(lost), Hole::Lost(1)));
    let skipped = NetworkActivity {
        interface_id: Some("eni-1".into()),
        account: Some("111122223333".into()),
        status: FlowStatus::SkipData,
        ..NetworkActivity::default()
    };
    assert!(matches!(hole(quiet().and(flow(T + 60, skipped))), Hole::Silent(_)));
    let late = quiet().but(|c| {
        c.clocks.push(Clock {
            format: "flow".into(),
            host: None,
            zone: ZoneCertainty::Assumed,
            against: Vec::new(),
            by: None,
            acts: 0,
            agreeing: 0,
            addresses: 0,
            ahead: None,
            reading: ClockReading::Apart,
            says: Text::fixed("", ""),
        });
    });
    assert!(matches!(hole(late), Hole::Clock(_)));
    let unread = quiet().but(|c| c.sources.push(Source { format: None, records: 0, ..source("x.gz", vec![loss(LossKind::Truncated)]) }));
    assert!(matches!(unread.absent(), Err(Doubt::Unread(_))), "the file that could not be read may have it");
}

#[test]
fn a_flow_log_of_one_action_or_of_a_sample_proves_nothing() {
    let accepted = quiet().but(|c| c.rows.retain(|r| !matches!(&r.body, Body::Net(n) if n.action == Some(FlowAction::Reject))));
    assert!(matches!(accepted.absent(), Err(Doubt::OneAction(_))));
    let rejected = quiet().each_flow(|net| net.action = Some(FlowAction::Reject));
    assert!(matches!(rejected.absent(), Err(Doubt::OneAction(_))));
    let mut n = 0;
    let sampled = quiet().but(|c| {
        c.rows.retain(|r| {
            n += 1;
            !matches!(&r.body, Body::Net(net) if net.dst_port == Some(50_000)) || n % 5 == 0
        });
        for (n, row) in c.rows.iter_mut().enumerate() {
            if let Body::Net(net) = &mut row.body {
                let port = 50_000 + u16::try_from(n).unwrap();
                net.src_port = net.src_port.map(|p| if p == 50_000 { port } else { p });
                net.dst_port = net.dst_port.map(|p| if p == 50_000 { port } else { p });
            }
        }
    });
    assert!(matches!(sampled.absent(), Err(Doubt::OneSided(_))), "{:?}", sampled.absent());
}

#[test]
fn interfaces_and_addresses_must_all_be_known_and_covered() {
    let two = quiet().but(|c| c.rows[0] = inventory(INSTANCE, &["203.0.113.10"], &["eni-1", "eni-2"]));
    assert_eq!(two.absent(), Err(Doubt::NotCovered("eni-2".into())), "one of several interfaces");
    let earlier = Absent::prove(&quiet().evidence(), &[], &notice(), &notice().reported[0], &BTreeSet::from(["eni-9".to_owned()]));
    assert_eq!(earlier, Err(Doubt::NotCovered("eni-9".into())), "one that it had at another time");
    let unknown = quiet().but(|c| c.rows.retain(|r| r.at.is_some()));
    assert!(matches!(unknown.absent(), Err(Doubt::Untied(_))), "whose interface it is, is not known");
    let mistyped = quiet().but(|c| c.notice.resources[0].addresses = vec!["203.0.113.11".into()]);
    assert!(matches!(mistyped.absent(), Err(Doubt::Untied(_))));
    for masked in ["203.0.x.x", "203.0.113.*"] {
        assert_eq!(quiet().but(|c| c.notice.resources[0].addresses = vec![masked.into()]).absent(), Err(Doubt::Illegible));
    }
    assert_eq!(quiet().but(|c| c.notice.resources[0].masked = true).absent(), Err(Doubt::Illegible));
    let strange =
        NetworkActivity { instance_id: Some(INSTANCE.into()), ..net("eni-7", ("10.0.0.6", 1), ("192.0.2.1", 2), FlowAction::Accept) };
    assert_eq!(quiet().and(flow(T, strange)).absent(), Err(Doubt::NotCovered("eni-7".into())), "an interface that only the flow log knows");
}

#[test]
fn any_contact_of_ours_forbids_it_in_whatever_zone_and_place() {
    let contact_at = |second| matches!(quiet().and(flow(second, contact())).absent(), Err(Doubt::Contact(_)));
    assert!(contact_at(T) && contact_at(T - 9 * 3600) && contact_at(T + 5 * 3600 + 1800), "the reporter's zone may be another");
    let wide = NetworkActivity { end: Some(at(T)), ..contact() };
    let mut aggregated = flow(T - 1400, wide);
    aggregated.at = Some(at(T - 14 * 3600 - 900 - 500));
    assert!(matches!(quiet().and(aggregated).absent(), Err(Doubt::Contact(_))), "an interval of ten minutes begins before the window");
    let other = [
        net("eni-1", ("10.0.0.5", 41_000), (REMOTE, 4444), FlowAction::Accept),
        net("eni-5", ("10.0.9.9", 41_000), (REMOTE, 22), FlowAction::Accept),
        net("eni-1", (REMOTE, 22), ("10.0.0.5", 41_000), FlowAction::Accept),
        net("eni-1", ("10.0.0.5", 41_000), ("::ffff:198.51.100.7", 22), FlowAction::Accept),
        NetworkActivity { pkt_dst: REMOTE.parse().ok(), ..net("eni-nat", ("10.0.1.5", 41_000), ("10.0.0.220", 22), FlowAction::Accept) },
    ];
    for net in other {
        assert!(matches!(quiet().and(flow(T, net.clone())).absent(), Err(Doubt::Contact(_))), "{net:?}");
    }
    let process = ProcessActivity { command: "nmap -p 22 198.51.100.7".into(), ..ProcessActivity::default() };
    let ran = quiet().and(row(Some(T), 1, 9, Body::Process(Box::new(process))));
    assert!(matches!(ran.absent(), Err(Doubt::Mentioned(_))), "a host's own log tells of it");
}

#[test]
fn what_flow_logs_do_not_show_is_not_proved_by_them() {
    for hidden in ["169.254.169.254", "169.254.169.123", "10.0.0.2", "224.0.0.1", "fd00:ec2::254"] {
        let case = quiet().but(|c| c.notice.reported[0].remote[0].address = Some(hidden.into()));
        assert!(matches!(case.absent(), Err(Doubt::Hidden(_))), "{hidden}");
    }
    for category in [Category::Spam, Category::Phishing, Category::Botnet, Category::CompromisedCredentials, Category::OpenResolver] {
        assert_eq!(quiet().but(|c| c.notice.reported[0].category = category).absent(), Err(Doubt::NotInFlows));
    }
    let v6 = quiet().but(|c| c.notice.reported[0].remote[0].address = Some("2001:db8::7".into()));
    assert!(matches!(v6.absent(), Err(Doubt::Family(_))), "the resource has no IPv6 address that is known");
    let silent_v6 = v6.but(|c| c.rows[0] = inventory(INSTANCE, &["203.0.113.10", "2001:db8::10"], &["eni-1"]));
    assert!(matches!(silent_v6.absent(), Err(Doubt::Family(_))), "whether the log has IPv6 at all is not known");
}

#[test]
fn a_report_that_is_not_exact_is_not_disproved() {
    let of = |change: fn(&mut ReportedActivity)| quiet().but(|c| change(&mut c.notice.reported[0])).absent();
    assert_eq!(of(|r| (r.from, r.to) = (None, None)), Err(Doubt::NoTime));
    assert_eq!(of(|r| r.zone_certainty = ZoneCertainty::Unknown), Err(Doubt::ZoneUnknown));
    assert!(
        matches!(of(|r| r.zone_certainty = ZoneCertainty::Assumed), Err(Doubt::Covered(_, Hole::Begins(_)))),
        "fourteen hours of doubt"
    );
    assert_eq!(of(|r| r.remote.clear()), Err(Doubt::NoDestination));
    for vague in ["198.51.100.x", "mail.example.com"] {
        let case = quiet().but(|c| c.notice.reported[0].remote.push(Remote { address: Some(vague.into()), port: None, protocol: None }));
        assert_eq!(case.absent(), Err(Doubt::NoDestination), "one of several destinations");
    }
    assert_eq!(of(|r| r.resource = None), Err(Doubt::NoResource));
}

#[test]
fn an_allocation_after_the_time_proves_that_it_was_not_ours() {
    let proof = recycled().not_ours().unwrap();
    assert_eq!(proof.told(), [Told::NotYet("203.0.113.10".parse().unwrap(), at(T + 3601))]);
    assert!(!Disproof::NotOurs(proof).evidence().is_empty());
    let released = recycled().but(|c| {
        c.rows.retain(|r| !matches!(&r.body, Body::Api(a) if a.event_name == "AllocateAddress"));
        let given = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#;
        c.rows.push(api(T - 30_001, "AllocateAddress", "{}", given));
        c.rows.push(api(T - 7201, "ReleaseAddress", r#"{"allocationId":"eipalloc-1"}"#, "{}"));
    });
    assert_eq!(released.not_ours().unwrap().told(), [Told::NoLonger("203.0.113.10".parse().unwrap(), at(T - 7201))]);
    let back = released.and(api(T - 1, "AllocateAddress", "{}", r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-2"}"#));
    assert!(matches!(back.not_ours(), Err(Doubt::Held(..))), "it came back");
}

#[test]
fn ownership_in_doubt_proves_nothing() {
    let trail = |change: fn(&mut ApiActivity<'static>)| {
        recycled().but(|c| {
            for row in &mut c.rows {
                if let Body::Api(api) = &mut row.body
                    && api.event_name == "AllocateAddress"
                {
                    change(api);
                }
            }
        })
    };
    let by_name = trail(|api| api.request = Some(r#"{"address":"203.0.113.10"}"#.into()));
    assert!(matches!(by_name.not_ours(), Err(Doubt::MayHaveBeenOurs(..))), "recovered");
    let pool = trail(|api| api.response = Some(r#"{"publicIp":"203.0.113.10","publicIpv4Pool":"ipv4pool-ec2-1"}"#.into()));
    assert!(matches!(pool.not_ours(), Err(Doubt::MayHaveBeenOurs(..))), "of a pool of one's own");
    assert!(matches!(trail(|api| api.error_code = Some("Denied".into())).not_ours(), Err(Doubt::NoTurn(_))));
    assert!(matches!(trail(|api| api.region = Some("eu-west-1".into())).not_ours(), Err(Doubt::TrailShort(..))), "another Region's trail");

    let late = recycled().but(|c| c.rows.retain(|r| r.at.is_some_and(|t| t > at(T - 600))));
    assert!(matches!(late.not_ours(), Err(Doubt::TrailShort(..))), "the trail begins inside the window");
    let silent = recycled().but(|c| {
        c.rows.push(api(T + 90_000, "AllocateAddress", "{}", r#"{"publicIp":"203.0.113.10"}"#));
        c.rows.retain(|r| !matches!(r.at, Some(t) if t == at(T + 3601)));
    });
    assert!(matches!(silent.not_ours(), Err(Doubt::TrailSilent(..))));
    assert!(matches!(recycled().and(api(T + 60, "StopLogging", "{}", "{}")).not_ours(), Err(Doubt::TrailSwitched(_))));
    let lost = recycled().but(|c| c.sources[2].losses.push(loss(LossKind::Malformed)));
    assert!(matches!(lost.not_ours(), Err(Doubt::TrailLost(1))));
}

#[test]
fn whatever_shows_the_address_as_ours_then_outweighs_it() {
    let other_account = |api: &mut ApiActivity<'static>| api.account = Some("444455556666".into());
    let mut elsewhere = api(T + 60, "DescribeInstances", "{}", "{}");
    if let Body::Api(api) = &mut elsewhere.body {
        other_account(api);
    }
    assert!(
        matches!(recycled().and(elsewhere).not_ours(), Err(Doubt::OtherAccount(_))),
        "another account of ours, of which little is known"
    );
    let flows = flow(T, net("eni-9", ("203.0.113.10", 40_000), ("192.0.2.1", 22), FlowAction::Accept));
    assert!(matches!(recycled().and(flows).not_ours(), Err(Doubt::Held(..)) | Err(Doubt::OtherAccount(_))));
    let mut config = inventory("i-9", &["203.0.113.10"], &["eni-9"]);
    config.at = Some(at(T - 60));
    assert!(matches!(recycled().and(config).not_ours(), Err(Doubt::Held(..))), "a recorded configuration of that time");
    let mut call = api(T + 5, "GetCallerIdentity", "{}", "{}");
    if let Body::Api(api) = &mut call.body {
        api.source_ip = Some("203.0.113.10".into());
    }
    assert!(matches!(recycled().and(call).not_ours(), Err(Doubt::Held(..))), "a call of ours came from it");
    assert!(
        matches!(recycled().and(flow(T + 7200, contact())).not_ours(), Err(Doubt::Contact(_))),
        "ours was in contact with what is named"
    );
}

#[test]
fn the_address_counts_only_if_the_report_goes_by_it() {
    let of = |change: fn(&mut Notice)| recycled().but(|c| change(&mut c.notice)).not_ours();
    assert_eq!(of(|n| n.reported[0].text = "port scanning".into()), Err(Doubt::ByResource), "the resource is ours");
    assert_eq!(of(|n| n.reported[0].text = "1203.0.113.10 203.0.113.100 x203.0.113.10".into()), Err(Doubt::ByResource));
    assert!(
        of(|n| {
            n.reported[0].text.clear();
            n.reporter = Some("Failed password for root from 203.0.113.10 port 4711 ssh2".into());
        })
        .is_ok()
    );
    assert_eq!(of(|n| n.family = crate::Family::DosDetected), Err(Doubt::ByResource), "AWS's own sensors go by the resource");
    assert_eq!(of(|n| n.resources[0].addresses.clear()), Err(Doubt::NoAddress));
    assert_eq!(of(|n| n.resources[0].addresses.push("203.0.113.xx".into())), Err(Doubt::Illegible));
    assert!(matches!(of(|n| n.resources[0].addresses.push("203.0.113.11".into())), Err(Doubt::ByResource)));
    assert!(matches!(of(|n| n.reported[0].zone_certainty = ZoneCertainty::Assumed), Err(Doubt::Held(..))), "the zone is not known");
    assert!(of(|n| n.reported[0].from = None).is_ok(), "one end of the time is enough");
    assert_eq!(of(|n| (n.reported[0].from, n.reported[0].to) = (None, None)), Err(Doubt::NoTime));
}

#[test]
fn every_doubt_is_said_in_both_languages() {
    let cite = || Cite { source: "a".into(), locator: Locator::Record { n: 0 } };
    let address: IpAddr = REMOTE.parse().unwrap();
    let doubts = [
        Doubt::NoTime,
        Doubt::Family(address),
        Doubt::Held(address, cite()),
        Doubt::TrailShort(None, Some(at(0))),
        Doubt::Covered("eni-1".into(), Hole::Ends(at(0))),
        Doubt::Mentioned(cite()),
        Doubt::Trouble("disk".into()),
    ];
    for doubt in doubts {
        let text = doubt.says();
        assert!(!text.en.is_empty() && !text.en.ends_with('.') && text.ja.chars().any(|c| c > '\u{3000}'), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever records are missing over the window for longer than two intervals explain, nothing is proved.
    #[test]
    fn gaps_never_prove(begin in -1800_i64..1500, length in 400_i64..3000) {
        let (from, to) = (T + begin, T + begin + length);
        let case = quiet().but(|c| c.rows.retain(|r| r.at.is_none_or(|t| t < at(from) || t > at(to))));
        let reaches = from <= T + 1500 && to >= T - 1500;
        prop_assert!(!reaches || case.absent().is_err());
    }

    /// A lost record anywhere in what covers the interface, or a file that could not be read, proves nothing.
    #[test]
    fn losses_never_prove(kind in 0_usize..5, which in 0_usize..3, own in any::<bool>()) {
        let kind = [LossKind::Malformed, LossKind::Truncated, LossKind::OverLimit, LossKind::Unreadable, LossKind::UnsafePath][kind];
        let case = quiet().but(|c| if own {
            c.sources[0].losses.push(loss(kind));
        } else {
            c.sources.insert(3, Source { format: (which > 0).then(|| "flow".to_owned()), records: 0, ..source("b.gz", vec![loss(kind)]) });
        });
        prop_assert!(case.absent().is_err());
        let trail = recycled().but(|c| if own {
            c.sources[2].losses.push(loss(kind));
        } else {
            c.sources.push(Source { format: None, records: 0, ..source("b.gz", vec![loss(kind)]) });
        });
        prop_assert!(trail.not_ours().is_err());
    }

    /// One packet to the destination, at any time that some zone makes the reported one, on any port, is enough to prove nothing.
    #[test]
    fn contact_never_proves(shift in -50_400_i64..50_400, port in 1_u16.., accepted in any::<bool>()) {
        let action = if accepted { FlowAction::Accept } else { FlowAction::Reject };
        let mut net = net("eni-1", ("10.0.0.5", 41_000), (REMOTE, port), action);
        net.direction = Some(Direction::Egress);
        prop_assert!(quiet().and(flow(T + shift, net)).absent().is_err());
    }

    /// A trail that begins, ends or is silent inside the time between proves nothing.
    #[test]
    fn short_trails_never_prove(cut in -899_i64..3600) {
        let late = recycled().but(|c| c.rows.retain(|r| r.at.is_some_and(|t| t > at(T + cut))));
        prop_assert!(late.not_ours().is_err());
    }
}
