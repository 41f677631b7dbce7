//! What sudo says: `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id`.
//!
//! A refusal names its reason in front of the fields and is an `authentication` row. The folder is chosen by the caller and may
//! imitate the fields behind it; each field is therefore taken where sudo writes it first.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::{AuthOutcome, Authentication, ProcessActivity, ProcessChange};

use super::linux::{Said, file_name, filled};

/// Words of a refusal.
const REFUSED: &[&str] = &[
    "incorrect password attempt",
    "NOT in sudoers",
    "NOT authorized",
    "not allowed",
    "a password is required",
    "no tty present",
    "authentication failure",
    "account validation failure",
];
/// The fields in the order in which sudo writes them.
const FIELDS: &[&str] = &["HOST", "TTY", "CHROOT", "PWD", "USER", "GROUP", "TSID", "ENV", "COMMAND"];

/// The record of a line, or `None` where it reports no command and no refusal.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let (caller, rest) = said.message.trim_start().split_once(" : ")?;
    if caller.is_empty() {
        return None;
    }
    if let Some(more) = rest.strip_prefix("(command continued) ") {
        // Long commands span several lines; this one is the rest of the one before it.
        return Some(process(said, caller, &Fields { command: Some(more), ..Fields::default() }, ProcessChange::Other, None));
    }
    let (reason, fields) = fields(rest);
    if let Some(reason) = reason.filter(|reason| REFUSED.iter().any(|words| reason.contains(words))) {
        return Some(refused(said, caller, reason));
    }
    fields.command?;
    let sure = reason.is_none().then_some(true);
    Some(process(said, caller, &fields, if sure.is_some() { ProcessChange::Launch } else { ProcessChange::Other }, sure))
}

#[derive(Default)]
struct Fields<'l> {
    tty: Option<&'l str>,
    pwd: Option<&'l str>,
    user: Option<&'l str>,
    command: Option<&'l str>,
}

/// The reason in front of the fields, and the fields.
fn fields(rest: &str) -> (Option<&str>, Fields<'_>) {
    let mut found = Fields::default();
    let (mut reason, mut left, mut next) = (None, rest, 0);
    loop {
        let name =
            FIELDS.iter().enumerate().skip(next).find(|(_, name)| left.strip_prefix(**name).is_some_and(|behind| behind.starts_with('=')));
        let Some((at, name)) = name else {
            // Only in front of the fields there may be other words.
            if next > 0 || reason.is_some() {
                return (reason, found);
            }
            let Some((words, behind)) = left.split_once(" ; ") else { return (Some(left), found) };
            (reason, left) = (Some(words), behind);
            continue;
        };
        next = at + 1;
        let value = left.get(name.len() + 1..).unwrap_or_default();
        if *name == "COMMAND" {
            found.command = Some(value);
            return (reason, found);
        }
        let (value, behind) = value.split_once(" ; ").unwrap_or((value, ""));
        match *name {
            "TTY" => found.tty = Some(value),
            "PWD" => found.pwd = Some(value),
            "USER" => found.user = Some(value),
            _ => {}
        }
        left = behind;
    }
}

fn process<'l>(said: &Said<'l>, caller: &'l str, fields: &Fields<'l>, change: ProcessChange, success: Option<bool>) -> Body<'l> {
    let command = fields.command.unwrap_or_default();
    let first = command.split(' ').next().filter(|first| first.starts_with('/') && change == ProcessChange::Launch);
    let said_or_none = |text: Option<&'l str>| text.filter(|text| *text != "unknown").and_then(filled);
    Body::Process(Box::new(ProcessActivity {
        host: said.host.map(Cow::Borrowed),
        change,
        name: first.map(|first| Cow::Borrowed(file_name(first))),
        exe: first.map(Cow::Borrowed),
        command: Cow::Borrowed(command),
        cwd: said_or_none(fields.pwd),
        parent_pid: said.pid,
        parent: Some(Cow::Borrowed("sudo")),
        user: said_or_none(fields.user),
        login_user: filled(caller),
        tty: said_or_none(fields.tty),
        success,
        program: said.program.map(Cow::Borrowed),
        ..ProcessActivity::default()
    }))
}

fn refused<'l>(said: &Said<'l>, caller: &'l str, reason: &'l str) -> Body<'l> {
    let attempts = reason.split(' ').next().filter(|_| reason.contains("incorrect password")).and_then(|n| n.parse().ok());
    Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed("sudo"),
        host: said.host.map(Cow::Borrowed),
        user: filled(caller),
        outcome: AuthOutcome::Failure,
        attempts: attempts.unwrap_or(1).clamp(1, 1000),
        pid: said.pid,
        message: Cow::Borrowed(said.message),
        ..Authentication::default()
    }))
}
