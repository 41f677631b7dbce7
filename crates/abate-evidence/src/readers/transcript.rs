//! Transcripts of PowerShell: what was typed at the prompt, and what came of it. Each command is a row, with its output as part of
//! the record; the session itself is one too.
//!
//! A command has a time only where the transcript was started with a heading for each (`-IncludeInvocationHeader`, or the policy
//! for it). Times have no zone. Headings are known by their shape, since Windows writes them in its own language.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{ProcessActivity, ProcessChange, TimedText};
use abate_model::{Body, LossKind, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::fields::{Record, emit};
use crate::lines::{Line, Lines, Place, first_lines};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "transcript",
    title: Text::fixed("PowerShell transcript", "PowerShell のトランスクリプト"),
    tables: &[Table::ProcessActivity, Table::TimedText],
    continuous: false,
    never_contains: &[
        Text::fixed("programs that were not started from this session", "このセッション以外から起動したプログラム"),
        Text::fixed(
            "when a command ran, unless headings for each were switched on",
            "コマンドの実行時刻（各コマンドの見出しが有効な場合を除く）",
        ),
        Text::fixed("what was done after the transcript was stopped", "トランスクリプト停止後の操作"),
    ],
    sniff,
    read,
};

/// Longest record; lines over it are lost and counted.
const MAX_RECORD: usize = 1 << 20;

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 12);
    let text = |n: usize| lines.get(n).map(|line| String::from_utf8_lossy(line).into_owned()).unwrap_or_default();
    let start = (0..3).find(|n| is_rule(&text(*n)))?;
    let named = text(start + 1).contains("PowerShell");
    let stamped = (start + 2..start + 5).any(|n| stamp(&text(n)).is_some());
    (named && stamped).then(|| "heading of a PowerShell transcript".to_owned())
}

/// A line of asterisks.
fn is_rule(line: &str) -> bool {
    line.len() >= 20 && line.trim_end().bytes().all(|b| b == b'*')
}

/// The time in `Start time: 20261124082705`, whatever the words are.
fn stamp(line: &str) -> Option<DateTime> {
    let digits = line.rsplit_once(": ").map_or(line, |(_, value)| value).trim();
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i8>().ok();
    let plain = digits.len() == 14 && digits.bytes().all(|b| b.is_ascii_digit());
    let year = digits.get(..4).filter(|_| plain)?.parse().ok()?;
    DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()
}

/// Folder and command of `PS C:\Users\x> whoami`, `PS>whoami`.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("PS")?;
    let (folder, command) = rest.split_once('>')?;
    let plain = folder.is_empty() || (folder.starts_with(' ') && folder.len() < 512);
    plain.then(|| (folder.trim(), command.trim()))
}

/// Who works where.
#[derive(Clone, Debug, Default)]
struct Session {
    user: Option<String>,
    host: Option<String>,
    pid: Option<u32>,
    program: Option<String>,
}

enum What {
    /// the lines between two rules
    Heading,
    Command,
    /// what stands behind a heading or an empty prompt
    Nothing,
}

struct Open {
    offset: u64,
    bytes: Vec<u8>,
    full: bool,
    what: What,
}

struct Reading<'r> {
    ctx: &'r ReadContext,
    session: Session,
    at: Option<Timestamp>,
    open: Option<Open>,
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut reading = Reading { ctx, session: Session::default(), at: None, open: None };
    while let Some(line) = lines.next()? {
        match line {
            Line::Whole(place) => reading.line(place, sink),
            Line::TooLong(at, bytes) => sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes),
        }
    }
    reading.close(sink);
    Ok(())
}

