//! Queries to a DNS resolver and flow records as rules of the categories `dns` and `firewall` name them.

use std::borrow::Cow;

use abate_model::rows::{DnsActivity, FlowAction, NetworkActivity};
use rsigma_eval::{Event, JsonEvent};
use serde_json::Value;

use super::line::LineEvent;

/// Fields of a query.
pub(super) const DNS: &[&str] = &["query", "record_type", "answer", "response_code", "src_ip", "action", "host"];
/// Fields of a flow.
pub(super) const FLOW: &[&str] = &["src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "blocked", "interface", "host"];

/// The event of a query; of several answers it holds the first.
pub(super) fn query<'r>(dns: &'r DnsActivity<'_>) -> LineEvent<'r> {
    let maybe = |text: &'r Option<Cow<'_, str>>| text.as_deref().map(Cow::Borrowed);
    LineEvent(vec![
        ("query", Some(Cow::Borrowed(&*dns.query))),
        ("record_type", maybe(&dns.query_type)),
        ("response_code", maybe(&dns.rcode)),
        ("src_ip", dns.source.map(|a| Cow::Owned(a.to_string()))),
        ("action", maybe(&dns.action)),
        ("host", maybe(&dns.instance_id)),
        ("answer", dns.answers.first().map(|answer| Cow::Borrowed(&**answer))),
    ])
}

/// The event of a query with all its answers, where there are several.
pub(super) fn answered(dns: &DnsActivity<'_>) -> Option<JsonEvent<'static>> {
    if dns.answers.len() < 2 {
        return None;
    }
    let mut all = query(dns).to_json();
    all.as_object_mut()?.insert("answer".to_owned(), dns.answers.iter().map(|answer| Value::from(&**answer)).collect());
    Some(JsonEvent::owned(all))
}

/// The event of a flow.
pub(super) fn flow<'r>(net: &'r NetworkActivity<'_>) -> LineEvent<'r> {
    let number = |n: Option<u16>| n.map(|n| Cow::Owned(n.to_string()));
    let action = match net.action {
        Some(FlowAction::Accept) => Some(("accept", "false")),
        Some(FlowAction::Reject) => Some(("reject", "true")),
        None => None,
    };
    let protocol = net.protocol.map(|protocol| match protocol {
        1 => Cow::Borrowed("icmp"),
        6 => Cow::Borrowed("tcp"),
        17 => Cow::Borrowed("udp"),
        other => Cow::Owned(other.to_string()),
    });
    LineEvent(vec![
        ("src_ip", net.src.map(|a| Cow::Owned(a.to_string()))),
        ("src_port", number(net.src_port)),
        ("dst_ip", net.dst.map(|a| Cow::Owned(a.to_string()))),
        ("dst_port", number(net.dst_port)),
        ("protocol", protocol),
        ("action", action.map(|(action, _)| Cow::Borrowed(action))),
        ("blocked", action.map(|(_, blocked)| Cow::Borrowed(blocked))),
        ("interface", net.interface_id.as_deref().map(Cow::Borrowed)),
        ("host", net.instance_id.as_deref().map(Cow::Borrowed)),
    ])
}
