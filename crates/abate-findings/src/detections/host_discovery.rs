//! Looking round on a host: many different commands that only ask where one is, within minutes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use abate_model::{Claim, Finding, Severity, Table, Text};
use jiff::{SignedDuration, Timestamp};

use super::acts::{Acts, Words, each_command};
use crate::examples::process;
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "host-discovery",
    title: Text::fixed("Burst of commands that look round on a host", "ホスト内を探る一連のコマンド"),
    claims: &[Claim::HostDiscovery],
    techniques: &["T1082"],
    tactic: Tactic::Discovery,
    severity: Severity::Medium,
    needs: &[Table::ProcessActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "six such commands within seconds, by a server's user",
            "サーバーのユーザーが数秒のうちに 6 種類のコマンドを実行する",
            || {
                let asked = ["whoami", "uname -a", "cat /etc/passwd", "ip addr", "ss -tlnp", "ps aux"];
                (0..).zip(asked).map(|(n, line)| process(n, "www-data", "sh", line)).collect()
            },
            &[Claim::HostDiscovery],
        ),
        Example::miss("an administrator looks at the load", "管理者が負荷を確認する", || {
            ["uptime", "ps aux", "df -h"].map(|line| process(1, "ubuntu", "bash", line)).into()
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Administrators who look for a fault and inventory agents ask the same.",
    "障害調査中の管理者や棚卸しのエージェントも同様のコマンドを使う。",
);
static WORDS: Words = Words {
    title: Text::fixed("on {h}, somebody looked round: {t}", "{h}で内部の様子を探るコマンドが続けて実行された: {t}"),
    innocent: INNOCENT,
};

/// Commands that ask who and where one is, and what else is there.
const ASKING: &[&str] = &[
    "whoami",
    "id",
    "uname",
    "hostname",
    "ifconfig",
    "ip",
    "netstat",
    "ss",
    "ps",
    "w",
    "who",
    "last",
    "lscpu",
    "nproc",
    "env",
    "mount",
    "lsof",
    "arp",
    "route",
    "getent",
    "crontab",
    "ipconfig",
    "systeminfo",
    "tasklist",
    "net",
    "nltest",
    "quser",
    "dsquery",
    "wmic",
    "free",
    "dmidecode",
];
/// Files whose reading asks the same.
const FILES: &[&str] = &["/etc/passwd", "/etc/os-release", "/etc/issue", "/proc/cpuinfo", "/proc/version", "/etc/hosts"];
/// So many different ones within [`BURST`] are more than an administrator's look.
const DIFFERENT: usize = 6;
const BURST: SignedDuration = SignedDuration::from_mins(5);
/// Commands remembered of each host and user; hosts and users remembered.
const MAX_RECENT: usize = 200;
const MAX_USERS: usize = 2000;

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut recent: BTreeMap<(String, String), VecDeque<(Timestamp, &'static str)>> = BTreeMap::new();
    let mut bursts: BTreeMap<(String, String), Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    each_command(ctx, &mut |row, command| {
        let (Some(at), Some(asked)) = (row.at, asked(&command.name, &command.line)) else { return };
        let key = (command.host.unwrap_or_default().to_owned(), command.user.unwrap_or_default().to_owned());
        if recent.len() >= MAX_USERS && !recent.contains_key(&key) {
            return;
        }
        let train = recent.entry(key.clone()).or_default();
        while train.front().is_some_and(|(first, _)| at.duration_since(*first) > BURST) || train.len() >= MAX_RECENT {
            train.pop_front();
        }
        train.push_back((at, asked));
        let different: BTreeSet<&str> = train.iter().map(|(_, asked)| *asked).collect();
        if different.len() >= DIFFERENT {
            let from = train.front().map_or(at, |(first, _)| *first);
            let windows = bursts.entry(key).or_default();
            if let Some(last) = windows.last_mut().filter(|(_, to)| *to >= from) {
                last.1 = at;
            } else if windows.len() < 50 {
                windows.push((from, at));
            }
        }
    });
    if bursts.is_empty() {
        return Vec::new();
    }
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        let key = (command.host.unwrap_or_default().to_owned(), command.user.unwrap_or_default().to_owned());
        let inside = |at: Timestamp| bursts.get(&key).is_some_and(|windows| windows.iter().any(|(from, to)| *from <= at && at <= *to));
        if row.at.is_some_and(inside) && asked(&command.name, &command.line).is_some() {
            acts.add(ctx, row, command.host, command.act("look", Severity::Medium));
        }
    });
    acts.findings(Claim::HostDiscovery, &|_| ("T1082", &WORDS))
}

fn asked(name: &str, line: &str) -> Option<&'static str> {
    let file = || FILES.iter().find(|file| line.contains(*file));
    ASKING.iter().find(|asking| **asking == name).or_else(file).copied()
}
