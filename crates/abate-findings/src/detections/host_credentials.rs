//! Passwords, keys and instance credentials read on a host.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Command, Words, each_command};
use crate::examples::{file, process};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "host-credentials-read",
    title: Text::fixed(
        "Passwords, keys or instance credentials read on a host",
        "ホストでのパスワード・鍵・インスタンス認証情報の読み取り",
    ),
    claims: &[Claim::HostCredentialsRead],
    techniques: &["T1003.008", "T1003.001", "T1552.001", "T1552.005"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::ProcessActivity, Table::FileActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "the password file is shown",
            "パスワードファイルを表示する",
            || vec![process(1, "root", "bash", "cat /etc/shadow")],
            &[Claim::HostCredentialsRead],
        ),
        Example::hit(
            "a web server's user asks the metadata service for the role's credentials",
            "ウェブサーバーのユーザーがメタデータサービスにロールの認証情報を求める",
            || vec![process(1, "www-data", "sh", "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/")],
            &[Claim::HostCredentialsRead],
        ),
        Example::hit(
            "the memory of lsass is written to a file",
            "lsass のメモリをファイルに書き出す",
            || {
                vec![process(
                    1,
                    "administrator",
                    "cmd.exe",
                    "rundll32.exe C:\\Windows\\System32\\comsvcs.dll MiniDump 624 C:\\Temp\\l.dmp full",
                )]
            },
            &[Claim::HostCredentialsRead],
        ),
        Example::miss(
            "a sign-in checks the password file, and a script asks which Region it runs in",
            "サインイン時の照合と、リージョンを調べるスクリプト",
            || {
                vec![
                    file(1, "read", "/etc/shadow", "/usr/sbin/unix_chkpwd"),
                    process(2, "root", "bash", "curl -s http://169.254.169.254/latest/meta-data/placement/region"),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Backups and administrators read such files, too; what was read must be taken as known to the reader.",
    "バックアップや管理者も読むことがある。読まれた内容は相手に知られたものとみなす。",
);
static FILES: Words = Words {
    title: Text::fixed("on {h}, passwords or keys were read: {t}", "{h}でパスワードや鍵が読み取られた: {t}"),
    innocent: INNOCENT,
};
static METADATA: Words = Words {
    title: Text::fixed(
        "on {h}, a program asked for the instance's credentials: {t}",
        "{h}でプログラムがインスタンスの認証情報を取得した: {t}",
    ),
    innocent: INNOCENT,
};

/// Files that hold credentials.
const FILES_OF: &[&str] = &[
    "/etc/shadow",
    "/etc/gshadow",
    "/.aws/credentials",
    "/.ssh/id_rsa",
    "/.ssh/id_ed25519",
    "/.ssh/id_ecdsa",
    "/.docker/config.json",
    "/.kube/config",
    "/.git-credentials",
    "/.pgpass",
    "/.my.cnf",
    "wp-config.php",
    "\\ntds.dit",
    "\\config\\sam",
];
/// Programs that read them as their ordinary work.
const READERS: &[&str] = &[
    "chkpwd",
    "sshd",
    "login",
    "su",
    "sudo",
    "passwd",
    "useradd",
    "usermod",
    "chage",
    "pwck",
    "cron",
    "aws",
    "git",
    "docker",
    "kubectl",
    "php-fpm",
    "apache2",
    "httpd",
    "systemd",
    "gdm",
    "vipw",
    "cloud-init",
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if let Some(kind) = by_command(command) {
            acts.add(ctx, row, command.host, command.act(kind, Severity::High));
        }
    });
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        let program = file.process.as_deref().unwrap_or_default();
        let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let own = program.is_empty() || READERS.iter().any(|reader| program.contains(reader));
        if file.change == "read" && !own && FILES_OF.iter().take(2).any(|path| file.path.ends_with(path)) {
            let act =
                Act::new("files", Severity::High, &format!("{} ({program})", file.path)).naming(EntityKind::User, file.user.as_deref());
            acts.add(ctx, row, file.host.as_deref(), act);
        }
    });
    acts.findings(Claim::HostCredentialsRead, &|kind| match kind {
        "metadata" => ("T1552.005", &METADATA),
        "memory" => ("T1003.001", &FILES),
        "shadow" | "files" => ("T1003.008", &FILES),
        _ => ("T1552.001", &FILES),
    })
}

fn by_command(command: &Command<'_>) -> Option<&'static str> {
    let metadata = command.has(&["169.254.169.254", "fd00:ec2::254", "169.254.170.2"]);
    if metadata && command.has(&["security-credentials", "/user-data", "/v2/credentials", "identity-credentials"]) {
        return Some("metadata");
    }
    let dump = command.has(&["lsass"]) && command.has(&["procdump", "minidump", "-ma ", "taskmgr", ".dmp"]);
    if dump
        || command.has(&[
            "comsvcs.dll minidump",
            "comsvcs.dll, minidump",
            "comsvcs.dll,minidump",
            "mimikatz",
            "sekurlsa::",
            "ntdsutil",
            "reg save hklm\\sam",
            "lazagne",
        ])
    {
        return Some("memory");
    }
    let reads = command.calls(&[
        "cat", "less", "more", "head", "tail", "strings", "cp", "scp", "tar", "base64", "xxd", "type", "grep", "unshadow", "john",
    ]);
    let path = reads.then(|| FILES_OF.iter().find(|path| command.line.contains(*path)))??;
    Some(if path.contains("shadow") { "shadow" } else { "keys" })
}
