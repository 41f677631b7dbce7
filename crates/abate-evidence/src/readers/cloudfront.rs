//! Amazon CloudFront standard logs: version 1 (tabs, `#Fields:` in any order), and version 2 as W3C, as plain lines without a
//! header (in the documented order) and as JSON.
//!
//! User agent, referer and `x-forwarded-for` are decoded once, as they were encoded once; path and query stay as logged. The
//! server is the distribution's own name, the host is the one that the client asked for.

use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::{Table, Text};

use super::fields::{Said, each_line, emit};
use super::flat::Flat;
use super::w3c_fields::{self, Col, Draft, Spaces, column};
use crate::json::{self, Refusal};
use crate::lines::{first_lines, majority};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudfront",
    title: Text::fixed("Amazon CloudFront standard log", "Amazon CloudFront 標準ログ"),
    tables: &[Table::HttpActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("the body of a request (what a POST sent) and of a response", "リクエスト本文（POST の内容）およびレスポンス本文"),
        Text::fixed("requests that reached the origin without CloudFront", "CloudFront を経由せずにオリジンへ届いたリクエスト"),
        Text::fixed(
            "every request: the logs are delivered on a best-effort basis, some only a day later",
            "すべてのリクエストの完全な記録（ログはベストエフォートで配信され、最大 1 日遅れることがある）",
        ),
    ],
    sniff,
    read,
};

/// The documented order of the fields, as far as a request's record needs them.
const ORDER: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) \
    cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for";
/// The first version had this many fields.
const FEWEST: usize = 12;
const MOST: usize = 64;

fn sniff(head: &Head<'_>) -> Option<String> {
    if let Some(shape) = Shape::of(head) {
        let prefix = EDGE.iter().find_map(|(client, edge)| shape.under(PREFIXES, &[client, edge]))?;
        return Some(format!("JSON keys {prefix}c-ip and x-edge-… (CloudFront)"));
    }
    let lines = first_lines(head, 20);
    let header = lines.iter().map(|line| String::from_utf8_lossy(line)).find(|line| line.starts_with("#Fields:"));
    if let Some(header) = header {
        let http = w3c_fields::header(&header).is_some_and(|columns| w3c_fields::is_http(&columns));
        return (http && ["x-edge-", "x-host-header", "DistributionId"].iter().any(|name| header.contains(name)))
            .then(|| "#Fields: header with CloudFront's names".to_owned());
    }
    let (good, all) = majority(head, |line| plain(&String::from_utf8_lossy(line)).is_some())?;
    Some(format!("no header; {good} of the first {all} lines fit CloudFront's order of fields"))
}

const PREFIXES: &[&str] = &["", "[]."];

/// Names that together show CloudFront; in Parquet they have underscores.
const EDGE: &[(&str, &str)] = &[
    ("c-ip", "x-edge-location"),
    ("c-ip", "x-edge-request-id"),
    ("c-ip", "x-edge-result-type"),
    ("c-ip", "DistributionId"),
    ("c_ip", "x_edge_location"),
    ("c_ip", "x_edge_request_id"),
    ("c_ip", "x_edge_result_type"),
    ("c_ip", "distributionid"),
];

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let start = input.fill_buf()?;
    let start = start.strip_prefix(crate::lines::BOM).unwrap_or(start).trim_ascii_start();
    if matches!(start.first(), Some(b'{' | b'[')) {
        return json::records(input, &[], sink, &mut |place, sink| {
            let text = place.text();
            if let Some(record) = object(&text).map_err(Refusal::malformed)? {
                emit(record, place, sink);
            }
            Ok(())
        });
    }
    let mut columns: Option<Vec<Col>> = None;
    each_line(input, sink, &mut |line| {
        if line.starts_with('#') {
            columns = w3c_fields::header(line).or_else(|| columns.take());
            return Ok(None);
        }
        let draft = Draft::new(Spaces::Percent, None);
        match &columns {
            Some(columns) => w3c_fields::line(line, columns, draft),
            None => w3c_fields::line(line, &plain(line).ok_or("a line in front of the header")?, draft),
        }
    })
}

/// The columns of a line that stands without a header, if it fits.
fn plain(line: &str) -> Option<Vec<Col>> {
    let fields: Vec<&str> = line.split('\t').take(MOST + 1).collect();
    let (date, clock) = (fields.first()?, fields.get(1)?);
    let fits = (FEWEST..=MOST).contains(&fields.len())
        && time::looks_iso(format!("{date} {clock}").as_bytes())
        && fields.get(4)?.parse::<IpAddr>().is_ok()
        && fields.get(8)?.parse::<u16>().is_ok();
    fits.then(|| ORDER.split_ascii_whitespace().map(column).chain(std::iter::repeat(Col::Skip)).take(fields.len()).collect())
}

fn object(text: &str) -> Result<Said<'_>, &'static str> {
    let flat = Flat::parse(text).ok_or("a record is no valid JSON object")?;
    let mut draft = Draft::new(Spaces::Percent, None);
    for (name, value) in flat.pairs {
        draft.put(column(&name.replace('_', "-")), value);
    }
    draft.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_order_has_known_columns() {
        let columns: Vec<Col> = ORDER.split_ascii_whitespace().map(column).collect();
        assert_eq!(columns.len(), 20);
        assert_eq!((columns[4], columns[8], columns[19]), (Col::Client, Col::Status, Col::ForwardedFor));
        assert!(plain("2026-11-20\t01:00:00\tx").is_none());
    }
}
