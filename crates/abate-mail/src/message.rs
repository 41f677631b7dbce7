//! Prepares a raw mail for `mail-auth`: line ends, size limits, body hashes.
//!
//! Header section and body are taken apart first, so that the number of signatures is known before anything is hashed: each
//! signature may ask for a hash of its own over the whole body. Nothing is verified here.

use std::borrow::Cow;

use mail_auth::AuthenticatedMessage;
use mail_auth::common::crypto::HashAlgorithm;
use mail_auth::common::headers::{Header, Writable};
use mail_auth::dkim::Canonicalization;

use crate::headers::name_is;

/// The largest mail that is checked, in bytes.
pub const MAX_MAIL: usize = 25 * 1024 * 1024;
/// The most DKIM signatures of one mail that are verified; the top ones.
pub const MAX_SIGNATURES: usize = 10;
/// The longest ARC chain that is verified.
pub const MAX_ARC_SETS: usize = 10;
/// The largest header section, in bytes.
const MAX_HEADERS: usize = 512 * 1024;
/// The most headers.
const MAX_HEADER_COUNT: usize = 2000;
/// The most header names that a signature may list: each is looked for in all headers.
const MAX_SIGNED: usize = 500;

/// A mail, ready to be verified.
pub(crate) struct Mail<'x> {
    /// what `mail-auth` works on; `x=` of its signatures is blanked, so that the clock is ours
    pub message: AuthenticatedMessage<'x>,
    /// `x=` of each signature in `message.dkim_headers`
    pub expires: Vec<u64>,
    /// `x=` of the newest ARC signature
    pub arc_expires: u64,
    /// bytes of the body that lie beyond `l=`, for each signature
    pub beyond: Vec<u64>,
    /// DKIM signatures that could not be read
    pub unreadable: Vec<String>,
    /// DKIM signatures beyond the limit, as (domain, selector)
    pub excess: Vec<(String, String)>,
    /// why the ARC chain is not checked
    pub arc_excess: Option<String>,
}

/// The mail with the line ends it had on its way: a file often has bare line feeds, and mbox its own first line.
/// `None` if it is too large.
pub(crate) fn plain<'x>(raw: &'x [u8], notes: &mut Vec<String>) -> Option<Cow<'x, [u8]>> {
    if raw.len() > MAX_MAIL {
        notes.push(format!("the mail has {} bytes; signatures are checked up to {MAX_MAIL}", raw.len()));
        return None;
    }
    let mut raw = raw;
    // `From :` is a header all the same.
    if raw.strip_prefix(b"From ").is_some_and(|rest| !rest.trim_ascii_start().starts_with(b":"))
        && let Some(end) = raw.iter().position(|b| *b == b'\n')
    {
        raw = raw.get(end + 1..).unwrap_or_default();
    }
    let bare = raw.iter().enumerate().filter(|(n, b)| **b == b'\n' && (*n == 0 || raw.get(n - 1) != Some(&b'\r'))).count();
    if bare == 0 {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len() + bare);
    let mut before = 0;
    for byte in raw {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    Some(Cow::Owned(out))
}

