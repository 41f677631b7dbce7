//! Which table a line of a Linux program belongs to, whatever carried it: syslog, journald.
//!
//! What a line does not surely say stays `timed_text`, where its words are still found.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::TimedText;

use super::{accounts, cron, dovecot, mail, services, session, sshd, sudo};

/// One line of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'l> {
    /// host name
    pub host: Option<&'l str>,
    /// the program as it names itself
    pub program: Option<&'l str>,
    /// its process id
    pub pid: Option<u32>,
    /// its words
    pub message: &'l str,
}

impl<'l> Said<'l> {
    /// The record of the line.
    pub fn body(self) -> Body<'l> {
        let Some(program) = self.program else { return self.text() };
        if sshd::is_sshd(program) {
            return Body::Auth(Box::new(sshd::read(self.host, self.pid, self.message)));
        }
        let known = match base(program) {
            "sudo" => sudo::read(&self),
            "useradd" | "usermod" | "userdel" | "adduser" | "deluser" | "groupadd" | "groupmod" | "groupdel" | "gpasswd" | "passwd"
            | "chpasswd" | "chage" | "chsh" | "chfn" | "vipw" | "newusers" => accounts::read(&self),
            "CRON" | "CROND" | "cron" | "crond" | "crontab" | "anacron" | "atd" | "run-parts" | "fcron" => cron::read(&self),
            "su" | "login" | "systemd-logind" => session::read(&self),
            _ if dovecot::is_dovecot(program) => dovecot::read(&self),
            _ => services::read(&self),
        };
        known
            .or_else(|| mail::read(self.host, self.program, self.pid, self.message))
            .or_else(|| accounts::password_changed(&self))
            .or_else(|| session::pam(&self))
            .unwrap_or_else(|| self.text())
    }

    /// The line as words only.
    fn text(self) -> Body<'l> {
        Body::Text(TimedText {
            host: self.host.map(Cow::Borrowed),
            program: self.program.map(Cow::Borrowed),
            pid: self.pid,
            message: Cow::Borrowed(self.message),
        })
    }
}

/// A program's name without its folder and without what it puts in brackets: `/USR/SBIN/CRON`, `su(pam_unix)`,
/// `run-parts(/etc/cron.daily)`.
pub(super) fn base(program: &str) -> &str {
    let name = program.split('(').next().unwrap_or(program);
    name.rsplit('/').next().unwrap_or(name)
}

/// What stands between a beginning and an end.
pub(super) fn between<'l>(text: &'l str, front: &str, behind: &str) -> Option<&'l str> {
    text.strip_prefix(front)?.strip_suffix(behind)
}

/// A name without the quotation marks around it.
pub(super) fn unquoted(name: &str) -> &str {
    between(name, "'", "'").or_else(|| between(name, "\"", "\"")).unwrap_or(name)
}

/// Text that says something.
pub(super) fn filled(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
