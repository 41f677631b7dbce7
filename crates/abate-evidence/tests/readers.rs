//! What each reader makes of its fixtures: rows, and what it could not read.

mod common;

use abate_model::LossKind::Malformed;
use abate_model::rows::{AuthOutcome, Direction, FlowAction, FlowStatus, InventoryKind};
use abate_model::{Body, ZoneCertainty};
use common::{Source, fixture};

macro_rules! body {
    ($source:expr, $n:expr, $variant:ident) => {
        match $source.bodies()[$n] {
            Body::$variant(body) => body,
            other => panic!("row {} is {other:?}", $n),
        }
    };
}

fn times(source: &Source) -> Vec<String> {
    source.times().into_iter().map(|t| t.unwrap_or_default()).collect()
}

#[test]
fn cloudtrail_log_file() {
    let s = fixture("cloudtrail", "trail");
    assert_eq!(s.rows.len(), 4);
    assert_eq!(s.losses(), [(Malformed, 1), (Malformed, 1)], "{:?}", s.end.losses);
    let run = body!(s, 0, Api);
    assert_eq!(
        (run.event_name.as_ref(), run.user_name.as_deref(), run.access_key_id.as_deref()),
        ("RunInstances", Some("deploy"), Some("AKIAIOSFODNN7EXAMPLE"))
    );
    assert_eq!(run.request.as_deref(), Some(r#"{"instanceType":"p3.16xlarge","minCount":8}"#));
    assert_eq!((run.read_only, run.mfa, run.error_code.as_deref()), (Some(false), None, None));
    assert_eq!(run.user_agent.as_deref(), Some("aws-cli/2.15 \"quoted\" {brace}"));
    assert_eq!(run.source_addr().unwrap().to_string(), "203.0.113.9");
    let caller = body!(s, 1, Api);
    assert_eq!(
        (caller.user_name.as_deref(), caller.session_issuer_arn.as_deref()),
        (Some("web"), Some("arn:aws:iam::111122223333:role/web"))
    );
    assert_eq!((caller.read_only, caller.mfa, caller.error_code.as_deref()), (Some(true), Some(false), Some("AccessDenied")));
    assert_eq!((caller.request.as_deref(), caller.response.as_deref()), (None, None));
    let insight = body!(s, 2, Detection);
    assert_eq!((insight.product.as_ref(), insight.title.as_ref()), ("CloudTrail Insights", "- (-): RunInstances of ec2.amazonaws.com"));
    let login = body!(s, 3, Auth);
    assert_eq!(
        (login.service.as_ref(), login.user.as_deref(), login.outcome, login.mfa),
        ("console", Some("root"), AuthOutcome::Success, Some(false))
    );
    assert_eq!((login.account.as_deref(), login.source.unwrap().to_string()), (Some("111122223333"), "203.0.113.9".to_owned()));
    assert_eq!(times(&s), ["2026-11-20T01:02:03Z", "2026-11-20T01:05:00Z", "", "2026-11-20T02:00:00Z"]);
    assert!(s.rows.iter().all(|r| (r.0.zone == ZoneCertainty::Stated) == r.0.at.is_some()));
}

#[test]
fn cloudtrail_lookup_events() {
    let s = fixture("cloudtrail", "lookup");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    let create = body!(s, 0, Api);
    assert_eq!((create.event_name.as_ref(), create.request.as_deref()), ("CreateUser", Some(r#"{"userName":"support"}"#)));
    assert!(s.rows[0].1.starts_with(b"{\"eventVersion\""), "the raw record is the event without its wrapping");
    let login = body!(s, 1, Auth);
    assert_eq!((login.outcome, login.unknown_user), (AuthOutcome::Failure, true));
    assert_eq!(login.message, "ConsoleLogin: Failure (No username found in supplied account)");
}

#[test]
fn cloudtrail_lines_and_lists() {
    let s = fixture("cloudtrail", "lines");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(times(&s), ["2026-11-20T04:00:00Z", "", "2026-11-20T04:03:00Z"]);
    assert_eq!(s.rows[1].0.zone, ZoneCertainty::Unknown);
    let bucket = body!(s, 0, Api);
    assert_eq!((bucket.source_addr(), bucket.invoked_by.as_deref()), (None, Some("cloudtrail.amazonaws.com")));
    assert_eq!(body!(s, 2, Api).event_name, "CreateAccessKey");
    let s = fixture("cloudtrail", "pretty");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    assert!(body!(s, 0, Api).request.as_deref().unwrap().contains("日本語 ] } \\\" 証跡"));
}

#[test]
fn cloudtrail_csv() {
    let s = fixture("cloudtrail-csv", "history");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    let run = body!(s, 0, Api);
    assert_eq!(
        (run.event_name.as_ref(), run.user_name.as_deref(), run.region.as_deref()),
        ("RunInstances", Some("deploy"), Some("ap-northeast-1"))
    );
    assert_eq!((run.access_key_id.as_deref(), run.read_only), (Some("AKIAIOSFODNN7EXAMPLE"), Some(false)));
    let login = body!(s, 1, Auth);
    assert_eq!((login.user.as_deref(), login.outcome), (Some("root"), AuthOutcome::Other));
    assert_eq!(body!(s, 2, Api).error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(times(&s), ["2026-11-20T01:02:03Z", "2026-11-20T02:00:00Z", "2026-11-20T01:05:00Z"]);
}

#[test]
fn vpc_flow_default_format() {
    let s = fixture("vpc-flow", "v2");
    assert_eq!(s.rows.len(), 4);
    assert_eq!(s.losses(), [(Malformed, 1), (Malformed, 1), (Malformed, 1)], "{:?}", s.end.losses);
    let out = body!(s, 0, Net);
    assert_eq!((out.src.unwrap().to_string(), out.dst_port, out.protocol), ("10.0.1.5".to_owned(), Some(22), Some(6)));
    assert_eq!((out.packets, out.bytes, out.action, out.status), (10, 840, Some(FlowAction::Accept), FlowStatus::Ok));
    assert_eq!(out.end.unwrap().to_string(), "2026-11-20T01:01:00Z");
    assert_eq!(body!(s, 1, Net).action, Some(FlowAction::Reject));
    let (none, skipped) = (body!(s, 2, Net), body!(s, 3, Net));
    assert_eq!((none.status, none.src, none.interface_id.as_deref()), (FlowStatus::NoData, None, Some("eni-0aaa")));
    assert_eq!(skipped.status, FlowStatus::SkipData);
    assert_eq!(times(&s)[0], "2026-11-20T01:00:00Z");
    for name in ["headless", "exported"] {
        let s = fixture("vpc-flow", name);
        assert_eq!((s.rows.len(), s.losses()), (2, vec![]), "{name}");
        assert_eq!(body!(s, 1, Net).status, FlowStatus::NoData);
    }
}

#[test]
fn vpc_flow_any_order_and_headers_in_the_middle() {
    let s = fixture("vpc-flow", "custom");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    let first = body!(s, 0, Net);
    assert_eq!((first.direction, first.tcp_flags, first.region.as_deref()), (Some(Direction::Egress), Some(2), Some("ap-northeast-1")));
    assert_eq!((first.dst.unwrap().to_string(), first.pkt_src.unwrap().to_string()), ("2001:db8::9".to_owned(), "10.0.1.5".to_owned()));
    assert_eq!((first.bytes, first.packets, first.instance_id.as_deref()), (40, 1, Some("i-0abc")));
    assert_eq!(body!(s, 1, Net).direction, Some(Direction::Ingress));
    assert_eq!((body!(s, 2, Net).protocol, body!(s, 2, Net).direction), (Some(17), None));
}

#[test]
fn syslog_auth() {
    let s = fixture("syslog", "auth");
    assert_eq!((s.rows.len(), s.losses()), (8, vec![(Malformed, 2)]));
    assert_eq!(times(&s)[0], "2026-11-20T00:01:10Z");
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Assumed));
    let failed = body!(s, 0, Auth);
    assert_eq!(
        (failed.outcome, failed.user.as_deref(), failed.source_port, failed.pid),
        (AuthOutcome::Failure, Some("root"), Some(35029), Some(2001))
    );
    assert_eq!((failed.host.as_deref(), failed.attempts), (Some("ip-10-0-1-5"), 1));
    let forged = body!(s, 1, Auth);
    assert_eq!((forged.source.unwrap().to_string(), forged.unknown_user), ("203.0.113.9".to_owned(), true));
    assert_eq!(body!(s, 2, Auth).attempts, 5);
    let key = body!(s, 3, Auth);
    assert_eq!((key.outcome, key.key_fingerprint.as_deref()), (AuthOutcome::Success, Some("SHA256:abcDEF")));
    let odd = body!(s, 4, Auth);
    assert_eq!((odd.user.as_deref(), odd.outcome), (Some("adm\u{fffd}\u{fffd}in"), AuthOutcome::Other));
    let cron = body!(s, 5, Auth);
    assert_eq!((cron.service.as_ref(), cron.pid, cron.user.as_deref(), cron.outcome), ("cron", Some(77), Some("root"), AuthOutcome::Other));
    assert_eq!(body!(s, 6, Text).message, "[    0.000000] Linux version");
    let yum = body!(s, 7, Text);
    assert_eq!((yum.host.as_deref(), yum.program.as_deref(), yum.message.as_ref()), (None, Some("Updated"), "glibc-2.17.x86_64"));
}

#[test]
fn syslog_with_iso_times() {
    let s = fixture("syslog", "iso");
    assert_eq!((s.rows.len(), s.losses()), (8, vec![]));
    assert_eq!(times(&s)[..3], ["2026-11-19T15:01:10.123456Z", "2026-11-19T15:01:11Z", "2026-11-20T00:01:12Z"]);
    let zones: Vec<_> = s.rows.iter().map(|r| r.0.zone == ZoneCertainty::Stated).collect();
    assert_eq!(zones, [true, true, false, true, true, false, false, false]);
    assert_eq!(body!(s, 0, Auth).source.unwrap().to_string(), "2001:db8::9");
    assert_eq!((body!(s, 1, Auth).outcome, body!(s, 1, Auth).user.as_deref()), (AuthOutcome::Other, Some("root")));
    assert_eq!(body!(s, 3, Auth).pid, Some(57915));
    assert_eq!(body!(s, 4, Text).message, "hello world");
    assert_eq!((body!(s, 5, Email).status.as_ref(), body!(s, 5, Email).host.as_deref()), ("connected", Some("web1")));
    let app = body!(s, 6, Text);
    assert_eq!((app.host.as_deref(), app.program.as_deref(), app.message.as_ref()), (None, None, "ERROR something went wrong"));
    let again = body!(s, 7, Text);
    assert_eq!((again.host.as_deref(), again.message.as_ref()), (Some("web1"), "last message repeated 3 times"));
}

#[test]
fn every_short_form_of_journalctl() {
    for (line, time, zone) in [
        ("Nov 20 01:01:10", "2026-11-20T01:01:10Z", ZoneCertainty::Assumed),
        ("Nov 20 01:01:10.123456", "2026-11-20T01:01:10.123456Z", ZoneCertainty::Assumed),
        ("2026-11-20T01:01:10+0900", "2026-11-19T16:01:10Z", ZoneCertainty::Stated),
        ("2026-11-20T01:01:10.123456+09:00", "2026-11-19T16:01:10.123456Z", ZoneCertainty::Stated),
        ("Fri 2026-11-20 01:01:10 UTC", "2026-11-20T01:01:10Z", ZoneCertainty::Stated),
        ("Fri 2026-11-20 01:01:10 CST", "2026-11-20T01:01:10Z", ZoneCertainty::Assumed),
        ("1795136470.123456", "2026-11-20T01:01:10.123456Z", ZoneCertainty::Stated),
    ] {
        let text = format!(
            "-- Logs begin at Fri 2026-11-20 00:00:00 UTC, end at Fri 2026-11-20 02:00:00 UTC. --\n\
             {line} web1 sshd[2001]: Failed password for root from 203.0.113.9 port 35029 ssh2\n-- Boot 00000000000000000000000000000001 --\n"
        );
        let s = common::single("x", text.as_bytes());
        assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("syslog"), 1, vec![]), "{line}");
        let failed = body!(s, 0, Auth);
        assert_eq!((failed.outcome, failed.host.as_deref(), failed.pid), (AuthOutcome::Failure, Some("web1"), Some(2001)), "{line}");
        assert_eq!((times(&s), s.rows[0].0.zone), (vec![time.to_owned()], zone), "{line}");
    }
    let none = common::single("x", b"-- No entries --\n");
    assert_eq!(none.end.format, None, "{}", none.end.recognised_by);
}

#[test]
fn web_access() {
    let s = fixture("web-access", "combined");
    assert_eq!(s.rows.len(), 7);
    assert_eq!(s.losses(), [(Malformed, 1), (Malformed, 1)], "{:?}", s.end.losses);
    let first = body!(s, 0, Http);
    assert_eq!(
        (first.method.as_ref(), first.target.as_ref(), first.status, first.bytes),
        ("GET", "/index.php?id=1%27", Some(200), Some(512))
    );
    assert_eq!((first.referer.as_deref(), first.user_agent.as_deref(), first.user.as_deref()), (None, Some("Mozilla/5.0 (X11)"), None));
    let second = body!(s, 1, Http);
    assert_eq!(
        (second.client_addr().unwrap().to_string(), second.user.as_deref(), second.bytes),
        ("2001:db8::9".to_owned(), Some("alice"), None)
    );
    assert_eq!((second.referer.as_deref(), second.user_agent.as_deref()), (Some("https://example.com/a \"b\""), Some("curl/8 \"x\" \\y")));
    assert_eq!((body!(s, 2, Http).method.as_ref(), body!(s, 2, Http).target.as_ref()), ("", r"\x16\x03\x01\x02"));
    let named = body!(s, 3, Http);
    assert_eq!((named.client.as_ref(), named.user.as_deref(), named.target.as_ref()), ("client.example.net", Some("bob smith"), "/a b c"));
    let hosted = body!(s, 4, Http);
    assert_eq!(
        (hosted.host.as_deref(), hosted.client.as_ref(), hosted.user_agent.as_deref()),
        (Some("www.example.com"), "203.0.113.10", Some("bot"))
    );
    assert_eq!((body!(s, 5, Http).method.as_ref(), body!(s, 5, Http).target.as_ref(), body!(s, 5, Http).status), ("", "-", Some(408)));
    assert_eq!(body!(s, 6, Http).target, "/?q=\"raw\"");
    assert_eq!(times(&s)[0], "2026-11-20T01:00:00Z");
}

#[test]
fn guardduty() {
    let s = fixture("guardduty", "get-findings");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]));
    let f = body!(s, 0, Detection);
    assert_eq!((f.kind.as_ref(), f.severity, f.sample, f.count), ("UnauthorizedAccess:EC2/SSHBruteForce", 8.0, true, 12));
    assert_eq!((f.instance_id.as_deref(), f.remote_port, f.local.unwrap().to_string()), (Some("i-0abc"), Some(22), "10.0.1.5".to_owned()));
    assert_eq!((times(&s)[0].as_str(), f.last_seen.unwrap().to_string()), ("2026-11-20T01:00:00Z", "2026-11-20T01:09:00Z".to_owned()));
    let s = fixture("guardduty", "export");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    let key = body!(s, 0, Detection);
    assert_eq!((key.access_key_id.as_deref(), key.principal.as_deref(), key.sample), (Some("ASIAIOSFODNN7EXAMPLE"), Some("web"), false));
    assert_eq!(key.remote.unwrap().to_string(), "198.51.100.7");
    let probe = body!(s, 1, Detection);
    assert_eq!(
        (probe.remote.unwrap().to_string(), probe.local.unwrap().to_string(), probe.sample),
        ("203.0.113.9".to_owned(), "10.0.1.5".to_owned(), true)
    );
}

