//! One audit record: `type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall=59 …`.
//!
//! Raw records write text in quotation marks, or as hexadecimal digits where it holds blanks, quotation marks or control
//! characters. Interpreted records (`ausearch -i`) write it plainly, so that blanks inside a value have to be told from those
//! between fields by the `name=` that follows.

use abate_model::ZoneCertainty;
use data_encoding::HEXUPPER;
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::{ReadContext, time};

/// Most fields of a record that are kept.
const MAX_FIELDS: usize = 4096;
/// Fields whose text may be written as hexadecimal digits.
const ENCODED: &[&str] =
    &["exe", "comm", "name", "cwd", "cmd", "proctitle", "acct", "data", "path", "dir", "key", "grp", "sw", "vm", "new-vm", "old-vm"];
/// Record types by number, as far as logs name them so.
const KINDS: &[(u16, &str)] = &[
    (1006, "LOGIN"),
    (1100, "USER_AUTH"),
    (1101, "USER_ACCT"),
    (1102, "USER_MGMT"),
    (1103, "CRED_ACQ"),
    (1104, "CRED_DISP"),
    (1105, "USER_START"),
    (1106, "USER_END"),
    (1107, "USER_AVC"),
    (1108, "USER_CHAUTHTOK"),
    (1109, "USER_ERR"),
    (1110, "CRED_REFR"),
    (1112, "USER_LOGIN"),
    (1113, "USER_LOGOUT"),
    (1114, "ADD_USER"),
    (1115, "DEL_USER"),
    (1116, "ADD_GROUP"),
    (1117, "DEL_GROUP"),
    (1123, "USER_CMD"),
    (1124, "USER_TTY"),
    (1130, "SERVICE_START"),
    (1131, "SERVICE_STOP"),
    (1132, "GRP_MGMT"),
    (1135, "ACCT_LOCK"),
    (1136, "ACCT_UNLOCK"),
    (1138, "SOFTWARE_UPDATE"),
    (1300, "SYSCALL"),
    (1302, "PATH"),
    (1305, "CONFIG_CHANGE"),
    (1306, "SOCKADDR"),
    (1307, "CWD"),
    (1309, "EXECVE"),
    (1319, "TTY"),
    (1320, "EOE"),
    (1326, "SECCOMP"),
    (1327, "PROCTITLE"),
    (1400, "AVC"),
];

/// The beginning of a record, not yet taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'l> {
    /// what stands in front of `type=`
    pub prefix: &'l str,
    /// time and serial as written
    pub stamp: &'l str,
    /// serial number
    pub serial: u64,
    kind: &'l str,
    when: &'l str,
    rest: &'l str,
}

impl<'l> Header<'l> {
    /// The record in a line, if there is one.
    pub fn find(line: &'l str) -> Option<Self> {
        line.match_indices("type=").take(8).find_map(|(at, word)| {
            let prefix = line.get(..at)?;
            if !is_prefix(prefix) {
                return None;
            }
            let (kind, behind) = line.get(at + word.len()..)?.split_once(' ')?;
            let behind = behind.strip_prefix("msg=").unwrap_or(behind).strip_prefix("audit(")?;
            let (stamp, rest) = behind.split_once(')')?;
            let (when, serial) = stamp.rsplit_once(':')?;
            let rest = rest.trim_start_matches(' ').strip_prefix(':').unwrap_or(rest);
            Some(Self { prefix, stamp, serial: serial.parse().ok()?, kind, when, rest })
        })
    }

    /// When, with how sure the zone is: seconds since 1970, or a date as ausearch shows it.
    pub fn at(&self, ctx: &ReadContext) -> Option<(Timestamp, ZoneCertainty)> {
        if self.is_raw() {
            let (seconds, fraction) = self.when.split_once('.').unwrap_or((self.when, "0"));
            let millis: i64 = fraction.get(..fraction.len().min(3))?.parse().ok()?;
            let at = Timestamp::from_millisecond(seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis)?).ok()?;
            return Some((at, ZoneCertainty::Stated));
        }
        let (date, clock) = self.when.split_once(' ')?;
        let civil: DateTime = format!("{}T{clock}", iso_date(date)?).parse().ok()?;
        Some((time::in_zone(civil, &ctx.zone)?, ZoneCertainty::Assumed))
    }

    fn is_raw(&self) -> bool {
        self.when.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    }
}

