//! Formats of AWS: what the readers make of their fixtures, also inside the wrappings of CloudWatch Logs.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind::{Malformed, NotSupported, Truncated};
use abate_model::rows::{AuthOutcome, Direction, FlowAction, FlowStatus, InventoryKind};
use abate_model::{Body, Table, ZoneCertainty};
use common::{FIXTURES, Source, fixture, span};

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

/// The bytes that a row points at.
fn pointed<'b>(name: &str, reader: &str, source: &Source, row: usize) -> &'b str {
    let bytes = FIXTURES.iter().find(|f| (f.0, f.1) == (reader, name)).unwrap().2;
    std::str::from_utf8(&bytes[span(source.rows[row].0.locator)]).unwrap()
}

#[test]
fn resolver_query_logs() {
    let s = fixture("route53-resolver", "queries");
    assert_eq!((s.rows.len(), s.losses()), (5, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let first = body!(s, 0, Dns);
    assert_eq!(
        (first.query.as_ref(), first.query_type.as_deref(), first.rcode.as_deref()),
        ("pool.example.com", Some("A"), Some("NOERROR"))
    );
    assert_eq!(first.answers, ["cname.example.com.", "203.0.113.9"]);
    assert_eq!(
        (first.source.unwrap().to_string().as_str(), first.source_port, first.transport.as_deref()),
        ("10.0.1.5", Some(56067), Some("UDP"))
    );
    assert_eq!((first.instance_id.as_deref(), first.vpc_id.as_deref()), (Some("i-0abc"), Some("vpc-0aaa")));
    assert_eq!(
        (first.account.as_deref(), first.region.as_deref(), first.action.as_deref()),
        (Some("111122223333"), Some("ap-northeast-1"), None)
    );
    let blocked = body!(s, 1, Dns);
    assert_eq!(
        (blocked.action.as_deref(), blocked.list.as_deref(), blocked.source_port),
        (Some("BLOCK"), Some("rslvr-fdl-1"), Some(53000))
    );
    assert_eq!(blocked.source.unwrap().to_string(), "2001:db8::5");
    let generated = body!(s, 2, Dns);
    assert_eq!(
        (generated.action.as_deref(), generated.list.as_deref(), generated.instance_id.as_deref()),
        (Some("ALERT"), Some("DGA"), None)
    );
    let root = body!(s, 3, Dns);
    assert_eq!((root.query.as_ref(), root.source, root.source_port), (".", None, None));
    assert_eq!(s.rows[3].0.zone, ZoneCertainty::Unknown);
    let event = body!(s, 4, Dns);
    assert_eq!(
        (event.query.as_ref(), event.instance_id.as_deref(), event.region.as_deref()),
        ("c2.example.com", Some("i-0def"), Some("us-east-1"))
    );
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:02Z", "", "2026-11-20T01:00:04.5Z"]);
}

#[test]
fn resolver_query_logs_as_cloudwatch_delivers_them() {
    let s = fixture("route53-resolver", "resolver-exported");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(body!(s, 1, Dns).query, "bad.example.com");
    assert!(pointed("resolver-exported", "route53-resolver", &s, 1).starts_with("2026-11-20T01:00:01.000Z {"));
    assert!(s.rows[1].1.starts_with(b"{\"version\""), "the raw record stands without its wrapping");
    let s = fixture("route53-resolver", "subscription");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert!(s.end.recognised_by.contains("log events of CloudWatch Logs; inside: JSON keys query_timestamp"), "{}", s.end.recognised_by);
    // A record without a time of its own has the log event's.
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:00.002Z", "2026-11-20T01:00:02Z"]);
    assert!(pointed("subscription", "route53-resolver", &s, 1).starts_with(r#"{"id":"2""#));
}

#[test]
fn flow_logs_from_filter_log_events() {
    let s = fixture("vpc-flow", "filter-log-events");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(body!(s, 0, Net).dst_port, Some(22));
    assert_eq!(body!(s, 1, Net).status, FlowStatus::NoData);
    let found = pointed("filter-log-events", "vpc-flow", &s, 1);
    assert!(found.starts_with('{') && found.ends_with('}') && found.contains("NODATA"), "{found}");
}

#[test]
fn log_events_of_unknown_words_keep_time_and_words() {
    let s = fixture("cloudwatch-logs", "get-log-events");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    let words: Vec<_> = (0..3).map(|n| body!(s, n, Text).message.to_string()).collect();
    assert_eq!(words, ["[worker 1] started job 42", "[worker 1] stack", "  at line 1"]);
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:00:01Z", "2026-11-20T01:00:01Z"]);
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Stated && r.0.table() == Table::TimedText));
    assert_eq!(body!(s, 0, Text).host.as_deref(), Some("eni-0aaa-all"), "the log stream");
    let s = fixture("cloudwatch-logs", "insights");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]));
    assert_eq!((body!(s, 0, Text).message.as_ref(), times(&s)[0].as_str()), ("ERROR odd thing", "2026-11-20T01:00:00Z"));
}

