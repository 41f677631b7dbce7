//! The authentication log of a Linux host (`auth.log`, syslog form without year and zone; the host's clock runs in UTC).

use crate::clock::{self, HOUR, Second};
use crate::folder::Record;
use crate::rng::Rng;
use crate::world::World;

const GUESSED: &[&str] = &["root", "admin", "test", "user", "oracle", "postgres", "git", "ubuntu", "pi", "ftpuser", "guest", "nagios"];

/// A line of the web server's log.
pub(crate) fn line(world: &World, at: Second, program: &str, message: &str) -> Record {
    Record::plain(at, format!("{} {} {program}: {message}", clock::syslog(at), world.web.hostname()))
}

/// A line of sshd's.
pub(crate) fn sshd(world: &World, at: Second, pid: i64, message: &str) -> Record {
    line(world, at, &format!("sshd[{pid}]"), message)
}

/// The wording for a wrong password.
pub(crate) fn failure(user: &str, exists: bool, from: &str, port: i64) -> String {
    let invalid = if exists { "" } else { "invalid user " };
    format!("Failed password for {invalid}{user} from {from} port {port} ssh2")
}

/// What such a log holds every day: hourly CRON jobs and strangers who guess and fail, `guesses` times.
pub(crate) fn ordinary(world: &World, rng: &mut Rng, guesses: u32, span: (Second, Second)) -> Vec<Record> {
    let mut records = Vec::new();
    let mut hour = span.0 - span.0.rem_euclid(HOUR) + HOUR + 17 * 60 + 1;
    while hour < span.1 {
        let program = format!("CRON[{}]", rng.range(800, 32_000));
        records.push(line(world, hour, &program, "pam_unix(cron:session): session opened for user root(uid=0) by root(uid=0)"));
        records.push(line(world, hour, &program, "pam_unix(cron:session): session closed for user root"));
        hour += HOUR;
    }
    for _ in 0..guesses {
        let at = rng.range(span.0, span.1);
        records.extend(guess(world, rng, at));
    }
    records
}

fn guess(world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
    let (from, pid, port) = (rng.stranger(), rng.range(800, 32_000), rng.range(32_768, 60_999));
    let user = rng.pick(GUESSED);
    let exists = user == "root" || user == "ubuntu";
    let mut records = Vec::new();
    if !exists {
        records.push(sshd(world, at, pid, &format!("Invalid user {user} from {from} port {port}")));
    }
    records.push(sshd(world, at, pid, &failure(user, exists, &from, port)));
    let who = if exists { "authenticating" } else { "invalid" };
    records.push(sshd(world, at, pid, &format!("Connection closed by {who} user {user} {from} port {port} [preauth]")));
    records
}

/// `count` logins of staff with their keys from the office.
pub(crate) fn staff(world: &World, rng: &mut Rng, count: u32, span: (Second, Second)) -> Vec<Record> {
    let mut records = Vec::new();
    for _ in 0..count {
        let (at, pid, port, print) = (rng.range(span.0, span.1), rng.range(800, 32_000), rng.range(49_152, 65_000), rng.alnum(43));
        let accepted = format!("Accepted publickey for ubuntu from {} port {port} ssh2: ED25519 SHA256:{print}", world.office);
        records.push(sshd(world, at, pid, &accepted));
        records.push(sshd(world, at, pid, "pam_unix(sshd:session): session opened for user ubuntu(uid=1000) by ubuntu(uid=0)"));
        records.push(sshd(world, at + rng.range(60, 2400), pid, "pam_unix(sshd:session): session closed for user ubuntu"));
    }
    records
}