/// Whether nothing but the beginning of a syslog line and the node's name stand in front of a record. Words of other programs
/// may quote a record that somebody made up (as a user name, say).
fn is_prefix(prefix: &str) -> bool {
    let mut words: Vec<&str> = prefix.split_ascii_whitespace().take(12).collect();
    if words.last().is_some_and(|word| word.starts_with("node=")) {
        words.pop();
    }
    // The kernel's ring buffer: `kernel: [ 12.345678] audit: type=…`.
    if words.len() > 1 && words.last() == Some(&"audit:") {
        words.pop();
        while words.last().is_some_and(|word| word.ends_with(']') && !word.contains(':')) || words.last() == Some(&"[") {
            words.pop();
        }
    }
    let Some((tag, front)) = words.split_last() else { return prefix.is_empty() || prefix.ends_with(' ') };
    let tagged = tag.ends_with(':') && front.len() <= 4 && !front.iter().any(|word| word.ends_with(':'));
    let rfc5424 = *tag == "-" && prefix.starts_with('<') && front.len() <= 6;
    prefix.ends_with(' ') && (tagged || rfc5424)
}

/// ausearch writes dates as the language of its user has them: `11/24/2026`, `24/11/2026`, `24.11.2026`, `2026年11月24日`,
/// `2026-11-24`. Where day and month cannot be told apart, the month stands first.
fn iso_date(date: &str) -> Option<String> {
    let mut numbers = date.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let (first, second, third) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else if first.parse::<u8>().ok()? > 12 || date.contains('.') {
        (third, second, first)
    } else {
        (third, first, second)
    };
    let year: u16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    Some(format!("{year:04}-{:02}-{:02}", month.parse::<u8>().ok()?, day.parse::<u8>().ok()?))
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// its type
    pub kind: String,
    /// its fields as they are meant: without quotation marks and encoding
    pub fields: Vec<(String, String)>,
}

impl Record {
    /// Takes a record apart.
    pub fn read(header: &Header<'_>) -> Self {
        Self::of(header.kind, header.rest, header.is_raw())
    }

    /// A record of a type with its fields as text; `raw` when text may be encoded.
    pub fn of(kind: &str, rest: &str, raw: bool) -> Self {
        let kind = named(kind);
        let fields = match (kind, raw) {
            ("EXECVE", false) => plain_arguments(rest),
            ("PROCTITLE", false) => {
                vec![("proctitle".to_owned(), rest.split_once("proctitle=").map_or(rest, |(_, t)| t).trim().to_owned())]
            }
            _ => fields(kind, rest, raw),
        };
        Self { kind: kind.to_owned(), fields }
    }

    /// The value of a field that says something.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())?;
        (!matches!(value, "" | "?" | "(null)" | "(none)" | "unset" | "4294967295" | "-1")).then_some(value)
    }

    /// A field parsed.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// A user's name where the record gives it beside the number (`uid=0 … UID="root"`), else what it gives.
    pub fn user(&self, name: &str) -> Option<&str> {
        let number = self.get(name)?;
        self.get(&name.to_ascii_uppercase()).filter(|name| *name != "unknown").or(Some(number))
    }

    /// The arguments of an EXECVE record, put together.
    pub fn command(&self) -> String {
        let mut command = String::new();
        let mut last = None;
        for (key, value) in &self.fields {
            let Some(name) = key.strip_prefix('a') else { continue };
            let (number, part) = name.split_once('[').map_or((name, false), |(number, _)| (number, true));
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            // A long argument comes in parts: `a2[0]=… a2[1]=…`.
            if last.is_some() && !(part && last == Some(number)) {
                command.push(' ');
            }
            command.push_str(value);
            last = Some(number);
        }
        command
    }

    /// Whether such a record is an event by itself: programs write one record per event, only the kernel writes several.
    pub fn stands_alone(&self) -> bool {
        const ALONE: &[&str] =
            &["USER_", "CRED_", "ADD_", "DEL_", "SERVICE_", "CRYPTO_", "DAEMON_", "SYSTEM_", "SOFTWARE_", "GRP_", "ACCT_", "AUOMS_"];
        ALONE.iter().any(|front| self.kind.starts_with(front))
    }
}

