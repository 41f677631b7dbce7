//! Lines of a web server's access or error log.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::WebAccessLog,
    when: &[
        &[Has("\"get /")],
        &[Has("\"post /")],
        &[Has("\"head /")],
        &[Has("\"get http")],
        &[Has("\"connect ")],
        &[Has("http/1."), Has("client:")],
    ],
    record: Record::Timed,
    examples: &["203.0.113.7 - - [04/Mar/2026:10:00:00 +0000] \"GET /wp-login.php HTTP/1.1\" 404 196 \"-\" \"-\""],
};
