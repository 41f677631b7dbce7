//! Lists of sign-ins as text: `last`, `lastb`, `lastlog`, `who`. The binary files that they come from have a reader of their own and
//! say more. Times without a year are the latest ones that are not after the reference time.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::{AuthOutcome, Authentication};
use abate_model::{Body, Table, Text, ZoneCertainty};
use jiff::Timestamp;

use super::fields::{Record, each_line};
use super::sshd::address_of;
use crate::lines::{first_lines, majority};
use crate::time::Yearless;
use crate::{Head, ReadContext, Reader, Sink, notations};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "login-list",
    title: Text::fixed("list of sign-ins (last, lastb, lastlog, who)", "ログイン一覧（last、lastb、lastlog、who）"),
    tables: &[Table::Authentication],
    continuous: false,
    never_contains: &[
        Text::fixed("what was done inside a session (commands, files)", "セッション内で行われた操作（コマンド、ファイル）"),
        Text::fixed("connections without a terminal, such as file copies over SSH", "端末を伴わない接続（SSH でのファイル転送など）"),
        Text::fixed("what an intruder with administrator rights removed from the log", "管理者権限を得た侵入者がログから削除した内容"),
    ],
    sniff,
    read,
};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const NEVER: &str = "**Never logged in**";

fn sniff(head: &Head<'_>) -> Option<String> {
    let ctx = super::any_context();
    let headed = first_lines(head, 1).first().is_some_and(|line| is_heading(&String::from_utf8_lossy(line)));
    let (good, all) = majority(head, |line| {
        let text = String::from_utf8_lossy(line);
        is_heading(&text) || is_end(&text) || entry(&text, &mut Yearless::default(), &ctx).is_some()
    })?;
    let one = first_lines(head, 50).iter().any(|line| entry(&String::from_utf8_lossy(line), &mut Yearless::default(), &ctx).is_some());
    (one && (all > 1 || headed)).then(|| format!("{good} of the first {all} lines are lines of last, lastlog or who"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let mut yearless = Yearless::default();
    each_line(input, sink, &mut |line| {
        if is_heading(line) || is_end(line) {
            return Ok(None);
        }
        entry(line, &mut yearless, ctx).map(Some).ok_or("no line of a list of sign-ins: no time where it has one")
    })
}

fn is_heading(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let first = [words.next(), words.next(), words.next()];
    first == [Some("Username"), Some("Port"), Some("From")] || first == [Some("NAME"), Some("LINE"), Some("TIME")]
}

/// `wtmp begins Fri Nov 20 01:00:00 2026`.
fn is_end(line: &str) -> bool {
    line.split_once(" begins ").is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '))
}

fn entry<'l>(line: &'l str, yearless: &mut Yearless, ctx: &ReadContext) -> Option<Record<'l>> {
    if let Some(user) = line.strip_suffix(NEVER).or_else(|| line.trim_ascii_end().strip_suffix(NEVER)) {
        let user = user.trim_ascii();
        let plain = !user.is_empty() && !user.contains(' ');
        return plain.then(|| record(None, line, (user, "", ""), AuthOutcome::Other));
    }
    who(line, ctx).or_else(|| last(line, yearless, ctx))
}

/// `root     pts/0        203.0.113.9      Fri Nov 20 01:00 - 02:00  (01:00)`, with or without seconds, a zone and a year.
fn last<'l>(line: &'l str, yearless: &mut Yearless, ctx: &ReadContext) -> Option<Record<'l>> {
    let begins = |at: &usize| {
        let behind = line.get(*at..).unwrap_or_default();
        DAYS.iter().any(|day| behind.starts_with(day)) && behind.get(3..4) == Some(" ")
    };
    let at = line.match_indices(' ').map(|(at, _)| at + 1).find(begins)?;
    let (front, behind) = line.split_at_checked(at)?;
    let (stamp, rest) = stamp(behind, yearless, ctx)?;
    let mut words = front.split_ascii_whitespace();
    let (user, tty) = (words.next()?, words.next().unwrap_or_default());
    // `-a` puts the host last.
    let host = words.next_back().or_else(|| rest.split_ascii_whitespace().next_back()).unwrap_or_default();
    let system = matches!(user, "reboot" | "shutdown" | "runlevel") && tty == "system";
    let outcome = match tty {
        _ if system => AuthOutcome::Other,
        "ssh:notty" => AuthOutcome::Failure,
        _ => AuthOutcome::Success,
    };
    Some(record(Some(stamp), line, (user, tty, host), outcome))
}

type Stamp = (Timestamp, ZoneCertainty);

/// `Fri Nov 20 01:00`, `Fri Nov 20 01:00:00 2026`, `Fri Nov 20 01:00:00 +0900 2026`, and what is behind it.
fn stamp<'l>(text: &'l str, yearless: &mut Yearless, ctx: &ReadContext) -> Option<(Stamp, &'l str)> {
    if let Some(found) = notations::leading_ctime(text, &ctx.zone) {
        return Some(found);
    }
    let date = text.get(4..)?;
    if let Some((at, rest)) = yearless.read(date, ctx) {
        let (offset, behind) = rest.split_once(' ')?;
        let year = behind.get(..4)?;
        let civil = format!("{} {year}", text.get(..text.len().saturating_sub(rest.len() + 1))?);
        let (assumed, _) = notations::leading_ctime(&civil, &jiff::tz::TimeZone::UTC).map(|(stamp, _)| stamp)?;
        let offset = crate::time::offset_of(offset)?;
        let at = assumed.checked_sub(jiff::SignedDuration::from_secs(i64::from(offset.seconds()))).unwrap_or(at);
        return Some(((at, ZoneCertainty::Stated), behind.get(4..)?));
    }
    // Without seconds, the clock is five characters.
    let clock = date.get(..12)?;
    let seconds = format!("{clock}:00 ");
    let (at, _) = yearless.read(&seconds, ctx)?;
    let rest = date.get(12..)?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(((at, ZoneCertainty::Assumed), rest))
}

/// `root     pts/0        2026-11-20 01:00 (203.0.113.9)`.
fn who<'l>(line: &'l str, ctx: &ReadContext) -> Option<Record<'l>> {
    let mut words = line.split_ascii_whitespace();
    let (user, tty, date, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let shape = clock.len() == 5 && date.len() == 10 && date.starts_with("20");
    let at = shape.then(|| crate::time::iso(&format!("{date} {clock}:00"), &ctx.zone))??;
    let host = words.next_back().and_then(|host| host.strip_prefix('(')?.strip_suffix(')')).unwrap_or_default();
    Some(record(Some(at), line, (user, tty, host), AuthOutcome::Success))
}

fn record<'l>(at: Option<Stamp>, line: &'l str, (user, tty, host): (&'l str, &str, &str), outcome: AuthOutcome) -> Record<'l> {
    let over_ssh = tty.starts_with("ssh");
    let system = matches!(user, "reboot" | "shutdown" | "runlevel");
    let auth = Authentication {
        service: Cow::Borrowed(if over_ssh { "sshd" } else { "login" }),
        user: Some(user).filter(|_| !system).map(Cow::Borrowed),
        source: address_of(host),
        outcome,
        attempts: 1,
        message: Cow::Borrowed(line.trim_ascii_end()),
        ..Authentication::default()
    };
    Record { at, body: Body::Auth(Box::new(auth)) }
}