/// Reads headers and signatures. `None` if there are none, or too many headers.
pub(crate) fn read<'x>(raw: &'x [u8], notes: &mut Vec<String>) -> Option<Mail<'x>> {
    let head = end_of_headers(raw);
    let (headers, body) = raw.split_at_checked(head)?;
    if headers.len() > MAX_HEADERS {
        notes.push(format!("the mail's headers have {} bytes; signatures are checked up to {MAX_HEADERS}", headers.len()));
        return None;
    }
    let Some(mut message) = AuthenticatedMessage::parse_with_opts(headers, None, false) else {
        notes.push("this is no mail: it has no headers".to_owned());
        return None;
    };
    if message.headers.len() > MAX_HEADER_COUNT || usize::try_from(message.body_offset) != Ok(headers.len()) {
        notes.push(format!(
            "the mail's {} headers are too many, or end in an unclear way; signatures are not checked",
            message.headers.len()
        ));
        return None;
    }
    let unreadable = unreadable(&mut message);
    let excess = limit_dkim(&mut message);
    let arc_excess = limit_arc(&mut message);
    let expires = message.dkim_headers.iter_mut().map(|h| std::mem::take(&mut h.header.x)).collect();
    let newest = message.ams_headers.iter().map(|h| h.header.i).max();
    let arc_expires = message.ams_headers.iter().find(|h| Some(h.header.i) == newest).map_or(0, |h| h.header.x);
    message.ams_headers.iter_mut().for_each(|h| h.header.x = 0);
    let beyond = hash_bodies(&mut message, body);
    Some(Mail { message, expires, arc_expires, beyond, unreadable, excess, arc_excess })
}

/// Where the body begins.
fn end_of_headers(raw: &[u8]) -> usize {
    if raw.starts_with(b"\r\n") {
        return 2;
    }
    raw.windows(4).position(|w| w == b"\r\n\r\n").map_or(raw.len(), |at| at + 4)
}

/// Takes out the DKIM signatures that could not be read; `mail-auth` passes over some of them in silence.
fn unreadable(message: &mut AuthenticatedMessage<'_>) -> Vec<String> {
    let (dkim, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut message.errors).into_iter().partition(|e| name_is(e.name, "dkim-signature"));
    message.errors = rest;
    dkim.into_iter().take(MAX_SIGNATURES).map(|e| e.header.to_string()).collect()
}

fn limit_dkim(message: &mut AuthenticatedMessage<'_>) -> Vec<(String, String)> {
    let all = std::mem::take(&mut message.dkim_headers);
    let (mut kept, mut excess) = (Vec::new(), Vec::new());
    for header in all {
        if kept.len() < MAX_SIGNATURES && header.header.h.len() <= MAX_SIGNED {
            kept.push(header);
        } else {
            excess.push((header.header.d, header.header.s));
        }
    }
    message.dkim_headers = kept;
    excess
}

fn limit_arc(message: &mut AuthenticatedMessage<'_>) -> Option<String> {
    let sets = message.ams_headers.len().max(message.as_headers.len());
    let listed = message.ams_headers.iter().map(|h| h.header.h.len()).max().unwrap_or(0);
    if sets <= MAX_ARC_SETS && listed <= MAX_SIGNED {
        return None;
    }
    message.ams_headers.clear();
    message.as_headers.clear();
    message.aar_headers.clear();
    Some(format!("the ARC chain has {sets} sets and lists up to {listed} headers; at most {MAX_ARC_SETS} and {MAX_SIGNED} are checked"))
}

