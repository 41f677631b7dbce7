//! A mail of fail2ban's complain action: a remark on the zone, then log lines.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::Fail2ban,
    when: &[&[Has("fail2ban")], &[Has("note: local timezone is")]],
    record: Record::Timed,
    examples: &[
        "Lines containing IP:203.0.113.7 in /var/log/auth.log\nNote: Local timezone is +0900 (JST)\nMar  4 10:00:00 web sshd[1]: Failed password for root from 203.0.113.7 port 40000 ssh2",
    ],
};