impl Reading<'_> {
    fn line(&mut self, place: Place<'_>, sink: &mut dyn Sink) {
        let text = place.text();
        let in_heading = matches!(&self.open, Some(open) if matches!(open.what, What::Heading));
        if is_rule(&text) {
            if in_heading {
                self.follow(place, sink);
                self.close(sink);
                self.begin(place, What::Nothing);
            } else {
                self.close(sink);
                self.begin(place, What::Heading);
            }
        } else if !in_heading
            && self.open.is_some()
            && let Some((_, command)) = prompt(&text)
        {
            self.close(sink);
            self.begin(place, if command.is_empty() { What::Nothing } else { What::Command });
        } else if self.open.is_some() {
            self.follow(place, sink);
        } else if !text.trim_ascii().is_empty() {
            let reason = "a line in front of the transcript's heading".to_owned();
            sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
        }
    }

    fn begin(&mut self, place: Place<'_>, what: What) {
        self.open = Some(Open { offset: place.offset, bytes: place.bytes.to_vec(), full: false, what });
    }

    fn follow(&mut self, place: Place<'_>, sink: &mut dyn Sink) {
        let Some(open) = &mut self.open else { return };
        // A line is handed out without its end, which is one or two bytes; the record is exact only with it.
        let end: &[u8] = match place.offset.saturating_sub(open.offset).saturating_sub(open.bytes.len() as u64) {
            0 | 1 => b"\n",
            _ => b"\r\n",
        };
        open.full |= open.bytes.len().saturating_add(place.bytes.len()).saturating_add(end.len()) > MAX_RECORD;
        if !open.full {
            open.bytes.extend_from_slice(end);
            open.bytes.extend_from_slice(place.bytes);
        } else if !place.bytes.trim_ascii().is_empty() {
            let reason = format!("the output of a command is longer than {MAX_RECORD} bytes");
            sink.loss(LossKind::OverLimit, reason, Some(place.locator()), place.bytes.len() as u64);
        }
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        let Some(Open { offset, bytes, what, .. }) = self.open.take() else { return };
        let bytes = bytes.trim_ascii_end();
        let text = String::from_utf8_lossy(bytes);
        let place = Place { offset, bytes };
        match what {
            What::Nothing => {
                // What a script wrote without a prompt.
                let words = text.split_once('\n').map_or("", |(_, words)| words).trim();
                if !words.is_empty() {
                    let text = TimedText {
                        host: self.session.host.as_deref().map(Cow::Borrowed),
                        program: Some(Cow::Borrowed("powershell")),
                        pid: self.session.pid,
                        message: Cow::Borrowed(words),
                    };
                    let at = self.at.map(|at| (at, ZoneCertainty::Assumed));
                    emit(Record { at, body: Body::Text(text) }, place, sink);
                }
            }
            What::Heading => self.heading(&text, place, sink),
            What::Command => {
                let first = text.lines().next().unwrap_or_default();
                let (folder, command) = prompt(first).unwrap_or(("", first));
                self.emit(self.at, command, Some(folder), place, sink);
            }
        }
    }

    /// The heading of a session has many values, that of a command only its time, that of the end its own.
    fn heading(&mut self, text: &str, place: Place<'_>, sink: &mut dyn Sink) {
        let values: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once(": ")?.1.trim())).collect();
        self.at = text.lines().find_map(stamp).and_then(|civil| time::in_zone(civil, &self.ctx.zone));
        if values.len() < 4 {
            return;
        }
        let machine = values.iter().find(|value| value.ends_with(')') && value.contains(" (")).copied();
        let application = values.iter().find(|value| value.to_ascii_lowercase().contains(".exe") || value.contains("pwsh")).copied();
        self.session = Session {
            user: values.get(1).map(|user| (*user).to_owned()),
            host: machine.and_then(|machine| machine.split(' ').next()).map(str::to_owned),
            pid: values.iter().find_map(|value| value.parse().ok().filter(|_| value.len() < 10)),
            program: application.map(str::to_owned),
        };
        let command = application.unwrap_or("powershell").to_owned();
        self.emit(self.at, &command, None, place, sink);
        // Commands have no time of their own unless a heading gives them one.
        self.at = None;
    }

    fn emit(&self, at: Option<Timestamp>, command: &str, folder: Option<&str>, place: Place<'_>, sink: &mut dyn Sink) {
        let session = &self.session;
        let name =
            if folder.is_none() { Some("powershell") } else { command.split([' ', '|', ';']).next().filter(|name| !name.is_empty()) };
        let body = ProcessActivity {
            host: session.host.as_deref().map(Cow::Borrowed),
            change: ProcessChange::Launch,
            name: name.map(Cow::Borrowed),
            command: Cow::Borrowed(command),
            cwd: folder.filter(|folder| !folder.is_empty()).map(Cow::Borrowed),
            pid: session.pid.filter(|_| folder.is_none()),
            parent_pid: session.pid.filter(|_| folder.is_some()),
            parent: session.program.as_deref().filter(|_| folder.is_some()).map(Cow::Borrowed),
            user: session.user.as_deref().map(Cow::Borrowed),
            program: Some(Cow::Borrowed("powershell")),
            ..ProcessActivity::default()
        };
        let at = at.map(|at| (at, ZoneCertainty::Assumed));
        emit(Record { at, body: Body::Process(Box::new(body)) }, place, sink);
    }
}