/// The type's name where a number stands: `1309`, `UNKNOWN[1309]`.
fn named(kind: &str) -> &str {
    let number = kind.strip_prefix("UNKNOWN[").and_then(|inside| inside.strip_suffix(']')).unwrap_or(kind);
    let number = number.parse::<u16>().ok();
    number.and_then(|number| KINDS.iter().find(|(n, _)| *n == number)).map_or(kind, |(_, name)| name)
}

/// `name=value` pairs; the fields inside `msg='…'` are fields like the others.
fn fields(kind: &str, rest: &str, raw: bool) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut left = rest;
    while found.len() < MAX_FIELDS {
        left = left.trim_start_matches([' ', '\u{1d}', ',']);
        if left.is_empty() {
            break;
        }
        left = left.strip_prefix("msg='").unwrap_or(left);
        let Some(name) = name_at(left) else {
            // A word without a name belongs to the value before it, or to nothing (`avc: denied`).
            let (word, behind) = left.split_once(' ').unwrap_or((left, ""));
            if let Some((_, value)) = found.last_mut().filter(|_| word != "'") {
                value.push(' ');
                value.push_str(word.trim_end_matches('\''));
            }
            left = behind;
            continue;
        };
        let behind = left.get(name.len() + 1..).unwrap_or_default();
        let (value, quoted, after) = match behind.strip_prefix('"').and_then(quotation) {
            Some((value, after)) => (value, true, after),
            None => {
                let end = behind.find([' ', '\u{1d}']).unwrap_or(behind.len());
                let (value, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
                (value.trim_end_matches('\''), false, after)
            }
        };
        let argument = kind == "EXECVE" && is_argument(name);
        let encoded = raw && !quoted && (argument || ENCODED.contains(&name));
        let value = if encoded { decoded(value, name) } else { None }.unwrap_or_else(|| value.to_owned());
        found.push((name.to_owned(), value));
        left = after;
    }
    found
}

/// The name that text begins with, if `=` follows it.
fn name_at(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('=')?;
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'[' | b']' | b'.');
    (!name.is_empty() && name.len() <= 40 && name.bytes().all(good)).then_some(name)
}

