//! Every category: what confirms it, what looks like it and does not, and what doubt about the zone makes of it.

use std::borrow::Cow;

use abate_model::memory::Memory;
use abate_model::rows::{
    ApiActivity, DetectionFinding, DnsActivity, EmailActivity, FlowAction, IngressRule, InventoryInfo, InventoryKind, ProcessActivity,
};
use abate_model::{AccountProfile, Body, Category, Notice, Remote, Resource, ResourceKind, Row, Verdict};

use super::*;
use crate::address::tests::{api, described, row};
use crate::assess;
use crate::testkit::{at, flow, http, notice};

const REMOTE: &str = "198.51.100.7";
const HOUR: i64 = 3600;

fn told(rows: Vec<Row<'static>>, notice: &Notice) -> VerdictReport {
    let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
    assess(&Context { notice, evidence: &evidence, profile: &profile }).verdicts.remove(0)
}

fn judged(rows: Vec<Row<'static>>, notice: &Notice) -> Verdict {
    told(rows, notice).verdict()
}

fn of(category: Category) -> Notice {
    let mut notice = notice();
    (notice.category, notice.reported[0].category) = (category, category);
    notice
}

fn naming(category: Category, address: &str, port: Option<u16>) -> Notice {
    let mut notice = of(category);
    notice.reported[0].remote = vec![Remote { address: Some(address.into()), port, protocol: None }];
    notice
}

fn unzoned(mut notice: Notice) -> Notice {
    (notice.reported[0].zone, notice.reported[0].zone_certainty) = (None, ZoneCertainty::Assumed);
    notice
}

fn scan(from: i64) -> Vec<Row<'static>> {
    (0..60).map(|n| flow(from + n, ("10.0.0.5", 40_000 + n as u16), (&format!("198.51.100.{n}"), 22), 6, 1)).collect()
}

fn instance() -> Row<'static> {
    described(None, InventoryKind::Instance, ("i-0123456789abcdef0", "203.0.113.10", "10.0.0.5", "eni-1"), "{}")
}

/// Whole flow logs of the reported instance, talking to one server all the time, with a knock that was refused.
fn quiet(to: i64) -> Vec<Row<'static>> {
    let mut knock = flow(-60, ("203.0.113.99", 50_001), ("10.0.0.5", 23), 6, 1);
    if let Body::Net(net) = &mut knock.body {
        net.action = Some(FlowAction::Reject);
    }
    let talk = |n: i64| {
        let (ours, theirs) = (("10.0.0.5", 50_000), ("203.0.113.200", 443));
        [flow(n * 60, ours, theirs, 6, 9), flow(n * 60, theirs, ours, 6, 9)]
    };
    (-40..to / 60).flat_map(talk).chain([knock, instance()]).collect()
}

// --- when ---

#[test]
fn what_our_logs_show_at_that_time_is_confirmed_and_at_another_it_is_not() {
    assert_eq!(judged(scan(600), &notice()), Verdict::Confirmed);
    let mut later = quiet(200_000);
    later.extend(scan(100_000));
    assert_eq!(judged(later.clone(), &notice()), Verdict::NotSeen);
    later.extend(scan(-100_000));
    assert_eq!(judged(later, &notice()), Verdict::NotSeen, "a scan the day before and one the day after do not confirm the time between");
}

#[test]
fn nothing_to_look_at_is_not_checked_and_says_what_is_missing() {
    for category in Category::ALL {
        let report = told(Vec::new(), &of(category));
        assert_eq!(report.verdict(), Verdict::NotChecked, "{category:?}");
        assert!(report.coverage.iter().all(|c| c.en.starts_with("missing: ") && c.ja.starts_with("不足: ")));
        assert!(report.why.en.contains("our logs must contain"), "{}", report.why.en);
    }
    assert_eq!(judged(scan(500_000), &notice()), Verdict::NotChecked);
}

