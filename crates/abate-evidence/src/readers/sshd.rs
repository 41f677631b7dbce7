//! What sshd says in a line of syslog.
//!
//! A user name is chosen by whoever connects and may look like the rest of the line (`a from 192.0.2.1 port 1 ssh2`), so
//! addresses are looked for from the right end. Only `Failed` and `Accepted` are attempts with an outcome; other lines name
//! what they name, with the outcome `Other`, so that one attempt is not counted several times.

use std::borrow::Cow;
use std::net::IpAddr;

use abate_model::rows::{AuthOutcome, Authentication};

use crate::scan;

/// Most attempts that one line may stand for.
const MAX_REPEATED: u32 = 100_000;

/// Whether a program's name is sshd's.
pub(super) fn is_sshd(program: &str) -> bool {
    matches!(program, "sshd" | "sshd-session" | "sshd-auth") || program.starts_with("sshd(")
}

/// The row of one line.
pub(super) fn read<'l>(host: Option<&'l str>, pid: Option<u32>, message: &'l str) -> Authentication<'l> {
    let (words, attempts) = repeated(solaris(message)).unwrap_or((solaris(message), 1));
    let said = outcome(words).or_else(|| user_from(words)).or_else(|| user_address(words)).or_else(|| bare_address(words));
    let said = said.or_else(|| pam(words)).or_else(|| mapping(words)).unwrap_or_default();
    Authentication {
        service: Cow::Borrowed("sshd"),
        host: host.map(Cow::Borrowed),
        user: said.user.filter(|u| !u.is_empty()).map(Cow::Borrowed),
        unknown_user: said.unknown,
        source: said.peer.addr,
        source_port: said.peer.port,
        method: said.method.map(Cow::Borrowed),
        key_fingerprint: said.fingerprint.map(Cow::Borrowed),
        outcome: said.outcome.unwrap_or(AuthOutcome::Other),
        attempts,
        pid,
        message: Cow::Borrowed(message),
        ..Authentication::default()
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Said<'l> {
    user: Option<&'l str>,
    unknown: bool,
    peer: Peer,
    method: Option<&'l str>,
    fingerprint: Option<&'l str>,
    outcome: Option<AuthOutcome>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Peer {
    addr: Option<IpAddr>,
    port: Option<u16>,
}

/// Solaris puts `[ID 800047 auth.info] ` in front.
fn solaris(message: &str) -> &str {
    message.strip_prefix("[ID ").and_then(|rest| rest.split_once("] ")).map_or(message, |(_, rest)| rest)
}

/// `message repeated 5 times: [ words]`.
pub(super) fn repeated(message: &str) -> Option<(&str, u32)> {
    let (number, words) = message.strip_prefix("message repeated ")?.split_once(" times: [")?;
    let times: u32 = number.parse().ok()?;
    Some((words.strip_suffix(']').unwrap_or(words).trim(), times.clamp(1, MAX_REPEATED)))
}

/// `Failed|Accepted <method> for [invalid user ]<user> from <address> port <n> ssh2[: <key type> <fingerprint>]`.
fn outcome(words: &str) -> Option<Said<'_>> {
    let (outcome, rest) = match (words.strip_prefix("Failed "), words.strip_prefix("Accepted ")) {
        (Some(rest), _) => (AuthOutcome::Failure, rest),
        (_, Some(rest)) => (AuthOutcome::Success, rest),
        _ => return None,
    };
    let (method, rest) = scan::split_once(rest, " for ")?;
    let (user, tail) = split_from(rest, is_attempt_end)
        .or_else(|| split_from(rest, |tail| address_first(tail).is_some_and(|(_, r)| r.starts_with(" ssh") || r.starts_with(": "))))
        .or_else(|| split_from(rest, |tail| !tail.contains(' ') || address_first(tail).is_some()))?;
    let (user, unknown) = without_invalid(user);
    let peer = address_first(tail).map_or_else(Peer::default, |(peer, _)| peer);
    Some(Said { user: Some(user), unknown, peer, method: Some(method), fingerprint: fingerprint(tail), outcome: Some(outcome) })
}

/// Nothing follows the address, or a key and its fingerprint.
fn is_attempt_end(tail: &str) -> bool {
    let tail = tail.strip_suffix(" [preauth]").unwrap_or(tail);
    let (host, rest) = scan::split_once(tail, " port ").unwrap_or((tail, ""));
    let (port, rest) = scan::split_once(rest, " ").unwrap_or((rest, ""));
    if scan::find(host, " ").is_some() || port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    match scan::split_once(rest, ": ") {
        None => matches!(rest, "" | "ssh2" | "ssh1"),
        Some(("ssh2" | "ssh1", key)) => {
            let mut parts = key.split(' ');
            let kind =
                parts.next().is_some_and(|k| !k.is_empty() && k.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'));
            kind && parts.next().is_some_and(is_fingerprint) && parts.next().is_none()
        }
        Some(_) => false,
    }
}

fn is_fingerprint(word: &str) -> bool {
    word.starts_with("SHA256:") || word.starts_with("MD5:") || (word.len() >= 32 && word.contains(':'))
}

fn fingerprint(tail: &str) -> Option<&str> {
    let (_, key) = scan::split_once(tail, " ssh2: ")?;
    key.split(' ').nth(1).map(|w| w.trim_end_matches(',')).filter(|w| is_fingerprint(w))
}

/// Splits at the rightmost ` from ` behind which the tail fits.
fn split_from(rest: &str, fits: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    const FROM: &str = " from ";
    scan::rfind_all(rest, FROM).map(|at| (rest.get(..at), rest.get(at + FROM.len()..))).find_map(|pair| match pair {
        (Some(user), Some(tail)) if fits(tail) => Some((user, tail)),
        _ => None,
    })
}

fn without_invalid(user: &str) -> (&str, bool) {
    let rest = ["invalid user ", "illegal user "].iter().find_map(|p| user.strip_prefix(p));
    match rest {
        Some(user) => (user, true),
        // An empty name loses its space where the line was trimmed.
        None if matches!(user, "invalid user" | "illegal user" | "<invalid username>") => ("", true),
        None => (user, false),
    }
}

/// `<words> <user> from <address>[ port <n>]…`.
fn user_from(words: &str) -> Option<Said<'_>> {
    const BEGINNINGS: &[(&str, bool)] = &[
        ("Invalid user ", true),
        ("Illegal user ", true),
        ("error: maximum authentication attempts exceeded for ", false),
        ("error: PAM: User not known to the underlying authentication module for ", false),
        ("error: PAM: Authentication failure for ", false),
        ("error: PAM: authentication failure for ", false),
        ("error: PAM: Authentication error for ", false),
        ("error: PAM: authentication error for ", false),
        ("Postponed publickey for ", false),
        ("Postponed keyboard-interactive for ", false),
        ("Postponed keyboard-interactive/pam for ", false),
        ("User ", false),
        ("ROOT LOGIN REFUSED", false),
    ];
    let (rest, unknown) = BEGINNINGS.iter().find_map(|(start, unknown)| Some((words.strip_prefix(start)?, *unknown)))?;
    let ends = |tail: &str| match address_first(tail) {
        Some((_, rest)) => {
            matches!(rest, "" | " ssh2" | " ssh1" | " [preauth]" | " ssh2 [preauth]" | " ssh1 [preauth]")
                || rest.starts_with(" not allowed because")
        }
        None => false,
    };
    if let Some(tail) = rest.strip_prefix(" FROM ") {
        return Some(Said { user: Some("root"), peer: address_first(tail)?.0, ..Said::default() });
    }
    let Some((user, tail)) = split_from(rest, ends).or_else(|| split_from(rest, |tail| address_first(tail).is_some())) else {
        // The peer is a name, or not named: the user still is.
        let end = rest.find(" from ").or_else(|| rest.find(" not allowed because")).or_else(|| rest.starts_with("from ").then_some(0))?;
        let (user, invalid) = without_invalid(rest.get(..end)?);
        return Some(Said { user: Some(user), unknown: unknown || invalid, ..Said::default() });
    };
    let (user, invalid) = without_invalid(user);
    Some(Said { user: Some(user), unknown: unknown || invalid, peer: address_first(tail)?.0, ..Said::default() })
}

/// `<words> [invalid|authenticating] user <user> <address> port <n>…`.
fn user_address(words: &str) -> Option<Said<'_>> {
    const BEGINNINGS: &[&str] = &[
        "Connection closed by ",
        "Connection reset by ",
        "Disconnected from ",
        "Disconnecting ",
        "Received disconnect from ",
        "Timeout before authentication for ",
    ];
    let words = words.strip_prefix("error: ").or_else(|| words.strip_prefix("fatal: ")).unwrap_or(words);
    let rest = BEGINNINGS.iter().find_map(|b| words.strip_prefix(b))?;
    let (rest, unknown) = match rest.strip_prefix("invalid user ") {
        Some(rest) => (rest, true),
        None => (rest.strip_prefix("authenticating user ").or_else(|| rest.strip_prefix("user "))?, false),
    };
    // The rightmost ` port <digits>` that ends the line or stands in front of `:` or ` [preauth]`.
    const PORT: &str = " port ";
    scan::rfind_all(rest, PORT).find_map(|at| {
        let (front, behind) = (rest.get(..at)?, rest.get(at + PORT.len()..)?);
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (port, tail) = behind.split_at_checked(digits)?;
        let (user, address) = front.rsplit_once(' ')?;
        let fits = tail.is_empty() || tail.starts_with(':') || tail.starts_with(" [preauth]");
        let addr = address_of(address).filter(|_| fits)?;
        Some(Said { user: Some(user), unknown, peer: Peer { addr: Some(addr), port: port.parse().ok() }, ..Said::default() })
    })
}

