//! An event of a Windows event log, as its XML or one of the usual JSON forms gives it. Readers make rows of it, and Sigma rules see
//! its fields under their own names.
//!
//! Absent on purpose: the words of a message. They stand in the programs of the machine that wrote the log; an event holds only what
//! is filled into them, unless the export put them in.

mod json;
mod xml;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use xml::{Attributes, Leaf};

type Str<'a> = Cow<'a, str>;

/// One event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowsEvent<'a> {
    /// who wrote it, e.g. `Microsoft-Windows-Security-Auditing`
    pub provider: Str<'a>,
    /// its number, which together with the provider says what it means
    pub id: u32,
    /// the log, e.g. `Security`
    pub channel: Str<'a>,
    /// the computer
    pub computer: Option<Str<'a>>,
    /// level as written
    pub level: Option<Str<'a>>,
    /// its number in the log
    pub record: Option<u64>,
    /// its time as written
    pub time: Option<Str<'a>>,
    /// the process that wrote it
    pub pid: Option<u32>,
    /// SID of the user on whose behalf it was written
    pub user: Option<Str<'a>>,
    /// its words, where the export put them in
    pub message: Option<Str<'a>>,
    /// its data in order; values without a name are called `Data`
    pub fields: Vec<(Str<'a>, Str<'a>)>,
}