fn is_argument(name: &str) -> bool {
    let number = name.strip_prefix('a').map(|n| n.split('[').next().unwrap_or(n));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A quotation without its first mark, and what follows the last: the mark behind which a field begins, or nothing does.
fn quotation(text: &str) -> Option<(&str, &str)> {
    text.match_indices('"').find_map(|(at, mark)| {
        let after = text.get(at + mark.len()..)?;
        let next = after.trim_start_matches([' ', '\u{1d}', '\'', ',']);
        let ends = next.is_empty() || (next.len() < after.len() && name_at(next).is_some());
        ends.then_some((text.get(..at)?, after.strip_prefix('\'').unwrap_or(after)))
    })
}

/// Text written as hexadecimal digits. Arguments of a process title are apart by NUL, keys by 1.
fn decoded(value: &str, name: &str) -> Option<String> {
    // An empty value is no text.
    let mut bytes = HEXUPPER.decode(value.as_bytes()).ok().filter(|bytes| !bytes.is_empty())?;
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    let apart = if name == "key" { (1, b',') } else { (0, b' ') };
    for byte in bytes.iter_mut().filter(|b| **b == apart.0) {
        *byte = apart.1;
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The arguments of an interpreted EXECVE record: each runs up to the next number's.
fn plain_arguments(rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut left = rest.trim_start();
    for number in 0..MAX_FIELDS {
        let name = format!("a{number}=");
        let Some(at) = (if left.starts_with(&name) { Some(0) } else { left.find(&format!(" {name}")).map(|at| at + 1) }) else { break };
        let value = left.get(at + name.len()..).unwrap_or_default();
        let end = value.find(&format!(" a{}=", number + 1)).unwrap_or(value.len());
        found.push((format!("a{number}"), value.get(..end).unwrap_or_default().trim_end().to_owned()));
        left = value.get(end..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(kind: &str, rest: &str, raw: bool, names: &[&str]) -> Vec<Option<String>> {
        let record = Record::of(kind, rest, raw);
        names.iter().map(|name| record.get(name).map(str::to_owned)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
    }

    #[test]
    fn values() {
        let rest = " pid=7 auid=1000 msg='op=login acct=\"a b\" exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.1 res=failed'\u{1d}UID=\"root\" AUID=\"alice\"";
        let names = ["pid", "op", "acct", "exe", "hostname", "addr", "res", "UID", "AUID"];
        let want = ["7", "login", "a b", "/usr/sbin/sshd", "", "192.0.2.1", "failed", "root", "alice"];
        assert_eq!(get("USER_LOGIN", rest, true, &names), some(&want));
        let rest = " cwd=2F746D702F6120 cmd=6C73202D6C terminal=pts/0 a0=FF";
        assert_eq!(get("USER_CMD", rest, true, &["cwd", "cmd", "a0"]), some(&["/tmp/a ", "ls -l", "FF"]));
        // Interpreted: nothing is encoded, and values hold blanks.
        let rest = " name=/tmp/a b inode=5 comm=ABBA key=(null)";
        assert_eq!(get("PATH", rest, false, &["name", "inode", "comm", "key"]), some(&["/tmp/a b", "5", "ABBA", ""]));
        let rest = " argc=3 cmdline=\"bash -c \"{echo,x}|{bash,-i}\"\" redactors= x=1";
        assert_eq!(get("AUOMS_EXECVE", rest, true, &["cmdline", "x"]), some(&["bash -c \"{echo,x}|{bash,-i}\"", "1"]));
        assert_eq!(get("AVC", " avc:  denied  { write } for  pid=9 comm=\"httpd\"", true, &["pid", "comm"]), some(&["9", "httpd"]));
    }

    #[test]
    fn only_the_beginning_of_a_line_may_stand_in_front_of_a_record() {
        let found = |prefix: &str| Header::find(&format!("{prefix}type=EOE msg=audit(1.1:7): ")).is_some();
        for prefix in [
            "",
            "node=a.example.com ",
            "Nov 20 01:01:10 web1 audispd: ",
            "2025-11-20T01:01:11+00:00 web1 audisp-syslog[7]: node=x ",
            "<13>1 2025-11-20T01:01:11Z web1 audispd 7 - - ",
            "Nov 20 01:01:10 web1 kernel: [   12.345678] audit: ",
            "Nov 20 01:01:10 web1 kernel: audit: ",
        ] {
            assert!(found(prefix), "{prefix}");
        }
        for prefix in [
            "Nov 20 01:01:10 web1 sshd[7]: Invalid user ",
            "Nov 20 01:01:10 web1 sshd[7]: Invalid user x: ",
            "x",
            "2025-11-20T01:01:11Z h sshd[1]: x: ",
        ] {
            assert!(!found(prefix), "{prefix}");
        }
    }

    #[test]
    fn commands() {
        let command = |rest: &str, raw: bool| Record::of("EXECVE", rest, raw).command();
        assert_eq!(command(" argc=3 a0=\"sh\" a1=\"-c\" a2=6563686F2022782200", true), "sh -c echo \"x\"");
        assert_eq!(command(" argc=2 a0=\"x\" a1_len=4 a1[0]=4142 a1[1]=43", true), "x ABC");
        assert_eq!(command(" argc=3 a0=bash a1=-c a2=echo A=1 a9=2", false), "bash -c echo A=1 a9=2");
    }

    #[test]
    fn dates() {
        for date in ["11/24/2026", "24/11/2026", "11/24/26", "24.11.2026", "2026年11月24日", "2026-11-24"] {
            assert_eq!(iso_date(date).as_deref(), Some("2026-11-24"), "{date}");
        }
        assert_eq!(iso_date("24"), None);
        assert_eq!(named("UNKNOWN[1309]"), "EXECVE");
        assert_eq!(named("UNKNOWN[9999]"), "UNKNOWN[9999]");
    }
}
