//! A request to a web server as rules see it: the W3C names, and the other spellings that rules use.
//!
//! Rules write attack strings encoded or plain, and take `cs-uri-query` for the query or for the whole target, so that such a field
//! holds all of these.

use std::borrow::Cow;

use abate_model::rows::HttpActivity;
use rsigma_eval::{Event, EventValue};
use serde_json::{Map, Value};

/// See the module. Nothing is put together before a rule asks for it: nearly no request matches any.
pub(super) struct RequestEvent<'r> {
    http: &'r HttpActivity<'r>,
    /// the target without its percent-encoding, where that is something else
    decoded: Option<Cow<'r, str>>,
    stem: &'r str,
    query: &'r str,
}

pub(super) const NAMES: &[&str] = &[
    "cs-method",
    "c-uri",
    "cs-uri",
    "c-uri-query",
    "cs-uri-query",
    "c-uri-stem",
    "cs-uri-stem",
    "c-uri-extension",
    "c-ip",
    "cs-user-agent",
    "c-useragent",
    "cs-username",
    "cs-referer",
    "cs-referrer",
    "cs-host",
    "sc-status",
    "sc-bytes",
];

impl<'r> RequestEvent<'r> {
    /// Of a request.
    pub fn new(http: &'r HttpActivity<'r>) -> Self {
        let (stem, query) = http.target.split_once('?').unwrap_or((&http.target, ""));
        let decoded = percent_encoding::percent_decode_str(&http.target).decode_utf8_lossy();
        Self { http, decoded: Some(decoded).filter(|decoded| *decoded != http.target), stem, query }
    }

    /// Hands out the texts that hold all that rules can find as text: query, stem and extension are parts of the target.
    pub fn each_text(&self, mut visit: impl FnMut(&str)) {
        let http = self.http;
        let maybe = [&http.user_agent, &http.user, &http.referer, &http.host];
        self.targets()
            .chain([&*http.method, &*http.client])
            .chain(maybe.into_iter().filter_map(|text| text.as_deref()))
            .for_each(&mut visit);
    }

    fn targets(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.http.target).chain(self.decoded.as_deref())
    }

    fn extension(&self) -> Option<&str> {
        self.stem.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
    }

    /// Each text once, whatever its names.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let http = self.http;
        let maybe = [self.extension(), http.user_agent.as_deref(), http.user.as_deref(), http.referer.as_deref(), http.host.as_deref()];
        self.targets().chain([self.query, self.stem, &*http.method, &*http.client]).chain(maybe.into_iter().flatten())
    }
}

impl Event for RequestEvent<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let text = |text| EventValue::Str(Cow::Borrowed(text));
        // A field of the log that holds nothing is there, and empty.
        fn maybe<'v>(value: &'v Option<Cow<'_, str>>) -> EventValue<'v> {
            value.as_deref().map_or(EventValue::Null, |text| EventValue::Str(Cow::Borrowed(text)))
        }
        let number = |value: u64| i64::try_from(value).map_or(EventValue::Float(value as f64), EventValue::Int);
        Some(match path {
            "cs-method" => text(&self.http.method),
            "c-uri" | "cs-uri" => EventValue::Array(self.targets().map(text).collect()),
            "c-uri-query" | "cs-uri-query" => EventValue::Array(std::iter::once(self.query).chain(self.targets()).map(text).collect()),
            "c-uri-stem" | "cs-uri-stem" => text(self.stem),
            "c-uri-extension" => text(self.extension()?),
            "c-ip" => text(&self.http.client),
            "cs-user-agent" | "c-useragent" => maybe(&self.http.user_agent),
            "cs-username" => maybe(&self.http.user),
            "cs-referer" | "cs-referrer" => maybe(&self.http.referer),
            "cs-host" => maybe(&self.http.host),
            "sc-status" => number(self.http.status?.into()),
            "sc-bytes" => number(self.http.bytes?),
            _ => return None,
        })
    }

    fn any_string_value(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        self.texts().any(matches)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        self.texts().map(Cow::Borrowed).collect()
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.texts().for_each(visit);
    }

    fn to_json(&self) -> Value {
        let fields = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), json(&self.get_field(name)?))));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        NAMES.iter().filter(|name| self.get_field(name).is_some()).for_each(|name| visit(name));
        true
    }
}

fn json(value: &EventValue<'_>) -> Value {
    match value {
        EventValue::Array(list) => list.iter().map(json).collect(),
        EventValue::Int(number) => Value::from(*number),
        EventValue::Float(number) => Value::from(*number),
        other => other.as_str().map_or(Value::Null, |text| Value::from(text.into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rsigma_eval::JsonEvent;

    use super::*;

    #[test]
    fn it_answers_as_its_json_does() {
        let plain = HttpActivity {
            client: "192.0.2.1".into(),
            method: "GET".into(),
            target: "/a.b/index.php?x=1".into(),
            ..HttpActivity::default()
        };
        let rich = HttpActivity {
            target: "/%2e%2e/etc/passwd%00?q=%24%7B".into(),
            user_agent: Some("x".into()),
            referer: Some(String::new().into()),
            host: Some("www.example.com".into()),
            status: Some(404),
            bytes: Some(u64::MAX),
            ..plain.clone()
        };
        for http in [&plain, &rich, &HttpActivity::default()] {
            let event = RequestEvent::new(http);
            let whole = event.to_json();
            let whole = JsonEvent::borrow(&whole);
            for name in NAMES.iter().chain(&["c-uri.x", "other", ""]) {
                assert_eq!(event.get_field(name), whole.get_field(name), "{name}");
            }
            let distinct = |texts: Vec<Cow<'_, str>>| texts.into_iter().map(Cow::into_owned).collect::<BTreeSet<_>>();
            assert_eq!(distinct(event.all_string_values()), distinct(whole.all_string_values()));
            let mut keys = BTreeSet::new();
            event.visit_top_level_keys(&mut |key| keys.extend([key.to_owned()]));
            assert_eq!(Some(keys), whole.top_level_keys().map(distinct));
        }
        let event = RequestEvent::new(&rich).to_json();
        assert_eq!(event["cs-uri-query"], serde_json::json!(["q=%24%7B", "/%2e%2e/etc/passwd%00?q=%24%7B", "/../etc/passwd\0?q=${"]));
        assert_eq!((&event["c-uri-stem"], &event["sc-status"]), (&"/%2e%2e/etc/passwd%00".into(), &404.into()));
        assert_eq!(RequestEvent::new(&plain).to_json()["c-uri-extension"], "php");
    }
}