#[test]
fn cloudtrail_insights_and_network_activity() {
    let s = fixture("cloudtrail", "categories");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let (start, end) = (body!(s, 0, Detection), body!(s, 1, Detection));
    assert_eq!(
        (start.product.as_ref(), start.finding_id.as_ref(), start.kind.as_ref()),
        ("CloudTrail Insights", "shared-1", "ApiCallRateInsight")
    );
    assert_eq!(start.title, "ApiCallRateInsight (Start): RunInstances of ec2.amazonaws.com");
    assert_eq!(start.principal.as_deref(), Some("arn:aws:iam::111122223333:user/deploy"));
    assert_eq!((start.account.as_deref(), start.region.as_deref()), (Some("111122223333"), Some("us-east-1")));
    assert_eq!((start.first_seen.is_some(), start.last_seen), (true, None));
    assert_eq!((end.first_seen, end.last_seen.unwrap().to_string().as_str()), (None, "2026-11-20T04:30:00Z"));
    let denied = body!(s, 2, Api);
    assert_eq!((denied.event_type.as_deref(), denied.error_code.as_deref()), (Some("AwsVpceEvent"), Some("VpceAccessDenied")));
    assert_eq!(times(&s), ["2026-11-20T04:00:00Z", "2026-11-20T04:30:00Z", "2026-11-20T05:00:00Z"]);
}

#[test]
fn cloudtrail_lake() {
    let s = fixture("cloudtrail", "lake");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    let run = body!(s, 0, Api);
    assert_eq!((run.event_name.as_ref(), run.event_source.as_ref()), ("RunInstances", "ec2.amazonaws.com"));
    assert_eq!((run.user_name.as_deref(), run.identity_type.as_deref()), (Some("web"), Some("AssumedRole")));
    assert_eq!(run.session_issuer_arn.as_deref(), Some("arn:aws:iam::111122223333:role/web"));
    assert_eq!((run.access_key_id.as_deref(), run.mfa, run.invoked_by.as_deref()), (Some("ASIAIOSFODNN7EXAMPLE"), Some(false), None));
    assert_eq!((run.request.as_deref(), run.response.as_deref()), (Some("{instanceType=p3.16xlarge, minCount=8}"), None));
    assert_eq!((run.read_only, run.error_code.as_deref()), (Some(false), None));
    let login = body!(s, 1, Auth);
    assert_eq!((login.user.as_deref(), login.mfa), (Some("root"), Some(false)));
    assert!(s.rows[1].1.starts_with(b"{\"eventVersion\""), "the raw record is the event");
    assert_eq!(times(&s), ["2026-11-20T01:02:03Z", "2026-11-20T02:00:00Z"]);
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Stated));
}

#[test]
fn cloudtrail_from_cloudwatch_logs() {
    let s = fixture("cloudtrail", "ct-exported");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Truncated, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Api).user_name.as_deref(), body!(s, 1, Auth).service.as_ref()), (Some("deploy"), "console"));
    assert_eq!(times(&s), ["2026-11-20T01:02:03Z", "2026-11-20T02:00:00Z"], "the event's time, not that of its arrival");
    let s = fixture("cloudtrail", "ct-filter-log-events");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(times(&s), ["2026-11-20T01:02:03Z", "2026-11-20T01:00:00.002Z", "2026-11-20T04:00:00Z"]);
    assert_eq!(body!(s, 2, Detection).product, "CloudTrail Insights");
}

