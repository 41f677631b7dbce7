//! AWS Health events: EventBridge JSON, its put-events form, wrapped by SNS or SQS, and what `aws health
//! describe-event-details` prints. It finds the event by its `eventTypeCode`, however deep.

use jiff::Timestamp;
use serde_json::Value;

use crate::categories;
use crate::incoming::{Incoming, Origin};
use crate::regions;
use crate::resources;
use crate::text::{clean, push_new};
use crate::times::{Assumed, find_all, find_with_dates};

/// Wrappers are opened this deep.
const DEPTH: usize = 12;

/// The event in a JSON document, if it holds one.
pub(crate) fn read(document: &Value, received: Timestamp) -> Option<Incoming> {
    let mut events = Vec::new();
    collect(&camel(document, DEPTH * 2), DEPTH, &mut events);
    let coded = |e: &&Event| e.detail.get("eventTypeCode").is_some();
    let first = events.iter().find(coded).or_else(|| events.iter().find(|e| e.detail.get("entityEventCode").is_some()))?;
    // Entities come without a communication's id.
    let id = |event: &Event| ["communicationId", "eventArn", "arn"].iter().find_map(|k| text(&event.detail, k).map(str::to_owned));
    let matter = id(first);
    let same = |event: &&Event| id(event) == matter;
    // A list of events names them without their words; the details of the same event bring these.
    let first = events.iter().filter(same).find(|e| !description(e).trim().is_empty()).unwrap_or(first);
    let mut incoming = Incoming::text(Origin::Health, String::new());
    describe(first, received, &mut incoming);
    // A paged event comes as several documents with one communicationId; their entities belong together.
    for event in events.iter().filter(same) {
        entities(event, &mut incoming);
    }
    let others = events.iter().filter(|e| !same(e)).count();
    if others > 0 {
        incoming.unread.push(format!("{others} further Health events in the same document were not read"));
    }
    Some(incoming)
}

/// Several events of different matters in one document, each matter as a document of its own; empty for one matter or none.
/// Pages of one event have one `communicationId` and stay together.
pub(crate) fn split(document: &Value) -> Vec<Vec<u8>> {
    let mut events = Vec::new();
    collect(&camel(document, DEPTH * 2), DEPTH, &mut events);
    let mut matters: Vec<(String, Vec<Value>)> = Vec::new();
    for (n, event) in events.into_iter().enumerate() {
        let id = text(&event.detail, "communicationId").or_else(|| text(&event.detail, "eventArn")).or_else(|| text(&event.detail, "arn"));
        // What a list of events and a list of details say of one event belongs together, account by account.
        let account = text(&event.detail, "affectedAccount").or_else(|| text(&event.outer, "account")).unwrap_or_default();
        let key = id.map_or_else(|| n.to_string(), |id| format!("{id} {account}"));
        let key = if event.detail.get("eventTypeCode").is_none() && !matters.iter().any(|(known, _)| *known == key) {
            // Entities of an event that was listed without its account.
            id.map(|id| format!("{id} ")).filter(|bare| matters.iter().any(|(known, _)| known == bare)).unwrap_or(key)
        } else {
            key
        };
        let whole = match event {
            Event { outer: Value::Null, detail, description: Some(description) } => {
                serde_json::json!({ "event": detail, "eventDescription": description })
            }
            Event { outer: Value::Null, detail, .. } => detail,
            Event { outer, .. } => outer,
        };
        match matters.iter_mut().find(|(known, _)| *known == key) {
            Some((_, pages)) => pages.push(whole),
            None => matters.push((key, vec![whole])),
        }
    }
    if matters.len() < 2 {
        return Vec::new();
    }
    matters.into_iter().filter_map(|(_, pages)| serde_json::to_vec(&pages).ok()).collect()
}

/// An event: what EventBridge puts around it, and itself.
struct Event {
    outer: Value,
    detail: Value,
    /// description that stands beside the event, not in it
    description: Option<Value>,
}

