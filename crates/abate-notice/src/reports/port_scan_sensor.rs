//! A table of a scan sensor: attacker, scanned address, port.

use abate_model::ReportFormat;

use super::Mark::Has;
use super::{Form, Record};

/// How it is recognised.
pub(super) const FORM: Form = Form {
    format: ReportFormat::PortScanSensor,
    when: &[
        &[Has("attacker ip")],
        &[Has("scanned ip")],
        &[Has(">>>"), Has("port")],
        &[Has("attacker"), Has("scanned")],
        &[Has("attacker"), Has("target"), Has("port")],
    ],
    record: Record::Timed,
    examples: &["attacker ip / scanned ip / port\n203.0.113.7 >>> 198.51.100.9 22"],
};
