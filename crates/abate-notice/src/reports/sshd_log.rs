//! Lines of sshd, with or without syslog's front.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::SshdLog,
    when: &[&[Has("sshd[")], &[Has("sshd:")], &[Has("failed password for")], &[Has("invalid user"), Has("ssh")]],
    record: Record::Timed,
    examples: &["Mar  4 10:00:00 web sshd[123]: Failed password for invalid user admin from 203.0.113.7 port 40000 ssh2"],
};
