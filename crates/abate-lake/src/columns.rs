//! Rows as columns: the Arrow schema of each table, rows put into it, and rows taken out of it.
//!
//! In front of a record's own fields stand those that every row has: `time` (microseconds, UTC), `time_certainty`, `source` and
//! `source_path`, and the place in the source (`locator_kind` with `locator_at` and `locator_length`), so that the raw record can
//! be shown again from the table alone.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use abate_model::rows::record::{Cells, Columns, Field as Declared, Kind};
use abate_model::{Body, Locator, Row, SourceNo, Table, ZoneCertainty};
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use jiff::Timestamp;

use crate::chunk::{NONE, Words};
use crate::words::TextColumn;

/// The columns in front of a record's own: name, type, meaning.
pub(crate) const FRONT: [(&str, Kind, &str); 7] = [
    ("time", Kind::Time, "when it happened (flow records: when the aggregation began), UTC"),
    ("time_certainty", Kind::Text, "stated, assumed or unknown: how sure the time's zone is"),
    ("source", Kind::Number, "number of the source in the file that the row is in; `source_path` is what to join by"),
    ("source_path", Kind::Text, "path of the source in the case"),
    ("locator_kind", Kind::Text, "bytes, record or row: how the place in the source is counted"),
    ("locator_at", Kind::Number, "first byte of the decompressed stream, record number, or row group"),
    ("locator_length", Kind::Number, "bytes of the record, or row in the row group"),
];

/// The type of a column in Arrow.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Address => DataType::Utf8,
        Kind::Flag => DataType::Boolean,
        Kind::Number => DataType::UInt64,
        Kind::Float => DataType::Float64,
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Texts => DataType::List(Arc::new(item())),
    }
}

fn item() -> Field {
    Field::new("item", DataType::Utf8, true)
}

/// The kinds of a record's columns, in order.
fn kinds(record: &'static [Declared]) -> impl Iterator<Item = (&'static str, Kind)> {
    FRONT.iter().map(|(name, kind, _)| (*name, *kind)).chain(record.iter().map(|f| (f.name, f.kind)))
}

/// The name of a record's field as a column: one that has the name of a column in front of it is called `record_…`.
fn renamed(name: &str) -> String {
    if FRONT.iter().any(|(taken, ..)| *taken == name) { format!("record_{name}") } else { name.to_owned() }
}

/// The Arrow schema of a table, as its Parquet files have it.
#[must_use]
pub fn schema(table: Table) -> Arc<Schema> {
    schema_of(Body::fields(table))
}

/// The schema of records with these fields.
pub(crate) fn schema_of(record: &'static [Declared]) -> Arc<Schema> {
    let fields: Vec<Field> = kinds(record)
        .enumerate()
        .map(|(n, (name, kind))| Field::new(if n < FRONT.len() { name.to_owned() } else { renamed(name) }, data_type(kind), true))
        .collect();
    Arc::new(Schema::new(fields))
}

/// A column as people read about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// its name
    pub name: String,
    /// its type
    pub kind: Kind,
    /// the OCSF attribute that it is; empty where OCSF has none
    pub ocsf: &'static str,
    /// what it means
    pub doc: &'static str,
}

/// The columns of a table in the order of [`schema`], with what they mean.
#[must_use]
pub fn described(table: Table) -> Vec<Described> {
    let front = FRONT.iter().map(|(name, kind, doc)| Described { name: (*name).to_owned(), kind: *kind, ocsf: "", doc });
    let own = Body::fields(table).iter().map(|f| Described { name: renamed(f.name), kind: f.kind, ocsf: f.ocsf, doc: f.doc.trim() });
    front.chain(own).collect()
}

enum Column {
    Text(TextColumn),
    Flag(BooleanBuilder),
    Number(UInt64Builder),
    Float(Float64Builder),
    Time(TimestampMicrosecondBuilder),
    Texts(ListBuilder<StringBuilder>),
}

