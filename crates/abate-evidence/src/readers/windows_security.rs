//! What the Security log, Remote Desktop and SQL Server say of sign-ins, accounts, processes, tasks and services.

use std::borrow::Cow;

use abate_model::rows::{AccountChange, AuthOutcome, Authentication, ProcessActivity, ProcessChange, ScheduledJobActivity};
use abate_model::{Body, WindowsEvent};

use super::windows_names::logon_type;
use super::windows_rows::{address, addressed, code, field, file_name, filtered, host, message, number};

/// The status that says that there is no such user: of sign-ins and NTLM, and of Kerberos.
const NO_SUCH_USER: &[&str] = &["0xc0000064", "0x6"];

/// An event of the Security log; `None` where no table but the event log's own fits.
pub(super) fn audited<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    Some(match event.id {
        4624 | 4625 | 4634 | 4647 | 4648 | 4672 | 4778 | 4779 => Body::Auth(Box::new(sign_in(event))),
        4768 | 4769 | 4771 | 4776 => Body::Auth(Box::new(ticket(event))),
        4720 | 4722..=4726 | 4728 | 4729 | 4732 | 4733 | 4738 | 4740 | 4756 | 4757 | 4767 => Body::Account(Box::new(account(event)?)),
        4688 | 4689 => Body::Process(Box::new(process(event)?)),
        4697 => Body::Job(Box::new(ScheduledJobActivity {
            host: host(event),
            change: Cow::Borrowed("defined"),
            name: field(event, "ServiceName"),
            command: field(event, "ServiceFileName")?,
            schedule: field(event, "ServiceStartType"),
            user: field(event, "ServiceAccount"),
            program: Some(Cow::Borrowed("Service Control Manager")),
            ..ScheduledJobActivity::default()
        })),
        4698..=4702 => Body::Job(Box::new(task(event)?)),
        5156 | 5157 => Body::Net(filtered(event)?),
        _ => return None,
    })
}

fn sign_in<'e>(event: &'e WindowsEvent<'_>) -> Authentication<'e> {
    let kind: Option<u32> = number(event, "LogonType");
    let reconnection = matches!(event.id, 4778 | 4779);
    let user = match event.id {
        4672 => "SubjectUserName",
        4778 | 4779 => "AccountName",
        _ => "TargetUserName",
    };
    Authentication {
        service: Cow::Borrowed(if reconnection || matches!(kind, Some(10 | 12)) { "rdp" } else { "windows" }),
        host: host(event),
        user: field(event, user),
        unknown_user: event.id == 4625 && ["Status", "SubStatus"].iter().any(|name| says(event, name, NO_SUCH_USER)),
        source: addressed(event, if reconnection { "ClientAddress" } else { "IpAddress" }),
        source_port: number(event, "IpPort").filter(|port| *port != 0),
        method: kind.map(|kind| method(kind, event.get("AuthenticationPackageName"))),
        outcome: match event.id {
            4624 | 4778 => AuthOutcome::Success,
            4625 => AuthOutcome::Failure,
            _ => AuthOutcome::Other,
        },
        attempts: 1,
        pid: number(event, "ProcessId").filter(|pid| *pid != 0),
        message: message(event),
        ..Authentication::default()
    }
}

/// `network (3), NTLM`.
fn method(kind: u32, package: Option<&str>) -> Cow<'static, str> {
    let kind = logon_type(kind).map_or_else(|| kind.to_string(), |name| format!("{name} ({kind})"));
    Cow::Owned(package.map_or_else(|| kind.clone(), |package| format!("{kind}, {package}")))
}

fn says(event: &WindowsEvent<'_>, name: &str, values: &[&str]) -> bool {
    event.get(name).is_some_and(|value| values.iter().any(|wanted| value.eq_ignore_ascii_case(wanted)))
}

/// Kerberos and NTLM as the domain controller, or the machine itself, checked them.
fn ticket<'e>(event: &'e WindowsEvent<'_>) -> Authentication<'e> {
    let good = number::<u64>(event, "Status").map(|status| status == 0);
    let (service, outcome) = match event.id {
        4771 => ("kerberos", AuthOutcome::Failure),
        // A ticket for a service is asked for by somebody who is signed in already.
        4769 => ("kerberos", if good == Some(false) { AuthOutcome::Failure } else { AuthOutcome::Other }),
        id => (
            if id == 4776 { "ntlm" } else { "kerberos" },
            match good {
                Some(true) => AuthOutcome::Success,
                Some(false) => AuthOutcome::Failure,
                None => AuthOutcome::Other,
            },
        ),
    };
    Authentication {
        service: Cow::Borrowed(service),
        host: host(event),
        user: field(event, "TargetUserName"),
        unknown_user: matches!(event.id, 4768 | 4771 | 4776) && says(event, "Status", NO_SUCH_USER),
        source: addressed(event, "IpAddress"),
        source_port: number(event, "IpPort").filter(|port| *port != 0),
        method: field(event, if event.id == 4776 { "PackageName" } else { "TicketEncryptionType" }),
        outcome,
        attempts: 1,
        message: message(event),
        ..Authentication::default()
    }
}

