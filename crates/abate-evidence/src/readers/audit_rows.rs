//! The rows of an audit event.
//!
//! sshd writes one `USER_AUTH` per secret that it checked and one `USER_LOGIN` per connection. A failure counts where the secret
//! was checked, a success where the user was let in, so that no attempt counts twice.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::{AccountChange, AuthOutcome, Authentication, EventLogActivity, FileActivity, ProcessActivity, ProcessChange};

use super::audit::Event;
use super::audit_record::Record;
use super::linux::file_name;
use super::sshd;

/// Hands out the rows of an event; at least one.
pub(super) fn bodies(event: &Event, emit: &mut dyn FnMut(Body<'_>)) {
    let find = |kinds: &[&str]| event.records.iter().find(|record| kinds.contains(&record.kind.as_str()));
    if let Some(record) = find(SIGN_IN) {
        return emit(Body::Auth(Box::new(auth(event, record))));
    }
    if let Some(record) = find(ACCOUNT)
        && let Some(change) = account(event, record)
    {
        return emit(Body::Account(Box::new(change)));
    }
    if let Some(record) = find(&["USER_CMD"]) {
        return emit(Body::Process(Box::new(sudo(event, record))));
    }
    let main = find(&["SYSCALL"]).or_else(|| event.records.iter().find(|record| record.get("syscall").is_some()));
    let arguments = find(&["EXECVE"]);
    if arguments.is_some() || main.is_some_and(|main| call(main) == Call::Exec) {
        return emit(Body::Process(Box::new(process(event, main, arguments))));
    }
    let mut files = 0_u32;
    for record in event.records.iter().filter(|record| record.kind == "PATH") {
        if let Some(file) = file(event, main, record) {
            files += 1;
            emit(Body::File(Box::new(file)));
        }
    }
    if files == 0 {
        emit(Body::Event(Box::new(other(event))));
    }
}

const SIGN_IN: &[&str] = &[
    "USER_LOGIN",
    "USER_AUTH",
    "USER_LOGOUT",
    "USER_START",
    "USER_END",
    "USER_ACCT",
    "USER_ERR",
    "CRED_ACQ",
    "CRED_DISP",
    "CRED_REFR",
    "LOGIN",
    "GRP_AUTH",
];
const ACCOUNT: &[&str] = &[
    "ADD_USER",
    "DEL_USER",
    "ADD_GROUP",
    "DEL_GROUP",
    "USER_MGMT",
    "GRP_MGMT",
    "USER_CHAUTHTOK",
    "GRP_CHAUTHTOK",
    "ACCT_LOCK",
    "ACCT_UNLOCK",
    "CHUSER_ID",
    "CHGRP_ID",
];

fn borrowed(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

/// Whether it succeeded.
fn success(record: &Record) -> Option<bool> {
    match record.get("res").or_else(|| record.get("success"))? {
        "success" | "yes" | "1" => Some(true),
        "failed" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// The record's fields as words.
fn words(record: &Record) -> String {
    let fields: Vec<String> = record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {}", record.kind, fields.join(" "))
}

fn auth<'e>(event: &'e Event, record: &'e Record) -> Authentication<'e> {
    let program = file_name(record.get("exe").unwrap_or("audit"));
    let service = if sshd::is_sshd(program) { "sshd" } else { program };
    let account = record.get("acct");
    let unknown = account.is_some_and(|name| matches!(name, "(unknown)" | "(unknown user)" | "(invalid user)"));
    let by_number = record.user("id").or_else(|| if record.kind == "LOGIN" { record.user("auid") } else { None });
    let outcome = match (record.kind.as_str(), success(record)) {
        ("USER_LOGIN", Some(true)) => AuthOutcome::Success,
        ("USER_LOGIN", Some(false)) if service != "sshd" => AuthOutcome::Failure,
        ("USER_AUTH" | "GRP_AUTH", Some(false)) => AuthOutcome::Failure,
        ("USER_AUTH" | "GRP_AUTH", Some(true)) if !matches!(service, "sshd" | "login") => AuthOutcome::Success,
        _ => AuthOutcome::Other,
    };
    Authentication {
        service: Cow::Borrowed(service),
        host: borrowed(event.host.as_deref()),
        user: borrowed(account.filter(|_| !unknown).or(by_number)),
        unknown_user: unknown,
        source: record.get("addr").or_else(|| record.get("hostname")).and_then(sshd::address_of),
        source_port: record.number("rport"),
        method: borrowed(record.get("op")),
        key_fingerprint: borrowed(record.get("fp")),
        outcome,
        attempts: 1,
        pid: record.number("pid"),
        message: Cow::Owned(words(record)),
        ..Authentication::default()
    }
}

/// A change to an account, or `None` where it failed.
fn account<'e>(event: &'e Event, record: &'e Record) -> Option<AccountChange<'e>> {
    if success(record) == Some(false) {
        return None;
    }
    let done = record.get("op").unwrap_or_default();
    let has = |word: &str| done.contains(word);
    let of_group = record.kind.contains("GROUP") || record.kind.starts_with("GRP_") || record.kind == "CHGRP_ID";
    let change = match record.kind.as_str() {
        "ADD_USER" if !has("home") && !has("mail") => "created",
        "ADD_GROUP" => "created",
        "DEL_USER" | "DEL_GROUP" if !has("home") && !has("mail") => "deleted",
        "ACCT_LOCK" => "locked",
        "ACCT_UNLOCK" => "unlocked",
        "USER_MGMT" if has("shadow") => "changed",
        "USER_MGMT" if has("add-user-to-group") || has("adding user to group") => "group-added",
        "USER_MGMT" if has("delete-user-from-group") || has("deleting user from group") || has("remov") => "group-removed",
        "USER_CHAUTHTOK" if has("unlock") => "unlocked",
        "USER_CHAUTHTOK" if has("lock") => "locked",
        "USER_CHAUTHTOK" if has("chauthtok") || has("password") => "password",
        _ => "changed",
    };
    let name = record.get("acct").or_else(|| record.user("id"));
    let number = record.get("id").filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
    let user = (!of_group).then_some(()).and(name);
    Some(AccountChange {
        host: borrowed(event.host.as_deref()),
        change: Cow::Borrowed(change),
        user: borrowed(user),
        uid: borrowed(number.filter(|_| !of_group)),
        group: borrowed(record.get("grp").or(if of_group { name } else { None })),
        actor: borrowed(record.user("auid").or_else(|| record.user("uid"))),
        program: borrowed(record.get("exe").map(file_name)),
        pid: record.number("pid"),
        message: Cow::Owned(words(record)),
        ..AccountChange::default()
    })
}

/// A command under sudo. As whom it ran, the record does not say.
fn sudo<'e>(event: &'e Event, record: &'e Record) -> ProcessActivity<'e> {
    let command = record.get("cmd").unwrap_or_default();
    let first = command.split(' ').next().unwrap_or_default();
    ProcessActivity {
        host: borrowed(event.host.as_deref()),
        change: ProcessChange::Launch,
        name: borrowed(Some(file_name(first)).filter(|name| !name.is_empty())),
        exe: borrowed(Some(first).filter(|first| first.starts_with('/'))),
        command: Cow::Borrowed(command),
        cwd: borrowed(record.get("cwd")),
        parent_pid: record.number("pid"),
        parent: borrowed(record.get("exe").or(Some("sudo"))),
        login_user: borrowed(record.user("auid").or_else(|| record.user("uid"))),
        tty: borrowed(record.get("terminal")),
        success: success(record),
        program: Some(Cow::Borrowed("audit")),
        tag: Some(Cow::Borrowed("USER_CMD")),
        ..ProcessActivity::default()
    }
}

fn process<'e>(event: &'e Event, main: Option<&'e Record>, arguments: Option<&'e Record>) -> ProcessActivity<'e> {
    let field = |name: &str| main.and_then(|main| main.get(name));
    let in_event = |kind: &str, name: &str| event.records.iter().find(|r| r.kind == kind).and_then(|r| r.get(name));
    let argued = arguments.map(Record::command).filter(|command| !command.is_empty()).map(Cow::Owned);
    let title = in_event("PROCTITLE", "proctitle").or_else(|| field("cmdline")).or_else(|| field("proctitle"));
    // A start that failed keeps the title and the program of the one who tried; what was to run stands in the path.
    let failed = main.and_then(success) == Some(false);
    let wanted = in_event("PATH", "name").or_else(|| field("name")).filter(|_| failed);
    let command = argued.or_else(|| borrowed(wanted)).or_else(|| borrowed(title)).or_else(|| borrowed(field("exe")));
    ProcessActivity {
        host: borrowed(event.host.as_deref().or_else(|| field("node"))),
        change: ProcessChange::Launch,
        name: borrowed(if failed { wanted.map(file_name) } else { field("comm") }),
        exe: borrowed(if failed { wanted } else { field("exe") }),
        command: command.unwrap_or_default(),
        cwd: borrowed(in_event("CWD", "cwd").or_else(|| field("cwd"))),
        pid: main.and_then(|main| main.number("pid")),
        parent_pid: main.and_then(|main| main.number("ppid")),
        user: borrowed(field("user").or_else(|| main.and_then(|main| main.user("uid")))),
        login_user: borrowed(field("audit_user").or_else(|| main.and_then(|main| main.user("auid")))),
        tty: borrowed(field("tty")),
        success: main.and_then(success),
        tag: borrowed(field("key")),
        program: Some(Cow::Borrowed("audit")),
        ..ProcessActivity::default()
    }
}

/// What a system call does, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Exec,
    Rename,
    Permissions,
    /// opens, with the number of the argument that holds the flags
    Open(&'static str),
    Truncate,
    Other,
}

/// By name (interpreted), or by number and architecture (x86-64, ARM 64).
fn call(main: &Record) -> Call {
    let (arch, name) = (main.get("arch").unwrap_or_default(), main.get("syscall").unwrap_or_default());
    let name = match (arch, name) {
        ("c000003e", "59") | ("c00000b7", "221") | ("40000003", "11") => "execve",
        ("c000003e", "322") | ("c00000b7", "281") | ("40000003", "358") => "execveat",
        ("c000003e", "82" | "264" | "316") | ("c00000b7", "38" | "276") => "rename",
        ("c000003e", "90" | "91" | "92" | "93" | "94" | "260" | "268") | ("c00000b7", "52" | "53" | "54" | "55") => "chmod",
        ("c000003e", "2") => "open",
        ("c000003e", "257") | ("c00000b7", "56") => "openat",
        ("c000003e", "76" | "77") | ("c00000b7", "45" | "46") => "truncate",
        (_, name) => name,
    };
    match name {
        "execve" | "execveat" => Call::Exec,
        "rename" | "renameat" | "renameat2" => Call::Rename,
        "chmod" | "fchmod" | "fchmodat" | "chown" | "fchown" | "lchown" | "fchownat" => Call::Permissions,
        "open" => Call::Open("a1"),
        "openat" => Call::Open("a2"),
        "truncate" | "ftruncate" => Call::Truncate,
        _ => Call::Other,
    }
}

/// A file that the event names, unless nothing is known to have happened to it. A call that failed did nothing.
fn file<'e>(event: &'e Event, main: Option<&'e Record>, record: &'e Record) -> Option<FileActivity<'e>> {
    if main.and_then(success) == Some(false) {
        return None;
    }
    let kind = record.get("nametype").or_else(|| record.get("objtype")).unwrap_or_default();
    let call = main.map_or(Call::Other, call);
    let flags = |name: &str| main.and_then(|main| main.get(name));
    let change = match (kind, call) {
        ("CREATE" | "DELETE", Call::Rename) => "renamed",
        ("CREATE", _) => "created",
        ("DELETE", _) => "deleted",
        ("NORMAL", Call::Permissions) => "permissions",
        ("NORMAL", Call::Truncate) => "modified",
        ("NORMAL", Call::Open(argument)) => {
            if flags(argument).is_some_and(writes) {
                "modified"
            } else {
                "read"
            }
        }
        _ => return None,
    };
    let path = record.get("name")?;
    let folder = event.records.iter().find(|r| r.kind == "CWD").and_then(|r| r.get("cwd"));
    let path = match folder.filter(|_| !path.starts_with('/')) {
        Some(folder) => Cow::Owned(format!("{}/{path}", folder.trim_end_matches('/'))),
        None => Cow::Borrowed(path),
    };
    Some(FileActivity {
        host: borrowed(event.host.as_deref()),
        change: Cow::Borrowed(change),
        path,
        owner: borrowed(record.user("ouid")),
        mode: borrowed(record.get("mode")),
        user: borrowed(main.and_then(|main| main.user("auid").or_else(|| main.user("uid")))),
        process: borrowed(main.and_then(|main| main.get("exe").or_else(|| main.get("comm")))),
        pid: main.and_then(|main| main.number("pid")),
        tag: borrowed(main.and_then(|main| main.get("key"))),
        ..FileActivity::default()
    })
}

