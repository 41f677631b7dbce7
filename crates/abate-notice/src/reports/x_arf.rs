//! X-ARF 0.1 and 0.2: a YAML part with category, report type and source.

use abate_model::ReportFormat;

use super::Mark::Line;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::XArf,
    when: &[&[Line("report-type:"), Line("source:"), Line("category:")], &[Line("schema-url:"), Line("source:")]],
    record: Record::None,
    examples: &[
        "Reported-From: abuse@example.net\nCategory: abuse\nReport-Type: login-attack\nService: ssh\nSource: 203.0.113.7\nSource-Type: ipv4\nDate: Thu, 05 Mar 2026 01:02:03 +0000",
    ],
};