/// `<words> <address>[ port <n>]…`, and lines that end in an address behind what the client sent.
fn bare_address(words: &str) -> Option<Said<'_>> {
    const BEGINNINGS: &[&str] = &[
        "Connection closed by ",
        "Connection reset by ",
        "Connection from ",
        "Disconnected from ",
        "Received disconnect from ",
        "Did not receive identification string from ",
        "Unable to negotiate with ",
        "Timeout before authentication for connection from ",
        "Timeout before authentication for ",
        "banner exchange: Connection from ",
        "ssh_dispatch_run_fatal: Connection from ",
        "Address ",
        "refused connect from ",
    ];
    let words = words.strip_prefix("error: ").or_else(|| words.strip_prefix("fatal: ")).unwrap_or(words);
    let found = BEGINNINGS.iter().find_map(|b| address_first(words.strip_prefix(b)?)).map(|(peer, _)| peer);
    let peer = found.or_else(|| {
        let behind = words.strip_prefix("Bad protocol version identification ")?;
        address_first(split_from(behind, |tail| address_first(tail).is_some())?.1).map(|(peer, _)| peer)
    })?;
    Some(Said { peer, ..Said::default() })
}

/// `pam_unix(sshd:auth): authentication failure; … rhost=<address>  user=<user>` and sessions.
fn pam(words: &str) -> Option<Said<'_>> {
    if let Some((_, user)) =
        scan::split_once(words, "session opened for user ").or_else(|| scan::split_once(words, "session closed for user "))
    {
        let user = user.split_once(" by ").map_or(user, |(user, _)| user);
        let user = user.split_once('(').map_or(user, |(user, _)| user);
        return Some(Said { user: Some(user.trim()), ..Said::default() });
    }
    if let Some(rest) = words.strip_prefix("input_userauth_request: invalid user ") {
        return Some(Said { user: Some(rest.strip_suffix(" [preauth]").unwrap_or(rest)), unknown: true, ..Said::default() });
    }
    let (_, rest) = scan::split_once(words, " rhost=")?;
    let (address, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let user = behind.trim_start().strip_prefix("user=").map(str::trim);
    Some(Said { user, peer: Peer { addr: address_of(address), port: None }, ..Said::default() })
}

