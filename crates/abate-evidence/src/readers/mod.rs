//! The readers, one file each, in the order in which they are asked: the most specific first.

mod cloudtrail;
mod cloudtrail_csv;
mod cloudtrail_record;
mod describe;
mod guardduty;
mod sshd;
mod syslog;
mod vpc_flow;
mod web_access;

use crate::Reader;

static ALL: [&Reader; 7] = [
    &guardduty::READER,
    &cloudtrail::READER,
    &describe::READER,
    &cloudtrail_csv::READER,
    &vpc_flow::READER,
    &web_access::READER,
    &syslog::READER,
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
