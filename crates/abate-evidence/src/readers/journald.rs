//! The systemd journal as JSON (`journalctl -o json`, also `json-pretty` and `json-seq`).
//!
//! An entry becomes what the same line of the same program becomes in syslog. A message that is no clean text comes as a list of
//! bytes; a field that was given several times comes as a list, of which the first counts. Audit records in the journal are read as
//! such.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead};

use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::audit::Event;
use super::audit_record::Record;
use super::audit_rows;
use super::linux::Said;
use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// What the journal never has, in whatever form it is written out.
pub(super) const NEVER_CONTAINS: &[Text] = &[
    Text::fixed(
        "what the journal's size limit or a restart (a journal in memory only) removed",
        "ジャーナルの容量上限や再起動（メモリ上のみの場合）で消えた記録",
    ),
    Text::fixed(
        "what the export's own filter (unit, time, priority) left out",
        "エクスポート時の条件（ユニット、期間、優先度）で除外された記録",
    ),
    Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
];

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "journald",
    title: Text::fixed("systemd journal (journalctl -o json)", "systemd ジャーナル（journalctl -o json）"),
    tables: &[
        Table::Authentication,
        Table::AccountChange,
        Table::ProcessActivity,
        Table::ScheduledJobActivity,
        Table::EventLogActivity,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: NEVER_CONTAINS,
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    // Entries of `json-seq` begin with a record separator.
    let bytes = head.bytes.strip_prefix(b"\x1e").unwrap_or(head.bytes);
    let head = Head::new(head.path, bytes, head.whole);
    let shape = Shape::of(&head)?;
    let prefix = shape.under(&["", "[]."], &["__REALTIME_TIMESTAMP"])?;
    let more = ["MESSAGE", "_BOOT_ID", "__CURSOR", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_PID"];
    more.iter().any(|name| shape.has(&format!("{prefix}{name}"))).then(|| format!("JSON key {prefix}__REALTIME_TIMESTAMP"))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let entry: Entry<'_> = serde_json::from_str(&text).map_err(|_| Refusal::malformed("an entry is no valid JSON object"))?;
        entry.emit(place, sink).map_err(Refusal::malformed)
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow, rename = "__REALTIME_TIMESTAMP")]
    realtime: Value<'a>,
    #[serde(borrow, rename = "_HOSTNAME")]
    host: Value<'a>,
    #[serde(borrow, rename = "SYSLOG_IDENTIFIER")]
    identifier: Value<'a>,
    #[serde(borrow, rename = "_COMM")]
    comm: Value<'a>,
    #[serde(borrow, rename = "_PID")]
    pid: Value<'a>,
    #[serde(borrow, rename = "SYSLOG_PID")]
    syslog_pid: Value<'a>,
    #[serde(borrow, rename = "MESSAGE")]
    message: Value<'a>,
    #[serde(borrow, rename = "_TRANSPORT")]
    transport: Value<'a>,
    #[serde(borrow, rename = "_AUDIT_TYPE_NAME")]
    audit_type: Value<'a>,
    #[serde(borrow, rename = "_AUDIT_ID")]
    audit_id: Value<'a>,
}

impl<'a> Entry<'a> {
    /// Takes a field of the journal. Of a field that comes several times, the first counts.
    pub fn set(&mut self, name: &str, text: Cow<'a, str>) {
        let field = match name {
            "__REALTIME_TIMESTAMP" => &mut self.realtime,
            "_HOSTNAME" => &mut self.host,
            "SYSLOG_IDENTIFIER" => &mut self.identifier,
            "_COMM" => &mut self.comm,
            "_PID" => &mut self.pid,
            "SYSLOG_PID" => &mut self.syslog_pid,
            "MESSAGE" => &mut self.message,
            "_TRANSPORT" => &mut self.transport,
            "_AUDIT_TYPE_NAME" => &mut self.audit_type,
            "_AUDIT_ID" => &mut self.audit_id,
            _ => return,
        };
        field.text.get_or_insert(text);
    }

    /// Whether the entry has words.
    pub fn has_message(&self) -> bool {
        self.message.text.is_some()
    }

    /// Hands the entry out, or says why it is none.
    pub fn emit(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), &'static str> {
        let micros = self.realtime.text.as_deref().and_then(|t| t.parse().ok()).and_then(|t| Timestamp::from_microsecond(t).ok());
        let at = micros.ok_or("an entry without __REALTIME_TIMESTAMP in microseconds")?;
        let mut row = |body: Body<'_>| {
            sink.row(Row { at: Some(at), zone: ZoneCertainty::Stated, source: 0, locator: place.locator(), body }, place.bytes);
        };
        match self.audit(at) {
            Some(event) => audit_rows::bodies(&event, &mut row),
            None => row(self.said().body()),
        }
        Ok(())
    }

    fn said(&self) -> Said<'_> {
        let filled = |value: &'_ str| !value.is_empty();
        let program = self.identifier.text.as_deref().filter(|t| filled(t)).or(self.comm.text.as_deref());
        let number = |value: &Value<'_>| value.text.as_deref().and_then(|t| t.parse().ok());
        Said {
            host: self.host.text.as_deref(),
            program,
            pid: number(&self.syslog_pid).or_else(|| number(&self.pid)),
            message: self.message.text.as_deref().unwrap_or_default(),
        }
    }

    /// The entry as an audit record, if it is one. The journal keeps the records of an event apart.
    fn audit(&self, at: Timestamp) -> Option<Event> {
        let kind = self.audit_type.text.as_deref().filter(|_| self.transport.text.as_deref() == Some("audit"))?;
        let message = self.message.text.as_deref()?;
        let rest = message.strip_prefix(kind).unwrap_or(message);
        let serial = self.audit_id.text.as_deref().and_then(|t| t.parse().ok()).unwrap_or_default();
        Some(Event::of_one((at, ZoneCertainty::Stated), self.host.text.as_deref(), serial, Record::of(kind, rest, true)))
    }
}

/// A field's text: a string, a list of bytes, the first of several values.
#[derive(Debug, Default)]
struct Value<'a> {
    text: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// What may stand in a list: a byte, or one of several values.
enum Item<'a> {
    Byte(u8),
    Value(Value<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let byte = value.text.as_deref().filter(|t| t.len() <= 3).and_then(|t| t.parse().ok());
        Ok(byte.map_or(Item::Value(value), Item::Byte))
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Borrowed(v)) })
    }
    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Owned(v.to_owned())) })
    }
    fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Borrowed(if v { "true" } else { "false" })) })
    }
    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Owned(v.to_string())) })
    }
    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Owned(v.to_string())) })
    }
    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        Ok(Value { text: Some(Cow::Owned(v.to_string())) })
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut bytes, mut first) = (Vec::new(), None);
        while let Some(item) = seq.next_element::<Item<'de>>()? {
            match item {
                Item::Byte(byte) => bytes.push(byte),
                Item::Value(value) => first = first.or(value.text),
            }
        }
        Ok(Value { text: first.or_else(|| (!bytes.is_empty()).then(|| Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))) })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::default())
    }
}
