//! What readers of one-record-per-line formats share: the loop over lines, and fields between spaces that may be quoted.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::IpAddr;

use abate_model::rows::HttpActivity;
use abate_model::{Body, LossKind, Row, ZoneCertainty};
use jiff::Timestamp;

use crate::Sink;
use crate::lines::{Line, Lines, Place};

/// Most fields of a line that are looked at.
const MAX_FIELDS: usize = 80;

/// A record, and its time.
pub(super) struct Record<'l> {
    pub at: Option<(Timestamp, ZoneCertainty)>,
    pub body: Body<'l>,
}

/// What a line turned out to be: a record, or (a header, a comment) nothing.
pub(super) type Said<'l> = Option<Record<'l>>;

impl<'l> Record<'l> {
    /// A request at a time of a known zone.
    pub fn request(at: Timestamp, http: HttpActivity<'l>) -> Self {
        Self { at: Some((at, ZoneCertainty::Stated)), body: Body::Http(Box::new(http)) }
    }
}

/// Reads a stream line by line; `each` says what a line is, or why it is no record.
pub(super) fn each_line(
    input: &mut dyn BufRead,
    sink: &mut dyn Sink,
    each: &mut dyn for<'l> FnMut(&'l str) -> Result<Said<'l>, &'static str>,
) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() {
            continue;
        }
        match each(&text) {
            Ok(Some(record)) => emit(record, place, sink),
            Ok(None) => {}
            Err(reason) => sink.loss(LossKind::Malformed, reason.to_owned(), Some(place.locator()), place.bytes.len() as u64),
        }
    }
    Ok(())
}

/// Hands a record out.
pub(super) fn emit(record: Record<'_>, place: Place<'_>, sink: &mut dyn Sink) {
    let Record { at, body } = record;
    let zone = at.map_or(ZoneCertainty::Unknown, |(_, zone)| zone);
    sink.row(Row { at: at.map(|(at, _)| at), zone, source: 0, locator: place.locator(), body }, place.bytes);
}

/// Fields between spaces. A field in quotation marks or brackets is one, without them; a quotation ends at a mark in front of a
/// space or the end. `None` when one is not closed.
pub(super) fn split(line: &str) -> Option<Vec<&str>> {
    let mut fields = Vec::new();
    let mut rest = line.trim_matches(' ');
    while !rest.is_empty() && fields.len() < MAX_FIELDS {
        let (field, behind) = match rest.as_bytes().first() {
            Some(b'"') => quotation(rest)?,
            Some(b'[') => bracketed(rest)?,
            _ => rest.split_at(rest.find(' ').unwrap_or(rest.len())),
        };
        fields.push(field);
        rest = behind.trim_start_matches(' ');
    }
    Some(fields)
}

/// The field in brackets at the beginning, and what is behind it. `[2001:db8::1]:443` is a word of its own.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (inside, behind) = text.get(1..)?.split_once(']')?;
    if behind.is_empty() || behind.starts_with(' ') {
        return Some((inside, behind));
    }
    Some(text.split_at(text.find(' ').unwrap_or(text.len())))
}

/// The quotation at the beginning, and what is behind it. Where a backslash does not escape in this format, the last mark that
/// can end it does.
fn quotation(text: &str) -> Option<(&str, &str)> {
    let rest = text.get(1..)?;
    let ends = |at: usize| matches!(rest.as_bytes().get(at + 1), None | Some(b' '));
    let mut escaped = false;
    let mut unescaped_end = None;
    for (at, byte) in rest.bytes().enumerate() {
        if byte == b'"' && ends(at) {
            if !escaped {
                return Some((rest.get(..at)?, rest.get(at + 1..)?));
            }
            unescaped_end = unescaped_end.or(Some(at));
        }
        escaped = byte == b'\\' && !escaped;
    }
    let at = unescaped_end?;
    Some((rest.get(..at)?, rest.get(at + 1..)?))
}

/// A field that says something: not empty, not `-`.
pub(super) fn said(field: &str) -> Option<&str> {
    Some(field).filter(|f| !f.is_empty() && *f != "-")
}

/// The same as text of a row.
pub(super) fn text(field: &str) -> Option<Cow<'_, str>> {
    said(field).map(Cow::Borrowed)
}

/// `address:port`, `[address]:port`, or an address alone: the address as written.
pub(super) fn host_of(peer: &str) -> &str {
    let bracketed = peer.strip_prefix('[').and_then(|p| p.split_once(']')).map(|(address, _)| address);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let before_port = || peer.rsplit_once(':').filter(|(host, port)| is_port(port) && !host.is_empty()).map(|(host, _)| host);
    match bracketed {
        Some(address) => address,
        // An IPv6 address without a port ends in what looks like one.
        None if peer.parse::<IpAddr>().is_ok() && before_port().is_none_or(|h| h.parse::<IpAddr>().is_err()) => peer,
        None => before_port().unwrap_or(peer),
    }
}

/// Host and the rest of an absolute URL, without the default ports; the path alone has no host.
pub(super) fn url_parts(url: &str) -> (Option<&str>, &str) {
    let Some((scheme, rest)) = url.split_once("://") else { return (None, url) };
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return (None, url);
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority);
    (Some(host).filter(|h| !h.is_empty()), if path.is_empty() { "/" } else { path })
}

/// Percent-encoding undone once; what is no encoding stays, bytes that are no UTF-8 are replaced.
pub(super) fn percent_decoded(field: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(field).decode_utf8_lossy()
}

/// The account and Region of an ARN.
pub(super) fn arn_scope(arn: &str) -> (Option<Cow<'_, str>>, Option<Cow<'_, str>>) {
    let mut parts = arn.split(':');
    if parts.next() != Some("arn") {
        return (None, None);
    }
    let region = parts.nth(2).and_then(text);
    (parts.next().and_then(text), region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_between_spaces() {
        assert_eq!(split(r#"a "b c" - [d e] "" "f \" g" h"#).unwrap(), ["a", "b c", "-", "d e", "", r#"f \" g"#, "h"]);
        assert_eq!(split(r#""ends in a backslash\" -"#).unwrap(), ["ends in a backslash\\", "-"]);
        assert_eq!(split(r#""a "quoted" word" x"#).unwrap(), [r#"a "quoted"#, "word\"", "x"]);
        assert_eq!(split("[2001:db8::1]:443 x").unwrap(), ["[2001:db8::1]:443", "x"]);
        assert_eq!((split("\"open"), split("[open")), (None, None));
    }

    #[test]
    fn peers() {
        for (peer, host) in [
            ("192.0.2.1:80", "192.0.2.1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8:0:0:0:0:0:1:443", "2001:db8:0:0:0:0:0:1"),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1"),
            ("host:1", "host"),
            ("-", "-"),
        ] {
            assert_eq!(host_of(peer), host);
        }
    }

    #[test]
    fn urls() {
        assert_eq!(url_parts("https://www.example.com:443/a?b"), (Some("www.example.com"), "/a?b"));
        assert_eq!(url_parts("http://www.example.com:8080"), (Some("www.example.com:8080"), "/"));
        assert_eq!(url_parts("/a?u=http://b/"), (None, "/a?u=http://b/"));
        assert_eq!(percent_decoded("a%20b%2522%zz%e3%81%82%4"), "a b%22%zzあ%4");
        assert_eq!(
            arn_scope("arn:aws:elasticloadbalancing:us-east-2:111122223333:x/y"),
            (Some("111122223333".into()), Some("us-east-2".into()))
        );
    }
}
