//! Rights of the system taken on a host: rules of sudo, setuid files, kernel modules, libraries loaded into every program.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Command, Words, each_command};
use super::commands::in_scratch;
use crate::examples::{file, process};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "host-rights-raised",
    title: Text::fixed("Rights of the system taken on a host", "ホストでの権限の昇格"),
    claims: &[Claim::HostRightsRaised],
    techniques: &["T1548.003", "T1548.001", "T1547.006", "T1574.006"],
    tactic: Tactic::PrivilegeEscalation,
    severity: Severity::High,
    needs: &[Table::ProcessActivity, Table::FileActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a user may do anything without a password",
            "ユーザーにパスワードなしのすべての権限を与える",
            || vec![process(1, "root", "bash", "sh -c \"echo 'support ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers\"")],
            &[Claim::HostRightsRaised],
        ),
        Example::hit(
            "a library is loaded into every program",
            "すべてのプログラムにライブラリを読み込ませる",
            || vec![file(1, "created", "/etc/ld.so.preload", "/bin/bash")],
            &[Claim::HostRightsRaised],
        ),
        Example::hit(
            "a copy of the shell gets the setuid bit",
            "シェルのコピーに setuid を付ける",
            || vec![process(1, "root", "bash", "chmod u+s /tmp/.sh")],
            &[Claim::HostRightsRaised],
        ),
        Example::miss(
            "a package's own rule, and ordinary permissions",
            "パッケージ自身の規則と、通常の権限設定",
            || {
                vec![
                    file(1, "created", "/etc/sudoers.d/90-cloud-init-users", "/usr/bin/cloud-init"),
                    process(2, "root", "bash", "chmod 755 /srv/app"),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Administrators and packages change these things, too; ask for the ticket.",
    "管理者やパッケージも変更する。作業の記録を確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, rights of the system were taken or given: {t}", "{h}でシステムの権限が取得または付与された: {t}"),
    innocent: INNOCENT,
};
/// Programs that write such files as their ordinary work.
const WRITERS: &[&str] = &["cloud-init", "dpkg", "rpm", "yum", "dnf", "apt", "ansible", "puppet", "chef"];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if let Some(kind) = by_command(command) {
            acts.add(ctx, row, command.host, command.act(kind, Severity::High));
        }
    });
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        let written = matches!(&*file.change, "created" | "modified" | "renamed");
        let own = file.process.as_deref().is_none_or(|program| WRITERS.iter().any(|writer| program.contains(writer)));
        let kind = match &*file.path {
            path if path.starts_with("/etc/sudoers") => "sudo",
            "/etc/ld.so.preload" => "preload",
            path if path.ends_with(".ko") && in_scratch(path) => "module",
            _ => return,
        };
        if written && (!own || kind == "preload") {
            acts.add(
                ctx,
                row,
                file.host.as_deref(),
                Act::new(kind, Severity::High, &file.path).naming(EntityKind::User, file.user.as_deref()),
            );
        }
    });
    acts.findings(Claim::HostRightsRaised, &|kind| {
        let technique = match kind {
            "sudo" => "T1548.003",
            "setuid" => "T1548.001",
            "module" => "T1547.006",
            _ => "T1574.006",
        };
        (technique, &WORDS)
    })
}

fn by_command(command: &Command<'_>) -> Option<&'static str> {
    let writes = command.has(&[">", "tee ", "sed -i", "cp ", "mv "]);
    if writes && command.has(&["/etc/sudoers"]) {
        return Some("sudo");
    }
    if (writes && command.has(&["/etc/ld.so.preload"])) || (command.has(&["ld_preload="]) && in_scratch(&command.line)) {
        return Some("preload");
    }
    if command.calls(&["chmod"]) && (command.has(&[" u+s", " +s", " 4755", " 4777", " 6755"])) {
        return Some("setuid");
    }
    (command.calls(&["insmod"]) && (in_scratch(&command.line) || command.has(&["/root/", "./"]))).then_some("module")
}
