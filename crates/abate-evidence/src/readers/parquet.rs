//! Parquet files: Security Lake's OCSF records, flow logs that are delivered as Parquet, CloudTrail and other records whose
//! columns have the names that the JSON form has. The file is held whole, since its index stands at its end.
//!
//! Each row is shown as JSON, which is also how it is recognised: whoever knows the JSON form reads it. Columns of flow logs and of
//! flattened CloudTrail tables have readers of their own.

use std::cell::Cell;
use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};

use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::{Timestamp, civil};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::record::{Field, Row as Record};
use serde_json::{Map, Value};

use super::{cloudtrail_columns, mixed_json, parquet_check, vpc_flow};
use crate::guard::read_head;
use crate::{Limits, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "parquet",
    title: Text::fixed("Parquet file (Security Lake, flow logs)", "Parquet ファイル（Security Lake、フローログ）"),
    tables: &[
        Table::ApiActivity,
        Table::NetworkActivity,
        Table::DnsActivity,
        Table::HttpActivity,
        Table::Authentication,
        Table::DetectionFinding,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed("what the sources set up for the collection do not record", "収集対象に設定したソースが記録しない出来事"),
        Text::fixed("fields of the original log that have no column", "対応する列がない元ログのフィールド"),
    ],
    sniff: |head| head.bytes.starts_with(MAGIC).then(|| "first bytes PAR1".to_owned()),
    read,
};

const MAGIC: &[u8] = b"PAR1";

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let limits = sink.limits();
    let (bytes, error) = read_head(input, limits.max_document.saturating_add(1));
    if let Some(error) = error {
        return Err(error);
    }
    let size = bytes.len() as u64;
    let whole = Some(Locator::Bytes { offset: 0, length: size });
    if size == 0 {
        return Ok(());
    }
    if size > limits.max_document {
        let rest = io::copy(input, &mut io::sink())?;
        let reason = format!("the Parquet file is larger than {} bytes, which is more than is held at once", limits.max_document);
        sink.loss(LossKind::OverLimit, reason, whole, size.saturating_add(rest));
        return Ok(());
    }
    if let Err((kind, reason)) = rows(bytes, ctx, sink) {
        sink.loss(kind, reason, whole, size);
    }
    Ok(())
}

type Failure = (LossKind, String);

fn said(reason: &'static str) -> Failure {
    let kind = match reason {
        _ if reason.contains("cut off") => LossKind::Truncated,
        _ if reason.contains("encrypted") => LossKind::NotSupported,
        _ if reason.contains("more than") || reason.contains("too deep") => LossKind::OverLimit,
        _ => LossKind::Malformed,
    };
    (kind, reason.to_owned())
}

fn rows(bytes: Vec<u8>, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Failure> {
    parquet_check::footer(&bytes).map_err(said)?;
    let bytes = bytes::Bytes::from(bytes);
    let file = guarded(|| SerializedFileReader::new(bytes.clone()))?;
    let metadata = file.metadata();
    parquet_check::columns(&bytes, metadata, &sink.limits()).map_err(said)?;
    let schema = metadata.file_metadata().schema();
    let names: Vec<String> = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let form = Form::of(&names);
    for n in 0..metadata.num_row_groups() {
        let stated = u64::try_from(metadata.row_group(n).num_rows()).unwrap_or(0);
        if stated == 0 {
            continue;
        }
        let group = guarded(|| file.get_row_group(n));
        let packed = u64::try_from(metadata.row_group(n).compressed_size()).unwrap_or(0);
        let place = Locator::Row { group: n as u64, row: 0 };
        let done = group.map_err(|error| (0, error)).and_then(|group| group_rows(&*group, n as u64, stated, &form, ctx, sink));
        if let Err((row, (kind, reason))) = done {
            let at = if row > 0 { Locator::Row { group: n as u64, row } } else { place };
            sink.loss(kind, format!("the rest of a row group cannot be read: {reason}"), Some(at), packed);
        }
    }
    Ok(())
}

/// What the library makes of a file, whatever it does: it may panic on a damaged one.
fn guarded<T>(get: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(get)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err((LossKind::Malformed, short(&error.to_string()))),
        Err(_) => Err((LossKind::Malformed, "the Parquet file is damaged".to_owned())),
    }
}

