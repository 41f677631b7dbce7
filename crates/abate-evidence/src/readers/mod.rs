//! The readers, one file each, in the order in which they are asked: the most specific first.

mod accounts;
mod apache_error;
mod audit;
mod audit_record;
mod audit_rows;
mod aws_config;
mod cloudfront;
mod cloudtrail;
mod cloudtrail_columns;
mod cloudtrail_csv;
mod cloudtrail_digest;
mod cloudtrail_record;
mod cloudwatch_logs;
mod container;
mod credential_report;
mod cron;
mod crontab;
pub(crate) mod csv_rows;
mod describe;
mod describe_more;
mod dovecot;
mod elb;
mod evtx;
mod exim;
mod fields;
mod flat;
mod guardduty;
mod history;
mod iam;
mod joined;
mod journal_export;
mod journald;
mod lastlog;
mod linux;
mod listings;
mod login_list;
mod mail;
mod mixed_json;
mod mysql_error;
mod nginx_error;
mod ocsf;
mod ocsf_activity;
mod packages;
mod parquet;
mod parquet_check;
mod php_error;
mod process_list;
mod prowler;
mod route53_resolver;
mod s3_access;
mod security_hub;
mod services;
mod ses;
mod session;
mod sockets;
mod sshd;
mod sudo;
mod syslog;
mod systemd_unit;
mod timed_json;
mod timed_lines;
mod transcript;
mod tree;
mod trusted_advisor;
mod utmp;
mod velociraptor;
mod vpc_flow;
mod w3c;
mod w3c_fields;
mod waf;
mod web_access;
mod web_json;
mod windows_json;
mod windows_names;
mod windows_rows;
mod windows_security;
mod windows_xml;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Head, ReadContext, Reader};

static ALL: &[&Reader] = &[
    &evtx::READER,
    &parquet::READER,
    &windows_xml::READER,
    &utmp::READER,
    &lastlog::READER,
    &guardduty::READER,
    &security_hub::READER,
    &ocsf::READER,
    &prowler::READER,
    &trusted_advisor::READER,
    &cloudtrail::READER,
    &cloudtrail_digest::READER,
    &aws_config::READER,
    &iam::READER,
    &credential_report::READER,
    &ses::READER,
    &describe::READER,
    &route53_resolver::READER,
    &windows_json::READER,
    &velociraptor::READER,
    &journald::READER,
    &journal_export::READER,
    &container::READER,
    &cloudtrail_csv::READER,
    &vpc_flow::READER,
    &waf::READER,
    &elb::READER,
    &s3_access::READER,
    &cloudfront::READER,
    &w3c::READER,
    &web_json::READER,
    &web_access::READER,
    &exim::READER,
    &apache_error::READER,
    &nginx_error::READER,
    &php_error::READER,
    &mysql_error::READER,
    &transcript::READER,
    &process_list::READER,
    &sockets::READER,
    &login_list::READER,
    &listings::HASHES,
    &listings::BODY,
    &listings::CONTAINERS,
    &audit::READER,
    &packages::READER,
    &systemd_unit::READER,
    &crontab::READER,
    &history::READER,
    &syslog::READER,
    &cloudwatch_logs::READER,
    &mixed_json::READER,
    &timed_json::READER,
    &timed_lines::READER,
];

/// All readers.
#[must_use]
pub fn all() -> &'static [&'static Reader] {
    ALL
}

/// The reader with an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Reader> {
    ALL.iter().copied().find(|reader| reader.id == id)
}

/// The readers of what only AWS writes.
static BY_AWS: &[&Reader] = &[
    &guardduty::READER,
    &security_hub::READER,
    &trusted_advisor::READER,
    &cloudtrail::READER,
    &cloudtrail_csv::READER,
    &cloudtrail_digest::READER,
    &aws_config::READER,
    &ses::READER,
    &route53_resolver::READER,
    &vpc_flow::READER,
    &waf::READER,
    &elb::READER,
    &s3_access::READER,
    &cloudfront::READER,
];

/// Whether only AWS writes the format with an id, so that its times are those of AWS's own clocks: in step with each other, and in UTC.
#[must_use]
pub fn written_by_aws(id: &str) -> bool {
    BY_AWS.iter().any(|reader| reader.id == id)
}

/// Under what reader's name JSON records go that came out of envelopes, if any reader knows them.
pub(crate) fn of_each(head: &Head<'_>) -> Option<(&'static Reader, String)> {
    mixed_json::name(head)
}

/// The reader that asks for each JSON record who knows it.
pub(crate) fn each() -> &'static Reader {
    &mixed_json::READER
}

/// Whether a reader takes what no other knows, so that envelopes come before it.
pub(crate) fn is_last_resort(reader: &Reader) -> bool {
    std::ptr::eq(reader, &timed_json::READER)
}

/// Whether a reader says no more of a container's output than the container's own reader does.
pub(crate) fn is_plain(reader: &Reader) -> bool {
    matches!(reader.id, "web-access" | "timed-lines" | "timed-json" | "mixed-json")
}

/// Whether each line of a format says all by itself, whatever stands in front of it: no header, no record of several lines, nothing counted. The places of
/// its rows are those of bytes.
pub(crate) fn is_by_line(reader: &Reader) -> bool {
    [&syslog::READER, &web_access::READER].iter().any(|known| std::ptr::eq(*known, reader))
}

/// A context for recognition, where only the shape of a time matters.
fn any_context() -> ReadContext {
    ReadContext { reference: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
}