#[test]
fn cloudtrail_from_athena() {
    let s = fixture("cloudtrail-csv", "athena");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let run = body!(s, 0, Api);
    assert_eq!((run.user_name.as_deref(), run.identity_arn.as_deref()), (Some("deploy"), Some("arn:aws:iam::111122223333:user/deploy")));
    assert_eq!((run.access_key_id.as_deref(), run.event_type.as_deref()), (Some("AKIAIOSFODNN7EXAMPLE"), Some("AwsApiCall")));
    assert_eq!(run.request.as_deref(), Some(r#"{"instanceType":"p3.16xlarge"}"#));
    assert_eq!((run.account.as_deref(), run.event_id.as_deref(), run.read_only), (Some("111122223333"), Some("e-1"), Some(false)));
    let login = body!(s, 1, Auth);
    assert_eq!((login.user.as_deref(), login.outcome, login.mfa), (Some("root"), AuthOutcome::Success, Some(false)));
    let s = fixture("cloudtrail-csv", "eventjson");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Api).user_name.as_deref(), body!(s, 1, Auth).outcome), (Some("deploy"), AuthOutcome::Success));
}

#[test]
fn cloudtrail_digest() {
    let s = fixture("cloudtrail-digest", "digest");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let digest = body!(s, 0, Text);
    assert_eq!(digest.program.as_deref(), Some("cloudtrail-digest"));
    for words in
        ["account 111122223333", "2026-11-20T01:00:00Z to 2026-11-20T02:00:00Z", "1 log files delivered to trail-example", "before it: -"]
    {
        assert!(digest.message.contains(words), "{}", digest.message);
    }
    assert_eq!(times(&s), ["2026-11-20T02:00:00Z"]);
}

#[test]
fn flow_logs_without_a_header() {
    let s = fixture("vpc-flow", "more");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let (skipped, flow) = (body!(s, 0, Net), body!(s, 1, Net));
    assert_eq!((skipped.status, skipped.src, skipped.instance_id.as_deref()), (FlowStatus::SkipData, None, None));
    assert_eq!((flow.instance_id.as_deref(), flow.direction, flow.dst_port), (Some("i-0abc"), Some(Direction::Egress), Some(22)));
    assert_eq!((flow.tcp_flags, flow.pkt_src), (None, None), "what stands there is not known without a header");
    let s = fixture("vpc-flow", "firehose");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Net).dst_port, body!(s, 1, Net).status), (Some(22), FlowStatus::NoData));
}

#[test]
fn flow_logs_of_transit_gateways() {
    let s = fixture("vpc-flow", "transit");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]), "{:?}", s.end.losses);
    let flow = body!(s, 0, Net);
    assert_eq!(
        (flow.interface_id.as_deref(), flow.account.as_deref(), flow.region.as_deref()),
        (Some("tgw-attach-0aaa"), Some("111122223333"), Some("ap-northeast-1"))
    );
    assert_eq!((flow.dst.unwrap().to_string().as_str(), flow.dst_port, flow.tcp_flags), ("10.1.1.9", Some(445), Some(2)));
    assert_eq!((flow.direction, flow.action, flow.packets, flow.bytes), (Some(Direction::Ingress), None, 14, 2000));
    assert_eq!((body!(s, 1, Net).status, body!(s, 1, Net).src), (FlowStatus::NoData, None));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T01:01:00Z"]);
}

#[test]
fn flow_logs_of_version_10() {
    let s = fixture("vpc-flow", "v10");
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let flow = body!(s, 0, Net);
    assert_eq!(
        (flow.action, flow.src.unwrap().to_string().as_str(), flow.src_port),
        (Some(FlowAction::Reject), "2001:db8:1::5", Some(50000))
    );
    assert_eq!((flow.interface_id.as_deref(), flow.end.unwrap().to_string().as_str()), (Some("eni-0bbb"), "2026-11-20T01:01:00Z"));
}