/// `reverse mapping checking getaddrinfo for <name> [<address>] failed…`.
fn mapping(words: &str) -> Option<Said<'_>> {
    let rest = words.strip_prefix("reverse mapping checking ")?;
    let (_, inside) = rest.rsplit_once('[')?;
    let addr = address_of(inside.split_once(']')?.0)?;
    Some(Said { peer: Peer { addr: Some(addr), port: None }, ..Said::default() })
}

/// The address that text begins with, its port if one follows, and the rest.
fn address_first(text: &str) -> Option<(Peer, &str)> {
    let end = memchr::memchr3(b' ', b',', b';', text.as_bytes()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    // Old versions write `192.0.2.1: 11: Bye`.
    let addr = address_of(word).or_else(|| address_of(word.strip_suffix(':')?))?;
    let Some(behind) = rest.strip_prefix(" port ") else { return Some((Peer { addr: Some(addr), port: None }, rest)) };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let (port, rest) = behind.split_at_checked(digits)?;
    Some((Peer { addr: Some(addr), port: port.parse().ok() }, rest))
}

/// An address; one of IPv4 written as IPv6 is given as IPv4, and a zone (`%eth0`) is left out.
pub(super) fn address_of(word: &str) -> Option<IpAddr> {
    let word = scan::split_once(word, "%").map_or(word, |(addr, _)| addr);
    scan::ip(word).map(|addr| addr.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, want: (AuthOutcome, Option<&str>, bool, Option<&str>, Option<u16>)) {
        let got = read(Some("h"), Some(7), message);
        let source = got.source.map(|s| s.to_string());
        assert_eq!((got.outcome, got.user.as_deref(), got.unknown_user, source.as_deref(), got.source_port), want, "{message}");
    }

    #[test]
    fn attempts() {
        use AuthOutcome::{Failure, Success};
        let v6 = "2001:db8::1";
        check(
            "Failed password for root from 203.0.113.9 port 22022 ssh2",
            (Failure, Some("root"), false, Some("203.0.113.9"), Some(22022)),
        );
        check("Failed password for invalid user a b from 2001:db8::1 port 1 ssh2", (Failure, Some("a b"), true, Some(v6), Some(1)));
        check("Failed none for invalid user  from 203.0.113.9 port 1 ssh2", (Failure, None, true, Some("203.0.113.9"), Some(1)));
        check("Accepted password for rda from gateway.example.com port 2 ssh2", (Success, Some("rda"), false, None, None));
        check("Failed password for root from 203.0.113.9", (Failure, Some("root"), false, Some("203.0.113.9"), None));
        check("Failed password for root from ::ffff:203.0.113.9 port 5", (Failure, Some("root"), false, Some("203.0.113.9"), Some(5)));
        let key = read(None, None, "Accepted publickey for ec2-user from 198.51.100.7 port 5 ssh2: ED25519 SHA256:AbC/+x");
        assert_eq!((key.key_fingerprint.as_deref(), key.method.as_deref()), (Some("SHA256:AbC/+x"), Some("publickey")));
        let host = "Failed hostbased for dan from 203.0.113.9 port 4 ssh2: RSA SHA256:AbC, client user \"dan\", client host \"from 192.0.2.1 port 9\"";
        check(host, (Failure, Some("dan"), false, Some("203.0.113.9"), Some(4)));
        let many = read(None, None, "message repeated 4 times: [ Failed password for root from 203.0.113.9 port 5 ssh2]");
        assert_eq!((many.attempts, many.outcome, many.source_port), (4, Failure, Some(5)));
    }

    #[test]
    fn user_names_that_imitate_the_line() {
        use AuthOutcome::{Failure, Other};
        let real = (Some("203.0.113.9"), Some(2));
        for user in ["x from 192.0.2.1 port 1 ssh2", "from 192.0.2.1", "x from 192.0.2.1 port 1 ssh2: RSA SHA256:AA", "x port 1 [preauth]"]
        {
            check(
                &format!("Failed password for invalid user {user} from 203.0.113.9 port 2 ssh2"),
                (Failure, Some(user), true, real.0, real.1),
            );
            check(&format!("Invalid user {user} from 203.0.113.9 port 2"), (Other, Some(user), true, real.0, real.1));
            check(
                &format!("Connection closed by invalid user {user} 203.0.113.9 port 2 [preauth]"),
                (Other, Some(user), true, real.0, real.1),
            );
        }
        check("Bad protocol version identification 'x' from 192.0.2.1' from 203.0.113.9 port 2", (Other, None, false, real.0, real.1));
    }

    #[test]
    fn other_lines() {
        let a = Some("203.0.113.9");
        let other = |message: &str, user, unknown, addr, port| check(message, (AuthOutcome::Other, user, unknown, addr, port));
        other("Invalid user oracle from 203.0.113.9", Some("oracle"), true, a, None);
        other("Invalid user  from 203.0.113.9 port 2", None, true, a, Some(2));
        other("Connection closed by authenticating user root 203.0.113.9 port 2 [preauth]", Some("root"), false, a, Some(2));
        other("Disconnected from invalid user x 203.0.113.9 port 2 [preauth]", Some("x"), true, a, Some(2));
        other("Disconnected from user ubuntu 203.0.113.9 port 2", Some("ubuntu"), false, a, Some(2));
        other("Received disconnect from 203.0.113.9 port 2:11: Bye Bye [preauth]", None, false, a, Some(2));
        other("error: Received disconnect from 203.0.113.9: 3: x: Auth fail [preauth]", None, false, a, None);
        other(
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
            Some("root"),
            false,
            a,
            None,
        );
        other("pam_unix(sshd:session): session opened for user ec2-user(uid=1000) by (uid=0)", Some("ec2-user"), false, None, None);
        other(
            "error: maximum authentication attempts exceeded for invalid user x from 203.0.113.9 port 2 ssh2 [preauth]",
            Some("x"),
            true,
            a,
            Some(2),
        );
        other("Did not receive identification string from 203.0.113.9 port 2", None, false, a, Some(2));
        other(
            "reverse mapping checking getaddrinfo for a.example.com [203.0.113.9] failed - POSSIBLE BREAK-IN ATTEMPT!",
            None,
            false,
            a,
            None,
        );
        other("User root from 203.0.113.9 not allowed because listed in DenyUsers", Some("root"), false, a, None);
        other("User root not allowed because account is locked", Some("root"), false, None, None);
        other("fatal: Timeout before authentication for 203.0.113.9 port 2", None, false, a, Some(2));
        other("Server listening on 0.0.0.0 port 22.", None, false, None, None);
        other("", None, false, None, None);
    }
}
