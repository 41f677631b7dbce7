//! Logs of Linux hosts in the ways in which hosts write them: syslog with classic or precise times, in UTC or in the office's
//! zone, and the kernel's audit log. The ordinary lines are staff, jobs and strangers who guess in vain.

use std::fmt::Write as _;

use crate::clock::{self, Second, Zone};
use crate::folder::Record;
use crate::replay::Ordinary;
use crate::rng::Rng;
use crate::scatter::Scattered;
use crate::stage::Part;
use crate::syslog;
use crate::world::{Host, World};

const GUESSED: &[&str] = &["root", "admin", "test", "user", "oracle", "postgres", "git", "ubuntu", "pi", "ftpuser", "guest", "hadoop"];
const JOBS: &[&str] = &[
    "test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.hourly )",
    "/usr/local/bin/rotate-exports.sh",
    "command -v debian-sa1 > /dev/null && debian-sa1 1 1",
    "/usr/bin/php /var/www/app/cron.php",
];

/// How a host writes its syslog.
#[derive(Clone, Debug)]
pub(crate) struct Logger {
    host: String,
    zone: Zone,
    precise: bool,
}

impl Logger {
    /// Draws how a host writes: most run in UTC, some in Japan's time, and about half write precise times with the zone.
    pub(crate) fn draw(rng: &mut Rng, host: &Host) -> Self {
        let (zone, precise) = match rng.range(0, 9) {
            0..=4 => (Zone::UTC, false),
            5..=6 => (Zone::UTC, true),
            7..=8 => (Zone::JST, true),
            _ => (Zone::JST, false),
        };
        Self { host: host.hostname(), zone, precise }
    }

    /// The host's zone, for its other logs.
    pub(crate) fn zone(&self) -> Zone {
        self.zone
    }

    /// A line of syslog.
    pub(crate) fn line(&self, at: Second, program: &str, message: &str) -> Record {
        let time = if self.precise { self.zone.precise(at) } else { self.zone.syslog(at) };
        Record::plain(at, format!("{time} {} {program}: {message}", self.host))
    }

    /// What `timedatectl` prints, for a host that is not in UTC: not all its logs say so.
    pub(crate) fn clue(&self, name: &str, at: Second) -> Option<Part> {
        if self.zone == Zone::UTC {
            return None;
        }
        let (local, utc) = (self.zone.show(at, "%a %Y-%m-%d %H:%M:%S"), Zone::UTC.show(at, "%a %Y-%m-%d %H:%M:%S"));
        let Zone { name: zone, short, offset, .. } = self.zone;
        let text = format!(
            "               Local time: {local} {short}\n           Universal time: {utc} UTC\n                 RTC time: {utc}\n                \
             Time zone: {zone} ({short}, {offset})\nSystem clock synchronized: yes\n              NTP service: active\n          RTC in local TZ: no\n"
        );
        Some(Part::File { path: format!("evidence/{name}/timedatectl.txt"), bytes: text.into_bytes() })
    }

    /// What an authentication log holds every day.
    pub(crate) fn auth_days(&self, count: u32, span: (Second, Second)) -> Option<Box<dyn Ordinary>> {
        let logger = self.clone();
        Scattered::boxed(count, span, move |world, rng, at| match rng.range(0, 99) {
            0..=14 => logger.job(rng, at),
            15..=24 => logger.staff(world, rng, at),
            25..=29 => logger.sudo(world, rng, at),
            _ => logger.guess(rng, at),
        })
    }

    /// What the system's log holds every day: jobs, the clock, the agent of AWS, addresses renewed.
    pub(crate) fn system_days(&self, count: u32, span: (Second, Second)) -> Option<Box<dyn Ordinary>> {
        let logger = self.clone();
        Scattered::boxed(count, span, move |_, rng, at| match rng.range(0, 9) {
            0..=4 => {
                let (pid, job) = (rng.range(800, 32_000), rng.pick(JOBS));
                vec![logger.line(at, &format!("CRON[{pid}]"), &format!("(root) CMD ({job})"))]
            }
            5 => vec![logger.line(at, "chronyd[531]", "Selected source 198.18.251.4")],
            6 => vec![logger.line(at, "amazon-ssm-agent[702]", "INFO [HealthCheck] HealthCheck reporting agent health.")],
            7 => vec![logger.line(at, "systemd-networkd[488]", "ens5: DHCPv4 lease renewed")],
            _ => {
                let unit = rng.pick(&[
                    "apt-daily.service - Daily apt download activities",
                    "logrotate.service - Rotate log files",
                    "fstrim.service - Discard unused blocks",
                    "sysstat-collect.service - system activity accounting tool",
                ]);
                vec![
                    logger.line(at, "systemd[1]", &format!("Starting {unit}...")),
                    logger.line(at, "systemd[1]", &format!("Finished {unit}.")),
                ]
            }
        })
    }

