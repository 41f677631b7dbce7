//! A record of few texts as rules see it: names and values, borrowed from the row. Nearly every line of a host's logs is one, and nearly none matches.

use std::borrow::Cow;

use rsigma_eval::{Event, EventValue};
use serde_json::Value;

/// See the module. A value that is missing is there as JSON's null.
pub(super) struct LineEvent<'r>(pub Vec<(&'static str, Option<Cow<'r, str>>)>);

impl LineEvent<'_> {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, value)| value.as_deref())
    }
}

impl Event for LineEvent<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let (_, value) = self.0.iter().find(|(name, _)| *name == path)?;
        Some(value.as_deref().map_or(EventValue::Null, |text| EventValue::Str(Cow::Borrowed(text))))
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
        let value = |value: &Option<Cow<'_, str>>| value.as_deref().map_or(Value::Null, Value::from);
        Value::Object(self.0.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        self.0.iter().for_each(|(name, _)| visit(name));
        true
    }
}

#[cfg(test)]
mod tests {
    use rsigma_eval::JsonEvent;

    use super::*;

    #[test]
    fn it_answers_as_its_json_does() {
        let line = LineEvent(vec![("message", Some("Failed password".into())), ("user", None), ("host", Some("web1".into()))]);
        let json = line.to_json();
        let whole = JsonEvent::borrow(&json);
        for path in ["message", "user", "host", "program", "message.more", ""] {
            assert_eq!(line.get_field(path), whole.get_field(path), "{path}");
        }
        let sorted = |mut texts: Vec<Cow<'_, str>>| {
            texts.sort();
            texts.into_iter().map(Cow::into_owned).collect::<Vec<_>>()
        };
        assert_eq!(sorted(line.all_string_values()), sorted(whole.all_string_values()));
    }
}
