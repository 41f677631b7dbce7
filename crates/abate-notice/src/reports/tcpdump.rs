//! Lines of tcpdump, of a flow listing, or of anything that puts an arrow between two ends.

use abate_model::ReportFormat;

use super::Mark::Arrow;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::Tcpdump,
    when: &[&[Arrow]],
    record: Record::Timed,
    examples: &["10:00:00.123456 IP 203.0.113.7.40000 > 198.51.100.9.80: UDP, length 512"],
};
