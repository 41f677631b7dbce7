//! Lines of syslog: RFC 3164 (`Nov 24 08:27:05 host prog[7]: words`), the same with an ISO 8601 time in front, and RFC 5424; so
//! auth.log, secure, messages, cron, maillog, and `journalctl` with any of its `short` forms.
//!
//! Lines of sshd, sudo, su, cron, mail servers and the tools for accounts become rows of their tables (see `linux`), all others
//! `timed_text`.

use std::io::{self, BufRead};

use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::linux::Said;
use crate::lines::{Line, Lines, first_lines, majority};
use crate::time::{self, Yearless};
use crate::{Head, ReadContext, Reader, Sink, notations, scan};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "syslog",
    title: Text::fixed("syslog (auth.log, secure, messages and the like)", "syslog（auth.log、secure、messages など）"),
    tables: &[
        Table::Authentication,
        Table::AccountChange,
        Table::ProcessActivity,
        Table::ScheduledJobActivity,
        Table::EmailActivity,
        Table::FileActivity,
        Table::TimedText,
    ],
    continuous: false,
    never_contains: &[
        Text::fixed(
            "what was done inside a session (commands, files), apart from commands under sudo",
            "セッション内で行われた操作（コマンド、ファイル）。sudo で実行したコマンドを除く",
        ),
        Text::fixed("what the program's log level leaves out", "プログラムのログレベルにより出力されない内容"),
        Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let fits = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        // The year does not matter for the shape, so any reference time will do.
        let ctx = ReadContext { reference: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
        !is_application(&text) && Entry::read(&text, &mut Yearless::default(), &ctx).is_some()
    };
    // What journalctl says of its own is a good part of a short extract.
    let said = |line: &[u8]| std::str::from_utf8(line).is_ok_and(is_note);
    let one = || first_lines(head, 50).into_iter().any(fits);
    majority(head, |line| fits(line) || said(line))
        .filter(|_| one())
        .map(|(good, all)| format!("{good} of the first {all} lines are syslog lines"))
}

/// Whether a level, a thread or a bracket stands behind an ISO time, where syslog has a host. Such logs have stack traces, which
/// only a reader that joins lines keeps whole.
fn is_application(line: &str) -> bool {
    const LEVELS: [&str; 11] = ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "FATAL", "CRITICAL", "EXCEPTION"];
    let clock = line.get(11..).filter(|_| time::looks_iso(line.as_bytes()));
    let Some(word) = clock.and_then(|rest| rest.split_ascii_whitespace().nth(1)) else { return false };
    let bare = word.trim_end_matches(':');
    // PostgreSQL has the zone behind the time.
    matches!(word, "UTC" | "GMT")
        || LEVELS.contains(&bare)
        || bare.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        || word.starts_with(['[', '|'])
}

/// What journalctl says of its own: `-- Boot 3b2d6f10 --`, `-- Logs begin at …, end at …. --`.
fn is_note(line: &str) -> bool {
    line.starts_with("-- ") && line.trim_ascii_end().ends_with(" --")
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max).from(sink.begins());
    let mut yearless = Yearless::default();
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        if text.trim_ascii().is_empty() || is_note(&text) {
            continue;
        }
        match Entry::read(&text, &mut yearless, ctx) {
            Some(entry) => {
                let (at, zone) = entry.at;
                sink.row(Row { at: Some(at), zone, source: 0, locator: place.locator(), body: entry.into_body() }, place.bytes);
            }
            None => {
                let reason = "no syslog line: no time and message where they are expected".to_owned();
                sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        }
    }
    Ok(())
}

/// One line taken apart.
pub(super) struct Entry<'l> {
    /// when, and how sure the zone is
    pub at: (Timestamp, ZoneCertainty),
    /// host name
    pub host: Option<&'l str>,
    program: Option<&'l str>,
    pid: Option<u32>,
    message: &'l str,
}

