//! The keys that open SSH on a host changed: `authorized_keys` written, by whatever program.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Words, each_command};
use crate::examples::{file, process};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "ssh-keys-changed",
    title: Text::fixed("Keys for SSH changed on a host", "ホストの SSH 公開鍵の変更"),
    claims: &[Claim::SshKeysChanged],
    techniques: &["T1098.004"],
    tactic: Tactic::Persistence,
    severity: Severity::High,
    needs: &[Table::FileActivity, Table::ProcessActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a shell appends a key to root's authorized_keys",
            "シェルが root の authorized_keys に鍵を追記する",
            || vec![process(10, "root", "/bin/sh", "sh -c \"echo ssh-ed25519 AAAA >> /root/.ssh/authorized_keys\"")],
            &[Claim::SshKeysChanged],
        ),
        Example::hit(
            "the file is modified",
            "ファイルが変更される",
            || vec![file(10, "modified", "/home/deploy/.ssh/authorized_keys", "/usr/bin/vim")],
            &[Claim::SshKeysChanged],
        ),
        Example::miss(
            "sshd reads it, and cloud-init writes it at the first start",
            "sshd による読み取りと、初回起動時の cloud-init による書き込み",
            || {
                vec![
                    file(10, "read", "/home/deploy/.ssh/authorized_keys", "/usr/sbin/sshd"),
                    file(20, "created", "/home/ec2-user/.ssh/authorized_keys", "/usr/bin/cloud-init"),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Administrators and configuration management add keys, too; compare the file with the keys that you know.",
    "管理者や構成管理ツールも鍵を追加する。把握している鍵とファイルの内容を突き合わせる。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, the keys that open SSH were changed: {t}", "{h}で SSH 用の公開鍵が変更された: {t}"),
    innocent: INNOCENT,
};
/// Programs that write the file as their ordinary work.
const WRITERS: &[&str] =
    &["cloud-init", "google_guest_agent", "puppet", "chef-client", "ansible", "amazon-ssm-agent", "dpkg", "rsync-backup"];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        let program = file.process.as_deref().unwrap_or_default();
        let written = matches!(&*file.change, "created" | "modified" | "renamed" | "permissions");
        if written && is_keys(&file.path) && !WRITERS.iter().any(|writer| program.contains(writer)) {
            let act = Act::new("keys", Severity::High, &file.path).naming(EntityKind::User, file.user.as_deref());
            acts.add(ctx, row, file.host.as_deref(), act);
        }
    });
    each_command(ctx, &mut |row, command| {
        let writes = command.has(&[">", "tee ", "sed -i", "cp ", "mv ", "chattr ", "curl ", "wget ", "vi ", "vim ", "nano "]);
        if writes && is_keys(&command.line) && command.name != "cloud-init" {
            acts.add(ctx, row, command.host, command.act("keys", Severity::High));
        }
    });
    acts.findings(Claim::SshKeysChanged, &|_| ("T1098.004", &WORDS))
}

fn is_keys(path: &str) -> bool {
    path.contains("/authorized_keys") || path.contains("administrators_authorized_keys")
}
