//! Mining software: its names in commands, files and lines of logs, and the names of pools that were looked up.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Acts, Words, each_command};
use crate::examples::{process, query, text};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "mining-software",
    title: Text::fixed("Mining software ran, or a pool's name was looked up", "採掘ソフトウェアの実行・採掘プールの名前解決"),
    claims: &[Claim::MiningSoftware],
    techniques: &["T1496.001"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::ProcessActivity, Table::DnsActivity, Table::FileActivity, Table::TimedText],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "a program is told a pool and a wallet",
            "プログラムに採掘プールとウォレットを渡す",
            || vec![process(1, "postgres", "sh", "/tmp/kdevtmpfsi -o stratum+tcp://pool.example.com:3333 -u 48edfHu7 --donate-level 1")],
            &[Claim::MiningSoftware],
        ),
        Example::hit(
            "a pool's name is looked up",
            "採掘プールの名前を引く",
            || vec![query(1, "xmr.2miners.com", "A", "NOERROR")],
            &[Claim::MiningSoftware],
        ),
        Example::miss("names and programs that only sound alike", "名前が似ているだけのもの", || {
            vec![
                query(1, "minerals.example.com", "A", "NOERROR"),
                process(2, "root", "systemd", "/usr/sbin/poolmond --config /etc/pool.conf"),
                text(3, "kernel", "CPU0: Core temperature above threshold"),
            ]
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Nobody mines by accident; lists of blocked names that a host fetches contain such names, but are not looked up one by one.",
    "偶然に採掘が行われることはない。遮断リストにもこうした名前が含まれるが、1 件ずつ名前解決されることはない。",
);
static RAN: Words = Words {
    title: Text::fixed("on {h}, mining software was seen: {t}", "{h}で採掘ソフトウェアが見つかった: {t}"),
    innocent: INNOCENT,
};
static ASKED: Words = Words {
    title: Text::fixed("{h} looked up names of mining pools: {t}", "{h}が採掘プールの名前を引いた: {t}"),
    innocent: INNOCENT,
};

/// Names of mining programs, and of ones that botnets hide behind.
const PROGRAMS: &[&str] = &[
    "xmrig",
    "xmr-stak",
    "minerd",
    "cpuminer",
    "ccminer",
    "nbminer",
    "t-rex-miner",
    "lolminer",
    "phoenixminer",
    "nanominer",
    "kinsing",
    "kdevtmpfsi",
    "ethminer",
    "cgminer",
    "bfgminer",
    "randomx",
    "srbminer",
];
/// Parts of command lines that only miners have.
const OPTIONS: &[&str] = &[
    "stratum+tcp",
    "stratum+ssl",
    "stratum2+tcp",
    "--donate-level",
    "--coin=monero",
    "--coin monero",
    "-a cryptonight",
    "--algo=rx/",
    "--randomx-",
];
/// Domains of pools.
const POOLS: &[&str] = &[
    "2miners.com",
    "antpool.com",
    "c3pool.com",
    "c3pool.org",
    "crypto-pool.fr",
    "dwarfpool.com",
    "ethermine.org",
    "f2pool.com",
    "flexpool.io",
    "hashvault.pro",
    "herominers.com",
    "hiveon.net",
    "kryptex.network",
    "minergate.com",
    "mineros.info",
    "minexmr.com",
    "minexmr.cn",
    "minerpool.pw",
    "moneroocean.stream",
    "monerohash.com",
    "moneropool.com",
    "monerod.org",
    "nanopool.org",
    "nicehash.com",
    "p2pool.io",
    "pool.minexmr.to",
    "rplant.xyz",
    "slushpool.com",
    "supportxmr.com",
    "unmineable.com",
    "viabtc.com",
    "xmrpool.eu",
    "xmrpool.net",
    "zpool.ca",
    "zergpool.com",
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if is_miner(&command.line) || PROGRAMS.contains(&&*command.name) {
            acts.add(ctx, row, command.host, command.act("ran", Severity::High));
        }
    });
    ctx.evidence.each(&Filter::table(Table::DnsActivity), &mut |row| {
        let Body::Dns(dns) = &row.body else { return };
        if is_pool(&dns.query) {
            let asker = dns.source.map(|source| source.to_string());
            let act = Act::new("asked", Severity::High, &dns.query).naming(EntityKind::LocalAddress, asker.as_deref());
            acts.add(ctx, row, dns.instance_id.as_deref().or(asker.as_deref()), act);
        }
    });
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        let name = file.path.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        if PROGRAMS.contains(&name.trim_end_matches(".exe")) && file.change != "deleted" {
            acts.add(ctx, row, file.host.as_deref(), Act::new("ran", Severity::High, &file.path));
        }
    });
    ctx.evidence.each(&Filter::table(Table::TimedText), &mut |row| {
        let Body::Text(text) = &row.body else { return };
        if OPTIONS.iter().take(3).any(|part| text.message.contains(part)) {
            acts.add(ctx, row, text.host.as_deref(), Act::new("ran", Severity::High, &text.message));
        }
    });
    acts.findings(Claim::MiningSoftware, &|kind| ("T1496.001", if kind == "asked" { &ASKED } else { &RAN }))
}

fn is_miner(line: &str) -> bool {
    let program = line.split(' ').next().unwrap_or_default();
    let program = program.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe");
    PROGRAMS.contains(&program) || OPTIONS.iter().any(|part| line.contains(part))
}

fn is_pool(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    POOLS.iter().any(|pool| name.strip_suffix(*pool).is_some_and(|front| front.is_empty() || front.ends_with('.')))
}