/// The first words of an error, without the numbers that would make every one the only one of its kind.
fn short(text: &str) -> String {
    let words = text.split_whitespace().take(16).map(|word| if word.bytes().any(|b| b.is_ascii_digit()) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(160).collect()
}

fn group_rows(
    group: &dyn RowGroupReader,
    n: u64,
    stated: u64,
    form: &Form,
    ctx: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<(), (u64, Failure)> {
    let mut rows = guarded(|| group.get_row_iter(None)).map_err(|error| (0, error))?;
    for row in 0..stated {
        let place = Locator::Row { group: n, row };
        let next = guarded(|| rows.next().transpose()).map_err(|error| (row, error))?;
        let Some(record) = next else {
            return Err((row, (LossKind::Malformed, "it has fewer rows than it says".to_owned())));
        };
        let raw = object(&record).to_string();
        if let Err((kind, reason)) = form.emit(&record, &raw, place, ctx, sink) {
            sink.loss(kind, reason, Some(place), raw.len() as u64);
        }
    }
    Ok(())
}

/// What the columns say that the rows are.
enum Form {
    Flow(vpc_flow::Named),
    /// names as CloudTrail's tables are asked for
    CloudTrail(Vec<String>),
    /// anything else, with the reader that knew the last row
    Json(Cell<Option<&'static Reader>>),
}

impl Form {
    fn of(names: &[String]) -> Self {
        if let Some(named) = vpc_flow::Named::of(names) {
            return Self::Flow(named);
        }
        let plain: Vec<String> = names.iter().map(|name| cloudtrail_columns::plain(name)).collect();
        let has = |name: &str| plain.iter().any(|n| n == name);
        let event = has("eventname") && has("eventsource") && has("eventtime");
        // Columns with structs in them are records as they are.
        if event { Self::CloudTrail(plain) } else { Self::Json(Cell::default()) }
    }

    fn emit(&self, record: &Record, raw: &str, place: Locator, ctx: &ReadContext, sink: &mut dyn Sink) -> Result<(), Failure> {
        match self {
            Self::Flow(named) => {
                let words: Vec<String> = record.get_column_iter().map(|(_, field)| flow_word(field)).collect();
                let (at, net) = named.flow(&words.join(" ")).map_err(|reason| (LossKind::Malformed, reason.to_owned()))?;
                let zone = if at.is_some() { ZoneCertainty::Stated } else { ZoneCertainty::Unknown };
                sink.row(Row { at, zone, source: 0, locator: place, body: Body::Net(net) }, raw.as_bytes());
                Ok(())
            }
            Self::CloudTrail(names) => {
                let values: Vec<String> = record.get_column_iter().map(|(_, field)| plain_text(field)).collect();
                let get = |wanted: &[&str]| {
                    let at = wanted.iter().find_map(|name| names.iter().position(|n| n == name))?;
                    values.get(at).map(String::as_str).filter(|value| !value.is_empty() && *value != "-")
                };
                let row = cloudtrail_columns::row(&get, place, ctx).map_err(|refusal| (refusal.kind, refusal.reason))?;
                sink.row(row, raw.as_bytes());
                Ok(())
            }
            Self::Json(last) => {
                let mut placed = Placed { sink, place };
                mixed_json::record(raw, last, ctx, &mut placed).map_err(|refusal| (refusal.kind, refusal.reason))
            }
        }
    }
}

/// Hands on what the reader of a row's JSON says, with the row's place.
struct Placed<'s> {
    sink: &'s mut dyn Sink,
    place: Locator,
}

impl Sink for Placed<'_> {
    fn row(&mut self, mut row: Row<'_>, raw: &[u8]) {
        row.locator = self.place;
        self.sink.row(row, raw);
    }
    fn loss(&mut self, kind: LossKind, reason: String, _: Option<Locator>, bytes: u64) {
        self.sink.loss(kind, reason, Some(self.place), bytes);
    }
    fn limits(&self) -> Limits {
        self.sink.limits()
    }
}

/// A value between the spaces of a line of a flow log.
fn flow_word(field: &Field) -> String {
    let text = match field {
        Field::TimestampMillis(millis) => millis.div_euclid(1000).to_string(),
        Field::TimestampMicros(micros) => micros.div_euclid(1_000_000).to_string(),
        other => plain_text(other),
    };
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c == ',') { "-".to_owned() } else { text }
}

fn plain_text(field: &Field) -> String {
    match value(field) {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn object(record: &Record) -> Value {
    let filled = record.get_column_iter().map(|(name, field)| (name.clone(), value(field)));
    Value::Object(filled.filter(|(_, value)| !value.is_null()).collect())
}

fn value(field: &Field) -> Value {
    let time = |at: Option<Timestamp>| at.map_or(Value::Null, |at| Value::String(at.to_string()));
    match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::Bool(*truth),
        Field::Byte(n) => (*n).into(),
        Field::Short(n) => (*n).into(),
        Field::Int(n) => (*n).into(),
        Field::Long(n) => (*n).into(),
        Field::UByte(n) => (*n).into(),
        Field::UShort(n) => (*n).into(),
        Field::UInt(n) => (*n).into(),
        Field::ULong(n) => (*n).into(),
        Field::Float16(n) => f64::from(*n).into(),
        Field::Float(n) => f64::from(*n).into(),
        Field::Double(n) => (*n).into(),
        Field::Str(text) => Value::String(text.clone()),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::String(text.to_owned()),
            Err(_) => Value::String(data_encoding::HEXLOWER.encode(bytes.data())),
        },
        Field::Decimal(decimal) => Value::String(data_encoding::HEXLOWER.encode(decimal.data())),
        Field::Date(days) => {
            let date = civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(*days).unwrap_or_default());
            date.map_or(Value::Null, |date| Value::String(date.to_string()))
        }
        Field::TimeMillis(n) => (*n).into(),
        Field::TimeMicros(n) => (*n).into(),
        Field::TimestampMillis(millis) => time(Timestamp::from_millisecond(*millis).ok()),
        Field::TimestampMicros(micros) => time(Timestamp::from_microsecond(*micros).ok()),
        Field::Group(record) => object(record),
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(value).collect()),
        Field::MapInternal(map) => {
            let pairs = map.entries().iter().map(|(key, field)| (plain_text(key), value(field)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
