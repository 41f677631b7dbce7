//! An unsolicited mail with its headers, or the larger part of them.

use abate_model::ReportFormat;

use super::Mark::Line;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::SpamMail,
    when: &[
        &[Line("received:"), Line("from:")],
        &[Line("received:"), Line("subject:")],
        &[Line("return-path:"), Line("subject:")],
        &[Line("message-id:"), Line("subject:"), Line("from:")],
    ],
    record: Record::None,
    examples: &[
        "Received: from mail.example.com (unknown [203.0.113.7]) by mx.example.net; Wed, 04 Mar 2026 10:00:00 +0000\nFrom: Shop <shop@example.com>\nSubject: Buy now",
    ],
};
