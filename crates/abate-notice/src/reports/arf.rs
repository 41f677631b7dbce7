//! A feedback report of a mail provider (RFC 5965): machine-readable fields, then the mail that was complained of.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::Arf,
    when: &[&[Has("feedback-type:")]],
    record: Record::None,
    examples: &["Feedback-Type: abuse\nUser-Agent: ExampleFeedback/1.0\nVersion: 1\nSource-IP: 203.0.113.7"],
};
