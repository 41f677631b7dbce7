//! The JSON forms of an event.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::WindowsEvent;

type Object = Map<String, Value>;
type Event = WindowsEvent<'static>;

/// Reads one object.
pub(super) fn read(text: &str) -> Result<Event, &'static str> {
    let value: Value = serde_json::from_str(text).map_err(|_| "no valid JSON object")?;
    let Value::Object(top) = value else { return Err("no valid JSON object") };
    let event = object(&top, "Event").unwrap_or(&top);
    let read = match (object(event, "System"), object(event, "winlog")) {
        (Some(system), _) => nested(system, event),
        (_, Some(winlog)) => beat(winlog, event),
        _ => flat(event),
    };
    read.ok_or("no event number and log where an event has them")
}

fn object<'v>(map: &'v Object, name: &str) -> Option<&'v Object> {
    map.get(name)?.as_object()
}

/// A value as text; an element with attributes has its text under a key of its own.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(map) => text(map.get("#text")?),
        Value::Null | Value::Array(_) => None,
    }
}

fn at(map: &Object, name: &str) -> Option<String> {
    text(map.get(name)?).filter(|text| !text.is_empty())
}

fn owned(value: Option<String>) -> Option<Cow<'static, str>> {
    value.map(Cow::Owned)
}

fn number<T: std::str::FromStr>(value: Option<String>) -> Option<T> {
    value?.trim().parse().ok()
}

/// An attribute, which stands under `#attributes` or beside the element under its name with `_attributes`.
fn attribute(map: &Object, element: &str, name: &str) -> Option<String> {
    let inside = object(map, element).map(|element| object(element, "#attributes").unwrap_or(element));
    let beside = || object(map, &format!("{element}_attributes"));
    inside.and_then(|a| at(a, name)).or_else(|| at(beside()?, name))
}

/// All values of an object, however deep, under their own names.
fn spread(name: &str, value: &Value, fields: &mut Vec<(Cow<'static, str>, Cow<'static, str>)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| !key.ends_with("#attributes") && !key.ends_with("_attributes")) {
                spread(if key == "#text" { name } else { key }, value, fields);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| spread(name, value, fields)),
        Value::Null => {}
        _ => fields.push((Cow::Owned(name.to_owned()), Cow::Owned(text(value).unwrap_or_default()))),
    }
}

/// As the XML has it.
fn nested(system: &Object, event: &Object) -> Option<Event> {
    let mut fields = Vec::new();
    for (name, value) in event.iter().filter(|(name, _)| !matches!(name.as_str(), "System" | "RenderingInfo" | "#attributes")) {
        spread(name, value, &mut fields);
    }
    Some(WindowsEvent {
        provider: owned(attribute(system, "Provider", "Name")).unwrap_or_default(),
        id: number(at(system, "EventID"))?,
        channel: owned(at(system, "Channel")).unwrap_or_default(),
        computer: owned(at(system, "Computer")),
        level: owned(at(system, "Level")),
        record: number(at(system, "EventRecordID")),
        time: owned(attribute(system, "TimeCreated", "SystemTime")),
        pid: number(attribute(system, "Execution", "ProcessID")),
        user: owned(attribute(system, "Security", "UserID")),
        message: object(event, "RenderingInfo").and_then(|info| owned(at(info, "Message"))),
        fields,
    })
}

/// As Winlogbeat sends it.
fn beat(winlog: &Object, event: &Object) -> Option<Event> {
    let mut fields = Vec::new();
    for name in ["event_data", "user_data"] {
        if let Some(value) = winlog.get(name) {
            spread(name, value, &mut fields);
        }
    }
    Some(WindowsEvent {
        provider: owned(at(winlog, "provider_name")).unwrap_or_default(),
        id: number(at(winlog, "event_id"))?,
        channel: owned(at(winlog, "channel")).unwrap_or_default(),
        computer: owned(at(winlog, "computer_name")),
        level: object(event, "log").and_then(|log| owned(at(log, "level"))),
        record: number(at(winlog, "record_id")),
        time: owned(at(event, "@timestamp")),
        pid: object(winlog, "process").and_then(|process| number(at(process, "pid"))),
        user: object(winlog, "user").and_then(|user| owned(at(user, "identifier"))),
        message: owned(at(event, "message")),
        fields,
    })
}

/// What a flat form says of the event itself: the others are its data.
const OWN: &[&str] = &[
    "EventID",
    "Channel",
    "Provider",
    "UserSID",
    "EventTime",
    "OSPath",
    "SourceName",
    "ProviderName",
    "Hostname",
    "Computer",
    "RecordNumber",
    "EventRecordID",
    "Message",
];

/// All fields side by side (NXLog).
fn flat(event: &Object) -> Option<Event> {
    let first = |names: &[&str]| names.iter().find_map(|name| at(event, name));
    let mut fields = Vec::new();
    for (name, value) in event.iter().filter(|(name, _)| !OWN.contains(&name.as_str()) && !name.starts_with('@')) {
        spread(name, value, &mut fields);
    }
    Some(WindowsEvent {
        provider: owned(first(&["SourceName", "ProviderName", "Provider"])).unwrap_or_default(),
        id: number(at(event, "EventID"))?,
        channel: Cow::Owned(at(event, "Channel")?),
        computer: owned(first(&["Hostname", "Computer"])),
        level: owned(first(&["Level", "Severity"])),
        record: number(first(&["RecordNumber", "EventRecordID"])),
        time: owned(first(&["@timestamp", "TimeCreated", "EventTime"])),
        pid: number(at(event, "ExecutionProcessID")),
        user: owned(first(&["UserID", "UserSID"])),
        message: owned(at(event, "Message")),
        fields,
    })
}
