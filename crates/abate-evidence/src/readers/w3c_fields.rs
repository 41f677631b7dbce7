//! The fields of the W3C extended log format that make a request, for IIS, CloudFront and others: a header names them in any
//! order.

use std::borrow::Cow;

use abate_model::rows::HttpActivity;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fields::{self, Record, Said, percent_decoded, said};
use crate::time;

/// Most columns that a header may name.
const MAX_COLUMNS: usize = 200;

/// How a writer keeps a space out of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spaces {
    /// percent-encoding, once (CloudFront)
    Percent,
    /// a plus sign (IIS), or none
    Plus,
}

/// What a column means to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Col {
    Date,
    Time,
    Seconds,
    Millis,
    Client,
    User,
    Method,
    Stem,
    Query,
    Uri,
    Status,
    SentBytes,
    ReceivedBytes,
    UserAgent,
    Referer,
    /// the name that the client asked for; CloudFront: the distribution's
    Host,
    /// the name that the client asked for (CloudFront)
    AskedHost,
    Computer,
    Distribution,
    ForwardedFor,
    Skip,
}

/// The column of a field's name.
pub(super) fn column(name: &str) -> Col {
    match name.to_ascii_lowercase().as_str() {
        "date" => Col::Date,
        "time" => Col::Time,
        "timestamp" => Col::Seconds,
        "timestamp(ms)" | "timestamp-ms" => Col::Millis,
        "c-ip" => Col::Client,
        "cs-username" | "cs(username)" | "c-username" => Col::User,
        "cs-method" => Col::Method,
        "cs-uri-stem" => Col::Stem,
        "cs-uri-query" => Col::Query,
        "cs-uri" => Col::Uri,
        "sc-status" => Col::Status,
        "sc-bytes" => Col::SentBytes,
        "cs-bytes" => Col::ReceivedBytes,
        "cs(user-agent)" | "cs-user-agent" => Col::UserAgent,
        "cs(referer)" | "cs(referrer)" | "cs-referer" => Col::Referer,
        "cs(host)" | "cs-host" => Col::Host,
        "x-host-header" => Col::AskedHost,
        "s-computername" => Col::Computer,
        "distributionid" | "distribution-id" => Col::Distribution,
        "x-forwarded-for" | "cs(x-forwarded-for)" | "cs-x-forwarded-for" => Col::ForwardedFor,
        _ => Col::Skip,
    }
}

/// The names behind `#Fields:`.
pub(super) fn header(line: &str) -> Option<Vec<Col>> {
    let (name, names) = line.split_once(':')?;
    name.eq_ignore_ascii_case("#fields").then(|| names.split_ascii_whitespace().take(MAX_COLUMNS).map(column).collect())
}

/// Whether columns tell of requests: a client, and what it asked for.
pub(super) fn is_http(columns: &[Col]) -> bool {
    let has = |col: Col| columns.contains(&col);
    let timed = has(Col::Time) || has(Col::Seconds) || has(Col::Millis);
    timed && has(Col::Client) && (has(Col::Stem) || has(Col::Uri) || (has(Col::Method) && has(Col::Status)))
}

/// One request, as its fields come in.
#[derive(Debug)]
pub(super) struct Draft<'l> {
    spaces: Spaces,
    date: Option<Cow<'l, str>>,
    time: Option<Cow<'l, str>>,
    stamp: Option<Timestamp>,
    stem: Cow<'l, str>,
    query: Option<Cow<'l, str>>,
    uri: Option<Cow<'l, str>>,
    asked: Option<Cow<'l, str>>,
    http: HttpActivity<'l>,
}

impl<'l> Draft<'l> {
    /// An empty one. `date` is the file's own, for lines that have the time of day alone.
    pub fn new(spaces: Spaces, date: Option<&'l str>) -> Self {
        Self {
            spaces,
            date: date.map(Cow::Borrowed),
            time: None,
            stamp: None,
            stem: Cow::Borrowed(""),
            query: None,
            uri: None,
            asked: None,
            http: HttpActivity::default(),
        }
    }

