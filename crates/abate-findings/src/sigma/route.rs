//! Which rules see which rows: a rule's `logsource` and a row's table both name a route.

use std::borrow::Cow;

use abate_model::rows::ProcessChange;
use abate_model::{Body, Row, WindowsEvent};
use rsigma_parser::LogSource;

use super::problem::{ProblemKind, Reason};
use super::{load, windows};

/// A kind of record that rules can be written for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Route {
    /// CloudTrail records
    CloudTrail,
    /// requests to web servers
    Web,
    /// requests that went through a forward proxy
    Proxy,
    /// queries to a DNS resolver
    Dns,
    /// flow records, accepted and rejected
    Firewall,
    /// any line of a Linux system's logs
    Linux,
    /// lines of one service: `sshd`, `auth` (all sign-ins and what writes to the same file), `syslog`, `cron`, …
    LinuxService(Cow<'static, str>),
    /// starts of programs on Linux
    LinuxProcess,
    /// files that were made or changed on Linux
    LinuxFile,
    /// connections that programs on Linux began
    LinuxConnection,
    /// records of the Linux audit log
    LinuxAudit,
    /// any event of a Windows log
    Windows,
    /// events of one log of Windows: `security`, `sysmon`, …
    WindowsService(String),
    /// events of one kind, whoever wrote them: `process_creation`, `dns_query`, …
    WindowsCategory(String),
}

/// Linux services whose lines can be told by the program's name.
const SERVICES: &[&str] = &["sshd", "auth", "syslog", "cron", "sudo", "vsftpd", "clamav", "guacamole"];
/// Programs that write to auth.log (Debian) or secure (Red Hat).
const AUTH_PROGRAMS: &[&str] = &[
    "sshd",
    "sudo",
    "su",
    "login",
    "useradd",
    "usermod",
    "userdel",
    "groupadd",
    "passwd",
    "chpasswd",
    "polkitd",
    "systemd-logind",
    "vsftpd",
];

/// The route that a logsource names.
pub(super) fn of_rule(source: &LogSource) -> Result<Route, Reason> {
    let lower = |part: &Option<String>| part.as_deref().map(str::to_ascii_lowercase);
    let (category, product, service) = (lower(&source.category), lower(&source.product), lower(&source.service));
    match (category.as_deref(), product.as_deref(), service.as_deref()) {
        (None, Some("aws"), Some("cloudtrail")) => Ok(Route::CloudTrail),
        (Some("webserver"), None | Some("apache" | "nginx" | "iis"), _) => Ok(Route::Web),
        (None, Some("apache" | "nginx"), None | Some("access")) | (None, None, Some("apache" | "nginx")) => Ok(Route::Web),
        (Some("proxy"), None | Some("squid"), _) => Ok(Route::Proxy),
        (Some("dns"), None, None) | (None, Some("aws"), Some("route53" | "route53resolver")) => Ok(Route::Dns),
        (Some("firewall"), None, None) | (None, Some("aws"), Some("vpcflow" | "vpcflowlogs")) => Ok(Route::Firewall),
        (Some("process_creation"), Some("linux"), None) => Ok(Route::LinuxProcess),
        (Some("file_event"), Some("linux"), None) => Ok(Route::LinuxFile),
        (Some("network_connection"), Some("linux"), None) => Ok(Route::LinuxConnection),
        (None, Some("linux"), Some("auditd")) => Ok(Route::LinuxAudit),
        (None, Some("linux"), None) => Ok(Route::Linux),
        (None, Some("linux"), Some(service)) if SERVICES.contains(&service) => Ok(Route::LinuxService(Cow::Owned(service.to_owned()))),
        (None, Some("windows"), None) => Ok(Route::Windows),
        (None, Some("windows"), Some(service)) if windows::is_service(service) => Ok(Route::WindowsService(service.to_owned())),
        (Some(category), Some("windows"), None) if windows::CATEGORIES.contains(&category) => {
            Ok(Route::WindowsCategory(category.to_owned()))
        }
        _ => {
            let named = load::named(source);
            let (en, ja) = (format!("no table for logsource {named}"), format!("logsource {named} に対応するテーブルがない"));
            let near = source.service.as_ref().or(source.category.as_ref()).or(source.product.as_ref());
            Err(Reason::new(ProblemKind::Logsource, en, ja).near(near.cloned().unwrap_or_default()))
        }
    }
}

