//! A bare comma line: type, resource, time, remote address, protocol, source port, destination port, Region.

use abate_model::ReportFormat;

use super::Mark::CommaLine;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::CsvLine,
    when: &[&[CommaLine]],
    record: Record::Comma,
    examples: &["DOS,i-abcdef12,2017-01-01 12:00:00 PDT,198.51.100.8,TCP,*,80,us-east-1"],
};
