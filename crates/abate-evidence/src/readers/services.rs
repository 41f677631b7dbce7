//! Sign-ins that servers other than sshd and mail servers report in a line of syslog: MySQL and MariaDB, vsftpd, ProFTPD,
//! phpMyAdmin. User names are the client's words, so addresses are looked for from the right end.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::Body;
use abate_model::rows::{AuthOutcome, Authentication, FileActivity};

use super::linux::{Said, base, filled};
use super::mysql_error;
use super::sshd::address_of;

/// The row of a line, or `None` where it tells of no sign-in and no file.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    match base(said.program?) {
        "mysqld" | "mariadbd" | "mysql" | "mariadb" => sign_in(said, "mysqld", mysql(mysql_error::words(said.message))?),
        "vsftpd" => vsftpd(said),
        "proftpd" => sign_in(said, "proftpd", proftpd(said.message)?),
        "phpMyAdmin" => sign_in(said, "phpmyadmin", php_my_admin(said.message)?),
        _ => None,
    }
}

fn sign_in<'l>(said: &Said<'l>, service: &'static str, auth: Authentication<'l>) -> Option<Body<'l>> {
    Some(Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed(service),
        host: said.host.map(Cow::Borrowed),
        pid: said.pid,
        attempts: 1,
        message: Cow::Borrowed(said.message),
        ..auth
    })))
}

fn said_of(user: &str, source: Option<IpAddr>, outcome: AuthOutcome) -> Authentication<'_> {
    Authentication { user: filled(user), source, outcome, ..Authentication::default() }
}

/// `Access denied for user 'root'@'192.0.2.1' (using password: YES)`.
pub(super) fn mysql(words: &str) -> Option<Authentication<'_>> {
    let (_, rest) = words.split_once("Access denied for user '")?;
    // A right that is missing behind a sign-in ends in the name of a database.
    if rest.contains("' to database '") {
        return None;
    }
    let end = rest.rfind("' (using password").or_else(|| rest.rfind('\''))?;
    let (user, host) = rest.get(..end)?.rsplit_once("'@'")?;
    let method = rest.contains("(using password: YES)").then_some(Cow::Borrowed("password"));
    Some(Authentication { method, ..said_of(user, address_of(host), AuthOutcome::Failure) })
}

/// `[user] FAIL LOGIN: Client "192.0.2.1"`, `[user] OK UPLOAD: Client "192.0.2.1", "/path", 23 bytes, …`.
fn vsftpd<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let (front, behind) = said.message.rsplit_once(": Client \"")?;
    let source = behind.split('"').next().and_then(address_of);
    let (user, what) = front.strip_prefix('[')?.rsplit_once("] ")?;
    let (outcome, what) = what.split_once(' ')?;
    let outcome = match outcome {
        "OK" => AuthOutcome::Success,
        "FAIL" => AuthOutcome::Failure,
        _ => return None,
    };
    if what == "LOGIN" {
        return sign_in(said, "vsftpd", said_of(user, source, outcome));
    }
    let change = match what {
        "UPLOAD" => "created",
        "DOWNLOAD" => "read",
        "DELETE" => "deleted",
        "RENAME" => "renamed",
        "CHMOD" => "permissions",
        _ => return None,
    };
    // What failed did nothing to a file.
    if outcome == AuthOutcome::Failure {
        return None;
    }
    let mut parts = behind.split('"');
    let path = parts.nth(2)?;
    let size = parts.next().and_then(|rest| rest.trim_start_matches(", ").split(" bytes").next()?.parse().ok());
    Some(Body::File(Box::new(FileActivity {
        host: said.host.map(Cow::Borrowed),
        change: Cow::Borrowed(change),
        path: Cow::Borrowed(path),
        size,
        user: filled(user),
        process: Some(Cow::Borrowed("vsftpd")),
        pid: said.pid,
        ..FileActivity::default()
    })))
}

/// `host (name[192.0.2.1]): USER u (Login failed): Incorrect password.`, also with a dash for the colon.
fn proftpd(message: &str) -> Option<Authentication<'_>> {
    let (peer, words) = message.split_once("]): ").or_else(|| message.split_once("]) - "))?;
    let source = peer.rsplit_once('[').and_then(|(_, address)| address_of(address));
    if let Some(rest) = words.strip_prefix("USER ") {
        for (mark, outcome, unknown) in [
            (" (Login failed)", AuthOutcome::Failure, false),
            (": no such user", AuthOutcome::Failure, true),
            (": Login successful", AuthOutcome::Success, false),
        ] {
            if let Some((user, _)) = rest.rsplit_once(mark) {
                return Some(Authentication { unknown_user: unknown, ..said_of(user, source, outcome) });
            }
        }
        return None;
    }
    let root = words.to_ascii_lowercase().starts_with("security violation: root login attempted");
    root.then(|| said_of("root", source, AuthOutcome::Failure))
}

/// `user denied: root (mysql-denied) from 192.0.2.1`, `user authenticated: root from 192.0.2.1`.
fn php_my_admin(message: &str) -> Option<Authentication<'_>> {
    let (rest, outcome) = match message.strip_prefix("user denied: ") {
        Some(rest) => (rest, AuthOutcome::Failure),
        None => (message.strip_prefix("user authenticated: ")?, AuthOutcome::Success),
    };
    let (user, address) = rest.rsplit_once(" from ")?;
    let user = user.rsplit_once(" (").filter(|_| user.ends_with(')')).map_or(user, |(user, _)| user);
    Some(said_of(user, address_of(address.trim()), outcome))
}
