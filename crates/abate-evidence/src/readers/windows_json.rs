//! Events of a Windows log as JSON: in the form of their XML, as Winlogbeat sends them, or with all fields side by side (NXLog).

use std::io::{self, BufRead};

use abate_model::{Text, WindowsEvent};

use super::windows_rows::{NEVER, TABLES, emit};
use crate::json::{self, Refusal};
use crate::shape::Shape;
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "windows-json",
    title: Text::fixed("Windows events as JSON", "Windows イベント（JSON）"),
    tables: TABLES,
    continuous: false,
    never_contains: NEVER,
    sniff,
    read,
};

/// Keys that together show an event, and what the form is called.
const FORMS: &[(&[&str], &str)] = &[
    (&["Event.System.EventID", "Event.System.Channel"], "Event.System.EventID, Event.System.Channel"),
    (&["System.EventID", "System.Channel"], "System.EventID, System.Channel"),
    (&["winlog.event_id", "winlog.channel"], "winlog.event_id, winlog.channel"),
    (&["EventID", "Channel", "Hostname"], "EventID, Channel, Hostname"),
    (&["EventID", "Channel", "Computer"], "EventID, Channel, Computer"),
];

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let (_, keys) = FORMS.iter().find(|(names, _)| shape.under(&["", "[]."], names).is_some())?;
    Some(format!("JSON keys {keys}"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let event = WindowsEvent::of_json(&text).map_err(Refusal::malformed)?;
        emit(&event, None, place.locator(), place.bytes, &ctx.zone, sink);
        Ok(())
    })
}
