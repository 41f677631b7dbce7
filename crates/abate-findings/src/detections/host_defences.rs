//! Logs of a host cleared, its logging, firewall or protection stopped.

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};
use serde_json::json;

use super::acts::{Act, Acts, Command, Words, each_command};
use crate::examples::{event, file, process, text};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "host-defences-stopped",
    title: Text::fixed("Logs of a host cleared, or its protection stopped", "ホストのログ消去・防御の停止"),
    claims: &[Claim::HostDefencesStopped],
    techniques: &["T1070.001", "T1070.002", "T1070.003", "T1562.001", "T1562.004"],
    tactic: Tactic::DefenseEvasion,
    severity: Severity::High,
    needs: &[Table::EventLogActivity, Table::ProcessActivity, Table::FileActivity, Table::TimedText],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "the security log of a Windows host is cleared",
            "Windows ホストのセキュリティログが消去される",
            || vec![event(1, "Security", "1102", &json!({"SubjectUserName": "administrator"}))],
            &[Claim::HostDefencesStopped],
        ),
        Example::hit(
            "the sign-in log is emptied, the history forgotten and auditd stopped",
            "サインインのログを空にし、履歴を消し、auditd を停止する",
            || {
                vec![
                    process(1, "root", "bash", "truncate -s 0 /var/log/auth.log"),
                    process(2, "root", "bash", "history -c"),
                    process(3, "root", "bash", "systemctl stop auditd"),
                ]
            },
            &[Claim::HostDefencesStopped],
        ),
        Example::miss(
            "logs are rotated and a web server is restarted",
            "ログのローテーションとウェブサーバーの再起動",
            || {
                vec![
                    process(1, "root", "cron", "/usr/sbin/logrotate /etc/logrotate.conf"),
                    file(2, "deleted", "/var/log/syslog.7.gz", "/usr/sbin/logrotate"),
                    process(3, "root", "bash", "systemctl restart nginx"),
                    text(4, "systemd", "Stopped The Apache HTTP Server."),
                ]
            },
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Updates restart agents, and people free disks; from then on this host's logs prove nothing.",
    "更新時にはエージェントが再起動され、容量確保のための削除もある。この時点以降、このホストのログの欠落は何の証明にもならない。",
);
static CLEARED: Words =
    Words { title: Text::fixed("on {h}, logs were cleared: {t}", "{h}でログが消去された: {t}"), innocent: INNOCENT };
static STOPPED: Words = Words {
    title: Text::fixed("on {h}, logging or protection was stopped: {t}", "{h}でログ記録または防御が停止された: {t}"),
    innocent: INNOCENT,
};

/// Services that log or protect.
const GUARDS: &[&str] = &[
    "auditd",
    "rsyslog",
    "syslog-ng",
    "systemd-journald",
    "falcon-sensor",
    "crowdstrike",
    "clamav",
    "amazon-guardduty-agent",
    "amazon-cloudwatch-agent",
    "amazon-ssm-agent",
    "ds_agent",
    "fail2ban",
    "wazuh-agent",
    "ossec",
    "falco",
    "sysmon",
    "windefend",
    "mpssvc",
    "eventlog",
    "cbdaemon",
    "sentinelone",
    "aliyun.service",
    "ufw",
    "firewalld",
    "apparmor",
];

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut acts = Acts::default();
    each_command(ctx, &mut |row, command| {
        if let Some(act) = by_command(command) {
            acts.add(ctx, row, command.host, act);
        }
    });
    ctx.evidence.each(&Filter::table(Table::EventLogActivity), &mut |row| {
        let Body::Event(event) = &row.body else { return };
        let (channel, code) = (event.channel.as_deref().unwrap_or_default(), event.code.as_deref().unwrap_or_default());
        let (kind, what) = match (channel, code) {
            ("Security", "1102") => ("cleared", "Security 1102"),
            ("System", "104") => ("cleared", "System 104"),
            (channel, "5001" | "5010" | "5012") if channel.contains("Defender") => ("stopped", "Microsoft Defender"),
            _ => return,
        };
        let act = Act::new(kind, Severity::High, what).naming(EntityKind::User, event.user.as_deref());
        acts.add(ctx, row, event.host.as_deref(), act);
    });
    ctx.evidence.each(&Filter::table(Table::FileActivity), &mut |row| {
        let Body::File(file) = &row.body else { return };
        let by_rotation = file
            .process
            .as_deref()
            .is_some_and(|p| ["logrotate", "savelog", "systemd", "rsyslog", "apt"].iter().any(|own| p.contains(own)));
        if file.change == "deleted" && is_log(&file.path) && file.process.is_some() && !by_rotation {
            acts.add(
                ctx,
                row,
                file.host.as_deref(),
                Act::new("cleared", Severity::High, &file.path).naming(EntityKind::User, file.user.as_deref()),
            );
        }
    });
    acts.findings(Claim::HostDefencesStopped, &|kind| if kind == "cleared" { ("T1070.002", &CLEARED) } else { ("T1562.001", &STOPPED) })
}

fn by_command(command: &Command<'_>) -> Option<Act> {
    let line = &*command.line;
    let clears =
        command.has(&["rm ", "shred ", "truncate ", "cat /dev/null >", "echo > ", "echo \"\" >", "> /var/log", ": >"]) && is_log(line);
    let forgets = [
        "history -c",
        "unset histfile",
        "histfile=/dev/null",
        "histsize=0",
        "rm ~/.bash_history",
        "rm -rf ~/.bash_history",
        "ln -sf /dev/null",
    ]
    .iter()
    .any(|part| line.contains(part));
    let windows = line.contains("wevtutil") && (line.contains(" cl ") || line.contains("clear-log")) || line.contains("clear-eventlog");
    if (clears && !line.contains(".gz")) || forgets || windows {
        return Some(command.act("cleared", Severity::High));
    }
    let stops = [
        "systemctl stop ",
        "systemctl disable ",
        "systemctl mask ",
        "service ",
        "sc stop ",
        "sc delete ",
        "net stop ",
        "pkill ",
        "killall ",
        "apt remove ",
        "apt-get remove ",
        "apt-get purge ",
        "yum remove ",
        "rpm -e ",
    ]
    .iter()
    .any(|part| line.contains(part));
    let service = line.contains("service ") && !line.contains("stop") && !line.contains("systemctl");
    let guard = GUARDS.iter().any(|guard| line.contains(guard));
    let open = [
        "setenforce 0",
        "iptables -f",
        "iptables --flush",
        "ufw disable",
        "auditctl -e 0",
        "auditctl -d",
        "set-mppreference -disablerealtimemonitoring",
        "netsh advfirewall set allprofiles state off",
    ]
    .iter()
    .any(|part| line.contains(part));
    ((stops && guard && !service) || open).then(|| command.act("stopped", Severity::High))
}

/// The logs that show who came and what was done.
fn is_log(text: &str) -> bool {
    const LOGS: &[&str] = &[
        "/var/log/auth.log",
        "/var/log/secure",
        "/var/log/wtmp",
        "/var/log/btmp",
        "/var/log/lastlog",
        "/var/log/audit",
        "/var/log/syslog",
        "/var/log/messages",
        "/var/log/nginx",
        "/var/log/apache2",
        "/var/log/httpd",
        "/var/log/*",
        ".bash_history",
        "/var/log/cron",
    ];
    LOGS.iter().any(|log| text.contains(log)) && !text.contains(".gz") && !text.contains(".1 ") || text.trim_end() == "rm -rf /var/log"
}