impl<'l> Entry<'l> {
    /// Takes a line apart, if it is one of syslog.
    pub fn read(line: &'l str, yearless: &mut Yearless, ctx: &ReadContext) -> Option<Self> {
        let line = priority(line).unwrap_or(line);
        if let Some(rest) = line.strip_prefix("1 ")
            && let Some(entry) = Self::rfc5424(rest, ctx)
        {
            return Some(entry);
        }
        if let Some((at, rest)) = time::tai64n(line) {
            return Self::tagged((at, ZoneCertainty::Stated), rest);
        }
        if let Some(entry) = Self::vsftpd(line, ctx) {
            return Some(entry);
        }
        if time::looks_iso(line.as_bytes()) {
            let (stamp, rest) = line.split_at_checked(10).and_then(|(date, clock)| {
                // A space may stand between date and clock; the stamp ends at the next one.
                let end = clock.get(1..)?.find(' ')? + 1;
                Some((line.get(..date.len() + end)?, clock.get(end + 1..)?))
            })?;
            let entry = Self::tagged(time::iso(stamp, &ctx.zone)?, rest)?;
            // Many programs begin their own lines with such a time: without a tag, the next word need not be a host.
            return Some(if entry.program.is_some() { entry } else { Self { host: None, message: rest, ..entry } });
        }
        if let Some((at, rest)) = short_full(line, ctx).or_else(|| short_unix(line)) {
            return Self::tagged(at, rest).filter(|entry| entry.program.is_some());
        }
        let (at, rest) = yearless.read(line, ctx)?;
        Self::tagged((at, ZoneCertainty::Assumed), rest)
    }

    /// `Tue Nov 24 08:27:05 2026 [pid 27202] [user] FAIL LOGIN: …`, the log of vsftpd, which often stands in the same file.
    fn vsftpd(line: &'l str, ctx: &ReadContext) -> Option<Self> {
        // Few lines begin with the name of a day.
        let is_letter = |at: usize| line.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic);
        if !(is_letter(0) && is_letter(4)) {
            return None;
        }
        let (stamp, rest) = line.split_once(" [pid ")?;
        let (pid, message) = rest.split_once("] ")?;
        let at = notations::ctime(stamp, &ctx.zone)?;
        Some(Self { at, host: None, program: Some("vsftpd"), pid: Some(pid.parse().ok()?), message })
    }

    /// The words, if one of some programs wrote them.
    pub fn of_program(&self, programs: &[&str]) -> Option<&'l str> {
        self.program.filter(|name| programs.contains(name)).map(|_| self.message)
    }

    /// `host prog[pid]: words`; the host may be missing, and so may the program.
    fn tagged(at: (Timestamp, ZoneCertainty), rest: &'l str) -> Option<Self> {
        let rest = rest.trim_start_matches(' ');
        let (first, behind) = scan::split_once(rest, " ").unwrap_or((rest, ""));
        if first.is_empty() {
            return None;
        }
        let is_tag = first.ends_with(':') || scan::find(first, "[").is_some();
        let (host, rest) = if is_tag { (None, rest) } else { (Some(first), behind.trim_start_matches(' ')) };
        let (program, pid, message) = tag(rest);
        Some(Self { at, host, program, pid, message })
    }

    /// `time host app procid msgid [structured data] words`.
    fn rfc5424(rest: &'l str, ctx: &ReadContext) -> Option<Self> {
        let mut parts = rest.splitn(6, ' ');
        let at = time::iso(parts.next()?, &ctx.zone)?;
        let mut named = || parts.next().map(|part| (part != "-").then_some(part));
        let (host, program, pid) = (named()?, named()?, named()?);
        named()?;
        let data = parts.next().unwrap_or("-");
        let message = data.strip_prefix('-').unwrap_or_else(|| behind_structured_data(data));
        let message = message.trim_start_matches(' ');
        let message = message.strip_prefix('\u{feff}').unwrap_or(message);
        Some(Self { at, host, program, pid: pid.and_then(|p| p.parse().ok()), message })
    }

    /// The record of the line.
    pub fn into_body(self) -> Body<'l> {
        let program = self.program.map(|p| p.trim_start_matches('[').trim_end_matches(']'));
        Said { host: self.host, program, pid: self.pid, message: self.message }.body()
    }
}