#[test]
fn security_hub_findings() {
    let s = fixture("security-hub", "asff-findings");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let check = body!(s, 0, Detection);
    assert_eq!((check.product.as_ref(), check.severity, check.status.as_deref()), ("Security Hub", 7.0, Some("FAILED")));
    assert_eq!(
        (check.kind.as_ref(), check.resource_type.as_deref()),
        ("Software and Configuration Checks/Example", Some("AwsEc2SecurityGroup"))
    );
    let guard = body!(s, 1, Detection);
    assert_eq!(guard.kind, "UnauthorizedAccess:EC2/SSHBruteForce");
    assert_eq!((guard.product.as_ref(), guard.severity, guard.count, guard.sample), ("GuardDuty", 4.0, 12, true));
    assert_eq!((guard.instance_id.as_deref(), guard.access_key_id.as_deref()), (Some("i-0abcdef"), Some("ASIAIOSFODNN7EXAMPLE")));
    assert_eq!(
        (guard.principal.as_deref(), guard.remote.unwrap().to_string().as_str(), guard.remote_port),
        (Some("web"), "203.0.113.9", Some(22))
    );
    assert_eq!(guard.last_seen.unwrap().to_string(), "2026-11-20T01:09:00Z");
    let other = body!(s, 2, Detection);
    assert_eq!((other.product.as_ref(), other.status.as_deref()), ("prowler", Some("PASSED")));
    assert_eq!(
        (other.remote.unwrap().to_string().as_str(), other.local.unwrap().to_string().as_str(), other.remote_port),
        ("198.51.100.7", "10.0.1.5", Some(4444))
    );
    assert_eq!(times(&s), ["2026-11-20T01:10:00Z", "2026-11-20T01:00:00Z", "2026-11-20T01:10:00Z"]);
    let s = fixture("security-hub", "event");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert!(pointed("event", "security-hub", &s, 1).starts_with(r#"{"SchemaVersion":"2018-10-08","Id":"f-2""#));
}

#[test]
fn ocsf_findings() {
    let s = fixture("ocsf", "ocsf-findings");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let check = body!(s, 0, Detection);
    assert_eq!(
        (check.product.as_ref(), check.kind.as_ref(), check.status.as_deref()),
        ("Prowler", "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22", Some("FAIL"))
    );
    assert_eq!((check.severity, check.account.as_deref(), check.region.as_deref()), (8.0, Some("111122223333"), Some("ap-northeast-1")));
    let older = body!(s, 1, Detection);
    assert_eq!((older.instance_id.as_deref(), older.account.as_deref(), older.count), (Some("i-0abcdef"), Some("111122223333"), 3));
    assert_eq!(
        (older.remote.unwrap().to_string().as_str(), older.remote_port, older.principal.as_deref()),
        ("203.0.113.9", Some(22), Some("web"))
    );
    assert_eq!((older.kind.as_ref(), older.status.as_deref()), ("Checks", Some("Failed")));
    assert_eq!(times(&s), ["2026-11-20T01:00:00.5Z", "2026-11-20T01:00:00Z"]);
}

#[test]
fn ocsf_activities() {
    let s = fixture("ocsf", "lake-activity");
    assert_eq!((s.rows.len(), s.losses()), (6, vec![(NotSupported, 1), (Malformed, 1), (Truncated, 1)]), "{:?}", s.end.losses);
    let api = body!(s, 0, Api);
    assert_eq!(
        (api.event_name.as_ref(), api.event_source.as_ref(), api.event_id.as_deref()),
        ("RunInstances", "ec2.amazonaws.com", Some("e-1"))
    );
    assert_eq!(
        (api.user_name.as_deref(), api.access_key_id.as_deref(), api.error_code.as_deref()),
        (Some("web"), Some("ASIAIOSFODNN7EXAMPLE"), None)
    );
    assert_eq!(
        (api.identity_arn.as_deref(), api.read_only, api.mfa),
        (Some("arn:aws:sts::111122223333:assumed-role/web/i-0abc"), Some(false), Some(false))
    );
    assert_eq!((api.request.as_deref(), api.response.as_deref()), (Some(r#"{"minCount":8}"#), None));
    let net = body!(s, 1, Net);
    assert_eq!(
        (net.interface_id.as_deref(), net.instance_id.as_deref(), net.direction),
        (Some("eni-0aaa"), Some("i-0abc"), Some(Direction::Ingress))
    );
    assert_eq!((net.action, net.dst_port, net.packets, net.tcp_flags), (Some(FlowAction::Reject), Some(22), 10, Some(2)));
    let dns = body!(s, 2, Dns);
    assert_eq!(
        (dns.query.as_ref(), dns.answers.len(), dns.action.as_deref(), dns.vpc_id.as_deref()),
        ("pool.example.com", 1, None, Some("vpc-0aaa"))
    );
    let http = body!(s, 3, Http);
    assert_eq!(
        (http.target.as_ref(), http.status, http.action.as_deref(), http.rule.as_deref()),
        ("/login?a=1", Some(403), Some("Blocked"), Some("rule-1"))
    );
    assert_eq!(
        (http.client.as_ref(), http.forwarded_for.as_deref(), http.host.as_deref()),
        ("198.51.100.7", Some("192.0.2.7"), Some("www.example.com"))
    );
    let login = body!(s, 4, Auth);
    assert_eq!(
        (login.service.as_ref(), login.outcome, login.mfa, login.user.as_deref()),
        ("console", AuthOutcome::Failure, Some(true), Some("deploy"))
    );
    assert_eq!(body!(s, 5, Api).event_name, "CreateUser");
    assert_eq!((times(&s)[0].as_str(), times(&s)[1].as_str()), ("2026-11-20T01:02:03Z", "2026-11-20T01:00:00Z"));
}

#[test]
fn ses_events() {
    let s = fixture("ses-events", "events");
    assert_eq!((s.rows.len(), s.losses()), (11, vec![(Malformed, 1), (Truncated, 1)]), "{:?}", s.end.losses);
    let words: Vec<_> = (0..11).map(|n| body!(s, n, Email).status.to_string()).collect();
    assert_eq!(
        words,
        ["sent", "delivered", "bounced", "complaint", "rejected", "opened", "clicked", "failed", "deferred", "bounced", "sent"]
    );
    let sent = body!(s, 0, Email);
    assert_eq!(
        (sent.queue_id.as_deref(), sent.message_id.as_deref(), sent.from.as_deref()),
        (Some("0100-1"), Some("<m1@example.com>"), Some("news@example.com"))
    );
    assert_eq!(
        (sent.to.len(), sent.subject.as_deref(), sent.client.unwrap().to_string().as_str()),
        (2, Some("当選しました"), "203.0.113.9")
    );
    assert_eq!(
        (sent.login_user.as_deref(), sent.account.as_deref(), sent.region.as_deref()),
        (Some("smtp-user"), Some("111122223333"), Some("ap-northeast-1"))
    );
    let delivered = body!(s, 1, Email);
    assert_eq!((delivered.to.clone(), delivered.reason.as_deref()), (vec!["a@example.net".into()], Some("250 ok")));
    assert_eq!((delivered.relay_address.unwrap().to_string().as_str(), delivered.relay.as_deref()), ("198.51.100.25", None));
    let bounced = body!(s, 2, Email);
    assert_eq!((bounced.to.clone(), bounced.dsn.as_deref()), (vec!["b@example.net".into()], Some("5.1.1")));
    assert_eq!((bounced.reason.as_deref(), bounced.relay.as_deref()), (Some("smtp; 550 5.1.1 user unknown"), Some("dsn; mta.example.net")));
    assert_eq!(body!(s, 3, Email).reason.as_deref(), Some("abuse"));
    assert_eq!(body!(s, 4, Email).reason.as_deref(), Some("Bad content"));
    assert_eq!(body!(s, 6, Email).reason.as_deref(), Some("https://example.com/a 192.0.2.1"));
    assert_eq!((body!(s, 8, Email).dsn.as_deref(), body!(s, 8, Email).reason.as_deref()), (Some("4.4.1"), Some("smtp; 421 later")));
    let older = body!(s, 9, Email);
    assert_eq!(
        (older.client.unwrap().to_string().as_str(), older.login_user.as_deref(), older.reason.as_deref()),
        ("203.0.113.10", Some("web"), Some("Transient MailboxFull"))
    );
    assert_eq!(times(&s)[..4], ["2026-11-20T01:00:00.123Z", "2026-11-20T01:00:02Z", "2026-11-20T01:00:03Z", "2026-11-20T01:00:04Z"]);
}

#[test]
fn ses_events_in_notifications_and_queues() {
    let s = fixture("ses-events", "notifications");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Email).status.as_ref(), body!(s, 1, Email).status.as_ref()), ("bounced", "sent"));
    assert_eq!(times(&s), ["2026-11-20T01:00:03Z", "2026-11-20T01:00:00.5Z"], "the second has no time but the notification's");
    let s = fixture("ses-events", "queue");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]), "{:?}", s.end.losses);
    assert!((0..2).all(|n| body!(s, n, Email).status == "bounced"));
}

