//! AWS's own abuse form as it was forwarded in 2018: date, clock and zone are three fields, precise to the minute.

use abate_model::ReportFormat;

use super::Mark::{Has, Line};
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::AwsWebForm,
    when: &[
        &[Has("abuse type*:")],
        &[Has("source ips (comma separated)")],
        &[Has("custom tracking number")],
        &[Has("destination ports and protocols")],
        &[Line("destination ips:"), Line("destination ports:")],
        &[Line("destination ips:"), Line("abuse time:")],
        &[Line("destination urls:"), Line("abuse time:")],
        &[Line("abuse time:"), Line("log extract:")],
        &[Line("abuse type"), Has("(yyyy-mm-dd)")],
    ],
    record: Record::None,
    examples: &[
        "Abuse type*: port-scanning\nSource IPs (comma separated)*: 203.0.113.7\nAbuse date (yyyy-mm-dd)*: 2018-01-02\nAbuse time, 24-hr format (hh:mm)*: 14:30\nTime zone*: -0800",
    ],
};
