//! The authentication log of a Linux host (`auth.log`, syslog form without year and zone; the host's clock runs in UTC).

use std::net::Ipv4Addr;

use crate::clock::{self, HOUR, Second};
use crate::folder::Record;
use crate::replay::{Mark, Ordinary};
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

/// What such a log holds every day: hourly CRON jobs, strangers who guess and fail, and staff who log in with their keys
/// from the office.
#[derive(Clone, Debug)]
pub(crate) struct Days {
    /// so many strangers guess, and when
    pub(crate) guesses: (u32, (Second, Second)),
    /// so many logins of staff, and when
    pub(crate) logins: (u32, (Second, Second)),
}

const CRON: u16 = 0;
const GUESS: u16 = 1;
const LOGIN: u16 = 2;
const LOGOUT: u16 = 3;

impl Ordinary for Days {
    fn span(&self) -> (Second, Second) {
        self.guesses.1
    }

    fn marks(&self) -> u64 {
        u64::from(self.guesses.0) + 2 * u64::from(self.logins.0)
    }

    fn records(&self) -> u64 {
        // Two guesses in twelve are at names that exist, and take one line less.
        u64::from(self.guesses.0) * 17 / 6 + 3 * u64::from(self.logins.0)
    }

    fn skim(&self, world: &World, rng: &mut Rng, mark: &mut dyn FnMut(Mark)) {
        let (guesses, span) = self.guesses;
        let mut at = clock::floor(span.0, HOUR) + HOUR + 17 * 60 + 1;
        while at < span.1 {
            mark(Mark { at, place: rng.place(), kind: CRON });
            cron_job(rng);
            at += HOUR;
        }
        for _ in 0..guesses {
            let (place, guess) = (rng.place(), Guess::draw(rng, span));
            mark(Mark { at: guess.at, place, kind: GUESS });
        }
        for _ in 0..self.logins.0 {
            let (place, session) = (rng.place(), session(world, rng, self.logins.1));
            mark(Mark { at: session.login[0].at, place, kind: LOGIN });
            mark(Mark { at: session.logout.at, place, kind: LOGOUT });
        }
    }

    fn make(&self, world: &World, rng: &mut Rng, mark: Mark, records: &mut Vec<Record>) {
        match mark.kind {
            CRON => {
                let program = cron_job(rng);
                let said = |message: &str| line(world, mark.at, &program, message);
                records.push(said("pam_unix(cron:session): session opened for user root(uid=0) by root(uid=0)"));
                records.push(said("pam_unix(cron:session): session closed for user root"));
            }
            GUESS => Guess::draw(rng, self.guesses.1).lines(world, records),
            LOGIN => records.extend(session(world, rng, self.logins.1).login),
            _ => records.push(session(world, rng, self.logins.1).logout),
        }
    }
}

fn cron_job(rng: &mut Rng) -> String {
    format!("CRON[{}]", rng.range(800, 32_000))
}

/// A stranger who guesses a password, in vain.
struct Guess {
    at: Second,
    from: Ipv4Addr,
    pid: i64,
    port: i64,
    user: &'static str,
}

impl Guess {
    fn draw(rng: &mut Rng, span: (Second, Second)) -> Self {
        let at = rng.range(span.0, span.1);
        let (from, pid, port) = (rng.stranger(), rng.range(800, 32_000), rng.range(32_768, 60_999));
        Self { at, from, pid, port, user: rng.pick(GUESSED) }
    }

    fn lines(&self, world: &World, records: &mut Vec<Record>) {
        let Self { at, from, pid, port, user } = *self;
        let exists = user == "root" || user == "ubuntu";
        if !exists {
            records.push(sshd(world, at, pid, &format!("Invalid user {user} from {from} port {port}")));
        }
        records.push(sshd(world, at, pid, &failure(user, exists, &from.to_string(), port)));
        let who = if exists { "authenticating" } else { "invalid" };
        records.push(sshd(world, at, pid, &format!("Connection closed by {who} user {user} {from} port {port} [preauth]")));
    }
}

/// A login of staff.
struct Session {
    login: [Record; 2],
    logout: Record,
}

fn session(world: &World, rng: &mut Rng, span: (Second, Second)) -> Session {
    let (at, pid, port, print) = (rng.range(span.0, span.1), rng.range(800, 32_000), rng.range(49_152, 65_000), rng.alnum(43));
    let accepted = format!("Accepted publickey for ubuntu from {} port {port} ssh2: ED25519 SHA256:{print}", world.office);
    let opened = "pam_unix(sshd:session): session opened for user ubuntu(uid=1000) by ubuntu(uid=0)";
    let logout = sshd(world, at + rng.range(60, 2400), pid, "pam_unix(sshd:session): session closed for user ubuntu");
    Session { login: [sshd(world, at, pid, &accepted), sshd(world, at, pid, opened)], logout }
}