#[test]
fn each_activity_is_judged_by_its_own_time() {
    let mut notice = notice();
    notice.reported[0].text = "scan from 203.0.113.10".into();
    let mut later = notice.reported[0].clone();
    later.id = "r2".into();
    (later.from, later.to) = (Some(at(30_000)), Some(at(30_000)));
    notice.reported.push(later);
    let allocated = r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#;
    let rows = vec![
        api(-9000, "DescribeInstances", "{}", "{}"),
        api(5000, "DescribeInstances", "{}", "{}"),
        api(20_000, "AllocateAddress", "{}", allocated),
        api(35_000, "DescribeInstances", "{}", "{}"),
    ];
    let (evidence, profile) = (Memory::of_rows(rows), AccountProfile::default());
    let verdicts = assess(&Context { notice: &notice, evidence: &evidence, profile: &profile }).verdicts;
    assert_eq!(verdicts.iter().map(VerdictReport::verdict).collect::<Vec<_>>(), vec![Verdict::Contradicted, Verdict::NotChecked]);
    assert!(verdicts[1].why.en.contains("203.0.113.10 was held by"), "{}", verdicts[1].why.en);
}

// --- zones ---

#[test]
fn a_named_destination_is_found_in_another_zone_and_the_zone_is_said() {
    for (hours, zone) in [(-9, "UTC+9 (JST)"), (8, "UTC-8 (PST)"), (-2, "UTC+2")] {
        for stated in [true, false] {
            let notice = naming(Category::PortScan, REMOTE, Some(22));
            let notice = if stated { notice } else { unzoned(notice) };
            let mut rows = quiet(4000);
            rows.push(flow(600 + hours * HOUR, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1));
            let report = told(rows, &notice);
            assert_eq!(report.verdict(), Verdict::Confirmed, "{hours} {stated}");
            assert!(report.why.en.contains(zone), "{}", report.why.en);
            assert!(report.why.ja.contains("とみなせば"), "{}", report.why.ja);
        }
    }
    let mut half = quiet(4000);
    half.push(flow(600 - 5 * HOUR - 1800, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1));
    assert!(told(half, &naming(Category::PortScan, REMOTE, Some(22))).why.en.contains("UTC+5:30"));
    let mut exact = quiet(4000);
    exact.extend([600, 600 - 9 * HOUR].map(|t| flow(t, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1)));
    assert!(!told(exact, &naming(Category::PortScan, REMOTE, Some(22))).why.en.contains("UTC+9"), "what fits as it is needs no shift");
}

#[test]
fn a_vague_report_is_not_confirmed_in_another_zone_but_the_hint_is_given() {
    let mut rows = quiet(4000);
    rows.extend(scan(600 - 9 * HOUR));
    let report = told(rows, &notice());
    assert_eq!(report.verdict(), Verdict::NotSeen);
    assert!(report.why.en.contains("UTC+9"), "{}", report.why.en);
    let mut rows = quiet(4000);
    rows.push(flow(600 - 9 * HOUR, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1));
    let report = told(rows, &naming(Category::PortScan, REMOTE, None));
    assert_eq!(report.verdict(), Verdict::NotSeen, "no port is named");
    assert!(report.why.en.contains("UTC+9"), "{}", report.why.en);
    let mut odd = quiet(4000);
    odd.push(flow(600 - 9 * HOUR - 700, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1));
    let report = told(odd, &naming(Category::PortScan, REMOTE, Some(22)));
    assert_eq!(report.verdict(), Verdict::NotSeen, "no zone is off by so much");
}

#[test]
fn without_a_zone_the_named_destination_must_have_been_among_those_contacted() {
    assert_eq!(judged(scan(-20_000), &unzoned(notice())), Verdict::Confirmed, "none is named");
    assert_eq!(judged(scan(-20_000), &unzoned(naming(Category::PortScan, "198.51.100.30", Some(22)))), Verdict::Confirmed);
    let other = judged(scan(-20_000), &unzoned(naming(Category::PortScan, "192.0.2.50", Some(22))));
    assert_eq!(other, Verdict::NotSeen, "a scan of others, hours away");
}