fn collect(value: &Value, depth: usize, found: &mut Vec<Event>) {
    if depth == 0 || found.len() >= 100 {
        return;
    }
    match value {
        Value::Object(map) => {
            for key in ["detail"] {
                if let Some(detail) = map.get(key).and_then(opened).filter(|d| d.get("eventTypeCode").is_some()) {
                    found.push(Event { outer: value.clone(), detail, description: None });
                    return;
                }
            }
            if map.contains_key("eventTypeCode") {
                found.push(Event { outer: Value::Null, detail: value.clone(), description: None });
                return;
            }
            // The form of the Health API: the event beside its description.
            if let Some(event) = map.get("event").filter(|e| e.get("eventTypeCode").is_some()) {
                let mut detail = event.clone();
                // The API has the metadata beside the event, EventBridge in it.
                if let (Some(beside), Some(inside)) = (map.get("eventMetadata"), detail.as_object_mut()) {
                    inside.entry("eventMetadata").or_insert_with(|| beside.clone());
                }
                found.push(Event { outer: Value::Null, detail, description: map.get("eventDescription").cloned() });
                return;
            }
            // DescribeAffectedEntities names only the event's ARN.
            if let Some(list) = map.get("entities").and_then(Value::as_array).filter(|l| l.iter().any(|e| text(e, "eventArn").is_some())) {
                found.extend(affected(list));
                return;
            }
            map.values().for_each(|inner| collect(inner, depth - 1, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, depth - 1, found)),
        Value::String(_) => {
            if let Some(inner) = opened(value) {
                collect(&inner, depth - 1, found);
            }
        }
        _ => {}
    }
}

/// Affected entities by their event, in the form in which an event carries them.
fn affected(list: &[Value]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for entity in list.iter().take(10_000) {
        let Some(arn) = text(entity, "eventArn") else { continue };
        let account = text(entity, "awsAccountId").unwrap_or_default();
        let known = events.iter_mut().find(|e| text(&e.detail, "arn") == Some(arn) && text(&e.detail, "affectedAccount") == Some(account));
        match known.and_then(|e| e.detail.get_mut("affectedEntities")).and_then(Value::as_array_mut) {
            Some(entities) => entities.push(entity.clone()),
            None => {
                // The event's ARN has its Region and its code: arn:aws:health:REGION::event/SERVICE/CODE/ID.
                let code = arn.split('/').nth(2).filter(|c| c.starts_with("AWS_ABUSE") || c.starts_with("AWS_RISK"));
                let region = arn.split(':').nth(3).unwrap_or_default();
                let mut detail =
                    serde_json::json!({ "arn": arn, "region": region, "affectedAccount": account, "affectedEntities": [entity] });
                if let (Some(code), Some(map)) = (code, detail.as_object_mut()) {
                    map.insert("entityEventCode".to_owned(), Value::from(code));
                }
                events.push(Event { outer: Value::Null, detail, description: None });
            }
        }
    }
    events
}

/// A document with its keys written as the API's reference does: some SDKs print `EventTypeCode` for `eventTypeCode`.
fn camel(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(map) if depth > 0 => {
            let lower = |key: &String| {
                let mut chars = key.chars();
                chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
            };
            Value::Object(map.iter().map(|(key, inner)| (lower(key), camel(inner, depth - 1))).collect())
        }
        Value::Array(list) if depth > 0 => Value::Array(list.iter().map(|inner| camel(inner, depth - 1)).collect()),
        other => other.clone(),
    }
}

/// JSON, also when it stands in a string.
fn opened(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => serde_json::from_str(text).ok().map(|v| camel(&v, DEPTH * 2)),
        Value::Object(_) => Some(value.clone()),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

fn describe(event: &Event, received: Timestamp, incoming: &mut Incoming) {
    let Event { outer, detail, .. } = event;
    let code = text(detail, "eventTypeCode").or_else(|| text(detail, "entityEventCode")).unwrap_or_default();
    incoming.text = clean(&description(event));
    incoming.message_id = text(detail, "eventArn").or_else(|| text(detail, "arn")).map(str::to_owned);
    let assumed = Assumed::of("", received);
    let time = |value: Option<&str>| value.and_then(|v| find_all(v, &assumed).into_iter().next());
    // The AWS CLI prints times of the API as epoch seconds.
    let of_detail = |key: &str| {
        time(text(detail, key)).or_else(|| detail.get(key).and_then(Value::as_f64).and_then(|n| crate::times::epoch(&format!("{n:.0}"))))
    };
    let start = of_detail("startTime");
    incoming.date = time(text(outer, "time")).or_else(|| of_detail("lastUpdatedTime")).or_else(|| start.clone()).map(|t| t.at);
    let account = text(detail, "affectedAccount").or_else(|| text(outer, "account"));
    let stated = &mut incoming.stated;
    stated.category = categories::of_code(code);
    stated.communication_id = text(detail, "communicationId").map(str::to_owned);
    stated.account = account.filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned);
    // The outer Region is where the event was delivered, not where it happened.
    for region in text(detail, "eventRegion").or_else(|| text(detail, "region")).into_iter().flat_map(regions::find) {
        push_new(&mut stated.regions, region);
    }
    stated.closed = text(detail, "statusCode").is_some_and(|s| s.eq_ignore_ascii_case("closed"));
    stated.words.push(code.to_owned());
    stated.words.extend(text(detail, "startTime").map(|t| format!("startTime: {t}")));
    metadata(detail, &assumed, incoming);
}

