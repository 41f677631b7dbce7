//! Rows as text: what a terminal and a CSV file show. Times are UTC in ISO 8601 with a Z, unless the query moved them into
//! another zone; then they carry its offset.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::SqlError;

/// A time without a zone is UTC: everything here is.
pub(crate) const ZONELESS: &str = "%Y-%m-%dT%H:%M:%S%.fZ";

/// One row; `None` is NULL.
pub type Cells = Vec<Option<String>>;

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// its name
    pub name: String,
    /// whether it holds numbers, which are set to the right
    pub number: bool,
    /// whether its values are text from outside
    pub text: bool,
}

impl Column {
    /// The columns of a schema.
    #[must_use]
    pub fn of(schema: &datafusion::arrow::datatypes::Schema) -> Vec<Self> {
        let column = |field: &std::sync::Arc<datafusion::arrow::datatypes::Field>| Self {
            name: field.name().clone(),
            number: field.data_type().is_numeric(),
            text: !(field.data_type().is_numeric() || field.data_type().is_temporal() || *field.data_type() == DataType::Boolean),
        };
        schema.fields().iter().map(column).collect()
    }
}

/// A batch whose values are read as text.
pub struct Values<'a> {
    batch: &'a RecordBatch,
    columns: Vec<ArrayFormatter<'a>>,
}

impl std::fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").field("rows", &self.batch.num_rows()).finish_non_exhaustive()
    }
}

impl<'a> Values<'a> {
    /// The values of a batch.
    ///
    /// # Errors
    /// When a column is of a type that has no text form.
    pub fn of(batch: &'a RecordBatch) -> Result<Self, SqlError> {
        static OPTIONS: FormatOptions<'static> =
            FormatOptions::new().with_display_error(true).with_timestamp_format(Some(ZONELESS)).with_datetime_format(Some(ZONELESS));
        let columns: Result<Vec<_>, ArrowError> =
            batch.columns().iter().map(|array| ArrayFormatter::try_new(array.as_ref(), &OPTIONS)).collect();
        Ok(Self { batch, columns: columns.map_err(|error| SqlError::Query(error.to_string()))? })
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Cells> + '_ {
        (0..self.batch.num_rows()).map(|row| {
            let cell = |(array, formatter): (&datafusion::arrow::array::ArrayRef, &ArrayFormatter<'_>)| {
                array.is_valid(row).then(|| formatter.value(row).to_string())
            };
            self.batch.columns().iter().zip(&self.columns).map(cell).collect()
        })
    }
}