impl Column {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Address => Self::Text(TextColumn::default()),
            Kind::Flag => Self::Flag(BooleanBuilder::new()),
            Kind::Number => Self::Number(UInt64Builder::new()),
            Kind::Float => Self::Float(Float64Builder::new()),
            Kind::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::Texts => Self::Texts(ListBuilder::new(StringBuilder::new()).with_field(item())),
        }
    }

    /// So many rows, and none from here on.
    fn finish(&mut self, rows: usize) -> Done {
        self.fill(rows);
        let array: ArrayRef = match self {
            Self::Text(b) => return b.finish(),
            Self::Flag(b) => Arc::new(b.finish()),
            Self::Number(b) => Arc::new(b.finish()),
            Self::Float(b) => Arc::new(b.finish()),
            Self::Time(b) => Arc::new(b.finish()),
            Self::Texts(b) => ArrayBuilder::finish(b),
        };
        let empty = array.null_count() == array.len() && !matches!(self, Self::Texts(_));
        if empty { Done::Nulls(array.len()) } else { Done::Array(array) }
    }

    /// Fills the column up to so many rows with no value.
    fn fill(&mut self, rows: usize) {
        match self {
            Self::Text(b) => b.fill(rows),
            Self::Flag(b) if b.len() < rows => b.append_nulls(rows - b.len()),
            Self::Number(b) if b.len() < rows => b.append_nulls(rows - b.len()),
            Self::Float(b) if b.len() < rows => b.append_nulls(rows - b.len()),
            Self::Time(b) if b.len() < rows => b.append_nulls(rows - b.len()),
            Self::Texts(b) => (b.len()..rows).for_each(|_| b.append_null()),
            _ => {}
        }
    }
}

/// A column that is ready to be written.
pub(crate) enum Done {
    /// so many rows without a value
    Nulls(usize),
    /// few values
    Words(Words),
    /// any values
    Array(ArrayRef),
}

impl Done {
    /// The same rows in another order.
    pub fn ordered(self, order: &UInt32Array) -> Result<Self, ArrowError> {
        Ok(match self {
            Self::Nulls(rows) => Self::Nulls(rows),
            Self::Words(Words { values, rows }) => {
                let rows = order.values().iter().map(|n| rows.get(*n as usize).copied().unwrap_or(NONE)).collect();
                Self::Words(Words { values, rows })
            }
            Self::Array(array) => Self::Array(arrow_select::take::take(&array, order, None)?),
        })
    }
}

/// What every row has.
#[derive(Clone, Copy)]
pub(crate) struct Front<'a> {
    /// when
    pub at: Option<Timestamp>,
    /// how sure the zone is
    pub zone: ZoneCertainty,
    /// which source
    pub source: SourceNo,
    /// its path
    pub path: &'a str,
    /// where in it
    pub locator: Locator,
}

impl<'a> Front<'a> {
    /// Of a row.
    pub fn of(row: &Row<'_>, path: &'a str) -> Self {
        Self { at: row.at, zone: row.zone, source: row.source, path, locator: row.locator }
    }
}

/// Records of one kind on their way into columns. What a row lacks is filled up when a later row has it: most columns of most rows are empty.
pub(crate) struct Appender {
    schema: Arc<Schema>,
    columns: Vec<Column>,
    /// rows so far, with the one at hand
    rows: usize,
    /// the column that the next value is for
    next: usize,
    times: Vec<i64>,
    bytes: usize,
    text: String,
    /// the source of the row before
    source: Option<SourceNo>,
}

/// The time of a row in order: microseconds; rows without a time come first.
pub(crate) fn order(at: Option<Timestamp>) -> i64 {
    at.map_or(i64::MIN, Timestamp::as_microsecond)
}

impl Appender {
    /// No rows yet, of records with these fields.
    pub fn new(record: &'static [Declared]) -> Self {
        Self::of(schema_of(record), kinds(record).map(|(_, kind)| kind))
    }