/// Whether the flags of an open call allow to write: a number in hexadecimal digits, or names.
fn writes(flags: &str) -> bool {
    match u64::from_str_radix(flags, 16) {
        Ok(flags) => flags & 3 != 0,
        Err(_) => flags.contains("O_WRONLY") || flags.contains("O_RDWR"),
    }
}

fn other(event: &Event) -> EventLogActivity<'_> {
    let first = event.records.first();
    let main = event.records.iter().find(|record| record.kind == "SYSCALL").or(first);
    let data: Vec<serde_json::Value> = event
        .records
        .iter()
        .map(|record| {
            let fields = record.fields.iter().map(|(name, value)| (name.clone(), serde_json::Value::from(value.as_str())));
            let kind = ("type".to_owned(), serde_json::Value::from(record.kind.as_str()));
            serde_json::Value::Object(std::iter::once(kind).chain(fields).collect())
        })
        .collect();
    let message: Vec<String> = event.records.iter().map(words).collect();
    EventLogActivity {
        host: borrowed(event.host.as_deref()),
        channel: Some(Cow::Borrowed("audit")),
        provider: borrowed(main.and_then(|record| record.get("exe"))),
        code: borrowed(first.map(|record| record.kind.as_str())),
        record: Some(event.serial),
        user: borrowed(main.and_then(|record| record.user("auid").or_else(|| record.user("uid")))),
        pid: main.and_then(|record| record.number("pid")),
        data: Some(Cow::Owned(serde_json::Value::from(data).to_string())),
        message: Some(Cow::Owned(message.join("\n"))),
        ..EventLogActivity::default()
    }
}