fn account<'e>(event: &'e WindowsEvent<'_>) -> Option<AccountChange<'e>> {
    let grouped = matches!(event.id, 4728 | 4729 | 4732 | 4733 | 4756 | 4757);
    let change = match event.id {
        4720 => "created",
        4723 | 4724 => "password",
        4726 => "deleted",
        4728 | 4732 | 4756 => "group-added",
        4729 | 4733 | 4757 => "group-removed",
        4725 | 4740 => "locked",
        4722 | 4767 => "unlocked",
        _ => "changed",
    };
    let target = field(event, "TargetUserName");
    // The one thing that the record cannot be without: whom it is about.
    let user = if grouped { field(event, "MemberName").or_else(|| field(event, "MemberSid")) } else { target.clone() };
    user.as_ref().or(target.as_ref())?;
    Some(AccountChange {
        host: host(event),
        change: Cow::Borrowed(change),
        user,
        uid: field(event, if grouped { "MemberSid" } else { "TargetSid" }),
        group: target.filter(|_| grouped),
        actor: field(event, "SubjectUserName"),
        home: field(event, "HomeDirectory").filter(|home| !home.starts_with("%%")),
        message: message(event),
        ..AccountChange::default()
    })
}

fn process<'e>(event: &'e WindowsEvent<'_>) -> Option<ProcessActivity<'e>> {
    let started = event.id == 4688;
    let (path, pid) = if started { ("NewProcessName", "NewProcessId") } else { ("ProcessName", "ProcessId") };
    let exe = field(event, path)?;
    Some(ProcessActivity {
        host: host(event),
        change: if started { ProcessChange::Launch } else { ProcessChange::End },
        name: event.get(path).map(|path| Cow::Borrowed(file_name(path))),
        // Without the policy that asks for command lines, only the file is known.
        command: field(event, "CommandLine").unwrap_or_else(|| exe.clone()),
        exe: Some(exe),
        pid: number(event, pid),
        parent_pid: number(event, "ProcessId").filter(|_| started),
        parent: field(event, "ParentProcessName"),
        user: field(event, "TargetUserName").or_else(|| field(event, "SubjectUserName")),
        login_user: field(event, "SubjectUserName"),
        tag: code(event),
        program: Some(Cow::Borrowed("Windows Security")),
        ..ProcessActivity::default()
    })
}

/// A scheduled task; what it runs stands in its definition, which is XML of its own.
fn task<'e>(event: &'e WindowsEvent<'_>) -> Option<ScheduledJobActivity<'e>> {
    let content = event.get("TaskContent").or_else(|| event.get("TaskContentNew"));
    let part = |name: &str| {
        let (_, behind) = content?.split_once(&format!("<{name}>"))?;
        behind.split_once(&format!("</{name}>")).map(|(inside, _)| inside.trim())
    };
    let command = [part("Command"), part("Arguments")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let change = match event.id {
        4698 => "defined",
        4699 => "removed",
        _ => "changed",
    };
    Some(ScheduledJobActivity {
        host: host(event),
        change: Cow::Borrowed(change),
        name: Some(field(event, "TaskName")?),
        command: Cow::Owned(command),
        schedule: part("Triggers").map(Cow::Borrowed),
        user: part("UserId").map(Cow::Borrowed).or_else(|| field(event, "SubjectUserName")),
        program: Some(Cow::Borrowed("Windows Security")),
        ..ScheduledJobActivity::default()
    })
}

/// Remote Desktop. That a connection brought credentials (1149) is not yet a session: its outcome stays open.
pub(super) fn terminal<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    let connection = event.provider.ends_with("RemoteConnectionManager");
    let (user, source) = match (connection, event.id) {
        (true, 1149) => ("Param1", "Param3"),
        (false, 21..=25) => ("User", "Address"),
        _ => return None,
    };
    Some(Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed("rdp"),
        host: host(event),
        user: field(event, user),
        source: addressed(event, source),
        outcome: if !connection && matches!(event.id, 21 | 25) { AuthOutcome::Success } else { AuthOutcome::Other },
        attempts: 1,
        message: message(event),
        ..Authentication::default()
    })))
}

/// Sign-ins to SQL Server: its own events, and those of its audit, which are one text of `name:value` lines.
pub(super) fn sql_server<'e>(event: &'e WindowsEvent<'_>) -> Option<Body<'e>> {
    let texts: Vec<&'e str> = event.unnamed().collect();
    let client = |text: &str| text.split_once("[CLIENT: ").and_then(|(_, rest)| address(rest.split(']').next()?.trim()));
    let (user, source, outcome) = match event.id {
        18453 | 18454 | 18456 => {
            let outcome = if event.id == 18456 { AuthOutcome::Failure } else { AuthOutcome::Success };
            (texts.first().copied(), texts.iter().find_map(|text| client(text)), outcome)
        }
        33205 => {
            let text = *texts.first()?;
            let line = |name: &str| text.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'));
            let outcome = match line("action_id")?.trim() {
                "LGIF" => AuthOutcome::Failure,
                "LGIS" => AuthOutcome::Success,
                _ => return None,
            };
            let tagged = || text.split_once("<address>").and_then(|(_, rest)| address(rest.split('<').next()?));
            (line("server_principal_name"), client(text).or_else(tagged), outcome)
        }
        _ => return None,
    };
    Some(Body::Auth(Box::new(Authentication {
        service: Cow::Borrowed("mssql"),
        host: host(event),
        user: user.map(str::trim).filter(|user| !user.is_empty()).map(Cow::Borrowed),
        source,
        outcome,
        attempts: 1,
        message: message(event),
        ..Authentication::default()
    })))
}
