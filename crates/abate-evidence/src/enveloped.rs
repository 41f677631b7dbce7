//! Records in the envelopes of collectors and search engines: Elasticsearch (`_source`, `event.original`), Splunk (`_raw`,
//! `result._raw`, `event`), Fluent Bit and Fluentd (`log`), Datadog (`attributes.message`), Sumo Logic (`map._raw`), Panther (`log`).
//!
//! Which key holds the record is decided by what is under it: the first under which a reader knows what it sees. A record that
//! stands in the envelope as it is keeps its own exact place; one that is escaped there has the place of its envelope.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::json::{self, Refusal};
use crate::lines::Place;
use crate::shape::{Field, Shape};
use crate::wrapped::{Form, Found, Message, instant, said, unwrapped_head};
use crate::{Head, readers};

/// The arrays that hold envelopes; a search's answer has its list under `hits` twice.
pub(crate) const LISTS: &[&str] = &["hits", "messages", "results", "data", "logs"];
/// Where the record stands in its envelope, in the order in which they are tried: words before objects, inner before outer.
const PATHS: &[&str] = &[
    "_raw",
    "result._raw",
    "map._raw",
    "_source.event.original",
    "event.original",
    "_source._raw",
    "_source.message",
    "_source.log",
    "attributes.message",
    "content.message",
    "@message",
    "message",
    "log",
    "event",
    "_source",
    "attributes.attributes",
    "record",
    "body",
    "line",
    "payload",
];
const TIMES: &[&str] = &[
    "@timestamp",
    "_source.@timestamp",
    "_time",
    "result._time",
    "timestamp",
    "attributes.timestamp",
    "content.timestamp",
    "map._messagetime",
    "_messagetime",
    "p_event_time",
    "time",
    "date",
];
const HOSTS: &[&str] = &[
    "host.name",
    "host.hostname",
    "host",
    "hostname",
    "_source.host.name",
    "_source.host",
    "agent.hostname",
    "result.host",
    "attributes.host",
    "content.host",
    "map._sourcehost",
    "_sourcehost",
    "kubernetes.host",
];
/// Formats that words of anything may look like.
const TOO_WEAK: &[&str] = &["shell-history", "crontab", "systemd-unit", "timed-json"];

/// The reader of what is in the envelopes of a stream, if it has envelopes and there is a reader for it.
pub(crate) fn find(head: &Head<'_>) -> Option<Found> {
    let shape = Shape::of(head)?;
    PATHS.iter().filter(|path| shape.anywhere(&[path]).is_some()).find_map(|path| {
        let form = Form::Under(path);
        let bytes = unwrapped_head(head, form);
        let inner = Head::new(head.path, &bytes, false);
        let each = bytes.trim_ascii_start().starts_with(b"{");
        let (reader, by) = if each {
            readers::of_each(&inner)
        } else {
            let strong = readers::all().iter().filter(|reader| !TOO_WEAK.contains(&reader.id));
            strong.copied().find_map(|reader| (reader.sniff)(&inner).map(|by| (reader, by)))
        }?;
        Some(Found { reader, by: format!("records under {path}; inside: {by}"), form: Some(form), each })
    })
}

/// Takes the record out of its envelope.
pub(crate) fn unwrap(place: Place<'_>, path: &str, take: &mut dyn FnMut(&Message<'_>)) -> Result<(), Refusal> {
    let text = std::str::from_utf8(place.bytes).map_err(|_| Refusal::malformed("an envelope is no valid UTF-8"))?;
    let envelope = Object::of(text).ok_or_else(|| Refusal::malformed("an envelope is no valid JSON"))?;
    let raw = envelope.at(path).ok_or_else(|| Refusal::malformed(format!("an envelope without {path}")))?;
    let inside = said(raw).ok_or_else(|| Refusal::malformed(format!("an envelope with nothing readable under {path}")))?;
    // Borrowed text is a part of the envelope's, so its place follows from where it begins.
    let (locator, literal) = match &inside {
        Cow::Borrowed(words) if !words.is_empty() => {
            let behind = (words.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) as u64;
            (Place { offset: place.offset.saturating_add(behind), bytes: words.as_bytes() }.locator(), true)
        }
        _ => (place.locator(), false),
    };
    let word = |names: &[&str]| names.iter().find_map(|name| serde_json::from_str::<Field<'_>>(envelope.at(name)?.get()).ok()?.filled());
    let at = word(TIMES).and_then(|stamp| time(&stamp));
    let host = word(HOSTS).map(|name| Rc::from(name.as_ref()));
    take(&Message { text: inside, at, stream: host, locator, literal });
    Ok(())
}

/// ISO 8601, milliseconds, or seconds with a fraction.
fn time(stamp: &str) -> Option<Timestamp> {
    const MILLIS: f64 = 1e11;
    match stamp.parse::<f64>() {
        Ok(number) if number.is_finite() && number.abs() < MILLIS => Timestamp::from_millisecond((number * 1000.0) as i64).ok(),
        _ => instant(stamp),
    }
}

/// The keys of an object with their values as they stand.
struct Object<'t>(HashMap<Cow<'t, str>, &'t RawValue>);

impl<'t> Object<'t> {
    fn of(text: &'t str) -> Option<Self> {
        text.trim_ascii_start().starts_with('{').then(|| json::fields(text).map(Self))?
    }

    /// What stands at a path; keys may have dots in them.
    fn at(&self, path: &str) -> Option<&'t RawValue> {
        if let Some(raw) = self.0.get(path) {
            return Some(raw);
        }
        path.match_indices('.').find_map(|(dot, _)| {
            let inner = self.0.get(path.get(..dot)?)?;
            Object::of(inner.get())?.at(path.get(dot + 1..)?)
        })
    }
}