    /// No rows yet, of these columns alone.
    pub fn plain(fields: &[(&'static str, Kind)]) -> Self {
        let named: Vec<Field> = fields.iter().map(|(name, kind)| Field::new(*name, data_type(*kind), true)).collect();
        Self::of(Arc::new(Schema::new(named)), fields.iter().map(|(_, kind)| *kind))
    }

    fn of(schema: Arc<Schema>, kinds: impl Iterator<Item = Kind>) -> Self {
        let columns = kinds.map(Column::of).collect();
        Self { schema, columns, rows: 0, next: 0, times: Vec::new(), bytes: 0, text: String::new(), source: None }
    }

    /// Adds a row of these columns alone; `put` hands out its values.
    pub fn add(&mut self, put: impl FnOnce(&mut Self)) {
        (self.next, self.rows) = (0, self.rows + 1);
        put(self);
        self.bytes += 8 * self.columns.len();
    }

    /// The columns' schema.
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes they take, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The times of the records, as [`order`] has them.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// Adds a record; `put` hands out its values.
    pub fn push(&mut self, front: Front<'_>, put: impl FnOnce(&mut Self)) {
        self.times.push(order(front.at));
        self.add(|row| {
            row.time(front.at);
            row.text(Some(certainty(front.zone)));
            row.number(Some(u64::from(front.source)));
            row.path(front);
            let (kind, at, length) = place(front.locator);
            row.text(Some(kind));
            row.number(Some(at));
            row.number(length);
            put(row);
        });
    }

    /// Adds a record of which only the time and its own values are kept.
    pub fn push_bare(&mut self, at: Option<Timestamp>, put: impl FnOnce(&mut Self)) {
        self.times.push(order(at));
        self.add(|row| {
            row.time(at);
            row.next = FRONT.len();
            put(row);
        });
    }

    /// The path of a row's source: a long text, and nearly always the one before.
    fn path(&mut self, front: Front<'_>) {
        self.bytes += front.path.len();
        let same = self.source.replace(front.source) == Some(front.source);
        if let Some((Column::Text(b), rows)) = self.column()
            && !(same && b.again())
        {
            b.push(front.path, rows);
        }
    }

    /// The rows so far, column by column, and none from here on.
    pub fn finish(&mut self) -> Vec<Done> {
        self.times.clear();
        (self.bytes, self.source) = (0, None);
        let rows = std::mem::take(&mut self.rows);
        self.columns.iter_mut().map(|column| column.finish(rows)).collect()
    }

    /// The next value's column, and how many rows came before.
    fn column(&mut self) -> Option<(&mut Column, usize)> {
        let column = self.columns.get_mut(self.next);
        self.next += 1;
        column.map(|column| (column, self.rows - 1))
    }

    /// Passes over the next value's column.
    fn nothing(&mut self) {
        self.next += 1;
    }
}

impl Columns for Appender {
    fn text(&mut self, value: Option<&str>) {
        let Some(value) = value else { return self.nothing() };
        self.bytes += value.len();
        if let Some((Column::Text(b), rows)) = self.column() {
            b.push(value, rows);
        }
    }

    fn flag(&mut self, value: Option<bool>) {
        let Some(value) = value else { return self.nothing() };
        if let Some((Column::Flag(b), rows)) = self.column() {
            if b.len() < rows {
                b.append_nulls(rows - b.len());
            }
            b.append_value(value);
        }
    }

    fn number(&mut self, value: Option<u64>) {
        let Some(value) = value else { return self.nothing() };
        if let Some((Column::Number(b), rows)) = self.column() {
            if b.len() < rows {
                b.append_nulls(rows - b.len());
            }
            b.append_value(value);
        }
    }

    fn float(&mut self, value: Option<f64>) {
        let Some(value) = value else { return self.nothing() };
        if let Some((Column::Float(b), rows)) = self.column() {
            if b.len() < rows {
                b.append_nulls(rows - b.len());
            }
            b.append_value(value);
        }
    }

    fn time(&mut self, value: Option<Timestamp>) {
        let Some(value) = value else { return self.nothing() };
        if let Some((Column::Time(b), rows)) = self.column() {
            if b.len() < rows {
                b.append_nulls(rows - b.len());
            }
            b.append_value(value.as_microsecond());
        }
    }

    fn address(&mut self, value: Option<IpAddr>) {
        let Some(address) = value else { return self.nothing() };
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        written(address, &mut text);
        self.text(Some(&text));
        self.text = text;
    }

    fn texts(&mut self, values: &mut dyn Iterator<Item = Cow<'_, str>>) {
        let mut bytes = 0;
        if let Some((Column::Texts(b), rows)) = self.column() {
            (b.len()..rows).for_each(|_| b.append_null());
            for value in values {
                bytes += value.len();
                b.values().append_value(value);
            }
            b.append(true);
        }
        self.bytes += bytes;
    }
}

enum Cell {
    Text(StringArray),
    Flag(BooleanArray),
    Number(UInt64Array),
    Float(Float64Array),
    Time(TimestampMicrosecondArray),
    Texts(ListArray),
    /// a column that is missing or of another type
    Missing,
}

/// Rows that can be looked at, by their number.
pub(crate) struct Rows {
    cells: Vec<Cell>,
    length: usize,
}

impl Rows {
    /// The rows of a batch of records with these fields; what columns it lacks are empty.
    pub fn of(record: &'static [Declared], batch: &RecordBatch) -> Self {
        let schema = schema_of(record);
        let cells = kinds(record)
            .zip(schema.fields())
            .map(|((_, kind), field)| batch.column_by_name(field.name()).map_or(Cell::Missing, |array| cell(kind, array)));
        Self { cells: cells.collect(), length: batch.num_rows() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// What every row has, and where the record's own values begin.
    pub fn front(&self, row: usize) -> (Front<'_>, Taker<'_>) {
        let mut taker = Taker { cells: &self.cells, row, next: 0 };
        let at = taker.time();
        let zone = taker.text().and_then(certainty_of).unwrap_or(ZoneCertainty::Unknown);
        let source = taker.number().and_then(|n| SourceNo::try_from(n).ok()).unwrap_or_default();
        let path = taker.text().unwrap_or_default();
        let (kind, first, second) = (taker.text(), taker.number().unwrap_or_default(), taker.number().unwrap_or_default());
        let locator = match kind {
            Some("record") => Locator::Record { n: first },
            Some("row") => Locator::Row { group: first, row: second },
            _ => Locator::Bytes { offset: first, length: second },
        };
        (Front { at, zone, source, path, locator }, taker)
    }

    /// A row of a table.
    pub fn row(&self, table: Table, row: usize) -> Row<'_> {
        let (front, mut taker) = self.front(row);
        Row { at: front.at, zone: front.zone, source: front.source, locator: front.locator, body: Body::take(table, &mut taker) }
    }
}

/// The values of one row.
pub(crate) struct Taker<'a> {
    cells: &'a [Cell],
    row: usize,
    next: usize,
}

impl<'a> Taker<'a> {
    fn cell(&mut self) -> &'a Cell {
        self.next += 1;
        self.cells.get(self.next - 1).unwrap_or(&Cell::Missing)
    }
}

fn cell(kind: Kind, array: &ArrayRef) -> Cell {
    let found = match kind {
        Kind::Text | Kind::Address => array.as_string_opt::<i32>().cloned().map(Cell::Text),
        Kind::Flag => array.as_boolean_opt().cloned().map(Cell::Flag),
        Kind::Number => array.as_primitive_opt::<UInt64Type>().cloned().map(Cell::Number),
        Kind::Float => array.as_primitive_opt::<Float64Type>().cloned().map(Cell::Float),
        Kind::Time => array.as_primitive_opt::<TimestampMicrosecondType>().cloned().map(Cell::Time),
        Kind::Texts => array.as_list_opt::<i32>().cloned().map(Cell::Texts),
    };
    found.unwrap_or(Cell::Missing)
}

impl<'a> Cells<'a> for Taker<'a> {
    fn text(&mut self) -> Option<&'a str> {
        let row = self.row;
        match self.cell() {
            Cell::Text(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn flag(&mut self) -> Option<bool> {
        let row = self.row;
        match self.cell() {
            Cell::Flag(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<u64> {
        let row = self.row;
        match self.cell() {
            Cell::Number(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn float(&mut self) -> Option<f64> {
        let row = self.row;
        match self.cell() {
            Cell::Float(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn time(&mut self) -> Option<Timestamp> {
        let row = self.row;
        match self.cell() {
            Cell::Time(array) if array.is_valid(row) => Timestamp::from_microsecond(array.value(row)).ok(),
            _ => None,
        }
    }

    fn address(&mut self) -> Option<IpAddr> {
        self.text().and_then(|text| text.parse().ok())
    }

    fn texts(&mut self) -> Vec<&'a str> {
        let row = self.row;
        let Cell::Texts(array) = self.cell() else { return Vec::new() };
        if !array.is_valid(row) {
            return Vec::new();
        }
        let (from, to) = (array.value_offsets().get(row).copied(), array.value_offsets().get(row + 1).copied());
        let (Some(from), Some(to), Some(values)) = (from, to, array.values().as_string_opt::<i32>()) else { return Vec::new() };
        (from..to).filter_map(|n| usize::try_from(n).ok()).filter(|n| values.is_valid(*n)).map(|n| values.value(n)).collect()
    }
}

/// An address as text.
pub(crate) fn text_of(address: IpAddr) -> String {
    let mut text = String::with_capacity(15);
    written(address, &mut text);
    text
}

fn written(address: IpAddr, text: &mut String) {
    use std::fmt::Write;
    match address {
        // The common case by hand: `Display` takes several times as long.
        IpAddr::V4(v4) => dotted(v4.octets(), text),
        // Writing into a text does not fail.
        IpAddr::V6(v6) => drop(write!(text, "{v6}")),
    }
}

/// Writes an IPv4 address.
fn dotted(octets: [u8; 4], text: &mut String) {
    let digit = |n: u8| char::from(b'0' + n % 10);
    for (n, octet) in octets.into_iter().enumerate() {
        if n > 0 {
            text.push('.');
        }
        if octet >= 100 {
            text.push(digit(octet / 100));
        }
        if octet >= 10 {
            text.push(digit(octet / 10));
        }
        text.push(digit(octet));
    }
}

const fn certainty(zone: ZoneCertainty) -> &'static str {
    match zone {
        ZoneCertainty::Stated => "stated",
        ZoneCertainty::Assumed => "assumed",
        ZoneCertainty::Unknown => "unknown",
    }
}

fn certainty_of(word: &str) -> Option<ZoneCertainty> {
    [ZoneCertainty::Stated, ZoneCertainty::Assumed, ZoneCertainty::Unknown].into_iter().find(|zone| certainty(*zone) == word)
}

const fn place(locator: Locator) -> (&'static str, u64, Option<u64>) {
    match locator {
        Locator::Bytes { offset, length } => ("bytes", offset, Some(length)),
        Locator::Record { n } => ("record", n, None),
        Locator::Row { group, row } => ("row", group, Some(row)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_display_has_them() {
        for octets in [[0, 9, 10, 99], [100, 109, 110, 255], [200, 1, 20, 0], [7, 70, 170, 101]] {
            let mut text = String::new();
            dotted(octets, &mut text);
            assert_eq!(text, IpAddr::from(octets).to_string());
        }
    }
}
