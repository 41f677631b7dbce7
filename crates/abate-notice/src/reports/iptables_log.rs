//! Lines of a packet filter: iptables and ufw, pf, Cisco ASA.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::IptablesLog,
    when: &[&[Has(" src="), Has(" dst=")], &[Has("%asa-")], &[Has("block in on")], &[Has("ufw block")]],
    record: Record::Timed,
    examples: &["Mar  4 10:00:00 fw kernel: IN=eth0 OUT= SRC=203.0.113.7 DST=198.51.100.9 PROTO=TCP SPT=40000 DPT=22"],
};
