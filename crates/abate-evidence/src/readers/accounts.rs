//! What the tools for users and groups say: useradd, usermod, userdel, groupadd, gpasswd, passwd, chpasswd and their like.
//!
//! Each change of a group is logged once for `/etc/group` and once more for `/etc/gshadow`. Only the first counts as
//! `group-added` or `group-removed`; the other is `changed`.

use std::borrow::Cow;

use abate_model::Body;
use abate_model::rows::AccountChange;

use super::linux::{Said, filled, unquoted};

/// The record of a line, or `None` where it reports no change.
pub(super) fn read<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let words = said.message.trim();
    let found = made(words).or_else(|| membership(words)).or_else(|| removed(words)).or_else(|| changed(words)).or_else(|| password(words));
    found.map(|change| whole(said, change))
}

/// `pam_unix(passwd:chauthtok): password changed for alice`, whichever program says it.
pub(super) fn password_changed<'l>(said: &Said<'l>) -> Option<Body<'l>> {
    let (module, words) = said.message.split_once("): ")?;
    let user = words.strip_prefix("password changed for ").filter(|_| module.starts_with("pam_") && module.ends_with(":chauthtok"))?;
    Some(whole(said, of_user("password", user)))
}

fn whole<'l>(said: &Said<'l>, change: AccountChange<'l>) -> Body<'l> {
    Body::Account(Box::new(AccountChange {
        host: said.host.map(Cow::Borrowed),
        program: said.program.map(Cow::Borrowed),
        pid: said.pid,
        message: Cow::Borrowed(said.message),
        ..change
    }))
}

fn of_user<'l>(change: &'static str, user: &'l str) -> AccountChange<'l> {
    AccountChange { change: Cow::Borrowed(change), user: filled(unquoted(user)), ..AccountChange::default() }
}

fn of_group<'l>(change: &'static str, group: &'l str) -> AccountChange<'l> {
    AccountChange { change: Cow::Borrowed(change), group: filled(unquoted(group)), ..AccountChange::default() }
}

/// `new user: name=alice, UID=1001, GID=1001, home=/home/alice, shell=/bin/bash`, `new group: name=web, GID=48`.
fn made(words: &str) -> Option<AccountChange<'_>> {
    if let Some(fields) = words.strip_prefix("new user: ") {
        let mut change = of_user("created", field(fields, "name=")?);
        change.uid = field(fields, "UID=").and_then(filled);
        change.home = field(fields, "home=").and_then(filled);
        change.shell = field(fields, "shell=").and_then(filled);
        return Some(change);
    }
    if let Some(fields) = words.strip_prefix("new group: ") {
        return Some(of_group("created", field(fields, "name=")?));
    }
    let behind = words.strip_prefix("group added to /etc/")?;
    Some(of_group("changed", field(behind.split_once(": ")?.1, "name=")?))
}

/// The value of `key` in `a=b, c=d`. The keys come in a fixed order and the name first, so the first match is the tool's own.
fn field<'l>(fields: &'l str, key: &str) -> Option<&'l str> {
    let at = if fields.starts_with(key) { 0 } else { fields.find(&format!(", {key}"))? + 2 };
    let behind = fields.get(at + key.len()..)?;
    Some(behind.split(", ").next().unwrap_or(behind))
}

/// Who was put into a group or taken out of it.
fn membership(words: &str) -> Option<AccountChange<'_>> {
    for (front, middle, shadow, change) in [
        ("add '", "' to group '", "' to shadow group '", "group-added"),
        ("delete '", "' from group '", "' from shadow group '", "group-removed"),
    ] {
        let Some(rest) = words.strip_prefix(front) else { continue };
        let (change, (user, group)) = match rest.split_once(shadow) {
            Some(pair) => ("changed", pair),
            None => (change, rest.split_once(middle)?),
        };
        let mut found = of_user(change, user);
        found.group = filled(group.strip_suffix('\'').unwrap_or(group));
        return Some(found);
    }
    // gpasswd: `user alice added by root to group sudo`.
    let rest = words.strip_prefix("user ")?;
    for (middle, end, change) in [(" added by ", " to group ", "group-added"), (" removed by ", " from group ", "group-removed")] {
        if let Some((user, behind)) = rest.split_once(middle)
            && let Some((actor, group)) = behind.split_once(end)
        {
            let mut found = of_user(change, user);
            (found.group, found.actor) = (filled(unquoted(group)), filled(unquoted(actor)));
            return Some(found);
        }
    }
    None
}

fn removed(words: &str) -> Option<AccountChange<'_>> {
    if let Some(user) = words.strip_prefix("delete user ") {
        return Some(of_user("deleted", user));
    }
    if let Some(rest) = words.strip_prefix("removed group ") {
        return Some(of_group("deleted", rest.split(" owned by ").next()?));
    }
    if let Some(rest) = words.strip_prefix("removed shadow group ") {
        return Some(of_group("changed", rest.split(" owned by ").next()?));
    }
    let (group, rest) = words.strip_prefix("group '")?.split_once("' removed")?;
    Some(of_group(if rest.is_empty() { "deleted" } else { "changed" }, group))
}

/// What usermod, groupmod, chsh and chage say.
fn changed(words: &str) -> Option<AccountChange<'_>> {
    for (front, change) in
        [("lock user '", "locked"), ("unlock user '", "unlocked"), ("change user '", "changed"), ("changed user '", "changed")]
    {
        let Some((user, rest)) = words.strip_prefix(front).and_then(|rest| rest.split_once('\'')) else { continue };
        let change = if change == "changed" && rest == " password" { "password" } else { change };
        let mut found = of_user(change, user);
        let to = rest.rsplit_once(" to ").map(|(_, value)| unquoted(value));
        match rest.trim_start().split(' ').next() {
            Some("shell") => found.shell = to.and_then(filled),
            Some("home") => found.home = to.and_then(filled),
            Some("UID") => found.uid = to.and_then(filled),
            _ => {}
        }
        return Some(found);
    }
    if let Some(rest) = words.strip_prefix("change user name '") {
        return Some(of_user("changed", rest.split('\'').next()?));
    }
    if let Some(user) = words.strip_prefix("changed password expiry for ") {
        return Some(of_user("changed", user));
    }
    if let Some(rest) = words.strip_prefix("group changed in /etc/") {
        let group = rest.split_once("(group ")?.1;
        return Some(of_group("changed", group.split(['/', ',', ')']).next()?));
    }
    let (group, rest) = words.strip_prefix("members of group ")?.split_once(" set by ")?;
    let mut found = of_group("changed", group);
    found.actor = filled(rest.split(" to ").next()?);
    Some(found)
}

/// `password for 'alice' changed by 'root'`, `password changed for alice`.
fn password(words: &str) -> Option<AccountChange<'_>> {
    if let Some(user) = words.strip_prefix("password changed for ") {
        return Some(of_user("password", user));
    }
    let rest = words.strip_prefix("password for ")?;
    let (user, actor) = rest.split_once(" changed by ")?;
    let mut found = of_user("password", user);
    found.actor = filled(unquoted(actor));
    Some(found)
}