impl<'a> WindowsEvent<'a> {
    /// Reads an event in whichever form it stands.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(text: &'a str) -> Result<Self, &'static str> {
        match text.trim_start().as_bytes().first() {
            Some(b'<') => Self::of_xml(text),
            Some(b'{') => Self::of_json(text),
            _ => Err("neither XML nor a JSON object"),
        }
    }

    /// Whether bytes begin like an event, so that reading them is worth trying.
    #[must_use]
    pub fn may_begin(raw: &[u8]) -> bool {
        let raw = raw.trim_ascii_start();
        let named = |names: &[&[u8]]| names.iter().any(|name| raw.windows(name.len()).take(20_000).any(|w| w == *name));
        raw.starts_with(b"<Event ") || (raw.starts_with(b"{") && named(&[b"\"EventID\"", b"\"winlog\""]))
    }

    /// Reads an `Event` element.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_xml(text: &'a str) -> Result<Self, &'static str> {
        let (mut event, mut id) = (Self::default(), None);
        xml::leaves(text, &mut |leaf| match leaf.path {
            ["Event", "System", name] => event.system(name, leaf.attributes, leaf.text, &mut id),
            ["Event", "RenderingInfo", "Message"] => event.message = Some(leaf.text).filter(|text| !text.is_empty()),
            ["Event", "RenderingInfo", ..] => {}
            // An `EventData` with nothing in it says nothing.
            ["Event", _] if leaf.text.trim_ascii().is_empty() => {}
            ["Event", _, ..] => event.field(leaf),
            _ => {}
        })?;
        event.id = id.ok_or("no EventID where an event has it")?;
        Ok(event)
    }

    /// Reads a JSON object: an event as its XML has it, as Winlogbeat sends it, or with all fields side by side.
    ///
    /// # Errors
    /// Why it is none.
    pub fn of_json(text: &'a str) -> Result<Self, &'static str> {
        json::read(text)
    }

    fn system(&mut self, name: &str, attributes: Attributes<'a>, text: Str<'a>, id: &mut Option<u32>) {
        let filled = |text: Str<'a>| Some(text).filter(|text| !text.is_empty());
        match name {
            "Provider" => self.provider = attributes.get("Name").or_else(|| attributes.get("EventSourceName")).unwrap_or_default(),
            "EventID" => *id = text.trim_ascii().parse().ok(),
            "Channel" => self.channel = text,
            "Computer" => self.computer = filled(text),
            "Level" => self.level = filled(text),
            "EventRecordID" => self.record = text.trim_ascii().parse().ok(),
            "TimeCreated" => self.time = attributes.get("SystemTime"),
            "Execution" => self.pid = attributes.get("ProcessID").and_then(|pid| pid.parse().ok()),
            "Security" => self.user = attributes.get("UserID").and_then(filled),
            _ => {}
        }
    }

    fn field(&mut self, leaf: Leaf<'_, 'a>) {
        let name = leaf.path.last().copied().unwrap_or_default();
        self.fields.push((leaf.attributes.get("Name").unwrap_or(Cow::Borrowed(name)), leaf.text));
    }

    /// When it was written, if its time says the zone.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.time.as_deref()?.trim().parse().ok()
    }

    /// The value of a field that says something: Windows writes `-` where there is nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim())?;
        (!matches!(value, "" | "-")).then_some(value)
    }

    /// The values without a name, in order.
    pub fn unnamed(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(name, _)| name == "Data").map(|(_, value)| value.as_ref())
    }

    /// Its fields as JSON; a name that comes several times has a list.
    #[must_use]
    pub fn data(&self) -> Map<String, Value> {
        let mut data = Map::new();
        for (name, value) in &self.fields {
            let value = Value::from(value.as_ref());
            match data.get_mut(name.as_ref()) {
                None => drop(data.insert(name.to_string(), value)),
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        data
    }

    /// Its fields in one line, as `name=value`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = String::new();
        for (name, value) in self.fields.iter().filter(|(_, value)| !matches!(value.trim(), "" | "-")) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(name);
            words.push('=');
            words.push_str(value.trim());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P' Guid='{g}'/>\
        <EventID Qualifiers='0'>4625</EventID><Level>0</Level><TimeCreated SystemTime='2026-11-20T01:00:00.1234567Z'/>\
        <EventRecordID>7</EventRecordID><Execution ProcessID='4' ThreadID='8'/><Channel>Security</Channel><Computer>web</Computer>\
        <Security UserID='S-1-5-18'/></System><EventData><Data Name='TargetUserName'>a &amp; b</Data><Data Name='IpAddress'>-</Data>\
        <Data>one</Data><Data>two</Data></EventData><RenderingInfo Culture='en-US'><Message>words</Message><Level>Info</Level></RenderingInfo></Event>";

    #[test]
    fn an_event_of_xml() {
        let event = WindowsEvent::read(XML).unwrap();
        assert_eq!(
            (event.provider.as_ref(), event.id, event.channel.as_ref(), event.record, event.pid),
            ("P", 4625, "Security", Some(7), Some(4))
        );
        assert_eq!(event.at().unwrap().to_string(), "2026-11-20T01:00:00.1234567Z");
        assert_eq!((event.get("TargetUserName"), event.get("IpAddress"), event.get("x")), (Some("a & b"), None, None));
        assert_eq!(event.unnamed().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(event.message.as_deref(), Some("words"));
        assert_eq!(event.data()["Data"], serde_json::json!(["one", "two"]));
        assert_eq!(event.words(), "TargetUserName=a & b Data=one Data=two");
        assert!(WindowsEvent::may_begin(XML.as_bytes()));
        assert!(WindowsEvent::read("<Event><System/></Event>").is_err() && WindowsEvent::read("x").is_err());
    }

    #[test]
    fn the_same_event_of_json() {
        let nested = r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":0},"#text":4625},
            "Level":0,"TimeCreated":{"#attributes":{"SystemTime":"2026-11-20T01:00:00.1234567Z"}},"EventRecordID":7,"Execution":{"#attributes":{"ProcessID":4}},
            "Channel":"Security","Computer":"web","Security":{"#attributes":{"UserID":"S-1-5-18"}}},
            "EventData":{"TargetUserName":"a & b","IpAddress":"-","Data":{"#text":["one","two"]}}}}"##;
        let xml = WindowsEvent { message: None, ..WindowsEvent::read(XML).unwrap() };
        assert_eq!(WindowsEvent::read(nested).unwrap(), xml);
        let beat = r#"{"@timestamp":"2026-11-20T01:00:00.1234567Z","message":"m","winlog":{"provider_name":"P","event_id":"4625","channel":"Security",
            "computer_name":"web","record_id":7,"process":{"pid":4},"user":{"identifier":"S-1-5-18"},"event_data":{"TargetUserName":"a & b","LogonType":"3"}}}"#;
        let event = WindowsEvent::read(beat).unwrap();
        assert_eq!((event.id, event.record, event.get("LogonType"), event.message.as_deref()), (4625, Some(7), Some("3"), Some("m")));
        let flat = r#"{"EventID":4625,"Channel":"Security","SourceName":"P","Hostname":"web","@timestamp":"2026-11-20T01:00:00Z","TargetUserName":"a","LogonType":3}"#;
        let event = WindowsEvent::read(flat).unwrap();
        assert_eq!((event.provider.as_ref(), event.computer.as_deref(), event.get("LogonType")), ("P", Some("web"), Some("3")));
        assert_eq!(event.at().unwrap().to_string(), "2026-11-20T01:00:00Z");
        assert!(WindowsEvent::read("{\"EventID\":1}").is_err() && WindowsEvent::read("{").is_err());
    }
}