#[test]
fn iam_output() {
    let s = fixture("iam", "details");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let user = body!(s, 0, Inventory);
    assert_eq!(
        (user.kind, user.id.as_ref(), user.name.as_deref()),
        (InventoryKind::User, "arn:aws:iam::111122223333:user/deploy", Some("deploy"))
    );
    assert_eq!((user.account.as_deref(), user.groups.clone()), (Some("111122223333"), vec!["admins".into()]));
    assert_eq!(user.policies, ["arn:aws:iam::aws:policy/AdministratorAccess", "inline"]);
    assert_eq!(user.launched.unwrap().to_string(), "2025-01-02T03:04:05Z");
    let role = body!(s, 2, Inventory);
    assert_eq!(
        (role.kind, role.instance_profile.as_deref()),
        (InventoryKind::Role, Some("arn:aws:iam::111122223333:instance-profile/web"))
    );
    assert_eq!(role.last_used.unwrap().to_string(), "2026-11-20T01:00:00Z");
    assert_eq!((body!(s, 1, Inventory).kind, body!(s, 3, Inventory).kind), (InventoryKind::UserGroup, InventoryKind::Policy));
    assert!(user.raw.starts_with('{') && s.rows.iter().all(|r| r.0.at.is_none()));
    let s = fixture("iam", "keys");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    let (key, old) = (body!(s, 0, Inventory), body!(s, 1, Inventory));
    assert_eq!(
        (key.kind, key.id.as_ref(), key.user.as_deref(), key.state.as_deref()),
        (InventoryKind::AccessKey, "AKIAIOSFODNN7EXAMPLE", Some("deploy"), Some("Active"))
    );
    assert_eq!((old.state.as_deref(), old.launched), (Some("Inactive"), None));
    let s = fixture("iam", "users");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]), "{:?}", s.end.losses);
    assert_eq!(body!(s, 0, Inventory).last_used.unwrap().to_string(), "2026-11-20T01:00:00Z");
    assert_eq!((body!(s, 1, Inventory).name.as_deref(), body!(s, 2, Inventory).kind), (Some("bob"), InventoryKind::MfaDevice));
}

