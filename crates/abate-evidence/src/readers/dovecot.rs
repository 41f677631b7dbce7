//! What Dovecot says of sign-ins, in syslog (`dovecot: imap-login: …`) and in its own log (`imap-login: Info: …`).
//!
//! The login process tells how a connection ended, and how many attempts it had. The lines of `auth` and `auth-worker` tell of
//! the same attempts from within, so their outcome is `Other`. User names are the client's words.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::Body;
use abate_model::rows::{AuthOutcome, Authentication};

use super::linux::{Said, base, filled};
use super::sshd::address_of;

/// Most attempts that one line may stand for.
const MAX_ATTEMPTS: u32 = 100_000;
/// Levels that Dovecot's own log puts behind the process.
const LEVELS: [&str; 6] = ["Info: ", "Warning: ", "Error: ", "Fatal: ", "Panic: ", "Debug: "];

/// Whether a program's name is one of Dovecot's processes that tell of sign-ins.
pub(super) fn is_dovecot(program: &str) -> bool {
    let name = base(program);
    matches!(name, "dovecot" | "auth" | "auth-worker" | "dovecot-auth") || is_login(name)
}

fn is_login(process: &str) -> bool {
    process.ends_with("-login") && process.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The row of a line, or `None` where it tells of no sign-in.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let program = said.program?;
    let (process, words) = if base(program) == "dovecot" { inside(said.message)? } else { (program, said.message) };
    let words = LEVELS.iter().find_map(|level| words.strip_prefix(level)).unwrap_or(words);
    let name = base(process).split(['(', '<']).next().unwrap_or_default();
    let auth = if is_login(name) {
        login(words)?
    } else if matches!(name, "auth" | "auth-worker" | "dovecot-auth") {
        // `auth(user,192.0.2.1,sasl:login)<…>: sql: Password mismatch` names the client in front.
        let client = process.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inside, _)| inside);
        within(words, client.filter(|inside| inside.contains(',')))?
    } else {
        return None;
    };
    Some(Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed("dovecot"),
        host: said.host.map(Cow::Borrowed),
        pid: said.pid,
        message: Cow::Borrowed(said.message),
        ..auth
    })))
}

/// `imap-login: words` taken apart; the name may have brackets behind it, in which a colon may stand.
fn inside(message: &str) -> Option<(&str, &str)> {
    let message = message.strip_prefix("dovecot: ").unwrap_or(message);
    let (process, words) = message.split_once(": ")?;
    (!process.contains(' ')).then_some((process, words))
}

/// `Login: user=<u>, method=PLAIN, rip=…`, `Disconnected (auth failed, 2 attempts in 3 secs): user=<u>, …`.
fn login(words: &str) -> Option<Authentication<'_>> {
    if words.starts_with("Login: ") {
        return Some(Authentication { outcome: AuthOutcome::Success, attempts: 1, ..fields(words) });
    }
    let (_, fields_at) = words.rsplit_once("): ").or_else(|| words.split_once(": "))?;
    // What stands in brackets comes from the server; the user name only behind it.
    let front = words.get(..words.len().saturating_sub(fields_at.len()))?;
    let failed = front.rfind("(auth failed, ").and_then(|at| front.get(at + "(auth failed, ".len()..));
    let counted = failed.map(|rest| rest.bytes().take_while(u8::is_ascii_digit).count()).zip(failed);
    let attempts = counted.and_then(|(digits, rest)| rest.get(..digits)?.parse::<u32>().ok());
    let refused = front.contains("auth failed") || front.contains("plaintext auth)") || front.contains("(tried to use ");
    let known = refused
        || ["Aborted login", "Disconnected", "Login aborted", "Client has quit", "Remote closed", "Maximum number"]
            .iter()
            .any(|start| words.starts_with(start));
    if !known || !fields_at.contains("rip=") {
        return None;
    }
    let outcome = if refused { AuthOutcome::Failure } else { AuthOutcome::Other };
    Some(Authentication { outcome, attempts: attempts.unwrap_or(1).clamp(1, MAX_ATTEMPTS), ..fields(words) })
}

/// `user=<u>, method=PLAIN, rip=192.0.2.1, lip=…`; the user comes first, so the others are looked for from the end.
fn fields(words: &str) -> Authentication<'_> {
    let behind = |key: &str| {
        let (_, rest) = words.rsplit_once(key)?;
        rest.split([',', ' ']).next().filter(|value| !value.is_empty())
    };
    let user = words.split_once("user=<").and_then(|(_, rest)| rest.rsplit_once(">, ").map(|_| rest)).and_then(|rest| {
        let end = [">, method=", ">, rip="].iter().filter_map(|mark| rest.rfind(mark)).min()?;
        rest.get(..end)
    });
    Authentication {
        user: user.and_then(filled),
        method: behind(", method=").or_else(|| behind(" method=")).map(Cow::Borrowed),
        source: behind(" rip=").and_then(address_of),
        ..Authentication::default()
    }
}

/// `pam(user,192.0.2.1,<session>): unknown user`, `sql(user,192.0.2.1): Password mismatch`.
fn within<'l>(words: &'l str, client: Option<&'l str>) -> Option<Authentication<'l>> {
    const REFUSED: [&str; 5] =
        ["unknown user", "Password mismatch", "password mismatch", "invalid credentials", "pam_authenticate() failed"];
    REFUSED.iter().find(|said| words.contains(**said))?;
    let client = client.or_else(|| {
        let end = words.rfind("): ")?;
        let open = words.get(..end)?.rfind('(')?;
        words.get(open + 1..end)
    })?;
    // The address is the last part that is one; a user name may hold commas.
    let mut parts: Vec<&str> = client.split(',').collect();
    let at = parts.iter().rposition(|part| part.parse::<IpAddr>().is_ok())?;
    let source = parts.get(at)?.parse().ok();
    parts.truncate(at);
    let length = parts.iter().map(|part| part.len() + 1).sum::<usize>().saturating_sub(1);
    let user = client.get(..length)?;
    let unknown = words.contains("unknown user") || words.contains("User not known");
    Some(Authentication {
        user: filled(user),
        unknown_user: unknown,
        source,
        outcome: AuthOutcome::Other,
        attempts: 1,
        ..Authentication::default()
    })
}