/// The English description; any other if there is none.
fn description(event: &Event) -> String {
    let list = event.detail.get("eventDescription").or(event.description.as_ref());
    let one = |v: &Value| v.get("latestDescription").and_then(Value::as_str).or_else(|| v.as_str()).map(str::to_owned);
    match list {
        Some(Value::Array(all)) => {
            let english = all.iter().find(|d| text(d, "language").is_some_and(|l| l.starts_with("en")));
            english.or(all.first()).and_then(one).unwrap_or_default()
        }
        Some(other) => one(other).unwrap_or_default(),
        None => String::new(),
    }
}

/// What an event on exposed credentials adds: key, user, where it was found, until when to act.
fn metadata(detail: &Value, assumed: &Assumed, incoming: &mut Incoming) {
    let Some(map) = detail.get("eventMetadata").and_then(Value::as_object) else { return };
    for (key, value) in map {
        let Some(value) = value.as_str().map(str::trim).filter(|v| !v.is_empty()) else { continue };
        let stated = &mut incoming.stated;
        match key.to_ascii_lowercase().as_str() {
            "publickey" | "accesskeyid" | "accesskey" => {
                push_new(&mut stated.resources, resources::resource(abate_model::ResourceKind::AccessKey, value))
            }
            "username" => push_new(&mut stated.resources, resources::resource(abate_model::ResourceKind::IamUser, value)),
            "exposedurl" => push_new(&mut stated.urls, value.to_owned()),
            "accountid" if value.len() == 12 => stated.account = stated.account.take().or_else(|| Some(value.to_owned())),
            "deprecated_versions" | "accountid" => {}
            name if name.contains("dateplus") || name.contains("deadline") => {
                let due = find_with_dates(value, assumed).into_iter().next();
                match due {
                    Some(due) => stated.deadline = Some(if due.day_only { due.until } else { due.at }),
                    None => incoming.unread.push(format!("{key}: {value}")),
                }
            }
            _ => incoming.unread.push(format!("{key}: {value}")),
        }
    }
}

fn entities(event: &Event, incoming: &mut Incoming) {
    let detail = event.detail.get("affectedEntities").and_then(Value::as_array);
    let named = detail.into_iter().flatten().filter_map(|e| text(e, "entityValue"));
    let arns =
        ["resources", "Resources"].iter().filter_map(|k| event.outer.get(*k).and_then(Value::as_array)).flatten().filter_map(Value::as_str);
    for value in named.chain(arns).take(10_000) {
        let found = resources::find(value).into_iter().next();
        let stated = &mut incoming.stated;
        match found {
            Some(found) => {
                stated.account = stated.account.take().or(found.account);
                if let Some(region) = found.region.filter(|_| stated.regions.is_empty() || detail.is_none()) {
                    push_new(&mut stated.regions, region);
                }
                if !stated.resources.iter().any(|r| r.id == found.resource.id) {
                    stated.resources.push(found.resource);
                }
            }
            None if value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()) => {
                stated.account = stated.account.take().or_else(|| Some(value.to_owned()));
            }
            None => {
                let kind = match value {
                    v if v.starts_with("i-") => abate_model::ResourceKind::Ec2Instance,
                    v if v.parse::<std::net::IpAddr>().is_ok() => abate_model::ResourceKind::Address,
                    _ => abate_model::ResourceKind::Other,
                };
                push_new(&mut stated.resources, resources::resource(kind, value));
            }
        }
    }
}
