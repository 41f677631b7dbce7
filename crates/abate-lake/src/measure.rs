//! What reading costs without what stands around it: from the bytes of a log to Arrow arrays. For the benchmark.

use std::sync::Arc;

use abate_evidence::{Head, Limits, ReadContext, Reader, Sink, readers};
use abate_model::{Body, Locator, LossKind, Row, Table};
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::chunk::{NONE, Words};
use crate::columns::{Appender, Done, Front};
use crate::write::{GROUP, GROUP_BYTES};

/// What came out of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// id of the reader that took it
    pub format: &'static str,
    /// rows
    pub rows: u64,
    /// losses
    pub losses: u64,
    /// bytes of the arrays, about
    pub bytes: u64,
}

/// Reads the bytes of a log into Arrow arrays, which are dropped again; `None` when no reader takes it. Times without a year count
/// from now.
#[must_use]
pub fn to_arrow(bytes: &[u8], now: Timestamp) -> Option<Read> {
    let head = Head::new("", bytes.get(..64 << 10).unwrap_or(bytes), false);
    let reader: &'static Reader = readers::all().iter().find(|reader| (reader.sniff)(&head).is_some())?;
    let read = Read { format: reader.id, rows: 0, losses: 0, bytes: 0 };
    let mut arrays = Arrays { tables: Vec::new(), read };
    let context = ReadContext { reference: now, zone: TimeZone::UTC };
    (reader.read)(&mut { bytes }, &context, &mut arrays).ok()?;
    arrays.finish().ok()
}

struct Arrays {
    tables: Vec<(Table, Appender)>,
    read: Read,
}

impl Arrays {
    fn finish(mut self) -> Result<Read, ArrowError> {
        for (_, appender) in &mut self.tables {
            self.read.bytes += size(appender)?;
        }
        Ok(self.read)
    }
}

fn size(appender: &mut Appender) -> Result<u64, ArrowError> {
    let arrays = appender.finish().into_iter().map(Done::array).collect::<Result<Vec<_>, _>>()?;
    Ok(arrays.iter().map(|array| array.get_array_memory_size() as u64).sum())
}

impl Sink for Arrays {
    fn row(&mut self, row: Row<'_>, _raw: &[u8]) {
        let table = row.table();
        let at = self.tables.iter().position(|(of, _)| *of == table).unwrap_or_else(|| {
            self.tables.push((table, Appender::new(Body::fields(table))));
            self.tables.len() - 1
        });
        let Some((_, appender)) = self.tables.get_mut(at) else { return };
        appender.push(Front::of(&row, "measured"), |columns| row.body.put(columns));
        self.read.rows += 1;
        if appender.rows() >= GROUP || appender.bytes() >= GROUP_BYTES {
            // A column that cannot be built shows in the figures of the benchmark.
            self.read.bytes += size(appender).unwrap_or_default();
        }
    }

    fn loss(&mut self, _kind: LossKind, _reason: String, _at: Option<Locator>, _bytes: u64) {
        self.read.losses += 1;
    }

    fn limits(&self) -> Limits {
        Limits::default()
    }
}

impl Done {
    /// As an Arrow array.
    fn array(self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Nulls(rows) => new_null_array(&DataType::Utf8, rows),
            Self::Words(Words { values, rows }) => {
                let rows: Int32Array = if rows.contains(&NONE) {
                    rows.into_iter().map(|number| (number != NONE).then_some(number)).collect()
                } else {
                    rows.into()
                };
                Arc::new(DictionaryArray::<Int32Type>::try_new(rows, Arc::new(StringArray::from_iter_values(values)))?)
            }
            Self::Array(array) => array,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_arrays_with_as_many_rows_as_it_has_lines() {
        let log: String = (0..70_000)
            .map(|n| format!("Nov 24 08:27:{:02} web1 sshd[{n}]: Failed password for root from 192.0.2.{} port 22 ssh2\n", n % 60, n % 256))
            .collect();
        let read = to_arrow(log.as_bytes(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((read.format, read.rows, read.losses), ("syslog", 70_000, 0));
        assert!(read.bytes > 70_000 * 8);
        assert_eq!(to_arrow(b"\x00\x01", Timestamp::UNIX_EPOCH), None);
    }
}