// --- proof by absence ---

#[test]
fn absence_is_proof_only_without_gap_and_with_a_stated_zone() {
    let named = || naming(Category::PortScan, REMOTE, Some(22));
    assert_eq!(judged(quiet(4000), &named()), Verdict::Contradicted);
    let mut gap = quiet(4000);
    gap.retain(|r| r.at.is_none_or(|at| at < crate::testkit::at(0) || at > crate::testkit::at(900)));
    let report = told(gap, &named());
    assert_eq!(report.verdict(), Verdict::NotSeen);
    assert!(report.why.en.contains("gap") && report.why.ja.contains("欠落"), "{}", report.why.en);
    assert_eq!(judged(quiet(4000), &unzoned(named())), Verdict::NotSeen);
    let undescribed: Vec<_> = quiet(4000).into_iter().filter(|r| r.at.is_some()).collect();
    assert_eq!(judged(undescribed, &named()), Verdict::NotSeen, "whose interface it is, is not known");
    assert_eq!(judged(quiet(4000), &notice()), Verdict::NotSeen, "the notice names no remote");
}

#[test]
fn any_contact_with_the_named_remote_forbids_proof_by_absence() {
    let mut rows = quiet(4000);
    rows.push(flow(620, ("10.0.0.5", 41_000), (REMOTE, 4444), 6, 1));
    assert_eq!(
        judged(rows, &naming(Category::PortScan, REMOTE, Some(22))),
        Verdict::NotSeen,
        "another port of the same host is contact too"
    );
    let mut second = quiet(4000);
    for row in &mut second {
        if let Body::Inventory(item) = &mut row.body {
            item.interfaces.push("eni-2".into());
        }
    }
    assert_eq!(
        judged(second, &naming(Category::PortScan, REMOTE, Some(22))),
        Verdict::NotSeen,
        "an interface without logs could have sent it"
    );
}

