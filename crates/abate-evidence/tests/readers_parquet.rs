//! What the reader of Parquet makes of files of Security Lake, flow logs, CloudTrail, and of broken ones.

#![allow(clippy::unwrap_used)]

mod common;

use abate_evidence::Limits;
use abate_model::LossKind::{Empty, Malformed, NotRecognised, NotSupported, OverLimit, Truncated};
use abate_model::rows::{FlowAction, FlowStatus};
use abate_model::{Body, Locator, ZoneCertainty};
use common::{Source, parquet, single, visit_with};

fn places(source: &Source) -> Vec<String> {
    source.rows.iter().map(|(row, _)| row.locator.to_string()).collect()
}

/// Writes the files into the folder of the environment variable `ABATE_PARQUET_SAMPLES`, as seeds for fuzzing.
#[test]
fn samples() {
    let Some(folder) = std::env::var_os("ABATE_PARQUET_SAMPLES") else { return };
    for (name, bytes) in
        [("flows", parquet::flows()), ("lake", parquet::lake()), ("calls", parquet::calls()), ("unknown", parquet::unknown())]
    {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn flow_logs() {
    let s = single("flow.parquet", &parquet::flows());
    assert_eq!((s.end.format, s.losses()), (Some("parquet"), vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(places(&s), ["row 0:0", "row 0:1", "row 1:1"]);
    assert_eq!(s.end.losses[0].first, Some(Locator::Row { group: 1, row: 0 }));
    let flows: Vec<_> = s
        .bodies()
        .into_iter()
        .map(|body| match body {
            Body::Net(net) => net,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((flows[0].src_port, flows[0].dst_port, flows[0].action), (Some(40000), Some(22), Some(FlowAction::Reject)));
    assert_eq!((flows[0].packets, flows[0].bytes, flows[0].interface_id.as_deref()), (10, 840, Some("eni-1")));
    assert_eq!((flows[1].status, flows[1].src), (FlowStatus::NoData, None));
    assert_eq!(s.times()[0].as_deref(), Some("2025-11-20T01:00:00Z"));
    assert_eq!(s.rows[0].0.zone, ZoneCertainty::Stated);
    let raw: serde_json::Value = serde_json::from_slice(&s.rows[0].1).unwrap();
    assert_eq!((raw["srcaddr"].as_str(), raw["bytes"].as_i64()), (Some("203.0.113.9"), Some(840)));
}

#[test]
fn security_lake() {
    let s = single("lake.parquet", &parquet::lake());
    assert_eq!(s.losses(), [(NotSupported, 1)], "{:?}", s.end.losses);
    assert!(s.end.losses[0].reason.contains("1001"));
    assert_eq!((places(&s), s.end.losses[0].first), (vec!["row 0:0".into(), "row 0:1".into()], Some(Locator::Row { group: 0, row: 2 })));
    let (Body::Api(call), Body::Dns(query)) = (s.bodies()[0], s.bodies()[1]) else { panic!("{:?}", s.bodies()) };
    assert_eq!((call.event_name.as_ref(), call.event_source.as_ref()), ("RunInstances", "ec2.amazonaws.com"));
    assert_eq!((call.account.as_deref(), call.source_ip.as_deref()), (Some("111122223333"), Some("203.0.113.9")));
    assert_eq!((query.query.as_ref(), query.answers.join(" ").as_str()), ("example.com", "192.0.2.7 192.0.2.8"));
    let times: Vec<_> = s.times().into_iter().flatten().collect();
    assert_eq!(times, ["2025-11-20T01:00:00.123456Z", "2025-11-20T01:00:01Z"]);
}

#[test]
fn flattened_cloudtrail_and_unknown_columns() {
    let s = single("calls.parquet", &parquet::calls());
    assert_eq!((s.rows.len(), s.losses()), (1, vec![(Malformed, 1)]), "{:?}", s.end.losses);
    assert!(matches!(s.bodies()[0], Body::Api(call) if call.event_name == "StopLogging"));
    let s = single("unknown.parquet", &parquet::unknown());
    assert_eq!((s.rows.len(), s.losses()), (0, vec![(NotRecognised, 1), (NotRecognised, 1)]), "{:?}", s.end.losses);
}

#[test]
fn limits_and_cuts() {
    let bytes = parquet::flows();
    let s = &visit_with("big", &bytes, &Limits { max_document: 100, ..Limits::default() })[0];
    assert_eq!((s.losses(), s.end.losses[0].bytes, s.end.bytes), (vec![(OverLimit, 1)], bytes.len() as u64, bytes.len() as u64));
    let s = &visit_with("ratio", &bytes, &Limits { max_stream: 10, ..Limits::default() })[0];
    assert_eq!(s.losses(), [(OverLimit, 1)]);
    for end in 4..bytes.len() {
        let s = single("cut", &bytes[..end]);
        assert!(s.rows.is_empty() && s.losses().len() == 1, "{end}: {:?}", s.end.losses);
        assert!(matches!(s.losses()[0].0, Truncated | Malformed), "{end}");
    }
}

#[test]
fn damage_costs_no_more_than_the_file() {
    for bytes in [parquet::flows(), parquet::lake(), parquet::calls()] {
        let whole = single("whole", &bytes).rows.len();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let s = single("damaged", &damaged);
            assert!(s.rows.len() <= whole + 3, "{at}");
            assert!(!s.rows.is_empty() || !s.end.losses.is_empty(), "{at}");
        }
    }
}

#[test]
fn a_file_without_rows_is_empty_not_damaged() {
    let s = single("flow.parquet", &parquet::no_flows());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("parquet"), 0, vec![(Empty, 1)]), "{:?}", s.end.losses);
}

#[test]
fn requests_of_cloudfront() {
    let s = single("cf.parquet", &parquet::cloudfront());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("parquet"), 1, vec![]), "{:?}", s.end.losses);
    let Body::Http(http) = s.bodies()[0] else { panic!("{:?}", s.bodies()) };
    assert_eq!((http.client.as_ref(), http.method.as_ref(), http.target.as_ref()), ("203.0.113.9", "GET", "/index.php?id=1"));
    assert_eq!((http.host.as_deref(), http.server.as_deref()), (Some("www.example.com"), Some("d111111abcdef8.cloudfront.net")));
    assert_eq!((http.status, http.user_agent.as_deref()), (Some(200), Some("curl/8")));
    assert_eq!(s.times()[0].as_deref(), Some("2026-11-20T01:02:03Z"));
}
