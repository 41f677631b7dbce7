//! OCSF records of activities, and the rows that they make.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::{
    ApiActivity, AuthOutcome, Authentication, Direction, DnsActivity, FlowAction, FlowStatus, HttpActivity, NetworkActivity,
};
use jiff::Timestamp;

use super::ocsf::account;
use super::tree::Tree;

type Found<'t> = (Option<Timestamp>, Body<'t>);

const TIME: &[&str] = &["time_dt", "time"];
const BEGIN: &[&str] = &["start_time_dt", "start_time", "time_dt", "time"];

/// Something that the original log had and the schema has no place for.
fn unmapped<'t>(record: Tree<'t>, key: &str) -> Option<Cow<'t, str>> {
    record.at("unmapped")?.key(key)
}

/// A call of an API (class 6003, and others with a call in them).
pub(super) fn api(record: Tree<'_>) -> Found<'_> {
    let user = |name: &str| record.text(&format!("actor.user.{name}"));
    let body = ApiActivity {
        event_id: record.first(&["metadata.uid", "metadata.original_event_uid"]),
        event_name: record.text("api.operation").unwrap_or_default(),
        event_source: record.text("api.service.name").unwrap_or_default(),
        event_type: record.text("metadata.event_code"),
        region: record.text("cloud.region"),
        account: account(record).or_else(|| unmapped(record, "recipientAccountId")).or_else(|| user("account.uid")),
        identity_type: user("type"),
        identity_arn: user("uid_alt"),
        user_name: user("name"),
        principal_id: user("uid"),
        access_key_id: user("credential_uid").or_else(|| record.text("actor.session.credential_uid")),
        session_issuer_arn: record.text("actor.session.issuer"),
        mfa: record.truth("actor.session.is_mfa").or_else(|| record.truth("actor.session.mfa")),
        invoked_by: record.text("actor.invoked_by"),
        source_ip: record.first(&["src_endpoint.ip", "src_endpoint.domain", "src_endpoint.svc_name"]),
        user_agent: record.text("http_request.user_agent"),
        error_code: record.text("api.response.error"),
        error_message: record.text("api.response.error_message"),
        read_only: unmapped(record, "readOnly").and_then(|v| v.to_ascii_lowercase().parse().ok()),
        request: record.data("api.request.data"),
        response: record.data("api.response.data"),
        additional: record.data("unmapped"),
    };
    (record.time(TIME), Body::Api(Box::new(body)))
}

/// A flow (class 4001).
pub(super) fn network(record: Tree<'_>) -> Found<'_> {
    let direction = match record.text("connection_info.direction_id").as_deref() {
        Some("1") => Some(Direction::Ingress),
        Some("2") => Some(Direction::Egress),
        _ => record.text("connection_info.direction").and_then(|d| match d.to_ascii_lowercase().as_str() {
            "inbound" | "ingress" => Some(Direction::Ingress),
            "outbound" | "egress" => Some(Direction::Egress),
            _ => None,
        }),
    };
    let verdict = record.first(&["disposition", "action", "unmapped.action"]).map(|v| v.to_ascii_lowercase());
    let action = match verdict.as_deref() {
        Some("allowed" | "allow" | "accept") => Some(FlowAction::Accept),
        Some("blocked" | "denied" | "dropped" | "rejected" | "reject") => Some(FlowAction::Reject),
        _ => None,
    };
    // The interface is on our side, whichever that is.
    let ours = |name: &str| {
        let (src, dst) = (format!("src_endpoint.{name}"), format!("dst_endpoint.{name}"));
        let paths = if direction == Some(Direction::Ingress) { [dst, src] } else { [src, dst] };
        record.first(&[&paths[0], &paths[1]])
    };
    let body = NetworkActivity {
        interface_id: ours("interface_uid").filter(|v| v != "-"),
        instance_id: ours("instance_uid").filter(|v| v != "-"),
        account: account(record),
        region: record.text("cloud.region"),
        src: record.parsed(&["src_endpoint.ip"]),
        dst: record.parsed(&["dst_endpoint.ip"]),
        pkt_src: record.parsed(&["src_endpoint.intermediate_ips.0"]),
        pkt_dst: record.parsed(&["dst_endpoint.intermediate_ips.0"]),
        src_port: record.parsed(&["src_endpoint.port"]),
        dst_port: record.parsed(&["dst_endpoint.port"]),
        protocol: record.parsed(&["connection_info.protocol_num"]),
        packets: record.parsed(&["traffic.packets"]).unwrap_or_default(),
        bytes: record.parsed(&["traffic.bytes"]).unwrap_or_default(),
        end: record.time(&["end_time_dt", "end_time"]),
        action,
        status: match record.text("status_code").as_deref() {
            Some("NODATA") => FlowStatus::NoData,
            Some("SKIPDATA") => FlowStatus::SkipData,
            _ => FlowStatus::Ok,
        },
        direction,
        tcp_flags: record.parsed(&["connection_info.tcp_flags"]),
        process: record.first(&["actor.process.name", "actor.process.file.path"]),
        pid: record.parsed(&["actor.process.pid"]),
    };
    (record.time(BEGIN), Body::Net(body))
}

/// A DNS query (class 4003).
pub(super) fn dns(record: Tree<'_>) -> Found<'_> {
    let name = record.text("query.hostname").unwrap_or_default();
    let name = match name.strip_suffix('.').filter(|short| !short.is_empty()) {
        Some(short) => Cow::Owned(short.to_owned()),
        None => name,
    };
    let body = DnsActivity {
        query: name,
        query_type: record.text("query.type"),
        rcode: record.text("rcode"),
        answers: record.list("answers").filter_map(|a| a.text("rdata")).collect(),
        source: record.parsed(&["src_endpoint.ip"]),
        source_port: record.parsed(&["src_endpoint.port"]),
        transport: record.text("connection_info.protocol_name"),
        instance_id: record.text("src_endpoint.instance_uid"),
        vpc_id: record.text("src_endpoint.vpc_uid"),
        account: account(record),
        region: record.text("cloud.region"),
        action: record.first(&["disposition", "action"]).filter(|v| v != "No Action" && v != "Unknown"),
        list: record.first(&["firewall_rule.uid", "firewall_rule.name"]),
    };
    (record.time(&["query_time_dt", "query_time", "time_dt", "time"]), Body::Dns(Box::new(body)))
}

/// A web request (class 4002).
pub(super) fn http(record: Tree<'_>) -> Found<'_> {
    let path = record.first(&["http_request.url.path", "http_request.url.url_string"]).unwrap_or_default();
    let query = record.first(&["http_request.url.query_string", "http_request.args"]).filter(|_| !path.contains('?'));
    let body = HttpActivity {
        client: record.first(&["src_endpoint.ip", "src_endpoint.hostname"]).unwrap_or_default(),
        user: record.text("actor.user.name"),
        host: record.first(&["http_request.url.hostname", "dst_endpoint.hostname"]),
        method: record.text("http_request.http_method").unwrap_or_default(),
        target: query.map_or(path.clone(), |query| Cow::Owned(format!("{path}?{query}"))),
        status: record.parsed(&["http_response.code", "http_status"]),
        bytes: record.parsed(&["http_response.body_length", "http_response.length"]),
        referer: record.text("http_request.referrer"),
        user_agent: record.text("http_request.user_agent"),
        server: record.first(&["dst_endpoint.name", "dst_endpoint.uid", "metadata.product.feature.uid"]),
        backend: record.parsed(&["proxy_endpoint.ip"]),
        forwarded_for: record.first(&["http_request.x_forwarded_for.0", "http_request.x_forwarded_for"]),
        request_bytes: record.parsed(&["traffic.bytes_in", "http_request.length"]),
        operation: record.text("api.operation"),
        action: record.first(&["disposition", "action"]),
        rule: record.first(&["firewall_rule.uid", "firewall_rule.name"]),
        account: account(record),
        region: record.text("cloud.region"),
    };
    (record.time(TIME), Body::Http(Box::new(body)))
}

/// A sign-in (class 3002).
pub(super) fn authentication(record: Tree<'_>) -> Found<'_> {
    let outcome = match record.text("status_id").as_deref() {
        Some("1") => AuthOutcome::Success,
        Some("2") => AuthOutcome::Failure,
        _ => match record.text("status").as_deref() {
            Some("Success") => AuthOutcome::Success,
            Some("Failure") => AuthOutcome::Failure,
            _ => AuthOutcome::Other,
        },
    };
    let operation = record.text("api.operation");
    let console = operation.as_deref() == Some("ConsoleLogin");
    let said = record.first(&["message", "status_detail", "api.response.error_message"]);
    let service = record.first(&["service.name", "metadata.product.name"]).unwrap_or_default();
    let body = Authentication {
        service: if console { Cow::Borrowed("console") } else { service },
        host: record.first(&["device.hostname", "dst_endpoint.hostname"]),
        account: account(record).or_else(|| record.first(&["user.account.uid", "actor.user.account.uid"])),
        region: record.text("cloud.region"),
        user: record.first(&["user.name", "actor.user.name", "user.uid_alt", "actor.user.uid_alt"]),
        source: record.parsed(&["src_endpoint.ip"]),
        source_port: record.parsed(&["src_endpoint.port"]),
        method: if console { Some(Cow::Borrowed("console")) } else { record.text("auth_protocol") },
        outcome,
        attempts: record.parsed(&["count"]).filter(|n| *n > 0).unwrap_or(1),
        mfa: record.truth("is_mfa").or_else(|| record.truth("mfa")).or_else(|| record.truth("actor.session.is_mfa")),
        user_agent: record.text("http_request.user_agent"),
        message: said.or(operation).unwrap_or_default(),
        event_id: record.text("metadata.uid"),
        ..Authentication::default()
    };
    (record.time(TIME), Body::Auth(Box::new(body)))
}