#[test]
fn describe() {
    let s = fixture("describe", "instances");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let i = body!(s, 0, Inventory);
    assert_eq!(
        (i.kind, i.id.as_ref(), i.account.as_deref(), i.region.as_deref()),
        (InventoryKind::Instance, "i-0abc", Some("111122223333"), Some("ap-northeast-1"))
    );
    let text = |list: &[std::net::IpAddr]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (text(&i.public_addrs), text(&i.private_addrs)),
        (vec!["203.0.113.50".to_owned(), "2001:db8::5".to_owned()], vec!["10.0.1.5".to_owned(), "10.0.1.6".to_owned()])
    );
    assert_eq!((i.name.as_deref(), i.imds_tokens.as_deref(), i.state.as_deref()), (Some("ウェブ"), Some("optional"), Some("running")));
    assert_eq!((i.interfaces.clone(), i.groups.clone()), (vec!["eni-0aaa".into()], vec!["sg-1".into()]));
    assert_eq!((i.launched.unwrap().to_string(), s.rows[0].0.at), ("2026-10-01T00:00:00Z".to_owned(), None));
    assert!(i.raw.starts_with('{') && i.raw.ends_with('}') && i.raw.contains("ami-1"));
    assert_eq!(
        (body!(s, 1, Inventory).region.as_deref(), body!(s, 1, Inventory).account.as_deref()),
        (Some("us-west-2"), Some("111122223333"))
    );
    let s = fixture("describe", "others");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    let address = body!(s, 0, Inventory);
    assert_eq!((address.kind, address.id.as_ref(), address.instance_id.as_deref()), (InventoryKind::Address, "eipalloc-1", Some("i-0abc")));
    let group = body!(s, 1, Inventory);
    assert_eq!((group.kind, group.ingress.len(), group.name.as_deref()), (InventoryKind::SecurityGroup, 3, Some("web")));
    assert!(group.ingress[0].open_to_world() && group.ingress[0].covers(22) && !group.ingress[0].covers(80));
    assert_eq!((group.ingress[1].protocol.as_str(), group.ingress[1].from_port, group.ingress[2].from_port), ("-1", None, None));
    let interface = body!(s, 2, Inventory);
    assert_eq!(
        (interface.kind, interface.instance_id.as_deref(), interface.state.as_deref()),
        (InventoryKind::NetworkInterface, Some("i-0abc"), Some("in-use"))
    );
}

#[test]
fn empty_lists_are_known_and_empty() {
    for (id, text) in [
        ("cloudtrail", "{\"Records\":[]}"),
        ("cloudtrail", "{\n \"Events\": []\n}\n"),
        ("guardduty", "{\"Findings\": []}"),
        ("describe", "{\"Reservations\": []}"),
        ("vpc-flow", "version account-id interface-id srcaddr dstaddr\n"),
    ] {
        let s = common::single("x", text.as_bytes());
        assert_eq!(s.end.format, Some(id), "{text}");
        assert_eq!(s.losses(), [(abate_model::LossKind::Empty, 1)], "{text}");
    }
}