/// A time, and what is behind it.
type Stamped<'l> = ((Timestamp, ZoneCertainty), &'l str);

/// `Fri 2026-11-20 01:02:03 UTC host …`, as `journalctl -o short-full` has it. The letters of other zones than UTC name several.
fn short_full<'l>(line: &'l str, ctx: &ReadContext) -> Option<Stamped<'l>> {
    let rest = line.get(4..).filter(|rest| line.as_bytes().get(3) == Some(&b' ') && time::looks_iso(rest.as_bytes()))?;
    let clock = rest.get(11..)?.find(' ')? + 11;
    let (stamp, behind) = (rest.get(..clock)?, rest.get(clock + 1..)?);
    let (name, behind) = behind.split_once(' ')?;
    if matches!(name, "UTC" | "GMT") {
        return Some(((time::iso(stamp, &TimeZone::UTC)?.0, ZoneCertainty::Stated), behind));
    }
    let is_zone = name.len() <= 6 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-'));
    is_zone.then(|| time::iso(stamp, &ctx.zone).map(|at| (at, behind)))?
}

/// `1795136523.123456 host …`, as `journalctl -o short-unix` has it.
fn short_unix(line: &str) -> Option<Stamped<'_>> {
    let (seconds, rest) = line.split_at_checked(10)?;
    let (micros, rest) = rest.strip_prefix('.')?.split_at_checked(6)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(micros) {
        return None;
    }
    let at = Timestamp::new(seconds.parse().ok()?, micros.parse::<i32>().ok()? * 1000).ok()?;
    Some(((at, ZoneCertainty::Stated), rest.strip_prefix(' ')?))
}

/// The line behind `<38>`.
fn priority(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    (number.len() <= 3 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(rest)
}

/// `prog[pid]: words` taken apart; without a tag everything is words.
fn tag(rest: &str) -> (Option<&str>, Option<u32>, &str) {
    let stops = |from: usize| memchr::memchr3(b' ', b':', b'[', rest.as_bytes().get(from..)?).map(|at| at + from);
    let end = stops(1).map(|end| {
        // `auth(user,192.0.2.1,sasl:login)<…>: words`: a colon in brackets ends no name.
        let has = |name: &str, mark: &str| scan::find(name, mark).is_some();
        let cut = rest.get(..end).is_some_and(|name| has(name, "(") && !has(name, ")"));
        let close = rest.get(end..).filter(|behind| cut && behind.starts_with(':')).and_then(|behind| behind.find(')'));
        close.and_then(|at| stops(end + at)).unwrap_or(end)
    });
    let Some((name, behind)) = end.and_then(|end| rest.split_at_checked(end)) else { return (None, None, rest) };
    if let Some(inside) = behind.strip_prefix('[')
        && let Some((pid, behind)) = scan::split_once(inside, "]")
    {
        let message = behind.strip_prefix(':').unwrap_or(behind);
        return (Some(name), pid.parse().ok(), message.strip_prefix(' ').unwrap_or(message));
    }
    match behind.strip_prefix(':') {
        Some(message) => (Some(name), None, message.strip_prefix(' ').unwrap_or(message)),
        // `[sshd] words`, as some collectors write it.
        None if name.starts_with('[') && name.ends_with(']') => (Some(name), None, behind.trim_start_matches(' ')),
        None => (None, None, rest),
    }
}

/// What follows `[id name="value"]…`; brackets inside quotations do not count.
fn behind_structured_data(data: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    let bytes = data.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b']' if !quoted && bytes.get(at + 1) != Some(&b'[') => return data.get(at + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    data
}
