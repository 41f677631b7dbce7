//! Sign-ins and sessions as PAM, su, login and systemd-logind report them.
//!
//! One attempt is one row with an outcome. Where the program tells of it itself (su, sudo, login), PAM's line about the same
//! attempt has the outcome `Other`; where only PAM does, PAM's line counts.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::{AuthOutcome, Authentication};

use super::linux::{Said, base, between, filled, unquoted};
use super::sshd;

/// Most attempts that one line may stand for.
const MAX_REPEATED: u32 = 100_000;

/// The record of a line of su, login or systemd-logind, or `None` where it reports no sign-in.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let (words, times) = repeated(said.message);
    let auth = match base(said.program?) {
        "su" => su(words),
        "login" => login(words),
        _ => logind(words),
    }?;
    Some(whole(said, Authentication { attempts: times, ..auth }))
}

/// The record of a line of PAM in any program, or `None`.
pub(super) fn pam<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let (words, times) = repeated(said.message);
    // Old systems name the module with the program (`su(pam_unix)`), newer ones in the message.
    let in_tag = said.program?.contains("(pam_");
    let (module, words) = if in_tag { ("", words) } else { words.strip_prefix("pam_")?.split_once("): ")? };
    let reports_itself = matches!(base(said.program?), "sudo" | "su" | "login") || module.contains("(dovecot:");
    let auth = opened(words).or_else(|| refused(words, reports_itself))?;
    let attempts = auth.attempts.max(1).saturating_mul(times).min(MAX_REPEATED);
    let method = filled(module.split('(').next().unwrap_or_default()).map(|name| Cow::Owned(format!("pam_{name}")));
    let method = if in_tag { Some(Cow::Borrowed("pam_unix")) } else { method };
    Some(whole(said, Authentication { attempts, method, ..auth }))
}

fn whole<'l>(said: &Said<'l>, auth: Authentication<'l>) -> Body<'l> {
    let program = base(said.program.unwrap_or_default());
    // Cron names itself in several ways; they are one service.
    let service = if program.eq_ignore_ascii_case("cron") || program.eq_ignore_ascii_case("crond") { "cron" } else { program };
    Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed(service),
        host: said.host.map(Cow::Borrowed),
        pid: said.pid,
        message: Cow::Borrowed(said.message),
        ..auth
    }))
}

fn repeated(message: &str) -> (&str, u32) {
    sshd::repeated(message.trim()).unwrap_or((message.trim(), 1))
}

fn said_of(user: &str, outcome: AuthOutcome) -> Authentication<'_> {
    Authentication { user: filled(unquoted(user)), outcome, ..Authentication::default() }
}

/// `session opened for user root(uid=0) by alice(uid=1000)`.
fn opened(words: &str) -> Option<Authentication<'_>> {
    let user = words.strip_prefix("session opened for user ").or_else(|| words.strip_prefix("session closed for user "))?;
    let user = user.split(" by ").next()?;
    let user = user.split('(').next()?;
    Some(said_of(user, AuthOutcome::Other))
}

/// `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root`.
fn refused(words: &str, reports_itself: bool) -> Option<Authentication<'_>> {
    if words.starts_with("check pass; user unknown") {
        return Some(Authentication { unknown_user: true, ..said_of("", AuthOutcome::Other) });
    }
    let (first, fields) = words.split_once("; ")?;
    let attempts = match first.strip_suffix(" more authentication failures").or_else(|| first.strip_suffix(" more authentication failure"))
    {
        Some(front) => front.rsplit(' ').next()?.parse().ok()?,
        None if first == "authentication failure" || first == "conversation failed" => 1,
        None => return None,
    };
    let outcome = if reports_itself { AuthOutcome::Other } else { AuthOutcome::Failure };
    // The remote user is the other side's word, so the last `rhost=` and `user=` are PAM's own.
    let (_, behind) = fields.rsplit_once("rhost=")?;
    let (host, behind) = behind.split_once(' ').unwrap_or((behind, ""));
    let user = behind.trim_start().strip_prefix("user=").unwrap_or_default();
    Some(Authentication { source: sshd::address_of(host), attempts, ..said_of(user, outcome) })
}

/// The forms of util-linux, shadow and BSD. The user is the one whose rights were asked for.
fn su(words: &str) -> Option<Authentication<'_>> {
    use AuthOutcome::{Failure, Success};
    let (failed, rest) = match words.strip_prefix("FAILED SU ") {
        Some(rest) => (true, rest),
        None => (false, words),
    };
    if let Some((user, _)) = rest.strip_prefix("(to ").and_then(|rest| rest.split_once(") ")) {
        return Some(said_of(user, if failed { Failure } else { Success }));
    }
    for (front, outcome) in [("Successful su for ", Success), ("FAILED su for ", Failure)] {
        if let Some((user, _)) = words.strip_prefix(front).and_then(|rest| rest.rsplit_once(" by ")) {
            return Some(said_of(user, outcome));
        }
    }
    if let Some((_, rest)) = words.strip_prefix("BAD SU ").and_then(|rest| rest.split_once(" to ")) {
        return Some(said_of(rest.split(" on ").next()?, Failure));
    }
    // `+ /dev/pts/0 alice:root` repeats the line above it, `-` likewise.
    let pair = words.strip_prefix("+ ").or_else(|| words.strip_prefix("- "))?;
    Some(said_of(pair.rsplit_once(':')?.1, AuthOutcome::Other))
}

/// `FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure`, `ROOT LOGIN ON tty1`, `LOGIN ON tty1 BY alice`.
fn login(words: &str) -> Option<Authentication<'_>> {
    if let Some(rest) = words.strip_prefix("FAILED LOGIN ") {
        let user = rest.split_once(" FOR ").map_or("", |(_, user)| user.rsplit_once(", ").map_or(user, |(user, _)| user));
        let user = user.trim().trim_matches('\'');
        let unknown = user == "UNKNOWN" || rest.contains("User not known");
        let source = rest.split_once(" FROM ").and_then(|(_, from)| sshd::address_of(from.split([' ', ',']).next()?));
        return Some(Authentication { unknown_user: unknown, source, ..said_of(user, AuthOutcome::Failure) });
    }
    let (user, rest) = if let Some(rest) = words.strip_prefix("ROOT LOGIN ") {
        ("root", rest)
    } else if let Some((_, user)) = words.strip_prefix("LOGIN ON ").and_then(|rest| rest.split_once(" BY ")) {
        (user.split(" FROM ").next()?, user)
    } else {
        return None;
    };
    let source = rest.split_once("FROM ").and_then(|(_, from)| sshd::address_of(unquoted(from.trim().trim_matches('\''))));
    Some(Authentication { source, ..said_of(user, AuthOutcome::Success) })
}

/// `New session 5 of user alice.`, also with quotation marks and more behind; `Removed session 5.`
fn logind(words: &str) -> Option<Authentication<'_>> {
    if let Some((_, rest)) = words.strip_prefix("New session ").and_then(|rest| rest.split_once(" of user ")) {
        let user = match rest.strip_prefix('\'') {
            Some(rest) => rest.split('\'').next()?,
            None => rest.strip_suffix('.').unwrap_or(rest),
        };
        return Some(said_of(user, AuthOutcome::Other));
    }
    let gone = between(words, "Removed session ", ".").is_some();
    let left = words.strip_prefix("Session ").is_some_and(|rest| rest.contains(" logged out"));
    (gone || left).then(|| said_of("", AuthOutcome::Other))
}
