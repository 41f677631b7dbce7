//! Units of systemd that run something: services and timers, one file each or several as `systemctl cat` shows them, each behind
//! a comment with its path.
//!
//! A unit is one row; its place is the whole unit.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::ScheduledJobActivity;
use abate_model::{Body, Locator, LossKind, Row, Table, Text, ZoneCertainty};

use super::linux::file_name;
use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "systemd-unit",
    title: Text::fixed("systemd service or timer", "systemd のサービスまたはタイマー"),
    tables: &[Table::ScheduledJobActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("whether and when the unit ran", "ユニットの実行の有無および時刻"),
        Text::fixed("whether the unit is enabled", "ユニットが有効かどうか"),
        Text::fixed("when and by whom the unit was set up", "ユニットの作成日時および作成者"),
    ],
    sniff,
    read,
};

/// Most bytes of one unit that are held, and most commands of it.
const MAX_UNIT: usize = 1 << 20;
const MAX_COMMANDS: usize = 64;
/// What begins a job or says when it is run.
const RUNS: &[&str] = &["ExecStart", "ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost", "ExecReload"];
const TIMES: &[&str] = &["OnCalendar", "OnBootSec", "OnStartupSec", "OnActiveSec", "OnUnitActiveSec", "OnUnitInactiveSec"];

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 500);
    let is = |line: &&&[u8], names: &[&str]| {
        names.iter().any(|name| line.strip_prefix(name.as_bytes()).is_some_and(|r| r.trim_ascii_start().starts_with(b"=")))
    };
    let section = lines.iter().find(|line| matches!(**line, b"[Service]" | b"[Timer]"))?;
    let first = lines.iter().find(|line| !line.starts_with(b"#") && !line.starts_with(b";"))?;
    let good = lines.iter().any(|line| is(&line, RUNS) || is(&line, TIMES));
    let own = matches!(*first, b"[Unit]" | b"[Service]" | b"[Timer]" | b"[Install]");
    (good && own).then(|| format!("section {} with its settings", String::from_utf8_lossy(section)))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut unit = Unit::default();
    // A line that ends with a backslash goes on in the next.
    let mut joined = String::new();
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim().is_empty() {
            joined.clear();
            continue;
        }
        if let Some(path) = unit_path(&text) {
            unit.close(sink);
            unit.file = Some(path.to_owned());
        }
        let comment = joined.is_empty() && text.trim_start().starts_with(['#', ';']);
        let part = text.strip_suffix('\\').filter(|part| !comment && joined.len() + part.len() < MAX_UNIT);
        joined.push_str(if comment { "" } else { part.unwrap_or(&text) });
        if comment || part.is_some() || unit.setting(joined.trim()) {
            if !unit.hold(place) {
                let reason = format!("a unit is longer than {MAX_UNIT} bytes");
                sink.loss(LossKind::OverLimit, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        } else {
            let reason = "no section and no setting of a systemd unit".to_owned();
            sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
        }
        if part.is_some() {
            joined.push(' ');
        } else {
            joined.clear();
        }
    }
    unit.close(sink);
    Ok(())
}

/// `# /etc/systemd/system/x.service`, as `systemctl cat` puts it in front of a unit.
fn unit_path(line: &str) -> Option<&str> {
    let path = line.strip_prefix("# /").map(|_| line.get(2..))??.trim_end();
    let known = [".service", ".timer", ".conf", ".socket", ".path"].iter().any(|end| path.ends_with(end));
    (known && !path.contains(' ')).then_some(path)
}

#[derive(Default)]
struct Unit {
    file: Option<String>,
    description: Option<String>,
    user: Option<String>,
    starts: Option<String>,
    commands: Vec<String>,
    times: Vec<String>,
    settings: u32,
    start: u64,
    end: u64,
    raw: Vec<u8>,
}

impl Unit {
    /// Takes a line's bytes in; `false` when the unit is too large.
    fn hold(&mut self, place: Place<'_>) -> bool {
        if self.raw.len().saturating_add(place.bytes.len()) > MAX_UNIT {
            return false;
        }
        if self.raw.is_empty() {
            self.start = place.offset;
        } else {
            // Blank lines between are part of the unit's place; in the raw record one line end stands for them.
            self.raw.push(b'\n');
        }
        self.raw.extend_from_slice(place.bytes);
        self.end = place.offset.saturating_add(place.bytes.len() as u64);
        true
    }

    /// Says whether the line is a section or a setting.
    fn setting(&mut self, line: &str) -> bool {
        if line.starts_with('[') && line.ends_with(']') {
            return true;
        }
        let Some((name, value)) = line.split_once('=') else { return false };
        let (name, value) = (name.trim(), value.trim());
        self.settings = self.settings.saturating_add(1);
        if RUNS.contains(&name) && self.commands.len() < MAX_COMMANDS {
            // Marks in front of the path change how it is run, not what.
            let command = value.trim_start_matches(['-', '@', '+', '!', ':']);
            self.commands.extend((!command.is_empty()).then(|| command.to_owned()));
        } else if TIMES.contains(&name) && self.times.len() < MAX_COMMANDS {
            self.times.push(format!("{name}={value}"));
        }
        match name {
            "Description" => self.description = Some(value.to_owned()),
            "User" => self.user = Some(value.to_owned()),
            "Unit" => self.starts = Some(value.to_owned()),
            _ => {}
        }
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        let unit = std::mem::take(self);
        let locator = Locator::Bytes { offset: unit.start, length: unit.end.saturating_sub(unit.start) };
        if unit.commands.is_empty() && unit.times.is_empty() {
            if unit.settings > 0 {
                let reason = "a unit, or a part of one, that runs nothing itself".to_owned();
                sink.loss(LossKind::NotSupported, reason, Some(locator), unit.raw.len() as u64);
            }
            return;
        }
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty()).map(Cow::Owned);
        let command = if unit.commands.is_empty() { unit.starts.clone().unwrap_or_default() } else { unit.commands.join(" ; ") };
        let name = unit.file.as_deref().map(|path| file_name(path).to_owned()).or_else(|| unit.description.clone());
        let body = Body::Job(Box::new(ScheduledJobActivity {
            change: Cow::Borrowed("defined"),
            name: name.map(Cow::Owned),
            command: Cow::Owned(command),
            schedule: (!unit.times.is_empty()).then(|| Cow::Owned(unit.times.join(" ; "))),
            user: text(&unit.user),
            file: text(&unit.file),
            program: Some(Cow::Borrowed("systemd")),
            ..ScheduledJobActivity::default()
        }));
        sink.row(Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator, body }, &unit.raw);
    }
}
