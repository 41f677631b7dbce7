//! Tunnels and tools of remote control set up on a host, which lead through the firewall from inside.

use abate_model::{Claim, Finding, Severity, Table, Text};

use super::acts::{Acts, Command, Words, each_command};
use crate::examples::process;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "tunnel-tools",
    title: Text::fixed("Tunnel or remote-control tool set up on a host", "ホストでのトンネル・遠隔操作ツールの設置"),
    claims: &[Claim::TunnelSetUp],
    techniques: &["T1572", "T1090", "T1219"],
    tactic: Tactic::CommandAndControl,
    severity: Severity::High,
    needs: &[Table::ProcessActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a client of frp leads a remote to the desktop's port",
            "frp のクライアントで外部からリモートデスクトップへ到達させる",
            || vec![process(1, "root", "bash", "/opt/frpc -c /opt/frpc.ini")],
            &[Claim::TunnelSetUp],
        ),
        Example::hit(
            "SSH opens a port of ours on a remote",
            "SSH で外部ホスト側に自ホストへのポートを開く",
            || vec![process(1, "www-data", "sh", "ssh -fN -R 2222:localhost:22 u@203.0.113.7")],
            &[Claim::TunnelSetUp],
        ),
        Example::miss(
            "a person forwards a database's port to the own desk",
            "手元へデータベースのポートを転送する",
            || vec![process(1, "ubuntu", "bash", "ssh -L 5432:db.example.com:5432 bastion.example.com")],
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Developers and support staff use such tools, too; ask who set it up.",
    "開発者やサポート担当も使うことがある。誰が設置したかを確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, a tunnel or remote-control tool was set up: {t}", "{h}でトンネルまたは遠隔操作ツールが設置された: {t}"),
    innocent: INNOCENT,
};

/// Tunnels by name; those that developers use as well weigh less.
const TUNNELS: &[&str] = &[
    "frpc",
    "chisel",
    "ligolo",
    "gost",
    "iox",
    "revsocks",
    "earthworm",
    "plink",
    "rathole",
    "nps",
    "npc",
    "gs-netcat",
    "dnscat",
    "iodine",
];
const COMMON: &[&str] = &["ngrok", "cloudflared", "localtunnel", "bore", "tailscaled"];
/// Tools of remote control.
const CONTROL: &[&str] =
    &["anydesk", "rustdesk", "teamviewer", "screenconnect", "atera", "meshagent", "tacticalrmm", "remoteutilities", "sliver", "mythic"];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if let Some((kind, severity)) = by_command(command) {
            acts.add(ctx, row, command.host, command.act(kind, severity));
        }
    });
    acts.findings(Claim::TunnelSetUp, &|kind| {
        let technique = match kind {
            "control" => "T1219",
            "proxy" => "T1090",
            _ => "T1572",
        };
        (technique, &WORDS)
    })
}

fn by_command(command: &Command<'_>) -> Option<(&'static str, Severity)> {
    let name = &*command.name;
    if TUNNELS.contains(&name) {
        return Some(("tunnel", Severity::High));
    }
    if COMMON.contains(&name) {
        return Some(("tunnel", Severity::Low));
    }
    if CONTROL.contains(&name) {
        return Some(("control", Severity::Medium));
    }
    let ssh = command.calls(&["ssh", "autossh"]);
    if ssh
        && command
            .written
            .split_whitespace()
            .any(|word| word.starts_with("-R") || (word.starts_with('-') && !word.starts_with("--") && word.ends_with('R')))
    {
        return Some(("tunnel", Severity::High));
    }
    let portproxy = command.has(&["netsh"]) && command.has(&["portproxy add", "portproxy  add"]);
    let socks = command.calls(&["microsocks", "3proxy", "danted", "sockd", "tinyproxy"])
        || (ssh && command.written.split_whitespace().any(|word| word == "-D"));
    if portproxy || socks {
        return Some(("proxy", Severity::Medium));
    }
    None
}