#[test]
fn an_interface_that_only_the_trail_knows_must_be_covered_too() {
    let mut rows = quiet(4000);
    rows.push(api(-50_000, "AllocateAddress", "{}", r#"{"publicIp":"203.0.113.10","allocationId":"eipalloc-1"}"#));
    rows.push(api(-49_000, "AssociateAddress", r#"{"allocationId":"eipalloc-1","networkInterfaceId":"eni-old"}"#, "{}"));
    rows.push(api(-48_000, "DescribeInstances", "{}", "{}"));
    assert_eq!(judged(rows, &naming(Category::PortScan, REMOTE, Some(22))), Verdict::NotSeen);
}

#[test]
fn guardduty_at_about_that_time_forbids_proof_by_absence() {
    let mut rows = quiet(4000);
    let finding = DetectionFinding {
        product: "guardduty".into(),
        kind: "Recon:EC2/Portscan".into(),
        severity: 5.0,
        first_seen: Some(at(600 + 5 * HOUR)),
        last_seen: Some(at(600 + 5 * HOUR)),
        ..DetectionFinding::default()
    };
    rows.push(row(Some(600 + 5 * HOUR), Body::Detection(Box::new(finding))));
    assert_eq!(judged(rows, &naming(Category::PortScan, REMOTE, Some(22))), Verdict::NotSeen);
}

#[test]
fn a_scan_of_others_at_that_time_is_told_and_neither_confirms_nor_contradicts() {
    let mut rows = quiet(4000);
    rows.extend(scan(600));
    let report = told(rows, &naming(Category::PortScan, "192.0.2.50", Some(22)));
    assert_eq!(report.verdict(), Verdict::NotSeen);
    assert!(report.why.en.contains("none of the named destinations"), "{}", report.why.en);
}

#[test]
fn forged_sources_are_recognised() {
    let mut rows = quiet(4000);
    let mut answer = flow(620, (REMOTE, 22), ("10.0.0.5", 44_321), 6, 1);
    if let Body::Net(net) = &mut answer.body {
        net.action = Some(FlowAction::Reject);
    }
    rows.push(answer);
    let report = told(rows, &naming(Category::PortScan, REMOTE, Some(22)));
    assert_eq!(report.verdict(), Verdict::Contradicted);
    assert!(report.why.en.contains("under our address"), "{}", report.why.en);
    let mut header = naming(Category::Intrusion, REMOTE, Some(443));
    header.reporter = Some("peer=192.0.2.9 X-Forwarded-For: 203.0.113.10, 192.0.2.1 GET /wp-login.php".into());
    assert!(told(quiet(4000), &header).why.en.contains("x-forwarded-for"));
    header.reporter = Some("peer=203.0.113.10 X-Forwarded-For: 192.0.2.1 GET /wp-login.php".into());
    assert!(!told(quiet(4000), &header).why.en.contains("forged header") && !told(quiet(4000), &header).why.en.contains("x-forwarded-for"));
}

// --- each category ---

#[test]
fn port_scans_and_intrusions_need_the_named_port_and_a_packet_of_ours() {
    for category in [Category::PortScan, Category::Intrusion, Category::Other] {
        let named = || naming(category, REMOTE, Some(22));
        let with = |row: Row<'static>| quiet(4000).into_iter().chain([row]).collect::<Vec<_>>();
        assert_eq!(judged(with(flow(620, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1)), &named()), Verdict::Confirmed);
        let looks = [
            flow(620, ("10.0.0.5", 41_000), (REMOTE, 443), 6, 9),
            flow(620, (REMOTE, 41_000), ("10.0.0.5", 443), 6, 9),
            flow(620, ("10.0.0.5", 443), (REMOTE, 41_000), 6, 9),
            flow(620, ("10.0.0.5", 41_000), ("198.51.100.8", 22), 6, 1),
        ];
        for look in looks {
            assert_ne!(judged(with(look.clone()), &named()), Verdict::Confirmed, "{category:?} {look:?}");
        }
        let mut refused = flow(620, ("10.0.0.5", 41_000), (REMOTE, 22), 6, 1);
        if let Body::Net(net) = &mut refused.body {
            net.action = Some(FlowAction::Reject);
        }
        assert_eq!(judged(with(refused), &named()), Verdict::NotSeen, "it was not let out");
        let answer = with(flow(620, ("10.0.0.5", 443), (REMOTE, 41_000), 6, 9));
        assert_ne!(judged(answer, &naming(category, REMOTE, None)), Verdict::Confirmed, "an answer of our web server");
    }
    let nightly = judged(scan(600), &naming(Category::PortScan, "192.0.2.50", Some(3389)));
    assert_ne!(nightly, Verdict::Confirmed, "a scan of another port");
}

#[test]
fn what_another_resource_did_under_its_own_address_is_not_what_is_reported() {
    let mut rows = quiet(4000);
    let other = described(None, InventoryKind::Instance, ("i-0aaaaaaaaaaaaaaaa", "203.0.113.55", "10.0.0.9", "eni-9"), "{}");
    let mut contact = flow(620, ("10.0.0.9", 41_000), (REMOTE, 22), 6, 1);
    if let Body::Net(net) = &mut contact.body {
        net.interface_id = Some("eni-9".into());
    }
    rows.extend([other, contact]);
    assert_eq!(judged(rows, &naming(Category::PortScan, REMOTE, Some(22))), Verdict::NotSeen);
}

#[test]
fn a_flood_is_volume_towards_the_named_victim() {
    let named = || naming(Category::Dos, REMOTE, Some(80));
    let heavy = |to: &str, packets| vec![flow(620, ("10.0.0.5", 41_000), (to, 80), 17, packets)];
    assert_eq!(judged(heavy(REMOTE, 6_000), &named()), Verdict::Confirmed, "less than a flood is called elsewhere, but to the very victim");
    assert_ne!(judged(heavy(REMOTE, 20), &named()), Verdict::Confirmed, "a few packets");
    assert_ne!(judged(heavy("198.51.100.99", 600_000), &named()), Verdict::Confirmed, "another victim");
    let mut upload = heavy(REMOTE, 6_000);
    upload.push(flow(620, (REMOTE, 80), ("10.0.0.5", 41_000), 17, 4_000));
    assert_ne!(judged(upload, &named()), Verdict::Confirmed, "acknowledged");
    let shifted = vec![flow(620 - 9 * HOUR, ("10.0.0.5", 41_000), (REMOTE, 80), 17, 20)];
    assert_ne!(judged(shifted, &named()), Verdict::Confirmed, "a few packets in another zone");
    let shifted = vec![flow(600 - 9 * HOUR, ("10.0.0.5", 41_000), (REMOTE, 80), 17, 9_000)];
    assert_eq!(judged(shifted, &named()), Verdict::Confirmed);
}

fn mail(second: i64, n: u64, relay: &'static str, address: &str) -> Row<'static> {
    let body = EmailActivity {
        status: "sent".into(),
        queue_id: Some(format!("Q{n}").into()),
        to: vec!["someone@example.com".into()],
        relay: Some(relay.into()),
        relay_address: address.parse().ok(),
        ..EmailActivity::default()
    };
    let mut row = row(Some(second), Body::Email(Box::new(body)));
    row.locator = abate_model::Locator::Record { n: 1_000_000 + n };
    row
}

#[test]
fn spam_is_seen_at_mail_ports_and_in_mail_logs() {
    let named = || naming(Category::Spam, REMOTE, None);
    assert_eq!(judged(vec![flow(620, ("10.0.0.5", 41_000), (REMOTE, 25), 6, 30)], &named()), Verdict::Confirmed);
    assert_eq!(judged(vec![flow(620, ("10.0.0.5", 41_000), (REMOTE, 2525), 6, 30)], &named()), Verdict::Confirmed);
    assert_ne!(judged(vec![flow(620, ("10.0.0.5", 41_000), (REMOTE, 443), 6, 30)], &named()), Verdict::Confirmed);
    assert_eq!(judged(vec![mail(620, 1, "mx.example.com", REMOTE)], &named()), Verdict::Confirmed, "handed to the named server");
    assert_ne!(judged(vec![mail(620, 1, "mx.example.com", "198.51.100.99")], &named()), Verdict::Confirmed);
    let burst = |from: i64, n: u64| (0..n).map(move |k| mail(from + k as i64, k, "mx.example.com", "198.51.100.99"));
    let quiet_before =
        || [mail(-90_000, 9_000, "mx.example.com", "198.51.100.99"), mail(-50_000, 9_001, "mx.example.com", "198.51.100.99")];
    assert_eq!(judged(burst(500, 80).chain(quiet_before()).collect(), &of(Category::Spam)), Verdict::Confirmed);
    assert_ne!(judged(burst(500, 30).chain(quiet_before()).collect(), &of(Category::Spam)), Verdict::Confirmed, "a mailing of thirty");
    let daily = (0..60).flat_map(|n| burst(600 - n * 1800, 80)).collect::<Vec<_>>();
    assert_ne!(judged(daily, &of(Category::Spam)), Verdict::Confirmed, "as many as always");
    let local = (0..80).map(|k| mail(500 + k as i64, k, "local", "127.0.0.1")).chain(quiet_before()).collect();
    assert_ne!(judged(local, &of(Category::Spam)), Verdict::Confirmed, "delivered here");
}

fn asked(second: i64, name: &'static str) -> Row<'static> {
    let body = DnsActivity { query: name.into(), source: "10.0.0.5".parse().ok(), ..DnsActivity::default() };
    row(Some(second), Body::Dns(Box::new(body)))
}

#[test]
fn a_botnet_is_seen_by_address_and_by_name() {
    let named = || naming(Category::Botnet, "c2.example.net", None);
    assert_eq!(judged(vec![asked(620, "c2.example.net.")], &named()), Verdict::Confirmed);
    assert_eq!(judged(vec![asked(620, "a1.C2.example.net")], &named()), Verdict::Confirmed, "a name below it");
    assert_ne!(judged(vec![asked(620, "xc2.example.net")], &named()), Verdict::Confirmed);
    assert_ne!(judged(vec![asked(90_000, "c2.example.net")], &named()), Verdict::Confirmed);
    let by_address = naming(Category::Botnet, REMOTE, Some(4444));
    assert_eq!(judged(vec![flow(620, ("10.0.0.5", 41_000), (REMOTE, 4444), 6, 5)], &by_address), Verdict::Confirmed);
    let agent = (0..12).flat_map(|n| {
        let ours = 40_000 + n as u16;
        [flow(n * 60, ("10.0.0.5", ours), ("192.0.2.80", 8888), 6, 5), flow(n * 60, ("192.0.2.80", 8888), ("10.0.0.5", ours), 6, 5)]
    });
    assert_ne!(judged(agent.collect(), &by_address), Verdict::Confirmed, "a monitoring agent that calls home regularly, elsewhere");
}

#[test]
fn hosting_is_the_very_page_served() {
    for category in [Category::Phishing, Category::Malware, Category::Content, Category::Copyright] {
        let mut named = of(category);
        named.reported[0].urls = vec!["http://shop.example.com/img/login.html?x=1".into()];
        assert_eq!(judged(vec![http(620, "192.0.2.1", "GET", "/img/login.html", 200)], &named), Verdict::Confirmed);
        assert_eq!(judged(vec![http(-90_000, "192.0.2.1", "GET", "/img/login.html", 200)], &named), Verdict::Confirmed, "put up earlier");
        for (target, status) in [("/img/login.html", 404), ("/login.html", 200), ("/img/login.html.bak", 200), ("/", 200)] {
            assert_eq!(judged(vec![http(620, "192.0.2.1", "GET", target, status)], &named), Verdict::NotSeen, "{target} {status}");
        }
        let mut other_site = http(620, "192.0.2.1", "GET", "/img/login.html", 200);
        if let Body::Http(http) = &mut other_site.body {
            http.host = Some("blog.example.com".into());
        }
        assert_ne!(judged(vec![other_site], &named), Verdict::Confirmed, "another site of the same server");
        let mut timeless = named.clone();
        (timeless.reported[0].from, timeless.reported[0].to) = (None, None);
        assert_eq!(judged(vec![http(620, "192.0.2.1", "GET", "/img/login.html", 200)], &timeless), Verdict::Confirmed);
    }
}

#[test]
fn crawling_is_contact_with_web_servers() {
    let named = || naming(Category::Crawling, REMOTE, None);
    assert_eq!(judged(vec![flow(620, ("10.0.0.5", 41_000), (REMOTE, 443), 6, 30)], &named()), Verdict::Confirmed);
    assert_ne!(judged(vec![flow(90_000, ("10.0.0.5", 41_000), (REMOTE, 443), 6, 30)], &named()), Verdict::Confirmed);
    assert_ne!(judged(vec![flow(620, ("10.0.0.5", 443), (REMOTE, 41_000), 6, 30)], &named()), Verdict::Confirmed, "it came to us");
}

fn answered(port: u16, protocol: u8, strangers: u8, back: u64) -> Vec<Row<'static>> {
    (1..=strangers)
        .flat_map(|n| {
            let client = format!("198.51.100.{n}");
            [
                flow(600, (&client, 50_000), ("10.0.0.5", port), protocol, 10),
                flow(600, ("10.0.0.5", port), (&client, 50_000), protocol, back),
            ]
        })
        .collect()
}

#[test]
fn proxies_and_resolvers_answer_strangers() {
    let mut proxy = of(Category::OpenProxy);
    proxy.reported[0].remote = vec![Remote { address: None, port: Some(8899), protocol: None }];
    assert_eq!(judged(answered(8899, 6, 3, 10), &proxy), Verdict::Confirmed);
    assert_ne!(judged(answered(8899, 6, 1, 10), &proxy), Verdict::Confirmed, "one of the staff");
    assert_ne!(judged(answered(8080, 6, 3, 10), &proxy), Verdict::Confirmed, "another port");
    assert_ne!(judged(answered(8899, 6, 3, 1), &proxy), Verdict::Confirmed, "refused");
    let resolver = of(Category::OpenResolver);
    assert_eq!(judged(answered(53, 17, 1, 10), &resolver), Verdict::Confirmed);
    let own =
        vec![flow(600, ("10.0.0.5", 41_000), ("198.51.100.53", 53), 17, 5), flow(600, ("198.51.100.53", 53), ("10.0.0.5", 41_000), 17, 5)];
    assert_ne!(judged(own, &resolver), Verdict::Confirmed, "questions of our own");
    let mut slug = of(Category::OpenResolver);
    slug.reported[0].text = "Reported Vulnerability: rpcbind_portmapper".into();
    assert_eq!(judged(answered(111, 17, 1, 10), &slug), Verdict::Confirmed);
    assert_ne!(judged(answered(123, 17, 1, 10), &slug), Verdict::Confirmed, "another service");
}

fn group(ports: (u16, u16), cidr: &str) -> Row<'static> {
    let rule = IngressRule { protocol: "tcp".into(), from_port: Some(ports.0), to_port: Some(ports.1), cidrs: vec![cidr.to_owned()] };
    let group = InventoryInfo { kind: InventoryKind::SecurityGroup, id: "sg-1".into(), ingress: vec![rule], ..InventoryInfo::default() };
    row(None, Body::Inventory(Box::new(group)))
}

fn worn() -> Row<'static> {
    let mut row = instance();
    if let Body::Inventory(item) = &mut row.body {
        item.groups = vec![Cow::Borrowed("sg-1")];
    }
    row
}

#[test]
fn a_vulnerable_service_is_exposed_or_answers() {
    let mut named = of(Category::Vulnerability);
    named.reported[0].text = "Reported Vulnerability:redis".into();
    let described = |ports, cidr| vec![worn(), group(ports, cidr)];
    assert_eq!(judged(described((6379, 6379), "0.0.0.0/0"), &named), Verdict::Confirmed);
    assert_ne!(judged(described((6379, 6379), "10.0.0.0/8"), &named), Verdict::Confirmed, "open within only");
    assert_ne!(judged(described((5432, 5432), "0.0.0.0/0"), &named), Verdict::Confirmed, "another service is open");
    assert_eq!(judged(answered(6379, 6, 1, 10), &named), Verdict::Confirmed);
    assert_ne!(judged(answered(443, 6, 9, 10), &named), Verdict::Confirmed, "the web server");
}

fn called(second: i64, key: &'static str, name: &'static str, region: &'static str, source: &'static str) -> Row<'static> {
    let body = ApiActivity {
        event_id: Some(format!("{second}-{name}-{region}").into()),
        event_name: name.into(),
        event_source: "ec2.amazonaws.com".into(),
        access_key_id: Some(key.into()),
        user_name: Some("deploy".into()),
        identity_arn: Some("arn:aws:iam::111122223333:user/deploy".into()),
        identity_type: Some("IAMUser".into()),
        account: Some("111122223333".into()),
        region: Some(region.into()),
        source_ip: Some(source.into()),
        user_agent: Some("aws-cli/2.0".into()),
        ..ApiActivity::default()
    };
    let mut row = row(Some(second), Body::Api(Box::new(body)));
    row.locator = abate_model::Locator::Record { n: second.unsigned_abs() * 10 + region.len() as u64 };
    row
}

#[test]
fn the_scope_of_a_leaked_key_is_every_use_of_it() {
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    let mut named = of(Category::CompromisedCredentials);
    named.resources = vec![Resource { kind: ResourceKind::AccessKey, id: KEY.into(), addresses: Vec::new(), masked: false }];
    named.reported[0].resource = Some(KEY.into());
    let usual: Vec<Row<'static>> = (-40..2).map(|n| called(n * 3 * HOUR, KEY, "DescribeInstances", "us-east-1", "192.0.2.10")).collect();
    let report = told(usual.clone(), &named);
    assert_eq!(report.verdict(), Verdict::NotSeen, "its ordinary use");
    let mut stolen = usual;
    for n in 0..20 {
        stolen.push(called(-30 * HOUR + n * 10, KEY, "GetCallerIdentity", "us-east-1", "198.51.100.66"));
        stolen.push(called(-30 * HOUR + n * 10 + 1, KEY, "RunInstances", "eu-west-1", "198.51.100.66"));
        stolen.push(called(-30 * HOUR + n * 10 + 2, KEY, "CreateUser", "ap-northeast-1", "198.51.100.66"));
    }
    let report = told(stolen, &named);
    assert_eq!(report.verdict(), Verdict::Confirmed, "{}", report.why.en);
    assert!(report.why.en.contains("3 Regions") && report.why.en.contains("sample"), "{}", report.why.en);
}

#[test]
fn mining_is_seen_by_pool_and_by_process() {
    let named = of(Category::CryptoMining);
    assert_eq!(judged(vec![asked(620, "eu.supportxmr.com")], &named), Verdict::Confirmed);
    assert_ne!(judged(vec![asked(620, "carpool.example.com")], &named), Verdict::Confirmed);
    let ran = |command: &'static str| {
        let body = ProcessActivity { command: command.into(), host: Some("web1".into()), ..ProcessActivity::default() };
        judged(vec![row(Some(620), Body::Process(Box::new(body)))], &named)
    };
    assert_eq!(ran("/tmp/.x/xmrig -o stratum+tcp://192.0.2.9:443 -u wallet"), Verdict::Confirmed);
    assert_ne!(ran("pkill -f xmrig"), Verdict::Confirmed, "somebody who cleans up");
}

#[test]
fn every_category_says_what_it_expects_in_both_languages() {
    for asked in categories::all() {
        assert!(!asked.tables.is_empty() && !asked.claims.is_empty());
        assert!(!asked.expects.en.ends_with('.') && asked.expects.ja.chars().any(|c| c > '\u{3000}'));
    }
}

/// Whatever traffic with the named destination there is, in whatever zone, the report is never contradicted.
#[test]
fn contact_is_never_contradicted() {
    for (n, shift) in (-50_000_i64..50_000).step_by(4_999).enumerate() {
        let mut rows = quiet(4000);
        let (ours, theirs) = (("10.0.0.5", 41_000), (REMOTE, [22, 53, 443, 4444, 60_000][n % 5]));
        rows.push(if n % 3 == 0 { flow(600 + shift, theirs, ours, 6, 3) } else { flow(600 + shift, ours, theirs, 6, 3) });
        assert_ne!(judged(rows, &naming(Category::PortScan, REMOTE, Some(22))), Verdict::Contradicted, "{shift}");
    }
}

/// Records missing anywhere in the window forbid it as well.
#[test]
fn gaps_are_never_contradicted() {
    for (n, begin) in (-900_i64..1200).step_by(97).enumerate() {
        let end = begin + [400, 700, 1500][n % 3];
        let mut rows = quiet(4000);
        rows.retain(|r| r.at.is_none_or(|t| t < at(begin) || t > at(end)));
        assert_ne!(judged(rows, &naming(Category::PortScan, REMOTE, Some(22))), Verdict::Contradicted, "{begin} to {end}");
    }
}