    fn job(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        let program = format!("CRON[{}]", rng.range(800, 32_000));
        ["opened for user root(uid=0) by root(uid=0)", "closed for user root"]
            .map(|what| self.line(at, &program, &format!("pam_unix(cron:session): session {what}")))
            .into()
    }

    fn guess(&self, rng: &mut Rng, at: Second) -> Vec<Record> {
        let (from, pid, port, user) = (rng.stranger().to_string(), rng.range(800, 32_000), rng.range(32_768, 60_999), rng.pick(GUESSED));
        let (exists, program) = (user == "root" || user == "ubuntu", format!("sshd[{pid}]"));
        let mut lines = Vec::new();
        if !exists {
            lines.push(self.line(at, &program, &format!("Invalid user {user} from {from} port {port}")));
        }
        lines.push(self.line(at, &program, &syslog::failure(user, exists, &from, port)));
        lines.push(self.line(at, &program, &format!("Received disconnect from {from} port {port}:11: Bye Bye [preauth]")));
        lines
    }

    /// A short session of staff, as a copy or a deployment makes it.
    fn staff(&self, world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
        let (pid, port) = (rng.range(800, 32_000), rng.range(49_152, 65_000));
        let print = Rng::stream(0, &world.office).alnum(43);
        let accepted = format!("Accepted publickey for ubuntu from {} port {port} ssh2: ED25519 SHA256:{print}", world.office);
        let opened = "pam_unix(sshd:session): session opened for user ubuntu(uid=1000) by ubuntu(uid=0)";
        [accepted.as_str(), opened, "pam_unix(sshd:session): session closed for user ubuntu"]
            .map(|message| self.line(at, &format!("sshd[{pid}]"), message))
            .into()
    }

    fn sudo(&self, world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
        let command = rng.pick(&[
            "/usr/bin/apt-get update",
            "/usr/bin/systemctl status nginx",
            "/usr/bin/journalctl -u app -n 200",
            "/usr/bin/du -sh /var/log",
        ]);
        let said = format!("{} : TTY=pts/0 ; PWD=/home/ubuntu ; USER=root ; COMMAND={command}", world.operator.name);
        vec![self.line(at, "sudo", &said)]
    }

    /// A colleague mistypes a password some times from the office, and then remembers it.
    pub(crate) fn mistyped(&self, world: &World, rng: &mut Rng, at: Second) -> Vec<Record> {
        let (pid, port, user) = (rng.range(800, 32_000), rng.range(49_152, 65_000), world.operator.name.as_str());
        let tries = rng.range(2, 5);
        let mut lines: Vec<Record> = (0..tries)
            .map(|n| {
                self.line(at + 4 * n, &format!("sshd[{pid}]"), &syslog::failure(user, true, &world.office, port))
                    .decoy("a colleague mistypes a password at the office")
            })
            .collect();
        let accepted = format!("Accepted password for {user} from {} port {port} ssh2", world.office);
        lines.push(
            self.line(at + 4 * tries + 3, &format!("sshd[{pid}]"), &accepted)
                .decoy("the colleague gets it right; this is no guessed password"),
        );
        let opened = format!("pam_unix(sshd:session): session opened for user {user}(uid=1002) by {user}(uid=0)");
        lines.push(self.line(at + 4 * tries + 3, &format!("sshd[{pid}]"), &opened).aside());
        lines
    }
}

/// A program that was started, as the audit log tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exec<'a> {
    /// when
    pub(crate) at: Second,
    /// process and its parent
    pub(crate) pid: (i64, i64),
    /// the user as a number; who had signed in is not set
    pub(crate) uid: i64,
    /// the file that is run
    pub(crate) exe: &'a str,
    /// name and arguments
    pub(crate) argv: &'a [&'a str],
    /// working directory
    pub(crate) cwd: &'a str,
}