#[test]
fn credential_report() {
    for (name, losses) in [("report", vec![(Malformed, 1)]), ("get-credential-report", vec![(Malformed, 1), (Malformed, 1)])] {
        let s = fixture("credential-report", name);
        assert_eq!((s.rows.len(), s.losses()), (5, losses), "{:?}", s.end.losses);
        let root = body!(s, 0, Inventory);
        assert_eq!(
            (root.kind, root.name.as_deref(), root.mfa, root.state.as_deref()),
            (InventoryKind::User, Some("<root_account>"), Some(false), None)
        );
        assert_eq!(root.last_used.unwrap().to_string(), "2026-11-20T02:00:00Z");
        let deploy = body!(s, 1, Inventory);
        assert_eq!((deploy.state.as_deref(), deploy.last_used), (Some("password disabled"), None));
        let (first, second) = (body!(s, 2, Inventory), body!(s, 3, Inventory));
        assert_eq!((first.kind, first.id.as_ref()), (InventoryKind::AccessKey, "arn:aws:iam::111122223333:user/deploy access key 1"));
        assert_eq!((first.user.as_deref(), first.state.as_deref()), (Some("deploy"), Some("Active")));
        assert_eq!(
            (first.last_used.unwrap().to_string().as_str(), first.account.as_deref()),
            ("2026-11-20T01:02:00Z", Some("111122223333"))
        );
        assert_eq!((second.state.as_deref(), second.last_used), (Some("Inactive"), None));
        let alice = body!(s, 4, Inventory);
        assert_eq!((alice.mfa, alice.state.as_deref(), alice.last_used), (Some(true), Some("password enabled"), None));
        assert!(first.raw.contains(r#""access_key_1_last_used_service":"ec2""#), "{}", first.raw);
        let at = if name == "report" { "" } else { "2026-11-21T00:00:00Z" };
        assert!(times(&s).iter().all(|t| t == at));
    }
}

fn words(list: &[std::net::IpAddr]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn further_resources() {
    let s = fixture("describe", "more");
    assert_eq!((s.rows.len(), s.losses()), (9, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let kinds: Vec<_> = (0..9).map(|n| body!(s, n, Inventory).kind).collect();
    use InventoryKind as K;
    assert_eq!(kinds, [K::Volume, K::Snapshot, K::Image, K::Vpc, K::Subnet, K::LoadBalancer, K::LoadBalancer, K::Instance, K::Bucket]);
    let volume = body!(s, 0, Inventory);
    assert_eq!((volume.id.as_ref(), volume.instance_id.as_deref(), volume.name.as_deref()), ("vol-1", Some("i-0abc"), Some("根")));
    assert_eq!((volume.region.as_deref(), volume.state.as_deref()), (Some("ap-northeast-1"), Some("in-use")));
    assert_eq!((body!(s, 1, Inventory).account.as_deref(), body!(s, 2, Inventory).name.as_deref()), (Some("111122223333"), Some("base")));
    assert_eq!((body!(s, 3, Inventory).id.as_ref(), body!(s, 4, Inventory).region.as_deref()), ("vpc-0aaa", Some("ap-northeast-1")));
    let balancer = body!(s, 5, Inventory);
    assert_eq!((words(&balancer.public_addrs), balancer.groups.clone()), (vec!["203.0.113.60".to_owned()], vec!["sg-1".into()]));
    assert_eq!(
        (balancer.account.as_deref(), balancer.state.as_deref(), balancer.name.as_deref()),
        (Some("111122223333"), Some("active"), Some("web"))
    );
    let classic = body!(s, 6, Inventory);
    assert_eq!(
        (classic.id.as_ref(), classic.instance_id.as_deref(), classic.region.as_deref()),
        ("old", Some("i-0abc"), Some("us-east-1"))
    );
    let lightsail = body!(s, 7, Inventory);
    assert_eq!(words(&lightsail.public_addrs), ["203.0.113.61", "2001:db8::61"]);
    assert_eq!(
        (lightsail.launched.unwrap().to_string().as_str(), lightsail.image_id.as_deref()),
        ("2026-05-31T15:00:00Z", Some("wordpress"))
    );
    assert!(lightsail.ingress[0].open_to_world() && lightsail.ingress[0].covers(22));
    let s = fixture("describe", "buckets");
    assert_eq!((s.rows.len(), s.losses(), body!(s, 0, Inventory).id.as_ref()), (1, vec![(Malformed, 1)], "trail-example"));
}

#[test]
fn config_items() {
    let s = fixture("aws-config", "snapshot");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    let instance = body!(s, 0, Inventory);
    assert_eq!((instance.kind, instance.id.as_ref(), instance.name.as_deref()), (InventoryKind::Instance, "i-0abc", Some("ウェブ")));
    assert_eq!(
        (words(&instance.public_addrs), words(&instance.private_addrs)),
        (vec!["203.0.113.50".to_owned(), "2001:db8::5".to_owned()], vec!["10.0.1.5".to_owned(), "10.0.1.6".to_owned()])
    );
    assert_eq!(
        (instance.state.as_deref(), instance.imds_tokens.as_deref(), instance.groups.clone()),
        (Some("running"), Some("required"), vec!["sg-1".into()])
    );
    assert_eq!((instance.interfaces.clone(), instance.instance_id.as_deref()), (vec!["eni-0aaa".into()], Some("i-0abc")));
    let group = body!(s, 1, Inventory);
    assert_eq!((group.kind, group.ingress.len(), group.ingress[0].cidrs.len()), (InventoryKind::SecurityGroup, 1, 1));
    assert!(group.ingress[0].open_to_world() && group.ingress[0].covers(22));
    let gone = body!(s, 2, Inventory);
    assert_eq!(
        (gone.kind, gone.name.as_deref(), gone.state.as_deref()),
        (InventoryKind::Other, Some("AWS::Lambda::Function"), Some("deleted"))
    );
    let user = body!(s, 3, Inventory);
    assert_eq!((user.kind, user.policies.len(), user.groups.clone()), (InventoryKind::User, 2, vec!["admins".into()]));
    assert_eq!(times(&s), ["2026-11-20T01:00:00Z", "2026-11-20T02:00:00Z", "2026-11-20T03:00:00Z", "2026-11-20T04:00:00Z"]);
    let s = fixture("aws-config", "change");
    assert_eq!((s.rows.len(), s.losses(), body!(s, 0, Inventory).id.as_ref()), (1, vec![], "sg-1"));
}

#[test]
fn flow_logs_and_cloudtrail_as_other_programs_flatten_them() {
    let s = fixture("vpc-flow", "flow-athena");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Net).dst_port, body!(s, 0, Net).bytes, body!(s, 0, Net).action), (Some(22), 840, Some(FlowAction::Accept)));
    assert_eq!((body!(s, 1, Net).status, body!(s, 1, Net).src), (FlowStatus::NoData, None));
    let s = fixture("cloudtrail-csv", "flattened");
    let list = body!(s, 0, Api);
    assert_eq!(
        (list.event_name.as_ref(), list.identity_type.as_deref(), list.principal_id.as_deref()),
        ("ListObjects", Some("AWSAccount"), None)
    );
    assert_eq!((list.account.as_deref(), list.source_ip.as_deref()), (Some("111122223333"), Some("203.0.113.9")));
    assert_eq!((list.user_agent.as_deref(), times(&s)[0].as_str()), (Some("python-requests"), "2026-11-20T01:00:00Z"));
}

#[test]
fn results_of_logs_insights_saved_as_csv() {
    let flow = "2 111122223333 eni-0aaa 10.0.1.5 203.0.113.9 44321 22 6 10 840 1795136400 1795136460 ACCEPT OK";
    let text = format!(
        "@timestamp,@message,@logStream\r\n2026-11-20 01:00:00.000,{flow},eni-0aaa-all\r\n2026-11-20 01:00:00.000,,eni-0aaa-all\r\n"
    );
    let s = common::single("x", text.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("vpc-flow"), 1, vec![(Malformed, 1)]), "{}", s.end.recognised_by);
    assert_eq!(body!(s, 0, Net).dst_port, Some(22));
    assert_eq!(&text[span(s.rows[0].0.locator)], format!("2026-11-20 01:00:00.000,{flow},eni-0aaa-all"), "the place is the row's");
    // JSON stands in quotations, over several lines where it was written so.
    let event = "{\"\"eventVersion\"\":\"\"1.09\"\",\n\"\"eventTime\"\":\"\"2026-11-20T01:02:03Z\"\",\"\"eventSource\"\":\"\"ec2.amazonaws.com\"\",\
                 \"\"eventName\"\":\"\"RunInstances\"\",\"\"eventID\"\":\"\"e-1\"\"}";
    let text = format!("\u{feff}@timestamp,@message\n\"2026-11-20 01:02:04.000\",\"{event}\"\n\"2026-11-20 01:02:05.000\",\"{event}");
    let s = common::single("x", text.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("cloudtrail"), 1, vec![(Truncated, 1)]), "{}", s.end.recognised_by);
    assert_eq!((body!(s, 0, Api).event_name.as_ref(), times(&s)[0].as_str()), ("RunInstances", "2026-11-20T01:02:03Z"));
    let words = common::single("x", b"@timestamp,@message\n2026-11-20 01:02:04.000,nobody knows these words\n");
    assert_eq!((words.end.format, words.rows.len(), times(&words)[0].as_str()), (Some("cloudwatch-logs"), 1, "2026-11-20T01:02:04Z"));
    let head = common::single("x", b"@timestamp,@message\n");
    assert_eq!((head.rows.len(), head.end.losses.len()), (0, 1), "{:?}", head.end.losses);
}

#[test]
fn output_of_logs_tail() {
    let flow = "2 111122223333 eni-0aaa 10.0.1.5 203.0.113.9 44321 22 6 10 840 1795136400 1795136460 ACCEPT OK";
    let text = format!("2026-11-20T01:00:00.123000+00:00 eni-0aaa-all {flow}\n2026-11-20T01:00:01+00:00 eni-0aaa-all nonsense\n").repeat(2);
    let text = format!("{text}2026-11-20T01:00:00.123000+00:00 eni-0aaa-all {flow}\n");
    let s = common::single("x", text.as_bytes());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("vpc-flow"), 3, vec![(Malformed, 2)]), "{}", s.end.recognised_by);
    assert_eq!((body!(s, 0, Net).dst_port, times(&s)[0].as_str()), (Some(22), "2026-11-20T01:00:00Z"));
    assert!(text[span(s.rows[1].0.locator)].ends_with(flow));
    // In syslog the host stands there.
    let syslog = "2026-11-20T01:00:00.123456+00:00 web1 sshd[2001]: Failed password for root from 203.0.113.9 port 35029 ssh2\n";
    assert_eq!(common::single("x", syslog.as_bytes()).end.format, Some("syslog"));
}
