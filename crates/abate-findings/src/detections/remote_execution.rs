//! Other hosts entered from one of ours, or ours from another: PsExec, WMI, WinRM, and SSH that asks no questions.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::acts::{Act, Acts, Command, Words, each_command};
use crate::examples::{event, process};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "remote-execution",
    title: Text::fixed("Commands run on one host from another", "別のホストからのコマンド実行"),
    claims: &[Claim::LateralMovement],
    techniques: &["T1021.002", "T1047", "T1021.006", "T1021.004"],
    tactic: Tactic::LateralMovement,
    severity: Severity::High,
    needs: &[Table::ProcessActivity, Table::EventLogActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "PsExec's service is installed",
            "PsExec のサービスがインストールされる",
            || vec![event(1, "System", "7045", &json!({"ServiceName": "PSEXESVC", "ImagePath": "%SystemRoot%\\PSEXESVC.exe"}))],
            &[Claim::LateralMovement],
        ),
        Example::hit(
            "WMI starts a command shell",
            "WMI がコマンドシェルを起動する",
            || {
                vec![process(
                    1,
                    "SYSTEM",
                    "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
                    "cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADMIN$\\__1 2>&1",
                )]
            },
            &[Claim::LateralMovement],
        ),
        Example::hit(
            "a password is handed to SSH, and the host's key is not checked",
            "SSH にパスワードを渡し、ホスト鍵を確認しない",
            || vec![process(1, "www-data", "sh", "sshpass -p secret ssh -o StrictHostKeyChecking=no root@10.0.0.9 id")],
            &[Claim::LateralMovement],
        ),
        Example::miss("an ordinary service, and a person who uses SSH", "通常のサービスと、人による SSH の利用", || {
            vec![
                event(
                    1,
                    "System",
                    "7045",
                    &json!({"ServiceName": "MSSQL", "ImagePath": "C:\\Program Files\\Microsoft SQL Server\\sqlservr.exe"}),
                ),
                process(2, "ubuntu", "bash", "ssh db.example.com"),
            ]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Administrators and deployment tools use the same means; ask whether that was so.",
    "管理者やデプロイツールも同じ手段を使う。該当する作業があったかを確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, commands came from or went to another host: {t}", "{h}で別ホストとの間のコマンド実行があった: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if let Some((kind, severity)) = by_command(command) {
            acts.add(ctx, row, command.host, command.act(kind, severity));
        }
    });
    ctx.evidence.each(&Filter::table(Table::EventLogActivity), &mut |row| {
        let Body::Event(event) = &row.body else { return };
        if !matches!(event.code.as_deref(), Some("7045" | "4697")) {
            return;
        }
        let data = super::account::json(event.data.as_deref());
        let text = |key| super::account::texts(&data, key).into_iter().next().unwrap_or_default();
        let (name, image) = (text("ServiceName"), format!("{}{}", text("ImagePath"), text("ServiceFileName")));
        let both = format!("{name} {image}").to_ascii_lowercase();
        if ["psexesvc", "paexec", "remcomsvc", "csexec", "winexesvc", "\\admin$\\", "\\127.0.0.1\\"].iter().any(|part| both.contains(part))
        {
            acts.add(
                ctx,
                row,
                event.host.as_deref(),
                Act::new("psexec", Severity::High, &name).naming(EntityKind::User, event.user.as_deref()),
            );
        }
    });
    acts.findings(Claim::LateralMovement, &|kind| {
        let technique = match kind {
            "psexec" => "T1021.002",
            "wmi" => "T1047",
            "winrm" => "T1021.006",
            _ => "T1021.004",
        };
        (technique, &WORDS)
    })
}

fn by_command(command: &Command<'_>) -> Option<(&'static str, Severity)> {
    let parent = command.parent.unwrap_or_default().to_ascii_lowercase();
    let shell = command.calls(&["cmd", "powershell", "pwsh", "rundll32", "mshta"]);
    if parent.contains("psexesvc") || command.calls(&["psexec", "psexec64", "paexec"]) {
        return Some(("psexec", Severity::High));
    }
    if (parent.contains("wmiprvse") && shell)
        || (command.calls(&["wmic"]) && command.has(&["/node:"]) && command.has(&["process call create"]))
    {
        return Some(("wmi", Severity::High));
    }
    if parent.contains("wsmprovhost") && shell {
        return Some(("winrm", Severity::Medium));
    }
    let blind = command.has(&["stricthostkeychecking=no", "userknownhostsfile=/dev/null"]);
    let server = command
        .user
        .is_some_and(|user| ["www-data", "apache", "nginx", "tomcat", "postgres", "mysql", "nobody", "33", "48"].contains(&user));
    let reaches = command.calls(&["ssh", "scp", "sshpass"]);
    (reaches && (command.calls(&["sshpass"]) && blind || server)).then_some(("ssh", Severity::High))
}