/// The routes that a row lies on.
pub(super) fn of_row(row: &Row<'_>) -> Vec<Route> {
    match &row.body {
        _ if super::is_cloudtrail(row) => vec![Route::CloudTrail],
        // Only a request that is to go on elsewhere names the other server.
        Body::Http(http) if http.method == "CONNECT" || http.target.starts_with("http") => vec![Route::Web, Route::Proxy],
        Body::Http(_) => vec![Route::Web],
        Body::Dns(_) => vec![Route::Dns],
        Body::Net(_) => vec![Route::Firewall],
        // Events of the audit log that say nothing which another table has.
        Body::Event(event) if event.channel.as_deref() == Some("audit") => vec![Route::LinuxAudit, Route::LinuxConnection],
        Body::Auth(auth) => audited(linux(Some(&auth.service), true)),
        Body::Text(text) if is_sysmon(text.program.as_deref()) => {
            let mut routes = linux(text.program.as_deref(), false);
            routes.extend([Route::LinuxProcess, Route::LinuxConnection, Route::LinuxFile]);
            routes
        }
        Body::Text(text) => linux(text.program.as_deref(), false),
        Body::Email(_) => linux(None, false),
        // Lines of Linux programs name the program that wrote them; other records of these tables have no line.
        Body::Account(change) if change.program.is_some() => audited(linux(change.program.as_deref(), false)),
        Body::Job(job) if job.program.is_some() => linux(job.program.as_deref(), false),
        Body::Process(process) if process.program.is_some() => {
            let mut routes = audited(linux(process.program.as_deref(), false));
            routes.extend((process.change == ProcessChange::Launch).then_some(Route::LinuxProcess));
            routes
        }
        // Of the files' records those of the audit log are of Linux: only they name a user and a program with its path.
        Body::File(file) if file.process.as_deref().is_some_and(|process| process.starts_with('/')) => {
            vec![Route::LinuxFile, Route::LinuxAudit]
        }
        _ => Vec::new(),
    }
}

/// Whether a program is Sysmon for Linux, which writes events like those of Windows to syslog.
pub(super) fn is_sysmon(program: Option<&str>) -> bool {
    program.is_some_and(|program| program.eq_ignore_ascii_case("sysmon"))
}

/// The route of an event of Sysmon for Linux. Source: Sysmon's event ids, of which Linux has a part.
pub(super) const fn of_sysmon(id: u32) -> Option<Route> {
    match id {
        1 => Some(Route::LinuxProcess),
        3 => Some(Route::LinuxConnection),
        11 => Some(Route::LinuxFile),
        _ => None,
    }
}

/// The routes that an event of Windows lies on.
pub(super) fn of_event(event: &WindowsEvent<'_>) -> Vec<Route> {
    let service = windows::service(&event.channel).map(|service| Route::WindowsService(service.to_owned()));
    let categories = windows::categories(event).iter().map(|category| Route::WindowsCategory((*category).to_owned()));
    std::iter::once(Route::Windows).chain(service).chain(categories).collect()
}

/// What the audit log may have said; whether it did is seen when a rule asks.
fn audited(mut routes: Vec<Route>) -> Vec<Route> {
    routes.push(Route::LinuxAudit);
    routes
}

fn linux(program: Option<&str>, sign_in: bool) -> Vec<Route> {
    let program = program.unwrap_or_default().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let service = |name: &'static str| Route::LinuxService(Cow::Borrowed(name));
    let mut routes = vec![Route::Linux, service("syslog")];
    if sign_in || AUTH_PROGRAMS.contains(&program.as_str()) {
        routes.push(service("auth"));
    }
    let named = match program.as_str() {
        "crond" | "crontab" | "anacron" => "cron",
        "clamd" | "freshclam" | "clamscan" => "clamav",
        "guacd" => "guacamole",
        other => other,
    };
    let known = SERVICES.iter().find(|known| **known == named && !["auth", "syslog"].contains(known));
    routes.extend(known.map(|known| service(known)));
    routes
}