impl Exec<'_> {
    /// Its lines: the system call, the arguments, the folder, the title.
    pub(crate) fn lines(&self) -> Vec<Record> {
        let Self { at, pid: (pid, ppid), uid, exe, argv, cwd } = *self;
        let stamp = format!("audit({at}.{:03}:{})", clock::fraction(at) / 1000, (at - 1_788_000_000) * 16 + pid % 16);
        let comm = exe.rsplit('/').next().unwrap_or(exe);
        let syscall = format!(
            "type=SYSCALL msg={stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=55d0c2a8e6b0 a1=55d0c2a8f010 a2=55d0c2a8f8c0 a3=8 \
             items=2 ppid={ppid} pid={pid} auid=4294967295 uid={uid} gid={uid} euid={uid} suid={uid} fsuid={uid} egid={uid} sgid={uid} \
             fsgid={uid} tty=(none) ses=4294967295 comm=\"{comm}\" exe=\"{exe}\" subj=unconfined key=\"exec\""
        );
        let mut execve = format!("type=EXECVE msg={stamp}: argc={}", argv.len());
        for (n, argument) in argv.iter().enumerate() {
            let _ = write!(execve, " a{n}={}", quoted(argument));
        }
        let cwd = format!("type=CWD msg={stamp}: cwd=\"{cwd}\"");
        let title = format!("type=PROCTITLE msg={stamp}: proctitle={}", hex(&argv.join("\0")));
        [syscall, execve, cwd, title].map(|text| Record::plain(at, text)).into()
    }

    /// The same, with what matters marked: the line with the arguments.
    pub(crate) fn because(&self, why: &'static str) -> Vec<Record> {
        let mark = |record: Record| if record.text.starts_with("type=EXECVE") { record.because(why) } else { record };
        self.lines().into_iter().map(mark).collect()
    }

    /// The same, as something that may mislead.
    pub(crate) fn decoy(&self, why: &'static str) -> Vec<Record> {
        let mark = |record: Record| if record.text.starts_with("type=EXECVE") { record.decoy(why) } else { record.aside() };
        self.lines().into_iter().map(mark).collect()
    }
}

/// An argument as the kernel writes it: in quotes, or in hexadecimal where a character would be ambiguous.
fn quoted(argument: &str) -> String {
    let plain = argument.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if plain { format!("\"{argument}\"") } else { hex(argument) }
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02X}");
        out
    })
}

/// What the audit log of a host holds every day, if the start of every program is written down.
pub(crate) fn audit_days(count: u32, span: (Second, Second)) -> Option<Box<dyn Ordinary>> {
    Scattered::boxed(count, span, |_, rng, at| {
        let (pid, uid) = ((rng.range(900, 60_000), rng.range(1, 900)), 0);
        let (exe, argv, cwd): (&str, &[&str], &str) = match rng.range(0, 7) {
            0 => ("/usr/bin/dash", &["/bin/sh", "-c", "test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly"], "/root"),
            1 => ("/usr/lib/sysstat/sadc", &["/usr/lib/sysstat/sadc", "-F", "-L", "-S", "DISK", "1", "1"], "/"),
            2 => ("/usr/bin/df", &["df", "-P", "-x", "tmpfs"], "/"),
            3 => ("/usr/bin/systemctl", &["systemctl", "is-active", "nginx"], "/opt/monitor"),
            4 => ("/usr/sbin/logrotate", &["/usr/sbin/logrotate", "/etc/logrotate.conf"], "/"),
            5 => ("/usr/lib/apt/methods/https", &["/usr/lib/apt/methods/https"], "/"),
            6 => ("/usr/bin/find", &["find", "/var/lib/app/tmp", "-type", "f", "-mtime", "+7", "-delete"], "/"),
            _ => ("/usr/bin/ps", &["ps", "-eo", "pid,pcpu,pmem,comm", "--no-headers"], "/opt/monitor"),
        };
        Exec { at, pid, uid, exe, argv, cwd }.lines()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_written_as_the_kernel_does() {
        let exec = Exec { at: 1_791_172_982, pid: (7, 3), uid: 33, exe: "/usr/bin/dash", argv: &["sh", "-c", "id; ls"], cwd: "/" };
        let lines: Vec<String> = exec.lines().into_iter().map(|record| record.text).collect();
        assert!(lines[1].ends_with("argc=3 a0=\"sh\" a1=\"-c\" a2=69643B206C73"), "{}", lines[1]);
        assert!(lines[3].ends_with("proctitle=7368002D630069643B206C73"), "{}", lines[3]);
        assert!(lines[0].contains("comm=\"dash\" exe=\"/usr/bin/dash\"") && lines[0].contains(" ppid=3 pid=7 "));
    }
}
