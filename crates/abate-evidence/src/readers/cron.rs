//! What cron, crontab, anacron, at and run-parts say.
//!
//! An edit counts as a change when the table is replaced, deleted or read anew; that someone opened it for editing is no change
//! yet and stays words.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::ScheduledJobActivity;

use super::linux::{Said, base, between, filled};

/// The record of a line, or `None` where it reports no job.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let words = said.message.trim();
    let job =
        table(words).or_else(|| anacron(words)).or_else(|| at(words)).or_else(|| busybox(words)).or_else(|| run_parts(said, words))?;
    Some(Body::Job(Box::new(ScheduledJobActivity {
        host: said.host.map(Cow::Borrowed),
        pid: said.pid,
        program: said.program.map(Cow::Borrowed),
        ..job
    })))
}

fn job(change: &'static str) -> ScheduledJobActivity<'static> {
    ScheduledJobActivity { change: Cow::Borrowed(change), ..ScheduledJobActivity::default() }
}

/// `(root) CMD (run-parts /etc/cron.hourly)`, `(alice) REPLACE (alice)`, `(root) RELOAD (crontabs/root)`.
fn table(words: &str) -> Option<ScheduledJobActivity<'_>> {
    let (user, rest) = words.strip_prefix('(')?.split_once(") ")?;
    let (verb, behind) = rest.split_once(" (")?;
    let inside = behind.strip_suffix(')').unwrap_or(behind);
    let named = |name: &'_ str| name != "*system*";
    Some(match verb {
        "CMD" => ScheduledJobActivity { user: filled(user), command: Cow::Borrowed(inside.trim()), ..job("run") },
        // Of whom the table is stands in the second place; the first is who did it.
        "REPLACE" => ScheduledJobActivity { user: filled(inside), ..job("changed") },
        "DELETE" => ScheduledJobActivity { user: filled(inside), ..job("removed") },
        "RELOAD" => ScheduledJobActivity { user: Some(user).filter(|u| named(u)).and_then(filled), file: filled(inside), ..job("changed") },
        _ => return None,
    })
}

/// ``Job `cron.daily' started``.
fn anacron(words: &str) -> Option<ScheduledJobActivity<'_>> {
    let name = between(words, "Job `", "' started")?;
    Some(ScheduledJobActivity { name: filled(name), ..job("run") })
}

/// `Starting job 3 (a00003019c8d1e) for user 'alice' (1000)`.
fn at(words: &str) -> Option<ScheduledJobActivity<'_>> {
    let (number, rest) = words.strip_prefix("Starting job ")?.split_once(" (")?;
    let user = rest.split_once("for user '").and_then(|(_, user)| user.split('\'').next());
    Some(ScheduledJobActivity { name: filled(number), user: user.and_then(filled), ..job("run") })
}

/// `USER root pid 42 cmd /etc/periodic/daily/x`.
fn busybox(words: &str) -> Option<ScheduledJobActivity<'_>> {
    let words = words.strip_prefix("crond: ").unwrap_or(words);
    let (user, rest) = words.strip_prefix("USER ")?.split_once(" pid ")?;
    let (_, command) = rest.split_once(" cmd ")?;
    Some(ScheduledJobActivity { user: filled(user), command: Cow::Borrowed(command), ..job("run") })
}

/// `starting 0anacron` of `run-parts(/etc/cron.hourly)`; newer ones write the folder into the message.
fn run_parts<'l>(said: &Said<'l>, words: &'l str) -> Option<ScheduledJobActivity<'l>> {
    let program = said.program.filter(|program| base(program) == "run-parts")?;
    let (folder, words) = match program.split_once('(') {
        Some((_, folder)) => (folder.trim_end_matches(')'), words),
        None => words.strip_prefix('(')?.split_once(") ")?,
    };
    let name = words.strip_prefix("starting ")?;
    let command = Cow::Owned(format!("{folder}/{name}"));
    Some(ScheduledJobActivity { name: filled(name), command, file: filled(folder), ..job("run") })
}
