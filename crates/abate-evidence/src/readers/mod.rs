//! The readers, one file each, in the order in which they are asked: the most specific first.

mod aws_config;
mod cloudtrail;
mod cloudtrail_columns;
mod cloudtrail_csv;
mod cloudtrail_digest;
mod cloudtrail_record;
mod cloudwatch_logs;
mod credential_report;
mod describe;
mod describe_more;
mod guardduty;
mod iam;
mod ocsf;
mod ocsf_activity;
mod route53_resolver;
mod security_hub;
mod ses;
mod sshd;
mod syslog;
mod tree;
mod vpc_flow;
mod web_access;

use crate::Reader;

static ALL: [&Reader; 16] = [
    &guardduty::READER,
    &security_hub::READER,
    &ocsf::READER,
    &cloudtrail::READER,
    &cloudtrail_digest::READER,
    &aws_config::READER,
    &iam::READER,
    &credential_report::READER,
    &ses::READER,
    &describe::READER,
    &route53_resolver::READER,
    &cloudtrail_csv::READER,
    &vpc_flow::READER,
    &web_access::READER,
    &syslog::READER,
    &cloudwatch_logs::READER,
];

/// All readers.
#[must_use]
pub fn all() -> &'static [&'static Reader] {
    &ALL
}

/// The reader with an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Reader> {
    ALL.iter().copied().find(|reader| reader.id == id)
}
