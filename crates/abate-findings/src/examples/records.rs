//! Made-up records of what hosts did inside: programs, files, jobs, accounts, mail, names asked for.

use abate_model::rows::{
    AccountChange, DnsActivity, EmailActivity, EventLogActivity, FileActivity, ProcessActivity, ScheduledJobActivity, TimedText,
};
use abate_model::{Body, Row};

use super::host::row_at;

/// A place that differs for different words at a time.
fn place(second: i64, words: &str) -> u64 {
    let hash = words.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_003);
    second.unsigned_abs() * 1_000_003 + hash
}

/// A query to the resolver, by 10.0.0.5.
pub(crate) fn query(second: i64, name: &str, kind: &'static str, rcode: &'static str) -> Row<'static> {
    row_at(
        second,
        place(second, name),
        Body::Dns(Box::new(DnsActivity {
            query: name.to_owned().into(),
            query_type: Some(kind.into()),
            rcode: Some(rcode.into()),
            source: "10.0.0.5".parse().ok(),
            ..DnsActivity::default()
        })),
    )
}

/// A program started on web1.
pub(crate) fn process(second: i64, user: &'static str, parent: &'static str, command: &'static str) -> Row<'static> {
    let exe = command.split(' ').next().unwrap_or_default();
    row_at(
        second,
        place(second, command),
        Body::Process(Box::new(ProcessActivity {
            host: Some("web1".into()),
            name: exe.rsplit(['/', '\\']).next().map(Into::into),
            exe: Some(exe.into()),
            command: command.into(),
            parent: Some(parent.into()),
            user: Some(user.into()),
            success: Some(true),
            ..ProcessActivity::default()
        })),
    )
}

/// A file on web1 made, changed, read or deleted.
pub(crate) fn file(second: i64, change: &'static str, path: &'static str, process: &'static str) -> Row<'static> {
    row_at(
        second,
        place(second, path),
        Body::File(Box::new(FileActivity {
            host: Some("web1".into()),
            change: change.into(),
            path: path.into(),
            process: Some(process.into()),
            ..FileActivity::default()
        })),
    )
}

/// A job of root's on web1.
pub(crate) fn job(second: i64, change: &'static str, command: &'static str) -> Row<'static> {
    row_at(
        second,
        place(second, command),
        Body::Job(Box::new(ScheduledJobActivity {
            host: Some("web1".into()),
            change: change.into(),
            command: command.into(),
            user: Some("root".into()),
            ..ScheduledJobActivity::default()
        })),
    )
}

/// A mail of mail1's.
pub(crate) fn mail(second: i64, status: &'static str, from: &str, to: &str) -> EmailActivity<'static> {
    EmailActivity {
        host: Some("mail1".into()),
        status: status.into(),
        queue_id: Some(format!("Q{second}").into()),
        from: Some(from.to_owned().into()),
        to: vec![to.to_owned().into()],
        ..EmailActivity::default()
    }
}

/// A mail as a row.
pub(crate) fn mailed(second: i64, mail: EmailActivity<'static>) -> Row<'static> {
    let words = format!("{}{}{:?}", mail.status, mail.from.as_deref().unwrap_or_default(), mail.to);
    row_at(second, place(second, &words), Body::Email(Box::new(mail)))
}

/// A change to a user or group of web1.
pub(crate) fn account(second: i64, change: &'static str, user: &'static str, group: &'static str) -> Row<'static> {
    row_at(
        second,
        place(second, user),
        Body::Account(Box::new(AccountChange {
            host: Some("web1".into()),
            change: change.into(),
            user: Some(user.into()),
            group: Some(group).filter(|g| !g.is_empty()).map(Into::into),
            ..AccountChange::default()
        })),
    )
}

/// An event of a Windows host's log.
pub(crate) fn event(second: i64, channel: &'static str, code: &'static str, data: &serde_json::Value) -> Row<'static> {
    row_at(
        second,
        place(second, code),
        Body::Event(Box::new(EventLogActivity {
            host: Some("win1".into()),
            channel: Some(channel.into()),
            code: Some(code.into()),
            data: Some(data.to_string().into()),
            ..EventLogActivity::default()
        })),
    )
}

/// A line of which only time, program and words are known.
pub(crate) fn text(second: i64, program: &'static str, message: &'static str) -> Row<'static> {
    row_at(
        second,
        place(second, message),
        Body::Text(TimedText { host: Some("web1".into()), program: Some(program.into()), message: message.into(), ..TimedText::default() }),
    )
}