/// Fills in the body hashes that signatures will be compared with; for each DKIM signature, how much of the body it leaves out.
fn hash_bodies(message: &mut AuthenticatedMessage<'_>, body: &[u8]) -> Vec<u64> {
    fn wanted<T>(
        headers: &[Header<'_, T>],
        of: impl Fn(&T) -> (Canonicalization, HashAlgorithm, u64),
    ) -> Vec<(Canonicalization, HashAlgorithm, u64)> {
        headers.iter().map(|h| of(&h.header)).collect()
    }
    let dkim = wanted(&message.dkim_headers, |s| (s.cb, HashAlgorithm::from(s.a), s.l));
    let arc = wanted(&message.ams_headers, |s| (s.cb, HashAlgorithm::from(s.a), s.l));
    message.body_hashes.clear();
    let mut lengths: Vec<((Canonicalization, HashAlgorithm, u64), u64)> = Vec::new();
    for key in dkim.iter().chain(&arc).copied() {
        if lengths.iter().any(|(k, _)| *k == key) {
            continue;
        }
        let (canonicalization, algorithm, limit) = key;
        let (hash, beyond) = hash_body(body, canonicalization, algorithm, limit);
        message.body_hashes.push((canonicalization, algorithm, limit, hash));
        lengths.push((key, beyond));
    }
    dkim.iter().map(|key| lengths.iter().find(|(k, _)| k == key).map_or(0, |(_, beyond)| *beyond)).collect()
}

/// The hash of a body, and the number of bytes left out. `l=` counts bytes of the canonical form (RFC 6376, 3.5), and one
/// that is larger than the body is an error: its hash is left empty, which no signature matches.
fn hash_body(body: &[u8], canonicalization: Canonicalization, algorithm: HashAlgorithm, limit: u64) -> (Vec<u8>, u64) {
    let body = if canonicalization == Canonicalization::Relaxed { without_blank_end(body) } else { body };
    let canonical = canonicalization.canonical_body(body, 0);
    if limit == 0 {
        return (algorithm.hash(canonical).as_ref().to_vec(), 0);
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(body.len());
    canonical.write(&mut bytes);
    let Some(signed) = usize::try_from(limit).ok().and_then(|limit| bytes.get(..limit)) else {
        return (Vec::new(), 0);
    };
    let beyond = bytes.len() - signed.len();
    (algorithm.hash(signed).as_ref().to_vec(), u64::try_from(beyond).unwrap_or(u64::MAX))
}

/// The body without lines of nothing but white space at its end: relaxed canonicalization drops them (RFC 6376, 3.4.4), but
/// mail-auth before 0.15 keeps them.
fn without_blank_end(body: &[u8]) -> &[u8] {
    let Some(last) = body.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')) else {
        return &[];
    };
    let rest = body.get(last..).unwrap_or_default();
    let end = rest.windows(2).position(|w| w == b"\r\n").map_or(body.len(), |at| last + at + 2);
    body.get(..end).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_ends_are_dropped_by_line() {
        for (body, expected) in
            [("a\r\n", "a\r\n"), ("a \r\n \r\n\t\r\n\r\n", "a \r\n"), ("a", "a"), ("a\r\nb  ", "a\r\nb  "), (" \r\n", ""), ("", "")]
        {
            assert_eq!(without_blank_end(body.as_bytes()), expected.as_bytes(), "{body:?}");
        }
    }

    #[test]
    fn a_length_counts_the_canonical_form() {
        let (relaxed, simple, sha) = (Canonicalization::Relaxed, Canonicalization::Simple, HashAlgorithm::Sha256);
        let whole = hash_body(b"a b\r\n", simple, sha, 0);
        assert_eq!(hash_body(b"a  b \r\n \r\n", relaxed, sha, 5), whole);
        assert_eq!(hash_body(b"a  b \r\nmore\r\n", relaxed, sha, 5), (whole.0, 6));
        assert_eq!(hash_body(b"a b\r\n", relaxed, sha, 6), (Vec::new(), 0), "longer than the body");
    }

    #[test]
    fn line_ends_and_mbox_lines() {
        let mut notes = Vec::new();
        let plain = plain(b"From a@example.com Mon\nA: b\n\nc\r\nd\n", &mut notes).expect("small");
        assert_eq!(plain.as_ref(), b"A: b\r\n\r\nc\r\nd\r\n");
        assert!(notes.is_empty());
    }

    #[test]
    fn limits() {
        let mut notes = Vec::new();
        assert!(super::plain(&vec![b'a'; MAX_MAIL + 1], &mut notes).is_none());
        let many = "A: b\r\n".repeat(MAX_HEADER_COUNT + 1) + "\r\n";
        assert!(read(many.as_bytes(), &mut notes).is_none());
        let long = format!("A: {}\r\n\r\n", "b".repeat(MAX_HEADERS));
        assert!(read(long.as_bytes(), &mut notes).is_none());
        assert!(read(b"", &mut notes).is_none());
        assert_eq!(notes.len(), 4, "{notes:?}");
    }
}
