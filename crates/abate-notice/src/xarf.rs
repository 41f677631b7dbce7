//! XARF reports, version 3 and 4 (schemas 4.2.0): a reporter's own report about an address or URL of ours. Evidence payloads are
//! shown as text where they are text; they are not otherwise opened.

use abate_model::{Category, Remote, ResourceKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::addresses;
use crate::categories;
use crate::decode;
use crate::incoming::{Incoming, Origin};
use crate::resources;
use crate::text::{clean, push_new, refang};
use crate::times::{Assumed, find_all};

/// The report in a JSON document, if it is one; also inside `report` / `xarf` of an Abuse Signal request.
pub(crate) fn read(document: &Value, received: Timestamp) -> Option<Incoming> {
    let report = find(document, 4)?;
    let mut incoming = Incoming::text(Origin::Xarf, String::new());
    if report.get("Report").is_some() {
        version_3(report, received, &mut incoming);
    } else {
        version_4(report, received, &mut incoming);
    }
    incoming.stated.all_reporter = true;
    incoming.text = clean(&summary(report));
    incoming.attached = evidence(report);
    Some(incoming)
}

fn find(value: &Value, depth: usize) -> Option<&Value> {
    let map = value.as_object()?;
    let v4 = map.contains_key("xarf_version") || (map.contains_key("source_identifier") && map.contains_key("category"));
    let v3 = map.contains_key("ReporterInfo") && map.contains_key("Report");
    if v4 || v3 {
        return Some(value);
    }
    if depth == 0 { None } else { ["xarf", "report", "payload"].iter().find_map(|k| map.get(*k).and_then(|inner| find(inner, depth - 1))) }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

fn port(value: &Value, key: &str) -> Option<u16> {
    value.get(key).and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok()).filter(|p| *p > 0)
}

fn times(value: &Value, keys: &[&str], received: Timestamp) -> Vec<Timestamp> {
    let assumed = Assumed::of("", received);
    keys.iter().filter_map(|k| text(value, k)).flat_map(|t| find_all(t, &assumed)).map(|t| t.at).collect()
}

fn version_4(report: &Value, received: Timestamp, incoming: &mut Incoming) {
    let (category, kind) = (text(report, "category").unwrap_or_default(), text(report, "type").unwrap_or_default());
    incoming.message_id = text(report, "report_id").map(str::to_owned);
    incoming.from = report.get("reporter").and_then(|r| text(r, "contact")).map(str::to_owned);
    incoming.from_name = report.get("reporter").and_then(|r| text(r, "org")).map(str::to_owned);
    let written = times(report, &["timestamp"], received);
    incoming.date = written.first().copied();
    let mut all = times(report, &["first_seen", "last_seen", "timestamp"], received);
    let seconds = report.get("duration_seconds").and_then(Value::as_i64).filter(|s| (0..31_536_000).contains(s));
    if let (Some(start), Some(seconds)) = (all.first().copied(), seconds) {
        all.extend(start.checked_add(SignedDuration::from_secs(seconds)).ok());
    }
    let stated = &mut incoming.stated;
    stated.category = Some(category_4(category, kind));
    stated.from = all.iter().min().copied();
    stated.to = all.iter().max().copied();
    stated.zone = Some("UTC".to_owned());
    source(text(report, "source_identifier"), incoming);
    let protocol = text(report, "protocol").and_then(addresses::protocol);
    remote(text(report, "destination_ip"), port(report, "destination_port"), protocol, incoming);
    let controller = text(report, "c2_server").filter(|_| incoming.stated.remote.is_empty());
    remote(controller, port(report, "c2_port"), text(report, "c2_protocol").and_then(addresses::protocol), incoming);
    for key in ["url", "infringing_url"] {
        if let Some(url) = text(report, key) {
            push_new(&mut incoming.stated.urls, refang(url));
        }
    }
    incoming.stated.words.push(format!("{category}/{kind}"));
}

fn version_3(document: &Value, received: Timestamp, incoming: &mut Incoming) {
    let Some(report) = document.get("Report") else { return };
    let (class, kind) = (text(report, "ReportClass").unwrap_or_default(), text(report, "ReportType").unwrap_or_default());
    let reporter = document.get("ReporterInfo");
    incoming.from = reporter.and_then(|r| text(r, "ReporterContactEmail").or_else(|| text(r, "ReporterOrgEmail"))).map(str::to_owned);
    incoming.from_name = reporter.and_then(|r| text(r, "ReporterOrg")).map(str::to_owned);
    incoming.message_id = text(report, "ReportID").map(str::to_owned);
    // When it happened; when it was reported is not said.
    let written = times(report, &["Date"], received);
    let info = report.get("AdditionalInfo").cloned().unwrap_or_default();
    let mut all = times(&info, &["FirstSeen", "LastSeen"], received);
    if all.is_empty() {
        all = written;
    }
    let stated = &mut incoming.stated;
    stated.category = Some(category_3(class, kind));
    stated.from = all.iter().min().copied();
    stated.to = all.iter().max().copied();
    stated.zone = Some("UTC".to_owned());
    let from = report.get("Source");
    source(from.and_then(|s| text(s, "IP")).or_else(|| text(report, "SourceIp")), incoming);
    if let Some(url) = from.and_then(|s| text(s, "URL")) {
        push_new(&mut incoming.stated.urls, refang(url));
        if incoming.stated.resources.is_empty() {
            source(addresses::host(&refang(url)).as_deref(), incoming);
        }
    }
    let protocol = text(report, "Protocol").and_then(addresses::protocol);
    let destination = text(report, "DestinationIp").or_else(|| report.get("Destination").and_then(|d| text(d, "IP")));
    remote(destination, port(report, "DestinationPort"), protocol, incoming);
    incoming.stated.words.push(format!("{class}/{kind}"));
}

/// The types of XARF 3 are those of version 4, written `LoginAttack` or `login-attack`, and its class of activities is called otherwise.
fn category_3(class: &str, kind: &str) -> Category {
    let class = class.to_ascii_lowercase();
    let class = if class == "activity" { "connection" } else { class.as_str() };
    let bare = |name: &str| name.to_ascii_lowercase().replace(['-', '_', ' '], "");
    const OF_4: [&str; 17] = [
        "ddos",
        "login_attack",
        "sql_injection",
        "port_scan",
        "vulnerability_scan",
        "reconnaissance",
        "scraping",
        "infected_host",
        "botnet",
        "compromised_server",
        "phishing",
        "suspicious_registration",
        "malware",
        "brand_infringement",
        "open_service",
        "copyright",
        "spam",
    ];
    let known = OF_4.into_iter().find(|name| bare(name) == bare(kind));
    match known {
        Some("spam") => Category::Spam,
        Some("malware") => Category::Malware,
        Some("copyright") => Category::Copyright,
        _ => category_4(class, known.unwrap_or(&kind.to_ascii_lowercase().replace('-', "_"))),
    }
}

/// The types of XARF 4 in Abate's categories; an unknown type by its words.
fn category_4(category: &str, kind: &str) -> Category {
    match (category, kind) {
        ("connection", "ddos") => Category::Dos,
        ("connection", "login_attack" | "sql_injection") => Category::Intrusion,
        ("connection", "port_scan" | "vulnerability_scan" | "reconnaissance") => Category::PortScan,
        ("connection", "scraping") => Category::Crawling,
        ("connection", "infected_host") | (_, "botnet") => Category::Botnet,
        ("infrastructure", "compromised_server") => Category::Malware,
        (_, "phishing" | "suspicious_registration") => Category::Phishing,
        ("content", "malware") => Category::Malware,
        ("copyright", _) | ("content", "brand_infringement") => Category::Copyright,
        ("content", _) => Category::Content,
        ("messaging", _) => Category::Spam,
        ("vulnerability", "open_service") => Category::Vulnerability,
        ("vulnerability", _) => Category::Vulnerability,
        _ => categories::of_short_name(&kind.replace('_', " ")).unwrap_or(Category::Other),
    }
}

fn source(identifier: Option<&str>, incoming: &mut Incoming) {
    let Some(identifier) = identifier else { return };
    let identifier = refang(identifier);
    let found = resources::find(&identifier).into_iter().next().map(|f| f.resource);
    let kind = if addresses::find(&identifier).len() == 1 { ResourceKind::Address } else { ResourceKind::Domain };
    push_new(&mut incoming.stated.resources, found.unwrap_or_else(|| resources::resource(kind, &identifier)));
}

fn remote(address: Option<&str>, port: Option<u16>, protocol: Option<String>, incoming: &mut Incoming) {
    if address.is_some() || port.is_some() {
        incoming.stated.remote.push(Remote { address: address.map(refang), port, protocol });
    }
}

/// The report's own facts, one a line; evidence follows as the reporter's text.
fn summary(report: &Value) -> String {
    let mut out = String::new();
    let mut stack = vec![(String::new(), report, 0)];
    while let Some((name, value, depth)) = stack.pop() {
        match value {
            Value::Object(map) if depth < 4 => {
                let inner = map.iter().filter(|(k, _)| !matches!(k.as_str(), "evidence" | "Attachment" | "Samples"));
                let mut next: Vec<_> =
                    inner.map(|(k, v)| (if name.is_empty() { k.clone() } else { format!("{name}.{k}") }, v, depth + 1)).collect();
                next.reverse();
                stack.extend(next);
            }
            Value::Array(list) => {
                let items: Vec<String> = list.iter().take(50).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
                out.push_str(&format!("{name}: {}\n", items.join(", ")));
            }
            Value::String(value) => out.push_str(&format!("{name}: {value}\n")),
            Value::Null => {}
            other => out.push_str(&format!("{name}: {other}\n")),
        }
    }
    out
}

fn evidence(report: &Value) -> String {
    let places = [
        report.get("evidence"),
        report.get("Report").and_then(|r| r.get("Attachment")),
        report.get("Report").and_then(|r| r.get("Samples")),
    ];
    let mut out = String::new();
    for item in places.into_iter().flatten().filter_map(Value::as_array).flatten().take(50) {
        let kind = text(item, "content_type").or_else(|| text(item, "ContentType")).unwrap_or("unknown type");
        let about = text(item, "description").or_else(|| text(item, "Description")).unwrap_or("without description");
        let payload = text(item, "payload").or_else(|| text(item, "Data")).or_else(|| text(item, "Payload")).unwrap_or_default();
        out.push_str(&format!("evidence: {about} ({kind})\n"));
        let textual = kind.starts_with("text/") || kind.starts_with("message/") || kind.contains("json");
        let decoded = mail_parser::decoders::base64::base64_decode(payload.as_bytes()).and_then(|bytes| decode::text(&bytes));
        if let Some(decoded) = decoded.filter(|_| textual) {
            out.push_str(clean(&decoded).trim());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_version_4() {
        for (category, kind, expected) in [
            ("connection", "ddos", Category::Dos),
            ("connection", "port_scan", Category::PortScan),
            ("connection", "login_attack", Category::Intrusion),
            ("connection", "infected_host", Category::Botnet),
            ("infrastructure", "botnet", Category::Botnet),
            ("content", "phishing", Category::Phishing),
            ("content", "fraud", Category::Content),
            ("copyright", "p2p", Category::Copyright),
            ("messaging", "spam", Category::Spam),
            ("vulnerability", "cve", Category::Vulnerability),
            ("reputation", "blocklist", Category::Other),
        ] {
            assert_eq!(category_4(category, kind), expected, "{category}/{kind}");
        }
    }
}
