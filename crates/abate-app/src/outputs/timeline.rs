//! `timeline.csv`: made for a spreadsheet, Japanese Excel included: UTF-8 with a byte-order mark, CRLF, times as Excel
//! reads them, and no cell that a spreadsheet would run as a formula (CWE-1236).

use abate_model::Case;
use abate_model::text::csv_cell as cell;
use jiff::{Timestamp, tz::TimeZone};

/// The timeline as CSV.
pub(super) fn csv(case: &Case, zone: &str) -> Vec<u8> {
    let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
    let local_header = format!("time ({zone})");
    let header = ["time (UTC)", &local_header, "until (UTC)", "what", "内容", "actor", "count", "origin", "finding", "source", "locator"];
    // Writing into a vector cannot fail.
    let _ = writer.write_record(header);
    for entry in &case.timeline {
        let cite = entry.evidence.first();
        let _ = writer.write_record([
            stamp(entry.at, &TimeZone::UTC),
            stamp(entry.at, &tz),
            entry.until.map(|t| stamp(t, &TimeZone::UTC)).unwrap_or_default(),
            cell(&entry.what.en),
            cell(&entry.what.ja),
            cell(&entry.actor),
            entry.count.to_string(),
            cell(&entry.origin),
            entry.finding.clone().unwrap_or_default(),
            cite.map(|c| cell(&c.source)).unwrap_or_default(),
            cite.map(|c| c.locator.to_string()).unwrap_or_default(),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

fn stamp(at: Timestamp, tz: &TimeZone) -> String {
    at.to_zoned_datetime(tz.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