    /// Takes a field.
    pub fn put(&mut self, column: Col, value: Cow<'l, str>) {
        if said(&value).is_none() {
            return;
        }
        let http = &mut self.http;
        match column {
            Col::Date => self.date = Some(value),
            Col::Time => self.time = Some(value),
            Col::Seconds => self.stamp = self.stamp.or_else(|| seconds(&value)),
            Col::Millis => self.stamp = value.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            Col::Client => http.client = value,
            Col::User => http.user = Some(value),
            Col::Method => http.method = value,
            Col::Stem => self.stem = value,
            Col::Query => self.query = Some(value),
            Col::Uri => self.uri = Some(value),
            // 000: the client closed the connection before there was an answer.
            Col::Status => http.status = value.parse().ok().filter(|s| *s != 0),
            Col::SentBytes => http.bytes = value.parse().ok(),
            Col::ReceivedBytes => http.request_bytes = value.parse().ok(),
            Col::UserAgent => http.user_agent = Some(spaced(value, self.spaces)),
            Col::Referer => {
                http.referer = Some(if self.spaces == Spaces::Percent { spaced(value, self.spaces) } else { value });
            }
            Col::Host => http.host = Some(value),
            Col::AskedHost => self.asked = Some(value),
            Col::Computer => http.server = Some(value),
            Col::Distribution => http.server = http.server.take().or(Some(value)),
            Col::ForwardedFor => http.forwarded_for = Some(spaced(value, self.spaces)),
            Col::Skip => {}
        }
    }

    /// The record, or why there is none.
    pub fn finish(self) -> Result<Said<'l>, &'static str> {
        let mut http = self.http;
        let civil = self.date.as_deref().zip(self.time.as_deref()).and_then(|(date, clock)| {
            let text = format!("{date} {clock}");
            time::looks_iso(text.as_bytes()).then(|| time::iso(&text, &TimeZone::UTC))?
        });
        let at = self.stamp.or(civil.map(|(at, _)| at)).ok_or("the date or time is missing or does not parse")?;
        if http.client.is_empty() && self.stem.is_empty() && self.uri.is_none() {
            return Err("neither a client nor a target");
        }
        http.target = match (self.query, self.uri) {
            (_, Some(uri)) if self.stem.is_empty() => uri,
            (Some(query), _) => Cow::Owned(format!("{}?{query}", self.stem)),
            _ => self.stem,
        };
        if self.spaces == Spaces::Percent {
            // The host column is the distribution's own name.
            http.server = http.host.take().or(http.server);
            http.host = self.asked.or_else(|| http.server.clone());
        }
        // The format fixes the zone: UTC.
        Ok(Some(Record::request(at, http)))
    }
}

/// Unix seconds, perhaps with a fraction.
fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Timestamp::from_millisecond(whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis)?).ok()
}

fn spaced(value: Cow<'_, str>, spaces: Spaces) -> Cow<'_, str> {
    match spaces {
        Spaces::Percent if value.contains('%') => Cow::Owned(percent_decoded(&value).into_owned()),
        Spaces::Plus if value.contains('+') && !value.contains(' ') => Cow::Owned(value.replace('+', " ")),
        _ => value,
    }
}

/// The fields of a line: between tabs where there are any, else between spaces.
pub(super) fn line<'l>(line: &'l str, columns: &[Col], draft: Draft<'l>) -> Result<Said<'l>, &'static str> {
    let mut draft = draft;
    let fields = if line.contains('\t') { line.split('\t').collect() } else { between_spaces(line, columns.len()) };
    if fields.len() != columns.len() {
        return Err("the number of fields is not the header's");
    }
    for (column, value) in columns.iter().zip(fields) {
        draft.put(*column, Cow::Borrowed(value.trim_matches(' ')));
    }
    draft.finish()
}

/// A quotation mark in a field means nothing where the number of fields is right without it.
fn between_spaces(line: &str, want: usize) -> Vec<&str> {
    let plain: Vec<&str> = line.split_ascii_whitespace().take(MAX_COLUMNS + 1).collect();
    if plain.len() == want { plain } else { fields::split(line).filter(|quoted| quoted.len() == want).unwrap_or(plain) }
}
